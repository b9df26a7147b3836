"""Notices to a program of the office's choice: one signed POST, to an address looked up and judged by us.

Officium-Signature: t=1763719200,v1=<hex of HMAC-SHA256(secret, "1763719200." ‖ body)>
Officium-Delivery: the same at every try, so that whoever receives it twice can tell
"""

from __future__ import annotations

import hmac
from hashlib import sha256
from typing import Final
from urllib.parse import SplitResult, urlsplit

from engine.notices.outbox import Endpoint
from web.outbox.reaching import FAULTS, Unreachable, connection, within

TIME_OUT: Final = 5.0
"""Seconds for all of it."""
MOST_ANSWER: Final = 4096
"""Bytes of an answer that are read; more is not wanted."""


class NotTaken(Exception):
    """The program did not say that it has it."""


def send(endpoint: Endpoint, body: bytes, *, delivery: str, at: int, inside: bool, time_out: float = TIME_OUT) -> None:
    """`at` in seconds since 1970. Follows no redirect. Raises NotTaken."""
    parts = urlsplit(endpoint.url)
    headers = {
        "Content-Type": "application/json",
        "User-Agent": "Officium",
        "Officium-Delivery": delivery,
        "Officium-Signature": signature(endpoint.secret, at, body),
        "Connection": "close",
    }
    try:
        way = connection(parts, inside=inside, time_out=time_out)
    except Unreachable as fault:
        raise NotTaken(str(fault)) from fault
    try:
        with within(way, time_out):
            way.request("POST", _path(parts), body, headers)
            answer = way.getresponse()
            answer.read(MOST_ANSWER)
            status = answer.status
    except FAULTS as fault:
        raise NotTaken(f"{type(fault).__name__}: {fault}") from fault
    if not 200 <= status < 300:
        raise NotTaken(f"it answered {status}")


def signature(secret: str, at: int, body: bytes) -> str:
    sealed = hmac.new(secret.encode(), f"{at}.".encode() + body, sha256).hexdigest()
    return f"t={at},v1={sealed}"


def _path(parts: SplitResult) -> str:
    return (parts.path or "/") + (f"?{parts.query}" if parts.query else "")
