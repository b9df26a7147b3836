"""Reads over the sums: what is kept, and what was closed since and is not folded yet, so that both together equal the rows.

`asked` names what is asked about; everything else takes it. Numbers are whole: counts, and milliseconds. Steps are told
apart by `Place`, and a reader adds up those it does not tell apart. What each number counts stands in `tables`:
`arrived`, flows and hand-overs go by the day a step was opened, all else by the day it was closed or its case ended. A
step that is still open is in none of them: whoever asks for arrivals adds the open ones of the period, from the rows.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Collection, Hashable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date
from typing import Any, TypeVar

from sqlalchemy import ColumnElement, Connection, and_, func, select, union_all

from engine.base.database import OFFICE
from engine.base.once import once
from engine.supervision.figures import kept
from engine.supervision.figures.bins import Bins, Measure
from engine.supervision.figures.contributions import Place
from engine.supervision.figures.joined import apart, joined
from engine.supervision.figures.periods import pieces
from engine.supervision.figures.rules import Scope
from engine.supervision.figures.shapes import CaseDaySums, CaseSums, DaySums, FlowSums, HandSums, Lengths, StepSums
from engine.supervision.figures.sums import (
    BINS,
    CASES,
    FLOWS,
    HANDS,
    PERSONS,
    STEPS,
    WAYS,
    Adds,
    Grain,
    Kind,
    SumKey,
    Variant,
)
from engine.supervision.figures.unfolded import pending, waiting
from engine.supervision.figures.ways import ways_kept, ways_named

__all__ = [
    "Asked", "CaseDaySums", "CaseSums", "DaySums", "FlowSums", "HandSums", "Lengths", "StepSums", "asked", "case_days",
    "cases", "days", "flows", "hands", "persons", "spreads", "steps", "waiting", "ways",
]  # fmt: skip

K = TypeVar("K", bound=Hashable)


Key = tuple[Scope, frozenset[int]]


def key_of(scope: Scope, procedures: frozenset[int]) -> Key:
    """What it is known by, whatever its period."""
    return replace(scope, since=date.min, until=date.max), procedures


@dataclass(frozen=True, slots=True)
class Asked:
    """`steps` and `cases`: the places of each that the scope names, by number. `cases` go by procedure, edition and kind
    of applicant alone."""

    scope: Scope
    procedures: frozenset[int]
    steps: Mapping[int, Place]
    cases: Mapping[int, Place]
    pending: Adds
    editions: frozenset[int]  # of every step of the procedures, whatever steps the scope names

    @property
    def key(self) -> Key:
        return key_of(self.scope, self.procedures)

    def holds(self, place: Place) -> bool:
        return _holds(self.scope, self.procedures, place)

    def holds_case(self, place: Place) -> bool:
        return _holds_case(self.scope, self.procedures, place)


def asked(db: Connection, *, scope: Scope, procedures: Collection[int]) -> Asked:
    """`procedures`: those that whoever asks may see."""
    mine = frozenset(procedures)
    if scope.procedure_id is not None:
        mine &= {scope.procedure_id}
    every = _places(db, mine)
    return Asked(
        scope, mine,
        {number: place for number, place in every.items() if _holds(scope, mine, place)},
        {number: place for number, place in every.items() if _holds_case(scope, mine, place)},
        pending(db), frozenset(place.edition_id for place in every.values()),
    )  # fmt: skip


def _places(db: Connection, procedures: frozenset[int]) -> Mapping[int, Place]:
    return once(db, ("places of", procedures), lambda: kept.places_of(db, procedures)) if procedures else {}


def _holds(scope: Scope, procedures: frozenset[int], place: Place) -> bool:
    return (
        bool(place.element)
        and place.procedure_id in procedures
        and scope.edition_id in (None, place.edition_id)
        and scope.element in (None, place.element)
        and scope.post_id in (None, place.post_id)
        and (scope.department_ids is None or place.department_id in scope.department_ids)
        and scope.applicant_kind in (None, place.applicant_kind)
    )


def _holds_case(scope: Scope, procedures: frozenset[int], place: Place) -> bool:
    return (
        not place.element
        and place.procedure_id in procedures
        and scope.edition_id in (None, place.edition_id)
        and scope.applicant_kind in (None, place.applicant_kind)
    )


def _period(one: Asked, since: date | None, until: date | None) -> tuple[int, int]:
    return (since or one.scope.since).toordinal(), (until or one.scope.until).toordinal()


def _pieces(
    db: Connection, kind: Kind, columns: Sequence[Any], where: Collection[ColumnElement[bool]], period: tuple[int, int],
    *, by: Sequence[Any] = (), grains: Collection[Grain] = tuple(Grain),
) -> Sequence[Any]:  # fmt: skip
    """Rows of each piece of the period that one of `where` is true of: one simple question each, not one with many ors."""
    table = kind.table
    asked_ = [
        select(*columns)
        .where(table.c.office_id == OFFICE, table.c.grain == grain, table.c.day.between(begin, end), one)
        .group_by(*by)
        for grain, begin, end in pieces(*period, grains)
        for one in where
    ]
    return db.execute(union_all(*asked_)).all()


def _summed(
    db: Connection, kind: Kind, by: Sequence[str], where: Collection[ColumnElement[bool]], period: tuple[int, int],
    *, names: Sequence[str] = (), grains: Collection[Grain] = tuple(Grain),
) -> dict[tuple[int, ...], tuple[int, ...]]:  # fmt: skip
    """The sums by the columns of `by`."""
    table = kind.table
    keys = [table.c[name] for name in by]
    sums = [func.sum(table.c[name]).label(name) for name in names or kind.numbers]
    told: dict[tuple[int, ...], tuple[int, ...]] = {}
    for row in _pieces(db, kind, [*keys, *sums], where, period, by=keys, grains=grains):
        key, numbers = tuple(row[: len(keys)]), tuple(map(int, row[len(keys) :]))
        before = told.get(key)
        told[key] = numbers if before is None else _plus(before, numbers)
    return told


def _unfolded(
    one: Asked, kind: Kind, period: tuple[int, int], holds: Callable[[SumKey], bool]
) -> Iterator[tuple[SumKey, Any]]:
    for key, change in one.pending.of(kind):
        if period[0] <= key[kind.day] <= period[1] and holds(key):
            yield key, change


def _plus(so_far: Sequence[int], more: Sequence[int]) -> tuple[int, ...]:
    return tuple(int(a) + int(b) for a, b in zip(so_far, more, strict=True))


def steps(db: Connection, one: Asked, *, since: date | None = None, until: date | None = None) -> dict[Place, StepSums]:
    """By place. `since` and `until`: another period than the scope's."""
    period = _period(one, since, until)
    return once(db, ("sums of steps", one.key, period), lambda: _steps(db, one, period))


