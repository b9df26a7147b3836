"""Events on the border of a step, and beside a whole scope: what they end, and what they let go on."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest

from engine.diagram import run
from tests.engine.diagram.builders import (
    border,
    both,
    call,
    catch,
    condition,
    cycle,
    end,
    error,
    escalation,
    file,
    flow,
    handler,
    line,
    message,
    process,
    signal,
    start,
    sub,
    terminate,
    throw,
    timer,
    user,
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


BORDERED = (
    start(),
    user("a"),
    user("after"),
    user("late"),
    end(),
    line("s", "a", "after", "e"),
    line("b", "late", "e"),
)


@pytest.mark.parametrize("trigger", TRIGGERS)
def test_an_interrupting_event_on_the_border_ends_the_step(trigger: str) -> None:
    case = Play(file(*BORDERED, border("b", "a", TRIGGERS[trigger])))
    assert case.waiting == ["a", "b"]
    happens(case, trigger, "b")
    assert case.waiting == ["late"]
    assert case.do("late").ended
    assert case.passed == ["s", "b", "late", "e"]


@pytest.mark.parametrize("trigger", TRIGGERS)
def test_a_step_that_is_done_no_longer_waits_for_the_events_on_its_border(trigger: str) -> None:
    case = Play(file(*BORDERED, border("b", "a", TRIGGERS[trigger]))).do("a")
    assert case.waiting == ["after"]
    assert case.do("after").ended


@pytest.mark.parametrize("trigger", TRIGGERS)
def test_an_event_that_does_not_interrupt_leaves_the_step_as_it_is(trigger: str) -> None:
    case = Play(file(*BORDERED, border("b", "a", TRIGGERS[trigger], interrupting=False)))
    happens(case, trigger, "b")
    still = ["a", "late"] if trigger == "timer" else ["a", "b", "late"]
    assert case.waiting == still
    assert case.do("a").do("late").do("after").ended


@pytest.mark.parametrize("trigger", ["message", "signal"])
def test_an_event_that_does_not_interrupt_may_come_again(trigger: str) -> None:
    case = Play(file(*BORDERED, border("b", "a", TRIGGERS[trigger], interrupting=False)))
    case.come("b").come("b").do("late")
    assert case.waiting == ["a", "b", "late"]


def test_a_condition_on_the_border_comes_each_time_it_begins_to_hold() -> None:
    drawn = file(
        start(),
        both("g"),
        user("a"),
        border("b", "a", condition("n > 1"), interrupting=False),
        user("late"),
        user("c"),
        line("s", "g", "a"),
        line("b", "late"),
        line("g", "c"),
        flow("c", "c", "n < 100"),
    )
    case = Play(drawn)
    case.do("c", n=2)
    assert case.people == ["a", "c", "late"]
    case.do("c", n=3)
    assert case.people == ["a", "c", "late"]
    case.do("c", n=0).do("c", n=2)
    assert case.people == ["a", "c", "late", "late"]


def test_a_repeated_timer_on_the_border_is_armed_again_until_its_turns_are_over() -> None:
    case = Play(file(*BORDERED, border("b", "a", cycle("R3/PT1H"), interrupting=False)))
    token = case.at("b").token
    for turn in (1, 2, 3):
        assert case.at("b").due == MORNING + timedelta(hours=turn)
        assert case.at("b").token == token
        case.fire("b")
    assert case.waiting == ["a", "late", "late", "late"]


def test_turns_of_a_timer_that_were_missed_happen_once() -> None:
    case = Play(file(*BORDERED, border("b", "a", cycle("R/PT1H"), interrupting=False)))
    case.fire("b", late=timedelta(hours=5, minutes=30))
    assert case.waiting == ["a", "b", "late"]
    assert case.at("b").due == MORNING + timedelta(hours=7)


def test_only_the_timer_that_is_named_goes_off() -> None:
    case = Play(
        file(
            start(),
            both("g"),
            catch("x", timer("PT1H")),
            catch("y", timer("PT1H")),
            user("after_x"),
            user("after_y"),
            line("s", "g", "x", "after_x"),
            line("g", "y", "after_y"),
        )
    )
    case.fire("x", late=timedelta(days=9))
    assert case.waiting == ["after_x", "y"]


def test_an_unreadable_timer_is_trouble_and_may_be_let_go_off_by_hand() -> None:
    case = Play(file(start(), user("a"), catch("t", timer("deadline")), user("z"), line("s", "a", "t", "z")))
    case.do("a", deadline="soon")
    assert case.troubles == [("t", "timer")]
    assert case.retry("t", deadline="P2D").at("t").due == MORNING + timedelta(days=2)
    other = Play(case.model).do("a", deadline="soon").by_hand("t")
    assert other.waiting == ["z"]


def test_a_timer_that_does_not_say_when_never_goes_off_by_itself() -> None:
    case = Play(file(start(), catch("t", "<timerEventDefinition/>"), user("z"), line("s", "t", "z")))
    assert case.at("t").due == datetime(9999, 12, 31, tzinfo=UTC)
    assert case.fire("t").waiting == ["z"]


def inner(thrown: str, *, at: str = "e1") -> str:
    after = end("e2") + line("e1", "e2") if "Throw" in thrown else ""
    return sub("sub", start("s1"), user("a"), thrown, after, line("s1", "a", at))


CAUGHT = (start(), user("after"), user("late"), end(), line("s", "sub", "after", "e"), line("b", "late", "e"))


@pytest.mark.parametrize("caught", ["E", ""])
def test_an_error_is_caught_on_the_border_of_its_sub_process(caught: str) -> None:
    case = Play(file(*CAUGHT, inner(end("e1", error("E"))), border("b", "sub", error(caught))))
    assert case.do("a").waiting == ["late"]
    assert case.do("late").ended
    assert case.passed == ["s", "s1", "a", "e1", "b", "late", "e"]


def test_the_border_for_exactly_this_error_is_chosen_before_the_one_for_any() -> None:
    case = Play(
        file(
            *CAUGHT,
            inner(end("e1", error("E"))),
            border("any", "sub", error()),
            user("z"),
            line("any", "z"),
            border("b", "sub", error("E")),
        )
    )
    assert case.do("a").waiting == ["late"]


def test_an_error_that_nobody_catches_stops_the_case_visibly() -> None:
    case = Play(file(*CAUGHT, inner(end("e1", error("E"))), border("b", "sub", error("Other")))).do("a")
    assert case.troubles == [("e1", "error")]
    assert case.trouble("e1").facts == {"name": "E"}
    assert case.by_hand("e1").waiting == ["after"]


def test_an_error_ends_whatever_else_goes_on_in_its_scope() -> None:
    inside = sub(
        "sub",
        start("s1"),
        both("g"),
        user("a"),
        user("other"),
        sub("deep", start("s2"), user("d"), line("s2", "d")),
        end("e1", error("E")),
        line("s1", "g", "a", "e1"),
        line("g", "other"),
        line("g", "deep"),
    )
    case = Play(file(*CAUGHT, inside, border("b", "sub", error("E"))))
    assert case.waiting == ["a", "d", "other"]
    assert case.do("a").waiting == ["late"]


def test_an_error_passes_borders_that_do_not_listen_and_call_activities() -> None:
    drawn = file(
        process(*CAUGHT, sub("sub", start("s1"), call("c", "q"), line("s1", "c")), border("b", "sub", error("E"))),
        process(start("qs"), user("qa"), end("qe", error("E")), line("qs", "qa", "qe"), id_="q"),
    )
    assert Play(drawn).do("qa").waiting == ["late"]


@pytest.mark.parametrize("make", [throw, end])
@pytest.mark.parametrize("interrupting", [True, False])
def test_an_escalation_is_caught_on_the_border(make: type, interrupting: bool) -> None:
    case = Play(
        file(
            *CAUGHT, inner(make("e1", escalation("X"))), border("b", "sub", escalation("X"), interrupting=interrupting)
        )
    )
    case.do("a")
    assert case.waiting == (["late"] if interrupting else ["after", "late"])


def test_an_escalation_that_nobody_catches_changes_nothing() -> None:
    case = Play(file(*CAUGHT, inner(throw("e1", escalation("X"))), border("b", "sub", escalation("Other"))))
    assert case.do("a").waiting == ["after"]


def test_terminating_ends_its_own_scope_and_nothing_around_it() -> None:
    inside = sub(
        "sub",
        start("s1"),
        both("g"),
        user("a"),
        user("other"),
        end("t", terminate()),
        line("s1", "g", "a", "t"),
        line("g", "other"),
    )
    case = Play(
        file(
            start(),
            both("h"),
            user("beside"),
            inside,
            user("after"),
            line("s", "h", "beside"),
            line("h", "sub", "after"),
        )
    )
    assert case.waiting == ["a", "beside", "other"]
    assert case.do("a").waiting == ["after", "beside"]


def test_terminating_a_process_ends_the_case() -> None:
    case = Play(
        file(
            start(),
            both("g"),
            user("a"),
            user("b"),
            sub("sub", start("s1"), user("c"), line("s1", "c")),
            end("t", terminate()),
            line("s", "g", "a", "t"),
            line("g", "b"),
            line("g", "sub"),
        )
    )
    assert case.do("a").ended


HANDLED = {**TRIGGERS, "error": error("E"), "escalation": escalation("X")}


def with_handler(trigger: str, interrupting: bool) -> Play:
    thrown = {"error": end("e", error("E")), "escalation": throw("e", escalation("X"))}.get(trigger, end("e"))
    after = user("z") + line("e", "z") if trigger == "escalation" else ""
    begins = start("hs", HANDLED[trigger], isInterrupting=str(interrupting).lower())
    return Play(
        file(
            start(),
            both("g"),
            user("a"),
            user("other"),
            thrown,
            after,
            line("s", "g", "a", "e"),
            line("g", "other"),
            handler("h", begins, user("ha"), line("hs", "ha")),
        )
    )


@pytest.mark.parametrize("trigger", HANDLED)
def test_an_interrupting_event_sub_process_takes_the_place_of_what_goes_on(trigger: str) -> None:
    case = with_handler(trigger, interrupting=True)
    assert case.people == ["a", "other"]
    if trigger in TRIGGERS:
        happens(case, trigger, "hs")
    else:
        case.do("a")
    assert case.waiting == ["ha"]
    assert case.do("ha").ended
    assert [one for one in case.passed if one in ("hs", "ha", "h")] == ["hs", "ha", "h"]


@pytest.mark.parametrize("trigger", [one for one in HANDLED if one != "error"])
def test_an_event_sub_process_that_does_not_interrupt_runs_beside(trigger: str) -> None:
    case = with_handler(trigger, interrupting=False)
    if trigger in TRIGGERS:
        happens(case, trigger, "hs")
        assert case.people == ["a", "ha", "other"]
        case.do("a")
    else:
        assert case.do("a").people == ["ha", "other", "z"]
        case.do("z")
    case.do("other")
    assert case.waiting == ["ha"], "what set it off is not waited for once the rest is done"
    assert case.do("ha").ended


def test_an_event_sub_process_belongs_to_its_own_scope() -> None:
    inside = sub(
        "sub",
        start("s1"),
        user("a"),
        line("s1", "a"),
        handler("h", start("hs", message("M")), user("ha"), line("hs", "ha")),
    )
    case = Play(
        file(
            start(),
            both("g"),
            inside,
            user("beside"),
            user("after"),
            line("s", "g", "beside"),
            line("g", "sub", "after"),
        )
    )
    assert case.waiting == ["a", "beside", "hs"]
    assert case.come("hs").waiting == ["beside", "ha"]
    assert case.do("ha").waiting == ["after", "beside"]


def test_terminating_ends_event_sub_processes_with_the_rest_of_their_scope() -> None:
    case = Play(
        file(
            start(),
            user("a"),
            end("t", terminate()),
            line("s", "a", "t"),
            handler("h", start("hs", message("M"), isInterrupting="false"), user("ha"), line("hs", "ha")),
        )
    )
    case.come("hs")
    assert case.waiting == ["a", "ha", "hs"]
    assert case.do("a").ended


def test_terminating_inside_an_event_sub_process_ends_that_alone() -> None:
    case = Play(
        file(
            start(),
            user("a"),
            line("s", "a"),
            handler(
                "h",
                start("hs", message("M"), isInterrupting="false"),
                user("ha"),
                end("t", terminate()),
                line("hs", "ha", "t"),
            ),
        )
    )
    assert case.come("hs").do("ha").waiting == ["a", "hs"]


def test_a_case_with_an_event_sub_process_begins_at_the_start_that_is_named() -> None:
    starts = start("m", message("M")), start("t", timer("P2D"))
    stop = handler("h", start("hs", message("Stop")), user("ha"), line("hs", "ha"))
    drawn = file(*starts, user("a"), user("b"), line("m", "a"), line("t", "b"), stop)
    assert Play(drawn).waiting == ["hs", "m", "t"]
    case = Play(drawn, start="t")
    assert case.waiting == ["b", "hs"]
    assert case.passed == ["t"]


def test_a_message_that_comes_for_what_is_over_is_refused() -> None:
    case = Play(file(*BORDERED, border("b", "a", message("M"))))
    token = case.at("b").token
    case.do("a")
    with pytest.raises(run.NothingWaits):
        run.deliver(case.model, case.state, token, {}, now=MORNING)
    with pytest.raises(run.NothingWaits):
        run.fire(case.model, case.state, case.at("after").token, now=MORNING)
    with pytest.raises(run.NothingWaits):
        run.finish(case.model, case.state, "no token at all", {}, now=MORNING)
