"""How each procedure stands: its cases, what its open tasks wait for, and who is shown that."""

from __future__ import annotations

from datetime import timedelta

import pytest
from sqlalchemy import Connection

from engine.base.database import Database
from engine.base.errors import NotAllowed
from engine.cases import acts
from engine.procedures import reads as procedure_reads
from engine.supervision import reads
from engine.supervision.bottlenecks.overview import ProcedureStanding, overview
from engine.supervision.bottlenecks.reads import bottlenecks
from engine.supervision.bottlenecks.rules import Standing
from tests.builders import SmallOffice
from tests.conftest import BEGINNING, Clock
from tests.counting import counting
from tests.diagram_text import END, START, lanes, process, step, way
from tests.engine.diagram import builders as drawing
from tests.worlds import begun, in_force

HOUR = timedelta(hours=1)
TWO_STEPS = process(
    lanes(counter=("start", "ask", "end"), bureau=("answer",))
    + START + step("ask", "Ask", 'officium:standardTime="PT10H"') + step("answer", "Answer", 'officium:external="true"')
    + END + way("start", "ask", "answer", "end")
)  # fmt: skip


def _told(
    db: Connection, office: SmallOffice, clock: Clock, login: str = "sun", **ago: float
) -> dict[str, ProcedureStanding]:
    since = clock.now() - timedelta(**ago)
    return {one.prefix: one for one in overview(db, actor=office.actor(db, login), since=since)}


def test_every_open_task_is_counted_once_and_the_late_one_as_late(
    database: Database, office: SmallOffice, clock: Clock
) -> None:
    with database.writing() as db:
        procedure_id = in_force(db, office, TWO_STEPS)
        case_ids = []
        for _ in range(5):
            case_ids.append(begun(db, office, procedure_id).case_id)
            clock.moment += 3 * HOUR
        # Opened 0, 3, 6, 9 and 12 hours after the beginning; now is 15 hours after it; ten hours are promised.
        acts.claim(db, by=office.actor(db, "li"), case_id=case_ids[3], number=1)
        acts.complete_task(db, by=office.actor(db, "chen"), case_id=case_ids[4], number=1, submitted={})
        one = _told(db, office, clock)["BP"]
    assert (one.waiting.n, one.waiting.late, one.working.n, one.working.late) == (3, 2, 1, 0)
    assert (one.outside.n, one.stopped.n, one.handed.n, one.late) == (1, 0, 0, 2)
    assert (one.tasks, one.open, one.oldest) == (5, 5, BEGINNING)


def test_the_overview_tells_how_each_procedure_stands(database: Database, office: SmallOffice, clock: Clock) -> None:
    broken = drawing.source(
        drawing.start(), drawing.step("serviceTask", "machine"), drawing.user("after"), drawing.end(),
        drawing.line("s", "machine", "after", "e"),
    )  # fmt: skip
    with database.writing() as db:
        busy = in_force(db, office, TWO_STEPS)
        stuck = in_force(db, office, broken, owners={"process:p": "reviewer"}, prefix="ST")
        case_ids = [begun(db, office, busy).case_id for _ in range(3)]
        begun(db, office, stuck, by="wang")
        for number, login in ((1, "li"), (2, "wang")):
            acts.complete_task(db, by=office.actor(db, login), case_id=case_ids[1], number=number, submitted={})
        told = _told(db, office, clock)
        one = told["BP"]
        assert (one.open, one.finished, one.late, one.incidents) == (2, 1, 0, 0)
        assert one.edition_in_force == procedure_reads.procedure(db, busy).in_force_id
        assert (told["ST"].open, told["ST"].incidents, told["ST"].tasks) == (1, 1, 0)
        clock.advance(hours=1)
        assert _told(db, office, clock)["BP"].finished == 0


def test_a_procedure_without_any_case_is_told_too(database: Database, office: SmallOffice, clock: Clock) -> None:
    with database.writing() as db:
        procedure_id = in_force(db, office, TWO_STEPS)
        (one,) = _told(db, office, clock).values()
    assert (one.procedure_id, one.open, one.oldest, one.finished, one.tasks) == (procedure_id, 0, None, 0, 0)


def _queue(db: Connection, office: SmallOffice, clock: Clock, periods: str) -> Standing:
    """Eight cases that nobody takes for six days."""
    source = process(START + step("check", "Check", 'officium:standardTime="P1D"') + step("tell", "Tell") + END
                     + way("start", "check", "tell", "end")).replace(b"<process ", f"<process {periods} ".encode(), 1)  # fmt: skip
    made = in_force(db, office, source, owners={"process:procedure": "reviewer"})
    for _ in range(8):
        begun(db, office, made, by="sun")
    clock.advance(days=6)
    (one,) = bottlenecks(db, actor=office.actor(db, "sun"), now=clock.now()).found
    return one.at


def test_only_the_promise_is_called_missed_and_no_other_period(
    database: Database, office: SmallOffice, clock: Clock
) -> None:
    told_in_five = 'officium:ruleSet="cn-licensing" officium:promised="P40D" officium:promiseFrom="start" officium:countsFrom="tell"'
    with database.writing() as db:
        one = _queue(db, office, clock, told_in_five)
    assert one.promised
    assert len(one.left) == 8
    assert min(one.left) > 20


def test_where_nothing_is_promised_the_day_each_task_is_due_counts(
    database: Database, office: SmallOffice, clock: Clock
) -> None:
    with database.writing() as db:
        one = _queue(db, office, clock, "")
    assert not one.promised
    assert one.left == (-1.0,) * 8


@pytest.mark.parametrize("login", ["li", "wang", "he", "guo"])
def test_the_watch_is_for_supervisors(database: Database, office: SmallOffice, clock: Clock, login: str) -> None:
    with database.writing() as db:
        in_force(db, office, TWO_STEPS)
        by = office.actor(db, login)
        for asked in (
            lambda: overview(db, actor=by, since=clock.now()),
            lambda: bottlenecks(db, actor=by, now=clock.now()),
            lambda: reads.open_incidents(db, actor=by),
            lambda: reads.waiting_calls(db, actor=by),
        ):
            with pytest.raises(NotAllowed):
                asked()


def test_a_supervisor_sees_the_procedures_their_departments_have_a_part_in(
    database: Database, office: SmallOffice, clock: Clock
) -> None:
    with database.writing() as db:
        for prefix, owners in (
            ("BU", {"lane:counter": "administrator", "lane:bureau": "administrator"}),
            ("BR", {"lane:counter": "administrator", "lane:bureau": "reviewer"}),
        ):
            in_force(db, office, TWO_STEPS, owners=owners, department="bureau", prefix=prefix)
        in_force(db, office, TWO_STEPS)
        assert list(_told(db, office, clock, "sun")) == ["BP", "BR"]
        assert list(_told(db, office, clock, "zhou")) == ["BP", "BR", "BU"]


def test_it_costs_no_more_statements_for_more_procedures(database: Database, office: SmallOffice, clock: Clock) -> None:
    def cost() -> int:
        """Once warm: what is made of an edition stays in the process."""
        for _ in range(2):
            with database.reading() as db:
                sun = office.actor(db, "sun")
                with counting(database) as counted:
                    overview(db, actor=sun, since=clock.now())
        return len(counted.statements)

    with database.writing() as db:
        begun(db, office, in_force(db, office, TWO_STEPS))
    few = cost()
    with database.writing() as db:
        for prefix in ("QA", "QB", "QC"):
            begun(db, office, in_force(db, office, TWO_STEPS, prefix=prefix))
    assert cost() == few <= 9
