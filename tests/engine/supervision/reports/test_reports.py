"""The weekly report of a department is made once, on the first working day after the week, and kept as it was."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pypdfium2 import PdfDocument
from sqlalchemy import select

from engine.base.database import Database
from engine.base.errors import NotAllowed
from engine.base.text import Name
from engine.cases import acts as case_acts
from engine.notices.tables import notices
from engine.organisation.calendars.rules import PLAIN_WEEK
from engine.organisation.reads import office as office_of
from engine.records.verify import first_broken
from engine.supervision.reports import acts, reads, rules, sheet
from engine.supervision.reports.gathering import gathered
from engine.supervision.reports.tables import weekly_reports
from engine.worktime.calendar import Exceptional, WorkCalendar
from tests.builders import SmallOffice
from tests.conftest import Clock
from tests.worlds import begun, every_head, in_force
from web.working.kinds import always
from web.working.watching import make_reports

SHANGHAI = ZoneInfo("Asia/Shanghai")
MONDAY = date(2026, 3, 2)


def _calendar(*free: date) -> WorkCalendar:
    days = {day: Exceptional(False, Name("Holiday", "假日"), "the test") for day in free}
    return WorkCalendar(SHANGHAI, PLAIN_WEEK, days)


def _at(day: date, hour: int) -> datetime:
    return datetime(day.year, day.month, day.day, hour, tzinfo=SHANGHAI).astimezone(UTC)


def test_it_is_due_on_the_first_working_day_of_the_week() -> None:
    plain, week = _calendar(), MONDAY - timedelta(days=7)
    assert rules.weeks_due(plain, _at(MONDAY, 5)) == ()
    assert rules.weeks_due(plain, _at(MONDAY, 6)) == (week,)
    holiday = _calendar(MONDAY, MONDAY + timedelta(days=1))
    assert rules.weeks_due(holiday, _at(MONDAY + timedelta(days=1), 23)) == ()
    assert rules.weeks_due(holiday, _at(MONDAY + timedelta(days=2), 6)) == (week,)


def test_a_week_of_holidays_puts_it_off_and_does_not_lose_it() -> None:
    free = _calendar(*(MONDAY + timedelta(days=day) for day in range(7)))
    week, golden = MONDAY - timedelta(days=7), MONDAY
    assert rules.weeks_due(free, _at(MONDAY + timedelta(days=6), 23)) == ()
    assert rules.weeks_due(free, _at(MONDAY + timedelta(days=7), 6)) == (week, golden)
    assert rules.weeks_due(free, _at(MONDAY + timedelta(days=14), 6)) == (MONDAY + timedelta(days=7),)


@given(st.integers(0, 60), st.integers(0, 23), st.sets(st.integers(0, 70), max_size=12))
def test_every_week_is_due_from_its_day_until_the_week_is_over(day: int, hour: int, free: set[int]) -> None:
    calendar = _calendar(*(MONDAY + timedelta(days=one) for one in free))
    now = _at(MONDAY + timedelta(days=day), hour)
    for week in rules.weeks_due(calendar, now):
        assert rules.made_from(calendar, week) <= now
        assert week.weekday() == 0
        assert week + rules.WEEK <= calendar.local_day(now)


@pytest.fixture
def busy(database: Database, office: SmallOffice, clock: Clock) -> int:
    """A week of work in the counter, and a task of it that is late now."""
    with database.writing() as db:
        procedure_id = in_force(db, office, department="counter")
        cases = [begun(db, office, procedure_id).case_id for _one in range(6)]
        for one in cases[:5]:
            case_acts.claim(db, by=office.actor(db, "li"), case_id=one, number=1)
    clock.advance(days=7)
    return procedure_id


def _kept(database: Database) -> dict[int, str]:
    with database.reading() as db:
        return {row.department_id: row.contents for row in db.execute(select(weekly_reports))}


def test_it_is_made_once_for_its_superior_and_nobody_else_reads_it(
    database: Database, office: SmallOffice, busy: int
) -> None:
    assert make_reports(database, always) == 3
    assert make_reports(database, always) == 0
    kept = _kept(database)
    assert kept[office.departments["counter"]]
    assert not kept[office.departments["review"]]  # nothing came there: nobody is told
    with database.reading() as db:
        told = db.execute(select(notices.c.person_id, notices.c.facts).where(notices.c.kind == "weekly_report")).all()
        # The counter has no supervising post of its own: the director's is the nearest above.
        assert [row.person_id for row in told] == [office.persons["zhou"]] * 2
        assert first_broken(db, every_head(db)) is None
        counter = office.departments["counter"]
        assert counter in {one.department_id for one in reads.report_list(db, actor=office.actor(db, "zhou"))}
        assert reads.report_list(db, actor=office.actor(db, "sun")) == ()
        with pytest.raises(rules.NotYourReport):
            reads.report(db, actor=office.actor(db, "sun"), department_id=counter, week=MONDAY)
        with pytest.raises(NotAllowed):
            reads.report_list(db, actor=office.actor(db, "li"))


def test_it_says_what_the_figures_say_and_stays_as_it_was(
    database: Database, office: SmallOffice, busy: int, clock: Clock
) -> None:
    make_reports(database, always)
    with database.writing() as db:
        begun(db, office, busy)
    clock.advance(days=1)
    with database.reading() as db:
        zhou, counter = office.actor(db, "zhou"), office.departments["counter"]
        found = reads.report(db, actor=zhou, department_id=counter, week=MONDAY).report
        values = {one.key: one.value for one in found.figures}
        assert (values["arrived"], values["open"], values["cases.started"]) == (6, 6, 6)
        assert values["waiting"] is None  # nothing was finished, so there is no wait to tell
        assert rules.read(rules.written(found)) == found


def test_a_department_that_answers_for_no_procedure_is_told_of_no_whole_cases(
    database: Database, office: SmallOffice, busy: int, clock: Clock
) -> None:
    with database.writing() as db:
        in_force(db, office, department="counter", prefix="ZZ")
    with database.reading() as db:
        counter, bureau = (
            gathered(db, department_id=office.departments[one], week=MONDAY, now=clock.now()) for one in ("counter", "review")
        )  # fmt: skip
    assert counter.counts_cases
    assert not bureau.counts_cases
    assert "cases.open" in {one.key for one in counter.figures}
    told = {one.key for one in bureau.figures}
    assert "open" in told
    assert not [one for one in told if one.startswith(("cases.", "cycle"))]


def test_a_share_of_few_is_told_as_so_many_of_so_many() -> None:
    """As on a board."""
    few = rules.FigureLine("cases.promise_kept", 0.5, 0.25, 6, 24)
    assert sheet.shown(few, "en", 7.5) == ("3 of 6", "25%", "", "")
    assert sheet.shown(few, "zh", 7.5)[0] == "6 件中 3 件"
    assert sheet.shown(rules.FigureLine("late", 0.5, 0.25, 20, 24), "en", 7.5) == ("50%", "25%", "+25 points", "worse")
    kept_before = rules.FigureLine("late", 0.5, 0.25)
    assert sheet.shown(kept_before, "en", None)[0] == "50%"


def test_times_of_more_than_two_days_are_told_in_working_days_as_elsewhere() -> None:
    line = rules.FigureLine("waiting", 75 * 3600.0, 10 * 3600.0, 9, 9)
    assert sheet.shown(line, "en", 7.5) == ("10 working days", "10 working hours", "+8.7 working days", "worse")
    assert sheet.shown(line, "en", None)[0] == "75 working hours"


def test_made_by_two_at_once_it_is_one(database: Database, office: SmallOffice, busy: int, clock: Clock) -> None:
    with database.reading() as db:
        report = gathered(db, department_id=office.departments["counter"], week=MONDAY, now=clock.now())
    with database.writing() as db:
        assert acts.keep_report(db, report=report)
    with database.writing() as db:
        assert not acts.keep_report(db, report=report)
        assert len(db.scalars(select(notices.c.id).where(notices.c.kind == "weekly_report")).all()) == 1


def test_who_is_told_is_who_may_see_it_and_wants_it(database: Database, office: SmallOffice) -> None:
    review = office.departments["review"]
    with database.writing() as db:
        assert reads.receivers(db, review) == (office.persons["sun"],)
        acts.want_report(db, by=office.actor(db, "zhou"), department_id=review, wanted=True)
        acts.want_report(db, by=office.actor(db, "sun"), department_id=review, wanted=False)
        assert reads.receivers(db, review) == (office.persons["zhou"],)
        for login, department in (("li", "review"), ("sun", "counter")):
            with pytest.raises(NotAllowed):
                acts.want_report(
                    db, by=office.actor(db, login), department_id=office.departments[department], wanted=True
                )
        (one,) = reads.subscriptions(db, actor=office.actor(db, "sun"))
        assert (one.department_id, one.usual, one.gets) == (review, True, False)


def test_as_pdf_it_is_the_same_each_time_in_either_language(
    database: Database, office: SmallOffice, busy: int, clock: Clock
) -> None:
    if database.engine.dialect.name != "sqlite":
        pytest.skip("nothing of it asks the database")
    with database.reading() as db:
        report = gathered(db, department_id=office.departments["counter"], week=MONDAY, now=clock.now())
        here = office_of(db)
    made = [
        sheet.pdf(report, language=language, office=here.name, made_at=clock.now(), zone=here.zone_info)
        for language in ("en", "en", "zh")
    ]
    assert made[0].startswith(b"%PDF")
    assert made[0] == made[1] != made[2]


@pytest.mark.parametrize(("lines", "least"), [(12, 12), (30, 6)])
def test_a_table_is_not_torn_from_its_heading(lines: int, least: int) -> None:
    """Wherever on the page it comes: a short one whole, of a long one more than a row or two."""
    here, at = Name("Counter", "窗口"), _at(MONDAY, 9)
    late = tuple(rules.LateCase(1, 1, f"LATE-{one:02}", "Check", here, at) for one in range(lines))
    trouble = rules.Trouble(here, Name("Many wait.", "有件等待。"), ())
    cards = {"yellow": (0, 0), "red": (0, 0)}
    for above in (16, 18, 19):
        report = rules.Report(1, here, MONDAY, (trouble,) * above, (), late, lines, (), 0, cards, (0, 0))
        made = sheet.pdf(report, language="en", office=here, made_at=at, zone=UTC)
        counts = [
            text.count("LATE-") if "Past due" in text else 0
            for text in (page.get_textpage().get_text_bounded() for page in PdfDocument(made))
        ]
        assert sum(counts) >= least, (above, counts)
