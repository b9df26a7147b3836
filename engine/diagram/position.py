"""Where a case stands: what a move of the token opened, closed, sent and passed. Values only."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import field
from datetime import datetime
from enum import StrEnum
from typing import Any

from engine.base.frozen import frozen


class WaitKind(StrEnum):
    PERSON = "person"  # a step somebody completes, or a choice somebody makes
    TIMER = "timer"
    MESSAGE = "message"
    SIGNAL = "signal"
    CONDITION = "condition"  # a conditional event: looked at again after each move
    CALL = "call"  # a connector is to do it and to answer


@frozen
class Waiting:
    """One thing the case waits for. `token` names it, through saving and loading, until it is over.

    `element` is the id in the diagram as uploaded, in process `process` (which is another than the
    case's own inside a call activity). Where a person is asked which way a gateway goes and no step
    stands directly before it, `element` is the gateway's id.
    """

    token: str
    kind: WaitKind
    process: str
    element: str
    due: datetime | None = None  # TIMER: UTC
    name: str | None = None  # MESSAGE, SIGNAL: its name; CALL: the connector's code
    item: str | None = None  # which of several, for a multi-instance step: "2" or the item's text
    correlation: str | None = None  # MESSAGE: by what one from elsewhere finds it
    given: Mapping[str, Any] = field(default_factory=dict)  # CALL: what the connector is to be given
    value: str | None = None  # TIMER: the length, repetition or date it was set by, as an expression gave it
    since: datetime | None = None  # TIMER that counts working time: from when


class TroubleKind(StrEnum):
    EXPRESSION = "expression"  # facts: expression, why
    NO_WAY_OUT = "no way out"  # a gateway none of whose conditions holds
    SERVICE = "service"  # nothing does this step, or its connector could not. facts: what; connector, why
    UNDO = "undo"  # what was done is to be undone by a person. facts: steps
    DECISION = "decision"  # the table is missing, or gave no single answer. facts: decision, why
    SCRIPT = "script"  # facts: script, why
    TIMER = "timer"  # facts: expression, why
    BUDGET = "budget"  # more automatic steps than one move may make. facts: steps
    ERROR = "error"  # a BPMN error nobody catches. facts: name
    DEADLOCK = "deadlock"  # the case has not ended and waits for nothing


@frozen
class Trouble:
    """Something that cannot go on by itself. `token` is closed by `retry`, or by `finish` (done by hand)."""

    token: str
    kind: TroubleKind
    process: str
    element: str
    facts: Mapping[str, str] = field(default_factory=dict)


@frozen
class Sent:
    """A message or signal the case sent in this move."""

    element: str
    kind: str  # message or signal
    name: str
    payload: Mapping[str, Any] = field(default_factory=dict)
    correlation: str | None = None  # by what it finds the case that awaits it, wherever that is


@frozen
class Position:
    """The outcome of one move. `state` is opaque; everything else is what changed since the state before."""

    state: bytes
    opened: tuple[Waiting, ...]
    closed: tuple[str, ...]  # tokens of waits and troubles that are over
    troubles: tuple[Trouble, ...]  # new ones
    sent: tuple[Sent, ...]
    passed: tuple[str, ...]  # ids of elements the token left in this move, in order
    ended: bool
    missed: int = 0  # turns of a cycle that were past already when it went off


@frozen
class Choice:
    """One way out of a gateway that a person chooses."""

    flow: str
    name: str | None


@frozen
class Question:
    """A gateway whose conditions a person answers. `several`: more than one way may be chosen (inclusive)."""

    gateway: str
    name: str | None
    several: bool
    choices: tuple[Choice, ...]
