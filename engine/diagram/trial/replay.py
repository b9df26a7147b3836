"""A scenario played, and where it went otherwise than told."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import UTC, datetime
from typing import Final

from engine.base.errors import Refusal
from engine.base.frozen import frozen
from engine.base.text import Name, Text
from engine.diagram.trial.ground import Ground
from engine.diagram.trial.play import Moment, Standing, begin, go, names_said, said_to_wait
from engine.diagram.trial.refusals import NothingWaitsThere
from engine.diagram.trial.scenario import Scenario, ScenarioStep

BEGUN: Final = datetime(2026, 5, 4, 1, 0, tzinfo=UTC)
"""When a scenario begins that does not say: a Monday morning."""

_WAITS: Final = Text("expected to wait at {expected}, waits at {found}", "预期等待{expected}，实际等待{found}")
_WAITS_NOWHERE: Final = Text("expected to wait at {expected}, has ended", "预期等待{expected}，实际已办结")
_TROUBLE: Final = Text(
    "expected trouble at {expected}, is in trouble at {found}", "预期在{expected}处发生异常，实际在{found}处发生异常"
)
_CANNOT: Final = Text("this could not be done: {why}", "无法进行：{why}")
_UNKNOWN: Final = Text("“{element}” is no longer in the diagram", "图中已没有“{element}”")
_ENDED: Final = Text("expected to have ended, but waits at {found}", "预期已办结，实际仍等待{found}")
_RUNNING: Final = Text("expected to be still running, but has ended", "预期仍在办理，实际已办结")
_WAY: Final = Text(
    "went another way after {passed} steps: expected {expected}, came to {found}",
    "经过 {passed} 个环节后走向不同：预期{expected}，实际{found}",
)


@frozen
class Difference:
    """`step` counts from 1; 0 is the beginning, one more than there are is the outcome."""

    step: int
    said: Text


@frozen
class Played:
    """`made`: how many of its steps could be made. `standing` is None where it could not even begin."""

    standing: Standing | None
    differences: tuple[Difference, ...]
    made: int

    @property
    def as_expected(self) -> bool:
        return not self.differences

    @property
    def way(self) -> tuple[str, ...]:
        return () if self.standing is None else tuple(one for moment in self.standing.moments for one in moment.passed)


def play(ground: Ground, scenario: Scenario, *, begun: datetime | None = None) -> Played:
    """Every step as told, as far as it goes; a difference does not stop it, a step that cannot be made does."""
    differences: list[Difference] = []
    start = scenario.start
    try:
        standing = begin(ground, start, at=begun or scenario.begun or BEGUN)
    except Refusal as refusal:
        return Played(None, (Difference(0, _cannot(refusal)),), 0)
    if start.then is not None:
        differences += _compared(ground, standing.last, start.then, start.trouble, 0)
    made = 0
    for number, step in enumerate(scenario.steps, 1):
        try:
            standing = go(ground, standing, step)
        except Refusal as refusal:
            # That it waits elsewhere has been told: what cannot be done because of it needs no sentence of its own.
            told = ground.knows(step.element) and any(one.step == number - 1 for one in differences)
            if not (told and isinstance(refusal, NothingWaitsThere)):
                differences.append(Difference(number, _why_not(ground, step, refusal)))
            return Played(standing, tuple(differences), made)
        made = number
        differences += _compared(ground, standing.last, step.then, step.trouble, number)
    played = Played(standing, tuple(differences), made)
    return Played(standing, (*differences, *_outcome(ground, scenario, played)), made)


def _why_not(ground: Ground, step: ScenarioStep, refusal: Refusal) -> Text:
    if not ground.knows(step.element):
        return _said(_UNKNOWN, element=step.element)
    return _cannot(refusal)


def _cannot(refusal: Refusal) -> Text:
    return _said(_CANNOT, why=Name(refusal.say("en").rstrip("."), refusal.say("zh").rstrip("。")))


def _compared(
    ground: Ground, moment: Moment, then: Sequence[str], trouble: Sequence[str], number: int
) -> list[Difference]:
    found: list[Difference] = []
    if tuple(sorted(trouble)) != moment.trouble:
        expected, seen = names_said(ground, trouble), names_said(ground, moment.trouble)
        found.append(Difference(number, _said(_TROUBLE, expected=expected, found=seen)))
    if tuple(sorted(then)) != moment.then:
        expected, seen = names_said(ground, then), names_said(ground, moment.then)
        sentence = _WAITS_NOWHERE if moment.ended else _WAITS
        found.append(Difference(number, _said(sentence, expected=expected, found=seen)))
    return found


def _outcome(ground: Ground, scenario: Scenario, played: Played) -> list[Difference]:
    standing, number = played.standing, len(scenario.steps) + 1
    if standing is None:
        return []
    found: list[Difference] = []
    if scenario.ended and not standing.ended:
        found.append(Difference(number, _said(_ENDED, found=said_to_wait(ground, standing))))
    if standing.ended and not scenario.ended:
        found.append(Difference(number, _RUNNING))
    if scenario.way is not None and scenario.way != played.way:
        found.append(Difference(number, _parting(ground, scenario.way, played.way)))
    return found


def _parting(ground: Ground, expected: Sequence[str], found: Sequence[str]) -> Text:
    at = next((at for at, pair in enumerate(zip(expected, found, strict=False)) if pair[0] != pair[1]), None)
    at = min(len(expected), len(found)) if at is None else at
    return _said(_WAY, passed=at, expected=names_said(ground, expected[at : at + 1]),
                 found=names_said(ground, found[at : at + 1]))  # fmt: skip


def _said(sentence: Text, **facts: object) -> Text:
    return Name(sentence.say("en", **facts), sentence.say("zh", **facts))
