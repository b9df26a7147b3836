"""What is set where: on every way, on some, or on none, by forms, scripts, tables, messages and repetitions."""

from __future__ import annotations

import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from engine.diagram import lint
from engine.diagram.language.asked import asked
from engine.diagram.read import read
from tests.diagram_text import END, START, flow, process, step, way

RULES = {"variable-unknown", "variable-not-yet-set", "type-clash", "answer-never-given"}


def form(**fields: str) -> bytes:
    """Key to kind; `a|b` are the options of a choice."""
    components = [
        {"type": "radio", "key": key, "label": key, "values": [{"value": one, "label": one} for one in kind.split("|")]}
        if "|" in kind
        else {"type": kind, "key": key, "label": key}
        for key, kind in fields.items()
    ]
    return json.dumps({"components": components}).encode()


def asks(element: str) -> str:
    return step(element, attributes=f'officium:form="{element}.form.json"')


def told(body: str, before: str = "", **forms: bytes) -> list[tuple[str, str | None, object]]:
    beside = {f"{name}.form.json": content for name, content in forms.items()}
    found = lint.findings(read(process(body, before=before), "p.bpmn"), beside)
    return [(one.rule.code, one.element, one.facts["variable"]) for one in found if one.rule.code in RULES]


def choice(condition: str, name: str = "g") -> str:
    """A gateway after which two steps follow; the second where the condition does not hold."""
    ways = flow(name, f"{name}_yes", condition) + flow(name, f"{name}_no") + way(f"{name}_yes", f"{name}_m")
    return (
        f'<exclusiveGateway id="{name}" default="{name}_to_{name}_no"/><exclusiveGateway id="{name}_m"/>'
        + step(f"{name}_yes") + step(f"{name}_no") + ways + way(f"{name}_no", f"{name}_m")
    )  # fmt: skip


def test_an_answer_is_known_after_the_step_and_not_before() -> None:
    body = START + asks("a") + END
    assert told(body + choice("x = 1") + way("start", "a", "g") + way("g_m", "end"), a=form(x="number")) == []
    before = told(body + choice("x = 1") + way("start", "g") + way("g_m", "a", "end"), a=form(x="number"))
    assert before == [("variable-not-yet-set", "g_to_g_yes", "x")]


def test_what_nobody_sets_is_told_once_with_the_name_that_is_near() -> None:
    body = START + asks("a") + END + choice("amuont > 1") + choice("amuont > 2", "h")
    source = process(body + way("start", "a", "g") + way("g_m", "h") + way("h_m", "end"))
    found = lint.findings(read(source, "p.bpmn"), {"a.form.json": form(amount="number")})
    (one,) = [one for one in found if one.rule.code == "variable-unknown"]
    assert one.element == "g_to_g_yes"
    assert "1 more place" in one.sentence("en")
    assert "“amount”" in one.remedy("en")


def test_of_ways_of_which_one_is_taken_each_must_set_it() -> None:
    body = START + asks("a") + step("b") + END + choice("x = 1") + '<exclusiveGateway id="s" name="Which?"/>'
    ways = (
        flow("s", "a", name="a")
        + flow("s", "b", name="b")
        + '<exclusiveGateway id="m"/>'
        + way("a", "m", "g")
        + way("b", "m")
    )
    assert told(body + way("start", "s") + ways + way("g_m", "end"), a=form(x="number")) == [
        ("variable-not-yet-set", "g_to_g_yes", "x")
    ]


def test_of_ways_that_are_all_taken_one_is_enough_once_they_are_joined() -> None:
    body = START + asks("a") + step("b") + END + '<parallelGateway id="s"/><parallelGateway id="m"/>'
    ways = way("start", "s", "a", "m") + way("s", "b", "m")
    assert told(body + ways + choice("x = 1") + way("m", "g") + way("g_m", "end"), a=form(x="number")) == []


def test_what_a_loop_sets_is_not_known_the_first_time() -> None:
    body = START + asks("a") + END + '<exclusiveGateway id="m"/>' + choice("x = 1")
    ways = way("start", "m", "g") + way("g_m", "a", "m")
    assert told(body + ways, a=form(x="number")) == [("variable-not-yet-set", "g_to_g_yes", "x")]


def test_a_script_knows_what_it_has_set_itself_and_sets_it_for_later() -> None:
    script = '<scriptTask id="c"><script>fee = area * 3\ntotal = fee + 1</script></scriptTask>'
    body = START + asks("a") + script + END + choice("total > 1") + way("start", "a", "c", "g") + way("g_m", "end")
    assert told(body, a=form(area="number")) == []
    assert told(body, a=form(other="number")) == [("variable-unknown", "c", "area")]


