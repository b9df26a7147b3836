"""Working time as the timers of a procedure count it: in the calendar of the department that owns the lane, else the office's."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from datetime import datetime

from sqlalchemy import Connection

from engine.base.frozen import frozen
from engine.diagram import run
from engine.diagram.shape import Diagram, Element
from engine.organisation.calendars.reads import calendar_of
from engine.worktime.calendar import WorkCalendar
from engine.worktime.spans import after, span

Departments = Mapping[tuple[str, str], int | None]
"""By process and element, of timers that count working time; None is the office."""


@frozen
class InCalendar:
    """Days end with the hours of business; hours are over at the instant."""

    calendar: WorkCalendar

    def after(self, length: str, begin: datetime, times: int = 1) -> datetime:
        """Raises ValueError, TooFar."""
        found = span(length, True)
        if found is None:
            raise ValueError(length)
        return after(replace(found, amount=found.amount * times, hours=found.hours * times), self.calendar, begin)


def calendars(db: Connection, departments: Departments, version: int | None = None) -> run.Calendars:
    """Looked up when a timer asks: a case that reaches none pays nothing. `version` where it is known."""
    return lambda process, element: InCalendar(calendar_of(db, departments.get((process, element)), version=version))


def owner_key(diagram: Diagram, owner_of: Mapping[str, str], element: Element) -> str:
    """The owner of the lane an event stands in, or of the step it is attached to; of a process without lanes, that."""
    if element.lane:
        return f"lane:{element.lane}"
    at: Element | None = element
    for _ in range(len(diagram.elements)):
        if at is None:
            break
        if at.id in owner_of:
            return owner_of[at.id]
        at = diagram.elements.get(at.attached_to or at.scope)
    return f"process:{element.process}"
