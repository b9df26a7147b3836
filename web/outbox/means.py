"""What an installation can send with, read from its settings and checked before anything is sent."""

from __future__ import annotations

from ipaddress import ip_address
from typing import Self
from urllib.parse import parse_qs, unquote, urlsplit

from engine.base.errors import Refusal
from engine.base.frozen import frozen
from engine.base.text import Text
from engine.notices.rules import AddressUnfit, fit_address
from web.settings import Settings


class SmtpUnfit(Refusal):
    """OFFICIUM_SMTP cannot be used: {why}. Write it as smtp://user:password@host:587?starttls=1 or as smtps://user:password@host."""

    zh = "OFFICIUM_SMTP 不可用：{why}。请写成 smtp://用户:密码@主机:587?starttls=1 或 smtps://用户:密码@主机。"


class SenderMissing(Refusal):
    """OFFICIUM_MAIL_FROM must hold the address that letters come from, such as office@office.example."""

    zh = "OFFICIUM_MAIL_FROM 须填写发件地址，例如 office@office.example。"


class UrlUnfit(Refusal):
    """OFFICIUM_URL is “{url}”. Write where people reach the office, such as https://office.example."""

    zh = "OFFICIUM_URL 为“{url}”。请填写访问本机关的网址，例如 https://office.example。"


_NO_SERVER = Text("it names no mail server", "未写明邮件服务器")
_IN_THE_CLEAR = Text(
    "the password would be sent in the clear, so add starttls=1 or use smtps",
    "密码将以明文发送，请加上 starttls=1 或改用 smtps",
)


@frozen
class MailServer:
    """`tls` from the first byte on; `starttls` after the greeting. `authority`: a file of certificates trusted beside the usual ones."""

    host: str
    port: int
    user: str = ""
    password: str = ""
    tls: bool = False
    starttls: bool = False
    authority: str | None = None

    @classmethod
    def from_url(cls, url: str) -> Self:
        """Raises SmtpUnfit."""
        try:
            parts = urlsplit(url)
            host, port = parts.hostname, parts.port
        except ValueError:
            raise SmtpUnfit(why=_NO_SERVER) from None
        if parts.scheme not in {"smtp", "smtps"} or not host:
            raise SmtpUnfit(why=_NO_SERVER)
        asked = {name: values[-1] for name, values in parse_qs(parts.query).items()}
        tls, starttls = parts.scheme == "smtps", asked.get("starttls", "").lower() in {"1", "yes", "true", "on"}
        if parts.username and not (tls or starttls or _is_here(host)):
            raise SmtpUnfit(why=_IN_THE_CLEAR)
        return cls(
            host, port or (465 if tls else 587 if starttls else 25), unquote(parts.username or ""),
            unquote(parts.password or ""), tls, starttls and not tls, asked.get("ca"),
        )  # fmt: skip


def _is_here(host: str) -> bool:
    try:
        return ip_address(host).is_loopback
    except ValueError:
        return host == "localhost"


@frozen
class Means:
    """`server` None: this installation sends no e-mail. `url` empty: letters hold no links."""

    server: MailServer | None = None
    sender: str = ""
    url: str = ""
    inside: bool = False
    secret: str = ""  # what secrets of connectors are sealed with

    @classmethod
    def from_settings(cls, settings: Settings) -> Self:
        """Raises SmtpUnfit, SenderMissing, UrlUnfit."""
        url = settings.url
        if url and (urlsplit(url).scheme not in {"http", "https"} or not urlsplit(url).netloc or not url.isprintable()):
            raise UrlUnfit(url=url)
        if not settings.smtp:
            return cls(url=url, inside=settings.webhooks_inside, secret=settings.secret)
        try:
            sender = fit_address(settings.mail_from)
        except AddressUnfit:
            raise SenderMissing() from None
        return cls(MailServer.from_url(settings.smtp), sender, url, settings.webhooks_inside, settings.secret)
