"""The blueprint; programs outside send their messages to /api/messages, which belongs to it too."""

from __future__ import annotations

from typing import Final

from flask import Blueprint, current_app, request, url_for

from engine.connectors.sealing import Seal
from web.languages import gettext as _

room = Blueprint("connectors", __name__)

_TABS: Final = ("connectors.connectors", "connectors.programs", "connectors.lately")


def tabs() -> list[tuple[str, str, bool, int | None]]:
    words = (_("Connectors"), _("Programs that send messages"), _("What was sent and what came"))
    return [
        (said, url_for(endpoint), request.endpoint == endpoint, None)
        for endpoint, said in zip(_TABS, words, strict=True)
    ]


def seal() -> Seal:
    return Seal(current_app.config["SECRET_KEY"])


def inside() -> bool:
    return bool(current_app.config["WEBHOOKS_INSIDE"])
