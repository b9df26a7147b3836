"""One sentence carried to the next page: what has just been done.

It travels in a cookie of its own, signed: whoever only sends and never looks, as a program may, piles nothing up.
"""

from __future__ import annotations

import hmac
import json
from base64 import urlsafe_b64decode, urlsafe_b64encode
from functools import lru_cache
from hashlib import sha256
from typing import Final, Literal

from flask import Flask, Response, current_app, g, request
from flask.globals import app_ctx
from werkzeug.http import dump_cookie

Kind = Literal["done", "attention"]
_COOKIE: Final = "officium_notice"
_SECONDS: Final = 300


def set_up(app: Flask) -> None:
    app.jinja_env.globals["notices"] = told
    app.after_request(_carry)


def tell(sentence: str, kind: Kind = "done") -> None:
    g.notice = (kind, sentence)


def told() -> list[tuple[str, str]]:
    """Kind and sentence of what was told before this page, if anything was; it is shown once."""
    written = request.cookies.get(_COOKIE)
    if not written:
        return []
    g.notice_shown = True
    body, _, seal = written.partition(".")
    if not hmac.compare_digest(seal, _seal(body, _key())):
        return []
    kind, sentence = json.loads(urlsafe_b64decode(body))
    return [(kind, sentence)]


def _carry(response: Response) -> Response:
    here = app_ctx.g
    if "notice" in here:
        config = app_ctx.app.config
        cookie = _cookie(here.notice, config["SECRET_KEY"].encode(), bool(config["SESSION_COOKIE_SECURE"]))
        response.headers.add("Set-Cookie", cookie)
    elif "notice_shown" in here:
        response.delete_cookie(_COOKIE)
    return response


@lru_cache(maxsize=64)
def _cookie(notice: tuple[Kind, str], key: bytes, secure: bool) -> str:
    """The same few sentences are told again and again."""
    body = urlsafe_b64encode(json.dumps(notice).encode()).decode()
    sealed = f"{body}.{_seal(body, key)}"
    return dump_cookie(_COOKIE, sealed, max_age=_SECONDS, httponly=True, samesite="Lax", secure=secure)


def _key() -> bytes:
    key: str = current_app.config["SECRET_KEY"]
    return key.encode()


def _seal(body: str, key: bytes) -> str:
    return hmac.new(key, b"notice " + body.encode(), sha256).hexdigest()
