"""What is known of a case at a moment, as a row of numbers. Pure.

Words (steps, people, departments, attributes) become numbers by what came of them: the mean of what was still to come
when they were met, drawn towards the mean of all where they were met seldom. So a threshold parts the slow from the
quick, and a word never met before is a gap.
"""

from __future__ import annotations

import math
from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import field
from datetime import date
from typing import Final

from engine.base.frozen import frozen
from engine.supervision.forecast.days import Days
from engine.supervision.forecast.stories import Moment, Story

GAP: Final = math.nan
_BACK: Final = 4  # how many of the last steps are told one by one
_PULL: Final = 20.0
_MOST_STEPS: Final = 60
_MOST_WORDS: Final = 2_000
_EPOCH: Final = date(1970, 1, 1).toordinal()
_AHEAD: Final = (7, 14, 28)
_SEASONS_FROM: Final = 730.0
"""Days of history from which every season was met twice; before, the day of the year is but the trend."""


@frozen
class Vocabulary:
    """What training met: the steps that have columns of their own, and what each word is worth."""

    steps: tuple[str, ...]
    numbers: tuple[str, ...]  # attributes that are numbers
    words: tuple[str, ...]  # attributes that are words
    worth: Mapping[str, Mapping[str, float]] = field(default_factory=dict)  # by column, by word
    seasons: bool = False  # whether the day of the year may be learned from

    @property
    def columns(self) -> tuple[str, ...]:
        back = tuple(f"step {place}" for place in range(_BACK))
        who = ("who 0", "who 1", "role 0", "role 1")
        counts = tuple(f"times {one}" for one in self.steps)
        ages = tuple(f"since {one}" for one in self.steps)
        return (*back, *who, *counts, *ages, *_PLAIN, *self.numbers, *self.words)


_PLAIN: Final = (
    "steps", "kinds", "people", "elapsed", "waited", "gap 0", "gap 1", "gap 2", "hour", "weekday", "day of month",
    "days to month's end", "season", "hour of week", "hour of week before", "hour begun", "weekday begun", *(f"working days of {one}" for one in _AHEAD),
)  # fmt: skip


def learn(moments: Sequence[Moment], remaining: Sequence[float]) -> Vocabulary:
    """From training alone."""
    met = Counter(
        event.activity for story in {id(one.story): one.story for one in moments}.values() for event in story.events
    )
    steps = tuple(sorted(step for step, _ in met.most_common(_MOST_STEPS)))
    kinds: dict[str, bool] = {}
    for one in moments:
        for name, value in one.story.attributes.items():
            kinds[name] = kinds.get(name, True) and not isinstance(value, str)
    numbers = tuple(sorted(name for name, is_number in kinds.items() if is_number))
    words = tuple(sorted(name for name, is_number in kinds.items() if not is_number))
    targets = [math.log1p(24 * max(one, 0.0)) for one in remaining]
    mean = sum(targets) / len(targets) if targets else 0.0
    sums: dict[str, dict[str, list[float]]] = defaultdict(lambda: defaultdict(lambda: [0.0, 0.0]))
    for one, target in zip(moments, targets, strict=True):
        for column, word in _words(one, words):
            found = sums[column][word]
            found[0] += target
            found[1] += 1
    worth = {
        column: {
            word: round((total + _PULL * mean) / (count + _PULL), 6)
            for word, (total, count) in sorted(of.items(), key=lambda item: -item[1][1])[:_MOST_WORDS]
        }
        for column, of in sums.items()
    }
    clocks = [one.story.events[0].clock for one in moments]
    return Vocabulary(steps, numbers, words, worth, bool(clocks) and max(clocks) - min(clocks) >= _SEASONS_FROM)


def _words(one: Moment, attributes: Iterable[str]) -> Iterator[tuple[str, str]]:
    events, count = one.story.events, one.count
    for back in range(min(_BACK, count)):
        yield f"step {back}", events[count - 1 - back].activity
    for back in range(min(2, count)):
        yield f"who {back}", events[count - 1 - back].who
        yield f"role {back}", events[count - 1 - back].role
    for name in attributes:
        if name in one.story.attributes:
            yield name, str(one.story.attributes[name])


