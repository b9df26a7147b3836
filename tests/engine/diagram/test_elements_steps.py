"""Steps: what people, scripts, tables and other procedures do; and what is done several times."""

from __future__ import annotations

import pytest

from engine.diagram import run
from engine.diagram.position import WaitKind
from tests.engine.diagram.builders import (
    again,
    border,
    both,
    call,
    catch,
    end,
    error,
    file,
    flow,
    handler,
    line,
    message,
    process,
    script,
    several,
    some,
    start,
    step,
    sub,
    terminate,
    throw,
    timer,
    times,
    user,
    xor,
)
from tests.engine.diagram.playing import MORNING, Play


@pytest.mark.parametrize("kind", ["task", "userTask", "manualTask"])
def test_a_step_of_a_person_waits_until_it_is_done(kind: str) -> None:
    case = Play(file(start(), step(kind, "a"), end(), line("s", "a", "e")))
    assert case.at("a").kind is WaitKind.PERSON
    assert case.at("a").process == "p"
    token = case.at("a").token
    assert case.do("a").ended
    with pytest.raises(run.NothingWaits):
        run.finish(case.model, case.state, token, {}, now=case.now)


def test_only_answers_that_the_diagram_asks_for_are_given_to_the_engine() -> None:
    case = Play(
        file(
            start(),
            user("a"),
            xor(default="g-e"),
            user("b"),
            end(),
            line("s", "a", "g"),
            flow("g", "b", "x > 1"),
            flow("g", "e"),
        )
    )
    assert case.model.variables == {"x"}
    with_secret = run.finish(case.model, case.state, case.at("a").token, {"x": 2, "secret": "s" * 500}, now=case.now)
    without = run.finish(case.model, case.state, case.at("a").token, {"x": 2}, now=case.now)
    assert with_secret == without


def test_a_script_of_assignments_is_run() -> None:
    case = Play(
        file(
            start(),
            user("a"),
            script("c", "# first\nnet = price * 2\nfee = net + 1"),
            xor(default="g-z"),
            user("b"),
            user("z"),
            line("s", "a", "c", "g"),
            flow("g", "b", "fee = 21"),
            flow("g", "z"),
        )
    )
    assert case.do("a", price=10).waiting == ["b"]
    assert case.passed == ["s", "a", "c", "g"]


@pytest.mark.parametrize("text", ["import os", "print(x)", "", "x = (1", 'x = __import__("os")', "y = nobody + 1"])
def test_a_script_that_cannot_be_run_is_trouble(text: str) -> None:
    case = Play(file(start(), script("c", text), user("a"), line("s", "c", "a")))
    assert case.troubles == [("c", "script")]
    assert case.by_hand("c").waiting == ["a"]


SERVICE = (start(), user("a"), end(), line("s", "c", "a", "e"))


@pytest.mark.parametrize("kind", ["serviceTask", "sendTask"])
def test_what_a_machine_should_do_is_trouble_until_it_was_done(kind: str) -> None:
    case = Play(file(*SERVICE, step(kind, "c", camunda__topic="post")))
    assert case.troubles == [("c", "service")]
    assert case.trouble("c").facts == {"what": "post"}
    assert case.retry("c").troubles == [("c", "service")]
    assert case.by_hand("c").waiting == ["a"]
    assert case.passed == ["s", "c"]


def test_what_was_done_by_hand_may_have_an_outcome() -> None:
    case = Play(
        file(
            start(),
            step("serviceTask", "c"),
            xor(default="g-e"),
            user("b"),
            end(),
            line("s", "c", "g"),
            flow("g", "b", "found"),
            flow("g", "e"),
        )
    )
    assert case.by_hand("c", found=True).waiting == ["b"]


def test_a_step_with_a_service_on_whose_border_time_runs_out() -> None:
    case = Play(file(*SERVICE, step("serviceTask", "c"), border("b", "c", timer("PT1H")), user("z"), line("b", "z")))
    assert case.waiting == ["b"]
    assert case.troubles == [("c", "service")]
    assert case.fire("b").waiting == ["z"]
    assert case.troubles == []


SUB = sub("sub", start("s1"), user("a"), user("b"), end("e1"), line("s1", "a", "b", "e1"))


def test_a_sub_process_is_left_when_nothing_in_it_goes_on() -> None:
    case = Play(file(start(), SUB, user("after"), line("s", "sub", "after")))
    assert case.do("a").do("b").waiting == ["after"]
    assert case.passed == ["s", "s1", "a", "b", "e1", "sub"]


