"""A case's state brought to another edition, element by element."""

from __future__ import annotations

import zlib
from datetime import timedelta
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from engine.diagram import run
from engine.diagram.position import Position, Waiting, WaitKind
from engine.diagram.run import Did, Done, Hindrance, Moved, Obstacle
from engine.diagram.run.state import plain
from engine.diagram.shape import Diagram
from tests.engine.diagram.builders import (
    border,
    both,
    catch,
    condition,
    end,
    file,
    first,
    flow,
    handler,
    line,
    message,
    several,
    some,
    start,
    sub,
    timer,
    times,
    user,
    xor,
)
from tests.engine.diagram.playing import MORNING, Play
from tests.thorough import examples


class Case:
    """A case that is begun on one edition and moved to another."""

    def __init__(self, drawn: Diagram, **answers: Any) -> None:
        self.model = run.model(drawn, process="p")
        self.now = MORNING
        self.waiting: dict[str, Waiting] = {}
        self.done: list[Done] = []
        self.begun = answers
        self._take(run.begin(self.model, answers, now=self.now))

    def _take(self, position: Position) -> None:
        self.state, self.ended = position.state, position.ended
        for token in position.closed:
            self.waiting.pop(token, None)
        self.waiting |= {one.token: one for one in position.opened}
        assert position.troubles == ()

    def at(self, element: str, item: str | None = None) -> str:
        return next(t for t, one in self.waiting.items() if one.element == element and item in (None, one.item))

    def do(self, element: str, item: str | None = None, **answers: Any) -> Case:
        token = self.at(element, item)
        item = self.waiting[token].item
        self._take(run.finish(self.model, self.state, token, answers, now=self.now))
        self.done.append(Done(Did.COMPLETE, element, self.now, answers, item=item))
        return self

    def fire(self, element: str) -> Case:
        token = self.at(element)
        self.now = max(self.now, self.waiting[token].due or self.now)
        self._take(run.fire(self.model, self.state, token, now=self.now))
        self.done.append(Done(Did.FIRE, element, self.now))
        return self

    def moved(self, drawn: Diagram, to: dict[str, str] | None = None) -> Moved:
        self.target = run.model(drawn, process="p")
        return run.move(self.model, self.target, self.state, now=self.now, to=to, answers=self.begun)

    def move(self, drawn: Diagram, to: dict[str, str] | None = None) -> Case:
        found = self.moved(drawn, to)
        assert found.obstacles == ()
        assert found.position is not None
        before = set(self.waiting)
        assert set(found.position.closed) <= before
        self.model = self.target
        self._take(found.position)
        told = {one.token for one in found.standing if isinstance(one, Waiting)}
        assert set(self.waiting) == told
        assert run.standing(found.standing) == run.standing(list(self.waiting.values()))
        return self

    @property
    def stands(self) -> list[str]:
        return sorted(one.element for one in self.waiting.values())

    def is_where_its_deeds_lead(self) -> bool:
        led, count = run.retrace(self.model, self.begun, self.done, now=self.now)
        return count == len(self.done) and led == run.standing(list(self.waiting.values()))


def straight(*names: str) -> Diagram:
    return file(start(), *(user(name) for name in names), end(), line("s", *names, "e"))


def test_a_token_stays_at_its_element_and_keeps_its_number() -> None:
    case = Case(straight("a", "b")).do("a")
    token = case.at("b")
    case.move(straight("a", "b", "c"))
    assert case.at("b") == token
    assert case.do("b").stands == ["c"]


def test_answers_are_kept_and_those_the_new_edition_asks_for_are_added() -> None:
    new = file(
        start(), user("a"), xor(default="g-c"), user("b"), user("c"), end(),
        line("s", "a", "g"), flow("g", "b", "area > 100"), flow("g", "c"), line("b", "e"), line("c", "e"),
    )  # fmt: skip
    case = Case(straight("a"), area=500)
    assert case.move(new).do("a").stands == ["b"]


def test_a_removed_step_hinders_until_it_is_said_where_to_go_on() -> None:
    case = Case(straight("a", "b", "c")).do("a")
    found = case.moved(straight("a", "c"))
    assert found.obstacles == (Obstacle("b", Hindrance.GONE),)
    assert found.position is None
    token = case.at("b")
    case.move(straight("a", "c"), {"b": "c"})
    assert case.stands == ["c"]
    assert case.at("c") != token
    assert case.do("c").ended


def test_a_place_that_is_not_there_is_no_answer() -> None:
    found = Case(straight("a", "b")).do("a").moved(straight("a", "c"), {"b": "nowhere at all"})
    assert found.obstacles == (Obstacle("nowhere at all", Hindrance.GONE),)


