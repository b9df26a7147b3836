"""A trace gone again on the engine that runs cases: each turn made as a person, a clock or a sender would make it."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

from engine.diagram import run
from engine.diagram.position import TroubleKind, WaitKind
from engine.diagram.run.case import TROUBLE, Case, Scope, Token
from engine.diagram.run.events import Border, Start
from engine.diagram.run.gateways import FirstOf
from engine.diagram.run.moves import Game
from engine.diagram.run.state import load
from engine.diagram.shape import Diagram
from engine.diagram.soundness import Fault, How, Turn
from tests.engine.diagram.soundness.walking import MORNING, Came, Place, placed

_KINDS = {
    How.TIMER: (WaitKind.TIMER,),
    How.MESSAGE: (WaitKind.MESSAGE,),
    How.SIGNAL: (WaitKind.SIGNAL,),
    How.CONDITION: (WaitKind.CONDITION,),
}


@dataclass(frozen=True)
class Followed:
    """Where the engine stands after each turn, and what it passed in the last."""

    places: Sequence[Place]
    passed: Sequence[str]
    standing: Counter[str]
    tokens: Counter[str]  # also of steps that have others inside them

    @property
    def last(self) -> Place:
        return self.places[-1]


def follow(diagram: Diagram, fault: Fault, process: str = "p") -> Iterator[Followed]:
    """Where several tokens wait at one place, each is tried; those after which it stands as told come first."""
    model = run.model(diagram, process=process)
    first, *rest = fault.turns
    assert first.how is How.BEGINS
    game = Game.begin(model, {}, MORNING, first.element if first.element in model.starts else None, _chosen(first))
    begun = (placed(game, {}),)
    if not rest:
        yield _followed(model, begun, game.case.passed)
    yield from _gone_on(model, begun, rest)


def _gone_on(model: run.Model, places: tuple[Place, ...], turns: Sequence[Turn]) -> Iterator[Followed]:
    for game, came in _made(model, places[-1], turns[0]) if turns else ():
        reached = (*places, placed(game, came))
        if len(turns) == 1:
            yield _followed(model, reached, game.case.passed)
        else:
            yield from _gone_on(model, reached, turns[1:])


def _followed(model: run.Model, places: tuple[Place, ...], passed: Sequence[str]) -> Followed:
    last = load(model, places[-1].state, MORNING)
    whole = [one for one in last.tokens() if not isinstance(one.task_spec, Border) and not _is_turn(one)]
    return Followed(places, passed, standing(last), Counter(one.task_spec.element for one in whole))


def _chosen(turn: Turn) -> dict[str, Sequence[str]]:
    return {one.gateway: one.flows for one in turn.chosen if one.flows}


def _made(model: run.Model, place: Place, turn: Turn) -> list[tuple[Game, Came]]:
    wanted: Counter[str] = Counter()
    for one in turn.standing:
        wanted[one.element] += one.count
    made = [_done(model, place, number, turn) for number in _waiting(load(model, place.state, MORNING), turn)]
    return sorted(made, key=lambda one: standing(one[0].case) != wanted)


def _waiting(case: Case, turn: Turn) -> Iterator[int]:
    for token in case.tokens():
        if token.task_spec.element != turn.element:
            continue
        spec = token.task_spec
        if turn.how in (How.DONE, How.CHOSEN):
            by_hand = token.internal_data.get(TROUBLE, ("",))[0] in (
                TroubleKind.SERVICE,
                TroubleKind.ERROR,
                TroubleKind.UNDO,
            )
            if by_hand or (spec.manual and TROUBLE not in token.internal_data):
                yield token.id
        elif spec.trigger == {How.CONDITION: "conditional"}.get(turn.how, turn.how.value):
            yield token.id


def _done(model: run.Model, place: Place, number: int, turn: Turn) -> tuple[Game, Came]:
    """A repeated step is done as often as it is to be done."""
    came: Mapping[int, int] = place.came
    game = Game(model, load(model, place.state, MORNING))
    token = game.case.find(number)
    assert token is not None
    if turn.how is How.TIMER:
        game.fire(str(number), MORNING)
        return game, {**came, number: came.get(number, 0) + 1}
    if turn.how in _KINDS:
        game.deliver(str(number), {}, MORNING)
        return game, {**came, number: came.get(number, 0) + 1}
    whole = token.parent if _is_turn(token) else None
    game.finish(str(number), {}, MORNING, _chosen(turn))
    while whole is not None and whole.is_unfinished:
        following = next((one.id for one in whole.children if one is not None and one.is_unfinished), None)
        if following is None:
            break
        game.finish(str(following), {}, MORNING, _chosen(turn))
    return game, came


def standing(case: Case) -> Counter[str]:
    """How many tokens stand where: a repeated step counts once, an event gateway as what waits behind it."""
    scopes = {one.host.id for one in case.subprocesses.values() if isinstance(one, Scope)}
    found: Counter[str] = Counter()
    groups: set[int] = set()
    for token in case.tokens():
        parent = token.parent
        if token.id in scopes or isinstance(token.task_spec, Border) or _is_turn(token):
            continue
        if parent is not None and isinstance(parent.task_spec, FirstOf):
            if parent.id not in groups:
                groups.add(parent.id)
                found[parent.task_spec.element] += 1
        elif isinstance(token.task_spec, Start):
            continue
        elif not (
            token.task_spec.holds_children and any(one is not None and one.id in scopes for one in token.children)
        ):
            found[token.task_spec.element] += 1
    return found


def _is_turn(token: Token) -> bool:
    whole = token.parent.task_spec if token.parent is not None else None
    return whole is not None and whole.holds_children and token.task_spec is whole.instance


def is_over(place: Place, model: run.Model) -> bool:
    """Nothing waits for anything from outside."""
    case = load(model, place.state, MORNING)
    return all(
        token.internal_data.get(TROUBLE, ("",))[0] == TroubleKind.DEADLOCK or not _can_go_on(token, place.came)
        for token in case.tokens()
    )


def _can_go_on(token: Token, came: Came) -> bool:
    if TROUBLE in token.internal_data:
        return True
    if token.task_spec.manual and token._state == 16:
        return True
    waits = token.task_spec.trigger in ("timer", "message", "signal", "conditional")
    return waits and came.get(token.id, 0) < 2
