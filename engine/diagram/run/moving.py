"""A case brought to another edition of its procedure: each token to the place of the same id, or where it is told to go.

What is done stays done. A token keeps its number, so that what is kept of it elsewhere stays true; what is new beside
it, as a timer on the border of its step, begins now.
"""

from __future__ import annotations

import copy
from collections.abc import Callable, Mapping, Sequence
from datetime import datetime
from typing import Any, Final

from engine.base.frozen import frozen
from engine.diagram.position import Position, Trouble, Waiting, WaitKind
from engine.diagram.run import timers
from engine.diagram.run.case import STARTED, WAITING, Case, Scope, Space, Token
from engine.diagram.run.expressions import Expressions
from engine.diagram.run.gateways import FROM, AllWays, FirstOf, SomeWays, _Meets
from engine.diagram.run.loops import _Repeats
from engine.diagram.run.model import Model
from engine.diagram.run.moves import Game, _open, _tell
from engine.diagram.run.placing import Hindrance, arm, copied, differs, find, guard_of, held, new_way, root
from engine.diagram.run.state import load
from engine.diagram.run.steps import Armed
from engine.diagram.run.timers import AGAIN, DUE

__all__ = ["NOWHERE", "Hindrance", "Moved", "Obstacle", "calls_out", "move", "places"]

NOWHERE: Final = ""
"""In place of an element to go on at: this way of the case ends here, and the others go on."""


@frozen
class Obstacle:
    element: str
    why: Hindrance


@frozen
class Moved:
    """`position` tells what has changed; `standing` all that waits now. Neither where there are obstacles."""

    position: Position | None
    standing: tuple[Waiting | Trouble, ...]
    obstacles: tuple[Obstacle, ...]
    dropped: tuple[str, ...]  # timers and messages that are no longer waited for


def move(
    old: Model,
    new: Model,
    state: bytes,
    *,
    now: datetime,
    to: Mapping[str, str] | None = None,
    answers: Mapping[str, Any] | None = None,
) -> Moved:
    """`to`: where a token goes on, by the id of the element it stands at. `answers`: all that was answered so far.

    The new edition may ask for answers that the old one had no use for; they are taken from there.
    """
    before = load(old, state, now)
    known = {name: value for name, value in (answers or {}).items() if name in new.variables}
    after = Case(new.plan, Expressions(now, new.zone, new.calendars), {**known, **before.variables}, new.variables)
    return _Mover(before, after, to or {}).moved(new)


def places(model: Model, state: bytes, *, now: datetime) -> tuple[str, ...]:
    """The elements where somebody may say that a case goes on elsewhere: all that its tokens stand at."""
    found: dict[str, None] = {}
    for token in load(model, state, now).tokens():
        found[token.task_spec.element] = None
        if token.parent is not None and isinstance(token.parent.task_spec, FirstOf):
            found[token.parent.task_spec.element] = None
    return tuple(found)


def calls_out(model: Model, state: bytes, *, now: datetime) -> tuple[Waiting, ...]:
    """What is asked of connectors where a case stands, with what each was given when its token came there."""
    case = load(model, state, now)
    told = (_tell(case, number) for number in _open(case))
    return tuple(one for one in told if isinstance(one, Waiting) and one.kind is WaitKind.CALL)


