"""The only door to SpiffWorkflow: a state goes in, a position comes out. No database, no clock.

Every move is a function of a model, a state and the moment it is made at. A model is never changed by it:
cases and threads share one. A move that is given a `trace` tells in it what it went through, and why.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any

from engine.diagram.position import Position, TroubleKind
from engine.diagram.run.lengths import Calendars, Counting
from engine.diagram.run.model import Model, model
from engine.diagram.run.moves import Game
from engine.diagram.run.moving import NOWHERE, Hindrance, Moved, Obstacle, calls_out, move, places
from engine.diagram.run.refusals import (
    CannotReturn,
    CannotRun,
    ChoiceNeeded,
    HasGoneOn,
    NothingWaits,
    StateDoesNotFit,
    StateUnreadable,
)
from engine.diagram.run.resting import broken_off, postpone, recount
from engine.diagram.run.retracing import Did, Done, Standing, can_finish, retrace, standing
from engine.diagram.run.returning import return_to, returnable
from engine.diagram.run.starting import Turn, first_turn, start_timers, turn_after, turn_counted
from engine.diagram.run.state import load, process_of, shape
from engine.diagram.run.taking_back import can_take_back, opened_by, remember, take_back, was_sent
from engine.diagram.run.trace import Trace
from engine.diagram.run.unlike import unlike

__all__ = [
    "NOWHERE",
    "Calendars",
    "CannotReturn",
    "CannotRun",
    "ChoiceNeeded",
    "Counting",
    "Did",
    "Done",
    "HasGoneOn",
    "Hindrance",
    "Model",
    "Moved",
    "NothingWaits",
    "Obstacle",
    "Standing",
    "StateDoesNotFit",
    "StateUnreadable",
    "Trace",
    "Turn",
    "begin",
    "broken_off",
    "calls_out",
    "can_finish",
    "can_take_back",
    "deliver",
    "fail",
    "finish",
    "fire",
    "first_turn",
    "model",
    "move",
    "opened_by",
    "places",
    "postpone",
    "process_of",
    "recount",
    "retrace",
    "retry",
    "return_to",
    "returnable",
    "shape",
    "standing",
    "start_timers",
    "take_back",
    "turn_after",
    "turn_counted",
    "unlike",
    "was_sent",
]


def begin(
    model: Model,
    answers: Mapping[str, Any],
    *,
    now: datetime,
    start: str | None = None,
    chosen: Mapping[str, Sequence[str]] | None = None,
    trace: Trace | None = None,
) -> Position:
    """At `start`, which so has come about; else at the start that waits for nothing, or the only one.

    Where there are several and each waits for something, the case waits for whichever comes first.
    """
    return Game.begin(model, answers, now, start, chosen, trace).position()


def finish(
    model: Model,
    state: bytes,
    token: str,
    answers: Mapping[str, Any],
    *,
    now: datetime,
    chosen: Mapping[str, Sequence[str]] | None = None,
    trace: Trace | None = None,
) -> Position:
    """A person's step is done, or a trouble was seen to by hand. `chosen`: flows by gateway.

    A choice may be made ahead for a gateway that the same move reaches. Raises NothingWaits, ChoiceNeeded.
    """
    game = Game(model, load(model, state, now), trace)
    game.finish(token, answers, now, chosen)
    remember(game.case, state, token)
    return game.position()


def fire(model: Model, state: bytes, token: str, *, now: datetime, trace: Trace | None = None) -> Position:
    """This timer goes off, and no other. A cycle that fell behind goes off once. Raises NothingWaits."""
    game = Game(model, load(model, state, now), trace)
    game.fire(token, now)
    return game.position()


def deliver(
    model: Model,
    state: bytes,
    token: str,
    payload: Mapping[str, Any],
    *,
    now: datetime,
    trace: Trace | None = None,
) -> Position:
    """The message, signal, condition or answer of a connector waited for has come. Raises NothingWaits."""
    game = Game(model, load(model, state, now), trace)
    game.deliver(token, payload, now)
    return game.position()


def fail(
    model: Model,
    state: bytes,
    token: str,
    *,
    now: datetime,
    kind: TroubleKind,
    facts: Mapping[str, str],
    trace: Trace | None = None,
) -> Position:
    """No answer of the connector will come that is of any use: the step is in trouble. Raises NothingWaits."""
    game = Game(model, load(model, state, now), trace)
    game.fail(token, kind, facts, now)
    return game.position()


def retry(
    model: Model,
    state: bytes,
    token: str,
    *,
    now: datetime,
    answers: Mapping[str, Any] | None = None,
    trace: Trace | None = None,
) -> Position:
    """What failed is tried again, with corrected answers where some are given. Raises NothingWaits."""
    game = Game(model, load(model, state, now), trace)
    game.retry(token, answers or {}, now)
    return game.position()
