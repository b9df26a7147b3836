"""A procedure tried out without a case: moves, why they went where they went, coverage, scenarios as text."""

from __future__ import annotations

import math
from contextlib import suppress
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from engine.diagram import decisions, run, trial
from engine.diagram.read import read
from engine.diagram.run.trace import Came, Decided, Parted, Passed
from engine.diagram.trial import Beginning, Ground, Move, Scenario, ScenarioStep, Source
from engine.diagram.trial.words import why
from tests.diagram_text import TWO_DEPARTMENTS, TWO_DEPARTMENTS_BESIDE
from tests.engine.diagram import builders as bpmn
from tests.engine.diagram.tables import decision, dmn, table
from tests.thorough import examples

NOW = datetime(2026, 3, 2, 1, 0, tzinfo=UTC)
RECEIVED = ScenarioStep(Move.COMPLETE, "receive", {"plot": "12", "urgent": False}, {"complete": ("complete_to_split",)})


def ground(*parts: str, beside: dict[str, bytes] | None = None, decided: bytes | None = None) -> Ground:
    held = decisions.read(decided, "table.dmn") if decided else None
    return trial.lay(Source(bpmn.file(*parts), beside or {}, held), process="p", digest=b"")


@pytest.fixture(scope="module")
def two_departments() -> Ground:
    source = Source(read(TWO_DEPARTMENTS, "two.bpmn"), TWO_DEPARTMENTS_BESIDE)
    return trial.lay(source, process="procedure", digest=b"two")


def waits(standing: trial.Standing) -> list[str]:
    return sorted(one.wait.element for one in standing.waiting)


def test_a_trial_goes_as_a_case_would(two_departments: Ground) -> None:
    standing = trial.begin(two_departments, Beginning(), at=NOW)
    assert waits(standing) == ["receive"]
    standing = trial.go(two_departments, standing, RECEIVED)
    assert waits(standing) == ["fire", "plans"]
    assert standing.known == {"plot": "12", "urgent": False, "area": None}
    for step in ("plans", "fire"):
        standing = trial.go(two_departments, standing, ScenarioStep(Move.COMPLETE, step))
    standing = trial.go(two_departments, standing, ScenarioStep(Move.COMPLETE, "decide", {"grant": True}))
    standing = trial.go(two_departments, standing, ScenarioStep(Move.COMPLETE, "issue"))
    assert standing.ended
    assert standing.last.then == ()


def test_answers_meet_the_same_form_as_at_the_desk(two_departments: Ground) -> None:
    standing = trial.begin(two_departments, Beginning(), at=NOW)
    for answers in ({}, {"plot": "x" * 21}, {"plot": "12", "area": "none"}, {"plot": "12", "colour": "red"}):
        with pytest.raises(trial.AnswersUnfit):
            trial.go(two_departments, standing, ScenarioStep(Move.COMPLETE, "receive", answers, RECEIVED.chosen))


def test_what_does_not_wait_cannot_be_done(two_departments: Ground) -> None:
    standing = trial.begin(two_departments, Beginning(), at=NOW)
    for step in (
        ScenarioStep(Move.COMPLETE, "issue"),
        ScenarioStep(Move.TIMER, "receive"),
        ScenarioStep(Move.RETRY, "x"),
    ):
        with pytest.raises(trial.NothingWaitsThere):
            trial.go(two_departments, standing, step)
    with pytest.raises(run.ChoiceNeeded):
        trial.go(two_departments, standing, ScenarioStep(Move.COMPLETE, "receive", {"plot": "1"}))


def test_a_timer_moves_the_clock_of_the_trial_to_when_it_is_due() -> None:
    laid = ground(
        bpmn.start(), bpmn.catch("t", bpmn.timer("P3D")), bpmn.user("a"), bpmn.end(), bpmn.line("s", "t", "a", "e")
    )
    standing = trial.begin(laid, Beginning(), at=NOW)
    standing = trial.go(laid, standing, ScenarioStep(Move.TIMER, "t"))
    assert standing.now == NOW + timedelta(days=3)
    assert waits(standing) == ["a"]


