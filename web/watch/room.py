"""The blueprint of the watch, and the tabs that every page of supervision wears."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any, Final

from flask import Blueprint, current_app, g, request, url_for

from web.asked_of import NARROWS, given
from web.guard import rule_of
from web.languages import gettext as _

room = Blueprint("watch", __name__, url_prefix="/watch")


Tab = tuple[str, str, bool, None]
"""Words, address, whether it is here: as `tabs` of macros/parts.html takes them."""

_TABS: Final[tuple[tuple[str, Callable[[], str], tuple[str, ...]], ...]] = (
    ("overview", lambda: _("Overview"), ("/watch/",)),
    ("map", lambda: _("Map"), ("/watch/<int:procedure_id>", "/watch/map")),
    ("flow", lambda: _("Flow"), ("/watch/flow",)),
    ("clocks", lambda: _("Clocks"), ("/clocks",)),
    ("forecast", lambda: _("Forecast"), ("/watch/forecast",)),
    ("what-if", lambda: _("What if"), ("/watch/what-if",)),
    ("logs", lambda: _("Logs"), ("/logs", "/watch/logs")),
    ("alerts", lambda: _("Alerts"), ("/watch/alerts", "/alerts")),
    ("reports", lambda: _("Reports"), ("/watch/reports", "/reports")),
    ("corrective", lambda: _("Corrective actions"), ("/watch/corrective",)),
    ("people", lambda: _("Helpers"), ("/watch/people",)),
    ("boards", lambda: _("Boards"), ("/boards", "/watch/boards")),
)
"""By the address of its first page: a room that is not there, or that the person may not enter, has no tab."""
_OF_ONE: Final = "/<int:procedure_id>"
_MOST_CARRIED: Final = 40
_KNOWN: Final = "officium.watch.tabs"


@room.app_template_global()
def watch_pages(here: str, procedure_id: int | None = None) -> list[Tab]:
    """Of one procedure where that is given and the page has such a one.

    What the page was asked about goes along, also through pages that ask for none of it.
    """
    of = procedure_id or given("procedure")
    named: dict[str, Any] = {"procedure": str(of)} if of is not None else {}
    asked: dict[str, Any] = {
        name: word for name in NARROWS if (word := request.args.get(name, "")[:_MOST_CARRIED])
    } | named
    found: list[Tab] = []
    for key, words, addresses in _TABS:
        url = _url(addresses, of, asked)
        if url is not None or key == here:
            found.append((words(), url or "", key == here, None))
    return found


def _url(addresses: tuple[str, ...], procedure_id: int | None, asked: Mapping[str, Any]) -> str | None:
    """The page of one procedure, where there is such a one; an address that ends with a stroke is of all of them."""
    known = _addresses()
    for address in addresses:
        of_one = None if address.endswith("/") else known.get(address.removesuffix(_OF_ONE) + _OF_ONE)
        if of_one is not None and procedure_id is not None and _admits(of_one):
            return url_for(of_one, procedure_id=procedure_id, **{k: v for k, v in asked.items() if k != "procedure"})
        of_all = known.get(address.rstrip("/"))
        if of_all is not None and of_all != of_one and _admits(of_all):
            return url_for(of_all, **asked)
    return None


def _admits(endpoint: str) -> bool:
    return rule_of(current_app, endpoint).admits(g.get("actor"))


def _addresses() -> dict[str, str]:
    """Address to endpoint, of the pages that can be looked at."""
    known: dict[str, str] | None = current_app.extensions.get(_KNOWN)
    if known is None:
        known = {
            one.rule.rstrip("/"): one.endpoint
            for one in current_app.url_map.iter_rules()
            if one.methods and "GET" in one.methods and one.endpoint in current_app.view_functions
        }
        current_app.extensions[_KNOWN] = known
    return known
