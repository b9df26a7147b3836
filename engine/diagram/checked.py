"""A diagram with everything the rules look at, made once."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from engine.base.errors import Refusal
from engine.base.frozen import frozen
from engine.base.text import Name
from engine.diagram.drawn import Drawn, Place, drawn, tag
from engine.diagram.forms import Form, forms_of
from engine.diagram.kinds import SUB_PROCESSES
from engine.diagram.owners import flows_into, flows_out_of
from engine.diagram.shape import Diagram, Element, Finding, Flow, Rule
from engine.diagram.xml import parsed


@frozen
class Checked:
    """`inside`: the elements directly in each process and sub-process. `at_root`: what stands in no process, by id."""

    diagram: Diagram
    drawn: Drawn
    attachments: Mapping[str, bytes]
    incoming: Mapping[str, Sequence[Flow]]
    outgoing: Mapping[str, Sequence[Flow]]
    inside: Mapping[str, Sequence[Element]]
    at_root: Mapping[str, str]  # the tag
    forms: Mapping[str, Form]  # by element id, of those that name one

    def finding(self, rule: Rule, element: str, **facts: Any) -> Finding:
        return placed(self.diagram, rule, element, **facts)

    def name(self, element: str) -> str | None:
        return name_in(self.diagram, element)

    def called(self, element: str) -> str:
        return called_in(self.diagram, element)

    def place(self, element: str) -> Place:
        return self.drawn.nodes[element]

    def sub_processes(self) -> list[Element]:
        return [one for one in self.diagram.elements.values() if one.kind in SUB_PROCESSES]


def placed(diagram: Diagram, rule: Rule, element: str, **facts: Any) -> Finding:
    """At the place where the element stands."""
    return Finding(rule, _line(diagram, element), element, name_in(diagram, element), facts)


def name_in(diagram: Diagram, element: str) -> str | None:
    """The name as drawn; a flow without one is called by its ends."""
    flow = diagram.flows.get(element)
    if flow is not None:
        return flow.name or f"{called_in(diagram, flow.source)} → {called_in(diagram, flow.target)}"
    for kind in (diagram.elements, diagram.lanes, diagram.processes):
        found = kind.get(element)
        if found is not None:
            return found.name
    return None


def called_in(diagram: Diagram, element: str) -> str:
    return name_in(diagram, element) or element


def _line(diagram: Diagram, element: str) -> int | None:
    for kind in (diagram.elements, diagram.flows, diagram.lanes, diagram.processes):
        if element in kind:
            return kind[element].line
    return None


def checked(diagram: Diagram, attachments: Mapping[str, bytes]) -> Checked:
    inside: dict[str, list[Element]] = {}
    for element in diagram.elements.values():
        inside.setdefault(element.scope, []).append(element)
    everything = drawn(parsed(diagram.source, diagram.file))
    return Checked(
        diagram=diagram,
        drawn=everything,
        attachments=attachments,
        incoming=flows_into(diagram),
        outgoing=flows_out_of(diagram),
        inside=inside,
        at_root={one.get("id") or "": tag(one) for one in everything.root},
        forms=forms_of(diagram, attachments),
    )


def listed(names: Iterable[str], most: int = 5) -> Name:
    """Names in quotation marks; beyond `most` only that there are more."""
    everything = list(names)
    shown = [f"“{name}”" for name in everything[:most]]
    more = len(everything) - most
    return Name(
        en=", ".join(shown) + (f" and {more} more" if more > 0 else ""),
        zh="".join(shown) + (f"等 {len(everything)} 项" if more > 0 else ""),
    )


def why(refusal: Refusal) -> Name:
    """A refusal as a fact of a finding, in both languages."""
    return Name(en=refusal.say("en"), zh=refusal.say("zh"))
