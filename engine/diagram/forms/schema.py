"""Forms as JSON Schema with a uiSchema beside it, the way Spiff Arena keeps them."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, Final

from jsonschema import (
    Draft4Validator,
    Draft6Validator,
    Draft7Validator,
    Draft201909Validator,
    Draft202012Validator,
    SchemaError,
)

from engine.diagram.forms import rules
from engine.diagram.forms.building import EMAIL, YES_OR_NO, Building, label, part, parts
from engine.diagram.forms.document import MOST_DEPTH, MOST_NODES, refuse
from engine.diagram.forms.formjs import options_in
from engine.diagram.forms.handed import asked_of
from engine.diagram.forms.model import JSON, Field, Form, Kind, Option, Source, as_typed

_FORMATS: Final[Mapping[str, Kind]] = {"date": Kind.DATE, "time": Kind.TIME, "date-time": Kind.MOMENT}
_WIDGETS: Final[Mapping[str, Kind]] = {"date": Kind.DATE, "datetime": Kind.MOMENT, "date-time": Kind.MOMENT}
_ENTRIES: Final[Mapping[str, str]] = {"email": "email", "uri": "url", "tel": "tel", "phone": "tel"}
_BRANCHES: Final = ("if", "anyOf", "oneOf", "dependencies", "dependentSchemas", "not")
_DRAFTS: Final[Mapping[str, Any]] = {
    "json-schema.org/draft-04/schema": Draft4Validator,
    "json-schema.org/draft-06/schema": Draft6Validator,
    "json-schema.org/draft-07/schema": Draft7Validator,
    "json-schema.org/draft/2019-09/schema": Draft201909Validator,
    "json-schema.org/draft/2020-12/schema": Draft202012Validator,
}
_REFERS: Final = ("$dynamicRef", "$recursiveRef")
# Names of places are not needed once nothing refers to them; definitions stand where they were referred to.
_NAMES: Final = frozenset({"$id", "id", "$anchor", "$dynamicAnchor", "$recursiveAnchor", "definitions", "$defs"})
# They hold schemas by names of the designer's own, so that what looks like a keyword in them is none.
_BY_NAME: Final = frozenset({"properties", "dependentSchemas", "dependencies"})


def form_of(document: Mapping[str, JSON], *, ui: Mapping[str, JSON] | None, title: str, building: Building) -> Form:
    schema = _whole(document, building)
    _must_be_valid(schema)
    fields = _Reader(building).fields(schema, ui or {}, ())
    return Form(title or label(document, "title"), fields, Source.JSON_SCHEMA, tuple(building.warnings), schema=schema)


def validator_of(schema: Mapping[str, JSON]) -> Any:
    """The draft that the schema names; the latest where it names none that is known."""
    named = as_typed(schema.get("$schema")).removesuffix("#").partition("://")[2]
    return _DRAFTS.get(named, Draft202012Validator)


def _must_be_valid(schema: Mapping[str, JSON]) -> None:
    try:
        # Without a format checker: it would give the designer's patterns to Python's own engine.
        validator_of(schema).check_schema(schema, format_checker=None)
    except SchemaError as fault:
        refuse(rules.BAD_SCHEMA, place="/".join(["#", *map(str, fault.absolute_path)])[:200])
    except RecursionError:
        refuse(rules.TOO_DEEP, most=MOST_DEPTH)


def _whole(document: Mapping[str, JSON], building: Building) -> dict[str, JSON]:
    """The schema with each reference replaced by what it refers to, so that nothing is looked up later."""
    inlining = _Inlining(document)
    whole = inlining.inlined(document, (), 0, named=False)
    if inlining.left_out:
        building.unread("patternProperties", rules.CHECK, rules.NOT_KNOWN_HERE)
    found: dict[str, JSON] = whole
    return found


class _Inlining:
    def __init__(self, document: Mapping[str, JSON]) -> None:
        self._document = document
        self._nodes = 0
        self.left_out = False

    def inlined(self, one: JSON, within: tuple[str, ...], depth: int, *, named: bool) -> JSON:
        self._nodes += 1
        if self._nodes > MOST_NODES:
            refuse(rules.TOO_MUCH, most=MOST_NODES)
        if depth > 2 * MOST_DEPTH:
            refuse(rules.TOO_DEEP, most=MOST_DEPTH)
        if isinstance(one, list):
            return [self.inlined(each, within, depth + 1, named=False) for each in one]
        if not isinstance(one, dict):
            return one
        if named:
            return {key: self.inlined(value, within, depth + 1, named=False) for key, value in one.items()}
        return self._object(one, within, depth)

    def _object(self, one: dict[str, JSON], within: tuple[str, ...], depth: int) -> JSON:
        reference = one.get("$ref")
        for keyword in _REFERS:
            if keyword in one:
                refuse(rules.REFERENCE, reference=keyword)
        if isinstance(reference, str):
            if reference in within:
                refuse(rules.REFERS_TO_ITSELF, reference=reference[:100])
            beside = {key: value for key, value in one.items() if key != "$ref"}
            meant = self._at(reference)
            one = {**meant, **beside} if isinstance(meant, dict) else beside
            return self.inlined(one, (*within, reference), depth + 1, named=False)
        found = {}
        for key, value in one.items():
            if key == "patternProperties":
                self.left_out = True  # they would be matched by Python's own engine
            elif key not in _NAMES and not (key == "$schema" and depth):
                found[key] = self.inlined(value, within, depth + 1, named=key in _BY_NAME)
        return found

    def _at(self, reference: str) -> JSON:
        if not reference.startswith("#") or (reference != "#" and not reference.startswith("#/")):
            refuse(rules.REFERENCE, reference=reference[:100])
        found: JSON = self._document
        for step in reference.split("/")[1:]:
            key = step.replace("~1", "/").replace("~0", "~")
            if not isinstance(found, dict) or key not in found:
                refuse(rules.REFERENCE, reference=reference[:100])
            found = found[key]
        return found


class _Reader:
    def __init__(self, building: Building) -> None:
        self._build = building

    def fields(self, schema: dict[str, JSON], ui: Mapping[str, JSON], above: tuple[str, ...]) -> tuple[Field, ...]:
        for keyword in _BRANCHES:
            if keyword in schema:
                self._build.unread(".".join(above) or "#", rules.BRANCH, rules.NOT_KNOWN_HERE)
        found: list[Field] = []
        properties = part(schema, "properties")
        for key in _in_order(properties, ui):
            one = properties[key]
            self._build.counted()
            if isinstance(one, dict):
                required = key in _listed(schema.get("required"))
                field = self._property(key, one, part(ui, key), above, required)
                if field is None or field.readonly or field.kind is Kind.FILE:
                    # What nobody can answer must not be demanded when the whole is checked; files are asked for before.
                    schema["required"] = [name for name in _listed(schema.get("required")) if name != key]
                found += [field] if field else []
        if "required" in schema and not schema["required"]:
            del schema["required"]
        return tuple(found)

    def _property(
        self, key: str, one: dict[str, JSON], ui: Mapping[str, JSON], above: tuple[str, ...], required: bool
    ) -> Field | None:
        settings = {**part(ui, "ui:options"), **{name[3:]: value for name, value in ui.items() if name[:3] == "ui:"}}
        kind = _type(one)
        path = (*above, key)
        name = ".".join(path)
        facts: dict[str, Any] = {
            "key": name,
            "path": path,
            "label": label(settings, "title") or label(one, "title") or key,
            "hint": label(settings, "help", "description") or label(one, "description"),
            "readonly": one.get("readOnly") is True or bool(settings.get("readonly") or settings.get("disabled")),
            "required": required,
            "default": one.get("default"),
        }
        if kind == "object" and "properties" in one:
            children = self.fields(one, ui, path)
            group = {
                "key": self._build.nameless(),
                "label": facts["label"],
                "hint": facts["hint"],
                "children": children,
            }
            return self._build.field(kind=Kind.GROUP, **group) if children else None
        if why := _left_out(kind, one, settings):
            self._build.unsupported(why[0], facts["label"], why[1])
            return None
        if not self._build.take(name, path):
            return None
        if _is_file(one, settings):
            return self._build.field(**self._file(one, settings, facts))
        if kind == "array":
            return self._array(one, ui, settings, facts)
        return self._build.field(**self._scalar(kind, one, settings, facts))

    def _file(self, one: Mapping[str, JSON], settings: Mapping[str, JSON], facts: dict[str, Any]) -> dict[str, Any]:
        several = {"multiple": _type(one) == "array"}
        return {**facts, "default": None, **asked_of({**settings, **several}, self._build, facts["key"])}

    def _array(
        self, one: dict[str, JSON], ui: Mapping[str, JSON], settings: Mapping[str, JSON], facts: dict[str, Any]
    ) -> Field | None:
        items = part(one, "items")
        limits = {
            "minimum": self._build.number(facts["key"], one.get("minItems")),
            "maximum": self._build.number(facts["key"], one.get("maxItems")),
        }
        # An array is there even when it is empty: only minItems demands something in it.
        facts["required"] = facts["required"] and bool(limits["minimum"])
        if offered := _options(items, part(ui, "items")):
            return self._build.field(**facts, **limits, kind=Kind.SEVERAL, options=offered)
        with self._build.row_of(facts["key"]):
            children = self._row(items, part(ui, "items"))
        if not children:
            return None
        facts.pop("default")
        return self._build.field(**facts, **limits, kind=Kind.ROWS, children=children)

    def _row(self, items: dict[str, JSON], ui: Mapping[str, JSON]) -> tuple[Field, ...]:
        kind = _type(items)
        if kind == "object":
            return self.fields(items, ui, ())
        settings = {**part(ui, "ui:options")}
        if kind == "array" or _is_file(items, settings) or _left_out(kind, items, settings):
            self._build.unsupported(kind, label(items, "title") or kind, rules.UNKNOWN_KIND)
            return ()
        facts = {"key": "", "path": (), "label": label(items, "title"), "hint": label(items, "description")}
        return (self._build.field(**self._scalar(kind, items, settings, {**facts, "required": False})),)

    def _scalar(
        self, kind: str, one: Mapping[str, JSON], settings: Mapping[str, JSON], facts: dict[str, Any]
    ) -> dict[str, Any]:
        widget = settings.get("widget")
        if offered := _options(one, {"ui:enumNames": settings.get("enumNames")}):
            picks = widget == "radio" or (widget != "select" and len(offered) <= 5)
            return {**facts, "kind": Kind.RADIO if picks else Kind.SELECT, "options": offered}
        if kind == "boolean":
            ticked = one.get("const") is True or not (facts["required"] or widget in ("radio", "select"))
            return {**facts, "kind": Kind.YES_NO} if ticked else {**facts, "kind": Kind.RADIO, "options": YES_OR_NO}
        if kind in ("number", "integer"):
            return {
                **facts,
                "kind": Kind.NUMBER if kind == "number" else Kind.INTEGER,
                "minimum": self._build.number(facts["key"], one.get("minimum")),
                "maximum": self._build.number(facts["key"], one.get("maximum")),
                "step": self._build.number(facts["key"], one.get("multipleOf")),
            }
        return {**facts, **self._text(one, widget, settings, facts["key"])}

    def _text(self, one: Mapping[str, JSON], widget: JSON, settings: Mapping[str, JSON], key: str) -> dict[str, Any]:
        kind = _WIDGETS.get(as_typed(widget)) or _FORMATS.get(as_typed(one.get("format")))
        if kind:
            return {"kind": kind}
        entry = _ENTRIES.get(as_typed(settings.get("inputType") or one.get("format")), "text")
        pattern = self._build.pattern(key, one.get("pattern"))
        return {
            "kind": Kind.LONG_TEXT if widget == "textarea" else Kind.TEXT,
            "min_length": self._build.count(key, one.get("minLength")),
            "max_length": self._build.count(key, one.get("maxLength")),
            "pattern": pattern or (EMAIL if entry == "email" else None),
            "pattern_message": label(settings, "patternErrorMessage"),
            "entry": entry,
        }


def _left_out(kind: str, one: Mapping[str, JSON], settings: Mapping[str, JSON]) -> tuple[str, Any] | None:
    if settings.get("widget") == "hidden":
        return "hidden", rules.COMPUTED
    if kind == "array" and isinstance(one.get("items"), dict):
        return None
    if kind in ("string", "number", "integer", "boolean"):
        return None
    return kind, rules.UNKNOWN_KIND


def _is_file(one: Mapping[str, JSON], settings: Mapping[str, JSON]) -> bool:
    inner = part(one, "items") if _type(one) == "array" else one
    return settings.get("widget") == "file" or inner.get("format") in ("data-url", "filepath")


def _type(one: Mapping[str, JSON]) -> str:
    kind = one.get("type")
    if isinstance(kind, list):
        kind = next((each for each in kind if each != "null"), "null")
    if isinstance(kind, str):
        return kind
    return "object" if "properties" in one else "array" if "items" in one else "string"


def _options(one: Mapping[str, JSON], ui: Mapping[str, JSON]) -> tuple[Option, ...]:
    offered = one.get("enum")
    if isinstance(offered, list):
        named = ui.get("ui:enumNames") or one.get("enumNames")
        names: Sequence[JSON] = named if isinstance(named, list) else ()
        found = options_in([each for each in offered if each is not None])
        return tuple(
            Option(each.value, as_typed(names[at]) if at < len(names) else each.label) for at, each in enumerate(found)
        )
    either = parts(one, "oneOf") or parts(one, "anyOf")
    if not either or not all("const" in each for each in either):
        return ()
    return tuple(Option(each["const"], label(each, "title") or as_typed(each["const"])) for each in either)


def _listed(required: JSON) -> list[str]:
    return [one for one in required if isinstance(one, str)] if isinstance(required, list) else []


def _in_order(properties: Mapping[str, JSON], ui: Mapping[str, JSON]) -> list[str]:
    wanted = [key for key in _listed(ui.get("ui:order")) if key in properties]
    return list(dict.fromkeys([*wanted, *properties]))
