"""One procedure's diagram as a map of where its cases wait, with the same figures as a table."""

from __future__ import annotations

import itertools
from collections import Counter
from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import replace
from typing import Any, Final

from flask import Response, g, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue

from engine.base import clock
from engine.organisation.rules import Right
from engine.procedures import reads as procedures
from engine.supervision.bottlenecks.levels import BORDERS, Measure
from engine.supervision.bottlenecks.maps import MapStep, ProcedureMap, procedure_map
from engine.supervision.bottlenecks.overview import overview as procedures_now
from engine.supervision.figures.sight import seen
from web.asked_of import PERIODS, Asked, asked, kinds, posts_by_department
from web.guard import allows
from web.languages import gettext as _
from web.shown import number, share
from web.watch.room import room

_MEASURES: Final[Mapping[Measure, Callable[[], str]]] = {
    Measure.SHARE: lambda: _("Share of the standard time used"),
    Measure.OPEN: lambda: _("Open tasks"),
    Measure.THROUGHPUT: lambda: _("Throughput"),
    Measure.OLDEST: lambda: _("Age of the oldest"),
    Measure.LATE: lambda: _("Late share"),
    Measure.REWORK: lambda: _("Rework"),
}
_PARTS: Final[tuple[tuple[str, str, Callable[[], str]], ...]] = (
    ("wait", "waiting", lambda: _("waiting")),
    ("work", "working", lambda: _("in work")),
    ("stop", "stopped", lambda: _("clock stopped")),
    ("hand", "handed", lambda: _("in hand-over")),
    ("outside", "outside", lambda: _("waiting for somebody outside")),
)
"""Its sign, its name in StepNow, its words."""


@room.get("/map")
@allows(Right.SUPERVISE)
def some_map() -> ResponseReturnValue:
    """Of the procedure asked for, else of the one with the most open tasks: so that the tab leads to a map from everywhere."""
    of = asked()
    mine = seen(g.db, g.actor)
    wished = of.procedure_id if of.procedure_id in mine else _busiest(mine)
    if wished is None:
        return redirect(url_for("watch.overview"), 303)
    also: dict[str, Any] = {"procedure": None, "measure": request.args.get("measure")}
    if of.unfit is not None:  # what was typed is told of there
        also |= {"days": None, "since": of.unfit[0], "until": of.unfit[1]}
    return redirect(url_for("watch.procedure", procedure_id=wished, **of.args(**also)), 303)


def _busiest(mine: Collection[int]) -> int | None:
    open_now = Counter({one.procedure_id: one.open for one in procedures_now(g.db, actor=g.actor, since=clock.now())})
    return next((one for one, _count in open_now.most_common()), min(mine, default=None))


@room.get("/<int:procedure_id>")
@allows(Right.SUPERVISE)
def procedure(procedure_id: int) -> ResponseReturnValue:
    seen(g.db, g.actor, procedure_id)
    of = asked(procedure_id)
    editions = [one for one in procedures.editions(g.db, procedure_id) if one.state != "draft"]
    shown = _edition_to_show(editions, of.edition_id)
    measure = _measure()
    now = clock.now()
    found: ProcedureMap | None = None
    if shown is not None:
        scope = of.scope(procedure_id=procedure_id, edition_id=shown.id, element=None)
        found = procedure_map(g.db, actor=g.actor, scope=scope, now=now)
    of = replace(of, edition_id=shown.id if shown else None, step=None)
    return render_template(
        "watch/procedure.html",
        procedure=procedures.procedure(g.db, procedure_id),
        editions=editions,
        edition=shown,
        map=found,
        asked=of,
        step=request.args.get("step"),
        measure=measure,
        measures=[(one, words(), _here(of, measure=one)) for one, words in _MEASURES.items()],
        legend=_legend(measure),
        parts=[(sign, name, words()) for sign, name, words in _PARTS],
        marks=_marks(found, measure) if found else {},
        value=lambda one: _value(found, measure, one) if found else "",
        names={one.element: one.name for one in found.steps} if found else {},
        **_choices(),
        now=now,
    )


