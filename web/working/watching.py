"""Alerts that are due are looked at, reports that are due are made: read first, then noted, so that nobody waits for the reading."""

from __future__ import annotations

import logging
from typing import Final

from engine.base import clock
from engine.base.database import Database
from engine.base.errors import NotAllowed, NotFound
from engine.organisation.reads import is_founded
from engine.supervision.alerts import acts as alerts
from engine.supervision.alerts import reads as alert_reads
from engine.supervision.reports import acts as reports
from engine.supervision.reports import reads as report_reads
from engine.supervision.reports.gathering import gathered
from web.working.kinds import GoingOn

_log: Final = logging.getLogger("officium.working")
_AT_ONCE: Final = 100


def look_at_alerts(database: Database, going_on: GoingOn) -> int:
    """How many were looked at. Whoever may not see a figure any more is told so, once."""
    with database.reading() as db:
        due = alert_reads.due_alerts(db, at=clock.now(), limit=_AT_ONCE)
    return sum(_look(database, one) for one in due if going_on())


def _look(database: Database, alert_id: int) -> bool:
    at = clock.now()
    try:
        with database.reading() as db:
            measured = alert_reads.look(db, alert_id=alert_id, at=at)
    except (NotAllowed, NotFound):
        with database.writing() as db:
            return alerts.give_up_alert(db, alert_id=alert_id, at=at)
    with database.writing() as db:
        return alerts.note_look(db, alert_id=alert_id, measured=measured, at=at)


def make_reports(database: Database, going_on: GoingOn) -> int:
    """How many were made."""
    with database.reading() as db:
        due = report_reads.due_reports(db, at=clock.now(), limit=_AT_ONCE) if is_founded(db) else ()
    made = 0
    for department_id, week in due:
        if not going_on():
            break
        with database.reading() as db:
            report = gathered(db, department_id=department_id, week=week, now=clock.now())
        with database.writing() as db:
            made += reports.keep_report(db, report=report)
    if made:
        _log.info("%s weekly reports were made", made)
    return made
