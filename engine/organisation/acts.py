"""What administrators do: found the office, shape it, take people in, give them posts, let them go.

Every act is written on the office's chain; its row is locked, so one change of the organisation follows another.
`by` None is the founding, before anybody holds a post.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping
from datetime import date, timedelta
from typing import Any

from sqlalchemy import Connection, Row, Table, delete, insert, or_, select, update

from engine.base.database import OFFICE, new_id
from engine.base.errors import NotFound
from engine.base.text import Name, Text
from engine.organisation import reads, rules
from engine.organisation.calendars.kept import moved as moved_calendars
from engine.organisation.calendars.rules import PLAIN_WEEK, kept_week
from engine.organisation.calendars.tables import calendars
from engine.organisation.passwords import hashed
from engine.organisation.rules import Actor, Period, Right
from engine.organisation.tables import departments, holdings, offices, persons, posts, sessions
from engine.records.journal import EMPTY, Chain, write


def found_office(db: Connection, *, name_en: str, name_zh: str, zone: str) -> None:
    """The one office of this installation; it works Monday to Friday until it says when. Raises AlreadyFounded, ZoneUnknown."""
    names = rules.fit_names("office", name_en, name_zh)
    rules.fit_zone(zone)
    if reads.is_founded(db):
        raise rules.AlreadyFounded(office=reads.office(db).name)
    chain = write(
        db,
        Chain(new_id(), 0, EMPTY),
        act="found_office",
        by=None,
        facts={"name_en": names.en, "name_zh": names.zh, "zone": zone},
    )
    db.execute(
        insert(offices).values(
            id=OFFICE, name_en=names.en, name_zh=names.zh, zone=zone,
            chain=chain.id, chain_length=chain.length, chain_head=chain.head, calendars_version=new_id(),
        )
    )  # fmt: skip
    db.execute(insert(calendars).values(week=kept_week(PLAIN_WEEK)))


def add_department(
    db: Connection, *, by: Actor | None, code: str, name_en: str, name_zh: str, parent_id: int | None = None
) -> int:
    office = _administered(db, by)
    code, names = rules.fit_code(code), rules.fit_names(code, name_en, name_zh)
    _must_be_free(db, departments, code)
    if parent_id is not None:
        _one(db, departments, parent_id, reads.DEPARTMENT)
    made: int = db.execute(
        insert(departments)
        .values(code=code, name_en=names.en, name_zh=names.zh, parent_id=parent_id)
        .returning(departments.c.id)
    ).scalar_one()
    facts = {"department": made, "code": code, "name_en": names.en, "name_zh": names.zh, "parent": parent_id}
    _note(db, office, by, "add_department", facts)
    return made


def move_department(db: Connection, *, by: Actor | None, department_id: int, parent_id: int | None) -> None:
    """Under another department, or under none. Raises DepartmentInCircle."""
    office = _administered(db, by)
    moved = _one(db, departments, department_id, reads.DEPARTMENT)
    if parent_id is not None:
        parent = _one(db, departments, parent_id, reads.DEPARTMENT)
        above = {row.id: row.parent_id for row in db.execute(select(departments.c.id, departments.c.parent_id))}
        if rules.makes_circle(department_id, parent_id, above):
            raise rules.DepartmentInCircle(department=_name(moved), parent=_name(parent))
    db.execute(update(departments).where(departments.c.id == department_id).values(parent_id=parent_id))
    moved_calendars(db, office.calendars_version)
    facts = {"department": department_id, "parent": parent_id, "parent_before": moved.parent_id}
    _note(db, office, by, "move_department", facts)


def add_post(
    db: Connection,
    *,
    by: Actor | None,
    department_id: int,
    code: str,
    name_en: str,
    name_zh: str,
    reports_to: int | None = None,
    rights: Collection[Right] = (),
) -> int:
    office = _administered(db, by)
    code, names = rules.fit_code(code), rules.fit_names(code, name_en, name_zh)
    _must_be_free(db, posts, code)
    _one(db, departments, department_id, reads.DEPARTMENT)
    if reports_to is not None:
        _one(db, posts, reports_to, reads.POST)
    words = rules.words_of(rights)
    made: int = db.execute(
        insert(posts).values(
            department_id=department_id, code=code, name_en=names.en, name_zh=names.zh,
            reports_to=reports_to, rights=words,
        ).returning(posts.c.id)
    ).scalar_one()  # fmt: skip
    facts = {
        "post": made, "department": department_id, "code": code, "name_en": names.en, "name_zh": names.zh,
        "reports_to": reports_to, "rights": words.split(),
    }  # fmt: skip
    _note(db, office, by, "add_post", facts)
    return made


def change_post(
    db: Connection, *, by: Actor | None, post_id: int, reports_to: int | None, rights: Collection[Right]
) -> None:
    """Whom the post reports to and what it may do. Raises ReportsInCircle, NoAdministratorLeft."""
    office = _administered(db, by)
    post = _one(db, posts, post_id, reads.POST)
    if reports_to is not None:
        superior = _one(db, posts, reports_to, reads.POST)
        above = {row.id: row.reports_to for row in db.execute(select(posts.c.id, posts.c.reports_to))}
        if rules.makes_circle(post_id, reports_to, above):
            raise rules.ReportsInCircle(post=_name(post), superior=_name(superior))
    before = _administered_periods(db)
    words = rules.words_of(rights)
    db.execute(update(posts).where(posts.c.id == post_id).values(reports_to=reports_to, rights=words))
    rules.must_leave_an_administrator(before, _administered_periods(db), reads.today(db))
    facts = {
        "post": post_id, "reports_to": reports_to, "reports_to_before": post.reports_to,
        "rights": words.split(), "rights_before": post.rights.split(),
    }  # fmt: skip
    _note(db, office, by, "change_post", facts)


def add_person(
    db: Connection,
    *,
    by: Actor | None,
    login: str,
    name_en: str,
    name_zh: str,
    password: str | None = None,
    language: str = "en",
) -> int:
    """Without a password the person cannot sign in by one. Raises LoginTaken, PasswordUnfit."""
    office = _administered(db, by)
    login = rules.fit_login(login)
    names, spoken = rules.fit_names(login, name_en, name_zh), rules.fit_language(language)
    kept = None if password is None else hashed(rules.fit_password(password, login))
    holder = db.execute(select(persons.c.name_en, persons.c.name_zh).where(persons.c.login == login)).first()
    if holder is not None:
        raise rules.LoginTaken(login=login, person=_name(holder))
    made: int = db.execute(
        insert(persons).values(
            login=login, name_en=names.en, name_zh=names.zh, password=kept, language=spoken,
            chain=new_id(), chain_length=0, chain_head=EMPTY,
        ).returning(persons.c.id)
    ).scalar_one()  # fmt: skip
    facts = {
        "person": made, "login": login, "name_en": names.en, "name_zh": names.zh, "language": spoken,
        "with_password": kept is not None,
    }  # fmt: skip
    _note(db, office, by, "add_person", facts)
    return made


def give_post(
    db: Connection,
    *,
    by: Actor | None,
    person_id: int,
    post_id: int,
    from_day: date | None = None,
    until_day: date | None = None,
) -> int:
    """From today on, unless said otherwise; `until_day` is the last day. Raises AlreadyHeld, PersonLeft."""
    office = _administered(db, by)
    person = _one(db, persons, person_id, reads.PERSON)
    post = _one(db, posts, post_id, reads.POST)
    period = rules.fit_period(from_day or reads.today(db), until_day)
    if person.left_on is not None and (period.until_day is None or period.until_day > person.left_on):
        raise rules.PersonLeft(person=_name(person), day=person.left_on)
    for held in db.execute(select(holdings).where(holdings.c.person_id == person_id, holdings.c.post_id == post_id)):
        if period.overlaps(Period(held.from_day, held.until_day)):
            raise rules.AlreadyHeld(person=_name(person), post=_name(post), from_day=held.from_day)
    made: int = db.execute(
        insert(holdings)
        .values(person_id=person_id, post_id=post_id, from_day=period.from_day, until_day=period.until_day)
        .returning(holdings.c.id)
    ).scalar_one()
    facts = {"holding": made, "person": person_id, "post": post_id, "from": period.from_day, "until": period.until_day}
    _note(db, office, by, "give_post", facts)
    return made


def end_holding(db: Connection, *, by: Actor | None, holding_id: int, until_day: date | None = None) -> None:
    """`until_day` is the last day of it; today, unless said otherwise. Raises NoAdministratorLeft."""
    office = _administered(db, by)
    held = _one(db, holdings, holding_id, reads.HOLDING)
    period = rules.fit_period(held.from_day, until_day or reads.today(db))
    for other in db.execute(
        select(holdings).where(
            holdings.c.person_id == held.person_id, holdings.c.post_id == held.post_id, holdings.c.id != holding_id
        )
    ):
        if period.overlaps(Period(other.from_day, other.until_day)):
            names = reads.person_name(db, held.person_id), reads.post_name(db, held.post_id)
            raise rules.AlreadyHeld(person=names[0], post=names[1], from_day=other.from_day)
    before = _administered_periods(db)
    db.execute(update(holdings).where(holdings.c.id == holding_id).values(until_day=period.until_day))
    rules.must_leave_an_administrator(before, _administered_periods(db), reads.today(db))
    facts = {"holding": holding_id, "person": held.person_id, "post": held.post_id,
             "until": period.until_day, "until_before": held.until_day}  # fmt: skip
    _note(db, office, by, "end_holding", facts)


def person_leaves(db: Connection, *, by: Actor | None, person_id: int, on: date | None = None) -> None:
    """From that day on, today unless said otherwise, the person does nothing here any more; their posts end with it."""
    office = _administered(db, by)
    person = _one(db, persons, person_id, reads.PERSON)
    today = reads.today(db)
    day = on or today
    if person.left_on is not None and person.left_on <= today:
        raise rules.PersonLeft(person=_name(person), day=person.left_on)
    before = _administered_periods(db)
    ended = _end_all(db, person_id, day, today)
    db.execute(update(persons).where(persons.c.id == person_id).values(left_on=day))
    if day <= today:
        db.execute(delete(sessions).where(sessions.c.person_id == person_id))
    rules.must_leave_an_administrator(before, _administered_periods(db), today)
    _note(db, office, by, "person_leaves", {"person": person_id, "on": day, "holdings_ended": ended})


def _end_all(db: Connection, person_id: int, day: date, today: date) -> list[int]:
    """A holding that would only have begun later is taken back; one that began keeps at least its first day."""
    rows = db.execute(
        select(holdings).where(
            holdings.c.person_id == person_id, or_(holdings.c.until_day.is_(None), holdings.c.until_day > day)
        )
    ).all()
    for held in rows:
        if held.from_day > max(day, today):
            db.execute(delete(holdings).where(holdings.c.id == held.id))
        else:
            last = max(day, held.from_day)
            db.execute(update(holdings).where(holdings.c.id == held.id).values(until_day=last))
    return [held.id for held in rows]


def _administered(db: Connection, by: Actor | None) -> Row[*tuple[Any, ...]]:
    """The office's row, locked, for somebody who may change the organisation."""
    rules.must_administer(by)
    row = db.execute(select(offices).where(offices.c.id == OFFICE).with_for_update()).first()
    if row is None:
        raise rules.NotFounded()
    return row


