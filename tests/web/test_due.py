"""What is due, as people read it: in working days, by their own department's calendar, explained, in both languages."""

from __future__ import annotations

import re
from datetime import UTC, date, datetime, time
from html import unescape
from zoneinfo import ZoneInfo

import pytest

from engine.base.text import Name
from engine.cases import acts
from engine.organisation.calendars import acts as calendars
from engine.organisation.calendars.notice import NoticeDay
from engine.worktime.calendar import Hours
from tests.conftest import Clock
from tests.counting import counting
from tests.diagram_text import END, START, process, step, way
from tests.web.conftest import Rooms, Visitor
from tests.worlds import begun, in_force

SHANGHAI = ZoneInfo("Asia/Shanghai")
ALONE = {"process:procedure": "clerk"}


def drawn(length: str) -> bytes:
    return process(
        START + step("hear", "Hear them", f'officium:standardTime="{length}" officium:workingTime="true"') + END
        + way("start", "hear", "end")
    )  # fmt: skip


def at(local: str) -> datetime:
    return datetime.fromisoformat(local).replace(tzinfo=SHANGHAI).astimezone(UTC)


def text(page: str) -> str:
    return " ".join(unescape(re.sub("<[^>]+>", " ", page)).split())


def groups(page: str) -> list[str]:
    rows = re.findall(r'class="o-group[^>]*>(.*?)</tr>', page, re.DOTALL)
    return [text(row) for row in rows]


@pytest.fixture
def case_id(rooms: Rooms, clock: Clock) -> int:
    """A step of three working days, since a Thursday morning."""
    clock.set(at("2026-03-05T10:00"))
    with rooms.database.writing() as db:
        calendars.set_hours(db, by=None, week=[(Hours(time(9), time(17)),)] * 5 + [()] * 2)
        calendars.choose_country(db, by=None, country="CN")
        calendars.take_in_list(
            db,
            by=None,
            year=2026,
            days=[NoticeDay(date(2026, 10, 1), False, Name("National Day", "国庆节"))],
            title="Notice",
            number="1",
        )
        return begun(db, rooms.office, in_force(db, rooms.office, drawn("P3D"), owners=ALONE)).case_id


def reader(rooms: Rooms, language: str) -> Visitor:
    li = rooms.visitor("li")
    li.post("/language", {"language": language, "next": "/"})
    return li


def chinese(rooms: Rooms) -> Visitor:
    return reader(rooms, "zh")


def test_the_list_the_task_and_the_case_tell_working_days(rooms: Rooms, case_id: int, clock: Clock) -> None:
    paths = ("/", f"/tasks/{case_id}/1", f"/cases/{case_id}")
    told = (
        ("2026-03-05T10:00", "in 3 working days", "还有 3 个工作日"),
        ("2026-03-06T16:00", "in 2 working days", "还有 2 个工作日"),  # the weekend lies between
        ("2026-03-09T10:00", "tomorrow 17:00", "明天 17:00"),
        ("2026-03-10T10:00", "today 17:00", "今天 17:00"),
        ("2026-03-10T17:40", "40 min late", "40分钟"),
        ("2026-03-16T09:00", "4 working days late", "逾期 4 个工作日"),
    )
    for language, place in (("en", 1), ("zh", 2)):
        for one in told:
            clock.set(at(one[0]))
            li = reader(rooms, language)
            for path in paths if one is told[1] else paths[:1]:
                assert one[place] in text(li.get(path).text), (path, *one)


def test_the_watch_tells_them_too_and_how_much_of_the_standard_time_is_used(
    rooms: Rooms, case_id: int, clock: Clock
) -> None:
    clock.set(at("2026-03-09T10:00"))
    with rooms.database.reading() as db:
        procedure_id = db.exec_driver_sql("SELECT procedure_id FROM cases").scalar_one()
    zhou = rooms.visitor("zhou")
    assert "tomorrow 17:00" in text(zhou.get(f"/watch/behind?procedure={procedure_id}").text)
    page = text(zhou.get(f"/watch/{procedure_id}").text)
    # Of 31 working hours from Thursday at ten 16 are gone; the weekend does not count.
    assert "Share of the standard time used" in page
    assert "52%" in page


@pytest.mark.parametrize(
    ("length", "now", "english", "chinese_words"),
    [
        ("P3D", "2026-03-09T10:00", "2 of 3 working days", "已用 2 个工作日，限 3 个"),
        ("P1D", "2026-03-06T10:00", "1 of 1 working day", "已用 1 个工作日，限 1 个"),
        ("P1D", "2026-03-09T10:00", "2 working days, 1 allowed", "已用 2 个工作日，限 1 个"),
        ("PT4H", "2026-03-05T12:00", "2 h of 4 h of working time", "已用工作时间 2小时，限 4小时"),
        ("PT4H", "2026-03-05T16:00", "6 h of working time, 4 h allowed", "已用工作时间 6小时，限 4小时"),
    ],
)
def test_more_than_is_allowed_is_not_a_part_of_it(
    rooms: Rooms, case_id: int, clock: Clock, length: str, now: str, english: str, chinese_words: str
) -> None:
    with rooms.database.writing() as db:
        edition = in_force(db, rooms.office, drawn(length), owners=ALONE, prefix="OV")
        path = f"/tasks/{begun(db, rooms.office, edition).case_id}/1"
    clock.set(at(now))
    assert english in text(reader(rooms, "en").get(path).text)
    assert chinese_words in text(chinese(rooms).get(path).text)


