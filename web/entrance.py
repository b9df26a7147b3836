"""The entrance: signing in and out, and choosing the language."""

from __future__ import annotations

from contextlib import suppress
from typing import Final
from urllib.parse import urlsplit

from flask import Blueprint, Flask, current_app, g, make_response, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from werkzeug.exceptions import TooManyRequests
from werkzeug.wrappers import Response

from engine.base.errors import Refusal
from engine.organisation import checking
from engine.organisation import sign_in as organisation
from engine.organisation.rules import NotFounded, PasswordUnfit
from web.before import Before, done_before
from web.guard import anybody_signed_in, cookie_name, public
from web.languages import COOKIE, language, language_named
from web.languages import gettext as _
from web.limiting import Limits
from web.notices import tell
from web.page import office
from web.settings import Settings
from web.shown import fact

room = Blueprint("entrance", __name__)

_YEAR = 365 * 24 * 3600
_LIMITS: Final = "officium.sign_ins"


def set_up(app: Flask, settings: Settings) -> None:
    app.config["DEMO_SIGN_INS"] = settings.demo_sign_ins
    app.extensions[_LIMITS] = Limits(settings.sign_ins, settings.limits, "sign-in")


def _look_who() -> checking.Kept | None:
    """Whoever is over the limit, or must wait, makes this machine reckon nothing."""
    limits: Limits = current_app.extensions[_LIMITS]
    wait = limits.wait(request.remote_addr or "unknown")
    if wait is not None:
        raise TooManyRequests(retry_after=wait)
    return checking.kept_of(g.db, login=_login())


def _check(kept: checking.Kept | None) -> None:
    g.checked = None if kept is None else checking.check(kept, request.form.get("password", ""))


def _login() -> str:
    return request.form.get("login", "").strip()


def _check_and_make(kept: checking.Kept | None) -> None:
    g.made = None
    g.checked = None if kept is None else checking.check(kept, request.form.get("current", ""))
    if g.checked is not None and g.checked.fits:
        with suppress(PasswordUnfit):  # told by the act
            g.made = checking.hashed(login=g.actor.login, password=request.form.get("new", ""))


def _typed_alike() -> bool:
    return request.form.get("new", "") == request.form.get("again", "")


# To hold a password against what is kept takes 50 ms, in which on a file nobody could write.
checks_password = done_before(Before(look=_look_who, make=_check, wanted=lambda: True))
checks_passwords = done_before(
    Before(look=lambda: checking.kept_of(g.db, login=g.actor.login), make=_check_and_make, wanted=_typed_alike)
)


@room.get("/sign-in")
@public
def sign_in() -> ResponseReturnValue:
    if g.actor is not None:
        return redirect(_local(request.args.get("next")), 303)
    return _sign_in_page(login=request.args.get("login", ""), following=request.args.get("next", ""))


@room.post("/sign-in")
@public
@checks_password
def sign_in_now() -> ResponseReturnValue:
    """A wrong password is answered, not raised: the engine's count of failures must be kept."""
    login, following = _login(), request.form.get("next", "")
    password = request.form.get("password", "")
    try:
        secret, _actor = organisation.sign_in(g.db, login=login, password=password, checked=g.checked)
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
@checks_passwords
def change_password() -> ResponseReturnValue:
    """The old one is asked for by signing in anew: wrong ones count, and the sign-in goes on under a new secret."""
    if not _typed_alike():
        return render_template("entrance/password.html", errors={"again": _("The two new passwords differ.")}), 422
    try:
        secret, actor = organisation.sign_in(
            g.db, login=g.actor.login, password=request.form.get("current", ""), checked=g.checked
        )
    except Refusal as refusal:
        return render_template("entrance/password.html", errors={"current": refusal.say(language(), fact)}), 422
    new = request.form.get("new", "")
    try:
        organisation.set_password(g.db, by=actor, person_id=actor.person_id, password=new, staying=secret, made=g.made)
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
