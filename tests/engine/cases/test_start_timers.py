"""Cases that nobody begins: a start event that waits for a time, turn by turn, edition after edition."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest
from sqlalchemy import Connection, select

from engine.base import clock as base_clock
from engine.base.database import Database
from engine.cases import acts
from engine.cases.tables import cases
from engine.diagram.run import CannotRun
from engine.procedures import acts as procedures
from engine.procedures.rules import KeptOutOfForce
from engine.procedures.turns import due_turns, turns_of
from engine.records.journal import entries
from engine.records.verify import first_broken
from tests.builders import SmallOffice
from tests.conftest import BEGINNING, Clock
from tests.engine.diagram.builders import cycle, end, line, source, start, timer, user
from tests.worlds import every_head, in_force, next_edition

CLERK = {"process:p": "clerk"}
MONTHLY = "R/2026-01-01T09:00:00+08:00/P1M"
FIRST_OF_APRIL = datetime(2026, 4, 1, 1, tzinfo=UTC)


def _report(trigger: str, **words: str) -> bytes:
    said = {f"officium__{name}": value for name, value in words.items()}
    return source(
        start("s", trigger, name="First of the month 每月一日", **said), user("write"), end(), line("s", "write", "e")
    )


def _tick(database: Database) -> int:
    """As background work does: everything that is due, each in a transaction of its own."""
    begun = 0
    while True:
        with database.writing() as db:
            due = due_turns(db, at=base_clock.now())
        if not due:
            return begun
        for procedure_id, element in due:
            with database.writing() as db:
                begun += acts.begin_by_timer(db, procedure_id=procedure_id, element=element)


def _begun(db: Connection) -> list[str]:
    return list(db.scalars(select(cases.c.matter).order_by(cases.c.started_at, cases.c.id)))


def _due(db: Connection, procedure_id: int) -> list[datetime | None]:
    return [one.due_at for one in turns_of(db, procedure_id)]


def _monthly(database: Database, office: SmallOffice) -> int:
    with database.writing() as db:
        return in_force(db, office, _report(cycle(MONTHLY), matter="Report {month_before} 月报"), owners=CLERK)


def test_a_case_begins_with_each_turn_and_nobody_begins_it(
    database: Database, office: SmallOffice, clock: Clock
) -> None:
    procedure_id = _monthly(database, office)
    with database.reading() as db:
        assert _due(db, procedure_id) == [FIRST_OF_APRIL]
    assert _tick(database) == 0
    clock.set(FIRST_OF_APRIL)
    assert _tick(database) == 1
    assert _tick(database) == 0, "once for each turn"
    clock.set(datetime(2026, 5, 1, 1, tzinfo=UTC))
    assert _tick(database) == 1
    with database.reading() as db:
        assert _begun(db) == ["Report 2026-03 月报", "Report 2026-04 月报"]
        row = db.execute(select(cases).order_by(cases.c.started_at).limit(1)).one()
        assert (row.number, row.started_by) == ("BP-2026-0001", None)
        (entry,) = entries(db, row.id)
        assert (entry.act, entry.person_id) == ("start_case", None)
        assert '"element":"s"' in entry.facts
        assert "missed" not in entry.facts
        (turn,) = turns_of(db, procedure_id)
        assert (turn.turns, turn.last_at, turn.name) == (2, clock.now(), "First of the month 每月一日")
        assert first_broken(db, every_head(db)) is None


def test_without_words_of_its_own_it_is_called_by_its_event_and_applied_for_by_the_department(
    database: Database, office: SmallOffice, clock: Clock
) -> None:
    with database.writing() as db:
        in_force(db, office, _report(cycle(MONTHLY)), owners=CLERK)
    clock.set(FIRST_OF_APRIL)
    assert _tick(database) == 1
    with database.reading() as db:
        row = db.execute(select(cases)).one()
        assert row.matter == "First of the month 每月一日 2026-04-01"
        assert row.applicant


def test_turns_missed_while_nothing_ran_begin_one_case_which_says_so(
    database: Database, office: SmallOffice, clock: Clock
) -> None:
    procedure_id = _monthly(database, office)
    clock.set(datetime(2026, 7, 15, 1, tzinfo=UTC))
    assert _tick(database) == 1
    with database.reading() as db:
        assert _begun(db) == ["Report 2026-03 月报"]
        (entry,) = entries(db, db.execute(select(cases.c.id)).scalar_one())
        assert '"missed":3' in entry.facts
        assert _due(db, procedure_id) == [datetime(2026, 8, 1, 1, tzinfo=UTC)]


def test_a_date_begins_one_case_and_one_that_is_past_none(
    database: Database, office: SmallOffice, clock: Clock
) -> None:
    with database.writing() as db:
        to_come = in_force(db, office, _report(timer("2026-03-10", "timeDate")), owners=CLERK, prefix="TC")
        past = in_force(db, office, _report(timer("2026-03-01", "timeDate")), owners=CLERK, prefix="PA")
        assert (len(turns_of(db, to_come)), turns_of(db, past)) == (1, ())
    clock.set(datetime(2026, 3, 20, tzinfo=UTC))
    assert _tick(database) == 1
    clock.set(datetime(2027, 3, 20, tzinfo=UTC))
    assert _tick(database) == 0


def test_so_many_times_and_no_more(database: Database, office: SmallOffice, clock: Clock) -> None:
    with database.writing() as db:
        in_force(db, office, _report(cycle("R3/P1D")), owners=CLERK)
    for _ in range(6):
        clock.advance(days=1)
        _tick(database)
    with database.reading() as db:
        assert len(_begun(db)) == 3


def test_an_expression_gives_the_time(database: Database, office: SmallOffice, clock: Clock) -> None:
    with database.writing() as db:
        procedure_id = in_force(
            db, office, _report(timer('date("2026-03-05") + duration("P1D")', "timeDate")), owners=CLERK
        )
        assert _due(db, procedure_id) == [datetime(2026, 3, 5, 16, tzinfo=UTC)]


def test_what_gives_no_time_does_not_come_into_force(database: Database, office: SmallOffice) -> None:
    with database.writing() as db, pytest.raises(CannotRun, match="gives no time"):
        in_force(db, office, _report(timer('"soon" + "er"', "timeDate")), owners=CLERK)


def test_what_asks_for_an_answer_before_there_is_a_case_does_not_come_into_force(
    database: Database, office: SmallOffice
) -> None:
    with database.writing() as db, pytest.raises(KeptOutOfForce, match="deadline"):
        in_force(db, office, _report(timer("deadline", "timeDate")), owners=CLERK)


def test_the_next_edition_goes_on_where_the_last_one_was(database: Database, office: SmallOffice, clock: Clock) -> None:
    with database.writing() as db:
        procedure_id = in_force(db, office, _report(cycle("R/P7D")), owners=CLERK)
    clock.advance(days=5)
    with database.writing() as db:
        next_edition(db, office, procedure_id, _report(cycle("R/P7D"), matter="Weekly"), owners=CLERK)
        assert _due(db, procedure_id) == [BEGINNING + timedelta(days=7)]
    clock.advance(days=2)
    assert _tick(database) == 1
    with database.reading() as db:
        assert _begun(db) == ["Weekly"]


@pytest.mark.parametrize(
    "written", [MONTHLY, "R/2026-01-01T10:00:00+08:00/P1M", "R/2026-01-02T08:00:00+08:00/P1M", "0 0 10 1 * ?"]
)
def test_no_turn_is_lost_or_doubled_by_another_edition(
    database: Database, office: SmallOffice, clock: Clock, written: str
) -> None:
    """Whether its timer is drawn as before or otherwise."""
    procedure_id = _monthly(database, office)
    again = _report(cycle(written), matter="Report {month_before} 月报")
    clock.set(FIRST_OF_APRIL + timedelta(minutes=1))
    with database.writing() as db:  # the turn is due, and nothing has looked yet
        next_edition(db, office, procedure_id, again, owners=CLERK)
        assert _due(db, procedure_id) == [FIRST_OF_APRIL]
    assert _tick(database) == 1
    with database.writing() as db:
        next_edition(db, office, procedure_id, again, owners=CLERK)
    clock.set(FIRST_OF_APRIL + timedelta(days=29))
    _tick(database)
    clock.set(FIRST_OF_APRIL + timedelta(days=31))
    _tick(database)
    with database.reading() as db:
        begun = _begun(db)
    # Ten o'clock of the same first of April, or eight of the second, is no turn of its own: it is where that turn was moved to.
    assert begun == ["Report 2026-03 月报", "Report 2026-04 月报"]


@pytest.mark.parametrize("pending", [True, False], ids=["due and not begun", "begun"])
@pytest.mark.parametrize(
    ("written", "days"),
    [
        ("R/2026-01-01T10:00:00+08:00/P7D", [0, 8]),  # Thursdays: the first of April is a Wednesday
        ("R/2026-01-02T10:00:00+08:00/P7D", [0, 9]),  # Fridays: the third is nearer than half a week
        ("R/2026-01-05T10:00:00+08:00/P7D", [0, 5]),  # Mondays: the sixth is a turn of its own
        ("2026-04-01T10:00:00+08:00", [0]),
        ("2026-04-03T10:00:00+08:00", [0, 2]),
    ],
)
def test_one_case_for_each_turn_whatever_is_drawn_instead(
    database: Database, office: SmallOffice, clock: Clock, written: str, days: list[int], pending: bool
) -> None:
    procedure_id = _monthly(database, office)
    clock.set(FIRST_OF_APRIL + timedelta(minutes=1))
    if not pending:
        _tick(database)
    with database.writing() as db:
        trigger = cycle(written) if written.startswith("R") else timer(written, "timeDate")
        next_edition(db, office, procedure_id, _report(trigger), owners=CLERK)
    found = []
    for day in range(11):
        clock.set(FIRST_OF_APRIL + timedelta(days=day, hours=2))
        begun = _tick(database)
        assert begun <= 1
        found += [day] * begun
    with database.reading() as db:
        assert len(_begun(db)) == (len(found) if pending else len(found) + 1)
    assert found == (days if pending else days[1:])


def test_out_of_force_nothing_begins(database: Database, office: SmallOffice, clock: Clock) -> None:
    procedure_id = _monthly(database, office)
    with database.writing() as db:
        procedures.take_out_of_force(db, by=office.actor(db, "he"), procedure_id=procedure_id)
        assert turns_of(db, procedure_id) == ()
    clock.set(FIRST_OF_APRIL)
    assert _tick(database) == 0
    with database.writing() as db:
        next_edition(db, office, procedure_id, _report(cycle(MONTHLY)), owners=CLERK)
        assert _due(db, procedure_id) == [datetime(2026, 5, 1, 1, tzinfo=UTC)]


def test_an_edition_without_such_a_start_disarms_it(database: Database, office: SmallOffice, clock: Clock) -> None:
    procedure_id = _monthly(database, office)
    plain = source(start(), user("write"), end(), line("s", "write", "e"))
    with database.writing() as db:
        next_edition(db, office, procedure_id, plain, owners=CLERK)
        assert turns_of(db, procedure_id) == ()


def test_not_before_it_is_due_and_not_for_what_is_not_there(
    database: Database, office: SmallOffice, clock: Clock
) -> None:
    procedure_id = _monthly(database, office)
    clock.set(FIRST_OF_APRIL - timedelta(milliseconds=1))
    with database.writing() as db:
        assert due_turns(db, at=clock.now()) == ()
        assert not acts.begin_by_timer(db, procedure_id=procedure_id, element="s")
        assert not acts.begin_by_timer(db, procedure_id=procedure_id, element="nowhere")
        assert not acts.begin_by_timer(db, procedure_id=999, element="s")


def test_what_fails_begins_nothing_and_is_due_still(
    database: Database, office: SmallOffice, clock: Clock, monkeypatch: pytest.MonkeyPatch
) -> None:
    procedure_id = _monthly(database, office)
    clock.set(FIRST_OF_APRIL)

    def fails(*_args: object, **_kwargs: object) -> None:
        raise RuntimeError("the disk is full")

    with monkeypatch.context() as patch:
        patch.setattr("engine.cases.acts.turning.begin", fails)
        with pytest.raises(RuntimeError), database.writing() as db:
            acts.begin_by_timer(db, procedure_id=procedure_id, element="s")
    assert _tick(database) == 1
