"""The last look at answers as a whole, where the form is a JSON Schema."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from fractions import Fraction
from typing import Any, Final

from jsonschema import FormatChecker, ValidationError, validators
from referencing import Registry

from engine.base.text import Text
from engine.diagram.forms import faults, patterns
from engine.diagram.forms.faults import told
from engine.diagram.forms.model import JSON, as_typed
from engine.diagram.forms.schema import validator_of

MOST_FAULTS: Final = 50
_formats: Final = FormatChecker(formats=("date", "email", "ipv4", "ipv6", "uuid"))
_SAID: Final[Mapping[str, tuple[Text, str]]] = {
    "exclusiveMinimum": (faults.NOT_ABOVE, "least"),
    "exclusiveMaximum": (faults.NOT_BELOW, "most"),
    "multipleOf": (faults.NOT_IN_STEPS, "step"),
}


def faults_of(
    schema: Mapping[str, JSON], document: JSON, places: Mapping[tuple[str | int, ...], tuple[str, str | Text]]
) -> dict[str, Text]:
    """By the name of the input at fault; under the empty name where it is none in particular."""
    made = validators.extend(validator_of(schema), {"pattern": _pattern, "multipleOf": _multiple})  # type: ignore[no-untyped-call]
    # With `$schema` in it, jsonschema would go back to the draft's own way with patterns.
    plain = {key: value for key, value in schema.items() if key != "$schema"}
    validator = made(plain, format_checker=_formats, registry=Registry())
    found: dict[str, Text] = {}
    for fault in validator.iter_errors(document):
        name, asked = _nearest(tuple(fault.absolute_path), places)
        found.setdefault(name, _said(fault, asked))
        if len(found) == MOST_FAULTS:
            break
    return found


def _pattern(_validator: Any, pattern: Any, instance: Any, _schema: Any) -> Iterator[ValidationError]:
    """RE2 in place of Python's own engine; a pattern it does not know was told of when the form came in."""
    if (
        isinstance(instance, str)
        and isinstance(pattern, str)
        and patterns.is_pattern(pattern)
        and not patterns.holds(pattern, instance)
    ):
        yield ValidationError("pattern")


def _multiple(_validator: Any, step: Any, instance: Any, _schema: Any) -> Iterator[ValidationError]:
    """Exactly: 0.3 is a multiple of 0.1."""
    is_number = isinstance(instance, int | float) and not isinstance(instance, bool)
    if is_number and Fraction(as_typed(instance)) % Fraction(as_typed(step)) != 0:
        yield ValidationError("multipleOf")


def _nearest(
    path: tuple[str | int, ...], places: Mapping[tuple[str | int, ...], tuple[str, str | Text]]
) -> tuple[str, str | Text]:
    for length in range(len(path), 0, -1):
        if path[:length] in places:
            return places[path[:length]]
    return "", ""


def _said(fault: ValidationError, asked: str | Text) -> Text:
    rule = as_typed(fault.validator)
    if not asked:
        return told(faults.NOT_TOGETHER, rule=rule)
    if rule in _SAID:
        sentence, fact = _SAID[rule]
        return told(sentence, label=asked, **{fact: as_typed(fault.validator_value)})
    return told(faults.NOT_BY_THE_SCHEMA, label=asked, rule=rule)
