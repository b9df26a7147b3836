"""Notices to a program of the office's choice: one signed POST, to an address looked up and judged by us.

Officium-Signature: t=1763719200,v1=<hex of HMAC-SHA256(secret, "1763719200." ‖ body)>
Officium-Delivery: the same at every try, so that whoever receives it twice can tell
"""

from __future__ import annotations

import hmac
import http.client
import socket
import ssl
import threading
from hashlib import sha256
from typing import Final
from urllib.parse import SplitResult, urlsplit

from engine.notices.outbox import Endpoint
from engine.notices.rules import is_outside

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
    connection = _connection(parts, inside, time_out)
    # Each wait has its own limit; a server that sends a byte now and then would never meet one.
    guard = threading.Timer(time_out, _cut, [connection])
    guard.daemon = True
    guard.start()
    try:
        connection.request("POST", _path(parts), body, headers)
        answer = connection.getresponse()
        answer.read(MOST_ANSWER)
        status = answer.status
    except (OSError, http.client.HTTPException, ValueError, AttributeError) as fault:
        # AttributeError: the guard cut the connection between two steps of http.client.
        raise NotTaken(f"{type(fault).__name__}: {fault}") from fault
    finally:
        guard.cancel()
        connection.close()
    if not 200 <= status < 300:
        raise NotTaken(f"it answered {status}")


def signature(secret: str, at: int, body: bytes) -> str:
    sealed = hmac.new(secret.encode(), f"{at}.".encode() + body, sha256).hexdigest()
    return f"t={at},v1={sealed}"


def _path(parts: SplitResult) -> str:
    return (parts.path or "/") + (f"?{parts.query}" if parts.query else "")


def _connection(parts: SplitResult, inside: bool, time_out: float) -> http.client.HTTPConnection:
    """To the very address that was judged: a name that leads elsewhere a moment later changes nothing."""
    host = parts.hostname or ""
    secure = parts.scheme == "https"
    if not secure and not inside:
        raise NotTaken("without TLS nothing leaves the office")
    port = parts.port or (443 if secure else 80)
    address = _judged(host, port, inside)
    if secure:
        return _Secure(host, port, address, time_out)
    return _Plain(host, port, address, time_out)


def _judged(host: str, port: int, inside: bool) -> str:
    try:
        found = [str(one[4][0]) for one in socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)]
    except (OSError, UnicodeError) as fault:
        raise NotTaken(f"{host} leads nowhere: {fault}") from fault
    if not inside:
        within = [one for one in found if not is_outside(one)]
        if within or not found:
            raise NotTaken(f"{host} leads inside a private network")
    return found[0]


class _Plain(http.client.HTTPConnection):
    def __init__(self, host: str, port: int, address: str, time_out: float) -> None:
        super().__init__(host, port, timeout=time_out)
        self._address = address

    def connect(self) -> None:
        self.sock = socket.create_connection((self._address, self.port), self.timeout)


class _Secure(http.client.HTTPSConnection):
    def __init__(self, host: str, port: int, address: str, time_out: float) -> None:
        super().__init__(host, port, timeout=time_out)
        self._address = address
        self._trusted = ssl.create_default_context()

    def connect(self) -> None:
        plain = socket.create_connection((self._address, self.port), self.timeout)
        try:
            self.sock = self._trusted.wrap_socket(plain, server_hostname=self.host)
        except BaseException:
            plain.close()
            raise


def _cut(connection: http.client.HTTPConnection) -> None:
    sock = connection.sock
    if sock is not None:
        try:
            sock.shutdown(socket.SHUT_RDWR)
        except OSError:
            sock.close()
