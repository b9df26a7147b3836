"""Reads over the sums: what is kept, and what was closed since and is not folded yet, so that both together equal the rows.

`asked` names what is asked about; everything else takes it. Numbers are whole: counts, and milliseconds. Steps are told
apart by `Place`, and a reader adds up those it does not tell apart. What each number counts stands in `tables`:
`arrived`, flows and hand-overs go by the day a step was opened, all else by the day it was closed or its case ended. A
step that is still open is in none of them: whoever asks for arrivals adds the open ones of the period, from the rows.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Collection, Hashable, Iterator, Sequence
from datetime import date
from typing import Any, Final, TypeVar

from sqlalchemy import BigInteger, Connection, and_, cast, func, select

from engine.base.database import OFFICE
from engine.base.frozen import frozen
from engine.base.once import once
from engine.supervision.figures.bins import Bins, Measure
from engine.supervision.figures.contributions import Place
from engine.supervision.figures.joined import Gathered, apart
from engine.supervision.figures.periods import pieces
from engine.supervision.figures.pieced import (
    FROM_PLACE,
    Some,
    among,
    bins,
    more,
    of_steps,
    period_of,
    plus,
    rows_of,
    sums,
    unfolded,
)
from engine.supervision.figures.shapes import (
    CaseDaySums,
    CaseSums,
    DaySums,
    FlowSums,
    HandSums,
    Lengths,
    StepKey,
    StepSums,
    step_key,
)
from engine.supervision.figures.sums import BINS, CASES, FLOWS, HANDS, PERSONS, STEPS, WAYS, Grain, Variant
from engine.supervision.figures.tables import places
from engine.supervision.figures.unfolded import waiting
from engine.supervision.figures.wanted import Asked, asked, key_of, places_seen
from engine.supervision.figures.ways import ways_kept, ways_named

__all__ = [
    "BY_POST", "BY_STEP", "Asked", "CaseSums", "Day", "FlowSums", "HandSums", "Lengths", "StepKey", "StepSums", "asked",
    "by_step", "case_days", "cases", "days", "flows", "hands", "key_of", "moved", "persons", "spreads", "step_key", "steps",
    "waiting", "ways", "worked_on",
]  # fmt: skip

K = TypeVar("K", bound=Hashable)


@frozen
class By:
    """What days are told apart by: the columns of places, and what is made of them and of a place."""

    columns: tuple[str, ...]
    key: Callable[[Sequence[Any]], Any]
    of: Callable[[Place], Any]


BY_STEP: Final = By(("procedure_id", "edition_id", "element"), lambda row: (row[0], row[1], row[2]), step_key)
BY_POST: Final = By(("post_id",), lambda row: row[0], lambda place: place.post_id)


def steps(db: Connection, one: Asked, *, since: date | None = None, until: date | None = None) -> dict[Place, StepSums]:
    """By place. `since` and `until`: another period than the scope's."""
    period = period_of(one, since, until)
    return once(db, ("sums of places", one.key, period), lambda: _steps(db, one, period))


def _steps(db: Connection, one: Asked, period: tuple[int, int]) -> dict[Place, StepSums]:
    some = [Some(pieces(*period, STEPS.grains), list(one.steps))]
    told = {one.steps[row[0]]: StepSums(*row[1:]) for row in sums(db, STEPS, ("place_id",), STEPS.numbers, some)}
    for key, change in unfolded(one, STEPS, period, lambda key: one.holds(key[0])):
        more(told, key[0], change.numbers, StepSums)
    return told


def by_step(
    db: Connection, one: Asked, *, since: date | None = None, until: date | None = None
) -> dict[StepKey, StepSums]:  # fmt: skip
    """As `steps`, of all places of a step together."""
    period = period_of(one, since, until)
    return once(db, ("sums of steps", one.key, period), lambda: _sums_by_step(db, one, period))


