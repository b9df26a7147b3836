"""Gateways and flows: where ways part and meet."""

from __future__ import annotations

import pytest

from engine.diagram import run
from tests.engine.diagram.builders import (
    border,
    both,
    catch,
    end,
    file,
    first,
    flow,
    line,
    message,
    process,
    script,
    signal,
    some,
    start,
    step,
    sub,
    throw,
    timer,
    user,
    xor,
)
from tests.engine.diagram.playing import Play

CHOICE = (start(), user("a"), user("b"), user("c"), end(), line("s", "a", "g"), line("b", "e"), line("c", "e"))


def decided(**attributes: str) -> Play:
    return Play(file(*CHOICE, xor(**attributes), flow("g", "b", "x = 1"), flow("g", "c", "x = 2")))


def test_an_exclusive_gateway_takes_the_way_whose_condition_holds() -> None:
    case = decided().do("a", x=2)
    assert case.waiting == ["c"]
    case.do("c")
    assert case.passed == ["s", "a", "g", "c", "e"]
    assert case.ended


def test_the_first_of_several_conditions_that_hold_is_taken_in_the_order_of_the_file() -> None:
    case = Play(file(*CHOICE, xor(), flow("g", "c", "x > 0"), flow("g", "b", "x > 1"))).do("a", x=5)
    assert case.waiting == ["c"]


def test_the_default_is_taken_when_no_condition_holds() -> None:
    case = Play(file(*CHOICE, xor(default="g-c"), flow("g", "b", "x = 1"), flow("g", "c"))).do("a", x=7)
    assert case.waiting == ["c"]


def test_without_a_way_out_the_case_stops_visibly_and_goes_on_once_the_answer_is_corrected() -> None:
    case = decided().do("a", x=3)
    assert case.troubles == [("g", "no way out")]
    assert case.passed == ["s", "a"]
    case.retry("g")
    assert case.troubles == [("g", "no way out")]
    case.retry("g", x=1)
    assert case.waiting == ["b"]
    assert case.troubles == []


def test_somebody_may_say_which_way_where_no_condition_holds() -> None:
    case = decided().do("a", x=3)
    with pytest.raises(run.ChoiceNeeded):
        case.by_hand("g")
    with pytest.raises(run.ChoiceNeeded):
        case.by_hand("g", chosen={"g": ["g-nowhere"]})
    case.by_hand("g", chosen={"g": ["g-c"]})
    assert case.waiting == ["c"]


def test_an_answer_that_is_missing_is_trouble_and_not_a_default() -> None:
    case = decided().do("a")
    assert case.troubles == [("g", "expression")]
    assert "x" in case.trouble("g").facts["expression"]
    assert case.retry("g", x=1).waiting == ["b"]


def test_a_condition_that_is_neither_true_nor_false_is_trouble() -> None:
    case = Play(file(*CHOICE, xor(), flow("g", "b", "x + 1"), flow("g", "c", "x = 2"))).do("a", x=1)
    assert case.troubles == [("g", "expression")]


def test_a_condition_on_the_only_way_out_of_a_gateway_is_not_looked_at() -> None:
    case = Play(file(start(), xor(), user("b"), end(), line("s", "g"), flow("g", "b", "nobody = 1"), line("b", "e")))
    assert case.waiting == ["b"]


SPLIT = (start(), user("b"), user("c"), user("d"), end(), line("b", "j", "d", "e"), line("c", "j"))


def test_a_parallel_gateway_waits_for_all_its_branches() -> None:
    case = Play(file(*SPLIT, both("g"), both("j"), line("s", "g", "b"), line("g", "c")))
    assert case.waiting == ["b", "c"]
    assert case.do("c").waiting == ["b"]
    assert case.do("b").waiting == ["d"]
    assert case.do("d").ended
    assert case.passed == ["s", "g", "c", "b", "j", "d", "e"]


