"""The desk: what a civil servant has to do, one task on one screen, and starting a case."""

from __future__ import annotations

from web.desk import listing, starting, tasks
from web.desk.room import room

__all__ = ["listing", "room", "starting", "tasks"]
