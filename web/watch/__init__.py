"""The watch: where cases wait, why, what it costs, and the cases behind every number."""

from web.watch import behind, map, overview  # noqa: F401 -- their routes
from web.watch.room import room

__all__ = ["room"]
