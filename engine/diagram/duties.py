"""What our own namespace asks of whoever does a step: duties kept apart, documents that must be there, moves not made."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

from lxml import etree

from engine.base.text import Name
from engine.diagram.dialects import extensions, own
from engine.diagram.durations import duration
from engine.diagram.shape import Diagram, Element, Process, Separation
from engine.diagram.xml import OWN

BY: Final = ("person", "department")
MOVES: Final = (
    "return", "withdraw", "transfer", "consult", "sign", "countersign", "suspend", "extend", "copy", "urge", "cancel",
)  # fmt: skip
"""What may be switched off at a step: `officium:without="return transfer"`."""
_LANG: Final = "{http://www.w3.org/XML/1998/namespace}lang"


def separations_of(node: etree._Element) -> tuple[Separation, ...]:
    """As written, in order, each once. One without `by` is by person."""
    found = (
        Separation((one.get("from") or "").strip(), (one.get("by") or "").strip().lower() or "person")
        for one in extensions(node, OWN, "separation")
    )
    return tuple(dict.fromkeys(found))


def apart_from(diagram: Diagram, element: Element) -> tuple[Separation, ...]:
    """Whoever may not do the second step after the first may not do the first after the second, as in a loop, either."""
    other_way = (
        Separation(one.id, duty.by)
        for one in diagram.elements.values()
        for duty in one.separations
        if duty.source == element.id and one.id != element.id
    )
    return tuple(dict.fromkeys((*element.separations, *other_way)))


def documents_of(node: etree._Element) -> tuple[Name, ...]:
    """The nth of each language are one document; what is named in one language only is called so in both."""
    named: dict[str, list[str]] = {"en": [], "zh": [], "": []}
    for block in extensions(node, OWN, "documents"):
        for one in block.findall(f"{{{OWN}}}document"):
            text = " ".join("".join(map(str, one.itertext())).split())
            language = (one.get(_LANG) or "").lower()
            kept = "zh" if language.startswith("zh") else "en" if language.startswith("en") else ""
            named[kept].append(text)
    found = [Name(text, text) for text in named[""]]
    for position in range(max(len(named["en"]), len(named["zh"]))):
        said = [words[position] if position < len(words) else "" for words in (named["en"], named["zh"])]
        found.append(Name(said[0] or said[1], said[1] or said[0]))
    return tuple(one for one in found if one.en)


def produces_of(node: etree._Element) -> tuple[str, ...]:
    """Files with a space between: `officium:document="notice.docx decision.notice.toml"`."""
    return tuple(dict.fromkeys((own(node, "document") or "").split()))


def without_of(node: etree._Element) -> frozenset[str]:
    """As written: a word that is no move is told by a rule, and switches nothing off."""
    return frozenset((own(node, "without") or "").lower().split())


def accept_within(element: Element, processes: Mapping[str, Process]) -> tuple[str, bool] | None:
    """How long a hand-over to the step may lie, and whether that is working time: as the step says, else its process.

    What cannot be read says nothing.
    """
    process = processes.get(element.process)
    for place in (element, process):
        if place is not None and place.accept_within and duration(place.accept_within):
            return place.accept_within, place.working_time
    return None