def _sums_by_step(db: Connection, one: Asked, period: tuple[int, int]) -> dict[StepKey, StepSums]:
    told: dict[StepKey, StepSums] = {}
    for number, *numbers in sums(db, STEPS, ("place_id",), STEPS.numbers, of_steps(one, STEPS, period)):
        more(told, one.step_of(number), numbers, StepSums)
    for (place, _day), change in unfolded(one, STEPS, period, lambda key: one.holds(key[0])):
        more(told, step_key(place), change.numbers, StepSums)
    return told


def moved(db: Connection, one: Asked, *, since: date, until: date) -> dict[StepKey, DaySums]:
    """What came and went, by step."""
    period = period_of(one, since, until)
    told: dict[StepKey, DaySums] = {}
    for number, *numbers in sums(db, STEPS, ("place_id",), DaySums._fields, of_steps(one, STEPS, period)):
        more(told, one.step_of(number), numbers, DaySums)
    for (place, _day), change in unfolded(one, STEPS, period, lambda key: one.holds(key[0])):
        more(told, step_key(place), change.numbers[:3], DaySums)
    return told


Day = tuple[Any, int, int, int, int]
"""A key, the day's ordinal number, and what arrived, was done and was cancelled."""


def days(
    db: Connection, one: Asked, by: By | None, *, since: date | None = None, until: date | None = None
) -> Iterator[Day]:  # fmt: skip
    """Days on which there was something; a key and day may be told again, of what is not folded yet. `by` None: of all
    steps together, under the key None."""
    first, last = period_of(one, since, until)
    table = STEPS.table.c
    day = and_(table.office_id == OFFICE, table.grain == Grain.DAY, table.day.between(first, last))
    numbers = [table[name] for name in DaySums._fields]
    others: Collection[int] = one.steps
    if by is None:
        others = one.places.by_edition
    elif by is BY_STEP:  # of steps asked for whole a row is kept of each day
        others = one.others
        if one.together:
            whole = select(table.place_id, table.day, *numbers).where(day, among(table.place_id, one.together))
            for row in db.execute(whole).all():
                yield one.step_of(row[0]), *row[1:]
    if others:
        names = [] if by is None else [places.c[name] for name in by.columns]
        added = select(*names, table.day, *(cast(func.sum(number), BigInteger) for number in numbers))
        if names:  # one row of a step, not of each of its posts and kinds of applicant
            added = added.join_from(STEPS.table, places, places.c.id == table.place_id)
        for row in db.execute(added.where(day, among(table.place_id, others)).group_by(*names, table.day)).all():
            yield None if by is None else by.key(row), *row[-4:]
    for (place, number), change in unfolded(one, STEPS, (first, last), lambda key: one.holds(key[0])):
        yield None if by is None else by.of(place), number, *change.numbers[:3]


def spreads(
    db: Connection,
    one: Asked,
    by: Callable[[Place], K],
    measures: Collection[Measure],
    *,
    since: date | None = None,
    until: date | None = None,
) -> dict[tuple[K, Measure], Bins]:
    """How long things took, by whatever `by` makes of a place: of its procedure, edition and element. Those that took no
    time are not in them.

    The measures of cases are told of cases, all others of steps.
    """
    period = period_of(one, since, until)
    cases_ = [int(measure) for measure in measures if measure >= Measure.CYCLE]
    steps_ = [int(measure) for measure in measures if measure < Measure.CYCLE]
    rows: list[Any] = []
    if steps_:
        rows += bins(db, steps_, of_steps(one, BINS, period))
    if cases_ and one.cases:
        rows += bins(db, cases_, [Some(pieces(*period, BINS.grains), list(one.cases))])
    named = {number: by(place) for some in (one.steps, one.cases, one.together) for number, place in some.items()}
    bins_of = Gathered[tuple[K, int]]()
    for sign, place_id, measure, *told_of in rows:
        bins_of.add(sign, (named[place_id], measure), apart(*told_of))
    told = {(key, Measure(measure)): bins_of[key, measure] for key, measure in bins_of}
    for (place, measure, _day), change in unfolded(
        one, BINS, period, lambda key: key[1] in measures and (one.holds_case(key[0]) or one.holds(key[0]))
    ):
        key = by(place), Measure(measure)
        told[key] = told.get(key, Bins()) + Bins.counted(change.bins)
    return told


