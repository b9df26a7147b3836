"""Differences between two editions, in words and by place."""

from __future__ import annotations

import re
from collections.abc import Mapping

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from engine.base.text import Name, Text
from engine.diagram.differ import Change, Difference, Group, Side, differences, side
from engine.diagram.read import read
from processes import Shipped, shipped
from tests.diagram_text import END, START, flow, lanes, process, step, way
from tests.thorough import examples

TIMER = "<timerEventDefinition><timeDuration>{}</timeDuration></timerEventDefinition>"
SEPARATION = '<extensionElements><officium:separation from="{}" by="{}"/></extensionElements>'
_ROW = ("start", "check", "decide", "issue", "end")


def at(source: bytes, beside: Mapping[str, bytes] | None = None, **posts: str) -> Side:
    owned: dict[str, Text] = {f"lane:{lane}": Name(post, post) for lane, post in posts.items()}
    return side(read(source, "edition.bpmn"), beside or {}, owned)


def row(*elements: str, counter: tuple[str, ...] = ("start", "check", "end"), more: str = "", **drawn: str) -> bytes:
    """Steps in a row, in two lanes; `drawn` replaces how a step is drawn."""
    names = [one for one in elements if one not in ("start", "end")]
    inner = "".join(drawn.get(one) or step(one) for one in names)
    bureau = [one for one in names if one not in counter]
    held = {"counter": counter} | ({"bureau": bureau} if bureau else {})
    return process(lanes(**held) + START + inner + END + way(*elements) + more)


def told(old: Side, new: Side) -> list[str]:
    return [one.sentence.en for one in differences(old, new) if one.sentence.en]


def only(old: Side, new: Side) -> Difference:
    (one,) = [one for one in differences(old, new) if one.sentence.en]
    assert re.search(r"[一-鿿]", one.sentence.zh)
    assert "{" not in one.sentence.en + one.sentence.zh
    return one


BASE = row(*_ROW)


def changed_step(inner: str = "", attributes: str = "", name: str = "Decide") -> Side:
    return at(row(*_ROW, decide=step("decide", name, attributes, inner)))


def test_nothing_is_told_of_two_that_are_the_same() -> None:
    assert differences(at(BASE), at(BASE)) == ()


def test_a_step_that_moved_to_another_lane() -> None:
    other = at(row(*_ROW, counter=("start", "check", "decide", "end")))
    one = only(at(BASE), other)
    assert one.sentence.en == "“Decide” moved from “Bureau” to “Counter”."
    assert one.sentence.zh == "“Decide”由“Bureau”改由“Counter”负责。"
    assert (one.group, one.change, one.old, one.new) == (Group.WHO, Change.CHANGED, ("decide",), ("decide",))


def test_a_step_that_came_tells_of_its_flows_too() -> None:
    new = at(row("start", "check", "file", "decide", "issue", "end"), bureau="Archivist")
    found = differences(at(BASE), new)
    spoken = [one for one in found if one.sentence.en]
    assert spoken[0].sentence.en == "“File” is new, after “Check” and before “Decide”. It belongs to “Archivist”."
    assert {element for one in found if one.change is Change.ADDED for element in one.new} == {
        "file", "check_to_file", "file_to_decide",
    }  # fmt: skip
    assert [one.old for one in found if one.change is Change.REMOVED] == [("check_to_decide",)]


def test_a_step_that_went() -> None:
    found = differences(at(BASE), at(row("start", "check", "issue", "end")))
    assert [one.sentence.en for one in found if one.sentence.en] == ["“Decide” is no longer there."]
    assert found[0].old == ("decide",)
    assert found[0].new == ()


@pytest.mark.parametrize(
    ("before", "after", "said"),
    [
        ('officium:standardTime="P3D"', 'officium:standardTime="P2D"', "The standard of “Decide” went from 3 days to 2 days."),
        (
            'officium:standardTime="P3D" officium:workingTime="true"',
            'officium:standardTime="P1D" officium:workingTime="true"',
            "The standard of “Decide” went from 3 working days to 1 working day.",
        ),
        ("", 'officium:standardTime="PT4H"', "The standard of “Decide” went from none to 4 hours."),
        ("", 'officium:external="true"', "“Decide” now waits for somebody outside the office."),
    ],
)  # fmt: skip
def test_how_long_and_for_whom_a_step_waits(before: str, after: str, said: str) -> None:
    assert only(changed_step("", before), changed_step("", after)).sentence.en == said


