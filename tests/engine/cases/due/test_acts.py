"""Due dates as acts keep them: across a weekend, Spring Festival, a Saturday that is worked, another department's calendar."""

from __future__ import annotations

from datetime import UTC, date, datetime, time
from zoneinfo import ZoneInfo

import pytest

from engine.base.database import Database
from engine.base.text import Name
from engine.cases import acts, inbox, reads
from engine.cases.due.acts import recount_task
from engine.cases.due.reads import tasks_to_recount, why_due, why_of
from engine.cases.moves import Ground
from engine.cases.tables import hand_overs
from engine.organisation.calendars import acts as calendars
from engine.organisation.calendars.notice import NoticeDay
from engine.organisation.calendars.reads import calendars_version
from engine.records.verify import first_broken
from engine.worktime.calendar import Hours
from tests.builders import SmallOffice
from tests.conftest import Clock
from tests.counting import counting
from tests.diagram_text import END, START, lanes, process, step, way
from tests.engine.cases.moving_about import Matter
from tests.worlds import every_head

SHANGHAI = ZoneInfo("Asia/Shanghai")
HALVES = (Hours(time(8, 30), time(12)), Hours(time(14), time(17, 30)))
OVER = process(
    lanes(counter=("start", "ask", "end"), bureau=("answer",))
    + START + step("ask", "Ask", 'officium:standardTime="P1D" officium:workingTime="true"')
    + step("answer", "Answer", 'officium:standardTime="P2D" officium:workingTime="true"')
    + END + way("start", "ask", "answer", "end")
)  # fmt: skip


def at(local: str) -> datetime:
    return datetime.fromisoformat(local).replace(tzinfo=SHANGHAI).astimezone(UTC)


def told(moment: datetime) -> str:
    return f"{moment.astimezone(SHANGHAI):%Y-%m-%d %H:%M}"


@pytest.fixture
def festival(database: Database, office: SmallOffice) -> SmallOffice:
    """The office's hours, and Spring Festival of 2026 with its Saturdays, by a notice; 2027 is not told yet."""
    days = [NoticeDay(date(2026, 2, number), False, Name("Spring Festival", "春节")) for number in range(15, 24)]
    days += [NoticeDay(date(2026, 2, number), True, Name("worked instead", "调休上班")) for number in (14, 28)]
    with database.writing() as db:
        calendars.set_hours(db, by=None, week=[HALVES] * 5 + [()] * 2)
        calendars.choose_country(db, by=None, country="CN")
        calendars.take_in_list(db, by=None, year=2026, days=days, title="Notice", number="1")
    return office


@pytest.fixture
def matter(database: Database, festival: SmallOffice, clock: Clock) -> Matter:
    """A working step with the counter clerk, since the Friday before the festival."""
    clock.set(at("2026-02-13T10:00"))
    return Matter.begun(database, festival, source=OVER)


def test_what_begins_on_a_friday_is_due_at_the_end_of_the_next_working_day(
    database: Database, festival: SmallOffice, clock: Clock
) -> None:
    clock.set(at("2026-03-06T16:00"))
    matter = Matter.begun(database, festival, source=OVER)
    assert told(matter.task(1).due_at) == "2026-03-09 17:30"


def test_before_the_festival_the_next_working_day_is_the_saturday_worked_instead(matter: Matter, clock: Clock) -> None:
    assert told(matter.task(1).due_at) == "2026-02-14 17:30"
    clock.set(at("2026-02-14T15:00"))
    matter.do("ask", "li")
    assert told(matter.task(2).due_at) == "2026-02-25 17:30", "nine days of holiday lie between"
    (handed,) = matter.rows(hand_overs)
    assert told(handed.answer_by) == "2026-02-24 17:30", "a working day for the hand-over too"


def test_each_department_counts_by_its_own_calendar(matter: Matter, clock: Clock) -> None:
    """The reviewers work through the holidays, and until four."""
    review = matter.office.departments["review"]
    with matter.database.writing() as db:
        calendars.give_calendar(db, by=None, department_id=review)
        calendars.set_hours(db, by=None, week=[(Hours(time(8), time(16)),)] * 7, department_id=review)
        calendars.set_day(
            db, by=None, day=date(2026, 2, 15), until=date(2026, 2, 23), works=True, name_en="On call", name_zh="值班",
            department_id=review,
        )  # fmt: skip
    clock.set(at("2026-02-14T15:00"))
    matter.do("ask", "li")
    assert told(matter.task(2).due_at) == "2026-02-16 16:00"
    with matter.database.reading() as db:
        (line,) = inbox.inbox(db, actor=matter.by(db, "wang"))
        assert (line.department_id, line.working, line.provisional) == (review, True, False)


def test_a_rest_over_the_festival_gives_back_the_working_time_alone(matter: Matter, clock: Clock) -> None:
    clock.set(at("2026-02-13T15:30"))  # two hours of work are left of the day, and a whole Saturday
    matter.act("suspend", "li", ground=Ground.SUPPLEMENT, words="A paper is missing")
    clock.set(at("2026-02-24T08:30"))
    matter.act("resume", "li")
    assert told(matter.task(1).due_at) == "2026-02-25 10:30", "two hours and seven more, from the end of the Saturday"
    with matter.database.reading() as db:
        english = [line.say("en") for line in why_due(db, matter.case_id, 1)]
    assert "It is due later by 9 working hours." in english[3]
    assert english[-1] == "So it is due on Wed 25 Feb 2026 10:30."