def test_another_kind_of_element_hinders() -> None:
    new = file(start(), user("a"), catch("b", message("m")), end(), line("s", "a", "b", "e"))
    assert Case(straight("a", "b")).do("a").moved(new).obstacles == (Obstacle("b", Hindrance.OTHER_KIND),)


FORK = file(
    start(), both("f"), user("a"), user("b"), both("j"), user("c"), end(),
    line("s", "f", "a", "j", "c", "e"), line("f", "b", "j"),
)  # fmt: skip


def test_a_token_that_waits_at_a_join_still_waits_there() -> None:
    new = file(
        start(), both("f"), user("a"), user("b"), user("b2"), both("j"), user("c"), end(),
        line("s", "f", "a", "j", "c", "e"), line("f", "b", "b2", "j"),
    )  # fmt: skip
    case = Case(FORK).do("a").move(new)
    assert case.stands == ["b"]
    assert case.do("b").do("b2").do("c").ended


def test_a_branch_that_is_gone_is_no_longer_waited_for() -> None:
    case = (
        Case(FORK)
        .do("a")
        .move(file(start(), user("a"), user("c"), end(), line("s", "a", "c", "e")), {"b": "", "j": "c"})
    )
    assert case.stands == ["c"]
    new = file(start(), both("f"), user("a"), both("j"), user("c"), end(), line("s", "f", "a", "j", "c", "e"))
    case = Case(FORK).do("a").move(new, {"b": run.NOWHERE})
    assert case.stands == ["c"]
    assert case.do("c").ended


def test_what_would_leave_nothing_of_the_case_is_no_answer() -> None:
    found = Case(straight("a", "b")).moved(straight("b"), {"a": run.NOWHERE})
    assert found.position is None
    assert found.obstacles


def test_a_join_that_waits_for_others_hinders() -> None:
    new = file(
        start(), both("f"), user("x"), user("y"), user("b"), both("j"), user("c"), end(),
        line("s", "f", "x", "j", "c", "e"), line("f", "y", "j"), line("f", "b", "j"),
    )  # fmt: skip
    assert Obstacle("j", Hindrance.JOIN) in Case(FORK).do("a").moved(new).obstacles


OR = (
    start(), some("f"), user("a"), user("b"), some("j"), user("c"), end(),
    line("s", "f", "a", "j", "c", "e"), line("f", "b", "j"),
)  # fmt: skip


def test_an_inclusive_join_with_a_token_already_there_still_waits_for_the_other() -> None:
    old = file(
        *OR[:-2],
        flow("s", "f"),
        flow("f", "a", "true"),
        flow("f", "b", "true"),
        line("a", "j", "c", "e"),
        line("b", "j"),
    )
    new = file(
        *OR[:3], user("b"), user("b2"), *OR[4:-2], flow("s", "f"), flow("f", "a", "true"), flow("f", "b", "true"),
        line("a", "j", "c", "e"), line("b", "b2", "j"),
    )  # fmt: skip
    case = Case(old).do("a").move(new)
    assert case.stands == ["b"]
    assert case.do("b").stands == ["b2"]
    assert case.do("b2").stands == ["c"]


def test_a_sub_process_is_gone_into_and_out_of() -> None:
    flat = straight("a", "b", "c")
    deep = file(
        start(), user("a"), sub("q", start("qs"), user("b"), end("qe"), line("qs", "b", "qe")), user("c"), end(),
        line("s", "a", "q", "c", "e"),
    )  # fmt: skip
    case = Case(flat).do("a").move(deep)
    assert case.stands == ["b"]
    assert case.do("b").stands == ["c"]
    case = Case(deep).do("a").move(flat)
    assert case.stands == ["b"]
    assert case.do("b").stands == ["c"]
    case = Case(deep).do("a").move(straight("a", "c"), {"b": "c"})
    assert case.do("c").ended


def guarded(*borders: str, step: str = "a") -> Diagram:
    ways = [line(name.split('id="')[1].split('"')[0], "x") for name in borders]
    return file(start(), user(step), *borders, user("x"), end(), line("s", step, "e"), *ways, line("x", "e"))


def test_a_timer_on_a_border_keeps_its_moment_and_a_new_one_begins_now() -> None:
    case = Case(guarded(border("t", "a", timer("P5D"))))
    due = case.waiting[case.at("t")].due
    case.now += timedelta(days=1)
    case.move(guarded(border("t", "a", timer("P5D")), border("u", "a", timer("P1D"), interrupting=False)))
    assert case.stands == ["a", "t", "u"]
    assert case.waiting[case.at("t")].due == due
    assert case.waiting[case.at("u")].due == case.now + timedelta(days=1)
    assert case.fire("t").stands == ["x"]


def test_a_timer_whose_length_changed_is_due_that_much_later() -> None:
    case = Case(guarded(border("t", "a", timer("P5D"))))
    case.now += timedelta(days=3)
    case.move(guarded(border("t", "a", timer("P7D"))))
    assert case.waiting[case.at("t")].due == MORNING + timedelta(days=7)


