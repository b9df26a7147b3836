"""What other tools write about a step in namespaces of their own: who does it, when it is due, which table decides."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Final

from lxml import etree

from engine.diagram.durations import duration
from engine.diagram.xml import MODEL, OWN

CAMUNDA: Final = "http://camunda.org/schema/1.0/bpmn"
FLOWABLE: Final = "http://flowable.org/bpmn"
ACTIVITI: Final = "http://activiti.org/bpmn"
ZEEBE: Final = "http://camunda.org/schema/zeebe/1.0"
SPIFF: Final = "http://spiffworkflow.org/bpmn/schema/1.0/core"
_IN_ATTRIBUTES: Final = (CAMUNDA, FLOWABLE, ACTIVITI)
_ASSIGNED_BY: Final = ("candidateGroups", "assignee", "candidateUsers")
_NO_IMPLEMENTATION: Final = frozenset({"", "##unspecified", "##WebService"})
_NAMED: Final = re.compile(r"(?:group|user)\(([^()]*)\)")


def attribute(node: etree._Element, name: str) -> str | None:
    """The attribute in any of the dialects that put theirs on the BPMN element itself."""
    for namespace in _IN_ATTRIBUTES:
        value = (node.get(f"{{{namespace}}}{name}") or "").strip()
        if value:
            return value
    return None


def own(node: etree._Element, name: str) -> str | None:
    """One of our own attributes."""
    return (node.get(f"{{{OWN}}}{name}") or "").strip() or None


def extensions(node: etree._Element, namespace: str, name: str) -> Iterator[etree._Element]:
    for block in node.findall(f"{{{MODEL}}}extensionElements"):
        yield from block.findall(f"{{{namespace}}}{name}")


def extension(node: etree._Element, namespace: str, name: str, attribute_name: str) -> str | None:
    for one in extensions(node, namespace, name):
        value = (one.get(attribute_name) or "").strip()
        if value:
            return value
    return None


def group_of(node: etree._Element) -> str | None:
    """Who may do the step, where the file says so without a lane."""
    for name in _ASSIGNED_BY:
        value = attribute(node, name) or extension(node, ZEEBE, "assignmentDefinition", name)
        value = value or (node.get(f"{{{SPIFF}}}{name}") or "").strip()
        if value:
            return _listed(value)
    for role in ("potentialOwner", "humanPerformer", "performer"):
        for owner in node.findall(f"{{{MODEL}}}{role}"):
            written = "".join(str(part) for part in owner.itertext()).strip()
            names = ", ".join(name.strip() for name in _NAMED.findall(written))
            if names or written:
                return _listed(names or written)
    return None


def _listed(value: str) -> str:
    if value.startswith(("$", "#", "=")):
        return value
    return ", ".join(part.strip() for part in value.split(",") if part.strip())


def due_of(node: etree._Element) -> str | None:
    """How long the step should take: ours, or a due date of another tool where it is a plain duration."""
    written = own(node, "standardTime")
    if written:
        return written
    foreign = attribute(node, "dueDate") or extension(node, ZEEBE, "taskSchedule", "dueDate")
    return foreign if foreign and duration(foreign) else None


def decision_of(node: etree._Element) -> str | None:
    """The id of the decision that a step asks for; Flowable draws such a step as a service task."""
    written = (
        own(node, "decision")
        or attribute(node, "decisionRef")
        or extension(node, ZEEBE, "calledDecision", "decisionId")
        or _text(node, SPIFF, "calledDecisionId")
        or _field(node, "decisionTableReferenceKey")
        or _field(node, "decisionServiceReferenceKey")
    )
    return (written or "").removeprefix("=").strip().strip("\"'") or None


def _field(node: etree._Element, name: str) -> str | None:
    for namespace in (FLOWABLE, ACTIVITI):
        for one in extensions(node, namespace, "field"):
            if one.get("name") == name:
                return (one.findtext(f"{{{namespace}}}string") or one.get("stringValue") or "").strip() or None
    return None


def implementation_of(node: etree._Element) -> str | None:
    """What machine should do the step, in whatever words the file has for it."""
    written = (node.get("implementation") or "").strip()
    if written not in _NO_IMPLEMENTATION:
        return written
    named = (attribute(node, name) for name in ("class", "delegateExpression", "expression", "topic", "type"))
    return next((one for one in named if one), None) or (
        extension(node, ZEEBE, "taskDefinition", "type") or _connector(node)
    )


def _connector(node: etree._Element) -> str | None:
    for one in extensions(node, CAMUNDA, "connector"):
        return one.findtext(f"{{{CAMUNDA}}}connectorId") or "connector"
    return None


def called_of(node: etree._Element) -> str | None:
    """The process a call activity calls, as written."""
    return (node.get("calledElement") or "").strip() or extension(node, ZEEBE, "calledElement", "processId")


def collection_of(repetition: etree._Element) -> str | None:
    """What a multi-instance step goes through, as an expression."""
    return attribute(repetition, "collection") or extension(repetition, ZEEBE, "loopCharacteristics", "inputCollection")


def result_of(node: etree._Element) -> str | None:
    """The variable that takes what a decision says, where it is not called as the decision is."""
    return attribute(node, "resultVariable") or extension(node, ZEEBE, "calledDecision", "resultVariable")


def _text(node: etree._Element, namespace: str, name: str) -> str | None:
    for one in extensions(node, namespace, name):
        if one.text and one.text.strip():
            return one.text.strip()
    return None
