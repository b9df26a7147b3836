"""Where a task is at each instant, and for how long in all. Pure.

A task of a step is, from when it was opened until it was closed, in exactly one `Part` at each instant. `parts_of`
tells how much working time of its department it spent in each: they add up to its sojourn.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from datetime import datetime, timedelta
from enum import StrEnum
from itertools import pairwise

from engine.base.frozen import frozen
from engine.cases.rules import Change


class Part(StrEnum):
    """Where a task is at one instant. Whichever of them stands first here counts where two would."""

    STOPPED = "stopped"
    """The clock of its case stands, or the case rests."""
    OUTSIDE = "outside"
    """It waits for somebody outside the office, and nobody has begun to work on it."""
    HANDED = "handed"
    """Handed over to the department, which has not accepted it yet."""
    TAKEN = "taken"
    """Somebody has it."""
    WAITING = "waiting"
    """Nobody has taken it."""


@frozen
class Happened:
    """A change of a task: a row of `task_events`."""

    at: datetime
    change: Change
    external: bool


@frozen
class Parts:
    """How long a task was in each part. `working`: of what it was taken, what lay between a start or a resumption and
    the pause or the end after it; None where nobody ever pressed start, so that it cannot be measured.
    """

    waiting: timedelta
    taken: timedelta
    working: timedelta | None
    stopped: timedelta
    outside: timedelta
    handed: timedelta

    @property
    def sojourn(self) -> timedelta:
        return self.waiting + self.taken + self.stopped + self.outside + self.handed


Interval = tuple[datetime, datetime | None]
"""None: it goes on."""
Measure = Callable[[datetime, datetime], timedelta]
"""The working time between two instants, by the calendar of the task's department."""


def parts_of(
    events: Sequence[Happened],
    until: datetime,
    measure: Measure,
    *,
    stops: Iterable[Interval] = (),
    handed: Interval | None = None,
) -> Parts:
    """`events` in their order, from the first OFFERED; `until`: when it was closed, or now. `stops` may overlap."""
    since = events[0].at
    held = [(max(begin, since), until if end is None else min(end, until)) for begin, end in stops]
    transit = None if handed is None else (handed[0], until if handed[1] is None else handed[1])
    edges = {since, until}
    edges.update(one.at for one in events)
    edges.update(edge for stop in held for edge in stop)
    edges.update(transit or ())
    spent = dict.fromkeys(Part, timedelta(0))
    worked = timedelta(0)
    for begin, end in pairwise(sorted(edge for edge in edges if since <= edge <= until)):
        state = _state_at(events, begin)
        stopped = any(first <= begin < last for first, last in held)
        moving = transit is not None and transit[0] <= begin < transit[1]
        length = measure(begin, end)
        spent[_part(state, stopped, moving)] += length
        if state.at_work and not stopped:
            worked += length
    begun = any(one.change is Change.BEGUN for one in events)
    return Parts(
        spent[Part.WAITING], spent[Part.TAKEN], worked if begun else None, spent[Part.STOPPED], spent[Part.OUTSIDE],
        spent[Part.HANDED],
    )  # fmt: skip


def part_at(
    events: Sequence[Happened], instant: datetime, *, stops: Iterable[Interval] = (), handed: Interval | None = None
) -> Part:
    """Of a task that is open at that instant."""
    held = any(begin <= instant and (end is None or instant < end) for begin, end in stops)
    moving = handed is not None and handed[0] <= instant and (handed[1] is None or instant < handed[1])
    return _part(_state_at(events, instant), held, moving)


@frozen
class _State:
    taken: bool
    at_work: bool
    external: bool


def _state_at(events: Sequence[Happened], instant: datetime) -> _State:
    taken = at_work = external = False
    for one in events:
        if one.at > instant:
            break
        external = one.external
        if one.change in (Change.OFFERED, Change.RELEASED):
            taken = at_work = False
        elif one.change is Change.CLAIMED:
            taken, at_work = True, False
        elif one.change in (Change.BEGUN, Change.RESUMED):
            taken = at_work = True
        else:
            at_work = False
    return _State(taken, at_work, external)


def _part(state: _State, stopped: bool, moving: bool) -> Part:
    if stopped:
        return Part.STOPPED
    if state.at_work:
        return Part.TAKEN
    if state.external:
        return Part.OUTSIDE
    if moving:
        return Part.HANDED
    return Part.TAKEN if state.taken else Part.WAITING
