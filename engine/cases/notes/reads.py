"""Who may read a note, and what can be asked of the notes on a case."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Mapping
from datetime import datetime
from typing import Any, Final

import orjson
from sqlalchemy import ColumnElement, Connection, Row, and_, or_, select

from engine.base.database import OFFICE
from engine.base.frozen import frozen
from engine.base.text import Name, Text
from engine.cases.listing import visible_to
from engine.cases.notes import rules
from engine.cases.notes.tables import notes, texts
from engine.cases.tables import cases
from engine.organisation import reads as organisation
from engine.organisation.rules import Actor
from engine.organisation.tables import departments, persons
from engine.records.tables import entries

NOTE: Final = Text(en="note", zh="备注")
MOST_FOUND: Final = 8


@frozen
class Piece:
    """A stretch of a note's text; `person` where it mentions somebody."""

    text: str
    person: Name | None = None


@frozen
class Version:
    at: datetime
    text: str


@frozen
class NoteLine:
    """A note as somebody may read it. `department` None: for whoever may see the case; `earlier`: what it said before."""

    number: int
    at: datetime
    person_id: int
    person: Name
    department: Name | None
    text: str
    pieces: tuple[Piece, ...]
    earlier: tuple[Version, ...]
    struck_at: datetime | None
    struck_by: Name | None
    reason: str | None

    def may_be_corrected(self, actor: Actor, now: datetime) -> bool:
        mine = self.person_id == actor.person_id
        return mine and self.struck_at is None and now <= rules.may_correct_until(self.at)


def is_visible(actor: Actor) -> ColumnElement[bool]:
    """A condition on `case_notes` of a case that the person may see."""
    mine = rules.departments_of(actor)
    of_mine = notes.c.department_id.in_(mine) if mine else notes.c.person_id == actor.person_id
    return or_(notes.c.department_id.is_(None), of_mine, notes.c.person_id == actor.person_id)


def of_case(db: Connection, *, actor: Actor, case_id: int) -> tuple[NoteLine, ...]:
    """Those the person may read of a case that they may see, the newest first. One statement; one more where somebody is mentioned."""
    writer, striker = persons.alias("writer"), persons.alias("striker")
    rows = db.execute(
        select(
            notes.c.number, notes.c.at, notes.c.person_id, notes.c.mentions, notes.c.struck_at, notes.c.reason,
            texts.c.at.label("text_at"), texts.c.text,
            writer.c.name_en, writer.c.name_zh, departments.c.name_en.label("department_en"),
            departments.c.name_zh.label("department_zh"), striker.c.name_en.label("striker_en"),
            striker.c.name_zh.label("striker_zh"),
        )
        .join(
            texts,
            and_(
                texts.c.office_id == notes.c.office_id, texts.c.case_id == notes.c.case_id,
                texts.c.number == notes.c.number,
            ),
        )
        .join(writer, writer.c.id == notes.c.person_id)
        .outerjoin(striker, striker.c.id == notes.c.struck_by)
        .outerjoin(departments, departments.c.id == notes.c.department_id)
        .where(notes.c.office_id == OFFICE, notes.c.case_id == case_id, is_visible(actor))
        .order_by(notes.c.number.desc(), texts.c.version.desc())
    ).all()  # fmt: skip
    of_number: dict[int, list[Row[*tuple[Any, ...]]]] = defaultdict(list)
    for row in rows:
        of_number[row.number].append(row)
    known = _named(db, {int(one) for row in rows for one in row.mentions.split()})
    return tuple(_line(versions, known) for versions in of_number.values())


def _named(db: Connection, ids: Collection[int]) -> Mapping[int, tuple[str, Name]]:
    if not ids:
        return {}
    rows = db.execute(
        select(persons.c.id, persons.c.login, persons.c.name_en, persons.c.name_zh).where(persons.c.id.in_(ids))
    )
    return {row.id: (row.login, Name(row.name_en, row.name_zh)) for row in rows}


