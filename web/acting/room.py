"""The blueprint of acting, and what its forms offer."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

from flask import Blueprint, g

from engine.cases.rules import Order
from engine.supervision.acting.reads import Receivers, receivers
from web.forms import new_receipt
from web.languages import gettext as _

room = Blueprint("acting", __name__, url_prefix="/watch")

ORDERS: Final = {"sooner": Order.SOONER, "normal": Order.NORMAL, "later": Order.LATER}


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
