"""The functions every expression may call."""

from __future__ import annotations

from typing import Final

from engine.diagram.language.functions import contexts, intervals, lists, numbers, statistics, text, times
from engine.diagram.language.functions.signatures import Builtin, applied, applied_by_name

FUNCTIONS: Final[dict[str, Builtin]] = {
    name: function
    for module in (contexts, intervals, lists, numbers, statistics, text, times)
    for name, function in module.SHELF.functions().items()
}


def function(name: str) -> Builtin | None:
    """Also under its name in one word, as other tools write it: `upper_case`."""
    return FUNCTIONS.get(name) or FUNCTIONS.get(name.replace("_", " "))


__all__ = ["FUNCTIONS", "Builtin", "applied", "applied_by_name", "function"]