def test_a_timer_that_has_come_and_does_not_end_its_step_does_not_come_again() -> None:
    drawn = guarded(border("t", "a", timer("P1D"), interrupting=False))
    case = Case(drawn).fire("t")
    assert case.move(guarded(border("t", "a", timer("P2D"), interrupting=False))).stands == ["a", "x"]


def test_a_timer_that_is_gone_is_told_and_no_longer_waited_for() -> None:
    case = Case(guarded(border("t", "a", timer("P5D"))))
    assert case.moved(straight("a")).dropped == ("t",)
    assert case.move(straight("a")).stands == ["a"]


def test_each_turn_of_a_repeated_step_stays_where_it_is() -> None:
    def many(*more: str) -> Diagram:
        return file(
            start(), user("a", several(times(3))), *(user(one) for one in more), end(), line("s", "a", *more, "e")
        )

    case = Case(many()).do("a", "2").move(many("b"))
    assert sorted(one.item or "" for one in case.waiting.values()) == ["1", "3"]
    assert case.do("a", "1").do("a", "3").stands == ["b"]
    assert Case(many()).moved(straight("a")).obstacles == (Obstacle("a", Hindrance.REPEATED),)


def test_each_turn_of_a_repeated_sub_process_stays_where_it_is() -> None:
    def many(*steps: str) -> Diagram:
        inner = sub(
            "q", start("qs"), *(user(one) for one in steps), end("qe"), line("qs", *steps, "qe"), several(times(2))
        )
        return file(start(), inner, end(), line("s", "q", "e"))

    case = Case(many("a", "b")).do("a", "1").move(many("a", "b", "c"))
    assert sorted((one.element, one.item) for one in case.waiting.values()) == [("a", "2"), ("b", "1")]
    case.do("b", "1").do("c", "1").do("a", "2").do("b", "2").do("c", "2")
    assert case.ended


def test_an_event_sub_process_can_come_and_go() -> None:
    inside = handler(
        "h", start("hs", timer("P9D"), isInterrupting="false"), user("urge"), end("he"), line("hs", "urge", "he")
    )
    with_it = file(start(), user("a"), user("b"), end(), line("s", "a", "b", "e"), inside)
    case = Case(straight("a", "b")).do("a").move(with_it)
    assert case.stands == ["b", "hs"]
    assert case.fire("hs").stands == ["b", "urge"]
    case = Case(with_it).do("a").move(straight("a", "b"))
    assert case.stands == ["b"]
    assert case.do("b").ended
    case = Case(with_it).fire("hs").move(with_it)
    assert case.stands == ["a", "urge"]
    assert case.do("urge").do("a").do("b").ended


def test_whatever_comes_first_can_be_one_more_or_one_less() -> None:
    def either(*events: tuple[str, str]) -> Diagram:
        drawn = [catch(name, trigger) for name, trigger in events]
        return file(start(), first("f"), *drawn, user("x"), end(), line("s", "f"), line("x", "e"),
                    *(line("f", name, "x") for name, _trigger in events))  # fmt: skip

    one, two, three = ("t", timer("P2D")), ("m", message("m")), ("n", message("n"))
    case = Case(either(one, two)).move(either(one, two, three))
    assert case.stands == ["m", "n", "t"]
    assert case.fire("t").stands == ["x"]
    assert Case(either(one, two)).move(either(one, three)).stands == ["n", "t"]
    assert Case(either(two, three)).moved(either(one, ("k", message("k")))).obstacles == (
        Obstacle("f", Hindrance.GONE),
    )


def test_a_condition_that_already_holds_comes_at_once() -> None:
    new = guarded(border("t", "a", condition("area > 100")))
    assert Case(straight("a"), area=500).move(new).stands == ["x"]


def test_what_stands_in_vain_is_seen_afresh() -> None:
    stuck = file(
        start(),
        xor("g"),
        user("a"),
        both("j"),
        end(),
        line("s", "g"),
        flow("g", "a", "true"),
        flow("g", "j", "false"),
        line("a", "j", "e"),
    )
    model = run.model(stuck, process="p")
    position = run.begin(model, {}, now=MORNING)
    position = run.finish(model, position.state, position.opened[0].token, {}, now=MORNING)
    assert [one.kind for one in position.troubles] == ["deadlock"]
    mended = run.model(
        file(start(), xor("g"), user("a"), xor("j"), user("b"), end(), line("s", "g"), flow("g", "a", "true"), flow("g", "j", "false"),
             line("a", "j", "b", "e")), process="p",
    )  # fmt: skip
    found = run.move(model, mended, position.state, now=MORNING)
    assert found.obstacles == (Obstacle("j", Hindrance.OTHER_KIND),)
    found = run.move(model, mended, position.state, now=MORNING, to={"j": "b"})
    assert found.position is not None
    assert [one.element for one in found.position.opened] == ["b"]
    assert found.position.troubles == ()
    assert found.position.closed


