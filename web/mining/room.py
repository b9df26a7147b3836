"""The blueprint, and what every page of a log shows around its own matter."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any, Final

from flask import Blueprint, g, url_for

from engine.supervision.mining import reads
from engine.supervision.mining.reads import LogPage
from engine.supervision.mining.rules import State
from web.languages import gettext as _

room = Blueprint("mining", __name__, url_prefix="/logs")
FEW: Final = 20


@room.app_template_filter("milliseconds")
def milliseconds(value: float) -> timedelta:
    return timedelta(milliseconds=value)


@room.app_template_filter("instant")
def instant(value: int) -> datetime:
    return datetime.fromtimestamp(value / 1000, UTC)


def page_of(log_id: int) -> LogPage:
    """Raises NotFound."""
    return reads.log(g.db, actor=g.actor, log_id=log_id)


def around(page: LogPage, here: str) -> dict[str, Any]:
    return {"page": page, "line": page.line, "states": states(), "sections": _sections(page, here)}


def _sections(page: LogPage, here: str) -> list[tuple[str, str, bool, None]]:
    """What there is of a log; only its first page until it is read."""
    if page.line.state is not State.READY:
        return []
    known = (
        ("log", _("Figures")), ("drawn", _("What follows what")), ("ways", _("Ways")), ("cases", _("Cases")),
        ("comparisons", _("Beside a diagram")), ("taken_away", _("Take it away")),
    )  # fmt: skip
    return [(words, url_for(f"mining.{name}", log_id=page.line.id), name == here, None) for name, words in known]


def states() -> dict[State, str]:
    return {
        State.WAITING: _("waits to be read"),
        State.READING: _("is being read"),
        State.READY: _("read in"),
        State.FAILED: _("could not be read"),
        State.DRAFT: _("its columns are to be chosen"),
    }
