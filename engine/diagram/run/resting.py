"""A case that rests: its timers are due later by as long as it rested; and one that is broken off."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any

from engine.diagram.position import Position
from engine.diagram.run import timers
from engine.diagram.run.case import Case
from engine.diagram.run.events import DUE
from engine.diagram.run.model import Model
from engine.diagram.run.moves import Game, _open
from engine.diagram.run.state import load


def postpone(model: Model, state: bytes, *, by: timedelta, now: datetime) -> Position:
    """Every timer but those set for a day that is written down: that day comes whatever happens in the case."""
    case = load(model, state, now)
    game = Game(model, case)
    later = by // timedelta(milliseconds=1)
    moved = set()
    for token in case.tokens():
        if DUE in token.internal_data and not timers.is_day(token.task_spec.expression):
            token.internal_data[DUE] += later
            moved.add(token.id)
    _also_lately(case, moved, later)
    return game.position()


def _also_lately(case: Case, moved: set[int], later: int) -> None:
    """What may be taken back is compared with what stands, and comes back with as much time as it had."""
    for one in case.lately:
        for number, _host, row in one["new"]:
            if number in moved:
                _put_off(row, later)
        for _number, host, row in one["back"]:
            scope = case.subprocesses.get(host)
            spec = (case if scope is None else scope).spec.task_specs.get(row[2])
            if spec is None or not timers.is_day(getattr(spec, "expression", "")):
                _put_off(row, later)
        for _number, _host, before, after in one["changed"]:
            _put_off(before, later)
            _put_off(after, later)


def _put_off(row: list[Any], later: int) -> None:
    if len(row) > 4 and DUE in row[4]:
        row[4][DUE] += later


def broken_off(model: Model, state: bytes, *, now: datetime) -> Position:
    """It has ended, and waits for nothing any more."""
    waiting = _open(load(model, state, now))
    return Position(b"", (), tuple(str(number) for number in waiting), (), (), (), True)
