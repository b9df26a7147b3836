"""Duties kept apart, work handed over, times that add up, names: what is told, and what is let pass."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from engine.base.text import Name
from engine.diagram import lint
from engine.diagram.durations import in_words
from engine.diagram.read import read
from engine.diagram.shape import Finding, Separation
from engine.diagram.staffing import StaffedPost, Staffing
from tests.diagram_text import END, START, lanes, process, step, way


def found(source: bytes, staffing: Staffing | None = None, **beside: bytes) -> list[Finding]:
    attached = {f"{name}.form.json": content for name, content in beside.items()}
    return list(lint.findings(read(source, "p.bpmn"), attached, staffing))


def told(source: bytes, *rules: str, staffing: Staffing | None = None, **beside: bytes) -> list[tuple[str, str | None]]:
    return [(one.rule.code, one.element) for one in found(source, staffing, **beside) if one.rule.code in rules]


def apart(source: str, by: str = "person") -> str:
    return f'<extensionElements><officium:separation from="{source}" by="{by}"/></extensionElements>'


def staff(**posts: tuple[int, Sequence[int]]) -> Staffing:
    """Lane to department and the persons who hold its post."""
    return Staffing(
        {
            f"lane:{lane}": StaffedPost(
                Name(lane, lane), department, Name(f"D{department}", f"D{department}"),
                {one: Name(f"P{one}", f"P{one}") for one in persons}, frozenset({99}),
            )
            for lane, (department, persons) in posts.items()
        }
    )  # fmt: skip


ROW = START + END + way("start", "a", "b", "c", "end")
DUTIES = ("separation-unknown", "separation-not-before", "separation-impossible")


def row(*, a: str = "", b: str = "", c: str = "", held: Mapping[str, Sequence[str]] | None = None) -> bytes:
    """Three steps, one after the other, each in a lane of its own."""
    owned = held or {"one": ("a",), "two": ("b",), "three": ("c",)}
    return process(lanes(**owned) + step("a", inner=a) + step("b", inner=b) + step("c", inner=c) + ROW)


# Duties.


def test_duties_that_can_be_kept_apart_are() -> None:
    both = staff(one=(1, [1, 2]), two=(1, [1, 2]), three=(2, [3]))
    assert told(row(b=apart("a"), c=apart("a", "department")), *DUTIES, staffing=both) == []


@pytest.mark.parametrize("source", ["x", "start", ""])
def test_a_duty_kept_apart_from_nothing_that_a_person_does_is_told(source: str) -> None:
    assert told(row(b=apart(source)), *DUTIES) == [("separation-unknown", "b")]


def test_whether_person_or_department_must_be_said_in_these_words() -> None:
    assert told(row(b=apart("a", "post")), *DUTIES) == [("separation-unknown", "b")]


def test_a_duty_kept_apart_from_what_comes_later_is_told() -> None:
    assert told(row(a=apart("c")), *DUTIES) == [("separation-not-before", "a")]
    assert told(row(a=apart("a")), *DUTIES) == [("separation-not-before", "a")]


def test_in_a_circle_a_step_may_be_kept_apart_from_itself() -> None:
    back = way("c", "a")
    source = process(lanes(one=("a", "b", "c")) + step("a", inner=apart("a")) + step("b") + step("c") + ROW + back)
    assert told(source, *DUTIES) == []


def test_one_person_alone_cannot_do_both() -> None:
    alone = staff(one=(1, [1]), two=(2, [1]), three=(3, [2]))
    assert told(row(b=apart("a")), *DUTIES, staffing=alone) == [("separation-impossible", "b")]


def test_posts_of_one_department_cannot_be_two_departments() -> None:
    same = staff(one=(1, [1]), two=(1, [2]), three=(2, [3]))
    assert told(row(b=apart("a", "department")), *DUTIES, staffing=same) == [("separation-impossible", "b")]


def test_three_steps_apart_from_each_other_want_three_persons() -> None:
    each = "".join((apart("a"), apart("b")))
    two = staff(one=(1, [1, 2]), two=(1, [1, 2]), three=(1, [1, 2]))
    assert told(row(b=apart("a"), c=each), *DUTIES, staffing=two) == [("separation-impossible", "c")]
    three = staff(one=(1, [1, 2]), two=(1, [1, 2]), three=(1, [1, 2, 3]))
    assert told(row(b=apart("a"), c=each), *DUTIES, staffing=three) == []


def test_of_a_post_that_nobody_holds_only_that_is_told() -> None:
    nobody = staff(one=(1, [1]), two=(2, []), three=(3, [2]))
    rules = (*DUTIES, "post-vacant")
    assert told(row(b=apart("a")), *rules, staffing=nobody) == [("post-vacant", "two")]


@given(
    st.lists(st.sets(st.integers(1, 3), min_size=1), min_size=3, max_size=3),
    st.sets(st.sampled_from(["ab", "ac", "bc"])),
)
def test_duties_are_told_impossible_exactly_where_no_choice_of_persons_keeps_them_apart(
    holders: list[set[int]], pairs: set[str]
) -> None:
    kept = {"b": "".join(apart("a") for one in pairs if one == "ab")}
    kept["c"] = "".join(apart(one[0]) for one in sorted(pairs) if one[1] == "c")
    people = staff(one=(1, sorted(holders[0])), two=(1, sorted(holders[1])), three=(1, sorted(holders[2])))
    possible = any(
        all({"a": a, "b": b, "c": c}[one[0]] != {"a": a, "b": b, "c": c}[one[1]] for one in pairs)
        for a in holders[0]
        for b in holders[1]
        for c in holders[2]
    )
    assert bool(told(row(b=kept["b"], c=kept["c"]), *DUTIES, staffing=people)) is not possible


def test_duties_and_documents_are_read_as_they_are_written() -> None:
    inner = (
        '<extensionElements><officium:separation from="a"/><officium:separation from="a" by="Department"/><officium:documents>'
        '<officium:document xml:lang="en">Plans</officium:document><officium:document xml:lang="zh">图纸</officium:document>'
        '<officium:document xml:lang="en">Deed</officium:document></officium:documents></extensionElements>'
    )
    element = read(row(b=inner), "p.bpmn").elements["b"]
    assert element.separations == (Separation("a", "person"), Separation("a", "department"))
    assert element.documents == (Name("Plans", "图纸"), Name("Deed", "Deed"))


# Hand-overs.

NOTE = b'{"components":[{"type":"textfield","key":"note","label":"Note"}]}'


def bounced(there: str, *, form: str = 'officium:form="a.form.json"', more: str = "") -> bytes:
    steps = step("a", attributes=form) + step("b", attributes=there, inner=more) + step("c")
    return process(lanes(one=("a", "c"), two=("b",)) + steps + ROW)


def test_work_that_comes_straight_back_with_nothing_recorded_is_told() -> None:
    assert told(bounced(""), "handed-back-unrecorded", a=NOTE) == [("handed-back-unrecorded", "b")]


@pytest.mark.parametrize(
    ("there", "more"),
    [
        ('officium:form="a.form.json"', ""),
        ('officium:external="true"', ""),
        ("", '<extensionElements><officium:documents><officium:document>P</officium:document></officium:documents></extensionElements>'),
    ],
)  # fmt: skip
def test_what_records_something_may_come_straight_back(there: str, more: str) -> None:
    assert told(bounced(there, more=more), "handed-back-unrecorded", a=NOTE) == []


def test_where_no_step_has_a_form_nothing_is_said_of_it() -> None:
    assert told(bounced("", form=""), "handed-back-unrecorded") == []


@pytest.mark.parametrize(("turns", "expected"), [(5, []), (6, []), (7, [("back-and-forth", "one")])])
def test_more_than_twice_there_and_back_is_told(turns: int, expected: list[tuple[str, str]]) -> None:
    ids = [f"s{number}" for number in range(turns)]
    held = {"one": ids[::2], "two": ids[1::2]}
    source = process(lanes(**held) + START + END + "".join(map(step, ids)) + way("start", *ids, "end"))
    assert told(source, "back-and-forth") == expected


# Times.

TIMES = ("times-over-promised", "promised-over-statutory", "period-unreadable")


def timed(promised: str, body: str, more: str = "") -> bytes:
    return process(body).replace(
        b'<process id="procedure"', f'<process id="procedure" officium:promised="{promised}" {more}'.encode()
    )


def takes(element: str, time: str, more: str = "") -> str:
    return step(element, attributes=f'officium:standardTime="{time}" {more}')


def test_standard_times_in_a_row_add_up() -> None:
    body = takes("a", "P2D") + takes("b", "PT12H") + takes("c", "P1D") + ROW
    assert told(timed("P3D", body), *TIMES) == [("times-over-promised", "procedure")]
    assert told(timed("P4D", body), *TIMES) == []


def test_of_steps_side_by_side_the_longest_counts() -> None:
    gateways = '<parallelGateway id="s"/><parallelGateway id="m"/>'
    ways = way("start", "s", "a", "m", "end") + way("s", "b", "m")
    body = START + END + gateways + takes("a", "P2D") + takes("b", "P3D") + ways
    assert told(timed("P3D", body), *TIMES) == []
    assert told(timed("P2D", body), *TIMES) == [("times-over-promised", "procedure")]


def test_a_circle_counts_once_and_waiting_for_others_not_at_all() -> None:
    body = takes("a", "P2D") + takes("b", "P9D", 'officium:external="true"') + takes("c", "P1D") + ROW + way("c", "a")
    assert told(timed("P3D", body), *TIMES) == []


def test_steps_in_a_sub_process_count() -> None:
    inner = '<startEvent id="s2"/><endEvent id="e2"/>' + takes("b", "P3D") + way("s2", "b", "e2")
    body = (
        START
        + END
        + f'<subProcess id="p" name="P">{inner}</subProcess>'
        + takes("a", "P1D")
        + way("start", "p", "a", "end")
    )
    assert told(timed("P3D", body), *TIMES) == [("times-over-promised", "procedure")]
    assert told(timed("P4D", body), *TIMES) == []


def test_the_law_goes_before_the_promise() -> None:
    body = takes("a", "P1D") + takes("b", "P1D") + takes("c", "P1D") + ROW
    assert told(timed("P10D", body, 'officium:statutory="P9D"'), *TIMES) == [("promised-over-statutory", "procedure")]
    assert told(timed("P9D", body, 'officium:statutory="P9D"'), *TIMES) == []
    assert told(timed("P1M2D", body, 'officium:statutory="soon"'), *TIMES) == [("period-unreadable", "procedure")] * 2


def test_periods_are_said_in_words() -> None:
    assert in_words(timedelta(days=1, hours=2)) == Name("1 day 2 hours", "1 天 2 小时")
    assert in_words(timedelta(days=3), working=True) == Name("3 working days", "3 个工作日")
    assert in_words(timedelta(0)) == Name("no time", "零时长")


# Names.


@pytest.mark.parametrize(
    ("name", "rule"),
    [
        ("Review the plans 审图", None),
        ("Activity 12", "step-without-name"),
        ("任务", "step-without-name"),
        ("Task", "step-without-name"),
        ("Notification", "name-without-verb"),
        ("Approval of the budget", "name-without-verb"),
        ("Assessment 评估", "name-without-verb"),
        ("Commission an expert 委托鉴定", None),
        ("Question the witness", None),
        ("Position the notice", None),
        ("Prepare notification", None),
        ("Budget approval", None),
        ("审图", None),
    ],
)
def test_steps_are_named_by_what_is_done(name: str, rule: str | None) -> None:
    source = process(lanes(one=("a",)) + START + END + step("a", name) + way("start", "a", "end"))
    assert told(source, "step-without-name", "name-without-verb") == ([(rule, "a")] if rule else [])


def test_one_language_is_told_of_each_name_where_others_have_both_and_else_once() -> None:
    some = process(START + END + step("a", "Review 审图") + step("b", "Sign") + step("c", "归档") + ROW)
    assert told(some, "name-in-one-language") == [("name-in-one-language", "b"), ("name-in-one-language", "c")]
    none = process(START + END + step("a", "Review") + step("b", "Sign") + step("c", "File") + ROW)
    assert told(none, "name-in-one-language") == [("name-in-one-language", "procedure")]


def test_what_no_step_has_is_told_once() -> None:
    none = process(ROW + step("a") + step("b") + step("c"))
    rules = ("instruction-missing", "standard-time-missing")
    assert told(none, *rules) == [(rule, "procedure") for rule in rules]
    one = process(ROW + takes("a", "P1D") + step("b") + step("c", inner="<documentation>Do.</documentation>"))
    assert sorted(told(one, *rules)) == [
        ("instruction-missing", "a"), ("instruction-missing", "b"), ("standard-time-missing", "b"), ("standard-time-missing", "c"),
    ]  # fmt: skip


# Working days are held against working days, and against days by the clock with the reckoning told.


def those(source: bytes, *rules: str) -> list[Finding]:
    return [one for one in found(source) if one.rule.code in rules]


WORKING = 'officium:workingTime="true"'


def test_working_days_of_steps_are_held_against_a_promise_in_working_days() -> None:
    body = takes("a", "P2D", WORKING) + takes("b", "PT4H", WORKING) + takes("c", "P1D", WORKING) + ROW
    assert told(timed("P4D", body, WORKING), *TIMES) == []
    assert told(timed("P3D", body, WORKING), *TIMES) == [("times-over-promised", "procedure")]
    (found,) = those(timed("P3D", body, WORKING), *TIMES)
    assert "add up to 3.5 working days, while the promise is 3 working days" in found.sentence("en")


def test_five_working_days_are_a_week_where_the_promise_is_in_days() -> None:
    body = takes("a", "P5D", WORKING) + takes("b", "P5D", WORKING) + takes("c", "P1D") + ROW
    assert told(timed("P15D", body), *TIMES) == []
    (found,) = those(timed("P14D", body), *TIMES)
    assert found.rule.code == "times-over-promised"
    assert "15 days (5 working days taken as 7 days)" in found.sentence("en")
    assert "按 5 个工作日折合 7 天" in found.sentence("zh")


@pytest.mark.parametrize(
    ("standard", "timer", "warned"),
    [
        ('officium:standardTime="P3D" officium:workingTime="true"', "P4D", True),
        ('officium:standardTime="P3D" officium:workingTime="true"', "P5D", False),
        ('officium:standardTime="P3D"', "P3D", False),
        ('officium:standardTime="P3D"', "P2D", True),
    ],
)
def test_a_timer_by_the_clock_leaves_working_days_their_weekends(standard: str, timer: str, warned: bool) -> None:
    drawn = process(
        START + END + step("a", attributes=standard)
        + f'<boundaryEvent id="late" attachedToRef="a"><timerEventDefinition><timeDuration>{timer}</timeDuration>'
        "</timerEventDefinition></boundaryEvent>" + way("start", "a", "end") + way("late", "end")
    )  # fmt: skip
    assert told(drawn, "timer-before-standard") == ([("timer-before-standard", "late")] if warned else [])
    if warned and "working" in standard:
        (one,) = those(drawn, "timer-before-standard")
        assert "the step may take 3 working days, taken as 4.2 days" in one.sentence("en").replace("“A”", "the step")


def test_what_is_wrong_with_a_process_without_lanes_is_said_of_the_process() -> None:
    """Two negations in one sentence would say the contrary, and there is no lane that could be meant."""
    source = process(step("a", "Prüfen") + step("b", "Besluiten") + START + END + way("start", "a", "b", "end"))
    said = {one.rule.code: (one.sentence("en"), one.sentence("zh")) for one in found(source, Staffing({}))}
    assert said["standard-time-missing"][0].startswith("Each of the 2 steps of “procedure” has no standard time")
    assert said["instruction-missing"][0].startswith("Each of the 2 steps of “procedure” has no work instruction")
    en, zh = said["lane-unmapped"]
    assert en == "“procedure” has no lanes and is not mapped to a post, so its steps would wait for nobody."
    assert zh == "“procedure”没有泳道，也尚未对应岗位，其环节将无人负责。"
    assert "in Latin letters only" in said["name-in-one-language"][0], "Dutch and German are no English"