def chooser() -> Ground:
    form = b'{"components":[{"type":"number","key":"amount"},{"type":"checkbox","key":"urgent"}]}'
    return ground(
        bpmn.start(),
        bpmn.user("ask", officium__form="ask.form.json", name="Ask"),
        bpmn.xor(default="g-small", name="How much?"),
        bpmn.user("large"),
        bpmn.user("quick"),
        bpmn.user("small"),
        bpmn.end(),
        bpmn.line("s", "ask", "g"),
        bpmn.flow("g", "large", "amount >= 1000", name="much"),
        bpmn.flow("g", "quick", "urgent = true"),
        bpmn.flow("g", "small"),
        bpmn.line("large", "e"),
        bpmn.line("quick", "e"),
        bpmn.line("small", "e"),
        beside={"ask.form.json": form},
    )


def parted(laid: Ground, answers: dict[str, Any]) -> Parted:
    standing = trial.begin(laid, Beginning(), at=NOW)
    standing = trial.go(laid, standing, ScenarioStep(Move.COMPLETE, "ask", answers))
    (found,) = (one for one in standing.last.happened if isinstance(one, Parted))
    return found


def test_each_way_of_a_gateway_tells_what_made_it_true_or_false() -> None:
    laid = chooser()
    much = parted(laid, {"amount": 5000})
    assert (much.by, much.taken) == ("condition", ("g-large",))
    assert [(one.flow, one.held, dict(one.read)) for one in much.ways] == [
        ("g-large", True, {"amount": 5000}), ("g-quick", None, {}), ("g-small", None, {}),
    ]  # fmt: skip
    little = parted(laid, {"amount": 5, "urgent": False})
    assert (little.by, little.taken) == ("default", ("g-small",))
    assert [one.held for one in little.ways] == [False, False, None]
    said = why(laid, much)
    assert said is not None
    assert said.en == "At “How much?” it went to “much”, because amount >= 1000 (amount = 5000) holds."
    assert "amount = 5000" in said.zh


def test_what_a_person_chose_is_told_as_chosen(two_departments: Ground) -> None:
    standing = trial.go(two_departments, trial.begin(two_departments, Beginning(), at=NOW), RECEIVED)
    (found,) = (one for one in standing.last.happened if isinstance(one, Parted))
    assert (found.by, found.taken) == ("person", ("complete_to_split",))
    assert standing.last.passed == ("receive", "complete", "split")


def test_a_decision_tells_which_rules_matched() -> None:
    rules = [['"taxi"', '"Transport"'], ["-", '"Construction"']]
    source = dmn(decision("d", table(["kind"], ["host"], rules, policy="FIRST")))
    form = b'{"components":[{"type":"textfield","key":"kind"}]}'
    laid = ground(
        bpmn.start(), bpmn.user("ask", officium__form="f.form.json"),
        bpmn.step("businessRuleTask", "rule", officium__decision="d"), bpmn.user("a"), bpmn.end(),
        bpmn.line("s", "ask", "rule", "a", "e"), beside={"f.form.json": form}, decided=source,
    )  # fmt: skip
    standing = trial.begin(laid, Beginning(), at=NOW)
    standing = trial.go(laid, standing, ScenarioStep(Move.COMPLETE, "ask", {"kind": "taxi"}))
    (found,) = (one for one in standing.last.happened if isinstance(one, Decided))
    (asked,) = found.tables
    assert asked.rules == (1,)
    assert dict(asked.read) == {"kind": "taxi"}
    assert found.found["host"] == "Transport"
    said = why(laid, found)
    assert said is not None
    assert "rule 1" in said.en
    assert 'host = "Transport"' in said.en


def test_a_condition_that_comes_about_tells_the_values() -> None:
    form = b'{"components":[{"type":"number","key":"paid"}]}'
    laid = ground(
        bpmn.start(), bpmn.both("b"), bpmn.user("pay", officium__form="f.form.json"),
        bpmn.catch("enough", bpmn.condition("paid > 10")), bpmn.user("go"), bpmn.end("e"), bpmn.end("e2"),
        bpmn.line("s", "b", "pay", "e"), bpmn.line("b", "enough", "go", "e2"), beside={"f.form.json": form},
    )  # fmt: skip
    standing = trial.begin(laid, Beginning(), at=NOW)
    standing = trial.go(laid, standing, ScenarioStep(Move.COMPLETE, "pay", {"paid": 11}))
    (found,) = (one for one in standing.last.happened if isinstance(one, Came))
    assert dict(found.read) == {"paid": 11}
    assert waits(standing) == ["go"]


