"""New work, told without reloading: a page asks every few seconds, and is answered from the indexes alone."""

from __future__ import annotations

from datetime import datetime
from hashlib import sha256

from flask import Response, g, jsonify, request, url_for
from flask.typing import ResponseReturnValue

from engine.base import clock
from engine.base.database import from_stored
from engine.cases import inbox
from engine.cases.inbox import Which
from web.desk.listing import capped
from web.desk.room import room
from web.forms import whole
from web.guard import anybody_signed_in
from web.languages import language, ngettext


@room.get("/desk/news")
@anybody_signed_in
def news() -> ResponseReturnValue:
    """A page that asks by itself keeps nobody signed in."""
    g.in_use = None
    copied = "copies" in request.args
    found = inbox.news(g.db, actor=g.actor, since=_since(), copied=copied)
    told = (language(), found.fresh, found.counts)
    seal = sha256(repr(told).encode()).hexdigest()[:16]
    if request.if_none_match.contains(seal):
        answer = Response(status=304)
    else:
        words = ngettext("%(num)s new task", "%(num)s new tasks", found.fresh) if found.fresh else ""
        counts = {Which.MINE: found.counts.mine, Which.POSTS: found.counts.posts}
        counts[Which.ALL] = sum(counts.values())
        if g.actor.stands_in:
            counts[Which.DEPUTISED] = found.counts.deputised
        shown = {url_for("desk.desk", which=which): capped(one) for which, one in counts.items()}
        if copied:
            shown[url_for("asking.copies")] = capped(found.counts.copies)
        answer = jsonify(fresh=found.fresh, words=words, counts=shown)
    answer.set_etag(seal)
    answer.headers["Cache-Control"] = "private, no-cache"
    return answer


def _since() -> datetime:
    try:
        return from_stored(whole(request.args.get("since", "")))
    except (ValueError, OverflowError):
        return clock.now()
