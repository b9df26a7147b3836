"""One move of a case: what is done to it, and what has changed by that."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any

from engine.diagram.position import Position, Question, Trouble, TroubleKind, Waiting, WaitKind
from engine.diagram.run.case import (
    ENTERING,
    FUTURE,
    READY,
    RUNNING,
    STANDING,
    TROUBLE,
    TURNING,
    WAITING,
    Case,
    Scope,
    Space,
    Token,
)
from engine.diagram.run.events import CORRELATED, due_of
from engine.diagram.run.expressions import Expressions
from engine.diagram.run.gateways import _Chooses
from engine.diagram.run.model import Model
from engine.diagram.run.refusals import CannotRun, ChoiceNeeded, NothingWaits
from engine.diagram.run.state import dump
from engine.diagram.run.steps import CALL, Ask
from engine.diagram.run.stuck import Stuck
from engine.diagram.run.timers import DUE, bare, is_literal, kept, moment
from engine.diagram.run.trace import Trace

Chosen = Mapping[str, Sequence[str]]
_KINDS = {
    "timer": WaitKind.TIMER,
    "message": WaitKind.MESSAGE,
    "signal": WaitKind.SIGNAL,
    "conditional": WaitKind.CONDITION,
}


class Game:
    """A case and its moves. What each move changed is told once, by `position`."""

    def __init__(self, model: Model, case: Case, trace: Trace | None = None) -> None:
        self.model = model
        self.case = case
        case.trace = trace
        self._before = _open(case)

    @classmethod
    def begin(
        cls,
        model: Model,
        answers: Mapping[str, Any],
        now: datetime,
        start: str | None = None,
        chosen: Chosen | None = None,
        trace: Trace | None = None,
    ) -> Game:
        case = Case(model.plan, Expressions(now, model.zone, model.calendars), {}, model.variables)
        game = cls(model, case, trace)
        case.turn(now, _checked(model, chosen or {}))
        case.begins_at = _start(model, start)
        case.learn(case, answers)
        case.open()
        case.settle()
        return game

    def finish(self, token: str, answers: Mapping[str, Any], now: datetime, chosen: Chosen | None = None) -> None:
        one = self._find(token)
        by_hand = TROUBLE in one.internal_data
        if not by_hand and not (one._state == READY and one.task_spec.manual):
            raise NothingWaits()
        given = _checked(self.model, chosen or {})
        self._must_choose(one, given, by_hand)
        self.case.turn(now, given)
        self.case.learn(one.workflow, answers)
        if by_hand:
            self._do_by_hand(one)
        else:
            one.complete()
        self.case.settle()

    def fire(self, token: str, now: datetime) -> None:
        one = self._find(token)
        if one._state != WAITING or one.task_spec.trigger != "timer" or TROUBLE in one.internal_data:
            raise NothingWaits()
        self.case.turn(now, {})
        one.task_spec.come(one)
        self.case.settle()

    def deliver(self, token: str, payload: Mapping[str, Any], now: datetime) -> None:
        one = self._find(token)
        called = CALL in one.internal_data and TROUBLE not in one.internal_data
        listens = one._state == WAITING and one.task_spec.trigger in ("message", "signal", "conditional")
        if not called and not listens:
            raise NothingWaits()
        self.case.turn(now, {})
        self.case.learn(one.workflow, payload)
        if called:
            one.internal_data.pop(CALL)
            one.complete()
        else:
            one.task_spec.come(one)
        self.case.settle()

    def fail(self, token: str, kind: TroubleKind, facts: Mapping[str, str], now: datetime) -> None:
        one = self._find(token)
        if one.internal_data.pop(CALL, None) is None:
            raise NothingWaits()
        self.case.turn(now, {})
        one.stick(Stuck(kind, **facts), RUNNING)
        self.case.settle()

    def retry(self, token: str, answers: Mapping[str, Any], now: datetime) -> None:
        one = self._find(token)
        phase = one.unstick()
        if phase is None:
            raise NothingWaits()
        self.case.turn(now, {})
        self.case.learn(one.workflow, answers)
        if phase == ENTERING:
            one._set_state(FUTURE)
            one.enter()
        elif phase == RUNNING:
            one._set_state(READY)
        elif phase == TURNING:
            try:
                one.task_spec.consider(one)
            except Stuck as stuck:
                one.stick(stuck, TURNING)
        self._before[one.id] = None  # that it was tried is told even where nothing came of it
        self.case.settle()

    def position(self) -> Position:
        case = self.case
        after = _open(case)
        if not after and not case.ended:
            after = _stand_still(case)
        before, self._before = self._before, after
        new = [number for number, sign in after.items() if number not in before or before[number] != sign]
        said = [_tell(case, number) for number in new]
        case.forget_what_went_on()
        return Position(
            state=dump(case),
            opened=tuple(one for one in said if isinstance(one, Waiting)),
            closed=tuple(str(number) for number, sign in before.items() if after.get(number, _GONE) != sign),
            troubles=tuple(one for one in said if isinstance(one, Trouble)),
            sent=tuple(case.sent),
            passed=tuple(case.passed),
            ended=case.ended,
            missed=case.missed,
        )

    def _find(self, token: str) -> Token:
        one = self.case.find(int(token)) if token.isdecimal() and len(token) < 19 else None
        if one is None:
            raise NothingWaits()
        return one

    def _do_by_hand(self, one: Token) -> None:
        kind = one.internal_data[TROUBLE][0]
        phase = one.unstick()
        if kind == TroubleKind.BUDGET and phase == RUNNING:
            one._set_state(READY)  # nothing to be done by hand but to let it go on
        else:
            one.task_spec.by_hand(one)

    def _must_choose(self, one: Token, given: Chosen, by_hand: bool) -> None:
        spec = one.task_spec
        process = one.workflow.spec.process
        asked: Sequence[Question] = ()
        if by_hand and one.internal_data[TROUBLE][0] == TroubleKind.BUDGET:
            return
        if by_hand and isinstance(spec, _Chooses) and len(spec.options) > 1 and one._state != WAITING:
            asked = (self.model.gateways[process, spec.element],)
        elif not by_hand:
            asked = self.model.questions.get((process, spec.element), ())
            if isinstance(spec, Ask) != any(question.gateway == spec.element for question in asked):
                asked = [one for one in asked if (one.gateway == spec.element) == isinstance(spec, Ask)]
        for question in asked:
            if question.gateway not in given:
                raise _choice_needed(question)


_GONE = object()


def _start(model: Model, start: str | None) -> str | None:
    if start is not None:
        if start not in model.starts:
            raise NothingWaits()
        return start
    plain = [name for name, trigger in model.starts.items() if not trigger]
    if plain:
        return plain[0]
    return next(iter(model.starts)) if len(model.starts) == 1 else None


def _checked(model: Model, chosen: Chosen) -> dict[str, list[str]]:
    """Each choice is one of those there are, and one where only one can be."""
    given: dict[str, list[str]] = {}
    questions = {question.gateway: question for question in model.gateways.values()}
    for gateway, flows in chosen.items():
        question = questions.get(gateway)
        if question is None:
            continue
        known = {choice.flow for choice in question.choices}
        wanted = list(dict.fromkeys(flows))
        if not wanted or not known.issuperset(wanted) or (len(wanted) > 1 and not question.several):
            raise _choice_needed(question)
        given[gateway] = wanted
    return given


def _choice_needed(question: Question) -> ChoiceNeeded:
    choices = ", ".join(choice.name or choice.flow for choice in question.choices)
    return ChoiceNeeded(gateway=question.name or question.gateway, element=question.gateway, choices=choices)


def _open(case: Case) -> dict[int, Any]:
    """What waits for something from outside, with what would make it another wait."""
    found: dict[int, Any] = {}
    for space in case.spaces():
        for number, token in space.tasks.items():
            state = token._state
            if TROUBLE in token.internal_data:
                if token.is_unfinished:
                    found[number] = token.internal_data[TROUBLE][:2]
            elif state == READY:
                if token.task_spec.manual:
                    found[number] = True
            elif CALL in token.internal_data:
                if token.is_unfinished:
                    found[number] = True
            elif state == WAITING and token.task_spec.trigger in _KINDS:
                found[number] = token.internal_data.get(DUE, True)
    return found


def _stand_still(case: Case) -> dict[int, Any]:
    """Nothing waits, nothing goes on, and the case has not ended."""
    tokens = sorted(case.tokens(), key=lambda one: (one._state != WAITING, one.id))
    tokens[0].stick(Stuck(TroubleKind.DEADLOCK), STANDING)
    return _open(case)


def _tell(case: Case, number: int) -> Waiting | Trouble:
    token = case.find(number)
    if token is None:
        raise CannotRun(name=str(number), why="its token is gone")
    spec, process, name = token.task_spec, token.workflow.spec.process, str(number)
    trouble = token.internal_data.get(TROUBLE)
    if trouble is not None:
        return Trouble(name, TroubleKind(trouble[0]), process, spec.element, dict(trouble[1]))
    if CALL in token.internal_data:
        given = token.internal_data[CALL]
        return Waiting(name, WaitKind.CALL, process, spec.element, name=spec.connector, item=_item(token), given=given)
    if token._state == READY:
        return Waiting(name, WaitKind.PERSON, process, spec.element, item=_item(token))
    kind = _KINDS[spec.trigger]
    if kind is WaitKind.TIMER and DUE in token.internal_data:
        return _tell_timer(token, name, process)
    correlated = token.internal_data.get(CORRELATED)
    return Waiting(
        name, kind, process, spec.element, due_of(token), spec.name_of_event, _item(token), correlation=correlated
    )


def _tell_timer(token: Token, name: str, process: str) -> Waiting:
    armed, spec = kept(token.internal_data), token.task_spec
    written = bare(spec.expression) if is_literal(spec.expression) else ""
    return Waiting(
        name,
        WaitKind.TIMER,
        process,
        spec.element,
        due_of(token),
        item=_item(token),
        value=armed.value or written,
        since=moment(armed.counted.since) if spec.working and armed.counted is not None else None,
    )


def _item(token: Token) -> str | None:
    """Which of several: its own item, and those of the repeated sub-processes around it."""
    items = []
    at: Token | None = token
    while at is not None:
        if "item" in at.internal_data:
            items.append(at.internal_data["item"])
        parent = at.parent
        if parent is not None and "item" in parent.internal_data and "item" not in at.internal_data:
            items.append(parent.internal_data["item"])
        space: Space = at.workflow
        at = space.host if isinstance(space, Scope) else None
    return " / ".join(reversed(items)) or None