def test_a_condition() -> None:
    def choice(when: str) -> Side:
        body = (
            lanes(counter=("start", "check", "g", "issue", "end")) + START + step("check")
            + '<exclusiveGateway id="g" name="Complete?" default="g_to_check"/>' + step("issue") + END
            + way("start", "check", "g") + flow("g", "issue", when, "yes") + flow("g", "check") + way("issue", "end")
        )  # fmt: skip
        return at(process(body))

    one = only(choice("area &gt; 100"), choice("area &gt; 200"))
    assert one.sentence.en == "The condition of Complete? → yes changed from “area > 100” to “area > 200”."
    assert (one.group, one.old, one.new) == (Group.WAY, ("g_to_issue",), ("g_to_issue",))


def test_a_gateway_that_became_another_kind() -> None:
    def gateway(kind: str) -> Side:
        body = (
            START + step("check") + f'<{kind} id="g" name="Both?"/>' + step("one") + step("two") + END
            + way("start", "check", "g", "one", "end") + way("g", "two", "end")
        )  # fmt: skip
        return at(process(body))

    said = told(gateway("exclusiveGateway"), gateway("parallelGateway"))
    assert said == ["“Both?” is now parallel (all ways) instead of exclusive (one way)."]


def test_a_flow_that_came_and_one_that_went() -> None:
    more = at(row(*_ROW, more=flow("decide", "check")))
    assert only(at(BASE), more).sentence.en == "A case can now go from “Decide” to “Check”."
    assert only(more, at(BASE)).sentence.en == "A case no longer goes from “Decide” to “Check”."


def test_what_is_taken_otherwise() -> None:
    def choice(default: str) -> Side:
        body = (
            START + step("check") + f'<exclusiveGateway id="g" name="G" default="{default}"/>' + step("one") + step("two")
            + END + way("start", "check", "g") + flow("g", "one") + flow("g", "two") + way("one", "end") + way("two", "end")
        )  # fmt: skip
        return at(process(body))

    said = only(choice("g_to_one"), choice("g_to_two")).sentence.en
    assert said == "Where no condition holds, the case goes from “G” to “Two” instead of “One”."


def test_a_timer() -> None:
    def timed(length: str) -> Side:
        border = f'<boundaryEvent id="late" name="Late" attachedToRef="check">{TIMER.format(length)}</boundaryEvent>'
        return at(row(*_ROW, more=border + flow("late", "end")))

    assert only(timed("P15D"), timed("P20D")).sentence.en == "The timer “Late” went from 15 days to 20 days."


def test_a_lane_that_another_post_owns() -> None:
    one = only(at(BASE, bureau="Reviewer"), at(BASE, bureau="Head"))
    assert one.sentence.en == "The lane “Bureau” now belongs to “Head” instead of “Reviewer”."
    assert one.old == one.new == ("bureau",)


def test_separation_of_duties() -> None:
    plain, apart = changed_step(), changed_step(SEPARATION.format("check", "person"))
    assert only(plain, apart).sentence.en == "“Decide” may no longer be done by whoever did “Check”."
    assert only(apart, plain).sentence.en == "“Decide” may now be done by whoever did “Check”."
    section = changed_step(SEPARATION.format("check", "department"))
    assert only(plain, section).sentence.en == "“Decide” may no longer be done in the department that did “Check”."


def test_an_instruction_shows_both_texts() -> None:
    def told_to(what: str) -> Side:
        words = f'<officium:what xml:lang="en">{what}</officium:what><officium:what xml:lang="zh">做</officium:what>'
        return changed_step(
            f"<extensionElements><officium:instruction>{words}</officium:instruction></extensionElements>"
        )

    one = only(told_to("Look twice."), told_to("Look once."))
    assert one.sentence.en == "What to do at “Decide” was rewritten."
    assert (one.before, one.after) == ("Look twice.\n做", "Look once.\n做")


