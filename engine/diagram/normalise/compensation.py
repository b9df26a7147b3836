"""Compensation and the cancelling of transactions (BPMN 2.0, clauses 10.7 and 13.5.5).

What an office has done, a person undoes: where a case comes to a compensation event, it waits with the names of the
steps that say what is to be undone, until somebody has seen to it. A cancelled transaction is left by its cancel event.
"""

from __future__ import annotations

from lxml import etree

from engine.diagram.drawn import is_true
from engine.diagram.kinds import SUB_PROCESSES
from engine.diagram.normalise.tree import (
    MODEL_TAG,
    UNDO,
    Work,
    add,
    connect,
    drawn_id,
    flows,
    incoming,
    name_of,
    nodes,
    tag,
    triggers,
)


def undo_by_hand(work: Work, process: etree._Element) -> None:
    scopes = [process, *(node for node in process.iter(f"{MODEL_TAG}*") if tag(node) in SUB_PROCESSES)]
    undoing = _undoing(work.root)
    for scope in scopes:
        _cancel(work, scope, undoing)
    for scope in scopes:
        for node in nodes(scope):
            if waits_to_undo(node):
                work.note("compensation handler", node)
                scope.remove(node)
            elif _has(node, "compensate"):
                _ask(work, scope, node, undoing)


def _has(node: etree._Element, trigger: str) -> bool:
    return any(tag(one) == f"{trigger}EventDefinition" for one in triggers(node))


def waits_to_undo(node: etree._Element) -> bool:
    """Whether it is there only to undo something."""
    if is_true(node.get("isForCompensation")):
        return True
    if is_true(node.get("triggeredByEvent")):
        return any(_has(one, "compensate") for one in nodes(node) if tag(one) == "startEvent")
    return tag(node) == "boundaryEvent" and _has(node, "compensate")


def undone_at(root: etree._Element, scope: etree._Element, event: etree._Element) -> str | None:
    """The names of what a person undoes there, in one line; None where the event undoes nothing."""
    if waits_to_undo(event) or not (_has(event, "compensate") or (_has(event, "cancel") and tag(event) == "endEvent")):
        return None
    undone = _undone(scope, event, _undoing(root))
    return undone or (_called(event) if _has(event, "compensate") else None)


def _called(event: etree._Element) -> str:
    return name_of(event) or event.get("id") or ""


def _undoing(root: etree._Element) -> dict[str, list[str]]:
    """Step -> the names of what undoes it, told by the association from the event on its border."""
    hosts = {
        node.get("id"): (node.get("attachedToRef") or "").strip()
        for node in root.iter(f"{MODEL_TAG}boundaryEvent")
        if _has(node, "compensate")
    }
    if not hosts:
        return {}
    named = {node.get("id"): node for node in root.iter(f"{MODEL_TAG}*") if node.get("id")}
    found: dict[str, list[str]] = {host: [] for host in hosts.values()}
    for association in root.iter(f"{MODEL_TAG}association"):
        host, step = hosts.get(association.get("sourceRef")), named.get(association.get("targetRef"))
        if host is not None and step is not None:
            found[host].append(_called(step))
    return found


def _undone(scope: etree._Element, thrown: etree._Element, undoing: dict[str, list[str]]) -> str:
    """What is undone: what belongs to the step the event names, else to every step of its scope."""
    definition = next((one for one in triggers(thrown) if tag(one) == "compensateEventDefinition"), None)
    meant = (definition.get("activityRef") or "").strip() if definition is not None else ""
    steps = [meant] if meant in undoing else [node.get("id") or "" for node in scope.iter(f"{MODEL_TAG}*")]
    return ", ".join(name for step in steps for name in undoing.get(step, ()))


def _ask(work: Work, scope: etree._Element, node: etree._Element, undoing: dict[str, list[str]]) -> None:
    """The event becomes a step that a person sees to; an end event ends behind it."""
    work.note("compensation", node)
    undone = _undone(scope, node, undoing) or _called(node)
    for definition in triggers(node):
        node.remove(definition)
    if tag(node) == "endEvent":
        _before(scope, node, undone)
    elif tag(node) == "intermediateThrowEvent":
        node.tag = f"{MODEL_TAG}serviceTask"
        node.set(UNDO, undone)


def _before(scope: etree._Element, end: etree._Element, undone: str) -> None:
    name = end.get("id") or ""
    asked = add(scope, "serviceTask", f"undo:{name}", of=drawn_id(end))
    asked.set(UNDO, undone)
    for flow in incoming(scope).get(name, []):
        flow.set("targetRef", f"undo:{name}")
    connect(scope, f"undo:{name}", name)


def _cancel(work: Work, scope: etree._Element, undoing: dict[str, list[str]]) -> None:
    """A cancel end leaves its transaction as an error would that only its cancel event catches."""
    here = {node.get("id"): node for node in nodes(scope)}
    caught = {(node.get("attachedToRef") or "").strip(): node for node in nodes(scope) if _has(node, "cancel")}
    for node in here.values():
        if tag(node) not in SUB_PROCESSES:
            continue
        name = node.get("id") or ""
        ends = [one for one in nodes(node) if tag(one) == "endEvent" and _has(one, "cancel")]
        for end in ends:
            work.note("cancel", end)
            undone = _undone(node, end, undoing)
            if undone:
                _before(node, end, undone)
            _replace(end, name if name in caught else None)
        if name in caught and not ends:
            scope.remove(caught[name])  # nothing ever cancels it
            for flow in flows(scope):
                if flow.get("sourceRef") == caught[name].get("id"):
                    scope.remove(flow)
        elif name in caught:
            _define(work, name)
            _replace(caught[name], name)


def _replace(event: etree._Element, transaction: str | None) -> None:
    for definition in triggers(event):
        event.remove(definition)
    if transaction is None:
        etree.SubElement(event, f"{MODEL_TAG}terminateEventDefinition")
    else:
        etree.SubElement(event, f"{MODEL_TAG}errorEventDefinition", errorRef=f"cancel:{transaction}")


def _define(work: Work, transaction: str) -> None:
    code = f"cancel:{transaction}"
    etree.SubElement(work.root, f"{MODEL_TAG}error", id=code, errorCode=code, name=code)
