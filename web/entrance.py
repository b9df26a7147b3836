"""The entrance: signing in and out, and choosing the language."""

from __future__ import annotations

from functools import wraps
from urllib.parse import urlsplit

from flask import Blueprint, Flask, current_app, g, make_response, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from limits import parse_many
from limits.storage import storage_from_string
from limits.strategies import FixedWindowRateLimiter
from werkzeug.exceptions import TooManyRequests
from werkzeug.wrappers import Response

from engine.base import clock
from engine.base.errors import Refusal
from engine.organisation import sign_in as organisation
from engine.organisation.rules import NotFounded, PasswordUnfit
from web.guard import anybody_signed_in, cookie_name, public
from web.languages import COOKIE, language, language_named
from web.languages import gettext as _
from web.notices import tell
from web.page import office
from web.settings import Settings
from web.shown import fact

room = Blueprint("entrance", __name__)

_YEAR = 365 * 24 * 3600


def set_up(app: Flask, settings: Settings) -> None:
    """Counts sign-in attempts by address, for each app on its own."""
    app.config["DEMO_SIGN_INS"] = settings.demo_sign_ins
    limits = parse_many(settings.sign_ins.replace(",", ";"))
    counter = FixedWindowRateLimiter(storage_from_string(settings.limits))
    view = app.view_functions["entrance.sign_in_now"]

    @wraps(view)
    def within_limits() -> ResponseReturnValue:
        address = request.remote_addr or "unknown"
        for limit in limits:
            if not counter.hit(limit, "sign-in", address):
                ends = counter.get_window_stats(limit, "sign-in", address).reset_time
                raise TooManyRequests(retry_after=max(1, int(ends - clock.now().timestamp())))
        return current_app.ensure_sync(view)()  # type: ignore[no-any-return]

    app.view_functions["entrance.sign_in_now"] = within_limits


@room.get("/sign-in")
@public
def sign_in() -> ResponseReturnValue:
    if g.actor is not None:
        return redirect(_local(request.args.get("next")), 303)
    return _sign_in_page(login=request.args.get("login", ""), following=request.args.get("next", ""))


@room.post("/sign-in")
@public
def sign_in_now() -> ResponseReturnValue:
    """A wrong password is answered, not raised: the engine's count of failures must be kept."""
    login, following = request.form.get("login", "").strip(), request.form.get("next", "")
    try:
        secret, _actor = organisation.sign_in(g.db, login=login, password=request.form.get("password", ""))
    except Refusal as refusal:
        return _sign_in_page(login=login, following=following, refusal=refusal), 422
    return _signed_in(secret, _local(following))


def _signed_in(secret: str, following: str) -> Response:
    answer = redirect(following, 303)
    answer.set_cookie(cookie_name(), secret, httponly=True, samesite="Lax", secure=_secure())
    return answer


def _secure() -> bool:
    return bool(current_app.config["SESSION_COOKIE_SECURE"])


def _sign_in_page(*, login: str, following: str, refusal: Refusal | None = None) -> str:
    demo = current_app.config["DEMO_SIGN_INS"]
    return render_template(
        "entrance/sign_in.html",
        login=login,
        following=following,
        error=refusal.say(language(), fact) if refusal else None,
        unfounded=None if office() else NotFounded().say(language()),
        demo_sign_ins=demo,
        used=next((one for one in demo if one.login == login), None),
    )


@room.post("/sign-out")
@public
def sign_out() -> ResponseReturnValue:
    secret = request.cookies.get(cookie_name())
    if secret:
        organisation.sign_out(g.db, secret)
    answer = redirect(url_for("entrance.sign_in"), 303)
    answer.delete_cookie(cookie_name(), secure=_secure(), httponly=True, samesite="Lax")
    return answer


@room.get("/password")
@anybody_signed_in
def password() -> ResponseReturnValue:
    return render_template("entrance/password.html", errors={})


@room.post("/password")
@anybody_signed_in
def change_password() -> ResponseReturnValue:
    """The old one is asked for by signing in anew: wrong ones count, and the sign-in goes on under a new secret."""
    new = request.form.get("new", "")
    if new != request.form.get("again", ""):
        return render_template("entrance/password.html", errors={"again": _("The two new passwords differ.")}), 422
    try:
        secret, actor = organisation.sign_in(g.db, login=g.actor.login, password=request.form.get("current", ""))
    except Refusal as refusal:
        return render_template("entrance/password.html", errors={"current": refusal.say(language(), fact)}), 422
    try:
        organisation.set_password(g.db, by=actor, person_id=actor.person_id, password=new, staying=secret)
    except PasswordUnfit as refusal:
        organisation.sign_out(g.db, secret)
        return render_template("entrance/password.html", errors={"new": refusal.say(language(), fact)}), 422
    answer = _signed_in(secret, url_for("entrance.password"))
    tell(_("Your password is changed. You were signed out everywhere else."))
    return answer


@room.post("/language")
@public
def choose_language() -> ResponseReturnValue:
    """Kept with the person; before they sign in, in the browser."""
    wish = language_named(request.form.get("language"))
    answer: Response = make_response(redirect(_local(request.form.get("next")), 303))
    if wish is None:
        return answer
    if g.actor is not None:
        organisation.choose_language(g.db, by=g.actor, language=wish)
    answer.set_cookie(COOKIE, wish, max_age=_YEAR, httponly=True, samesite="Lax", secure=_secure())
    return answer


@room.post("/keys")
@anybody_signed_in
def choose_keys() -> ResponseReturnValue:
    """Whether one key alone does something; asked for by the pages' script."""
    organisation.choose_keys(g.db, by=g.actor, single=request.form.get("keys") != "off")
    return "", 204


def _local(address: str | None) -> str:
    """The address if it is a path of ours: a link must not lead a person who signs in to somebody else's site."""
    found = address or ""
    if not found.startswith("/") or found.startswith(("//", "/\\")) or any(ord(c) < 32 for c in found):
        return "/"
    parts = urlsplit(found)
    return "/" if parts.scheme or parts.netloc else found