def test_documents_required_and_documentation() -> None:
    papers = (
        '<extensionElements><officium:documents><officium:document xml:lang="en">Map</officium:document>'
        '<officium:document xml:lang="zh">地图</officium:document></officium:documents></extensionElements>'
    )
    one = only(changed_step(), changed_step(papers))
    assert one.sentence.en == "“Decide” now asks for the document “Map”."
    assert one.sentence.zh == "“Decide”新增所需材料“地图”。"
    one = only(changed_step(), changed_step("<documentation>Mind the gap.</documentation>"))
    assert (one.code, one.after) == ("instruction-what", "Mind the gap.")  # it stands for what is to be done


def test_periods_of_the_procedure() -> None:
    def promised(period: str) -> Side:
        return at(BASE.replace(b'isExecutable="true"', f'isExecutable="true" officium:promised="{period}"'.encode()))

    assert only(promised("P20D"), promised("P10D")).sentence.en == "The promised period went from 20 days to 10 days."


FORM = '{{"components":[{}]}}'
ASKS = 'officium:form="decide.form.json"'


def form(*fields: str) -> Side:
    source = row(*_ROW, decide=step("decide", "Decide", ASKS))
    return at(source, {"decide.form.json": FORM.format(",".join(fields)).encode()})


_AREA = '{"type":"number","key":"area","label":"Area"}'
_COLOUR = '{{"type":"select","key":"colour","label":"Colour","values":[{}]}}'
_RED, _BLUE = '{"label":"Red","value":"r"}', '{"label":"Blue","value":"b"}'


@pytest.mark.parametrize(
    ("before", "after", "said"),
    [
        ([], [_AREA], "The form of “Decide” now asks for “Area”."),
        ([_AREA], [], "The form of “Decide” no longer asks for “Area”."),
        ([_AREA], [_AREA[:-1] + ',"validate":{"required":true}}'], "In the form of “Decide”, “Area” must now be filled in."),
        ([_AREA], [_AREA[:-1] + ',"validate":{"max":9}}'], "In the form of “Decide”, what “Area” accepts was changed."),
        ([_AREA], [_AREA.replace('"Area"', '"Size"')], "In the form of “Decide”, “Area” is now called “Size”."),
        ([_AREA], [_AREA.replace("number", "textfield")], "In the form of “Decide”, “Area” is now a line of text instead of a number."),
        ([_COLOUR.format(_RED)], [_COLOUR.format(f"{_RED},{_BLUE}")], "In the form of “Decide”, “Colour” can now be “Blue”."),
        ([_COLOUR.format(f"{_RED},{_BLUE}")], [_COLOUR.format(_RED)], "In the form of “Decide”, “Colour” can no longer be “Blue”."),
    ],
)  # fmt: skip
def test_a_form(before: list[str], after: list[str], said: str) -> None:
    keep = '{"type":"textfield","key":"note","label":"Note"}'
    one = only(form(keep, *before), form(keep, *after))
    assert one.sentence.en == said
    assert one.group is Group.FORMS


DMN = """<definitions xmlns="https://www.omg.org/spec/DMN/20191111/MODEL/" id="d" name="d" namespace="x">
<decision id="host" name="Host"><decisionTable id="t" hitPolicy="{policy}">
<input id="i" label="Place"><inputExpression typeRef="string"><text>place</text></inputExpression></input>
<output id="o" name="host" label="Department" typeRef="string"/>{rules}</decisionTable></decision></definitions>"""
_RULE = "<rule><inputEntry><text>{}</text></inputEntry><outputEntry><text>{}</text></outputEntry></rule>"


def table(*rules: tuple[str, str], policy: str = "UNIQUE") -> Side:
    written = "".join(_RULE.format(*(f'"{cell}"' for cell in one)) for one in rules)
    decide = '<businessRuleTask id="decide" name="Decide" officium:decision="host"/>'
    return at(row(*_ROW, decide=decide), {"host.dmn": DMN.format(policy=policy, rules=written).encode()})


_IN, _OUT = ("in town", "Construction"), ("outside", "Transport")


