"""Walks a diagram at random, as an office would: completes, answers, waits, delivers, and does by hand what fails."""

from __future__ import annotations

import random
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any, Protocol

from engine.diagram import run
from engine.diagram.position import Position, Question, Trouble, TroubleKind, Waiting, WaitKind

MORNING = datetime(2026, 11, 2, 9, tzinfo=UTC)
_VALUES: Sequence[Any] = (True, False, 0, 1, 3, 100, "yes", "no", ["one", "two"])


class Case(Protocol):
    """A case on which moves are made, however it is kept between them."""

    def finish(self, token: str, answers: Mapping[str, Any], now: datetime, chosen: Any) -> Position: ...
    def fire(self, token: str, now: datetime) -> Position: ...
    def deliver(self, token: str, payload: Mapping[str, Any], now: datetime) -> Position: ...


class Saved:
    """A case that is saved and loaded at every move, as the office keeps it."""

    def __init__(self, model: run.Model, now: datetime) -> None:
        self.model = model
        self.position = run.begin(model, {}, now=now)

    def finish(self, token: str, answers: Mapping[str, Any], now: datetime, chosen: Any) -> Position:
        self.position = run.finish(self.model, self.position.state, token, answers, now=now, chosen=chosen)
        return self.position

    def fire(self, token: str, now: datetime) -> Position:
        self.position = run.fire(self.model, self.position.state, token, now=now)
        return self.position

    def deliver(self, token: str, payload: Mapping[str, Any], now: datetime) -> Position:
        self.position = run.deliver(self.model, self.position.state, token, payload, now=now)
        return self.position


@dataclass
class Walk:
    """What a walk met. `steps` says what was done, at which element."""

    ended: bool = False
    why: str = ""
    steps: list[tuple[str, str]] = field(default_factory=list)
    passed: list[str] = field(default_factory=list)
    positions: list[Position] = field(default_factory=list)
    most_bytes: int = 0


class Walker:
    """The same seed takes the same walk, as long as the case tells the same."""

    def __init__(self, model: run.Model, seed: int, most: int = 300) -> None:
        self.model = model
        self.chance = random.Random(seed)
        self.most = most
        self.now = MORNING
        self.open: dict[str, Waiting] = {}
        self.stuck: dict[str, Trouble] = {}
        self.tried: dict[str, int] = {}

    def walk(self, case: Case, first: Position) -> Walk:
        found = Walk()
        position = first
        while True:
            self._take(position, found)
            if position.ended:
                found.ended = True
                return found
            if len(found.steps) == self.most:
                found.why = "not at an end after many moves"
                return found
            if not self.open and not self.stuck:
                found.why = "nothing waits and the case has not ended"
                return found
            position = self._move(case, found)

    def _take(self, position: Position, found: Walk) -> None:
        for token in position.closed:
            self.open.pop(token, None)
            self.stuck.pop(token, None)
        self.open.update({one.token: one for one in position.opened})
        self.stuck.update({one.token: one for one in position.troubles})
        found.positions.append(position)
        found.passed += position.passed
        found.most_bytes = max(found.most_bytes, len(position.state))

    def _move(self, case: Case, found: Walk) -> Position:
        people = [one for one in self.open.values() if one.kind is WaitKind.PERSON]
        others = [one for one in self.open.values() if one.kind is not WaitKind.PERSON]
        everything: list[Waiting | Trouble] = [*self.stuck.values()] or [*people]
        if not everything or (others and self.chance.random() < 0.2):
            everything = [*others] or everything
        one = self.chance.choice(sorted(everything, key=lambda any_of: int(any_of.token)))
        if isinstance(one, Trouble):
            found.steps.append((f"by hand: {one.kind}", one.element))
            return self._by_hand(case, one)
        found.steps.append((one.kind, one.element))
        if one.kind is WaitKind.TIMER:
            assert one.due is not None
            self.now = min(max(self.now, one.due), datetime(2999, 1, 1, tzinfo=UTC))
            return case.fire(one.token, self.now)
        if one.kind is WaitKind.PERSON:
            questions = self.model.questions.get((one.process, one.element), ())
            return case.finish(one.token, self._answers(), self.now, self._chosen(questions))
        return case.deliver(one.token, self._answers(), self.now)

    def _by_hand(self, case: Case, one: Trouble) -> Position:
        question = self.model.gateways.get((one.process, one.element))
        asked = one.kind in (TroubleKind.NO_WAY_OUT, TroubleKind.EXPRESSION) and question is not None
        chosen = self._chosen((question,)) if asked and question is not None else None
        return case.finish(one.token, self._answers(), self.now, chosen)

    def _answers(self) -> dict[str, Any]:
        return {
            name: self.chance.choice(_VALUES) for name in sorted(self.model.variables) if self.chance.random() < 0.7
        }

    def _chosen(self, questions: Sequence[Question]) -> dict[str, list[str]]:
        """Ways not taken yet rather than others, so that a walk comes to its end."""
        found = {}
        for question in questions:
            flows = [choice.flow for choice in question.choices]
            self.chance.shuffle(flows)
            flows.sort(key=lambda flow: self.tried.get(flow, 0))
            several = self.chance.randint(1, len(flows)) if question.several else 1
            found[question.gateway] = flows[:several]
            for flow in flows[:several]:
                self.tried[flow] = self.tried.get(flow, 0) + 1
        return found


def walk(model: run.Model, seed: int, most: int = 300) -> Walk:
    """A walk through a case that is saved and loaded at every move."""
    case = Saved(model, MORNING)
    return Walker(model, seed, most).walk(case, case.position)
