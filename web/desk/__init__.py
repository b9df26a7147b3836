"""The desk: what a civil servant has to do, one task on one screen, and starting a case."""

from __future__ import annotations

from web.desk import filters, listing, live, starting, tasks, together
from web.desk.room import room

__all__ = ["filters", "listing", "live", "room", "starting", "tasks", "together"]
