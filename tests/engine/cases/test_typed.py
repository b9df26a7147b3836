"""What is typed into a form, merged field by field from as many windows as somebody has open."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from engine.cases.typed import MOST, DraftTooLong, Sent, Sheet, from_elsewhere, merged, read, written

NOW = datetime(2026, 3, 2, 2, 42, tzinfo=UTC)


def sent(page: str, since: int = 0, whole: bool = True, **fields: str) -> Sent:
    """A page that holds these fields; those in capitals have been typed on it."""
    typed = {name.lower(): (value,) for name, value in fields.items() if value}
    return Sent(typed, page, since, frozenset(name.lower() for name in fields if name.isupper()), whole)


def test_what_was_not_touched_on_one_window_stays_as_it_was_typed_on_another() -> None:
    """Both were opened before anything was typed: the second sends its empty field along."""
    first = merged(Sheet(), sent("one", PLOT="C-1", area=""), NOW)
    both = merged(first, sent("two", plot="", AREA="120"), NOW)
    assert both.typed == {"plot": ("C-1",), "area": ("120",)}
    assert both.replaced == ()


def test_of_one_field_typed_on_two_windows_the_later_stands_and_the_earlier_is_kept() -> None:
    first = merged(Sheet(), sent("one", PLOT="C-1"), NOW)
    both = merged(first, sent("two", PLOT="C-2"), NOW)
    assert both.typed == {"plot": ("C-2",)}
    assert [(one.name, one.values) for one in both.replaced] == [("plot", ("C-1",))]


def test_what_somebody_has_seen_is_typed_over_without_keeping_it() -> None:
    first = merged(Sheet(), sent("one", PLOT="C-1"), NOW)
    again = merged(first, sent("two", since=first.version, PLOT="C-2"), NOW)
    assert again.typed == {"plot": ("C-2",)}
    assert again.replaced == ()


def test_one_window_never_replaces_itself() -> None:
    sheet = Sheet()
    for text in ("C", "C-", "C-1"):
        sheet = merged(sheet, sent("one", whole=False, PLOT=text), NOW)
    assert (sheet.typed, sheet.replaced, sheet.version) == ({"plot": ("C-1",)}, (), 3)


def test_a_box_that_is_unticked_stays_unticked() -> None:
    ticked = merged(Sheet(), sent("one", URGENT="true"), NOW)
    assert merged(ticked, sent("one", whole=False, URGENT=""), NOW).typed == {}


def test_a_page_without_a_script_says_what_it_is_not_told_of_another_window_either() -> None:
    first = merged(Sheet(), sent("one", PLOT="C-1"), NOW)
    plain = merged(first, Sent({"plot": (), "area": ("7",)}, "two"), NOW)
    assert plain.typed == {"area": ("7",)}
    assert [one.values for one in plain.replaced] == [("C-1",)], "nothing is lost"


def test_it_is_told_that_something_was_typed_elsewhere() -> None:
    first = merged(Sheet(), sent("one", PLOT="C-1"), NOW)
    assert from_elsewhere(first, sent("two", AREA="1"))
    assert not from_elsewhere(first, sent("one", AREA="1"))
    assert not from_elsewhere(first, sent("two", since=first.version, AREA="1"))


def test_what_is_too_long_is_refused_with_its_length() -> None:
    with pytest.raises(DraftTooLong) as refused:
        written(merged(Sheet(), sent("one", PLOT="x" * MOST), NOW))
    assert f"at most {MOST}" in refused.value.say("en")


_TEXT = st.text(max_size=8)
_PAGES = st.sampled_from(["one", "two", "three"])
_SENT = st.builds(
    lambda page, values, since: Sent(
        {name: (value,) for name, value in values.items()}, page, since, frozenset(values), whole=True
    ),
    _PAGES,
    st.dictionaries(st.sampled_from(["plot", "area", "reasons"]), _TEXT, max_size=3),
    st.integers(0, 6),
)


@given(st.lists(_SENT, max_size=12))
def test_the_last_text_of_every_field_stands_and_every_text_unseen_is_kept(history: list[Sent]) -> None:
    sheet, last = Sheet(), dict[str, str]()
    for one in history:
        before = sheet
        sheet = merged(sheet, one, NOW)
        for name, (value,) in one.typed.items():
            last[name] = value
            old = before.fields.get(name)
            if old and any(old.values) and old.values != (value,) and old.page != one.page and old.version > one.since:
                assert sheet.replaced[-3:], "it was typed elsewhere and had not been seen"
                assert old.values in [kept.values for kept in sheet.replaced]
    assert {name: values for name, (values,) in sheet.typed.items()} == last
    assert sheet.version == len(history)


@given(st.lists(_SENT, min_size=1, max_size=6))
def test_what_is_kept_is_read_as_it_was_written(history: list[Sent]) -> None:
    sheet = Sheet()
    for one in history:
        sheet = merged(sheet, one, NOW)
    assert read(written(sheet), sheet.version, NOW) == sheet
