"""A log handed in, read in the background, looked at, compared and deleted."""

from __future__ import annotations

import io
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest
from sqlalchemy import func, select

from engine.base.database import Database
from engine.base.errors import NotAllowed, NotFound
from engine.procedures.reads import in_force as edition_in_force
from engine.records.tables import entries
from engine.supervision.mining import acts, compared, importing, kept, reads, rules
from engine.supervision.mining.alignment import Kind
from engine.supervision.mining.events import Lifecycle
from engine.supervision.mining.opened import take_log
from engine.supervision.mining.reads import Behind
from engine.supervision.mining.refusals import SENTENCES, Left
from engine.supervision.mining.rules import Chosen, State
from engine.supervision.mining.tables import log_aligned, log_cases, log_checks, log_events, log_ways, log_words, logs
from tests.builders import SmallOffice
from tests.conftest import Clock
from tests.engine.supervision.mining.files import (
    cabinet,
    day,
    event,
    handed_in,
    imported,
    table,
    trace,
    xes,
)
from tests.worlds import in_force

SMALL = xes(
    trace("one", event("Receive", day(2)), event("Review", day(3), "start", org__resource="Li"),
          event("Review", day(3, 11), org__resource="Li", org__group="Law"), event("Issue", day(4), org__group="Desk")),
    trace("two", event("Receive", day(2)), event("Review", day(3)), event("Review", day(5)), event("Issue", day(6))),
    trace("three", event("Receive", day(2)), event("Issue", day(2, 10))),
)  # fmt: skip


def test_a_log_is_read_in_the_background_and_its_figures_are_there(
    database: Database, office: SmallOffice, tmp_path: Path
) -> None:
    papers = cabinet(tmp_path)
    log_id = imported(database, office, papers, SMALL)
    with database.reading() as db:
        sun = office.actor(db, "sun")
        page = reads.log(db, actor=sun, log_id=log_id)
        assert page.line.state is State.READY
        found = page.figures
        assert found is not None
        assert (found.cases, found.events, found.steps, found.ways, found.reworked) == (3, 10, 9, 3, 1)
        assert {one.activity: (one.n, one.cases, one.repeated) for one in found.activities} == {
            "Receive": (3, 3, 0), "Review": (3, 2, 1), "Issue": (3, 3, 0),
        }  # fmt: skip
        review = next(one for one in found.activities if one.activity == "Review")
        assert (review.touched.n, review.touched.total) == (1, 2 * 3600 * 1000)
        assert (review.waiting.n, review.waiting.total) == (1, 24 * 3600 * 1000)
        case = reads.case(db, actor=sun, log_id=log_id, number=0)
        assert [(one.activity, one.lifecycle) for one in case.events] == [
            ("Receive", Lifecycle.COMPLETE), ("Review", Lifecycle.START), ("Review", Lifecycle.COMPLETE),
            ("Issue", Lifecycle.COMPLETE),
        ]  # fmt: skip


def test_the_cases_behind_every_number_are_as_many_as_it_says(
    database: Database, office: SmallOffice, tmp_path: Path
) -> None:
    log_id = imported(database, office, cabinet(tmp_path), SMALL)
    with database.reading() as db:
        sun = office.actor(db, "sun")
        figures = reads.log(db, actor=sun, log_id=log_id).figures
        assert figures is not None

        def names(**asked: object) -> list[str]:
            total, some = reads.cases_behind(db, actor=sun, log_id=log_id, behind=Behind(**asked))  # type: ignore[arg-type]
            assert total == len(some)
            return [one.name for one in some]

        for one in figures.activities:
            assert len(names(activity=one.activity)) == one.cases
            assert len(names(activity=one.activity, before="")) == one.first
            assert len(names(activity=one.activity, last=True)) == one.last
        for path in figures.paths:
            assert len(names(activity=path.target, before=path.source)) == path.cases
        assert names(repeated=True) == ["two"]
        assert names(activity="Receive", repeated=True) == []
        assert names(activity="nothing") == []
        assert names() == ["one", "two", "three"]
        cases, ways = reads.ways(db, actor=sun, log_id=log_id)
        assert cases == sum(one.cases for one in ways) == 3
        assert names(ways=frozenset({ways[0].number}))


