"""What a bottleneck is told with, in both languages."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, date, datetime
from zoneinfo import ZoneInfo

import pytest

from engine.base.text import LANGUAGES, Name
from engine.organisation.calendars.rules import PLAIN_WEEK
from engine.supervision.bottlenecks import words
from engine.supervision.bottlenecks.reads import daily, friday
from engine.supervision.bottlenecks.rules import Bottleneck, Cause, Found, Standing, judged
from engine.worktime.calendar import WorkCalendar

OFFICE = WorkCalendar(ZoneInfo("Asia/Shanghai"), PLAIN_WEEK)
BY = date(2026, 11, 27)
STEP = Standing(
    1, 1, "review", "Permit 许可", "Review 审查", 1, Name("Reviewer", "审核岗"), 1, Name("Transport", "交通局"),
    daily=((4, 4),) * 9 + ((6, 4),) * 12, waits=80, waited=60.0, waiting=34, aged=60.0, oldest=7.25, holders=1,
    vacant=2, left=(-1.0, -1.0, *(0.5,) * 18, *(20.0,) * 14),
)  # fmt: skip


def _told(step: Standing) -> Bottleneck:
    found = judged(step)
    assert found is not None
    return found


def test_it_is_told_in_one_sentence_with_its_figures() -> None:
    one = _told(STEP)
    assert words.place(one).en == "“Review 审查” in Transport"
    assert words.standing(one, BY).en == (
        "34 waiting, arrivals 6 a day against 4 finished for 12 working days; "
        "at this rate 18 more miss their promise by Friday 27 Nov; 2 are past their promise already."
    )
    assert words.causes(one)[0].en == "2 of the post's 3 places are vacant."
    assert words.apart(one) is None


def test_it_is_told_in_chinese_too() -> None:
    one = _told(STEP)
    assert words.place(one).zh == "交通局的“Review 审查”"
    assert words.standing(one, BY).zh == (
        "34件等待，近12个工作日，日均到达6件、办结4件；"
        "照此速度，到11月27日（周五）将再有18件超过承诺时限；已有2件超过承诺时限。"
    )
    assert words.causes(one)[0].zh == "该岗位3个编制中有2个空缺。"


def test_where_nothing_is_promised_it_speaks_of_the_day_the_step_is_due() -> None:
    said = words.standing(_told(replace(STEP, promised=False)), BY)
    assert "at this rate 18 more will be past due by Friday 27 Nov; 2 are past due already." in said.en
    assert "照此速度，到11月27日（周五）将再有18件任务逾期；已有2件任务逾期。" in said.zh
    said = words.standing(_told(replace(STEP, promised=False, left=(-1.0, 0.1))), BY)
    assert "at this rate one more will be past due by Friday 27 Nov; one is past due already." in said.en


def test_many_are_told_as_the_tables_tell_them() -> None:
    said = words.standing(_told(replace(STEP, waiting=2092, aged=40000.0, left=(-1.0,) * 1982 + (20.0,) * 110)), BY)
    assert said.en.startswith("2,092 waiting, ")
    assert "1,982 are past their promise already" in said.en
    assert said.zh.startswith("2,092件等待，")


def test_where_nothing_was_finished_it_says_so() -> None:
    said = words.standing(_told(replace(STEP, daily=((4, 4),) * 9 + ((6, 0),) * 12)), BY)
    assert "arrivals 6 a day and nothing finished for 12 working days" in said.en
    assert "日均到达6件，没有办结" in said.zh


def test_what_waits_outside_is_told_apart() -> None:
    one = _told(replace(STEP, outside=5, stopped=1))
    told = words.apart(one)
    assert told is not None
    assert "5 waiting for the applicant" in told.en
    assert "1 with the clock stopped" in told.en
    assert words.standing(one, BY) == words.standing(_told(STEP), BY)


def test_nearly_all_is_not_told_as_all() -> None:
    assert [words.percent(one) for one in (1.0, 0.996, 0.5, 0.004, 0.0)] == ["100%", "99%", "50%", "1%", "0%"]


def test_a_post_that_nobody_holds_is_told_so() -> None:
    assert words.causes(_told(replace(STEP, holders=0, vacant=3)))[0].en == "Nobody holds the post."


@pytest.mark.parametrize("cause", Cause)
def test_every_cause_can_be_told_in_both_languages(cause: Cause) -> None:
    for now in (0.0, 1.0, 0.4):
        said = words.cause(Found(cause, 0.5, now, 3.0))
        for language in LANGUAGES:
            assert said.say(language)
            assert "{" not in said.say(language)
    assert words.CAUSE[cause].zh != words.CAUSE[cause].en


def test_names_that_people_typed_are_said_as_they_stand() -> None:
    one = _told(replace(STEP, step="{n} <b>", department=Name("{day}", "{day}")))
    assert words.place(one).en == "“{n} <b>” in {day}"


@pytest.mark.parametrize(
    ("today", "meant"),
    [("2026-11-23", "2026-11-27"), ("2026-11-25", "2026-11-27"), ("2026-11-26", "2026-12-04"), ("2026-11-29", "2026-12-04")],
)  # fmt: skip
def test_by_friday_is_the_next_one_that_leaves_time_to_act(today: str, meant: str) -> None:
    assert friday(OFFICE, date.fromisoformat(today)) == date.fromisoformat(meant)


def test_days_of_rest_count_with_the_day_before_and_a_young_day_too() -> None:
    saturday, sunday = date(2026, 11, 21), date(2026, 11, 22)
    monday, tuesday = date(2026, 11, 23), date(2026, 11, 24)
    counted = {saturday: [2, 0], sunday: [1, 1], monday: [5, 4], tuesday: [1, 0]}
    late, early = datetime(2026, 11, 24, 8, 30, tzinfo=UTC), datetime(2026, 11, 24, 2, 0, tzinfo=UTC)
    assert daily(counted, OFFICE, saturday, tuesday, late) == ((8, 5), (1, 0))
    assert daily(counted, OFFICE, saturday, tuesday, early) == ((9, 5),)
    assert daily(counted, OFFICE, date(2026, 11, 20), tuesday, late) == ((3, 1), (5, 4), (1, 0))
