"""What every read of the past begins with: who asks, which places, what day it is."""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection, Mapping
from dataclasses import replace
from datetime import date, datetime, timedelta
from typing import Final

from sqlalchemy import Connection, func, select, text

from engine.base import clock
from engine.base.frozen import frozen
from engine.base.once import once
from engine.base.text import Name
from engine.cases.tables import cases
from engine.organisation.calendars.reads import calendar_of, calendars_version
from engine.organisation.rules import Actor
from engine.organisation.tables import departments, posts
from engine.procedures.editions import contents
from engine.procedures.tables import owners as drawn_owners
from engine.supervision.figures import rollups
from engine.supervision.figures.bins import Bins
from engine.supervision.figures.rollups import Asked
from engine.supervision.figures.rules import Scope
from engine.supervision.figures.shapes import StepKey
from engine.supervision.figures.sight import Window, answered_for, seen, window
from engine.supervision.figures.spreads import Spread
from engine.supervision.figures.suppressing import hidden_of
from engine.supervision.figures.too_few import GroupTooSmall
from engine.supervision.figures.unended import Days, cases_of
from engine.worktime.calendar import WorkCalendar

_MILLISECOND = timedelta(milliseconds=1)
_ONE_PROCESS: Final = text("SET LOCAL max_parallel_workers_per_gather = 0")
"""A page asks for a dozen small sums: to start processes for each costs more than they save, and takes them from others."""


@frozen
class Question:
    scope: Scope
    window: Window
    now: datetime
    today: date
    days: Days
    asked: Asked
    version: int

    @property
    def last(self) -> date:
        """Of the period, the last day that has begun."""
        return min(self.scope.until, self.today)

    def calendar(self, db: Connection, department_id: int | None) -> WorkCalendar:
        return calendar_of(db, department_id, self.version)


def question(db: Connection, actor: Actor, scope: Scope) -> Question:
    """Raises NotAllowed, NotFound; GroupTooSmall where it is about a kind of applicant of which there are too few."""
    if db.dialect.name == "postgresql":
        once(db, "one process", lambda: db.execute(_ONE_PROCESS).close())
    mine = seen(db, actor, scope.procedure_id)
    version = calendars_version(db)
    seen_through = window(db, scope, version)
    now = clock.now()
    today = seen_through.day_of(now)
    must_be_many(db, scope, mine)
    return Question(
        scope, seen_through, now, today, Days(seen_through.zone, max(today, scope.until)),
        rollups.asked(db, scope=scope, procedures=mine), version,
    )  # fmt: skip


def of_whole_cases(db: Connection, of: Question) -> Question:
    """The question, where whole cases are counted: a department's are those of the procedures it answers for.

    Where a procedure is asked about, all of its cases. Raises GroupTooSmall, as `question`.
    """
    there = of.scope.department_ids
    if there is None or of.scope.procedure_id is not None:
        return of
    mine = of.asked.procedures & answered_for(db, there)
    must_be_many(db, of.scope, mine)
    return replace(of, asked=rollups.asked(db, scope=of.scope, procedures=mine))


def must_be_many(db: Connection, scope: Scope, mine: frozenset[int]) -> None:
    """What is left of all when the others are taken away is as hidden as what is small itself. Raises GroupTooSmall."""
    if scope.applicant_kind is not None and scope.applicant_kind in hidden_of(cases_by_kind(db, scope, mine)):
        raise GroupTooSmall()


def cases_by_kind(db: Connection, scope: Scope, mine: frozenset[int]) -> Counter[int]:
    """Of the cases that ended in the period or are open, how many of each kind of applicant; 0: nobody said."""
    whole = replace(scope, applicant_kind=None)
    counted: Counter[int] = Counter()
    for place, sums in rollups.cases(db, rollups.asked(db, scope=whole, procedures=mine)).items():
        counted[place.applicant_kind] += sums.ended + sums.cancelled
    kind = func.coalesce(cases.c.applicant_kind, 0)
    for row in db.execute(
        select(kind, func.count()).where(*cases_of(whole, mine), cases.c.ended_at.is_(None)).group_by(kind)
    ):
        counted[row[0]] += row[1]
    return counted


def time(milliseconds: int) -> timedelta:
    return milliseconds * _MILLISECOND


def spread_of(n: int, milliseconds: int, bins: Bins | None) -> Spread:
    """Of `n` things that took so long together; the mean is exact, the others as near as their bin."""
    if not n:
        return Spread()
    held = bins or Bins()
    middle, outer, last = (held.ranked(percent, n) or 0 for percent in (50, 85, 95))
    return Spread(n, time(milliseconds), time(milliseconds) / n, time(middle), time(outer), time(last))


@frozen
class Owner:
    post_id: int
    post: Name
    department_id: int
    department: Name


def owners(db: Connection) -> dict[int, Owner]:
    """Every post with its department."""
    return once(db, "posts with departments", lambda: _owners(db))


def _owners(db: Connection) -> dict[int, Owner]:
    rows = db.execute(
        select(
            posts.c.id, posts.c.name_en, posts.c.name_zh, posts.c.department_id,
            departments.c.name_en.label("department_en"), departments.c.name_zh.label("department_zh"),
        ).join(departments, departments.c.id == posts.c.department_id)
    )  # fmt: skip
    return {
        row.id: Owner(
            row.id, Name(row.name_en, row.name_zh), row.department_id, Name(row.department_en, row.department_zh)
        )
        for row in rows
    }


def drawn_for(db: Connection, steps: Collection[StepKey], owning: Mapping[int, Owner]) -> dict[StepKey, Owner]:
    """Whose lane a step stands in, as its edition maps it; a step may lie with others all the same."""
    editions = frozenset(edition for _procedure, edition, _element in steps)
    mapped = once(db, ("lanes of", editions), lambda: _mapped(db, editions)) if editions else {}
    found: dict[StepKey, Owner] = {}
    for key in steps:
        post = mapped.get((key[1], contents(db, key[1]).owner_of.get(key[2], "")))
        if post is not None:
            found[key] = owning[post]
    return found


def _mapped(db: Connection, editions: frozenset[int]) -> dict[tuple[int, str], int]:
    rows = db.execute(
        select(drawn_owners.c.edition_id, drawn_owners.c.owner, drawn_owners.c.post_id).where(
            drawn_owners.c.edition_id.in_(sorted(editions))
        )
    )
    return {(row.edition_id, row.owner): row.post_id for row in rows}


def department_names(db: Connection) -> dict[int, Name]:
    rows = db.execute(select(departments.c.id, departments.c.name_en, departments.c.name_zh))
    return {row.id: Name(row.name_en, row.name_zh) for row in rows}
