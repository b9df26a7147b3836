"""A token put back to an earlier step, and a completed step taken back."""

from __future__ import annotations

import random
from collections import Counter
from datetime import datetime, timedelta
from typing import Any

import orjson
import pytest
from hypothesis import given, reject, settings
from hypothesis import strategies as st

from engine.diagram import run
from engine.diagram.position import Position, TroubleKind, Waiting, WaitKind
from engine.diagram.run.state import plain as unpacked
from engine.diagram.shape import Diagram
from tests.engine.diagram.builders import (
    border,
    both,
    cycle,
    end,
    file,
    flow,
    line,
    message,
    several,
    some,
    start,
    sub,
    throw,
    timer,
    times,
    user,
    xor,
)
from tests.engine.diagram.playing import MORNING
from tests.engine.diagram.soundness.drawing import Drawer
from tests.thorough import examples


class Case:
    def __init__(self, drawn: Diagram, **answers: Any) -> None:
        self.model = run.model(drawn, process="p")
        self.now: datetime = MORNING
        self.waiting: dict[str, Waiting] = {}
        self.troubles = 0
        self.take(run.begin(self.model, answers, now=self.now))

    def take(self, position: Position) -> Case:
        self.state, self.ended = position.state, position.ended
        for token in position.closed:
            self.waiting.pop(token, None)
        for one in position.opened:
            assert one.token not in self.waiting, "two tasks for one token"
            self.waiting[one.token] = one
        self.troubles += len(position.troubles)
        return self

    @property
    def stands(self) -> list[str]:
        return sorted(one.element for one in self.waiting.values())

    def at(self, element: str) -> str:
        return next(token for token, one in self.waiting.items() if one.element == element)

    def do(self, element: str, **answers: Any) -> Case:
        return self.take(run.finish(self.model, self.state, self.at(element), answers, now=self.now))

    def fire(self, element: str) -> Case:
        return self.take(run.fire(self.model, self.state, self.at(element), now=self.now))

    def offered(self, element: str) -> set[str]:
        return {name for _, name in run.returnable(self.model, self.state, self.at(element), now=self.now)}

    def back(self, element: str, to: str) -> Case:
        return self.take(run.return_to(self.model, self.state, self.at(element), to, now=self.now))

    def undo(self, token: str) -> Case:
        return self.take(run.take_back(self.model, self.state, token, now=self.now))

    def finishes(self) -> bool:
        by_hand = (TroubleKind.SERVICE,)
        return self.ended or run.can_finish(self.model, self.state, now=self.now, give=lambda *_: {}, seen_to=by_hand)


def in_a_row() -> Diagram:
    return file(start(), user("a"), user("b"), user("c"), end(), line("s", "a", "b", "c", "e"))


def beside_each_other() -> Diagram:
    """a, then b1 b2 beside c, then d."""
    return file(
        start(), user("a"), both("f"), user("b1"), user("b2"), user("c"), both("j"), user("d"), end(),
        line("s", "a", "f", "b1", "b2", "j", "d", "e"), line("f", "c", "j"),
    )  # fmt: skip


def test_a_task_goes_back_to_any_step_before_it() -> None:
    case = Case(in_a_row()).do("a").do("b")
    assert case.offered("c") == {"a", "b"}
    assert case.back("c", "a").stands == ["a"]
    assert case.do("a").do("b").do("c").ended


def test_a_step_after_it_is_not_offered_and_is_refused_by_name() -> None:
    case = Case(in_a_row())
    assert case.offered("a") == set()
    with pytest.raises(run.CannotReturn):
        case.back("a", "c")


def test_within_its_branch_the_other_branches_go_on() -> None:
    case = Case(beside_each_other()).do("a").do("b1")
    other = case.at("c")
    case.back("b2", "b1")
    assert case.stands == ["b1", "c"]
    assert case.at("c") == other
    assert case.do("b1").do("c").do("b2").do("d").ended


def test_before_the_split_the_other_branches_are_withdrawn() -> None:
    case = Case(beside_each_other()).do("a").back("c", "a")
    assert case.stands == ["a"]
    assert case.do("a").stands == ["b1", "c"]


def test_before_the_split_what_waits_at_the_join_is_withdrawn_too() -> None:
    case = Case(beside_each_other()).do("a").do("c").back("b1", "a")
    case.do("a").do("b1").do("b2")
    assert case.stands == ["c"], "the join waits for the new token of the other branch, not for the old one"
    assert case.do("c").do("d").ended


