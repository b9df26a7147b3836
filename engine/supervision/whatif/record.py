"""What an office did, as numbers: what is learned from. Instants are milliseconds since 1970, days ordinals. Pure."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import field
from enum import IntEnum
from typing import Final

from engine.base.frozen import frozen
from engine.worktime.quick import Worked

DAY_MS: Final = 86_400_000
HOUR_MS: Final = 3_600_000

Place = tuple[int, str, int]
"""Procedure, element, post: where work waits."""


class Order(IntEnum):
    """In which order whoever is free takes what waits. Numbers are stored: never renumber."""

    FIRST = 1
    DUE = 2
    NEWEST = 3


def key_of(order: Order, opened: int, due: int | None) -> tuple[int, int]:
    """What is taken first has the least."""
    if order is Order.NEWEST:
        return (-opened, 0)
    if order is Order.DUE:
        return (due if due is not None else 1 << 60, opened)
    return (opened, 0)


@frozen
class Done:
    """A task of a step. Lengths are working time of its department."""

    case: int
    number: int
    place: Place
    department: int
    person: int | None
    opened: int
    claimed: int | None
    closed: int | None
    due: int | None
    served: bool  # somebody of the office took it, or may; else it waited for somebody outside, or was withdrawn
    waited: int = 0
    taken: int = 0
    worked: int | None = None  # None: nobody pressed start
    stopped: int = 0


@frozen
class Case:
    id: int
    procedure: int
    began: int
    ended: int | None
    cancelled: bool = False
    promise: int | None = None  # from its begin until the promise was over
    tail: int = 0  # from when the promise was kept until its end
    late: bool | None = None


@frozen
class Held:
    person: int
    post: int
    since: int
    until: int | None  # the last day

    def on(self, day: int) -> bool:
        return self.since <= day and (self.until is None or day <= self.until)


@frozen
class Away:
    person: int
    since: int
    until: int
    posts: frozenset[int] = frozenset()  # none: every post


@frozen
class Record:
    """`lines` of each department; `midnights` from the first day on, so that an instant tells its day."""

    cases: Mapping[int, Case]
    tasks: Mapping[int, Sequence[Done]]  # by case, in the order they were opened
    held: Sequence[Held]
    away: Sequence[Away]
    lines: Mapping[int, Worked]
    day_length: Mapping[int, int]  # milliseconds of a usual working day of each department
    first_day: int
    midnights: Sequence[int]
    works: Sequence[bool] = field(default_factory=tuple)  # the office, on each of those days
