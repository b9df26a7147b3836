"""Where each step's form stands: in the diagram, or in a file attached to it."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import replace
from pathlib import PurePosixPath
from typing import Final

from lxml import etree

from engine.base.text import Text
from engine.diagram.dialects import ACTIVITI, CAMUNDA, FLOWABLE, SPIFF, ZEEBE, attribute, extensions, own
from engine.diagram.elsewhere import put_in_place
from engine.diagram.forms import formjs, rules
from engine.diagram.forms.building import Building
from engine.diagram.forms.document import load, refuse
from engine.diagram.forms.model import Form, Source
from engine.diagram.forms.rules import NotAForm
from engine.diagram.forms.written import from_form_data, from_form_properties
from engine.diagram.shape import Diagram, Finding, Rule
from engine.diagram.xml import OWN, parse

_ENDINGS: Final = ("", ".form", ".form.json", ".json")
_LOOKS: Final = ("uiSchema", "ui_schema", "uischema")
_EMBEDDED: Final = "camunda-forms:bpmn:"
_SCHEME: Final = re.compile(r"^(?:[a-z-]+:)+")


def form_from_json(text: str | bytes, *, ui: str | bytes | None = None, title: str = "", name: str | Text = "") -> Form:
    """A form-js form, or a JSON Schema of an object with its uiSchema, beside it or in one file. Raises NotAForm; `name` is used in warnings."""
    document = load(text)
    building = Building(name or rules.IN_THE_DIAGRAM)
    if isinstance(document, dict) and isinstance(document.get("components"), list):
        return formjs.form_of(document, title=title, building=building)
    looks: object = None
    if isinstance(document, dict) and isinstance(document.get("schema"), dict):
        looks = next((document[key] for key in _LOOKS if key in document), None)
        document = document["schema"]
    if not isinstance(document, dict) or not (isinstance(document.get("properties"), dict) or "$ref" in document):
        refuse(rules.NO_FORM_IN_IT)
    beside = load(ui) if ui is not None else looks
    # What JSON Schema stands on is large, and most offices have no such form: a server of none carries none of it.
    from engine.diagram.forms import schema  # noqa: PLC0415

    return schema.form_of(document, ui=beside if isinstance(beside, dict) else {}, title=title, building=building)


def forms_of(diagram: Diagram, attachments: Mapping[str, bytes]) -> Mapping[str, Form]:
    """The form of every element that names one, by element id. One that cannot be had is empty and says why."""
    root = parse(diagram.source, diagram.file)
    put_in_place(root)
    sought = _Sought(root, attachments)
    found: dict[str, Form] = {}
    for node in root.iter(etree.Element):
        element = diagram.elements.get((node.get("id") or "").strip())
        if element is None or element.id in found or etree.QName(node).localname != element.kind:
            continue
        form = sought.form(node, element.name or element.id)
        if form is not None:
            warnings = [replace(one, line=element.line, element=element.id, name=element.name) for one in form.warnings]
            found[element.id] = replace(form, warnings=tuple(warnings))
    return found


def findings(diagram: Diagram, attachments: Mapping[str, bytes]) -> tuple[Finding, ...]:
    """What the forms of a diagram lack, in the order of its elements."""
    return tuple(one for form in forms_of(diagram, attachments).values() for one in form.warnings)


class _Sought:
    def __init__(self, root: etree._Element, attachments: Mapping[str, bytes]) -> None:
        self._root = root
        self._attachments = attachments
        self._ids: dict[str, str] | None = None
        self._embedded: dict[str, str] | None = None

    def form(self, node: etree._Element, title: str) -> Form | None:
        for look in (self._own, self._in_diagram, self._zeebe, self._spiff, self._foreign):
            form = look(node, title)
            if form is not None:
                return form
        return None

    def _own(self, node: etree._Element, title: str) -> Form | None:
        if name := own(node, "form"):
            return self._attached(name, title, rules.MISSING)
        for one in extensions(node, OWN, "form"):
            return _read(one.text or "", None, title, rules.IN_THE_DIAGRAM)
        return None

    def _in_diagram(self, node: etree._Element, title: str) -> Form | None:
        data = list(extensions(node, CAMUNDA, "formData"))
        if any(len(one) for one in data):
            return from_form_data(data, title)
        properties = [one for space in (FLOWABLE, ACTIVITI) for one in extensions(node, space, "formProperty")]
        return from_form_properties(properties, title) if properties else None

    def _zeebe(self, node: etree._Element, title: str) -> Form | None:
        for one in extensions(node, ZEEBE, "formDefinition"):
            key = (one.get("formKey") or "").strip()
            if key.startswith(_EMBEDDED):
                return self._inside(key.removeprefix(_EMBEDDED), title)
            name = (one.get("formId") or "").strip() or key or (one.get("externalReference") or "").strip()
            return self._attached(name, title, rules.ELSEWHERE) if name else None
        return None

    def _spiff(self, node: etree._Element, title: str) -> Form | None:
        named = {
            one.get("name"): (one.get("value") or "").strip()
            for block in extensions(node, SPIFF, "properties")
            for one in block.findall(f"{{{SPIFF}}}property")
        }
        name = named.get("formJsonSchemaFilename")
        return self._attached(name, title, rules.MISSING, ui=named.get("formUiSchemaFilename")) if name else None

    def _foreign(self, node: etree._Element, title: str) -> Form | None:
        name = attribute(node, "formRef") or attribute(node, "formKey")
        return self._attached(name, title, rules.ELSEWHERE) if name else None

    def _inside(self, key: str, title: str) -> Form:
        if self._embedded is None:
            texts = self._root.iter(f"{{{ZEEBE}}}userTaskForm")
            self._embedded = {one.get("id") or "": one.text or "" for one in texts}
        text = self._embedded.get(key)
        return _absent(rules.MISSING, key, title) if text is None else _read(text, None, title, key)

    def _attached(self, name: str, title: str, absent: Rule, ui: str | None = None) -> Form:
        file = self._file(name)
        if file is None:
            return _absent(absent, name, title)
        beside = self._file(ui) if ui else None
        form = _read(self._attachments[file], self._attachments[beside] if beside else None, title, file)
        if ui and beside is None:
            warning = Finding(absent, None, None, None, {"form": ui})
            form = replace(form, warnings=(*form.warnings, warning))
        return form

    def _file(self, name: str) -> str | None:
        plain = PurePosixPath(_SCHEME.sub("", name)).name or name
        by_base = {PurePosixPath(file).name: file for file in reversed(list(self._attachments))}
        for wanted in (name, plain):
            for ending in _ENDINGS:
                if wanted + ending in self._attachments:
                    return wanted + ending
                if wanted + ending in by_base:
                    return by_base[wanted + ending]
        return self._by_id().get(name) or self._by_id().get(plain)

    def _by_id(self) -> dict[str, str]:
        if self._ids is None:
            self._ids = {}
            for file, content in self._attachments.items():
                if file.lower().endswith((".form", ".json")) and (named := _id_in(content)):
                    self._ids.setdefault(named, file)
        return self._ids


def _id_in(content: bytes) -> str | None:
    try:
        document = load(content)
    except NotAForm:
        return None
    named = document.get("id") if isinstance(document, dict) else None
    return named if isinstance(named, str) else None


def _read(text: str | bytes, ui: bytes | None, title: str, name: str | Text) -> Form:
    try:
        return form_from_json(text, ui=ui, title=title, name=name)
    except NotAForm as refusal:
        facts = {"form": name, "why": refusal.facts["why"]}
        return Form(title, (), Source.NOWHERE, (Finding(rules.UNREADABLE, None, None, None, facts),))


def _absent(rule: Rule, name: str, title: str) -> Form:
    return Form(title, (), Source.NOWHERE, (Finding(rule, None, None, None, {"form": name}),))
