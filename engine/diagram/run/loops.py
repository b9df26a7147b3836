"""Steps that are done several times."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import TYPE_CHECKING, Any, Final

from SpiffWorkflow.bpmn.specs.defaults import (
    ParallelMultiInstanceTask,
    SequentialMultiInstanceTask,
    StandardLoopTask,
)

from engine.base.text import Text
from engine.diagram.limits import MOST_INSTANCES
from engine.diagram.position import TroubleKind
from engine.diagram.run.case import READY, STARTED, TROUBLE, TURNING, Token
from engine.diagram.run.expressions import OUTCOME, names_in, said
from engine.diagram.run.steps import Step
from engine.diagram.run.stuck import Stuck

if TYPE_CHECKING:
    from engine.diagram.run.plan import Plan

_TOO_OFTEN: Final = Text("that is more than {value} times", "超过{value}次")
_COUNTS = ("loopCounter", "nrOfInstances", "nrOfCompletedInstances", "nrOfActiveInstances")
_COUNTS_OF_ZEEBE = ("numberOfInstances", "numberOfCompletedInstances", "numberOfActiveInstances")


class _Repeats(Step):
    """The token of the whole holds a token for each turn."""

    reported = False
    holds_children = True
    base = 0
    instance: Any = None

    def prepare(self, plan: Plan) -> None:
        super().prepare(plan)
        self.instance = plan.task_specs[self.task_spec]

    def begin_turn(self, token: Token, index: int, own: dict[str, Any], item: str) -> None:
        child = Token(token.workflow, self.instance, token)
        child.data = own
        child.internal_data["item"] = item
        child.internal_data["index"] = index
        if "loopCounter" in token.workflow.top_workflow.known:
            child.data["loopCounter"] = index + self.base
        child.enter()

    def child_done(self, token: Token, child: Token) -> None:
        if child.task_spec is not self.instance or not token.is_unfinished:
            return
        token.internal_data["done"] += 1
        try:
            self.turned(token, child)
            self.consider(token)
        except Stuck as stuck:
            token.stick(stuck, TURNING)

    def turned(self, token: Token, child: Token) -> None:
        pass

    def consider(self, token: Token) -> None:
        """Whether it goes on, and how. Raises Stuck."""
        raise NotImplementedError

    def by_hand(self, token: Token) -> None:
        for child in token.children:
            if child is not None:
                child.cancel()
        token.complete()


class Again(_Repeats, StandardLoopTask):
    """Done again as long as its condition holds."""

    def names(self) -> Iterator[str]:
        yield from names_in(self.condition or "")

    def _update_hook(self, my_task: Token) -> bool | None:
        my_task.internal_data["done"] = 0
        if self.test_before and not self._wanted(my_task):
            return True
        my_task._set_state(STARTED)
        self.begin_turn(my_task, 0, {}, "1")
        return None

    def consider(self, token: Token) -> None:
        if self._wanted(token):
            done = token.internal_data["done"]
            self.begin_turn(token, done, {}, str(done + 1))
        else:
            token._set_state(READY)

    def _wanted(self, token: Token) -> bool:
        done = token.internal_data["done"]
        if self.maximum is not None and done >= self.maximum:
            return False
        if self.condition is None:
            return True
        return bool(token.workflow.script_engine.holds(token, self.condition, {"loopCounter": done + self.base}))


class _Each(_Repeats):
    isolates = True
    side_by_side = True

    def names(self) -> Iterator[str]:
        for expression in (self.cardinality, self.condition):
            yield from names_in(expression or "")
        for reference in (self.data_input, self.output_item):
            if reference is not None:
                yield from names_in(reference.bpmn_id)
        for reference in (self.data_output, self.input_item):
            if reference is not None:
                yield reference.bpmn_id

    def _update_hook(self, my_task: Token) -> bool | None:
        items = self._items(my_task)
        kept = my_task.internal_data
        kept["done"], kept["count"] = 0, len(items)
        if self.data_output is not None:
            kept["gives"] = [None] * len(items)
        if not items:
            self._give(my_task)
            return True
        my_task._set_state(STARTED)
        if self.side_by_side:
            for index, item in enumerate(items):
                self._begin(my_task, index, item)
        else:
            kept["items"] = items
            self._begin(my_task, 0, items[0])
        return None

    def _items(self, token: Token) -> Sequence[Any]:
        engine = token.workflow.script_engine
        if self.data_input is not None:
            expression, found = self.data_input.bpmn_id, engine.evaluate(token, self.data_input.bpmn_id)
            items = list(found) if isinstance(found, (list, tuple)) else None
        else:
            expression, found = self.cardinality, engine.evaluate(token, self.cardinality)
            whole = isinstance(found, (int, float)) and not isinstance(found, bool) and found == int(found)
            items = list(range(min(int(found), MOST_INSTANCES + 1))) if whole and found >= 0 else None
        if items is None:
            raise Stuck(TroubleKind.EXPRESSION, expression=expression, **said(OUTCOME, found))
        if len(items) > MOST_INSTANCES:
            raise Stuck(TroubleKind.EXPRESSION, expression=expression, **said(_TOO_OFTEN, MOST_INSTANCES))
        return items

    def _begin(self, token: Token, index: int, item: Any) -> None:
        own = {} if self.input_item is None else {self.input_item.bpmn_id: item}
        shown = self.data_input is not None and isinstance(item, (str, int, float))
        self.begin_turn(token, index, own, str(item) if shown else str(index + 1))

    def turned(self, token: Token, child: Token) -> None:
        if self.data_output is not None:
            expression = self.output_item.bpmn_id
            value = token.workflow.script_engine.evaluate(child, expression)
            token.internal_data["gives"][child.internal_data["index"]] = value

    def consider(self, token: Token) -> None:
        done, count = token.internal_data["done"], token.internal_data["count"]
        if done < count and not self._enough(token, done, count):
            if not self.side_by_side:
                self._begin(token, done, token.internal_data["items"][done])
            return
        for child in token.children:
            if child is not None:
                child.cancel()
        self._give(token)
        token.internal_data.pop(TROUBLE, None)
        token._set_state(READY)

    def _enough(self, token: Token, done: int, count: int) -> bool:
        if not self.condition:
            return False
        active = count - done if self.side_by_side else 0
        counts = dict(zip(_COUNTS, (done + self.base, count, done, active), strict=True))
        counts |= dict(zip(_COUNTS_OF_ZEEBE, (count, done, active), strict=True))
        return bool(token.workflow.script_engine.holds(token, self.condition, counts))

    def _give(self, token: Token) -> None:
        if self.data_output is not None:
            given = token.internal_data.pop("gives")
            token.workflow.top_workflow.learn(token.workflow, {self.data_output.bpmn_id: given})


class SideBySide(_Each, ParallelMultiInstanceTask):
    """All turns at once."""


class InTurn(_Each, SequentialMultiInstanceTask):
    """One turn after the other."""

    side_by_side = False
