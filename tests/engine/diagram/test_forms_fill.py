"""What people type into a form becomes answers, or is told back with what to do."""

from __future__ import annotations

import json
import time
from collections.abc import Sequence
from decimal import Decimal
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from engine.diagram import forms
from engine.diagram.forms import Field, Form, Kind, Option, Source

Typed = dict[str, Sequence[str]]


def asking(*fields: Field) -> Form:
    return Form("Review", fields, Source.FORM_JS)


def one(kind: Kind, **facts: Any) -> Form:
    """A form that asks for `x` alone, called "Answer"."""
    return asking(Field("x", kind, "Answer", path=("x",), **facts))


def answered(form: Form, *typed: str) -> Any:
    filled = forms.fill(form, {"x": typed}, {})
    assert filled.errors == {}
    return filled.values["x"]


def told(form: Form, *typed: str, language: Any = "en") -> str:
    filled = forms.fill(form, {"x": typed}, {})
    assert set(filled.errors) == {"x"}
    return filled.errors["x"].say(language)


PAPERS = (Option("plans", "Plans 图纸"), Option("land", "Land certificate"), Option("id", "Identity card"))


# Numbers.


@pytest.mark.parametrize(
    ("typed", "value"),
    [
        ("12", 12),
        ("1,200", 1200),
        ("1 200", 1200),
        ("1,234,567.5", 1234567.5),
        ("6.40", 6.4),
        ("-3", -3),
        ("−3", -3),
        ("+3", 3),
        ("１，２００．５", 1200.5),
        ("　７　", 7),
        ("007", 7),
        ("0.1", 0.1),
        ("9223372036854775807", 2**63 - 1),
    ],
)
def test_a_number_is_understood_as_people_write_it(typed: str, value: float) -> None:
    found = answered(one(Kind.NUMBER), typed)
    assert found == value
    assert type(found) is type(value)


@pytest.mark.parametrize(
    "typed",
    ["NaN", "inf", "-Infinity", "1e999", "1e3", "0x10", "1_000", "1,2", "12,34", "six", "5²", "٣", "1.2.3", ".", "1."],
)
def test_what_is_no_plain_number_is_told_with_an_example(typed: str) -> None:
    assert told(one(Kind.NUMBER), typed) == (
        "Enter “Answer” as a number, like 1,200 or 6.40, with a point for decimals."
    )


@pytest.mark.parametrize("typed", ["0.1234567890123456789", "9223372036854775808", "12345678901234567.25"])
def test_a_number_that_cannot_be_kept_exactly_is_not_kept_inexactly(typed: str) -> None:
    assert "more digits than can be kept exactly" in told(one(Kind.NUMBER), typed)


def test_a_whole_number_may_not_have_a_fraction() -> None:
    assert told(one(Kind.INTEGER), "1.5") == "Enter “Answer” as a whole number, like 12."
    assert answered(one(Kind.INTEGER), "2.0") == 2


def test_the_limits_of_a_number_are_part_of_what_is_allowed() -> None:
    form = one(Kind.NUMBER, minimum=Decimal("0.1"), maximum=Decimal(5))
    assert answered(form, "0.1") == 0.1
    assert answered(form, "5") == 5
    assert told(form, "0.09") == "“Answer” must be 0.1 or more."
    assert told(form, "5.01") == "“Answer” must be 5 or less."
    assert told(form, "5.01", language="zh") == "“Answer”不得大于 5。"


def test_steps_are_reckoned_exactly() -> None:
    form = one(Kind.NUMBER, step=Decimal("0.1"))
    assert answered(form, "0.3") == 0.3
    assert told(form, "0.35") == "“Answer” must be a multiple of 0.1."


def test_digits_after_the_point_are_counted_without_the_zeros_at_the_end() -> None:
    form = one(Kind.NUMBER, decimals=1)
    assert answered(form, "6.40") == 6.4
    assert "at most 1 digits after the point" in told(form, "6.41")


# Dates and times.


