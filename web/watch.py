"""The watch: where cases wait, how many, since when, and the cases behind each number."""

from __future__ import annotations

import itertools
from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Any, Final

from flask import Blueprint, Response, g, render_template, request
from flask.typing import ResponseReturnValue

from engine.base import clock
from engine.cases import words
from engine.cases.numbers import numbers_of
from engine.organisation.reads import office
from engine.organisation.rules import Right
from engine.procedures import reads as procedures
from engine.supervision import reads
from web.forms import whole
from web.guard import allows
from web.languages import gettext as _
from web.shown import duration

room = Blueprint("watch", __name__, url_prefix="/watch")

HEAT: Final = (timedelta(days=1), timedelta(days=3), timedelta(days=7), timedelta(days=14))
"""Borders between the five heat levels, by the median wait of the open tasks."""


def heat(wait: timedelta) -> int:
    """0 is cool, 4 is hot."""
    return sum(wait >= border for border in HEAT)


@room.get("/")
@allows(Right.SUPERVISE)
def overview() -> ResponseReturnValue:
    now = clock.now()
    return render_template(
        "watch/overview.html",
        lines=reads.overview(g.db, actor=g.actor, now=now, since=_start_of_month(now)),
        incidents=reads.open_incidents(g.db, actor=g.actor),
        **_calls(),
        incident=words.incident,
        now=now,
    )


def _calls() -> dict[str, Any]:
    """What is waited for of connectors, with the numbers of the cases."""
    found = reads.waiting_calls(g.db, actor=g.actor)
    return {"calls": found, "numbers": numbers_of(g.db, {one.case_id for one in found})}


def _start_of_month(now: datetime) -> datetime:
    local = now.astimezone(office(g.db).zone_info)
    return local.replace(day=1, hour=0, minute=0, second=0, microsecond=0)


@room.get("/<int:procedure_id>")
@allows(Right.SUPERVISE)
def procedure(procedure_id: int) -> ResponseReturnValue:
    """One edition's diagram as a heat map, the same figures as a table, and the cases behind them."""
    now = clock.now()
    every = reads.where_cases_wait(g.db, actor=g.actor, procedure_id=procedure_id, now=now)
    editions = procedures.editions(g.db, procedure_id)
    shown = request.args.get("edition", type=whole) or _edition_to_show(editions, every)
    element = request.args.get("step")
    steps = [one for one in every if one.edition_id == shown]
    return render_template(
        "watch/procedure.html",
        procedure=procedures.procedure(g.db, procedure_id),
        editions=[one for one in editions if one.id == shown or any(step.edition_id == one.id for step in every)],
        shown=shown,
        edition=next((one for one in editions if one.id == shown), None),
        steps=steps,
        marks=_marks(steps),
        legend=_legend(),
        element_name=next((one.name for one in steps if one.element == element), element),
        elsewhere=sum(one.open for one in every if one.edition_id != shown),
        element=element,
        cases=reads.waiting_cases(
            g.db, actor=g.actor, procedure_id=procedure_id, edition_id=shown, element=element, limit=100
        ),
        heat=heat,
        now=now,
    )


def _marks(steps: Sequence[reads.StepStanding]) -> dict[str, Any]:
    """Fill and badge of each step where something waits; each badge leads to its row."""
    return {
        "heat": [{"element": one.element, "level": heat(one.median_wait)} for one in steps],
        "badges": [
            {
                "element": one.element,
                "text": str(one.open),
                "href": f"#step-{one.element}",
                "level": heat(one.median_wait),
                "label": _(
                    "%(step)s: %(open)s open, median wait %(wait)s",
                    step=one.name,
                    open=one.open,
                    wait=duration(one.median_wait),
                ),
            }
            for one in steps
        ],
    }


def _legend() -> list[str]:
    """The five heat levels in words."""
    borders = [duration(border) for border in HEAT]
    between = [f"{low} – {high}" for low, high in itertools.pairwise(borders)]
    return [f"< {borders[0]}", *between, f"> {borders[-1]}"]


def _edition_to_show(editions: tuple[procedures.EditionLine, ...], steps: tuple[reads.StepStanding, ...]) -> int | None:
    """The one in force; without one, the one most cases wait in; else the newest."""
    in_force = next((one.id for one in editions if one.state == "in force"), None)
    if in_force is not None:
        return in_force
    if steps:
        return steps[0].edition_id
    return editions[0].id if editions else None


@room.get("/<int:procedure_id>/editions/<int:edition_id>.bpmn")
@allows(Right.SUPERVISE)
def diagram(procedure_id: int, edition_id: int) -> ResponseReturnValue:
    reads.must_see(g.db, g.actor, procedure_id)
    procedures.must_belong(g.db, procedure_id, edition_id)
    return Response(procedures.drawing(g.db, edition_id), mimetype="application/xml")
