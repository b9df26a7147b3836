"""For administrators: what could not be sent, and to which programs notices go."""

from __future__ import annotations

from flask import current_app, g, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue

from engine.base.errors import Refusal
from engine.notices import acts, reads
from engine.organisation.rules import Right
from web.guard import allows
from web.languages import gettext as _
from web.languages import ngettext
from web.letters.room import room
from web.notices import tell
from web.shown import refused


@room.get("/sending")
@allows(Right.ADMINISTER)
def sending() -> ResponseReturnValue:
    return _page()


def _page(*, refusal: Refusal | None = None, secret: str | None = None) -> str:
    return render_template(
        "letters/sending.html",
        undelivered=reads.undelivered(g.db, by=g.actor),
        webhooks=reads.webhooks_in_use(g.db, by=g.actor),
        sends_mail=bool(current_app.config["SENDS_MAIL"]),
        error=refused(refusal) if refusal else None,
        typed=request.form.get("url", ""),
        secret=secret,
    )


@room.post("/sending/again")
@allows(Right.ADMINISTER)
def try_all_again() -> ResponseReturnValue:
    return _again(None)


@room.post("/sending/<int:delivery_id>/again")
@allows(Right.ADMINISTER)
def try_again(delivery_id: int) -> ResponseReturnValue:
    return _again(delivery_id)


def _again(delivery_id: int | None) -> ResponseReturnValue:
    found = acts.try_again(g.db, by=g.actor, delivery_id=delivery_id)
    tell(ngettext("%(num)s message is tried again now.", "%(num)s messages are tried again now.", found))
    return redirect(url_for("letters.sending"), 303)


@room.post("/sending/webhooks")
@allows(Right.ADMINISTER)
def add_webhook() -> ResponseReturnValue:
    """The page comes at once and not by another request: the secret is shown this once and kept nowhere on its way."""
    inside = bool(current_app.config["WEBHOOKS_INSIDE"])
    try:
        secret = acts.add_webhook(g.db, by=g.actor, url=request.form.get("url", ""), inside=inside)
    except Refusal as refusal:
        return _page(refusal=refusal), 422
    return _page(secret=secret)


@room.post("/sending/webhooks/<int:webhook_id>/remove")
@allows(Right.ADMINISTER)
def remove_webhook(webhook_id: int) -> ResponseReturnValue:
    acts.remove_webhook(g.db, by=g.actor, webhook_id=webhook_id)
    tell(_("Nothing is sent there any more."))
    return redirect(url_for("letters.sending"), 303)
