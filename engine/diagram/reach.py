"""Where a token can get to: the flows, and the ways that are no flows (links, borders, sub-processes)."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from itertools import pairwise

from engine.diagram.checked import Checked
from engine.diagram.drawn import is_true
from engine.diagram.kinds import SUB_PROCESSES
from engine.diagram.shape import Element


def beginnings(all_of: Checked, scope: str) -> list[Element]:
    """Where a process or sub-process begins: its start events, else whatever has no flow into it."""
    starts = [one for one in all_of.inside.get(scope, ()) if one.kind == "startEvent"]
    return starts or roots(all_of, scope)


def roots(all_of: Checked, scope: str) -> list[Element]:
    """What no flow leads to, and nothing else begins."""
    return [one for one in all_of.inside.get(scope, ()) if _is_root(all_of, one)]


def _is_root(all_of: Checked, one: Element) -> bool:
    return not (
        all_of.incoming.get(one.id)
        or one.kind in ("startEvent", "boundaryEvent")
        or one.triggered_by_event
        or is_handler(all_of, one)
        or (one.event == "link" and one.kind == "intermediateCatchEvent")
    )


def is_handler(all_of: Checked, one: Element) -> bool:
    """A compensation handler is begun by its event alone."""
    return is_true(all_of.place(one.id).node.get("isForCompensation"))


def links(all_of: Checked) -> dict[str, list[str]]:
    """Throwing link event -> the catching ones of its name, in the same process or sub-process."""
    catching: dict[tuple[str, str | None], list[str]] = {}
    for one in all_of.diagram.elements.values():
        if one.event == "link" and one.kind == "intermediateCatchEvent":
            catching.setdefault((one.scope, one.event_name), []).append(one.id)
    return {
        one.id: catching.get((one.scope, one.event_name), []) if one.event_name else []
        for one in all_of.diagram.elements.values()
        if one.event == "link" and one.kind == "intermediateThrowEvent"
    }


def jumps(all_of: Checked) -> Iterator[tuple[str, str]]:
    """Throwing link event -> the catching one of its name. Of several, which is a fault, each leads to the next."""
    for throwing, catching in links(all_of).items():
        yield from ((throwing, one) for one in catching[:1])
    for several in {tuple(one) for one in links(all_of).values()}:
        yield from pairwise(several)


def ways(all_of: Checked) -> Mapping[str, Sequence[str]]:
    """Element -> what may become active once it is."""
    found: dict[str, list[str]] = {name: [] for name in all_of.diagram.elements}
    for flow in all_of.diagram.flows.values():
        found[flow.source].append(flow.target)
    for throwing, catching in jumps(all_of):
        found[throwing].append(catching)
    for one in all_of.diagram.elements.values():
        if one.attached_to in found and one.attached_to != one.id:
            found[one.attached_to].append(one.id)
        if one.kind in SUB_PROCESSES:
            found[one.id] += [inner.id for inner in begun_with(all_of, one.id)]
    return found


def begun_with(all_of: Checked, scope: str) -> Iterator[Element]:
    yield from beginnings(all_of, scope)
    yield from (one for one in all_of.inside.get(scope, ()) if one.triggered_by_event)


def reached(
    ways_out: Mapping[str, Sequence[str]], beginning: Iterable[str], beyond: Collection[str] = frozenset()
) -> set[str]:
    """Everything that can be got to without passing through `beyond`."""
    found = {one for one in beginning if one not in beyond}
    waiting = list(found)
    while waiting:
        for following in ways_out.get(waiting.pop(), ()):
            if following not in found and following not in beyond:
                found.add(following)
                waiting.append(following)
    return found


def circles(ways_out: Mapping[str, Sequence[str]]) -> list[list[str]]:
    """Tarjan's strongly connected components that hold a circle, without recursion; nodes as in the mapping's order."""
    order = {node: position for position, node in enumerate(ways_out)}
    number: dict[str, int] = {}
    low: dict[str, int] = {}
    stack: list[str] = []
    standing: set[str] = set()
    found: list[list[str]] = []
    for beginning in ways_out:
        if beginning in number:
            continue
        trail: list[tuple[str, Iterator[str]]] = []
        _enter(beginning, ways_out, number, low, stack, standing, trail)
        while trail:
            node, following = trail[-1]
            step = next((one for one in following if one in order), None)
            if step is None:
                trail.pop()
                if trail:
                    low[trail[-1][0]] = min(low[trail[-1][0]], low[node])
                if low[node] == number[node]:
                    circle = _leave(node, stack, standing)
                    if len(circle) > 1 or node in ways_out[node]:
                        found.append(sorted(circle, key=order.__getitem__))
            elif step not in number:
                _enter(step, ways_out, number, low, stack, standing, trail)
            elif step in standing:
                low[node] = min(low[node], number[step])
    return sorted(found, key=lambda circle: order[circle[0]])


def _enter(
    node: str,
    ways_out: Mapping[str, Sequence[str]],
    number: dict[str, int],
    low: dict[str, int],
    stack: list[str],
    standing: set[str],
    trail: list[tuple[str, Iterator[str]]],
) -> None:
    number[node] = low[node] = len(number)
    stack.append(node)
    standing.add(node)
    trail.append((node, iter(ways_out[node])))


def _leave(node: str, stack: list[str], standing: set[str]) -> list[str]:
    circle = []
    while True:
        one = stack.pop()
        standing.discard(one)
        circle.append(one)
        if one == node:
            return circle