def test_answers_of_parallel_branches_are_all_kept_and_lists_are_not_mixed() -> None:
    case = Play(
        file(
            *SPLIT,
            both("g"),
            both("j"),
            line("s", "g", "b"),
            line("g", "c"),
            user("f"),
            xor(),
            line("d", "x"),
            xor("x", default="x-e"),
            flow("x", "f", 'count(papers) = 1 and papers[1] = "three" and left = 1 and right = 2'),
            flow("x", "e"),
            line("f", "e"),
        )
    )
    case.do("b", left=1, papers=["one", "two"]).do("c", right=2, papers=["three"]).do("d")
    assert case.waiting == ["f"]


def test_a_parallel_gateway_in_a_loop_waits_anew_each_time() -> None:
    case = Play(
        file(
            *SPLIT,
            both("g"),
            both("j"),
            xor("again"),
            xor("x", default="x-e"),
            line("s", "again", "g", "b"),
            line("g", "c"),
            line("d", "x"),
            flow("x", "again", "again"),
            flow("x", "e"),
        )
    )
    for turn in range(5):
        assert case.waiting == ["b", "c"]
        assert case.do("b").waiting == ["c"]
        assert case.do("c").waiting == ["d"]
        case.do("d", again=turn < 4)
    assert case.ended


def test_a_parallel_gateway_that_is_also_the_way_back_waits_for_a_token_that_cannot_come() -> None:
    case = Play(file(start(), both("g"), user("b"), line("s", "g", "b", "g")))
    assert case.troubles == [("g", "deadlock")]


def test_two_tokens_by_the_same_flow_do_not_stand_for_two_flows() -> None:
    """b is done twice, c once: the join fires once, and the second token of b waits for one of c that never comes."""
    case = Play(
        file(
            start(),
            both("g"),
            both("h"),
            user("b"),
            user("c"),
            both("j"),
            user("d"),
            end(),
            line("s", "g", "h", "b", "j", "d", "e"),
            line("g", "c", "j"),
            flow("h", "b", id_="twice"),
        )
    )
    assert case.waiting == ["b", "b", "c"]
    assert case.do("b").do("b").waiting == ["c"]
    assert case.do("c").waiting == ["d"]
    case.do("d")
    assert case.troubles == [("j", "deadlock")]
    assert case.by_hand("j").waiting == ["d"]
    assert case.do("d").ended


def test_a_join_for_which_nothing_can_come_is_told_as_a_deadlock() -> None:
    case = Play(
        file(*SPLIT, xor("g", default="g-b"), both("j"), line("s", "g"), flow("g", "b"), flow("g", "c", "1 = 2"))
    )
    case.do("b")
    assert case.troubles == [("j", "deadlock")]
    assert case.retry("j").troubles == [("j", "deadlock")]


INCLUSIVE = (
    *SPLIT,
    user("a"),
    some("j"),
    line("s", "a", "g"),
    flow("g", "b", "x > 0"),
    flow("g", "c", "x > 1"),
)


@pytest.mark.parametrize(("x", "branches"), [(1, ["b"]), (2, ["b", "c"])])
def test_an_inclusive_gateway_splits_into_what_holds_and_waits_for_just_that(x: int, branches: list[str]) -> None:
    case = Play(file(*INCLUSIVE, some("g"))).do("a", x=x)
    assert case.waiting == branches
    for branch in branches:
        assert "d" not in case.waiting
        case.do(branch)
    assert case.waiting == ["d"]
    assert case.do("d").ended


def test_an_inclusive_gateway_without_a_way_out_is_trouble() -> None:
    assert Play(file(*INCLUSIVE, some("g"))).do("a", x=0).troubles == [("g", "no way out")]


def test_an_inclusive_gateway_takes_its_default_only_when_nothing_else_holds() -> None:
    drawn = file(*INCLUSIVE, some("g", default="g-z"), user("z"), flow("g", "z"), line("z", "j"))
    assert Play(drawn).do("a", x=0).waiting == ["z"]
    assert Play(drawn).do("a", x=2).waiting == ["b", "c"]


def test_an_inclusive_join_does_not_wait_for_a_branch_that_went_elsewhere() -> None:
    case = Play(
        file(
            *SPLIT[:-2],
            both("g"),
            some("j"),
            xor("x", default="x-j"),
            end("away"),
            line("s", "g", "b", "j", "d", "e"),
            line("g", "c", "x"),
            flow("x", "j"),
            flow("x", "away", "gone"),
        )
    )
    assert case.do("b").waiting == ["c"]
    assert case.do("c", gone=True).waiting == ["d"]
    assert case.do("d").ended


