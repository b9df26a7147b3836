"""Made histories: how long a case takes is known, so what is learned of it can be judged."""

from __future__ import annotations

import random
from collections.abc import Callable

from engine.supervision.forecast.days import days
from engine.supervision.forecast.learning import History, asked_now_and_then, visits
from engine.supervision.forecast.stories import Event, Story

DAYS = days(0, 400, lambda day: day % 7 < 5)
EVERY_DAY = 0.5
"""Of one case to the next, in days."""


def made(number: int, long: Callable[[float, random.Random], float], *, due: float | None = None) -> list[Story]:
    """Cases that come to `check` at once and to `review` a day later, then take as long as `long` says by their amount."""
    dice = random.Random(11)
    found = []
    for key in range(number):
        begun = key * EVERY_DAY
        amount = dice.choice([1.0, 2.0, 8.0, 9.0])
        checked = begun + dice.uniform(0.8, 1.2)
        events = (Event("check", begun, begun, "post 1"), Event("review", checked, checked, "post 2"))
        dues = {} if due is None else {"promise": begun + due}
        found.append(Story(key, events, checked + long(amount, dice), {"amount": amount}, dues=dues))
    return found


def known_now(stories: list[Story], until: float) -> History:
    """Those that ended later are open."""
    known = [
        Story(
            one.key, tuple(event for event in one.events if event.at <= until),
            one.ended if one.ended is not None and one.ended <= until else None, one.attributes, dues=one.dues,
        )
        for one in stories
        if one.begun <= until
    ]  # fmt: skip
    return History(known, until, DAYS, visits, asked_now_and_then)
