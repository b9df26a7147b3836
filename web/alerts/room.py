"""The alerts of a person: the list, making and changing one, trying it out."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import timedelta
from typing import Any, Final

from flask import Blueprint, g, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue

from engine.base import clock
from engine.base.errors import NotFound, Refusal
from engine.notices.reads import programs_told
from engine.organisation import reads as organisation
from engine.organisation.rules import Right
from engine.procedures.reads import procedures_and_departments, supervised_departments
from engine.supervision.alerts import acts, reads, rules, words
from engine.supervision.alerts.kept import fitted
from engine.supervision.alerts.measuring import NOW, WATCHED
from engine.supervision.alerts.places import steps_of
from engine.supervision.alerts.rules import CHANGES, Alert, Kind, Repeats
from engine.supervision.figures.definitions import DEFINITIONS, Unit
from web.forms import MOST_NUMBER, faults, whole
from web.guard import allows
from web.languages import gettext as _
from web.notices import tell

room = Blueprint("alerts", __name__, url_prefix="/watch/alerts")

_USUAL_DAYS: Final = 7
_KINDS: Final[Mapping[str, Kind]] = {
    "above": Kind.ABOVE, "below": Kind.BELOW, "rises": Kind.RISES, "falls": Kind.FALLS,
}  # fmt: skip
_PAGES: Final[Mapping[str, frozenset[str]]] = {
    "flow.traffic": frozenset(
        {"arrived", "done", "cancelled", "open", "rate", "growing", "little", "ages", "cases.open"}
    ),
    "flow.handing": frozenset({"hand", "handed", "hand_returned", "ping_pong"}),
    "flow.ways": frozenset({"repeated", "self_loops", "cases.first_pass"}),
    "flow.load": frozenset({"utilisation", "capacity", "helped", "unattended", "backlog_days"}),
}
"""Where a figure is looked at; every other one among the times."""
_FIELDS: Final[dict[type[Refusal], str]] = {
    rules.AlertNameMissing: "al-name",
    rules.FigureUnknown: "al-figure",
    rules.ThresholdUnfit: "al-threshold",
    rules.DaysUnfit: "al-days",
    rules.NoWindowBefore: "al-kind",
    rules.AlertNeverFires: "al-threshold",
    rules.AlertAlwaysFires: "al-threshold",
    rules.StepNeeded: "al-step",
    rules.TooManyAlerts: "al-name",
    rules.NotYourDepartment: "al-department",
    rules.WebhookGone: "al-webhook",
    rules.WorkOfFew: "al-figure",
    NotFound: "al-procedure",
}


@room.app_template_global("alert_rule")
def rule(alert: Alert) -> Any:
    return words.rule(alert)


@room.app_template_global("alert_value")
def shown(alert: Alert, value: float | None) -> Any:
    """A figure as its alert compares it; none where nothing is known."""
    if value is None:
        return None
    return words.percent(value) if alert.kind in CHANGES else words.amount(alert.definition, value)


@room.get("/")
@allows(Right.SUPERVISE)
def alerts() -> ResponseReturnValue:
    return render_template("alerts/alerts.html", lines=reads.my_alerts(g.db, actor=g.actor))


@room.get("/new")
@allows(Right.SUPERVISE)
def new() -> ResponseReturnValue:
    """What is to be watched may come along from the page where the figure stands."""
    return _form(None, dict(request.args.items()), None)


@room.post("/new")
@allows(Right.SUPERVISE)
def make() -> ResponseReturnValue:
    return _keep(None)


@room.get("/<int:alert_id>")
@allows(Right.SUPERVISE)
def alert(alert_id: int) -> ResponseReturnValue:
    line = reads.my_alert(g.db, actor=g.actor, alert_id=alert_id)
    return _form(line, _typed_of(line.alert), None)


@room.get("/<int:alert_id>/figure")
@allows(Right.SUPERVISE)
def figure(alert_id: int) -> ResponseReturnValue:
    """Where its figure stands, of the same place: what a notice of it leads to. Of one that was removed the list of them."""
    try:
        one = reads.my_alert(g.db, actor=g.actor, alert_id=alert_id).alert
    except NotFound:
        return redirect(url_for("alerts.alerts"), 303)
    place: dict[str, Any] = {"procedure": one.procedure_id, "step": one.element, "department": one.department_id}
    if one.figure in NOW and one.figure.startswith("now."):
        return redirect(url_for("watch.behind", number=one.figure, **place), 303)
    page = next((page for page, figures in _PAGES.items() if one.figure in figures), "flow.times")
    until = organisation.today(g.db)
    since = until - timedelta(days=max(one.days, 1) - 1)
    return redirect(url_for(page, since=since, until=until, **place), 303)


@room.post("/<int:alert_id>")
@allows(Right.SUPERVISE)
def change(alert_id: int) -> ResponseReturnValue:
    return _keep(alert_id)


def _keep(alert_id: int | None) -> ResponseReturnValue:
    """Tried out, kept, paused, resumed or removed: whichever button was pressed."""
    does = request.form.get("do", "")
    if alert_id is not None and does == "remove":
        removed = acts.remove_alert(g.db, by=g.actor, alert_id=alert_id)
        tell(_("Removed.") if removed else _("It was removed already."))
        return redirect(url_for("alerts.alerts"), 303)
    line = None if alert_id is None else reads.my_alert(g.db, actor=g.actor, alert_id=alert_id)
    if line is not None and does in _PLAIN:
        return _plainly(line, does)
    typed = dict(request.form.items())
    if does == "steps":
        return _form(line, typed, None)
    try:
        wanted = _alert()
        if does == "try":
            fit = fitted(g.db, by=g.actor, alert=wanted)
            return _form(line, typed, None, (fit, reads.preview(g.db, actor=g.actor, alert=fit, now=clock.now())))
        if line is None:
            acts.make_alert(g.db, by=g.actor, alert=wanted)
        else:
            acts.change_alert(g.db, by=g.actor, alert_id=line.alert_id, alert=wanted)
    except tuple(_FIELDS) as refusal:
        return _form(line, typed, refusal), 422
    tell(_("Kept. It is looked at by itself from now on."))
    return redirect(url_for("alerts.alerts"), 303)


_PLAIN: Final = {"pause": acts.pause_alert, "resume": acts.resume_alert}


def _plainly(line: reads.AlertLine, does: str) -> ResponseReturnValue:
    try:
        _PLAIN[does](g.db, by=g.actor, alert_id=line.alert_id)
    except rules.WorkOfFew as refusal:
        return _form(line, _typed_of(line.alert), refusal), 422
    tell(_said(does))
    return redirect(url_for("alerts.alerts"), 303)


def _said(does: str) -> str:
    return {
        "pause": _("Paused. Nothing is told of it until it is resumed."),
        "resume": _("Resumed. It is looked at by itself again."),
    }[does]


def _alert() -> Alert:
    """As it was typed. Raises ThresholdUnfit, FigureUnknown."""
    form = request.form
    figure = form.get("figure", "")
    if figure not in WATCHED:
        raise rules.FigureUnknown(figure=figure[:60])
    kind = _KINDS.get(form.get("kind", ""), Kind.ABOVE)
    return Alert(
        name=form.get("name", "")[:500],
        figure=figure,
        kind=kind,
        threshold=_threshold(form.get("threshold", ""), figure, kind),
        days=_number("days") or 0,
        procedure_id=_number("procedure"),
        element=form.get("step", "")[:200] or None,
        department_id=_number("department"),
        repeats=Repeats.DAILY if form.get("repeats") == "daily" else Repeats.ONCE,
        webhook_id=_number("webhook"),
    )


def _threshold(written: str, figure: str, kind: Kind) -> float:
    """Times are typed in hours, shares and changes in percent."""
    try:
        typed = float(written.strip().replace(",", ".").replace("%", ""))
    except ValueError:
        raise rules.ThresholdUnfit() from None
    return typed * _scale(figure, kind)


def _scale(figure: str, kind: Kind) -> float:
    definition = DEFINITIONS[figure]
    if kind in CHANGES or definition.unit is Unit.SHARE:
        return 0.01
    return 3600.0 if definition.is_time else 1.0


def _typed_of(one: Alert) -> dict[str, str]:
    """A kept alert as it stands in the fields."""
    known = {kind: word for word, kind in _KINDS.items()}
    threshold = one.threshold / _scale(one.figure, one.kind)
    return {
        "name": one.name, "figure": one.figure, "kind": known[one.kind], "threshold": f"{threshold:g}",
        "days": str(one.days or ""), "procedure": str(one.procedure_id or ""), "step": one.element or "",
        "department": str(one.department_id or ""), "repeats": "daily" if one.repeats is Repeats.DAILY else "once",
        "webhook": str(one.webhook_id or ""),
    }  # fmt: skip


def _form(
    line: reads.AlertLine | None,
    typed: Mapping[str, str],
    refusal: Refusal | None,
    tried: tuple[Alert, reads.Preview] | None = None,
) -> str:
    every, departments = procedures_and_departments(g.db)
    watched = supervised_departments(g.db, g.actor)
    return render_template(
        "alerts/alert.html",
        line=line,
        typed=typed,
        tried_alert=tried[0] if tried else None,
        tried=tried[1] if tried else None,
        errors=faults(refusal, _FIELDS),
        groups=_figures(),
        now_figures=NOW,
        procedures=every,
        departments=[(key, name) for key, name in departments if key in watched],
        steps=_steps(typed.get("procedure", "")),
        programs=programs_told(g.db),
        usual_days=_USUAL_DAYS,
        most_days=rules.MOST_DAYS,
        looks_back=reads.LOOKS_BACK,
    )


def _figures() -> list[tuple[str, list[Any]]]:
    """What can be watched, by how it is measured."""
    now = [one for key, one in DEFINITIONS.items() if key in NOW]
    rest = [one for key, one in DEFINITIONS.items() if key in WATCHED - NOW]
    return [
        (_("As it stands now"), now),
        (_("Times"), [one for one in rest if one.is_time]),
        (_("Shares"), [one for one in rest if one.unit is Unit.SHARE]),
        (_("Counts and rates"), [one for one in rest if not one.is_time and one.unit is not Unit.SHARE]),
    ]


def _steps(procedure: str) -> tuple[Any, ...]:
    try:
        return steps_of(g.db, actor=g.actor, procedure_id=whole(procedure, MOST_NUMBER))
    except (ValueError, NotFound):
        return ()


def _number(field: str) -> int | None:
    try:
        return whole(request.form.get(field, ""), MOST_NUMBER)
    except ValueError:
        return None
