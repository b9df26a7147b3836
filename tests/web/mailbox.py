"""A mail server of this machine's own: it keeps what comes, or does to it what a test wants."""

from __future__ import annotations

import socket
import ssl
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from email import message_from_bytes
from email.message import EmailMessage
from email.policy import default
from pathlib import Path
from typing import Any

from aiosmtpd.controller import Controller
from aiosmtpd.smtp import SMTP, AuthResult, Envelope, LoginPassword, Session


class Mailbox:
    """`answer` is said instead of taking a letter; `refuses` its receiver; `drops` hangs up with it in hand."""

    def __init__(self) -> None:
        self.letters: list[EmailMessage] = []
        self.receivers: list[list[str]] = []
        self.answer: str | None = None
        self.refuses: str | None = None
        self.drops = False

    async def handle_RCPT(  # noqa: N802
        self, _server: SMTP, _session: Session, envelope: Envelope, address: str, _options: Any
    ) -> str:
        if self.refuses is not None:
            return self.refuses
        envelope.rcpt_tos.append(address)
        return "250 OK"

    async def handle_DATA(self, server: SMTP, _session: Session, envelope: Envelope) -> str:  # noqa: N802
        if self.answer is not None:
            return self.answer
        assert isinstance(envelope.content, bytes)
        letter = message_from_bytes(envelope.content, policy=default)
        assert isinstance(letter, EmailMessage)
        self.letters.append(letter)
        self.receivers.append(envelope.rcpt_tos)
        if self.drops:
            server.transport.abort()  # type: ignore[union-attr]
        return "250 OK"

    def words(self, number: int = -1, kind: str = "plain") -> str:
        return words_of(self.letters[number], kind)


def words_of(letter: EmailMessage, kind: str = "plain") -> str:
    part = letter.get_body((kind,))
    assert part is not None
    found = part.get_content()
    assert isinstance(found, str)
    return found


@contextmanager
def receiving(mailbox: Mailbox, **more: Any) -> Iterator[Controller]:
    with socket.create_server(("127.0.0.1", 0)) as free:
        port = free.getsockname()[1]
    controller = Controller(mailbox, hostname="127.0.0.1", port=port, **more)
    controller.start()
    try:
        yield controller
    finally:
        controller.stop()


def port_of(controller: Controller) -> int:
    found: int = controller.port
    return found


def certificate(folder: Path) -> tuple[ssl.SSLContext, Path]:
    """For localhost, signed by itself."""
    key, made = folder / "key.pem", folder / "cert.pem"
    subprocess.run(
        ["openssl", "req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:prime256v1", "-nodes", "-days", "2",
         "-subj", "/CN=localhost", "-addext", "subjectAltName=DNS:localhost", "-keyout", key, "-out", made],
        check=True, capture_output=True,
    )  # fmt: skip
    context = ssl.create_default_context(ssl.Purpose.CLIENT_AUTH)
    context.load_cert_chain(made, key)
    return context, made


def only(user: str, password: str) -> Any:
    """Lets nobody else send."""

    def judge(_server: Any, _session: Any, _envelope: Any, _mechanism: str, given: Any) -> AuthResult:
        right = isinstance(given, LoginPassword) and (given.login, given.password) == (user.encode(), password.encode())
        return AuthResult(success=right)

    return judge
