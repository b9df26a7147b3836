"""The way to a program that the office calls: one address looked up and judged by us, and one span of time for all of it."""

from __future__ import annotations

import http.client
import socket
import ssl
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Final
from urllib.parse import SplitResult

from engine.base.text import Name, Text
from engine.notices.rules import is_outside
from web.outbox.failing import NO_LOOKING_UP, raw, told

FAULTS: Final = (OSError, http.client.HTTPException, ValueError, AttributeError)
"""What going wrong on the way raises. AttributeError: the connection was cut between two steps of http.client."""

CLEAR: Final = Text("without TLS nothing leaves the office", "未加密的内容不得离开本机关")
INSIDE: Final = Text("{host} leads inside a private network", "{host} 指向内部网络")
LOOKS_UP: Final = 5.0
_AT_ONCE: Final = threading.BoundedSemaphore(16)
"""So many look-ups may be under way: a resolver that answers nobody must not fill the process with threads."""
NO_ANSWER: Final = "the name was not looked up in time"


class Unreachable(Exception):
    """Nothing was sent. `for_good`: trying again would change nothing; `detail`: what the machine said."""

    def __init__(self, why: Text, host: str, detail: str = "", *, for_good: bool = False) -> None:
        self.why = Name(why.say("en", host=host), why.say("zh", host=host))
        self.detail = detail
        self.for_good = for_good
        super().__init__(self.why.en + (f" ({detail})" if detail else ""))


def connection(parts: SplitResult, *, inside: bool, time_out: float) -> Plain | Secure:
    """To the very address that was judged: a name that leads elsewhere a moment later changes nothing. Raises Unreachable."""
    host = parts.hostname or ""
    secure = parts.scheme == "https"
    if not secure and not inside:
        raise Unreachable(CLEAR, host, for_good=True)
    port = parts.port or (443 if secure else 80)
    address = _judged(host, port, inside, min(time_out, LOOKS_UP))
    return (Secure if secure else Plain)(host, port, address, time_out)


def _judged(host: str, port: int, inside: bool, time_out: float) -> str:
    try:
        found = looked_up(host, port, time_out)
    except (OSError, UnicodeError) as fault:
        why = NO_LOOKING_UP if isinstance(fault, TimeoutError) else told(fault, host)
        raise Unreachable(why, host, raw(fault)) from fault
    if not inside:
        within = [one for one in found if not is_outside(one)]
        if within or not found:
            raise Unreachable(INSIDE, host, for_good=True)
    return found[0]


def looked_up(host: str, port: int, time_out: float) -> list[str]:
    """Its addresses, at least one. The resolver has times of its own, and cannot be told another: whoever waits for it here stops waiting.

    Raises what looking up raises, and TimeoutError.
    """
    found: list[list[str] | Exception] = []
    if not _AT_ONCE.acquire(timeout=time_out):
        raise TimeoutError(NO_ANSWER)

    def look_up() -> None:
        try:
            found.append([str(one[4][0]) for one in socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)])
        except Exception as fault:  # it is raised again where it is waited for
            found.append(fault)
        finally:
            _AT_ONCE.release()

    thread = threading.Thread(target=look_up, name="look-up", daemon=True)
    thread.start()
    thread.join(time_out)
    if not found:
        raise TimeoutError(NO_ANSWER)
    if isinstance(found[0], Exception):
        raise found[0]
    return found[0]


@contextmanager
def within(connection: Plain | Secure, time_out: float) -> Iterator[None]:
    """Each wait has a limit of its own; a server that sends a byte now and then would never meet one. Here all ends."""
    guard = threading.Timer(time_out, connection.cut)
    guard.daemon = True
    guard.start()
    try:
        yield
    finally:
        guard.cancel()
        connection.close()


class _TooLong(OSError):
    def __str__(self) -> str:
        return "it took too long"


class Plain(http.client.HTTPConnection):
    sock: socket.socket | None
    is_cut = False

    def __init__(self, host: str, port: int, address: str, time_out: float) -> None:
        super().__init__(host, port, timeout=time_out)
        self._address = address
        self._way: socket.socket | None = None

    def connect(self) -> None:
        self._way = self.sock = socket.create_connection((self._address, self.port), self.timeout)
        self.must_go_on()

    def must_go_on(self) -> None:
        """Raises OSError where the time is over: what was read since is not to be trusted to be whole."""
        if self.is_cut:
            raise _TooLong

    def cut(self) -> None:
        """http.client lets go of the socket before the answer is read: it is cut by a hold of our own."""
        self.is_cut = True
        _cut(self._way)


class Secure(http.client.HTTPSConnection):
    sock: socket.socket | None
    is_cut = False

    def __init__(self, host: str, port: int, address: str, time_out: float) -> None:
        super().__init__(host, port, timeout=time_out)
        self._address = address
        self._way: socket.socket | None = None
        self._trusted = ssl.create_default_context()

    def connect(self) -> None:
        plain = socket.create_connection((self._address, self.port), self.timeout)
        try:
            wrapped = self._trusted.wrap_socket(plain, server_hostname=self.host, do_handshake_on_connect=False)
        except BaseException:
            plain.close()
            raise
        self._way = self.sock = wrapped  # before the handshake, so that one that drips can be cut
        self.must_go_on()
        wrapped.do_handshake()

    def must_go_on(self) -> None:
        """As above."""
        if self.is_cut:
            raise _TooLong

    def cut(self) -> None:
        self.is_cut = True
        _cut(self._way)


def _cut(sock: socket.socket | None) -> None:
    if sock is not None:
        try:
            sock.shutdown(socket.SHUT_RDWR)
        except OSError:
            sock.close()
