"""Variables that are mapped into a step and out of it are set by lines of their own, before it and after it."""

from __future__ import annotations

from lxml import etree

from engine.diagram.drawn import NODES, is_true
from engine.diagram.mappings import mapped
from engine.diagram.normalise.tree import MODEL_TAG, Work, add, connect, incoming, outgoing, tag


def set_by_lines(work: Work, process: etree._Element) -> None:
    for node in list(process.iter(f"{MODEL_TAG}*")):
        scope = node.getparent()
        if tag(node) not in NODES or scope is None or is_true(node.get("isForCompensation")):
            continue
        found = mapped(node)
        name = node.get("id") or ""
        if found.before:
            work.note("mapped in", node)
            for flow in incoming(scope).get(name, []):
                flow.set("targetRef", f"in:{name}")
            _lines(scope, f"in:{name}", name, found.before)
            connect(scope, f"in:{name}", name)
        if found.after:
            work.note("mapped out", node)
            after = _lines(scope, f"out:{name}", name, found.after)
            for flow in outgoing(scope).get(name, []):
                flow.set("sourceRef", f"out:{name}")
            if "default" in node.attrib:
                after.set("default", node.attrib.pop("default"))
            connect(scope, name, f"out:{name}")


def _lines(scope: etree._Element, made: str, of: str, assigned: tuple[tuple[str, str], ...]) -> etree._Element:
    lines = add(scope, "scriptTask", made, of=of)
    written = "\n".join(f"{name} = {expression}" for name, expression in assigned)
    etree.SubElement(lines, f"{MODEL_TAG}script").text = written
    return lines
