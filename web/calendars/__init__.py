"""Calendars: when the office works, looked at by everybody, changed by administrators."""

from __future__ import annotations

from web.calendars import changing, taking, year
from web.calendars.room import room

__all__ = ["changing", "room", "taking", "year"]