def test_the_way_that_most_cases_went_is_the_first_and_each_case_says_which_it_went(
    database: Database, office: SmallOffice, tmp_path: Path
) -> None:
    def went(case: str, *steps: str) -> str:
        return trace(case, *(event(step, day(2 + place)) for place, step in enumerate(steps)))

    log = xes(went("rare", "Ask", "End"), went("1", "Ask"), went("2", "Ask", "Ask"), went("3", "Ask", "Ask"),
              went("4", "Ask"), went("5", "Ask", "Ask"))  # fmt: skip
    log_id = imported(database, office, cabinet(tmp_path), log)
    with database.reading() as db:
        sun = office.actor(db, "sun")
        _cases, ways = reads.ways(db, actor=sun, log_id=log_id)
        assert [(one.number, one.steps, one.cases) for one in ways] == [
            (0, ("Ask", "Ask"), 3), (1, ("Ask",), 2), (2, ("Ask", "End"), 1),
        ]  # fmt: skip
        for one in ways:
            behind = reads.Behind(ways=frozenset({one.number}))
            count, cases = reads.cases_behind(db, actor=sun, log_id=log_id, behind=behind)
            assert (count, {case.steps for case in cases}) == (one.cases, {len(one.steps)})
            assert {case.way for case in cases} == {one.number}


def test_a_period_of_a_log_is_a_log_of_its_own(database: Database, office: SmallOffice, tmp_path: Path) -> None:
    """By the day on which a case began, as days begin where the office is; and of nobody else's log."""
    papers, zone = cabinet(tmp_path), ZoneInfo("Asia/Shanghai")
    begins = {
        "early": "2026-03-01T15:59:00Z", "first": "2026-03-01T16:00:00Z", "last": "2026-03-03T15:59:00Z",
        "late": "2026-03-03T16:00:00Z",
    }  # fmt: skip
    content = xes(*(trace(name, event("Receive", at), event("Issue", day(20))) for name, at in begins.items()))
    with database.writing() as db:
        sun = office.actor(db, "sun")
        taken = take_log(papers, io.BytesIO(content), "log.xes")
        log_id = acts.hand_in(db, by=sun, store=papers.store, taken=taken, zone=zone.key, shared=True)
        with pytest.raises(rules.LogNotReady):
            acts.take_period(db, by=sun, log_id=log_id, since="2026-03-02", until="2026-03-03")
    importing.read_due(database, papers.store)
    with database.writing() as db:
        for since, until in (("", "2026-03-02"), ("2026-03-04", "2026-03-02"), ("0001-01-01", "9999-12-31")):
            with pytest.raises(rules.PeriodUnread):
                acts.take_period(db, by=sun, log_id=log_id, since=since, until=until)
        with pytest.raises(rules.NotYourLog):
            acts.take_period(db, by=office.actor(db, "he"), log_id=log_id, since="2026-03-02", until="2026-03-03")
        part_id = acts.take_period(db, by=sun, log_id=log_id, since="2026-03-02", until="2026-03-03")
        none_id = acts.take_period(db, by=sun, log_id=log_id, since="2025-03-02", until="2025-03-03")
    importing.read_due(database, papers.store)
    with database.reading() as db:
        _total, lines = reads.cases_behind(db, actor=sun, log_id=part_id, behind=Behind())
        assert {one.name for one in lines} == {"first", "last"}
        page = reads.log(db, actor=sun, log_id=part_id)
        assert [(one.said.en, one.count) for one in page.left] == [
            ("A case that began outside the period: left out.", 2)
        ]
        problem = reads.log(db, actor=sun, log_id=none_id).line.problem
        assert problem is not None
        assert "4 began at other times" in problem.en
        assert reads.log(db, actor=sun, log_id=log_id).figures.cases == 4  # type: ignore[union-attr]


