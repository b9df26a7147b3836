"""Reads over the sums: what is kept, and what was closed since and is not folded yet, so that both together equal the rows.

`asked` names what is asked about; everything else takes it. Numbers are whole: counts, and milliseconds. Steps are told
apart by `Place`, and a reader adds up those it does not tell apart. What each number counts stands in `tables`:
`arrived`, flows and hand-overs go by the day a step was opened, all else by the day it was closed or its case ended. A
step that is still open is in none of them: whoever asks for arrivals adds the open ones of the period, from the rows.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Collection, Hashable, Iterator, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any, Final, TypeVar

from sqlalchemy import Connection, and_, func, select

from engine.base.database import OFFICE
from engine.base.once import once
from engine.supervision.figures.bins import Bins, Measure
from engine.supervision.figures.contributions import Place
from engine.supervision.figures.joined import Gathered, apart, joined
from engine.supervision.figures.pieced import among, period_of, plus, rows_by_step, rows_of, summed, sums_of, unfolded
from engine.supervision.figures.shapes import CaseSums, FlowSums, HandSums, Lengths, StepKey, StepSums
from engine.supervision.figures.sums import BINS, CASES, FLOWS, HANDS, PERSONS, STEPS, WAYS, Grain, Variant, of_edition
from engine.supervision.figures.tables import places
from engine.supervision.figures.unfolded import waiting
from engine.supervision.figures.wanted import Asked, asked, key_of, places_seen
from engine.supervision.figures.ways import ways_kept, ways_named

__all__ = [
    "BY_POST", "BY_STEP", "Asked", "CaseSums", "Day", "FlowSums", "HandSums", "Lengths", "StepKey", "StepSums", "asked",
    "by_step", "case_days", "cases", "days", "flows", "hands", "key_of", "persons", "spreads", "step_key", "steps",
    "waiting", "ways", "worked_on",
]  # fmt: skip

K = TypeVar("K", bound=Hashable)


def step_key(place: Place) -> StepKey:
    return place.procedure_id, place.edition_id, place.element


@dataclass(frozen=True, slots=True)
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
    place = STEPS.table.c.place_id
    rows = rows_of(db, STEPS, [place, *sums_of(STEPS)], [among(place, one.steps)], period, by=[place])
    told = {one.steps[number]: StepSums(*numbers) for (number,), numbers in summed(rows, 1).items()}
    for key, change in unfolded(one, STEPS, period, lambda key: one.holds(key[0])):
        told[key[0]] = StepSums(*plus(told.get(key[0], StepSums()), change.numbers))
    return told


def by_step(
    db: Connection, one: Asked, *, since: date | None = None, until: date | None = None
) -> dict[StepKey, StepSums]:  # fmt: skip
    """As `steps`, of all places of a step together."""
    period = period_of(one, since, until)
    return once(db, ("sums of steps", one.key, period), lambda: _sums_by_step(db, one, period))


def _sums_by_step(db: Connection, one: Asked, period: tuple[int, int]) -> dict[StepKey, StepSums]:
    place = STEPS.table.c.place_id
    told: dict[StepKey, StepSums] = {}
    rows = rows_by_step(db, one, STEPS, [place, *sums_of(STEPS)], period, by=[place])
    for (number,), numbers in summed(rows, 1).items():
        key = step_key(one.steps.get(number) or one.whole[number])
        told[key] = StepSums(*plus(told.get(key, StepSums()), numbers))
    for (place_, _day), change in unfolded(one, STEPS, period, lambda key: one.holds(key[0])):
        key = step_key(place_)
        told[key] = StepSums(*plus(told.get(key, StepSums()), change.numbers))
    return told


Day = tuple[Any, int, int, int, int]
"""A key, the day's ordinal number, and what arrived, was done and was cancelled."""


def days(
    db: Connection, one: Asked, by: By | None, *, since: date | None = None, until: date | None = None
) -> Iterator[Day]:  # fmt: skip
    """Days on which there was something; a key and day may be told again, of what is not folded yet. `by` None: of all
    steps together, under the key None."""
    first, last = period_of(one, since, until)
    table, names = STEPS.table.c, [] if by is None else [places.c[name] for name in by.columns]
    sums = select(*names, table.day, func.sum(table.arrived), func.sum(table.done), func.sum(table.cancelled))
    if names:  # one row of a step, not of each of its posts and kinds of applicant
        sums = sums.join_from(STEPS.table, places, places.c.id == table.place_id)
    where = among(table.place_id, one.steps if names else _all_together(one))
    day = and_(table.office_id == OFFICE, table.grain == Grain.DAY, table.day.between(first, last))
    for row in db.execute(sums.where(day, where).group_by(*names, table.day)).all():
        yield None if by is None else by.key(row), row[-4], int(row[-3]), int(row[-2]), int(row[-1])
    for (place, number), change in unfolded(one, STEPS, (first, last), lambda key: one.holds(key[0])):
        yield None if by is None else by.of(place), number, *change.numbers[:3]


