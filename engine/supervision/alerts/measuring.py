"""What a figure is worth in a place and over a window, as an alert watches it: one number, and of how many.

Of several steps together a time is the mean, for middles of different steps do not add up to a middle of them all.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import replace
from datetime import date, datetime, timedelta
from typing import Any, Final

from sqlalchemy import Connection, select

from engine.base.frozen import frozen
from engine.organisation.calendars.reads import calendar_of
from engine.organisation.reads import department_and_below
from engine.organisation.rules import Actor
from engine.procedures.tables import procedures
from engine.supervision.alerts.past import Stood, stood
from engine.supervision.alerts.rules import CHANGES, FEW, Alert, change
from engine.supervision.figures import loads, reads
from engine.supervision.figures.now import steps_now
from engine.supervision.figures.rules import CaseFigures, HandFigures, PostLoad, Scope, StepFigures, StepNow
from engine.supervision.figures.sight import seen
from engine.supervision.figures.spreads import Share, Spread
from engine.supervision.figures.suppressing import without_work, work_is_of_few
from engine.supervision.figures.unattended import Unattended, unattended

Steps = Sequence[StepFigures]
Now = Sequence[StepNow | Stood]
Cases = Sequence[CaseFigures]
"""One for each procedure that was asked about."""
_DAY: Final = timedelta(days=1)


@frozen
class Measured:
    """`value` None where there is nothing, or too little, to tell it of. `n`: of how many, where that is asked."""

    value: float | None
    n: int | None = None


NOTHING: Final = Measured(None)


def _sum(name: str) -> Callable[[Iterable[Any]], Measured]:
    return lambda some: Measured(float(sum(getattr(one, name) for one in some)))


def _mean(name: str) -> Callable[[Iterable[Any]], Measured]:
    def mean(some: Iterable[Any]) -> Measured:
        return _of_spreads([getattr(one, name) for one in some])

    return mean


def _of_spreads(spreads: Sequence[Spread]) -> Measured:
    n = sum(one.n for one in spreads)
    if n < FEW:
        return Measured(None, n)
    return Measured(sum((one.total for one in spreads), timedelta(0)).total_seconds() / n, n)


def _share(shares: Iterable[Share]) -> Measured:
    found = list(shares)
    n, of = sum(one.n for one in found), sum(one.of for one in found)
    return Measured(n / of if of >= FEW else None, of)


def _rate(some: Steps) -> Measured:
    rates = [one.rate for one in some if one.rate is not None]
    return Measured(sum(rates)) if rates else NOTHING


def _backlog(some: Steps) -> Measured:
    rate = _rate(some).value
    return Measured(sum(one.open for one in some) / rate) if rate else NOTHING


def _greatest(name: str) -> Callable[[Iterable[Any]], Measured]:
    def greatest(some: Iterable[Any]) -> Measured:
        values = [float(value) for one in some if (value := getattr(one, name)) is not None]
        return Measured(max(values)) if values else NOTHING

    return greatest


def _survival(some: Steps) -> Measured:
    lengths = [one.standing_survival for one in some if one.standing_survival is not None]
    return Measured(max(lengths).total_seconds()) if lengths else NOTHING


_OF_STEPS: Final[Mapping[str, Callable[[Steps], Measured]]] = {
    **{name: _sum(name) for name in ("arrived", "done", "cancelled", "repeated", "self_loops", "open")},
    **{
        name: _mean(name)
        for name in ("waiting", "taken", "stopped", "outside", "handed", "sojourn", "sojourn_calendar")
    },
    "late": lambda some: _share(one.breach for one in some),
    "same_day": lambda some: _share(one.same_day for one in some),
    "rate": _rate,
    "backlog_days": _backlog,
    "growing": _greatest("growing"),
    "score": _greatest("score"),
    "little": _greatest("little"),
    "standing_survival": _survival,
}
_OF_WORK: Final[Mapping[str, Callable[[Steps], Measured]]] = {"working": _mean("working")}


def _part(part: timedelta | None, whole: timedelta) -> Measured:
    return Measured(part / whole) if part is not None and whole else NOTHING


def _lengths(lengths: Iterable[timedelta | None]) -> timedelta:
    return sum((one for one in lengths if one is not None), timedelta(0))


def _shares(name: str) -> Callable[[Cases], Measured]:
    return lambda some: _share(getattr(one, name) for one in some)


_OF_CASES: Final[Mapping[str, Callable[[Cases], Measured]]] = {
    **{f"cases.{name}": _sum(name) for name in ("started", "ended", "cancelled", "open")},
    "cases.promise_kept": _shares("promise"),
    "cases.law_kept": _shares("law"),
    "cases.first_pass": _shares("first_pass"),
    "cases.same_day": _shares("same_day"),
    "cycle": _mean("cycle"),
    "cycle_working": _mean("cycle_working"),
    "waiting_share": lambda some: _part(_lengths(one.waiting for one in some), _lengths(one.sojourn for one in some)),
}
_OF_TOUCH: Final[Mapping[str, Callable[[Cases], Measured]]] = {
    "touch_share": lambda some: _part(_lengths(one.working for one in some), _lengths(one.measured for one in some)),
}
_OF_HANDS: Final[Mapping[str, Callable[[Sequence[HandFigures]], Measured]]] = {
    "hand": _sum("n"),
    "hand_returned": _sum("returned"),
    "ping_pong": _sum("ping_pong"),
}


def _capacity(some: Sequence[PostLoad]) -> timedelta:
    return sum((one.capacity for one in some), timedelta(0))


def _utilised(worked: Sequence[timedelta], capacity: timedelta) -> Measured:
    """Nothing where it is measured nowhere, or hidden everywhere."""
    return _part(_lengths(worked) if worked else None, capacity)


def _helped(some: Sequence[timedelta]) -> Measured:
    """Nothing where it is not shown to whose alert it is."""
    return Measured(sum(some, timedelta(0)).total_seconds()) if some else NOTHING


_OF_POSTS: Final[Mapping[str, Callable[[Sequence[PostLoad]], Measured]]] = {
    "capacity": lambda some: Measured(_capacity(some).total_seconds()) if some else NOTHING,
    "utilisation": lambda some: _utilised([one.working for one in some if one.working is not None], _capacity(some)),
    "helped": lambda some: _helped([one.helped for one in some if one.helped is not None]),
}
_OF_PRESENCE: Final[Mapping[str, Callable[[Sequence[Unattended]], Measured]]] = {
    "unattended": lambda some: _part(
        sum((one.alone for one in some if one.alone is not None), timedelta(0)),
        sum((one.waited for one in some if one.alone is not None), timedelta(0)),
    ),
}
_OF_NOW: Final[Mapping[str, Callable[[Now], Measured]]] = {
    **{f"now.{name}": _sum(name) for name in ("open", "waiting", "working", "stopped", "outside", "handed", "late")},
    "ages": _mean("ages"),
    "used_median": _greatest("used_median"),
    "used_worst": _greatest("used_worst"),
}

NOW: Final = frozenset(_OF_NOW)
"""Figures that tell how things stand at this moment: no window, and no sum is kept of what they were."""
_TIMED: Final = frozenset({"now.open", "ages", "used_median", "used_worst"})
OF_CASES: Final = frozenset({*_OF_CASES, *_OF_TOUCH})
"""Told of cases, not of steps; of a department those of the procedures it answers for."""
OF_A_STEP: Final = frozenset({"growing", "score", "little", "standing_survival", "used_median"})
"""Told of one step alone."""
TELLS_OF_WORK: Final = frozenset({*_OF_WORK, *_OF_TOUCH, "utilisation"})
"""Told of no place that so few work at that it would be theirs; `helped` is nobody's but theirs who may see persons."""
WATCHED: Final = frozenset({*_OF_STEPS, *_OF_WORK, *OF_CASES, *_OF_HANDS, *_OF_POSTS, *_OF_PRESENCE, *_OF_NOW})
"""Every figure that is a number. The ways of cases are none."""