@pytest.mark.parametrize(
    "typed", ["2026-11-02", "2026/11/2", "02/11/2026", "2.11.2026", "2026年11月2日", "２０２６-１１-０２"]
)
def test_a_date_is_understood_as_people_write_it(typed: str) -> None:
    assert answered(one(Kind.DATE), typed) == "2026-11-02"


@pytest.mark.parametrize("typed", ["2026-02-30", "31/04/2026", "0000-01-01", "tomorrow", "11-02-2026", "2026-13-01"])
def test_a_day_that_does_not_exist_is_no_date(typed: str) -> None:
    assert told(one(Kind.DATE), typed).startswith("Enter “Answer” as a date that exists")


def test_a_date_is_shown_again_as_it_was_understood() -> None:
    filled = forms.fill(one(Kind.DATE), {"x": ["2/11/2026"]}, {})
    assert filled.text("x") == "2026-11-02"


def test_a_date_that_is_wrong_is_shown_again_as_it_was_typed() -> None:
    assert forms.fill(one(Kind.DATE), {"x": ["30/2/2026"]}, {}).text("x") == "30/2/2026"


@pytest.mark.parametrize(
    ("typed", "value"), [("9:05", "09:05:00"), ("14:05:30", "14:05:30"), ("１４：０５", "14:05:00")]
)
def test_a_time_has_hours_minutes_and_seconds(typed: str, value: str) -> None:
    assert answered(one(Kind.TIME), typed) == value


@pytest.mark.parametrize("typed", ["24:00", "9", "12:60", "noon", "9:5"])
def test_a_time_that_does_not_exist_is_told(typed: str) -> None:
    assert told(one(Kind.TIME), typed) == "Enter “Answer” as a time, like 09:30 or 14:05."


@pytest.mark.parametrize(
    ("kind", "kept", "english", "chinese"),
    [
        (Kind.DATE, "2026-11-02", "2 November 2026", "2026年11月2日"),
        (Kind.MOMENT, "2026-11-21T14:05:00", "21 November 2026 14:05", "2026年11月21日 14:05"),
        (Kind.DATE, "2026-02-30", "2026-02-30", "2026-02-30"),
        (Kind.DATE, 7, "7", "7"),
    ],
)
def test_a_day_that_was_answered_is_read_as_days_are_everywhere(
    kind: Kind, kept: object, english: str, chinese: str
) -> None:
    field = one(kind).fields[0]
    assert (field.said(kept, "en"), field.said(kept, "zh")) == (english, chinese)


@pytest.mark.parametrize("typed", ["2026-11-21T14:05", "2026-11-21 14:05:00", "21/11/2026 14:05"])
def test_a_date_and_time_is_understood(typed: str) -> None:
    assert answered(one(Kind.MOMENT), typed) == "2026-11-21T14:05:00"


def test_half_a_date_and_time_is_told() -> None:
    assert "as a date and time" in told(one(Kind.MOMENT), "2026-11-21")


# Text.


def test_text_loses_the_space_around_it_and_what_is_no_text() -> None:
    assert answered(one(Kind.TEXT), "  C-\x00123\u200b \ud800") == "C-123\u200b"


def test_one_line_stays_one_line_and_long_text_keeps_its_lines() -> None:
    assert answered(one(Kind.TEXT), "a\r\nb") == "a b"
    assert answered(one(Kind.LONG_TEXT), "a\r\nb\rc") == "a\nb\nc"


def test_text_is_capped_even_where_the_form_sets_no_limit() -> None:
    assert answered(one(Kind.TEXT), "长" * 4_000) == "长" * 4_000
    assert told(one(Kind.TEXT), "x" * 4_001) == "Shorten “Answer” to 4,000 characters or fewer; it has 4,001."
    assert answered(one(Kind.LONG_TEXT), "x" * 100_000) == "x" * 100_000
    assert "100,000 characters" in told(one(Kind.LONG_TEXT), "x" * 100_001)


