"""Turns of the past: what would have been known before each, and what came in it. Needs numpy: only the program that learns imports it."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from typing import Final

import numpy as np

from engine.base.frozen import frozen
from engine.supervision.forecast.boosting import MANY, Matrix, matrix
from engine.supervision.forecast.learning import History
from engine.supervision.forecast.model import Survival, of_ended, survival_of
from engine.supervision.forecast.prefixes import Rows, Vocabulary, learn
from engine.supervision.forecast.stories import Moment, Story
from engine.supervision.forecast.survival import Curve, curve, lengths_by_step

FOLDS: Final = (0.5, 0.6, 0.7, 0.8)
"""Where each turn begins. It knows only what was known then."""
_SEEN: Final = 0.75


@frozen
class Watched:
    """Moments as numbers. `remaining`: a gap while it was open. `horizon`: for how long it could be seen."""

    at: Matrix
    rows: Matrix
    remaining: Matrix
    horizon: Matrix

    def some(self, places: Sequence[int] | slice) -> Watched:
        return Watched(self.at[places], self.rows[places], self.remaining[places], self.horizon[places])


@frozen
class Part:
    """Moments whose end was known; `asked` and `every`: and those of which it was not.

    `counted`: by the clock of the periods, where that ever stood; else `every`.
    """

    moments: list[Moment]
    ended: Watched
    asked: list[Moment]
    every: Watched
    counted: Watched


@frozen
class Turn:
    """`first`: the cases before it, as they were `known`. `ended`: curves of those alone that had ended."""

    first: Sequence[Story]
    stories: Sequence[Story]
    known: float
    rows: Rows
    train: Part
    valid: Part
    survival: Survival
    ended: Mapping[str, Curve]

    def by_steps(self, *, plain: bool) -> Matrix:
        """The median of those at the same step, however few. `plain`: of those that had ended."""
        otherwise = float(np.median(self.train.ended.remaining))
        of = self.ended if plain else self.survival.steps
        found = [
            None if (at := of.get(one.step)) is None else at.quantile(0.5, one.waited) for one in self.valid.moments
        ]
        return np.asarray([otherwise if one is None else one for one in found])


def turns(stories: Sequence[Story], history: History) -> list[Turn]:
    """Several, so that no one season decides; where there are very many moments, the last alone. `stories`: by their beginning."""
    many = sum(len(story.events) for story in stories) > MANY
    begins = FOLDS[-1:] if many else FOLDS
    found = []
    for begin, end in zip(begins, (*begins[1:], 1.0), strict=True):
        first, turn = stories[: int(begin * len(stories))], stories[int(begin * len(stories)) : int(end * len(stories))]
        known = history.until if history.hindsight or not turn else turn[0].begun
        _vocabulary, rows = read_in(first, history, known)
        train, valid = part(first, history, known, rows), part(turn, history, history.until, rows)
        if train.moments and valid.moments:
            survival, ended = _survival(first, history, known)
            found.append(Turn(first, turn, known, rows, train, valid, survival, ended))
    return found


def read_in(stories: Sequence[Story], history: History, known: float) -> tuple[Vocabulary, Rows]:
    asked = [one for story in stories for one in history.moments(story) if history.hindsight or one.at <= known]
    remaining = [one.remaining if history.hindsight else one.known_remaining(known) for one in asked]
    labelled = [(one, left) for one, left in zip(asked, remaining, strict=True) if left is not None]
    vocabulary = learn([one for one, _ in labelled], [left for _, left in labelled])
    return vocabulary, Rows(vocabulary, history.days)


def part(stories: Sequence[Story], history: History, known: float, rows: Rows) -> Part:
    asked = [one for story in stories for one in history.moments(story) if history.hindsight or one.at <= known]
    remaining = [one.remaining if history.hindsight else one.known_remaining(known) for one in asked]
    seen = [
        (known - one.at, False) if left is None else (left, True) for one, left in zip(asked, remaining, strict=True)
    ]
    # Of the latest moments hardly any but the short ones have ended: those tell more of the day than of the case.
    usual = curve(seen).quantile(_SEEN) or 0.0
    chosen = [
        place
        for place, (one, left) in enumerate(zip(asked, remaining, strict=True))
        if left is not None and (history.hindsight or known - one.at >= usual)
    ]
    every = _watched(
        asked, remaining, matrix([rows.row(one) for one in asked]), math.inf if history.hindsight else known
    )
    counted = every
    if has_stood(stories):
        counted = _counted(asked, remaining, every)
    return Part([asked[place] for place in chosen], every.some(chosen), asked, every, counted)


def has_stood(stories: Sequence[Story]) -> bool:
    """Whether the clock of the periods ever did."""
    return any(event.counted is not None for story in stories for event in story.events)


def _watched(asked: Sequence[Moment], remaining: Sequence[float | None], rows: Matrix, known: float) -> Watched:
    at = np.asarray([one.at for one in asked])
    return Watched(at, rows, np.asarray([math.nan if one is None else one for one in remaining]), known - at)


def _counted(asked: Sequence[Moment], remaining: Sequence[float | None], every: Watched) -> Watched:
    """By the clock of the periods. Of what is open it is not certain for how long it ran where it ever stood."""
    left = [
        math.nan if to_end is None else (one.story.ended_by_periods or 0.0) - one.by_periods
        for one, to_end in zip(asked, remaining, strict=True)
    ]
    unsure = [to_end is None and has_stood([one.story]) for one, to_end in zip(asked, remaining, strict=True)]
    return Watched(every.at, every.rows, np.asarray(left), np.where(unsure, -1.0, every.horizon))


def shrunk(days: Matrix) -> Matrix:
    return np.asarray(np.log1p(24 * np.maximum(days, 0)))


def _survival(stories: Sequence[Story], history: History, known: float) -> tuple[Survival, dict[str, Curve]]:
    every = [one for story in stories for one in history.visits(story)]
    until = known if not history.hindsight else history.until
    steps = lengths_by_step(every, until)
    begun = [Moment(story, 1) for story in stories]
    whole = [one for lengths in lengths_by_step(begun, until).values() for one in lengths]
    counted = lengths_by_step(every, until, counted=True) if has_stood(stories) else {}
    survival = survival_of({"steps": steps, "whole": whole, "counted": counted, "whole_counted": None})
    return survival, {step: of_ended(lengths) for step, lengths in steps.items()}