def test_an_inclusive_join_on_a_cycle_is_passed_each_time() -> None:
    case = Play(
        file(
            start(),
            some("j"),
            user("b"),
            xor(default="g-e"),
            end(),
            line("s", "j", "b", "g"),
            flow("g", "j", "again"),
            flow("g", "e"),
        )
    )
    for turn in range(4):
        assert case.waiting == ["b"]
        case.do("b", again=turn < 3)
    assert case.ended


def test_one_inclusive_gateway_may_join_and_split() -> None:
    case = Play(
        file(
            *SPLIT[:-2],
            user("f"),
            both("g"),
            some("j"),
            line("s", "g", "b", "j"),
            line("g", "c", "j"),
            flow("j", "d", "x > 0"),
            flow("j", "f", "x > 1"),
            line("d", "e"),
            line("f", "e"),
        )
    )
    assert case.do("b", x=2).waiting == ["c"]
    assert case.do("c").waiting == ["d", "f"]
    assert case.passed == ["s", "g", "b", "c", "j"]


EVENTS = (
    start(),
    first("g"),
    catch("m", message("Answer")),
    catch("t", timer("P3D")),
    catch("h", signal("Stop")),
    step("receiveTask", "r", messageRef="message_Other"),
    *(user(f"after_{one}") for one in "mthr"),
    end(),
    line("s", "g"),
    *(line("g", one, f"after_{one}", "e") for one in "mthr"),
    throw("unreached", message("Other")),
)


@pytest.mark.parametrize(("comes", "leads_to"), [(one, f"after_{one}") for one in "mthr"])
def test_after_an_event_based_gateway_only_what_comes_first_counts(comes: str, leads_to: str) -> None:
    case = Play(file(*EVENTS))
    assert case.waiting == ["h", "m", "r", "t"]
    assert (case.at("m").name, case.at("h").name, case.at("r").name) == ("Answer", "Stop", "Other")
    if comes == "t":
        case.fire("t")
    else:
        case.come(comes)
    assert case.waiting == [leads_to]
    assert case.do(leads_to).passed == ["s", "g", comes, leads_to, "e"]


def test_several_flows_out_of_a_step_are_all_followed() -> None:
    case = Play(file(start(), user("a"), user("b"), user("c"), end(), line("s", "a", "b", "e"), line("a", "c", "e")))
    assert case.do("a").waiting == ["b", "c"]
    assert case.do("b").do("c").ended
    assert case.passed.count("e") == 2


CONDITIONAL = (start(), user("b"), user("c"), user("d"), end(), line("s", "a"), *(line(one, "e") for one in "bcd"))


@pytest.mark.parametrize(
    ("x", "taken"), [(5, ["b", "c"]), (1, ["c"])], ids=["condition holds", "only the flow without one"]
)
def test_a_condition_on_a_flow_out_of_a_step_is_looked_at(x: int, taken: list[str]) -> None:
    case = Play(file(*CONDITIONAL, user("a"), flow("a", "b", "x > 2"), line("a", "c")))
    assert case.do("a", x=x).waiting == taken
    assert case.passed == ["s", "a"]


def test_a_step_with_conditional_flows_may_have_a_default() -> None:
    drawn = file(
        *CONDITIONAL, user("a", default="a-d"), flow("a", "b", "x > 2"), flow("a", "c", "x > 4"), line("a", "d")
    )
    assert Play(drawn).do("a", x=0).waiting == ["d"]
    assert Play(drawn).do("a", x=5).waiting == ["b", "c"]


def test_a_single_conditional_flow_that_does_not_hold_stops_the_case_visibly() -> None:
    case = Play(file(*CONDITIONAL, user("a"), flow("a", "b", "x > 2"))).do("a", x=0)
    assert case.troubles == [("a", "no way out")]
    assert case.passed == ["s", "a"]
    assert case.retry("a", x=3).waiting == ["b"]