def test_a_form_cannot_lift_the_cap() -> None:
    assert "4,000" in told(one(Kind.TEXT, max_length=10**9), "x" * 5_000)


def test_lengths_are_counted_in_characters() -> None:
    form = one(Kind.TEXT, min_length=2, max_length=3)
    assert answered(form, "地块号") == "地块号"
    assert "3 characters or fewer; it has 4" in told(form, "abcd")
    assert "at least 2 characters; it has 1" in told(form, "a")
    assert answered(form, "") is None


def test_a_pattern_is_told_with_the_hint_as_its_example() -> None:
    form = one(Kind.TEXT, pattern="^C-[0-9]+$", hint="For example C-{123}.")
    assert answered(form, "C-12") == "C-12"
    assert told(form, "c12") == "Write “Answer” in the form asked for: For example C-{123}."
    assert told(form, "c12", language="zh") == "请按要求的格式填写“Answer”：For example C-{123}。"


def test_a_pattern_made_to_hang_a_program_does_not() -> None:
    form = one(Kind.LONG_TEXT, pattern="^(a+)+$")
    began = time.thread_time()
    told(form, "a" * 99_000 + "b")
    assert time.thread_time() - began < 15


def test_braces_in_a_label_are_said_as_they_are() -> None:
    form = asking(Field("x", Kind.TEXT, "{label} {0} {", path=("x",), required=True))
    assert forms.fill(form, {}, {}).errors["x"].say("en") == "Enter “{label} {0} {”."


# Choices.


def test_only_what_is_offered_can_be_chosen() -> None:
    for kind in (Kind.RADIO, Kind.SELECT, Kind.SEVERAL):
        assert told(one(kind, options=PAPERS), "bribe") == "Choose one of the answers offered for “Answer”."


def test_several_are_kept_in_the_order_offered_each_once() -> None:
    form = one(Kind.SEVERAL, options=PAPERS)
    assert answered(form, "id", "plans", "id", "") == ["plans", "id"]
    assert answered(form) == []


def test_a_choice_keeps_the_type_that_the_designer_gave_it() -> None:
    form = one(Kind.RADIO, options=(Option(True, "Yes"), Option(False, "No"), Option(1, "One"), Option(2.5, "2½")))
    assert answered(form, "true") is True
    assert answered(form, "false") is False
    assert answered(form, "1") == 1
    assert answered(form, "1") is not True
    assert answered(form, "2.5") == 2.5


def test_how_many_may_be_chosen_is_kept() -> None:
    form = one(Kind.SEVERAL, options=PAPERS, minimum=Decimal(2), maximum=Decimal(2))
    assert "Choose at least 2" in told(form, "id")
    assert "Choose 2 or fewer" in told(form, "id", "plans", "land")
    assert answered(form) == []


@pytest.mark.parametrize(
    ("typed", "value"), [(["true"], True), (["on"], True), (["是"], True), ([], False), (["no"], False)]
)
def test_a_box_is_ticked_or_not(typed: list[str], value: bool) -> None:
    assert answered(one(Kind.YES_NO), *typed) is value


def test_a_box_takes_no_other_answer() -> None:
    assert told(one(Kind.YES_NO), "perhaps") == "Answer “Answer” with yes or no."


# What is asked for, and what is not.


@pytest.mark.parametrize(
    ("kind", "sentence"),
    [
        (Kind.TEXT, "Enter “Answer”."),
        (Kind.NUMBER, "Enter “Answer”."),
        (Kind.DATE, "Enter “Answer”."),
        (Kind.RADIO, "Choose an answer for “Answer”."),
        (Kind.SEVERAL, "Choose at least one answer for “Answer”."),
        (Kind.YES_NO, "Tick “Answer” before you go on."),
        (Kind.ROWS, "Fill in at least one row of “Answer”."),
    ],
)
def test_what_is_required_is_asked_for_in_words_that_fit(kind: Kind, sentence: str) -> None:
    form = one(kind, required=True, options=PAPERS, children=(Field("y", Kind.TEXT, path=("y",)),))
    assert told(form) == sentence
    assert told(form, "  ") == sentence


