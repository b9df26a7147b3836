"""The counter's first page: what waits for me, what I may receive, and where cases stand."""

from __future__ import annotations

from flask import Blueprint, g, render_template, request
from flask.typing import ResponseReturnValue

from engine.base import clock
from engine.base.errors import Refusal
from engine.counter import reads
from engine.counter.rules import TooShort
from engine.organisation.rules import Right
from engine.procedures import reads as procedures
from web.forms import faults
from web.guard import allows, anybody_signed_in

room = Blueprint("counter", __name__, url_prefix="/counter")


@room.get("/")
@anybody_signed_in
def counter() -> ResponseReturnValue:
    receives = g.actor.may(Right.RECEIVE)
    return render_template(
        "counter/counter.html",
        waiting=reads.counter(g.db, actor=g.actor),
        receives=receives,
        receivable=procedures.startable(g.db, g.actor) if receives else (),
        now=clock.now(),
    )


@room.get("/where")
@allows(Right.RECEIVE)
def where() -> ResponseReturnValue:
    """Where a case stands, as it may be told to whoever asks."""
    words = request.args.get("words", "")[:200]
    found: tuple[reads.CaseStands, ...] = ()
    refusal: Refusal | None = None
    if words:
        try:
            found = reads.where_cases_stand(g.db, actor=g.actor, words=words)
        except TooShort as short:
            refusal = short
    page = render_template(
        "counter/where.html", words=words, found=found, faults=faults(refusal, {TooShort: "o-words"}), now=clock.now()
    )
    return page, 422 if refusal else 200
