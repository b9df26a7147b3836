"""What was answered in a case: filled in on a form, kept in the record, read back from it."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping, Sequence
from typing import Any

import orjson
from sqlalchemy import Connection

from engine.cases.rules import FormFaults
from engine.diagram import forms
from engine.records.journal import entries

_NUMBER = re.compile(r"-?\d{1,15}(\.\d{1,10})?")


def filled(
    form: forms.Form | None, submitted: Mapping[str, Sequence[str]], so_far: Callable[[], Mapping[str, Any]]
) -> dict[str, Any]:
    """The form's values. Raises FormFaults; `so_far` is asked only where the form depends on earlier answers."""
    if form is None:
        return {}
    result = forms.fill(form, submitted, so_far() if form.depends else {})
    if result.errors:
        raise FormFaults(errors=result.errors, typed=result.typed)
    return dict(result.values)


def answers_so_far(db: Connection, case_id: int) -> dict[str, Any]:
    """Every answer of the case by its key; a later one replaces an earlier one."""
    known: dict[str, Any] = {}
    for entry in entries(db, case_id):
        known.update(orjson.loads(entry.facts).get("answers", {}))
    return known


def correction(name: str, written: str) -> dict[str, Any]:
    """One corrected answer as a person writes it: `true`, `false` and numbers are what they say, all else is text."""
    key, value = name.strip(), written.strip()
    if not key:
        return {}
    if value in ("true", "false"):
        return {key: value == "true"}
    if _NUMBER.fullmatch(value):
        return {key: int(value) if value.lstrip("-").isdecimal() else float(value)}
    return {key: value}
