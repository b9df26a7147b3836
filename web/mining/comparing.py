"""A log beside a diagram: which edition, which activity is which step, and what came of it."""

from __future__ import annotations

from typing import Any, Final

from flask import Response, g, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue

from engine.base.errors import Refusal
from engine.procedures.rules import STATES
from engine.supervision.mining import acts, compared, reads
from engine.supervision.mining.alignment import BUDGET
from engine.supervision.mining.compared import CheckPage
from engine.supervision.mining.rules import ADDED, LEFT_OUT, RIGHTS, LogNotReady
from web.forms import whole
from web.guard import allows
from web.languages import gettext as _
from web.mining.room import around, page_of, room
from web.notices import tell
from web.problems import status_of
from web.shown import number, refused

_FIELD: Final = "activity:"


@room.get("/<int:log_id>/comparisons")
@allows(*RIGHTS)
def comparisons(log_id: int) -> ResponseReturnValue:
    """Those there are, and the editions a log may be compared with."""
    page = page_of(log_id)
    if page.figures is None:
        raise LogNotReady(name=page.line.name)
    chosen = request.args.get("edition", type=whole)
    if chosen is not None:
        return redirect(url_for("mining.match", log_id=log_id, edition_id=chosen), 303)
    return render_template(
        "mining/checks.html", **around(page, "comparisons"), checks=compared.checks(g.db, actor=g.actor, log_id=log_id),
        editions=reads.editions_offered(g.db, actor=g.actor), edition_states=STATES,
    )  # fmt: skip


@room.get("/<int:log_id>/comparisons/with/<int:edition_id>")
@allows(*RIGHTS)
def match(log_id: int, edition_id: int) -> ResponseReturnValue:
    return _matching(log_id, edition_id)


def _matching(log_id: int, edition_id: int, typed: dict[str, str] | None = None, refusal: Refusal | None = None) -> str:
    page = page_of(log_id)
    matching = compared.matching(g.db, actor=g.actor, log_id=log_id, edition_id=edition_id)
    return render_template(
        "mining/matching.html", **around(page, "comparisons"), matching=matching, edition_states=STATES,
        chosen=typed if typed is not None else matching.guess, left_out=LEFT_OUT, field=_FIELD,
        why=refused(refusal) if refusal else None,
    )  # fmt: skip


@room.post("/<int:log_id>/comparisons/with/<int:edition_id>")
@allows(*RIGHTS)
def compare(log_id: int, edition_id: int) -> ResponseReturnValue:
    """Activities are named by their place in the list, whatever signs they are made of."""
    matching = compared.matching(g.db, actor=g.actor, log_id=log_id, edition_id=edition_id)
    mapping = {
        activity: request.form.get(f"{_FIELD}{place}", ADDED)
        for place, (activity, _n) in enumerate(matching.activities)
    }
    try:
        check_id = acts.compare(g.db, by=g.actor, log_id=log_id, edition_id=edition_id, mapping=mapping)
    except Refusal as refusal:
        return _matching(log_id, edition_id, mapping, refusal), status_of(refusal)
    tell(_("The log is being compared with the diagram. What comes of it will stand here in a moment."))
    return redirect(url_for("mining.check", log_id=log_id, check_id=check_id), 303)


@room.get("/<int:log_id>/comparisons/<int:check_id>")
@allows(*RIGHTS)
def check(log_id: int, check_id: int) -> ResponseReturnValue:
    page = page_of(log_id)
    found = compared.check(g.db, actor=g.actor, log_id=log_id, check_id=check_id)
    ready = found.figures is not None
    return render_template(
        "mining/check.html", **around(page, "comparisons"), found=found, budget=BUDGET,
        ways=compared.deviant_ways(g.db, actor=g.actor, log_id=log_id, check_id=check_id) if ready else (),
        marks=_marks(found), kinds=_kinds(),
    )  # fmt: skip


def _kinds() -> dict[str, str]:
    return {"done": _("as drawn"), "skipped": _("left out"), "added": _("added"), "moved": _("moved")}


def _marks(found: CheckPage) -> dict[str, Any]:
    """On each step how often it was left out, added and moved; each leads to its row."""
    badges = []
    for one in found.figures.elements if found.figures is not None else ():
        wrong = one.skipped + one.added + one.moved
        if not wrong:
            continue
        parts = [
            f"{sign}{number(count)}"
            for sign, count in (("−", one.skipped), ("+", one.added), ("⇄", one.moved))
            if count
        ]
        level = min(4, 1 + int(4 * wrong / (wrong + one.done))) if one.done else 4
        badges.append(
            {
                "element": one.element, "text": " ".join(parts), "href": f"#step-{one.element}", "level": level,
                "label": _(
                    "%(step)s: left out in %(skipped)s cases, added in %(added)s, moved in %(moved)s",
                    step=found.names.get(one.element, one.element), skipped=number(one.skipped),
                    added=number(one.added), moved=number(one.moved),
                ),
            }
        )  # fmt: skip
    return {"badges": badges, "heat": [{"element": one["element"], "level": one["level"]} for one in badges]}


@room.get("/<int:log_id>/comparisons/<int:check_id>/diagram.bpmn")
@allows(*RIGHTS)
def diagram(log_id: int, check_id: int) -> ResponseReturnValue:
    found = compared.check(g.db, actor=g.actor, log_id=log_id, check_id=check_id)
    return Response(compared.drawn(g.db, actor=g.actor, edition_id=found.line.edition.id), mimetype="application/xml")
