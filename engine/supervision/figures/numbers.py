"""Which tasks and cases a number counts, by its key: in what is kept, in what is not folded yet, in what is open still."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import field
from typing import Any, Final, NamedTuple

import orjson
from sqlalchemy import ColumnElement, Connection, and_, false, or_, select, tuple_

from engine.base.database import OFFICE
from engine.base.frozen import frozen
from engine.cases.rules import Closed
from engine.supervision.figures.asking import Question
from engine.supervision.figures.contributions import ClosedStep, EndedCase, Place, found
from engine.supervision.figures.moves import opened_in, way_key
from engine.supervision.figures.rules import NumberUnknown
from engine.supervision.figures.tables import journeys, notes, spells, variants
from engine.supervision.figures.unended import (
    OpenTask,
    came_back,
    given_back,
    open_cases,
    open_tasks,
)
from engine.supervision.figures.unfolded import MOST_PENDING
from engine.supervision.figures.wanted import places_seen


class Counted(NamedTuple):
    """By what it is sorted: the day that it counts on; the case, and the number of the task, 0 for the case itself."""

    day: int
    case_id: int
    number: int


Live = Callable[[Connection, Question], Iterable[OpenTask]]


@frozen
class Tasks:
    """`by`: opened or closed in the period, or open when it ends. `equal`: columns of `spells` and what stands in them."""

    by: str
    equal: Mapping[str, int] = field(default_factory=dict)
    measured: bool | None = None
    holds: Callable[[Place], bool] = lambda _place: True
    came: str | None = None  # the element completed before it, empty where the case began with it
    crossed: bool = False  # from one department to another, whichever they are
    live: Live | None = None


@frozen
class Cases:
    """`by`: started or ended in the period, or open when it ends."""

    by: str
    equal: Mapping[str, int] = field(default_factory=dict)
    last: str | None = None  # the element completed last
    way: str | None = None  # the key of the way they went


_DONE: Final = {"how": int(Closed.COMPLETED)}
_ENDED: Final = {"cancelled": 0}


def _open_at_end(db: Connection, of: Question) -> Iterable[OpenTask]:
    until = of.scope.until.toordinal()
    return (one for one in open_tasks(db, of.asked) if of.days.of(one.opened_at) <= until)


NUMBERS: Final[Mapping[str, Tasks | Cases]] = {
    "arrived": Tasks("opened", live=opened_in),
    "done": Tasks("closed", _DONE),
    "cancelled": Tasks("closed", {"how": int(Closed.CANCELLED)}),
    "repeated": Tasks("closed", {**_DONE, "repeated": 1}),
    "self_loops": Tasks("closed", {**_DONE, "looped": 1}),
    "late": Tasks("closed", {**_DONE, "late": 1}),
    "promised": Tasks("closed", {**_DONE, "timed": 1}),
    "same_day": Tasks("closed", {**_DONE, "same_day": 1}),
    "handed": Tasks("closed", {**_DONE, "received": 1}),
    "measured": Tasks("closed", _DONE, measured=True),
    "unmeasured": Tasks("closed", _DONE, measured=False),
    "open": Tasks("open", live=_open_at_end),
    "cases.started": Cases("started"),
    "cases.ended": Cases("ended", _ENDED),
    "cases.cancelled": Cases("ended", {"cancelled": 1}),
    "cases.closed": Cases("ended"),
    "cases.open": Cases("open"),
    "cases.promised": Cases("ended", {**_ENDED, "promised": 1}),
    "cases.promise_kept": Cases("ended", {**_ENDED, "promise_kept": 1}),
    "cases.promise_broken": Cases("ended", {**_ENDED, "promised": 1, "promise_kept": 0}),
    "cases.lawful": Cases("ended", {**_ENDED, "lawful": 1}),
    "cases.law_kept": Cases("ended", {**_ENDED, "law_kept": 1}),
    "cases.law_broken": Cases("ended", {**_ENDED, "lawful": 1, "law_kept": 0}),
    "cases.first_pass": Cases("ended", {**_ENDED, "first_pass": 1}),
    "cases.not_first_pass": Cases("ended", {**_ENDED, "first_pass": 0}),
    "cases.same_day": Cases("ended", {**_ENDED, "same_day": 1}),
}


def what(number: str) -> Tasks | Cases:
    """Raises NumberUnknown."""
    known = NUMBERS.get(number)
    if known is not None:
        return known
    word, _, about = number.partition(":")
    made = _MADE.get(word)
    first, colon, second = about.partition(":")
    if made is None or (word != "variant" and not colon):
        raise NumberUnknown(number=number)
    try:
        return made(first, second)
    except ValueError:
        raise NumberUnknown(number=number) from None


def _flow(came: str, to: str) -> Tasks | Cases:
    if not to:
        return Cases("ended", _ENDED, last=came)
    return Tasks(
        "opened", holds=lambda place: place.element == to,
        came=came,
        live=lambda db, of: (
            one for one in opened_in(db, of) if one.element == to and (one.came_from or "") == came
        ),
    )  # fmt: skip


def _pair(
    equal: Mapping[str, int], narrow: Callable[[Connection, Sequence[OpenTask]], set[tuple[int, int]]] | None
) -> Any:
    def narrowed(db: Connection, some: Sequence[OpenTask]) -> Iterable[OpenTask]:
        left = None if narrow is None else narrow(db, some)
        return (one for one in some if left is None or (one.case_id, one.number) in left)

    def every(db: Connection, of: Question) -> Iterable[OpenTask]:
        return narrowed(
            db, [one for one in opened_in(db, of) if one.from_department_id not in (None, one.department_id)]
        )

    def made(came: str, to: str) -> Tasks:
        if not came and not to:
            return Tasks("opened", equal, crossed=True, live=every)
        sender, receiver = int(came), int(to)
        if sender == receiver:
            raise ValueError("nobody hands over to themselves")

        def live(db: Connection, of: Question) -> Iterable[OpenTask]:
            between = (sender, receiver)
            some = [one for one in opened_in(db, of) if (one.from_department_id, one.department_id) == between]
            return narrowed(db, some)

        return Tasks(
            "opened", {"from_department_id": sender, **equal}, holds=lambda place: place.department_id == receiver,
            live=live,
        )  # fmt: skip

    return made


_MADE: Final[Mapping[str, Callable[[str, str], Tasks | Cases]]] = {
    "flow": _flow,
    "hand": _pair({}, None),
    "hand_returned": _pair({"returned": 1}, given_back),
    "ping_pong": _pair({"ping_pong": 1}, came_back),
    "variant": lambda key, _more: Cases("ended", _ENDED, way=key),
}


@frozen
class Found:
    """`kept`: conditions on the table; `more`: what it does not hold, in order."""

    kept: tuple[ColumnElement[bool], ...]
    more: tuple[Counted, ...]


def tasks_of(db: Connection, of: Question, one: Tasks) -> Found:
    """In `spells`, and beside it."""
    t, asked = spells.c, of.asked
    mine = [number for number, place in asked.steps.items() if one.holds(place)]
    where = [
        t.office_id == OFFICE, t.place_id.in_(mine), *_days(of, one.by, t.opened_day, t.closed_day),
        *(t[name] == value for name, value in one.equal.items()),
        tuple_(t.case_id, t.task_number).not_in(_pending()),
    ]  # fmt: skip
    if one.crossed:
        where.append(_from_another(asked.steps))
    if one.measured is not None:
        where.append(t.working.is_not(None) if one.measured else t.working.is_(None))
    if one.came is not None:
        # Of all places: a case may come from a step that the scope leaves out.
        before = {0: None, **places_seen(db, asked.procedures)}
        where.append(t.from_place.in_([number for number, place in before.items() if _named(place) == one.came]))
    unfolded = (step for step in found(db, _keys(db)).steps.values() if asked.holds(step.place))
    more = [
        Counted(step.closed_day if one.by == "closed" else step.opened_day, step.case_id, step.task_number)
        for step in unfolded
        if _is(of, one, step)
    ]
    if one.live is not None:
        more += [Counted(of.days.of(task.opened_at), task.case_id, task.number) for task in one.live(db, of)]
    return Found(tuple(where), tuple(sorted(more)))


def _is(of: Question, one: Tasks, step: ClosedStep) -> bool:
    return (
        _in_days(of, one.by, step.opened_day, step.closed_day)
        and one.holds(step.place)
        and one.came in (None, _named(step.from_place))
        and all(getattr(step, name) == value for name, value in one.equal.items())
        and (not one.crossed or step.from_department_id not in (None, step.place.department_id))
        and one.measured in (None, step.times.working is not None)
    )


def _named(place: Place | None) -> str:
    return place.element if place else ""


def _from_another(steps: Mapping[int, Place]) -> ColumnElement[bool]:
    """Of these places, what came to each from a department that is not its own."""
    there: dict[int, list[int]] = {}
    for number, place in steps.items():
        there.setdefault(place.department_id, []).append(number)
    t = spells.c
    return or_(false(), *(and_(t.place_id.in_(some), t.from_department_id != one) for one, some in there.items()))


def cases_of(db: Connection, of: Question, one: Cases) -> Found:
    """In `journeys`, and beside it."""
    t, asked = journeys.c, of.asked
    where = [
        t.office_id == OFFICE, t.place_id.in_(list(asked.cases)), *_days(of, one.by, t.started_day, t.ended_day),
        *(t[name] == value for name, value in one.equal.items()),
        t.case_id.not_in(_pending_cases()),
    ]  # fmt: skip
    if one.way is not None:
        rows = db.execute(
            select(variants.c.id, variants.c.elements).where(variants.c.procedure_id.in_(asked.procedures))
        )
        where.append(t.variant_id.in_([row.id for row in rows if way_key(_elements(row.elements)) == one.way]))
    if one.last is not None:
        where.append(t.last_place.in_([number for number, place in asked.steps.items() if place.element == one.last]))
    ended = (case for case in found(db, _keys(db)).cases.values() if asked.holds_case(case.place))
    more = [
        Counted(case.ended_day if one.by == "ended" else case.started_day, case.case_id, 0)
        for case in ended
        if _has(of, one, case)
    ]
    if one.by in ("started", "open"):
        first, last = of.scope.since.toordinal(), of.scope.until.toordinal()
        for case in open_cases(db, asked):
            day = of.days.of(case.started_at)
            if day <= last and (one.by == "open" or day >= first):
                more.append(Counted(day, case.case_id, 0))
    return Found(tuple(where), tuple(sorted(more)))


def _has(of: Question, one: Cases, case: EndedCase) -> bool:
    return (
        _in_days(of, one.by, case.started_day, case.ended_day)
        and all(getattr(case, name) == value for name, value in one.equal.items())
        and one.way in (None, way_key(case.elements))
        and (
            one.last is None
            or (case.last_place is not None and case.last_place.element == one.last and of.asked.holds(case.last_place))
        )
    )


def _days(of: Question, by: str, begun: Any, over: Any) -> list[ColumnElement[bool]]:
    first, last = of.scope.since.toordinal(), of.scope.until.toordinal()
    if by == "open":  # what was closed since: nothing, where the period is not over
        return [begun <= last, over.between(last + 1, of.today.toordinal())]
    return [(begun if by in ("opened", "started") else over).between(first, last)]


def _in_days(of: Question, by: str, begun: int, over: int) -> bool:
    first, last = of.scope.since.toordinal(), of.scope.until.toordinal()
    if by == "open":
        return begun <= last < over
    return first <= (begun if by in ("opened", "started") else over) <= last


def _newest() -> Any:
    """Those that `rollups` adds while somebody reads."""
    return select(notes.c.case_id, notes.c.task_number).order_by(notes.c.id.desc()).limit(MOST_PENDING).subquery()


def _pending() -> Any:
    newest = _newest()
    return select(newest.c.case_id, newest.c.task_number)


def _pending_cases() -> Any:
    newest = _newest()
    return select(newest.c.case_id).where(newest.c.task_number == 0)


def _keys(db: Connection) -> set[tuple[int, int]]:
    return {(row.case_id, row.task_number) for row in db.execute(_pending())}


def _elements(written: str) -> tuple[str, ...]:
    return tuple(orjson.loads(written))
