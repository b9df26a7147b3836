"""From the bytes of a BPMN 2.0 file to what the diagram says."""

from __future__ import annotations

import inspect
import re
from collections.abc import Iterable, Mapping
from typing import Final

from lxml import etree

from engine.base.text import LANGUAGES, Language
from engine.diagram.clocks import periods_of
from engine.diagram.connecting import connector_of, correlation_of, inputs_of, outputs_of
from engine.diagram.dialects import called_of, due_of, extensions, group_of, own
from engine.diagram.drawn import (
    DEFINITIONS,
    Drawn,
    child_text,
    drawn,
    is_false,
    is_true,
    references_of,
    tag,
    taken_name,
    text_in,
    triggers,
)
from engine.diagram.duties import documents_of, produces_of, separations_of, without_of
from engine.diagram.refusals import NotADrawing
from engine.diagram.rules import naming
from engine.diagram.shape import Diagram, Element, Flow, Instruction, Lane, Process
from engine.diagram.voting import countersign_of
from engine.diagram.xml import MODEL, OWN, parsed

__all__ = ["NotADrawing", "read"]

_SHAPE: Final = "{http://www.omg.org/spec/BPMN/20100524/DI}BPMNShape"
_LANG: Final = "{http://www.w3.org/XML/1998/namespace}lang"
_PARTS: Final = ("what", "how", "standard")
_SPACES: Final = re.compile(r"[ \t\r\n]+")


def read(source: bytes, file: str) -> Diagram:
    """Raises NotADrawing, by the name of what is wrong, where the file is not even that."""
    everything = drawn(parsed(source, file))
    lanes = _lanes_of(everything)
    elements = {name: _element(everything, name, lanes.get(name)) for name in everything.nodes}
    return Diagram(
        source=source,
        file=file,
        processes=_processes(everything),
        elements=elements,
        flows=_flows(everything),
        lanes={name: _lane(everything, name) for name in everything.lanes},
        instructions=_instructions(everything, elements),
        findings=tuple(naming.findings(everything)),
        has_coordinates=everything.root.find(f".//{_SHAPE}") is not None,
    )


def name_of(node: etree._Element) -> str | None:
    """The name as drawn, in one line."""
    return _SPACES.sub(" ", node.get("name") or "").strip() or None


def trigger_of(node: etree._Element) -> str | None:
    """What an event waits for or does; the first, where it has several definitions."""
    found = triggers(node)
    return tag(found[0]).removesuffix("EventDefinition") if found else None


def condition_of(flow: etree._Element) -> str | None:
    return child_text(flow, "conditionExpression")


def _element(everything: Drawn, name: str, lane: str | None) -> Element:
    place = everything.nodes[name]
    node, kind = place.node, tag(place.node)
    interrupts = node.get("cancelActivity" if kind == "boundaryEvent" else "isInterrupting")
    return Element(
        id=name,
        kind=kind,
        name=name_of(node),
        line=everything.line(node),
        process=place.process,
        scope=place.scope,
        event=trigger_of(node),
        event_name=_event_name(everything, node),
        attached_to=everything.reference(node, "attachedToRef", everything.nodes),
        interrupting=not is_false(interrupts),
        default=everything.reference(node, "default", everything.flows),
        triggered_by_event=is_true(node.get("triggeredByEvent")),
        called=_called(everything, node) if kind == "callActivity" else None,
        documentation=_documentation(node),
        lane=lane,
        group=None if lane else group_of(node),
        loop=_loop(node),
        standard_time=due_of(node),
        external=is_true(own(node, "external")),
        together=is_true(own(node, "together")),
        act=own(node, "act"),
        owner_from=own(node, "ownerFrom"),
        working_time=is_true(own(node, "workingTime")),
        matter=own(node, "matter"),
        applicant=own(node, "applicant"),
        separations=separations_of(node),
        documents=documents_of(node),
        produces=produces_of(node),
        without=without_of(node),
        committee=own(node, "committee"),
        quorum=own(node, "quorum"),
        majority=own(node, "majority"),
        countersign=countersign_of(node),
        accept_within=own(node, "acceptWithin"),
        stops_clock=own(node, "stopsClock"),
        refusal=own(node, "refusal"),
        ground=tuple(dict.fromkeys((own(node, "ground") or "").split())),
        connector=connector_of(node),
        inputs=inputs_of(node),
        outputs=outputs_of(node),
        correlation=correlation_of(node),
    )


def _event_name(everything: Drawn, node: etree._Element) -> str | None:
    for definition in (*triggers(node), node):
        kind = tag(definition).removesuffix("EventDefinition")
        if kind == "link":
            return name_of(definition) or name_of(node)
        for one in DEFINITIONS:
            referred = everything.reference(definition, f"{one}Ref", everything.definitions)
            if referred:
                said = everything.definitions[referred]
                return name_of(said) or said.get(f"{one}Code") or referred
            taken = taken_name(definition, f"{one}Ref")
            if taken:
                return taken
    return None


