"""Every figure is told in words, in both languages."""

from __future__ import annotations

import re
from dataclasses import fields

import pytest

from engine.supervision.figures import rules
from engine.supervision.figures.definitions import DEFINITIONS, Definition
from engine.supervision.figures.numbers import NUMBERS
from engine.supervision.figures.spreads import Share, Spread

_CHINESE = re.compile(r"[一-鿿]")


@pytest.mark.parametrize("one", DEFINITIONS.values(), ids=lambda one: one.key)
def test_a_definition_says_what_is_counted_in_both_languages(one: Definition) -> None:
    for text in (one.name, one.sentence):
        assert text.en.strip()
        assert not _CHINESE.search(text.en)
        assert _CHINESE.search(text.zh)
    assert one.sentence.en.endswith(".")
    assert one.sentence.zh.endswith("。")
    assert one.formula


def test_no_two_figures_have_one_name() -> None:
    for language in ("en", "zh"):
        names = [getattr(one.name, language) for one in DEFINITIONS.values()]
        assert len(set(names)) == len(names)


def test_every_length_and_share_that_is_told_of_a_step_is_defined() -> None:
    told = [one.name for one in fields(rules.StepFigures) if one.type in ("Spread", "Share")]
    assert len(told) >= 9
    assert set(told) <= set(DEFINITIONS)


def test_what_is_counted_of_tasks_opens_what_it_counts() -> None:
    counted = {"arrived", "done", "cancelled", "repeated", "self_loops", "late", "open", "same_day", "cases.first_pass"}
    assert counted <= set(DEFINITIONS)
    assert counted <= set(NUMBERS)


def test_few_is_told_by_whoever_reads() -> None:
    assert Spread(n=19).few
    assert not Spread(n=20).few
    assert Share(0, 19).few
    assert Share(3, 0).value is None
