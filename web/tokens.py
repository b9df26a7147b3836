"""Form tokens: what a page of ours carries, and a page of somebody else's cannot know.

A token is made from the secret of the sign-in (before it, of a cookie of its own) and the installation's key:
nothing is kept, and a new sign-in makes the tokens of the old one void.
"""

from __future__ import annotations

import hmac
import secrets
from hashlib import sha256
from typing import Final

from flask import Flask, Response, current_app, g, request

from engine.base.errors import Refusal
from web.guard import cookie_name

FIELD: Final = "csrf_token"
HEADER: Final = "X-CSRFToken"


class PageTooOld(Refusal):
    """This page was too old to be sent, or was not opened here. Nothing was done: load it again and send it once more."""

    zh = "此页面已过期，或并非在此打开。未作任何处理：请重新载入后再提交。"


def set_up(app: Flask) -> None:
    app.jinja_env.globals["csrf_token"] = token
    app.after_request(_remember)


def token() -> str:
    """A page with many forms asks for it many times."""
    if "form_token" not in g:
        secret = _secret()
        if secret is None:
            secret = g.form_secret = secrets.token_hex(16)
        g.form_token = _made_of(secret)
    return g.form_token  # type: ignore[no-any-return]


def check() -> None:
    """Raises PageTooOld where the request does not carry the token of its reader."""
    secret = _secret()
    given = request.form.get(FIELD) or request.headers.get(HEADER, "")
    if secret is None or not hmac.compare_digest(given.encode(), _made_of(secret).encode()):
        raise PageTooOld


def _secret() -> str | None:
    cookies = request.cookies
    return cookies.get(cookie_name()) or cookies.get(_cookie()) or g.get("form_secret")


def _made_of(secret: str) -> str:
    key: str = current_app.config["SECRET_KEY"]
    return hmac.new(key.encode(), b"form " + secret.encode(), sha256).hexdigest()


def _cookie() -> str:
    return cookie_name() + "_form"


def _remember(response: Response) -> Response:
    made = g.get("form_secret")
    if made is not None:
        secure = current_app.config["SESSION_COOKIE_SECURE"]
        response.set_cookie(_cookie(), made, httponly=True, samesite="Lax", secure=secure)
    return response
