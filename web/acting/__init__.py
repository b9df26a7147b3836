"""Acting on what the watch shows: on tasks chosen in a list, people lent to a post, corrective actions."""

from web.acting import corrective, lending, together  # noqa: F401 -- their routes
from web.acting.room import room

__all__ = ["room"]
