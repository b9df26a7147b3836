"""One task on one screen: read it, claim it, complete it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any
from urllib.parse import urlsplit

from flask import g, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue

from engine.base import clock
from engine.base.errors import Refusal
from engine.cases import acts, drafts, reads
from engine.cases.due.reads import why_of
from engine.cases.moves import CaseRests
from engine.cases.rules import (
    AlreadyCompleted,
    CaseEnded,
    ClaimedBySomebody,
    FormFaults,
    NoLongerNeeded,
    NotWaiting,
)
from engine.cases.typed import DraftTooLong, Sheet
from engine.diagram import run
from engine.procedures import reads as procedures
from web import beside, uploads
from web.desk.keeping import keep, kept, of_form
from web.desk.room import room
from web.forms import (
    asks_for_rows,
    chosen_ways,
    faults,
    filled_in,
    form_values,
    labels,
    new_receipt,
    receipt_of,
    ways_of,
)
from web.guard import anybody_signed_in
from web.languages import gettext as _
from web.notices import tell


@room.get("/tasks/<int:case_id>/<int:number>")
@anybody_signed_in
def task(case_id: int, number: int) -> ResponseReturnValue:
    return _task_page(case_id, number)


def _task_page(
    case_id: int,
    number: int,
    *,
    typed: Mapping[str, Sequence[str]] | None = None,
    refusal: Refusal | None = None,
) -> str:
    page = reads.task(g.db, actor=g.actor, case_id=case_id, number=number)
    ways = chosen_ways(request.form)
    restored = None
    if typed is None and (restored := _draft(page)) is not None:
        typed, ways = restored.typed, ways_of(restored.typed)
    filled = filled_in(page.form, typed, refusal, page.case.answers)
    draft = keep(case_id, number, of_form(filled, ways)) if restored is None and typed is not None else restored
    return render_template(
        "desk/task.html",
        page=page,
        typed={} if page.may_work else {key: one for key, one in (typed or {}).items() if not key.startswith("way:")},
        labels=labels(page.form),
        outrun=isinstance(refusal, _FASTER),
        typed_ways=ways,
        filled=filled,
        faults=faults(refusal),
        given=_given(page),
        names=procedures.element_names(g.db, page.case.edition_id),
        forms=procedures.element_forms(g.db, page.case.edition_id),
        refusal=refusal,
        restored=restored,
        since=draft.version if draft else 0,
        receipt=request.form.get("own:receipt") or new_receipt(),
        why_due=() if page.line.closed_at else why_of(g.db, page, g.office.calendars_version),
        instead=beside.asked.instead(page) if page.line.kind is not None else None,
        beside=beside.of(page.case, page),
        now=clock.now(),
    )


def _draft(page: reads.TaskPage) -> Sheet | None:
    """What the person typed and could not send is shown also where somebody else was faster."""
    if page.line.closed_at is not None and page.mine and not page.line.cancelled:
        return None
    return drafts.draft(g.db, actor=g.actor, case_id=page.case.case_id, number=page.line.number)


def _given(page: reads.TaskPage) -> Mapping[str, Any] | None:
    """What was answered in this task, once it is completed."""
    for entry in page.case.record:
        if entry.act == "complete_task" and entry.facts.get("task") == page.line.number:
            return entry.facts.get("answers", {})  # type: ignore[no-any-return]
    return None


@room.post("/tasks/<int:case_id>/<int:number>/draft")
@anybody_signed_in
@uploads.takes_files
def save_draft(case_id: int, number: int) -> ResponseReturnValue:
    """From a script again and again while somebody types; by a button where there is none."""
    uploads.note_infected(case_id)
    try:
        return kept(case_id, number, url_for("desk.task", case_id=case_id, number=number))
    except (drafts.NotYoursToDo, DraftTooLong) as refusal:
        status = 409 if isinstance(refusal, drafts.NotYoursToDo) else 422
        return _task_page(case_id, number, typed=form_values(request.form), refusal=refusal), status


@room.post("/tasks/<int:case_id>/<int:number>/draft/discard")
@anybody_signed_in
def discard_draft(case_id: int, number: int) -> ResponseReturnValue:
    drafts.discard(g.db, by=g.actor, case_id=case_id, number=number)
    tell(_("Your draft is gone. The form stands as it did at first."))
    return redirect(url_for("desk.task", case_id=case_id, number=number), 303)


@room.post("/tasks/<int:case_id>/<int:number>/claim")
@anybody_signed_in
def claim(case_id: int, number: int) -> ResponseReturnValue:
    acts.claim(g.db, by=g.actor, case_id=case_id, number=number)
    return redirect(url_for("desk.task", case_id=case_id, number=number), 303)


@room.post("/tasks/<int:case_id>/<int:number>/release")
@anybody_signed_in
def release(case_id: int, number: int) -> ResponseReturnValue:
    acts.release(g.db, by=g.actor, case_id=case_id, number=number)
    tell(_("The task is free again for everybody in the post."))
    return redirect(_list(), 303)


_WORK = {"begin": acts.begin_work, "pause": acts.pause_work, "resume": acts.resume_work}


@room.post("/tasks/<int:case_id>/<int:number>/<any(begin, pause, resume):change>")
@anybody_signed_in
def work(case_id: int, number: int, change: str) -> ResponseReturnValue:
    _WORK[change](g.db, by=g.actor, case_id=case_id, number=number)
    return redirect(url_for("desk.task", case_id=case_id, number=number), 303)


_FASTER = (
    AlreadyCompleted, CaseEnded, ClaimedBySomebody, NoLongerNeeded, NotWaiting, run.NothingWaits, drafts.NotYoursToDo,
)  # fmt: skip


@room.post("/tasks/<int:case_id>/<int:number>/complete")
@anybody_signed_in
@uploads.takes_files
def complete(case_id: int, number: int) -> ResponseReturnValue:
    """On a fault of the form, or where somebody was faster, the page comes back with what was typed."""
    sent, actor = request.form, g.actor
    submitted = form_values(sent)
    uploads.note_infected(case_id)
    if asks_for_rows(submitted):
        return _task_page(case_id, number, typed=submitted)
    try:
        done = acts.complete_task(
            g.db,
            by=actor,
            case_id=case_id,
            number=number,
            submitted=submitted,
            chosen=chosen_ways(sent),
            receipt=receipt_of(sent),
            uploads=uploads.known(submitted),
        )
    except (FormFaults, run.ChoiceNeeded, CaseRests) as refusal:
        return _task_page(case_id, number, typed=submitted, refusal=refusal), 422
    except _FASTER as refusal:
        return _task_page(case_id, number, typed=submitted, refusal=refusal), 409
    if done.ended:
        tell(_("Completed. The case has ended."))
    else:
        tell(_("Completed. The case has gone on."))
    following = done.next_for(actor)
    if following is not None:
        return redirect(url_for("desk.task", case_id=case_id, number=following), 303)
    return redirect(_list(), 303)


def _list() -> str:
    """The list the person came from, with its filters; a path of the desk alone."""
    came = urlsplit(request.form.get("own:back", ""))
    home = url_for("desk.desk")
    if came.scheme or came.netloc or came.path != home or not came.query.isprintable():
        return home
    return f"{home}?{came.query}" if came.query else home
