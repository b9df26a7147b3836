"""From the bytes of a DMN file (1.1 to 1.5) to decisions."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import replace
from typing import Final

from lxml import etree

from engine.diagram import xml
from engine.diagram.decisions import imports
from engine.diagram.decisions.boxed import Reader
from engine.diagram.decisions.imports import Imported, Library, imported
from engine.diagram.decisions.items import child, children, local, name
from engine.diagram.decisions.model import Decision, Decisions, Input, Knowledge, Problem, Requirements, Service
from engine.diagram.decisions.refusals import BROKEN_XML, NO_DECISION, NOT_DMN, REFUSED_XML, NotADecisionFile
from engine.diagram.language import names
from engine.diagram.language.reasons import because
from engine.diagram.refusals import NotADrawing

MODEL_NAMESPACE: Final = re.compile(
    r"https?://www\.omg\.org/spec/DMN/(?:\d{8}|1\.\d)/(?:MODEL/|dmn\d*\.xsd|DMN\d*\.xsd)"
)
_NOTHING: Final[Mapping[str, bytes]] = {}
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


def read(source: bytes, file: str, beside: Mapping[str, bytes] = _NOTHING) -> Decisions:
    """Raises NotADecisionFile. Cells that cannot be read are kept as findings and refuse only who asks them.

    `beside`: the files among which those are looked for that this one imports.
    """
    return _read(source, file, Library(beside, _read))


def _read(source: bytes, file: str, library: Library) -> Decisions:
    try:
        found = xml.safe(source, file, counted="")
    except NotADrawing as refusal:
        why = because(BROKEN_XML, line=refusal.line, why=refusal.facts["why"]) if "why" in refusal.facts else None
        raise NotADecisionFile(file=file, why=why or because(REFUSED_XML, what=refusal.rule)) from refusal
    root = found.root
    if local(root) != "definitions" or not MODEL_NAMESPACE.fullmatch(etree.QName(root).namespace or ""):
        raise NotADecisionFile(file=file, why=because(NOT_DMN, element=local(root)))
    if child(root, "decision") is None:
        raise NotADecisionFile(file=file, why=because(NO_DECISION))
    elements = [element for element in root.iter() if isinstance(element.tag, str)]
    lines = dict(zip(elements, found.lines, strict=True))
    return _File(file, root, lines, imported(root, library)).decisions()


def given_names(elements: Iterator[etree._Element]) -> Iterator[str]:
    for element in elements:
        if isinstance(element.tag, str) and local(element) in _NAMING:
            yield name(element)
        elif element.get("iteratorVariable"):
            yield str(element.get("iteratorVariable"))


class _File:
    def __init__(
        self, file: str, root: etree._Element, lines: dict[etree._Element, int], others: list[Imported]
    ) -> None:
        self.file = file
        self.root = root
        self.lines = lines
        self.others = others
        self.own = root.get("namespace") or ""
        self.under = {one.namespace: one.name for one in others}
        named = {one.name for one in others} | {name for one in others for name in given_names(one.root.iter())}
        self.reader = Reader(file, root, lines, named | set(given_names(root.iter())))
        self.reader.items.elsewhere = imports.types(others)
        self.twice: list[tuple[str, int]] = []
        self.seen: set[str] = set()

    def decisions(self) -> Decisions:
        # All at once: what is made later would be made by several threads.
        types = imports.types(self.others) | dict(self.reader.items)
        problems = self._problems()
        inputs = {id_: self._input(id_, element) for id_, element in self._all("inputData")}
        knowledge = {id_: self._knowledge(id_, element) for id_, element in self._all("businessKnowledgeModel")}
        services = {id_: self._service(id_, element) for id_, element in self._all("decisionService")}
        decisions = {id_: self._decision(id_, element) for id_, element in self._all("decision")}
        found = {one.namespace for one in self.others}
        return Decisions(
            file=self.file,
            problems=problems,
            types=types,
            inputs=imports.parts(inputs, "inputs", self.others),
            knowledge=imports.parts(knowledge, "knowledge", self.others),
            services=imports.parts(services, "services", self.others),
            decisions=imports.parts(decisions, "decisions", self.others),
            twice=tuple(self.twice),
            imported=tuple(
                (name(one), self.lines[one])
                for one in children(self.root, "import")
                if (one.get("namespace") or "") not in found
            ),
            foreign=imports.ids(self.others),
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
            requires=self._requirements(element),
            logic=logic,
            outputs=tuple(names.normal(output) for output in outputs),
            problems=self._problems(),
            table=None if table is None else self.reader.tables.get(table),
        )

    def _knowledge(self, id_: str, element: etree._Element) -> Knowledge:
        logic = child(element, "encapsulatedLogic")
        return Knowledge(
            id=id_,
            name=_variable(element),
            line=self.lines[element],
            requires=self._requirements(element),
            logic=self.reader.logic(element) if logic is None else self.reader.function(logic),
            problems=self._problems(),
        )

    def _service(self, id_: str, element: etree._Element) -> Service:
        variable = child(element, "variable")
        return Service(
            id=id_,
            name=_variable(element),
            line=self.lines[element],
            outputs=self._hrefs(element, "outputDecision"),
            decisions=self._hrefs(element, "inputDecision"),
            inputs=self._hrefs(element, "inputData"),
            type=self.reader.items.named(None if variable is None else variable.get("typeRef")),
        )

    def _hrefs(self, element: etree._Element, tag: str) -> tuple[str, ...]:
        """Ids; those of other files as they are known here."""
        return tuple(self._id(one.get("href") or "") for one in children(element, tag))

    def _id(self, href: str) -> str:
        namespace, _mark, id_ = href.rpartition("#")
        return href if namespace in self.under and namespace != self.own else id_

    def _requirements(self, element: etree._Element) -> Requirements:
        information = list(children(element, "informationRequirement"))
        found = Requirements(
            decisions=tuple(id_ for one in information for id_ in self._hrefs(one, "requiredDecision")),
            inputs=tuple(id_ for one in information for id_ in self._hrefs(one, "requiredInput")),
            knowledge=tuple(
                id_
                for one in children(element, "knowledgeRequirement")
                for id_ in self._hrefs(one, "requiredKnowledge")
            ),
        )
        every = (*found.decisions, *found.inputs, *found.knowledge)
        under = {id_: self.under[id_.rpartition("#")[0]] for id_ in every if "#" in id_}
        return replace(found, under=under)


def _variable(element: etree._Element) -> str:
    variable = child(element, "variable")
    return name(element) if variable is None or not variable.get("name") else name(variable)
