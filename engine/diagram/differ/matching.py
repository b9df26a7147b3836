"""Which element of the one edition is which of the other: by id; where a tool gave new ids, by what can be seen."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Hashable, Mapping
from functools import partial

from engine.base.frozen import frozen
from engine.diagram.differ.sides import Side
from engine.diagram.kinds import ACTIVITIES, GATEWAYS


@frozen
class Pairs:
    """Ids of the old edition to those of the new one. `back` the other way."""

    elements: Mapping[str, str]
    lanes: Mapping[str, str]
    flows: Mapping[str, str]
    processes: Mapping[str, str]
    back: Mapping[str, str]


def pairs(old: Side, new: Side) -> Pairs:
    elements = _elements(old, new)
    back = {there: here for here, there in elements.items()}
    return Pairs(elements, _lanes(old, new), _flows(old, new, elements), _processes(old, new), back)


def _elements(old: Side, new: Side) -> dict[str, str]:
    found = {name: name for name in old.diagram.elements if name in new.diagram.elements and _same(old, new, name)}
    kept = bool(found)  # the same tool: what has another id and another name is another thing
    signs: tuple[Callable[[Side, str], Hashable], ...] = (
        lambda at, name: _named(at, name, at.lane_name(name)),
        lambda at, name: _named(at, name, None),
    )
    for sign in signs:
        _match(old, new, found, sign, sign)
    before = -1
    while before != len(found):
        before = len(found)
        here = dict(found)
        there = {other: other for other in found.values()}
        _match(old, new, found, partial(_around, to=here, named=kept), partial(_around, to=there, named=kept))
    return found


def _same(old: Side, new: Side, name: str) -> bool:
    """Some tools number what they draw: one id may be another thing in the next file."""
    one, other = old.element(name), new.element(name)
    if _family(one.kind) == _family(other.kind):
        if one.name == other.name or not one.name:
            return True
        return not any(
            each.name == one.name and each.kind == one.kind and each.id not in old.diagram.elements
            for each in new.diagram.elements.values()
        )
    return one.name is not None and one.name == other.name


def _family(kind: str) -> str:
    if kind in ACTIVITIES:
        return "step"
    return "gateway" if kind in GATEWAYS else kind


def _named(at: Side, name: str, lane: str | None) -> Hashable:
    one = at.element(name)
    return (_family(one.kind), one.name, lane) if one.name else None


def _around(at: Side, name: str, to: Mapping[str, str], named: bool) -> Hashable:
    """Its kind and those around it that are known already: at least one before and one after, where it has both."""
    one = at.element(name)
    before = frozenset(to[flow.source] for flow in at.entering.get(name, ()) if flow.source in to)
    after = frozenset(to[flow.target] for flow in at.leaving.get(name, ()) if flow.target in to)
    host = to.get(one.attached_to or "")
    enough = bool(before or host or not at.entering.get(name)) and bool(after or not at.leaving.get(name))
    known = bool(before or after or host)
    return (
        (_family(one.kind), one.event, one.name if named else None, host, before, after) if enough and known else None
    )


def _match(
    old: Side,
    new: Side,
    found: dict[str, str],
    old_sign: Callable[[Side, str], Hashable],
    new_sign: Callable[[Side, str], Hashable],
) -> None:
    """Those that are alike, and like no other."""
    taken = set(found.values())
    here, there = defaultdict(list), defaultdict(list)
    for name in old.diagram.elements:
        if name not in found:
            here[old_sign(old, name)].append(name)
    for name in new.diagram.elements:
        if name not in taken:
            there[new_sign(new, name)].append(name)
    for sign, names in here.items():
        if sign is not None and len(names) == 1 and len(there.get(sign, ())) == 1:
            found[names[0]] = there[sign][0]


def _lanes(old: Side, new: Side) -> dict[str, str]:
    found = {name: name for name in old.diagram.lanes if name in new.diagram.lanes}
    free = {lane.name: lane.id for lane in new.diagram.lanes.values() if lane.name and lane.id not in found.values()}
    for lane in old.diagram.lanes.values():
        if lane.id not in found and lane.name in free:
            found[lane.id] = free.pop(lane.name)
    return found


def _processes(old: Side, new: Side) -> dict[str, str]:
    found = {name: name for name in old.diagram.processes if name in new.diagram.processes}
    mine = [one.id for one in old.diagram.processes.values() if one.has_content and one.id not in found]
    theirs = [one.id for one in new.diagram.processes.values() if one.has_content and one.id not in found.values()]
    if len(mine) == len(theirs) == 1:
        found[mine[0]] = theirs[0]
    return found


def _flows(old: Side, new: Side, elements: Mapping[str, str]) -> dict[str, str]:
    """By where they begin and end; of several between the same two, by id, by name, then in order."""
    free: dict[tuple[str, str], list[str]] = defaultdict(list)
    for flow in new.diagram.flows.values():
        free[flow.source, flow.target].append(flow.id)
    found: dict[str, str] = {}
    for best in ("id", "name", "any"):
        for flow in old.diagram.flows.values():
            ends = (elements.get(flow.source, ""), elements.get(flow.target, ""))
            for candidate in free.get(ends, ()) if flow.id not in found else ():
                other = new.diagram.flows[candidate]
                if (
                    best == "any"
                    or (best == "id" and other.id == flow.id)
                    or (best == "name" and other.name == flow.name)
                ):
                    found[flow.id] = candidate
                    free[ends].remove(candidate)
                    break
    return found