def test_more_than_is_allowed_by_the_clock_is_not_a_part_of_it_either(rooms: Rooms, case_id: int, clock: Clock) -> None:
    by_clock = drawn("PT4H").replace(b' officium:workingTime="true"', b"")
    with rooms.database.writing() as db:
        edition = in_force(db, rooms.office, by_clock, owners=ALONE, prefix="BY")
        path = f"/tasks/{begun(db, rooms.office, edition).case_id}/1"
    for now, english, in_chinese in (
        ("2026-03-05T13:00", "3 h of 4 h", "已用 3小时，限 4小时"),
        ("2026-03-05T16:00", "6 h, 4 h allowed", "已用 6小时，限 4小时"),
    ):
        clock.set(at(now))
        assert english in text(reader(rooms, "en").get(path).text)
        assert in_chinese in text(chinese(rooms).get(path).text)


def test_on_a_friday_the_next_working_day_is_told_by_its_date(rooms: Rooms, case_id: int, clock: Clock) -> None:
    clock.set(at("2026-03-06T10:00"))
    with rooms.database.writing() as db:
        begun(db, rooms.office, in_force(db, rooms.office, drawn("P1D"), owners=ALONE, prefix="QU"))
        begun(db, rooms.office, in_force(db, rooms.office, drawn("PT4H"), owners=ALONE, prefix="HO"))
    assert groups(rooms.visitor("li").get("/").text) == [
        "Today · 1",
        "By the next working day, Mon 9 Mar · 1",
        "Later · 1",
    ]
    assert groups(chinese(rooms).get("/").text)[1] == "下一个工作日（3月9日 周一）前 · 1"


def test_the_task_explains_its_day_line_by_line(rooms: Rooms, case_id: int, clock: Clock) -> None:
    with counting(rooms.database) as counted:
        page = rooms.visitor("li").get(f"/tasks/{case_id}/1").text
    lines = [text(one) for one in re.findall(r"<li>(.*?)</li>", page.split('class="o-why-due"')[1].split("</ol>")[0])]
    assert lines == [
        "The task came to Service counter on Thu 5 Mar 2026 10:00. That day is not counted. "
        "The step may take 3 working days, by the calendar of Service counter.",
        "Not worked in between: Sat 7 Mar 2026 to Sun 8 Mar 2026.",
        "So it is due on Tue 10 Mar 2026 17:00.",
    ]
    assert "因此于 2026年3月10日（周二） 17:00 到期。" in text(chinese(rooms).get(f"/tasks/{case_id}/1").text)
    assert counted.commits <= 1  # of signing in


def test_a_day_that_may_move_yet_is_called_provisional(rooms: Rooms, case_id: int, clock: Clock) -> None:
    clock.set(at("2026-12-31T10:00"))
    with rooms.database.writing() as db:
        late = begun(db, rooms.office, in_force(db, rooms.office, drawn("P2D"), owners=ALONE, prefix="LA")).case_id
    assert text(rooms.visitor("li").get("/").text).count("provisional") == 1
    page = text(chinese(rooms).get(f"/tasks/{late}/1").text)
    assert "暂定" in page
    assert "2027 年的放假安排尚未公布，该日期为暂定。" in page
    assert "provisional" not in text(reader(rooms, "en").get(f"/tasks/{case_id}/1").text)


def test_more_time_is_asked_for_in_working_days(rooms: Rooms, case_id: int) -> None:
    assert "How many working days more" in rooms.visitor("li").get(f"/tasks/{case_id}/1").text
    assert "延长几个工作日" in chinese(rooms).get(f"/tasks/{case_id}/1").text
    with rooms.database.writing() as db:
        asked = acts.ask_extension(
            db, by=rooms.office.actor(db, "li"), case_id=case_id, number=1, days=2, reason="The file is thick"
        )
    assert "How many working days more" in rooms.visitor("zhou").get(f"/tasks/{case_id}/{asked}").text


def test_a_list_full_of_working_days_asks_no_calendar(rooms: Rooms, case_id: int) -> None:
    li = rooms.visitor("li")
    li.get("/")
    with counting(rooms.database) as counted:
        li.get("/")
    assert not [one for one in counted.statements if "calendar" in one.replace("calendars_version", "")]
