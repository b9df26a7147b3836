"""What other tools write in words of their own, said in BPMN's: repetition, decisions, calls and who does a step."""

from __future__ import annotations

import json
from typing import Final

from lxml import etree

from engine.diagram.connecting import KINDS, connector_of, correlation_of, inputs_of
from engine.diagram.dialects import (
    ACTIVITI,
    CAMUNDA,
    FLOWABLE,
    ZEEBE,
    attribute,
    called_of,
    collection_of,
    decision_of,
    extension,
    extensions,
)
from engine.diagram.durations import in_iso, unquoted
from engine.diagram.normalise.tree import (
    BASE,
    CONNECTOR,
    CORRELATION,
    DECISION,
    INPUTS,
    MODEL_TAG,
    RESULT,
    SERVICE,
    Work,
    child_text,
    tag,
    triggers,
)

_IMPLEMENTATIONS: Final = ("class", "delegateExpression", "expression", "topic", "type")
_TIMES: Final = ("timeDate", "timeDuration", "timeCycle")
NEVER: Final = "9999-12-31T00:00:00Z"
_PLAIN: Final = frozenset({"##unspecified", "##WebService", ""})
_ITEMS: Final = ("dataObjectReference", "dataObject", "dataInput", "dataOutput", "property")


def translate(work: Work, process: etree._Element) -> None:
    for node in list(process.iter(f"{MODEL_TAG}*")):
        _correlate(node)
        kind = _connect(node)
        if kind == "multiInstanceLoopCharacteristics":
            _repeat_for_each(work, node)
        elif kind == "standardLoopCharacteristics":
            _repeat_while(work, node)
        elif kind == "businessRuleTask":
            _decide(node, decision_of(node))
        elif kind == "serviceTask":
            _serve(node)
        elif kind == "sendTask" and _implementation(node):
            node.set(SERVICE, _implementation(node) or "")
        elif kind == "timerEventDefinition":
            _time(work, node)
        elif kind == "conditionalEventDefinition" and not child_text(node, "condition"):
            work.note("event without a condition", node)
            _put(node, "condition", "false")
    name_called(process)


def _connect(node: etree._Element) -> str:
    """What a connector does is a service, however it was drawn: the token waits there for the answer."""
    kind, connector = tag(node), connector_of(node)
    if connector is None or kind not in KINDS:
        return kind
    found = triggers(node)
    if kind == "intermediateThrowEvent" and [tag(one) for one in found] != ["messageEventDefinition"]:
        return kind
    for one in found:
        node.remove(one)
    node.attrib.pop("messageRef", "")
    node.set(CONNECTOR, connector)
    node.set(INPUTS, json.dumps(inputs_of(node), ensure_ascii=False))
    node.tag = f"{MODEL_TAG}serviceTask"
    return "connected"


def _correlate(node: etree._Element) -> None:
    """The definition may be put into another event, as that of an event sub-process is."""
    written = correlation_of(node)
    if written:
        for one in (node, *triggers(node)):
            one.set(CORRELATION, written)


def name_called(process: etree._Element) -> None:
    """Every call activity says in BPMN's own attribute what it calls. One that calls nothing is work nobody is asked for."""
    for node in list(process.iter(f"{MODEL_TAG}callActivity")):
        called = called_of(node) or ""
        if not called:
            node.tag = f"{MODEL_TAG}serviceTask"
            continue
        node.set("calledElement", called if called.startswith(("$", "#", "=")) else called.rpartition(":")[2])


def _decide(node: etree._Element, decision: str | None) -> None:
    node.set(DECISION, (decision or "").removeprefix("=").strip().strip("\"'"))
    result = attribute(node, "resultVariable") or extension(node, ZEEBE, "calledDecision", "resultVariable")
    if result:
        node.set(RESULT, result)


def _serve(node: etree._Element) -> None:
    """Flowable draws a decision as a service task."""
    decision = _field(node, "decisionTableReferenceKey") or _field(node, "decisionServiceReferenceKey")
    if decision:
        node.tag = f"{MODEL_TAG}businessRuleTask"
        _decide(node, decision)
    else:
        node.set(SERVICE, _implementation(node) or "")


