"""What is foretold of an office's open cases is held to how those of the weeks before came out."""

from __future__ import annotations

from typing import Any

import pytest
from sqlalchemy import Connection, Row, delete, select, update

from engine.base.database import Database
from engine.supervision.forecast import foretelling, past, reads
from engine.supervision.forecast.kept import learned_of
from engine.supervision.forecast.tables import forecasts, weeks
from engine.supervision.forecast.tables import past as past_forecasts
from tests.builders import SmallOffice
from tests.conftest import Clock
from tests.engine.supervision.forecast.scene import complete
from tests.engine.supervision.forecast.test_foretelling import foretold, history
from tests.worlds import begun


def _waiting(
    db: Connection, office: SmallOffice, clock: Clock, *, weeks: int, number: int = 6
) -> tuple[int, list[int]]:
    """Cases used to take two days, a few two weeks; then a few came each Friday, and none was done."""
    procedure_id = history(db, office, clock)
    foretelling.learn(db, one=foretelling.lesson(db, procedure_id=procedure_id, trees=None))
    found = []
    for _ in range(weeks):
        clock.advance(days=4)
        found += [begun(db, office, procedure_id).case_id for _ in range(number)]
        clock.advance(days=3)
    return procedure_id, found


def _told(db: Connection) -> list[Row[Any]]:
    table = past_forecasts.c
    return list(
        db.execute(
            select(
                table.week, table.case_id, table.low_at, table.middle_at, table.high_at, table.promise,
                table.reckoned_low_at, table.reckoned_middle_at, table.reckoned_high_at,
            ).order_by(table.week, table.case_id)
        )
    )  # fmt: skip


def test_where_cases_wait_longer_than_foretold_that_is_said_and_reckoned_with(
    database: Database, office: SmallOffice, clock: Clock
) -> None:
    with database.writing() as db:
        procedure_id, waiting = _waiting(db, office, clock, weeks=4)
        before = foretold(db, procedure_id, clock)
        case_id = begun(db, office, procedure_id).case_id
        foretold(db, procedure_id, clock)
        sun = office.actor(db, "sun")
        plain = reads.case_forecast(db, actor=sun, case_id=case_id, now=clock.now())
        past.look_back(db, procedure_id=procedure_id)
        about = learned_of(db, procedure_id)
        assert about is not None
        assert about.stretch > 1.3
        assert before == len(waiting)
        assert foretold(db, procedure_id, clock) == len(waiting) + 1, "all are told anew"
        assert foretold(db, procedure_id, clock) == 0

        held = reads.case_forecast(db, actor=sun, case_id=case_id, now=clock.now())
        assert plain is not None
        assert held is not None
        assert plain.why_held is None
        assert plain.low is not None
        assert (held.low, held.similar) == (plain.low, plain.similar)
        assert (held.high or plain.low) > (plain.high or plain.low)
        assert (held.middle or plain.low) > (plain.middle or plain.low)
        assert (held.promise or 0) >= (plain.promise or 0)
        assert held.source.en.endswith("similar cases at this step, held to how the last four weeks came out")
        assert held.said.en.endswith(", held to how the last four weeks came out.")
        assert held.why_held is not None
        assert held.why_held.en == (
            f"Cases took longer than foretold in the last four weeks, so the end is told as it was reckoned and "
            f"{about.stretch:g} times as far off: the range holds both, the likeliest end lies between, and a chance to be "
            "late is the mean of both."
        )
        assert f"其 {about.stretch:g} 倍" in held.why_held.zh


def test_what_was_reckoned_is_kept_beside_what_was_told_and_alone_learned_from(
    database: Database, office: SmallOffice, clock: Clock
) -> None:
    with database.writing() as db:
        procedure_id, _waited = _waiting(db, office, clock, weeks=6)
        past.look_back(db, procedure_id=procedure_id)
        rows = _told(db)
        held = [row for row in rows if row.reckoned_high_at is not None]
        assert held
        assert all(row.low_at == row.reckoned_low_at for row in held)
        assert all(row.middle_at >= row.reckoned_middle_at and row.high_at >= row.reckoned_high_at for row in held)
        about = learned_of(db, procedure_id)
        assert about is not None
        assert about.stretch > 1
        # Whatever had been told in place of it, the same is learned.
        db.execute(
            update(past_forecasts)
            .where(past_forecasts.c.reckoned_high_at.is_not(None))
            .values(middle_at=past_forecasts.c.made_at, high_at=past_forecasts.c.made_at)
        )
        past.look_back(db, procedure_id=procedure_id)
        assert learned_of(db, procedure_id) == about


def test_nothing_is_learned_from_what_came_later(database: Database, office: SmallOffice, clock: Clock) -> None:
    with database.writing() as db:
        procedure_id, waiting = _waiting(db, office, clock, weeks=8)
        past.look_back(db, procedure_id=procedure_id)
        before = _told(db)
        assert any(row.reckoned_high_at is not None for row in before)
        this = max(row.week for row in before)
        for case_id in waiting:
            for login in ("li", "wang"):
                complete(db, office, case_id, login)
        clock.advance(hours=1)
        db.execute(delete(past_forecasts))
        db.execute(delete(weeks))
        past.look_back(db, procedure_id=procedure_id)
        again = {(row.week, row.case_id): row for row in _told(db)}
        for row in before:
            if row.week < this:
                assert again[row.week, row.case_id] == row


def test_where_cases_come_as_foretold_nothing_is_said(database: Database, office: SmallOffice, clock: Clock) -> None:
    with database.writing() as db:
        procedure_id = history(db, office, clock)
        foretelling.learn(db, one=foretelling.lesson(db, procedure_id=procedure_id, trees=None))
        past.look_back(db, procedure_id=procedure_id)
        begun(db, office, procedure_id)
        foretold(db, procedure_id, clock)
        assert db.scalars(select(forecasts.c.stretch)).all() == [None]
        assert all(row.reckoned_low_at is None for row in _told(db))
        about = learned_of(db, procedure_id)
        assert about is not None
        assert about.stretch == pytest.approx(1.0)
