"""A calendar as the key of what is worked out from it."""

from __future__ import annotations

from engine.worktime.calendar import WorkCalendar


class Keyed:
    """The same object is the same calendar."""

    __slots__ = ("calendar",)

    def __init__(self, calendar: WorkCalendar) -> None:
        self.calendar = calendar

    def __hash__(self) -> int:
        return id(self.calendar)

    def __eq__(self, other: object) -> bool:
        return isinstance(other, Keyed) and other.calendar is self.calendar
