"""An edition's contents, read once and kept: what is uploaded never changes under the same digest."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from dataclasses import field
from functools import lru_cache
from typing import TYPE_CHECKING, Final
from weakref import WeakKeyDictionary

from sqlalchemy import Connection, Engine, bindparam, select

from engine.base.frozen import frozen
from engine.diagram import forms
from engine.diagram.owners import owner_of, owners
from engine.diagram.read import read
from engine.diagram.refusing import Refusing, refusing
from engine.diagram.shape import Diagram, Finding, Owner
from engine.procedures import tables
from engine.procedures.lengths import standard_times
from engine.procedures.rules import EditionState
from engine.procedures.shelf import Shelf
from engine.worktime.spans import Span

if TYPE_CHECKING:
    from engine.diagram.decisions import Decisions


@frozen
class Contents:
    """What an edition is made of."""

    diagram: Diagram
    attachments: Mapping[str, bytes]
    owners: tuple[Owner, ...]
    owner_of: Mapping[str, str]
    decisions: Decisions | None
    names: Mapping[str, str]  # of elements that have one, by id
    forms: Mapping[str, forms.Form]  # of steps and starts that ask something, by element id
    together: frozenset[str] = frozenset()  # ids of steps that may be completed several at once
    refusing: Mapping[str, Refusing] = field(default_factory=dict)  # what each step calls a refusal, where it says so
    standard_times: Mapping[str, Span] = field(default_factory=dict)  # how long each step may take, where it says so

    @property
    def findings(self) -> tuple[Finding, ...]:
        """Worked out when somebody asks: running a case needs none of it."""
        from engine.procedures.judging import judged  # noqa: PLC0415 -- the rules: a desk never loads them

        return judged(self.diagram.file, self.diagram.source, tuple(sorted(self.attachments.items())))


def digest(content: bytes) -> bytes:
    return hashlib.sha256(content).digest()


@lru_cache(maxsize=128)
def contents_of(file: str, source: bytes, attachments: tuple[tuple[str, bytes], ...]) -> Contents:
    diagram = read(source, file)
    beside = dict(attachments)
    return Contents(
        diagram=diagram,
        attachments=beside,
        owners=owners(diagram),
        owner_of=owner_of(diagram),
        decisions=_decisions(beside),
        names={one.id: one.name for one in diagram.elements.values() if one.name},
        forms=forms.forms_of(diagram, beside),
        together=frozenset(one.id for one in diagram.elements.values() if one.together),
        standard_times=standard_times(diagram),
        refusing=refusing(diagram),
    )


def _decisions(attachments: Mapping[str, bytes]) -> Decisions | None:
    files = {path: content for path, content in attachments.items() if path.lower().endswith(".dmn")}
    if not files:
        return None
    from engine.diagram import decisions  # noqa: PLC0415  loaded by procedures that have some

    found: Decisions | None = None
    for path, content in files.items():
        try:
            one = decisions.read(content, path, attachments)
        except decisions.NotADecisionFile:
            continue  # lint has said so; the step that needs it becomes an incident
        found = one if found is None else found.joined(one)
    return found


_SOURCE = select(tables.editions.c.file, tables.editions.c.source).where(
    tables.editions.c.id == bindparam("edition_id")
)
_ATTACHED = (
    select(tables.attachments.c.path, tables.attachments.c.content)
    .where(tables.attachments.c.edition_id == bindparam("edition_id"))
    .order_by(tables.attachments.c.path)
)


_shelf: Final[Shelf[Contents]] = Shelf()


def database_name(db: Connection) -> str:
    """Tests and tools may hold several databases open in one process: ids repeat among them."""
    engine = db.engine
    name = _names.get(engine)
    if name is None:
        name = _names[engine] = str(engine.url)
    return name


_names: Final[WeakKeyDictionary[Engine, str]] = WeakKeyDictionary()
"""An address is written out anew each time, which costs as much as a statement."""


def is_settled(db: Connection, edition_id: int) -> bool:
    state = db.scalar(select(tables.editions.c.state).where(tables.editions.c.id == edition_id))
    return state in (EditionState.IN_FORCE, EditionState.OUT_OF_FORCE)


def contents(db: Connection, edition_id: int) -> Contents:
    """The edition must exist."""
    key = (database_name(db), edition_id)
    return _shelf.find_or_make(key, lambda: _read(db, edition_id), lambda: is_settled(db, edition_id))


def made_at(db: Connection, edition_id: int, element: str) -> tuple[str, ...]:
    """The templates of the documents that are made at a step, as far as the edition carries them. The edition must exist."""
    held = contents(db, edition_id)
    step = held.diagram.elements.get(element)
    return () if step is None else tuple(path for path in step.produces if path in held.attachments)


def _read(db: Connection, edition_id: int) -> Contents:
    row = db.execute(_SOURCE, {"edition_id": edition_id}).one()
    attached = db.execute(_ATTACHED, {"edition_id": edition_id}).all()
    return contents_of(row.file, row.source, tuple((one.path, one.content) for one in attached))


def forget(db: Connection, edition_id: int) -> None:
    _shelf.forget(database_name(db), edition_id)
