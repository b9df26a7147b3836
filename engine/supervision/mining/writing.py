"""Logs written out for other programs, piece by piece: XES (IEEE 1849), OCEL 2.0 as JSON, rows of a table. Pure."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, Final

import orjson

from engine.base.quoted import quoted
from engine.supervision.mining.events import Event, Fact, Lifecycle, Trace

PAPER: Final = "officium:paper"
"""A fact of an event by which a paper was added: which one."""
WORDS_OUT: Final = {
    Lifecycle.SCHEDULE: "schedule",
    Lifecycle.START: "start",
    Lifecycle.COMPLETE: "complete",
    Lifecycle.SUSPEND: "suspend",
    Lifecycle.RESUME: "resume",
    Lifecycle.ASSIGN: "assign",
    Lifecycle.WITHDRAW: "withdraw",
    Lifecycle.OTHER: "unknown",
}

# What XML 1.0 cannot hold at all.
UNFIT: Final = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\ud800-\udfff\ufffe\uffff]")

_XES_HEAD: Final = """<?xml version="1.0" encoding="UTF-8"?>
<log xes.version="1849-2016" xes.features="" xmlns="http://www.xes-standard.org/">
<extension name="Concept" prefix="concept" uri="http://www.xes-standard.org/concept.xesext"/>
<extension name="Lifecycle" prefix="lifecycle" uri="http://www.xes-standard.org/lifecycle.xesext"/>
<extension name="Time" prefix="time" uri="http://www.xes-standard.org/time.xesext"/>
<extension name="Organizational" prefix="org" uri="http://www.xes-standard.org/org.xesext"/>
<extension name="Cost" prefix="cost" uri="http://www.xes-standard.org/cost.xesext"/>
<global scope="trace"><string key="concept:name" value=""/></global>
<global scope="event"><string key="concept:name" value=""/><date key="time:timestamp" value="1970-01-01T00:00:00Z"/><string key="lifecycle:transition" value="complete"/></global>
<classifier name="Activity" keys="concept:name"/>
"""


def xes(traces: Iterable[Trace], name: str) -> Iterator[bytes]:
    """A trace at a time."""
    yield (_XES_HEAD + _attribute("concept:name", name)).encode()
    for one in traces:
        yield "".join(_trace(one)).encode()
    yield b"</log>\n"


def _trace(trace: Trace) -> Iterator[str]:
    yield "<trace>\n" + _attribute("concept:name", trace.case)
    for key, value in trace.facts.items():
        yield _attribute(key, value)
    for one in trace.events:
        yield "<event>" + "".join(_attribute(key, value) for key, value in _facts_of(one)) + "</event>\n"
    yield "</trace>\n"


def _facts_of(one: Event) -> Iterator[tuple[str, Fact]]:
    yield "concept:name", one.activity
    yield "time:timestamp", one.at
    yield "lifecycle:transition", WORDS_OUT[one.lifecycle]
    for key, value in (("org:resource", one.resource), ("org:group", one.group), ("concept:instance", one.instance)):
        if value is not None:
            yield key, value
    if one.cost is not None:
        yield "cost:total", one.cost
    yield from one.facts.items()


def _attribute(key: str, value: Fact) -> str:
    kind, written = _typed(value)
    return f"<{kind} key={_quoted(key)} value={_quoted(written)}/>\n"


def _typed(value: Fact) -> tuple[str, str]:
    if isinstance(value, bool):
        return "boolean", str(value).lower()
    if isinstance(value, datetime):
        return "date", value.isoformat(timespec="milliseconds")
    if isinstance(value, int):
        return "int", str(value)
    if isinstance(value, float):
        return "float", repr(value)
    return "string", value


def _quoted(text: str) -> str:
    return quoted(UNFIT.sub("\ufffd", text))


LARGEST: Final = (1 << 63) - 1
HEADS: Final = (
    "case:concept:name", "concept:name", "time:timestamp", "lifecycle:transition", "org:resource", "org:group",
    "concept:instance", "cost:total",
)  # fmt: skip


def rows(traces: Iterable[Trace]) -> Iterator[Sequence[Any]]:
    """Under `HEADS`; whoever writes them sees to it that no cell is a formula."""
    for trace in traces:
        for one in trace.events:
            yield (
                trace.case, one.activity, one.at.isoformat(timespec="milliseconds"), WORDS_OUT[one.lifecycle],
                one.resource, one.group, one.instance, one.cost,
            )  # fmt: skip


def ocel(traces: Iterable[Trace]) -> Iterator[bytes]:
    """OCEL 2.0, JSON form. Cases, tasks, departments, persons and papers are objects; what was done are events.

    Events come first, a case at a time; what they refer to is gathered meanwhile and follows.
    """
    types: dict[str, None] = {}
    found = Found()
    cases: list[dict[str, Any]] = []
    yield b'{"events":['
    number = 0
    for place, trace in enumerate(traces):
        case = f"case:{place}:{trace.case}"
        cases.append(_object(case, "case", {"name": trace.case, **trace.facts}))
        pieces = []
        for one in trace.events:
            number += 1
            types.setdefault(one.activity)
            pieces.append(orjson.dumps(_event(number, one, related(one, case, found))))
        if pieces:
            yield (b"" if number == len(pieces) else b",") + b",".join(pieces)
    yield b'],"objects":['
    objects = [*cases, *(_object(one, "task", {}, [(case, "part of")]) for one, case in found.tasks.items())]
    objects += [_object(f"department:{one}", "department", {"name": one}) for one in found.units]
    objects += [_object(f"person:{one}", "person", {}) for one in found.people]
    objects += [_object(one, "paper", {}, [(case, "belongs to")]) for one, case in found.papers.items()]
    for place, held in enumerate(objects):
        yield (b"," if place else b"") + orjson.dumps(held)
    yield b'],"objectTypes":' + orjson.dumps(_object_types(cases))
    yield b',"eventTypes":' + orjson.dumps(
        [
            {"name": one, "attributes": [{"name": "lifecycle", "type": "string"}, {"name": "cost", "type": "float"}]}
            for one in types
        ]
    )
    yield b"}"


@dataclass(slots=True)
class Found:
    """The objects that events named so far; of a task and a paper, the case it belongs to."""

    tasks: dict[str, str] = field(default_factory=dict)
    units: dict[str, None] = field(default_factory=dict)
    people: dict[str, None] = field(default_factory=dict)
    papers: dict[str, str] = field(default_factory=dict)
    _fresh: list[tuple[str, str, str]] = field(default_factory=list)
    size: int = 0

    def add(self, kind: str, name: str, case: str) -> None:
        kinds: dict[str, Any] = {
            "task": self.tasks, "department": self.units, "person": self.people, "paper": self.papers,
        }  # fmt: skip
        if name not in kinds[kind]:
            kinds[kind][name] = case
            self.size += 1
            called = name if kind in BELONGS else f"{kind}:{name}"
            self._fresh.append((called, kind, BELONGS.get(kind, "")))

    def fresh(self) -> list[tuple[str, str, str]]:
        """Those nobody asked for yet: what each is called, its type, and how it belongs to its case."""
        some, self._fresh = self._fresh, []
        return some


OBJECTS: Final = ("case", "task", "department", "person", "paper")
BELONGS: Final = {"task": "part of", "paper": "belongs to"}


def related(one: Event, case: str, into: Found) -> list[tuple[str, str]]:
    found = [(case, "case")]
    if one.instance is not None:
        task = f"task:{case}:{one.instance}"
        into.add("task", task, case)
        found.append((task, "task"))
    if one.group is not None:
        into.add("department", one.group, case)
        found.append((f"department:{one.group}", "department"))
    if one.resource is not None:
        into.add("person", one.resource, case)
        found.append((f"person:{one.resource}", "done by"))
    if PAPER in one.facts:
        paper = f"paper:{one.facts[PAPER]}"
        into.add("paper", paper, case)
        found.append((paper, "paper"))
    return found


def _event(number: int, one: Event, related: Sequence[tuple[str, str]]) -> dict[str, Any]:
    attributes: list[dict[str, Any]] = [{"name": "lifecycle", "value": WORDS_OUT[one.lifecycle]}]
    if one.cost is not None:
        attributes.append({"name": "cost", "value": one.cost})
    return {
        "id": f"e{number}",
        "type": one.activity,
        "time": one.at.isoformat(timespec="milliseconds"),
        "attributes": attributes,
        "relationships": [{"objectId": to, "qualifier": how} for to, how in related],
    }


_NEVER: Final = "1970-01-01T00:00:00Z"
"""When an attribute that does not change has its value from."""


def _object(name: str, kind: str, facts: dict[str, Fact], related: Sequence[tuple[str, str]] = ()) -> dict[str, Any]:
    return {
        "id": name,
        "type": kind,
        "attributes": [{"name": key, "time": _NEVER, "value": said(value)} for key, value in facts.items()],
        "relationships": [{"objectId": to, "qualifier": how} for to, how in related],
    }


def said(value: Fact) -> Any:
    """Numbers that programs commonly cannot hold are told as words."""
    if isinstance(value, int) and not -LARGEST - 1 <= value <= LARGEST:
        return str(value)
    return value.isoformat(timespec="milliseconds") if isinstance(value, datetime) else value


def _object_types(cases: Sequence[dict[str, Any]]) -> list[dict[str, Any]]:
    kinds: dict[str, str] = {}
    for case in cases:
        for one in case["attributes"]:
            found = kind_of(one["value"])
            kinds[one["name"]] = found if kinds.get(one["name"], found) == found else "string"
    return [
        {"name": "case", "attributes": [{"name": name, "type": kind} for name, kind in kinds.items()]},
        {"name": "task", "attributes": []},
        {"name": "department", "attributes": [{"name": "name", "type": "string"}]},
        {"name": "person", "attributes": []},
        {"name": "paper", "attributes": []},
    ]


def kind_of(value: Any) -> str:
    if isinstance(value, bool):
        return "boolean"
    return {int: "integer", float: "float"}.get(type(value), "string")
