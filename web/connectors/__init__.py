"""The administrators' room for what is outside: programs that procedures call, and programs that send messages."""

from __future__ import annotations

from web.connectors import changing, listing, messages, programs, trying
from web.connectors.room import room

__all__ = ["changing", "listing", "messages", "programs", "room", "trying"]