def test_sub_processes_need_neither_start_nor_end_and_share_the_answers() -> None:
    inside = sub("sub", user("a"), sub("deep", user("b")), line("a", "deep"))
    case = Play(
        file(
            start(),
            inside,
            xor(default="g-z"),
            user("c"),
            user("z"),
            line("s", "sub", "g"),
            flow("g", "c", "x = 2"),
            flow("g", "z"),
        )
    )
    assert case.do("a", x=1).do("b", x=2).waiting == ["c"]


def test_an_interrupting_event_ends_a_sub_process_with_all_in_it() -> None:
    case = Play(file(start(), SUB, border("t", "sub", timer("P1D")), user("late"), line("s", "sub"), line("t", "late")))
    assert case.do("a").fire("t").waiting == ["late"]
    assert case.do("late").ended


def test_a_transaction_without_cancelling_is_a_sub_process() -> None:
    inside = SUB.replace("<subProcess", "<transaction").replace("</subProcess", "</transaction")
    assert Play(file(start(), inside, line("s", "sub"))).do("a").do("b").ended


CALLED = process(start("qs"), user("qa"), end("qe"), line("qs", "qa", "qe"), id_="q")


def test_a_called_process_of_the_same_file_is_run_as_a_step() -> None:
    case = Play(file(process(start(), call("c", "q"), user("after"), line("s", "c", "after")), CALLED))
    assert (case.at("qa").process, case.at("qa").element) == ("q", "qa")
    assert case.do("qa").at("after").process == "p"
    assert case.passed == ["s", "qs", "qa", "qe", "c"]


def test_a_called_process_of_another_file_is_run_though_its_ids_are_the_same() -> None:
    main = file(process(start(), SUB, call("c", "q"), line("s", "sub", "c")))
    other = file(
        process(
            start(),
            SUB,
            xor(default="g-e"),
            end(),
            user("last"),
            line("s", "sub", "g"),
            flow("g", "last", "x = 1"),
            flow("g", "e"),
            id_="q",
        ),
        name="q.bpmn",
    )
    case = Play(main, called={"q": (other, None)})
    case.do("a").do("b", x=1)
    assert case.at("a").process == "q"
    assert case.do("a").do("b").waiting == ["last"]
    assert case.do("last").ended


def test_two_calls_at_the_same_time_are_two() -> None:
    case = Play(
        file(
            process(
                start(),
                both("g"),
                call("c", "q"),
                call("d", "q"),
                both("j"),
                user("z"),
                line("s", "g", "c", "j", "z"),
                line("g", "d", "j"),
            ),
            CALLED,
        )
    )
    assert case.waiting == ["qa", "qa"]
    assert case.do("qa").waiting == ["qa"]
    assert case.do("qa").waiting == ["z"]


@pytest.mark.parametrize("ring", [["p"], ["q", "p"]])
def test_a_process_that_calls_itself_is_refused(ring: list[str]) -> None:
    names = ["p", *ring[:-1]]
    drawn = file(
        *(
            process(start(f"{one}s"), call(f"{one}c", calls), line(f"{one}s", f"{one}c"), id_=one)
            for one, calls in zip(names, ring, strict=True)
        )
    )
    with pytest.raises(run.CannotRun) as refused:
        run.model(drawn, process="p")
    assert "calls itself" in str(refused.value)


def test_a_call_of_a_process_that_is_not_there_is_refused() -> None:
    with pytest.raises(run.CannotRun) as refused:
        Play(file(start(), call("c", "nowhere"), line("s", "c")))
    assert refused.value.facts["element"] == "c"
    assert "nowhere" in str(refused.value)


def repeated(inside: str, **case: object) -> Play:
    return Play(file(start(), user("d"), user("a", inside), user("z"), end(), line("s", "d", "a", "z", "e")))


def test_a_step_is_done_side_by_side_as_often_as_is_said() -> None:
    case = repeated(several(times("n"))).do("d", n=3)
    assert sorted(one.item or "" for one in case.open.values()) == ["1", "2", "3"]
    case.do("a", item="2").do("a", item="1")
    assert case.waiting == ["a"]
    assert case.do("a").waiting == ["z"]
    assert case.passed.count("a") == 3


def test_a_step_is_done_in_turn_as_often_as_is_said() -> None:
    case = repeated(several(times("n"), sequential=True)).do("d", n=3)
    for item in ("1", "2", "3"):
        assert case.waiting == ["a"]
        assert case.at("a").item == item
        case.do("a")
    assert case.waiting == ["z"]


LISTS = {
    "BPMN": '<loopDataInputRef>who</loopDataInputRef><inputDataItem id="one"/>',
    "camunda": "",
    "zeebe": '<extensionElements><zeebe:loopCharacteristics inputCollection="= who" inputElement="one"/></extensionElements>',
}


