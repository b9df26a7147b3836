"""The pages: open cases by what is foretold of them, and one procedure with its next weeks and its hits and misses."""

from __future__ import annotations

from typing import Any, Final

from flask import g, render_template, request, url_for
from flask.typing import ResponseReturnValue

from engine.base import clock
from engine.organisation.rules import Right
from engine.supervision.figures.sight import answered_for_elsewhere
from engine.supervision.forecast import reads
from engine.supervision.forecast.rules import FEWEST_TO_JUDGE, WELL_FROM, why_held
from engine.supervision.forecast.survival import FEWEST
from engine.supervision.forecast.weeks import endings_held
from web.forecast.room import room
from web.forms import whole
from web.guard import allows
from web.languages import gettext as _

AT_ONCE: Final = 25
OF_ONE: Final = 12
"""On the page of one procedure, which tells more."""
_MOST_PAGES: Final = 10_000


@room.get("/")
@allows(Right.SUPERVISE)
def overview() -> ResponseReturnValue:
    """Every procedure the person supervises, and the open cases of all of them."""
    now = clock.now()
    return render_template(
        "forecast/overview.html",
        procedures=reads.overview(g.db, actor=g.actor, now=now),
        fewest=FEWEST,
        well_from=WELL_FROM,
        **_cases(None),
        now=now,
    )


@room.get("/<int:procedure_id>")
@allows(Right.SUPERVISE)
def procedure(procedure_id: int) -> ResponseReturnValue:
    now = clock.now()
    if (other := answered_for_elsewhere(g.db, actor=g.actor, procedure_id=procedure_id)) is not None:
        return render_template("forecast/elsewhere.html", page=other)
    page = reads.procedure_page(g.db, actor=g.actor, procedure_id=procedure_id, now=now)
    return render_template(
        "forecast/procedure.html",
        page=page,
        weeks_held=endings_held(one.figures for one in page.came),
        fewest=FEWEST,
        well_from=WELL_FROM,
        fewest_to_judge=FEWEST_TO_JUDGE,
        why_held=None if page.learned is None else why_held(page.learned.stretch),
        **_cases(procedure_id),
        now=now,
    )


def _cases(procedure_id: int | None) -> dict[str, Any]:
    """The list, as it is sorted and where it goes on."""
    asked = request.args.get("order", "late")
    order: reads.Order = next((one for one in reads.ORDERS if one == asked), "late")
    place = min(request.args.get("page", 0, type=whole), _MOST_PAGES)
    at_once = AT_ONCE if procedure_id is None else OF_ONE
    found = reads.open_cases(
        g.db, actor=g.actor, now=clock.now(), procedure_id=procedure_id, order=order, limit=at_once + 1,
        offset=place * at_once,
    )  # fmt: skip

    def address(of: str, page: int) -> str:
        shown = {"order": of} if of != "late" else {}
        if page:
            shown["page"] = str(page)
        if procedure_id is None:
            return url_for("forecast.overview", **shown) + "#cases"  # type: ignore[arg-type]
        return url_for("forecast.procedure", procedure_id=procedure_id, **shown) + "#cases"  # type: ignore[arg-type]

    words = {"late": _("Likeliest late"), "due": _("Due next"), "end": _("Ends last")}
    return {
        "cases": found[:at_once],
        "orders": [(words[one], address(one, 0), one == order, None) for one in reads.ORDERS],
        "next_url": address(order, place + 1) if len(found) > at_once else None,
        "first_url": address(order, 0) if place else None,
    }
