"""What our own namespace asks of whoever does a step: duties kept apart, documents that must be there."""

from __future__ import annotations

from typing import Final

from lxml import etree

from engine.base.text import Name
from engine.diagram.dialects import extensions
from engine.diagram.shape import Separation
from engine.diagram.xml import OWN

BY: Final = ("person", "department")
_LANG: Final = "{http://www.w3.org/XML/1998/namespace}lang"


def separations_of(node: etree._Element) -> tuple[Separation, ...]:
    """As written, in order, each once. One without `by` is by person."""
    found = (
        Separation((one.get("from") or "").strip(), (one.get("by") or "").strip().lower() or "person")
        for one in extensions(node, OWN, "separation")
    )
    return tuple(dict.fromkeys(found))


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
