"""A parallel block that is over: what its branches have left behind, so that one of them can be gone through again."""

from __future__ import annotations

from typing import Any

from engine.base.frozen import frozen
from engine.diagram.run.case import Space
from engine.diagram.run.gateways import AllWays, SomeWays
from engine.diagram.run.model import _all_of
from engine.diagram.run.regions import Branch, Regions
from engine.diagram.run.steps import SubProcess


@frozen
class Block:
    """`come`: the flows by which the other branches have come to the join. `beside`: the elements in those branches."""

    split: str
    join: Any
    come: tuple[str, ...]
    beside: frozenset[str]


def blocks_over(space: Space, drawn: Regions, branches: frozenset[Branch], here: str) -> tuple[Block, ...] | None:
    """The blocks of these branches, as left by whatever has passed their joins on the way `here`.

    None where `here` is got to without passing one of them, and where the drawing does not say what the other
    branches left.
    """
    found: list[Block] = []
    passed = [here]
    for branch in sorted(branches, key=lambda one: (len(drawn.inside[one[0]]), one)):
        block = _block(space, drawn, branch)
        if block is None or any(split == block.split for one in passed for split, _ in drawn.inside[one]):
            return None
        if not all(one == block.join.name or drawn.leads_past(block.join.name, one) for one in passed):
            return None
        found.append(block)
        passed = [flow for flow in block.join._inputs if branch in drawn.along(flow, block.join.name)]
    return tuple(found)


def _block(space: Space, drawn: Regions, branch: Branch) -> Block | None:
    split, place = branch
    join = space.spec.task_specs.get(drawn.meets[split])
    if join is None:
        return None
    if not _keeps_to_itself(space, drawn, branch):
        return None
    beside = _beside(space, drawn, split, place)
    if isinstance(join, SomeWays):
        return Block(split, join, (), beside)  # it waits for what may still come, and that is this branch
    if not isinstance(join, AllWays) or not isinstance(space.spec.task_specs[split], AllWays):
        return None
    come = tuple(flow for flow in join._inputs if _of_others(drawn, flow, join.name, branch))
    return None if len(come) == len(join._inputs) else Block(split, join, come, beside)


def _of_others(drawn: Regions, source: str, target: str, branch: Branch) -> bool:
    own = [one for one in drawn.along(source, target) if one[0] == branch[0]]
    return bool(own) and branch not in own


def _keeps_to_itself(space: Space, drawn: Regions, branch: Branch) -> bool:
    """Whether no join in the branch waits for another branch of the same split."""
    return not any(
        _of_others(drawn, source, name, branch)
        for name, spec in space.spec.task_specs.items()
        if isinstance(spec, AllWays) and branch in drawn.inside[name]
        for source in spec._inputs
    )


def _beside(space: Space, drawn: Regions, split: str, place: int) -> frozenset[str]:
    found = set()
    for name, spec in space.spec.task_specs.items():
        if any(one == split and other != place for one, other in drawn.inside[name]):
            found.add(getattr(spec, "element", ""))
            if isinstance(spec, SubProcess):
                inner = [one for plan in _all_of(spec.plan) for one in plan.task_specs.values()]
                found.update(getattr(one, "element", "") for one in inner)
    return frozenset(found)