def test_another_branch_is_not_offered() -> None:
    case = Case(beside_each_other()).do("a").do("b1")
    assert case.offered("b2") == {"a", "b1"}
    assert case.offered("c") == {"a"}


def over() -> Case:
    case = Case(beside_each_other()).do("a").do("b1").do("b2").do("c")
    assert case.stands == ["d"]
    return case


def test_of_a_block_that_is_over_one_branch_is_gone_through_again_and_the_others_stay_done() -> None:
    case = over()
    assert case.offered("d") == {"a", "b1", "b2", "c"}
    assert case.back("d", "b2").stands == ["b2"]
    assert case.do("b2").stands == ["d"], "the join waits for this branch alone"
    assert case.back("d", "b1").do("b1").stands == ["b2"]
    assert case.do("b2").back("d", "c").do("c").stands == ["d"]
    assert case.do("d").ended


def test_from_there_it_goes_back_before_the_block_and_all_is_done_again() -> None:
    case = over().back("d", "b2")
    assert case.offered("b2") == {"a", "b1"}
    case.back("b2", "a").do("a")
    assert case.stands == ["b1", "c"]
    assert case.do("b1").do("c").stands == ["b2"], "what was left at the join is not counted for this turn"


def test_what_fired_the_join_again_is_taken_back_as_usual() -> None:
    case = over().back("d", "c")
    token = case.at("c")
    case.do("c")
    assert case.undo(token).stands == ["c"]
    assert case.do("c").do("d").ended


def test_a_block_in_a_block_that_is_over_is_restored_with_the_one_around_it() -> None:
    drawn = file(
        start(), both("f"), both("g"), user("x"), user("y"), both("i"), user("z"), user("c"), both("j"), user("d"),
        end(), line("s", "f", "g", "x", "i", "z", "j", "d", "e"), line("g", "y", "i"), line("f", "c", "j"),
    )  # fmt: skip
    case = Case(drawn).do("x").do("y")
    assert case.offered("z") == {"x", "y"}
    case.do("z").do("c")
    assert case.offered("d") == {"x", "y", "z", "c"}
    assert case.back("d", "y").stands == ["y"]
    assert case.do("y").stands == ["z"]
    assert case.do("z").stands == ["d"]
    assert case.do("d").ended


def test_it_is_not_offered_where_a_branch_waits_for_another_before_the_join() -> None:
    """x and y meet, and then the third: whether y is done again with x, the drawing does not say."""
    drawn = file(
        start(), both("f"), user("x"), user("y"), both("i"), user("c"), both("j"), user("d"), end(),
        line("s", "f", "x", "i", "j", "d", "e"), line("f", "y", "i"), line("f", "c", "j"),
    )  # fmt: skip
    case = Case(drawn).do("x").do("y").do("c")
    assert case.offered("d") == {"c"}
    assert case.back("d", "c").do("c").do("d").ended


def test_a_reminder_that_still_stands_in_the_block_keeps_it_from_being_taken_up_again() -> None:
    drawn = file(
        start(), both("f"), user("b"), border("t", "b", cycle("R/P1D"), interrupting=False), user("remind"),
        user("c"), both("j"), user("d"), end(), end("e2"),
        line("s", "f", "b", "j", "d", "e"), line("t", "remind", "e2"), line("f", "c", "j"),
    )  # fmt: skip
    case = Case(drawn).fire("t").do("b").do("c")
    assert case.stands == ["d", "remind"]
    assert case.offered("d") == set(), "the join would wait in vain for the branch that was done"


def test_in_the_first_turn_of_a_loop_the_block_ahead_is_not_behind() -> None:
    drawn = file(
        start(), user("a"), both("f"), user("b"), user("c"), both("j"), user("d"), xor("x"), end(),
        line("s", "a", "f", "b", "j", "d", "x"), line("f", "c", "j"), flow("x", "e", "done"), flow("x", "a"),
    )  # fmt: skip
    case = Case(drawn, done=False)
    assert case.offered("a") == {"d"}, "round the loop; b and c lie in a block that has not been"


