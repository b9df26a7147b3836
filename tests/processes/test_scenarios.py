"""Every scenario that comes with a procedure, played on the engine."""

from __future__ import annotations

import pytest

from processes import Scenario, Shipped, shipped
from tests.processes.scenario import Played, contents, play

TOLD = [(procedure, scenario) for procedure in shipped() for scenario in procedure.scenarios]


@pytest.fixture(params=TOLD, ids=[f"{procedure.key}-{scenario.key}" for procedure, scenario in TOLD])
def told(request: pytest.FixtureRequest) -> tuple[Scenario, Played]:
    procedure: Shipped
    scenario: Scenario
    procedure, scenario = request.param
    return scenario, play(procedure, scenario)


def test_a_scenario_goes_the_way_it_tells(told: tuple[Scenario, Played]) -> None:
    scenario, played = told
    assert played.troubles == []
    assert played.after == [step.then for step in scenario.steps]
    assert played.ended == scenario.ended
    if scenario.way is not None:
        assert tuple(played.way) == scenario.way


def test_every_answer_of_a_scenario_passes_its_form(told: tuple[Scenario, Played]) -> None:
    _, played = told
    assert played.faults == {}


@pytest.mark.parametrize("procedure", shipped(), ids=lambda one: one.key)
def test_a_procedure_is_told_plainly_and_with_its_exceptions(procedure: Shipped) -> None:
    assert len(procedure.scenarios) >= 3
    moves = {step.move for scenario in procedure.scenarios for step in scenario.steps}
    assert "timer" in moves
    for scenario in procedure.scenarios:
        assert all(list(step.then) == sorted(step.then) for step in scenario.steps)


@pytest.mark.parametrize("procedure", shipped(), ids=lambda one: one.key)
def test_every_element_is_passed_in_some_scenario(procedure: Shipped) -> None:
    passed = {element for scenario in procedure.scenarios for element in play(procedure, scenario).way}
    assert passed == set(contents(procedure).diagram.elements)
