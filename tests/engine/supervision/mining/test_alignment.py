"""The cheapest way between what was done and what is drawn."""

from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from engine.diagram.shape import Diagram
from engine.supervision.mining.alignment import Alignment, Kind, align, fitness
from engine.supervision.mining.net import Net
from tests.engine.diagram.builders import (
    border,
    both,
    end,
    file,
    flow,
    handler,
    line,
    some,
    start,
    sub,
    terminate,
    timer,
    user,
    xor,
)
from tests.engine.supervision.mining.trees import Tree, Word, distance, drawn, trees, words

MOST = 9


def aligned(drawn: Diagram, *steps: str | None, seen: set[str] | None = None) -> Alignment:
    tasks = {one.id for one in drawn.elements.values() if one.kind == "userTask"}
    found = align(Net(drawn, next(iter(drawn.processes)), tasks if seen is None else seen), steps)
    assert found is not None
    return found


def said(found: Alignment) -> list[tuple[str, str | None]]:
    return [(one.kind.name.lower(), one.element) for one in found.turns]


@settings(max_examples=60)
@given(tree=trees(), word=st.lists(st.sampled_from("abcdefg"), max_size=5).map(tuple))
def test_it_costs_what_the_nearest_of_all_ways_through_costs(tree: Tree, word: Word) -> None:
    """Activities that stand at several elements are tried as each of them."""
    every = words(tree, MOST)
    shortest = min((len(one) for one in every), default=MOST)
    nearest = min((distance(word, one) for one in every), default=None)
    if nearest is None or nearest + len(word) > MOST:
        return  # a longer way might be nearer
    named, elements = drawn(tree)
    net = Net(named, "p", set(elements))
    steps = [one if one in elements.values() else None for one in word]
    found = align(net, steps, same=elements)
    assert found is not None
    assert found.cost == nearest
    empty = align(net, [])
    assert empty is not None
    assert empty.cost == shortest


STRAIGHT = file(start(), user("a"), user("b"), user("c"), end(), line("s", "a", "b", "c", "e"))


def test_a_case_that_went_as_drawn_costs_nothing() -> None:
    found = aligned(STRAIGHT, "a", "b", "c")
    assert found.cost == 0
    assert said(found) == [("both", "a"), ("both", "b"), ("both", "c")]


def test_a_step_left_out_is_skipped_and_one_that_is_not_drawn_added() -> None:
    found = aligned(STRAIGHT, "a", None, "c")
    assert sorted(said(found)) == [("added", None), ("both", "a"), ("both", "c"), ("skipped", "b")]
    assert found.cost == 2
    assert not found.moved


def test_two_steps_in_the_wrong_order_are_told_as_one_that_was_moved() -> None:
    found = aligned(STRAIGHT, "b", "a", "c")
    assert found.cost == 2
    assert len(found.moved) == 1
    assert found.moved < {"a", "b"}


def test_the_places_of_steps_are_those_in_the_case() -> None:
    found = aligned(STRAIGHT, "a", None, "b", "c")
    assert [one.place for one in found.turns if one.kind is not Kind.SKIPPED] == [0, 1, 2, 3]


def test_what_the_log_cannot_show_costs_nothing() -> None:
    assert aligned(STRAIGHT, "a", "c", seen={"a", "c"}).cost == 0


def test_both_sides_of_a_parallel_gateway_are_asked_for_in_any_order() -> None:
    drawn = file(start(), both("g"), user("a"), user("b"), both("h"), user("c"), end(),
                    line("s", "g", "a", "h", "c", "e"), line("g", "b", "h"))  # fmt: skip
    assert aligned(drawn, "b", "a", "c").cost == 0
    assert sorted(said(aligned(drawn, "b", "c"))) == [("both", "b"), ("both", "c"), ("skipped", "a")]


def test_an_inclusive_join_waits_for_what_was_chosen_and_no_more() -> None:
    drawn = file(start(), some("g"), user("a"), user("b"), some("h"), user("c"), end(),
                    line("s", "g", "a", "h", "c", "e"), line("g", "b", "h"))  # fmt: skip
    assert aligned(drawn, "a", "c").cost == 0
    assert aligned(drawn, "b", "a", "c").cost == 0
    assert said(aligned(drawn, "b", "c", "a"))[2] == ("added", "a")


def test_a_loop_may_be_gone_round_again_and_again() -> None:
    drawn = file(start(), xor("m"), user("a"), xor("g"), end(), line("s", "m", "a", "g", "e"), flow("g", "m"))
    assert aligned(drawn, *["a"] * 7).cost == 0


def test_a_boundary_event_takes_the_place_of_its_step_or_comes_beside_it() -> None:
    def of(interrupting: bool) -> Diagram:
        return file(start(), user("a"), user("b"), end(), user("late"), end("e2"),
                       border("x", "a", timer("P1D"), interrupting=interrupting),
                       line("s", "a", "b", "e"), line("x", "late", "e2"))  # fmt: skip

    assert aligned(of(True), "late").cost == 0
    assert aligned(of(True), "late", "a", "b").cost == 1
    assert aligned(of(False), "late", "a", "b").cost == 0
    assert aligned(of(False), "late").cost == 2
    assert said(aligned(of(True), "late", "b")) == [("both", "late"), ("added", "b")]


def test_a_sub_process_is_over_when_all_in_it_is() -> None:
    drawn = file(
        start(), sub("u", start("is"), both("ig"), user("a"), user("b"), end("ie"), end("ie2"),
                     line("is", "ig", "a", "ie"), line("ig", "b", "ie2")), user("c"), end(), line("s", "u", "c", "e"),
    )  # fmt: skip
    assert aligned(drawn, "a", "b", "c").cost == 0
    assert aligned(drawn, "a", "c", "b").cost == 2


def test_what_ends_everything_ends_everything() -> None:
    drawn = file(start(), both("g"), user("a"), end("e", terminate()), user("b"), user("c"), end("e2"),
                    line("s", "g", "a", "e"), line("g", "b", "c", "e2"))  # fmt: skip
    assert aligned(drawn, "b", "a").cost == 0


def test_an_event_sub_process_may_take_over_at_any_time() -> None:
    drawn = file(start(), user("a"), user("b"), end(), line("s", "a", "b", "e"),
                    handler("h", start("hs", timer("P1D")), user("x"), end("he"), line("hs", "x", "he")))  # fmt: skip
    assert aligned(drawn, "a", "x").cost == 0


def test_what_takes_too_long_is_given_up_and_said_so() -> None:
    parts = [user(f"t{n}") for n in range(12)]
    lines = [line("g", f"t{n}", "h") for n in range(12)]
    wide = file(start(), both("g"), both("h"), end(), *parts, line("s", "g"), line("h", "e"), *lines)
    net = Net(wide, "p", {f"t{n}" for n in range(12)})
    assert align(net, [None] * 9 + ["t3", "t1"], budget=50) is None


@pytest.mark.parametrize(
    ("cost", "steps", "shortest", "found"), [(0, 3, 3, 1.0), (6, 3, 3, 0.0), (3, 3, 3, 0.5), (0, 0, 0, 1.0)]
)
def test_fitness_lies_between_nothing_and_all(cost: int, steps: int, shortest: int, found: float) -> None:
    assert fitness(cost, steps, shortest) == found
