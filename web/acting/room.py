"""The blueprint of acting, and what its forms offer."""

from __future__ import annotations

from typing import Final

from flask import Blueprint, g

from engine.cases.rules import Order
from engine.supervision.acting.reads import Receiver, receivers
from web.forms import new_receipt
from web.languages import gettext as _
from web.languages import language

room = Blueprint("acting", __name__, url_prefix="/watch")

ORDERS: Final = {"sooner": Order.SOONER, "normal": Order.NORMAL, "later": Order.LATER}


@room.app_template_global("acting_people")
def people() -> list[tuple[str, list[Receiver]]]:
    """Those to whom the person may give tasks, by department."""
    found: dict[str, list[Receiver]] = {}
    for one in receivers(g.db, actor=g.actor):
        found.setdefault(one.department.say(language()), []).append(one)
    return list(found.items())


@room.app_template_global("acting_orders")
def orders() -> list[tuple[str, str]]:
    return [("sooner", _("sooner")), ("normal", _("as usual")), ("later", _("later"))]


@room.app_template_global("acting_receipt")
def receipt() -> str:
    return new_receipt()
