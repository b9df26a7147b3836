"""SpiffWorkflow's workflow and tasks, as a case and its tokens.

Three things differ from the library. A token has no future: what may follow is not drawn in advance. Variables
belong to the case, not to each token, so that nothing is lost where branches meet. And nothing ever walks the tree
of what has been: what is finished may be forgotten, and a case costs the same at its thousandth step as at its tenth.
"""

from __future__ import annotations

from collections import ChainMap, deque
from collections.abc import Iterator, Mapping, MutableMapping, Sequence
from datetime import datetime
from typing import TYPE_CHECKING, Any, Final

from SpiffWorkflow.bpmn.util.subworkflow import BpmnSubWorkflow
from SpiffWorkflow.bpmn.workflow import BpmnWorkflow
from SpiffWorkflow.task import Task
from SpiffWorkflow.util.task import TaskState

from engine.diagram.position import Sent, TroubleKind
from engine.diagram.run.expressions import Expressions
from engine.diagram.run.stuck import Stuck
from engine.diagram.run.trace import Passed, Trace

if TYPE_CHECKING:
    from engine.diagram.run.plan import Plan

MOST_STEPS: Final = 1_000
"""Automatic steps in one move; more is a loop without a wait."""
MOST_TOKENS: Final = 5_000
"""Tokens in one scope, and scopes in one case; more is a split that feeds itself."""

UNFINISHED: Final[int] = TaskState.NOT_FINISHED_MASK
FINISHED: Final[int] = TaskState.FINISHED_MASK
FUTURE: Final[int] = TaskState.FUTURE
WAITING: Final[int] = TaskState.WAITING
READY: Final[int] = TaskState.READY
STARTED: Final[int] = TaskState.STARTED
COMPLETED: Final[int] = TaskState.COMPLETED
CANCELLED: Final[int] = TaskState.CANCELLED

TROUBLE: Final = "trouble"
"""Where a token keeps what it is stuck at: kind, facts, and in which phase it was met."""
ENTERING: Final = "enter"
RUNNING: Final = "run"
TURNING: Final = "turn"
STANDING: Final = "stand"


class Token(Task):
    """Its id is a number, given once in the life of a case. `data` holds only what is its own: its item."""

    def __init__(self, workflow: Space, task_spec: Any, parent: Token | None = None, state: int = FUTURE) -> None:
        case = workflow.top_workflow
        case.last_number += 1
        self.id = case.last_number
        self.workflow = workflow
        self.task_spec = task_spec
        self.triggered = False
        self.thread_id = 0
        self.last_state_change = 0
        self.data: dict[str, Any] = {}
        self.internal_data: dict[str, Any] = {}
        self._children: list[int] = []
        self._parent = None
        self._state = state
        workflow.tasks[self.id] = self
        workflow.live += 1
        if parent is not None:
            self._parent = parent.id
            parent._children.append(self.id)

    def _add_child(self, task_spec: Any, state: int = FUTURE) -> Token:
        return Token(self.workflow, task_spec, self, state)

    def _set_state(self, value: int) -> None:
        before, self._state = self._state, value
        space = self.workflow
        if before & UNFINISHED:
            if not value & UNFINISHED:
                space.live -= 1
        elif value & UNFINISHED:
            space.live += 1
        if value == READY and not self.task_spec.manual:
            case = space.top_workflow
            (case.later if self.task_spec.goes_last else case.agenda).append(self)

    @property
    def is_unfinished(self) -> bool:
        return bool(self._state & UNFINISHED)

    def enter(self) -> None:
        try:
            self.task_spec._update(self)
        except Stuck as stuck:
            self.stick(stuck, ENTERING)

    def run(self) -> Any:
        outcome = self.task_spec._run(self)
        if self._state & FINISHED:  # what it threw has ended it
            self.workflow.top_workflow.note(self.task_spec)
        elif outcome is None:
            self._set_state(STARTED)
        else:
            self.complete()
        return outcome

    def cancel(self) -> None:
        if not self._state & UNFINISHED:
            return
        self._set_state(CANCELLED)
        self.internal_data.pop(TROUBLE, None)
        for child in self.children:
            if child is not None and self.task_spec.holds_children:
                child.cancel()
        scope = self.workflow.top_workflow.subprocesses.pop(self.id, None)
        if scope is not None:
            scope.completed = True
            for token in list(scope.tasks.values()):
                token.cancel()

    def stick(self, stuck: Stuck, phase: str) -> None:
        self.internal_data[TROUBLE] = [str(stuck.kind), stuck.facts, phase]
        if phase != STANDING:
            self._set_state(STARTED)

    def unstick(self) -> str | None:
        trouble = self.internal_data.pop(TROUBLE, None)
        return None if trouble is None else str(trouble[2])


