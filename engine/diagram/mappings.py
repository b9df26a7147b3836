"""Variables that other tools map into a step or a called procedure, and out of it again.

Variables belong to the whole case here: what a step is given under another name is set for the case before the step,
what it gives back after it. What cannot be worked out when it is asked for is null, as with those tools.
"""

from __future__ import annotations

import json
from collections.abc import Iterator
from typing import Final

from lxml import etree

from engine.base.frozen import frozen
from engine.diagram import language
from engine.diagram.dialects import ACTIVITI, CAMUNDA, FLOWABLE, ZEEBE, extensions
from engine.diagram.drawn import is_true, tag
from engine.diagram.kinds import ACTIVITIES
from engine.diagram.language.expressions import bare

MAPPINGS: Final = frozenset({"in", "out", "inputOutput", "ioMapping"})
"""The elements that say so, in the words of those tools."""
_LIKE_CAMUNDA: Final = (CAMUNDA, FLOWABLE, ACTIVITI)
_MOST: Final = 2_000
_GIVING: Final = ACTIVITIES | {"startEvent", "intermediateCatchEvent", "boundaryEvent"}


@frozen
class Mapped:
    """Variables and the expressions that give them, before the step and after it. `ignored`: names of those not read."""

    before: tuple[tuple[str, str], ...] = ()
    after: tuple[tuple[str, str], ...] = ()
    ignored: tuple[str, ...] = ()


_Written = tuple[bool, str, str | None]  # whether before the step, the variable, the expression where it can be read


def mapped(node: etree._Element) -> Mapped:
    written = [*_in_and_out(node), *_parameters(node), *_zeebe(node)]
    if not written:
        return Mapped()
    before: list[tuple[str, str]] = []
    after: list[tuple[str, str]] = []
    ignored = []
    for is_before, name, expression in written:
        if expression is None or not name.isidentifier() or not _fits(node, is_before=is_before):
            ignored.append(name)
        elif expression != name:
            (before if is_before else after).append((name, f"get or else({expression}, null)"))
    return Mapped(tuple(before), tuple(after), tuple(ignored))


def _fits(node: etree._Element, *, is_before: bool) -> bool:
    """Not where it is done several times: each turn would have values of its own."""
    kind = tag(node)
    if any(tag(child).endswith("LoopCharacteristics") for child in node) or is_true(node.get("triggeredByEvent")):
        return False
    return kind in ACTIVITIES - {"receiveTask"} if is_before else kind in _GIVING


def _in_and_out(node: etree._Element) -> Iterator[_Written]:
    for namespace in _LIKE_CAMUNDA:
        for is_before, name in ((True, "in"), (False, "out")):
            for one in extensions(node, namespace, name):
                if one.get("variables") == "all" or one.get("businessKey"):
                    continue  # the variables are those of the case anyway
                target = (one.get("target") or "").strip()
                source = (one.get("source") or "").strip()
                yield is_before, target, _read(source or one.get("sourceExpression") or "")


def _parameters(node: etree._Element) -> Iterator[_Written]:
    for namespace in _LIKE_CAMUNDA:
        for block in extensions(node, namespace, "inputOutput"):
            for is_before, name in ((True, "inputParameter"), (False, "outputParameter")):
                for one in block.findall(f"{{{namespace}}}{name}"):
                    yield is_before, (one.get("name") or "").strip(), _value(one)


def _value(one: etree._Element) -> str | None:
    """A text as it stands, an expression, a list or a map of them; scripts are not read."""
    inside = [child for child in one if isinstance(child.tag, str)]
    text = (one.text or "").strip()
    if not inside:
        return _read(text) if text.startswith(("${", "#{")) else _text(text)
    kind = etree.QName(inside[0]).localname
    if len(inside) > 1 or kind not in ("list", "map"):
        return None
    parts = [child for child in inside[0] if isinstance(child.tag, str)]
    values = [None if etree.QName(part).localname == "script" else _value(part) for part in parts]
    if len(values) > 100 or None in values:
        return None
    if kind == "list":
        return f"[{', '.join(value or '' for value in values)}]"
    keys = [json.dumps(part.get("key") or "", ensure_ascii=False) for part in parts]
    return f"{{{', '.join(f'{key}: {value}' for key, value in zip(keys, values, strict=True))}}}"


def _zeebe(node: etree._Element) -> Iterator[_Written]:
    for block in extensions(node, ZEEBE, "ioMapping"):
        for is_before, name in ((True, "input"), (False, "output")):
            for one in block.findall(f"{{{ZEEBE}}}{name}"):
                source = (one.get("source") or "").strip()
                expression = _read(source) if source.startswith("=") else _text(source)
                yield is_before, (one.get("target") or "").strip(), expression


def _text(text: str) -> str | None:
    return None if "${" in text or "#{" in text else json.dumps(text, ensure_ascii=False)


def _read(source: str) -> str | None:
    """In one line, without what the tool wraps around it; None where it cannot be read."""
    if not source.strip() or len(source) > _MOST:
        return None
    inner = " ".join(bare(source).split())
    try:
        language.expression(inner)
    except language.NotAnExpression:
        return None
    return inner