def _steps(db: Connection, one: Asked, period: tuple[int, int]) -> dict[Place, StepSums]:
    where = [STEPS.table.c.place_id.in_(list(one.steps))]
    sums = _summed(db, STEPS, ("place_id",), where, period)
    told = {one.steps[number]: StepSums(*numbers) for (number,), numbers in sums.items()}
    for key, change in _unfolded(one, STEPS, period, lambda key: one.holds(key[0])):
        told[key[0]] = StepSums(*_plus(told.get(key[0], StepSums()), change.numbers))
    return told


def days(
    db: Connection, one: Asked, *, since: date | None = None, until: date | None = None
) -> dict[tuple[Place, date], DaySums]:
    """By place and day; days without anything are left out."""
    period = _period(one, since, until)
    return once(db, ("sums of days", one.key, period), lambda: _days(db, one, period))


def _days(db: Connection, one: Asked, period: tuple[int, int]) -> dict[tuple[Place, date], DaySums]:
    where = [STEPS.table.c.place_id.in_(list(one.steps))]
    sums = _summed(db, STEPS, ("place_id", "day"), where, period, names=DaySums._fields, grains=(Grain.DAY,))
    told = {(one.steps[place], date.fromordinal(day)): DaySums(*numbers) for (place, day), numbers in sums.items()}
    for (place, day), change in _unfolded(one, STEPS, period, lambda key: one.holds(key[0])):
        key = place, date.fromordinal(day)
        told[key] = DaySums(*_plus(told.get(key, DaySums()), change.numbers[:3]))
    return told