def _line(versions: list[Row[*tuple[Any, ...]]], known: Mapping[int, tuple[str, Name]]) -> NoteLine:
    row, *before = versions
    mentioned = {known[one][0]: one for one in map(int, row.mentions.split()) if one in known}
    return NoteLine(
        number=row.number, at=row.at, person_id=row.person_id, person=Name(row.name_en, row.name_zh),
        department=Name(row.department_en, row.department_zh) if row.department_en else None,
        text=row.text, pieces=_pieces(row.text, mentioned, known),
        earlier=tuple(Version(one.text_at, one.text) for one in before),
        struck_at=row.struck_at, struck_by=Name(row.striker_en, row.striker_zh) if row.striker_en else None,
        reason=row.reason,
    )  # fmt: skip


def _pieces(text: str, mentioned: Mapping[str, int], known: Mapping[int, tuple[str, Name]]) -> tuple[Piece, ...]:
    found, seen = [], 0
    for begin, end, person in rules.mentioned(text, mentioned):
        found += [Piece(text[seen:begin]), Piece(text[begin:end], known[person][1])]
        seen = end
    return tuple(one for one in [*found, Piece(text[seen:])] if one.text)


def may_see(db: Connection, actor: Actor, case_id: int) -> bool:
    return (
        db.scalar(select(cases.c.id).where(cases.c.office_id == OFFICE, cases.c.id == case_id, visible_to(db, actor)))
        is not None
    )


def persons_by_login(db: Connection, logins: Collection[str]) -> Mapping[str, int]:
    if not logins:
        return {}
    rows = db.execute(select(persons.c.login, persons.c.id).where(persons.c.login.in_(logins)))
    return {row.login: row.id for row in rows}


@frozen
class Reader:
    login: str
    name: Name


def readers(
    db: Connection, *, actor: Actor, case_id: int, words: str, department_id: int | None = None
) -> tuple[Reader, ...]:
    """Who might be mentioned: by the beginning of a login or a part of a name, and only whoever may read the note."""
    if not may_see(db, actor, case_id):
        return ()
    sought = words.strip()[:50].replace("\\", "\\\\").replace("%", "\\%").replace("_", "\\_")
    on = organisation.today(db)
    rows = db.execute(
        select(persons.c.id)
        .where(
            or_(
                persons.c.login.like(sought.casefold() + "%", escape="\\"),
                persons.c.name_en.ilike(f"%{sought}%", escape="\\"),
                persons.c.name_zh.like(f"%{sought}%", escape="\\"),
            ),
            or_(persons.c.left_on.is_(None), persons.c.left_on > on),
            persons.c.id != actor.person_id,
        )
        .order_by(persons.c.login)
        .limit(_MOST_LOOKED_AT)
    )
    found: list[Reader] = []
    for person_id in rows.scalars().all():
        one = organisation.actor(db, person_id)
        apart = department_id is not None and department_id not in rules.departments_of(one)
        if not apart and may_see(db, one, case_id):
            found.append(Reader(one.login, one.name))
        if len(found) == MOST_FOUND:
            break
    return tuple(found)


_MOST_LOOKED_AT: Final = 40
"""Each is asked about by itself; who is not found among so many types more letters."""


def first_altered(db: Connection) -> tuple[int, int] | None:
    """Case and number of the first note of which a text is not as it was written, by its digest in the record."""
    written: dict[tuple[int, int], list[str]] = defaultdict(list)
    told = db.execute(
        select(entries.c.chain, entries.c.facts)
        .where(entries.c.office_id == OFFICE, entries.c.act.in_(("write_note", "correct_note")))
        .order_by(entries.c.chain, entries.c.number)
    )
    for row in told:
        facts = orjson.loads(row.facts)
        written[row.chain, facts["about"]].append(facts["digest"])
    kept: dict[tuple[int, int], list[str]] = defaultdict(list)
    for row in db.execute(select(texts).order_by(texts.c.case_id, texts.c.number, texts.c.version)):
        kept[row.case_id, row.number].append(rules.digest(row.salt, row.text))
    return min((one for one in written.keys() | kept.keys() if written.get(one) != kept.get(one)), default=None)
