"""Where people are asked which way a case goes, and tables and messages decide with them."""

from __future__ import annotations

import pytest

from engine.diagram import run
from engine.diagram.decisions import Decisions
from engine.diagram.decisions import read as read_decisions
from engine.diagram.position import Choice, Question, WaitKind
from tests.engine.diagram.builders import (
    again,
    end,
    file,
    flow,
    line,
    process,
    script,
    some,
    start,
    step,
    sub,
    user,
    xor,
)
from tests.engine.diagram.playing import MORNING, Play

WAYS = (
    user("yes"),
    user("no"),
    end(),
    flow("g", "yes", name="granted"),
    flow("g", "no", name="refused"),
    line("yes", "e"),
    line("no", "e"),
)
QUESTION = Question("g", "Fit?", False, (Choice("g-yes", "granted"), Choice("g-no", "refused")))
AFTER_A_STEP = (start(), user("a"), xor(name="Fit?"), *WAYS, line("s", "a", "g"))


def test_who_does_the_step_before_a_gateway_says_which_way() -> None:
    case = Play(file(*AFTER_A_STEP))
    assert case.model.questions == {("p", "a"): (QUESTION,)}
    assert case.waiting == ["a"]
    assert case.do("a", chosen={"g": ["g-no"]}).waiting == ["no"]
    assert case.passed == ["s", "a", "g"]


@pytest.mark.parametrize(
    "chosen",
    [None, {}, {"g": []}, {"g": ["g-yes", "g-no"]}, {"g": ["s-a"]}, {"other": ["g-yes"]}],
    ids=["nothing", "no gateway", "no way", "two ways", "a flow of another gateway", "another gateway"],
)
def test_a_choice_that_is_missing_or_is_none_is_refused_and_says_what_there_is_to_choose(chosen: object) -> None:
    case = Play(file(*AFTER_A_STEP))
    with pytest.raises(run.ChoiceNeeded) as refused:
        case.do("a", chosen=chosen)
    assert str(refused.value) == "Say which way the case goes at “Fit?”: granted, refused."
    assert run.finish(case.model, case.state, case.at("a").token, {}, now=MORNING, chosen={"g": ["g-yes"]}).opened


def test_every_step_that_leads_to_the_gateway_asks() -> None:
    drawn = file(start(), xor("x", default="x-a"), user("a"), step("task", "b"), xor(name="Fit?"), *WAYS, line("s", "first", "x"), user("first"), flow("x", "a"), flow("x", "b", "n = 1"), line("a", "g"), line("b", "g"))  # fmt: skip
    case = Play(drawn)
    assert case.model.questions == {("p", "a"): (QUESTION,), ("p", "b"): (QUESTION,)}
    assert case.do("first", n=1).do("b", chosen={"g": ["g-yes"]}).waiting == ["yes"]


NOT_AFTER_A_STEP = {
    "the start": (start(), xor(name="Fit?"), *WAYS, line("s", "g")),
    "a script": (start(), script("c", "n = 1"), xor(name="Fit?"), *WAYS, line("s", "c", "g")),
    "a sub-process": (start(), sub("c", start("s1"), end("e1"), line("s1", "e1")), xor(name="Fit?"), *WAYS, line("s", "c", "g")),
}  # fmt: skip


@pytest.mark.parametrize("before", NOT_AFTER_A_STEP)
def test_where_no_step_stands_before_the_gateway_somebody_is_asked_in_a_wait_of_its_own(before: str) -> None:
    case = Play(file(*NOT_AFTER_A_STEP[before]))
    assert case.model.questions == {("p", "g"): (QUESTION,)}
    assert (case.at("g").kind, case.waiting) == (WaitKind.PERSON, ["g"])
    with pytest.raises(run.ChoiceNeeded):
        case.do("g")
    case.do("g", chosen={"g": ["g-yes"]})
    assert case.waiting == ["yes"]
    assert case.passed.count("g") == 1


