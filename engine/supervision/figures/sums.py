"""What a closed step or an ended case adds to which sums, and takes away where it is not so any more. Pure."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from datetime import date
from enum import IntEnum
from operator import add, neg
from typing import Any, Final

from sqlalchemy import Table

from engine.cases.rules import Closed
from engine.supervision.figures import tables
from engine.supervision.figures.bins import Measure, bin_of
from engine.supervision.figures.contributions import ClosedStep, EndedCase, Place

SumKey = tuple[Any, ...]
"""The key of a row, without office and grain: places as `Place`, variants as `Variant`, days as ordinal numbers."""


class Grain(IntEnum):
    """Numbers are stored: never renumber. 2 was once another."""

    DAY = 0
    MONTH = 1
    YEAR = 3


Variant = tuple[int, tuple[str, ...]]
"""A procedure, and the elements completed."""


JOINED: Final = -1
"""In place of a kind of applicant: all places of a step together, or of all steps of an edition, whose element is empty."""


def of_step(place: Place) -> Place | None:
    """All places of the step together. None: it is a case."""
    return place._replace(post_id=0, department_id=0, applicant_kind=JOINED) if place.element else None


def of_edition(place: Place) -> Place | None:
    """All steps of the edition together."""
    return Place(place.procedure_id, place.edition_id, "", 0, 0, JOINED) if place.element else None


Join = Callable[[Place], Place | None]
_BY_PLACE: Final = (Grain.DAY, Grain.MONTH)
_BY_STEP: Final = tuple((of_step, grain) for grain in Grain)


@dataclass(frozen=True, slots=True, eq=False)
class Kind:
    """One kind of sums: its table, and where in the key the day stands."""

    table: Table
    numbers: tuple[str, ...]
    day: int
    grains: tuple[Grain, ...]
    binned: bool
    named: tuple[int, ...]
    """Where in the key places and variants stand."""
    joined: tuple[tuple[Join, Grain], ...]
    """What is kept besides of several places together."""


def _kind(table: Table, day: int, named: tuple[int, ...] = (0,), joined: tuple[tuple[Join, Grain], ...] = ()) -> Kind:
    keys = {column.name for column in table.primary_key}
    numbers = tuple(one.name for one in table.c if one.name not in keys | {"bins"})
    return Kind(table, numbers, day, _BY_PLACE, "bins" in table.c, named, joined)


STEPS: Final = _kind(tables.step_sums, 1, joined=(*_BY_STEP, (of_edition, Grain.DAY)))
CASES: Final = _kind(tables.case_sums, 1)
BINS: Final = _kind(tables.bins, 2, joined=_BY_STEP)
FLOWS: Final = _kind(tables.flow_sums, 1, named=(0, 2))
HANDS: Final = _kind(tables.hand_sums, 1)
PERSONS: Final = _kind(tables.person_sums, 1)
WAYS: Final = _kind(tables.way_sums, 1, named=(0, 2))
KINDS: Final = (STEPS, CASES, BINS, FLOWS, HANDS, PERSONS, WAYS)
Named = Place | Variant | None


@dataclass(slots=True)
class Change:
    """Of one row: what is added to its numbers; the bin of each length that is added, and that is taken out."""

    numbers: Sequence[int]
    more: bytearray = field(default_factory=bytearray)
    less: bytearray = field(default_factory=bytearray)

    @property
    def bins(self) -> dict[int, int]:
        """To which of them how many."""
        counts = Counter(self.more)
        counts.subtract(self.less)
        return counts

    @property
    def empty(self) -> bool:
        return len(self.more) == len(self.less) and not any(self.numbers) and sorted(self.more) == sorted(self.less)


def month_of(day: int) -> int:
    return date.fromordinal(day).replace(day=1).toordinal()


def first_of(grain: Grain, day: int) -> int:
    """The first day of that day, month or year."""
    if grain is Grain.DAY:
        return day
    at = date.fromordinal(day)
    return at.replace(day=1).toordinal() if grain is Grain.MONTH else date(at.year, 1, 1).toordinal()


class Adds:
    """By kind and key, in days. Places and variants stand in keys by their number in `named`: they are long to hash."""

    def __init__(self) -> None:
        self._of: dict[Kind, dict[tuple[int, ...], Change]] = {kind: {} for kind in KINDS}
        self._numbers: dict[Named, int] = {}
        self.named: list[Named] = []

    def _number(self, what: Named) -> int:
        number = self._numbers.get(what)
        if number is None:
            number = self._numbers[what] = len(self.named)
            self.named.append(what)
        return number

    def step(self, one: ClosedStep, sign: int) -> None:
        place, opened, times = self._number(one.place), one.opened_day, one.times
        self._add(STEPS, (place, opened), sign, _ARRIVED)
        self._add(STEPS, (place, one.closed_day), sign, _step_numbers(one))
        done = one.how == _COMPLETED
        wait = times.waiting + times.handed
        waited = (1, wait) if done else (0, 0)
        self._add(FLOWS, (place, opened, self._number(one.from_place)), sign, (1, *waited))
        if one.from_department_id is not None and one.from_department_id != one.place.department_id:
            key = (place, opened, one.from_department_id)
            numbers = (1, *waited, one.returned, one.ping_pong)
            self._add(HANDS, key, sign, numbers, wait if done else 0)
        if done:
            self._times(one, place, sign)

    def _times(self, one: ClosedStep, place: int, sign: int) -> None:
        day, times, bins = one.closed_day, one.times, self._of[BINS]
        for measure, value in zip(_MEASURES, times, strict=True):
            if value:
                change = bins.get((place, measure, day))
                if change is None:
                    change = bins[place, measure, day] = Change(())
                (change.more if sign > 0 else change.less).append(bin_of(value))
        if one.person_id is None:
            return
        self._add(PERSONS, (place, day, one.person_id, _TAKEN), sign, (1, times.taken), times.taken)
        if times.working is not None:
            self._add(PERSONS, (place, day, one.person_id, _WORKING), sign, (1, times.working), times.working)

    def case(self, one: EndedCase, sign: int) -> None:
        place, day = self._number(one.place), one.ended_day
        self._add(CASES, (place, one.started_day), sign, _STARTED)
        self._add(CASES, (place, day), sign, _case_numbers(one))
        if one.cancelled:
            return
        for measure, value in ((Measure.CYCLE, one.cycle), (Measure.CYCLE_CALENDAR, one.calendar)):
            if value:
                self._add(BINS, (place, int(measure), day), sign, (), value)
        if one.last_place is not None:
            self._add(FLOWS, (self._number(None), day, self._number(one.last_place)), sign, (1, 0, 0))
        way = self._number((one.place.procedure_id, one.elements))
        self._add(WAYS, (place, day, way), sign, (1, one.cycle, one.calendar), one.calendar)

    def _add(self, kind: Kind, key: tuple[int, ...], sign: int, numbers: Sequence[int], value: int = 0) -> None:
        rows = self._of[kind]
        if sign < 0:
            numbers = tuple(map(neg, numbers))
        change = rows.get(key)
        if change is None:
            change = rows[key] = Change(numbers)
        elif numbers:
            change.numbers = tuple(map(add, change.numbers, numbers))
        if value:
            (change.more if sign > 0 else change.less).append(bin_of(value))

    def of(self, kind: Kind, grain: Grain = Grain.DAY) -> Iterator[tuple[SumKey, Change]]:
        """Rows that change something."""
        return self.rows(kind, self.named, grain)

    def rows(self, kind: Kind, names: Sequence[Any], grain: Grain = Grain.DAY) -> Iterator[tuple[SumKey, Change]]:
        """As `of`, with `names` in the place of `named`, each name once."""
        rows = self._of[kind]
        both = len(kind.named) > 1
        if grain is not Grain.DAY:
            rows = self._gathered(kind, rows, grain, range(len(names)))
        for key, change in rows.items():
            if not change.empty:
                yield (names[key[0]], key[1], names[key[2]]) if both else (names[key[0]], *key[1:]), change

    def joined(self, kind: Kind, numbers: Sequence[int | None], grain: Grain) -> Iterator[tuple[SumKey, Change]]:
        """Rows of places together: of all whose number is the same."""
        for key, change in self._gathered(kind, self._of[kind], grain, numbers).items():
            if not change.empty:
                yield key, change

    def _gathered(
        self, kind: Kind, rows: dict[tuple[int, ...], Change], grain: Grain, numbers: Sequence[int | None]
    ) -> dict[tuple[int, ...], Change]:
        found: dict[tuple[int, ...], Change] = {}
        firsts: dict[int, int] = {}
        place = kind.day
        for key, change in rows.items():
            number = numbers[key[0]]
            if number is None:
                continue
            first = firsts.get(key[place])
            if first is None:
                first = firsts[key[place]] = first_of(grain, key[place])
            whole_key = (number, *key[1:place], first, *key[place + 1 :])
            whole = found.get(whole_key)
            if whole is None:
                found[whole_key] = Change(change.numbers, change.more[:], change.less[:])
                continue
            whole.numbers = tuple(map(add, whole.numbers, change.numbers))
            whole.more += change.more
            whole.less += change.less
        return found


_COMPLETED: Final = int(Closed.COMPLETED)
_TAKEN: Final = int(Measure.TAKEN)
_WORKING: Final = int(Measure.WORKING)
_MEASURES: Final = tuple(
    map(int, (Measure.WAITING, Measure.TAKEN, Measure.STOPPED, Measure.OUTSIDE, Measure.HANDED, Measure.SOJOURN,
              Measure.CALENDAR, Measure.WORKING))
)  # fmt: skip
"""In the order of `contributions.Times`."""
_ARRIVED: Final = (1, *(0 for _ in tables.STEP_NUMBERS[1:]))
_CANCELLED: Final = (0, 0, 1, *(0 for _ in tables.STEP_NUMBERS[3:]))
_STARTED: Final = (1, *(0 for _ in tables.CASE_NUMBERS[1:]))
_CASE_CANCELLED: Final = (0, 0, 1, *(0 for _ in tables.CASE_NUMBERS[3:]))


def _step_numbers(one: ClosedStep) -> tuple[int, ...]:
    """In the order of `tables.STEP_NUMBERS`."""
    if not one.done:
        return _CANCELLED
    times = one.times
    measured = times.working is not None
    return (
        0, 1, 0, one.timed, one.late, one.repeated, one.looped, one.same_day, one.received, int(measured),
        times.waiting, times.taken, times.stopped, times.outside, times.handed, times.sojourn, times.calendar,
        times.working or 0, times.sojourn if measured else 0,
    )  # fmt: skip


def _case_numbers(one: EndedCase) -> tuple[int, ...]:
    """In the order of `tables.CASE_NUMBERS`."""
    if one.cancelled:
        return _CASE_CANCELLED
    return (
        0, 1, 0, one.promised, one.promise_kept, one.lawful, one.law_kept, one.first_pass, one.same_day, one.repeated,
        one.steps, one.cycle, one.calendar,
    )  # fmt: skip