def _called(everything: Drawn, node: etree._Element) -> str | None:
    written = called_of(node)
    if not written or written.startswith(("$", "#", "=")):
        return written or None
    return everything.target(written, everything.processes) or written.rpartition(":")[2]


def _documentation(node: etree._Element) -> str | None:
    texts = (_text(child) for child in node.findall(f"{{{MODEL}}}documentation"))
    return "\n\n".join(text for text in texts if text) or None


def _text(node: etree._Element) -> str:
    return inspect.cleandoc(text_in(node)).strip()


def _loop(node: etree._Element) -> str | None:
    for child in node:
        if tag(child) == "multiInstanceLoopCharacteristics":
            return "sequential" if is_true(child.get("isSequential")) else "parallel"
        if tag(child) == "standardLoopCharacteristics":
            return "standard"
    return None


def _flows(everything: Drawn) -> dict[str, Flow]:
    """Only those with both ends: what has none cannot be followed, and is a finding."""
    found = {}
    for name, place in everything.flows.items():
        source = everything.reference(place.node, "sourceRef", everything.nodes)
        target = everything.reference(place.node, "targetRef", everything.nodes)
        if source and target:
            expression = place.node.find(f"{{{MODEL}}}conditionExpression")
            found[name] = Flow(
                id=name,
                source=source,
                target=target,
                name=name_of(place.node),
                condition=condition_of(place.node),
                language=None if expression is None else expression.get("language"),
                line=everything.line(place.node),
            )
    return found


def _lane(everything: Drawn, name: str) -> Lane:
    place = everything.lanes[name]
    return Lane(name, name_of(place.node), place.process, place.parent, place.depth, everything.line(place.node))


def lanes_naming(everything: Drawn) -> dict[str, list[str]]:
    """Node id -> the lanes that name it and none of whose own lanes does so too, deepest first."""
    named: dict[str, list[str]] = {}
    for lane, place in everything.lanes.items():
        for written in references_of(place.node):
            node = everything.target(written, everything.nodes)
            if node and lane not in named.setdefault(node, []):
                named[node].append(lane)
    return {node: sorted(lanes, key=lambda lane: _rank(everything, lane)) for node, lanes in named.items()}


def _rank(everything: Drawn, lane: str) -> tuple[int, int]:
    place = everything.lanes[lane]
    return -place.nesting, -place.depth


def _lanes_of(everything: Drawn) -> dict[str, str]:
    """A step that no lane names is in the lane of what it is attached to, or of the sub-process around it."""
    named = {node: lanes[0] for node, lanes in lanes_naming(everything).items()}
    found: dict[str, str] = {}
    for name in everything.nodes:
        seen: set[str] = set()
        at: str | None = name
        while at is not None and at not in seen and at not in named:
            seen.add(at)
            host = everything.reference(everything.nodes[at].node, "attachedToRef", everything.nodes)
            around = everything.nodes[at].scope
            at = host if host not in (None, at) else (around if around in everything.nodes else None)
        if at in named:
            found[name] = named[at]
    return found


def _processes(everything: Drawn) -> dict[str, Process]:
    pools: dict[str, str | None] = {}
    for participant in everything.root.iter(f"{{{MODEL}}}participant"):
        shown = everything.reference(participant, "processRef", everything.processes)
        if shown:
            pools.setdefault(shown, name_of(participant))
    filled = {place.process for place in everything.nodes.values()}
    return {
        name: Process(
            name,
            name_of(node),
            pools.get(name),
            everything.line(node),
            name in filled,
            promised=own(node, "promised"),
            statutory=own(node, "statutory"),
            working_time=is_true(own(node, "workingTime")),
            accept_within=own(node, "acceptWithin"),
            periods=periods_of(node),
        )
        for name, node in everything.processes.items()
    }


def _instructions(everything: Drawn, elements: Mapping[str, Element]) -> dict[str, Instruction]:
    found = {}
    for name, place in everything.nodes.items():
        written = list(extensions(place.node, OWN, "instruction"))
        parts = {part: _said(one for block in written for one in block.findall(f"{{{OWN}}}{part}")) for part in _PARTS}
        documentation = elements[name].documentation
        if documentation and not parts["what"]:
            parts["what"] = dict.fromkeys(LANGUAGES, documentation)
        if any(parts.values()):
            found[name] = Instruction(**parts)
    return found


def _said(parts: Iterable[etree._Element]) -> dict[Language, str]:
    """What says no language is meant for both, unless one of them has words of its own."""
    found: dict[Language, str] = {}
    for_both = ""
    for one in parts:
        text, language = _text(one), (one.get(_LANG) or "").lower()
        if language.startswith("zh"):
            found["zh"] = f"{found['zh']}\n{text}" if "zh" in found else text
        elif language.startswith("en"):
            found["en"] = f"{found['en']}\n{text}" if "en" in found else text
        else:
            for_both = f"{for_both}\n{text}".strip()
    both: dict[Language, str] = dict.fromkeys(LANGUAGES, for_both) if for_both else {}
    return {language: text for language, text in {**both, **found}.items() if text}
