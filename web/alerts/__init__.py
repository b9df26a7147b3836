"""The room of alerts: what somebody wants to be told of, tried out before it is kept."""

from web.alerts.room import room

__all__ = ["room"]
