"""What was done is undone by a person: the case waits where compensation is thrown, and says which steps."""

from __future__ import annotations

import pytest

from engine.diagram import run
from tests.engine.diagram.builders import border, both, end, file, flow, line, start, step, sub, throw, user
from tests.engine.diagram.playing import Play

COMPENSATE = "<compensateEventDefinition/>"
CANCEL = "<cancelEventDefinition/>"


def undoing(step_id: str, handler: str) -> str:
    """A step with the one that undoes it, as BPMN draws them."""
    return (
        border(f"b_{step_id}", step_id, COMPENSATE)
        + user(handler, isForCompensation="true", name=f"undo {step_id}")
        + f'<association id="as_{step_id}" sourceRef="b_{step_id}" targetRef="{handler}"/>'
    )


BOOKED = (user("hotel"), undoing("hotel", "h_hotel"), user("flight"), undoing("flight", "h_flight"))


def _facts(case: Play) -> list[str]:
    return [one.facts["steps"] for one in case.stuck.values()]


def test_the_case_waits_until_somebody_has_undone_what_was_done() -> None:
    case = Play(file(start(), *BOOKED, throw("t", COMPENSATE), end(), line("s", "hotel", "flight", "t", "e")))
    case.do("hotel").do("flight")
    assert case.troubles == [("t", "undo")]
    assert _facts(case) == ["undo hotel, undo flight"]
    case.by_hand("t")
    assert case.ended
    assert case.passed == ["s", "hotel", "flight", "t", "e"]


def test_an_end_event_that_compensates_ends_once_that_is_done() -> None:
    case = (
        Play(file(start(), *BOOKED, end("e", COMPENSATE), line("s", "hotel", "flight", "e"))).do("hotel").do("flight")
    )
    assert case.troubles == [("e", "undo")]
    assert case.by_hand("e").ended


def test_only_what_the_event_names_is_undone() -> None:
    one = '<compensateEventDefinition activityRef="flight"/>'
    case = Play(file(start(), *BOOKED, throw("t", one), end(), line("s", "hotel", "flight", "t", "e")))
    case.do("hotel").do("flight")
    assert _facts(case) == ["undo flight"]


def test_the_steps_that_undo_never_wait_by_themselves() -> None:
    case = Play(file(start(), *BOOKED, end(), line("s", "hotel", "flight", "e")))
    assert case.waiting == ["hotel"]
    assert case.do("hotel").do("flight").ended


def test_other_branches_go_on_meanwhile() -> None:
    parts = (start(), both("g"), *BOOKED, throw("t", COMPENSATE), user("other"), end("e"), end("f"))
    case = Play(file(*parts, line("s", "g", "hotel", "flight", "t", "e"), line("g", "other", "f")))
    case.do("hotel").do("flight")
    assert case.waiting == ["other"]
    assert case.troubles == [("t", "undo")]
    assert not case.do("other").ended
    assert case.by_hand("t").ended


def _transaction(*, caught: bool) -> str:
    inside = (start("ts"), user("ask"), user("hotel"), undoing("hotel", "h_hotel"), end("te"), end("failed", CANCEL))
    ways = (line("ts", "hotel", "ask"), flow("ask", "te", "ok = true"), flow("ask", "failed", "ok = false"))
    outside = [
        start(),
        step("transaction", "t", "".join((*inside, *ways))),
        user("after"),
        end(),
        line("s", "t", "after", "e"),
    ]
    if caught:
        outside += (border("c", "t", CANCEL), user("apologise"), end("x"), line("c", "apologise", "x"))
    return "".join(outside)


def test_a_cancelled_transaction_is_undone_and_left_by_its_cancel_event() -> None:
    case = Play(file(_transaction(caught=True))).do("hotel").do("ask", ok=False)
    assert case.troubles == [("failed", "undo")]
    assert case.by_hand("failed").waiting == ["apologise"]
    assert case.do("apologise").ended


def test_a_transaction_that_is_not_cancelled_goes_on() -> None:
    case = Play(file(_transaction(caught=True))).do("hotel").do("ask", ok=True)
    assert case.waiting == ["after"]


def test_a_cancelled_transaction_without_a_cancel_event_is_over_and_the_case_goes_on_after_it() -> None:
    case = Play(file(_transaction(caught=False))).do("hotel").do("ask", ok=False)
    assert case.by_hand("failed").waiting == ["after"]


@pytest.mark.parametrize(
    "parts",
    [
        (start(), user("a"), border("c", "a", CANCEL), end(), line("s", "a", "e"), line("c", "e")),
        (start(), sub("a", start("b"), end("f", CANCEL), line("b", "f")), end(), line("s", "a", "e")),
    ],
)
def test_only_a_transaction_can_be_cancelled(parts: tuple[str, ...]) -> None:
    with pytest.raises(run.CannotRun, match="only a transaction"):
        run.model(file(*parts), process="p")
