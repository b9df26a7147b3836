"""How long a step may take and a hand-over may lie, as a diagram says: in what the office works, or by the clock."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import timedelta
from typing import Final

from engine.diagram.durations import duration
from engine.diagram.duties import accept_within
from engine.diagram.shape import Diagram, Element, Process
from engine.worktime.periods import Unit
from engine.worktime.spans import Span, span

ACCEPT_WITHIN: Final = Span(1, Unit.WORKING_DAYS)
"""Where a diagram does not say: what nobody has looked at by the end of the next working day lies with nobody."""


def standard_time(element: Element) -> Span | None:
    return _length(element.standard_time, element.working_time)


def standard_times(diagram: Diagram) -> Mapping[str, Span]:
    """By element; those that have none are left out."""
    found = ((one.id, standard_time(one)) for one in diagram.elements.values())
    return {element: length for element, length in found if length is not None}


def may_lie(element: Element, processes: Mapping[str, Process]) -> Span:
    """How long a hand-over to the step may lie before silence escalates."""
    written = accept_within(element, processes)
    return ACCEPT_WITHIN if written is None else _length(*written) or ACCEPT_WITHIN


def as_span(length: timedelta, *, working: bool) -> Span:
    """Of a length that was read already."""
    days, hours = length.days, length.seconds / 3600
    if not working:
        return Span(days * 24 + hours, Unit.HOURS)
    return Span(days, Unit.WORKING_DAYS, hours) if days else Span(hours, Unit.WORKING_HOURS)


def _length(written: str | None, working: bool) -> Span | None:
    """What the rules of a drawing call unreadable is no length here either."""
    return span(written, working) if written and duration(written) is not None else None
