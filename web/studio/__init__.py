"""The studio: procedures brought into service, from an upload or a drawing to an edition in force and its changes."""

from web.studio import (
    control,
    deciding,
    decisions,
    differences,
    drawing,
    editions,
    exchange,
    moving,
    procedures,
    register,
    rules,
    scenarios,
    tracing,
    trying,
    waiving,
)
from web.studio.room import room

__all__ = [
    "control",
    "deciding",
    "decisions",
    "differences",
    "drawing",
    "editions",
    "exchange",
    "moving",
    "procedures",
    "register",
    "room",
    "rules",
    "scenarios",
    "tracing",
    "trying",
    "waiving",
]
