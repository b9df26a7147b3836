"""Sequence flows: only whole ones, links and conditions drawn as what they mean, nothing that is never reached."""

from __future__ import annotations

from lxml import etree

from engine.diagram.kinds import GATEWAYS
from engine.diagram.normalise.tree import (
    MODEL_TAG,
    Work,
    add,
    child_text,
    connect,
    drawn_id,
    flows,
    name_of,
    nodes,
    outgoing,
    tag,
    triggers,
)


def keep_whole(work: Work, scope: etree._Element) -> None:
    """A flow without two ends in its own scope leads nowhere."""
    here = {node.get("id") for node in nodes(scope)}
    for flow in flows(scope):
        if flow.get("sourceRef") not in here or flow.get("targetRef") not in here:
            work.note("flow without an end", flow)
            scope.remove(flow)


def link(work: Work, scope: etree._Element) -> None:
    """A token that reaches a link goes on at the link of the same name."""
    catches: dict[str | None, str] = {}
    throws: list[tuple[str, str | None]] = []
    for node in nodes(scope):
        definition = next((one for one in triggers(node) if tag(one) == "linkEventDefinition"), None)
        if definition is None:
            continue
        name = name_of(definition) or name_of(node)
        if tag(node) == "intermediateCatchEvent":
            catches.setdefault(name, node.get("id") or "")
        else:
            throws.append((node.get("id") or "", name))
        node.remove(definition)
        node.tag = f"{MODEL_TAG}intermediateThrowEvent"
        work.note("link", node)
    for source, name in throws:
        if name in catches:
            connect(scope, source, catches[name])


def split_conditional(work: Work, scope: etree._Element) -> None:
    """Flows out of a step are followed where their condition holds: an inclusive gateway says the same."""
    here = {node.get("id") or "": node for node in nodes(scope)}
    for source, leaving in outgoing(scope).items():
        node = here[source]
        if tag(node) in GATEWAYS or not any(_condition(flow) for flow in leaving):
            continue
        work.note("conditional flow", node)
        gateway = add(scope, "inclusiveGateway", f"split:{source}", of=drawn_id(node))
        gateway.set("name", node.get("name") or "")
        if node.get("default"):
            gateway.set("default", node.attrib.pop("default"))
        for flow in leaving:
            flow.set("sourceRef", f"split:{source}")
        connect(scope, source, f"split:{source}")


def _condition(flow: etree._Element) -> str | None:
    return child_text(flow, "conditionExpression")


def drop_unreached(work: Work, scope: etree._Element) -> None:
    """What no token can reach; a join after it would wait for ever for a token from there."""
    here = {node.get("id") or "": node for node in nodes(scope)}
    leaving = outgoing(scope)
    attached: dict[str, list[str]] = {}
    for name, node in here.items():
        if tag(node) == "boundaryEvent":
            attached.setdefault(node.get("attachedToRef") or "", []).append(name)
    waiting = [name for name, node in here.items() if tag(node) == "startEvent"]
    reached: set[str] = set()
    while waiting:
        name = waiting.pop()
        if name not in reached and name in here:
            reached.add(name)
            waiting += attached.get(name, ())
            waiting += [flow.get("targetRef") or "" for flow in leaving.get(name, ())]
    for name, node in here.items():
        if name not in reached:
            work.note("never reached", node)
            scope.remove(node)
            for flow in leaving.get(name, ()):
                scope.remove(flow)


def part_twins(work: Work, scope: etree._Element) -> None:
    """Two flows between the same two nodes are told apart by a node on the second."""
    seen: set[tuple[str | None, str | None]] = set()
    for flow in flows(scope):
        ends = flow.get("sourceRef"), flow.get("targetRef")
        if ends in seen:
            between = add(scope, "intermediateThrowEvent", f"on:{flow.get('id')}", of=ends[0] or "")
            flow.set("targetRef", between.get("id") or "")
            connect(scope, between.get("id") or "", ends[1] or "")
            work.note("second flow to the same place", flow)
        seen.add(ends)
