"""From where every way to an end passes the step that decides again: only from there is a case certainly undecided."""

from __future__ import annotations

from random import Random

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from engine.diagram.undecided import undecided
from tests.engine.diagram.builders import (
    again,
    border,
    both,
    call,
    catch,
    end,
    error,
    file,
    first,
    flow,
    handler,
    line,
    link,
    message,
    process,
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

LOOP = (
    start(), user("review"), user("decide"), xor(), user("deliver"), end(),
    line("s", "review", "decide", "g", "deliver", "e"), flow("g", "review"),
)  # fmt: skip
"""Decided, and delivered; or looked at again."""


def held(*drawn: str, by: str = "decide") -> set[str]:
    """Places at which it is certain that something of what decides comes again."""
    diagram = file(*drawn)
    found = undecided(diagram, "p", frozenset(by.split()))
    waits = (one for one in diagram.elements.values() if one.kind in _WAITS and one.event != "link")
    return {one.id for one in waits if found.at("p", one.id)}


_WAITS = frozenset({"userTask", "subProcess", "intermediateCatchEvent"})


def test_before_the_step_that_decides_nothing_is_decided_and_behind_it_all_is() -> None:
    assert held(*LOOP) == {"review", "decide"}


def test_a_way_to_an_end_around_it_is_a_doubt() -> None:
    around = (user("fetch"), xor("h"), end("gone"), line("g", "fetch", "h", "review"), flow("h", "gone"))
    assert held(*LOOP, *around) == {"review", "decide"}


def test_a_case_that_cannot_end_at_all_is_not_held_to_be_undecided() -> None:
    assert "circle" not in held(*LOOP, user("circle"), user("round"), line("circle", "round", "circle"))


def test_what_is_not_drawn_decides_nothing() -> None:
    assert held(*LOOP, by="gone") == set()


def test_a_border_leads_around_the_step_itself_and_around_what_waits_before_it() -> None:
    late = (border("late", "review", timer("P9D")), end("closed"), line("late", "closed"))
    assert held(*LOOP, *late) == {"decide"}
    late = (border("late", "decide", timer("P9D")), end("closed"), line("late", "closed"))
    assert held(*LOOP, *late) == set()
    late = (border("late", "review", timer("P9D")), user("hurry"), line("late", "hurry", "decide"))
    assert held(*LOOP, *late) == {"review", "hurry", "decide"}


def test_a_reminder_beside_a_step_takes_nobody_away_from_it_unless_it_ends_the_case() -> None:
    remind = (border("late", "review", timer("P9D"), interrupting=False), user("chase"), line("late", "chase", "over"))
    assert held(*LOOP, *remind, end("over")) == {"review", "decide"}
    assert held(*LOOP, *remind, end("over", terminate())) == set()


def test_side_by_side_it_is_enough_that_one_branch_passes_it_unless_another_ends_the_case() -> None:
    drawn = (
        start(), both("f"), user("review"), user("decide"), xor(), user("deliver"), end(), user("watch"),
        line("s", "f", "review", "decide", "g", "deliver", "e"), flow("g", "review"), line("f", "watch", "over"),
    )  # fmt: skip
    assert held(*drawn, end("over")) == {"review", "decide"}
    assert held(*drawn, end("over", terminate())) == set()


def test_branches_that_meet_before_it_are_both_before_it() -> None:
    drawn = (
        start(), both("f"), user("plans"), user("fire"), both("j"), user("decide"), xor(), user("deliver"), end(),
        line("s", "f", "plans", "j", "decide", "g", "deliver", "e"), line("f", "fire", "j"), flow("g", "f"),
    )  # fmt: skip
    assert held(*drawn) == {"plans", "fire", "decide"}


def test_an_end_that_ends_all_is_no_doubt_where_nothing_runs_beside() -> None:
    drawn = (
        start(), user("check"), xor("h"), end("closed", terminate()), user("review"), user("decide"), xor(), end(),
        end("refused", terminate()), line("s", "check", "h", "review", "decide", "g", "e"),
        flow("h", "closed"), flow("g", "refused"), flow("g", "review"),
    )  # fmt: skip
    assert held(*drawn) == {"review", "decide"}


def test_where_several_ways_may_be_taken_one_that_leads_out_is_a_doubt() -> None:
    drawn = (
        start(), some("f"), user("review"), user("decide"), end(), user("note"), end("over"), user("before"),
        line("s", "before", "f", "review", "decide", "e"), line("f", "note", "over"),
    )  # fmt: skip
    assert held(*drawn) == {"review", "decide"}


REVIEW = (start("in"), user("look"), user("draft"), end("out"), line("in", "look", "draft", "out"))
NESTED = (
    start(), user("decide"), xor(), user("deliver"), end(),
    line("s", "review", "decide", "g", "deliver", "e"), flow("g", "review"),
)  # fmt: skip


def test_in_a_sub_process_it_is_before_what_follows_the_sub_process() -> None:
    assert held(*NESTED, sub("review", *REVIEW)) == {"review", "look", "draft", "decide"}


def test_a_border_of_the_sub_process_leads_out_of_all_that_stands_in_it() -> None:
    for trigger in (timer("P9D"), message("withdrawn"), error()):
        out = (border("broken", "review", trigger), end("closed"), line("broken", "closed"))
        assert held(*NESTED, sub("review", *REVIEW), *out) == {"decide"}


def test_a_sub_process_that_is_done_no_or_many_times_is_a_doubt_about_what_decides_in_it() -> None:
    inner = (start("in"), user("decide"), end("out"), line("in", "decide", "out"))
    drawn = (start(), user("before"), user("deliver"), end(), line("s", "before", "round", "deliver", "e"))
    assert held(*drawn, sub("round", *inner)) == {"before", "round", "decide"}
    assert held(*drawn, sub("round", *inner, several(times(3)))) == set()
    assert held(*drawn, sub("round", *inner), by="round") == {"before", "round", "decide"}


def test_a_step_that_is_done_no_or_many_times_is_a_doubt() -> None:
    for loop in (several(times(3)), again("x < 3")):
        drawn = (start(), user("review"), user("decide", loop), end(), line("s", "review", "decide", "e"))
        assert held(*drawn) == set()


def test_an_event_that_breaks_off_the_whole_case_is_a_doubt_everywhere_and_one_beside_it_is_none() -> None:
    def withdrawn(**how: str) -> str:
        inner = (start("w", message("w"), **how), user("settle"), end("x"), line("w", "settle", "x"))
        return handler("withdrawn", *inner)

    assert held(*LOOP, withdrawn()) == set()
    assert held(*LOOP, withdrawn(isInterrupting="false")) == {"review", "decide"}


def test_a_link_is_a_way() -> None:
    drawn = (
        start(), user("review"), user("decide"), xor(), user("deliver"), end(), user("fetch"),
        throw("away", link("back")), catch("here", link("back")),
        line("s", "review", "decide", "g", "deliver", "e"), line("g", "fetch", "away"), line("here", "review"),
    )  # fmt: skip
    assert held(*drawn) == {"review", "decide", "fetch"}


def test_of_events_that_exclude_each_other_none_is_where_the_case_stands() -> None:
    drawn = (
        start(), user("review"), user("decide"), xor(), user("deliver"), end(), first("w"),
        catch("answered", message("answer")), catch("silent", timer("P9D")), end("closed"),
        line("s", "review", "decide", "g", "deliver", "e"), line("g", "w", "answered", "review"), line("w", "silent"),
    )  # fmt: skip
    assert held(*drawn, flow("silent", "closed")) == {"review", "decide"}
    assert held(*drawn, flow("silent", "review")) == {"review", "decide", "answered", "silent"}


def test_of_steps_that_decide_one_instead_of_another_either_holds_for_the_other() -> None:
    drawn = (
        start(), user("review"), xor("size"), user("small"), user("great"), xor(), user("deliver"), end(),
        line("s", "review", "size", "small", "g", "deliver", "e"), line("size", "great", "g"), flow("g", "review"),
    )  # fmt: skip
    diagram = file(*drawn)
    found = undecided(diagram, "p", frozenset({"small", "great"}))
    assert found.at("p", "review") == {"small", "great"}
    assert found.at("p", "deliver") == frozenset()


def test_a_step_that_decides_behind_another_does_not_undo_what_that_has_decided() -> None:
    drawn = (start(), user("first"), user("middle"), user("last"), end(), line("s", "first", "middle", "last", "e"))
    found = undecided(file(*drawn), "p", frozenset({"first", "last"}))
    assert found.at("p", "middle") == {"last"}


def test_in_what_it_calls_a_case_stands_where_it_calls() -> None:
    drawn = (start(), user("decide"), xor(), user("deliver"), end(), call("review", "other"))
    ways = (line("s", "review", "decide", "g", "deliver", "e"), flow("g", "review"))
    diagram = file(*drawn, *ways)
    assert undecided(diagram, "p", frozenset({"decide"})).at("other", "anything") == {"decide"}
    also = file(start(), user("decide"), xor(), call("deliver", "other"), end(), call("review", "other"), *ways)
    assert undecided(also, "p", frozenset({"decide"})).at("other", "anything") == frozenset(), "either of the two"


def test_another_process_of_the_file_is_not_walked() -> None:
    other = process(start("s2"), user("also"), end("e2"), line("s2", "also", "e2"), id_="q")
    diagram = file(process(*LOOP), other)
    found = undecided(diagram, "p", frozenset({"decide"}))
    assert found.at("p", "review") == {"decide"}
    assert found.at("q", "also") == frozenset()


@settings(max_examples=150)
@given(st.integers(min_value=0, max_value=10**6))
def test_whoever_walks_at_random_from_there_ends_only_after_deciding_again(seed: int) -> None:
    random = Random(seed)
    count = random.randint(2, 7)
    kinds = [random.choice(("user", "xor", "script")) for _ in range(count)]
    parts = [user(f"n{one}") if kind == "user" else xor(f"n{one}") if kind == "xor" else step("scriptTask", f"n{one}")
             for one, kind in enumerate(kinds)]  # fmt: skip
    names = [*(f"n{one}" for one in range(count)), "decide", "e"]
    flows = {("s", random.choice(names[:-1]))}
    for one in (*names[:count], "decide"):
        ways = random.randint(1, 2) if one == "decide" or kinds[int(one[1:])] == "xor" else 1
        flows |= {(one, random.choice(names)) for _ in range(ways)}
    after: dict[str, list[str]] = {}
    for source, target in sorted(flows):
        after.setdefault(source, []).append(target)
    diagram = file(start(), *parts, user("decide"), end(), *(flow(*one) for one in sorted(flows)))
    found = undecided(diagram, "p", frozenset({"decide"}))
    for place in diagram.elements:
        ends = _ends_without(after, place)
        if diagram.elements[place].kind == "userTask" and place != "decide":
            assert bool(found.at("p", place)) == (not ends and _comes(after, place)), place


def _walked(after: dict[str, list[str]], place: str) -> set[str]:
    seen, waiting = {place}, [place]
    while waiting:
        here = waiting.pop()
        for one in () if here == "decide" else after.get(here, ()):
            if one not in seen:
                seen.add(one)
                waiting.append(one)
    return seen


def _ends_without(after: dict[str, list[str]], place: str) -> bool:
    return "e" in _walked(after, place)


def _comes(after: dict[str, list[str]], place: str) -> bool:
    return "decide" in _walked(after, place)


@pytest.mark.parametrize("kind", ["exclusiveGateway", "scriptTask"])
def test_what_decides_need_not_be_a_step_of_a_person(kind: str) -> None:
    drawn = (
        start(), user("review"), step(kind, "decide"), xor(), user("deliver"), end(),
        line("s", "review", "decide", "g", "deliver", "e"), flow("g", "review"),
    )  # fmt: skip
    assert held(*drawn) >= {"review"}
