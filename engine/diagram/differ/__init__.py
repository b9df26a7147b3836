"""What is different between two editions of a procedure, in words and by the places on the diagram. Pure."""

from __future__ import annotations

from collections.abc import Iterator

from engine.diagram.differ import forms, steps, tables, ways
from engine.diagram.differ.matching import Pairs, pairs
from engine.diagram.differ.sides import Change, Difference, Group, Side, side

__all__ = ["Change", "Difference", "Group", "Pairs", "Side", "differences", "pairs", "side"]


def differences(old: Side, new: Side) -> tuple[Difference, ...]:
    """What matters to people first: who does what, which way a case goes, by when; names and notes last."""
    matched = pairs(old, new)
    found = list(_all(old, new, matched))
    order = list(Group)
    return tuple(sorted(found, key=lambda one: order.index(one.group)))


def _all(old: Side, new: Side, matched: Pairs) -> Iterator[Difference]:
    yield from steps.differences(old, new, matched)
    yield from ways.differences(old, new, matched)
    yield from forms.differences(old, new, matched)
    yield from tables.differences(old, new)