@pytest.mark.parametrize("dialect", LISTS)
@pytest.mark.parametrize("sequential", [True, False])
def test_a_step_is_done_for_each_of_a_list(dialect: str, sequential: bool) -> None:
    own = {"camunda__collection": "${who}", "camunda__elementVariable": "one"} if dialect == "camunda" else {}
    case = repeated(several(LISTS[dialect], sequential=sequential, **own)).do("d", who=["fire", "water"])
    assert sorted(one.item or "" for one in case.open.values()) == (["fire"] if sequential else ["fire", "water"])
    case.do("a", item="fire").do("a", item="water")
    assert case.waiting == ["z"]


@pytest.mark.parametrize("sequential", [True, False])
def test_a_step_for_each_of_an_empty_list_is_not_done(sequential: bool) -> None:
    assert repeated(several(LISTS["BPMN"], sequential=sequential)).do("d", who=[]).waiting == ["z"]
    assert repeated(several(times(0), sequential=sequential)).do("d").waiting == ["z"]


@pytest.mark.parametrize("sequential", [True, False])
def test_a_condition_may_end_the_repetition_early(sequential: bool) -> None:
    case = repeated(several(times(5) + "<completionCondition>stop</completionCondition>", sequential=sequential)).do(
        "d"
    )
    case.do("a", stop=False)
    assert "a" in case.waiting
    assert case.do("a", stop=True).waiting == ["z"]


def test_the_condition_may_count() -> None:
    case = repeated(
        several(
            times(4)
            + "<completionCondition>nrOfCompletedInstances >= nrOfInstances / 2</completionCondition>".replace(
                ">=", "&gt;="
            )
        )
    ).do("d")
    assert case.do("a").do("a").waiting == ["z"]


@pytest.mark.parametrize("number", ["501", "0 - 1", '"many"', "1.5", "nobody"])
def test_a_number_of_times_that_is_none_is_trouble(number: str) -> None:
    case = repeated(several(times(number))).do("d")
    assert case.troubles == [("a", "expression")]
    assert case.by_hand("a").waiting == ["z"]


def test_five_hundred_at_once_are_possible() -> None:
    model = run.model(file(start(), user("a", several(times(500))), user("z"), line("s", "a", "z")), process="p")
    position = run.begin(model, {}, now=MORNING)
    assert len(position.opened) == 500
    for one in position.opened:
        position = run.finish(model, position.state, one.token, {}, now=MORNING)
    assert [one.element for one in position.opened] == ["z"]


def test_the_outcomes_of_all_are_gathered_in_their_order() -> None:
    inside = several(
        '<loopDataInputRef>who</loopDataInputRef><loopDataOutputRef>votes</loopDataOutputRef><inputDataItem id="one"/><outputDataItem id="vote"/>'
    )
    case = Play(
        file(
            start(),
            user("d"),
            user("a", inside),
            xor(default="g-z"),
            user("b"),
            user("z"),
            line("s", "d", "a", "g"),
            flow("g", "b", 'votes = ["yes", "no", "yes"]'),
            flow("g", "z"),
        )
    )
    case.do("d", who=["x", "y", "w"]).do("a", item="w", vote="yes").do("a", item="y", vote="no").do(
        "a", item="x", vote="yes"
    )
    assert case.waiting == ["b"]


def test_each_turn_of_a_repeated_sub_process_has_its_own_answers() -> None:
    inside = sub(
        "sub",
        several(LISTS["BPMN"]),
        start("s1"),
        user("a"),
        xor(default="g-e1"),
        user("b"),
        end("e1"),
        line("s1", "a", "g"),
        flow("g", "b", 'x > 1 and one = "fire"'),
        flow("g", "e1"),
    )
    case = Play(file(start(), user("d"), inside, user("z"), line("s", "d", "sub", "z"))).do("d", who=["fire", "water"])
    assert sorted(one.item or "" for one in case.open.values()) == ["fire", "water"]
    case.do("a", item="fire", x=2)
    assert case.at("b").item == "fire"
    case.do("a", item="water", x=2)
    assert case.waiting == ["b"]
    assert case.do("b").waiting == ["z"]


def test_an_event_ends_all_turns_of_a_repeated_step() -> None:
    case = Play(
        file(
            start(),
            user("a", several(times(3))),
            border("b", "a", message("Stop")),
            user("late"),
            line("s", "a"),
            line("b", "late"),
        )
    )
    assert case.do("a").come("b").waiting == ["late"]


def test_an_error_in_one_turn_is_caught_on_the_border_of_the_whole() -> None:
    inside = sub("sub", several(times(2)), start("s1"), user("a"), end("x", error("E")), line("s1", "a", "x"))
    case = Play(
        file(start(), inside, border("b", "sub", error("E")), user("late"), line("s", "sub"), line("b", "late"))
    )
    assert case.do("a", item="2").waiting == ["late"]


