"""The office's web. It decides nothing: a room turns a request into an act or a question of the engine."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from web.building import MOST_SENT, ROOMS, create_app, from_environment, in_service

__all__ = ["MOST_SENT", "ROOMS", "create_app", "from_environment", "in_service"]

if not TYPE_CHECKING:

    def __getattr__(name: str) -> object:
        """Loaded when somebody serves: the commands and the background work live in this package without Flask."""
        if name not in __all__:
            raise AttributeError(name)
        from web import building  # noqa: PLC0415  as said above

        return getattr(building, name)
