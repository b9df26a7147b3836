"""Each construct of BPMN, drawn right and drawn wrong: what is said of it is what the engine does with it."""

from __future__ import annotations

from itertools import islice

import pytest

from engine.diagram.shape import Diagram
from engine.diagram.soundness import FaultKind, Outcome, Study, Unproven, check
from tests.engine.diagram.builders import (
    again,
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
    first,
    flow,
    handler,
    line,
    link,
    message,
    process,
    script,
    several,
    signal,
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
from tests.engine.diagram.soundness.following import follow
from tests.engine.diagram.soundness.judging import Tally, judge_drawn

DEADLOCK, MUTUAL, LIVELOCK = FaultKind.DEADLOCK, FaultKind.MUTUAL_WAIT, FaultKind.LIVELOCK
TWICE, DEAD = FaultKind.UNSYNCHRONISED, FaultKind.DEAD_STEP

WITHIN = sub("u", start("s2"), user("a"), end("e2"), line("s2", "a", "e2"))
FAILS = sub(
    "u",
    start("s2"),
    user("a"),
    xor("x"),
    end("ok"),
    end("bad", error("E")),
    line("s2", "a", "x", "ok"),
    line("x", "bad"),
)
RAISES = sub("u", start("s2"), throw("up", escalation("U")), user("a"), end("e2"), line("s2", "up", "a", "e2"))
STUCK = sub(
    "u", start("s2"), xor("x"), user("a"), user("b"), both("k"), end("e2"), line("s2", "x", "a", "k", "e2"), line("x", "b", "k")
)  # fmt: skip
BESIDE = handler("h", start("s3", message("M")), user("c"), end("e3"), line("s3", "c", "e3"))
BOTH_WAYS = (start(), both("f"), user("a"), user("b"), line("s", "f", "a"), line("f", "b"))


def notes(interrupts: str) -> str:
    return handler(
        "h", start("s3", message("M"), isInterrupting=interrupts), user("c"), end("e3"), line("s3", "c", "e3")
    )


SOUND: dict[str, tuple[str, ...]] = {
    "a border event that ends its step": (
        start(), user("a"), border("t", "a", timer("P1D")), user("b"), xor("j"), end(), line("s", "a", "j", "e"), line("t", "b", "j"),
    ),
    "a border event beside its step, with an end of its own": (
        start(), user("a"), border("t", "a", cycle("R/P1D"), interrupting=False), user("b"), end(), end("f"), line("s", "a", "e"), line("t", "b", "f"),
    ),
    "a border event beside its step, gathered": (
        start(), user("a"), border("t", "a", timer("P1D"), interrupting=False), user("b"), some("j"), end(), line("s", "a", "j", "e"), line("t", "b", "j"),
    ),
    "an error that is caught": (
        start(), FAILS, border("w", "u", error("E")), user("m"), xor("j"), end(), line("s", "u", "j", "e"), line("w", "m", "j"),
    ),
    "an escalation beside its scope": (
        start(), RAISES, border("w", "u", escalation("U"), interrupting=False), user("m"), end(), end("f"), line("s", "u", "e"), line("w", "m", "f"),
    ),
    "an event sub-process that ends its process": (start(), user("a"), end(), line("s", "a", "e"), notes("true")),
    "an event sub-process beside its process": (start(), user("a"), end(), line("s", "a", "e"), notes("false")),
    "whichever event comes first": (
        start(), first("g"), catch("m", message("M")), step("receiveTask", "r", messageRef="message_N"), xor("j"), end(), line("s", "g", "m", "j", "e"), line("g", "r", "j"),
    ),
    "an inclusive choice, gathered": (
        start(), user("q"), some("g"), user("a"), user("b"), user("c"), some("j"), end(), line("s", "q", "g", "a", "j", "e"), line("g", "b", "j"), line("g", "c", "j"),
    ),
    "an inclusive choice within a parallel block": (
        start(), both("f"), some("g"), user("a"), user("b"), some("j"), user("c"), both("k"), end(), line("s", "f", "g", "a", "j", "k", "e"), line("g", "b", "j"), line("f", "c", "k"),
    ),
    "a loop with a way out": (start(), xor("r"), user("a"), xor("x"), end(), line("s", "r", "a", "x", "e"), flow("x", "r")),
    "a terminate end that ends all": (
        *BOTH_WAYS, end("e", terminate()), end("g"), line("a", "e"), line("b", "g"),
    ),
    "links": (start(), throw("l", link("L")), catch("k", link("L")), user("a"), end(), line("s", "l"), line("k", "a", "e")),
    "several times": (start(), user("a", several(times(3))), user("b", again(loopMaximum="3")), end(), line("s", "a", "b", "e")),
    "a sub-process several times": (
        start(), sub("u", start("s2"), user("a"), end("e2"), line("s2", "a", "e2"), several(times(2))), end(), line("s", "u", "e"),
    ),
    "several flows out of a step, joined": (start(), user("q"), user("a"), user("b"), both("j"), end(), line("s", "q", "a", "j", "e"), line("q", "b", "j")),
    "several ways that each end": (*BOTH_WAYS, end(), end("g"), line("a", "e"), line("b", "g")),
    "one end for all ways": (*BOTH_WAYS, end(), line("a", "e"), line("b", "e")),
    "a signal that another branch waits for": (
        start(), both("f"), catch("w", signal("S")), throw("t", signal("S")), both("j"), end(), line("s", "f", "w", "j", "e"), line("f", "t", "j"),
    ),
}  # fmt: skip

FAULTS: dict[str, tuple[tuple[str, ...], set[tuple[FaultKind, str]]]] = {
    "a choice joined as if all were taken": (
        (start(), user("q"), xor("g"), user("a"), user("b"), both("j"), end(), line("s", "q", "g", "a", "j", "e"), line("g", "b", "j")),
        {(DEADLOCK, "j"), (DEAD, "e")},
    ),
    "a border event joined as if it always came": (
        (start(), user("a"), border("t", "a", timer("P1D"), interrupting=False), user("b"), both("j"), end(), line("s", "a", "j", "e"), line("t", "b", "j")),
        {(DEADLOCK, "j")},
    ),
    "a border event that takes the way a join waits for": (
        (*BOTH_WAYS, border("t", "a", timer("P1D")), both("j"), end(), end("g"), line("a", "j", "e"), line("b", "j"), line("t", "g")),
        {(DEADLOCK, "j")},
    ),
    "a border event of a sub-process that takes the way a join waits for": (
        (start(), both("f"), WITHIN, border("t", "u", message("M")), user("b"), both("j"), end(), end("g"), line("s", "f", "u", "j", "e"), line("f", "b", "j"), line("t", "g")),
        {(DEADLOCK, "j")},
    ),
    "an error that takes the way a join waits for": (
        (start(), both("f"), FAILS, border("w", "u", error("E")), user("b"), both("j"), end(), end("g"), line("s", "f", "u", "j", "e"), line("f", "b", "j"), line("w", "g")),
        {(DEADLOCK, "j")},
    ),
    "a join inside a sub-process": ((start(), STUCK, end(), line("s", "u", "e")), {(DEADLOCK, "k"), (DEAD, "e2"), (DEAD, "e")}),
    "a join inside an event sub-process": (
        (
            start(), user("q"), end(), line("s", "q", "e"),
            handler("h", start("s3", message("M")), xor("x"), user("a"), user("b"), both("k"), end("e3"), line("s3", "x", "a", "k", "e3"), line("x", "b", "k")),
        ),
        {(DEADLOCK, "k"), (DEAD, "e3")},
    ),
    "a join in a sub-process done several times": (
        (start(), sub("u", start("s2"), xor("x"), user("a"), user("b"), both("k"), end("e2"), several(times(2)), line("s2", "x", "a", "k", "e2"), line("x", "b", "k")), end(), line("s", "u", "e")),
        {(DEADLOCK, "k"), (DEAD, "e2"), (DEAD, "e")},
    ),
    "some ways joined as if all were taken": (
        (start(), user("q"), some("g"), user("a"), user("b"), both("j"), end(), line("s", "q", "g", "a", "j", "e"), line("g", "b", "j")),
        {(DEADLOCK, "j")},
    ),
    "whichever event comes first, joined as if both came": (
        (start(), first("g"), catch("m", message("M")), catch("t", timer("P1D")), both("j"), end(), line("s", "g", "m", "j", "e"), line("g", "t", "j")),
        {(DEADLOCK, "j"), (DEAD, "e")},
    ),
    "a join that a link goes past": (
        (*BOTH_WAYS, xor("x"), throw("l", link("L")), catch("k", link("L")), both("j"), end(), end("g"), line("a", "x", "j", "e"), line("x", "l"), line("b", "j"), line("k", "g")),
        {(DEADLOCK, "j")},
    ),
    "the beginning of a loop drawn as a parallel join": (
        (start(), both("r"), user("a"), xor("x"), end(), line("s", "r", "a", "x", "e"), flow("x", "r")),
        {(DEADLOCK, "r"), (DEAD, "a")},
    ),
    "joins that wait for each other": (
        (
            start(), both("f"), both("j1"), user("a"), both("f1"), both("j2"), user("b"), both("f2"), both("k"), end(),
            line("s", "f", "j1", "a", "f1", "j2", "b", "f2", "j1"), line("f", "j2"), line("f1", "k", "e"), line("f2", "k"),
        ),
        {(MUTUAL, "j1"), (DEAD, "a"), (DEAD, "b")},
    ),
    "round and round": ((start(), xor("r"), user("a"), user("b"), line("s", "r", "a", "b", "r")), {(LIVELOCK, "a")}),
    "round and round once a way is chosen": (
        (start(), user("q"), xor("x"), end(), xor("r"), user("a"), line("s", "q", "x", "e"), line("x", "r", "a", "r")),
        {(LIVELOCK, "a")},
    ),
    "two ways into one step": (
        (*BOTH_WAYS, xor("j"), user("c"), end(), line("a", "j", "c", "e"), line("b", "j")),
        {(TWICE, "c")},
    ),
    "two ways into one step, without a gateway": ((*BOTH_WAYS, user("c"), end(), line("a", "c", "e"), line("b", "c")), {(TWICE, "c")}),
    "some ways into one step": (
        (start(), user("q"), some("g"), user("a"), user("b"), xor("j"), user("c"), end(), line("s", "q", "g", "a", "j", "c", "e"), line("g", "b", "j")),
        {(TWICE, "c")},
    ),
    "a border event beside its step that comes back into the way": (
        (start(), user("a"), border("t", "a", timer("P1D"), interrupting=False), xor("j"), user("c"), end(), line("s", "a", "j", "c", "e"), line("t", "j")),
        {(TWICE, "c")},
    ),
    "an error that nothing throws": (
        (start(), user("a"), border("w", "a", error("E")), user("m"), end(), end("g"), line("s", "a", "e"), line("w", "m", "g")),
        {(DEAD, "w")},
    ),
    "an event on the border of what does not wait": (
        (start(), script("a", "x = 1"), border("t", "a", timer("P1D")), user("m"), end(), end("g"), line("s", "a", "e"), line("t", "m", "g")),
        {(DEAD, "t")},
    ),
}  # fmt: skip


def agrees(diagram: Diagram) -> None:
    """With everything the engine does with it."""
    tally = Tally()
    judge_drawn("here", diagram, tally, most=800)
    assert tally.wrong == []


@pytest.mark.parametrize("parts", SOUND.values(), ids=SOUND)
def test_what_is_drawn_right_is_sound(parts: tuple[str, ...]) -> None:
    diagram = file(*parts)
    verdict = check(diagram, "p")
    assert (verdict.outcome, verdict.faults) == (Outcome.SOUND, ())
    agrees(diagram)


@pytest.mark.parametrize(("parts", "expected"), FAULTS.values(), ids=FAULTS)
def test_what_is_drawn_wrong_is_found_at_its_place(
    parts: tuple[str, ...], expected: set[tuple[FaultKind, str]]
) -> None:
    diagram = file(*parts)
    verdict = check(diagram, "p")
    assert verdict.outcome is Outcome.UNSOUND
    assert {(one.kind, one.element) for one in verdict.faults} == expected
    agrees(diagram)


def test_the_way_told_is_the_shortest() -> None:
    parts = (start(), user("q"), both("f"), user("d"), xor("x"), user("b"), xor("m"), end("g"), both("j"), end())
    ways = (line("s", "q", "f", "x", "g"), line("x", "b", "m"), line("x", "m", "j", "e"), line("f", "d", "j"))
    diagram = file(*parts, *ways)
    [fault] = [one for one in check(diagram, "p").faults if one.kind is DEADLOCK]
    assert sorted(turn.element for turn in fault.turns[1:]) == ["d", "q", "x"]
    assert fault.turns[-1].standing[0].held
    assert [one.flows for turn in fault.turns for one in turn.chosen] == [("x-g",)]
    assert fault.turns[fault.decisive].element == "x"


def test_all_that_is_told_of_a_turn_is_what_the_engine_did() -> None:
    diagram = file(
        start(), user("q"), some("g"), user("a"), user("b"), both("j"), end(), line("s", "q", "g", "a", "j", "e"), line("g", "b", "j")
    )  # fmt: skip
    [fault] = check(diagram, "p").faults
    begun, chosen, done = fault.turns
    assert [(one.element, one.count, one.held) for one in begun.standing] == [("q", 1, False)]
    assert (chosen.element, chosen.chosen[0].gateway, chosen.flows) == ("q", "g", ("q-g", "g-a"))
    assert [(one.element, one.held) for one in done.standing] == [("j", True)]
    [followed] = islice(follow(diagram, fault), 1)
    assert followed.standing == {"j": 1}


def test_a_process_of_the_file_that_is_called_is_looked_into() -> None:
    called = process(
        start("s2"), xor("x"), user("a"), user("b"), both("k"), end("e2"), line("s2", "x", "a", "k", "e2"), line("x", "b", "k"), id_="q"
    )  # fmt: skip
    diagram = file(process(start(), call("c", "q"), end(), line("s", "c", "e")), called)
    for name in ("p", "q"):
        [fault] = [one for one in check(diagram, name).faults if one.kind is DEADLOCK]
        assert (fault.element, fault.process, fault.always) == ("k", "q", True)


def test_a_process_of_another_file_is_one_step_and_may_throw_what_its_caller_catches() -> None:
    parts = (start(), call("c", "elsewhere"), border("w", "c", error()), user("m"), end(), end("g"))
    assert check(file(*parts, line("s", "c", "e"), line("w", "m", "g")), "p").outcome is Outcome.SOUND


def test_a_gateway_none_of_whose_conditions_may_hold_is_no_deadlock() -> None:
    parts = (start(), user("q"), xor("g"), user("a"), end(), end("f"))
    diagram = file(*parts, line("s", "q", "g"), flow("g", "a", "x = 1"), flow("g", "f", "x = 2"), line("a", "e"))
    assert check(diagram, "p").outcome is Outcome.SOUND


def test_conditions_are_free_choices() -> None:
    parts = (start(), user("q"), xor("g", default="g-b"), user("a"), user("b"), both("j"), end())
    ways = (line("s", "q", "g"), flow("g", "a", "x = 1"), flow("g", "b"), line("a", "j", "e"), line("b", "j"))
    assert (DEADLOCK, "j") in {(one.kind, one.element) for one in check(file(*parts, *ways), "p").faults}


def test_a_condition_beside_a_step_may_come_at_any_time() -> None:
    parts = (*BOTH_WAYS, border("t", "a", condition("x > 3")), both("j"), end(), end("g"))
    diagram = file(*parts, line("a", "j", "e"), line("b", "j"), line("t", "g"))
    assert (DEADLOCK, "j") in {(one.kind, one.element) for one in check(diagram, "p").faults}


def test_what_cannot_be_run_is_not_judged() -> None:
    diagram = file(start(), step("complexGateway", "x"), end(), line("s", "x", "e"))
    verdict = check(diagram, "p")
    assert (verdict.outcome, verdict.why) == (Outcome.NOT_PROVEN, Unproven.CANNOT_RUN)
    assert Study(diagram).verdict("nothing").why is Unproven.CANNOT_RUN


def test_each_beginning_is_looked_at() -> None:
    parts = (start("s1", message("M")), start("s2", message("N")), user("a"), xor("x"), both("j"), end(), end("g"))
    diagram = file(*parts, line("s1", "a", "x", "g"), line("s2", "j", "e"), flow("x", "j"))
    [fault] = [one for one in check(diagram, "p").faults if one.kind is DEADLOCK and len(one.turns) == 1]
    assert (fault.element, fault.turns[0].element, fault.always) == ("j", "s2", False)
    agrees(diagram)