def test_trouble_is_tried_again_with_a_corrected_answer_or_seen_to_by_hand() -> None:
    laid = ground(
        bpmn.start(), bpmn.xor(), bpmn.user("a"), bpmn.user("b"), bpmn.end(), bpmn.line("s", "g"),
        bpmn.flow("g", "a", "ok = true"), bpmn.flow("g", "b", "ok = false"), bpmn.line("a", "e"), bpmn.line("b", "e"),
    )  # fmt: skip
    stuck = trial.begin(laid, Beginning(), at=NOW)
    assert stuck.last.trouble == ("g",)
    again = trial.go(laid, stuck, ScenarioStep(Move.RETRY, "g", {"ok": False}))
    assert waits(again) == ["b"]
    assert again.troubles == ()
    by_hand = trial.go(laid, stuck, ScenarioStep(Move.BY_HAND, "g", chosen={"g": ("g-a",)}))
    assert waits(by_hand) == ["a"]
    with pytest.raises(run.ChoiceNeeded):
        trial.go(laid, stuck, ScenarioStep(Move.BY_HAND, "g"))


def test_a_move_that_is_not_asked_why_tells_nothing() -> None:
    laid = chooser()
    plain = run.begin(laid.model, {}, now=NOW)
    trace = run.Trace()
    asked = run.begin(laid.model, {}, now=NOW, trace=trace)
    assert plain == asked
    assert trace.happened == [Passed("p", "s")]


def test_a_message_brings_values_to_conditions_alone() -> None:
    laid = ground(
        bpmn.start(), bpmn.catch("m", bpmn.message("answer")), bpmn.xor(), bpmn.user("a"), bpmn.user("b"), bpmn.end(),
        bpmn.line("s", "m", "g"), bpmn.flow("g", "a", "ok = true"), bpmn.flow("g", "b", "ok = false"),
        bpmn.line("a", "e"), bpmn.line("b", "e"),
    )  # fmt: skip
    standing = trial.go(laid, trial.begin(laid, Beginning(), at=NOW), ScenarioStep(Move.MESSAGE, "m", {"ok": True}))
    assert waits(standing) == ["a"]
    assert standing.known == {}


# Coverage


def test_coverage_counts_the_ways_that_were_taken_and_no_others() -> None:
    laid = chooser()
    standing = trial.begin(laid, Beginning(), at=NOW)
    nothing = trial.coverage(laid)
    assert (nothing.percent_of_steps, nothing.percent_of_flows) == (0, 0)
    standing = trial.go(laid, standing, ScenarioStep(Move.COMPLETE, "ask", {"amount": 5000}))
    found = trial.coverage(laid, standing.moments)
    assert found.passed_steps == {"s", "ask", "g"}
    assert found.passed_flows == {"s-ask", "ask-g", "g-large"}
    assert "g-small" in found.missed_flows
    assert "large" in found.missed_steps


def test_only_the_event_that_came_covers_its_way() -> None:
    laid = ground(
        bpmn.start(), bpmn.first("f"), bpmn.catch("t", bpmn.timer("PT1H")), bpmn.catch("m", bpmn.message("x")),
        bpmn.end(), bpmn.line("s", "f", "t", "e"), bpmn.line("f", "m", "e"),
    )  # fmt: skip
    standing = trial.begin(laid, Beginning(), at=NOW)
    standing = trial.go(laid, standing, ScenarioStep(Move.TIMER, "t"))
    assert trial.coverage(laid, standing.moments).passed_flows == {"s-f", "f-t", "t-e"}
    assert [one.element for one in standing.last.given_up] == ["m"]


