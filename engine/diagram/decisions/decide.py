"""Asking a decision."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Any, Final

from engine.base.errors import Refusal
from engine.base.frozen import frozen
from engine.diagram.decisions.model import Decision, Decisions, Input, Knowledge, Requirements, Service
from engine.diagram.decisions.refusals import IN_A_CIRCLE, NO_SUCH_DECISION
from engine.diagram.decisions.table import from_text
from engine.diagram.decisions.watching import watching
from engine.diagram.language import CannotEvaluate, running
from engine.diagram.language.coercion import coerced
from engine.diagram.language.nodes import Scope, World
from engine.diagram.language.reasons import CALLS_TOO_DEEP, WRONG_TYPE, Fault, Stopped, because
from engine.diagram.language.types import Type
from engine.diagram.language.values import Function, Value, kind, known, plain

STEPS: Final = 100_000


def decide(decisions: Decisions, id: str, variables: Mapping[str, Any], now: datetime | None = None) -> dict[str, Any]:
    """The result under the decision's own name; what a table's columns say also under theirs.

    Raises NoSingleAnswer where rules contradict each other, CannotEvaluate where something is unknown or does not fit.
    """
    decision = decisions.decisions.get(id)
    if decision is None:
        raise CannotEvaluate(source=id, why=because(NO_SUCH_DECISION))
    try:
        value = plain(evaluated(decisions, id, variables, now=now))
    except (Fault, Stopped) as error:
        raise CannotEvaluate(source=decision.name, why=error.why) from error
    except RecursionError as error:
        raise CannotEvaluate(source=decision.name, why=because(CALLS_TOO_DEEP)) from error
    return {**_columns(decision, value), decision.variable: value}


@frozen
class Told:
    """What a decision says and how it came to it: the results of those it builds on, by their names, and the rules of
    its own table that apply, counted from 1. `refusal` where it says nothing, and why."""

    result: Any
    required: Mapping[str, Any]
    rules: tuple[int, ...]
    refusal: Refusal | None = None


def told(decisions: Decisions, id: str, variables: Mapping[str, Any], now: datetime | None = None) -> Told:
    """As `decide`, for whoever tries it out: it does not raise, and tells more."""
    decision = decisions.decisions[id]
    running.begin(STEPS, now)
    asked = _Asked(decisions, variables, complete=True)
    result, refusal = None, None
    with watching() as seen:
        try:
            result = plain(asked.value(id))
        except Refusal as no_answer:
            refusal = no_answer
        except (Fault, Stopped) as error:
            refusal = CannotEvaluate(source=decision.name, why=error.why)
        except RecursionError:
            refusal = CannotEvaluate(source=decision.name, why=because(CALLS_TOO_DEEP))
    own = [one.rules for one in seen if one.table == decision.name]
    required = {decisions.decisions[one].name: _shown(value) for one, value in asked.made.items() if one != id}
    return Told(result, required, own[-1] if own and decision.table is not None else (), refusal)


def _shown(value: Value) -> Any:
    try:
        return plain(value)
    except (Fault, Stopped):
        return str(kind(value))


def _columns(decision: Decision, value: Any) -> dict[str, Any]:
    outputs = [output for output in decision.outputs if output]
    if len(decision.outputs) == 1:
        return dict.fromkeys(outputs, value)
    if isinstance(value, dict):
        return {output: value.get(output) for output in outputs}
    if isinstance(value, list) and all(isinstance(row, dict) for row in value):
        return {output: [row.get(output) for row in value] for output in outputs}
    return dict.fromkeys(outputs)


def evaluated(
    decisions: Decisions,
    id: str,
    variables: Mapping[str, Any],
    *,
    now: datetime | None = None,
    complete: bool = True,
    strict: bool = False,
) -> Value:
    """The result as a value of the language. Not `complete`: what is unknown or does not fit is null. `strict`: an
    operation without a result is a Fault, not null."""
    running.begin(STEPS, now)
    return _Asked(decisions, variables, complete or strict, strict).value(id)


def served(
    decisions: Decisions, id: str, variables: Mapping[str, Any], *, now: datetime | None = None, complete: bool = True
) -> Value:
    """What a decision service answers."""
    running.begin(STEPS, now)
    service = decisions.services[id]
    asked = _Asked(decisions, variables, complete)
    for given in service.decisions:
        name = decisions.decisions[given].variable
        asked.made[given] = known(variables[name]) if name in variables else None
    return asked.together(service)


class _Asked:
    """One question to a file, with the answers found on the way."""

    def __init__(
        self, decisions: Decisions, variables: Mapping[str, Any], complete: bool, strict: bool = False
    ) -> None:
        self.decisions = decisions
        self.world = World(variables, strict=strict, complete=complete, types=decisions.types)
        self.made: dict[str, Value] = {}
        self.given: dict[str, Value] = {}  # inputs that a service was called with, by id
        self.functions: dict[str, Function] = {}
        self.making: set[str] = set()

    def value(self, id_: str) -> Value:
        if id_ not in self.made:
            if id_ in self.making:
                raise Stopped(IN_A_CIRCLE)
            self.making.add(id_)
            decision = self.decisions.decisions[id_]
            found = decision.logic.run(Scope(self._frame(decision.requires), None, self.world))
            self.made[id_] = self._fitting(found, decision.type)
        return self.made[id_]

    def _fitting(self, value: Value, type_: Type | None) -> Value:
        fits, found = coerced(value, type_)
        if not fits and self.world.complete:
            raise Stopped(WRONG_TYPE, kind=kind(value), type=str(type_))
        return found

    def _frame(self, requires: Requirements) -> dict[str, Value]:
        frame: dict[str, Value] = {}
        for id_ in requires.inputs:
            if id_ in self.decisions.inputs:
                self._take(self.decisions.inputs[id_], _under(frame, requires.under.get(id_)))
        for id_ in requires.decisions:
            if id_ in self.decisions.decisions:
                _under(frame, requires.under.get(id_))[self.decisions.decisions[id_].variable] = self.value(id_)
        self._give_functions(frame, requires)
        return frame

    def _give_functions(self, frame: dict[str, Value], requires: Requirements) -> None:
        for id_ in requires.knowledge:
            function = self._function(id_)
            if function is not None:
                _under(frame, requires.under.get(id_))[function.name] = function

    def _take(self, input_: Input, frame: dict[str, Value]) -> None:
        """What is not there is left out: it is missed only where it is asked for."""
        if input_.id in self.given:
            frame[input_.name] = self.given[input_.id]
        elif input_.name in self.world.variables:
            value = from_text(known(self.world.variables[input_.name]), input_.type)
            frame[input_.name] = self._fitting(value, input_.type)

    def _function(self, id_: str) -> Function | None:
        if id_ not in self.functions:
            if id_ in self.decisions.knowledge:
                self._know(self.decisions.knowledge[id_])
            elif id_ in self.decisions.services:
                self.functions[id_] = self._served(self.decisions.services[id_])
        return self.functions.get(id_)

    def _know(self, knowledge: Knowledge) -> None:
        """The function knows itself and what it requires, so its frame is filled after it is made."""
        frame: dict[str, Value] = {}
        made = knowledge.logic.run(Scope(frame, None, World({}, False, self.world.complete, self.decisions.types)))
        if isinstance(made, Function):
            function = Function(knowledge.name, made.parameters, made.run, made.types, made.result)
            self.functions[knowledge.id] = frame[knowledge.name] = function
            self._give_functions(frame, knowledge.requires)

    def _served(self, service: Service) -> Function:
        inputs = [self.decisions.inputs[id_] for id_ in service.inputs if id_ in self.decisions.inputs]
        given = [self.decisions.decisions[id_] for id_ in service.decisions if id_ in self.decisions.decisions]

        places: list[Input | Decision] = [*inputs, *given]

        def run(*arguments: Value) -> Value:
            asked = _Asked(self.decisions, {}, self.world.complete)
            for place, argument in zip(places, arguments, strict=True):
                fits, value = coerced(argument, place.type)
                if not fits:
                    raise Fault(WRONG_TYPE, kind=kind(argument), type=str(place.type))
                (asked.given if isinstance(place, Input) else asked.made)[place.id] = value
            running.enter()
            try:
                return asked.together(service)
            finally:
                running.leave()

        return Function(service.name, tuple([one.name for one in inputs] + [one.variable for one in given]), run)

    def together(self, service: Service) -> Value:
        outputs = [self.decisions.decisions[id_] for id_ in service.outputs if id_ in self.decisions.decisions]
        if len(outputs) == 1:
            return self._fitting(self.value(outputs[0].id), service.type)
        return self._fitting({one.variable: self.value(one.id) for one in outputs}, service.type)


def _under(frame: dict[str, Value], name: str | None) -> dict[str, Value]:
    """What another file gives stands in a context under the name that file has here."""
    if not name:
        return frame
    found: dict[str, Value] = frame.setdefault(name, {})
    return found
