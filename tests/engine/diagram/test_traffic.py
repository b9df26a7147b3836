"""Traffic on the flows of a diagram: what pairs of steps tell of each flow."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, field
from itertools import pairwise
from random import Random

from hypothesis import given, settings
from hypothesis import strategies as st

from engine.diagram.traffic import Laid, Pair, roads
from tests.engine.diagram.builders import border, both, catch, end, file, flow, line, start, step, sub, timer, user, xor


def _laid(drawn: tuple[str, ...], counts: dict[Pair, int]) -> Laid:
    return roads(file(*drawn)).lay(counts)


def test_machines_and_events_between_two_steps_are_passed() -> None:
    drawn = (
        start(),
        user("a"),
        step("serviceTask", "m"),
        catch("t", timer("P1D")),
        user("b"),
        end(),
        line("s", "a", "m", "t", "b", "e"),
    )
    found = _laid(drawn, {(None, "a"): 9, ("a", "b"): 5, ("b", None): 4})
    assert found.flows == {"s-a": 9, "a-m": 5, "m-t": 5, "t-b": 5, "b-e": 4}
    assert not found.beside


def test_of_two_ways_each_has_its_own() -> None:
    drawn = (
        start(), user("a"), xor("g"), user("b"), user("c"), end(),
        line("s", "a", "g", "b", "e"), flow("g", "c"), flow("c", "a"),
    )  # fmt: skip
    found = _laid(drawn, {(None, "a"): 10, ("a", "b"): 7, ("a", "c"): 3, ("c", "a"): 3, ("b", None): 7})
    assert found.flows == {"s-a": 10, "a-g": 10, "g-b": 7, "b-e": 7, "g-c": 3, "c-a": 3}


def test_where_branches_part_the_way_there_is_gone_once_and_where_they_meet_each_counts() -> None:
    drawn = (
        start(), user("a"), both("q"), user("b"), user("c"), both("j"), user("d"), end(),
        line("s", "a", "q", "b", "j", "d", "e"), line("q", "c", "j"),
    )  # fmt: skip
    found = _laid(drawn, {(None, "a"): 8, ("a", "b"): 8, ("a", "c"): 8, ("b", "d"): 5, ("c", "d"): 3, ("d", None): 8})
    assert set(found.flows.values()) == {8}
    assert len(found.flows) == 8


def test_what_a_time_that_was_over_opened_came_over_its_border() -> None:
    drawn = (
        start(), user("a"), user("b"), border("late", "b", timer("P1D"), interrupting=False), user("chase"), end(), end("e2"),
        line("s", "a", "b", "e"), line("late", "chase", "e2"),
    )  # fmt: skip
    found = _laid(drawn, {(None, "a"): 4, ("a", "b"): 4, ("a", "chase"): 2})
    assert found.flows == {"s-a": 4, "a-b": 4, "late-chase": 2}


def test_into_and_out_of_a_part() -> None:
    drawn = (
        start(), user("a"), sub("part", start("s2"), user("b"), end("e2"), line("s2", "b", "e2")), user("c"), end(),
        line("s", "a", "part", "c", "e"),
    )  # fmt: skip
    found = _laid(drawn, {("a", "b"): 6, ("b", "c"): 5})
    assert found.flows == {"a-part": 6, "s2-b": 6, "b-e2": 5, "part-c": 5}


def test_what_was_moved_by_hand_is_on_no_flow() -> None:
    drawn = (start(), user("a"), user("b"), user("c"), end(), line("s", "a", "b", "c", "e"))
    found = _laid(drawn, {("c", "a"): 2, ("a", "c"): 1, ("b", "elsewhere"): 3, ("a", "b"): 4})
    assert found.beside == {("c", "a"): 2, ("a", "c"): 1, ("b", "elsewhere"): 3}
    assert found.flows == {"a-b": 4}


@dataclass
class Drawing:
    """Blocks of steps, one behind another, of which one is taken, side by side, or gone through again; drawn and played."""

    chance: Random
    parts: list[str] = field(default_factory=list)
    lines: list[tuple[str, str]] = field(default_factory=list)
    count: int = 0

    def name(self, kind: str) -> str:
        self.count += 1
        return f"{kind}{self.count}"

    def draw(self, depth: int, inside: bool = False, once: bool = False) -> Block:
        """`inside` branches nothing is chosen at their ends; `once`: a loop straight in a loop could not be told from it."""
        kind = self.chance.choice(["step", "row", "row", "one", "all", "again"]) if depth else "step"
        if kind == "step" or (inside and kind in ("one", "again")) or (once and kind == "again"):
            name = self.name("u")
            self.parts.append(user(name))
            return Block("step", name, name)
        if kind == "row":
            blocks = [self.draw(depth - 1, inside, once) for _ in range(2)]
            self.lines += [(one.last, other.first) for one, other in pairwise(blocks)]
            return Block("row", blocks[0].first, blocks[-1].last, blocks)
        first, last = self.name("g"), self.name("h")
        gateway = both if kind == "all" else xor
        self.parts += [gateway(first), gateway(last)]
        number = 1 if kind == "again" else 2
        blocks = [self.draw(depth - 1, inside or kind == "all", once or kind == "again") for _ in range(number)]
        for one in blocks:
            self.lines += [(first, one.first), (one.last, last)]
        if kind == "again":
            self.lines.append((last, first))
        return Block(kind, first, last, blocks)


@dataclass
class Block:
    kind: str
    first: str
    last: str
    blocks: list[Block] = field(default_factory=list)


@dataclass
class Meeting:
    """Branches that run side by side, and what goes on when the last of them is done."""

    missing: int
    way: Way
    outer: Meeting | None


Way = Iterator["str | list[Way]"]
"""Step by step; a list where branches part."""


@dataclass
class Play:
    """One case: what is gone over, and what is opened when what was done."""

    chance: Random
    gone: Counter[str]
    pairs: Counter[Pair]
    open: dict[str, tuple[Way, Meeting | None]] = field(default_factory=dict)

    def run(self, whole: Block) -> None:
        last: str | None = None
        self.pairs.update((None, one) for one in self.go(self.through(whole), None))
        while self.open:
            last = self.chance.choice(sorted(self.open))
            self.pairs.update([(last, one) for one in self.go(*self.open.pop(last))])
        self.pairs[last, None] += 1

    def through(self, block: Block) -> Way:
        if block.kind == "step":
            yield block.first
        elif block.kind == "row":
            for place, one in enumerate(block.blocks):
                if place:
                    self.gone[f"{block.blocks[place - 1].last}-{one.first}"] += 1
                yield from self.through(one)
        elif block.kind == "all":
            yield [self.branch(block, one) for one in block.blocks]
        else:
            yield from self.branch(block, self.chance.choice(block.blocks))
            while block.kind == "again" and self.chance.random() < 0.4:
                self.gone[f"{block.last}-{block.first}"] += 1
                yield from self.branch(block, block.blocks[0])

    def branch(self, block: Block, one: Block) -> Way:
        self.gone[f"{block.first}-{one.first}"] += 1
        yield from self.through(one)
        self.gone[f"{one.last}-{block.last}"] += 1

    def go(self, way: Way, meeting: Meeting | None) -> list[str]:
        """On to the next step of a way, or of each where it parts."""
        at = next(way, None)
        if at is None:
            if meeting is None:
                return []
            meeting.missing -= 1
            return [] if meeting.missing else self.go(meeting.way, meeting.outer)
        if isinstance(at, str):
            self.open[at] = (way, meeting)
            return [at]
        together = Meeting(len(at), way, meeting)
        return [step for one in at for step in self.go(one, together)]


@settings(max_examples=30)
@given(st.integers(0, 10_000))
def test_what_is_laid_is_what_was_gone(seed: int) -> None:
    """Diagrams of blocks, played as cases go through them: only pairs are told, and every flow is found again."""
    chance = Random(seed)
    drawing = Drawing(chance)
    whole = drawing.draw(4)
    drawing.lines += [("s", whole.first), (whole.last, "e")]
    drawn = file(start(), end(), *drawing.parts, *(flow(one, other, when="true") for one, other in drawing.lines))
    gone: Counter[str] = Counter()
    pairs: Counter[Pair] = Counter()
    for _ in range(5):
        play = Play(chance, gone, pairs)
        play.run(whole)
        gone[f"s-{whole.first}"] += 1
        gone[f"{whole.last}-e"] += 1
    found = roads(drawn).lay(pairs)
    assert not found.beside
    assert found.flows == +gone
