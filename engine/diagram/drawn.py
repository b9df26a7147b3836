"""A file's XML sorted by what stands where: the common ground of reading a diagram and of checking it."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import field, replace
from typing import Final

from lxml import etree

from engine.base.frozen import frozen
from engine.diagram.elsewhere import put_in_place
from engine.diagram.kinds import SUB_PROCESSES
from engine.diagram.xml import MODEL, NAMED, Parsed

NODES: Final = NAMED - {"process", "lane", "sequenceFlow"}
DEFINITIONS: Final = frozenset({"message", "signal", "error", "escalation"})
_UNIQUE: Final = NAMED | DEFINITIONS


def tag(node: etree._Element) -> str:
    """The BPMN tag without its namespace; empty for what belongs to another vocabulary."""
    name = str(node.tag)
    return name[len(MODEL) + 2 :] if name.startswith(f"{{{MODEL}}}") else ""


def child_text(node: etree._Element, name: str) -> str | None:
    """The text of the node's own child, without the white space around it; None where there is none."""
    for child in node.findall(f"{{{MODEL}}}{name}"):
        text = text_in(child).strip()
        if text:
            return text
    return None


def is_true(written: str | None) -> bool:
    return (written or "").strip().lower() in ("true", "1")


def is_false(written: str | None) -> bool:
    return (written or "").strip().lower() in ("false", "0")


def text_in(node: etree._Element) -> str:
    return "".join(str(part) for part in node.itertext())


def taken_name(node: etree._Element, attribute: str) -> str | None:
    """What a reference says where nothing has such an id: the bare name or code that some tools write there."""
    written = (node.get(attribute) or "").strip()
    prefix, _, rest = written.partition(":")
    return (rest if prefix in node.nsmap else written) or None


def triggers(node: etree._Element) -> list[etree._Element]:
    """An event's own definitions: timer, message …"""
    return [child for child in node if tag(child).endswith("EventDefinition")]


@frozen
class Place:
    """Where a flow node or a flow stands."""

    node: etree._Element
    process: str
    scope: str


@frozen
class LanePlace:
    """`nesting` counts the sub-processes around the lane set, `depth` the lanes around the lane."""

    node: etree._Element
    process: str
    parent: str | None
    depth: int
    nesting: int


@frozen
class Twice:
    """An id that an element shares with one that stands before it."""

    node: etree._Element
    first: etree._Element


@frozen
class Drawn:
    """Only the first of several elements with one id is kept. Everything is in document order."""

    root: etree._Element
    lines: Mapping[etree._Element, int]
    processes: dict[str, etree._Element] = field(default_factory=dict)
    nodes: dict[str, Place] = field(default_factory=dict)
    flows: dict[str, Place] = field(default_factory=dict)
    lanes: dict[str, LanePlace] = field(default_factory=dict)
    definitions: dict[str, etree._Element] = field(default_factory=dict)
    twice: list[Twice] = field(default_factory=list)
    unknown: list[Place] = field(default_factory=list)

    def line(self, node: etree._Element) -> int:
        return self.lines[node]

    def target(self, written: str | None, *kinds: Mapping[str, object]) -> str | None:
        """The id a reference means: as written, else without the prefix that makes it a QName."""
        if not written or not written.strip():
            return None
        for candidate in (written.strip(), written.strip().rpartition(":")[2]):
            if any(candidate in kind for kind in kinds):
                return candidate
        return None

    def reference(self, node: etree._Element, name: str, *kinds: Mapping[str, object]) -> str | None:
        return self.target(node.get(name), *kinds)


def drawn(parsed: Parsed) -> Drawn:
    """The tree is not as it was in the file: what it refers to elsewhere has been put in its place."""
    lines = {node: line for node, line in zip(parsed.root.iter(), parsed.lines, strict=True) if tag(node)}
    for added, meant in put_in_place(parsed.root):
        if meant in lines:
            lines[added] = lines[meant]
    found = Drawn(parsed.root, lines)
    dropped = _note_twice(found)
    for child in found.root:
        if child in dropped:
            continue
        if tag(child) in DEFINITIONS and child.get("id"):
            found.definitions[child.get("id") or ""] = child
        elif tag(child) == "process":
            found.processes[_id(child)] = child
            _walk(found, child, dropped)
    order = {node: position for position, node in enumerate(lines)}
    return replace(
        found,
        nodes=dict(sorted(found.nodes.items(), key=lambda one: order[one[1].node])),
        flows=dict(sorted(found.flows.items(), key=lambda one: order[one[1].node])),
        lanes=dict(sorted(found.lanes.items(), key=lambda one: order[one[1].node])),
    )


def _id(node: etree._Element) -> str:
    return (node.get("id") or "").strip()


def _note_twice(found: Drawn) -> set[etree._Element]:
    first: dict[str, etree._Element] = {}
    for node in found.lines:
        name = _id(node)
        if not name or tag(node) not in _UNIQUE:
            continue
        if name in first:
            found.twice.append(Twice(node, first[name]))
        else:
            first[name] = node
    return {one.node for one in found.twice}


def _walk(found: Drawn, process: etree._Element, dropped: set[etree._Element]) -> None:
    own = _id(process)
    waiting = [(process, own, 0)]
    while waiting:
        scope, scope_id, nesting = waiting.pop()
        inner = []
        for child in scope:
            if child in dropped:
                continue
            kind, place = tag(child), Place(child, own, scope_id)
            if kind in NODES:
                found.nodes[_id(child)] = place
                if kind in SUB_PROCESSES:
                    inner.append((child, _id(child), nesting + 1))
            elif kind == "sequenceFlow":
                found.flows[_id(child)] = place
            elif kind == "laneSet":
                _walk_lanes(found, child, own, nesting, dropped)
            elif kind and kind not in _BESIDE:
                found.unknown.append(place)
        waiting += reversed(inner)


def _walk_lanes(
    found: Drawn, lane_set: etree._Element, process: str, nesting: int, dropped: set[etree._Element]
) -> None:
    waiting: list[tuple[etree._Element, str | None, int]] = [(lane_set, None, 0)]
    while waiting:
        holder, parent, depth = waiting.pop()
        lanes = [child for child in holder if tag(child) == "lane" and child not in dropped]
        for lane in lanes:
            found.lanes[_id(lane)] = LanePlace(lane, process, parent, depth, nesting)
        for lane in reversed(lanes):
            waiting += [(child, _id(lane), depth + 1) for child in lane if tag(child) in _NESTED]


def references_of(lane: etree._Element) -> Iterator[str]:
    """What a lane says it holds, as written."""
    for child in lane:
        if tag(child) == "flowNodeRef" and child.text and child.text.strip():
            yield child.text.strip()


_NESTED: Final = frozenset({"childLaneSet", "laneSet"})
# What may stand in a process beside its nodes, flows and lanes, and says nothing about the order of steps.
_BESIDE: Final = frozenset(
    {
        "documentation",
        "extensionElements",
        "auditing",
        "monitoring",
        "ioSpecification",
        "ioBinding",
        "property",
        "artifact",
        "association",
        "group",
        "textAnnotation",
        "dataObject",
        "dataObjectReference",
        "dataStoreReference",
        "correlationSubscription",
        "resourceRole",
        "performer",
        "humanPerformer",
        "potentialOwner",
        "supports",
        "incoming",
        "outgoing",
        "dataInputAssociation",
        "dataOutputAssociation",
        "multiInstanceLoopCharacteristics",
        "standardLoopCharacteristics",
        "completionCondition",
    }
)
