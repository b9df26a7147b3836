"""What every page shows around its own matter: the office, the person, the rooms open to them."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, tzinfo
from typing import Any, Final
from urllib.parse import urlsplit

from flask import Flask, current_app, g, request, url_for

from engine.base.errors import Refusal
from engine.organisation import reads as organisation
from web import assets
from web.guard import rule_of
from web.languages import TAGS, language, spoken
from web.languages import gettext as _

_DOORS: Final[tuple[tuple[str, Callable[[], str]], ...]] = (
    ("desk.desk", lambda: _("Desk")),
    ("cases.cases", lambda: _("Cases")),
    ("counter.counter", lambda: _("Counter")),
    ("studio.procedures", lambda: _("Studio")),
    ("watch.overview", lambda: _("Watch")),
)
_SEARCH: Final = "cases.cases"
_KNOWN: Final = "officium.office"


@dataclass(frozen=True, slots=True)
class Door:
    """A room in the head of the page."""

    name: str
    url: str
    here: bool


def set_up(app: Flask) -> None:
    built = assets.built()
    app.jinja_env.globals["asset"] = lambda name: f"/static/{built.name(name)}"

    @app.context_processor
    def around() -> dict[str, Any]:
        return {
            "actor": g.get("actor"),
            "office": office(),
            "doors": doors(),
            "search": _search(),
            "here": here(),
            "language": language(),
            "language_tag": TAGS[language()],
        }


def office() -> organisation.Office | None:
    """As it is in this request's transaction; on a page about a problem, as it was last known."""
    if "office" in g:
        return g.office  # type: ignore[no-any-return]
    known: dict[str, Any] = current_app.extensions
    if "db" in g:
        try:
            known[_KNOWN] = organisation.office(g.db)
        except Refusal:  # none has been founded yet
            known[_KNOWN] = None
        g.office = known[_KNOWN]
    return known.get(_KNOWN)


def zone() -> tzinfo:
    known = spoken.get(None)
    if known is not None and known.zone is not None:
        return known.zone
    found = office()
    zone_of = UTC if found is None else found.zone_info
    if known is not None and found is not None:
        known.zone = zone_of
    return zone_of


def doors() -> list[Door]:
    """The rooms whose first page admits the person, in the order of the working day."""
    actor = g.get("actor")
    if actor is None:
        return []
    return [
        Door(name(), url_for(endpoint), request.blueprint == endpoint.partition(".")[0])
        for endpoint, name in _DOORS
        if endpoint in current_app.view_functions and rule_of(current_app, endpoint).admits(actor)
    ]


def here() -> str:
    """An address that leads to this page again, by looking only."""
    if request.method in {"GET", "HEAD"}:
        return request.full_path.rstrip("?")
    came = urlsplit(request.referrer or "")
    if came.netloc != request.host:
        return "/"
    return f"{came.path}?{came.query}" if came.query else came.path or "/"


def _search() -> str | None:
    known = g.get("actor") is not None and _SEARCH in current_app.view_functions
    return url_for(_SEARCH) if known else None