def test_tokens_that_meet_without_a_join_each_go_on() -> None:
    case = Play(
        file(
            start(),
            both("g"),
            user("b"),
            user("c"),
            user("d"),
            end(),
            line("s", "g", "b", "d", "e"),
            line("g", "c", "d"),
        )
    )
    case.do("b").do("c")
    assert case.waiting == ["d", "d"]
    assert case.do("d").do("d").ended
    assert case.passed.count("d") == 2


def test_a_diagram_without_start_and_end_begins_at_every_first_step_and_ends_with_the_last() -> None:
    case = Play(file(user("a"), user("b"), user("c"), line("a", "b")))
    assert case.waiting == ["a", "c"]
    case.do("a").do("c")
    assert case.do("b").ended


def test_what_no_token_can_reach_is_not_waited_for() -> None:
    case = Play(
        file(
            start(),
            user("a"),
            user("ghost"),
            both("j"),
            user("z"),
            end(),
            line("s", "a", "j", "z", "e"),
            line("ghost", "j"),
        )
    )
    assert case.do("a").waiting == ["z"]


def test_a_step_may_lead_straight_back_to_the_step_before() -> None:
    case = Play(
        file(
            start(),
            user("a"),
            user("b"),
            line("s", "a", "b"),
            flow("b", "a", "again"),
            flow("b", "e", "not(again)"),
            end(),
        )
    )
    for _ in range(3):
        case.do("a").do("b", again=True)
    assert case.do("a").do("b", again=False).ended


def test_an_unconditional_circle_of_steps_goes_on_for_ever() -> None:
    case = Play(file(start(), user("a"), user("b"), line("s", "a", "b", "a")))
    for _ in range(20):
        case.do("a").do("b")
    assert case.waiting == ["a"]


def test_ids_that_the_library_uses_itself_are_only_names_here() -> None:
    case = Play(
        file(
            start("Start"),
            user("Root"),
            sub("End", start("in"), end("out"), line("in", "out")),
            line("Start", "Root", "End"),
        )
    )
    assert case.do("Root").ended
    assert case.passed == ["Start", "Root", "in", "out", "End"]


def test_a_loop_without_a_wait_is_stopped_and_goes_on_when_told_to() -> None:
    case = Play(
        file(
            start(),
            script("count", "n = n + 1"),
            xor(default="g-e"),
            user("b"),
            end(),
            line("s", "b", "count", "g"),
            flow("g", "count", "n < 600"),
            flow("g", "e"),
        )
    ).do("b", n=0)
    assert [kind for _, kind in case.troubles] == ["budget"]
    stopped = case.troubles[0][0]
    assert case.trouble(stopped).facts == {"steps": "1000"}
    assert case.retry(stopped).ended


def test_a_circle_of_gateways_never_hangs_the_office() -> None:
    case = Play(
        file(
            start(),
            both("j"),
            both("k"),
            line("s", "j", "k"),
            flow("k", "k2"),
            both("k2"),
            line("k2", "k3"),
            xor("k3"),
            line("k3", "k4"),
            xor("k4"),
            line("k4", "k3"),
        )
    )
    assert [kind for _, kind in case.troubles] == ["budget"]


def test_a_boundary_on_the_way_counts_where_a_join_looks_for_tokens() -> None:
    """The other branch may still reach the join by the event on its border, which is another flow than its own."""
    case = Play(
        file(
            *SPLIT[:-2],
            both("g"),
            some("j"),
            end("away"),
            border("t", "c", message("Late")),
            line("s", "g", "b", "j", "d", "e"),
            line("g", "c", "away"),
            line("t", "j"),
        )
    )
    assert case.do("b").waiting == ["c", "t"]
    assert case.do("c").waiting == ["d"]


def test_a_second_flow_between_the_same_nodes_is_a_way_of_its_own() -> None:
    case = Play(process_of_twins())
    assert case.do("a", x=2).waiting == ["b"]


def process_of_twins() -> run.Model:
    drawn = file(
        process(
            start(),
            user("a"),
            xor(),
            user("b"),
            end(),
            line("s", "a", "g"),
            flow("g", "b", "x = 1"),
            flow("g", "b", "x = 2", "other"),
            line("b", "e"),
        )
    )
    return run.model(drawn, process="p")
