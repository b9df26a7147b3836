"""What somebody is told: the page of notices, how each person wants them, and what could not be sent."""

from __future__ import annotations

from web.letters import notices, sending, wishes
from web.letters.room import room

__all__ = ["notices", "room", "sending", "wishes"]