class Space:
    """What a case and a sub-process in it share: tokens of their own, and an end when none is left."""

    spec: Plan
    tasks: dict[int, Token]
    live: int
    completed: bool
    variables: MutableMapping[str, Any]
    top_workflow: Case
    script_engine: Expressions

    def open(self) -> None:
        self.task_tree = Token(self, self.spec.start)
        self.task_tree.enter()

    def _task_completed_notify(self, token: Token) -> None:
        self.top_workflow.note(token.task_spec)
        parent = token.parent
        if parent is not None:
            parent.task_spec.child_done(parent, token)
        if self.live == 0:
            self.finish()

    def finish(self) -> None:
        if not self.completed:
            self.completed = True
            self.over()

    def over(self) -> None:
        raise NotImplementedError

    def end_here(self) -> None:
        """Everything under way is cancelled; the space itself comes to its end as usual."""
        for token in list(self.tasks.values()):
            token.cancel()
        self.finish()

    def waiting_at(self, task_spec: Any) -> list[Token]:
        return [one for one in self.tasks.values() if one._state == WAITING and one.task_spec is task_spec]


class Scope(Space, BpmnSubWorkflow):
    """A sub-process or called process under way. One of several side by side has variables of its own."""

    def __init__(self, plan: Plan, host: Token, own: dict[str, Any] | None = None) -> None:
        self.host = host
        self.live = 0
        around = host.workflow.variables
        self.own = own
        self.variables = around if own is None else ChainMap(own, around)
        super().__init__(plan, host.id, host.workflow.top_workflow, deserializing=True)

    def _calculate_depth(self) -> int:
        return 0  # never asked for; the library walks all sub-processes to find it

    @property
    def parent_workflow(self) -> Space:
        return self.host.workflow

    def over(self) -> None:
        self.host.task_spec.scope_over(self.host, self)


