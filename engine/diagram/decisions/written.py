"""Decision files written: a table changed, added, or the first of a new file. Always DMN 1.5; what else the file
holds stays as it is."""

from __future__ import annotations

import re
from collections.abc import Collection, Mapping
from copy import deepcopy
from typing import Final

from lxml import etree

from engine.diagram import xml
from engine.diagram.decisions.hits import SEVERAL
from engine.diagram.decisions.items import child, children, local, text
from engine.diagram.decisions.read import MODEL_NAMESPACE
from engine.diagram.decisions.sheet import Asked, Line, Said, Sheet, id_of
from engine.diagram.language import names
from engine.diagram.language.types import SIMPLE

MODEL: Final = "https://www.omg.org/spec/DMN/20230324/MODEL/"
_DIAGRAM: Final = "https://www.omg.org/spec/DMN/20230324/DMNDI/"
_OLD_DIAGRAM: Final = re.compile(r"https?://www\.omg\.org/spec/DMN/\d{8}/DMNDI/")
_OLD_TYPES: Final = re.compile(r"https?://www\.omg\.org/spec/(?:DMN/\d{8}/FEEL/?|FEEL/\d{8})")
_IN_ORDER: Final = ("description", "extensionElements")
NEW_LOGIC: Final = Sheet(
    policy="UNIQUE",
    aggregation="",
    asked=(Asked("", "", "", "", ""),),
    said=(Said("", "", "", "", "", ""),),
    lines=(Line("", ("",), ("",), ""),),
)


def new_file(id_: str, name: str, sheet: Sheet = NEW_LOGIC) -> bytes:
    """A file with one decision. `id_` is its id and the name its result has for those that ask."""
    root = etree.Element(f"{{{MODEL}}}definitions", nsmap={None: MODEL})  # type: ignore[dict-item]
    for key, value in {"id": f"{id_}_file", "name": name, "namespace": f"urn:officium:decision:{id_}"}.items():
        root.set(key, value)
    _append_decision(root, id_, name, sheet)
    return _bytes(root)


def with_decision(source: bytes, file: str, id_: str, name: str, sheet: Sheet = NEW_LOGIC) -> bytes:
    """The file with one decision more."""
    root = _modern(xml.safe(source, file, counted="").root)
    _append_decision(root, id_, name, sheet)
    return _bytes(root)


def with_sheet(source: bytes, file: str, decision: str, sheet: Sheet, name: str | None = None) -> bytes:
    """The file with the table of one decision changed. Raises KeyError where the file has no such table."""
    root = _modern(xml.safe(source, file, counted="").root)
    holder = next((one for one in children(root, "decision") if (one.get("id") or one.get("name")) == decision), None)
    table = child(holder, "decisionTable")
    if holder is None or table is None:
        raise KeyError(decision)
    if name:
        holder.set("name", name)
    _write(table, sheet, _ids(root))
    _fit_variable(holder, sheet)
    return _bytes(root)


def _fit_variable(holder: etree._Element, sheet: Sheet) -> None:
    """Where the result's own type is a plain one, it follows what the table says now."""
    variable = child(holder, "variable")
    if variable is not None and variable.get("typeRef") in SIMPLE:
        _put(variable, "typeRef", result_type(sheet))


def result_type(sheet: Sheet) -> str:
    """The type of what a table with one column of results says; empty where it says several things, or none is named."""
    if sheet.aggregation == "COUNT":
        return "number"
    single = len(sheet.said) == 1 and (sheet.policy not in SEVERAL or bool(sheet.aggregation))
    return sheet.said[0].type if single else ""


def ids_of(source: bytes, file: str) -> frozenset[str]:
    """Every id the file gives."""
    return frozenset(_ids(xml.safe(source, file, counted="").root))


def _ids(root: etree._Element) -> set[str]:
    return {str(one.get("id")) for one in root.iter() if one.get("id")}


def _append_decision(root: etree._Element, id_: str, name: str, sheet: Sheet) -> None:
    decision = etree.Element(f"{{{MODEL}}}decision", id=id_, name=name)
    variable = etree.SubElement(decision, f"{{{MODEL}}}variable", id=f"{id_}_result", name=id_)
    _put(variable, "typeRef", result_type(sheet))
    table = etree.SubElement(decision, f"{{{MODEL}}}decisionTable", id=f"{id_}_table")
    _write(table, sheet, _ids(root) | {id_, f"{id_}_result", f"{id_}_table"})
    last = [one for one in root if isinstance(one.tag, str) and local(one) not in ("DMNDI", "artifact", "group")]
    root.insert(root.index(last[-1]) + 1 if last else 0, decision)


# the table


class _Old:
    """What the table held before: attributes and what is not ours to change are carried over."""

    def __init__(self, table: etree._Element) -> None:
        self.columns = {
            id_of(one, place): one for tag in ("input", "output") for place, one in enumerate(children(table, tag), 1)
        }
        self.lines = {id_of(one, place): one for place, one in enumerate(children(table, "rule"), 1)}
        self.cells: dict[tuple[str, str], etree._Element] = {}
        for tag, entry in (("input", "inputEntry"), ("output", "outputEntry")):
            columns = [id_of(one, place) for place, one in enumerate(children(table, tag), 1)]
            for line, element in self.lines.items():
                for column, cell in zip(columns, children(element, entry), strict=False):
                    self.cells[line, tag + column] = cell