def _edition_to_show(editions: Sequence[procedures.EditionLine], wished: int | None) -> procedures.EditionLine | None:
    """The one asked for, else the one in force; else the newest."""
    for one in editions:
        if one.id == wished:
            return one
    in_force = [one for one in editions if one.state == "in force"]
    return next(iter([*in_force, *editions]), None)


def _measure() -> Measure:
    word = request.args.get("measure", "")
    return Measure(word) if word in set(Measure) else Measure.SHARE


def _here(of: Asked, **other: Any) -> str:
    return url_for("watch.procedure", procedure_id=of.procedure_id, **of.args(procedure=None, **other))


def _choices() -> dict[str, Any]:
    """What the map can be narrowed to: departments, posts, kinds of applicants."""
    every, departments = procedures.procedures_and_departments(g.db)
    mine = seen(g.db, g.actor)
    return {
        "procedures": [one for one in every if one[0] in mine],
        "periods": PERIODS,
        "departments": departments,
        "posts": posts_by_department(),
        "kinds": list(kinds().items()),
    }


def _legend(measure: Measure) -> list[str]:
    """The five levels in words."""
    borders = [_in_words(measure, one) for one in BORDERS[measure]]
    between = [f"{low} – {high}" for low, high in itertools.pairwise(borders)]
    return [f"< {borders[0]}", *between, f"≥ {borders[-1]}"]


def _in_words(measure: Measure, value: float) -> str:
    if measure is Measure.OPEN:
        return number(value)
    if measure is Measure.OLDEST:
        return _("%(days)s wd", days=number(round(value, 1)))
    return share(value)


def _value(found: ProcedureMap, measure: Measure, one: MapStep) -> str:
    """What a step is coloured by, in words."""
    if measure is Measure.THROUGHPUT:
        return _("%(number)s a day", number=number(round(one.a_day, 1))) if one.a_day is not None else "—"
    value = found.value(measure, one)
    return "—" if value is None else _in_words(measure, value)


def _marks(found: ProcedureMap, measure: Measure) -> dict[str, Any]:
    """Fill and split badge of each step, the thickness of each flow; each badge leads to its row."""
    widths = found.widths()
    return {
        "heat": [{"element": one.element, "level": found.level(measure, one)} for one in found.steps],
        "splits": [_split(found, measure, one) for one in found.steps],
        "flows": [
            {"element": flow, "level": widths[flow], "label": _("%(count)s times", count=number(count))}
            for flow, count in found.traffic.items()
        ],
    }


def _split(found: ProcedureMap, measure: Measure, one: MapStep) -> dict[str, Any]:
    counted = [(sign, words(), getattr(one.now, name)) for sign, name, words in _PARTS] if one.now else []
    parts = [(sign, words, count) for sign, words, count in counted if count]
    open_now = one.now.open if one.now else 0
    value = _value(found, measure, one)
    label = _(
        "%(step)s: %(measure)s %(value)s; %(open)s open",
        step=one.name, measure=_MEASURES[measure](), value=value, open=number(open_now),
    )  # fmt: skip
    return {
        "element": one.element,
        "href": f"#step-{one.element}",
        "level": found.level(measure, one),
        "text": "" if measure is Measure.OPEN or (not open_now and value == "—") else value,
        "parts": [
            {"kind": sign, "text": number(count), "label": f"{words} {number(count)}"} for sign, words, count in parts
        ],
        "label": _(", ").join([label, *(f"{words} {number(count)}" for _sign, words, count in parts)]),
    }


@room.get("/<int:procedure_id>/editions/<int:edition_id>.bpmn")
@allows(Right.SUPERVISE)
def diagram(procedure_id: int, edition_id: int) -> ResponseReturnValue:
    seen(g.db, g.actor, procedure_id)
    procedures.must_belong(g.db, procedure_id, edition_id)
    return Response(procedures.drawing(g.db, edition_id), mimetype="application/xml")