def test_an_inclusive_split_is_one_too() -> None:
    drawn = file(
        start(), user("a"), some("f"), user("b"), user("c"), some("j"), user("d"), end(),
        line("s", "a"), line("a", "f"), flow("f", "b", "true"), flow("f", "c", "true"),
        line("b", "j", "d", "e"), line("c", "j"),
    )  # fmt: skip
    case = Case(drawn).do("a").do("b")
    assert case.offered("c") == {"a"}
    assert case.back("c", "a").stands == ["a"]
    assert case.do("a").do("c").do("b").stands == ["d"]
    assert case.offered("d") == {"a", "b", "c"}
    assert case.back("d", "c").stands == ["c"]
    assert case.do("c").do("d").ended, "it waits for nothing but what may still come"


def test_out_of_a_sub_process_it_is_closed_with_all_that_is_in_it() -> None:
    inner = sub("u", start("is"), both("if"), user("x"), user("y"), both("ij"), end("ie"),
                line("is", "if", "x", "ij", "ie"), line("if", "y", "ij"))  # fmt: skip
    case = Case(file(start(), user("a"), inner, user("z"), end(), line("s", "a", "u", "z", "e"))).do("a")
    assert case.stands == ["x", "y"]
    assert case.offered("x") == {"a"}
    assert case.back("x", "a").stands == ["a"]
    case.do("a").do("x").do("y")
    assert case.offered("z") == {"a"}, "what was inside the sub-process is over"


def test_within_a_sub_process_what_stands_outside_goes_on() -> None:
    inner = sub("u", start("is"), user("x"), user("y"), end("ie"), line("is", "x", "y", "ie"))
    drawn = file(
        start(), both("f"), inner, user("c"), both("j"), end(), line("s", "f", "u", "j", "e"), line("f", "c", "j")
    )
    case = Case(drawn).do("x")
    assert case.back("y", "x").stands == ["c", "x"]
    assert case.do("x").do("y").do("c").ended


def test_timers_on_the_border_go_with_their_step_and_come_again() -> None:
    drawn = file(
        start(), user("a"), user("b"), border("t", "b", timer("P1D")), user("late"), end(), end("e2"),
        line("s", "a", "b", "e"), line("t", "late", "e2"),
    )  # fmt: skip
    case = Case(drawn).do("a")
    assert case.stands == ["b", "t"]
    case.back("b", "a")
    assert case.stands == ["a"]
    assert case.do("a").stands == ["b", "t"]


def test_a_reminder_beside_the_step_is_withdrawn_since_it_would_come_twice() -> None:
    drawn = file(
        start(), user("a"), user("b"), border("t", "b", cycle("R/P1D"), interrupting=False), user("remind"), end(),
        end("e2"), line("s", "a", "b", "e"), line("t", "remind", "e2"),
    )  # fmt: skip
    case = Case(drawn).do("a").fire("t")
    assert case.offered("remind") == {"a"}, "the step that it reminds of goes on beside it"
    assert case.back("b", "a").stands == ["a"]


def test_from_what_came_after_a_deadline_it_can_go_back_to_the_step_that_was_late() -> None:
    drawn = file(
        start(), user("b"), border("t", "b", timer("P1D")), user("late"), end(), end("e2"),
        line("s", "b", "e"), line("t", "late", "e2"),
    )  # fmt: skip
    case = Case(drawn).fire("t")
    assert case.offered("late") == {"b"}
    assert case.back("late", "b").stands == ["b", "t"]


def test_one_of_several_goes_back_with_all_of_them() -> None:
    drawn = file(start(), user("a"), user("m", several(times(3))), end(), line("s", "a", "m", "e"))
    case = Case(drawn).do("a").do("m")
    assert case.stands == ["m", "m"]
    assert case.offered("m") == {"a"}
    assert case.back("m", "a").stands == ["a"]
    assert case.do("a").stands == ["m", "m", "m"]


def test_a_step_done_several_times_is_asked_of_all_again() -> None:
    drawn = file(start(), user("m", several(times(2))), user("b"), end(), line("s", "m", "b", "e"))
    case = Case(drawn).do("m").do("m")
    assert case.back("b", "m").stands == ["m", "m"]


def test_round_a_loop_a_later_step_may_be_an_earlier_one() -> None:
    drawn = file(
        start(), user("a"), user("b"), xor("g", default="g-e"), end(),
        line("s", "a", "b", "g", "e"), flow("g", "a", "again"),
    )  # fmt: skip
    case = Case(drawn).do("a").do("b", again=True)
    assert case.offered("a") == {"b"}


# What was completed, taken back.


