"""A case that rests: its timers are due later by as long as it rested; one that is broken off; and one whose calendar has changed."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from datetime import datetime, timedelta
from typing import Any

from engine.diagram.position import Position
from engine.diagram.run import timers
from engine.diagram.run.case import Case, Space
from engine.diagram.run.model import Model
from engine.diagram.run.moves import Game, _open
from engine.diagram.run.state import load
from engine.diagram.run.timers import COUNTED, DUE, Counted

_Told = dict[str, Any]


def postpone(model: Model, state: bytes, *, by: timedelta, now: datetime) -> Position:
    """Every timer but those set for a day that is written down: that day comes whatever happens in the case."""
    case = load(model, state, now)
    game = Game(model, case)
    later = by // timedelta(milliseconds=1)

    def put_off(told: _Told, spec: Any, space: Space) -> None:
        if timers.is_day(getattr(spec, "expression", "")):
            return
        told[DUE] += later
        if COUNTED in told:  # counted as if it had begun so much later
            length, since, times = told[COUNTED]
            told[COUNTED] = [length, since + later, times]
            _count_again(told, spec, space)

    _change(case, put_off)
    return game.position()


def recount(model: Model, state: bytes, *, now: datetime) -> Position:
    """What counts working time is due by the calendar as it is now; nothing else changes."""
    case = load(model, state, now)
    game = Game(model, case)
    _change(case, _count_again)
    return game.position()


def _count_again(told: _Told, spec: Any, space: Space) -> None:
    engine = space.top_workflow.script_engine
    if COUNTED not in told or engine.calendars is None or not getattr(spec, "working", False):
        return
    counting = engine.calendars(space.spec.process, spec.element)
    try:
        told[DUE] = timers.recounted(Counted(*told[COUNTED]), engine.zone, counting)
    except (ValueError, OverflowError):
        return  # no calendar reaches so far any more: it keeps the time it has


def _change(case: Case, how: Callable[[_Told, Any, Space], None]) -> None:
    """Of what may be taken back too: it is compared with what stands, and comes back with as much time as it had."""
    for space in case.spaces():
        for token in space.tasks.values():
            if token.is_unfinished and DUE in token.internal_data:
                how(token.internal_data, token.task_spec, space)
    alive = {token.id for token in case.tokens()}
    for told, spec, space in _kept_rows(case, alive):
        how(told, spec, space)


def _kept_rows(case: Case, alive: set[int]) -> Iterator[tuple[_Told, Any, Space]]:
    for one in case.lately:
        rows = [(host, row) for number, host, row in one["new"] if number in alive]
        rows += [(host, row) for _number, host, row in one["back"]]
        rows += [(host, row) for _number, host, *both in one["changed"] for row in both]
        for host, row in rows:
            space: Space = case.subprocesses.get(host) or case
            spec = space.spec.task_specs.get(row[2])
            if len(row) > 4 and DUE in row[4]:
                yield row[4], spec, space


def broken_off(model: Model, state: bytes, *, now: datetime) -> Position:
    """It has ended, and waits for nothing any more."""
    waiting = _open(load(model, state, now))
    return Position(b"", (), tuple(str(number) for number in waiting), (), (), (), True)
