"""The two editions that are compared, and what is said of a difference. Values."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum
from functools import cached_property
from typing import Final

from lxml import etree

from engine.base.frozen import frozen
from engine.base.text import Name, Text
from engine.diagram import forms, xml
from engine.diagram.drawn import drawn
from engine.diagram.kinds import GATEWAYS
from engine.diagram.owners import flows_into, flows_out_of, owner_of
from engine.diagram.shape import Diagram, Element, Flow


class Group(StrEnum):
    """In the order in which they are told."""

    STEPS = "steps"  # steps that came, went or became something else
    WHO = "who"  # lanes and posts, separation of duties
    WAY = "way"  # gateways, conditions, flows
    TIME = "time"  # standards, periods, timers
    FORMS = "forms"
    DECISIONS = "decisions"
    WORK = "work"  # instructions, documents required
    NAMES = "names"  # names and documentation


class Change(StrEnum):
    ADDED = "added"
    REMOVED = "removed"
    CHANGED = "changed"


@frozen
class Difference:
    """`old` and `new`: where it is marked on either diagram. `before` and `after`: longer texts, to be read beside."""

    code: str
    group: Group
    change: Change
    sentence: Text
    old: tuple[str, ...] = ()
    new: tuple[str, ...] = ()
    before: str | None = None
    after: str | None = None


@dataclass(frozen=True)
class Side:
    """An edition. `posts`: what the post of an owner is called, by Owner.key; `asked`: flows a person is asked about."""

    diagram: Diagram
    attachments: Mapping[str, bytes]
    posts: Mapping[str, Text]
    asked: frozenset[str] = frozenset()

    @cached_property
    def nodes(self) -> Mapping[str, etree._Element]:
        """The XML of each element, flow and process."""
        everything = drawn(xml.parsed(self.diagram.source, self.diagram.file))
        places = {**everything.nodes, **everything.flows}
        return {name: place.node for name, place in places.items()} | dict(everything.processes)

    @cached_property
    def forms(self) -> Mapping[str, forms.Form]:
        return forms.forms_of(self.diagram, self.attachments)

    @cached_property
    def entering(self) -> Mapping[str, list[Flow]]:
        return flows_into(self.diagram)

    @cached_property
    def leaving(self) -> Mapping[str, list[Flow]]:
        return flows_out_of(self.diagram)

    @cached_property
    def owner_of(self) -> Mapping[str, str]:
        return owner_of(self.diagram)

    def element(self, name: str) -> Element:
        return self.diagram.elements[name]

    def label(self, name: str) -> Text:
        """What an element is called; one without a name by its kind and what stands before it."""
        one = self.diagram.elements.get(name)
        if one is None:
            return as_typed(name)
        if one.name:
            return as_typed(one.name)
        kind = NOUNS.get(one.kind) or (GATEWAY if one.kind in GATEWAYS else STEP)
        where, before = AFTER, self._named_before(name)
        if before is None:
            where, before = BEFORE, self._named_after(name)
        return kind if before is None else filled(where, kind=kind, name=before)

    def _named_before(self, name: str) -> str | None:
        attached = self.diagram.elements[name].attached_to
        if attached is not None:
            return self.diagram.elements[attached].name if attached in self.diagram.elements else None
        names = [self.diagram.elements[flow.source].name for flow in self.entering.get(name, ())]
        return next((one for one in names if one), None)

    def _named_after(self, name: str) -> str | None:
        names = [self.diagram.elements[flow.target].name for flow in self.leaving.get(name, ())]
        return next((one for one in names if one), None)

    def flow_label(self, flow: Flow) -> Text:
        if flow.name:
            return filled(NAMED_WAY, source=self.label(flow.source), name=flow.name)
        return filled(WAY, source=self.label(flow.source), target=self.label(flow.target))

    def lane_name(self, name: str) -> str | None:
        lane = self.diagram.lanes.get(self.diagram.elements[name].lane or "")
        return None if lane is None else lane.name or lane.id

    def post(self, name: str) -> Text | None:
        """Whose the step is."""
        return self.posts.get(self.owner_of.get(name, ""))


def side(
    diagram: Diagram,
    attachments: Mapping[str, bytes] | None = None,
    posts: Mapping[str, Text] | None = None,
    asked: frozenset[str] = frozenset(),
) -> Side:
    return Side(diagram, attachments or {}, posts or {}, asked)


def as_typed(words: str) -> Text:
    """What somebody typed is said as it stands, in either language."""
    return Name(words, words)


def filled(sentence: Text, /, **facts: Text | str) -> Text:
    return Name(sentence.say("en", **facts), sentence.say("zh", **facts))


AFTER: Final = Text("{kind} after “{name}”", "“{name}”之后的{kind}")
BEFORE: Final = Text("{kind} before “{name}”", "“{name}”之前的{kind}")
NAMED_WAY: Final = Text("{source} → {name}", "{source} → {name}")
WAY: Final = Text("{source} → {target}", "{source} → {target}")
GATEWAY: Final = Text("the gateway", "网关")
STEP: Final = Text("the step", "环节")
NOUNS: Final[Mapping[str, Text]] = {
    "startEvent": Text("the start", "开始事件"),
    "endEvent": Text("the end", "结束事件"),
    "boundaryEvent": Text("the event on the border", "边界事件"),
    "intermediateCatchEvent": Text("the event", "中间事件"),
    "intermediateThrowEvent": Text("the event", "中间事件"),
    "subProcess": Text("the sub-process", "子流程"),
    "transaction": Text("the transaction", "事务"),
}
KINDS: Final[Mapping[str, Text]] = {
    "task": Text("a task", "任务"),
    "userTask": Text("a task of a person", "人工任务"),
    "manualTask": Text("a task by hand", "手工任务"),
    "scriptTask": Text("a script", "脚本任务"),
    "serviceTask": Text("a task of a machine", "服务任务"),
    "businessRuleTask": Text("a decision by a table", "决策任务"),
    "sendTask": Text("a sending", "发送任务"),
    "receiveTask": Text("a receiving", "接收任务"),
    "callActivity": Text("a call of another procedure", "调用其他程序"),
    "subProcess": Text("a sub-process", "子流程"),
    "transaction": Text("a transaction", "事务"),
    "adHocSubProcess": Text("an ad-hoc sub-process", "自由子流程"),
    "exclusiveGateway": Text("exclusive (one way)", "排他（只走一条）"),
    "inclusiveGateway": Text("inclusive (some ways)", "包容（走若干条）"),
    "parallelGateway": Text("parallel (all ways)", "并行（全部走）"),
    "complexGateway": Text("complex", "复杂"),
    "eventBasedGateway": Text("event-based (whatever comes first)", "事件（先到先走）"),
    "startEvent": Text("a start", "开始事件"),
    "endEvent": Text("an end", "结束事件"),
    "boundaryEvent": Text("an event on the border of a step", "边界事件"),
    "intermediateCatchEvent": Text("an event that is waited for", "等待事件"),
    "intermediateThrowEvent": Text("an event that is thrown", "触发事件"),
}