def plain(state: bytes) -> Any:
    """What stands, without how far the numbers have come and what may be taken back."""
    _, _, variables, rows, spaces, *_ = orjson.loads(unpacked(state))
    return variables, rows, sorted(spaces, key=lambda one: one[0])


def test_what_was_completed_is_taken_back_under_the_same_token() -> None:
    case = Case(in_a_row())
    token, before = case.at("a"), plain(case.state)
    case.do("a").undo(token)
    assert case.stands == ["a"]
    assert case.at("a") == token
    assert plain(case.state) == before


def test_it_is_too_late_once_something_came_of_it() -> None:
    case = Case(in_a_row())
    token = case.at("a")
    case.do("a").do("b")
    with pytest.raises(run.HasGoneOn):
        case.undo(token)


def test_a_join_that_was_fired_waits_again() -> None:
    case = Case(beside_each_other()).do("a").do("b1").do("b2")
    token = case.at("c")
    assert case.do("c").stands == ["d"]
    assert case.undo(token).stands == ["c"]
    assert case.do("c").do("d").ended


def test_what_happened_in_another_branch_meanwhile_stays() -> None:
    case = Case(beside_each_other()).do("a")
    token = case.at("c")
    case.do("c").do("b1").undo(token)
    assert case.stands == ["b2", "c"]
    assert case.do("b2").do("c").do("d").ended


def test_whoever_fired_the_join_keeps_another_from_taking_back_what_led_to_it() -> None:
    case = Case(beside_each_other()).do("a").do("b1")
    token = case.at("b2")
    case.do("b2").do("c")
    with pytest.raises(run.HasGoneOn):
        case.undo(token)


def test_one_of_several_is_taken_back_while_the_others_are_completed() -> None:
    drawn = file(start(), user("m", several(times(3))), user("z"), end(), line("s", "m", "z", "e"))
    case = Case(drawn)
    token = case.at("m")
    case.do("m").do("m").undo(token)
    assert case.stands == ["m", "m"]
    assert case.do("m").do("m").stands == ["z"], "the count of those that are done is right again"


def test_what_its_completion_ended_waits_again() -> None:
    drawn = file(
        start(), user("b"), border("t", "b", timer("P1D")), user("c"), user("late"), end(), end("e2"),
        line("s", "b", "c", "e"), line("t", "late", "e2"),
    )  # fmt: skip
    case = Case(drawn)
    token, due = case.at("b"), case.waiting[case.at("t")].due
    case.do("b").undo(token)
    assert case.stands == ["b", "t"]
    assert case.waiting[case.at("t")].due == due


def test_its_answers_are_taken_back_too() -> None:
    drawn = file(
        start(), both("f"), user("b"), user("c"), both("j"), xor("g", default="g-e"), user("d"), end(),
        line("s", "f", "b", "j", "g", "e"), line("f", "c", "j"), flow("g", "d", "x > y"), line("d", "e"),
    )  # fmt: skip
    case = Case(drawn, x=1, y=0)
    token = case.at("b")
    case.do("b", x=5, y=7).undo(token)
    assert plain(case.state)[0] == {"x": 1, "y": 0}


def test_what_another_has_answered_since_stays() -> None:
    drawn = file(
        start(), both("f"), user("b"), user("c"), user("c2"), both("j"), xor("g", default="g-e"), user("d"), end(),
        line("s", "f", "b", "j", "g", "e"), line("f", "c", "c2", "j"), flow("g", "d", "x > y"), line("d", "e"),
    )  # fmt: skip
    case = Case(drawn, x=1, y=0)
    token = case.at("b")
    case.do("b", x=5, y=7).do("c", x=9).undo(token)
    assert plain(case.state)[0] == {"x": 9, "y": 0}


def test_what_was_sent_out_is_not_taken_back() -> None:
    drawn = file(start(), user("a"), throw("w", message("letter")), user("b"), end(), line("s", "a", "w", "b", "e"))
    case = Case(drawn)
    token = case.at("a")
    case.do("a")
    assert not run.can_take_back(case.model, case.state, token, now=case.now)


def test_a_state_that_was_never_completed_from_holds_nothing_to_take_back() -> None:
    case = Case(in_a_row())
    assert not run.can_take_back(case.model, case.state, case.at("a"), now=case.now)
    assert run.opened_by(case.state, case.at("a")) is None


# A case that rests.


