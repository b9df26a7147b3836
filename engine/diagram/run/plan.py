"""SpiffWorkflow's process specification, and its parser taught our steps.

Nodes are parsed one by one and connected afterwards, in the order of the file: the library follows the flows and
reaches the bottom of the stack in a long procedure. Once made, a plan is never changed: cases share it, and threads.
"""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any, Final

from lxml import etree
from SpiffWorkflow.bpmn.parser.BpmnParser import BpmnParser
from SpiffWorkflow.bpmn.parser.event_parsers import (
    CONDITIONAL_EVENT_XPATH,
    ERROR_EVENT_XPATH,
    ESCALATION_EVENT_XPATH,
    MESSAGE_EVENT_XPATH,
    SIGNAL_EVENT_XPATH,
    TERMINATION_EVENT_XPATH,
    TIMER_EVENT_XPATH,
    EventDefinitionParser,
    SendTaskParser,
)
from SpiffWorkflow.bpmn.parser.ProcessParser import ProcessParser
from SpiffWorkflow.bpmn.parser.TaskParser import TaskParser
from SpiffWorkflow.bpmn.parser.util import full_tag
from SpiffWorkflow.bpmn.specs.bpmn_process_spec import BpmnProcessSpec
from SpiffWorkflow.bpmn.specs.event_definitions.multiple import MultipleEventDefinition
from SpiffWorkflow.specs.WorkflowSpec import WorkflowSpec

from engine.diagram.dialects import own
from engine.diagram.drawn import child_text, is_true, triggers
from engine.diagram.normalise.tree import (
    ASKED,
    ASKS,
    BASE,
    CONNECTOR,
    CORRELATION,
    DECISION,
    INPUTS,
    OF,
    RESULT,
    SERVICE,
    UNDO,
    drawn_id,
    flows,
    name_of,
    nodes,
)
from engine.diagram.run import events, gateways, loops, steps

if TYPE_CHECKING:
    from engine.diagram.decisions import Decisions

_EVENTS: Final = (
    MESSAGE_EVENT_XPATH,
    SIGNAL_EVENT_XPATH,
    TIMER_EVENT_XPATH,
    CONDITIONAL_EVENT_XPATH,
    ERROR_EVENT_XPATH,
    ESCALATION_EVENT_XPATH,
    TERMINATION_EVENT_XPATH,
)


class Plan(BpmnProcessSpec):
    """One scope of a diagram: a process, or a sub-process in it."""

    process: str
    decisions: Decisions | None = None
    is_core = False
    """Taken out of the scope around it, with which it ends."""
    has_inclusive_joins = False

    def __init__(self, name: str, description: str | None, filename: str | None) -> None:
        WorkflowSpec.__init__(self, name=name, filename=filename)
        self.svg = None
        self.description = description
        self.io_specification = None
        self.data_objects: dict[str, Any] = {}
        self.data_stores: dict[str, Any] = {}
        self.correlation_keys: dict[str, Any] = {}
        self.bpmn_start_events: list[Any] = []
        # An id in a file may be "Start" or "End"; none holds a blank.
        self.start = steps.Entry(self, "the beginning")

    def prepare(self) -> None:
        for spec in self.task_specs.values():
            spec.prepare(self)


class _Node(TaskParser):
    STANDARD_LOOP_CLASS = loops.Again
    PARALLEL_MI_CLASS = loops.SideBySide
    SEQUENTIAL_MI_CLASS = loops.InTurn

    def create_task(self) -> Any:
        if self.node.get(ASKS):
            self.spec_class = steps.Ask
        made = super().create_task()
        made.asks = self.node.get(ASKS, "")
        made.does = self.node.get(SERVICE, "")
        made.undoes = self.node.get(UNDO)
        made.connector = self.node.get(CONNECTOR, "")
        made.gives = tuple((name, source) for name, source in json.loads(self.node.get(INPUTS, "[]")))
        return made

    def _add_multiinstance_task(self, loop_characteristics: etree._Element) -> None:
        super()._add_multiinstance_task(loop_characteristics)
        self.task.base = int(loop_characteristics.get(BASE, "0"))

    def _add_boundary_event(self, children: list[etree._Element]) -> Any:
        armed = steps.Armed(self.spec, f"{self.bpmn_id}:armed")
        armed.element = drawn_id(self.node)
        armed.connect(self.task)
        for child in children:
            armed.connect(self.process_parser.parse_node(child))
        return armed


class _Gateway(_Node):
    def create_task(self) -> Any:
        made = super().create_task()
        made.asked = self.node.get(ASKED) is not None
        return made


class _Script(_Node):
    def create_task(self) -> Any:
        return self.spec_class(
            self.spec, self.bpmn_id, script=child_text(self.node, "script") or "", **self.bpmn_attributes
        )


class _Decision(_Node):
    def create_task(self) -> Any:
        made = super().create_task()
        made.decision = self.node.get(DECISION, "")
        made.result = self.node.get(RESULT)
        return made


