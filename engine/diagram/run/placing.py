"""Where a token can be placed in another edition, and how it is put there."""

from __future__ import annotations

import copy
from collections.abc import Sequence
from datetime import datetime
from enum import StrEnum
from typing import Any, Final

from engine.diagram.run import timers
from engine.diagram.run.case import COMPLETED, READY, STANDING, TROUBLE, UNFINISHED, WAITING, Case, Scope, Space, Token
from engine.diagram.run.events import Border, _Catches
from engine.diagram.run.gateways import FROM, FirstOf
from engine.diagram.run.loops import _Repeats
from engine.diagram.run.state import bare
from engine.diagram.run.steps import Armed, Ask, Manual, Person, Plain, Service, SubProcess
from engine.diagram.run.stuck import Stuck

_PEOPLE: Final = (Person, Plain, Manual)


class Hindrance(StrEnum):
    """Why a token cannot be placed by itself."""

    GONE = "gone"  # the new edition has no such element
    OTHER_KIND = "other kind"  # it has, but as something else
    REPEATED = "repeated"  # it is done once where it was done several times, or the other way about
    JOIN = "join"  # tokens wait there for others, and those it waits for are not the same


def root(space: Space) -> Token:
    """The token that all others of a scope descend from."""
    if 0 not in space.tasks:
        space.task_tree = space.tasks[0] = bare(space, space.spec.start, 0, COMPLETED)
    return space.tasks[0]


def arrived(join: Any, flow: str, space: Space) -> Token:
    """A token that has come to a join by this flow, and waits there for the others."""
    space.top_workflow.last_number += 1
    token = bare(space, join, space.top_workflow.last_number, WAITING)
    token.internal_data[FROM] = flow
    return _hang(token, root(space))


def held(guard: Any, space: Space) -> Token:
    """A token that is done, and holds together those beside each other."""
    space.top_workflow.last_number += 1
    token = bare(space, guard, space.top_workflow.last_number, COMPLETED)
    return _hang(token, root(space))


def copied(token: Token, spec: Any, space: Space, parent: Token) -> Token:
    placed = bare(space, spec, token.id, token._state)
    placed.internal_data = copy.deepcopy(token.internal_data)
    placed.data = copy.deepcopy(token.data)
    if placed.internal_data.get(TROUBLE, ("", "", ""))[2] == STANDING:
        placed.internal_data.pop(TROUBLE)  # whether it still stands in vain is seen afresh
    if placed._state == READY and not spec.manual:
        space.top_workflow.held = True
    return _hang(placed, parent)


def _hang(token: Token, parent: Token) -> Token:
    token._parent = parent.id
    parent._children.append(token.id)
    token.workflow.tasks[token.id] = token
    if token._state & UNFINISHED:
        token.workflow.live += 1
    return token


def guard_of(spec: Any) -> Any:
    """What holds it together with events beside it."""
    inputs = [spec._wf_spec.task_specs[name] for name in spec._inputs]
    return next(
        (one for one in inputs if isinstance(one, FirstOf) or (isinstance(one, Armed) and one.next[0] is spec)), None
    )


def arm(token: Token, since: datetime | None = None) -> None:
    """Its timer anew; `since`: what a length is counted from, where that is not now."""
    try:
        timers.keep(token, timers.arm(token, since))
    except Stuck as stuck:
        token.stick(stuck, "enter")


def find(name: str, space: Space) -> tuple[Any, ...] | None:
    """The node of this name, behind the steps whose scopes lead to it: here, further in, or further out."""
    waiting: list[tuple[tuple[Any, ...], Any]] = [((), space.spec)]
    while waiting:
        path, plan = waiting.pop(0)
        if name in plan.task_specs:
            return (*path, plan.task_specs[name])
        waiting += [
            ((*path, spec), spec.plan)
            for spec in plan.task_specs.values()
            if isinstance(spec, SubProcess) and not spec.name.endswith("[child]")
        ]
    if isinstance(space, Scope) and space.own is None:
        outside = find(name, space.host.workflow)
        return None if outside is None else (None, *outside)
    return None


def differs(one: Any, other: Any) -> Hindrance | None:
    """Why a token at the one cannot stand at the other as it is."""
    if isinstance(one, _Repeats) != isinstance(other, _Repeats):
        return Hindrance.REPEATED
    if isinstance(one, _Repeats):
        if type(one) is not type(other):
            return Hindrance.REPEATED
        return differs(one.instance, other.instance)
    if isinstance(one, _PEOPLE) and isinstance(other, _PEOPLE):
        return None
    if isinstance(one, _Catches) and isinstance(other, _Catches) and not isinstance(one, Border):
        return None if one.trigger == other.trigger else Hindrance.OTHER_KIND
    same = type(one) is type(other)
    if same and isinstance(one, Ask):
        same = one.asks == other.asks
    elif same and isinstance(one, Service):
        same = not one.connector or one.connector == other.connector
    elif same and isinstance(one, Border):
        same = (one.trigger, one.cancel_activity) == (other.trigger, other.cancel_activity)
    return None if same else Hindrance.OTHER_KIND


def new_way(free: Sequence[str], before: Case) -> str:
    """A flow into a join that the old edition did not have, before one that it had."""
    known = {name for space in before.spaces() for name in space.spec.task_specs}
    return next((one for one in free if one not in known), free[0])
