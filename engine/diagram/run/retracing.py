"""What a case has gone through, gone through once more: on another edition, or on to an end. Nothing is kept."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import field
from datetime import datetime, timedelta
from enum import StrEnum
from functools import lru_cache
from random import Random
from typing import Any, Final, TypeAlias

from engine.base.frozen import frozen
from engine.diagram.position import Trouble, TroubleKind, Waiting, WaitKind
from engine.diagram.run.model import Model, _all_of, _with_called
from engine.diagram.run.moves import Game, _open, _tell
from engine.diagram.run.plan import Plan
from engine.diagram.run.refusals import ChoiceNeeded, NothingWaits, StateDoesNotFit
from engine.diagram.run.state import dump, load, plain

MOST_MOVES: Final = 300
TRIES: Final = 12


class Did(StrEnum):
    COMPLETE = "complete"
    FIRE = "fire"
    DELIVER = "deliver"
    RETRY = "retry"
    BY_HAND = "by hand"


@frozen
class Done:
    """One thing that was done in a case, as its record tells it."""

    did: Did
    element: str
    at: datetime
    answers: Mapping[str, Any] = field(default_factory=dict)
    chosen: Mapping[str, Sequence[str]] = field(default_factory=dict)
    item: str | None = None


Standing: TypeAlias = Counter[tuple[str, str, str | None]]
"""What waits: kind, element, and which of several."""


def standing(waiting: Sequence[Waiting | Trouble]) -> Standing:
    return Counter(_sign(one) for one in waiting)


def _sign(one: Waiting | Trouble) -> tuple[str, str, str | None]:
    if isinstance(one, Trouble):
        return f"trouble: {one.kind}", one.element, None
    return one.kind, one.element, one.item


def retrace(
    model: Model,
    answers: Mapping[str, Any],
    done: Sequence[Done],
    *,
    now: datetime,
    start: str | None = None,
    chosen: Mapping[str, Sequence[str]] | None = None,
) -> tuple[Standing, int]:
    """Where the same deeds lead, and how many of them could be done.

    What was done at a place that this edition does not have is passed over; its answers are not.
    """
    try:
        game = Game.begin(model, answers, now, start, chosen)
    except (NothingWaits, ChoiceNeeded):
        return Counter(), 0
    count = 0
    known = _elements(model.plan)
    for one in done:
        if one.element not in known:
            game.case.learn(game.case, one.answers)
            count += 1
            continue
        token = _found(game, one)
        if token is None:
            break
        try:
            _do(game, token, one)
        except (NothingWaits, ChoiceNeeded):
            break
        count += 1
    return standing([_tell(game.case, number) for number in _open(game.case)]), count


@lru_cache(maxsize=64)
def _elements(whole: Plan) -> frozenset[str]:
    return frozenset(
        getattr(spec, "element", "")
        for around in _with_called(whole)
        for plan in _all_of(around)
        for spec in plan.task_specs.values()
    )


def _found(game: Game, one: Done) -> str | None:
    in_trouble = one.did in (Did.RETRY, Did.BY_HAND)
    here = []
    for number in _open(game.case):
        told = _tell(game.case, number)
        if told.element == one.element and isinstance(told, Trouble) == in_trouble:
            if isinstance(told, Waiting) and not _fits(told, one):
                continue
            here.append(told)
    exact = [told for told in here if isinstance(told, Waiting) and told.item == one.item]
    return next((told.token for told in exact or here), None)


def _fits(told: Waiting, one: Done) -> bool:
    if one.did is Did.COMPLETE:
        return told.kind is WaitKind.PERSON
    return (told.kind is WaitKind.TIMER) == (one.did is Did.FIRE) and told.kind is not WaitKind.PERSON


def _do(game: Game, token: str, one: Done) -> None:
    if one.did is Did.FIRE:
        game.fire(token, one.at)
    elif one.did is Did.DELIVER:
        game.deliver(token, one.answers, one.at)
    elif one.did is Did.RETRY:
        game.retry(token, one.answers, one.at)
    else:
        game.finish(token, one.answers, one.at, one.chosen)


Give: TypeAlias = Callable[[str, str, Random], Mapping[str, Any]]
"""Answers somebody may give at a step: process, element, and what to choose by."""


def can_finish(model: Model, state: bytes, *, now: datetime, give: Give, seen_to: Collection[TroubleKind] = ()) -> bool:
    """Whether some way is found from here to an end on which nothing goes wrong but what somebody sees to anyhow.

    Finding none within so many moves proves nothing. Raises StateDoesNotFit.
    """
    if plain(dump(load(model, state, now))) != plain(state):
        raise StateDoesNotFit(element=model.process)
    return any(_Walk(model, state, now, give, seed, seen_to).ends() for seed in range(TRIES))


class _Walk:
    def __init__(
        self, model: Model, state: bytes, now: datetime, give: Give, seed: int, seen_to: Collection[TroubleKind]
    ) -> None:
        self.game = Game(model, load(model, state, now))
        self.model = model
        self.now = now
        self.give = give
        self.chance = Random(seed)  # noqa: S311 -- which way is tried first is no secret
        self.tried: Counter[str] = Counter()
        self.seen_to = seen_to
        self.troubles = {number for number, one in self._waiting().items() if isinstance(one, Trouble)}

    def _waiting(self) -> dict[int, Waiting | Trouble]:
        return {number: _tell(self.game.case, number) for number in _open(self.game.case)}

    def ends(self) -> bool:
        for _ in range(MOST_MOVES):
            waiting = self._waiting()
            if not waiting:
                return self.game.case.ended
            if any(isinstance(one, Trouble) and self._is_unforeseen(one) for one in waiting.values()):
                return False
            self._step(waiting)
        return False

    def _is_unforeseen(self, one: Trouble) -> bool:
        return int(one.token) not in self.troubles and one.kind not in self.seen_to

    def _step(self, waiting: Mapping[int, Waiting | Trouble]) -> None:
        one = self._choice(list(waiting.values()))
        answers = dict(self.give(one.process, one.element, self.chance))
        if isinstance(one, Trouble):  # it was in trouble before; somebody will see to it
            self.troubles.discard(int(one.token))
            asked = self.model.gateways.get((one.process, one.element))
            questions: Sequence[Any] = (asked,) if asked and one.kind is not TroubleKind.BUDGET else ()
            self.game.finish(one.token, answers, self.now, self._chosen(questions))
        elif one.kind is WaitKind.PERSON:
            questions = self.model.questions.get((one.process, one.element), ())
            self.game.finish(one.token, answers, self.now, self._chosen(questions))
        elif one.kind is WaitKind.TIMER:
            self.now = max(self.now, one.due or self.now) + timedelta(seconds=1)
            self.game.fire(one.token, self.now)
        else:
            self.game.deliver(one.token, answers, self.now)

    def _choice(self, waiting: Sequence[Waiting | Trouble]) -> Waiting | Trouble:
        """People work before timers run out, mostly."""
        people = [one for one in waiting if isinstance(one, Trouble) or one.kind is WaitKind.PERSON]
        others = [one for one in waiting if isinstance(one, Waiting) and one.kind is not WaitKind.PERSON]
        if people and (not others or self.chance.random() < 0.85):
            return self.chance.choice(people)
        return self.chance.choice(others)

    def _chosen(self, questions: Sequence[Any]) -> dict[str, list[str]]:
        """Ways not taken yet rather than others, so that a walk comes to its end."""
        found = {}
        for question in questions:
            flows = [choice.flow for choice in question.choices]
            self.chance.shuffle(flows)
            flows.sort(key=lambda flow: self.tried[flow])
            found[question.gateway] = flows[:1]
            self.tried.update(flows[:1])
        return found