def test_timers_come_later_by_as_long_as_the_case_rested() -> None:
    drawn = file(
        start(), user("b"), border("t", "b", timer("P2D")), border("day", "b", timer("2026-12-24", "timeDate")), end(),
        end("e2"), line("s", "b", "e"), line("t", "e2"), flow("day", "e2"),
    )  # fmt: skip
    case = Case(drawn)
    length, day = case.waiting[case.at("t")].due, case.waiting[case.at("day")].due
    token = case.at("t")
    case.take(run.postpone(case.model, case.state, by=timedelta(days=3), now=case.now))
    assert length is not None
    assert case.waiting[case.at("t")].due == length + timedelta(days=3)
    assert case.at("t") == token
    assert case.waiting[case.at("day")].due == day


def test_what_can_be_taken_back_still_can_be_after_a_rest() -> None:
    drawn = file(
        start(), user("a"), user("b"), border("t", "b", timer("P2D")), end(), end("e2"),
        line("s", "a", "b", "e"), line("t", "e2"),
    )  # fmt: skip
    case = Case(drawn)
    token = case.at("a")
    case.do("a")
    case.take(run.postpone(case.model, case.state, by=timedelta(days=3), now=case.now))
    assert case.undo(token).stands == ["a"]


def test_a_case_that_is_broken_off_waits_for_nothing() -> None:
    case = Case(beside_each_other()).do("a")
    assert case.take(run.broken_off(case.model, case.state, now=case.now)).stands == []
    assert case.ended


# Any diagram.


def walked(seed: int, careless: bool) -> tuple[Case, random.Random]:
    drawer = Drawer(seed)
    if not careless:
        drawer.careless, drawer.stray = 0.0, 0
    try:
        return Case(drawer.draw()), random.Random(seed)
    except run.CannotRun:  # it calls itself
        reject()


def step(case: Case, chance: random.Random) -> tuple[str, bytes] | None:
    """Somebody completes something, or a timer fires, or a message comes. What was completed, and from where."""
    one = chance.choice(list(case.waiting.values()))
    before = case.state
    if one.kind is WaitKind.TIMER:
        case.now = max(case.now, one.due or case.now)
        case.take(run.fire(case.model, case.state, one.token, now=case.now))
        return None
    if one.kind is not WaitKind.PERSON:
        case.take(run.deliver(case.model, case.state, one.token, {}, now=case.now))
        return None
    chosen = {
        question.gateway: [chance.choice(question.choices).flow]
        for question in case.model.questions.get((one.process, one.element), ())
    }
    case.take(run.finish(case.model, case.state, one.token, {}, now=case.now, chosen=chosen))
    return one.token, before


@settings(max_examples=examples(150), deadline=None)
@given(seed=st.integers(0, 100_000), length=st.integers(1, 12))
def test_in_any_diagram_what_was_just_completed_is_taken_back_to_the_last_row(seed: int, length: int) -> None:
    case, chance = walked(seed, careless=True)
    for _ in range(length):
        if not case.waiting:
            return
        stood = dict(case.waiting)
        done = step(case, chance)
        if done is None or case.ended:
            continue
        token, before = done
        if run.can_take_back(case.model, case.state, token, now=case.now):
            position = run.take_back(case.model, case.state, token, now=case.now)
            assert plain(position.state) == plain(before)
            assert {*case.waiting, *(one.token for one in position.opened)} - {*position.closed} == {*stood}


@settings(max_examples=examples(150), deadline=None)
@given(seed=st.integers(0, 100_000), length=st.integers(2, 14))
def test_in_a_diagram_drawn_with_care_a_case_ends_wherever_it_was_returned_to(seed: int, length: int) -> None:
    case, chance = walked(seed, careless=False)
    for _ in range(length):
        people = [one for one in case.waiting.values() if one.kind is WaitKind.PERSON]
        if case.troubles or not case.waiting:
            return
        if people and chance.random() < 0.4:
            one = chance.choice(people)
            places = run.returnable(case.model, case.state, one.token, now=case.now)
            if places:
                could = case.finishes()
                process, element = chance.choice(list(places))
                case.take(run.return_to(case.model, case.state, one.token, element, now=case.now, process=process))
                assert element in case.stands or case.troubles
                assert not could or case.troubles or case.finishes()
                assert all(
                    count == 1 for (name, item), count in Counter(
                        (one.element, one.item) for one in case.waiting.values() if one.kind is WaitKind.PERSON
                    ).items() if name == element and not item
                )  # fmt: skip
                continue
        step(case, chance)
