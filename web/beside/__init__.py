"""What stands beside a task or a case, on both pages. Each part says itself whether it has anything to show there."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Final

from engine.cases.reads import CasePage, TaskPage
from web.beside import (
    accountable,
    ahead,
    asked,
    cards,
    clock,
    declared,
    forecast,
    handing,
    moves,
    notes,
    order,
    papers,
    watched,
)
from web.beside.part import Part, Where

Shown = Callable[[CasePage, TaskPage | None], Part | None]

_PARTS: Final[tuple[Shown, ...]] = (
    moves.resting,
    order.part,
    accountable.part,
    clock.part,
    forecast.part,
    declared.stands_in,
    declared.part,
    cards.part,
    handing.part,
    papers.part,
    moves.part,
    asked.before,
    asked.part,
    ahead.part,
    notes.part,
    watched.part,
)
"""In the order they are shown."""


def of(case: CasePage, task: TaskPage | None = None) -> Mapping[Where, list[Part]]:
    """`task` where the page is that of one task."""
    found: dict[Where, list[Part]] = {"head": [], "main": [], "aside": []}
    for shown in _PARTS:
        part = shown(case, task)
        if part is not None:
            found[part.where].append(part)
    return found