def test_a_choice_may_be_made_when_the_case_begins() -> None:
    drawn = file(*NOT_AFTER_A_STEP["the start"])
    assert Play(drawn, chosen={"g": ["g-no"]}).waiting == ["no"]


def test_a_step_done_several_times_leaves_the_choice_to_a_wait_of_its_own() -> None:
    case = Play(file(start(), user("a", again("more")), xor(name="Fit?"), *WAYS, line("s", "a", "g")))
    assert case.do("a", more=True).do("a", more=False).waiting == ["g"]


def test_a_step_with_another_flow_out_leaves_the_choice_to_a_wait_of_its_own() -> None:
    case = Play(file(*AFTER_A_STEP, user("beside"), line("a", "beside")))
    assert case.do("a").waiting == ["beside", "g"]


def test_at_an_inclusive_gateway_several_ways_may_be_chosen() -> None:
    drawn = file(start(), user("a"), some("g", name="Fit?"), *WAYS, line("s", "a", "g"))
    case = Play(drawn)
    assert case.model.questions["p", "a"][0].several
    assert case.do("a", chosen={"g": ["g-yes", "g-no"]}).waiting == ["no", "yes"]
    assert Play(drawn).do("a", chosen={"g": ["g-yes"]}).waiting == ["yes"]
    with pytest.raises(run.ChoiceNeeded):
        Play(drawn).do("a", chosen={"g": []})


def test_an_inclusive_gateway_that_joins_asks_once_all_have_come() -> None:
    drawn = file(start(), user("a"), user("b"), some("g", name="Fit?"), *WAYS, line("s", "a", "g"), line("s", "b", "g"))
    case = Play(drawn).do("a")
    assert case.waiting == ["b"]
    assert case.do("b").waiting == ["g"]
    assert case.do("g", chosen={"g": ["g-no"]}).waiting == ["no"]


def test_one_way_without_a_condition_makes_the_whole_choice_a_persons() -> None:
    drawn = file(start(), user("a"), xor(name="Fit?"), user("yes"), user("no"), line("s", "a", "g"), flow("g", "yes", "x = 1", name="granted"), flow("g", "no", name="refused"))  # fmt: skip
    case = Play(drawn)
    assert case.model.questions == {("p", "a"): (QUESTION,)}
    assert case.do("a", x=2, chosen={"g": ["g-yes"]}).waiting == ["yes"]


def test_a_designer_may_let_a_person_say_what_a_condition_says() -> None:
    parts = (start(), user("a"), xor(name="Fit?", default="g-no"), user("yes"), user("no"), line("s", "a", "g"), flow("g", "yes", "x >< 1", name="granted"), flow("g", "no", name="refused"))  # fmt: skip
    with pytest.raises(run.CannotRun) as refused:
        Play(file(*parts))
    assert refused.value.facts["element"] == "g-yes"
    case = Play(file(*parts), ask=["g-yes"])
    assert case.model.questions == {("p", "a"): (QUESTION,)}
    assert case.do("a", chosen={"g": ["g-no"]}).waiting == ["no"]


def test_the_flows_out_of_a_step_may_be_asked_about_too() -> None:
    case = Play(
        file(start(), user("a", name="Look"), user("b"), user("c"), line("s", "a"), flow("a", "b", "a >< b"), flow("a", "c", "x = 1")),
        ask=["a-b"],
    )  # fmt: skip
    assert [(one.gateway, one.several) for one in case.model.questions["p", "a"]] == [("a", True)]
    assert case.do("a", chosen={"a": ["a-b", "a-c"]}).waiting == ["b", "c"]


def test_a_question_in_a_called_procedure_is_asked_there() -> None:
    inner = process(start("qs"), user("qa"), xor(name="Fit?"), *WAYS, line("qs", "qa", "g"), id_="q")
    case = Play(file(process(start(id_="s0"), step("callActivity", "c", calledElement="q"), line("s0", "c")) + inner))
    assert case.model.questions == {("q", "qa"): (QUESTION,)}
    assert case.do("qa", chosen={"g": ["g-yes"]}).waiting == ["yes"]


