"""Which variables are set wherever a case can be: on every way there, or on one of them."""

from __future__ import annotations

from collections import deque
from collections.abc import Mapping, Sequence

from engine.base.frozen import frozen
from engine.diagram.checked import Checked
from engine.diagram.passages import Passages, element_at
from engine.diagram.variables.sources import Sources


@frozen
class Reaching:
    """Sets of variables as bits; one more bit stands for whatever a message or a machine may have brought."""

    bits: Mapping[str, int]
    anything: int
    always: Mapping[str, int]  # at a node, before what stands there is done
    ever: Mapping[str, int]
    by: Mapping[str, int]  # element -> what it sets

    def is_known(self, name: str) -> bool:
        return name in self.bits

    def ever_anything(self, at: str, done: bool) -> bool:
        return bool(self._at(self.ever, at, done) & self.anything)

    def always_set(self, name: str, at: str, done: bool) -> bool:
        return bool(self._at(self.always, at, done) & self.bits.get(name, 0))

    def ever_set(self, name: str, at: str, done: bool) -> bool:
        return bool(self._at(self.ever, at, done) & self.bits.get(name, 0))

    def _at(self, reaching: Mapping[str, int], at: str, done: bool) -> int:
        return reaching[at] | (self.by.get(element_at(at), 0) if done else 0)


def reaching(all_of: Checked, ways: Passages, found: Sources) -> Reaching:
    bits = {name: 1 << position for position, name in enumerate(found.by_name)}
    anything = 1 << len(bits)
    by: dict[str, int] = {}
    for element, given in found.given.items():
        for one in given:
            by[element] = by.get(element, 0) | bits[one.name]
    for element in found.anything:
        by[element] = by.get(element, 0) | anything
    all_bits = (anything << 1) - 1
    graph = _Graph(ways, by, _given_inside(found, bits), _joins(all_of))
    ever = _settled(graph, every=False, at_first=0)
    always = _settled(graph, every=True, at_first=all_bits)
    return Reaching(bits, anything, always, ever, by)


@frozen
class _Graph:
    ways: Passages
    by: Mapping[str, int]
    inside: Mapping[str, int]
    joins: frozenset[str]

    def came(self, node: str, kept: Mapping[str, int]) -> list[int]:
        """What is set as each way comes in."""
        found = []
        for source in self.ways.before[node]:
            undone = (source, node) in self.ways.undone
            more = self.inside.get(source, 0) if undone else self.by.get(element_at(source), 0)
            found.append(kept[source] | more)
        return [*found, 0] if node in self.ways.first else found


def _joins(all_of: Checked) -> frozenset[str]:
    """Where every way must have come in before a case goes on."""
    return frozenset(one.id for one in all_of.diagram.elements.values() if one.kind == "parallelGateway")


def _settled(graph: _Graph, *, every: bool, at_first: int) -> dict[str, int]:
    """`every`: what is set on each of the ways. What no way leads to stays as it was at first."""
    kept = dict.fromkeys(graph.ways.after, at_first)
    waiting = deque(kept)
    queued = set(kept)
    while waiting:
        node = waiting.popleft()
        queued.discard(node)
        came = graph.came(node, kept)
        found = _met(came, every and node not in graph.joins) if came else kept[node]
        if found == kept[node]:
            continue
        kept[node] = found
        for following in graph.ways.after[node]:
            if following not in queued:
                queued.add(following)
                waiting.append(following)
    return kept


def _met(came: Sequence[int], every: bool) -> int:
    found = came[0]
    for one in came[1:]:
        found = found & one if every else found | one
    return found


def _given_inside(found: Sources, bits: Mapping[str, int]) -> dict[str, int]:
    """A repeated sub-process knows inside which item it is about, though it is not done."""
    inside: dict[str, int] = {}
    for element, given in found.given.items():
        for one in given:
            if one.within:
                inside[element] = inside.get(element, 0) | bits[one.name]
    return inside