def _all_together(one: Asked) -> list[int]:
    """Of editions that are asked for whole one place, of others all that are asked for."""
    whole = [number for number, place in one.whole.items() if not place.element]
    there = {one.whole[number] for number in whole}
    return [*whole, *(number for number, place in one.steps.items() if of_edition(place) not in there)]


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
    table = BINS.table.c
    keys = [table.place_id, table.measure]
    columns = [*keys, *joined(table.bins)]
    of_cases = [int(measure) for measure in measures if measure >= Measure.CYCLE]
    of_steps = [int(measure) for measure in measures if measure < Measure.CYCLE]
    rows: list[Any] = []
    if of_steps:
        rows += rows_by_step(db, one, BINS, columns, period, by=keys, more=[table.measure.in_(of_steps)])
    if of_cases and one.cases:
        where = and_(among(table.place_id, one.cases), table.measure.in_(of_cases))
        rows += rows_of(db, BINS, columns, [where], period, by=keys)
    named = {number: by(place) for some in (one.steps, one.cases, one.whole) for number, place in some.items()}
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
    table = FLOWS.table
    every = places_seen(db, one.procedures)
    told: dict[tuple[Place | None, Place | None], FlowSums] = {}
    where = [among(table.c.to_place, one.steps), and_(table.c.to_place == 0, among(table.c.from_place, one.steps))]
    keys = [table.c.from_place, table.c.to_place]
    rows = rows_of(db, FLOWS, [*keys, *sums_of(FLOWS)], where, period, by=keys)
    for (came_from, to_place), numbers in summed(rows, 2).items():
        told[every.get(came_from), every.get(to_place)] = FlowSums(*numbers)
    for (to, _day, came), change in unfolded(one, FLOWS, period, lambda key: one.holds(key[0] or key[2])):
        told[came, to] = FlowSums(*plus(told.get((came, to), FlowSums()), change.numbers))
    return told


def hands(
    db: Connection, one: Asked, *, since: date | None = None, until: date | None = None
) -> dict[tuple[int, int], tuple[HandSums, Bins]]:
    """By the department before and the department of the step, which the scope's departments name."""
    period = period_of(one, since, until)
    table = HANDS.table
    sums: dict[tuple[int, int], HandSums] = {}
    bins_of = Gathered[tuple[int, int]]()
    columns = (table.c.place_id, table.c.from_department_id, *(table.c[name] for name in HANDS.numbers), table.c.bins)
    for sign, place_id, came, *row in rows_of(db, HANDS, columns, [among(table.c.place_id, one.steps)], period):
        pair = came, one.steps[place_id].department_id
        sums[pair] = HandSums(*plus(sums.get(pair, HandSums()), [sign * number for number in row[:-1]]))
        bins_of.add(sign, pair, row[-1:])
    told = {pair: (numbers, bins_of[pair]) for pair, numbers in sums.items()}
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
    rows = rows_of(db, PERSONS, columns, [among(table.c.place_id, one.steps)], period)
    for sign, place_id, person_id, measure, n, total, bins in rows:
        key = one.steps[place_id].post_id, person_id, Measure(measure)
        mine = found_[key]
        mine[0] += sign * n
        mine[1] += sign * total
        bins_of.add(sign, key, [bins])
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
    place = CASES.table.c.place_id
    rows = rows_of(db, CASES, [place, *sums_of(CASES)], [among(place, one.cases)], period, by=[place])
    sums = summed(rows, 1)
    told = {one.cases[number]: CaseSums(*numbers) for (number,), numbers in sums.items()}
    for key, change in unfolded(one, CASES, period, lambda key: one.holds_case(key[0])):
        told[key[0]] = CaseSums(*plus(told.get(key[0], CaseSums()), change.numbers))
    return told


def case_days(db: Connection, one: Asked, *, since: date | None = None, until: date | None = None) -> Iterator[Day]:
    """As `days`, of cases that started, ended and were cancelled, under the key None."""
    first, last = period_of(one, since, until)
    table = CASES.table.c
    sums = select(table.day, func.sum(table.started), func.sum(table.ended), func.sum(table.cancelled)).where(
        table.office_id == OFFICE, table.grain == Grain.DAY, table.day.between(first, last),
        among(table.place_id, one.cases),
    )  # fmt: skip
    for day, *numbers in db.execute(sums.group_by(table.day)).all():
        yield None, day, *map(int, numbers)
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