class _Mover:
    def __init__(self, before: Case, after: Case, to: Mapping[str, str]) -> None:
        self.before = before
        self.after = after
        self.to = to
        self.obstacles: list[Obstacle] = []
        self.afterwards: list[Callable[[], None]] = []

    def moved(self, model: Model) -> Moved:
        self.after.last_number = self.before.last_number
        root(self.after)
        self._all_of(self.before, self.after)
        if self.obstacles:
            return Moved(None, (), tuple(dict.fromkeys(self.obstacles)), ())
        for one in self.afterwards:
            one()
        self._close_empty()
        self._join()
        game = Game(model, self.after)
        stood = game._before = _open(self.before)
        self.after.settle()
        position = game.position()
        if position.ended and NOWHERE in self.to.values():
            self.obstacles += [Obstacle(one, Hindrance.GONE) for one, target in self.to.items() if target == NOWHERE]
        if self.obstacles:
            return Moved(None, (), tuple(dict.fromkeys(self.obstacles)), ())
        stands = _open(self.after)
        gone = [_tell(self.before, number) for number in stood if number not in stands]
        dropped = tuple(one.element for one in gone if isinstance(one, Waiting) and one.kind is not WaitKind.PERSON)
        return Moved(position, tuple(_tell(self.after, number) for number in stands), (), dropped)

    def _all_of(self, space: Space, there: Space) -> None:
        roots = [token for token in space.tasks.values() if token.id and not token.parent.id]
        for token in roots:
            if isinstance(token.task_spec, Armed):
                self._armed(token, there)
            elif isinstance(token.task_spec, FirstOf) and not token.is_unfinished:
                self._first_of(token, there)
            elif token.is_unfinished:
                self._one(token, there)

    def _armed(self, token: Token, there: Space) -> None:
        main = token.task_spec.main(token)
        if main is not None and main.is_unfinished:
            self._one(main, there, token)

    def _one(self, token: Token, there: Space, holder: Token | None = None) -> None:
        spec = token.task_spec
        target = self.to.get(spec.element, spec.element)
        found = find(spec.name, there)
        if target != spec.element:
            self.afterwards.append(lambda: self._send(target, there, spec))
        elif found is None:
            inner = self.before.subprocesses.get(token.id)
            if isinstance(inner, Scope) and inner.own is None:
                self._all_of(inner, there)  # what was inside it stands on its own now
            else:
                self._hinder(spec, Hindrance.GONE)
        elif differs(spec, found[-1]) is not None:
            self._hinder(spec, differs(spec, found[-1]) or Hindrance.GONE)
        else:
            space = self._enter(there, found[:-1])
            self._put(token, found[-1], space, holder)

    def _hinder(self, spec: Any, why: Hindrance) -> None:
        self.obstacles.append(Obstacle(spec.element, why))

    def _put(self, token: Token, spec: Any, space: Space, holder: Token | None) -> None:
        """The token itself, what belongs to it, and what waits beside it."""
        guard = guard_of(spec)
        parent = root(space) if guard is None else held(guard, space)
        placed = copied(token, spec, space, parent)
        self._time(token, placed)
        if FROM in placed.internal_data:
            self._came_by(token, placed)
        self._inside(token, placed)
        if guard is not None:
            self._beside(guard, parent, placed, holder)

    def _inside(self, token: Token, placed: Token) -> None:
        if isinstance(placed.task_spec, _Repeats):
            for turn in token.children:
                if turn is not None and turn.is_unfinished:
                    there_too = copied(turn, placed.task_spec.instance, placed.workflow, placed)
                    self._inside(turn, there_too)
        inner = self.before.subprocesses.get(token.id)
        if isinstance(inner, Scope):
            self._all_of(inner, self._open_scope(placed, copy.deepcopy(inner.own)))

    def _open_scope(self, host: Token, own: dict[str, Any] | None) -> Scope:
        scope = Scope(host.task_spec.plan, host, own)
        self.after.subprocesses[host.id] = scope
        root(scope)
        return scope

    def _beside(self, guard: Any, parent: Token, placed: Token, holder: Token | None) -> None:
        """The events on the border of a step, or the other events that may come first."""
        live: dict[str, Token] = {}
        known: frozenset[str] = frozenset()
        if holder is not None:
            live = {one.task_spec.name: one for one in holder.children if one is not None and one.is_unfinished}
            known = frozenset(one.name for one in holder.task_spec.next)
        others = [one for one in guard.next if one is not placed.task_spec]
        for spec in others:
            old = live.pop(spec.name, None)
            if old is not None and differs(old.task_spec, spec) is None:
                self._time(old, copied(old, spec, parent.workflow, parent))
            elif old is not None or spec.name not in known:
                self.afterwards.append(lambda spec=spec: self._begin(spec, parent, placed))  # type: ignore[misc]

    def _begin(self, spec: Any, parent: Token, placed: Token) -> None:
        if placed.is_unfinished:
            Token(parent.workflow, spec, parent).enter()

    def _first_of(self, token: Token, there: Space) -> None:
        waiting = [one for one in token.children if one is not None and one.is_unfinished]
        gateway = token.task_spec
        if not waiting:
            return
        if self.to.get(gateway.element, gateway.element) != gateway.element:
            self.afterwards.append(lambda: self._send(self.to[gateway.element], there, gateway))
            return
        for one in waiting:
            found = find(one.task_spec.name, there)
            if found is not None and differs(one.task_spec, found[-1]) is None:
                self._put(one, found[-1], self._enter(there, found[:-1]), token)
                return
        self._hinder(gateway, Hindrance.GONE)

    def _came_by(self, token: Token, placed: Token) -> None:
        """By which flow it came to where it waits for others."""
        came, here, before = placed.internal_data[FROM], placed.task_spec._inputs, token.task_spec._inputs
        if came in here:
            return
        gone = [one for one in before if one not in here]
        instead = [one for one in here if one not in before]
        if len(gone) == len(instead) == 1:
            placed.internal_data[FROM] = instead[0]
        else:
            self._hinder(token.task_spec, Hindrance.JOIN)

    def _time(self, token: Token, placed: Token) -> None:
        """A timer keeps the moment it is due; where its length has changed, as long more or less."""
        spec, former = placed.task_spec, token.task_spec
        told = token.internal_data
        if (
            getattr(spec, "trigger", "") != "timer"
            or (spec.expression, spec.working) == (former.expression, former.working)
            or DUE not in told
        ):
            return
        longer = timers.longer(former.expression, spec.expression)
        if longer is None or AGAIN in told:
            self.afterwards.append(lambda: arm(placed))
        elif spec.working or former.working:
            self.afterwards.append(lambda: arm(placed, timers.begun(told, former.expression)))
        else:
            placed.internal_data[DUE] += longer

    def _send(self, target: str, there: Space, former: Any) -> None:
        """A new token where the old one is told to go on."""
        if target == NOWHERE:
            return
        # Where tokens enter an element: what guards it, joins before it or asks about it comes first.
        names = (f"join:{target}", f"{target}:armed", f"ask:{target}", target)
        found = next(filter(None, (find(name, there) for name in names)), None)
        if found is None:
            self.obstacles.append(Obstacle(target, Hindrance.GONE))
            return
        spec, space = found[-1], self._enter(there, found[:-1])
        token = Token(space, spec, root(space))
        if isinstance(spec, _Meets) and len(spec._inputs) > 1:
            came = {one.internal_data[FROM] for one in space.waiting_at(spec)}
            free = [one for one in spec._inputs if one not in came] or list(spec._inputs)
            token.internal_data[FROM] = former.name if former.name in free else new_way(free, self.before)
            token._set_state(WAITING)
        else:
            token.enter()

    def _enter(self, space: Space, hosts: Sequence[Any]) -> Space:
        """The scope that the hosts lead to, opened where none of them is there yet; None among them leads outwards."""
        for spec in hosts:
            if spec is None:
                space = space.host.workflow if isinstance(space, Scope) else space
                continue
            host = next((one for one in space.tasks.values() if one.task_spec is spec and one.is_unfinished), None)
            if host is None:
                guard = guard_of(spec)
                parent = root(space) if guard is None else held(guard, space)
                host = Token(space, spec, parent)
                host._set_state(STARTED)
                self._open_scope(host, None)
                if guard is not None:
                    self._beside(guard, parent, host, None)
            space = self.after.subprocesses[host.id]
        return space

    def _close_empty(self) -> None:
        """A sub-process that everything was moved out of is over."""
        for number, scope in reversed(list(self.after.subprocesses.items())):
            if isinstance(scope, Scope) and scope.live == 0 and number in self.after.subprocesses:
                around = scope.host.parent
                scope.host.cancel()
                if around is not None and isinstance(around.task_spec, Armed):
                    around.task_spec.disarm(around, scope.host)
                elif around is not None and isinstance(around.task_spec, _Repeats):
                    self._hinder(scope.host.task_spec, Hindrance.REPEATED)

    def _join(self) -> None:
        """Where all are there that are waited for now, they go on."""
        for space in list(self.after.spaces()):
            for spec in space.spec.task_specs.values():
                if not isinstance(spec, AllWays | SomeWays):
                    continue
                waiting = [one for one in space.waiting_at(spec) if FROM in one.internal_data]
                if waiting and len(spec._inputs) < 2:
                    for one in waiting:
                        one.internal_data.pop(FROM)
                        one._ready()
                elif waiting and isinstance(spec, AllWays):
                    first = spec.gathered(waiting[0])
                    if len(first) == len(spec._inputs):
                        spec.absorb(waiting[0], first)
                        waiting[0]._ready()
