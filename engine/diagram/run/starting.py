"""When a start event that waits for a time comes: what begins cases by itself, turn by turn."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime
from typing import Any, Final
from zoneinfo import ZoneInfo

from engine.base.frozen import frozen
from engine.base.text import Name, Text
from engine.diagram.run import timers
from engine.diagram.run.expressions import Expressions
from engine.diagram.run.lengths import Counting
from engine.diagram.run.model import Model, starts_of
from engine.diagram.run.refusals import CannotRun
from engine.diagram.run.stuck import Stuck
from engine.diagram.run.timers import Armed, Counted

_NO_TIME: Final = Text(
    "its timer, “{written}”, gives no time when nothing has been answered yet",
    "其定时器“{written}”在尚无任何答复时无法得出时间",
)


@frozen
class Turn:
    """One time at which a case begins. `left`: how many come after it; None without end, 0 where it is the last.

    `counted`: of what is not of fixed length the length, since when, and how many times over.
    """

    due: datetime
    left: int | None
    every: str
    value: str
    counted: tuple[str, datetime, int] | None = None


def start_timers(model: Model) -> dict[str, str]:
    """Each start event that waits for a time: what is drawn there, and whether it counts working time."""
    waiting = (one for one in starts_of(model.plan) if one.trigger == "timer" and one.reported)
    return {one.name: f"working {one.expression}" if one.working else one.expression for one in waiting}


def first_turn(model: Model, element: str, *, now: datetime, behind: datetime | None = None) -> Turn | None:
    """The first turn that is still to come behind `behind`, the last one that a case is begun for; None where none is.
    Raises CannotRun.

    What was due before now is nobody's turn: a procedure that comes into force in March does not begin in January.
    """
    spec, engine = _start(model, element), Expressions(now, model.zone, model.calendars)
    written = spec.expression
    try:
        value = written if timers.is_literal(written) else str(engine.work_out(written, {}))
        armed = timers.reckon(timers.bare(value), now, model.zone, _counting(model, spec))
    except (Stuck, ValueError, OverflowError):
        why = Name(_NO_TIME.say("en", written=written), _NO_TIME.say("zh", written=written))
        raise CannotRun(name=spec.bpmn_name or element, element=element, why=why) from None
    after = now if behind is None else max(now, behind)
    armed = replace(armed, value=timers.bare(value))
    counting = _counting(model, spec)
    first = armed
    if timers.moment(armed.due) <= after:
        following = timers.next_turn(armed, after, model.zone, counting).armed
        if following is None:
            return None
        first = following
    if behind is None:
        return _told(first)
    second = timers.next_turn(first, timers.moment(first.due), model.zone, counting).armed
    if not _is_moved(behind, first, second, model.zone):
        return _told(first)
    return None if second is None else _told(second)


def _is_moved(behind: datetime, first: Armed, second: Armed | None, zone: ZoneInfo) -> bool:
    """A turn that is drawn otherwise is still that turn, and no case is begun for it twice: where the new one is nearer
    to it than to the one that follows, or on the same day where none follows."""
    due = timers.moment(first.due)
    if second is None:
        return due.astimezone(zone).date() == behind.astimezone(zone).date()
    return due - behind < (timers.moment(second.due) - due) / 2


def turn_after(model: Model, element: str, turn: Turn, *, now: datetime) -> tuple[Turn | None, int]:
    """The next turn to come behind one that is due, and how many between them are past."""
    spec = _start(model, element)
    counted = None if turn.counted is None else _stored(*turn.counted)
    armed = Armed(timers.stored(turn.due), turn.left, turn.every, counted, turn.value)
    following = timers.next_turn(armed, now, model.zone, _counting(model, spec))
    return (None if following.armed is None else _told(following.armed)), following.missed


def turn_counted(model: Model, element: str, turn: Turn) -> datetime:
    """When a turn of working time is due by the calendar as it is now."""
    counting = _counting(model, _start(model, element))
    if turn.counted is None or counting is None:
        return turn.due
    try:
        return timers.moment(timers.recounted(_stored(*turn.counted), model.zone, counting))
    except (ValueError, OverflowError):
        return turn.due


def _start(model: Model, element: str) -> Any:
    return next(spec for spec in starts_of(model.plan) if spec.name == element)


def _counting(model: Model, spec: Any) -> Counting | None:
    if not spec.working or model.calendars is None:
        return None
    return model.calendars(model.process, spec.element)


def _stored(length: str, since: datetime, times: int) -> Counted:
    return Counted(length, timers.stored(since), times)


def _told(armed: Armed) -> Turn:
    counted = armed.counted
    since = None if counted is None else (counted.length, timers.moment(counted.since), counted.times)
    return Turn(timers.moment(armed.due), armed.left if armed.again else 0, armed.every, armed.value, since)