def test_a_choice_is_asked_again_each_time_the_gateway_is_reached() -> None:
    case = Play(file(start(), user("a"), xor(), line("s", "a", "g"), flow("g", "a"), flow("g", "e"), end()))
    case.do("a", chosen={"g": ["g-a"]})
    with pytest.raises(run.ChoiceNeeded):
        case.do("a")
    assert case.do("a", chosen={"g": ["g-e"]}).ended


TABLE = """<definitions xmlns="https://www.omg.org/spec/DMN/20191111/MODEL/" id="D" name="D" namespace="n">
<decision id="competence" name="competence"><decisionTable id="t" hitPolicy="UNIQUE">
<input id="i"><inputExpression id="ie" typeRef="string"><text>place</text></inputExpression></input>
<output id="o" name="office" typeRef="string"/>
<rule id="r1"><inputEntry id="r1i"><text>"inside"</text></inputEntry><outputEntry id="r1o"><text>"works"</text></outputEntry></rule>
<rule id="r2"><inputEntry id="r2i"><text>"outside"</text></inputEntry><outputEntry id="r2o"><text>"transport"</text></outputEntry></rule>
<rule id="r3"><inputEntry id="r3i"><text>"border"</text></inputEntry><outputEntry id="r3o"><text>"works"</text></outputEntry></rule>
<rule id="r4"><inputEntry id="r4i"><text>"border"</text></inputEntry><outputEntry id="r4o"><text>"transport"</text></outputEntry></rule>
</decisionTable></decision></definitions>"""

NAMED_IN = {
    "officium": ({"officium__decision": "competence"}, ""),
    "camunda": ({"camunda__decisionRef": "competence"}, ""),
    "zeebe": (
        {},
        '<extensionElements><zeebe:calledDecision decisionId="competence" resultVariable="office"/></extensionElements>',
    ),
    "spiffworkflow": (
        {},
        "<extensionElements><spiffworkflow:calledDecisionId>competence</spiffworkflow:calledDecisionId></extensionElements>",
    ),
    "flowable": ({"flowable__decisionRef": "competence"}, ""),
}


def deciding(attributes: dict[str, str], inside: str, kind: str = "businessRuleTask") -> Play:
    decisions: Decisions = read_decisions(TABLE.encode(), "competence.dmn")
    drawn = file(start(), user("a"), step(kind, "c", inside, **attributes), xor(default="g-y"), user("w"), user("y"), line("s", "a", "c", "g"), flow("g", "w", 'office = "works"'), flow("g", "y"))  # fmt: skip
    return Play(drawn, decisions=decisions)


@pytest.mark.parametrize("dialect", NAMED_IN)
def test_a_table_decides_whatever_tool_named_it(dialect: str) -> None:
    case = deciding(*NAMED_IN[dialect])
    assert case.model.variables >= {"place", "office"}
    assert case.do("a", place="inside").waiting == ["w"]
    assert deciding(*NAMED_IN[dialect]).do("a", place="outside").waiting == ["y"]


def test_flowable_draws_a_decision_as_a_service() -> None:
    inside = '<extensionElements><flowable:field name="decisionTableReferenceKey"><flowable:string>competence</flowable:string></flowable:field></extensionElements>'  # fmt: skip
    assert deciding({"flowable__type": "dmn"}, inside, "serviceTask").do("a", place="inside").waiting == ["w"]


def test_a_table_that_contradicts_itself_is_trouble_until_somebody_decides() -> None:
    case = deciding(*NAMED_IN["officium"]).do("a", place="border")
    assert case.troubles == [("c", "decision")]
    assert case.trouble("c").facts["decision"] == "competence"
    assert case.by_hand("c", office="works").waiting == ["w"]


def test_a_table_that_is_not_there_is_trouble() -> None:
    case = deciding({"officium__decision": "nowhere"}, "").do("a")
    assert case.troubles == [("c", "decision")]
