"""Sentences are said in both languages, and never fail to be said."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from engine.base.errors import NotAllowed, NotFound, Refusal
from engine.base.text import LANGUAGES, Language, Name, Text

PERSON = Text(en="person", zh="人员")


def test_facts_are_filled_in_each_language() -> None:
    sentence = Text(en="{who} is a {what}.", zh="{who}是{what}。")
    assert sentence.say("en", who="Li", what=PERSON) == "Li is a person."
    assert sentence.say("zh", who="李", what=PERSON) == "李是人员。"


def test_a_fact_that_is_missing_is_shown_by_its_name() -> None:
    assert Text(en="{who} left", zh="{who}离开").say("en") == "{who} left"


def test_an_instant_is_told_in_utc_where_nobody_says_otherwise() -> None:
    assert Text(en="at {at}", zh="于 {at}").say("en", at=datetime(2026, 3, 2, 9, tzinfo=UTC)) == (
        "at 2026-03-02 09:00 UTC"
    )


def test_no_attribute_of_a_fact_is_walked() -> None:
    assert "class" not in Text(en="{who.__class__}", zh="").say("en", who="x").replace("{who.__class__}", "")


@given(st.text(), st.sampled_from(LANGUAGES))
def test_what_people_typed_is_said_as_it_stands(typed: str, language: Language) -> None:
    assert Name(typed, typed).say(language, anything="x") == typed
    assert Text(en="<{who}>", zh="<{who}>").say(language, who=Name(typed, typed)) == f"<{typed}>"
    assert Text(en="<{who}>", zh="<{who}>").say(language, who=typed) == f"<{typed}>"


class TeaIsCold(Refusal):
    """The tea of {person} is cold. Make another."""

    zh = "{person}的茶凉了。请另沏一杯。"


def test_a_refusal_is_its_docstring_and_its_chinese_sentence() -> None:
    refusal = TeaIsCold(person=Name("Li Ming", "李明"))
    assert str(refusal) == refusal.say("en") == "The tea of Li Ming is cold. Make another."
    assert refusal.say("zh") == "李明的茶凉了。请另沏一杯。"
    assert refusal.code == "TeaIsCold"


def test_facts_can_be_shown_in_the_readers_way() -> None:
    at = datetime(2026, 3, 2, 1, tzinfo=UTC)
    refusal = TeaIsCold(person=at)
    assert refusal.say("en", lambda fact: f"{fact:%d.%m.}" if fact is at else fact) == (
        "The tea of 02.03. is cold. Make another."
    )


@pytest.mark.parametrize("refusal", [NotFound(what=PERSON), NotAllowed(why=PERSON)])
def test_common_refusals_name_what_they_are_about(refusal: Refusal) -> None:
    assert "person" in refusal.say("en")
    assert "人员" in refusal.say("zh")
