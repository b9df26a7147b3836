"""A part of a page that belongs to another room: its template and what that is given."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import field
from typing import Any, Literal

from engine.base.frozen import frozen

Where = Literal["head", "main", "aside"]
"""Above everything, in the main column, or beside it."""


@frozen
class Part:
    """The template finds its values in `part.values`."""

    where: Where
    template: str
    values: Mapping[str, Any] = field(default_factory=dict)