class Case(Space, BpmnWorkflow):
    """One case in memory, for the length of a move."""

    agenda: deque[Token]

    def __init__(self, plan: Plan, expressions: Expressions, variables: dict[str, Any], known: frozenset[str]) -> None:
        self.live = 0
        self.last_number = 0
        self.variables = variables
        self.known = known
        super().__init__(plan, script_engine=expressions, deserializing=True)
        self.held = False
        self.trace: Trace | None = None
        self.begins_at: str | None = None
        self.lately: list[dict[str, Any]] = []  # what may be taken back: see taking_back
        self.just_done = ""
        self.turn(expressions.now, {})

    def turn(self, now: datetime, chosen: Mapping[str, Sequence[str]]) -> None:
        """A new move begins."""
        self.script_engine.now = now
        self.chosen = {gateway: list(flows) for gateway, flows in chosen.items()}
        self.agenda = deque()
        self.later: deque[Token] = deque()
        self.passed: list[str] = []
        self.sent: list[Sent] = []
        self.missed = 0  # turns of a cycle that were past when it went off
        self.changed = False

    @property
    def ended(self) -> bool:
        return self.live == 0

    def over(self) -> None:
        """The case has ended; that nothing is left says so."""

    def note(self, task_spec: Any) -> None:
        if task_spec.reported:
            self.passed.append(task_spec.element)
            if self.trace is not None:
                self.trace.happened.append(Passed(task_spec._wf_spec.process, task_spec.element))

    def spaces(self) -> Iterator[Space]:
        yield self
        yield from list(self.subprocesses.values())

    def tokens(self) -> Iterator[Token]:
        for space in self.spaces():
            for token in list(space.tasks.values()):
                if token._state & UNFINISHED:
                    yield token

    def find(self, number: int) -> Token | None:
        for space in self.spaces():
            token = space.tasks.get(number)
            if token is not None and token._state & UNFINISHED:
                return token
        return None

    def learn(self, space: Space, answers: Mapping[str, Any]) -> None:
        """Only what some expression of the diagram asks for is kept."""
        values = {name: value for name, value in answers.items() if name in self.known}
        if values:
            space.variables.update(values)
            self.changed = True

    def look_afresh(self) -> None:
        """Whether a token stands in vain is seen again after the move."""
        for token in self.tokens():
            if token.internal_data.get(TROUBLE, ("", "", ""))[2] == STANDING:
                token.internal_data.pop(TROUBLE)

    def forget_what_went_on(self) -> None:
        """What came of a step has gone on, or nothing came of it and something else has happened since."""
        if not self.lately:
            return
        alive = {token.id for token in self.tokens()}
        kept = []
        for one in self.lately:
            theirs = [number for number, _host, row in one["new"] if row[3] & UNFINISHED]
            theirs += [number for number, _host, _before, after in one["changed"] if after[3] & UNFINISHED]
            if one["token"] == self.just_done or (theirs and alive.issuperset(theirs)):
                kept.append(one)
        self.lately = kept

    def settle(self) -> None:
        """Everything that goes by itself, until the case rests."""
        steps = 0.0
        while True:
            while self.agenda:
                if steps >= MOST_STEPS or self._is_crowded():
                    self._stop(int(steps))
                    return
                steps += self._step(self.agenda.popleft())
            if self.later:
                self.agenda.append(self.later.popleft())
            elif not (self._look_at_conditions() or self._release_joins() or self._go_on()):
                return

    def _is_crowded(self) -> bool:
        return self.agenda[0].workflow.live > MOST_TOKENS or len(self.subprocesses) > MOST_TOKENS

    def _step(self, token: Token) -> float:
        if token._state != READY:
            return 0.0
        try:
            token.run()
        except Stuck as stuck:
            token.stick(stuck, RUNNING)
        return 1.0 if token.task_spec.reported else 0.1  # what was added to the drawing hardly counts

    def _stop(self, steps: int) -> None:
        """One token says so; the others are held where they are until that one goes on, or is no more."""
        ready = [token for token in (*self.agenda, *self.later) if token._state == READY]
        self.agenda.clear()
        self.later.clear()
        if ready:
            ready[0].stick(Stuck(TroubleKind.BUDGET, steps=str(steps)), RUNNING)
            self.held = True

    def _go_on(self) -> bool:
        if not self.held:
            return False
        ready = []
        for token in self.tokens():
            if token.internal_data.get(TROUBLE, ("",))[0] == TroubleKind.BUDGET:
                return False
            if token._state == READY and not token.task_spec.manual:
                ready.append(token)
        self.held = False
        self.agenda.extend(ready)
        return bool(ready)

    def _look_at_conditions(self) -> bool:
        if not self.changed:
            return False
        self.changed = False
        for token in self.tokens():
            if token._state == WAITING and token.task_spec.trigger == "conditional":
                token.task_spec.look(token)
        return bool(self.agenda)

    def _release_joins(self) -> bool:
        for space in self.spaces():
            if space.spec.has_inclusive_joins:
                for token in list(space.tasks.values()):
                    if token._state == WAITING and token.task_spec.trigger == "join" and token.task_spec.release(token):
                        return True
        return False
