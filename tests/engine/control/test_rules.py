"""Whose consent is asked, and which days and months are meant: pure rules."""

from __future__ import annotations

from datetime import date, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from engine.control import rules
from engine.control.rules import Chair, consenting

BUREAU, SECTION, OTHER = 1, 2, 3
ABOVE = {BUREAU: None, SECTION: BUREAU, OTHER: None}


def _chair(id_: int, department: int, reports_to: int | None = None, *, supervises: bool = False) -> Chair:
    return Chair(id_, department, reports_to, supervises)


def test_the_head_of_a_department_speaks_for_it() -> None:
    chairs = [_chair(1, BUREAU, supervises=True), _chair(2, BUREAU, 1, supervises=True), _chair(3, BUREAU, 2)]
    assert consenting([BUREAU], chairs, ABOVE) == {BUREAU: 1}


def test_a_section_without_a_head_is_spoken_for_by_the_bureau_above() -> None:
    chairs = [_chair(1, BUREAU, supervises=True), _chair(2, SECTION, 1)]
    assert consenting([SECTION], chairs, ABOVE) == {BUREAU: 1}
    assert consenting([SECTION, BUREAU], chairs, ABOVE) == {BUREAU: 1}


def test_a_section_with_a_head_of_its_own_is_asked_itself() -> None:
    chairs = [_chair(1, BUREAU, supervises=True), _chair(2, SECTION, 1, supervises=True), _chair(3, SECTION, 2)]
    assert consenting([SECTION, BUREAU], chairs, ABOVE) == {SECTION: 2, BUREAU: 1}


def test_where_nobody_supervises_the_top_post_of_the_department_speaks() -> None:
    assert consenting([OTHER], [_chair(7, OTHER, 8), _chair(8, OTHER)], ABOVE) == {OTHER: 8}


def test_a_department_without_posts_is_asked_nothing() -> None:
    assert consenting([OTHER], [], ABOVE) == {}


_IDS = st.integers(1, 6)


@given(
    crossed=st.lists(_IDS, max_size=6),
    chairs=st.lists(st.builds(Chair, st.integers(1, 30), _IDS, st.none() | st.integers(1, 30), st.booleans()), max_size=12),
    above=st.dictionaries(_IDS, st.none() | _IDS),
)  # fmt: skip
def test_whoever_speaks_for_a_department_stands_in_it_and_departments_are_asked_once(
    crossed: list[int], chairs: list[Chair], above: dict[int, int | None]
) -> None:
    known = {one.id: one for one in chairs}
    unique = list(known.values())
    for department, post in consenting(crossed, unique, above).items():
        assert known[post].department_id == department


@given(st.dates(date(2000, 1, 1), date(2090, 1, 1)), st.integers(1, 120))
def test_months_are_counted_by_the_calendar(day: date, months: int) -> None:
    later = rules.months_after(day, months)
    assert (later.year * 12 + later.month) - (day.year * 12 + day.month) == months
    assert later.day == day.day or (later.day < day.day and (later + timedelta(days=1)).day == 1)


def test_the_last_of_january_and_a_month_is_the_last_of_february() -> None:
    assert rules.months_after(date(2027, 1, 31), 1) == date(2027, 2, 28)


def test_no_day_means_today() -> None:
    assert rules.fit_day(None, date(2026, 3, 2)) == date(2026, 3, 2)
    with pytest.raises(rules.DayPast):
        rules.fit_day(date(2026, 3, 1), date(2026, 3, 2))


@given(st.text(max_size=300))
def test_what_is_kept_of_a_comment_can_be_shown(typed: str) -> None:
    try:
        kept = rules.fit_comment(typed)
    except rules.CommentMissing:
        return
    assert kept.strip() == kept
    assert all(sign.isprintable() or sign in "\n\t" for sign in kept)