def _field(node: etree._Element, name: str) -> str | None:
    for namespace in (FLOWABLE, ACTIVITI):
        for one in extensions(node, namespace, "field"):
            if one.get("name") == name:
                inner = one.findtext(f"{{{namespace}}}string") or one.get("stringValue") or ""
                return inner.strip() or None
    return None


def _implementation(node: etree._Element) -> str | None:
    written = (node.get("implementation") or "").strip()
    if written not in _PLAIN:
        return written
    for name in _IMPLEMENTATIONS:
        found = attribute(node, name)
        if found:
            return found
    return extension(node, ZEEBE, "taskDefinition", "type") or _connector(node)


def _connector(node: etree._Element) -> str | None:
    for one in extensions(node, CAMUNDA, "connector"):
        return one.findtext(f"{{{CAMUNDA}}}connectorId") or "connector"
    return None


def _repeat_for_each(work: Work, node: etree._Element) -> None:
    zeebe = next(extensions(node, ZEEBE, "loopCharacteristics"), None)
    given = {} if zeebe is None else {str(name): str(value) for name, value in zeebe.attrib.items()}
    cardinality, until = child_text(node, "loopCardinality"), child_text(node, "completionCondition")
    collection = collection_of(node) or _named(work, child_text(node, "loopDataInputRef"))
    item = attribute(node, "elementVariable") or given.get("inputElement") or _item(node, "inputDataItem")
    into = given.get("outputCollection") or _named(work, child_text(node, "loopDataOutputRef"))
    gives = given.get("outputElement") or _item(node, "outputDataItem")
    for child in list(node):
        node.remove(child)
    if collection:
        _put(node, "loopDataInputRef", collection)
    elif cardinality:
        _put(node, "loopCardinality", cardinality)
    else:
        work.note("repetition without a number", _repeated(node))
        _put(node, "loopCardinality", "1")
    if until:
        _put(node, "completionCondition", until)
    if item and collection:
        etree.SubElement(node, f"{MODEL_TAG}inputDataItem", id=item)
    if into and gives:
        _put(node, "loopDataOutputRef", into)
        etree.SubElement(node, f"{MODEL_TAG}outputDataItem", id=gives)
    node.set("isSequential", "true" if (node.get("isSequential") or "").strip().lower() in ("true", "1") else "false")
    node.set(BASE, "0" if zeebe is None else "1")


def _time(work: Work, node: etree._Element) -> None:
    """A timer that does not say when never goes off by itself."""
    written = [(kind, text) for kind in _TIMES if (text := child_text(node, kind))]
    for child in list(node):
        node.remove(child)
    if not written:
        work.note("timer without a time", node)
    kind, text = written[0] if written else ("timeDate", NEVER)
    _put(node, kind, _length(kind, text))


def _length(kind: str, text: str) -> str:
    """In ISO 8601 where it is written in short."""
    length = in_iso(unquoted(text))
    if length is None:
        return text
    return f"R/{length}" if kind == "timeCycle" and not length.startswith("R") else length


def _repeated(node: etree._Element) -> etree._Element:
    parent = node.getparent()
    return node if parent is None else parent


def _put(node: etree._Element, name: str, text: str) -> None:
    etree.SubElement(node, f"{MODEL_TAG}{name}").text = text


def _item(node: etree._Element, name: str) -> str | None:
    found = node.find(f"{MODEL_TAG}{name}")
    return None if found is None else (found.get("name") or found.get("id") or "").strip() or None


def _named(work: Work, reference: str | None) -> str | None:
    """A list is referred to by the id of a data object; the variable is called as the object is."""
    if reference is None:
        return None
    for kind in _ITEMS:
        for one in work.root.iter(f"{MODEL_TAG}{kind}"):
            if one.get("id") == reference and (one.get("name") or "").isidentifier():
                return one.get("name")
    return reference


def _repeat_while(work: Work, node: etree._Element) -> None:
    again = child_text(node, "loopCondition")
    most = (node.get("loopMaximum") or "").strip()
    for child in list(node):
        node.remove(child)
    if again:
        _put(node, "loopCondition", again)
    if not most.isdecimal() or len(most) > 9:
        node.attrib.pop("loopMaximum", "")
        if not again:
            work.note("repetition without a condition", _repeated(node))
            node.set("loopMaximum", "1")
    before = (node.get("testBefore") or "").strip().lower() in ("true", "1")
    node.set("testBefore", "true" if before else "false")
