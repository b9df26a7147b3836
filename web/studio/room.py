"""The studio's blueprint, and what all its pages need."""

from __future__ import annotations

from typing import Any, Final

from flask import Blueprint, current_app, request, url_for

from web.languages import gettext as _

room: Final = Blueprint("studio", __name__, url_prefix="/studio")


def states() -> dict[str, Any]:
    names = {
        "draft": _("draft"),
        "in review": _("in review"),
        "approved": _("approved"),
        "in force": _("in force"),
        "out of force": _("out of force"),
        "withdrawn": _("withdrawn"),
    }
    kinds = {"draft": "warn", "in review": "act", "approved": "act", "in force": "ok"}
    return {"state_name": lambda state: names.get(state, state), "state_kind": lambda state: kinds.get(state, "")}


_WITHIN: Final = {
    "studio.decision": "studio.decisions",
    "studio.change_decision": "studio.decisions",
    "studio.trace": "studio.edition",
}
"""Pages that are reached through the page of another tab."""


def edition_tabs(edition_id: int) -> list[tuple[str, str, bool, int | None]]:
    """What there is to see and do of an edition, for the macro `tabs`."""
    pages = (
        ("studio.edition", _("Findings")),
        ("studio.draw", _("Draw")),
        ("studio.owners", _("Lanes and posts")),
        ("studio.decisions", _("Decisions")),
        ("studio.trial", _("Try out")),
        ("studio.review", _("Review")),
        ("studio.differences", _("Differences")),
        ("studio.cases_to_move", _("Running cases")),
        ("studio.exchange", _("Take away")),
    )
    here = _WITHIN.get(request.endpoint or "", request.endpoint)
    return [
        (words, url_for(endpoint, edition_id=edition_id), endpoint == here, None)
        for endpoint, words in pages
        if endpoint in current_app.view_functions
    ]


@room.context_processor
def _tabs() -> dict[str, Any]:
    return {"edition_tabs": edition_tabs}
