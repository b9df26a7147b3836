"""From the bytes of a DMN file (1.1 to 1.5) to decisions."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Final

from lxml import etree

from engine.diagram import xml
from engine.diagram.decisions.boxed import Reader
from engine.diagram.decisions.items import child, children, local, name
from engine.diagram.decisions.model import Decision, Decisions, Input, Knowledge, Problem, Requirements, Service
from engine.diagram.decisions.refusals import BROKEN_XML, NO_DECISION, NOT_DMN, REFUSED_XML, NotADecisionFile
from engine.diagram.language import names
from engine.diagram.language.reasons import because
from engine.diagram.refusals import NotADrawing

_NAMESPACE: Final = re.compile(r"https?://www\.omg\.org/spec/DMN/(?:\d{8}|1\.\d)/(?:MODEL/|dmn\.xsd|DMN\d*\.xsd)")
_NAMING: Final = (
    "variable",
    "inputData",
    "decision",
    "businessKnowledgeModel",
    "decisionService",
    "itemComponent",
    "formalParameter",
    "parameter",
    "column",
    "output",
)


def read(source: bytes, file: str) -> Decisions:
    """Raises NotADecisionFile. Cells that cannot be read are kept as findings and refuse only who asks them."""
    try:
        found = xml.safe(source, file, counted="")
    except NotADrawing as refusal:
        why = because(BROKEN_XML, line=refusal.line, why=refusal.facts["why"]) if "why" in refusal.facts else None
        raise NotADecisionFile(file=file, why=why or because(REFUSED_XML, what=refusal.rule)) from refusal
    root = found.root
    if local(root) != "definitions" or not _NAMESPACE.fullmatch(etree.QName(root).namespace or ""):
        raise NotADecisionFile(file=file, why=because(NOT_DMN, element=local(root)))
    if child(root, "decision") is None:
        raise NotADecisionFile(file=file, why=because(NO_DECISION))
    elements = [element for element in root.iter() if isinstance(element.tag, str)]
    lines = dict(zip(elements, found.lines, strict=True))
    return _File(file, root, lines).decisions()


def _given_names(elements: Iterator[etree._Element]) -> Iterator[str]:
    for element in elements:
        if isinstance(element.tag, str) and local(element) in _NAMING:
            yield name(element)
        elif element.get("iteratorVariable"):
            yield str(element.get("iteratorVariable"))


class _File:
    def __init__(self, file: str, root: etree._Element, lines: dict[etree._Element, int]) -> None:
        self.file = file
        self.root = root
        self.lines = lines
        self.reader = Reader(file, root, lines, set(_given_names(root.iter())))
        self.twice: list[tuple[str, int]] = []
        self.seen: set[str] = set()

    def decisions(self) -> Decisions:
        # All at once: what is made later would be made by several threads.
        types = dict(self.reader.items)
        return Decisions(
            file=self.file,
            problems=self._problems(),
            types=types,
            inputs={id_: self._input(id_, element) for id_, element in self._all("inputData")},
            knowledge={id_: self._knowledge(id_, element) for id_, element in self._all("businessKnowledgeModel")},
            services={id_: self._service(id_, element) for id_, element in self._all("decisionService")},
            decisions={id_: self._decision(id_, element) for id_, element in self._all("decision")},
            twice=tuple(self.twice),
            imported=tuple((name(one), self.lines[one]) for one in children(self.root, "import")),
        )

    def _all(self, tag: str) -> Iterator[tuple[str, etree._Element]]:
        """The first of those with the same id; DMN of some tools gives none, and the name stands for it."""
        for element in children(self.root, tag):
            id_ = element.get("id") or name(element)
            if id_ in self.seen:
                self.twice.append((id_, self.lines[element]))
                continue
            self.seen.add(id_)
            yield id_, element

    def _problems(self) -> tuple[Problem, ...]:
        found = tuple(self.reader.problems)
        self.reader.problems.clear()
        return found

    def _input(self, id_: str, element: etree._Element) -> Input:
        variable = child(element, "variable")
        type_ = self.reader.items.named(None if variable is None else variable.get("typeRef"))
        return Input(id_, _variable(element), self.lines[element], type_)

    def _decision(self, id_: str, element: etree._Element) -> Decision:
        variable = child(element, "variable")
        logic = self.reader.logic(element)
        table = child(element, "decisionTable")
        outputs = [] if table is None else [output.get("name") or "" for output in children(table, "output")]
        return Decision(
            id=id_,
            name=name(element),
            line=self.lines[element],
            variable=_variable(element),
            type=self.reader.items.named(None if variable is None else variable.get("typeRef")),
            requires=_requirements(element),
            logic=logic,
            outputs=tuple(names.normal(output) for output in outputs),
            problems=self._problems(),
        )

    def _knowledge(self, id_: str, element: etree._Element) -> Knowledge:
        logic = child(element, "encapsulatedLogic")
        return Knowledge(
            id=id_,
            name=_variable(element),
            line=self.lines[element],
            requires=_requirements(element),
            logic=self.reader.logic(element) if logic is None else self.reader.function(logic),
            problems=self._problems(),
        )

    def _service(self, id_: str, element: etree._Element) -> Service:
        variable = child(element, "variable")
        return Service(
            id=id_,
            name=_variable(element),
            line=self.lines[element],
            outputs=_hrefs(element, "outputDecision"),
            decisions=_hrefs(element, "inputDecision"),
            inputs=_hrefs(element, "inputData"),
            type=self.reader.items.named(None if variable is None else variable.get("typeRef")),
        )


def _variable(element: etree._Element) -> str:
    variable = child(element, "variable")
    return name(element) if variable is None or not variable.get("name") else name(variable)


def _hrefs(element: etree._Element, tag: str) -> tuple[str, ...]:
    return tuple((one.get("href") or "").rpartition("#")[2] for one in children(element, tag))


def _requirements(element: etree._Element) -> Requirements:
    information = list(children(element, "informationRequirement"))
    return Requirements(
        decisions=tuple(id_ for one in information for id_ in _hrefs(one, "requiredDecision")),
        inputs=tuple(id_ for one in information for id_ in _hrefs(one, "requiredInput")),
        knowledge=tuple(
            id_ for one in children(element, "knowledgeRequirement") for id_ in _hrefs(one, "requiredKnowledge")
        ),
    )
