"""What a step asks of whoever does it, as it is compared: duties kept apart, documents that must be there."""

from __future__ import annotations

from typing import Final

from lxml import etree

from engine.base.text import Name, Text
from engine.diagram.dialects import extensions
from engine.diagram.differ.sides import filled
from engine.diagram.duties import BY
from engine.diagram.xml import OWN

_QUOTED: Final = Text("“{name}”", "“{name}”")
_LANG: Final = "{http://www.w3.org/XML/1998/namespace}lang"


def separations(node: etree._Element) -> set[tuple[str, str]]:
    found = extensions(node, OWN, "separation")
    pairs = {((one.get("from") or "").strip(), (one.get("by") or "person").strip()) for one in found}
    return {(source, by) for source, by in pairs if source and by in BY}


def documents(node: etree._Element) -> list[Text]:
    """In both languages where they are given: the same place in either."""
    by_language: dict[str, list[str]] = {"en": [], "zh": []}
    for block in extensions(node, OWN, "documents"):
        for one in block.iter(f"{{{OWN}}}document"):
            language = "zh" if (one.get(_LANG) or "").startswith("zh") else "en"
            by_language[language].append(" ".join((one.text or "").split()))
    en, zh = by_language["en"], by_language["zh"]
    found = []
    for place in range(max(len(en), len(zh))):
        english = en[place] if place < len(en) else zh[place]
        chinese = zh[place] if place < len(zh) else en[place]
        found.append(filled(_QUOTED, name=Name(english, chinese)))
    return found
