"""Notices are read as they are pasted: the text of the State Council's, or a list."""

from __future__ import annotations

from datetime import date, time, timedelta

import pytest
from chinese_calendar import is_workday
from hypothesis import given
from hypothesis import strategies as st

from engine.base.errors import Refusal
from engine.organisation.calendars import rules
from engine.organisation.calendars.notice import NoticeDay, as_list, read_notice
from engine.organisation.calendars.sources import compare
from engine.worktime.calendar import Hours

NOTICE_2026 = """国务院办公厅关于2026年部分节假日安排的通知
各省、自治区、直辖市人民政府，国务院各部委、各直属机构：
经党中央、国务院批准，根据《全国年节及纪念日放假办法》，现将2026年元旦、春节等节日放假调休安排通知如下。
一、元旦：1月1日（周四）至3日（周六）放假调休，共3天。1月4日（周日）上班。
二、春节：2月15日（农历腊月二十八、周日）至23日（农历正月初七、周一）放假调休，共9天。2月14日（周六）、2月28日（周六）上班。
三、清明节：4月4日（周六）至6日（周一）放假，共3天。
四、劳动节：5月1日（周五）至5日（周二）放假调休，共5天。5月9日（周六）上班。
五、端午节：6月19日（周五）至21日（周日）放假，共3天。
六、中秋节：9月25日（周五）至27日（周日）放假，共3天。
七、国庆节：10月1日（周四）至7日（周三）放假调休，共7天。9月20日（周日）、10月10日（周六）上班。
节假日期间，各地区、各部门要妥善安排好值班和安全、保卫等工作。"""

NOTICE_2024 = """一、元旦：1月1日放假，与周末连休。
二、春节：2月10日至17日放假调休，共8天。2月4日（星期日）、2月18日（星期日）上班。鼓励各单位结合带薪年休假等制度落实，安排职工在除夕（2月9日）休息。
三、清明节：4月4日至6日放假调休，共3天。4月7日（星期日）上班。
四、劳动节：5月1日至5日放假调休，共5天。4月28日（星期日）、5月11日（星期六）上班。
五、端午节：6月10日放假，与周末连休。
六、中秋节：9月15日至17日放假调休，共3天。9月14日（星期六）上班。
七、国庆节：10月1日至7日放假调休，共7天。9月29日（星期日）、10月12日（星期六）上班。"""


@pytest.mark.parametrize(("text", "year"), [(NOTICE_2024, 2024), (NOTICE_2026, 2026)])
def test_the_notice_of_the_state_council_is_read_as_it_stands(text: str, year: int) -> None:
    told = {one.day: one.works for one in read_notice(text, year)}
    day = date(year, 1, 1)
    while day.year == year:
        assert told.get(day, day.weekday() < 5) == is_workday(day), day
        day += timedelta(days=1)


def test_names_are_told_in_both_languages() -> None:
    names = {one.day: one.name for one in read_notice(NOTICE_2026, 2026)}
    assert (names[date(2026, 2, 14)].en, names[date(2026, 2, 14)].zh) == ("Spring Festival", "春节")


def test_the_turn_of_the_year_is_told_without_years() -> None:
    days = read_notice("一、元旦：12月31日至1月2日放假调休，共3天。1月4日上班。", 2028)
    assert [one.day.isoformat() for one in days] == ["2027-12-31", "2028-01-01", "2028-01-02", "2028-01-04"]


def test_a_list_is_read_line_by_line() -> None:
    days = read_notice(
        "2027-02-05 to 2027-02-07 rest Spring Festival 春节\n\n2027-01-31 上班 春节\n2027-5-1：放假，Labour Day", 2027
    )
    assert [(one.day.isoformat(), one.works, one.name.en) for one in days] == [
        ("2027-01-31", True, "Spring Festival"),
        ("2027-02-05", False, "Spring Festival"),
        ("2027-02-06", False, "Spring Festival"),
        ("2027-02-07", False, "Spring Festival"),
        ("2027-05-01", False, "Labour Day"),
    ]


@pytest.mark.parametrize(
    ("text", "refusal"),
    [
        ("", rules.NoticeEmpty),
        ("一、说明：本通知自发布之日起施行。", rules.NoticeEmpty),
        ("2027-02-30 rest x", rules.LineUnreadable),
        ("Monday rest x", rules.LineUnreadable),
        ("一、春节：2月30日放假。", rules.LineUnreadable),
        ("2025-02-03 rest x", rules.DayOfAnotherYear),
        ("2027-02-03 rest", rules.DayUnnamed),
        ("2027-02-03 to 2027-02-01 rest x", rules.DaysInverted),
        ("2027-02-03 to 2027-12-01 rest x", rules.TooManyDays),
    ],
)
def test_what_cannot_be_read_is_refused(text: str, refusal: type[Exception]) -> None:
    with pytest.raises(refusal):
        read_notice(text, 2027)


@given(st.text(max_size=300))
def test_whatever_is_pasted_is_read_or_refused(text: str) -> None:
    for told in (text, f"一、春节：{text}放假。"):
        try:
            read_notice(told, 2027)
        except Refusal:
            continue


DAYS = st.lists(st.dates(date(2027, 1, 1), date(2027, 12, 31)), min_size=1, max_size=20, unique=True)


@given(DAYS, st.booleans(), st.sampled_from(["春节", "国庆节", "调休"]))
def test_a_list_written_and_read_is_the_same(days: list[date], works: bool, chinese: str) -> None:
    (name,) = {one.name for one in read_notice(f"2027-03-03 rest {chinese}", 2027)}
    told = tuple(NoticeDay(day, works, name) for day in sorted(days))
    assert read_notice(as_list(told), 2027) == told


@pytest.mark.parametrize(
    ("written", "found"),
    [
        ("09:00-12:00, 14:00-18:00", (Hours(time(9), time(12)), Hours(time(14), time(18)))),
        ("9:00–12:00，14:00至18:00", (Hours(time(9), time(12)), Hours(time(14), time(18)))),
        ("09:00-12:00 14:00-18:00", (Hours(time(9), time(12)), Hours(time(14), time(18)))),
        ("20:00-24:00", (Hours(time(20), time(0)),)),
        ("", ()),
    ],
)
def test_hours_are_read_as_people_write_them(written: str, found: tuple[Hours, ...]) -> None:
    assert rules.read_hours(written) == found
    assert rules.read_hours(rules.in_words(found)) == found


@pytest.mark.parametrize("written", ["nine to five", "09:00", "25:00-26:00", "09:00-12:61", "09:00-"])
def test_hours_that_cannot_be_read_are_refused(written: str) -> None:
    with pytest.raises(rules.HoursUnreadable):
        rules.read_hours(written)


@pytest.mark.parametrize("year", [2024, 2025, 2026])
def test_both_libraries_say_the_same_of_china(year: int) -> None:
    assert compare("CN", year).disagreements == ()