def flows(
    db: Connection, one: Asked, *, since: date | None = None, until: date | None = None
) -> dict[tuple[Place | None, Place | None], FlowSums]:
    """By the step before (None: the case began) and the step (None: the case ended)."""
    period = period_of(one, since, until)
    every = places_seen(db, one.procedures)
    told: dict[tuple[Place | None, Place | None], FlowSums] = {}
    pieces_, ids = pieces(*period, FLOWS.grains), list(one.steps)
    some = [Some(pieces_, ids, "to_place"), Some(pieces_, ids, FROM_PLACE)]
    for came_from, to_place, *numbers in sums(db, FLOWS, (FROM_PLACE, "to_place"), FLOWS.numbers, some):
        told[every.get(came_from), every.get(to_place)] = FlowSums(*numbers)
    for (to, _day, came), change in unfolded(one, FLOWS, period, lambda key: one.holds(key[0] or key[2])):
        more(told, (came, to), change.numbers, FlowSums)
    return told


def hands(
    db: Connection, one: Asked, *, since: date | None = None, until: date | None = None
) -> dict[tuple[int, int], tuple[HandSums, Bins]]:
    """By the department before and the department of the step, which the scope's departments name."""
    period = period_of(one, since, until)
    table = HANDS.table
    numbers_of: dict[tuple[int, int], HandSums] = {}
    bins_of = Gathered[tuple[int, int]]()
    columns = (table.c.place_id, table.c.from_department_id, *(table.c[name] for name in HANDS.numbers), table.c.bins)
    for sign, place_id, came, *row in rows_of(db, HANDS, columns, one.steps, period):
        pair = came, one.steps[place_id].department_id
        more(numbers_of, pair, [sign * number for number in row[:-1]], HandSums)
        bins_of.add(sign, pair, row[-1:])
    told = {pair: (numbers, bins_of[pair]) for pair, numbers in numbers_of.items()}
    for (place, _day, came), change in unfolded(one, HANDS, period, lambda key: one.holds(key[0])):
        pair = came, place.department_id
        before, bins = told.get(pair, (HandSums(), Bins()))
        told[pair] = HandSums(*plus(before, change.numbers)), bins + Bins.counted(change.bins)
    return told


def persons(
    db: Connection, one: Asked, *, since: date | None = None, until: date | None = None
) -> dict[tuple[int, int, Measure], Lengths]:
    """By post, person and measure: what they had taken when they completed it, and of that the time at work."""
    period = period_of(one, since, until)
    table = PERSONS.table
    found_: dict[tuple[int, int, Measure], list[int]] = defaultdict(lambda: [0, 0])
    bins_of = Gathered[tuple[int, int, Measure]]()
    columns = (table.c.place_id, table.c.person_id, table.c.measure, table.c.n, table.c.total, table.c.bins)
    rows = rows_of(db, PERSONS, columns, one.steps, period)
    for sign, place_id, person_id, measure, n, total, written in rows:
        key = one.steps[place_id].post_id, person_id, Measure(measure)
        mine = found_[key]
        mine[0] += sign * n
        mine[1] += sign * total
        bins_of.add(sign, key, [written])
    told = {key: Lengths(n, total, bins_of[key]) for key, (n, total) in found_.items()}
    for (place, _day, person_id, measure), change in unfolded(one, PERSONS, period, lambda key: one.holds(key[0])):
        key = place.post_id, person_id, Measure(measure)
        before = told.get(key, Lengths(0, 0, Bins()))
        told[key] = Lengths(
            before.n + change.numbers[0], before.total + change.numbers[1], before.bins + Bins.counted(change.bins)
        )
    return {key: lengths for key, lengths in told.items() if lengths.n}


