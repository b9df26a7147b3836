"""“My notices”: what is sent to a person by e-mail, and when."""

from __future__ import annotations

from collections.abc import Callable
from typing import Final

from flask import current_app, g, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue

from engine.base.errors import Refusal
from engine.notices import acts, reads
from engine.notices.rules import Group, How
from web.forms import whole
from web.guard import anybody_signed_in
from web.languages import gettext as _
from web.letters.room import room
from web.notices import tell
from web.shown import refused

GROUPS: Final[dict[Group, tuple[Callable[[], str], Callable[[], str]]]] = {
    Group.URGENT: (
        lambda: _("What is urgent"),
        lambda: _("urged, hand-overs nobody accepts, red cards, periods that end, alerts that ring"),
    ),
    Group.WORK: (
        lambda: _("Work for me"),
        lambda: _(
            "returned, handed to me, opinions, signatures and votes asked, yellow cards, incidents, corrective actions, weekly reports"
        ),
    ),
    Group.ANSWERS: (
        lambda: _("Answers to me"),
        lambda: _(
            "opinions given, signed, declined, votes closed, more time, cards answered, corrective actions carried out or verified"
        ),
    ),
    Group.MENTIONS: (lambda: _("Mentions and copies"), lambda: _("notes that mention me, cases copied to me")),
    Group.COURSE: (
        lambda: _("The course of cases"),
        lambda: _("suspended, resumed, cancelled, done on my behalf"),
    ),
}
HOWS: Final[dict[How, Callable[[], str]]] = {
    How.AT_ONCE: lambda: _("at once"),
    How.DIGEST: lambda: _("in the digest"),
    How.NOT: lambda: _("not"),
}


@room.get("/wishes")
@anybody_signed_in
def wishes() -> ResponseReturnValue:
    return _page()


def _page(*, field: str = "", refusal: Refusal | None = None) -> str:
    return render_template(
        "letters/wishes.html",
        wishes=reads.wishes_of(g.db, g.actor.person_id),
        groups=[(group, name(), kinds()) for group, (name, kinds) in GROUPS.items()],
        hows=[(how, name()) for how, name in HOWS.items()],
        sends_mail=bool(current_app.config["SENDS_MAIL"]),
        errors={field: refused(refusal)} if refusal else {},
        typed=request.form,
    )


@room.post("/wishes")
@anybody_signed_in
def choose() -> ResponseReturnValue:
    hows = {group: How(wish) for group in Group if (wish := request.form.get(group)) in set(How)}
    try:
        hour = whole(request.form.get("hour", ""), 99)
    except ValueError:
        hour = -1
    try:
        acts.choose_notices(g.db, by=g.actor, hows=hows, digest_hour=hour)
    except Refusal as refusal:
        return _page(field="hour", refusal=refusal), 422
    tell(_("Your choice is kept."))
    return redirect(url_for("letters.wishes"), 303)


@room.post("/address")
@anybody_signed_in
def give_address() -> ResponseReturnValue:
    try:
        acts.give_address(g.db, by=g.actor, address=request.form.get("address", ""))
    except Refusal as refusal:
        return _page(field="address", refusal=refusal), 422
    tell(_("A code is on its way to that address. Type it in below."))
    return redirect(url_for("letters.wishes"), 303)


@room.post("/address/proof")
@anybody_signed_in
def prove_address() -> ResponseReturnValue:
    """A wrong code is answered, not raised: the engine's count of them must be kept."""
    try:
        acts.prove_address(g.db, by=g.actor, code=request.form.get("code", "")[:20])
    except Refusal as refusal:
        return _page(field="code", refusal=refusal), 422
    tell(_("Your address is proved. Notices are sent there from now on."))
    return redirect(url_for("letters.wishes"), 303)


@room.post("/address/forget")
@anybody_signed_in
def forget_address() -> ResponseReturnValue:
    acts.forget_address(g.db, by=g.actor)
    tell(_("Your address is forgotten. Nothing is sent to you any more."))
    return redirect(url_for("letters.wishes"), 303)
