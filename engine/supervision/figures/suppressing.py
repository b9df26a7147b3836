"""Which groups of one whole stay hidden, so that none under five is told: neither shown nor found by subtraction. Pure.

A small one alone is what the whole leaves over, so others are hidden with it. An empty one tells of nobody and is shown.
"""

from __future__ import annotations

from collections.abc import Hashable, Mapping
from typing import Final, TypeVar

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
