"""Events: what is waited for, and what is thrown."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from datetime import datetime
from typing import TYPE_CHECKING, Any, Final

from SpiffWorkflow.bpmn.specs.defaults import (
    BoundaryEvent,
    EndEvent,
    IntermediateCatchEvent,
    IntermediateThrowEvent,
    ReceiveTask,
    SendTask,
    StartEvent,
)
from SpiffWorkflow.bpmn.specs.event_definitions import (
    ConditionalEventDefinition,
    ErrorEventDefinition,
    EscalationEventDefinition,
    MessageEventDefinition,
    SignalEventDefinition,
    TerminateEventDefinition,
)
from SpiffWorkflow.bpmn.specs.event_definitions.timer import TimerEventDefinition

from engine.diagram.connecting import NO_KEY, correlation
from engine.diagram.position import Sent, TroubleKind
from engine.diagram.run import timers
from engine.diagram.run.case import TROUBLE, WAITING, Scope, Space, Token
from engine.diagram.run.expressions import names_in, said
from engine.diagram.run.gateways import FirstOf
from engine.diagram.run.steps import Armed, Step, border
from engine.diagram.run.stuck import Stuck
from engine.diagram.run.timers import AGAIN, DUE
from engine.diagram.run.trace import Came, values_of

if TYPE_CHECKING:
    from engine.diagram.run.plan import Plan

_TRIGGERS: Final = (
    (TimerEventDefinition, "timer"),
    (MessageEventDefinition, "message"),
    (SignalEventDefinition, "signal"),
    (ConditionalEventDefinition, "conditional"),
    (ErrorEventDefinition, "error"),
    (EscalationEventDefinition, "escalation"),
    (TerminateEventDefinition, "terminate"),
)
_WAS: Final = "was"
CORRELATED: Final = "correlated"


class _Event(Step):
    """`event_definition` as the library's parser made it."""

    name_of_event: str | None = None
    code: str | None = None
    expression = ""

    def prepare(self, plan: Plan) -> None:
        super().prepare(plan)
        definition = self.event_definition
        self.trigger = next((name for kind, name in _TRIGGERS if isinstance(definition, kind)), "")
        self.name_of_event = definition.name if self.trigger in ("message", "signal", "error", "escalation") else None
        self.code = getattr(definition, "code", None)
        self.expression = (getattr(definition, "expression", None) or "").strip()

    def names(self) -> Iterator[str]:
        if self.trigger in ("timer", "conditional") and not timers.is_literal(self.expression):
            yield from names_in(self.expression)
        if self.trigger == "message" and self.correlation:
            yield from names_in(self.correlation)

    def correlated(self, token: Token) -> str | None:
        """By what a message and a case that awaits it find each other. Raises Stuck."""
        if not self.correlation:
            return None
        found = correlation(token.workflow.script_engine.evaluate(token, self.correlation))
        if found is None:
            raise Stuck(TroubleKind.EXPRESSION, expression=self.correlation, **said(NO_KEY))
        return found


class _Catches(_Event):
    """Waits until what it waits for comes."""

    def _update_hook(self, my_task: Token) -> bool | None:
        if not self.trigger:
            return True
        if self.trigger == "message" and self.correlation:
            my_task.internal_data[CORRELATED] = self.correlated(my_task)
        my_task._set_state(WAITING)
        if self.trigger == "timer":
            timers.keep(my_task, timers.arm(my_task))
        elif self.trigger == "conditional":
            self.look(my_task)
        return None

    def look(self, token: Token) -> None:
        """A condition comes about when it begins to hold."""
        try:
            holds = self._holds(token)
        except Stuck as stuck:
            token.stick(stuck, "enter")
            return
        if holds and not token.internal_data.get(_WAS):
            token.internal_data[_WAS] = True
            trace = token.workflow.top_workflow.trace
            if trace is not None:
                read = values_of(names_in(self.expression), token.data, token.workflow.variables)
                trace.happened.append(Came(token.workflow.spec.process, self.element, self.expression, read))
            self.come(token)
        elif not holds:
            token.internal_data.pop(_WAS, None)

    def _holds(self, token: Token) -> bool:
        variables = token.workflow.variables
        if any(name not in variables and name not in token.data for name in names_in(self.expression)):
            return False  # nobody has said it yet
        return bool(token.workflow.script_engine.holds(token, self.expression))

    def come(self, token: Token) -> None:
        """What was waited for has come."""
        for other in self._rivals(token):
            other.cancel()
        token._ready()

    def _rivals(self, token: Token) -> list[Token]:
        """What is no longer waited for, once this has come."""
        parent = token.parent
        if parent is None or not isinstance(parent.task_spec, FirstOf):
            return []
        return [other for other in parent.children if other is not None and other is not token]

    def by_hand(self, token: Token) -> None:
        token._set_state(WAITING)
        token.internal_data.pop(AGAIN, None)
        self.come(token)


