"""What a file defines beside its processes and refers to from within: global tasks and the definitions of events.

Put where it is meant, it is read, checked and run as if it had been drawn there.
"""

from __future__ import annotations

import copy
from collections.abc import Iterable
from typing import Final

from lxml import etree

from engine.diagram.dialects import called_of
from engine.diagram.xml import MODEL

_TAG: Final = f"{{{MODEL}}}"
_GLOBAL: Final = {
    f"{_TAG}globalTask": "task",
    f"{_TAG}globalUserTask": "userTask",
    f"{_TAG}globalManualTask": "manualTask",
    f"{_TAG}globalScriptTask": "scriptTask",
    f"{_TAG}globalBusinessRuleTask": "businessRuleTask",
}
_KEPT: Final = frozenset({"id", "name", "calledElement"})


def put_in_place(root: etree._Element) -> list[tuple[etree._Element, etree._Element]]:
    """What was added, each with what it is a copy of. Nothing is left to be put the second time."""
    added: list[tuple[etree._Element, etree._Element]] = []
    tasks = _by_id(root.iterchildren(*_GLOBAL))
    for call in list(root.iter(f"{_TAG}callActivity")) if tasks else ():
        task = _meant(tasks, called_of(call) or "")
        if task is not None:
            _be(call, task, added)
    references = list(root.iter(f"{_TAG}eventDefinitionRef"))
    definitions = _by_id(root.iterchildren(f"{_TAG}*")) if references else {}
    for reference in references:
        meant, event = _meant(definitions, (reference.text or "").strip()), reference.getparent()
        if meant is not None and event is not None and str(meant.tag).endswith("EventDefinition"):
            _add(event, meant, added)
            event.remove(reference)
    return added


def _by_id(elements: Iterable[etree._Element]) -> dict[str, etree._Element]:
    return {one.get("id") or "": one for one in elements if one.get("id")}


def _meant(defined: dict[str, etree._Element], written: str) -> etree._Element | None:
    found = defined.get(written)
    return defined.get(written.rpartition(":")[2]) if found is None else found


def _be(call: etree._Element, meant: etree._Element, added: list[tuple[etree._Element, etree._Element]]) -> None:
    """The call keeps its own id, name, repetition and lane; it does what the global task does."""
    call.tag = f"{_TAG}{_GLOBAL[str(meant.tag)]}"
    call.attrib.pop("calledElement", "")
    if not call.get("name") and meant.get("name"):
        call.set("name", meant.get("name") or "")
    for name, value in meant.attrib.items():
        if name not in _KEPT and call.get(name) is None:
            call.set(name, value)
    for child in meant:
        _add(call, child, added)


def _add(node: etree._Element, meant: etree._Element, added: list[tuple[etree._Element, etree._Element]]) -> None:
    made = copy.deepcopy(meant)
    node.append(made)
    added += zip(made.iter(), meant.iter(), strict=True)