def value(db: Connection, *, actor: Actor, alert: Alert, now: datetime) -> Measured:
    """As the alert compares it: the figure itself, or by which part of it it has changed. Raises NotAllowed, NotFound."""
    today = calendar_of(db).local_day(now)
    if alert.figure in NOW:
        return _now(db, actor, alert, now, today)
    return valued_on(db, actor=actor, alert=alert, day=today)


def valued_on(db: Connection, *, actor: Actor, alert: Alert, day: date) -> Measured:
    """Over the window that ends on a day; not for figures of this moment."""
    there = departments(db, alert)
    scope = scope_of(alert, day, there)
    measured = _measured(db, actor, alert.figure, scope)
    if alert.kind not in CHANGES:
        return measured
    length = alert.days * _DAY
    before = _measured(db, actor, alert.figure, replace(scope, since=scope.since - length, until=scope.until - length))
    return Measured(change(measured.value, before.value), measured.n)


def departments(db: Connection, alert: Alert) -> frozenset[int] | None:
    return None if alert.department_id is None else department_and_below(db, [alert.department_id])


def scope_of(alert: Alert, day: date, there: frozenset[int] | None) -> Scope:
    since = day - (max(alert.days, 1) - 1) * _DAY
    return Scope(since, day, procedure_id=alert.procedure_id, element=alert.element, department_ids=there)


