"""The blueprint of acting, and what its forms offer."""

from __future__ import annotations

from collections.abc import Container, Mapping, Sequence
from typing import Final

from flask import Blueprint, g

from engine.base.errors import Refusal
from engine.base.frozen import frozen
from engine.cases.rules import Order
from engine.supervision.acting.reads import Receivers, receivers
from engine.supervision.acting.rules import Act, Outcome
from web.forms import new_receipt
from web.languages import gettext as _

room = Blueprint("acting", __name__, url_prefix="/watch")

FORM: Final = "o-act"
"""Its id on the page of the list."""
ORDERS: Final = {"sooner": Order.SOONER, "normal": Order.NORMAL, "later": Order.LATER}


@frozen
class Again:
    """What was sent and not, or not wholly, done: it stands in the form as it was sent.

    `errors`: what is wrong with the form, as `faults` tells it; `said`: what was done all the same; `left`: how many more
    were ticked than is done at once.
    """

    act: Act | None
    errors: Sequence[tuple[str | None, str]]
    typed: Mapping[str, str]
    ticked: frozenset[str]
    said: str = ""
    refused: Sequence[Outcome] = ()
    left: int = 0

    def why(self, task: str) -> Refusal | None:
        """Of one task; nothing where it is said beside a field already."""
        found = (one.why for one in self.refused if f"{one.case_id}-{one.number}" == task)
        return None if self.errors else next(found, None)

    def elsewhere(self, shown: Container[str]) -> list[Outcome]:
        """Those that the list does not show any more."""
        return [one for one in self.refused if f"{one.case_id}-{one.number}" not in shown]


@room.app_template_global("acting_again")
def again() -> Again | None:
    found: Again | None = g.get("acting_again")
    return found


@room.app_template_global("acting_people")
def people(places: Mapping[int, int]) -> tuple[Receivers, ...]:
    """Those to whom tasks of these posts may be given; each post's department beside it."""
    return receivers(g.db, actor=g.actor, places=places)


@room.app_template_global("acting_orders")
def orders() -> list[tuple[str, str]]:
    return [("sooner", _("sooner")), ("normal", _("as usual")), ("later", _("later"))]


@room.app_template_global("acting_receipt")
def receipt() -> str:
    return new_receipt()
