"""Everything a case can come to, found out by running it: each move made on the engine, each state looked at once."""

from __future__ import annotations

from collections import deque
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from itertools import combinations, product
from time import process_time
from typing import Any

from engine.diagram import run
from engine.diagram.position import Question, TroubleKind
from engine.diagram.run.case import TROUBLE, Case, Scope, Space, Token
from engine.diagram.run.events import Border
from engine.diagram.run.gateways import FROM, FirstOf
from engine.diagram.run.moves import _KINDS, Game, _open
from engine.diagram.run.state import load
from engine.diagram.run.steps import Armed
from engine.diagram.shape import Diagram

MORNING = datetime(2026, 11, 2, 9, tzinfo=UTC)
LONGEST = 20.0
"""Seconds of computing after which a diagram has been walked in part."""
TWICE = 2
"""How often an event that may come again and again is let come beside one and the same step."""

Key = tuple[Any, ...]
Came = Mapping[int, int]


@dataclass
class Walked:
    """`hangs`: states from which the end is not reached any more. `way[number]` is how it was come to."""

    whole: bool = True
    round: bool = False
    keys: dict[Key, int] = field(default_factory=dict)
    into: list[set[int]] = field(default_factory=list)
    ended: set[int] = field(default_factory=set)
    passed: set[str] = field(default_factory=set)
    twice: bool = False
    hangs: set[int] = field(default_factory=set)


@dataclass(frozen=True)
class Place:
    state: bytes
    came: Came
    key: Key


def walked(diagram: Diagram, most: int, process: str = "p") -> Walked:
    """Raises CannotRun. Not `whole` where there is more than `most`, or it takes too long."""
    until = process_time() + LONGEST
    model = run.model(diagram, process=process)
    found = Walked()
    waiting: deque[tuple[int, Place]] = deque()

    def keep(before: int, game: Game, came: Came) -> None:
        place = placed(game, came)
        found.passed.update(game.case.passed)
        number = found.keys.get(place.key)
        if number is None:
            number = found.keys[place.key] = len(found.into)
            found.into.append(set())
            if game.case.ended:
                found.ended.add(number)
            else:
                waiting.append((number, place))
        if before >= 0:
            found.into[number].add(before)

    plain = [name for name, trigger in model.starts.items() if not trigger]
    starts: list[str | None] = [*plain[:1], *(name for name, trigger in model.starts.items() if trigger)]
    for start in starts or [None]:
        keep(-1, Game.begin(model, {}, MORNING, start), {})
    while waiting:
        number, place = waiting.popleft()
        for game, came in moves(model, place, found):
            if len(found.into) > most or process_time() > until:
                found.whole = False
                return found
            keep(number, game, came)
    found.hangs = set(range(len(found.into))) - before(found.ended, found.into)
    return found


def before(them: set[int], into: Sequence[set[int]]) -> set[int]:
    known, waiting = set(them), list(them)
    while waiting:
        for one in into[waiting.pop()]:
            if one not in known:
                known.add(one)
                waiting.append(one)
    return known


def moves(model: run.Model, place: Place, found: Walked) -> Iterator[tuple[Game, Came]]:
    case = load(model, place.state, MORNING)
    for number in _open(case):
        token = case.find(number)
        assert token is not None
        trouble = token.internal_data.get(TROUBLE)
        if trouble is not None:
            if trouble[0] == TroubleKind.BUDGET:
                found.round = True
            if trouble[0] in (TroubleKind.SERVICE, TroubleKind.ERROR):
                yield finished(model, place, number, {})
        elif token.task_spec.manual:
            for chosen in answers(model.questions.get((token.workflow.spec.process, token.task_spec.element), ())):
                yield finished(model, place, number, chosen)
        elif token.task_spec.trigger in _KINDS and may_come(token, place.came):
            yield came_about(model, place, number, token.task_spec.trigger)


def may_come(token: Token, came: Came) -> bool:
    return came.get(token.id, 0) < TWICE


def finished(model: run.Model, place: Place, number: int, chosen: Mapping[str, Sequence[str]]) -> tuple[Game, Came]:
    game = Game(model, load(model, place.state, MORNING))
    game.finish(str(number), {}, MORNING, chosen)
    return game, place.came


def came_about(model: run.Model, place: Place, number: int, trigger: str) -> tuple[Game, Came]:
    game = Game(model, load(model, place.state, MORNING))
    if trigger == "timer":
        game.fire(str(number), MORNING)
    else:
        game.deliver(str(number), {}, MORNING)
    return game, {**place.came, number: place.came.get(number, 0) + 1}


def answers(questions: Sequence[Question]) -> Iterator[dict[str, list[str]]]:
    ways = []
    for question in questions:
        flows = [choice.flow for choice in question.choices]
        sizes = range(1, len(flows) + 1) if question.several else (1,)
        ways.append([(question.gateway, list(some)) for size in sizes for some in combinations(flows, size)])
    for one in product(*ways):
        yield dict(one)


def placed(game: Game, came: Came) -> Place:
    position = game.position()
    case = load(game.model, position.state, MORNING)
    here = {token.id for token in case.tokens()}
    kept = {number: times for number, times in came.items() if number in here}
    return Place(position.state, kept, key_of(case, kept))


def key_of(case: Case, came: Came) -> Key:
    scopes = {scope.host.id: scope for scope in case.subprocesses.values() if isinstance(scope, Scope)}
    return _space(case, scopes, came)


def _space(space: Space, scopes: Mapping[int, Scope], came: Came) -> Key:
    """Tokens in the order they came in; only what belongs together is kept together."""
    rows: dict[int, tuple[Any, ...]] = {}
    groups: dict[int, list[Any]] = {}
    for token in space.tasks.values():
        if not token.is_unfinished:
            continue
        inside = _space(scopes[token.id], scopes, came) if token.id in scopes else ()
        times = came.get(token.id, 0) if isinstance(token.task_spec, Border) else 0
        stuck = token.internal_data.get(TROUBLE, ("",))[0]
        turns = tuple(token.internal_data.get(name) for name in ("done", "count", "index"))
        row = (token.task_spec.name, token._state, token.internal_data.get(FROM, ""), inside, times, stuck, turns)
        parent = token.parent
        if parent is not None and (isinstance(parent.task_spec, Armed | FirstOf) or parent.task_spec.holds_children):
            groups.setdefault(parent.id, []).append(row)
        rows[token.id] = row
    grouped = sorted(tuple(sorted(map(repr, group))) for group in groups.values())
    return (tuple(sorted(map(repr, rows.values()))), tuple(grouped))
