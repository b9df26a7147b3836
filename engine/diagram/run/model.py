"""A procedure made ready to run, from the diagram as drawn and those it calls."""

from __future__ import annotations

import copy
from collections.abc import Collection, Mapping
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING, Any
from zoneinfo import ZoneInfo

from lxml import etree

from engine.base.text import Name, Text
from engine.diagram import language
from engine.diagram.kinds import CHOOSING
from engine.diagram.normalise import Normalised, mended, normalise
from engine.diagram.normalise.dialects import name_called
from engine.diagram.normalise.supported import refused
from engine.diagram.normalise.tree import MODEL_TAG, child_text, flows, inner_scopes, name_of, nodes, tag
from engine.diagram.position import Question
from engine.diagram.run.gateways import _Chooses
from engine.diagram.run.lengths import Calendars
from engine.diagram.run.plan import Parser, Plan
from engine.diagram.run.refusals import CannotRun
from engine.diagram.run.steps import Call, Entry, SubProcess
from engine.diagram.shape import Diagram
from engine.diagram.xml import parse

if TYPE_CHECKING:
    from engine.diagram.decisions import Decisions

_MISSING = Text(en="the process “{called}” that it calls is not there", zh="找不到所调用的流程“{called}”")
_DYNAMIC = Text(en="which process it calls is only known while a case runs", zh="被调用的流程要到办件运行时才能确定")
_CIRCLE = Text(en="it calls itself, directly or through another", zh="它直接或间接地调用了自身")
_EMPTY = Text(en="nothing is drawn in it", zh="其中没有内容")
_LIBRARY = Text(en="its parts do not fit together ({detail})", zh="其各部分无法组合（{detail}）")


@dataclass(frozen=True, slots=True, eq=False)
class Model:
    """Immutable: shared by every case of an edition, and by threads.

    `questions`: what a person answers together with a step, by process and step; where no step stands before the
    gateway, by process and gateway. `variables`: the only answers the engine is given.
    """

    process: str
    plan: Plan = field(repr=False)
    questions: Mapping[tuple[str, str], tuple[Question, ...]]
    variables: frozenset[str]
    zone: ZoneInfo
    gateways: Mapping[tuple[str, str], Question] = field(repr=False)  # every choice by conditions, for doing by hand
    starts: Mapping[str, str] = field(repr=False)  # start event of the process -> what triggers it
    counted: frozenset[tuple[str, str]] = frozenset()  # process and element of timers that count working time
    calendars: Calendars | None = field(default=None, repr=False)

    def counting(self, calendars: Calendars) -> Model:
        """The same, for moves made now: working time is counted by these calendars. Without any, by the clock."""
        return replace(self, calendars=calendars) if self.counted else self


@dataclass(slots=True)
class _File:
    """One diagram on its way to being plans."""

    diagram: Diagram
    decisions: Decisions | None
    root: etree._Element
    processes: Mapping[str, etree._Element]


