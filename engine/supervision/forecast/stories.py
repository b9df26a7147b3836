"""A case as it is learned from: what happened in it, when by the measured clock and when by the wall clock. Pure."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import field

from engine.base.frozen import frozen


@frozen
class Event:
    """A step that the case arrived at. `at` is in days of whatever time is measured; `clock` in days of the wall clock.

    Days of the wall clock are counted since 1 January 1970 by the local time, so that its hour and weekday can be told.
    `counted`: by the clock of the periods, which stands where `at` goes on; the same where nothing ever stands.
    """

    activity: str
    at: float
    clock: float
    who: str = ""
    role: str = ""
    counted: float | None = None

    @property
    def by_periods(self) -> float:
        return self.at if self.counted is None else self.counted


@frozen
class Story:
    """`ended`: by the measured clock; None while it is open. Events stand in the order in which they happened.

    `dues`: when each of its periods is over, by the clock of the periods.
    """

    key: int
    events: tuple[Event, ...]
    ended: float | None
    attributes: Mapping[str, float | str] = field(default_factory=dict)
    ended_counted: float | None = None
    dues: Mapping[str, float] = field(default_factory=dict)
    counted_until: float | None = None  # of one that is open: how far its periods have come

    @property
    def begun(self) -> float:
        return self.events[0].at

    @property
    def ended_by_periods(self) -> float | None:
        return self.ended if self.ended_counted is None else self.ended_counted


@frozen
class Moment:
    """A story asked at one moment: after its first `count` events, `waited` later; `waited_counted` by its periods."""

    story: Story
    count: int
    waited: float = 0.0
    waited_counted: float | None = None

    @property
    def at(self) -> float:
        return self.story.events[self.count - 1].at + self.waited

    @property
    def by_periods(self) -> float:
        waited = self.waited if self.waited_counted is None else self.waited_counted
        return self.story.events[self.count - 1].by_periods + waited

    @property
    def step(self) -> str:
        return self.story.events[self.count - 1].activity

    @property
    def remaining(self) -> float | None:
        """Until it ended; None while nobody knows."""
        return None if self.story.ended is None else self.story.ended - self.at

    def known_remaining(self, until: float) -> float | None:
        """As it was known at an instant."""
        ended = self.story.ended
        return None if ended is None or ended > until else ended - self.at

    def left(self, kind: str) -> float | None:
        """Of a period; less than 0 where it is over. None where it has none."""
        due = self.story.dues.get(kind)
        return None if due is None else due - self.by_periods


def missed(story: Story, kind: str, until: float) -> bool | None:
    """Whether the case ended after its period was over. None where it was not certain at that instant.

    A case counts only once its period would have been over: else those that ended early would speak for all.
    """
    due = story.dues.get(kind)
    if due is None or story.begun + (due - story.events[0].by_periods) > until:
        return None
    if story.ended is not None and story.ended <= until:
        return (story.ended_by_periods or 0.0) > due
    return _certain(story)


def _certain(story: Story) -> bool | None:
    """While it is open the clock may have stood: only where nothing ever stood is it certain."""
    return True if all(event.counted is None for event in story.events) else None
