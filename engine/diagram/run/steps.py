"""What every node of a diagram does when a token comes to it, and the steps that simply are done."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import TYPE_CHECKING, Any, Final

import orjson
from SpiffWorkflow.bpmn.specs.control import BoundaryEventSplit, BpmnStartTask
from SpiffWorkflow.bpmn.specs.defaults import (
    CallActivity,
    ManualTask,
    NoneTask,
    ScriptTask,
    ServiceTask,
    SubWorkflowTask,
    UserTask,
)
from SpiffWorkflow.bpmn.specs.mixins.bpmn_spec_mixin import BpmnSpecMixin

from engine.base.text import Text
from engine.diagram.connecting import MOST_GIVEN, TOO_MUCH
from engine.diagram.language import CannotEvaluate
from engine.diagram.position import TroubleKind
from engine.diagram.run.case import FUTURE, READY, STARTED, WAITING, Scope, Space, Token
from engine.diagram.run.expressions import assignments, names_in, said, why
from engine.diagram.run.stuck import Stuck
from engine.diagram.run.trace import Assigned, Decided

if TYPE_CHECKING:
    from engine.diagram.decisions import Decisions
    from engine.diagram.run.plan import Plan

CALL: Final = "call"
"""Where a token keeps what its connector was given, while its answer is awaited."""
_NO_TABLE: Final = Text("there is no decision of this name", "没有该名称的决策")


class Step(BpmnSpecMixin):
    """A token comes, is ready, is done, and goes on along every flow. Nothing here is changed once it is parsed."""

    element: str = ""
    reported = True
    """Whether the record of a case says that a token left it."""
    goes_last = False
    """Whether it is done only when nothing else goes by itself."""
    keeps_children = False
    """Whether tokens after it must still be known as its own once it is done."""
    holds_children = False
    """Whether tokens below it end with it."""
    isolates = False
    """Whether each turn of a repeated step has variables of its own until it is done."""
    trigger = ""
    correlation = ""
    """By what a message and the case that awaits it find each other, as an expression."""
    working = False
    """Whether its timer counts the days and hours that the office works."""
    next: tuple[Any, ...] = ()

    def prepare(self, plan: Plan) -> None:
        """Once, after parsing."""
        self.next = tuple(self.outputs)

    def names(self) -> Iterator[str]:
        """The variables it asks for."""
        yield from ()

    def ways(self, token: Token) -> Sequence[Any]:
        return self.next

    def child_done(self, token: Token, child: Token) -> None:
        pass

    def by_hand(self, token: Token) -> None:
        """Somebody did what it could not."""
        token.complete()

    def _predict(self, my_task: Token, seen: Any = None, looked_ahead: int = 0, mask: int = 0) -> None:
        pass

    def _update_hook(self, my_task: Token) -> bool | None:
        return True

    def _on_ready(self, my_task: Token) -> None:
        pass

    def _run(self, my_task: Token) -> Any:
        return self._run_hook(my_task)

    def _run_hook(self, my_task: Token) -> bool | None:
        return True

    def _on_complete(self, my_task: Token) -> None:
        children = [Token(my_task.workflow, spec, my_task) for spec in self.ways(my_task)]
        my_task.workflow._task_completed_notify(my_task)
        for child in children:
            if child._state == FUTURE:
                child.enter()


class Entry(Step, BpmnStartTask):
    """Where a scope begins. A case's own process begins at one start, or waits at all of those that wait."""

    reported = False
    is_top = False

    def ways(self, token: Token) -> Sequence[Any]:
        if not self.is_top:
            return self.next
        begins_at = token.workflow.top_workflow.begins_at
        chosen = [one for one in self.next if one.name == begins_at]
        return chosen or [one for one in self.next if not one.trigger][:1] or self.next


class Armed(Step, BoundaryEventSplit):
    """A step with events on its border: all of them wait as long as the step goes on."""

    reported = False
    keeps_children = True

    def ways(self, token: Token) -> Sequence[Any]:
        return (*self.next[1:], self.next[0])  # whatever may go wrong in the step, its events are there

    def child_done(self, token: Token, child: Token) -> None:
        if child.task_spec is self.next[0]:
            self.disarm(token, child)

    def disarm(self, token: Token, cause: Token) -> None:
        for other in token.children:
            if other is not None and other is not cause and other._state & (WAITING | STARTED):
                other.cancel()

    def main(self, token: Token) -> Token | None:
        return next((one for one in token.children if one is not None and one.task_spec is self.next[0]), None)


class Person(Step, UserTask):
    """Waits for a person."""


class Plain(Step, NoneTask):
    """A task of no kind: somebody does it."""


class Manual(Step, ManualTask):
    """Done without the help of a machine; somebody says that it is done."""


class Ask(Step, UserTask):
    """Waits for a person to say which way the gateway after it goes; not where it was said in the same move."""

    reported = False
    asks = ""

    def _update_hook(self, my_task: Token) -> bool | None:
        case = my_task.workflow.top_workflow
        if self.asks not in case.chosen:
            return True
        my_task._set_state(READY)
        case.agenda.append(my_task)
        return None


