"""Letters to a mail server: one connection for as many as there are, its certificate checked.

Each wait has a limit, and so has looking up the server's name, and so has all that is done for one letter.
"""

from __future__ import annotations

import smtplib
import socket
import ssl
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from email.message import EmailMessage
from types import TracebackType
from typing import Final, Self

from web.outbox.means import MailServer
from web.outbox.reaching import LOOKS_UP, NO_ANSWER, looked_up

TIME_OUT: Final = 20.0
"""Seconds that a mail server may be silent for."""
WHOLE: Final = 60.0
"""Seconds for reaching it and handing it one letter: one that says a sign now and then is never silent for long."""


WayTo = Callable[[str, int, float], socket.socket]


class NotReached(Exception):
    """The mail server itself: every other letter would meet the same."""


class NotAccepted(Exception):
    """This one letter. It may have arrived all the same, where the connection broke while the answer was waited for."""


class _Clear(smtplib.SMTP):
    def __init__(self, way_to: WayTo, server: MailServer, here: str, time_out: float) -> None:
        self._way_to = way_to
        super().__init__(server.host, server.port, local_hostname=here, timeout=time_out)

    def _get_socket(self, host: str, port: int, timeout: float) -> socket.socket:
        return self._way_to(host, port, timeout)


class _Tls(smtplib.SMTP_SSL):
    def __init__(self, way_to: WayTo, server: MailServer, here: str, time_out: float, trusted: ssl.SSLContext) -> None:
        self._way_to = way_to
        super().__init__(server.host, server.port, local_hostname=here, timeout=time_out, context=trusted)

    def _get_socket(self, host: str, port: int, timeout: float) -> ssl.SSLSocket:
        way = self._way_to(host, port, timeout)
        try:
            return self.context.wrap_socket(way, server_hostname=host)
        except BaseException:
            way.close()
            raise


class Postman:
    """Open it for a round of letters; a connection that broke is made anew for the next one."""

    def __init__(self, server: MailServer, sender: str, *, time_out: float = TIME_OUT, whole: float = WHOLE) -> None:
        self._server = server
        self._sender = sender
        self._time_out = time_out
        self._whole = whole
        self._until = 0.0
        self._smtp: smtplib.SMTP | None = None
        self._hold: socket.socket | None = None

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, fault: BaseException | None, trace: TracebackType | None
    ) -> None:
        with self._within():
            self._hang_up()

    def send(self, letter: EmailMessage, to: str) -> None:
        """Raises NotReached, NotAccepted."""
        with self._within():
            smtp = self._smtp or self._connect()
            try:
                smtp.send_message(letter, from_addr=self._sender, to_addrs=[to])
            except smtplib.SMTPRecipientsRefused as refused:
                code, said = refused.recipients[to]
                raise NotAccepted(_words(code, said)) from refused
            except smtplib.SMTPResponseException as refused:
                self._hang_up()
                raise NotAccepted(_words(refused.smtp_code, refused.smtp_error)) from refused
            except (smtplib.SMTPException, OSError, ValueError) as fault:  # ValueError: an address no server takes
                self._hang_up()
                raise NotAccepted(self._told(fault)) from fault

    @contextmanager
    def _within(self) -> Iterator[None]:
        """When the time for all of it is over, the connection is cut under whoever waits for it."""
        self._until = time.monotonic() + self._whole
        guard = threading.Timer(self._whole, self._cut)
        guard.daemon = True
        guard.start()
        try:
            yield
        finally:
            guard.cancel()

    def _cut(self) -> None:
        hold = self._hold
        if hold is not None:
            with suppress(OSError):
                hold.shutdown(socket.SHUT_RDWR)

    def _way_to(self, host: str, port: int, time_out: float) -> socket.socket:
        """To whichever of its addresses takes it first, the name looked up within a limit. Raises OSError."""
        fault: OSError = TimeoutError(NO_ANSWER)
        for address in looked_up(host, port, min(time_out, LOOKS_UP)):
            left = self._until - time.monotonic()
            if left <= 0:
                break
            try:
                way = socket.create_connection((address, port), min(time_out, left))
            except OSError as found:
                fault = found
                continue
            way.settimeout(time_out)
            self._hold = way.dup()  # TLS takes the first one away from us
            return way
        raise fault

    def _connect(self) -> smtplib.SMTP:
        server = self._server
        here = self._sender.rpartition("@")[2]  # asking the machine for its own name may ask the network
        smtp: smtplib.SMTP | None = None
        try:
            if server.tls:
                smtp = _Tls(self._way_to, server, here, self._time_out, self._trusted())
            else:
                smtp = _Clear(self._way_to, server, here, self._time_out)
            if server.starttls:
                smtp.starttls(context=self._trusted())
            if server.user:
                smtp.login(server.user, server.password)
        except smtplib.SMTPResponseException as refused:
            self._close(smtp)
            raise NotReached(_words(refused.smtp_code, refused.smtp_error)) from refused
        except (smtplib.SMTPException, OSError, UnicodeError) as fault:
            self._close(smtp)
            raise NotReached(self._told(fault)) from fault
        self._smtp = smtp
        return smtp

    def _trusted(self) -> ssl.SSLContext:
        context = ssl.create_default_context()
        if self._server.authority:
            context.load_verify_locations(self._server.authority)
        return context

    def _hang_up(self) -> None:
        smtp, self._smtp = self._smtp, None
        if smtp is None:
            return
        with suppress(smtplib.SMTPException, OSError):
            smtp.quit()
        self._close(smtp)

    def _close(self, smtp: smtplib.SMTP | None) -> None:
        hold, self._hold = self._hold, None
        if smtp is not None:
            smtp.close()
        if hold is not None:
            hold.close()

    def _told(self, fault: Exception) -> str:
        if time.monotonic() >= self._until:
            return f"it took longer than {self._whole:g} seconds"
        return f"{type(fault).__name__}: {fault}"


def _words(code: int, said: bytes | str) -> str:
    return f"{code} {said.decode(errors='replace') if isinstance(said, bytes) else said}"
