"""Plays a scenario that comes with the product, as the office would: forms filled in, then the engine's moves."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import Any

from engine.diagram import forms, run
from engine.diagram.position import Position, Waiting, WaitKind
from engine.procedures.editions import Contents, contents_of
from processes import DIAGRAM
from processes.shape import Move, Scenario, ScenarioStep, Shipped

BEGUN = datetime(2026, 5, 4, 1, 0, tzinfo=UTC)
_WAITS = {Move.COMPLETE: WaitKind.PERSON, Move.TIMER: WaitKind.TIMER, Move.MESSAGE: WaitKind.MESSAGE}


def contents(procedure: Shipped) -> Contents:
    return contents_of(DIAGRAM, procedure.diagram, tuple(sorted(procedure.attachments.items())))


def process(held: Contents) -> str:
    (only,) = (one.id for one in held.diagram.processes.values() if one.has_content)
    return only


def start(held: Contents) -> str:
    (only,) = (
        one.id for one in held.diagram.elements.values() if one.kind == "startEvent" and one.scope == one.process
    )
    return only


def submitted(answers: Mapping[str, Any]) -> dict[str, Sequence[str]]:
    """As a browser sends it: strings, several for a list, nothing for a box that is not ticked."""
    return {key: _strings(value) for key, value in answers.items() if value is not False}


def _strings(value: Any) -> list[str]:
    if isinstance(value, list):
        return [str(one) for one in value]
    return ["true" if value is True else str(value)]


def faults(form: forms.Form, answers: Mapping[str, Any], known: Mapping[str, Any]) -> dict[str, str]:
    """Why the form would come back to the person: its errors, and answers to questions it does not ask."""
    filled = forms.fill(form, submitted(answers), known)
    found = {key: text.say("en") for key, text in filled.errors.items()}
    asked = {one.key for one in forms.every_field(form.fields)}
    return found | {key: "is not asked for" for key in answers if key not in asked}


@dataclass
class Played:
    """`after` is what waited after each step; `faults` are by element."""

    after: list[tuple[str, ...]] = field(default_factory=list)
    way: list[str] = field(default_factory=list)
    faults: dict[str, dict[str, str]] = field(default_factory=dict)
    troubles: list[str] = field(default_factory=list)
    ended: bool = False


class Case:
    """One run of a procedure, without a database."""

    def __init__(self, procedure: Shipped) -> None:
        self.held = contents(procedure)
        self.forms = forms.forms_of(self.held.diagram, self.held.attachments)
        self.model = run.model(self.held.diagram, process=process(self.held), decisions=self.held.decisions)
        self.known: dict[str, Any] = {}
        self.waiting: dict[str, Waiting] = {}
        self.state = b""
        self.now = BEGUN
        self.played = Played()

    def answered(self, element: str, answers: Mapping[str, Any]) -> dict[str, Any]:
        form = self.forms.get(element)
        if form is None:
            found, values = {key: "has no form" for key in answers}, {}
        else:
            found = faults(form, answers, self.known)
            values = dict(forms.fill(form, submitted(answers), self.known).values)
        if found:
            self.played.faults[element] = found
        self.known |= values
        return values

    def stand(self, position: Position) -> None:
        self.state = position.state
        for token in position.closed:
            self.waiting.pop(token, None)
        self.waiting |= {one.token: one for one in position.opened}
        self.played.way += position.passed
        self.played.troubles += [f"{one.element}: {one.kind} {dict(one.facts)}" for one in position.troubles]
        self.played.ended = position.ended

    def move(self, step: ScenarioStep) -> Position:
        found = [one for one in self.waiting.values() if one.element == step.element and one.kind is _WAITS[step.move]]
        assert found, f"{step.element} does not wait: {sorted(one.element for one in self.waiting.values())}"
        one = found[0]
        if step.move is Move.TIMER:
            assert one.due is not None
            self.now = max(self.now, one.due)
            return run.fire(self.model, self.state, one.token, now=self.now)
        self.now += timedelta(minutes=30)
        if step.move is Move.MESSAGE:
            return run.deliver(self.model, self.state, one.token, dict(step.answers), now=self.now)
        answers = self.answered(step.element, step.answers)
        return run.finish(self.model, self.state, one.token, answers, now=self.now, chosen=step.chosen)


def play(procedure: Shipped, scenario: Scenario) -> Played:
    """Stops where something is in trouble: what comes after would say nothing."""
    case = Case(procedure)
    first = case.answered(start(case.held), scenario.start)
    case.stand(run.begin(case.model, first, now=case.now))
    for step in scenario.steps:
        if case.played.troubles:
            break
        case.stand(case.move(step))
        case.played.after.append(tuple(sorted(one.element for one in case.waiting.values())))
    return case.played