class Start(_Catches, StartEvent):
    """The only one, and the one that is begun at, is not waited for: it has come about."""

    alone = True

    def prepare(self, plan: Plan) -> None:
        super().prepare(plan)
        self.alone = len(plan.start._outputs) == 1

    def _update_hook(self, my_task: Token) -> bool | None:
        case = my_task.workflow.top_workflow
        if case.begins_at == self.name:
            case.begins_at = None
            return True
        return True if self.alone else super()._update_hook(my_task)

    def _rivals(self, token: Token) -> list[Token]:
        return [one for one in token.workflow.tasks.values() if isinstance(one.task_spec, Start) and one is not token]


class Catch(_Catches, IntermediateCatchEvent):
    pass


class Receive(_Catches, ReceiveTask):
    pass


class Border(_Catches, BoundaryEvent):
    """An event on the border of a step. One that does not end the step may come again and again."""

    def come(self, token: Token) -> None:
        armed = token.parent
        if self.cancel_activity:
            self._end_step(token, armed)
            token._ready()
        elif self._stays(token):
            Token(token.workflow, self, armed)._ready()
        else:
            token._ready()

    def _end_step(self, token: Token, armed: Token | None) -> None:
        if armed is None:
            return
        guard: Armed = armed.task_spec
        main = guard.main(armed)
        if main is not None:
            main.cancel()
        guard.disarm(armed, token)

    def _stays(self, token: Token) -> bool:
        if self.trigger != "timer":
            return True
        case, engine = token.workflow.top_workflow, token.workflow.script_engine
        if AGAIN not in token.internal_data:
            return False
        following = timers.next_turn(
            timers.kept(token.internal_data), engine.now, engine.zone, timers.counting_at(token)
        )
        case.missed += following.missed
        if following.armed is None:
            return False
        timers.keep(token, following.armed)
        return True


class _Throws(_Event):
    def prepare(self, plan: Plan) -> None:
        super().prepare(plan)
        self.goes_last = self.trigger == "signal"  # whoever is about to listen hears it

    def _run_hook(self, my_task: Token) -> bool | None:
        throw = _THROWN.get(self.trigger)
        if throw is not None:
            throw(self, my_task)
        return True


def _visible(token: Token) -> dict[str, Any]:
    return {**token.workflow.variables, **token.data}


def _send(spec: _Throws, token: Token) -> None:
    correlated = spec.correlated(token) if spec.trigger == "message" else None
    sent = Sent(spec.element, spec.trigger, spec.name_of_event or spec.element, _visible(token), correlated)
    token.workflow.top_workflow.sent.append(sent)


def _signal(spec: _Throws, token: Token) -> None:
    case = token.workflow.top_workflow
    heard = [one for one in case.tokens() if listens(one, spec.name_of_event)]
    for one in heard:
        if listens(one, spec.name_of_event):  # another that heard it may have ended this one
            one.task_spec.come(one)
    _send(spec, token)


def listens(token: Token, signal: str | None) -> bool:
    spec = token.task_spec
    return token._state == WAITING and spec.trigger == "signal" and spec.name_of_event == signal


def _raise(spec: _Throws, token: Token) -> None:
    if not _caught(spec, token):
        raise Stuck(TroubleKind.ERROR, name=spec.name_of_event or spec.code or "")


def _escalate(spec: _Throws, token: Token) -> None:
    _caught(spec, token)  # nobody listening, the case goes on


def _caught(spec: _Throws, token: Token) -> bool:
    """The nearest border around the scope that listens; one for exactly this code before one for any."""
    for _, armed, _ in border(token.workflow):
        listening = [one for one in armed.children if one is not None and one._state == WAITING]
        listening = [one for one in listening if one.task_spec.trigger == spec.trigger]
        for code in (spec.code, None):
            for one in listening:
                if one.task_spec.code == code:
                    one.task_spec.come(one)
                    return True
    return False


def _terminate(_spec: _Throws, token: Token) -> None:
    space: Space = token.workflow
    while isinstance(space, Scope) and space.spec.is_core:
        space = space.host.workflow
    space.end_here()


_THROWN: Final[Mapping[str, Any]] = {
    "message": _send,
    "signal": _signal,
    "error": _raise,
    "escalation": _escalate,
    "terminate": _terminate,
}


class Throw(_Throws, IntermediateThrowEvent):
    pass


class End(_Throws, EndEvent):
    pass


class Send(_Throws, SendTask):
    """A message; where a machine of another tool should send it, somebody sees to that."""

    does = ""

    def _run_hook(self, my_task: Token) -> bool | None:
        if self.does:
            raise Stuck(TroubleKind.SERVICE, what=self.does)
        return super()._run_hook(my_task)


def due_of(token: Token) -> datetime | None:
    due = token.internal_data.get(DUE)
    return None if due is None or TROUBLE in token.internal_data else timers.moment(due)
