"""What every page shows around its own matter: the office, the person, the rooms open to them."""

from __future__ import annotations

import time
from collections.abc import Callable
from datetime import UTC, tzinfo
from typing import Any, Final
from urllib.parse import urlsplit

from flask import Flask, current_app, g, request, url_for
from werkzeug.http import quote_etag

from engine.base.errors import Refusal
from engine.base.frozen import frozen
from engine.notices.reads import Unread, unread
from engine.organisation import reads as organisation
from engine.organisation.rules import Right
from engine.supervision.cards.door import at_the_door
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
    ("cards.cards", lambda: _("Cards")),
)
_OF_THE_WATCH: Final = frozenset(
    {"clocks", "flow", "boards", "forecast", "whatif", "mining", "acting", "alerts", "reports"}
)
"""Rooms without a door of their own: one comes to them through the watch."""
_SEARCH: Final = "cases.cases"
_BELL: Final = "letters.notices"
_AWAY: Final = "absence.mine"
_CALENDAR: Final = "calendars.year"
_CONNECTORS: Final = "connectors.connectors"
_WORK: Final = "working.work"
_BOARDS: Final = "boards.boards"
_KNOWN: Final = "officium.office"
_CARDS: Final = "cards.cards"
_CARDS_EVERY: Final = 20.0  # seconds, as the bell
_MOST_KNOWN: Final = 5000


@frozen
class Door:
    """A room in the head of the page."""

    name: str
    url: str
    here: bool
    number: int = 0  # how much waits there for the person


@frozen
class Bell:
    """What the head tells of notices; `sending` for administrators."""

    url: str
    fragment: str
    wishes: str
    sending: str | None

    def unread(self) -> Unread | None:
        """One look at an index. None on a page about a problem, which asks nothing of the database."""
        return unread(g.db, g.actor.person_id) if "db" in g else None

    def tag(self, known: Unread | None) -> str:
        """What the fragment would answer with; none fits where nothing is known."""
        return quote_etag(bell_tag(known)) if known is not None else ""


def bell_tag(known: Unread) -> str:
    return f"{known.count}-{known.last or 0}-{language()}"


def _bell() -> Bell | None:
    actor = g.get("actor")
    if actor is None or _BELL not in current_app.view_functions:
        return None
    sending = url_for("letters.sending") if actor.may(Right.ADMINISTER) else None
    return Bell(url_for(_BELL), url_for("letters.bell"), url_for("letters.wishes"), sending)


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
            "bell": _bell(),
            "absence": _absence(),
            "calendar_url": _calendar(),
            "connectors_url": _connectors(),
            "work_url": _work(),
            "boards_url": _boards(),
            "here": here(),
            "language": language(),
            "language_tag": TAGS[language()],
        }


def _absence() -> str | None:
    known = g.get("actor") is not None and _AWAY in current_app.view_functions
    return url_for(_AWAY) if known else None


def _calendar() -> str | None:
    known = g.get("actor") is not None and _CALENDAR in current_app.view_functions
    return url_for(_CALENDAR) if known else None


def _work() -> str | None:
    actor = g.get("actor")
    known = actor is not None and actor.may(Right.ADMINISTER) and _WORK in current_app.view_functions
    return url_for(_WORK) if known else None


def _boards() -> str | None:
    """In the menu of administrators, who may have no door to the watch."""
    actor = g.get("actor")
    known = actor is not None and actor.may(Right.ADMINISTER) and _BOARDS in current_app.view_functions
    return url_for(_BOARDS) if known else None


def _connectors() -> str | None:
    actor = g.get("actor")
    known = actor is not None and actor.may(Right.ADMINISTER) and _CONNECTORS in current_app.view_functions
    return url_for(_CONNECTORS) if known else None


def office() -> organisation.Office | None:
    """As it is in this request's transaction; on a page about a problem, as it was last known."""
    known: dict[str, Any] = current_app.extensions
    if "office" in g:
        known[_KNOWN] = g.office
        return g.office  # type: ignore[no-any-return]
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
        Door(
            name(),
            url_for(endpoint),
            _room_of(request.blueprint) == endpoint.partition(".")[0],
            _cards_to_answer() if endpoint == _CARDS else 0,
        )
        for endpoint, name in _DOORS
        if endpoint in current_app.view_functions and rule_of(current_app, endpoint).admits(actor)
    ]


def _room_of(blueprint: str | None) -> str | None:
    return "watch" if blueprint in _OF_THE_WATCH else blueprint


def _cards_to_answer() -> int:
    """Asked of the database now and then only: what a page costs is not to grow for a number in its head."""
    known: dict[int, tuple[float, int]] = current_app.extensions.setdefault(_CARDS, {})
    at, number = known.get(g.actor.person_id, (-_CARDS_EVERY, 0))
    if "db" in g and (time.monotonic() - at >= _CARDS_EVERY or request.blueprint == "cards"):
        number = at_the_door(g.db, actor=g.actor)
        if len(known) > _MOST_KNOWN:
            known.clear()
        known[g.actor.person_id] = (time.monotonic(), number)
    return number


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
