"""Wall boards: one page in large type that refreshes itself, and the links by which a screen shows it."""

from web.boards import links, walls  # noqa: F401 -- their routes
from web.boards.room import room

__all__ = ["room"]