def worked_on(
    db: Connection, one: Asked, posts: Collection[int], people: Collection[int]
) -> dict[tuple[int, int, date], int]:
    """By post, person and day: how long these were at work on what they completed there that day."""
    first, last = period_of(one, None, None)
    table = PERSONS.table.c
    asked_for = [number for number, place in one.steps.items() if place.post_id in posts]
    told: dict[tuple[int, int, date], int] = defaultdict(int)
    for place_id, person_id, day, total in db.execute(
        select(table.place_id, table.person_id, table.day, table.total).where(
            table.office_id == OFFICE, table.grain == Grain.DAY, table.day.between(first, last),
            among(table.place_id, asked_for), table.person_id.in_(sorted(people)),
            table.measure == int(Measure.WORKING),
        )
    ):  # fmt: skip
        told[one.steps[place_id].post_id, person_id, date.fromordinal(day)] += total
    for (place, day, person_id, measure), change in unfolded(
        one, PERSONS, (first, last), lambda key: one.holds(key[0])
    ):
        if place.post_id in posts and person_id in people and measure == Measure.WORKING:
            told[place.post_id, person_id, date.fromordinal(day)] += change.numbers[1]
    return told


def cases(db: Connection, one: Asked, *, since: date | None = None, until: date | None = None) -> dict[Place, CaseSums]:
    """By the place of the case, whatever element, post and departments the scope names."""
    period = period_of(one, since, until)
    return once(db, ("sums of cases", one.key, period), lambda: _cases(db, one, period))


def _cases(db: Connection, one: Asked, period: tuple[int, int]) -> dict[Place, CaseSums]:
    some = [Some(pieces(*period, CASES.grains), list(one.cases))]
    told = {one.cases[row[0]]: CaseSums(*row[1:]) for row in sums(db, CASES, ("place_id",), CASES.numbers, some)}
    for key, change in unfolded(one, CASES, period, lambda key: one.holds_case(key[0])):
        more(told, key[0], change.numbers, CaseSums)
    return told


def case_days(db: Connection, one: Asked, *, since: date | None = None, until: date | None = None) -> Iterator[Day]:
    """As `days`, of cases that started, ended and were cancelled, under the key None."""
    first, last = period_of(one, since, until)
    table = CASES.table.c
    numbers = [cast(func.sum(table[name]), BigInteger) for name in CaseDaySums._fields]
    added = select(table.day, *numbers).where(
        table.office_id == OFFICE, table.grain == Grain.DAY, table.day.between(first, last),
        among(table.place_id, one.cases),
    )  # fmt: skip
    for row in db.execute(added.group_by(table.day)).all():
        yield None, *row
    for (_place, day), change in unfolded(one, CASES, (first, last), lambda key: one.holds_case(key[0])):
        yield None, day, *change.numbers[:3]


def ways(db: Connection, one: Asked, *, since: date | None = None, until: date | None = None) -> dict[Variant, Lengths]:
    """Cases that ended by themselves, by procedure and the elements completed; lengths are by the clock."""
    period = period_of(one, since, until)
    numbers, bins_of = ways_kept(db, one.cases, period)
    names = ways_named(db, set(numbers))
    told = {
        names[number]: Lengths(n, total, bins_of[number])
        for number, (n, total) in numbers.items()
    }  # fmt: skip
    for (_place, _day, way), change in unfolded(one, WAYS, period, lambda key: one.holds_case(key[0])):
        before = told.get(way, Lengths(0, 0, Bins()))
        told[way] = Lengths(
            before.n + change.numbers[0], before.total + change.numbers[2], before.bins + Bins.counted(change.bins)
        )
    return {way: lengths for way, lengths in told.items() if lengths.n}