def test_days_more_are_working_days(matter: Matter) -> None:
    asked = matter.act("ask_extension", "li", number=1, days=2, reason="The file is thick")
    matter.act("decide_extension", "zhou", number=asked, approve=True, words="")
    assert told(matter.task(1).due_at) == "2026-02-25 17:30"
    with matter.database.reading() as db:
        english = [line.say("en") for line in why_due(db, matter.case_id, 1)]
    assert "2 working days more were granted on Fri 13 Feb 2026, by Zhou Hong." in english


def test_what_is_taken_back_goes_on_with_its_clock_and_says_so(matter: Matter, clock: Clock) -> None:
    clock.set(at("2026-02-14T09:00"))
    matter.do("ask", "li").act("withdraw", "li", number=1)
    again = matter.task(matter.open["ask"])
    assert (told(again.due_at), again.clock_of) == ("2026-02-14 17:30", 1)
    with matter.database.reading() as db:
        english = [line.say("en") for line in why_due(db, matter.case_id, again.number)]
    assert "that began on Fri 13 Feb 2026 10:00" in english[1]
    assert english[-1] == "So it is due on Sat 14 Feb 2026 17:30."


def _unexplained(database: Database, office: SmallOffice, clock: Clock) -> Matter:
    clock.set(at("2026-12-31T10:00"))
    return Matter.begun(database, office, source=OVER)


def _tell_2027(database: Database) -> None:
    days = [NoticeDay(date(2027, 1, number), False, Name("New Year", "元旦")) for number in (1, 2, 3)]
    with database.writing() as db:
        calendars.take_in_list(db, by=None, year=2027, days=days, title="Notice", number="2")


def test_a_year_that_is_not_told_makes_it_provisional_until_it_is(
    database: Database, festival: SmallOffice, clock: Clock
) -> None:
    matter = _unexplained(database, festival, clock)
    before = matter.task(1)
    assert (told(before.due_at), before.provisional is None) == ("2027-01-01 17:30", False)
    with database.reading() as db:
        assert tasks_to_recount(db) == ()
        assert inbox.inbox(db, actor=matter.by(db, "li"))[0].provisional
        assert why_due(db, matter.case_id, 1)[-1].say("zh") == "2027 年的放假安排尚未公布，该日期为暂定。"
    _tell_2027(database)
    with database.writing() as db:
        assert tasks_to_recount(db) == ((matter.case_id, 1),)
        assert recount_task(db, case_id=matter.case_id, number=1)
        assert not recount_task(db, case_id=matter.case_id, number=1)
        assert tasks_to_recount(db) == ()
    after = matter.task(1)
    assert (told(after.due_at), after.provisional) == ("2027-01-04 17:30", None)
    with database.reading() as db:
        entry = reads.case(db, actor=matter.by(db, "li"), case_id=matter.case_id).record[-1]
        assert (entry.act, entry.person, entry.facts["task"]) == ("recount_task", None, 1)
        assert first_broken(db, every_head(db)) is None


def test_a_change_that_leaves_the_day_as_it_is_goes_on_no_record(
    database: Database, festival: SmallOffice, clock: Clock
) -> None:
    matter = _unexplained(database, festival, clock)
    with database.writing() as db:
        calendars.set_day(db, by=None, day=date(2027, 5, 3), works=False, name_en="May", name_zh="五月")
        assert tasks_to_recount(db) == ((matter.case_id, 1),)
        assert recount_task(db, case_id=matter.case_id, number=1)
        assert tasks_to_recount(db) == (), "counted by these calendars, and provisional still"
        assert matter_entries(db, matter) == ["start_case"]
    assert matter.task(1).provisional is not None


def matter_entries(db, matter: Matter) -> list[str]:  # type: ignore[no-untyped-def]
    return [one.act for one in reads.case(db, actor=matter.by(db, "li"), case_id=matter.case_id).record]


def test_what_it_rested_and_was_granted_is_counted_anew_as_well(
    database: Database, festival: SmallOffice, clock: Clock
) -> None:
    matter = _unexplained(database, festival, clock)
    matter.act("suspend", "li", ground=Ground.SUPPLEMENT, words="A paper is missing")
    clock.set(at("2027-01-04T10:00"))
    matter.act("resume", "li")
    asked = matter.act("ask_extension", "li", number=1, days=1, reason="The file is thick")
    matter.act("decide_extension", "zhou", number=asked, approve=True, words="")
    assert told(matter.task(1).due_at) == "2027-01-06 17:30"
    _tell_2027(database)
    with database.writing() as db:
        assert recount_task(db, case_id=matter.case_id, number=1)
    # From the 4th; it rested seven hours, of the 31st and the 4th; then a working day more.
    assert told(matter.task(1).due_at) == "2027-01-06 17:30"


def test_the_page_explains_what_is_kept(matter: Matter) -> None:
    with matter.database.reading() as db:
        page = reads.task(db, actor=matter.by(db, "li"), case_id=matter.case_id, number=1)
        assert (page.line.working, page.line.in_hours) == (True, False)
        with counting(matter.database) as counted:
            lines = why_of(db, page, calendars_version(db))
        assert len(counted.statements) == 1, "the version alone was asked for"
        assert lines == why_due(db, matter.case_id, 1)


def test_counting_by_a_calendar_costs_a_completed_task_no_statement(matter: Matter, clock: Clock) -> None:
    clock.set(at("2026-02-13T11:00"))
    with matter.database.reading() as db:
        by = matter.by(db, "li")
    with counting(matter.database) as counted, matter.database.writing() as db:
        acts.complete_task(db, by=by, case_id=matter.case_id, number=1, submitted={})
    assert not [one for one in counted.statements if "calendar_days" in one or "FROM calendars" in one]
    assert len(counted.statements) <= 10
