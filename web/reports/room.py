"""Weekly reports: the list, one of them, the same as PDF, the running week, and who is told of new ones."""

from __future__ import annotations

from datetime import date
from typing import Any, Final

from flask import Blueprint, Response, g, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue

from engine.base import clock
from engine.base.errors import NotFound
from engine.base.frozen import frozen
from engine.organisation.calendars.reads import calendar_of
from engine.organisation.rules import Right
from engine.supervision.figures.definitions import DEFINITIONS
from engine.supervision.reports import acts, reads, rules, sheet
from engine.supervision.reports.gathering import gathered
from engine.supervision.reports.rules import FigureLine, Report
from web.attached import as_attachment
from web.forms import MOST_NUMBER, whole
from web.guard import allows
from web.languages import gettext as _
from web.languages import language
from web.notices import tell

room = Blueprint("reports", __name__, url_prefix="/watch/reports")

_AT_ONCE: Final = 60


@frozen
class Shown:
    """A figure as the page shows it."""

    name: Any
    sentence: Any
    value: str
    before: str
    moved: str
    word: str


@room.get("/")
@allows(Right.SUPERVISE, Right.INSPECT)
def reports() -> ResponseReturnValue:
    before = _date(request.args.get("before", ""))
    lines = reads.report_list(g.db, actor=g.actor, before=before, limit=_AT_ONCE + 1)
    shown = lines[:_AT_ONCE]
    if len(lines) > _AT_ONCE:  # a week is shown whole, or on the next page
        last = shown[-1].week
        whole_weeks = [one for one in shown if one.week != last] or shown
        shown = tuple(whole_weeks)
    return render_template(
        "reports/reports.html",
        lines=shown,
        subscriptions=reads.subscriptions(g.db, actor=g.actor),
        next_url=url_for("reports.reports", before=shown[-1].week) if len(lines) > _AT_ONCE else None,
        first_url=url_for("reports.reports") if before else None,
    )


@room.post("/")
@allows(Right.SUPERVISE, Right.INSPECT)
def want() -> ResponseReturnValue:
    wanted = request.form.get("wanted") == "yes"
    acts.want_report(g.db, by=g.actor, department_id=_number(request.form.get("department", "")), wanted=wanted)
    tell(_("You are told of each new one.") if wanted else _("You are not told of new ones any more."))
    return redirect(url_for("reports.reports") + "#who", 303)


@room.get("/<int:department_id>/now")
@allows(Right.SUPERVISE, Right.INSPECT)
def now(department_id: int) -> ResponseReturnValue:
    """The running week as its report would be made at this moment; nothing of it is kept."""
    reads.must_see_report(g.db, g.actor, department_id)
    at = clock.now()
    week = rules.monday(calendar_of(g.db).local_day(at))
    return _page(gathered(g.db, department_id=department_id, week=week, now=at), None)


@room.get("/<int:department_id>/<week>")
@allows(Right.SUPERVISE, Right.INSPECT)
def report(department_id: int, week: str) -> ResponseReturnValue:
    kept = _kept(department_id, week)
    return _page(kept.report, kept)


def _page(found: Report, kept: reads.Kept | None) -> str:
    return render_template(
        "reports/report.html",
        report=found,
        kept=kept,
        figures=[_shown(one, found.day_hours) for one in found.figures],
        rest=sheet.rest(found, language()),
        words=sheet,
    )


def _shown(one: FigureLine, day_hours: float | None) -> Shown:
    definition = DEFINITIONS[one.key]
    value, before, moved, word = sheet.shown(one, language(), day_hours)
    return Shown(definition.name, definition.sentence, value, before, moved, word)


@room.get("/<int:department_id>/<week>.pdf")
@allows(Right.SUPERVISE, Right.INSPECT)
def pdf(department_id: int, week: str) -> ResponseReturnValue:
    """Made of what was kept, the same each time."""
    kept = _kept(department_id, week)
    made = sheet.pdf(
        kept.report, language=language(), office=kept.office, made_at=kept.made_at, zone=calendar_of(g.db).zone
    )
    answer = Response(made, mimetype="application/pdf")
    answer.headers["Content-Disposition"] = as_attachment(sheet.file_name(kept.report))
    return answer


def _kept(department_id: int, week: str) -> reads.Kept:
    found = _date(week)
    if found is None:
        raise NotFound(what=rules.REPORT)
    return reads.report(g.db, actor=g.actor, department_id=department_id, week=found)


def _date(written: str) -> date | None:
    try:
        return date.fromisoformat(written)
    except ValueError:
        return None


def _number(written: str) -> int:
    try:
        return whole(written, MOST_NUMBER)
    except ValueError:
        return 0
