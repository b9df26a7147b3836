"""Which groups of one whole stay hidden, so that none under five is told: neither shown nor found by subtraction. Pure.

`few` is how many hold each post whose work is hidden from whoever asks.

A small one alone is what the whole leaves over, so others are hidden with it. An empty one tells of nobody and is shown.
"""

from __future__ import annotations

from collections.abc import Collection, Hashable, Iterable, Mapping
from dataclasses import replace
from typing import Final, TypeVar

from engine.supervision.figures.rules import StepFigures
from engine.supervision.figures.spreads import Spread

LEAST: Final = 5
Name = TypeVar("Name", bound=Hashable)


def hidden_of(counts: Mapping[Name, int], least: int = LEAST) -> frozenset[Name]:
    """Groups of one whole, which is shown beside them: those that are not."""
    small = [name for name, count in counts.items() if 0 < count < least]
    hidden = set(small)
    rest = sorted((count, str(name), name) for name, count in counts.items() if count >= least)
    # Two ones add up to two in one way only.
    while hidden and rest and (len(hidden) < 2 or sum(counts[one] for one in hidden) == len(hidden)):
        hidden.add(rest.pop(0)[2])
    return frozenset(hidden)


def without_work(steps: Iterable[StepFigures], few: Mapping[int, int]) -> tuple[StepFigures, ...]:
    """What was worked at a step of few is as good as a person's."""
    return tuple(replace(one, working=Spread()) if one.post_id in few else one for one in steps)


def is_of_few(posts: Collection[int], few: Mapping[int, int], least: int = LEAST) -> bool:
    """What was worked at all of these posts together would tell of those few who hold them."""
    return bool(posts) and all(one in few for one in posts) and sum(few[one] for one in posts) < least


def work_is_of_few(steps: Iterable[StepFigures], few: Mapping[int, int]) -> bool:
    """All that was worked at these steps was worked by few."""
    return is_of_few({one.post_id for one in steps if one.working.n}, few)
