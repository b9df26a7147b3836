"""An alert as it is kept and as it would be: rows read, wishes judged."""

from __future__ import annotations

from typing import Any

from sqlalchemy import Connection, Row

from engine.notices.reads import programs_told
from engine.organisation.calendars.reads import calendar_of
from engine.organisation.rules import Actor
from engine.supervision.alerts import rules
from engine.supervision.alerts.measuring import NOW, OF_A_STEP, OF_CASES, WATCHED
from engine.supervision.alerts.places import must_be_there, must_not_be_of_few
from engine.supervision.alerts.rules import Alert
from engine.supervision.reads import must_watch


def fitted(db: Connection, *, by: Actor, alert: Alert) -> Alert:
    """As it would be kept. Raises NotAllowed, NotFound, WorkOfFew, and what keeps an alert from ever firing or recovering."""
    must_watch(by)
    fit = rules.fit(alert, now_figures=NOW, step_figures=OF_A_STEP, case_figures=OF_CASES, known=WATCHED)
    must_be_there(db, by, fit)
    must_not_be_of_few(db, by, fit)
    if fit.webhook_id is not None and fit.webhook_id not in dict(programs_told(db)):
        raise rules.WebhookGone()
    return fit


def alert_of(row: Row[*tuple[Any, ...]]) -> Alert:
    return Alert(
        row.name, row.figure, rules.Kind(row.kind), row.threshold, row.days, row.procedure_id, row.element,
        row.department_id, rules.Repeats(row.repeats), row.webhook_id,
    )  # fmt: skip


def standing_of(db: Connection, row: Row[*tuple[Any, ...]]) -> rules.Standing:
    told = None if row.told_at is None else calendar_of(db).local_day(row.told_at)
    return rules.Standing(row.standing_since is not None, told)
