"""Where ways part and meet."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import TYPE_CHECKING, Any, Final

from SpiffWorkflow.bpmn.specs.defaults import EventBasedGateway, ExclusiveGateway, InclusiveGateway, ParallelGateway
from SpiffWorkflow.specs.base import TaskSpec

from engine.base.frozen import frozen
from engine.diagram.position import Choice, Question, TroubleKind
from engine.diagram.run.case import CANCELLED, UNFINISHED, WAITING, Token
from engine.diagram.run.expressions import names_in
from engine.diagram.run.steps import Step
from engine.diagram.run.stuck import Stuck
from engine.diagram.run.trace import Looked, Parted, values_of

if TYPE_CHECKING:
    from engine.diagram.run.plan import Plan

FROM: Final = "from"
"""Where a token at a join keeps which flow it came by."""
CHOSEN: Final = "chosen"


@frozen
class Way:
    """One flow out of a gateway."""

    flow: str
    name: str | None
    condition: str | None
    is_default: bool
    target: Any


class _Chooses(Step):
    """A gateway with conditions, or with a person who says which."""

    asked = False
    options: tuple[Way, ...] = ()

    def add_way(self, way: Way) -> None:
        self.connect_outgoing_if(way.condition, way.target)
        self.options = (*self.options, way)

    def question(self) -> Question:
        """What somebody is asked who decides in place of the conditions."""
        choices = tuple(Choice(way.flow, way.name) for way in self.options)
        return Question(self.element, self.bpmn_name or None, isinstance(self, SomeWays), choices)

    def names(self) -> Iterator[str]:
        for way in self.options:
            if way.condition is not None:
                yield from names_in(way.condition)

    def ways(self, token: Token) -> Sequence[Any]:
        chosen = token.internal_data.pop(CHOSEN)
        return [way.target for way in self.options if way.flow in chosen]

    def by_hand(self, token: Token) -> None:
        """`chosen` of the move says which way."""
        chosen = token.workflow.top_workflow.chosen.pop(self.element, [])
        token.internal_data[CHOSEN] = chosen
        self._tell(token, "person", chosen)
        token.complete()

    def _run_hook(self, my_task: Token) -> bool | None:
        my_task.internal_data[CHOSEN] = self._choose(my_task)
        return True

    def _choose(self, token: Token) -> list[str]:
        if self.asked:
            chosen: list[str] | None = token.workflow.top_workflow.chosen.pop(self.element, None)
            if chosen is None:
                raise Stuck(TroubleKind.NO_WAY_OUT)
            self._tell(token, "person", chosen)
            return chosen
        if len(self.options) < 2 and not any(way.condition for way in self.options):
            found = [way.flow for way in self.options]
            self._tell(token, "only", found)
            return found
        found = self._open(token)
        by = "condition" if found else "default"
        found = found or [way.flow for way in self.options if way.is_default]
        if not found:
            raise Stuck(TroubleKind.NO_WAY_OUT)
        self._tell(token, by, found)
        return found

    def _tell(self, token: Token, by: str, taken: Sequence[str]) -> None:
        """Why it goes these ways, where somebody wants to know: conditions are worked out once more."""
        trace = token.workflow.top_workflow.trace
        if trace is None:
            return
        ways: list[Looked] = []
        over = by in ("person", "only")
        for way in self.options:
            names = frozenset() if way.condition is None else names_in(way.condition)
            read = values_of(names, token.data, token.workflow.variables)
            if over or way.condition is None or way.is_default:
                ways.append(Looked(way.flow, way.name, way.condition, None))
                continue
            held = token.workflow.script_engine.holds(token, way.condition)
            ways.append(Looked(way.flow, way.name, way.condition, held, read))
            over = held and isinstance(self, OneWay)  # those after it were not looked at
        process = token.workflow.spec.process
        trace.happened.append(Parted(process, self.element, by, tuple(taken), tuple(ways)))

    def _open(self, token: Token) -> list[str]:
        raise NotImplementedError


class OneWay(_Chooses, ExclusiveGateway):
    """The first way whose condition holds, in the order of the file."""

    def _open(self, token: Token) -> list[str]:
        engine = token.workflow.script_engine
        for way in self.options:
            if way.condition is not None and engine.holds(token, way.condition):
                return [way.flow]
        return []


class _Meets(Step):
    """Tokens wait here for each other. Each knows the flow it came by, whatever is forgotten of the way before."""

    def arrive(self, token: Token) -> dict[str, Token]:
        """The token that came first by each flow."""
        parent = token.parent
        token.internal_data[FROM] = "" if parent is None else parent.task_spec.name
        token._set_state(WAITING)
        return self.gathered(token)

    def gathered(self, token: Token) -> dict[str, Token]:
        first: dict[str, Token] = {}
        for other in token.workflow.waiting_at(self):
            first.setdefault(other.internal_data[FROM], other)
        return first

    def absorb(self, token: Token, first: Mapping[str, Token]) -> None:
        """One token goes on for one of each flow."""
        for flow, other in first.items():
            if flow != token.internal_data[FROM]:
                other._set_state(CANCELLED)
        token.internal_data.pop(FROM)

    def by_hand(self, token: Token) -> None:
        """Waiting in vain: it goes on with those that have come."""
        first = self.gathered(token)
        self.absorb(token, first)
        token._ready()


class AllWays(_Meets, ParallelGateway):
    """Waits for a token by every flow, then goes on by every flow."""

    def _update_hook(self, my_task: Token) -> bool | None:
        if len(self._inputs) < 2:
            return True
        first = self.arrive(my_task)
        if len(first) < len(self._inputs):
            return None
        self.absorb(my_task, first)
        return True


class SomeWays(_Chooses, _Meets, InclusiveGateway):
    """Splits into every way whose condition holds; joins when no further token can come."""

    def prepare(self, plan: Plan) -> None:
        super().prepare(plan)
        if len(self._inputs) > 1:
            self.trigger = "join"
            plan.has_inclusive_joins = True
            self.reach = _reach(self)

    def by_hand(self, token: Token) -> None:
        if token._state == WAITING:
            _Meets.by_hand(self, token)
        else:
            _Chooses.by_hand(self, token)

    def _update_hook(self, my_task: Token) -> bool | None:
        if len(self._inputs) < 2:
            return True
        self.arrive(my_task)
        return None  # looked at once nothing else goes by itself

    def release(self, token: Token) -> bool:
        """BPMN 2.0, table 13.3: an empty flow is waited for only while a token may still come by it that could not
        come by one of those that already have a token."""
        first = self.gathered(token)
        for other in token.workflow.tasks.values():
            if other._state & UNFINISHED and other.task_spec is not self:
                may_come_by = self.reach.get(other.task_spec.name, frozenset())
                if may_come_by and not any(flow in first for flow in may_come_by):
                    return False
        self.absorb(token, first)
        token._ready()
        return True

    def _open(self, token: Token) -> list[str]:
        engine = token.workflow.script_engine
        return [
            way.flow
            for way in self.options
            if not way.is_default and (way.condition is None or engine.holds(token, way.condition))
        ]


def _reach(join: SomeWays) -> Mapping[str, frozenset[str]]:
    """For each node: by which of the join's flows a token there may come, without having passed the join."""
    found: dict[str, set[str]] = {}
    for flow in join._inputs:
        waiting = [flow]
        while waiting:
            name = waiting.pop()
            if name == join.name or flow in found.setdefault(name, set()):
                continue
            found[name].add(flow)
            waiting += join._wf_spec.task_specs[name]._inputs
    return {name: frozenset(flows) for name, flows in found.items()}


class FirstOf(Step, EventBasedGateway):
    """Whatever comes first of the events after it."""

    keeps_children = True

    def connect(self, taskspec: Any) -> None:
        # The library moves the events into the gateway; here they stay where they are drawn.
        TaskSpec.connect(self, taskspec)