def spreads(
    db: Connection,
    one: Asked,
    by: Callable[[Place], K],
    measures: Collection[Measure],
    *,
    since: date | None = None,
    until: date | None = None,
) -> dict[tuple[K, Measure], Bins]:
    """How long things took, by whatever `by` makes of a place. Those that took no time are not in them.

    The measures of cases are told of cases, all others of steps.
    """
    period = _period(one, since, until)
    table = BINS.table
    of_cases = [measure for measure in measures if measure >= Measure.CYCLE]
    of_steps = [measure for measure in measures if measure < Measure.CYCLE]
    told: dict[tuple[K, Measure], Bins] = {}
    for places, some in ((one.steps, of_steps), (one.cases, of_cases)):
        if not some or not places:
            continue
        named = {number: by(place) for number, place in places.items()}
        written: dict[tuple[K, int], list[bytes]] = defaultdict(list)
        where = and_(table.c.place_id.in_(list(places)), table.c.measure.in_([int(measure) for measure in some]))
        keys = [table.c.place_id, table.c.measure]
        for place_id, measure, *told_of in _pieces(db, BINS, [*keys, *joined(table.c.bins)], [where], period, by=keys):
            written[named[place_id], measure] += apart(*told_of)
        told |= {(key, Measure(measure)): Bins.added_up(lists) for (key, measure), lists in written.items()}
    for (place, measure, _day), change in _unfolded(
        one, BINS, period, lambda key: key[1] in measures and (one.holds_case(key[0]) or one.holds(key[0]))
    ):
        key = by(place), Measure(measure)
        told[key] = told.get(key, Bins()) + Bins.counted(change.bins)
    return told


def flows(
    db: Connection, one: Asked, *, since: date | None = None, until: date | None = None
) -> dict[tuple[Place | None, Place | None], FlowSums]:
    """By the step before (None: the case began) and the step (None: the case ended)."""
    period = _period(one, since, until)
    table = FLOWS.table
    every = _places(db, one.procedures)
    mine = list(one.steps)
    told: dict[tuple[Place | None, Place | None], FlowSums] = {}
    where = [table.c.to_place.in_(mine), and_(table.c.to_place == 0, table.c.from_place.in_(mine))]
    for (came_from, to_place), numbers in _summed(db, FLOWS, ("from_place", "to_place"), where, period).items():
        told[every.get(came_from), every.get(to_place)] = FlowSums(*numbers)
    for (to, _day, came), change in _unfolded(one, FLOWS, period, lambda key: one.holds(key[0] or key[2])):
        told[came, to] = FlowSums(*_plus(told.get((came, to), FlowSums()), change.numbers))
    return told


def hands(
    db: Connection, one: Asked, *, since: date | None = None, until: date | None = None
) -> dict[tuple[int, int], tuple[HandSums, Bins]]:
    """By the department before and the department of the step, which the scope's departments name."""
    period = _period(one, since, until)
    table = HANDS.table
    sums: dict[tuple[int, int], HandSums] = {}
    written: dict[tuple[int, int], list[bytes]] = defaultdict(list)
    columns = (table.c.place_id, table.c.from_department_id, *(table.c[name] for name in HANDS.numbers), table.c.bins)
    for row in _pieces(db, HANDS, columns, [table.c.place_id.in_(list(one.steps))], period):
        pair = row[1], one.steps[row[0]].department_id
        sums[pair] = HandSums(*_plus(sums.get(pair, HandSums()), row[2:-1]))
        written[pair].append(row[-1])
    told = {pair: (numbers, Bins.added_up(written[pair])) for pair, numbers in sums.items()}
    for (place, _day, came), change in _unfolded(one, HANDS, period, lambda key: one.holds(key[0])):
        pair = came, place.department_id
        before, bins = told.get(pair, (HandSums(), Bins()))
        told[pair] = HandSums(*_plus(before, change.numbers)), bins + Bins.counted(change.bins)
    return told


