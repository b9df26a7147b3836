"""The `[demo]` tables: whatever a simulation draws from them, its cases pass every form and come to an end."""

from __future__ import annotations

import random
from datetime import date

import pytest

from engine.diagram import forms, trial
from engine.diagram.forms import Form
from engine.diagram.kinds import HUMAN
from engine.diagram.position import Waiting, WaitKind
from engine.diagram.trial import Beginning, Move, ScenarioStep
from engine.diagram.trial.replay import BEGUN
from processes import Outcome, Shipped, shipped
from processes.answers import start_answers, step_answers
from processes.shape import Matter
from tests.processes.scenario import contents, faults, ground, start

TODAY = date(2026, 11, 20)
CASES = 150
MOST_MOVES = 60

each_procedure = pytest.mark.parametrize("procedure", shipped(), ids=lambda one: one.key)


def human_steps(procedure: Shipped) -> list[str]:
    return [one.id for one in contents(procedure).diagram.elements.values() if one.kind in HUMAN]


def forms_of(procedure: Shipped) -> dict[str, Form]:
    held = contents(procedure)
    return dict(forms.forms_of(held.diagram, held.attachments))


@each_procedure
def test_the_demo_has_applicants_matters_and_a_pace_for_every_step(procedure: Shipped) -> None:
    demo, diagram = procedure.demo, contents(procedure).diagram
    least = 12 if procedure.start_form else 1  # what begins by itself is about one thing
    assert len(demo.applicants) >= least
    assert len(demo.matters) >= least
    assert set(demo.paces) == set(human_steps(procedure))
    awaited = {one.id for one in diagram.elements.values() if one.event == "message"}
    assert set(demo.messages) == awaited
    timers = [one for one in diagram.elements.values() if one.event == "timer" and one.interrupting]
    timed = {one.attached_to for one in timers if one.attached_to}
    assert {step for step, pace in demo.paces.items() if pace.unanswered} == timed
    for pace in demo.paces.values():
        assert pace.work > 0
        assert all(one.weight > 0 and one.again > 0 for one in pace.outcomes)


@each_procedure
def test_what_a_demo_applicant_hands_in_passes_the_start_form(procedure: Shipped) -> None:
    if not procedure.start_form:
        return
    form = forms_of(procedure)[start(contents(procedure))]
    for applicant in procedure.demo.applicants:
        for matter in procedure.demo.matters:
            told = start_answers(applicant, matter, day=TODAY, number=7)
            assert faults(form, told, {}) == {}, matter.name_en


@each_procedure
def test_every_outcome_of_the_demo_passes_its_form_with_every_matter(procedure: Shipped) -> None:
    by_element = forms_of(procedure)
    for matter in procedure.demo.matters:
        begun = start_answers(procedure.demo.applicants[0], matter, day=TODAY, number=7)
        known = {**begun, "amount_supported": 100000, "amount_approved": 100000}
        for element, pace in procedure.demo.paces.items():
            for outcome in pace.outcomes:
                told = step_answers(element, outcome, matter, day=TODAY, number=7, known=known)
                assert faults(by_element[element], told, known) == {}, (element, told)


@each_procedure
def test_the_demo_chooses_only_ways_that_are_drawn(procedure: Shipped) -> None:
    flows = contents(procedure).diagram.flows
    for pace in procedure.demo.paces.values():
        for outcome in pace.outcomes:
            for gateway, chosen in outcome.chosen.items():
                assert {flows[flow].source for flow in chosen} == {gateway}


class Walk:
    """A case drawn by chance from the demo table."""

    def __init__(self, procedure: Shipped, chance: random.Random) -> None:
        self.procedure, self.chance = procedure, chance
        self.seen: set[str] = set()
        self.matter: Matter = chance.choice(procedure.demo.matters)
        applicant = chance.choice(procedure.demo.applicants)
        told = start_answers(applicant, self.matter, day=TODAY, number=7)
        self.standing = trial.begin(ground(procedure), Beginning(answers=told), at=BEGUN)

    def outcome(self, element: str) -> Outcome:
        outcomes = self.procedure.demo.paces[element].outcomes
        weights = [one.again if element in self.seen else one.weight for one in outcomes]
        self.seen.add(element)
        return self.chance.choices(outcomes, weights)[0]

    def move(self) -> None:
        waiting = [one.wait for one in self.standing.waiting]
        step = self.step(self.chance.choice([one for one in waiting if one.kind is not WaitKind.TIMER]), waiting)
        self.standing = trial.go(ground(self.procedure), self.standing, step)

    def step(self, one: Waiting, waiting: list[Waiting]) -> ScenarioStep:
        demo = self.procedure.demo
        if one.kind is WaitKind.MESSAGE:
            return ScenarioStep(Move.MESSAGE, one.element, demo.messages[one.element].payload)
        if self.chance.random() * 100 < demo.paces[one.element].unanswered:
            return ScenarioStep(Move.TIMER, next(each.element for each in waiting if each.kind is WaitKind.TIMER))
        drawn = self.outcome(one.element)
        told = step_answers(one.element, drawn, self.matter, day=TODAY, number=7, known=self.standing.known)
        return ScenarioStep(Move.COMPLETE, one.element, told, drawn.chosen)


@each_procedure
def test_cases_drawn_by_chance_end_without_trouble_and_reach_every_end(procedure: Shipped) -> None:
    chance = random.Random(2026)
    ways: set[str] = set()
    for _ in range(CASES):
        walk = Walk(procedure, chance)
        for _ in range(MOST_MOVES):
            if walk.standing.ended:
                break
            walk.move()
        assert walk.standing.ended
        assert [moment.trouble for moment in walk.standing.moments if moment.trouble] == []
        ways |= {element for moment in walk.standing.moments for element in moment.passed}
    ends = {one.id for one in contents(procedure).diagram.elements.values() if one.kind == "endEvent"}
    # Nobody is ever late in these walks, so nobody is urged.
    assert ends - ways <= {"end_urged"}