def test_what_is_left_blank_has_no_value_but_is_known_to_be_blank() -> None:
    assert forms.fill(one(Kind.NUMBER), {}, {}).values == {"x": None}


def test_what_is_no_field_of_the_form_is_not_looked_at() -> None:
    filled = forms.fill(one(Kind.TEXT), {"x": ["a"], "y": ["b"], "x[0]": ["c"], "__class__": ["d"], "": ["e"]}, {})
    assert filled.values == {"x": "a"}
    assert set(filled.typed) == {"x"}


def test_what_may_only_be_read_is_not_read_back() -> None:
    form = asking(
        Field("fee", Kind.NUMBER, path=("fee",), readonly=True, required=True),
        Field("paid", Kind.ROWS, path=("paid",), readonly=True, children=(Field("y", Kind.TEXT, path=("y",)),)),
    )
    filled = forms.fill(form, {"fee": ["0"], "paid[0].y": ["all"]}, {"fee": 120})
    assert filled.values == {}
    assert filled.errors == {}


def test_a_dotted_key_of_a_form_is_a_place_in_the_answers() -> None:
    form = asking(
        Field("a.b", Kind.TEXT, path=("a", "b")),
        Field("g", Kind.GROUP, children=(Field("a.c", Kind.TEXT, path=("a", "c")),)),
    )
    filled = forms.fill(form, {"a.b": ["1"], "a.c": ["2"]}, {})
    assert filled.values == {"a": {"b": "1", "c": "2"}}


def test_what_was_typed_is_kept_when_something_else_is_wrong() -> None:
    form = asking(Field("n", Kind.NUMBER, path=("n",)), Field("t", Kind.TEXT, path=("t",), required=True))
    filled = forms.fill(form, {"n": ["about 12"], "t": [" "]}, {})
    assert filled.text("n") == "about 12"
    assert list(filled.errors) == ["n", "t"]


# Rows.

ITEMS = asking(
    Field(
        "items",
        Kind.ROWS,
        "Fees",
        path=("items",),
        required=True,
        children=(
            Field("what", Kind.TEXT, "What", path=("what",), required=True),
            Field("sum.net", Kind.NUMBER, "Sum", path=("sum", "net")),
            Field("due", Kind.YES_NO, "Due", path=("due",)),
        ),
    )
)


def test_rows_are_a_list_and_blank_ones_do_not_count() -> None:
    typed = {"items[]": ["0", "1", "4"], "items[4].what": ["Plan"], "items[4].sum.net": ["5"], "items[0].what": ["Map"]}
    filled = forms.fill(ITEMS, typed, {})
    assert filled.errors == {}
    assert filled.values == {
        "items": [
            {"what": "Map", "sum": {"net": None}, "due": False},
            {"what": "Plan", "sum": {"net": 5}, "due": False},
        ]
    }
    assert filled.rows("items") == (0, 1, 4)


def test_a_fault_in_a_row_names_the_row_as_it_is_counted_on_the_page() -> None:
    filled = forms.fill(ITEMS, {"items[]": ["3", "7"], "items[3].what": ["a"], "items[7].due": ["true"]}, {})
    assert filled.errors["items[7].what"].say("en") == "Enter “What, row 2”."
    assert filled.errors["items[7].what"].say("zh") == "请填写“What（第 2 行）”。"


def test_more_rows_than_can_be_kept_are_refused() -> None:
    full: Typed = {f"items[{index}].what": ["x"] for index in range(200)}
    assert len(forms.fill(ITEMS, full, {}).values["items"]) == 200
    too_many = forms.fill(ITEMS, {**full, "items[200].what": ["x"]}, {})
    assert "Keep it to 200 or fewer" in too_many.errors["items"].say("en")


