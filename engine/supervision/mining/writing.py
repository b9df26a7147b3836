"""Logs written out for other programs, piece by piece: XES (IEEE 1849), OCEL 2.0 as JSON, rows of a table. Pure."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Sequence
from datetime import datetime
from typing import Any, Final
from xml.sax.saxutils import quoteattr

import orjson

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
_UNFIT: Final = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\ud800-\udfff\ufffe\uffff]")

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
    return quoteattr(_UNFIT.sub("\ufffd", text))


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
    units: dict[str, None] = {}
    people: dict[str, None] = {}
    papers: dict[str, str] = {}
    cases: list[dict[str, Any]] = []
    tasks: dict[str, str] = {}
    yield b'{"events":['
    number = 0
    for place, trace in enumerate(traces):
        case = f"case:{place}:{trace.case}"
        cases.append(_object(case, "case", {"name": trace.case, **trace.facts}))
        pieces = []
        for one in trace.events:
            number += 1
            types.setdefault(one.activity)
            said = _related(one, case, tasks, units, people, papers)
            pieces.append(orjson.dumps(_event(number, one, said)))
        if pieces:
            yield (b"" if number == len(pieces) else b",") + b",".join(pieces)
    yield b'],"objects":['
    objects = [*cases, *(_object(one, "task", {}, [(case, "part of")]) for one, case in tasks.items())]
    objects += [_object(f"department:{one}", "department", {"name": one}) for one in units]
    objects += [_object(f"person:{one}", "person", {}) for one in people]
    objects += [_object(one, "paper", {}, [(case, "belongs to")]) for one, case in papers.items()]
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


def _related(
    one: Event,
    case: str,
    tasks: dict[str, str],
    units: dict[str, None],
    people: dict[str, None],
    papers: dict[str, str],
) -> list[tuple[str, str]]:
    found = [(case, "case")]
    if one.instance is not None:
        task = f"task:{case}:{one.instance}"
        tasks.setdefault(task, case)
        found.append((task, "task"))
    if one.group is not None:
        units.setdefault(one.group)
        found.append((f"department:{one.group}", "department"))
    if one.resource is not None:
        people.setdefault(one.resource)
        found.append((f"person:{one.resource}", "done by"))
    if PAPER in one.facts:
        paper = f"paper:{one.facts[PAPER]}"
        papers.setdefault(paper, case)
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
        "attributes": [{"name": key, "time": _NEVER, "value": _said(value)} for key, value in facts.items()],
        "relationships": [{"objectId": to, "qualifier": how} for to, how in related],
    }


def _said(value: Fact) -> Any:
    return value.isoformat(timespec="milliseconds") if isinstance(value, datetime) else value


def _object_types(cases: Sequence[dict[str, Any]]) -> list[dict[str, Any]]:
    kinds: dict[str, str] = {}
    for case in cases:
        for one in case["attributes"]:
            found = _kind(one["value"])
            kinds[one["name"]] = found if kinds.get(one["name"], found) == found else "string"
    return [
        {"name": "case", "attributes": [{"name": name, "type": kind} for name, kind in kinds.items()]},
        {"name": "task", "attributes": []},
        {"name": "department", "attributes": [{"name": "name", "type": "string"}]},
        {"name": "person", "attributes": []},
        {"name": "paper", "attributes": []},
    ]


def _kind(value: Any) -> str:
    if isinstance(value, bool):
        return "boolean"
    return {int: "integer", float: "float"}.get(type(value), "string")