class _Maker:
    def __init__(
        self, called: Mapping[str, tuple[Diagram, Decisions | None]], ask: Collection[str], start: tuple[_File, str]
    ) -> None:
        self.called = called
        self.ask = ask
        self.start = start
        self.files: dict[int, _File] = {id(start[0].diagram): start[0]}
        self.plans: dict[tuple[int, str], Plan] = {}
        self.questions: dict[tuple[str, str], tuple[Question, ...]] = {}

    def make(self) -> Plan:
        calls = self._calls()
        wanted: dict[int, set[str]] = {}
        for place in calls:
            wanted.setdefault(place[0], set()).add(place[1])
        for number, names in wanted.items():
            self._parse(number, names)
        for place in calls:
            self._connect(self.plans[place], calls[place])
        return self.plans[id(self.start[0].diagram), self.start[1]]

    def _calls(self) -> dict[tuple[int, str], dict[str, tuple[int, str]]]:
        """Every process that is reached, and for each of its call activities which process it calls."""
        found: dict[tuple[int, str], dict[str, tuple[int, str]]] = {}
        waiting = [(id(self.start[0].diagram), self.start[1])]
        while waiting:
            place = waiting.pop()
            if place in found:
                continue
            file = self.files[place[0]]
            process = file.processes[place[1]]
            _check(process)
            found[place] = {call.get("id") or "": self._target(file, call) for call in _call_activities(process)}
            waiting += found[place].values()
        _refuse_circles(found, self._name)
        return found

    def _name(self, place: tuple[int, str]) -> str:
        return name_of(self.files[place[0]].processes[place[1]]) or place[1]

    def _target(self, file: _File, call: etree._Element) -> tuple[int, str]:
        called = call.get("calledElement") or ""
        if called.startswith(("$", "#", "=")):
            raise _cannot(call, _DYNAMIC)
        if called in file.processes:
            return id(file.diagram), called
        if called not in self.called:
            raise _cannot(call, _said(_MISSING, called=called))
        diagram, decisions = self.called[called]
        other = self.files.setdefault(id(diagram), _file(diagram, decisions))
        if called in other.processes:
            return id(diagram), called
        filled = [name for name, process in other.processes.items() if nodes(process)]
        if len(filled) != 1:
            raise _cannot(call, _said(_MISSING, called=called))
        return id(diagram), filled[0]

    def _parse(self, number: int, names: set[str]) -> None:
        file = self.files[number]
        root = copy.deepcopy(file.root)
        for process in root.findall(f"{MODEL_TAG}process"):
            if process.get("id") not in names:
                root.remove(process)
        normal = normalise(root, ask=self.ask)
        for place, asked in normal.questions.items():
            self.questions[place] = self.questions.get(place, ()) + asked
        for name, process in {one.get("id") or "": one for one in normal.root.findall(f"{MODEL_TAG}process")}.items():
            _check_conditions(process)
            self.plans[number, name] = self._plan(file, normal, name, process)

    def _plan(self, file: _File, normal: Normalised, name: str, process: etree._Element) -> Plan:
        parser = Parser()
        try:
            parser.add_bpmn_xml(normal.root.getroottree(), file.diagram.file)
            plan: Plan = parser.get_spec(name)
            waiting = [plan]
            while waiting:
                one = waiting.pop()
                one.process, one.decisions = name, file.decisions
                for inner in [spec for spec in one.task_specs.values() if isinstance(spec, SubProcess)]:
                    inner.plan = parser.get_spec(inner.spec)
                    inner.plan.is_core = inner.spec == f"core:{one.name}"
                    waiting.append(inner.plan)
                one.prepare()
            _mark_top(plan)
        # A stranger's file, and a library that raises whatever it meets: all of it means that it does not fit.
        except Exception as wrong:
            detail = " ".join(str(wrong).split())[:200]
            raise _cannot(process, _said(_LIBRARY, detail=detail)) from wrong
        return plan

    def _connect(self, plan: Plan, calls: Mapping[str, tuple[int, str]]) -> None:
        for one in _all_of(plan):
            for spec in one.task_specs.values():
                if isinstance(spec, Call):
                    spec.plan = self.plans[calls[spec.bpmn_id]]


def model(
    diagram: Diagram,
    *,
    process: str,
    called: Mapping[str, tuple[Diagram, Decisions | None]] | None = None,
    decisions: Decisions | None = None,
    ask: Collection[str] = (),
    zone: str = "UTC",
) -> Model:
    """`called`: the diagrams of other files that call activities name. `ask`: flows whose condition a person answers.

    A gateway one of whose ways has no condition, is not the default, or is among `ask` is a person's choice among
    all its ways. Raises CannotRun.
    """
    file = _file(diagram, decisions)
    if process not in file.processes or not nodes(file.processes[process]):
        raise CannotRun(name=process, element=process, why=_EMPTY)
    maker = _Maker(called or {}, ask, (file, process))
    plan = maker.make()
    plans = _with_called(plan)
    names = {name for one in plans for spec in one.task_specs.values() for name in spec.names()}
    return Model(
        process=process,
        plan=plan,
        questions=maker.questions,
        variables=frozenset(names),
        zone=ZoneInfo(zone),
        gateways={(one.process, spec.element): spec.question() for one in plans for spec in _choosing(one)},
        starts={spec.name: spec.trigger for spec in starts_of(plan) if spec.reported},
        counted=frozenset(
            (one.process, spec.element)
            for one in plans
            for spec in one.task_specs.values()
            if spec.working and spec.trigger == "timer"
        ),
    )


