"""Papers come in, get a new version, are struck out."""

from __future__ import annotations

from typing import Any, cast

from flask import current_app, g, redirect, request, url_for
from flask.typing import ResponseReturnValue
from werkzeug.datastructures import FileStorage

from engine.cases import acts, reads
from engine.papers import rules
from engine.papers.taking import Taken, take_in
from engine.papers.uploads import signed
from web import uploads
from web.before import MOST_SENT, Before, done_before
from web.guard import anybody_signed_in
from web.languages import gettext as _
from web.languages import ngettext
from web.notices import tell
from web.papers.listing import page
from web.papers.room import room
from web.shown import number as figure
from web.shown import refused

FIELD = "files"


def _chosen() -> list[FileStorage]:
    return [one for one in request.files.getlist(FIELD) if one.filename]


def _may_see(case_id: int, **_more: Any) -> None:
    """Nothing is taken in from whoever may not see the case."""
    reads.case(g.db, actor=g.actor, case_id=case_id)


def _take_in(_seen: None) -> None:
    """What can be taken in is; the rest is told, file by file."""
    g.taken, g.refusals = [], []
    for at, one in enumerate(_chosen()):
        try:
            if at >= rules.MOST_AT_ONCE:
                raise rules.TooManyPapers(most=rules.MOST_AT_ONCE)
            g.taken.append(take_in(uploads.cabinet(), cast(Any, one.stream), one.filename or ""))
        except rules.PaperRefused as refusal:
            g.refusals.append(refusal)


_into_case = done_before(Before(look=_may_see, make=_take_in, wanted=lambda: bool(_chosen()), most_sent=MOST_SENT))
_by_itself = done_before(
    Before(look=lambda **_: None, make=_take_in, wanted=lambda: bool(_chosen()), most_sent=MOST_SENT)
)


@room.post("/<int:case_id>")
@anybody_signed_in
@_into_case
def add(case_id: int) -> ResponseReturnValue:
    """Each file is a paper of its own. Those that are refused keep the others from nothing."""
    taken: list[Taken] = g.get("taken", [])
    title = request.form.get("title", "") if len(taken) == 1 else ""
    for one in taken:
        acts.attach_paper(
            g.db, by=g.actor, case_id=case_id, cabinet=uploads.cabinet(), taken=one, title=title, task_number=None
        )
    return _answered(case_id, len(taken))


@room.post("/<int:case_id>/<int:paper_id>/versions")
@anybody_signed_in
@_into_case
def add_version(case_id: int, paper_id: int) -> ResponseReturnValue:
    taken: list[Taken] = g.get("taken", [])
    for one in taken[:1]:
        acts.add_version(g.db, by=g.actor, case_id=case_id, paper_id=paper_id, cabinet=uploads.cabinet(), taken=one)
    return _answered(case_id, len(taken[:1]))


def _answered(case_id: int, count: int) -> ResponseReturnValue:
    refusals: list[rules.PaperRefused] = g.get("refusals", [])
    if not count and not refusals:
        refusals = [rules.NothingChosen()]
    for one in refusals:
        if isinstance(one, rules.Infected):
            acts.refuse_paper(g.db, by=g.actor, case_id=case_id, **one.facts)
    if count:
        tell(ngettext("%(num)s paper was added.", "%(num)s papers were added.", count))
    if "own:live" in request.form:
        return {"refused": [refused(one) for one in refusals]}, 422 if refusals else 200
    if refusals:
        return page(case_id, list(refusals)), 422
    return redirect(_back(case_id), 303)


def _back(case_id: int) -> str:
    """To the page of the task or case it was added on."""
    task = request.form.get("task", "")
    if task.isascii() and task.isdecimal() and len(task) < 10:
        return url_for("desk.task", case_id=case_id, number=int(task)) + "#papers"
    if request.form.get("from") == "case":
        return url_for("cases.case", case_id=case_id) + "#papers"
    return url_for("papers.papers", case_id=case_id)


@room.post("/<int:case_id>/<int:paper_id>/withdraw")
@anybody_signed_in
def withdraw(case_id: int, paper_id: int) -> ResponseReturnValue:
    acts.withdraw_paper(g.db, by=g.actor, case_id=case_id, paper_id=paper_id, reason=request.form.get("reason", ""))
    tell(_("The paper is struck out. It stays to be seen, with the reason."))
    return redirect(_back(case_id), 303)


@room.post("/uploads")
@anybody_signed_in
@_by_itself
def upload() -> ResponseReturnValue:
    """One file of a form, sent while the form is still being filled in; nothing is attached yet."""
    taken: list[Taken] = g.get("taken", [])
    refusals = [*g.get("refusals", []), *([] if taken else [rules.NothingChosen()])]
    if not taken:
        case = request.form.get("case", "")
        if case.isascii() and case.isdecimal() and len(case) < 20:
            uploads.note_infected(int(case), [one for one in refusals if isinstance(one, rules.Infected)])
        return {"refused": [refused(one) for one in refusals[:1]]}, 422
    token = signed(taken[0], person_id=g.actor.person_id, secret=current_app.config["SECRET_KEY"])
    return {"token": token, "name": taken[0].name, "size": figure(taken[0].size / 1024)}