class Rows:
    """Makes rows by a vocabulary. Moments of one story are quickest one after the other, the earliest first."""

    def __init__(self, vocabulary: Vocabulary, days: Days) -> None:
        self._vocabulary = vocabulary
        self._place = {step: place for place, step in enumerate(vocabulary.steps)}
        self.days = days
        self._ahead: dict[int, tuple[float, ...]] = {}
        self._story: Story | None = None
        self._count = 0
        worth = vocabulary.worth
        self._steps = [worth.get(f"step {back}", {}) for back in range(_BACK)]
        self._who, self._roles = ([worth.get(f"{name} {back}", {}) for back in range(2)] for name in ("who", "role"))

    def row(self, one: Moment) -> list[float]:
        self._read_up_to(one.story, one.count)
        now, last, events = one.at, one.count - 1, one.story.events
        made = [
            worth.get(events[last - back].activity, GAP) if back <= last else GAP
            for back, worth in enumerate(self._steps)
        ]
        recent = events[last], events[last - 1] if last else None
        made += [
            GAP if event is None else worth.get(event.who, GAP) for event, worth in zip(recent, self._who, strict=True)
        ]
        made += [
            GAP if event is None else worth.get(event.role, GAP)
            for event, worth in zip(recent, self._roles, strict=True)
        ]
        made += self._times
        made += [GAP if at is None else now - at for at in self._last]
        made += self._plain(one, now)
        made += self._of_case
        return made

    def _read_up_to(self, story: Story, count: int) -> None:
        if story is not self._story or count < self._count:
            self._story, self._count = story, 0
            self._times = [0.0] * len(self._place)
            self._last: list[float | None] = [None] * len(self._place)
            self._kinds: set[str] = set()
            self._people: set[str] = set()
            self._of_case = self._attributes(story)
        for event in story.events[self._count : count]:
            place = self._place.get(event.activity)
            if place is not None:
                self._times[place] += 1
                self._last[place] = event.at
            self._kinds.add(event.activity)
            self._people.add(event.who)
        self._count = count

    def _attributes(self, story: Story) -> list[float]:
        known, of = self._vocabulary, story.attributes
        words = [known.worth.get(name, {}).get(str(of[name]), GAP) if name in of else GAP for name in known.words]
        return [*(_number(of.get(name)) for name in known.numbers), *words]

    def _plain(self, one: Moment, now: float) -> tuple[float, ...]:
        events, count = one.story.events, one.count
        last = events[count - 1]
        clock = last.clock + one.waited
        day = int(clock)
        local = date.fromordinal(day + _EPOCH)
        month = date(local.year + local.month // 12, local.month % 12 + 1, 1)
        gaps = [
            events[count - 1 - back].at - events[count - 2 - back].at if count - 2 - back >= 0 else GAP
            for back in range(3)
        ]
        begun = events[0].clock
        return (
            float(count), float(len(self._kinds)), float(len(self._people)), now - events[0].at, one.waited, *gaps,
            (clock - day) * 24, float(local.weekday()), float(local.day), float((month - local).days),
            (float(local.timetuple().tm_yday) if self._vocabulary.seasons else GAP), _hour_of_week(clock),
            _hour_of_week(events[count - 2].clock) if count > 1 else GAP, (begun - int(begun)) * 24,
            float((int(begun) + 3) % 7),
            *self._days_ahead(day),
        )  # fmt: skip

    def _days_ahead(self, day: int) -> tuple[float, ...]:
        """How many of the next days are worked."""
        found = self._ahead.get(day)
        if found is None:
            found = self._ahead[day] = tuple(float(self.days.worked_after(day, length)) for length in _AHEAD)
        return found


def _hour_of_week(clock: float) -> float:
    """What is done twice a week (payments, a committee) shows by neither the weekday nor the hour alone."""
    return (clock + 3) % 7 * 24


def _number(value: float | str | None) -> float:
    return GAP if value is None or isinstance(value, str) else float(value)
