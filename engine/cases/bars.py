"""The bar: a task's time as waiting, work and what ran past the promise. Pure."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta


@dataclass(frozen=True, slots=True)
class Parts:
    """`waited`, `worked` and `past` follow one another; `promise` is counted from the start, None: nothing promised."""

    waited: timedelta
    worked: timedelta
    past: timedelta
    promise: timedelta | None


def parts(*, opened: datetime, claimed: datetime | None, until: datetime, due: datetime | None) -> Parts:
    """`until` is now, or when it was closed. What runs past `due` is neither waiting nor work."""
    until = max(until, opened)
    kept_until = until if due is None else min(until, max(due, opened))
    taken_up = min(max(claimed or kept_until, opened), kept_until)
    return Parts(
        waited=taken_up - opened,
        worked=kept_until - taken_up,
        past=until - kept_until,
        promise=None if due is None else max(due - opened, timedelta(0)),
    )
