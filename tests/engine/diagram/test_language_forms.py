"""The forms of FEEL beyond plain conditions: lists, groups, loops, functions, dates and durations."""

from __future__ import annotations

import calendar
import datetime as python
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from engine.diagram.language import CannotEvaluate, evaluate, jsonable
from engine.diagram.language.moments import date_of


def plain(source: str, **variables: Any) -> Any:
    return jsonable(evaluate(source, variables))


@pytest.mark.parametrize(
    ("source", "value"),
    [
        ("[1, 2, 3][2]", 2),
        ("[1, 2, 3][-1]", 3),
        ("[1, 2, 3][4]", None),
        ("[1, 2, 3][item > 1]", [2, 3]),
        ("[{a: 1}, {a: 2}][a = 2].a", [2]),
        ("{a: 1, b: a + 1}.b", 2),
        ('{"first name": "Bo"}.first name', "Bo"),
        ("{first name: 1, b: first name + 1}.b", 2),
        ("for i in 1..3 return i * i", [1, 4, 9]),
        ("for i in 3..1 return i", [3, 2, 1]),
        ("for i in [1, 2], j in [10, 20] return i + j", [11, 21, 12, 22]),
        ("for i in 1..4 return if i = 1 then 1 else i * partial[-1]", [1, 2, 6, 24]),
        ("for each one in [1, 2] return each one + 1", [2, 3]),
        ("some x in [1, 2] satisfies x > 1", True),
        ("every x in [1, 2] satisfies x > 1", False),
        ("every x in [] satisfies false", True),
        ("(function(a, b) a * b)(3, 4)", 12),
        ("(function(a: number, b: number) a - b)(b: 1, a: 5)", 4),
        ("{double: function(n) n * 2, four: double(2)}.four", 4),
        ("sort([3, 1, 2], function(a, b) a < b)", [1, 2, 3]),
        ("sum([1, 2, 3])", 6),
        ("sum(1, 2, 3)", 6),
        ("mean([1, 2])", 1.5),
        ("median([1, 4, 2, 3])", 2.5),
        ("mode([1, 2, 2, 3, 3])", [2, 3]),
        ("stddev([0, 4, 8])", 4),
        ('min("b", "a")', "a"),
        ("all([true, false])", False),
        ("count([])", 0),
        ("list contains([1, null], null)", True),
        ("sublist([1, 2, 3], 2)", [2, 3]),
        ("concatenate([1], [2, 3])", [1, 2, 3]),
        ("insert before([1, 3], 2, 2)", [1, 2, 3]),
        ("remove([1, 2, 3], 2)", [1, 3]),
        ("index of([1, 2, 1], 1)", [1, 3]),
        ("union([1, 2], [2, 3])", [1, 2, 3]),
        ("flatten([[1, [2]], 3])", [1, 2, 3]),
        ("list replace([1, 2, 3], 2, 9)", [1, 9, 3]),
        ("reverse([1, 2])", [2, 1]),
        ("decimal(2.5, 0)", 2),
        ("round half up(2.5, 0)", 3),
        ("round half down(2.5, 0)", 2),
        ("round up(-1.1, 0)", -2),
        ("floor(-1.5)", -2),
        ("ceiling(1.2)", 2),
        ("modulo(-12, 5)", 3),
        ("sqrt(16)", 4),
        ("odd(3) and even(4)", True),
        ("abs(-3)", 3),
        ('substring("foobar", 3)', "obar"),
        ('substring("foobar", -2, 1)', "a"),
        ('substring(string: "foobar", start position: 3, length: 2)', "ob"),
        ('substring before("foobar", "bar")', "foo"),
        ('substring after("foobar", "ob")', "ar"),
        ('replace("abracadabra", "bra", "*")', "a*cada*"),
        ('replace("0123456789", "(\\d{3})(\\d{3})(\\d{4})", "($1) $2-$3")', "(012) 345-6789"),
        ('matches("粤A12345", "^粤[A-Z]\\d{5}$")', True),
        ('matches("ABC", "b", "i")', True),
        ('split("a; b;c", ";\\s*")', ["a", "b", "c"]),
        ('string join(["a", null, "b"], "-")', "a-b"),
        ('string length("中文")', 2),
        ("string(1.10)", "1.10"),
        ('string([1, "a", null, {b: true}])', '[1, "a", null, {b: true}]'),
        ('number("1.000,5", ".", ",")', 1000.5),
        ("get value({a: {b: 1}}, [" + '"a", "b"])', 1),
        ("get entries({a: 1})[1].key", "a"),
        ('context([{key: "a", value: 1}]).a', 1),
        ('context put({a: 1}, "b", 2)', {"a": 1, "b": 2}),
        ("context merge([{a: 1}, {a: 2, b: 3}])", {"a": 2, "b": 3}),
        ("[1..5].start", 1),
        ("(1..5).start included", False),
        ("before([1..5], [6..9])", True),
        ("includes([1..10], 10)", True),
        ("overlaps([1..5], [5..8])", True),
        ('5 instance of number and "a" instance of string', True),
        ("[1, 2] instance of list<number>", True),
        ("{a: 1} instance of context<a: string>", False),
        ("null instance of Any", False),
        ("[1, 2] = [1, 2]", True),
        ("{a: 1} = {a: 1.0}", True),
    ],
)
def test_a_form_means_what_the_language_says(source: str, value: Any) -> None:
    assert plain(source) == value


