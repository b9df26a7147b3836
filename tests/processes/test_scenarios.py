"""Every scenario that comes with a procedure, played on the engine."""

from __future__ import annotations

import pytest

from engine.diagram import trial
from engine.diagram.trial import Scenario
from processes import Shipped, shipped
from tests.processes.scenario import ground, play, told

TOLD = [(procedure, key, scenario) for procedure in shipped() for key, scenario in told(procedure).items()]


@pytest.mark.parametrize(
    ("procedure", "scenario"),
    [(procedure, scenario) for procedure, _key, scenario in TOLD],
    ids=[f"{procedure.key}-{key}" for procedure, key, _scenario in TOLD],
)
def test_a_scenario_goes_the_way_it_tells(procedure: Shipped, scenario: Scenario) -> None:
    """Every answer passes its form, nothing is in trouble, and the case waits where it should after each step."""
    played = play(procedure, scenario)
    assert [(one.step, one.said.en) for one in played.differences] == []
    assert played.made == len(scenario.steps)
    assert played.standing is not None
    assert [moment.trouble for moment in played.standing.moments if moment.trouble] == []


@pytest.mark.parametrize("procedure", shipped(), ids=lambda one: one.key)
def test_a_procedure_is_told_plainly_and_with_its_exceptions(procedure: Shipped) -> None:
    assert len(procedure.scenarios) >= 3
    moves = {step.move for scenario in told(procedure).values() for step in scenario.steps}
    assert "timer" in moves
    for scenario in told(procedure).values():
        assert all(list(step.then) == sorted(step.then) for step in scenario.steps)


@pytest.mark.parametrize("procedure", shipped(), ids=lambda one: one.key)
def test_every_step_and_flow_is_passed_in_some_scenario(procedure: Shipped) -> None:
    covered = trial.coverage(ground(procedure))
    for scenario in told(procedure).values():
        standing = play(procedure, scenario).standing
        assert standing is not None
        covered |= trial.coverage(ground(procedure), standing.moments)
    assert covered.missed_steps == ()
    assert covered.missed_flows == ()


@pytest.mark.parametrize("procedure", shipped(), ids=lambda one: one.key)
def test_a_scenario_is_the_same_once_written_and_read_again(procedure: Shipped) -> None:
    for scenario in told(procedure).values():
        assert trial.read(trial.write(scenario)) == scenario
