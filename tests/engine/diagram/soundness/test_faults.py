"""Small diagrams with one fault each: it is found, at its place, with the way there; and sound ones are left in peace."""

from __future__ import annotations

import pytest

from engine.diagram import lint
from engine.diagram.shape import Diagram, Severity
from engine.diagram.soundness import FaultKind, Outcome, check
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
    some,
    start,
    sub,
    timer,
    user,
    xor,
)

BOTH_ENDS = (end("e"), end("f"))


def _split_into_a_parallel_join() -> Diagram:
    parts = (start(), user("a"), xor("g"), user("b"), user("c"), both("j"), end())
    return file(*parts, line("s", "a", "g"), flow("g", "b"), flow("g", "c"), line("b", "j", "e"), flow("c", "j"))


def test_a_choice_that_a_parallel_join_waits_for_is_a_deadlock_in_every_case() -> None:
    verdict = check(_split_into_a_parallel_join(), "p")
    assert verdict.outcome is Outcome.UNSOUND
    (fault,) = [one for one in verdict.faults if one.kind is FaultKind.DEADLOCK]
    assert (fault.element, fault.always) == ("j", True)
    assert [turn.element for turn in fault.turns][1:] in (["a", "b"], ["a", "g", "b"], ["a", "c"], ["a", "g", "c"])


def test_what_no_case_escapes_keeps_an_edition_out_of_force_and_what_some_do_does_not() -> None:
    always = [one for one in lint.findings(_split_into_a_parallel_join()) if one.rule.code == "never-ends"]
    assert [(one.element, one.rule.severity) for one in always] == [("j", Severity.BLOCKS)]
    parts = (start(), user("a"), xor("g"), user("b"), user("c"), both("j"), *BOTH_ENDS)
    drawn = file(
        *parts, line("s", "a", "g"), flow("g", "b"), flow("g", "c"), flow("g", "f"), line("b", "j", "e"), flow("c", "j")
    )
    found = [one for one in lint.findings(drawn) if one.rule.code in ("deadlock", "never-ends")]
    assert [(one.element, one.rule.severity) for one in found] == [("j", Severity.ATTENTION)]
    for language in ("en", "zh"):
        assert "{" not in found[0].sentence(language)


SOUND = {
    "in a row": (start(), user("a"), user("b"), end(), line("s", "a", "b", "e")),
    "all and all": (start(), both("g"), user("a"), user("b"), both("j"), end(), line("s", "g", "a", "j", "e"), line("g", "b", "j")),
    "one and one": (start(), user("q"), xor("g"), user("a"), user("b"), xor("j"), end(), line("s", "q", "g", "a", "j", "e"), line("g", "b", "j")),
    "some and some": (start(), user("q"), some("g"), user("a"), user("b"), some("j"), end(), line("s", "q", "g", "a", "j", "e"), line("g", "b", "j")),
    "back and again": (start(), xor("j"), user("a"), xor("g"), end(), line("s", "j", "a", "g", "e"), flow("g", "j")),
    "whichever comes first": (start(), first("g"), catch("m", message("M")), catch("t", timer("P1D")), *BOTH_ENDS, line("s", "g", "m", "e"), line("g", "t", "f")),
    "late": (start(), user("a"), border("t", "a", timer("P1D")), *BOTH_ENDS, line("s", "a", "e"), line("t", "f")),
    "within": (start(), sub("u", start("v"), user("a"), end("w"), line("v", "a", "w")), end(), line("s", "u", "e")),
}  # fmt: skip


@pytest.mark.parametrize("parts", SOUND.values(), ids=SOUND)
def test_a_sound_procedure_is_proven_sound(parts: tuple[str, ...]) -> None:
    verdict = check(file(*parts), "p")
    assert (verdict.outcome, verdict.faults) == (Outcome.SOUND, ())


def test_joins_that_wait_for_each_other_are_told_together() -> None:
    parts = (start(), both("g"), both("x"), user("a"), both("y"), user("b"), end())
    drawn = file(
        *parts, line("s", "g"), flow("g", "x"), flow("g", "y"), line("x", "a", "y"), line("y", "b", "x"), flow("b", "e")
    )
    kinds = {one.kind for one in check(drawn, "p").faults}
    assert kinds & {FaultKind.MUTUAL_WAIT, FaultKind.DEADLOCK}
    assert check(drawn, "p").outcome is Outcome.UNSOUND


def test_a_circle_without_a_way_out_is_a_livelock() -> None:
    parts = (start(), xor("j"), user("a"), user("b"), end())
    drawn = file(*parts, line("s", "j", "a", "b", "j"), end("f"))
    assert FaultKind.LIVELOCK in {one.kind for one in check(drawn, "p").faults}


def test_what_is_done_twice_is_told_with_the_way_there() -> None:
    parts = (start(), both("g"), user("a"), user("b"), xor("j"), user("c"), end())
    drawn = file(*parts, line("s", "g", "a", "j", "c", "e"), line("g", "b", "j"))
    (fault,) = [one for one in check(drawn, "p").faults if one.kind is FaultKind.UNSYNCHRONISED]
    assert fault.turns


@pytest.mark.parametrize("blocks", [20, 120])
def test_well_structured_procedures_are_proven_however_long_they_are(blocks: int) -> None:
    """500 steps side by side and one after the other: as many states as nobody could visit."""
    parts = [start(), end()]
    for number in range(blocks):
        g, j = f"g{number}", f"j{number}"
        parts += [
            both(g),
            both(j),
            user(f"a{number}"),
            user(f"b{number}"),
            line(g, f"a{number}", j),
            line(g, f"b{number}", j),
        ]
        parts.append("" if number == 0 else line(f"j{number - 1}", g))
    parts += [line("s", "g0"), line(f"j{blocks - 1}", "e")]
    assert check(file(*parts), "p").outcome is Outcome.SOUND
