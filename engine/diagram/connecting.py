"""What a diagram says of a connector: its code, what it is given, and what of its answer the case keeps.

An address never stands in a diagram: what a code leads to is the administrator's to say.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, Final

import orjson
from lxml import etree

from engine.base.text import Text
from engine.diagram import language
from engine.diagram.dialects import extensions, own
from engine.diagram.xml import OWN

KINDS: Final = frozenset({"serviceTask", "sendTask", "intermediateThrowEvent"})
"""What may name a connector; a throwing event only where it sends a message."""
ANSWER: Final = ("body", "status", "given")
"""What the expressions of an output can name: what came, its status, and what had been sent."""
MOST_PARTS: Final = 50
MOST_GIVEN: Final = 64 * 1024
"""Bytes of what a step gives its connector."""
MOST_CORRELATION: Final = 300

TOO_MUCH: Final = Text("what the connector is given is larger than {most} kB", "提供给连接器的内容超过 {most} kB")
NO_KEY: Final = Text(
    "what it is correlated by must be a text, a number, yes or no, or several of them by name, and not nothing",
    "关联值须为文本、数字、是非值，或由这些值按名称组成，且不得为空",
)

Parts = tuple[tuple[str, str], ...]


def connector_of(node: etree._Element) -> str | None:
    """Its code, as written."""
    return own(node, "connector")


def inputs_of(node: etree._Element) -> Parts:
    """Names and the expressions that say what is sent by them, as written."""
    return _parts(node, "input", "name", "expression")


def outputs_of(node: etree._Element) -> Parts:
    """Variables and the expressions that say what of the answer goes into them, as written."""
    return _parts(node, "output", "variable", "from")


def _parts(node: etree._Element, name: str, key: str, value: str) -> Parts:
    found = ((one.get(key) or "", one.get(value) or "") for one in extensions(node, OWN, name))
    return tuple((key.strip(), value.strip()) for key, value in found)[:MOST_PARTS]


def correlation_of(node: etree._Element) -> str | None:
    """The expression that says by what a message finds the case that awaits it."""
    return own(node, "correlation")


def outcome(outputs: Sequence[tuple[str, str]], answer: Mapping[str, Any]) -> dict[str, Any]:
    """What the case keeps of an answer. Raises NotAnExpression, CannotEvaluate."""
    return {
        variable: language.jsonable(language.evaluate(language.expression(source), answer))
        for variable, source in outputs
    }


def correlation(value: Any) -> str | None:
    """What a value is compared by: the same for equal ones, however they were written; None where it is unfit."""
    told = _plain(value)
    if told is None or (isinstance(told, dict) and (not told or None in told.values())):
        return None
    found = orjson.dumps(told, option=orjson.OPT_SORT_KEYS).decode()
    return found if len(found) <= MOST_CORRELATION else None


def _plain(value: Any, *, within: bool = False) -> Any:
    if isinstance(value, Mapping):
        return None if within else {str(name): _plain(one, within=True) for name, one in value.items()}
    if isinstance(value, str):
        return value.strip() or None
    if isinstance(value, bool):
        return value
    if isinstance(value, int | float):
        return int(value) if value == int(value) else value
    return None
