"""The page of a year: twelve months, the list that says the same, hours, whose holidays, departments' own calendars."""

from __future__ import annotations

import calendar
from collections.abc import Sequence
from dataclasses import replace
from datetime import date, timedelta
from typing import Any

from flask import g, render_template
from flask.typing import ResponseReturnValue

from engine.base import clock
from engine.base.errors import Refusal
from engine.organisation import reads as organisation
from engine.organisation.calendars import rules
from engine.organisation.calendars.reads import years_missing
from engine.organisation.calendars.sources import COUNTRIES
from engine.organisation.calendars.years import Day, Kind, OwnCalendar, YearOf, own_calendars, year_of
from web.calendars.room import address, administers, department, room, today, told, year_asked
from web.guard import anybody_signed_in
from web.languages import language
from web.problems import status_of
from web.shown import said


@room.get("")
@anybody_signed_in
def year() -> ResponseReturnValue:
    return page_of(department(), year_asked())


def page_of(
    department_id: int | None, shown_year: int, refusal: Refusal | None = None, at: str = ""
) -> ResponseReturnValue:
    found = year_of(g.db, department_id, shown_year, g.office.calendars_version)
    may = administers()
    missing = years_missing(g.db, clock.now())
    page = render_template(
        "calendars/year.html",
        page=found,
        weeks=[_weeks(month) for month in found.months],
        runs=_runs(found.exceptions),
        rows={
            first.day + timedelta(days=number): first.day
            for first, last in _runs(found.exceptions)
            for number in range((last - first.day).days + 1)
        },
        Kind=Kind,
        may=may,
        today=today(),
        missing=[one for one in missing if one.department_id == department_id],
        own=own_calendars(g.db),
        departments=[one for _depth, one in organisation.chart(g.db).walk()] if may else [],
        countries=COUNTRIES,
        country=COUNTRIES.get(found.country or ""),
        hours=rules.in_words,
        month_name=_month_name,
        weekday_names=_weekday_names,
        own_tabs=_own_tabs,
        address=address,
        first_year=rules.FIRST_YEAR,
        last_year=rules.LAST_YEAR,
        **told(refusal, at),
    )
    return page, status_of(refusal) if refusal else 200


def _month_name(number: int) -> str:
    return f"{number}月" if language() == "zh" else calendar.month_name[number]


def _weekday_names() -> list[tuple[str, str, str]]:
    """Over a month, before a field, and in full; Monday first."""
    if language() == "zh":
        return [(one, f"周{one}", f"星期{one}") for one in "一二三四五六日"]
    return [(one[:2], one[:3], one) for one in calendar.day_name]


def _runs(days: Sequence[Day]) -> list[tuple[Day, date]]:
    """Days that follow each other and are the same stand in one row; one's own stand alone, so that each can be removed."""
    found: list[tuple[Day, date]] = []
    for one in days:
        if found and found[-1][1] == one.day - timedelta(days=1) and _same(found[-1][0], one):
            found[-1] = (found[-1][0], one.day)
        else:
            found.append((one, one.day))
    return found


def _same(one: Day, other: Day) -> bool:
    return not other.own and replace(other, day=one.day) == one


def _own_tabs(own: Sequence[OwnCalendar], shown: YearOf) -> list[tuple[str, str, bool, None]]:
    """As the macro of tabs takes them; a department that goes by another's calendar stands beside them while it is looked at."""
    found = [(said(one.name), address(one.department_id, shown.year), one.department_id == shown.department_id, None)
             for one in own]  # fmt: skip
    if shown.department_id is not None and not any(here for _name, _url, here, _count in found):
        found.append((said(shown.name), address(shown.department_id, shown.year), True, None))
    return found


def _weeks(month: tuple[Day, ...]) -> list[list[Day | None]]:
    """Rows of seven, Monday first; None where no day of the month stands."""
    cells: list[Any] = [None] * month[0].day.weekday() + list(month)
    cells += [None] * (-len(cells) % 7)
    return [cells[at : at + 7] for at in range(0, len(cells), 7)]


def again(department_id: int | None, on: date | None, refusal: Refusal, at: str = "") -> ResponseReturnValue:
    """The page the form stood on, with what was typed."""
    if status_of(refusal) in (403, 404):
        raise refusal
    return page_of(department_id, on.year if on else year_asked(), refusal, at)


__all__ = ["YearOf", "again", "page_of", "year"]
