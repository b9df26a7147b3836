"""The room of cards: what was given and to whom, the answers, the rules they are given by."""

from web.cards import figures, rules  # noqa: F401 -- their routes
from web.cards.room import room

__all__ = ["room"]