def test_who_handed_it_in_and_the_supervision_office_see_it_and_others_once_it_is_shared(
    database: Database, office: SmallOffice, tmp_path: Path
) -> None:
    log_id = imported(database, office, cabinet(tmp_path), SMALL)
    with database.writing() as db:
        sun, he, li = (office.actor(db, one) for one in ("sun", "he", "li"))
        with pytest.raises(NotFound):
            reads.log(db, actor=he, log_id=log_id)
        assert reads.logs_seen(db, actor=he) == ()
        with pytest.raises(NotAllowed):
            reads.logs_seen(db, actor=li)
        with pytest.raises(NotFound):
            acts.share_log(db, by=he, log_id=log_id, shared=True)
        acts.share_log(db, by=sun, log_id=log_id, shared=True)
        assert reads.log(db, actor=he, log_id=log_id).line.mine is False
        shown = reads.case(db, actor=he, log_id=log_id, number=0).events[2].resource
        assert shown is not None
        assert shown.startswith("P-")
        assert reads.case(db, actor=sun, log_id=log_id, number=0).events[2].resource == "Li"
        with pytest.raises(rules.NotYourLog):
            acts.delete_log(db, by=he, log_id=log_id)


def test_a_deleted_log_is_gone_at_once_and_nothing_of_it_stays(
    database: Database, office: SmallOffice, tmp_path: Path
) -> None:
    papers = cabinet(tmp_path)
    log_id = imported(database, office, papers, SMALL)
    with database.writing() as db:
        sun = office.actor(db, "sun")
        assert kept.mentioned(db)
        acts.delete_log(db, by=sun, log_id=log_id)
        with pytest.raises(NotFound):
            reads.log(db, actor=sun, log_id=log_id)
        said = db.scalars(select(entries.c.act)).all()
        assert {"import_log", "delete_log"} <= set(said)
    importing.read_due(database, papers.store)
    with database.reading() as db:
        for one in (logs, log_cases, log_events, log_words, log_ways, log_checks, log_aligned):
            assert db.scalar(select(func.count()).select_from(one)) == 0
        assert not kept.mentioned(db)


CSV = table(
    "Case;Step;Began;Ended;Clerk;Unit",
    "7;Receive;02/03/2026 09:00;02/03/2026 10:00;Li;Desk",
    "7;Review;03/03/2026 09:00;04/03/2026 10:00;Wang;Law",
    "8;Receive;when it was;;Li;Desk",
    "8;Receive;02/03/2026 11:00;02/03/2026 11:30;Li;Desk;too many",
    "9;Receive;02/03/2026 11:00;02/03/2026 11:30;Li;Desk",
)
DAY_FIRST = "%d/%m/%Y %H:%M:%S|%d/%m/%Y %H:%M|%d/%m/%Y"
COLUMNS = Chosen(
    "csv", case="Case", activity="Step", time="Ended", start="Began", resource="Clerk", group="Unit",
    times=DAY_FIRST, zone="Asia/Shanghai", delimiter=";",
)  # fmt: skip


