"""Tasks that were ticked in a list of the watch, and what is done with all of them."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Final

from flask import current_app, g, make_response, redirect, request, url_for
from flask.typing import ResponseReturnValue

from engine.base.errors import Refusal
from engine.cases.moves import WordsTooLong
from engine.cases.notes.rules import NoteEmpty
from engine.cases.rules import ReasonMissing
from engine.organisation.rules import Right
from engine.supervision.acting import rules, together
from engine.supervision.acting.rules import Act, Outcome
from engine.supervision.acting.together import Wish
from web.acting.room import FORM, ORDERS, Again, room
from web.forms import MOST_NUMBER, faults, receipt_of, whole
from web.guard import allows
from web.languages import ngettext
from web.notices import tell

_MOST_TYPED: Final = 10_000
_TO_POSTS: Final = "post"
_LIST: Final = "watch.behind"
_TICKS: Final = "ticks"
_FIELDS: Final[dict[type[Refusal], str]] = {
    rules.NoTaskChosen: _TICKS,
    rules.NoReceiverChosen: "to",
    rules.OrderUnknown: "by",
    ReasonMissing: "",
    WordsTooLong: "",
    NoteEmpty: "",
}
"""What is wrong with the form itself, and the field it stands beside: none is the words of the act."""


@room.get("/act")
@allows(Right.SUPERVISE)
def acted() -> ResponseReturnValue:
    """The address under which a refused list stands leads to the list itself."""
    return redirect(f"{url_for(_LIST)}?{request.query_string.decode()}", 303)


@room.post("/act")
@allows(Right.SUPERVISE)
def act() -> ResponseReturnValue:
    """The act whose button was pressed; what cannot be done leaves the list as it was sent, each task saying why."""
    seen = dict(one for written in request.form.getlist("task") if (one := _task(written)) is not None)
    chosen = sorted(seen)
    does = _does()
    try:
        wish = _wish(does, {task: person for task, person in seen.items() if person is not None})
        outcomes = together.act_on(g.db, by=g.actor, chosen=chosen, wish=wish)
    except tuple(_FIELDS) as refusal:
        return _list_again(Again(does, faults(refusal, _places(does)), request.form, _tasks(chosen)), 422)
    done = sum(one.why is None for one in outcomes)
    if done == len(chosen):
        tell(_said(wish.act, done))
        return redirect(_back(), 303)
    left = chosen[rules.MOST :]
    refused_ = [one for one in outcomes if one.why is not None]
    again = Again(
        does, _wrong_with_all(does, outcomes), request.form, _tasks([(one.case_id, one.number) for one in refused_] + left),
        said=_said(wish.act, done) if done else "", refused=refused_, left=len(left),
    )  # fmt: skip
    return _list_again(again, 200 if done else 422)


def _list_again(again: Again, status: int) -> ResponseReturnValue:
    """The page of the list is of another room: asked by its name, with the same question in the address."""
    g.acting_again = again
    return make_response(current_app.view_functions[_LIST](), status)


def _wrong_with_all(does: Act | None, outcomes: Sequence[Outcome]) -> list[tuple[str | None, str]]:
    """What is wrong with the words themselves is said once, beside their field."""
    kinds = {type(one.why) for one in outcomes}
    if len(kinds) != 1 or not kinds <= _FIELDS.keys():
        return []
    return faults(outcomes[0].why, _places(does))


def _places(does: Act | None) -> dict[type[Refusal], str]:
    return {kind: f"{FORM}-{field or does}" for kind, field in _FIELDS.items() if field != _TICKS}


def _tasks(chosen: Sequence[tuple[int, int]]) -> frozenset[str]:
    return frozenset(f"{case_id}-{number}" for case_id, number in chosen)


def _does() -> Act | None:
    asked = request.form.get("do", "")
    return Act(asked) if asked in set(Act) else None


def _wish(does: Act | None, seen: Mapping[tuple[int, int], int]) -> Wish:
    """Each act of the form has fields of its own: `reassign:words` and so on."""
    if does is None:
        raise rules.NoTaskChosen()
    words = request.form.get(f"{does}:words", "")[:_MOST_TYPED]
    to = request.form.get("to", "")
    person = _number(to)
    if does is Act.REASSIGN and to != _TO_POSTS and person is None:
        raise rules.NoReceiverChosen()
    return Wish(does, words, person, ORDERS.get(request.form.get("order", "")), receipt_of(request.form), seen)


def _said(does: Act, count: int) -> str:
    said = {
        Act.REASSIGN: lambda: ngettext("%(num)s task was reassigned.", "%(num)s tasks were reassigned.", count),
        Act.URGE: lambda: ngettext("%(num)s task was urged.", "%(num)s tasks were urged.", count),
        Act.ACCEPT: lambda: ngettext("%(num)s hand-over was accepted.", "%(num)s hand-overs were accepted.", count),
        Act.ORDER: lambda: ngettext(
            "The order of %(num)s task was changed.", "The order of %(num)s tasks was changed.", count
        ),
        Act.INCIDENT: lambda: ngettext("%(num)s incident was opened.", "%(num)s incidents were opened.", count),
        Act.RETRY: lambda: ngettext(
            "What failed in %(num)s case was tried again.", "What failed in %(num)s cases was tried again.", count
        ),
        Act.COMMENT: lambda: ngettext(
            "The note stands in the case of %(num)s task.", "The note stands in the cases of %(num)s tasks.", count
        ),
    }
    return said[does]()


def _task(written: str) -> tuple[tuple[int, int], int | None] | None:
    """`case-number-person`, who had it when the list was made, or `case-number`; anything else is no task."""
    case, _hyphen, rest = written.partition("-")
    number, _hyphen, person = rest.partition("-")
    try:
        return (whole(case), whole(number, MOST_NUMBER)), _number(person)
    except ValueError:
        return None


def _number(written: str) -> int | None:
    try:
        return whole(written, MOST_NUMBER)
    except ValueError:
        return None


def _back() -> str:
    """The list as it was: only an address of the watch."""
    asked = request.form.get("own:back", "")
    home = url_for("watch.overview")
    return asked if asked.startswith(home) and "\\" not in asked and "\n" not in asked else home