def test_rows_that_were_not_looked_at_are_never_lost_in_silence() -> None:
    typed: Typed = {"items[]": [str(index) for index in range(300)], "items[299].what": ["x"]}
    assert "has 300 rows" in forms.fill(ITEMS, typed, {}).errors["items"].say("en")


def test_rows_far_away_do_not_make_rows_between() -> None:
    filled = forms.fill(ITEMS, {"items[9999].what": ["x"], "items[123456789].what": ["y"], "items[-1].what": ["z"]}, {})
    assert [row["what"] for row in filled.values["items"]] == ["x"]


def test_fewer_or_more_rows_than_the_form_wants_are_told() -> None:
    form = one(Kind.ROWS, minimum=Decimal(2), maximum=Decimal(3), children=(Field("", Kind.TEXT),))
    two = forms.fill(form, {"x[0]": ["a"], "x[1]": ["b"]}, {})
    assert (two.values, two.errors) == ({"x": ["a", "b"]}, {})
    assert "needs at least 2 rows" in forms.fill(form, {"x[0]": ["a"]}, {}).errors["x"].say("en")
    four = {f"x[{index}]": ["a"] for index in range(4)}
    assert "has 4 rows. Keep it to 3" in forms.fill(form, four, {}).errors["x"].say("en")


def test_rows_may_hold_rows() -> None:
    inner = Field("inner", Kind.ROWS, path=("inner",), children=(Field("y", Kind.NUMBER, path=("y",)),))
    form = one(Kind.ROWS, children=(inner,))
    filled = forms.fill(form, {"x[0].inner[1].y": ["1"], "x[2].inner[0].y": ["2"], "x[2].inner[3].y": ["3"]}, {})
    assert filled.values == {"x": [{"inner": [{"y": 1}]}, {"inner": [{"y": 2}, {"y": 3}]}]}


def test_a_row_is_added_and_removed_without_a_script() -> None:
    typed: Typed = {"items[]": ["0", "2"], "items[0].what": ["a"], "items[2].what": ["b"]}
    assert forms.rearranged(ITEMS, typed) is None
    more = forms.rearranged(ITEMS, {**typed, forms.ROW_BUTTON: ["add items"]})
    assert more is not None
    assert more.rows("items") == (0, 2, 3)
    less = forms.rearranged(ITEMS, {**typed, forms.ROW_BUTTON: ["drop items[0]"]})
    assert less is not None
    assert less.rows("items") == (2,)
    assert "items[0].what" not in less.typed
    assert less.text("items[2].what") == "b"


def test_a_row_of_something_that_has_none_is_not_added() -> None:
    for wish in ("add nothing", "drop items", "drop [", "add items[0]", "drop items[99]"):
        again = forms.rearranged(ITEMS, {"items[0].what": ["a"], forms.ROW_BUTTON: [wish]})
        assert again is not None
        assert again.rows("items") == (0,)


# Hiding.


def test_what_is_hidden_is_neither_required_nor_kept() -> None:
    form = asking(
        Field("ok", Kind.YES_NO, path=("ok",)),
        Field("why", Kind.TEXT, path=("why",), required=True, hide_when="=ok = true"),
    )
    hidden = forms.fill(form, {"ok": ["true"], "why": ["because"]}, {})
    assert (hidden.values, hidden.errors) == ({"ok": True}, {})
    assert hidden.hidden == frozenset({"why"})
    assert hidden.text("why") == "because"
    assert set(forms.fill(form, {}, {}).errors) == {"why"}


def test_earlier_answers_hide_too_and_what_nobody_answered_hides_nothing() -> None:
    form = one(Kind.TEXT, required=True, hide_when='applicant = "body"')
    assert forms.fill(form, {}, {"applicant": "body"}).values == {}
    assert set(forms.fill(form, {}, {}).errors) == {"x"}
    assert form.depends
    assert not one(Kind.TEXT).depends


def test_a_condition_that_cannot_be_worked_out_hides_nothing() -> None:
    form = one(Kind.TEXT, required=True, hide_when="1 / 0 > missing.of.something")
    assert set(forms.fill(form, {}, {}).errors) == {"x"}


