"""One move of a trial after another: the same forms, the same engine as a case has, and a clock of its own."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import datetime, timedelta
from typing import Any, Final

from engine.base.frozen import frozen
from engine.base.text import Name
from engine.diagram import forms, run
from engine.diagram.position import Position, Question, Sent, Trouble, Waiting, WaitKind
from engine.diagram.run.trace import Happening, Passed, Trace
from engine.diagram.trial.ground import Ground
from engine.diagram.trial.refusals import AnswersUnfit, NothingWaitsThere, TrialTooLong
from engine.diagram.trial.scenario import Beginning, Move, ScenarioStep

STRIDE: Final = timedelta(minutes=30)
"""What the clock of a trial goes on by with each thing a person does."""
MOST_MOVES: Final = 500
MOST_HAPPENINGS: Final = 30_000
"""Of a whole trial: a procedure that goes round and round by itself is stopped."""

_KINDS: Final[Mapping[Move, WaitKind]] = {
    Move.COMPLETE: WaitKind.PERSON,
    Move.TIMER: WaitKind.TIMER,
    Move.MESSAGE: WaitKind.MESSAGE,
    Move.SIGNAL: WaitKind.SIGNAL,
    Move.CONDITION: WaitKind.CONDITION,
    Move.ANSWER: WaitKind.CALL,
}
MENDING: Final = (Move.RETRY, Move.BY_HAND)


@frozen
class Open:
    """What is waited for, and since when."""

    wait: Waiting
    since: datetime


@frozen
class Moment:
    """One move and all that came of it. `done` is None for the beginning; `given_up` was waited for and no longer is."""

    number: int
    done: ScenarioStep | None
    process: str
    element: str
    at: datetime
    answers: Mapping[str, Any]
    happened: tuple[Happening, ...]
    opened: tuple[Waiting, ...]
    given_up: tuple[Waiting, ...]
    troubles: tuple[Trouble, ...]
    sent: tuple[Sent, ...]
    ended: bool
    then: tuple[str, ...]
    trouble: tuple[str, ...]

    @property
    def passed(self) -> tuple[str, ...]:
        return tuple(one.element for one in self.happened if isinstance(one, Passed))


@frozen
class Standing:
    """Where a trial stands after its moves. `known` is every answer so far."""

    state: bytes
    now: datetime
    known: Mapping[str, Any]
    waiting: tuple[Open, ...]
    troubles: tuple[Trouble, ...]
    moments: tuple[Moment, ...]
    ended: bool

    @property
    def last(self) -> Moment:
        return self.moments[-1]

    def find(self, token: str) -> Waiting | Trouble | None:
        found: Waiting | Trouble | None = next((one for one in self.troubles if one.token == token), None)
        return found or next((one.wait for one in self.waiting if one.wait.token == token), None)


@frozen
class _Made:
    """A move of the engine, to be entered."""

    position: Position
    trace: Trace
    done: ScenarioStep | None
    process: str
    element: str
    at: datetime
    answers: Mapping[str, Any]


def begin(ground: Ground, told: Beginning, *, at: datetime) -> Standing:
    """Raises AnswersUnfit, ChoiceNeeded, CannotRun."""
    start = told.at or (ground.starts[0] if ground.starts else "")
    answers = answered(ground, ground.process, start, told.answers, {})
    trace = Trace()
    begins_at = start if told.at else None
    position = run.begin(ground.model, answers, now=at, start=begins_at, chosen=told.chosen, trace=trace)
    nothing = Standing(b"", at, {}, (), (), (), False)
    return _entered(nothing, _Made(position, trace, None, ground.process, start, at, answers))


def go(ground: Ground, before: Standing, step: ScenarioStep, token: str | None = None) -> Standing:
    """The same trial, one move on. `token` says which, where several are alike.

    Raises NothingWaitsThere, AnswersUnfit, ChoiceNeeded, TrialTooLong.
    """
    if len(before.moments) > MOST_MOVES or sum(len(one.happened) for one in before.moments) > MOST_HAPPENINGS:
        raise TrialTooLong(most=MOST_MOVES)
    meant = _meant(ground, before, step, token)
    now = before.now + STRIDE
    if isinstance(meant, Waiting) and meant.due is not None:
        now = max(before.now, meant.due)
    answers: Mapping[str, Any] = step.answers
    if step.move is Move.COMPLETE:
        answers = answered(ground, meant.process, meant.element, step.answers, before.known)
    trace = Trace()
    position = _move(ground, before, step, meant.token, answers, now, trace)
    done = replace(step, item=meant.item if isinstance(meant, Waiting) else None)
    return _entered(before, _Made(position, trace, done, meant.process, meant.element, now, answers))


def _move(
    ground: Ground,
    before: Standing,
    step: ScenarioStep,
    token: str,
    answers: Mapping[str, Any],
    now: datetime,
    trace: Trace,
) -> Position:
    model, state = ground.model, before.state
    if step.move is Move.TIMER:
        return run.fire(model, state, token, now=now, trace=trace)
    if step.move is Move.RETRY:
        return run.retry(model, state, token, now=now, answers=answers, trace=trace)
    if step.move in (Move.COMPLETE, Move.BY_HAND):
        return run.finish(model, state, token, answers, now=now, chosen=step.chosen, trace=trace)
    return run.deliver(model, state, token, answers, now=now, trace=trace)


def answered(
    ground: Ground, process: str, element: str, answers: Mapping[str, Any], known: Mapping[str, Any]
) -> dict[str, Any]:
    """As the form takes them. Raises AnswersUnfit; an answer to what the form does not ask does not fit either."""
    place = ground.places.get((process, element))
    form = place.form if place else None
    asked = {one.path[0] if one.path else one.key for one in forms.every_field(form.fields)} if form else set()
    strange = [key for key in answers if key not in asked]
    if strange:
        said = Name(f"“{strange[0]}” is not asked for", f"并未询问“{strange[0]}”")
        raise AnswersUnfit(step=ground.name(element, process), said=said, errors={}, typed={})
    if form is None:
        return {}
    return filled(ground, process, element, forms.again_typed(form, answers), known)


def filled(
    ground: Ground,
    process: str,
    element: str,
    submitted: Mapping[str, Sequence[str]],
    known: Mapping[str, Any],
) -> dict[str, Any]:
    """What a form was sent with, as its values. Raises AnswersUnfit."""
    place = ground.places.get((process, element))
    if place is None or place.form is None:
        return {}
    found = forms.fill(place.form, submitted, known)
    if found.errors:
        faults = list(found.errors.values())[:5]
        said = Name("; ".join(one.say("en") for one in faults), "；".join(one.say("zh") for one in faults))
        raise AnswersUnfit(step=place.name, said=said, errors=found.errors, typed=found.typed)
    return dict(found.values)


def questions(ground: Ground, one: Waiting | Trouble) -> tuple[Question, ...]:
    """What is asked together with it: ways to choose."""
    if isinstance(one, Waiting):
        return ground.model.questions.get((one.process, one.element), ()) if one.kind is WaitKind.PERSON else ()
    asked = ground.model.gateways.get((one.process, one.element))
    return () if asked is None else (asked,)


def _meant(ground: Ground, before: Standing, step: ScenarioStep, token: str | None) -> Waiting | Trouble:
    fitting: list[Waiting | Trouble] = []
    if step.move in MENDING:
        fitting += [one for one in before.troubles if one.element == step.element]
    else:
        kind = _KINDS[step.move]
        alike = [one.wait for one in before.waiting if one.wait.element == step.element and one.wait.kind is kind]
        fitting += [one for one in alike if step.item is None or one.item == step.item]
    if token is not None:
        fitting = [one for one in fitting if one.token == token]
    if not fitting:
        raise NothingWaitsThere(step=ground.name(step.element), found=said_to_wait(ground, before))
    return fitting[0]


def said_to_wait(ground: Ground, standing: Standing) -> Name:
    """The names of what is waited for and what is in trouble, for a sentence."""
    there = [(one.wait.element, one.wait.process) for one in standing.waiting]
    there += [(one.element, one.process) for one in standing.troubles]
    return names_said(ground, [element for element, _process in there])


def names_said(ground: Ground, elements: Sequence[str]) -> Name:
    if not elements:
        return Name("nothing", "无")
    names = [ground.name(one) for one in sorted(elements)]
    return Name(", ".join(f"“{one}”" for one in names), "、".join(f"“{one}”" for one in names))


def _entered(before: Standing, made: _Made) -> Standing:
    position = made.position
    over, opened = set(position.closed), {one.token for one in position.opened}
    waiting = [one for one in before.waiting if one.wait.token not in over]
    waiting += [Open(one, made.at) for one in position.opened]
    troubles = (*(one for one in before.troubles if one.token not in over), *position.troubles)
    gone = [one.wait for one in before.waiting if one.wait.token in over and one.wait.token not in opened]
    if made.done is not None and made.done.move not in MENDING:
        gone = _without_one(gone, made.done)
    moment = Moment(
        number=len(before.moments),
        done=made.done,
        process=made.process,
        element=made.element,
        at=made.at,
        answers=made.answers,
        happened=tuple(made.trace.happened),
        opened=position.opened,
        given_up=tuple(gone),
        troubles=position.troubles,
        sent=position.sent,
        ended=position.ended,
        then=tuple(sorted(one.wait.element for one in waiting)),
        trouble=tuple(sorted(one.element for one in troubles)),
    )
    known = {**before.known, **made.answers} if _is_answer(made.done) else before.known
    moments = (*before.moments, moment)
    return Standing(position.state, made.at, known, tuple(waiting), troubles, moments, position.ended)


def _without_one(gone: Sequence[Waiting], done: ScenarioStep) -> list[Waiting]:
    """What was done is over too, but was not given up."""
    left = list(gone)
    for one in left:
        if one.element == done.element and one.item == done.item:
            left.remove(one)
            break
    return left


def _is_answer(done: ScenarioStep | None) -> bool:
    """What a message brings is told to the engine alone, as in a case."""
    return done is None or done.move in (Move.COMPLETE, Move.ANSWER, *MENDING)
