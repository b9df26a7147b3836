"""Random procedures as trees, each with a diagram and with every way through it, worked out apart from one another."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from itertools import count, pairwise

from hypothesis import strategies as st

from engine.diagram.shape import Diagram
from tests.engine.diagram.builders import both, end, file, flow, some, start, user, xor


@dataclass(frozen=True)
class Tree:
    """`kind`: step, then, either, together, any, again."""

    kind: str
    name: str = ""
    parts: tuple[Tree, ...] = ()


def trees(most: int = 6) -> st.SearchStrategy[Tree]:
    names = st.sampled_from("abcdef")
    leaf = st.builds(lambda name: Tree("step", name), names)
    inner = lambda parts: st.builds(  # noqa: E731
        lambda kind, some: Tree(kind, parts=tuple(some)),
        st.sampled_from(["then", "either", "together", "any", "again"]),
        st.lists(parts, min_size=2, max_size=3),
    )
    return st.recursive(leaf, inner, max_leaves=most)


Word = tuple[str, ...]


def words(tree: Tree, most: int) -> frozenset[Word]:
    """Every sequence of at most so many steps."""
    if tree.kind == "step":
        return frozenset({(tree.name,)} if most else ())
    parts = [words(one, most) for one in tree.parts]
    if tree.kind == "then":
        found: frozenset[Word] = frozenset({()})
        for part in parts:
            found = frozenset(a + b for a in found for b in part if len(a + b) <= most)
        return found
    if tree.kind == "either":
        return frozenset().union(*parts)
    if tree.kind == "together":
        return _mixed(parts, most)
    if tree.kind == "any":
        chosen = [[one for place, one in enumerate(parts) if mask >> place & 1] for mask in range(1, 1 << len(parts))]
        return frozenset().union(*(_mixed(some, most) for some in chosen))
    body, *others = parts  # the first, then as often as one likes: one of the others and the first again
    back = frozenset().union(*others)
    found, fresh = body, body
    while fresh:
        fresh = frozenset(a + b + c for a in fresh for b in back for c in body if len(a + b + c) <= most) - found
        found |= fresh
    return found


def _mixed(parts: list[frozenset[Word]], most: int) -> frozenset[Word]:
    found: frozenset[Word] = frozenset({()})
    for part in parts:
        found = frozenset(word for a in found for b in part if len(a + b) <= most for word in _shuffled(a, b))
    return found


def _shuffled(a: Word, b: Word) -> Iterator[Word]:
    if not a or not b:
        yield a + b
        return
    yield from (a[:1] + rest for rest in _shuffled(a[1:], b))
    yield from (b[:1] + rest for rest in _shuffled(a, b[1:]))


def distance(word: Word, other: Word) -> int:
    """How many steps must be taken out of either so that they are alike."""
    row = list(range(len(other) + 1))
    for place, one in enumerate(word, 1):
        before, row = row, [place]
        for at, two in enumerate(other, 1):
            row.append(before[at - 1] if one == two else min(before[at], row[-1]) + 1)
    return row[-1]


@dataclass
class _Writer:
    parts: list[str] = field(default_factory=list)
    elements: dict[str, str] = field(default_factory=dict)  # element -> activity
    numbers: Iterator[int] = field(default_factory=count)

    def write(self, tree: Tree) -> tuple[str, str]:
        """Where it begins and where it ends."""
        number = next(self.numbers)
        if tree.kind == "step":
            name = f"t{number}"
            self.parts.append(user(name, name=tree.name))
            self.elements[name] = tree.name
            return name, name
        inner = [self.write(one) for one in tree.parts]
        if tree.kind == "then":
            for (_, a), (b, _) in pairwise(inner):
                self._flow(a, b)
            return inner[0][0], inner[-1][1]
        gateway = {"either": xor, "together": both, "any": some, "again": xor}[tree.kind]
        begin, over = f"b{number}", f"o{number}"
        self.parts += [gateway(begin), gateway(over)]
        if tree.kind == "again":
            self._flow(begin, inner[0][0])
            self._flow(inner[0][1], over)
            for a, b in inner[1:]:
                self._flow(over, a)
                self._flow(b, begin)
        else:
            for a, b in inner:
                self._flow(begin, a)
                self._flow(b, over)
        return begin, over

    def _flow(self, a: str, b: str) -> None:
        self.parts.append(flow(a, b))


def drawn(tree: Tree) -> tuple[Diagram, dict[str, str]]:
    """The diagram, and which activity each of its elements is."""
    writer = _Writer()
    first, last = writer.write(tree)
    ends = [flow("s", first), flow(last, "e")]
    return file(start(), end(), *writer.parts, *ends), writer.elements
