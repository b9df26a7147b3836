"""The blueprint, and how its questions and answers are told."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

from flask import Blueprint

from engine.supervision.whatif.reads import RunLine
from engine.supervision.whatif.record import Order
from engine.supervision.whatif.rules import Answer, Gate, Kind, Range, State
from web.languages import gettext as _
from web.shown import named, number, share

room: Final = Blueprint("whatif", __name__, url_prefix="/watch/what-if")
_NOTHING: Final = 0.05


@room.app_template_filter("what_if")
def what_if(line: RunLine) -> str:
    """The question in words."""
    change = line.change
    post = named(line.post) if line.post is not None else ""
    if change.kind is Kind.STAFF:
        return (
            _("One more clerk at %(post)s", post=post) if change.by > 0 else _("One fewer clerk at %(post)s", post=post)
        )
    if change.kind is Kind.ORDER:
        return _("%(post)s takes: %(order)s", post=post, order=order_words()[change.order])
    if change.kind is Kind.WITHOUT:
        return _("Without the step “%(step)s”", step=line.step)
    if change.kind is Kind.SMALL:
        return _("%(share)s %% of cases skip “%(step)s”", share=change.by, step=line.step)
    if change.by > 0:
        return _("%(share)s %% more cases", share=change.by)
    return _("%(share)s %% fewer cases", share=-change.by)


def order_words() -> Mapping[Order, str]:
    return {
        Order.FIRST: _("oldest first"), Order.DUE: _("soonest due first"),
        Order.NEWEST: _("newest first"),
    }  # fmt: skip


@room.app_template_global()
def state_words() -> Mapping[State, str]:
    return {
        State.WAITING: _("waits to be worked out"), State.WORKING: _("is being worked out"), State.DONE: _("worked out"),
        State.FAILED: _("could not be worked out"),
    }  # fmt: skip


@room.app_template_global()
def gate_words() -> Mapping[Gate, tuple[str, str]]:
    """With the kind of its chip."""
    return {
        Gate.OPEN: (_("may be asked"), "ok"), Gate.CLOSED: (_("does not explain it"), "warn"),
        Gate.LYING: (_("work lies though somebody is free"), "warn"), Gate.FEW: (_("too few to tell"), ""),
    }  # fmt: skip


@room.app_template_filter("within_range")
def within_range(one: Range, unit: str = "") -> str:
    """“4.2 (3.1 to 6)”: the median, and within which 8 of 10 runs came."""
    return _("%(middle)s (%(low)s to %(high)s)", middle=_told(one.middle, unit), low=_told(one.low, unit),
             high=_told(one.high, unit))  # fmt: skip


@room.app_template_filter("moved_by")
def moved_by(one: Answer, unit: str = "") -> str:
    """“−1.3 (−2 to −0.4)”; in words where it is as good as nothing."""
    moved = one.moved
    nothing = _NOTHING / 10 if unit == "share" else _NOTHING
    if abs(moved.low) < nothing and abs(moved.high) < nothing:
        return _("unchanged")
    return _("%(middle)s (%(low)s to %(high)s)", middle=_signed(moved.middle, unit), low=_signed(moved.low, unit),
             high=_signed(moved.high, unit))  # fmt: skip


def _told(value: float, unit: str) -> str:
    return share(value) if unit == "share" else number(round(value, 1))


def _signed(value: float, unit: str) -> str:
    if unit == "share":
        return f"{_sign(round(value * 100))}{abs(round(value * 100))}"
    return f"{_sign(round(value, 1))}{number(abs(round(value, 1)))}"


def _sign(value: float) -> str:
    return "+" if value > 0 else "−" if value < 0 else "±"
