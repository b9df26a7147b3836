"""The papers of a case: added, looked at, handed out, struck out; documents made from templates."""

from web.papers import adding, listing, looking, producing
from web.papers.room import room

__all__ = ["adding", "listing", "looking", "producing", "room"]
