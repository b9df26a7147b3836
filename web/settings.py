"""What an installation may choose, all of it from the environment."""

from __future__ import annotations

import os
import secrets
import tempfile
from collections.abc import Mapping
from enum import StrEnum
from ipaddress import IPv4Network, IPv6Network, ip_network
from pathlib import Path
from typing import Final, Self

from engine.base.frozen import frozen
from engine.base.text import Text

_YES: Final = frozenset({"1", "yes", "true", "on"})


@frozen
class DemoSignIn:
    """An account of the demo office, offered under the sign-in form."""

    login: str
    name: Text
    post: Text
    password: str


class Work(StrEnum):
    """Who does what goes on by itself."""

    EMBEDDED = "embedded"  # every process that serves, beside serving
    WORKERS = "workers"  # `officium worker`, and nobody else


@frozen
class Settings:
    secret: str
    """Signs the form tokens. Whoever knows it can forge them."""
    database_url: str = "sqlite:///data/officium.db"
    host: str = "127.0.0.1"
    port: int = 8000
    https: bool = False
    """People reach the office by https: cookies are marked Secure and browsers are told to stay on it."""
    proxies: int = 0
    """How many trusted proxies stand in front and name the caller in X-Forwarded-For."""
    limits: str = "memory://"
    """Where sign-in attempts are counted; a Redis address where several machines share the work."""
    sign_ins: str = "10 per minute; 100 per hour"
    messages: str = "300 per minute"
    """How many messages a program outside may send."""
    url: str = ""
    """Where people reach the office, as https://office.example: links in letters begin with it."""
    smtp: str = ""
    """The mail server, as smtp://user:password@host:587?starttls=1 or smtps://…; without it no e-mail is sent."""
    mail_from: str = ""
    """The address that letters come from."""
    webhooks_inside: bool = False
    """Notices may be sent to programs in private networks, and without TLS."""
    demo_sign_ins: tuple[DemoSignIn, ...] = ()
    data: str = "data"
    papers: str = ""
    """Where papers lie: a folder, or s3://bucket/prefix. Empty: beside the database, where that is a file."""
    antivirus: str = ""
    """clamd://host:port or command:/path; empty: nothing is scanned."""
    hold_unscanned: bool = False
    """A paper that cannot be scanned now is kept and held back, instead of refused."""
    keep_notices: int = 90
    """Days for which a notice is kept after it was read."""
    work: Work = Work.EMBEDDED
    metrics_token: str = ""
    """Whoever sends it as a bearer token may read the figures at /metrics."""
    metrics_from: tuple[IPv4Network | IPv6Network, ...] = ()
    """Addresses that may read them without."""

    @property
    def demo(self) -> bool:
        return bool(self.demo_sign_ins)

    @classmethod
    def from_environment(cls, environ: Mapping[str, str] | None = None) -> Self:
        """Makes the data folder and, at the first start, the secret in it."""
        found = os.environ if environ is None else environ
        folder = Path(found.get("OFFICIUM_DATA", "data"))
        if "OFFICIUM_SECRET" not in found or "DATABASE_URL" not in found:
            folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        return cls(
            secret=found.get("OFFICIUM_SECRET") or _kept_secret(folder / "secret"),
            database_url=found.get("DATABASE_URL") or f"sqlite:///{folder / 'officium.db'}",
            host=found.get("HOST", "127.0.0.1"),
            port=int(found.get("PORT", "8000")),
            https=found.get("OFFICIUM_HTTPS", "").lower() in _YES,
            proxies=int(found.get("OFFICIUM_PROXIES", "0")),
            limits=found.get("OFFICIUM_LIMITS", "memory://"),
            data=str(folder),
            papers=found.get("OFFICIUM_PAPERS", ""),
            antivirus=found.get("OFFICIUM_ANTIVIRUS", ""),
            hold_unscanned=found.get("OFFICIUM_UNSCANNED", "").lower() == "hold",
            keep_notices=max(1, int(found.get("OFFICIUM_KEEP_NOTICES", "90"))),
            work=Work(found.get("OFFICIUM_WORK", Work.EMBEDDED).lower()),
            metrics_token=found.get("OFFICIUM_METRICS_TOKEN", ""),
            metrics_from=tuple(ip_network(one) for one in found.get("OFFICIUM_METRICS_FROM", "").split()),
            messages=found.get("OFFICIUM_MESSAGES", "300 per minute"),
            url=found.get("OFFICIUM_URL", "").rstrip("/"),
            smtp=found.get("OFFICIUM_SMTP", ""),
            mail_from=found.get("OFFICIUM_MAIL_FROM", ""),
            webhooks_inside=found.get("OFFICIUM_WEBHOOKS_INSIDE", "").lower() in _YES,
        )


def _kept_secret(path: Path) -> str:
    if not path.exists():
        # Written whole under another name first: of two processes that start at once, one wins and both read it.
        handle, name = tempfile.mkstemp(dir=path.parent)
        written = Path(name)
        try:
            with os.fdopen(handle, "w", encoding="ascii") as file:
                file.write(secrets.token_hex(32))
            os.link(written, path)
        except FileExistsError:
            pass
        finally:
            written.unlink()
    return path.read_text(encoding="ascii").strip()
