"""Several tasks of the list at once: each is an act of its own, and what is refused to one is told and keeps none of the others."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any, Final

from flask import g, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue

from engine.base.database import apart
from engine.base.errors import NotFound, Refusal
from engine.base.frozen import frozen
from engine.cases import acts, arranged, inbox
from engine.cases.acts.moving import TASK
from web.desk.room import room
from web.forms import MOST_NUMBER, whole
from web.guard import anybody_signed_in
from web.languages import gettext as _
from web.languages import ngettext
from web.notices import tell
from web.shown import refused

MOST: Final = 50
"""Of one request: everybody else who works in these cases waits until it is done."""

_DOES: Final[Mapping[str, Callable[..., Any]]] = {
    "claim": lambda db, by, case_id, number: acts.claim(db, by=by, case_id=case_id, number=number),
    "release": lambda db, by, case_id, number: acts.release(db, by=by, case_id=case_id, number=number),
    "complete": lambda db, by, case_id, number: acts.complete_together(db, by=by, case_id=case_id, number=number),
    "watch": lambda db, by, case_id, _number: arranged.watch(db, by=by, case_id=case_id),
    "unwatch": lambda db, by, case_id, _number: arranged.unwatch(db, by=by, case_id=case_id),
}


@frozen
class Result:
    """`why` it was not done; None: it was."""

    case_id: int
    number: int
    step: str
    case: str
    why: str | None


@room.post("/desk/together")
@anybody_signed_in
def together() -> ResponseReturnValue:
    """The same act on every task that was chosen, in the order of their cases: two who choose the same wait for each other once."""
    does = request.form.get("do", "")
    chosen = sorted({one for written in request.form.getlist("task") if (one := _task(written)) is not None})
    back = _back()
    if does not in _DOES or not chosen:
        tell(_("Nothing was chosen: tick the tasks first."), "attention")
        return redirect(back, 303)
    titles = inbox.titles(g.db, actor=g.actor, wanted=chosen[:MOST])
    results = [_done(does, one, titles.get(one)) for one in chosen[:MOST]]
    done = sum(one.why is None for one in results)
    if done == len(chosen):
        tell(_said(does, done))
        return redirect(back, 303)
    return render_template(
        "desk/together.html",
        results=sorted(results, key=lambda one: one.why is None),
        said=_said(does, done),
        left=chosen[MOST:],
        does=does,
        back=back,
        most=MOST,
    )


def _done(does: str, task: tuple[int, int], title: tuple[str, str] | None) -> Result:
    """What the person may not even see is not there."""
    case_id, number = task
    step, case = title or ("", "")
    try:
        if title is None:
            raise NotFound(what=TASK)
        with apart(g.db):
            _DOES[does](g.db, g.actor, case_id, number)
    except Refusal as refusal:
        return Result(case_id, number, step, case, refused(refusal))
    return Result(case_id, number, step, case, None)


def _said(does: str, count: int) -> str:
    if does == "claim":
        return ngettext("%(num)s task is yours now.", "%(num)s tasks are yours now.", count)
    if does == "release":
        return ngettext("%(num)s task is free again.", "%(num)s tasks are free again.", count)
    if does == "complete":
        return ngettext("%(num)s task has been completed.", "%(num)s tasks have been completed.", count)
    if does == "watch":
        return ngettext("You watch %(num)s case more.", "You watch %(num)s cases more.", count)
    return ngettext("You no longer watch %(num)s case.", "You no longer watch %(num)s cases.", count)


def _task(written: str) -> tuple[int, int] | None:
    """`case_number`; anything else is no task."""
    try:
        case_id, number = written.split("_")
        return whole(case_id), whole(number, MOST_NUMBER)
    except ValueError:
        return None


def _back() -> str:
    """The list as it was: only an address of this page."""
    query = request.form.get("back", "")
    home = url_for("desk.desk")
    return query if query.startswith(f"{home}?") else home
