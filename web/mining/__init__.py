"""The room of event logs: those of other programs read, looked at and compared; the office's own written out."""

from web.mining import comparing, exporting, pages, taking  # noqa: F401 -- their routes
from web.mining.room import room

__all__ = ["room"]
