"""Files that build on each other: what another file holds, as part of the one that imports it."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field, replace
from typing import TypeVar

from lxml import etree

from engine.base.frozen import frozen
from engine.diagram import xml
from engine.diagram.decisions.items import children, name
from engine.diagram.decisions.model import Decision, Decisions, Input, Knowledge, Requirements, Service
from engine.diagram.decisions.refusals import NotADecisionFile
from engine.diagram.language.types import Type
from engine.diagram.refusals import NotADrawing

Part = TypeVar("Part", Decision, Knowledge, Service, Input)
_NOTHING: Mapping[str, Decisions] = {}


@dataclass(slots=True)
class Library:
    """The other files at hand, by the namespaces they give themselves; each is read once."""

    files: Mapping[str, bytes]
    read: Callable[[bytes, str, Library], Decisions]
    made: dict[str, Decisions | None] = field(default_factory=dict)
    roots: dict[str, tuple[str, etree._Element]] | None = None

    def root(self, namespace: str) -> etree._Element | None:
        found = self._roots().get(namespace)
        return None if found is None else found[1]

    def find(self, namespace: str) -> Decisions | None:
        """None where there is no such file, where it cannot be read, and where it imports itself by way of others."""
        if namespace not in self.made:
            self.made[namespace] = None
            found = self._roots().get(namespace)
            if found is not None:
                try:
                    self.made[namespace] = self.read(self.files[found[0]], found[0], self)
                except NotADecisionFile:
                    return None
        return self.made[namespace]

    def _roots(self) -> dict[str, tuple[str, etree._Element]]:
        if self.roots is None:
            self.roots = {}
            for path, content in self.files.items():
                if path.lower().endswith(".dmn"):
                    self._look(path, content, self.roots)
        return self.roots

    def _look(self, path: str, content: bytes, roots: dict[str, tuple[str, etree._Element]]) -> None:
        try:
            root = xml.safe(content, path, counted="").root
        except NotADrawing:
            return
        roots.setdefault(root.get("namespace") or "", (path, root))


@frozen
class Imported:
    """One file under the name it is given here."""

    name: str
    namespace: str
    model: Decisions
    root: etree._Element


def imported(root: etree._Element, library: Library) -> list[Imported]:
    found: list[Imported] = []
    own = root.get("namespace") or ""
    for one in children(root, "import"):
        namespace = one.get("namespace") or ""
        model, there = (library.find(namespace), library.root(namespace)) if namespace != own else (None, None)
        if model is not None and there is not None:
            found.append(Imported(name(one), namespace, model, there))
    return found


def types(files: Iterable[Imported]) -> dict[str, Type]:
    """Under the names they have here: those of `B` as `B.money`."""
    return {f"{one.name}.{key}" if one.name else key: type_ for one in files for key, type_ in one.model.types.items()}


def parts(own: Mapping[str, Part], kind: str, files: Iterable[Imported]) -> dict[str, Part]:
    """What the file holds itself, and what the others do."""
    found: dict[str, Part] = {}
    for file in files:
        held: Mapping[str, Part] = getattr(file.model, kind)
        for key, part in held.items():
            id_ = _foreign(key, file)
            found[id_] = _renamed(part, id_, file)
    return {**found, **own}


def ids(files: Iterable[Imported]) -> frozenset[str]:
    return frozenset(
        _foreign(key, file)
        for file in files
        for held in (file.model.decisions, file.model.knowledge, file.model.services, file.model.inputs)
        for key in held
    )


def _foreign(key: str, file: Imported) -> str:
    return key if key in file.model.foreign else f"{file.namespace}#{key}"


def _renamed(part: Part, id_: str, file: Imported) -> Part:
    if isinstance(part, Input):
        return replace(part, id=id_)
    if isinstance(part, Service):
        outputs, given, inputs = (
            tuple(_foreign(one, file) for one in held) for held in (part.outputs, part.decisions, part.inputs)
        )
        return replace(part, id=id_, outputs=outputs, decisions=given, inputs=inputs)
    return replace(part, id=id_, requires=_required(part.requires, file))


def _required(requires: Requirements, file: Imported) -> Requirements:
    return Requirements(
        decisions=tuple(_foreign(one, file) for one in requires.decisions),
        inputs=tuple(_foreign(one, file) for one in requires.inputs),
        knowledge=tuple(_foreign(one, file) for one in requires.knowledge),
        under={_foreign(key, file): under for key, under in requires.under.items()},
    )
