"""How much goes over each sequence flow, from how often one step came behind another. Pure.

What is known is only that step B was opened when step A had been done. It is laid on the shortest way from A to B that
passes no other step: through gateways, events, machines, links, and into and out of sub-processes. Where branches part
to run side by side, what leads there is gone once for all of them; where they meet, each of them was gone as often as
the way behind.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Final

from engine.base.frozen import frozen
from engine.diagram.checked import checked
from engine.diagram.owners import steps as steps_of
from engine.diagram.passages import Passages, element_at, passages
from engine.diagram.shape import Diagram, Flow

_ONE_OF_SEVERAL: Final = frozenset({"exclusiveGateway", "eventBasedGateway"})

Pair = tuple[str | None, str | None]
"""None: the case began with it; None behind: the case ended."""
Nodes = tuple[str, ...]


@frozen
class Laid:
    """`flows` by id. `beside`: what went by no way that is drawn, as where a case was moved by hand."""

    flows: Mapping[str, int]
    beside: Mapping[Pair, int]


@dataclass(slots=True)
class Roads:
    """A diagram made ready to lay traffic on; ways that were found once are kept."""

    ways: Passages
    steps: frozenset[str]
    events: frozenset[str]
    flow: Mapping[tuple[str, str], str]
    incoming: Mapping[str, Sequence[Flow]]
    parting: frozenset[str]  # from here branches run side by side
    meeting: frozenset[str]  # here all of them are waited for
    repeated: frozenset[str]  # steps that are there once for each of several
    known: dict[Pair, Nodes | None] = field(default_factory=dict)

    def lay(self, counts: Mapping[Pair, int]) -> Laid:
        """Pairs of steps to how often the second came directly behind the first."""
        flows: dict[str, int] = {}
        beside: dict[Pair, int] = {}
        from_one: dict[str | None, dict[Nodes, int]] = {}
        for pair, count in counts.items():
            if pair not in self.known:
                self.known[pair] = _way(self, pair)
            found = self.known[pair]
            if found is None:
                beside[pair] = beside.get(pair, 0) + count
            elif found:
                gone = from_one.setdefault(pair[0], {})
                gone[found] = gone.get(found, 0) + count
        for gone in from_one.values():
            for edge, count in _shared(self, gone).items():
                _add(self, flows, edge, count)
        return Laid(flows, beside)


def roads(diagram: Diagram) -> Roads:
    everything = checked(diagram, {})
    elements = diagram.elements
    flow: dict[tuple[str, str], str] = {}
    for one in diagram.flows.values():
        flow.setdefault((one.source, one.target), one.id)
    return Roads(
        ways=passages(everything),
        steps=frozenset(steps_of(diagram)),
        events=frozenset(one.id for one in elements.values() if one.kind == "boundaryEvent" or one.event is not None),
        flow=flow,
        incoming=everything.incoming,
        parting=frozenset(one for one in elements if elements[one].kind not in _ONE_OF_SEVERAL),
        meeting=frozenset(
            one.id
            for one in elements.values()
            if one.kind == "parallelGateway" and len(everything.incoming.get(one.id, ())) > 1
        ),
        repeated=frozenset(one.id for one in elements.values() if one.loop is not None),
    )


def _way(all_of: Roads, pair: Pair) -> Nodes | None:
    """Nodes from the one to the other. Empty where nothing moved; None where no way is drawn."""
    before, behind = pair
    nodes = all_of.ways.after
    if any(one is not None and one not in nodes for one in pair):
        return None
    if before is not None and before == behind and before in all_of.repeated:
        return ()
    begins = all_of.ways.first if before is None else dict.fromkeys((before, all_of.ways.left_by(before)))
    leaves = frozenset() if before is None else frozenset(begins)
    straight = _shortest(all_of, begins, leaves, nodes, _ends(nodes, behind))
    if straight is not None or behind is None:
        return straight
    return _by_event(all_of, behind)


def _ends(nodes: Mapping[str, Sequence[str]], behind: str | None) -> Callable[[str], bool]:
    return (lambda node: not nodes[node]) if behind is None else (lambda node: node == behind)


def _by_event(all_of: Roads, step: str) -> Nodes | None:
    """From the event that opened it while another branch went on: a time that was over, a message that came."""
    found = _shortest(
        all_of, (step,), frozenset({step}), all_of.ways.before, lambda node: element_at(node) in all_of.events
    )
    return tuple(reversed(found)) if found else None


def _shortest(
    all_of: Roads,
    begins: Iterable[str],
    leaves: frozenset[str],
    after: Mapping[str, Sequence[str]],
    ends: Callable[[str], bool],
) -> Nodes | None:
    """From one of `begins` to the nearest end, passing no step but `leaves`."""
    came: dict[str, str | None] = dict.fromkeys(begins)
    at_once = next((node for node in came if node not in leaves and ends(node)), None)
    if at_once is not None:
        return (at_once,)
    front = deque(came)
    while front:
        node = front.popleft()
        if element_at(node) in all_of.steps and node not in leaves:
            continue
        for one in after[node]:
            if ends(one):
                return (*_back(came, node), one)
            if one not in came:
                came[one] = node
                front.append(one)
    return None


def _back(came: Mapping[str, str | None], node: str) -> Nodes:
    way: list[str] = []
    at: str | None = node
    while at is not None:
        way.append(at)
        at = came[at]
    return tuple(reversed(way))


def _shared(all_of: Roads, gone: Mapping[Nodes, int]) -> dict[tuple[str, str], int]:
    """Edges to how often each was gone. Ways from one step are a tree: where branches part, the busiest tells for all."""
    found: dict[tuple[str, str], int] = {}
    longest = sorted({way[:end] for way in gone for end in range(1, len(way) + 1)}, key=len, reverse=True)
    reached: dict[Nodes, int] = {}
    for way in longest:  # from the ends back to the step
        behind = {one: count for one, count in reached.items() if one[:-1] == way}
        split = max if element_at(way[-1]) in all_of.parting else sum
        reached[way] = gone.get(way, 0) + (split(behind.values()) if behind else 0)
        if len(way) > 1:
            edge = (way[-2], way[-1])
            found[edge] = found.get(edge, 0) + reached[way]
    return found


def _add(all_of: Roads, flows: dict[str, int], edge: tuple[str, str], count: int) -> None:
    """And where branches meet, what came by the others."""
    source, target = element_at(edge[0]), edge[1]
    one = all_of.flow.get((source, target))
    if one is None:
        return
    flows[one] = flows.get(one, 0) + count
    for other in _met(all_of, source, target):
        flows[other] = flows.get(other, 0) + count


def _met(all_of: Roads, source: str, target: str) -> Iterator[str]:
    """Flows of the other branches that meet at `target`, back to the steps they come from."""
    front = [one for one in all_of.incoming.get(target, ()) if one.source != source] if target in all_of.meeting else []
    seen: set[str] = set()
    while front:
        one = front.pop()
        if one.id in seen:
            continue
        seen.add(one.id)
        yield one.id
        before = all_of.incoming.get(one.source, ())
        if one.source not in all_of.steps and (len(before) == 1 or one.source in all_of.meeting):
            front.extend(before)