@pytest.mark.parametrize(
    ("before", "after", "said"),
    [
        ([_IN], [_IN, _OUT], "The table “Host” has a new rule 2: \"outside\" → \"Transport\"."),
        ([_IN, _OUT], [_OUT], "The table “Host” no longer has the rule 1: \"in town\" → \"Construction\"."),
        (
            [_IN, _OUT], [_IN, ("outside", "Police")],
            "In the table “Host”, rule 2, “Department” went from “\"Transport\"” to “\"Police\"”.",
        ),
        ([_IN, _OUT], [_OUT, _IN], "In the table “Host” the rules stand in another order."),
    ],
)  # fmt: skip
def test_a_decision_table(before: list[tuple[str, str]], after: list[tuple[str, str]], said: str) -> None:
    one = only(table(*before), table(*after))
    assert one.sentence.en == said
    assert (one.old, one.new) == (("decide",), ("decide",))


def test_the_policy_of_a_table() -> None:
    said = only(table(_IN), table(_IN, policy="FIRST")).sentence.en
    assert said == "Where several rules of “Host” apply, FIRST holds instead of UNIQUE."


def test_a_decision_that_came_and_went() -> None:
    none = at(row(*_ROW, decide='<businessRuleTask id="decide" name="Decide" officium:decision="host"/>'))
    assert only(none, table(_IN)).sentence.en == "The decision “Host” is new."
    assert only(table(_IN), none).sentence.en == "The decision “Host” is no longer there."


def test_what_matters_to_people_comes_first() -> None:
    new = row(
        "start", "check", "file", "decide", "issue", "end", counter=("start", "check", "decide", "end"),
        issue=step("issue", "Hand it out", 'officium:standardTime="P1D"'),
    )  # fmt: skip
    groups = [one.group for one in differences(at(BASE), at(new))]
    assert groups == sorted(groups, key=list(Group).index)
    assert list(dict.fromkeys(one for one in groups if one is not Group.WAY)) == [
        Group.STEPS,
        Group.WHO,
        Group.TIME,
        Group.NAMES,
    ]


def test_markup_in_names_is_said_as_it_stands() -> None:
    hostile = "&lt;b onclick=x&gt;{name} %(x)s {0}"
    (said,) = told(at(BASE), changed_step("", "", hostile))
    assert said == "“Decide” is now called “<b onclick=x>{name} %(x)s {0}”."


@pytest.mark.parametrize("procedure", shipped(), ids=lambda one: one.key)
def test_a_file_redrawn_with_new_ids_is_the_same_procedure(procedure: Shipped) -> None:
    """As another tool would save it: every id is another one."""
    source = procedure.diagram.decode()
    ids = sorted(set(re.findall(r'\bid="([^"]+)"', source)), key=len, reverse=True)
    renamed = source
    for number, one in enumerate(ids):
        pattern = rf'(?<=")({re.escape(one)})(?=")|(?<=>)({re.escape(one)})(?=<)'
        renamed = re.sub(pattern, f"Id_{number:05d}_x", renamed)
    assert renamed != source
    old, new = read(source.encode(), "a.bpmn"), read(renamed.encode(), "b.bpmn")
    assert set(old.elements) & set(new.elements) == set()
    found = differences(side(old, procedure.attachments), side(new, procedure.attachments))
    assert [one.sentence.en for one in found if one.code in ("step-added", "step-removed", "moved", "kind")] == []


@settings(max_examples=examples(40), deadline=None)
@given(st.lists(st.sampled_from(("check", "decide", "issue", "file", "sign", "pay")), unique=True, min_size=1),
       st.lists(st.sampled_from(("check", "decide", "issue", "file", "sign", "pay")), unique=True, min_size=1))  # fmt: skip
def test_what_came_one_way_went_the_other(one: list[str], other: list[str]) -> None:
    here, there = at(row("start", *one, "end")), at(row("start", *other, "end"))
    forth, back = differences(here, there), differences(there, here)
    came = {element for each in forth if each.code == "step-added" for element in each.new}
    assert came == {element for each in back if each.code == "step-removed" for element in each.old}
    assert came == set(other) - set(one)
    assert (forth == ()) == (one == other)
