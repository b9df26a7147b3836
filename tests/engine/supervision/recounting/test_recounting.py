"""History counted again by the calendar as it is: all of it, in slices, as if it had been counted so from the beginning."""

from __future__ import annotations

from datetime import time

import pytest
from sqlalchemy import delete, func, select

from engine.base.database import Database
from engine.notices.tables import notices
from engine.organisation.calendars import acts as calendars
from engine.organisation.calendars.reads import calendars_version
from engine.records.tables import entries
from engine.records.verify import first_broken
from engine.supervision.figures import tables
from engine.supervision.figures.rebuilding import compare_all
from engine.supervision.figures.sums import KINDS
from engine.supervision.recounting import acts, reads, rounds, rules
from engine.worktime.calendar import Hours
from tests.builders import SmallOffice
from tests.conftest import Clock
from tests.engine.supervision.figures.keeping_histories import History
from tests.engine.supervision.figures.test_rebuilding import _everything, history
from tests.worlds import every_head

__all__ = ["history"]
SHORT = [(Hours(time(9), time(9, 10)),)] * 5 + [()] * 2


def test_history_is_counted_again_in_slices_as_if_it_had_been_counted_so_from_the_beginning(
    history: History,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(rules, "CASES_AT_ONCE", 1)
    office = history.office
    with history.database.writing() as db:
        before = _everything(db)
        calendars.set_hours(db, by=None, week=SHORT)
        asked = acts.ask_recount(db, by=office.actor(db, "zhou"), reason=" The hours were wrong. ")
        assert acts.ask_recount(db, by=office.actor(db, "guo"), reason="Again.") == asked
    turns = iter([True, False])
    rounds.recount(history.database, lambda: next(turns, False))  # killed behind the first slice
    with history.database.reading() as db:
        (line,) = reads.recount_list(db, actor=office.actor(db, "zhou"))
        assert (line.looked_at, line.cases, line.done, line.reason) == (1, 2, 0.5, "The hours were wrong.")
    rounds.recount(history.database, lambda: True)
    assert rounds.recount(history.database, lambda: True) == 0
    with history.database.writing() as db:
        (line,) = reads.recount_list(db, actor=office.actor(db, "zhou"))
        assert line.ended_at is not None
        assert line.recounted == len(before["figure_spells"]) + len(before["figure_journeys"])
        recounted = _everything(db)
        assert {one["counted_by"] for one in recounted["figure_spells"]} == {calendars_version(db)}
        assert recounted["figure_spells"] != before["figure_spells"]
        for table in (tables.spells, tables.journeys, *(kind.table for kind in KINDS)):
            db.execute(delete(table))
    compare_all(history.database)
    with history.database.reading() as db:
        assert _everything(db) == recounted
        told = db.scalars(select(notices.c.person_id).where(notices.c.kind == "figures_recounted")).all()
        assert told == [office.persons["zhou"]]
        for act in ("recount_figures", "figures_recounted"):
            assert db.scalar(select(func.count()).where(entries.c.act == act)) == 1
        assert first_broken(db, every_head(db)) is None


def test_it_is_asked_for_with_a_reason_by_who_supervises_or_administers(
    database: Database, office: SmallOffice, clock: Clock
) -> None:
    with database.writing() as db:
        with pytest.raises(rules.ReasonForRecount):
            acts.ask_recount(db, by=office.actor(db, "zhou"), reason=" ")
        with pytest.raises(rules.NotYoursToRecount):
            acts.ask_recount(db, by=office.actor(db, "li"), reason="So.")
        assert reads.running(db) is None
