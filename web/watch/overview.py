"""The first page of the watch: the bottlenecks in words, the procedures, what cannot go on by itself."""

from __future__ import annotations

from datetime import datetime
from typing import Any, Final

from flask import g, render_template
from flask.typing import ResponseReturnValue

from engine.base import clock
from engine.cases import words
from engine.cases.numbers import numbers_of
from engine.organisation.calendars.reads import calendar_of
from engine.organisation.rules import Right
from engine.supervision import reads
from engine.supervision.bottlenecks import rules
from engine.supervision.bottlenecks.overview import overview as procedures_now
from engine.supervision.bottlenecks.reads import bottlenecks
from web.asked_of import asked
from web.guard import allows
from web.watch.room import room
from web.watch.telling import lines

_TOLD: Final = 5
"""So many in full; the others as a table under them."""


@room.get("/")
@allows(Right.SUPERVISE)
def overview() -> ResponseReturnValue:
    now = clock.now()
    told = bottlenecks(g.db, actor=g.actor, now=now)
    month = _start_of_month(now)
    every = lines(told)
    return render_template(
        "watch/overview.html",
        told=told,
        bottlenecks=every[:_TOLD],
        others=every[_TOLD:],
        rules=rules,
        asked=asked().of_everything(),
        lines=procedures_now(g.db, actor=g.actor, since=month),
        month=month.date(),
        incidents=reads.open_incidents(g.db, actor=g.actor),
        **_calls(),
        incident=words.incident,
        now=now,
    )


def _calls() -> dict[str, Any]:
    """What is waited for of connectors, with the numbers of the cases."""
    found = reads.waiting_calls(g.db, actor=g.actor)
    return {"calls": found, "numbers": numbers_of(g.db, {one.case_id for one in found})}


def _start_of_month(now: datetime) -> datetime:
    local = now.astimezone(calendar_of(g.db).zone)
    return local.replace(day=1, hour=0, minute=0, second=0, microsecond=0)