def test_a_table_waits_for_its_columns_to_be_chosen_and_tells_which_rows_it_left_out(
    database: Database, office: SmallOffice, tmp_path: Path
) -> None:
    papers = cabinet(tmp_path)
    with database.writing() as db:
        sun = office.actor(db, "sun")
        log_id = handed_in(db, office, papers, CSV, file="steps.csv")
        line, _chosen, guess = reads.draft(db, actor=sun, store=papers.store, log_id=log_id)
        assert line.state is State.DRAFT
        assert guess.columns == {
            "case": "Case", "activity": "Step", "start": "Began", "time": "Ended", "group": "Unit",
        } or guess.columns["time"] == "Ended"  # fmt: skip
        with pytest.raises(rules.MappingFaults) as refused:
            acts.choose_columns(db, by=sun, store=papers.store, log_id=log_id, name="",
                                chosen=Chosen("csv", case="Case", activity="Nowhere", zone="Mars", delimiter=";"))  # fmt: skip
        assert set(refused.value.errors) == {"activity", "time", "zone"}
    assert importing.read_due(database, papers.store) == 0
    with database.writing() as db:
        acts.choose_columns(db, by=sun, store=papers.store, log_id=log_id, chosen=COLUMNS, name="")
    assert importing.read_due(database, papers.store) == 1
    with database.reading() as db:
        page = reads.log(db, actor=sun, log_id=log_id)
        assert page.figures is not None
        assert (page.figures.cases, page.figures.steps, page.figures.events) == (2, 3, 6)
        assert {one.said: (one.count, one.lines) for one in page.left} == {
            SENTENCES[Left.NO_TIME]: (1, (4,)),
            SENTENCES[Left.WRONG_CELLS]: (1, (5,)),
        }
        review = next(one for one in page.figures.activities if one.activity == "Review")
        assert review.touched.total == 25 * 3600 * 1000
        assert review.waiting.total == 23 * 3600 * 1000
        with pytest.raises(rules.AlreadyMapped):
            reads.draft(db, actor=sun, store=papers.store, log_id=log_id)


def test_a_log_that_breaks_off_says_where_and_leaves_nothing_behind_but_that(
    database: Database, office: SmallOffice, tmp_path: Path
) -> None:
    papers = cabinet(tmp_path)
    log_id = imported(database, office, papers, SMALL[:-80])
    with database.reading() as db:
        page = reads.log(db, actor=office.actor(db, "sun"), log_id=log_id)
        assert page.line.state is State.FAILED
        assert page.figures is None
        assert page.line.problem is not None
        assert "line 13" in page.line.problem.en
        assert "第 13 行" in page.line.problem.zh


def test_a_log_without_a_single_completion_takes_each_event_as_a_step(
    database: Database, office: SmallOffice, tmp_path: Path
) -> None:
    only = xes(trace("one", event("a", day(2), "start"), event("b", day(3), "start")))
    log_id = imported(database, office, cabinet(tmp_path), only)
    with database.reading() as db:
        page = reads.log(db, actor=office.actor(db, "sun"), log_id=log_id)
        assert page.every_event
        assert page.figures is not None
        assert [(one.source, one.target, one.n) for one in page.figures.paths] == [("a", "b", 1)]
        assert page.figures.cases == 1


