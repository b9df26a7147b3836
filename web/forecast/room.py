"""The blueprint, and how its figures are told."""

from __future__ import annotations

from datetime import datetime
from typing import Final

from flask import Blueprint, g

from engine.supervision.forecast.reads import CaseForecast
from engine.supervision.forecast.weeks import Expected
from web.languages import gettext as _
from web.languages import ngettext
from web.shown import day, number

room: Final = Blueprint("forecast", __name__, url_prefix="/watch/forecast")
_WHOLE_FROM: Final = 10
"""From so many on, a mean is told without its tenths."""


@room.app_template_filter("expected")
def expected(one: Expected | None) -> str:
    """“about 12 (8 to 16)”."""
    if one is None:
        return "—"
    if not one.high:
        return _("none")
    return _(
        "about %(middle)s (%(low)s to %(high)s)",
        middle=number(round(one.middle) if one.middle >= _WHOLE_FROM else one.middle),
        low=one.low,
        high=one.high,
    )


@room.app_template_filter("ends_between")
def ends_between(one: CaseForecast) -> str:
    """“24 Nov to 1 Dec, most likely 26 Nov”; by the days of the office."""
    if one.low is None or one.middle is None or one.high is None:
        return ""
    low, middle, high = _day(one.low), _day(one.middle), _day(one.high)
    if low == high:
        return middle
    return _("%(low)s to %(high)s, most likely %(middle)s", low=low, high=high, middle=middle)


def _day(at: datetime) -> str:
    return day(at.astimezone(g.office.zone_info) if "office" in g else at)


@room.app_template_filter("days_left")
def days_left(left: int | None) -> str:
    """Of the promise, in working days."""
    if left is None:
        return ""
    if left < 0:
        return ngettext("%(num)s working day past it", "%(num)s working days past it", -left)
    return ngettext("%(num)s working day left", "%(num)s working days left", left)