def test_no_way_to_the_end_is_not_proved() -> None:
    new = file(
        start(),
        user("a"),
        both("f"),
        user("b"),
        both("j"),
        end(),
        line("s", "a", "f", "b", "j", "e"),
        line("x", "j"),
        user("x"),
        line("f", "x"),
    )
    dead = file(
        start(), user("a"), xor("f"), user("b"), user("x"), both("j"), end(), line("s", "a", "f"),
        flow("f", "b", "true"), flow("f", "x", "false"), line("b", "j", "e"), line("x", "j"),
    )  # fmt: skip
    for drawn, proved in ((new, True), (dead, False)):
        case = Case(straight("a")).move(drawn)
        assert run.can_finish(case.model, case.state, now=MORNING, give=lambda *_: {}) is proved
        packed_otherwise = zlib.compress(plain(case.state), 9)
        assert packed_otherwise != case.state, "as states were packed before, of which databases are full"
        assert run.can_finish(case.model, packed_otherwise, now=MORNING, give=lambda *_: {}) is proved


NAMES = ("a", "b", "c", "d", "n", "m")


@st.composite
def _changes(draw: st.DrawFn) -> tuple[list[str], list[str], int]:
    """An old row of steps, a new one made of it by small changes, and how many steps were done."""
    old = list(NAMES[: draw(st.integers(2, 4))])
    new = list(old)
    for name in draw(st.lists(st.sampled_from(("n", "m")), unique=True, max_size=2)):
        new.insert(draw(st.integers(0, len(new))), name)
    for name in draw(st.lists(st.sampled_from(old), unique=True, max_size=2)):
        if len(new) > 1:
            new.remove(name)
    return old, new, draw(st.integers(0, len(old) - 1))


@settings(max_examples=examples(150), deadline=None)
@given(_changes())
def test_where_the_way_that_was_gone_is_alike_the_deeds_lead_to_the_same_place(
    change: tuple[list[str], list[str], int],
) -> None:
    old, new, done = change
    case = Case(straight(*old))
    for name in old[:done]:
        case.do(name)
    here = old[done]
    unlike = run.unlike(case.model, run.model(straight(*new), process="p"))
    assert unlike is not None
    if here not in new:
        assert case.moved(straight(*new)).obstacles == (Obstacle(here, Hindrance.GONE),)
        return
    case.move(straight(*new))
    assert case.stands == [here]
    if not unlike & {"s", *old[:done]}:
        assert case.is_where_its_deeds_lead()
    for name in new[new.index(here) :]:
        case.do(name)
    assert case.ended


@settings(max_examples=examples(60), deadline=None)
@given(st.sampled_from(["a", "b", "c"]), st.booleans(), st.booleans(), st.booleans())
def test_moving_there_and_back_leaves_the_same_waits(at: str, guard: bool, deep: bool, more: bool) -> None:
    def drawn() -> Diagram:
        inner = [
            user("b"),
            *(
                [border("t", "b", timer("P3D")), line("t", "z"), user("z"), line("z", "e")]
                if guard and not deep
                else []
            ),
        ]
        body = [sub("q", start("qs"), *inner, end("qe"), line("qs", "b", "qe"))] if deep else inner
        steps = ["s", "a", "q" if deep else "b", "c", *(["d"] if more else []), "e"]
        return file(start(), user("a"), *body, user("c"), *([user("d")] if more else []), end(), line(*steps))

    case = Case(straight("a", "b", "c"))
    for name in ("a", "b", "c")[: "abc".index(at)]:
        case.do(name)
    before = {token: (one.element, one.kind) for token, one in case.waiting.items()}
    case.move(drawn())
    assert [one.element for one in case.waiting.values() if one.kind is WaitKind.PERSON] == [at]
    case.move(straight("a", "b", "c"))
    assert {token: (one.element, one.kind) for token, one in case.waiting.items()} == before


def test_a_long_case_is_moved_as_fast_as_a_short_one() -> None:
    names = [f"t{number}" for number in range(120)]
    case = Case(straight(*names))
    for name in names[:100]:
        case.do(name)
    assert case.move(straight(*names, "last")).stands == ["t100"]


@pytest.mark.parametrize("changed", [False, True])
def test_the_same_play_goes_on_on_the_other_edition(changed: bool) -> None:
    """What is saved after a move is what is in memory: both are played on."""
    case = Case(FORK).do("a").move(FORK)
    play = Play(FORK).do("a")
    assert case.stands == play.waiting
    if changed:
        case.do("b")
        play.do("b")
        assert case.stands == play.waiting
