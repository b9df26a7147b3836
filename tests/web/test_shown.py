from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from engine.base.database import Database
from engine.base.text import Name
from engine.cases.notes.rules import NoteStruck
from engine.organisation.rules import HeldPost
from tests.builders import SmallOffice
from tests.conftest import Clock
from tests.web.conftest import app_with
from web import shown

NEVER = datetime(9999, 1, 1, tzinfo=UTC)
NOON = datetime(2026, 11, 20, 4, 0, tzinfo=UTC)  # a Friday; noon in Shanghai


@pytest.fixture(params=["en", "zh"])
def spoken(request: pytest.FixtureRequest, database: Database, small: SmallOffice, clock: Clock) -> Iterator[str]:
    """Inside a page of the small office, in each language, on a Friday at noon."""
    if not database.is_sqlite:
        pytest.skip("nothing here touches the database")
    clock.set(NOON)
    app = app_with(database)
    app.test_client().get("/sign-in")  # the office becomes known
    with app.test_request_context(headers={"Accept-Language": request.param}):
        yield str(request.param)


LENGTHS = [
    (timedelta(0), "under a minute", "不到一分钟"),
    (timedelta(seconds=59), "under a minute", "不到一分钟"),
    (timedelta(minutes=12), "12 min", "12分钟"),
    (timedelta(hours=2, minutes=40), "2 h 40 min", "2小时40分钟"),
    (timedelta(hours=3), "3 h", "3小时"),
    (timedelta(days=5, hours=4, minutes=59), "5 d 4 h", "5天4小时"),
    (timedelta(days=12, hours=4), "12 d", "12天"),
]


@pytest.mark.parametrize(("length", "en", "zh"), LENGTHS)
def test_a_duration_has_its_two_largest_units(spoken: str, length: timedelta, en: str, zh: str) -> None:
    assert shown.duration(length) == {"en": en, "zh": zh}[spoken]


UNTIL = [
    (timedelta(hours=2, minutes=40), "in 2 h 40 min", "还剩2小时40分钟"),
    (timedelta(days=1, hours=3), "in 1 d 3 h", "还剩1天3小时"),
    (timedelta(days=3, hours=20), "in 3 days", "还剩3天"),
    (timedelta(minutes=-30), "30 min late", "逾期30分钟"),
    (timedelta(days=-1, hours=-2), "1 day late", "逾期1天"),
    (timedelta(days=-2, hours=-3), "2 days late", "逾期2天"),
]


@pytest.mark.parametrize(("left", "en", "zh"), UNTIL)
def test_what_is_due_says_how_long_is_left_or_how_late_it_is(spoken: str, left: timedelta, en: str, zh: str) -> None:
    assert shown.until(NOON + left, NOON) == {"en": en, "zh": zh}[spoken]


def test_a_refusal_says_on_which_day_as_its_language_does(spoken: str) -> None:
    told = shown.refused(NoteStruck(number=2, at=NOON - timedelta(hours=2)))
    assert told == {
        "en": "Note 2 was struck out on 20 Nov 10:00. It stays as it is.",
        "zh": "备注 2 已于 今天 10:00 划去，不再变动。",
    }.get(spoken), told


def test_where_nothing_is_promised_nothing_is_said(spoken: str) -> None:
    assert shown.until(NEVER, NOON) == ""
    assert shown.urgency(NEVER, NOON) == "calm"


MOMENTS = [
    (NOON - timedelta(hours=2), "today 10:00", "今天 10:00"),
    (NOON - timedelta(hours=13), "yesterday 23:00", "昨天 23:00"),
    # 20:30 UTC the day before is half past four in the morning of today in Shanghai.
    (datetime(2026, 11, 19, 20, 30, tzinfo=UTC), "today 04:30", "今天 04:30"),
    (NOON + timedelta(hours=20), "tomorrow 08:00", "明天 08:00"),
    (datetime(2026, 11, 13, 1, 12, tzinfo=UTC), "13 Nov 09:12", "11月13日 09:12"),
    (datetime(2025, 11, 13, 1, 12, tzinfo=UTC), "13 Nov 2025 09:12", "2025年11月13日 09:12"),
]


@pytest.mark.parametrize(("at", "en", "zh"), MOMENTS)
def test_an_instant_is_told_in_the_zone_of_the_office(spoken: str, at: datetime, en: str, zh: str) -> None:
    assert shown.moment(at) == {"en": en, "zh": zh}[spoken]


def test_days_are_told_as_people_write_them(spoken: str) -> None:
    assert shown.long_day(NOON) == {"en": "Friday 20 November 2026", "zh": "2026年11月20日 星期五"}[spoken]
    assert shown.day(NOON) == {"en": "Fri 20 Nov", "zh": "11月20日 周五"}[spoken]


def test_a_machine_reads_the_instant_with_its_offset(spoken: str) -> None:
    assert shown.machine_time(NOON) == "2026-11-20T12:00+08:00"


def test_names_come_in_the_language_of_the_page(spoken: str) -> None:
    post = HeldPost(1, 1, frozenset(), "Reviewer", "审核岗", "Construction", "")
    assert shown.named(post) == {"en": "Reviewer", "zh": "审核岗"}[spoken]
    assert shown.named(Name("Wang Fang", "王芳")) == {"en": "Wang Fang", "zh": "王芳"}[spoken]
    assert shown.named(post, "department") == "Construction", "the only one there is"


def test_a_name_missing_in_one_language_is_told_in_the_other(spoken: str) -> None:
    assert shown.named(Name("Construction", "")) == "Construction"
    assert shown.both(Name("Construction", "")) == "Construction"


def test_both_names_are_text_and_the_foreign_one_says_its_language(spoken: str) -> None:
    found = shown.both(Name("<Li> Ming", "李明"))
    expected = {
        "en": '&lt;Li&gt; Ming <span lang="zh-Hans">李明</span>',
        "zh": '李明 <span lang="en-GB">&lt;Li&gt; Ming</span>',
    }
    assert found == expected[spoken]


def test_figures_follow_the_language(spoken: str) -> None:
    assert shown.number(12345.5) == "12,345.5"
    assert shown.share(0.614) == "61%"


LENGTH = st.floats(min_value=0, max_value=1e6, allow_nan=False)


@given(LENGTH, LENGTH, LENGTH, LENGTH, st.none() | LENGTH, st.none() | LENGTH)
def test_the_bar_never_runs_out_of_its_frame(
    waited: float, worked: float, stopped: float, past: float, promise: float | None, law: float | None
) -> None:
    found = shown.shares(waited, worked, stopped, past, promise, law)
    end = 0.0
    for part in found.parts:
        assert part.x == pytest.approx(end, abs=0.02)
        end = part.x + part.width
    assert end <= 100.03
    for tick in (found.promise, found.law):
        assert tick is None or 0 <= tick <= 100


def test_the_bar_takes_durations_too() -> None:
    day = timedelta(days=1)
    found = shown.shares(2 * day, day, 0, 1 * day, 3 * day, 8 * day)
    assert [(part.kind, part.x, part.width) for part in found.parts] == [
        ("wait", 0, 25),
        ("work", 25, 12.5),
        ("over", 37.5, 12.5),
    ]
    assert (found.promise, found.law) == (37.5, 100)


def test_a_negative_length_is_none() -> None:
    assert shown.shares(-5, 0, 0, 0, None, None).parts == ()