class Script(Step, ScriptTask):
    """Lines of assignments in FEEL."""

    def names(self) -> Iterator[str]:
        try:
            for name, expression in assignments(self.script or ""):
                yield name
                yield from names_in(expression)
        except Stuck:
            return

    def _run_hook(self, my_task: Token) -> bool | None:
        assigned = my_task.workflow.script_engine.execute(my_task, self.script or "")
        case = my_task.workflow.top_workflow
        case.learn(my_task.workflow, assigned)
        if case.trace is not None:
            case.trace.happened.append(Assigned(my_task.workflow.spec.process, self.element, assigned))
        return True


class Service(Step, ServiceTask):
    """Something outside does it: a connector, whose answer the token waits for; where there is none, somebody sees to it."""

    does = ""
    undoes: str | None = None
    connector = ""
    gives: tuple[tuple[str, str], ...] = ()  # "inputs" are the library's: the nodes before it

    def names(self) -> Iterator[str]:
        for _name, expression in self.gives:
            yield from names_in(expression)

    def _run_hook(self, my_task: Token) -> bool | None:
        if self.undoes is not None:
            raise Stuck(TroubleKind.UNDO, steps=self.undoes)
        if self.connector:
            my_task.internal_data[CALL] = self._given(my_task)
            return None
        facts = {"what": self.does} if self.does else {}
        raise Stuck(TroubleKind.SERVICE, **facts)

    def _given(self, token: Token) -> dict[str, Any]:
        engine = token.workflow.script_engine
        given = {name: engine.evaluate(token, expression) for name, expression in self.gives}
        if len(orjson.dumps(given)) > MOST_GIVEN:
            most = TOO_MUCH.say("en", most=MOST_GIVEN // 1024), TOO_MUCH.say("zh", most=MOST_GIVEN // 1024)
            raise Stuck(TroubleKind.SERVICE, connector=self.connector, why=most[0], why_zh=most[1])
        return given


class Decide(Step):
    """A decision table says. What reads and asks tables is loaded by procedures that have some."""

    decision = ""
    result: str | None = None
    table: Decisions | None = None

    def prepare(self, plan: Plan) -> None:
        super().prepare(plan)
        self.table = plan.decisions

    def names(self) -> Iterator[str]:
        if self.result:
            yield self.result
        if self.table is not None and self.decision in self.table.decisions:
            yield from self.table.names(self.decision)

    def _run_hook(self, my_task: Token) -> bool | None:
        case = my_task.workflow.top_workflow
        if case.trace is None:
            found = self._found(my_task)
        else:
            from engine.diagram.decisions.watching import watching  # noqa: PLC0415  as said above

            with watching() as tables_asked:
                found = self._found(my_task)
            process = my_task.workflow.spec.process
            case.trace.happened.append(Decided(process, self.element, self.decision, tuple(tables_asked), found))
        case.learn(my_task.workflow, found)
        return True

    def _found(self, token: Token) -> dict[str, Any]:
        found = self._decide(token)
        if self.result and self.table is not None:
            return {self.result: found[self.table.decisions[self.decision].variable]}
        return found

    def _decide(self, token: Token) -> dict[str, Any]:
        if self.table is None or self.decision not in self.table.decisions:
            raise Stuck(TroubleKind.DECISION, decision=self.decision, **said(_NO_TABLE))
        from engine.diagram import decisions as tables  # noqa: PLC0415  as said above

        variables: Mapping[str, Any] = token.workflow.variables
        now = token.workflow.script_engine.now
        try:
            found: dict[str, Any] = tables.decide(self.table, self.decision, {**variables, **token.data}, now=now)
        except (tables.NoSingleAnswer, CannotEvaluate) as refusal:
            raise Stuck(TroubleKind.DECISION, decision=self.decision, **why(refusal)) from None
        return found


class _Opens(Step):
    """A step with a scope of its own."""

    plan: Plan

    def _update_hook(self, my_task: Token) -> bool | None:
        own = None
        if my_task.parent is not None and my_task.parent.task_spec.isolates:
            own = dict(my_task.data)
        scope = Scope(self.plan, my_task, own)
        my_task.workflow.top_workflow.subprocesses[my_task.id] = scope
        my_task._set_state(STARTED)
        scope.open()
        return None

    def scope_over(self, host: Token, scope: Scope) -> None:
        case = host.workflow.top_workflow
        case.subprocesses.pop(host.id, None)
        if scope.own is not None:
            case.learn(host.workflow, {k: v for k, v in scope.own.items() if k not in host.data})
        host._set_state(READY)

    def _run_hook(self, my_task: Token) -> bool | None:
        return True


class SubProcess(_Opens, SubWorkflowTask):
    """A part of the procedure drawn inside it."""


class Call(_Opens, CallActivity):
    """Another procedure, run as a step of this one on the same variables."""


def border(space: Space) -> Iterable[tuple[Armed, Token, Space]]:
    """The guarded steps around a scope, from the inside out."""
    while isinstance(space, Scope):
        guarded = space.host
        parent = guarded.parent
        if parent is not None and parent.task_spec.holds_children:  # one turn of a repeated step
            guarded, parent = parent, parent.parent
        if parent is not None and isinstance(parent.task_spec, Armed):
            yield parent.task_spec, parent, space
        space = guarded.workflow
