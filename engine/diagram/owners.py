"""Who owns each step: the lane it stands in, else the group the file names, else the process as a whole."""

from __future__ import annotations

from collections import deque
from collections.abc import Mapping, Sequence

from engine.diagram.kinds import CHOOSING, GATEWAYS, HUMAN
from engine.diagram.shape import Diagram, Element, Flow, Lane, Owner


def owners(diagram: Diagram) -> tuple[Owner, ...]:
    """Lanes in the order they are drawn, then groups, then processes. None without a step."""
    keys = owner_of(diagram)
    by_owner: dict[str, list[str]] = {}
    for step in steps(diagram):
        if step in keys:
            by_owner.setdefault(keys[step], []).append(step)
    lanes = [f"lane:{lane}" for lane in diagram.lanes]
    rest = sorted((key for key in by_owner if key not in lanes), key=lambda key: key.startswith("process:"))
    return tuple(Owner(key, _name(diagram, key), tuple(by_owner[key])) for key in (*lanes, *rest) if key in by_owner)


def owner_of(diagram: Diagram) -> Mapping[str, str]:
    """A step that has no owner is left out; where a way is chosen, that is whoever did what comes before."""
    with_lanes = {lane.process for lane in diagram.lanes.values()}
    found: dict[str, str] = {}
    for element in diagram.elements.values():
        if element.kind in HUMAN:
            key = _own(element) or (None if element.process in with_lanes else f"process:{element.process}")
            if key:
                found[element.id] = key
    incoming, outgoing = flows_into(diagram), flows_out_of(diagram)
    left: list[Element] = []
    for element in diagram.elements.values():
        leaving = outgoing.get(element.id, ())
        if element.id not in found and (is_split(element, leaving) or parts_by_condition(element, leaving)):
            key = _own(element)
            if key:
                found[element.id] = key
            else:
                left.append(element)
    if not left:
        return found
    before = _before(diagram, incoming, found)
    first = {diagram.elements[step].process: key for step, key in reversed(found.items())}
    return found | {one.id: before.get(one.id) or first.get(one.process, f"process:{one.process}") for one in left}


def steps(diagram: Diagram) -> tuple[str, ...]:
    """Where a case waits for a person as the diagram is drawn: human steps, and choices that follow none."""
    incoming, outgoing = flows_into(diagram), flows_out_of(diagram)
    found = []
    for element in diagram.elements.values():
        leaving = outgoing.get(element.id, ())
        if element.kind in HUMAN:
            found.append(element.id)
        elif is_split(element, leaving) and must_ask(element, leaving):
            entering = incoming.get(element.id, ())
            before = [diagram.elements[flow.source] for flow in entering]
            joins = element.kind == "inclusiveGateway" and len(entering) > 1
            if joins or not before or not all(_can_answer(one, outgoing) for one in before):
                found.append(element.id)
    return tuple(found)


def _can_answer(step: Element, outgoing: Mapping[str, Sequence[Flow]]) -> bool:
    """Whether the choice after a step can be made together with it: not where the step is done several times."""
    return step.kind in HUMAN and step.loop is None and len(outgoing.get(step.id, ())) == 1


def is_split(element: Element, leaving: Sequence[Flow]) -> bool:
    """A gateway that chooses among ways out."""
    return element.kind in CHOOSING and len(leaving) > 1


def parts_by_condition(element: Element, leaving: Sequence[Flow]) -> bool:
    """Several flows leave something that is no gateway, and conditions say which are followed."""
    return element.kind not in GATEWAYS and len(leaving) > 1 and any(flow.condition for flow in leaving)


def must_ask(element: Element, leaving: Sequence[Flow]) -> bool:
    """A way out has neither a condition nor is it the one taken otherwise: somebody must say."""
    return any(flow.condition is None and flow.id != element.default for flow in leaving)


def flows_into(diagram: Diagram) -> dict[str, list[Flow]]:
    found: dict[str, list[Flow]] = {}
    for flow in diagram.flows.values():
        found.setdefault(flow.target, []).append(flow)
    return found


def flows_out_of(diagram: Diagram) -> dict[str, list[Flow]]:
    found: dict[str, list[Flow]] = {}
    for flow in diagram.flows.values():
        found.setdefault(flow.source, []).append(flow)
    return found


def lane_name(diagram: Diagram, lane: Lane) -> str:
    """A lane without a name is called by its pool where it is the only one, else by its id."""
    alone = sum(one.process == lane.process for one in diagram.lanes.values()) == 1
    process = diagram.processes[lane.process]
    return lane.name or ((process.pool or process.name) if alone else None) or lane.id


def _own(element: Element) -> str | None:
    if element.lane:
        return f"lane:{element.lane}"
    return f"group:{element.group}" if element.group else None


def _before(diagram: Diagram, incoming: Mapping[str, Sequence[Flow]], known: Mapping[str, str]) -> dict[str, str]:
    """What has a step upstream -> the owner of the nearest one; of several as near, along the flow drawn first."""
    sources: dict[str, list[str]] = {}
    behind: dict[str, list[str]] = {}
    for one in diagram.elements.values():
        sources[one.id] = [flow.source for flow in incoming.get(one.id, ())] or [one.attached_to or one.scope]
        for source in sources[one.id]:
            behind.setdefault(source, []).append(one.id)
    far, waiting = dict.fromkeys(known, 0), deque(known)
    found = dict(known)
    while waiting:
        at = waiting.popleft()
        if at not in found:
            found[at] = next(found[one] for one in sources[at] if far.get(one) == far[at] - 1)
        for reached in behind.get(at, ()):
            if reached not in far:
                far[reached] = far[at] + 1
                waiting.append(reached)
    return found


def _name(diagram: Diagram, key: str) -> str:
    kind, _, rest = key.partition(":")
    if kind == "lane":
        return lane_name(diagram, diagram.lanes[rest])
    if kind == "group":
        return rest
    process = diagram.processes[rest]
    return process.pool or process.name or rest
