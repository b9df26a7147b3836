"""Alerts are made, changed, paused and removed by whose they are; a look that was due is noted and told once."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any, Final

from sqlalchemy import Connection, Row, func, insert, select, update

from engine.base import clock
from engine.base.database import OFFICE, new_id
from engine.base.errors import NotFound
from engine.base.text import Name
from engine.notices.acts import tell, tell_program
from engine.organisation.calendars.reads import calendar_of
from engine.organisation.kept import on_person
from engine.organisation.rules import Actor
from engine.organisation.tables import persons
from engine.supervision.alerts import rules, words
from engine.supervision.alerts.kept import alert_of, fitted, standing_of
from engine.supervision.alerts.measuring import NOW, Measured
from engine.supervision.alerts.places import must_not_be_of_few
from engine.supervision.alerts.rules import Alert, Outcome
from engine.supervision.alerts.tables import alert_firings, alerts

_NOW_EVERY: Final = timedelta(minutes=5)
_WINDOW_EVERY: Final = timedelta(hours=1)
_t = alerts.c


def make_alert(db: Connection, *, by: Actor, alert: Alert) -> int:
    """Looked at from now on; where the person has the very same already, that is it. Raises what `fitted` raises, and TooManyAlerts."""
    fit = fitted(db, by=by, alert=alert)
    # Of two that come at once the second finds what the first has made.
    db.execute(select(persons.c.id).where(persons.c.id == by.person_id).with_for_update())
    there = _same(db, by, fit)
    if there is not None:
        return there
    mine = select(func.count()).where(_t.office_id == OFFICE, _t.person_id == by.person_id, _t.removed_at.is_(None))
    if (db.scalar(mine) or 0) >= rules.MOST_ALERTS:
        raise rules.TooManyAlerts(most=rules.MOST_ALERTS)
    made, at = new_id(), clock.now()
    db.execute(
        insert(alerts).values(office_id=OFFICE, id=made, person_id=by.person_id, made_at=at, next_at=at, **_values(fit))
    )
    on_person(db, by.person_id, by, "make_alert", {"alert": made, **_values(fit)})
    return made


def change_alert(db: Connection, *, by: Actor, alert_id: int, alert: Alert) -> None:
    """It begins anew: what it stood for is forgotten; not where nothing of it is changed. Raises what `fitted` raises."""
    row = _mine(db, by, alert_id)
    fit = fitted(db, by=by, alert=alert)
    if alert_of(row) == fit:
        return
    _recovered(db, row)
    _change(
        db, row, next_at=None if row.paused_at is not None else clock.now(), standing_since=None, value=None,
        looked_at=None, **_values(fit),
    )  # fmt: skip
    on_person(db, by.person_id, by, "change_alert", {"alert": alert_id, **_values(fit)})


def pause_alert(db: Connection, *, by: Actor, alert_id: int) -> None:
    row = _mine(db, by, alert_id)
    if row.paused_at is None:
        _change(db, row, paused_at=clock.now(), next_at=None)
        on_person(db, by.person_id, by, "pause_alert", {"alert": alert_id})


def resume_alert(db: Connection, *, by: Actor, alert_id: int) -> None:
    """Raises WorkOfFew."""
    row = _mine(db, by, alert_id)
    if row.paused_at is not None:
        must_not_be_of_few(db, by, alert_of(row))
        _change(db, row, paused_at=None, next_at=clock.now())
        on_person(db, by.person_id, by, "resume_alert", {"alert": alert_id})


def remove_alert(db: Connection, *, by: Actor, alert_id: int) -> bool:
    """False where they had removed it already."""
    row = _locked(db, alert_id)
    if row is None or row.person_id != by.person_id:
        raise NotFound(what=rules.ALERT)
    if row.removed_at is not None:
        return False
    _recovered(db, row)
    _change(db, row, removed_at=clock.now(), next_at=None)
    on_person(db, by.person_id, by, "remove_alert", {"alert": alert_id})
    return True


def note_look(db: Connection, *, alert_id: int, measured: Measured, at: datetime) -> bool:
    """What was measured at that moment: it is told where it fires, and when to look next. False where no look was due."""
    row = _locked(db, alert_id)
    if row is None or row.next_at is None or row.next_at > at:
        return False
    alert = alert_of(row)
    on = calendar_of(db).local_day(at)
    found = rules.outcome(alert, standing_of(db, row), measured.value, on)
    values: dict[str, Any] = {
        "looked_at": at, "value": measured.value, "next_at": at + (_NOW_EVERY if alert.figure in NOW else _WINDOW_EVERY),
    }  # fmt: skip
    if found is Outcome.FIRES:
        values |= {"standing_since": row.standing_since or at, "told_at": at}
        _fire(db, row, alert, measured.value or 0.0, at)
    elif found is Outcome.RECOVERS:
        values["standing_since"] = None
        _recovered(db, row)
    _change(db, row, **values)
    return True


def give_up_alert(db: Connection, *, alert_id: int, at: datetime) -> bool:
    """Whose it is may not see the figure any more: it is paused, and they are told."""
    row = _locked(db, alert_id)
    if row is None or row.next_at is None or row.next_at > at:
        return False
    _change(db, row, paused_at=at, next_at=None)
    on_person(db, row.person_id, None, "alert_given_up", {"alert": alert_id})
    tell(db, persons=[row.person_id], kind="alert_paused", facts={"outcome": Name(row.name, row.name)})
    return True


def _fire(db: Connection, row: Row[*tuple[Any, ...]], alert: Alert, value: float, at: datetime) -> None:
    db.execute(insert(alert_firings).values(office_id=OFFICE, alert_id=row.id, at=at, value=value))
    figure = words.told(alert, value)
    on_person(db, row.person_id, None, "alert_fired", {"alert": row.id, "figure": [figure.en, figure.zh]})
    facts: dict[str, Any] = {"outcome": Name(alert.name, alert.name), "figure": figure, "alert": row.id}
    if alert.webhook_id is not None:
        sent = tell_program(db, webhook_id=alert.webhook_id, person_id=row.person_id, kind="alert_fired", facts=facts)
        if sent:
            return
    tell(db, persons=[row.person_id], kind="alert_fired", facts=facts)


def _recovered(db: Connection, row: Row[*tuple[Any, ...]]) -> None:
    db.execute(
        update(alert_firings)
        .where(
            alert_firings.c.office_id == OFFICE, alert_firings.c.alert_id == row.id,
            alert_firings.c.recovered_at.is_(None),
        )
        .values(recovered_at=clock.now())
    )  # fmt: skip


def _same(db: Connection, by: Actor, alert: Alert) -> int | None:
    rows = db.execute(
        select(alerts).where(_t.office_id == OFFICE, _t.person_id == by.person_id, _t.removed_at.is_(None))
    )
    return next((row.id for row in rows if alert_of(row) == alert), None)


def _values(alert: Alert) -> dict[str, Any]:
    return {
        "name": alert.name, "figure": alert.figure, "kind": int(alert.kind), "threshold": alert.threshold,
        "days": alert.days, "procedure_id": alert.procedure_id, "element": alert.element,
        "department_id": alert.department_id, "repeats": int(alert.repeats), "webhook_id": alert.webhook_id,
    }  # fmt: skip


def _mine(db: Connection, by: Actor, alert_id: int) -> Row[*tuple[Any, ...]]:
    row = _locked(db, alert_id)
    if row is None or row.person_id != by.person_id or row.removed_at is not None:
        raise NotFound(what=rules.ALERT)
    return row


def _locked(db: Connection, alert_id: int) -> Row[*tuple[Any, ...]] | None:
    return db.execute(select(alerts).where(_t.office_id == OFFICE, _t.id == alert_id).with_for_update()).first()


def _change(db: Connection, row: Row[*tuple[Any, ...]], **values: Any) -> None:
    db.execute(update(alerts).where(_t.office_id == OFFICE, _t.id == row.id).values(**values))
