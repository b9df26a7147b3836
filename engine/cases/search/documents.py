"""What a case is found by, and by whom: read from its rows and its record, for many cases at once."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Collection, Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from itertools import groupby
from operator import itemgetter
from typing import Any, Final

import orjson
from sqlalchemy import Connection, select

from engine.base.database import OFFICE
from engine.cases.asked.tables import copies
from engine.cases.search import who
from engine.cases.tables import cases, tasks
from engine.organisation.tables import persons
from engine.procedures.reads import element_names
from engine.procedures.tables import procedures
from engine.records.tables import entries

Part = tuple[str, str]
"""What it is and what it says: number, matter, applicant, procedure, answer, step, person, said, paper …"""

Source = Callable[[Connection, Collection[int]], Iterable[tuple[int, Part]]]
"""For these cases: case and part. Only what everybody may read who may see the case."""

_MOST_TEXT: Final = 50_000
"""Characters of one case: what was answered first is found, the rest of a very long case is not."""
_SAID: Final = ("note", "reason")

_sources: Final[list[Source]] = []


def also_from(source: Source) -> Source:
    """More that a case is found by, told by the part that keeps it. Use as a decorator, in a module that is imported."""
    if source not in _sources:
        _sources.append(source)
    return source


@dataclass(slots=True)
class Document:
    """`marked` with those who may find it and how it stands: see `who`."""

    case_id: int
    length: int
    parts: dict[Part, None] = field(default_factory=dict)
    marked: set[str] = field(default_factory=set)

    def add(self, kind: str, text: str | None) -> None:
        if text:
            self.parts[kind, text] = None

    @property
    def texts(self) -> Iterable[str]:
        left = _MOST_TEXT
        for _kind, text in self.parts:
            yield text[:left]
            left -= len(text)
            if left <= 0:
                return


def written(parts: Iterable[Part]) -> str:
    """JSON: of those that follow one another what they are is said once."""
    told = [[kind, *(text for _kind, text in some)] for kind, some in groupby(parts, itemgetter(0))]
    return orjson.dumps(told).decode()


def read(parts: str) -> Iterator[Part]:
    return ((kind, text) for kind, *texts in orjson.loads(parts) for text in texts)


def documents(db: Connection, case_ids: Collection[int]) -> dict[int, Document]:
    """Of those that are there."""
    found: dict[int, Document] = {}
    people: dict[int, set[int]] = defaultdict(set)
    for row in _cases(db, case_ids):
        one = found[row.id] = begun(row.id, row.procedure_id, row.started_by, row.number, row.matter, row.applicant)
        one.length = row.chain_length
        one.add("procedure", row.procedure)
        one.marked.add(who.ENDED if row.ended_at is not None else who.OPEN)
        if row.started_by is not None:
            people[row.id].add(row.started_by)
    _add_tasks(db, found, people)
    _add_copies(db, found)
    _add_record(db, found, people)
    names = _names(db, set().union(*people.values()) if people else set())
    for case_id, theirs in people.items():
        for person in sorted(theirs):
            for name in names.get(person, ()):
                found[case_id].add("person", name)
    for source in _sources:
        for case_id, (kind, text) in source(db, tuple(found)):
            found[case_id].add(kind, text)
    return found


def begun(
    case_id: int, procedure_id: int, started_by: int | None, number: str, matter: str, applicant: str
) -> Document:
    """What is known of a case from its first moment on."""
    one = Document(case_id, 0)
    for kind, text in (("number", number), ("matter", matter), ("applicant", applicant)):
        one.add(kind, text)
    one.marked.add(who.procedure(procedure_id))
    if started_by is not None:
        one.marked.add(who.person(started_by))
    return one


def _cases(db: Connection, case_ids: Collection[int]) -> Iterable[Any]:
    return db.execute(
        select(
            cases.c.id, cases.c.procedure_id, cases.c.started_by, cases.c.number, cases.c.matter, cases.c.applicant,
            cases.c.ended_at, cases.c.chain_length, procedures.c.name.label("procedure"),
        )
        .join(procedures, procedures.c.id == cases.c.procedure_id)
        .where(cases.c.office_id == OFFICE, cases.c.id.in_(case_ids))
    )  # fmt: skip


def _add_tasks(db: Connection, found: Mapping[int, Document], people: Mapping[int, set[int]]) -> None:
    rows = db.execute(
        select(
            tasks.c.case_id, tasks.c.edition_id, tasks.c.element, tasks.c.item, tasks.c.post_id, tasks.c.department_id,
            tasks.c.person_id,
        ).where(tasks.c.office_id == OFFICE, tasks.c.case_id.in_(found))
        .order_by(tasks.c.case_id, tasks.c.number)
    )  # fmt: skip
    for row in rows:
        one = found[row.case_id]
        one.add("step", element_names(db, row.edition_id).get(row.element))
        one.add("step", row.item)
        one.marked |= {who.post(row.post_id), who.department(row.department_id)}
        if row.person_id is not None:
            one.marked.add(who.person(row.person_id))
            people[row.case_id].add(row.person_id)


def _add_copies(db: Connection, found: Mapping[int, Document]) -> None:
    """Whoever was sent a copy may see the case."""
    rows = db.execute(
        select(copies.c.case_id, copies.c.person_id, copies.c.post_id).where(
            copies.c.office_id == OFFICE, copies.c.case_id.in_(found)
        )
    )
    for row in rows:
        found[row.case_id].marked.add(who.person(row.person_id) if row.post_id is None else who.post(row.post_id))


def _add_record(db: Connection, found: Mapping[int, Document], people: Mapping[int, set[int]]) -> None:
    """The answers as they now stand, what was noted, and who had a hand in it."""
    rows = db.execute(
        select(entries.c.chain, entries.c.person_id, entries.c.facts)
        .where(entries.c.office_id == OFFICE, entries.c.chain.in_(found))
        .order_by(entries.c.chain, entries.c.number)
    )
    answers: dict[int, dict[str, Any]] = defaultdict(dict)
    for row in rows:
        facts = orjson.loads(row.facts)
        answers[row.chain].update(facts.get("answers") or {})
        for name in _SAID:
            if isinstance(facts.get(name), str):
                found[row.chain].add("said", facts[name])
        if row.person_id is not None:
            people[row.chain].add(row.person_id)
    for case_id, given in answers.items():
        for text in _texts(given):
            found[case_id].add("answer", text)


def _texts(value: Any) -> Iterable[str]:
    """Whatever was typed or counted; yes and no are nothing to look for."""
    if isinstance(value, str):
        yield value
    elif isinstance(value, Mapping):
        for one in value.values():
            yield from _texts(one)
    elif isinstance(value, list):
        for one in value:
            yield from _texts(one)
    elif isinstance(value, int | float) and not isinstance(value, bool):
        yield str(value)


def _names(db: Connection, ids: Collection[int]) -> Mapping[int, tuple[str, str]]:
    if not ids:
        return {}
    rows = db.execute(select(persons.c.id, persons.c.name_en, persons.c.name_zh).where(persons.c.id.in_(ids)))
    return {row.id: (row.name_en, row.name_zh) for row in rows}
