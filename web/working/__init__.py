"""Background work: what is done while nobody looks, by whom, and how that is watched over. See README.md."""

from __future__ import annotations

from web.working import health
from web.working.room import room

__all__ = ["health", "room"]
