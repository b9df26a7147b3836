"""The list of what is mine and what is free in my posts."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime, timedelta

from flask import g, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue

from engine.base import clock
from engine.base.database import from_stored, to_stored
from engine.cases import acts, inbox
from engine.cases.bars import parts
from engine.cases.inbox import Place, Which
from engine.procedures import reads as procedures
from web.desk.room import room
from web.forms import MOST_NUMBER, whole
from web.guard import anybody_signed_in
from web.languages import gettext as _
from web.notices import tell
from web.shown import local

_PAGE = 25


@room.get("/")
@anybody_signed_in
def desk() -> ResponseReturnValue:
    """My tasks and those free in my posts, what is due first on top."""
    wish = request.args.get("which", Which.ALL)
    which = Which(wish) if wish in set(Which) else Which.ALL
    after, now = _place(), clock.now()
    lines = inbox.inbox(g.db, actor=g.actor, which=which, after=after, limit=_PAGE + 1)
    following = lines[_PAGE - 1].place if len(lines) > _PAGE else None
    return render_template(
        "desk/desk.html",
        which=which,
        lines=lines[:_PAGE],
        groups=_groups(lines[:_PAGE], now),
        paged=after is not None,
        next_url=url_for("desk.desk", which=which, after=_written(following)) if following else None,
        parts=parts,
        counts=inbox.counts(g.db, actor=g.actor),
        most_counted=inbox.MOST_COUNTED,
        now=now,
        startable=procedures.startable(g.db, g.actor),
    )


def _groups(lines: Sequence[inbox.InboxLine], now: datetime) -> list[tuple[str, str, list[inbox.InboxLine]]]:
    """Title, kind and lines of each group that has any, in the order of urgency."""
    today = local(now).date()
    week_ends = today + timedelta(days=6 - today.weekday())

    def of(line: inbox.InboxLine) -> int:
        if line.due_at is None:
            return 4
        day = local(line.due_at).date()
        return 0 if line.due_at < now else 1 if day <= today else 2 if day <= week_ends else 3

    titles = (
        (_("Past its promise"), "late"),
        (_("Today"), ""),
        (_("This week"), ""),
        (_("Later"), ""),
        (_("Without a date"), ""),
    )
    return [
        (title, kind, members)
        for index, (title, kind) in enumerate(titles)
        if (members := [line for line in lines if of(line) == index])
    ]


def _written(place: Place) -> str:
    return f"{to_stored(place.due_at)}_{place.case_id}_{place.number}"


def _place() -> Place | None:
    """Where the page before ended; anything else than a place is no place."""
    try:
        due, case_id, number = request.args["after"].split("_")
        return Place(from_stored(whole(due)), whole(case_id), whole(number, MOST_NUMBER))
    except (KeyError, ValueError, OverflowError):
        return None


@room.post("/next")
@anybody_signed_in
def take_next() -> ResponseReturnValue:
    """Claims the free task that is due first."""
    free = inbox.next_free(g.db, actor=g.actor)
    if free is None:
        tell(_("Nothing is free in your posts just now."))
        return redirect(url_for("desk.desk"), 303)
    acts.claim(g.db, by=g.actor, case_id=free[0], number=free[1])
    return redirect(url_for("desk.task", case_id=free[0], number=free[1]), 303)
