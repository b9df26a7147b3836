"""The blueprint of calendars, and what its pages share."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date
from typing import Any, Final

from flask import Blueprint, g, request, url_for
from werkzeug.datastructures import MultiDict

from engine.base.errors import NotFound, Refusal
from engine.organisation import reads as organisation
from engine.organisation.calendars import rules
from engine.organisation.rules import Right, ZoneUnknown
from engine.worktime.calendar import HoursUnfit, NeverWorks
from web.forms import MOST_NUMBER, whole
from web.shown import refused

room = Blueprint("calendars", __name__, url_prefix="/calendars")

_FIELD: Final[Mapping[type[Refusal], str]] = {
    HoursUnfit: "hours",
    NeverWorks: "hours",
    rules.HoursUnreadable: "hours",
    rules.TooManySpans: "hours",
    ZoneUnknown: "zone",
    rules.DayUnnamed: "name",
    rules.DaysInverted: "until",
    rules.TooManyDays: "until",
    rules.YearUnfit: "day",
    rules.NoticeUntitled: "title",
    rules.NoticeEmpty: "list",
    rules.LineUnreadable: "list",
    rules.DayOfAnotherYear: "list",
    rules.CountryUnknown: "country",
}
"""Where on the page a refusal is told; what is not here is told above it."""


class NoDayOfCalendar(Refusal):
    """“{day}” is not a day of the calendar. Write it as 2026-10-01."""

    zh = "“{day}”不是有效日期。请按 2026-10-01 的格式填写。"


def administers() -> bool:
    return bool(g.actor.may(Right.ADMINISTER))


def today() -> date:
    return organisation.today(g.db)


def department() -> int | None:
    """Whose calendar the page or the form is about; None: the office's. Raises NotFound."""
    return number_of("department")


def number_of(name: str) -> int | None:
    written = request.values.get(name, "")
    try:
        return whole(written, MOST_NUMBER) if written else None
    except ValueError:
        raise NotFound(what=organisation.DEPARTMENT) from None


def year_asked() -> int:
    written = request.values.get("year", "")
    return (
        rules.fit_year(int(written))
        if written.isascii() and written.isdecimal() and len(written) == 4
        else today().year
    )


def day_of(name: str) -> date:
    written = request.form.get(name, "").strip()[:40]
    try:
        return date.fromisoformat(written)
    except ValueError:
        raise NoDayOfCalendar(day=written) from None


def told(refusal: Refusal | None, at: str = "") -> dict[str, Any]:
    """What was typed into which form, and what is wrong with it. `at`: the field where the form knows better."""
    if refusal is None:
        return {"errors": {}, "typed": MultiDict()}
    field = at or next((_FIELD[kind] for kind in type(refusal).__mro__ if kind in _FIELD), "")
    if isinstance(refusal, NoDayOfCalendar):
        field = "day"
    return {"errors": {field: refused(refusal)}, "typed": request.form}


def address(department_id: int | None, year: int | None = None) -> str:
    return url_for("calendars.year", department=department_id, year=year)
