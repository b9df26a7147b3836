"""The cases behind a number: a list to select from and act on."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any, Final

from flask import current_app, g, render_template, request, url_for
from flask.typing import ResponseReturnValue

from engine.base import clock
from engine.organisation.reads import post_name
from engine.organisation.rules import Right
from engine.procedures.reads import procedures_and_departments
from engine.supervision.figures.behind import behind as cases_behind
from engine.supervision.figures.definitions import DEFINITIONS
from engine.supervision.figures.rules import CaseBehind
from web.asked_of import Asked, asked, kinds
from web.guard import allows
from web.languages import gettext as _
from web.shown import named, said
from web.watch.room import room

_PAGE: Final = 50
"""As many as can be acted on at once."""
_NOW: Final[Mapping[str, Callable[[], str]]] = {
    "now.open": lambda: _("Open now"),
    "now.waiting": lambda: _("Nobody has claimed it"),
    "now.queue": lambda: _("Waits here: not claimed, or handed over and not accepted yet"),
    "now.working": lambda: _("Somebody has it"),
    "now.stopped": lambda: _("Its clock stands"),
    "now.outside": lambda: _("Waits for somebody outside"),
    "now.handed": lambda: _("Handed over, not accepted yet"),
    "now.late": lambda: _("Open and past due"),
}
_USUAL: Final = "now.open"
_ACTS: Final = "acting.act"


@room.get("/behind")
@allows(Right.SUPERVISE)
def behind() -> ResponseReturnValue:
    of = asked()
    number = request.args.get("number", _USUAL)[:200]
    found = cases_behind(
        g.db, actor=g.actor, scope=of.scope(), number=number, limit=_PAGE, after=request.args.get("after")
    )
    every, departments = procedures_and_departments(g.db)
    return render_template(
        "watch/behind.html",
        found=found,
        number=number,
        called=_called(number),
        is_now=number.startswith("now."),
        asked=of,
        procedure=dict(every).get(of.procedure_id) if of.procedure_id else None,
        department=next((named(name) for one, name in departments if one == of.department_id), None),
        post=_post(of.post_id),
        step=next((one.step for one in found.cases if one.element == of.step), of.step) if of.step else None,
        kind=kinds().get(of.kind) if of.kind else None,
        next_url=url_for("watch.behind", number=number, after=found.next, **of.args()) if found.next else None,
        first_url=url_for("watch.behind", number=number, **of.args()) if request.args.get("after") else None,
        map_url=_map(of),
        alert_url=of.alert(number),
        may_act=_may_act(),
        tasks_shown={f"{one.case_id}-{one.task_number}" for one in found.cases},
        acts=_may_act() and any(map(_is_open, found.cases)),
        places={one.post_id: one.department_id for one in found.cases if _is_open(one)},
        all_chosen=request.args.get("chosen") == "all",
        all_url=_again(of, number, chosen="all"),
        none_url=_again(of, number),
        here=_again(of, number),
        now=clock.now(),
    )


def _called(number: str) -> str:
    """The number in words; one that is of a pair is told by its first word."""
    known = _NOW.get(number)
    if known is not None:
        return known()
    word = number.partition(":")[0]
    definition = DEFINITIONS.get(word) or DEFINITIONS.get(f"steps.{word}")
    return said(definition.name) if definition is not None else _("A number of the watch")


def _post(post_id: int | None) -> str | None:
    """Raises NotFound."""
    return None if post_id is None else named(post_name(g.db, post_id))


def _may_act() -> bool:
    """The forms are of another room, which an installation may do without."""
    return _ACTS in current_app.view_functions


def _is_open(one: CaseBehind) -> bool:
    """It can be acted on, and by whoever looks."""
    return bool(one.task_number) and one.closed_at is None and one.overseen


def _again(of: Asked, number: str, **more: Any) -> str:
    """This page of the list."""
    return url_for("watch.behind", number=number, after=request.args.get("after"), **of.args(), **more)


def _map(of: Asked) -> str | None:
    if of.procedure_id is None:
        return None
    return url_for("watch.procedure", procedure_id=of.procedure_id, **of.args(procedure=None))
