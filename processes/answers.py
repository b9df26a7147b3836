"""How answers in a `[demo]` table become the answers of one case."""

from __future__ import annotations

import re
from collections.abc import Mapping
from datetime import date, timedelta
from typing import Any

from processes.shape import Answers, Applicant, Matter, Outcome

_DAY = re.compile(r"@day(?:([+-])(\d{1,4}))?")


def start_answers(applicant: Applicant, matter: Matter, *, day: date, number: int) -> dict[str, Any]:
    """The start form's answers for this matter, handed in by this applicant."""
    known = {"applicant": f"{applicant.name_en} {applicant.name_zh}"}
    told = {**matter.start, **applicant.start}
    return {key: _filled(value, day, number, known) for key, value in told.items()}


def step_answers(
    element: str, outcome: Outcome, matter: Matter, *, day: date, number: int, known: Mapping[str, Any]
) -> dict[str, Any]:
    """A step's answers: the outcome's, and what the matter settles in their place. `known`: the case's answers so far."""
    settled = matter.answers.get(element, {})
    told: Answers = {key: settled.get(key, value) for key, value in outcome.answers.items()}
    return {key: _filled(value, day, number, known) for key, value in told.items()}


def _filled(value: Any, day: date, number: int, known: Mapping[str, Any]) -> Any:
    if not isinstance(value, str):
        return value
    match = _DAY.fullmatch(value)
    if match:
        days = int(match[2] or 0)
        return (day + timedelta(days=-days if match[1] == "-" else days)).isoformat()
    if value.startswith("@"):
        return known[value[1:]]
    return value.replace("{number}", f"{number:04}").replace("{year}", str(day.year))
