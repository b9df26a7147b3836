"""Events: what begins a case, what it waits for, what it throws and who catches it."""

from __future__ import annotations

from datetime import timedelta

import pytest

from engine.diagram import run
from engine.diagram.position import Sent, WaitKind
from tests.engine.diagram.builders import (
    both,
    catch,
    condition,
    end,
    file,
    flow,
    line,
    link,
    message,
    signal,
    start,
    step,
    sub,
    throw,
    timer,
    user,
    xor,
)
from tests.engine.diagram.playing import MORNING, Play

TRIGGERS = {
    "message": message("M"),
    "signal": signal("S"),
    "timer": timer("P1D"),
    "conditional": condition("ready = true"),
}


def happens(case: Play, trigger: str, element: str) -> Play:
    return case.fire(element) if trigger == "timer" else case.come(element)


@pytest.mark.parametrize("trigger", [*TRIGGERS, ""])
def test_a_case_begins_at_its_only_start_whatever_it_waits_for(trigger: str) -> None:
    case = Play(file(start("s", TRIGGERS.get(trigger, "")), user("a"), line("s", "a")))
    assert case.waiting == ["a"]
    assert case.passed == ["s"]


TWO_STARTS = (start("m", message("M")), start("t", timer("P2D")), user("a"), user("b"), line("m", "a"), line("t", "b"))


def test_where_every_start_waits_the_case_waits_for_whichever_comes_first() -> None:
    case = Play(file(*TWO_STARTS))
    assert case.waiting == ["m", "t"]
    assert case.at("t").due == MORNING + timedelta(days=2)
    assert case.come("m").waiting == ["a"]
    assert Play(file(*TWO_STARTS)).fire("t").waiting == ["b"]


def test_a_case_begun_at_a_start_that_waits_does_not_wait_for_it() -> None:
    case = Play(file(*TWO_STARTS), start="t")
    assert case.waiting == ["b"]
    assert case.passed == ["t"]


def test_a_start_that_waits_for_nothing_goes_before_those_that_wait() -> None:
    case = Play(file(*TWO_STARTS, start("plain"), user("c"), line("plain", "c")))
    assert case.waiting == ["c"]


def test_a_case_cannot_begin_where_there_is_no_start() -> None:
    with pytest.raises(run.NothingWaits):
        Play(file(*TWO_STARTS), start="a")


@pytest.mark.parametrize("trigger", TRIGGERS)
def test_an_intermediate_event_waits(trigger: str) -> None:
    case = Play(file(start(), catch("c", TRIGGERS[trigger]), user("a"), line("s", "c", "a")))
    kinds = {"message": WaitKind.MESSAGE, "signal": WaitKind.SIGNAL, "timer": WaitKind.TIMER}
    assert case.at("c").kind is kinds.get(trigger, WaitKind.CONDITION)
    assert case.at("c").name == {"message": "M", "signal": "S"}.get(trigger)
    assert happens(case, trigger, "c").waiting == ["a"]


def test_an_event_without_a_trigger_is_passed() -> None:
    case = Play(file(start(), throw("n"), catch("m"), user("a"), line("s", "n", "m", "a")))
    assert case.passed == ["s", "n", "m"]


def test_what_a_message_brings_can_decide_the_way() -> None:
    case = Play(
        file(
            start(),
            catch("c", message("M")),
            xor(default="g-b"),
            user("a"),
            user("b"),
            line("s", "c", "g"),
            flow("g", "a", "sum > 10"),
            flow("g", "b"),
        )
    )
    assert case.come("c", sum=11, chatter="x").waiting == ["a"]


@pytest.mark.parametrize("kind", ["throw", "end", "sendTask"])
def test_a_message_that_is_thrown_is_told_and_not_caught_by_the_case_itself(kind: str) -> None:
    thrown = {
        "throw": throw("t", message("Out")),
        "end": end("t", message("Out")),
        "sendTask": step("sendTask", "t", messageRef="message_Out") + '<!-- messageRef="message_Out" -->',
    }[kind]
    case = Play(
        file(
            start(),
            both("g"),
            user("a"),
            thrown,
            catch("c", message("Out")),
            line("s", "a", "g", "t"),
            line("g", "c"),
            user("z"),
            xor(id_="x", default="x-z"),
            line("c", "x"),
            flow("x", "z"),
            flow("x", "t2", "n = 1"),
            end("t2"),
        )
    )
    case.do("a", n=1, other=2)
    assert case.sent == [Sent("t", "message", "Out", {"n": 1})]
    assert case.waiting == ["c"]


def test_a_message_without_a_name_is_called_as_its_event() -> None:
    case = Play(file(start(), step("sendTask", "t", name="Tell them"), step("receiveTask", "r"), line("s", "t", "r")))
    assert [one.name for one in case.sent] == ["Tell them"]
    assert case.at("r").name == "r"


@pytest.mark.parametrize("make", [throw, end])
def test_a_signal_is_heard_by_everyone_in_the_case_and_told(make: type) -> None:
    case = Play(
        file(
            start(),
            both("g"),
            user("a"),
            make("t", signal("S")),
            sub("sub", start("s1"), catch("deep", signal("S")), user("z"), line("s1", "deep", "z")),
            catch("c", signal("S")),
            catch("other", signal("Other")),
            user("b"),
            line("s", "g", "a", "t"),
            line("g", "c", "b"),
            line("g", "sub"),
            line("g", "other"),
        )
    )
    assert case.waiting == ["a", "c", "deep", "other"]
    case.do("a")
    assert case.waiting == ["b", "other", "z"]
    assert [(one.kind, one.name) for one in case.sent] == [("signal", "S")]


def test_a_signal_is_thrown_only_when_whoever_is_about_to_listen_does() -> None:
    case = Play(
        file(
            start(),
            both("g"),
            throw("t", signal("S")),
            both("x"),
            both("y"),
            catch("c", signal("S")),
            user("a"),
            line("s", "g", "t"),
            line("g", "x", "y", "c", "a"),
        )
    )
    assert case.waiting == ["a"]


def test_links_lead_on_at_the_link_of_the_same_name() -> None:
    case = Play(
        file(
            start(),
            user("a"),
            throw("out1", link("L")),
            throw("out2", link("K")),
            both("g"),
            catch("into", link("L")),
            catch("other", link("K")),
            user("b"),
            user("c"),
            line("s", "a", "g", "out1"),
            line("g", "out2"),
            line("into", "b"),
            line("other", "c"),
        )
    )
    assert case.do("a").waiting == ["b", "c"]
    assert case.passed == ["s", "a", "g", "out1", "out2", "into", "other"]


def test_a_condition_is_looked_at_again_after_every_move() -> None:
    case = Play(
        file(
            start(),
            both("g"),
            user("a"),
            user("b"),
            catch("c", condition("x > 2")),
            user("z"),
            line("s", "g", "a", "b"),
            line("g", "c", "z"),
        )
    )
    assert case.waiting == ["a", "c"]
    assert case.do("a", x=1).waiting == ["b", "c"]
    assert case.do("b", x=3).waiting == ["z"]


def test_a_condition_that_holds_already_is_not_waited_for() -> None:
    case = Play(file(start(), user("a"), catch("c", condition("x > 2")), user("z"), line("s", "a", "c", "z")))
    assert case.do("a", x=3).waiting == ["z"]


def test_a_condition_that_cannot_be_worked_out_is_trouble() -> None:
    case = Play(file(start(), user("a"), catch("c", condition("x > 2")), user("z"), line("s", "a", "c", "z")))
    assert case.do("a", x="many").troubles == [("c", "expression")]
    assert case.retry("c", x=1).waiting == ["c"]
