"""What an event log consists of: traces of events. Values only."""

from __future__ import annotations

import itertools
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from enum import IntEnum
from typing import Final, NamedTuple

Fact = str | int | float | bool | datetime
"""What an attribute may be."""


class Lifecycle(IntEnum):
    """Of the standard transactional model of XES. Numbers are stored: never renumber."""

    SCHEDULE = 1
    START = 2
    COMPLETE = 3
    SUSPEND = 4
    RESUME = 5
    ASSIGN = 6
    WITHDRAW = 7
    """Ended without having been done: withdrawn or aborted."""
    OTHER = 9


WORDS: Final[Mapping[str, Lifecycle]] = {
    "schedule": Lifecycle.SCHEDULE,
    "start": Lifecycle.START,
    "complete": Lifecycle.COMPLETE,
    "suspend": Lifecycle.SUSPEND,
    "resume": Lifecycle.RESUME,
    "assign": Lifecycle.ASSIGN,
    "reassign": Lifecycle.ASSIGN,
    "withdraw": Lifecycle.WITHDRAW,
    "ate_abort": Lifecycle.WITHDRAW,
    "pi_abort": Lifecycle.WITHDRAW,
    "manualskip": Lifecycle.OTHER,
    "autoskip": Lifecycle.OTHER,
    "unknown": Lifecycle.OTHER,
}
"""As they stand in files, in small letters."""


class Event(NamedTuple):
    """`at` is aware and in UTC. `line` is where it stood in its file, 0 where it came from none."""

    activity: str
    at: datetime
    lifecycle: Lifecycle = Lifecycle.COMPLETE
    resource: str | None = None
    group: str | None = None
    instance: str | None = None
    cost: float | None = None
    line: int = 0
    facts: Mapping[str, Fact] = {}


@dataclass(slots=True)
class Trace:
    """One case: its events in the order of time; of the same time, in the order of the file."""

    case: str
    events: list[Event] = field(default_factory=list)
    facts: dict[str, Fact] = field(default_factory=dict)


class Step(NamedTuple):
    """Something that was done, out of the events that tell of it. `scheduled` and `started` None: not told."""

    activity: str
    at: datetime
    scheduled: datetime | None
    started: datetime | None
    resource: str | None
    group: str | None
    number: int  # of the event that ended it, within its trace


def steps_of(trace: Trace, *, every_event: bool = False) -> list[Step]:
    """One step for each completion; the starts of the same activity are used up in their order.

    `every_event`: of a log in which nothing is ever completed each event is a step by itself.
    """
    if every_event:
        return [
            Step(one.activity, one.at, None, None, one.resource, one.group, number)
            for number, one in enumerate(trace.events)
        ]
    found: list[Step] = []
    began: dict[tuple[str, str | None], list[datetime]] = {}
    offered: dict[tuple[str, str | None], list[datetime]] = {}
    for number, one in enumerate(trace.events):
        if one.lifecycle is Lifecycle.COMPLETE:
            key = (one.activity, one.instance)
            found.append(
                Step(one.activity, one.at, _first(offered, key), _begun(began, key), one.resource, one.group, number)
            )
        elif one.lifecycle is Lifecycle.START:
            began.setdefault((one.activity, one.instance), []).append(one.at)
        elif one.lifecycle is Lifecycle.SCHEDULE:
            offered.setdefault((one.activity, one.instance), []).append(one.at)
        elif one.lifecycle is Lifecycle.WITHDRAW:
            _first(offered, (one.activity, one.instance))
            _begun(began, (one.activity, one.instance))
    return found


def _first(of: dict[tuple[str, str | None], list[datetime]], key: tuple[str, str | None]) -> datetime | None:
    waiting = of.get(key)
    return waiting.pop(0) if waiting else None


def _begun(of: dict[tuple[str, str | None], list[datetime]], key: tuple[str, str | None]) -> datetime | None:
    """The first of those that are still open: taken up again after a pause it has begun once."""
    return _first(of, key)


def in_order(events: Iterable[Event]) -> tuple[list[Event], bool]:
    """By time, those of the same time as they were; and whether that changed anything."""
    given = list(events)
    late = any(one.at < before.at for before, one in itertools.pairwise(given))
    return (sorted(given, key=lambda one: one.at) if late else given), late
