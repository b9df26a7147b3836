"""The list of what is mine and what is free in my posts, narrowed and grouped as somebody wants it."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Any, Final

from flask import g, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue

from engine.base import clock
from engine.base.database import apart, from_stored, to_stored
from engine.base.errors import NotAllowed, Refusal
from engine.base.frozen import frozen
from engine.cases import acts, arranged, inbox, narrowing
from engine.cases.arranged import Arranged
from engine.cases.inbox import Counts, InboxLine, Place, Which
from engine.cases.rules import ClaimedBySomebody, Kind, Order
from engine.procedures import reads as procedures
from engine.worktime.counting import day_after
from web.desk.reasons import asked_for, why
from web.desk.room import room
from web.desk.wanted import NAMES, Wanted, wanted
from web.due import calendar_for, is_held
from web.forms import MOST_NUMBER, whole
from web.guard import anybody_signed_in
from web.languages import gettext as _
from web.notices import tell
from web.shown import day, local, named, said

_PAGE: Final = 25
_MOST_TRIED: Final = 20


@frozen
class Group:
    """`url` leads to this group alone, where there is such a list."""

    title: str
    kind: str
    lines: Sequence[InboxLine]
    url: str | None = None


@room.get("/")
@anybody_signed_in
def desk() -> ResponseReturnValue:
    """My tasks and those free in my posts, what is due first on top."""
    now = clock.now()
    mine = arranged.arranged(g.db, actor=g.actor)
    untold = not any(name in request.args for name in NAMES)
    asked = wanted(mine.default.asked if untold and mine.default else request.args, now)
    after = _place()
    supervised = procedures.supervised_departments(g.db, g.actor)
    looked_up, is_cut = narrowing.looked_up(g.db, g.actor, asked.narrowed)
    lines = inbox.inbox(
        g.db,
        actor=g.actor,
        which=asked.which,
        after=after,
        limit=_PAGE + 1,
        narrowed=looked_up,
        supervised=supervised,
    )
    if after is not None and not lines:
        return redirect(asked.url(), 303)  # the rest was done meanwhile: what waits stands further up
    following = lines[_PAGE - 1].place if len(lines) > _PAGE else None
    opened = asked.narrows or "panel" in request.args
    counts = inbox.counts(g.db, actor=g.actor, watches=mine.watches, copied=mine.copied, supervised=supervised)
    return render_template(
        "desk/desk.html",
        asked=asked,
        arranged=mine,
        current=next((one for one in mine.filters if dict(one.asked) == asked.told), None),
        tabs_shown=_tabs(asked, counts, mine),
        anything_free=counts.posts,
        words_cut=narrowing.MOST_BY_WORDS if is_cut else 0,
        lines=lines[:_PAGE],
        groups=_groups(lines[:_PAGE], asked, now),
        paged=after is not None,
        next_url=asked.url(after=_written(following)) if following else None,
        why=why,
        asked_for=asked_for,
        choices=_choices() if opened else None,
        since=to_stored(now),
        now=now,
        startable=() if opened else procedures.startable(g.db, g.actor, supervised=supervised),
    )


def _tabs(asked: Wanted, counts: Counts, mine: Arranged) -> list[tuple[str, str, bool, str]]:
    """What one does not have is not shown: nobody is deputised for, nothing is watched."""
    found = [
        (Which.ALL, _("To do"), counts.mine + counts.posts),
        (Which.MINE, _("Mine"), counts.mine),
        (Which.POSTS, _("Free in my posts"), counts.posts),
    ]
    if g.actor.stands_in or asked.which is Which.DEPUTISED:
        found.append((Which.DEPUTISED, _("Deputised"), counts.deputised))
    if mine.watches or asked.which is Which.WATCHED:
        found.append((Which.WATCHED, _("Watched"), counts.watched))
    shown = [
        (title, url_for("desk.desk", which=which), which is asked.which, capped(number))
        for which, title, number in found
    ]
    if mine.copied:
        shown.append((_("Copies"), url_for("asking.copies"), False, capped(counts.copies)))
    return shown


def capped(number: int) -> str:
    return f"{inbox.MOST_COUNTED - 1}+" if number >= inbox.MOST_COUNTED else str(number)


def _choices() -> dict[str, Any]:
    """What the list can be narrowed to."""
    kinds = {
        Kind.OPINION: _("Opinions"),
        Kind.SIGNATURE: _("Signatures"),
        Kind.COUNTERSIGNATURE: _("Counter-signatures"),
        Kind.VOTE: _("Votes"),
        Kind.EXTENSION: _("More time"),
    }
    every, departments = procedures.procedures_and_departments(g.db)
    return {
        "procedures": every,
        "posts": [(one.post_id, named(one)) for one in g.actor.posts],
        "departments": [(key, said(name)) for key, name in departments],
        "kinds": [(0, _("Steps of the procedure")), *((int(kind), title) for kind, title in kinds.items())],
        "dues": [("today", _("today")), ("week", _("this week"))],
    }


def _groups(lines: Sequence[InboxLine], asked: Wanted, now: datetime) -> list[Group]:
    if asked.by == "procedure":
        return _by_procedure(lines, asked)
    return _by_day(lines) if asked.by == "day" else _by_urgency(lines, now)


def _by_urgency(lines: Sequence[InboxLine], now: datetime) -> list[Group]:
    """Those that have any, in the order of urgency; what the next working day is says the office's calendar."""
    today = local(now).date()
    tomorrow = today + timedelta(days=1)
    dated = any(line.due_at is not None for line in lines)
    following = day_after(calendar_for(), today, 1) if dated else tomorrow
    week_ends = today + timedelta(days=6 - today.weekday())

    def of(line: InboxLine) -> int:
        if line.order is not Order.NORMAL:
            return 0 if line.order is Order.SOONER else 7
        if line.due_at is None:
            return 6
        last = local(line.due_at).date()
        if line.due_at < now:
            return 5 if is_held(line) else 1
        return 2 if last <= today else 3 if last <= following else 4 if last <= week_ends else 5

    titles = (
        (_("To be served sooner"), ""),
        (_("Past its promise"), "late"),
        (_("Today"), ""),
        (_("Tomorrow") if following == tomorrow else _("By the next working day, %(day)s", day=day(following)), ""),
        (_("This week"), ""),
        (_("Later"), ""),
        (_("Without a date"), ""),
        (_("May be served later"), ""),
    )
    return [
        Group(title, kind, members)
        for index, (title, kind) in enumerate(titles)
        if (members := [line for line in lines if of(line) == index])
    ]


