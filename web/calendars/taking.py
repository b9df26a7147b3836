"""A year's holidays taken in: from the libraries, laid beside each other, or by hand from the notice."""

from __future__ import annotations

from datetime import date

from flask import g, redirect, render_template, request
from flask.typing import ResponseReturnValue

from engine.base.errors import Refusal
from engine.organisation.calendars import acts, rules
from engine.organisation.calendars.notice import MOST_TYPED, as_list, read_notice
from engine.organisation.calendars.sources import COUNTRIES, Comparison, compare
from engine.organisation.calendars.years import YearOf, year_of
from engine.organisation.rules import Right
from web.calendars.room import address, department, room, told, year_asked
from web.guard import allows
from web.languages import gettext as _
from web.notices import tell
from web.problems import status_of
from web.shown import refused


@room.get("/take-in")
@allows(Right.ADMINISTER)
def take_in() -> ResponseReturnValue:
    return _page()


def _page(refusal: Refusal | None = None) -> ResponseReturnValue:
    of, year = department(), year_asked()
    found = year_of(g.db, of, year, g.office.calendars_version)
    if not found.own or found.country is None or not found.own_country:
        raise rules.NoCountry()
    known, unknown = _compared(found)
    present = {one.day: one for one in found.exceptions if not one.own}
    page = render_template(
        "calendars/take_in.html",
        page=found,
        known=known,
        unknown=unknown,
        present=present,
        country=COUNTRIES[found.country],
        taken=next((one for one in found.taken if one.year == year), None),
        example=_example(found, year),
        address=address,
        most=MOST_TYPED,
        **told(refusal),
    )
    return page, status_of(refusal) if refusal else 200


def _compared(found: YearOf) -> tuple[Comparison | None, str]:
    """What the libraries say; or why they say nothing."""
    try:
        return compare(found.country or "", found.year), ""
    except Refusal as refusal:
        return None, refused(refusal)


def _example(found: YearOf, year: int) -> str:
    return (
        f"{year}-10-01 至 {year}-10-07 放假 国庆节\n{year}-10-10 上班 国庆节"
        if found.country == "CN"
        else f"{year}-01-01 rest New Year's Day"
    )


@room.post("/take-in")
@allows(Right.ADMINISTER)
def take() -> ResponseReturnValue:
    """`d-2026-05-09` are the days on which the sources disagree: work or rest."""
    of, year = department(), year_asked()
    decided = {}
    for name, value in request.form.items():
        if name.startswith("d-") and value in {"work", "rest"}:
            try:
                decided[date.fromisoformat(name[2:12])] = value == "work"
            except ValueError:
                continue
    try:
        acts.take_in_year(g.db, by=g.actor, department_id=of, year=year, decided=decided)
    except Refusal as refusal:
        if status_of(refusal) in (403, 404):
            raise
        return _page(refusal)
    return _kept(of, year)


@room.post("/notice")
@allows(Right.ADMINISTER)
def notice() -> ResponseReturnValue:
    """Read first, and shown day by day; kept when it is sent once more from there."""
    of, year = department(), year_asked()
    try:
        days = read_notice(request.form.get("list", ""), year)
        rules.fit_title(request.form.get("title", ""))
        if request.form.get("step") == "keep":
            acts.take_in_list(
                g.db, by=g.actor, department_id=of, year=year, days=days, title=request.form.get("title", ""),
                number=request.form.get("number", "")[:60],
            )  # fmt: skip
            return _kept(of, year)
    except Refusal as refusal:
        if status_of(refusal) in (403, 404):
            raise
        return _page(refusal)
    found = year_of(g.db, of, year, g.office.calendars_version)
    return render_template(
        "calendars/notice.html",
        page=found,
        days=days,
        written=as_list(days),
        title=request.form.get("title", "")[: rules.MOST_TITLE],
        number=request.form.get("number", "")[:60],
        address=address,
    )


def _kept(of: int | None, year: int) -> ResponseReturnValue:
    tell(
        _(
            "The holidays of %(year)s are taken in. Due dates that hang on them are reckoned anew in a moment.",
            year=year,
        )
    )
    return redirect(address(of, year), 303)
