"""A value where a type is wanted: a list of one is its entry, and an entry a list of one."""

from __future__ import annotations

from engine.diagram.language.arithmetic import at_midnight
from engine.diagram.language.moments import Date
from engine.diagram.language.types import Type, is_of
from engine.diagram.language.values import Value


def coerced(value: Value, type_: Type | None) -> tuple[bool, Value]:
    """Whether the value fits, and what it is then."""
    if type_ is None or value is None or is_of(value, type_):
        return True, value
    if isinstance(value, list) and len(value) == 1 and is_of(value[0], type_):
        return True, value[0]
    if type_.kind == "list" and not isinstance(value, list) and is_of([value], type_):
        return True, [value]
    if type_.kind == "date and time" and isinstance(value, Date):
        return True, at_midnight(value)
    return False, None
