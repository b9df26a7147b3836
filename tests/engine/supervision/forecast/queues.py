"""Made offices with a queue, asked at the beginning of each week: what is reckoned of open cases, what is told, and what came."""

from __future__ import annotations

import random
from collections.abc import Callable, Iterator
from dataclasses import replace
from datetime import date, timedelta

from engine.base.frozen import frozen
from engine.supervision.forecast.learning import survival_lengths
from engine.supervision.forecast.model import Forecast, Model, survival_of
from engine.supervision.forecast.stories import Event, Moment, Story
from engine.supervision.forecast.stretching import LEARNED_OVER, Foretold, both_ways, stretch
from tests.engine.supervision.forecast.histories import known_now

WEEK = 5.0
"""In working days."""
_FIRST = date(2026, 1, 5)


@frozen
class Asked:
    """`times`: so many times as long as foretold cases of the weeks before took; `came` and `late`: as it ended."""

    times: float
    reckoned: Forecast
    told: Forecast
    came: float
    late: bool


def first_come_first_served(a_day: Callable[[float], float], done_a_day: float, *, weeks: int = 40) -> list[Story]:
    """Each case is checked within a day and waits until all before it are decided; promised within eight days."""
    dice = random.Random(4)
    found: list[Story] = []
    begun = free = 0.0
    while begun < weeks * WEEK:
        begun += dice.expovariate(a_day(begun))
        checked = begun + dice.uniform(0.3, 0.7)
        free = max(free, checked) + dice.gammavariate(2, 0.5 / done_a_day)
        events = (Event("check", begun, begun), Event("decide", checked, checked))
        found.append(Story(len(found), events, free, dues={"promise": begun + 8.0}))
    return found


def each_on_its_own(a_day: float, *, weeks: int = 40) -> list[Story]:
    """Nobody waits for anybody: cases always take as long, some longer than others."""
    dice = random.Random(4)
    found: list[Story] = []
    begun = 0.0
    while begun < weeks * WEEK:
        begun += dice.expovariate(a_day)
        checked = begun + dice.uniform(0.3, 0.7)
        events = (Event("check", begun, begun), Event("decide", checked, checked))
        found.append(Story(len(found), events, checked + dice.lognormvariate(1.5, 0.5), dues={"promise": begun + 8.0}))
    return found


def asked_weekly(stories: list[Story], *, weeks: int = 40) -> Iterator[list[Asked]]:
    """By the weeks, each told by what was known when it began."""
    ended = {one.key: one.ended or 0.0 for one in stories}
    before: list[tuple[float, Foretold]] = []
    for number in range(1, weeks):
        now, week = number * WEEK, _FIRST + number * timedelta(days=7)
        history = known_now(stories, now)
        if sum(one.ended is not None for one in history.stories) < 20:
            continue
        times = stretch(
            [
                replace(one, seen=min(now, ended[one.case_id]) - at, ended=ended[one.case_id] <= now)
                for at, one in before
                if at >= now - LEARNED_OVER * WEEK
            ]
        )
        model = Model(survival_of(survival_lengths(history)))
        asked = []
        for story in history.stories:
            moment = Moment(story, len(story.events), now - story.events[-1].at)
            said = model.says(moment) if story.ended is None else None
            if said is None:
                continue
            told, came = both_ways(model, moment, None, said, times), ended[story.key] - now
            asked.append(Asked(times, said, told, came, ended[story.key] > story.dues["promise"]))
            before.append((now, Foretold(story.key, week, said.low, said.middle, said.high, 0.0, ended=False)))
        yield asked
