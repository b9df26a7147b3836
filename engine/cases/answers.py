"""What was answered in a case: filled in on a form, kept in the record, read back from it."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Mapping, Sequence
from typing import Any

import orjson
from sqlalchemy import Connection

from engine.base.text import Text
from engine.cases.rules import FormFaults
from engine.diagram import forms
from engine.papers.uploads import Uploads
from engine.records.journal import entries

_NUMBER = re.compile(r"-?\d{1,15}(\.\d{1,10})?")


def filled(
    form: forms.Form | None,
    submitted: Mapping[str, Sequence[str]],
    so_far: Callable[[], Mapping[str, Any]],
    uploads: Uploads | None = None,
) -> dict[str, Any]:
    """The form's values. Raises FormFaults; `so_far` is asked only where the form depends on earlier answers."""
    if form is None:
        return {}
    keeps_files = form.has_files and any(forms.names_earlier(typed) for typed in submitted.values())
    known = so_far() if form.depends or keeps_files else {}
    result = forms.fill(form, submitted, known, handed(known, uploads) if form.has_files else {})
    if result.errors:
        raise FormFaults(errors=result.errors, typed=result.typed)
    return dict(result.values)


def handed(known: Mapping[str, Any], uploads: Uploads | None) -> forms.Files:
    """The files that may stand in a form: those answered before, and those that were handed in just now."""
    found: dict[str, forms.Handed | Text] = {**forms.earlier(known)}
    if uploads is not None:
        found |= uploads.refused
        found |= {token: forms.Handed(one.answer, one.usual) for token, one in uploads.taken.items()}
    return found


def answers_so_far(db: Connection, case_id: int) -> dict[str, Any]:
    """Every answer of the case by its key; a later one replaces an earlier one."""
    return standing((entry.number, entry.act, orjson.loads(entry.facts)) for entry in entries(db, case_id))


def standing(said: Iterable[tuple[int, str, Mapping[str, Any]]]) -> dict[str, Any]:
    """The answers of entries, by number, act and facts, but for what was taken back."""
    given: dict[int, Mapping[str, Any]] = {}
    for number, act, facts in said:
        if act == "withdraw":
            given.pop(facts.get("entry", 0), None)
        elif "answers" in facts:
            given[number] = facts["answers"]
    known: dict[str, Any] = {}
    for answers in given.values():
        known.update(answers)
    return known


def given_in(db: Connection, case_id: int, number: int) -> tuple[int, dict[str, Any]]:
    """By which entry of the record a task was completed, and with which answers."""
    for entry in reversed(entries(db, case_id)):
        facts = orjson.loads(entry.facts)
        if entry.act == "complete_task" and facts.get("task") == number:
            return entry.number, dict(facts.get("answers", {}))
    return 0, {}


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
