"""What soundness says of diagrams drawn at random, beside everything that can happen when they are run.

`SOUNDNESS_SEEDS=0:2000` runs as many as one likes (make soundness).
"""

from __future__ import annotations

import os
from collections.abc import Mapping, Sequence

import pytest

from engine.diagram import run
from engine.diagram.run.moves import Game
from engine.diagram.shape import Diagram
from engine.diagram.soundness import Fault, FaultKind, How, Outcome, Turn, check
from tests.engine.diagram.soundness.drawing import Drawer
from tests.engine.diagram.soundness.walking import MORNING, Place, Walked, came_about, finished, placed, walked

FIRST, LAST = (int(part) for part in os.environ.get("SOUNDNESS_SEEDS", "0:60").split(":"))
MOST = int(os.environ.get("SOUNDNESS_STATES", "400"))
HANGS = (FaultKind.DEADLOCK, FaultKind.MUTUAL_WAIT)


def _walked(diagram: Diagram) -> Walked:
    try:
        return walked(diagram, MOST)
    except run.CannotRun:
        pytest.skip("it cannot be run")


@pytest.mark.parametrize("seed", range(FIRST, LAST))
def test_no_diagram_that_can_hang_is_called_sound_and_every_hang_told_is_one(seed: int) -> None:
    diagram = Drawer(seed).draw()
    engine = _walked(diagram)
    verdict = check(diagram, "p")
    if verdict.outcome is Outcome.SOUND:
        assert not (engine.whole and engine.hangs)
        assert not engine.round
    for fault in verdict.faults:
        if fault.kind is not FaultKind.DEAD_STEP:
            assert fault.turns, "a fault without a way to it"
        if fault.kind in HANGS and fault.process == "p" and engine.whole:
            place = _replayed(diagram, fault)
            # Where the engine itself has noticed the deadlock, nothing is left to be looked up.
            assert "deadlock" in repr(place.key) or engine.keys[place.key] in engine.hangs
    dead = [one.element for one in verdict.faults if one.kind is FaultKind.DEAD_STEP and one.process == "p"]
    assert not set(dead) & engine.passed


def _replayed(diagram: Diagram, fault: Fault) -> Place:
    """Each turn of the counterexample made on the engine."""
    model = run.model(diagram, process="p")
    first, *rest = fault.turns
    assert first.how is How.BEGINS
    plain: list[str | None] = [name for name, trigger in model.starts.items() if not trigger]
    begins_at = first.element if first.element in model.starts else (plain or [None])[0]
    game = Game.begin(model, {}, MORNING, begins_at, _chosen(first))
    came: Mapping[int, int] = {}
    open_now: dict[str, str] = {}
    repeated = {one.id for one in diagram.elements.values() if one.loop}
    for turn in rest:
        place = _noted(game, came, open_now)
        game, came = _move(model, place, turn, open_now)
        # A step that is done several times is one turn to whoever reads it.
        while turn.element in repeated and turn.element in _after(game, came, open_now):
            game, came = _move(model, placed(game, came), turn, open_now)
    return _noted(game, came, open_now)


def _noted(game: Game, came: Mapping[int, int], open_now: dict[str, str]) -> Place:
    position = game.position()
    for token in position.closed:
        open_now.pop(token, None)
    open_now.update({one.token: one.element for one in position.opened})
    open_now.update({one.token: one.element for one in position.troubles})
    return placed(game, came)


def _after(game: Game, came: Mapping[int, int], open_now: dict[str, str]) -> set[str]:
    _noted(game, came, open_now)
    return set(open_now.values())


def _chosen(turn: Turn) -> Mapping[str, Sequence[str]]:
    return {one.gateway: one.flows for one in turn.chosen}


def _move(model: run.Model, place: Place, turn: Turn, open_now: Mapping[str, str]) -> tuple[Game, Mapping[int, int]]:
    waiting = [int(token) for token, element in open_now.items() if element == turn.element]
    assert waiting, f"nothing waits at {turn.element} for {turn.how}: {open_now}"
    if turn.how in (How.DONE, How.CHOSEN):
        return finished(model, place, waiting[0], _chosen(turn))
    return came_about(model, place, waiting[0], "timer" if turn.how is How.TIMER else str(turn.how))