@pytest.mark.parametrize(
    "brings",
    [
        '<receiveTask id="b" messageRef="m"/>',
        '<intermediateCatchEvent id="b"><messageEventDefinition messageRef="m"/></intermediateCatchEvent>',
        '<serviceTask id="b"/>',
        '<businessRuleTask id="b" officium:decision="elsewhere"/>',
        '<callActivity id="b" calledElement="other"/>',
        '<userTask id="b" name="B" officium:form="missing.form.json"/>',
    ],
)
def test_what_may_bring_anything_leaves_nothing_to_be_told(brings: str) -> None:
    message = '<message id="m" name="M"/>'
    after = START + brings + END + choice("x = 1") + way("start", "b", "g") + way("g_m", "end")
    assert told(after, message) == []
    before = START + brings + END + choice("x = 1") + way("start", "g") + way("g_m", "b", "end")
    assert [one[0] for one in told(before, message)] == ["variable-unknown"]


def test_what_is_set_inside_a_sub_process_is_known_behind_it_and_what_was_known_before_inside() -> None:
    inner = (
        '<startEvent id="s2"/><endEvent id="e2"/>'
        + asks("b")
        + choice("x = 1")
        + way("s2", "g")
        + way("g_m", "b", "e2")
    )
    body = START + asks("a") + f'<subProcess id="p" name="P">{inner}</subProcess>' + END + choice("y = 1", "h")
    ways = way("start", "a", "p", "h") + way("h_m", "end")
    assert told(body + ways, a=form(x="number"), b=form(y="number")) == []
    assert told(body + ways, a=form(z="number"), b=form(y="number")) == [("variable-unknown", "g_to_g_yes", "x")]


def test_over_the_border_of_a_step_its_own_answers_are_not_known() -> None:
    late = '<boundaryEvent id="l" attachedToRef="a"><timerEventDefinition><timeDuration>P1D</timeDuration></timerEventDefinition></boundaryEvent>'
    body = (
        START + asks("a") + late + END + choice("x = 1") + way("start", "a", "end") + way("l", "g") + way("g_m", "end")
    )
    assert told(body, a=form(x="number")) == [("variable-not-yet-set", "g_to_g_yes", "x")]


def test_a_repeated_step_knows_its_item_and_counters() -> None:
    repeated = (
        '<multiInstanceLoopCharacteristics><loopDataInputRef>papers</loopDataInputRef><inputDataItem id="i" name="paper"/>'
        "<completionCondition>nrOfCompletedInstances &gt; 1 and paper = 1</completionCondition>"
        "</multiInstanceLoopCharacteristics>"
    )
    body = START + asks("a") + step("b", inner=repeated) + END + way("start", "a", "b", "end")
    assert told(body, a=form(papers="textfield")) == []


@pytest.mark.parametrize(
    ("kind", "condition", "rule"),
    [
        ("number", 'x = "1"', "type-clash"),
        ("number", "x = true", "type-clash"),
        ("number", "x", "type-clash"),
        ("number", "not(x)", "type-clash"),
        ("number", "x + 1 > 2", None),
        ("number", "x > 1 and x < 3", None),
        ("number", 'if x > 1 then true else x = "a"', "type-clash"),
        ("textfield", "x > 1", "type-clash"),
        ("textfield", "x * 2 > 1", "type-clash"),
        ("textfield", 'x = "a"', None),
        ("textfield", "number(x) > 1", None),
        ("checkbox", "x", None),
        ("checkbox", "x = true", None),
        ("checkbox", 'x = "yes"', "type-clash"),
        ("checkbox", "x or 1 > 2", None),
        ("a|b", 'x = "a"', None),
        ("a|b", 'x = "c"', "answer-never-given"),
        ("a|b", 'x in ("a", "c")', "answer-never-given"),
        ("a|b", 'x in ("a", "b")', None),
        ("a|b", "x = true", "type-clash"),
        ("a|b", "x = null", None),
        ("a|b", 'x != "A"', "answer-never-given"),
    ],
)
def test_answers_are_compared_with_their_like(kind: str, condition: str, rule: str | None) -> None:
    escaped = condition.replace("<", "&lt;").replace(">", "&gt;")
    body = START + asks("a") + END + choice(escaped) + way("start", "a", "g") + way("g_m", "end")
    assert told(body, a=form(x=kind)) == ([(rule, "g_to_g_yes", "x")] if rule else [])


def test_an_answer_of_several_kinds_is_compared_with_anything() -> None:
    body = START + asks("a") + asks("b") + END + choice('x = "1"') + way("start", "a", "b", "g") + way("g_m", "end")
    assert told(body, a=form(x="number"), b=form(x="textfield")) == []


@pytest.mark.parametrize(
    ("source", "needed"),
    [
        ("a > 1 and b", {"a", "b"}),
        ("items[price > 3] = 1", {"items"}),
        ("is defined(a) and a > 1", set()),
        ("get or else(a, 1) > 1", set()),
        ("empty a", set()),
        ("some one in many satisfies one > 1", {"many"}),
        ("if a then b else c", {"a"}),
        ("${a == 'x'}", {"a"}),
        ("a.b.c = 1", {"a"}),
        ("a >", set()),
        ("", set()),
    ],
)
def test_what_an_expression_cannot_do_without(source: str, needed: set[str]) -> None:
    assert asked(source).needed == needed


@given(st.text(max_size=40))
def test_any_text_may_be_asked(source: str) -> None:
    read = asked(source, truth=True)
    assert read.needed <= read.names
