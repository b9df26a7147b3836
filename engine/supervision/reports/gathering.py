"""What a weekly report says, asked of the figures as a supervisor of that department would be told them."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date, datetime, timedelta
from typing import Final

from sqlalchemy import Connection, case, func, select

from engine.base.database import OFFICE
from engine.base.text import Name
from engine.cases.handing.rows import SILENT
from engine.cases.tables import hand_overs, tasks
from engine.organisation.calendars.reads import calendar_of
from engine.organisation.reads import department_and_below, department_name
from engine.organisation.rules import Actor, HeldPost, Right
from engine.supervision.acting.corrective.rules import State
from engine.supervision.acting.corrective.tables import corrective_actions
from engine.supervision.alerts.measuring import OF_CASES, several
from engine.supervision.alerts.rules import FEW
from engine.supervision.bottlenecks import words
from engine.supervision.bottlenecks.maps import day_length
from engine.supervision.bottlenecks.reads import bottlenecks
from engine.supervision.cards.kinds import Kind
from engine.supervision.cards.tables import cards
from engine.supervision.figures import reads as figures
from engine.supervision.figures.behind import behind
from engine.supervision.figures.rules import Scope
from engine.supervision.figures.sight import answered_for, midnight
from engine.supervision.reports import rules
from engine.supervision.reports.rules import WEEK, FigureLine, HandLine, LateCase, Report, Trouble

_DAY: Final = timedelta(days=1)
_CARDS: Final = {"yellow": Kind.YELLOW, "red": Kind.RED}


def gathered(db: Connection, *, department_id: int, week: date, now: datetime) -> Report:
    """Of the department and all below it. What stands now, stands as it does at `now`."""
    name, there = department_name(db, department_id), department_and_below(db, [department_id])
    eye = _eye(department_id, name)
    scope = Scope(week, week + WEEK - _DAY, department_ids=there)
    before = Scope(week - WEEK, week - _DAY, department_ids=there)
    late, late_total = _late(db, eye, scope, now)
    return Report(
        department_id=department_id, department=name, week=week, bottlenecks=_bottlenecks(db, eye, there, now),
        figures=tuple(_figures(db, eye, scope, before)), late=late, late_total=late_total,
        hand_overs=tuple(_hand_overs(db, eye, scope)), to_accept=_to_accept(db, there),
        cards=_cards(db, there, week), actions=_actions(db, there, now),
        day_hours=day_length(calendar_of(db, department_id), scope.until) / timedelta(hours=1),
    )  # fmt: skip


def _eye(department_id: int, name: Name) -> Actor:
    """Nobody: it sees what whoever supervises the department sees, and no more."""
    post = HeldPost(0, department_id, frozenset({Right.SUPERVISE}), "", "", name.en, name.zh)
    return Actor(0, "", "", "", "en", (post,))


def _bottlenecks(db: Connection, eye: Actor, there: frozenset[int], now: datetime) -> tuple[Trouble, ...]:
    told = bottlenecks(db, actor=eye, now=now)
    here = [one for one in told.found if one.at.department_id in there]
    return tuple(
        Trouble(
            _fixed(words.place(one)),
            _fixed(words.standing(one, told.by)),
            tuple(map(_fixed, words.causes(one))) if one.causes else (),
        )
        for one in here[: rules.MOST_BOTTLENECKS]
    )


def _fixed(said: Name) -> Name:
    return Name(said.en, said.zh)


def _figures(db: Connection, eye: Actor, scope: Scope, before: Scope) -> Iterator[FigureLine]:
    """Of whole cases only where the department answers for a procedure: else noughts would stand beside its open tasks."""
    answers = scope.department_ids is None or answered_for(db, scope.department_ids)
    keys = [key for key in rules.FIGURES if answers or key not in OF_CASES]
    now_, then = (several(db, actor=eye, figures=keys, scope=one) for one in (scope, before))
    for key in keys:
        yield FigureLine(key, now_[key].value, then[key].value, now_[key].n, then[key].n)


def _late(db: Connection, eye: Actor, scope: Scope, now: datetime) -> tuple[tuple[LateCase, ...], int]:
    today = calendar_of(db).local_day(now)
    found = behind(
        db, actor=eye, scope=Scope(today, today, department_ids=scope.department_ids), number="now.late",
        limit=rules.MOST_LATE,
    )  # fmt: skip
    lines = [
        LateCase(one.case_id, one.task_number, one.case_number, one.step or "", one.post or Name("", ""), one.due_at)
        for one in found.cases
        if one.task_number is not None and one.due_at is not None
    ]
    return tuple(sorted(lines, key=lambda one: one.due_at)), found.total


def _hand_overs(db: Connection, eye: Actor, scope: Scope) -> Iterator[HandLine]:
    """The busiest first. Of fewer than five no wait is told."""
    found = figures.hand_overs(db, actor=eye, scope=scope)
    for one in sorted(found, key=lambda one: -one.n)[:20]:
        mean = one.wait.mean
        wait = None if mean is None or one.wait.n < FEW else mean.total_seconds() / 3600
        yield HandLine(one.from_department, one.to_department, one.n, wait, one.returned)


def _to_accept(db: Connection, there: frozenset[int]) -> int:
    query = (
        select(func.count())
        .select_from(hand_overs)
        .join(
            tasks,
            (tasks.c.office_id == hand_overs.c.office_id)
            & (tasks.c.case_id == hand_overs.c.case_id)
            & (tasks.c.number == hand_overs.c.task_number),
        )
        .where(
            hand_overs.c.office_id == OFFICE, hand_overs.c.to_department_id.in_(there), SILENT,
            tasks.c.closed_at.is_(None),
        )
    )  # fmt: skip
    return db.scalar(query) or 0


def _cards(db: Connection, there: frozenset[int], week: date) -> dict[str, tuple[int, int]]:
    zone = calendar_of(db).zone
    begin, end = midnight(week, zone), midnight(week + WEEK, zone)
    is_new = case((cards.c.given_at >= begin, 1), else_=0).label("is_new")
    rows = db.execute(
        select(cards.c.kind, is_new, func.count().label("n"))
        .where(
            cards.c.office_id == OFFICE, cards.c.department_id.in_(there),
            cards.c.given_at >= midnight(week - WEEK, zone), cards.c.given_at < end, cards.c.lifted_at.is_(None),
        )
        .group_by(cards.c.kind, is_new)
    )  # fmt: skip
    found = {(row.kind, row.is_new): row.n for row in rows}
    return {word: (found.get((kind, 1), 0), found.get((kind, 0), 0)) for word, kind in _CARDS.items()}


def _actions(db: Connection, there: frozenset[int], now: datetime) -> tuple[int, int]:
    on = calendar_of(db).local_day(now)
    _t = corrective_actions.c
    row = db.execute(
        select(func.count().label("open"), func.sum(case((_t.due_on < on, 1), else_=0)).label("late")).where(
            _t.office_id == OFFICE, _t.department_id.in_(there), _t.state == State.OPEN
        )
    ).one()
    return row.open, int(row.late or 0)
