"""The one safe way from bytes to an XML tree. Nothing outside the file is ever read, nothing in it is expanded."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from typing import Final
from xml.parsers import expat

from lxml import etree

from engine.base.frozen import frozen
from engine.base.text import Text
from engine.diagram.encoding import text_of
from engine.diagram.limits import MOST_BYTES, MOST_DEPTH, MOST_ELEMENTS, MOST_XML_ELEMENTS
from engine.diagram.refusals import (
    ControlCharacters,
    EmptyFile,
    HasDoctype,
    HtmlPage,
    NoProcess,
    NotBpmn,
    NotXml,
    TooDeep,
    TooLarge,
    TooManyElements,
)

MODEL: Final = "http://www.omg.org/spec/BPMN/20100524/MODEL"
OWN: Final = "urn:officium:procedure:1"
GIVEN: Final = "{urn:officium:reading:1}given"
"""Marks an id that the file did not have: the reader gave it."""

_REPEATED: Final = frozenset({"incoming", "outgoing", "flowNodeRef"})
NAMED: Final = frozenset(
    {
        "process",
        "lane",
        "sequenceFlow",
        "startEvent",
        "endEvent",
        "intermediateCatchEvent",
        "intermediateThrowEvent",
        "boundaryEvent",
        "task",
        "userTask",
        "manualTask",
        "scriptTask",
        "serviceTask",
        "sendTask",
        "receiveTask",
        "businessRuleTask",
        "callActivity",
        "subProcess",
        "transaction",
        "adHocSubProcess",
        "exclusiveGateway",
        "inclusiveGateway",
        "parallelGateway",
        "complexGateway",
        "eventBasedGateway",
    }
)
_HTML: Final = re.compile(r"\s*<(?:!doctype\s+html|html)\b", re.IGNORECASE)

_WHY: Final[Mapping[str, Text]] = {
    expat.errors.XML_ERROR_NO_ELEMENTS: Text(en="the file ends too early", zh="文件不完整，过早结束"),
    expat.errors.XML_ERROR_SYNTAX: Text(en="there is text where a tag must be", zh="应为标签处出现了文字"),
    expat.errors.XML_ERROR_INVALID_TOKEN: Text(en="a character stands where it may not", zh="此处出现了不允许的字符"),
    expat.errors.XML_ERROR_UNCLOSED_TOKEN: Text(en="a tag is not closed with “>”", zh="标签没有以“>”结束"),
    expat.errors.XML_ERROR_TAG_MISMATCH: Text(
        en="the closing tag is not that of the tag opened last", zh="结束标签与最近的开始标签不一致"
    ),
    expat.errors.XML_ERROR_DUPLICATE_ATTRIBUTE: Text(en="an attribute is written twice", zh="同一属性重复出现"),
    expat.errors.XML_ERROR_JUNK_AFTER_DOC_ELEMENT: Text(
        en="something stands after the end of the diagram", zh="流程图结束之后还有多余内容"
    ),
    expat.errors.XML_ERROR_UNDEFINED_ENTITY: Text(
        en="an entity such as &nbsp; is not known in BPMN", zh="使用了 BPMN 不认识的实体（如 &nbsp;）"
    ),
    expat.errors.XML_ERROR_UNBOUND_PREFIX: Text(
        en="a prefix is used that no xmlns declares", zh="使用了未经 xmlns 声明的前缀"
    ),
    expat.errors.XML_ERROR_MISPLACED_XML_PI: Text(
        en="<?xml …?> must be the very first thing in the file", zh="<?xml …?> 必须位于文件最开头"
    ),
}


@frozen
class Parsed:
    """A tree, and the line that each of its elements begins in, in document order."""

    root: etree._Element
    lines: Sequence[int]


def parse(source: bytes, file: str = "diagram.bpmn") -> etree._Element:
    """The `definitions` of a BPMN file. Steps, flows, lanes and processes without an id have been given one."""
    return parsed(source, file).root


def parsed(source: bytes, file: str) -> Parsed:
    found = safe(source, file, counted=MODEL)
    name = etree.QName(found.root)
    if name.localname == "html":
        raise HtmlPage(file=file, line=found.lines[0], element="html")
    if name.namespace != MODEL or name.localname != "definitions":
        where = f" (xmlns “{name.namespace}”)" if name.namespace else ""
        raise NotBpmn(file=file, line=found.lines[0], element=name.localname, namespace=where)
    if found.root.find(f"{{{MODEL}}}process") is None:
        raise NoProcess(file=file, line=found.lines[0], element="definitions")
    _give_ids(found.root)
    return found


def safe(source: bytes, file: str, *, counted: str) -> Parsed:
    """Any XML that may come from a stranger. Elements of the namespace `counted` are held to the stricter limit."""
    if len(source) > MOST_BYTES:
        raise TooLarge(file=file, size=-(-len(source) // 1024), limit=MOST_BYTES // 1024)
    if not source.strip():
        raise EmptyFile(file=file)
    text = text_of(source, file)
    if not text.strip():
        raise EmptyFile(file=file)
    if _HTML.match(text):
        raise HtmlPage(file=file, line=1 + text[: text.index("<")].count("\n"), element="html")
    lines = _Scan(file, counted).scan(text)
    parser = etree.XMLParser(
        encoding="utf-8",
        resolve_entities=False,
        no_network=True,
        load_dtd=False,
        dtd_validation=False,
        huge_tree=False,
        remove_comments=True,
        remove_pis=True,
    )
    try:
        root = etree.fromstring(text.encode(), parser)
    except etree.XMLSyntaxError as wrong:
        # The scan lets pass what libxml2 is stricter about.
        raise NotXml(file=file, line=wrong.lineno, why=" ".join((wrong.msg or "").split())) from None
    return Parsed(root, lines)


class _Scan:
    """A first pass that builds nothing: refuses early, and knows each element's line however long the file is."""

    def __init__(self, file: str, counted: str) -> None:
        self._file = file
        self._counted = f"{counted} "
        self._lines: list[int] = []
        self._depth = 0
        self._elements = 0
        self._parser = expat.ParserCreate(namespace_separator=" ")
        self._parser.StartElementHandler = self._start
        self._parser.EndElementHandler = self._end
        self._parser.StartDoctypeDeclHandler = self._doctype

    def scan(self, text: str) -> list[int]:
        try:
            self._parser.Parse(text, True)
        except expat.ExpatError as wrong:
            raise self._refusal(wrong) from None
        return self._lines

    def _refusal(self, wrong: expat.ExpatError) -> NotXml | ControlCharacters:
        message = expat.errors.messages[wrong.code]
        if message == expat.errors.XML_ERROR_BAD_CHAR_REF:
            return ControlCharacters(file=self._file, line=wrong.lineno, character="&#…;")
        return NotXml(file=self._file, line=wrong.lineno, why=_WHY.get(message, message))

    def _start(self, name: str, attributes: Mapping[str, str]) -> None:
        line = self._parser.CurrentLineNumber
        self._lines.append(line)
        self._depth += 1
        local = name.rpartition(" ")[2]
        if self._depth > MOST_DEPTH:
            raise TooDeep(file=self._file, line=line, element=local, limit=MOST_DEPTH)
        if name.startswith(self._counted) and local not in _REPEATED:
            self._elements += 1
        if self._elements > MOST_ELEMENTS:
            raise TooManyElements(file=self._file, line=line, element=local, limit=MOST_ELEMENTS)
        if len(self._lines) > MOST_XML_ELEMENTS:
            raise TooManyElements(file=self._file, line=line, element=local, limit=MOST_XML_ELEMENTS)

    def _end(self, name: str) -> None:
        self._depth -= 1

    def _doctype(self, name: str, system: str | None, public: str | None, has_subset: int) -> None:
        raise HasDoctype(file=self._file, line=self._parser.CurrentLineNumber, element=name)


def _give_ids(root: etree._Element) -> None:
    """In document order, so that the same file always gets the same ids."""
    nameless = [one for one in root.iter(*(f"{{{MODEL}}}{tag}" for tag in NAMED)) if not (one.get("id") or "").strip()]
    if not nameless:
        return
    taken = {one.get("id") for one in root.iter()}
    number = 0
    for one in nameless:
        number += 1
        while f"unnamed_{number}" in taken:
            number += 1
        one.set("id", f"unnamed_{number}")
        one.set(GIVEN, "true")
