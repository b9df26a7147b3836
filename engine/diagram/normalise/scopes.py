"""Where a scope begins, and what runs beside it: event sub-processes."""

from __future__ import annotations

from lxml import etree

from engine.diagram.kinds import SUB_PROCESSES
from engine.diagram.normalise.tree import (
    MODEL_TAG,
    OF,
    WORKING,
    Work,
    add,
    connect,
    drawn_id,
    flows,
    incoming,
    nodes,
    tag,
    triggers,
)


def is_event_sub_process(node: etree._Element) -> bool:
    triggered = (node.get("triggeredByEvent") or "").strip().lower()
    return tag(node) in SUB_PROCESSES and triggered in ("true", "1")


def wrap(work: Work, scope: etree._Element) -> None:
    """Everything but the event sub-processes becomes one step; what starts them stands on its border."""
    handlers = [node for node in nodes(scope) if is_event_sub_process(node)]
    if not handlers:
        return
    name = scope.get("id") or ""
    core = add(scope, "subProcess", f"core:{name}", of=drawn_id(scope))
    for child in [*nodes(scope), *flows(scope)]:
        if child is not core and child not in handlers:
            core.append(child)
    for handler in handlers:
        work.note("event sub-process", handler)
        _attach(scope, core, handler)
    add(scope, "startEvent", f"begin:{name}", of=drawn_id(scope))
    connect(scope, f"begin:{name}", f"core:{name}")


def _attach(scope: etree._Element, core: etree._Element, handler: etree._Element) -> None:
    start = next(node for node in nodes(handler) if tag(node) == "startEvent")
    name, handler_name = start.get("id") or "", handler.get("id") or ""
    border = etree.SubElement(scope, f"{MODEL_TAG}boundaryEvent", id=name, attachedToRef=core.get("id") or "")
    border.set("name", start.get("name") or "")
    interrupts = (start.get("isInterrupting") or "true").strip().lower() in ("true", "1")
    is_error = any(tag(one) == "errorEventDefinition" for one in triggers(start))
    border.set("cancelActivity", "true" if interrupts or is_error else "false")
    if WORKING in start.attrib:
        border.set(WORKING, start.get(WORKING, ""))
    for definition in triggers(start):
        border.append(definition)
    start.set("id", f"start:{name}")
    start.set(OF, name)
    for flow in flows(handler):
        if flow.get("sourceRef") == name:
            flow.set("sourceRef", f"start:{name}")
    handler.attrib.pop("triggeredByEvent", "")
    connect(scope, name, handler_name)


def begin(work: Work, scope: etree._Element) -> None:
    """Without a start event, everything that nothing leads to begins at once."""
    starts = [node for node in nodes(scope) if tag(node) == "startEvent"]
    if starts:
        if not _is_process(scope):
            for start in starts:
                for definition in triggers(start):
                    start.remove(definition)
        return
    name = scope.get("id") or ""
    roots = roots_of(scope)
    add(scope, "startEvent", f"begin:{name}", of=drawn_id(scope))
    work.note("begins without a start event", scope)
    for root in roots:
        connect(scope, f"begin:{name}", root.get("id") or "")


def _is_process(scope: etree._Element) -> bool:
    """The process itself, or what was taken out of it when it was wrapped."""
    around = scope.getparent()
    is_core = (scope.get("id") or "").startswith("core:") and around is not None and tag(around) == "process"
    return tag(scope) == "process" or is_core


def roots_of(scope: etree._Element) -> list[etree._Element]:
    entered = incoming(scope)
    return [
        node
        for node in nodes(scope)
        if tag(node) not in ("startEvent", "boundaryEvent")
        and not entered.get(node.get("id") or "")
        and not is_event_sub_process(node)
        and (node.get("isForCompensation") or "").strip().lower() not in ("true", "1")
    ]