def test_what_a_stopped_reader_left_is_begun_anew_and_counted_once(
    database: Database, office: SmallOffice, tmp_path: Path, clock: Clock, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(kept, "AT_ONCE", 4)
    papers = cabinet(tmp_path)
    with database.writing() as db:
        log_id = handed_in(db, office, papers, SMALL)
    asked = iter([True] * 3)
    importing.read_due(database, papers.store, lambda: next(asked, False))
    with database.reading() as db:
        assert db.scalar(select(logs.c.state)) == State.WAITING
        assert (db.scalar(select(func.count()).select_from(log_cases)) or 0) > 0
    assert importing.read_due(database, papers.store) == 1
    with database.reading() as db:
        assert db.scalar(select(func.count()).select_from(log_cases)) == 3
        assert db.scalar(select(logs.c.state).where(logs.c.id == log_id)) == State.READY


def test_one_that_was_left_by_a_killed_process_is_taken_over_after_a_while(
    database: Database, office: SmallOffice, tmp_path: Path, clock: Clock
) -> None:
    papers = cabinet(tmp_path)
    with database.writing() as db:
        handed_in(db, office, papers, SMALL)
        assert kept.claim(db, logs, clock.now()) is not None
    assert importing.read_due(database, papers.store) == 0
    clock.advance(minutes=6)
    assert importing.read_due(database, papers.store) == 1


LABELS = {"Receive": "receive", "Review": "review", "Issue": "issue"}


def test_a_log_beside_an_edition_tells_what_was_left_out_added_and_moved(
    database: Database, office: SmallOffice, tmp_path: Path
) -> None:
    from tests.engine.diagram.builders import end, line, source, start, user  # noqa: PLC0415

    papers = cabinet(tmp_path)
    drawn = source(start(), user("receive", name="Receive 受理"), user("review", name="Review 审查"),
                   user("issue", name="Issue 发放"), end(), line("s", "receive", "review", "issue", "e"))  # fmt: skip
    log_id = imported(database, office, papers, xes(
        trace("1", event("Receive", day(2)), event("Review", day(3)), event("Issue", day(4))),
        trace("2", event("Receive", day(2)), event("Review", day(3)), event("Issue", day(4))),
        trace("3", event("Receive", day(2)), event("Issue", day(4))),
        trace("4", event("Receive", day(2)), event("Phone", day(3)), event("Review", day(4)), event("Issue", day(5))),
        trace("5", event("Review", day(2)), event("Receive", day(3)), event("Issue", day(4))),
        trace("6", event("Gossip", day(2)), event("Receive", day(2)), event("Review", day(3)), event("Issue", day(4))),
    ))  # fmt: skip
    with database.writing() as db:
        sun = office.actor(db, "sun")
        procedure_id = in_force(db, office, drawn, beside={}, owners={"process:p": "reviewer"})
        edition_id = edition_in_force(db, procedure_id)[0].edition_id
        matching = compared.matching(db, actor=sun, log_id=log_id, edition_id=edition_id)
        assert matching.guess == LABELS
        with pytest.raises(rules.NothingMapped):
            acts.compare(db, by=sun, log_id=log_id, edition_id=edition_id, mapping={"Receive": ""})
        with pytest.raises(rules.StrangeStep):
            acts.compare(db, by=sun, log_id=log_id, edition_id=edition_id, mapping={"Receive": "nowhere"})
        check_id = acts.compare(
            db, by=sun, log_id=log_id, edition_id=edition_id, mapping={**LABELS, "Phone": "", "Gossip": "-"}
        )
    assert importing.read_due(database, papers.store) == 1
    with database.reading() as db:
        page = compared.check(db, actor=sun, log_id=log_id, check_id=check_id)
        found = page.figures
        assert found is not None
        assert (found.cases, found.aligned, found.fitting, found.shortest) == (6, 6, 3, 3)
        costs, worst = 1 + 1 + 2, 6 + 6 + 5 + 7 + 6 + 6
        assert found.fitness == pytest.approx(1 - costs / worst)
        assert found.strange == {"Phone": 1}
        by = {one.element: one for one in found.elements}
        assert by["review"].skipped == 1
        assert {one.element for one in found.elements if one.moved} <= {"review", "receive"}
        assert sum(one.moved for one in found.elements) == 1
        assert page.left_out == ("Gossip",)

        def behind(kind: str, element: str = "") -> list[str]:
            ways = compared.ways_behind(db, actor=sun, log_id=log_id, check_id=check_id, kind=kind, element=element)
            return [one.name for one in reads.cases_behind(db, actor=sun, log_id=log_id, behind=Behind(ways=ways))[1]]

        assert behind("fitting") == ["1", "2", "6"]
        assert behind("skipped", "review") == ["3"]
        assert behind("strange", "Phone") == ["4"]
        assert behind("unaligned") == []
        deviant = compared.deviant_ways(db, actor=sun, log_id=log_id, check_id=check_id)
        assert [one.cost for one in deviant] == [1, 1, 2]
        assert (Kind.ADDED, "Phone") in deviant[1].turns


@pytest.mark.parametrize("most", ["MOST_LOGS"])
def test_there_are_only_so_many_logs(
    database: Database, office: SmallOffice, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, most: str
) -> None:
    monkeypatch.setattr(rules, most, 1)
    with database.writing() as db:
        handed_in(db, office, cabinet(tmp_path), SMALL)
        with pytest.raises(rules.TooManyLogs):
            handed_in(db, office, cabinet(tmp_path), SMALL)
