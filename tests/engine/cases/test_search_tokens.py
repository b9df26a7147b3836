"""What a text is found by: any two neighbours of Chinese, the beginning of any word, the numbers in it."""

from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from engine.cases.search.tokens import MOST_ASKED, Token, asked, fold, kept, places
from tests.thorough import examples

HAN = st.characters(categories=["Lo"], include_characters="々〇", max_codepoint=0x2FA1D, min_codepoint=0x3005).filter(
    lambda one: "\u3400" <= one <= "\u9fff" or one in "々〇" or one >= "\U00020000"
)
SIGNS = st.sampled_from(list(" ，。·、（）-/0aZ\u3000\U0001f3e0"))
TEXTS = st.lists(st.one_of(HAN, HAN, HAN, SIGNS), min_size=2, max_size=60).map("".join)


def _finds(words: str, text: str) -> bool:
    """As an index would: each token is there, or some token begins with it."""
    known = kept([text])
    wanted = asked(words)
    return bool(wanted) and all(
        any(one.startswith(token.word) for one in known) if token.begins else token.word in known for token in wanted
    )


def _is_han(text: str) -> bool:
    return all(len(kept([one])) == 1 and not one.isascii() for one in text)


@settings(max_examples=examples(300))
@given(TEXTS, st.data())
def test_any_stretch_of_chinese_is_found(text: str, data: st.DataObject) -> None:
    begin = data.draw(st.integers(0, len(text) - 1))
    end = data.draw(st.integers(begin + 1, min(len(text), begin + MOST_ASKED)))
    stretch = text[begin:end]
    if _is_han(stretch):
        assert _finds(stretch, text)


@settings(max_examples=examples(200))
@given(st.text(max_size=80))
def test_a_text_is_found_by_the_whole_of_itself(text: str) -> None:
    if asked(text):
        assert _finds(text, text)


@settings(max_examples=examples(300))
@given(st.text(max_size=80))
def test_tokens_hold_letters_and_digits_alone(text: str) -> None:
    """So nothing that is typed means anything to the index, and no mark of who may see a case can be typed."""
    for token in kept([text]) | {one.word for one in asked(text)}:
        assert token
        assert all(one.isalnum() or one > "\u3000" for one in token), token
        assert "·" not in token


@settings(max_examples=examples(300))
@given(st.text(max_size=60))
def test_folding_knows_where_everything_stood(text: str) -> None:
    folded = fold(text)
    assert len(folded.places) == len(folded.text)
    assert list(folded.places) == sorted(folded.places)
    for begin, end in places(text, text):
        assert 0 <= begin < end <= len(text)


@pytest.mark.parametrize(
    ("words", "text", "found"),
    [
        ("住宅", "二层住宅", True),
        ("层住", "二层住宅", True),
        ("宅", "二层住宅", True),
        ("二", "二层住宅", True),
        ("宅住", "二层住宅", False),
        ("ＢＰ-２０２６", "BP-2026-0418", True),
        ("bp 418", "BP-2026-0418", True),
        ("41", "BP-2026-0418", False),
        ("100", "1000 yuan", False),
        ("STRASSE", "Lange Straße 4", True),
        ("stras", "Lange Straße 4", True),
        ("cafe\u0301", "Café", True),
        ("use", "a house", False),
        ("12", "plot B12", True),
        ("王芳", "申请人：王 芳", False),
        ("㍻", "平成", True),
        ("ｶﾞｽ", "ガス", True),
    ],
)
def test_what_finds_what(words: str, text: str, found: bool) -> None:
    assert _finds(words, text) is found


@pytest.mark.parametrize("words", ["", "   ", "%", "-- ' \" \\", "·p3", "…"])
def test_signs_ask_for_nothing(words: str) -> None:
    assert all(not token.word.startswith("·") for token in asked(words))
    assert asked("%") == ()


def test_a_mark_of_who_may_see_cannot_be_typed() -> None:
    assert asked("·p3") == (Token("p3", begins=True),)


@pytest.mark.parametrize(
    ("words", "text", "marked"),
    [
        ("住宅", "二层住宅，住宅", ["住宅", "住宅"]),
        ("层住 住宅", "二层住宅", ["层住宅"]),
        ("bp", "ＢＰ-1 abp", ["ＢＰ"]),
        ("418", "BP-0418 4180", ["0418"]),
        ("ring ro", "Ring Road", ["Ring", "Ro"]),
        ("straße", "STRASSE", ["STRASSE"]),
    ],
)
def test_the_words_are_marked_where_they_stand(words: str, text: str, marked: list[str]) -> None:
    assert [text[begin:end] for begin, end in places(words, text)] == marked