class _Inner(_Node):
    def create_task(self) -> Any:
        self.process_parser.parser.create_parser(self.node, filename=self.filename, lane=self.lane)
        return self.spec_class(self.spec, self.bpmn_id, subworkflow_spec=self.bpmn_id, **self.bpmn_attributes)


class _Called(_Node):
    def create_task(self) -> Any:
        called = self.node.get("calledElement")
        return self.spec_class(self.spec, self.bpmn_id, subworkflow_spec=called, **self.bpmn_attributes)


class _Event(_Node, EventDefinitionParser):
    def create_task(self) -> Any:
        return self._create_task(self.get_event_definition(_EVENTS))


class _Start(_Event):
    def create_task(self) -> Any:
        made = super().create_task()
        self.spec.start.connect(made)
        return made


class _Border(_Event):
    def create_task(self) -> Any:
        cancels = (self.node.get("cancelActivity") or "true").strip().lower() in ("true", "1")
        return self._create_task(self.get_event_definition(_EVENTS), cancels)


class _FirstOf(_Event):
    def create_task(self) -> Any:
        return self._create_task(MultipleEventDefinition())


class _Message(_Node, SendTaskParser):
    def create_task(self) -> Any:
        made = SendTaskParser.create_task(self)
        made.does = self.node.get(SERVICE, "")
        return made


class _Scope(ProcessParser):
    """Parses the nodes of one scope, and connects them when all are there."""

    def create_spec(self) -> Plan:
        return Plan(self.bpmn_id, self.get_name(), self.filename)

    def get_outgoing_sequence_flows(self, source_ref: str) -> list[etree._Element]:
        return []

    def parse_node(self, node: etree._Element) -> Any:
        name = node.get("id") or ""
        if name not in self.made:
            parser_class, spec_class = self.parser._get_parser_class(node.tag)
            parser = parser_class(self, spec_class, node, self.nsmap, lane=self.lane)
            entered = parser.parse_node()
            self.made[name] = (parser.task, entered)
            self._mark(node, parser.task)
        return self.made[name][1]

    def _mark(self, node: etree._Element, spec: Any) -> None:
        for one in (spec, self.spec.task_specs.get(getattr(spec, "task_spec", ""))):
            if one is not None:
                one.element = drawn_id(node)
                one.reported = type(one).reported and node.get(OF) is None
                one.working = is_true(own(node, "workingTime"))
                one.correlation = _correlation_of(node)

    def add_tasks(self) -> None:
        self.made: dict[str, tuple[Any, Any]] = {}
        self.spec.start.element = drawn_id(self.node)
        for node in nodes(self.node):
            self.parse_node(node)
        defaults = {node.get("id"): node.get("default") for node in nodes(self.node)}
        for flow in flows(self.node):
            source, _ = self.made[flow.get("sourceRef") or ""]
            _, target = self.made[flow.get("targetRef") or ""]
            if isinstance(source, gateways._Chooses):
                is_default = flow.get("id") == defaults[flow.get("sourceRef")]
                condition = None if is_default else child_text(flow, "conditionExpression")
                source.add_way(gateways.Way(flow.get("id") or "", name_of(flow), condition, is_default, target))
            else:
                source.connect(target)

    def get_name(self) -> str:
        return str(self.node.get("name") or self.bpmn_id)


def _correlation_of(node: etree._Element) -> str:
    """On the event or on its definition, which may have been put into another event."""
    return next((one.get(CORRELATION, "") for one in (node, *triggers(node)) if one.get(CORRELATION)), "")


class Parser(BpmnParser):
    """The library's parser, with a step of ours for each element that can be run."""

    PROCESS_PARSER_CLASS = _Scope
    PARSER_CLASSES: Final = {
        full_tag("startEvent"): (_Start, events.Start),
        full_tag("endEvent"): (_Event, events.End),
        full_tag("intermediateCatchEvent"): (_Event, events.Catch),
        full_tag("intermediateThrowEvent"): (_Event, events.Throw),
        full_tag("boundaryEvent"): (_Border, events.Border),
        full_tag("task"): (_Node, steps.Plain),
        full_tag("userTask"): (_Node, steps.Person),
        full_tag("manualTask"): (_Node, steps.Manual),
        full_tag("scriptTask"): (_Script, steps.Script),
        full_tag("serviceTask"): (_Node, steps.Service),
        full_tag("businessRuleTask"): (_Decision, steps.Decide),
        full_tag("sendTask"): (_Message, events.Send),
        full_tag("receiveTask"): (_Message, events.Receive),
        full_tag("subProcess"): (_Inner, steps.SubProcess),
        full_tag("transaction"): (_Inner, steps.SubProcess),
        full_tag("callActivity"): (_Called, steps.Call),
        full_tag("exclusiveGateway"): (_Gateway, gateways.OneWay),
        full_tag("inclusiveGateway"): (_Gateway, gateways.SomeWays),
        full_tag("parallelGateway"): (_Node, gateways.AllWays),
        full_tag("eventBasedGateway"): (_FirstOf, gateways.FirstOf),
    }
