"""The cases behind a number: as many as the number says, by the number's key."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from typing import Any, Final

from sqlalchemy import BigInteger, ColumnElement, Connection, and_, func, literal, select, tuple_, type_coerce

from engine.base import clock
from engine.base.database import OFFICE
from engine.base.text import Name
from engine.cases.listing import visible_to
from engine.cases.rules import NO_DUE
from engine.cases.tables import cases, tasks
from engine.organisation.rules import Actor
from engine.organisation.tables import departments, persons, posts
from engine.procedures.overseeing import overseen
from engine.procedures.reads import element_names
from engine.supervision.figures.asking import must_be_many, of_whole_cases, question
from engine.supervision.figures.now import is_late, standing
from engine.supervision.figures.numbers import Cases, Counted, cases_of, tasks_of, what
from engine.supervision.figures.parts import Part
from engine.supervision.figures.rules import CaseBehind, CasesBehind, NumberUnknown, Scope
from engine.supervision.figures.sight import seen
from engine.supervision.figures.tables import journeys, spells
from engine.supervision.figures.unended import open_in

_NOW: Final = "now."
QUEUE: Final = (Part.WAITING, Part.HANDED)
"""What nobody has taken, whether or not its department has accepted it: a bottleneck counts both."""
_PARTS: Final = {
    "waiting": Part.WAITING, "working": Part.TAKEN, "stopped": Part.STOPPED, "outside": Part.OUTSIDE,
    "handed": Part.HANDED,
}  # fmt: skip
Page = tuple[int, list[Counted]]
"""How many there are in all, and those of the page with one more where there are more."""


def behind(
    db: Connection, *, actor: Actor, scope: Scope, number: str, limit: int = 100, after: str | None = None
) -> CasesBehind:
    """Of what is open those that have waited longest first; of what is over, those of the first day. Keys are `now.` with a part, `open`, `late` or `queue`, those of `numbers.NUMBERS`, and
    `flow:FROM:TO` (element ids, either may be empty), `hand:FROM:TO`, `hand_returned:FROM:TO`, `ping_pong:FROM:TO`
    (department ids; neither: between any two) and `variant:KEY`. `after`: `next` of the page before. Raises NumberUnknown.
    """
    behind_ = None if after is None else _read(after, number)
    if number.startswith(_NOW):
        total, page = _now(db, actor, scope, number, limit, behind_)
    else:
        total, page = _past(db, actor, scope, number, limit, behind_)
    following = _said(page[limit - 1]) if len(page) > limit else None
    return CasesBehind(number, total, tuple(_in_sight(db, actor, _shown(db, page[:limit]))), following)


def _said(one: Counted) -> str:
    return ".".join(map(str, one))


def _read(after: str, number: str) -> Counted:
    parts = after.split(".")
    if len(parts) != 3 or not all(part.isdecimal() and len(part) < 20 for part in parts):
        raise NumberUnknown(number=number)
    return Counted(*map(int, parts))


def _now(db: Connection, actor: Actor, scope: Scope, number: str, limit: int, after: Counted | None) -> Page:
    mine = seen(db, actor, scope.procedure_id)
    must_be_many(db, scope, mine)
    where = open_in(scope, mine)
    word = number.removeprefix(_NOW)
    if word == "late":
        where.append(is_late(clock.now()))
    elif word in _PARTS:
        where.append(standing() == _PARTS[word].value)
    elif word == "queue":
        where.append(standing().in_([part.value for part in QUEUE]))
    elif word != "open":
        raise NumberUnknown(number=number)
    key = (type_coerce(tasks.c.opened_at, BigInteger), tasks.c.case_id, tasks.c.number)
    return _page(db, tasks, key, where, limit, after)


def _past(db: Connection, actor: Actor, scope: Scope, number: str, limit: int, after: Counted | None) -> Page:
    """What is kept and what is not, one behind the other as they follow."""
    one = what(number)
    of = question(db, actor, scope)
    if isinstance(one, Cases):
        told = cases_of(db, of if one.last is not None else of_whole_cases(db, of), one)
        day = journeys.c.ended_day if one.by == "ended" else journeys.c.started_day
        of_cases = (day, journeys.c.case_id, literal(0))
        total, page = _page(db, journeys, of_cases, told.kept, limit, after)
    else:
        told = tasks_of(db, of, one)
        day = spells.c.closed_day if one.by == "closed" else spells.c.opened_day
        key = (day, spells.c.case_id, spells.c.task_number)
        total, page = _page(db, spells, key, told.kept, limit, after)
    more = [each for each in told.more if after is None or each > after]
    return total + len(told.more), sorted([*page, *more])[: limit + 1]


def _page(
    db: Connection, of: Any, key: Sequence[Any], where: Sequence[ColumnElement[bool]], limit: int, after: Counted | None
) -> Page:
    total = db.scalar(select(func.count()).select_from(of).where(*where)) or 0
    query = select(*key).select_from(of).where(*where).order_by(*key).limit(limit + 1)
    if after is not None:
        query = query.where(tuple_(*key) > tuple_(*(literal(part, BigInteger) for part in after)))
    return total, [Counted(*map(int, row)) for row in db.execute(query)]


def _in_sight(db: Connection, actor: Actor, some: Sequence[CaseBehind]) -> list[CaseBehind]:
    """Figures reach further than cases: a procedure that one department has a step in is counted for it as a whole."""
    ids = {one.case_id for one in some}
    if not ids:
        return []
    mine = set(
        db.scalars(select(cases.c.id).where(cases.c.office_id == OFFICE, cases.c.id.in_(ids), visible_to(db, actor)))
    )
    watched = overseen(db, actor, ((one.procedure_id, one.department_id) for one in some if one.task_number))
    return [
        replace(one, overseen=(one.procedure_id, one.department_id) in watched)
        if one.case_id in mine
        else replace(one, matter="", applicant="", person=None, person_id=None, in_sight=False)
        for one in some
    ]


def _shown(db: Connection, some: Sequence[Counted]) -> list[CaseBehind]:
    with_task = {(one.case_id, one.number) for one in some if one.number}
    whole = [one.case_id for one in some if not one.number]
    found: dict[tuple[int, int], CaseBehind] = {}
    if with_task:
        for row in db.execute(_TASKS.where(tasks.c.case_id.in_({case_id for case_id, _number in with_task}))):
            if (row.case_id, row.number) in with_task:
                found[row.case_id, row.number] = _of_task(db, row)
    if whole:
        for one in db.execute(_CASES.where(cases.c.id.in_(whole))):
            found[one.id, 0] = CaseBehind(
                one.id, one.number, one.matter, one.applicant, one.procedure_id, one.edition_id, None, None, None, None,
                None, None, None, one.started_at, one.ended_at, one.period_due,
            )  # fmt: skip
    return [found[each.case_id, each.number] for each in some]


_CASES: Final = select(
    cases.c.id, cases.c.number, cases.c.matter, cases.c.applicant, cases.c.procedure_id, cases.c.edition_id,
    cases.c.started_at, cases.c.ended_at, cases.c.period_due,
).where(cases.c.office_id == OFFICE)  # fmt: skip
_TASKS: Final = (
    select(
        tasks.c.case_id, tasks.c.number, tasks.c.procedure_id, tasks.c.edition_id, tasks.c.element, tasks.c.opened_at,
        tasks.c.closed_at, tasks.c.due_at, tasks.c.department_id, tasks.c.post_id, tasks.c.person_id, cases.c.number.label("case_number"), cases.c.matter,
        cases.c.applicant, posts.c.name_en, posts.c.name_zh, departments.c.name_en.label("department_en"),
        departments.c.name_zh.label("department_zh"), persons.c.name_en.label("person_en"),
        persons.c.name_zh.label("person_zh"),
    )
    .join(cases, and_(cases.c.office_id == tasks.c.office_id, cases.c.id == tasks.c.case_id))
    .join(posts, posts.c.id == tasks.c.post_id)
    .join(departments, departments.c.id == tasks.c.department_id)
    .outerjoin(persons, persons.c.id == tasks.c.person_id)
    .where(tasks.c.office_id == OFFICE)
)  # fmt: skip


def _of_task(db: Connection, row: Any) -> CaseBehind:
    return CaseBehind(
        row.case_id, row.case_number, row.matter, row.applicant, row.procedure_id, row.edition_id, row.number,
        row.element, element_names(db, row.edition_id).get(row.element, row.element), Name(row.name_en, row.name_zh),
        row.department_id, Name(row.department_en, row.department_zh),
        Name(row.person_en, row.person_zh) if row.person_en else None, row.opened_at, row.closed_at,
        None if row.due_at >= NO_DUE else row.due_at, post_id=row.post_id, person_id=row.person_id,
    )  # fmt: skip
