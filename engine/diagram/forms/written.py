"""Forms written into the diagram itself: Camunda's formData, and the formProperty of Flowable and Activiti."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any, Final

from lxml import etree

from engine.base.text import Text
from engine.diagram.forms import rules
from engine.diagram.forms.building import YES_OR_NO, Building
from engine.diagram.forms.model import Field, Form, Kind, Option, Source

_KINDS: Final[Mapping[str, Kind]] = {
    "string": Kind.TEXT,
    "text": Kind.TEXT,
    "text_area": Kind.LONG_TEXT,
    "textarea": Kind.LONG_TEXT,
    "multi-line-text": Kind.LONG_TEXT,
    "long": Kind.INTEGER,
    "int": Kind.INTEGER,
    "integer": Kind.INTEGER,
    "double": Kind.NUMBER,
    "float": Kind.NUMBER,
    "decimal": Kind.NUMBER,
    "number": Kind.NUMBER,
    "boolean": Kind.YES_NO,
    "date": Kind.DATE,
    "datetime": Kind.MOMENT,
    "enum": Kind.SELECT,
    "dropdown": Kind.SELECT,
    "radio-buttons": Kind.RADIO,
}
_UPLOADS: Final = frozenset({"file", "files", "upload", "image"})
_CONSTRAINTS: Final = frozenset({"required", "readonly", "min", "max", "minlength", "maxlength"})


def from_form_data(nodes: Iterable[etree._Element], title: str) -> Form:
    building = Building(rules.IN_THE_DIAGRAM)
    fields = [_form_field(one, building) for node in nodes for one in _children(node, "formField")]
    return _form(fields, title, building)


def from_form_properties(nodes: Iterable[etree._Element], title: str) -> Form:
    building = Building(rules.IN_THE_DIAGRAM)
    return _form([_form_property(one, building) for one in nodes], title, building)


def _form(fields: Iterable[Field | None], title: str, building: Building) -> Form:
    return Form(title, tuple(one for one in fields if one), Source.DIAGRAM, tuple(building.warnings))


def _form_field(node: etree._Element, building: Building) -> Field | None:
    hints = {
        one.get("id"): (one.get("value") or "").strip()
        for inside in _children(node, "properties")
        for one in _children(inside, "property")
    }
    constraints = {
        one.get("name", ""): (one.get("config") or "").strip()
        for inside in _children(node, "validation")
        for one in _children(inside, "constraint")
    }
    key = (node.get("id") or "").strip()
    for name in constraints.keys() - _CONSTRAINTS:
        building.unread(key, rules.CHECK, rules.NOT_EXPRESSION, expression=constraints[name] or name)
    facts: dict[str, Any] = {
        "label": (node.get("label") or "").strip(),
        "hint": hints.get("help") or hints.get("description") or hints.get("hint") or "",
        "required": _is_on(constraints.get("required")),
        "readonly": _is_on(constraints.get("readonly")),
        "default": node.get("defaultValue"),
        "minimum": building.number(key, constraints.get("min")),
        "maximum": building.number(key, constraints.get("max")),
        "min_length": building.count(key, constraints.get("minlength")),
        "max_length": building.count(key, constraints.get("maxlength")),
        "hide_when": building.condition(key, hints.get("hide_expression")),
    }
    return _field(node, key, facts, building, look=hints.get("enum_type", ""))


def _form_property(node: etree._Element, building: Building) -> Field | None:
    facts: dict[str, Any] = {
        "label": (node.get("name") or "").strip(),
        "required": node.get("required") == "true",
        "readonly": node.get("writable") == "false",
        "default": node.get("default") or node.get("expression"),
    }
    return None if node.get("readable") == "false" else _field(node, (node.get("id") or "").strip(), facts, building)


def _field(node: etree._Element, key: str, facts: dict[str, Any], building: Building, look: str = "") -> Field | None:
    building.counted()
    written = (node.get("type") or "string").strip()
    called = facts["label"] or key
    if not key:
        building.unsupported(written, called, rules.NO_KEY)
        return None
    kind = Kind.FILE if written.lower() in _UPLOADS else _KINDS.get(written.lower())
    if kind is None:
        # The tool that drew it gave the type a meaning of its own: the answer is still asked for, as text.
        building.unread(key, _TYPE, rules.NOT_EXPRESSION, expression=written[:100])
        kind = Kind.TEXT
    if not building.take(key, (key,)):
        return None
    facts |= {"key": key, "path": (key,), "kind": kind}
    if kind is Kind.YES_NO and facts["required"]:
        # "Required" means that the question is answered, and no is an answer.
        facts |= {"kind": Kind.RADIO, "options": YES_OR_NO}
    elif kind in (Kind.SELECT, Kind.RADIO):
        facts = building.choices(_choice(facts, _options(node), look))
    return building.field(**facts)


def _choice(facts: dict[str, Any], options: tuple[Option, ...], look: str) -> dict[str, Any]:
    kind = facts["kind"]
    if look in ("checkbox", "checkboxes", "multiselect"):
        kind = Kind.SEVERAL
    elif look == "radio" or (not look and len(options) <= 5):
        kind = Kind.RADIO
    return {**facts, "options": options, "kind": kind}


def _options(node: etree._Element) -> tuple[Option, ...]:
    found = [(one.get("id") or one.get("name") or "", one.get("name") or "") for one in _children(node, "value")]
    return tuple(Option(value, label or value) for value, label in found if value)


def _is_on(config: str | None) -> bool:
    return config is not None and config.lower() != "false"


def _children(node: etree._Element, name: str) -> list[etree._Element]:
    return [one for one in node if isinstance(one.tag, str) and etree.QName(one).localname == name]


_TYPE: Final = Text("the type", "类型")
