"""Which branches a place lies in: worked out from the flows alone, once for each plan."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from functools import lru_cache
from typing import Any, Final, TypeAlias

from engine.base.frozen import frozen
from engine.diagram.run.events import Border
from engine.diagram.run.gateways import FirstOf, OneWay, SomeWays
from engine.diagram.run.steps import Armed, Entry

Branch: TypeAlias = tuple[str, int]
"""The node where ways part, and which of the ways."""

_OUT: Final = ""
"""Where every way ends that leads nowhere."""


@frozen
class Regions:
    """`inside`: the branches a node lies in. `after`: what can be got to from a node. `meets`: where ways that part
    meet again; empty where they do not.

    A token that waits where ways meet belongs to the branch it came by, which `along` tells.
    """

    inside: Mapping[str, frozenset[Branch]]
    after: Mapping[str, frozenset[str]]
    parts: Mapping[str, tuple[tuple[str, ...], ...]]
    meets: Mapping[str, str]
    ways: Mapping[str, tuple[str, ...]]

    def along(self, source: str, target: str) -> frozenset[Branch]:
        """The branches of the flow between two nodes."""
        own = {(source, place) for place, firsts in enumerate(self.parts.get(source, ())) if target in firsts}
        return self.inside.get(source, frozenset()) | own

    def is_clear(self, node: str) -> bool:
        """Whether it lies in one branch of each split, and so a token there is the only one of its branch."""
        splits = [split for split, _ in self.inside[node]]
        return len(splits) == len(set(splits))

    def shared(self, node: str, here: str) -> frozenset[Branch]:
        """The branches of the node that `here` lies in too, and in no other of the same split."""
        splits = Counter(split for split, _ in self.inside[here])
        return frozenset(one for one in self.inside[node] & self.inside[here] if splits[one[0]] == 1)

    def leads_past(self, node: str, there: str) -> bool:
        """Whether nothing gets to `there` but past the node."""
        led_to = {one for following in self.ways.values() for one in following}
        begins = [one for one in self.ways if one not in led_to]
        return there not in _reached(self.ways, begins, node)


@lru_cache(maxsize=256)
def regions(plan: Any) -> Regions:
    specs = plan.task_specs
    ways = {name: tuple(one.name for one in spec.next) for name, spec in specs.items()}
    parts = {name: found for name, spec in specs.items() if len(found := _branches(spec)) > 1}
    meets = _meeting_points(ways)
    inside: dict[str, set[Branch]] = {name: set() for name in specs}
    for split, branches in parts.items():
        for place, firsts in enumerate(branches):
            for name in _reached(ways, firsts, meets[split]):
                inside[name].add((split, place))
    return Regions(
        inside={name: frozenset(found) for name, found in inside.items()},
        after={name: frozenset(_reached(ways, ways[name], _OUT)) for name in specs},
        parts=parts,
        meets={split: meets[split] for split in parts},
        ways=ways,
    )


def _branches(spec: Any) -> tuple[tuple[str, ...], ...]:
    """Ways that may be gone at the same time; those of which only one is gone are one branch."""
    names = tuple(one.name for one in spec.next)
    if isinstance(spec, (OneWay, FirstOf)) or (isinstance(spec, Entry) and spec.is_top):
        return (names,)
    if isinstance(spec, Armed):
        beside = tuple((one.name,) for one in spec.next[1:] if isinstance(one, Border) and not one.cancel_activity)
        together = tuple(name for name in names if (name,) not in beside)
        return (together, *beside)
    if isinstance(spec, SomeWays) and len(spec.options) < 2:
        return (names,)
    return tuple((name,) for name in names)


def _reached(ways: Mapping[str, Sequence[str]], firsts: Sequence[str], beyond: str) -> set[str]:
    found: set[str] = set()
    waiting = list(firsts)
    while waiting:
        name = waiting.pop()
        if name not in found and name != beyond:
            found.add(name)
            waiting += ways[name]
    return found


def _meeting_points(ways: Mapping[str, Sequence[str]]) -> dict[str, str]:
    """For each node the first one that every way from it passes (its immediate post-dominator); `_OUT` if none.

    Cooper, Harvey, Kennedy: a simple, fast dominance algorithm, on the flows turned round.
    """
    into, order = _turned_round(ways)
    rank = {name: place for place, name in enumerate(order)}
    found = {_OUT: _OUT}
    changed = True
    while changed:
        changed = False
        for name in sorted(ways, key=rank.__getitem__, reverse=True):
            after = [one for one in ways[name] or (_OUT,) if one in found]
            if name in into[_OUT] and _OUT not in after:
                after.append(_OUT)
            if not after:
                continue
            meeting = after[0]
            for one in after[1:]:
                meeting = _common(meeting, one, found, rank)
            if found.get(name) != meeting:
                found[name] = meeting
                changed = True
    return found


def _turned_round(ways: Mapping[str, Sequence[str]]) -> tuple[dict[str, list[str]], list[str]]:
    """What leads to each node, and all of them in order, the end last."""
    into: dict[str, list[str]] = {_OUT: [name for name, following in ways.items() if not following]}
    for name, following in ways.items():
        for one in following:
            into.setdefault(one, []).append(name)
    order = _afterwards(into, [_OUT])
    for name in ways:  # what never ends leads out all the same, so that it has a place in the order
        if name not in order:
            into[_OUT].append(name)
            order = _afterwards(into, [_OUT])
    return into, order


def _common(one: str, other: str, found: Mapping[str, str], rank: Mapping[str, int]) -> str:
    while one != other:
        while rank[one] < rank[other]:
            one = found[one]
        while rank[other] < rank[one]:
            other = found[other]
    return one


def _afterwards(into: Mapping[str, Sequence[str]], firsts: Sequence[str]) -> list[str]:
    """Depth first, each after all that it leads to: the last one is where it began."""
    order: list[str] = []
    seen: set[str] = set()
    for first in firsts:
        stack = [(first, iter(into.get(first, ())))]
        seen.add(first)
        while stack:
            name, rest = stack[-1]
            following = next((one for one in rest if one not in seen), None)
            if following is None:
                order.append(name)
                stack.pop()
            else:
                seen.add(following)
                stack.append((following, iter(into.get(following, ()))))
    return order
