"""A case told beforehand: what is given, what is done, and what should come of it. Values only."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import field
from datetime import datetime
from enum import StrEnum
from typing import Any, TypeAlias

from engine.base.frozen import frozen

Answers: TypeAlias = Mapping[str, Any]
Chosen: TypeAlias = Mapping[str, tuple[str, ...]]


class Move(StrEnum):
    COMPLETE = "complete"  # a person completes a step, or chooses a way
    TIMER = "timer"  # a timer is due
    MESSAGE = "message"  # an awaited message comes
    SIGNAL = "signal"
    CONDITION = "condition"  # what a conditional event waits for has come about
    ANSWER = "answer"  # a connector has answered; what the case keeps of it is told
    RETRY = "retry"  # what is in trouble is tried again, with corrected answers
    BY_HAND = "by_hand"  # what is in trouble was done by hand


@frozen
class Beginning:
    """`then` and `trouble` as in a step; `then` is None where nothing is expected of the beginning."""

    answers: Answers = field(default_factory=dict)
    chosen: Chosen = field(default_factory=dict)
    at: str | None = None  # the start event, where it is not the plain one
    then: tuple[str, ...] | None = None
    trouble: tuple[str, ...] = ()


@frozen
class ScenarioStep:
    """One move, and what should come of it: the elements that wait after it and those in trouble, both sorted."""

    move: Move
    element: str
    answers: Answers = field(default_factory=dict)
    chosen: Chosen = field(default_factory=dict)
    then: tuple[str, ...] = ()
    trouble: tuple[str, ...] = ()
    item: str | None = None  # which of several


@frozen
class Scenario:
    """`way` is every element passed, in order; None: not told. `begun`: the moment it begins; None: any."""

    name: str
    start: Beginning
    steps: tuple[ScenarioStep, ...]
    ended: bool
    way: tuple[str, ...] | None = None
    begun: datetime | None = None