def _administered_periods(db: Connection) -> list[Period]:
    """When somebody administers: holdings of administering posts, cut off where the person leaves."""
    rows = db.execute(
        select(holdings.c.from_day, holdings.c.until_day, persons.c.left_on, posts.c.rights)
        .join(persons, persons.c.id == holdings.c.person_id)
        .join(posts, posts.c.id == holdings.c.post_id)
        .where(posts.c.rights.contains(Right.ADMINISTER.value))
    )
    periods = []
    for row in rows:
        last = row.until_day
        if row.left_on is not None:
            gone = row.left_on - timedelta(days=1)
            last = gone if last is None else min(last, gone)
        if Right.ADMINISTER in rules.rights_of(row.rights) and (last is None or row.from_day <= last):
            periods.append(Period(row.from_day, last))
    return periods


def _one(db: Connection, table: Table, key: int, what: Text) -> Row[*tuple[Any, ...]]:
    row = db.execute(select(table).where(table.c.id == key)).first()
    if row is None:
        raise NotFound(what=what)
    return row


def _must_be_free(db: Connection, table: Table, code: str) -> None:
    holder = db.execute(select(table.c.name_en, table.c.name_zh).where(table.c.code == code)).first()
    if holder is not None:
        raise rules.CodeTaken(code=code, holder=_name(holder))


def _name(row: Row[*tuple[Any, ...]]) -> Name:
    return Name(row.name_en, row.name_zh)


def _note(db: Connection, office: Row[*tuple[Any, ...]], by: Actor | None, act: str, facts: Mapping[str, Any]) -> None:
    chain = write(
        db,
        Chain(office.chain, office.chain_length, office.chain_head),
        act=act,
        by=None if by is None else by.person_id,
        facts=facts,
    )
    db.execute(update(offices).where(offices.c.id == OFFICE).values(chain_length=chain.length, chain_head=chain.head))
