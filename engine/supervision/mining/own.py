"""The office's own cases as a log, and foreign logs as they were read: a case at a time, for whoever writes them out."""

from __future__ import annotations

import secrets
from collections import defaultdict
from collections.abc import Iterator, Sequence
from dataclasses import field
from datetime import date, timedelta
from typing import Any, Final

from sqlalchemy import Connection, Row, select

from engine.base.database import OFFICE
from engine.base.errors import Refusal
from engine.base.frozen import frozen
from engine.base.text import Language
from engine.cases.rules import Change
from engine.cases.tables import cases, task_events, tasks
from engine.cases.tables_of_papers import paper_versions
from engine.organisation.calendars.reads import calendar_of
from engine.organisation.rules import Actor
from engine.organisation.tables import departments, persons, posts
from engine.procedures.reads import element_names, procedure, procedures, supervised_departments, supervises
from engine.procedures.tables import editions
from engine.supervision.figures.privacy import must_see_people
from engine.supervision.figures.sight import midnight, seen
from engine.supervision.mining import kept
from engine.supervision.mining.events import Event, Lifecycle, Trace, in_order
from engine.supervision.mining.kept import Words
from engine.supervision.mining.reads import pseudonym, seen_row, words_of
from engine.supervision.mining.tables import log_cases, log_events
from engine.supervision.mining.writing import PAPER

_AT_ONCE: Final = 200
ENDED: Final = "officium:ended"
"""The fact of a case that it has ended, and when."""
_LIFECYCLES: Final = {
    Change.OFFERED: Lifecycle.SCHEDULE,
    Change.CLAIMED: Lifecycle.ASSIGN,
    Change.BEGUN: Lifecycle.START,
    Change.PAUSED: Lifecycle.SUSPEND,
    Change.RESUMED: Lifecycle.RESUME,
    Change.COMPLETED: Lifecycle.COMPLETE,
    Change.CANCELLED: Lifecycle.WITHDRAW,
    Change.RELEASED: Lifecycle.OTHER,
}
_PAPER_ADDED: Final = {"en": "Paper added", "zh": "收到材料"}


class DaysUnread(Refusal):
    """Give both days as year-month-day, the first not behind the last."""

    zh = "请以“年-月-日”填写起止日期，起始日不得晚于结束日。"


@frozen
class Wanted:
    """Cases of a procedure that began within these days of the office, both inclusive."""

    procedure_id: int
    since: date
    until: date
    names: bool = False  # persons by their names, where the office allows it
    papers: bool = False  # papers that were added are events too


@frozen
class Allowed:
    """What of it somebody may take away. `units` None: all departments; `named`: whose persons may be named."""

    wanted: Wanted
    procedure: str
    units: frozenset[int] | None
    named: frozenset[int]
    key: bytes = field(default_factory=lambda: secrets.token_bytes(16), repr=False)


def allowed(db: Connection, *, actor: Actor, wanted: Wanted) -> Allowed:
    """Of a procedure that is supervised all of it; of another one what its own departments did in it.

    Raises NotAllowed, NotFound, PeopleNotShown.
    """
    seen(db, actor, wanted.procedure_id)
    whole = supervises(db, actor, wanted.procedure_id)
    named = must_see_people(db, actor, None) if wanted.names else frozenset()
    units = None if whole else supervised_departments(db, actor)
    return Allowed(wanted, procedure(db, wanted.procedure_id).name, units, named)


def procedures_offered(db: Connection, *, actor: Actor) -> tuple[tuple[int, str], ...]:
    """Those whose cases somebody may take away."""
    mine = seen(db, actor)
    return tuple((one.id, one.name) for one in procedures(db) if one.id in mine)


def may_name(db: Connection, *, actor: Actor) -> bool:
    """Whether persons may stand in it by their names: only where the office has allowed figures of persons."""
    try:
        must_see_people(db, actor, None)
    except Refusal:
        return False
    return True


def own_traces(db: Connection, allowed: Allowed, language: Language) -> Iterator[Trace]:
    """In the order in which the cases began."""
    wanted, zone = allowed.wanted, calendar_of(db).zone
    ids = db.scalars(
        select(cases.c.id)
        .where(
            cases.c.office_id == OFFICE, cases.c.procedure_id == wanted.procedure_id,
            cases.c.started_at >= midnight(wanted.since, zone),
            cases.c.started_at < midnight(wanted.until + timedelta(days=1), zone),
        )
        .order_by(cases.c.started_at, cases.c.id)
    ).all()  # fmt: skip
    told = _Told(db, allowed, language)
    for begin in range(0, len(ids), _AT_ONCE):
        yield from told.traces(ids[begin : begin + _AT_ONCE])


