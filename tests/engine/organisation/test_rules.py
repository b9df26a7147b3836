"""Circles, periods, codes, passwords and waits, as pure rules."""

from __future__ import annotations

from datetime import date, timedelta
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from engine.base.errors import NotAllowed
from engine.organisation import rules
from engine.organisation.rules import Actor, HeldPost, Period, Right

MONDAY = date(2026, 3, 2)


def actor(*rights: Right) -> Actor:
    post = HeldPost(4, 2, frozenset(rights), "Clerk", "受理岗", "Counter", "窗口")
    return Actor(1, "li", "Li Ming", "李明", "zh", (post,))


def test_an_actor_may_what_one_of_their_posts_may() -> None:
    assert actor(Right.DESIGN).may(Right.DESIGN)
    assert not actor(Right.DESIGN).may(Right.ADMINISTER)
    assert actor().post_ids == {4}


def test_only_administrators_change_the_organisation() -> None:
    rules.must_administer(actor(Right.ADMINISTER))
    rules.must_administer(None)
    with pytest.raises(NotAllowed):
        rules.must_administer(actor(Right.DESIGN, Right.SUPERVISE))


def test_an_account_is_changed_by_its_owner_or_an_administrator() -> None:
    rules.must_be_own_or_administer(actor(), 1)
    rules.must_be_own_or_administer(actor(Right.ADMINISTER), 2)
    with pytest.raises(NotAllowed):
        rules.must_be_own_or_administer(actor(Right.SUPERVISE), 2)


@given(st.frozensets(st.sampled_from(Right)))
def test_rights_are_kept_as_words_and_read_back(rights: frozenset[Right]) -> None:
    assert rules.rights_of(rules.words_of(rights)) == rights


@pytest.mark.parametrize("code", ["BP", "review.head", "窗口-1", "a", "x_2", "ＢＰ"])
def test_codes_people_write_are_taken(code: str) -> None:
    assert rules.fit_code(f" {code} ") == code.replace("ＢＰ", "BP")


@pytest.mark.parametrize("code", ["", " ", "two words", "a/b", "-a", "a.", "x" * 41, "a\nb", "<b>"])
def test_codes_that_would_be_misread_are_refused(code: str) -> None:
    with pytest.raises(rules.CodeUnfit):
        rules.fit_code(code)


@pytest.mark.parametrize("typed", ["Li.Ming", " LI.MING ", "ｌｉ.ｍｉｎｇ"])
def test_a_login_is_the_same_however_it_is_typed(typed: str) -> None:
    assert rules.fit_login(typed) == "li.ming"


@pytest.mark.parametrize("typed", ["", "a b", "x" * 5000, "a\x00b", "\ud800"])
def test_what_can_be_no_login_is_sought_for_as_nothing(typed: str) -> None:
    assert rules.as_login(typed) == ""
    with pytest.raises(rules.CodeUnfit):
        rules.fit_login(typed)


@pytest.mark.parametrize(("en", "zh"), [("", "窗口"), ("Counter", " "), ("x" * 101, "窗口"), ("a\u202eb", "窗口")])
def test_a_name_is_needed_in_both_languages_and_can_be_read(en: str, zh: str) -> None:
    with pytest.raises(rules.NamesMissing):
        rules.fit_names("counter", en, zh)


def test_names_lose_the_spaces_that_nobody_sees() -> None:
    assert rules.fit_names("c", "  Service \n counter ", "服务窗口").en == "Service counter"


@pytest.mark.parametrize("zone", ["", "Mars/Olympus", "../etc/passwd", "/etc/localtime", "Asia", "a\x00b"])
def test_what_is_no_zone_is_refused(zone: str) -> None:
    with pytest.raises(rules.ZoneUnknown):
        rules.fit_zone(zone)


def test_languages_are_those_spoken_here() -> None:
    assert rules.fit_language("zh") == "zh"
    with pytest.raises(rules.LanguageUnknown):
        rules.fit_language("fr")


@pytest.mark.parametrize("password", ["short 1", "aaaaaaaaaaaa", "li.ming", "Li.Ming1", "x" * 201 + "yz"])
def test_passwords_that_are_easy_to_guess_are_refused(password: str) -> None:
    with pytest.raises(rules.PasswordUnfit):
        rules.fit_password(password, "li.ming")


@pytest.mark.parametrize("password", ["correct horse", "今天天气很好我去上班", "li.ming likes tea", "x1-" * 60])
def test_sentences_are_good_passwords(password: str) -> None:
    assert rules.fit_password(password, "li.ming") == password


def test_a_password_is_the_same_from_every_keyboard() -> None:
    assert rules.as_password("ｐａｓｓ ｅ\u0301") == rules.as_password("pass \u00e9")


def test_the_wait_grows_from_the_fifth_wrong_password_to_a_quarter_of_an_hour() -> None:
    minutes = [rules.wait_after(failures) / timedelta(minutes=1) for failures in range(12)]
    assert minutes == [0, 0, 0, 0, 0, 1, 2, 4, 8, 15, 15, 15]
    assert rules.wait_after(10_000) == timedelta(minutes=15)


def test_a_period_is_not_inverted_and_may_be_a_single_day() -> None:
    assert rules.fit_period(MONDAY, MONDAY) == Period(MONDAY, MONDAY)
    with pytest.raises(rules.PeriodInverted):
        rules.fit_period(MONDAY, MONDAY - timedelta(days=1))


def day(number: int) -> date:
    return MONDAY + timedelta(days=number)


periods = st.builds(
    lambda start, length: Period(day(start), None if length is None else day(start + length)),
    st.integers(-10, 30),
    st.none() | st.integers(0, 15),
)


@given(periods, periods)
def test_periods_overlap_where_they_share_a_day(one: Period, other: Period) -> None:
    share = any(one.includes(day(n)) and other.includes(day(n)) for n in range(-10, 60))
    assert one.overlaps(other) == other.overlaps(one) == share


@given(st.lists(periods, max_size=5))
def test_the_first_day_without_is_the_first_that_no_period_includes(given_periods: list[Period]) -> None:
    by_hand = next((day(n) for n in range(60) if not any(one.includes(day(n)) for one in given_periods)), None)
    assert rules.first_day_without(given_periods, MONDAY) == by_hand


def test_nobody_takes_the_last_administrator_away() -> None:
    forever, a_week = Period(day(-30), None), Period(day(-30), day(6))
    with pytest.raises(rules.NoAdministratorLeft) as refusal:
        rules.must_leave_an_administrator([forever], [a_week], MONDAY)
    assert refusal.value.facts["day"] == day(7)
    rules.must_leave_an_administrator([forever, a_week], [forever], MONDAY)
    rules.must_leave_an_administrator([a_week], [a_week], MONDAY)
    rules.must_leave_an_administrator([], [], MONDAY)


@given(st.data())
def test_a_move_makes_a_circle_exactly_where_one_can_then_be_walked(data: Any) -> None:
    size = data.draw(st.integers(2, 8))
    above: dict[int, int | None] = {0: None}
    for number in range(1, size):
        above[number] = data.draw(st.none() | st.integers(0, number - 1))
    moved, under = data.draw(st.integers(0, size - 1)), data.draw(st.none() | st.integers(0, size - 1))
    after = above | {moved: under}
    place: int | None = moved
    for _ in range(size + 1):
        place = None if place is None else after[place]
    assert rules.makes_circle(moved, under, above) == (place is not None)
