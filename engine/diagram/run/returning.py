"""A token put back to an earlier step, and with it exactly what would otherwise run twice.

The token of a branch is the only one when it enters the branch. So whatever stands in the branch of the step that is
returned to has come of that step, and is withdrawn; whatever stands in another branch has not, and goes on.

A step of a parallel block that is over is returned to as well, where it is plain what its other branches have left
behind: a token at the join for each. They stay done, and the join waits for the branch of that step alone.
"""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime
from typing import Any, Final, TypeAlias

from engine.base.frozen import frozen
from engine.diagram.position import Position
from engine.diagram.run.case import READY, Case, Scope, Space, Token
from engine.diagram.run.gateways import FROM
from engine.diagram.run.loops import _Repeats
from engine.diagram.run.model import Model
from engine.diagram.run.moves import Game
from engine.diagram.run.over import Block, blocks_over
from engine.diagram.run.placing import arrived, guard_of, root
from engine.diagram.run.refusals import CannotReturn, NothingWaits
from engine.diagram.run.regions import Branch, regions
from engine.diagram.run.state import load
from engine.diagram.run.steps import Manual, Person, Plain

Place: TypeAlias = tuple[str, str]
"""Process and element."""

_PEOPLE: Final = (Person, Plain, Manual)


@frozen
class _Way:
    """An earlier step: in which space, by which node it is entered, and the branches that all that came of it lies in."""

    space: Space
    spec: Any
    enters: Any
    branches: frozenset[Branch]
    blocks: tuple[Block, ...] = ()

    @property
    def place(self) -> Place:
        return self.space.spec.process, self.spec.element


def returnable(model: Model, state: bytes, token: str, *, now: datetime) -> dict[Place, frozenset[str]]:
    """The steps of people before this one that it can be put back to, nearest scope first. Raises NothingWaits.

    Each with the elements beside it that have to be done by now, because they are not done again. Whether the case
    has been there, and whether they are done, the drawing does not tell.
    """
    case = load(model, state, now)
    found: dict[Place, frozenset[str]] = {}
    for way in _ways(_waiting(case, token)):
        found.setdefault(way.place, frozenset().union(*(block.beside for block in way.blocks)))
    return found


def return_to(
    model: Model, state: bytes, token: str, element: str, *, now: datetime, process: str | None = None
) -> Position:
    """Raises NothingWaits, CannotReturn. In several processes of one name of step, the nearest is meant."""
    case = load(model, state, now)
    one = _waiting(case, token)
    way = next((way for way in _ways(one) if way.spec.element == element and process in (None, way.place[0])), None)
    if way is None:
        raise CannotReturn(element=element)
    game = Game(model, case)
    case.turn(now, {})
    for other in _of_branches(way.space, way.branches):
        other.cancel()
    case.look_afresh()
    for block in way.blocks:
        for flow in block.come:
            arrived(block.join, flow, way.space)
    Token(way.space, way.enters, root(way.space)).enter()
    case.settle()
    return game.position()


def _waiting(case: Case, token: str) -> Token:
    one = case.find(int(token)) if token.isdecimal() and len(token) < 19 else None
    if one is None or one._state != READY or not one.task_spec.manual:
        raise NothingWaits()
    return one


def _ways(token: Token) -> Iterator[_Way]:
    """From the scope it stands in outwards."""
    stands = token
    while True:
        stands = _whole(stands)
        yield from _ways_in(stands.workflow, stands.task_spec.name)
        if not isinstance(stands.workflow, Scope):
            return
        stands = stands.workflow.host


def _whole(token: Token) -> Token:
    """The repeated step, where it is one turn of it."""
    around = token.parent
    is_turn = around is not None and getattr(around.task_spec, "instance", None) is token.task_spec
    return around if is_turn else token


def _ways_in(space: Space, here: str) -> Iterator[_Way]:
    drawn = regions(space.spec)
    turns = {spec.instance.name for spec in space.spec.task_specs.values() if isinstance(spec, _Repeats)}
    for name, spec in space.spec.task_specs.items():
        if name == here or name in turns or not _is_of_people(spec):
            continue
        enters = guard_of(spec) or spec
        if here not in drawn.after[enters.name] or not drawn.is_clear(enters.name):
            continue
        if any(branch[0] == enters.name and branch not in drawn.inside[name] for branch in drawn.inside[here]):
            continue  # it goes on beside this one, which came of an event on its border
        common = drawn.shared(enters.name, here)
        blocks = blocks_over(space, drawn, drawn.inside[enters.name] - common, here)
        standing = _standing(space) if blocks else ()
        if blocks is not None and not any(block.split == split for block in blocks for split, _ in standing):
            yield _Way(space, spec, enters, common, blocks)


def _standing(space: Space) -> frozenset[Branch]:
    """The branches in which anything is under way."""
    return frozenset().union(*(_branches_of(one) for one in space.tasks.values() if one.is_unfinished))


def _is_of_people(spec: Any) -> bool:
    done = spec.instance if isinstance(spec, _Repeats) else spec
    return isinstance(done, _PEOPLE)


def _of_branches(space: Space, branches: frozenset[Branch]) -> list[Token]:
    return [one for one in list(space.tasks.values()) if one.is_unfinished and branches <= _branches_of(one)]


def _branches_of(token: Token) -> frozenset[Branch]:
    drawn = regions(token.workflow.spec)
    token = _whole(token)
    came = token.internal_data.get(FROM)
    name = token.task_spec.name
    return drawn.inside[name] if came is None else drawn.along(came, name)