def test_hiding_one_field_may_show_another() -> None:
    form = asking(
        Field("a", Kind.TEXT, path=("a",)),
        Field("b", Kind.TEXT, path=("b",), hide_when='a = "1"'),
        Field("c", Kind.TEXT, path=("c",), hide_when='b = "2"'),
    )
    filled = forms.fill(form, {"a": ["1"], "b": ["2"], "c": ["3"]}, {})
    assert filled.values == {"a": "1", "c": "3"}


def test_what_is_hidden_counts_as_blank_wherever_it_stands() -> None:
    form = asking(
        Field("no", Kind.YES_NO, path=("no",)),
        Field("a.b", Kind.TEXT, path=("a", "b"), hide_when="no"),
        Field("c", Kind.TEXT, path=("c",), required=True, hide_when="a.b = null"),
    )
    assert forms.fill(form, {"no": ["true"], "a.b": ["1"]}, {}).values == {"no": True}
    assert set(forms.fill(form, {"a.b": ["1"]}, {}).errors) == {"c"}


def test_a_hidden_group_hides_all_in_it() -> None:
    inner = Field("y", Kind.TEXT, path=("y",), required=True)
    form = asking(Field("no", Kind.YES_NO, path=("no",)), Field("#1", Kind.GROUP, hide_when="no", children=(inner,)))
    assert forms.fill(form, {"no": ["true"]}, {}).values == {"no": True}


def test_a_row_hides_by_its_own_answers() -> None:
    children = (
        Field("ok", Kind.YES_NO, path=("ok",)),
        Field("why", Kind.TEXT, path=("why",), required=True, hide_when="ok = true"),
        Field("n", Kind.NUMBER, path=("n",)),
    )
    filled = forms.fill(one(Kind.ROWS, children=children), {"x[0].ok": ["true"], "x[1].n": ["1"]}, {})
    assert filled.values["x"] == [{"ok": True, "n": None}, {"ok": False, "why": None, "n": 1}]
    assert set(filled.errors) == {"x[1].why"}


def test_conditions_that_chase_each_other_come_to_an_end() -> None:
    form = asking(
        Field("a", Kind.TEXT, path=("a",), hide_when="b = null"),
        Field("b", Kind.TEXT, path=("b",), hide_when="a = null"),
    )
    forms.fill(form, {"a": ["1"], "b": ["2"]}, {})


# What earlier answers give.


def test_options_may_come_from_an_earlier_answer() -> None:
    form = one(Kind.SELECT, options_from="plots")
    known = {"plots": [{"label": "The first", "value": "C-1"}, "C-2"]}
    assert forms.fill(form, {"x": ["C-2"]}, known).values == {"x": "C-2"}
    assert set(forms.fill(form, {"x": ["C-3"]}, known).errors) == {"x"}
    assert forms.for_case(form, known).fields[0].options == (Option("C-1", "The first"), Option("C-2", "C-2"))


def test_nobody_is_stuck_before_a_choice_that_offers_nothing() -> None:
    assert forms.fill(one(Kind.SELECT, options_from="plots"), {"x": ["C-3"]}, {}).values == {"x": "C-3"}


def test_a_form_begins_with_what_is_known_and_with_defaults() -> None:
    form = asking(
        Field("plot", Kind.TEXT, path=("plot",), default="none"),
        Field("on", Kind.DATE, path=("on",), default="21/11/2026"),
        Field("at", Kind.DATE, path=("at",), default="yesterday"),
        Field("fee", Kind.NUMBER, path=("fee",), default=1.5, readonly=True),
        Field("rows", Kind.ROWS, path=("rows",), repetitions=2, children=(Field("y", Kind.TEXT, path=("y",)),)),
    )
    begun = forms.begun(form, {"plot": "C-1"})
    assert dict(begun.typed) == {"plot": ("C-1",), "on": ("2026-11-21",), "fee": ("1.5",), "rows[]": ("0", "1")}
    assert begun.errors == {}


