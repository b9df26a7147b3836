"""The small words in which rewriting is said."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import Final

from lxml import etree

from engine.base.frozen import frozen
from engine.diagram.drawn import NODES, child_text, tag, triggers
from engine.diagram.kinds import SUB_PROCESSES
from engine.diagram.position import Question
from engine.diagram.xml import MODEL, OWN

__all__ = [
    "ASKED",
    "ASKS",
    "BASE",
    "CONNECTOR",
    "CORRELATION",
    "DECISION",
    "INPUTS",
    "MODEL_TAG",
    "OF",
    "RESULT",
    "SERVICE",
    "UNDO",
    "WORKING",
    "Note",
    "Work",
    "add",
    "child_text",
    "connect",
    "drawn_id",
    "flows",
    "incoming",
    "inner_scopes",
    "name_of",
    "nodes",
    "outgoing",
    "tag",
    "triggers",
]

MODEL_TAG: Final = f"{{{MODEL}}}"
_RUN: Final = "{urn:officium:run:1}"
OF: Final = f"{_RUN}of"
"""On what was added: the element of the file that it belongs to."""
ASKS: Final = f"{_RUN}asks"
"""On an added step: the gateway about which a person is asked there."""
ASKED: Final = f"{_RUN}asked"
"""On a gateway: a person says which way."""
DECISION: Final = f"{_RUN}decision"
RESULT: Final = f"{_RUN}result"
SERVICE: Final = f"{_RUN}service"
"""On a step: what should do it, which no machine here can."""
UNDO: Final = f"{_RUN}undo"
"""On a step: what a person undoes there."""
WORKING: Final = f"{{{OWN}}}workingTime"
"""On an event, as drawn: its timer counts the days and hours that the office works."""
CONNECTOR: Final = f"{_RUN}connector"
"""On a step: the code of the connector that does it."""
INPUTS: Final = f"{_RUN}inputs"
"""Beside it: what the connector is given, as JSON."""
CORRELATION: Final = f"{_RUN}correlation"
"""On what waits for a message or sends one, and on the event's definition: by what they find each other."""
BASE: Final = f"{_RUN}base"
"""On a repetition: what its tool counts the first turn as."""


@frozen
class Note:
    """One thing that was rewritten."""

    what: str
    element: str


@dataclass(slots=True)
class Work:
    """A file on its way to being normal."""

    root: etree._Element
    ask: frozenset[str]
    questions: dict[tuple[str, str], list[Question]] = field(default_factory=dict)
    notes: list[Note] = field(default_factory=list)

    def note(self, what: str, element: etree._Element) -> None:
        self.notes.append(Note(what, element.get("id") or tag(element)))


def nodes(scope: etree._Element) -> list[etree._Element]:
    return [child for child in scope if tag(child) in NODES]


def flows(scope: etree._Element) -> list[etree._Element]:
    return scope.findall(f"{MODEL_TAG}sequenceFlow")


def outgoing(scope: etree._Element) -> dict[str, list[etree._Element]]:
    return _by(flows(scope), "sourceRef")


def incoming(scope: etree._Element) -> dict[str, list[etree._Element]]:
    return _by(flows(scope), "targetRef")


def _by(them: Iterable[etree._Element], end: str) -> dict[str, list[etree._Element]]:
    found: dict[str, list[etree._Element]] = {}
    for flow in them:
        found.setdefault(flow.get(end) or "", []).append(flow)
    return found


def inner_scopes(scope: etree._Element) -> list[etree._Element]:
    return [child for child in scope if tag(child) in SUB_PROCESSES]


def drawn_id(node: etree._Element) -> str:
    """The id in the file, also of what was added."""
    return node.get(OF) or node.get("id") or ""


def add(scope: etree._Element, kind: str, name: str, of: str) -> etree._Element:
    """`name` holds a colon, which no id in an XML file may: nothing that was drawn is ever met."""
    node = etree.SubElement(scope, f"{MODEL_TAG}{kind}", id=name)
    node.set(OF, of)
    return node


def connect(scope: etree._Element, source: str, target: str) -> etree._Element:
    name = f"flow:{source}:{target}"
    return etree.SubElement(scope, f"{MODEL_TAG}sequenceFlow", id=name, sourceRef=source, targetRef=target)


def name_of(node: etree._Element) -> str | None:
    """As drawn, in one line."""
    return " ".join((node.get("name") or "").split()) or None