def _write(table: etree._Element, sheet: Sheet, taken: Collection[str]) -> None:
    old, names_ = _Old(table), _Names(table.get("id") or "table", taken)
    kept = [deepcopy(one) for one in children(table, *_IN_ORDER)]
    attributes = {key: value for key, value in table.attrib.items() if key not in ("hitPolicy", "aggregation")}
    table[:] = []
    table.attrib.clear()
    table.attrib.update({**attributes, "hitPolicy": sheet.policy})
    if sheet.aggregation:
        table.set("aggregation", sheet.aggregation)
    table.text = None
    table.extend(kept)
    for asked in sheet.asked:
        table.append(_asked(asked, old, names_))
    for said in sheet.said:
        table.append(_said(said, old, names_))
    etree.SubElement(table, _tag("annotation"), name="note") if any(one.note for one in sheet.lines) else None
    for line in sheet.lines:
        table.append(_line(line, sheet, old, names_))


class _Names:
    """Ids for what has none yet."""

    def __init__(self, stem: str, taken: Collection[str]) -> None:
        self.stem = stem
        self.taken = set(taken)
        self.last = 0

    def new(self, kind: str) -> str:
        while True:
            self.last += 1
            made = f"{self.stem}_{kind}_{self.last}"
            if made not in self.taken:
                self.taken.add(made)
                return made


def _tag(name: str) -> str:
    return f"{{{MODEL}}}{name}"


def _begun(kind: str, id_: str, before: Mapping[str, etree._Element], ids: _Names) -> etree._Element:
    """A new element with the attributes and the foreign children of the one it replaces."""
    made = etree.Element(_tag(kind))
    one = before.get(id_)
    if one is not None and local(one) == kind:
        made.attrib.update(one.attrib)
        made.extend(deepcopy(part) for part in children(one, "extensionElements"))
    if not made.get("id"):
        made.set("id", ids.new(kind))
    return made


def _put(element: etree._Element, key: str, value: str) -> None:
    if value:
        element.set(key, value)
    elif key in element.attrib:
        del element.attrib[key]


def _texted(parent: etree._Element, kind: str, source: str, before: etree._Element | None = None) -> etree._Element:
    made = etree.SubElement(parent, _tag(kind))
    if before is not None:
        made.attrib.update(before.attrib)
        if text(child(before, "text")) != source:
            _put(made, "expressionLanguage", "")
    etree.SubElement(made, _tag("text")).text = source
    return made


def _asked(asked: Asked, old: _Old, ids: _Names) -> etree._Element:
    made = _begun("input", asked.id, old.columns, ids)
    _put(made, "label", asked.label)
    before = old.columns.get(asked.id)
    expression = _texted(made, "inputExpression", asked.expression, child(before, "inputExpression"))
    _put(expression, "typeRef", asked.type)
    if asked.values:
        _texted(made, "inputValues", asked.values, child(before, "inputValues"))
    return made


def _said(said: Said, old: _Old, ids: _Names) -> etree._Element:
    made = _begun("output", said.id, old.columns, ids)
    for key, value in {"label": said.label, "name": said.name, "typeRef": said.type}.items():
        _put(made, key, value)
    before = old.columns.get(said.id)
    if said.values:
        _texted(made, "outputValues", said.values, child(before, "outputValues"))
    if said.otherwise:
        _texted(made, "defaultOutputEntry", said.otherwise, child(before, "defaultOutputEntry"))
    return made


def _line(line: Line, sheet: Sheet, old: _Old, ids: _Names) -> etree._Element:
    made = _begun("rule", line.id, old.lines, ids)
    for kind, tag, columns, cells, empty in (
        ("inputEntry", "input", [one.id for one in sheet.asked], line.asked, "-"),
        ("outputEntry", "output", [one.id for one in sheet.said], line.said, ""),
    ):
        for column, cell in zip(columns, cells, strict=True):
            before = old.cells.get((line.id, tag + column)) if line.id and column else None
            _texted(made, kind, cell.strip() or empty, before)
    if any(one.note for one in sheet.lines):
        _texted(made, "annotationEntry", line.note)
    return made


# the file


def _modern(root: etree._Element) -> etree._Element:
    """The same file in DMN 1.5: older ones differ in their namespaces, and in how they name types."""
    prefixes = {prefix: _renamed(uri) for prefix, uri in root.nsmap.items()}
    made = etree.Element(_renamed_tag(root.tag), nsmap=prefixes)  # type: ignore[arg-type]
    made.attrib.update(root.attrib)
    made.text = root.text
    made.extend(list(root))
    for one in made.iter():
        if isinstance(one.tag, str):
            one.tag = _renamed_tag(one.tag)
            _plain_type(one)
    etree.cleanup_namespaces(made, keep_ns_prefixes=[prefix for prefix in prefixes if prefix])
    return made


def _renamed(uri: str) -> str:
    if MODEL_NAMESPACE.fullmatch(uri):
        return MODEL
    return _DIAGRAM if _OLD_DIAGRAM.fullmatch(uri) else uri


def _renamed_tag(tag: str) -> str:
    name = etree.QName(tag)
    return f"{{{_renamed(name.namespace)}}}{name.localname}" if name.namespace else tag


def _plain_type(element: etree._Element) -> None:
    """`feel:string` of DMN 1.1 is `string`."""
    written = element.get("typeRef")
    prefix, colon, short = (written or "").partition(":")
    if colon and _OLD_TYPES.fullmatch(element.nsmap.get(prefix, "")):
        element.set("typeRef", short)


def _bytes(root: etree._Element) -> bytes:
    etree.indent(root, "  ")
    written: bytes = etree.tostring(root, encoding="UTF-8", xml_declaration=True)
    return written + b"\n"


def id_from(name: str, taken: Collection[str]) -> str:
    """An id that a variable may have too, made of the name's plain letters."""
    plain = re.sub(r"[^a-z0-9_]+", "_", name.lower()).strip("_")
    stem = plain if plain and names.is_plain(plain) else "decision"
    found, number = stem, 1
    while found in taken:
        number += 1
        found = f"{stem}_{number}"
    return found
