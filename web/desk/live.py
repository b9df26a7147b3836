"""New work, told without reloading: a page asks every few seconds, and is answered from the indexes alone."""

from __future__ import annotations

from datetime import datetime
from hashlib import sha256

from flask import Response, g, jsonify, request
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
    found = inbox.news(g.db, actor=g.actor, since=_since())
    told = (language(), found.fresh, found.counts.mine, found.counts.posts)
    seal = sha256(repr(told).encode()).hexdigest()[:16]
    if request.if_none_match.contains(seal):
        answer = Response(status=304)
    else:
        words = ngettext("%(num)s new task", "%(num)s new tasks", found.fresh) if found.fresh else ""
        counts = {Which.MINE: found.counts.mine, Which.POSTS: found.counts.posts}
        counts[Which.ALL] = sum(counts.values())
        answer = jsonify(fresh=found.fresh, words=words, counts={which: capped(one) for which, one in counts.items()})
    answer.set_etag(seal)
    answer.headers["Cache-Control"] = "private, no-cache"
    return answer


def _since() -> datetime:
    try:
        return from_stored(whole(request.args.get("since", "")))
    except (ValueError, OverflowError):
        return clock.now()
