"""What administrators change on the page of a year: hours, days, whose holidays count, departments' own calendars."""

from __future__ import annotations

from datetime import date

from flask import g, redirect, request
from flask.typing import ResponseReturnValue

from engine.base.errors import Refusal
from engine.organisation.calendars import acts, rules
from engine.organisation.rules import Right
from web.calendars.room import address, day_of, department, number_of, room, year_asked
from web.calendars.year import again
from web.guard import allows
from web.languages import gettext as _
from web.notices import tell

WEEKDAYS = 7


@room.post("/hours")
@allows(Right.ADMINISTER)
def hours() -> ResponseReturnValue:
    of, at = department(), ""
    try:
        week = []
        for number in range(WEEKDAYS):
            at = f"hours-{number}"
            week.append(rules.read_hours(request.form.get(at, "")[:200]))
        at = ""
        acts.set_hours(g.db, by=g.actor, department_id=of, week=week, zone=_zone())
    except Refusal as refusal:
        return again(of, None, refusal, at)
    tell(_("The working hours are kept. Due dates that hang on them are reckoned anew in a moment."))
    return redirect(address(of, year_asked()), 303)


def _zone() -> str | None:
    return request.form.get("zone", "").strip()[:60] or None


@room.post("/days")
@allows(Right.ADMINISTER)
def days() -> ResponseReturnValue:
    of, first = department(), None
    try:
        first = day_of("day")
        until = day_of("until") if request.form.get("until", "").strip() else first
        own = request.form.get("what") == "works"
        acts.set_day(
            g.db, by=g.actor, department_id=of, day=first, until=until, works=own,
            name_en=request.form.get("name_en", ""), name_zh=request.form.get("name_zh", ""),
            hours=rules.read_hours(request.form.get("own_hours", "")[:200]) if own else (),
        )  # fmt: skip
    except Refusal as refusal:
        at = "own_hours" if isinstance(refusal, rules.HoursUnreadable | rules.TooManySpans) else ""
        return again(of, first if first and _shown(first) else None, refusal, at)
    tell(_("The day is kept. Due dates that hang on it are reckoned anew in a moment."))
    return redirect(address(of, first.year), 303)


def _shown(day: date) -> bool:
    return rules.FIRST_YEAR <= day.year <= rules.LAST_YEAR


@room.post("/days/remove")
@allows(Right.ADMINISTER)
def remove_day() -> ResponseReturnValue:
    of, day = department(), day_of("day")
    acts.remove_day(g.db, by=g.actor, department_id=of, day=day)
    tell(_("The day is removed. It is again what the notice or the week says."))
    return redirect(address(of, day.year), 303)


@room.post("/country")
@allows(Right.ADMINISTER)
def country() -> ResponseReturnValue:
    of = department()
    try:
        acts.choose_country(g.db, by=g.actor, department_id=of, country=request.form.get("country") or None)
    except Refusal as refusal:
        return again(of, None, refusal)
    tell(_("Whose holidays count is kept. Take in the years that are missing."))
    return redirect(address(of, year_asked()), 303)


@room.post("/own")
@allows(Right.ADMINISTER)
def give() -> ResponseReturnValue:
    of = number_of("to") or 0
    acts.give_calendar(g.db, by=g.actor, department_id=of)
    tell(_("The department has a calendar of its own. It is like the one above until you change it."))
    return redirect(address(of, year_asked()), 303)


@room.post("/own/withdraw")
@allows(Right.ADMINISTER)
def withdraw() -> ResponseReturnValue:
    of = department()
    acts.withdraw_calendar(g.db, by=g.actor, department_id=of or 0)
    tell(_("The department goes by the calendar above again."))
    return redirect(address(of, year_asked()), 303)