def _file(diagram: Diagram, decisions: Decisions | None) -> _File:
    root = mended(parse(diagram.source, diagram.file))
    processes = {one.get("id") or "": one for one in root.findall(f"{MODEL_TAG}process")}
    for one in processes.values():
        name_called(one)
    return _File(diagram, decisions, root, processes)


def _said(reason: Text, **facts: str) -> Name:
    return Name(reason.say("en", **facts), reason.say("zh", **facts))


def _cannot(node: etree._Element, why: Text) -> CannotRun:
    element = node.get("id") or tag(node)
    return CannotRun(name=name_of(node) or element, element=element, why=why)


def _check(process: etree._Element) -> None:
    if not nodes(process):
        raise _cannot(process, _EMPTY)
    for one in refused(process):
        raise CannotRun(name=one.name or one.element, element=one.element, why=one.why)


def _check_conditions(process: etree._Element) -> None:
    """A condition that cannot be read would never hold; a person must be asked in its place."""
    waiting = [process]
    while waiting:
        scope = waiting.pop()
        waiting += inner_scopes(scope)
        choosing = {node.get("id"): node for node in nodes(scope) if tag(node) in CHOOSING}
        for flow in flows(scope):
            gateway = choosing.get(flow.get("sourceRef"))
            condition = child_text(flow, "conditionExpression")
            if condition is not None and gateway is not None and gateway.get("default") != flow.get("id"):
                _check_condition(flow, condition)


def _check_condition(flow: etree._Element, condition: str) -> None:
    try:
        language.expression(condition)
    except language.NotAnExpression as refusal:
        raise _cannot(flow, Name(refusal.say("en"), refusal.say("zh"))) from None


def _call_activities(process: etree._Element) -> list[etree._Element]:
    found, waiting = [], [process]
    while waiting:
        scope = waiting.pop()
        found += [node for node in nodes(scope) if tag(node) == "callActivity"]
        waiting += inner_scopes(scope)
    return found


def _refuse_circles(calls: Mapping[tuple[int, str], Mapping[str, tuple[int, str]]], name: Any) -> None:
    done: set[tuple[int, str]] = set()
    for first in calls:
        path: list[tuple[int, str]] = []
        waiting = [(first, False)]
        while waiting:
            place, is_over = waiting.pop()
            if is_over:
                done.add(path.pop())
            elif place in path:
                raise CannotRun(name=name(place), element=place[1], why=_CIRCLE)
            elif place not in done:
                path.append(place)
                waiting.append((place, True))
                waiting += [(target, False) for target in calls[place].values()]


def _all_of(plan: Plan) -> list[Plan]:
    """The plan and those of the sub-processes in it."""
    found, waiting = [], [plan]
    while waiting:
        one = waiting.pop()
        found.append(one)
        waiting += [spec.plan for spec in one.task_specs.values() if isinstance(spec, SubProcess)]
    return found


def _with_called(plan: Plan) -> list[Plan]:
    found: dict[int, Plan] = {}
    waiting = [plan]
    while waiting:
        for one in _all_of(waiting.pop()):
            if id(one) not in found:
                found[id(one)] = one
                waiting += [spec.plan for spec in one.task_specs.values() if isinstance(spec, Call)]
    return list(found.values())


def _choosing(plan: Plan) -> list[Any]:
    return [spec for spec in plan.task_specs.values() if isinstance(spec, _Chooses) and len(spec.options) > 1]


def _mark_top(plan: Plan) -> None:
    """Where the case's own process begins: in it, or in what was taken out of it."""
    while True:
        entry: Entry = plan.start
        entry.is_top = True
        core = [spec.plan for spec in plan.task_specs.values() if isinstance(spec, SubProcess) and spec.plan.is_core]
        if not core:
            return
        plan = core[0]


def starts_of(plan: Plan) -> tuple[Any, ...]:
    while True:
        core = [spec.plan for spec in plan.task_specs.values() if isinstance(spec, SubProcess) and spec.plan.is_core]
        if not core:
            return tuple(plan.start.next)
        plan = core[0]