def persons(
    db: Connection, one: Asked, *, since: date | None = None, until: date | None = None
) -> dict[tuple[int, int, Measure], Lengths]:
    """By post, person and measure: what they had taken when they completed it, and of that the time at work."""
    period = _period(one, since, until)
    table = PERSONS.table
    found_: dict[tuple[int, int, Measure], list[Any]] = defaultdict(lambda: [0, 0, []])
    columns = (table.c.place_id, table.c.person_id, table.c.measure, table.c.n, table.c.total, table.c.bins)
    rows = _pieces(db, PERSONS, columns, [table.c.place_id.in_(list(one.steps))], period)
    for place_id, person_id, measure, n, total, bins in rows:
        mine = found_[one.steps[place_id].post_id, person_id, Measure(measure)]
        mine[0] += n
        mine[1] += total
        mine[2].append(bins)
    told = {key: Lengths(n, total, Bins.added_up(bins)) for key, (n, total, bins) in found_.items()}
    for (place, _day, person_id, measure), change in _unfolded(one, PERSONS, period, lambda key: one.holds(key[0])):
        key = place.post_id, person_id, Measure(measure)
        before = told.get(key, Lengths(0, 0, Bins()))
        told[key] = Lengths(
            before.n + change.numbers[0], before.total + change.numbers[1], before.bins + Bins.counted(change.bins)
        )
    return told


def cases(db: Connection, one: Asked, *, since: date | None = None, until: date | None = None) -> dict[Place, CaseSums]:
    """By the place of the case, whatever element, post and departments the scope names."""
    period = _period(one, since, until)
    return once(db, ("sums of cases", one.key, period), lambda: _cases(db, one, period))


def _cases(db: Connection, one: Asked, period: tuple[int, int]) -> dict[Place, CaseSums]:
    where = [CASES.table.c.place_id.in_(list(one.cases))]
    sums = _summed(db, CASES, ("place_id",), where, period)
    told = {one.cases[number]: CaseSums(*numbers) for (number,), numbers in sums.items()}
    for key, change in _unfolded(one, CASES, period, lambda key: one.holds_case(key[0])):
        told[key[0]] = CaseSums(*_plus(told.get(key[0], CaseSums()), change.numbers))
    return told


def case_days(
    db: Connection, one: Asked, *, since: date | None = None, until: date | None = None
) -> dict[tuple[Place, date], CaseDaySums]:
    period = _period(one, since, until)
    where = [CASES.table.c.place_id.in_(list(one.cases))]
    sums = _summed(db, CASES, ("place_id", "day"), where, period, names=CaseDaySums._fields, grains=(Grain.DAY,))
    told = {(one.cases[place], date.fromordinal(day)): CaseDaySums(*numbers) for (place, day), numbers in sums.items()}
    for (place, day), change in _unfolded(one, CASES, period, lambda key: one.holds_case(key[0])):
        key = place, date.fromordinal(day)
        told[key] = CaseDaySums(*_plus(told.get(key, CaseDaySums()), change.numbers[:3]))
    return told


def ways(db: Connection, one: Asked, *, since: date | None = None, until: date | None = None) -> dict[Variant, Lengths]:
    """Cases that ended by themselves, by procedure and the elements completed; lengths are by the clock."""
    period = _period(one, since, until)
    numbers, written = ways_kept(db, one.cases, period)
    names = ways_named(db, set(numbers))
    told = {
        names[number]: Lengths(n, total, Bins.added_up(written[number]))
        for number, (n, total) in numbers.items()
    }  # fmt: skip
    for (_place, _day, way), change in _unfolded(one, WAYS, period, lambda key: one.holds_case(key[0])):
        before = told.get(way, Lengths(0, 0, Bins()))
        told[way] = Lengths(
            before.n + change.numbers[0], before.total + change.numbers[2], before.bins + Bins.counted(change.bins)
        )
    return {way: lengths for way, lengths in told.items() if lengths.n}
