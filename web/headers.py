"""What every answer tells the browser about itself."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any, Final
from wsgiref.types import StartResponse, WSGIApplication, WSGIEnvironment

from flask import Flask

POLICY: Final = (
    "default-src 'self'; img-src 'self' data:; script-src 'self'; style-src 'self'; object-src 'none'; "
    "base-uri 'none'; form-action 'self'; frame-ancestors 'none'"
)
_ALWAYS: Final = [
    ("Content-Security-Policy", POLICY),
    ("X-Content-Type-Options", "nosniff"),
    ("Referrer-Policy", "same-origin"),
    ("Cross-Origin-Opener-Policy", "same-origin"),
    ("Permissions-Policy", "camera=(), geolocation=(), microphone=()"),
    ("Vary", "Accept-Language, Cookie"),
]
_HTTPS: Final = ("Strict-Transport-Security", "max-age=31536000")
# Pages show what is personal: a shared computer must not keep them. A view may say otherwise.
_UNLESS_SAID: Final = ("Cache-Control", "no-store")


def set_up(app: Flask, *, https: bool) -> None:
    app.wsgi_app = _telling(app.wsgi_app, [*_ALWAYS, _HTTPS] if https else _ALWAYS)  # type: ignore[assignment, method-assign]


def _telling(answer: WSGIApplication, told: list[tuple[str, str]]) -> WSGIApplication:
    """They go out as they stand, past the checks that headers made of somebody's words need."""

    def answer_and_tell(environ: WSGIEnvironment, start_response: StartResponse) -> Iterable[bytes]:
        def start(status: str, headers: list[tuple[str, str]], *fault: Any) -> Any:
            said = any(name == "Cache-Control" for name, _value in headers)
            return start_response(status, headers + told + ([] if said else [_UNLESS_SAID]), *fault)

        return answer(environ, start)

    return answer_and_tell
