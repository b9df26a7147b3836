"""The page of notices, and the bell that tells of them on every page."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import groupby

from flask import Response, g, make_response, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue

from engine.cases.numbers import with_numbers
from engine.notices import acts, reads
from engine.notices.reads import Notice
from web.forms import whole
from web.guard import anybody_signed_in
from web.languages import gettext as _
from web.letters.room import room
from web.notices import tell
from web.outbox.paths import path_of
from web.page import bell_tag
from web.shown import day, local

_PAGE = 50


@room.get("/")
@anybody_signed_in
def notices() -> ResponseReturnValue:
    """What is unread first; behind each half its own way to more."""
    before, only = _before(), request.args.get("only")
    unread = _page(False, before) if only != "read" else ()
    read = _page(True, before) if only != "unread" else ()
    return render_template(
        "letters/notices.html",
        unread_days=_by_day(unread[:_PAGE]),
        read_days=_by_day(read[:_PAGE]),
        more_unread=_more(unread, "unread"),
        more_read=_more(read, "read"),
        paged=before is not None,
        newest=unread[0].id if unread else None,
        path_of=path_of,
    )


def _page(is_read: bool, before: int | None) -> tuple[Notice, ...]:
    """One more than is shown tells that there is more."""
    return with_numbers(g.db, reads.page(g.db, actor=g.actor, is_read=is_read, before=before, limit=_PAGE + 1))


def _by_day(notices: Sequence[Notice]) -> list[tuple[str, list[Notice]]]:
    return [(day(found[0].at), found) for _day, those in groupby(notices, _local_day) if (found := list(those))]


def _local_day(notice: Notice) -> object:
    return local(notice.at).date()


def _more(notices: Sequence[Notice], only: str) -> str | None:
    return url_for("letters.notices", only=only, before=notices[_PAGE - 1].id) if len(notices) > _PAGE else None


def _before() -> int | None:
    try:
        return whole(request.args["before"])
    except (KeyError, ValueError):
        return None


@room.get("/bell")
@anybody_signed_in
def bell() -> ResponseReturnValue:
    """Asked every few seconds by every open page: nothing is sent where nothing has changed."""
    g.in_use = None  # a page that lies open is nobody at work: it must not keep the sign-in from running out
    unread = reads.unread(g.db, g.actor.person_id)
    answer: Response = make_response()
    answer.set_etag(bell_tag(unread))
    if request.if_none_match.contains(bell_tag(unread)):
        answer.status_code = 304
        return answer
    answer.set_data(render_template("letters/bell.html", unread=unread))
    return answer


@room.post("/<int:notice_id>/read")
@anybody_signed_in
def read(notice_id: int) -> ResponseReturnValue:
    acts.mark_read(g.db, by=g.actor, notice_id=notice_id)
    return redirect(url_for("letters.notices"), 303)


@room.post("/read")
@anybody_signed_in
def read_all() -> ResponseReturnValue:
    """As far as the page showed them."""
    try:
        up_to = whole(request.form["up_to"])
    except (KeyError, ValueError):
        up_to = None
    acts.mark_all_read(g.db, by=g.actor, up_to=up_to)
    tell(_("All notices are marked as read."))
    return redirect(url_for("letters.notices"), 303)
