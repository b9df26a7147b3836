"""What refers to what: prefixes taken off, names given, and everything removed that is drawn but not done."""

from __future__ import annotations

from typing import Final

from lxml import etree

from engine.diagram.drawn import DEFINITIONS, NODES, taken_name
from engine.diagram.elsewhere import put_in_place
from engine.diagram.normalise.tree import MODEL_TAG, Work, name_of, tag, triggers

_REFERENCES: Final = (
    *(f"{kind}Ref" for kind in sorted(DEFINITIONS)),
    "sourceRef",
    "targetRef",
    "attachedToRef",
    "default",
    "processRef",
)
_NAMED: Final = {"messageEventDefinition": "message", "signalEventDefinition": "signal"}
_TASKS: Final = frozenset({"sendTask", "receiveTask"})
_KEPT_AT_ROOT: Final = DEFINITIONS | {"process"}
_KEPT_IN_SCOPE: Final = NODES | {
    "sequenceFlow",
    "multiInstanceLoopCharacteristics",
    "standardLoopCharacteristics",
    "script",
    "completionCondition",
}


def mend(work: Work) -> None:
    put_in_place(work.root)
    _drop_twice(work)
    ids = {node.get("id") for node in work.root.iter() if node.get("id")}
    for node in list(work.root.iter(f"{MODEL_TAG}*")):
        for name in _REFERENCES:
            _mend_reference(work, node, name, ids)
    for number, node in enumerate(work.root.iter(*(f"{MODEL_TAG}{kind}" for kind in DEFINITIONS))):
        _give_name(node, number)
    for node in list(work.root.iter(f"{MODEL_TAG}*")):
        if tag(node) in _NAMED:
            _refer(work, node, _NAMED[tag(node)], node.getparent())
        elif tag(node) in _TASKS and not triggers(node):
            _refer(work, node, "message", node)


def _drop_twice(work: Work) -> None:
    """The first of several elements with one id is meant, as in reading."""
    seen: set[str] = set()
    for node in list(work.root.iter(f"{MODEL_TAG}*")):
        name = node.get("id")
        if not name or tag(node) not in NODES | DEFINITIONS | {"process", "sequenceFlow"}:
            continue
        parent = node.getparent()
        if name in seen and parent is not None:
            work.note("id used twice", node)
            parent.remove(node)
        seen.add(name)


def _mend_reference(work: Work, node: etree._Element, name: str, ids: set[str | None]) -> None:
    written = node.get(name)
    if written is None or (name == "default" and not written.strip()):
        return
    for candidate in (written.strip(), written.strip().rpartition(":")[2]):
        if candidate in ids:
            node.set(name, candidate)
            return
    if not name.endswith("Ref") or name in ("sourceRef", "targetRef", "attachedToRef"):
        return
    work.note("reference to nothing", node)
    taken, kind = taken_name(node, name), name.removesuffix("Ref")
    del node.attrib[name]
    if taken and kind in DEFINITIONS:
        node.set(name, f"{kind}:named:{taken}")
        _define(work, kind, taken, ids)


def _define(work: Work, kind: str, taken: str, ids: set[str | None]) -> None:
    """Some tools write the name of a message or the code of an error where its id belongs."""
    made = f"{kind}:named:{taken}"
    if made in ids:
        return
    ids.add(made)
    one = etree.SubElement(work.root, f"{MODEL_TAG}{kind}", id=made, name=taken)
    if kind in ("error", "escalation"):
        one.set(f"{kind}Code", taken)


def _give_name(node: etree._Element, number: int) -> None:
    """Errors and escalations are told apart by their code; one without is told apart by its id."""
    name = node.get("id") or ""
    if not node.get("id"):
        node.set("id", name := f"{tag(node)}:{number}")
    if not name_of(node):
        node.set("name", node.get(f"{tag(node)}Code") or name)
    if tag(node) in ("error", "escalation") and not node.get(f"{tag(node)}Code"):
        node.set(f"{tag(node)}Code", name)


def _refer(work: Work, node: etree._Element, kind: str, event: etree._Element | None) -> None:
    """A message without a name of its own is called as the event that waits for it or sends it."""
    if node.get(f"{kind}Ref") or event is None:
        return
    event_id = event.get("id") or ""
    made = etree.SubElement(work.root, f"{MODEL_TAG}{kind}", id=f"{kind}:{event_id}")
    made.set("name", name_of(event) or event_id)
    node.set(f"{kind}Ref", f"{kind}:{event_id}")


def strip(work: Work) -> None:
    """Coordinates, lanes, data, artifacts and additions of other tools say nothing about the order of steps."""
    for child in list(work.root):
        if tag(child) not in _KEPT_AT_ROOT:
            work.root.remove(child)
    waiting = list(work.root.findall(f"{MODEL_TAG}process"))
    while waiting:
        node = waiting.pop()
        for child in list(node):
            if not _is_kept(child):
                node.remove(child)
            elif tag(child) in NODES:
                waiting.append(child)


def _is_kept(node: etree._Element) -> bool:
    return tag(node) in _KEPT_IN_SCOPE or tag(node).endswith("EventDefinition")
