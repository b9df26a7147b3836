"""The alerts of a person, those that are due to be looked at, and what one would have done lately."""

from __future__ import annotations

import time
from datetime import datetime, timedelta
from typing import Any, Final

from sqlalchemy import Connection, Row, func, select

from engine.base.database import OFFICE
from engine.base.errors import NotAllowed, NotFound
from engine.base.frozen import frozen
from engine.base.text import Name
from engine.organisation.calendars.reads import calendar_of
from engine.organisation.reads import actor as actor_of
from engine.organisation.rules import Actor
from engine.organisation.tables import departments
from engine.procedures.reads import element_names
from engine.procedures.tables import editions, procedures
from engine.supervision.alerts import rules
from engine.supervision.alerts.kept import alert_of
from engine.supervision.alerts.measuring import NOW, Measured, stood_on, value, valued_on
from engine.supervision.alerts.places import must_not_be_of_few
from engine.supervision.alerts.rules import Alert
from engine.supervision.alerts.tables import alert_firings, alerts

_t = alerts.c
LOOKS_BACK: Final = 30
_MOST_SECONDS: Final = 3.0
"""Somebody waits for the page: what is longer ago is left out then, and said so."""


@frozen
class AlertLine:
    alert_id: int
    alert: Alert
    procedure: str | None
    step: str | None
    department: Name | None
    value: float | None
    looked_at: datetime | None
    standing_since: datetime | None
    told_at: datetime | None
    paused_at: datetime | None
    fired: int


@frozen
class Preview:
    """`fired`: how often it would have been told in the `days` looked back at; None where there was too much to look at."""

    now: Measured
    fired: int | None
    days: int


def my_alerts(db: Connection, *, actor: Actor) -> tuple[AlertLine, ...]:
    """Those that stand first, then by name."""
    rows = db.execute(
        _lines()
        .where(_t.person_id == actor.person_id, _t.removed_at.is_(None))
        .order_by(_t.standing_since.is_(None), _t.paused_at.is_not(None), _t.name, _t.id)
    )
    return tuple(_line(db, actor, row) for row in rows)


def my_alert(db: Connection, *, actor: Actor, alert_id: int) -> AlertLine:
    row = db.execute(
        _lines().where(_t.id == alert_id, _t.person_id == actor.person_id, _t.removed_at.is_(None))
    ).first()
    if row is None:
        raise NotFound(what=rules.ALERT)
    return _line(db, actor, row)


def due_alerts(db: Connection, *, at: datetime, limit: int = 100) -> tuple[int, ...]:
    """The longest due first: read from one index."""
    return tuple(
        db.scalars(select(_t.id).where(_t.next_at.is_not(None), _t.next_at <= at).order_by(_t.next_at).limit(limit))
    )


def look(db: Connection, *, alert_id: int, at: datetime) -> Measured:
    """What the alert's figure is worth, with the posts its owner holds now. Raises NotAllowed, NotFound, WorkOfFew."""
    row = db.execute(select(alerts).where(_t.office_id == OFFICE, _t.id == alert_id)).first()
    if row is None:
        raise NotFound(what=rules.ALERT)
    actor, alert = actor_of(db, row.person_id), alert_of(row)
    must_not_be_of_few(db, actor, alert)
    return value(db, actor=actor, alert=alert, now=at)


def preview(db: Connection, *, actor: Actor, alert: Alert, now: datetime) -> Preview:
    """Its value now, and how often it would have been told lately. The alert must be fit."""
    present = value(db, actor=actor, alert=alert, now=now)
    today, begun = calendar_of(db).local_day(now), time.monotonic()
    found = [(today, present.value)]
    if alert.figure in NOW:
        days = [today - back * timedelta(days=1) for back in range(1, LOOKS_BACK)]
        past = stood_on(db, actor=actor, alert=alert, days=days)
        if not past:
            return Preview(present, None, 0)
        found += [(day, past[day].value) for day in days if day in past]
        return Preview(present, rules.would_have_fired(alert, reversed(found)), len(found))
    while len(found) < LOOKS_BACK and time.monotonic() - begun < _MOST_SECONDS:
        day = today - len(found) * timedelta(days=1)
        found.append((day, valued_on(db, actor=actor, alert=alert, day=day).value))
    return Preview(present, rules.would_have_fired(alert, reversed(found)), len(found))


def _lines() -> Any:
    fired = (
        select(func.count())
        .where(alert_firings.c.office_id == _t.office_id, alert_firings.c.alert_id == _t.id)
        .scalar_subquery()
    )
    newest = select(func.max(editions.c.id)).where(editions.c.procedure_id == _t.procedure_id).scalar_subquery()
    return (
        select(
            alerts, procedures.c.name.label("procedure"), departments.c.name_en.label("department_en"),
            departments.c.name_zh.label("department_zh"), fired.label("fired"), newest.label("newest"),
        )
        .outerjoin(procedures, procedures.c.id == _t.procedure_id)
        .outerjoin(departments, departments.c.id == _t.department_id)
        .where(_t.office_id == OFFICE)
    )  # fmt: skip


def _line(db: Connection, actor: Actor, row: Row[*tuple[Any, ...]]) -> AlertLine:
    names = {} if row.element is None or row.newest is None else element_names(db, row.newest)
    return AlertLine(
        row.id, alert_of(row), row.procedure, None if row.element is None else names.get(row.element, row.element),
        None if row.department_en is None else Name(row.department_en, row.department_zh),
        row.value if _may_see(db, actor, row) else None, row.looked_at, row.standing_since, row.told_at, row.paused_at, row.fired,
    )  # fmt: skip


def _may_see(db: Connection, actor: Actor, row: Row[*tuple[Any, ...]]) -> bool:
    """What was found last may have been found while more worked there, or before its owner lost the right to it."""
    try:
        must_not_be_of_few(db, actor, alert_of(row))
    except (NotAllowed, NotFound):
        return False
    return True
