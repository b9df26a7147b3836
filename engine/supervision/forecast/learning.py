"""Learns a procedure from its own history: survival first, trees where they were better on what they had not seen. Pure.

Everything is chosen on validation: the cases that began last, of what is known now. What training may know ends when
the first of them began, so that nothing of their time is seen before it came.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from typing import Any, Final

from engine.base.frozen import frozen
from engine.supervision.forecast.days import Days
from engine.supervision.forecast.stories import Moment, Story
from engine.supervision.forecast.survival import lengths_by_step

FEWEST_FOR_TREES: Final = 200
"""From fewer ended cases no trees are grown."""
MOST_LENGTHS: Final = 20_000
"""Of one step so many are kept at most, of all times alike: of the latest hardly any but the short ones have ended."""
_ASKED_AFTER: Final = (0.0, 0.3, 1.0, 2.5, 5.0)
"""Days of 24 hours that were worked: a third of one is a working day."""

Moments = Callable[[Story], Iterator[Moment]]


@frozen
class History:
    """`days`: from before the first event until long after the last. `until`: now, by the measured clock.

    `hindsight`: training may know how cases ended that were open when validation began, as some published figures do.
    """

    stories: Sequence[Story]
    until: float
    days: Days
    visits: Moments
    moments: Moments
    hindsight: bool = False


def visits(story: Story) -> Iterator[Moment]:
    """Each arrival at a step."""
    return (Moment(story, count) for count in range(1, len(story.events) + 1))


def asked_now_and_then(story: Story) -> Iterator[Moment]:
    """Each arrival, and some days later while the case still stood there: so it is asked, too."""
    for count, event in enumerate(story.events, start=1):
        following = story.events[count].at if count < len(story.events) else story.ended
        for waited in _ASKED_AFTER:
            if waited == 0.0 or (following is not None and event.at + waited < following):
                yield Moment(story, count, waited)


def survival_lengths(history: History) -> dict[str, Any]:
    """What curves are drawn from, as it is kept."""
    every = [one for story in history.stories for one in history.visits(story)]
    every.sort(key=lambda one: one.at)
    found: dict[str, Any] = {
        "steps": {step: _some(one) for step, one in lengths_by_step(every, history.until).items()},
        "whole": _whole(history, counted=False),
    }
    if any(story.events[0].counted is not None for story in history.stories):
        counted = lengths_by_step(every, history.until, counted=True)
        found["counted"] = {step: _some(one) for step, one in counted.items()}
        found["whole_counted"] = _whole(history, counted=True)
    return found


def _some(lengths: list[tuple[float, bool]]) -> list[tuple[float, bool]]:
    return lengths[:: -(-len(lengths) // MOST_LENGTHS) or 1]


def _whole(history: History, *, counted: bool) -> list[tuple[float, bool]]:
    begun = (Moment(story, 1) for story in sorted(history.stories, key=lambda one: one.begun))
    every = lengths_by_step(begun, history.until, counted=counted)
    return _some([length for lengths in every.values() for length in lengths])