# Whatever is submitted.

FIELDS = asking(
    Field("t", Kind.TEXT, path=("t",), max_length=20),
    Field("l", Kind.LONG_TEXT, path=("l",)),
    Field("n", Kind.NUMBER, path=("n",)),
    Field("i", Kind.INTEGER, path=("deep", "i")),
    Field("d", Kind.DATE, path=("d",)),
    Field("h", Kind.TIME, path=("h",)),
    Field("m", Kind.MOMENT, path=("m",)),
    Field("y", Kind.YES_NO, path=("y",)),
    Field("r", Kind.RADIO, path=("r",), options=(*PAPERS, Option(1, "One"), Option(1.5, "More"), Option(False, "No"))),
    Field("s", Kind.SEVERAL, path=("s",), options=(*PAPERS, Option(" spaced\n", "Spaced"))),
    Field(
        "x", Kind.ROWS, path=("x",), children=(Field("n", Kind.NUMBER, path=("n",)), Field("t", Kind.TEXT, path=("t",)))
    ),
    Field("z", Kind.ROWS, path=("z",), children=(Field("", Kind.DATE),)),
)
NAMES = [
    "t",
    "l",
    "n",
    "i",
    "d",
    "h",
    "m",
    "y",
    "r",
    "s",
    "x",
    "z",
    "x[]",
    "x[0].n",
    "x[3].t",
    "x[0].t",
    "z[0]",
    "z[1]",
]
ANSWERS = st.one_of(
    st.text(alphabet=st.characters(codec=None), max_size=30),
    st.decimals(allow_nan=True, allow_infinity=True).map(str),
    st.floats().map(repr),
    st.integers().map(lambda number: f"{number:,}"),
    st.dates().map(str),
    st.datetimes().map(lambda moment: moment.isoformat(" ", "minutes")),
    st.times().map(lambda hour: hour.isoformat("seconds")),
    st.sampled_from(["plans", "id", "1", "1.5", "false", "true", " spaced\r\n", "on", "", " "]),
)
SUBMITTED = st.dictionaries(
    st.one_of(st.sampled_from(NAMES), st.text(max_size=8)), st.lists(ANSWERS, max_size=4), max_size=12
)


@given(SUBMITTED)
def test_whatever_is_submitted_is_answered_never_a_fault_of_the_program(submitted: Typed) -> None:
    filled = forms.fill(FIELDS, submitted, {})
    json.dumps(filled.values, allow_nan=False, ensure_ascii=False).encode()
    for fault in filled.errors.values():
        fault.say("en").encode()
        fault.say("zh").encode()


@given(SUBMITTED)
def test_what_was_accepted_shown_again_and_sent_again_is_the_same(submitted: Typed) -> None:
    first = forms.fill(FIELDS, submitted, {})
    if not first.errors:
        shown = forms.fill(FIELDS, first.typed, {})
        assert (shown.values, shown.errors) == (first.values, {})
        again = forms.fill(FIELDS, forms.again_typed(FIELDS, first.values), {})
        assert again.errors == {}
        assert json.dumps(again.values) == json.dumps(first.values)


JSONS = st.recursive(
    st.one_of(st.none(), st.booleans(), st.integers(), st.floats(), st.text(max_size=5)),
    lambda inner: st.one_of(st.lists(inner, max_size=3), st.dictionaries(st.text(max_size=3), inner, max_size=3)),
    max_leaves=6,
)


@given(st.dictionaries(st.sampled_from(["t", "n", "deep", "d", "h", "m", "y", "r", "s", "x", "z"]), JSONS))
def test_answers_of_any_shape_can_be_shown_and_are_then_accepted_or_told(values: dict[str, Any]) -> None:
    forms.fill(FIELDS, forms.again_typed(FIELDS, values), values)
    forms.begun(FIELDS, values)
    for field in FIELDS.fields:
        field.said(field.value_in(values), "en")
