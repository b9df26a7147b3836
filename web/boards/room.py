"""The blueprint, and what both boards are called in an address."""

from __future__ import annotations

from typing import Final

from flask import Blueprint

from engine.supervision.boards.rules import Board

room = Blueprint("boards", __name__, url_prefix="/boards")

WORDS: Final = {"office": Board.OFFICE, "leader": Board.LEADER}
WORD_OF: Final = {board: word for word, board in WORDS.items()}
EVERY: Final = 30
"""Seconds between two looks."""
AT_ONCE: Final = 4
"""Departments on the wall at a time."""