def test_conditional_ways_out_of_a_step_are_covered_one_by_one() -> None:
    laid = ground(
        bpmn.start(), bpmn.script("x", "n = 1"), bpmn.user("a"), bpmn.user("b"), bpmn.end(), bpmn.line("s", "x"),
        bpmn.flow("x", "a", "n = 1"), bpmn.flow("x", "b", "n = 2"), bpmn.line("a", "e"), bpmn.line("b", "e"),
    )  # fmt: skip
    standing = trial.begin(laid, Beginning(), at=NOW)
    assert trial.coverage(laid, standing.moments).passed_flows == {"s-x", "x-a"}


# Scenarios


def told(laid: Ground, *steps: ScenarioStep, ended: bool = False) -> trial.Played:
    return trial.play(laid, Scenario("S", Beginning(), steps, ended))


def test_a_scenario_that_goes_as_told_has_no_differences(two_departments: Ground) -> None:
    step = ScenarioStep(Move.COMPLETE, "receive", RECEIVED.answers, RECEIVED.chosen, then=("fire", "plans"))
    assert told(two_departments, step).as_expected


def test_where_it_waits_elsewhere_is_told_in_names(two_departments: Ground) -> None:
    step = ScenarioStep(Move.COMPLETE, "receive", RECEIVED.answers, RECEIVED.chosen, then=("decide",))
    played = told(two_departments, step)
    assert [(one.step, one.said.en) for one in played.differences] == [
        (1, "expected to wait at “Decide”, waits at “Review fire safety”, “Review the plans”")
    ]
    assert "预期等待" in played.differences[0].said.zh


def test_a_step_that_is_gone_stops_it_and_says_so(two_departments: Ground) -> None:
    played = told(two_departments, ScenarioStep(Move.COMPLETE, "vanished"), RECEIVED)
    assert [one.said.en for one in played.differences] == ["“vanished” is no longer in the diagram"]
    assert played.made == 0


def test_answers_that_no_longer_fit_and_another_end_are_told(two_departments: Ground) -> None:
    unfit = told(two_departments, ScenarioStep(Move.COMPLETE, "receive", {"plot": ""}, RECEIVED.chosen))
    assert "this could not be done" in unfit.differences[0].said.en
    elsewhere = told(two_departments, ended=True)
    assert elsewhere.differences[-1].step == 1
    assert "expected to have ended" in elsewhere.differences[-1].said.en


def test_another_way_is_told_where_it_parts(two_departments: Ground) -> None:
    scenario = Scenario("S", Beginning(), (RECEIVED,), False, way=("start", "receive", "issue"))
    found = [one.said.en for one in trial.play(two_departments, scenario).differences if "another way" in one.said.en]
    assert found == ["went another way after 2 steps: expected “Issue the permit”, came to “Complete?”"]


# As text

words = st.text(min_size=1, max_size=12).filter(lambda one: not any("\ud800" <= sign <= "\udfff" for sign in one))
plain = st.one_of(st.booleans(), st.integers(-(2**60), 2**60), st.floats(allow_nan=False, allow_infinity=False), words)
values = st.recursive(
    plain, lambda inner: st.lists(inner, max_size=3) | st.dictionaries(words, inner, max_size=3), max_leaves=6
)
answers = st.dictionaries(words, values, max_size=4)
chosen = st.dictionaries(words, st.lists(words, max_size=2).map(tuple), max_size=2)
elements = st.lists(words, max_size=3).map(tuple)
steps = st.builds(ScenarioStep, st.sampled_from(Move), words, answers, chosen, elements, elements, st.none() | words)
moments = st.integers(40_000_000, 32_000_000_000).map(lambda one: datetime.fromtimestamp(one, UTC))
scenarios = st.builds(
    Scenario,
    st.just("A 名"),
    st.builds(Beginning, answers, chosen, st.none() | words, st.none() | elements, elements),
    st.lists(steps, max_size=4).map(tuple),
    st.booleans(),
    st.none() | elements,
    st.none() | moments,
)


@settings(max_examples=examples(200), deadline=None)
@given(scenarios)
def test_a_scenario_written_is_read_back_the_same(scenario: Scenario) -> None:
    assert trial.read(trial.write(scenario)) == scenario
    assert trial.from_told(trial.told(scenario)) == scenario