@pytest.mark.parametrize(("attributes", "condition", "turns"), [({}, "i < 3", 3), ({"testBefore": "true"}, "i < 3", 3), ({"testBefore": "true"}, "i < 0", 0), ({"loopMaximum": "4"}, "true", 4), ({"loopMaximum": "2"}, "", 2), ({}, "", 1)])  # fmt: skip
def test_a_step_is_done_again_as_long_as_its_condition_holds(
    attributes: dict[str, str], condition: str, turns: int
) -> None:
    case = repeated(again(condition, **attributes)).do("d", i=0)
    for turn in range(turns):
        assert case.at("a").item == str(turn + 1)
        case.do("a", i=turn + 1)
    assert case.waiting == ["z"]


def test_a_sub_process_is_done_again_as_a_whole() -> None:
    inside = sub("sub", again("more"), start("s1"), user("a"), line("s1", "a"))
    case = Play(file(start(), inside, user("z"), line("s", "sub", "z")))
    case.do("a", more=True).do("a", more=True)
    assert case.at("a").item == "3"
    assert case.do("a", more=False).waiting == ["z"]


def test_a_condition_for_another_turn_that_cannot_be_worked_out_is_trouble() -> None:
    case = repeated(again("more")).do("d").do("a", more="perhaps")
    assert case.troubles == [("a", "expression")]
    assert case.retry("a", more=False).waiting == ["z"]


REFUSED = {
    "complex gateway": (step("complexGateway", "bad"), line("s", "bad")),
    "ad-hoc": (step("adHocSubProcess", "bad", user("in")), line("s", "bad")),
    "cancelling": (
        sub("t", start("s1"), end("bad", "<cancelEventDefinition/>"), line("s1", "bad")),
        line("s", "t"),
    ),
    "several triggers": (catch("bad", timer("PT1H") + message("M")), line("s", "bad")),
    "a link to nowhere": (throw("bad", '<linkEventDefinition name="L"/>'), line("s", "bad")),
    "a border of nothing": (user("a"), border("bad", "ghost", timer("PT1H")), line("s", "a")),
    "a border without a trigger": (user("a"), border("bad", "a", ""), line("s", "a")),
    "a handler without a trigger": (
        user("a"),
        handler("bad", start("s1"), user("in"), line("s1", "in")),
        line("s", "a"),
    ),
    "an event gateway before a step": (step("eventBasedGateway", "bad"), user("a"), line("s", "bad", "a")),
    "a throwing timer": (throw("bad", timer("PT1H")), line("s", "bad")),
    "a flow into a border": (user("a"), border("b", "a", timer("PT1H")), line("s", "a"), flow("a", "b", id_="bad")),
    "a flow out of an end": (end("x"), user("a"), line("s", "x"), flow("x", "a", id_="bad")),
    "a flow into a start": (user("a"), line("s", "a"), flow("a", "s", id_="bad")),
    "a circle nobody enters": (sub("bad", user("x"), user("y"), line("x", "y", "x")), line("s", "bad")),
    "a condition nobody can read": (
        xor("g", default="g-z"),
        user("z"),
        flow("g", "z"),
        flow("g", "y", "a >< b", "bad"),
        user("y"),
        line("s", "g"),
    ),
}


@pytest.mark.parametrize("what", REFUSED)
def test_what_cannot_be_run_right_is_refused_by_name(what: str) -> None:
    with pytest.raises(run.CannotRun) as refused:
        run.model(file(start(), *REFUSED[what]), process="p")
    assert refused.value.facts["element"] == "bad"
    assert refused.value.say("zh") != refused.value.say("en")


def test_what_stands_in_another_pool_does_not_matter() -> None:
    drawn = file(
        process(start(), user("a"), line("s", "a")),
        process(start("qs"), step("complexGateway", "g"), line("qs", "g"), id_="q"),
    )
    assert Play(drawn).waiting == ["a"]
    with pytest.raises(run.CannotRun):
        run.model(drawn, process="q")
    with pytest.raises(run.CannotRun):
        run.model(drawn, process="not there")


def test_a_step_among_those_that_end_may_terminate_them_all() -> None:
    inside = sub("sub", several(times(2)), start("s1"), user("a"), end("t", terminate()), line("s1", "a", "t"))
    case = Play(file(start(), inside, user("z"), some("g"), line("s", "sub", "g", "z")))
    assert case.do("a").waiting == ["a"], "each turn is a scope of its own"
    assert case.do("a").waiting == ["z"]