@pytest.mark.parametrize(
    ("source", "value"),
    [
        ('date("2024-02-29") + duration("P1Y")', "2025-02-28"),
        ('date("2026-01-31") + duration("P1M")', "2026-02-28"),
        ('date("2026-03-02") - date("2026-02-27")', "P3D"),
        ('date("2026-03-02") - duration("P2D")', "2026-02-28"),
        ('date and time("2026-03-02T23:00:00Z") + duration("PT2H")', "2026-03-03T01:00:00Z"),
        ('date and time("2026-03-02T09:00:00@Asia/Shanghai") = date and time("2026-03-02T01:00:00Z")', True),
        ('date and time("2026-03-02T09:00:00@Asia/Shanghai").time offset', "PT8H"),
        ('time("23:30:00") + duration("PT1H")', "00:30:00"),
        ('time("10:00:00Z") < time("13:00:00+02:00")', True),
        ('date(date and time("2026-03-02T09:00:00"))', "2026-03-02"),
        ("date(2026, 3, 2).weekday", 1),
        ('day of week(date("2026-03-02"))', "Monday"),
        ('month of year(date("2026-03-02"))', "March"),
        ('day of year(date("2024-12-31"))', 366),
        ('week of year(date("2021-01-01"))', 53),
        ('duration("P1DT2H") * 2', "P2DT4H"),
        ('duration("P1Y") / duration("P1M")', 12),
        ('duration("PT36H").days', 1),
        ('duration("PT36H").hours', 12),
        ('-duration("P1Y2M")', "-P1Y2M"),
        ('years and months duration(date("2024-03-31"), date("2026-02-28"))', "P1Y10M"),
        ('@"2026-03-02" in [@"2026-01-01"..@"2026-12-31"]', True),
        ('for d in @"2026-02-27"..@"2026-03-01" return d.day', [27, 28, 1]),
        ('date("-0044-03-15").year', -44),
        ('date("999999999-12-31").month', 12),
        ('is(@"10:00:00Z", @"10:00:00+00:00")', True),
        ('is(@"10:00:00+01:00", @"09:00:00Z")', False),
    ],
)
def test_dates_times_and_durations_are_calculated(source: str, value: Any) -> None:
    assert plain(source) == value


@pytest.mark.parametrize(
    "source",
    [
        'duration("P1M") < duration("P40D")',
        'duration("P1D") + duration("P1M")',
        'date("2026-03-02") + 1',
        'date("2026-03-02") < date and time("2026-03-02T00:00:00")',
        'time("10:00:00Z") < time("10:00:00")',
        'date("999999999-12-31") + duration("P1D")',
        'duration("P1Y1D")',
        'time("25:00:00")',
        'date and time("2026-03-02T10:00:00@Nowhere/Atall")',
        'replace("abc", "x*", "-")',
        'matches("aa", "(a)\\1")',
        'matches("a", "[\\p{L}-[a]]")',
        "sublist([1, 2], 3)",
        "1 in [1..null]",
        "[null..null]",
        "sort([1, true])",
        "(function(a: number) a)(true)",
        "(function(a) a)(1, 2)",
        "substring(text: 5)",
    ],
)
def test_what_cannot_be_calculated_is_refused(source: str) -> None:
    with pytest.raises(CannotEvaluate):
        evaluate(source, {"text": "x"})


@given(st.dates())
def test_a_day_is_counted_as_python_counts_it(day: python.date) -> None:
    epoch = python.date(1970, 1, 1).toordinal()
    counted = date_of(day.toordinal() - epoch)
    assert (counted.year, counted.month, counted.day) == (day.year, day.month, day.day)
    assert counted.ordinal == day.toordinal() - epoch
    assert counted.weekday == day.isoweekday()


@given(st.dates(), st.integers(-1200, 1200))
def test_months_are_added_within_the_month(day: python.date, months: int) -> None:
    year, month = divmod(day.year * 12 + day.month - 1 + months, 12)
    if not 1 <= year <= 9999:
        return
    last = calendar.monthrange(year, month + 1)[1]
    expected = python.date(year, month + 1, min(day.day, last)).isoformat()
    sign = "-" if months < 0 else ""
    assert plain(f'day + duration("{sign}P{abs(months)}M")', day=day) == expected


@given(st.datetimes(timezones=st.just(python.UTC)), st.timedeltas(python.timedelta(-999), python.timedelta(999)))
def test_time_is_added_as_python_adds_it(moment: python.datetime, length: python.timedelta) -> None:
    try:
        expected = moment + length
    except OverflowError:
        return
    assert evaluate("moment + length = expected", {"moment": moment, "length": length, "expected": expected}) is True


@given(st.lists(st.integers(-50, 50)))
def test_lists_are_sorted_counted_and_told_apart(numbers: list[int]) -> None:
    assert plain("sort(l)", l=numbers) == sorted(numbers)
    assert plain("sort(l, function(a, b) a > b)", l=numbers) == sorted(numbers, reverse=True)
    assert plain("distinct values(l)", l=numbers) == list(dict.fromkeys(numbers))
    assert plain("l[item > 0]", l=numbers) == [number for number in numbers if number > 0]


@given(st.text(alphabet="ab，金 \n\\\"'.", max_size=20), st.text(alphabet="ab，金 ", max_size=4))
def test_text_is_taken_apart_as_python_does(text: str, part: str) -> None:
    assert plain("contains(t, p)", t=text, p=part) is (part in text)
    assert plain("starts with(t, p)", t=text, p=part) is text.startswith(part)
    if part:
        assert plain("substring after(t, p)", t=text, p=part) == text.partition(part)[2]