@settings(max_examples=examples(200), deadline=None)
@given(st.binary(max_size=200) | st.text(max_size=200).map(lambda one: one.encode("utf-8", "surrogatepass")))
def test_whatever_comes_as_a_file_is_a_scenario_or_refused(content: bytes) -> None:
    with suppress(trial.NotAScenario):
        assert trial.read(content).name


WRONG = {
    "too large": b"#" * (trial.MOST_BYTES + 1),
    "no text": b"\xff\xfe",
    "no TOML": b"name = ",
    "deep": b"name='x'\na=" + b"[" * 90_000,
    "deep answers": b"name='x'\n[start]\nanswers={a=" + b"[" * 50 + b"]" * 50 + b"}",
    "no name": b"[outcome]\nended = true",
    "many steps": b"name='x'\n" + b"[[step]]\ntimer='t'\n" * 501,
    "two moves": b"name='x'\n[[step]]\ntimer='t'\ncomplete='t'",
    "no move": b"name='x'\n[[step]]\nthen=[]",
    "step a word": b"name='x'\nstep='y'",
    "start a word": b"name='x'\nstart='y'",
    "then numbers": b"name='x'\n[[step]]\ntimer='t'\nthen=[1]",
    "then a word": b"name='x'\n[[step]]\ntimer='t'\nthen='t'",
    "ended a word": b"name='x'\n[outcome]\nended='yes'",
    "no number": b"name='x'\n[start]\nanswers={a=nan}",
    "large number": b"name='x'\n[start]\nanswers={a=99999999999999999999}",
    "very large number": b"name='x'\n[start]\nanswers={a=" + b"9" * 9_000 + b"}",
    "begun a word": b"name='x'\nbegun='soon'",
    "begun too late": b"name='x'\nbegun=9999-01-01T00:00:00Z",
    "chosen a word": b"name='x'\n[[step]]\ntimer='t'\nchosen={g='f'}",
}


@pytest.mark.parametrize("content", WRONG.values(), ids=WRONG.keys())
def test_a_bad_file_is_refused_in_words(content: bytes) -> None:
    with pytest.raises(trial.NotAScenario) as refusal:
        trial.read(content)
    assert refusal.value.say("en").startswith("The file is not a scenario: ")
    assert "{" not in refusal.value.say("en")


@pytest.mark.parametrize(
    "written", ["[1]", "true", "{", '{"a": 1' + "0" * 9_000 + "}", "[" * 9_000, '{"a": "' + "x" * 10_000 + '"}', '{"a": NaN}', '{"a": "\\ud800"}', '{"a":' * 40 + "1" + "}" * 40]
)  # fmt: skip
def test_a_message_brings_an_object_of_modest_size_or_is_refused(written: str) -> None:
    with pytest.raises(trial.PayloadUnfit):
        trial.payload(written)


def test_a_message_may_bring_nothing_or_plain_values() -> None:
    assert trial.payload(" ") == {}
    assert trial.payload('{"ok": true, "n": [1, 2.5, null]}') == {"ok": True, "n": [1, 2.5, None]}
    assert math.isclose(trial.payload('{"n": 2.5}')["n"], 2.5)


def test_a_procedure_that_goes_round_by_itself_is_stopped_in_a_trial_too() -> None:
    laid = ground(
        bpmn.start(), bpmn.xor("j"), bpmn.script("x", "n = 1"), bpmn.xor("g", default="g-j"), bpmn.user("a"), bpmn.end(),
        bpmn.line("s", "j", "x", "g"), bpmn.flow("g", "j"), bpmn.flow("g", "a", "n = 2"), bpmn.line("a", "e"),
    )  # fmt: skip
    standing = trial.begin(laid, Beginning(), at=NOW)
    assert [one.kind for one in standing.troubles] == ["budget"]
    with pytest.raises(trial.TrialTooLong):
        _on_and_on(laid, standing)


def _on_and_on(laid: Ground, standing: trial.Standing) -> None:
    for _ in range(60):
        standing = trial.go(laid, standing, ScenarioStep(Move.BY_HAND, standing.troubles[0].element))