def _by_procedure(lines: Sequence[InboxLine], asked: Wanted) -> list[Group]:
    """The one with the most urgent task first; its name leads to all of it."""
    found: dict[int, list[InboxLine]] = {}
    for line in lines:
        found.setdefault(line.procedure_id, []).append(line)
    return [
        Group(members[0].procedure, "", members, asked.url(procedure=str(procedure_id)))
        for procedure_id, members in found.items()
    ]


def _by_day(lines: Sequence[InboxLine]) -> list[Group]:
    """The day on which it is due."""
    found: dict[str, list[InboxLine]] = {}
    for line in lines:
        found.setdefault(_("Without a date") if line.due_at is None else day(line.due_at), []).append(line)
    return [Group(title, "", members) for title, members in found.items()]


def _written(place: Place) -> str:
    return f"{to_stored(place.due_at)}_{place.case_id}_{place.number}_{place.order}"


def _place() -> Place | None:
    """Where the page before ended; anything else than a place is no place."""
    try:
        due, case_id, number, *order = request.args["after"].split("_")
        put = Order(whole(order[0])) if order else Order.NORMAL
        return Place(from_stored(whole(due)), whole(case_id), whole(number, MOST_NUMBER), put)
    except (KeyError, ValueError, OverflowError):
        return None


@room.post("/next")
@anybody_signed_in
def take_next() -> ResponseReturnValue:
    """Claims the free task that is due first, of those that the list shows; one that the person must not do is passed over."""
    asked = wanted(request.form, clock.now())
    refused: Refusal | None = None
    for case_id, number in inbox.first_free(g.db, actor=g.actor, narrowed=asked.narrowed, most=_MOST_TRIED):
        try:
            with apart(g.db):
                acts.claim(g.db, by=g.actor, case_id=case_id, number=number)
        except (NotAllowed, ClaimedBySomebody) as refusal:
            refused = refused or refusal
        else:
            return redirect(url_for("desk.task", case_id=case_id, number=number), 303)
    if refused is not None:
        raise refused
    tell(_("Nothing is free in your posts just now."))
    return redirect(asked.url(), 303)