class _Told:
    def __init__(self, db: Connection, allowed: Allowed, language: Language) -> None:
        self._db, self._allowed, self._language = db, allowed, language
        self._departments = _names(db, departments, language)
        self._persons = _names(db, persons, language)
        self._posts = dict(db.execute(select(posts.c.id, posts.c.code)).all())
        self._editions = dict(db.execute(select(editions.c.id, editions.c.number)).all())

    def traces(self, ids: Sequence[int]) -> Iterator[Trace]:
        events = self._events(ids)
        if self._allowed.wanted.papers:
            self._add_papers(ids, events)
        rows = {
            row.id: row
            for row in self._db.execute(
                select(cases.c.id, cases.c.number, cases.c.edition_id, cases.c.ended_at, cases.c.started_at).where(
                    cases.c.office_id == OFFICE, cases.c.id.in_(ids)
                )
            )
        }
        for case_id in ids:
            if events[case_id]:
                row = rows[case_id]
                facts: dict[str, Any] = {
                    "officium:procedure": self._allowed.procedure,
                    "officium:edition": self._editions[row.edition_id],
                    "officium:started": row.started_at,
                }
                if row.ended_at is not None:
                    facts[ENDED] = row.ended_at
                yield Trace(row.number, in_order(events[case_id])[0], facts)

    def _events(self, ids: Sequence[int]) -> dict[int, list[Event]]:
        units = self._allowed.units
        within = [] if units is None else [task_events.c.department_id.in_(units)]
        rows = self._db.execute(
            select(task_events, tasks.c.element, tasks.c.edition_id)
            .join(
                tasks,
                (tasks.c.office_id == task_events.c.office_id)
                & (tasks.c.case_id == task_events.c.case_id)
                & (tasks.c.number == task_events.c.task_number),
            )
            .where(
                task_events.c.office_id == OFFICE, task_events.c.case_id.in_(ids), tasks.c.office_id == OFFICE,
                tasks.c.case_id.in_(ids), tasks.c.kind.is_(None), *within,
            )
            .order_by(task_events.c.case_id, task_events.c.at, task_events.c.task_number, task_events.c.number)
        )  # fmt: skip
        found: dict[int, list[Event]] = defaultdict(list)
        for row in rows:
            found[row.case_id].append(self._event(row))
        return found

    def _event(self, row: Row[*tuple[Any, ...]]) -> Event:
        facts: dict[str, Any] = {"officium:element": row.element, "org:role": self._posts.get(row.post_id, "")}
        if row.external:
            facts["officium:external"] = True
        name = element_names(self._db, row.edition_id).get(row.element, row.element)
        return Event(
            name, row.at, _LIFECYCLES[Change(row.change)], self._person(row.person_id, row.department_id),
            self._departments.get(row.department_id), str(row.task_number), facts=facts,
        )  # fmt: skip

    def _person(self, person_id: int | None, department_id: int) -> str | None:
        if person_id is None:
            return None
        if department_id in self._allowed.named:
            return self._persons.get(person_id)
        return pseudonym(str(person_id), self._allowed.key)

    def _add_papers(self, ids: Sequence[int], events: dict[int, list[Event]]) -> None:
        """Of cases that are seen as a whole: a paper belongs to no department."""
        if self._allowed.units is not None:
            return
        rows = self._db.execute(
            select(paper_versions.c.case_id, paper_versions.c.paper_id, paper_versions.c.at).where(
                paper_versions.c.office_id == OFFICE, paper_versions.c.case_id.in_(ids), paper_versions.c.number == 1
            )
        )
        for row in rows:
            facts = {PAPER: str(row.paper_id)}
            events[row.case_id].append(Event(_PAPER_ADDED[self._language], row.at, facts=facts))


def _names(db: Connection, table: Any, language: Language) -> dict[int, str]:
    column, other = (table.c.name_zh, table.c.name_en) if language == "zh" else (table.c.name_en, table.c.name_zh)
    return {row[0]: row[1] or row[2] for row in db.execute(select(table.c.id, column, other))}


def log_traces(db: Connection, *, actor: Actor, log_id: int) -> Iterator[Trace]:
    """A foreign log as it was read. Persons by a pseudonym, except for who handed it in. Raises NotFound."""
    row = seen_row(db, actor, log_id)
    return _kept_traces(db, log_id, None if row.imported_by == actor.person_id else row.digest)


def _kept_traces(db: Connection, log_id: int, key: bytes | None) -> Iterator[Trace]:
    activities, units = words_of(db, log_id, Words.ACTIVITY), words_of(db, log_id, Words.UNIT)
    resources = words_of(db, log_id, Words.RESOURCE)
    hidden: dict[Any, str] = {}
    if key is not None:
        hidden = {word: pseudonym(word, key) for word in resources.values()}
        resources = {number: hidden[word] for number, word in resources.items()}
    mine = (log_events.c.office_id == OFFICE, log_events.c.log_id == log_id)
    after = -1
    while True:
        some = db.execute(
            select(log_cases)
            .where(log_cases.c.office_id == OFFICE, log_cases.c.log_id == log_id, log_cases.c.number > after)
            .order_by(log_cases.c.number)
            .limit(_AT_ONCE)
        ).all()
        if not some:
            return
        first, after = some[0].number, some[-1].number
        held: dict[int, list[Event]] = defaultdict(list)
        for one in db.execute(
            select(log_events)
            .where(*mine, log_events.c.case_number >= first, log_events.c.case_number <= after)
            .order_by(log_events.c.case_number, log_events.c.number)
        ):
            held[one.case_number].append(
                Event(
                    activities[one.activity], one.at, Lifecycle(one.lifecycle), resources.get(one.resource),
                    units.get(one.unit), cost=one.cost,
                )
            )  # fmt: skip
        for case in some:
            facts = {name: hidden.get(one, one) for name, one in kept.facts_kept(case.facts).items()}
            yield Trace(case.name, held[case.number], facts)
