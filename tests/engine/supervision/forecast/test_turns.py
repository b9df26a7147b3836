"""What is known of lengths before a turn, by the measured clock and by that of the periods."""

from __future__ import annotations

import math

from engine.supervision.forecast.learning import History, visits
from engine.supervision.forecast.stories import Event, Story
from engine.supervision.forecast.turns import part, read_in
from tests.engine.supervision.forecast.histories import DAYS

KNOWN = 20.0


def story(key: int, ended: float | None, stood: float | None = None) -> Story:
    """One step, on day 5; the clock of its periods stood for some days before that."""
    events = (Event("review", 5.0, 5.0, counted=None if stood is None else 5.0 - stood),)
    return Story(key, events, ended, ended_counted=None if stood is None or ended is None else ended - stood - 1)


def test_of_what_is_open_it_is_known_for_how_long_it_was_seen() -> None:
    every = [story(1, 9.0), story(2, None), story(3, 30.0)]
    history = History(every, KNOWN, DAYS, visits, visits)

    found = part(every, history, KNOWN, read_in(every, history, KNOWN)[1])

    assert found.every.remaining[0] == 4.0
    assert all(math.isnan(one) for one in found.every.remaining[1:]), "what ended later was open"
    assert found.every.horizon.tolist() == [15.0] * 3
    assert found.counted is found.every


def test_by_the_clock_of_the_periods_what_is_open_and_ever_stood_is_not_certain() -> None:
    every = [story(1, 9.0, stood=2.0), story(2, None, stood=2.0), story(3, None)]
    history = History(every, KNOWN, DAYS, visits, visits)

    found = part(every, history, KNOWN, read_in(every, history, KNOWN)[1])

    assert found.every.remaining[0] == 4.0
    assert found.counted.remaining[0] == 3.0, "it stood for one more day"
    assert found.counted.horizon.tolist() == [15.0, -1.0, 15.0]