def _now(db: Connection, actor: Actor, alert: Alert, now: datetime, today: date) -> Measured:
    scope = scope_of(alert, today, departments(db, alert))
    return _OF_NOW[alert.figure](steps_now(db, actor=actor, scope=scope, now=now))


def stood_on(db: Connection, *, actor: Actor, alert: Alert, days: Sequence[date]) -> dict[date, Measured]:
    """What a figure of this moment was worth at the end of days past, the latest first; not of days for which there is too much."""
    scope = scope_of(alert, days[0], departments(db, alert))
    found = stood(db, actor=actor, scope=scope, days=days, timed=alert.figure in _TIMED) or {}
    return {day: _OF_NOW[alert.figure](some) for day, some in found.items()}


def _measured(db: Connection, actor: Actor, figure: str, scope: Scope) -> Measured:
    if figure == "score":  # a share of all steps: alone it would always be the whole
        every = reads.steps(db, actor=actor, scope=replace(scope, element=None))
        return _OF_STEPS[figure]([one for one in every if one.element == scope.element])
    for known, source in _SOURCES:
        if figure in known:
            return known[figure](source(db, actor=actor, scope=scope))
    raise KeyError(figure)


def _presence(db: Connection, *, actor: Actor, scope: Scope) -> Sequence[Unattended]:
    return list(unattended(db, actor=actor, scope=scope).values())


def _told_steps(db: Connection, *, actor: Actor, scope: Scope) -> Steps:
    """Without what was worked at those of few, as on the pages of flow."""
    steps = reads.steps(db, actor=actor, scope=scope)
    return without_work(steps, loads.small_posts(db, actor=actor, scope=scope))


def _cases(db: Connection, *, actor: Actor, scope: Scope) -> Cases:
    return [reads.whole(db, actor=actor, scope=one) for one in _scopes(db, actor, scope)]


def _told_cases(db: Connection, *, actor: Actor, scope: Scope) -> Cases:
    """None where all of their work was that of few, as on the pages of flow."""
    scopes = _scopes(db, actor, scope)
    steps = [step for one in scopes for step in reads.steps(db, actor=actor, scope=one)]
    if work_is_of_few(steps, loads.small_posts(db, actor=actor, scope=scope)):
        return []
    return [reads.whole(db, actor=actor, scope=one) for one in scopes]


def _scopes(db: Connection, actor: Actor, scope: Scope) -> list[Scope]:
    """One for each procedure that the department answers for; as it is where cases are asked about otherwise."""
    if scope.department_ids is None or scope.procedure_id is not None:
        return [scope]
    answered_for = select(procedures.c.id).where(procedures.c.department_id.in_(scope.department_ids))
    asked = sorted(seen(db, actor) & frozenset(db.scalars(answered_for)))
    return [replace(scope, procedure_id=one) for one in asked]


_SOURCES: Final[tuple[tuple[Mapping[str, Callable[[Any], Measured]], Callable[..., Any]], ...]] = (
    (_OF_STEPS, reads.steps),
    (_OF_WORK, _told_steps),
    (_OF_CASES, _cases),
    (_OF_TOUCH, _told_cases),
    (_OF_HANDS, reads.hand_overs),
    (_OF_POSTS, loads.workload),
    (_OF_PRESENCE, _presence),
)


def several(db: Connection, *, actor: Actor, figures: Iterable[str], scope: Scope) -> dict[str, Measured]:
    """Figures of one window in one place; what they are taken from is asked once. Not for figures of this moment."""
    wanted = list(figures)
    found: dict[str, Measured] = {}
    for known, source in _SOURCES:
        here = [one for one in wanted if one in known]
        if here:
            asked = source(db, actor=actor, scope=scope)
            found |= {one: known[one](asked) for one in here}
    return {one: found[one] for one in wanted if one in found}
