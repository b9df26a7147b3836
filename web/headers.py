"""What every answer tells the browser about itself."""

from __future__ import annotations

from typing import Final

from flask import Flask, Response

POLICY: Final = (
    "default-src 'self'; img-src 'self' data:; script-src 'self'; style-src 'self'; object-src 'none'; "
    "base-uri 'none'; form-action 'self'; frame-ancestors 'none'"
)


def set_up(app: Flask, *, https: bool) -> None:
    @app.after_request
    def tell(response: Response) -> Response:
        headers = response.headers
        headers["Content-Security-Policy"] = POLICY
        headers["X-Content-Type-Options"] = "nosniff"
        headers["Referrer-Policy"] = "same-origin"
        headers["Cross-Origin-Opener-Policy"] = "same-origin"
        headers["Permissions-Policy"] = "camera=(), geolocation=(), microphone=()"
        # Pages show what is personal: a shared computer must not keep them. A view may say otherwise.
        headers.setdefault("Cache-Control", "no-store")
        headers.add("Vary", "Accept-Language, Cookie")
        if https:
            headers["Strict-Transport-Security"] = "max-age=31536000"
        return response
