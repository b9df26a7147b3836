"""Letters to a mail server: one connection for as many as there are, its certificate checked."""

from __future__ import annotations

import smtplib
import ssl
from contextlib import suppress
from email.message import EmailMessage
from types import TracebackType
from typing import Final, Self

from web.outbox.means import MailServer

TIME_OUT: Final = 20.0
"""Seconds that a mail server may be silent for."""


class NotReached(Exception):
    """The mail server itself: every other letter would meet the same."""


class NotAccepted(Exception):
    """This one letter. It may have arrived all the same, where the connection broke while the answer was waited for."""


class Postman:
    """Open it for a round of letters; a connection that broke is made anew for the next one."""

    def __init__(self, server: MailServer, sender: str, *, time_out: float = TIME_OUT) -> None:
        self._server = server
        self._sender = sender
        self._time_out = time_out
        self._smtp: smtplib.SMTP | None = None

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, fault: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._hang_up()

    def send(self, letter: EmailMessage, to: str) -> None:
        """Raises NotReached, NotAccepted."""
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
            raise NotAccepted(_told(fault)) from fault

    def _connect(self) -> smtplib.SMTP:
        server = self._server
        here = self._sender.rpartition("@")[2]  # asking the machine for its own name may ask the network
        smtp: smtplib.SMTP | None = None
        try:
            if server.tls:
                smtp = smtplib.SMTP_SSL(
                    server.host, server.port, local_hostname=here, timeout=self._time_out, context=self._trusted()
                )
            else:
                smtp = smtplib.SMTP(server.host, server.port, local_hostname=here, timeout=self._time_out)
            if server.starttls:
                smtp.starttls(context=self._trusted())
            if server.user:
                smtp.login(server.user, server.password)
        except smtplib.SMTPResponseException as refused:
            _close(smtp)
            raise NotReached(_words(refused.smtp_code, refused.smtp_error)) from refused
        except (smtplib.SMTPException, OSError) as fault:
            _close(smtp)
            raise NotReached(_told(fault)) from fault
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
        _close(smtp)


def _close(smtp: smtplib.SMTP | None) -> None:
    if smtp is not None:
        smtp.close()


def _words(code: int, said: bytes | str) -> str:
    return f"{code} {said.decode(errors='replace') if isinstance(said, bytes) else said}"


def _told(fault: Exception) -> str:
    return f"{type(fault).__name__}: {fault}"
