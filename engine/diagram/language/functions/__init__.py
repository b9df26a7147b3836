"""The functions every expression may call; they are loaded with the first expression."""

from __future__ import annotations

from collections.abc import Mapping
from functools import cache

from engine.diagram.language.functions.signatures import Builtin, applied, applied_by_name


@cache
def functions() -> Mapping[str, Builtin]:
    from engine.diagram.language.functions import (  # noqa: PLC0415  as said above
        contexts,
        intervals,
        lists,
        numbers,
        statistics,
        text,
        times,
    )

    return {
        name: function
        for module in (contexts, intervals, lists, numbers, statistics, text, times)
        for name, function in module.SHELF.functions().items()
    }


def function(name: str) -> Builtin | None:
    """Also under its name in one word, as other tools write it: `upper_case`."""
    return functions().get(name) or functions().get(name.replace("_", " "))


__all__ = ["Builtin", "applied", "applied_by_name", "function", "functions"]
