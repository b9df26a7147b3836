"""What is allowed with notices: groups of kinds, how each is sent, when it is tried again, addresses. Pure."""

from __future__ import annotations

import re
from collections.abc import Mapping
from datetime import datetime, timedelta
from enum import IntEnum, StrEnum
from ipaddress import IPv4Address, IPv6Address, IPv6Network, ip_address
from typing import Any, Final
from urllib.parse import urlsplit
from zoneinfo import ZoneInfo

from engine.base.errors import Refusal
from engine.base.text import Name, Text, one_line


class Group(StrEnum):
    """Kinds that a person chooses one way for."""

    URGENT = "urgent"
    WORK = "work"
    ANSWERS = "answers"
    MENTIONS = "mentions"
    COURSE = "course"


class How(StrEnum):
    AT_ONCE = "at once"
    DIGEST = "digest"
    NOT = "not"


class Channel(IntEnum):
    """Numbers are stored: never renumber."""

    MAIL = 1
    WEBHOOK = 2
    PROOF = 3
    """The code that proves an address."""


class State(IntEnum):
    """Numbers are stored: never renumber."""

    WAITING = 1
    """Also while somebody is sending it: until `next_try` it is theirs."""
    SENT = 2
    GIVEN_UP = 3
    NOT_NEEDED = 4


_GROUPS: Final[Mapping[Group, frozenset[str]]] = {
    Group.URGENT: frozenset({
        "urged", "hand_over_escalated", "hand_over_silent", "red_card", "sent_up", "nobody_stands_in", "period_ends", "period_over",
        "period_to_confirm", "order_sooner", "corrective_late", "alert_fired",
    }),
    Group.WORK: frozenset({
        "year_missing", "figures_mended",
        "returned", "given", "opinion_asked", "signature_asked", "countersign_asked", "vote_opened",
        "hand_over_waiting", "extension_asked", "task_waiting", "enquiry_handed", "yellow_card",
        "period_asked", "taken_from", "post_lent", "post_lent_ended", "corrective_given", "corrective_again",
        "incident_opened", "deputy_dropped", "deputy_away", "accepted_for", "alert_paused", "weekly_report",
    }),
    Group.ANSWERS: frozenset({
        "opinion_given", "asked_left", "signed", "refused", "vote_closed", "hand_over_returned", "extension_decided", "withdrawn",
        "card_answered", "card_lifted", "period_decided", "corrective_done", "corrective_verified",
        "corrective_dropped", "figures_recounted",
    }),
    Group.MENTIONS: frozenset({"mentioned", "copied"}),
}  # fmt: skip


def group_of(kind: str) -> Group:
    """What is listed nowhere is of the course of a case."""
    return next((group for group, kinds in _GROUPS.items() if kind in kinds), Group.COURSE)


DIGEST_HOUR: Final = 8
USUAL: Final[Mapping[Group, How]] = dict.fromkeys(Group, How.DIGEST)


def next_digest(at: datetime, hour: int, zone: ZoneInfo) -> datetime:
    """The next time, after `at`, that the office's clocks show that hour."""
    local = at.astimezone(zone)
    day = local.replace(hour=hour, minute=0, second=0, microsecond=0)
    if day <= local:
        day = (local + timedelta(days=1)).replace(hour=hour, minute=0, second=0, microsecond=0)
    return day.astimezone(at.tzinfo)


AFTER_FAILING: Final = (
    timedelta(minutes=1),
    timedelta(minutes=5),
    timedelta(minutes=30),
    timedelta(hours=2),
    timedelta(hours=12),
)
"""How long until it is tried again after the first, second … failure; after the last of them it is given up."""

LEASE: Final = timedelta(minutes=10)
"""Whoever took something to send has so long for it; then another may think that they are gone."""


def stored(value: Any) -> Any:
    """A fact as it is kept in JSON."""
    if isinstance(value, Text):
        return {"en": value.en, "zh": value.zh}
    if isinstance(value, datetime):
        return {"at": value.isoformat()}
    return value


def told(value: Any) -> Any:
    """A fact as it was before `stored`."""
    if isinstance(value, dict) and value.keys() == {"en", "zh"}:
        return Name(value["en"], value["zh"])
    if isinstance(value, dict) and value.keys() == {"at"}:
        return datetime.fromisoformat(value["at"])
    return value


MOST_ADDRESS: Final = 254
_LOCAL: Final = re.compile(r"[A-Za-z0-9!#$%&'*+/=?^_`{|}~-]+(?:\.[A-Za-z0-9!#$%&'*+/=?^_`{|}~-]+)*")
_DOMAIN: Final = re.compile(r"(?:[a-z0-9](?:[a-z0-9-]{0,61}[a-z0-9])?\.)+[a-z](?:[a-z0-9-]{0,61}[a-z0-9])")


class AddressUnfit(Refusal):
    """“{address}” is not an e-mail address that can be written to. Write one such as name@office.example."""

    zh = "“{address}”不是可用的电子邮箱地址。请填写如 name@office.example 的地址。"


class CodeJustSent(Refusal):
    """A code was sent to {address} a moment ago. Wait a minute before you ask for another one."""

    zh = "刚才已向 {address} 发送验证码。请一分钟后再申请新的验证码。"


class CodeWrong(Refusal):
    """This is not the code that was sent. Look at the newest message; after {most} wrong ones a new code is needed."""

    zh = "验证码不正确。请查看最新的邮件；输错 {most} 次后须重新申请。"


class CodeTooOld(Refusal):
    """No code is awaited any more: it was too old, or was typed wrong too often. Enter the address again."""

    zh = "验证码已失效：超过时限或输错次数过多。请重新填写邮箱地址。"


class HourUnfit(Refusal):
    """A digest is sent at a full hour from 0 to 23, and {hour} is none."""

    zh = "每日汇总在 0 到 23 点的整点发送，{hour} 不是整点。"


class WebhookUnfit(Refusal):
    """Notices cannot be sent to “{url}”: {why}. Give the whole address of a program that receives them."""

    zh = "无法向“{url}”发送通知：{why}。请填写接收程序的完整地址。"


class WebhookThere(Refusal):
    """Notices are sent to “{url}” already."""

    zh = "通知已在发送到“{url}”。"


NOT_A_WEB_ADDRESS: Final = Text("it is no web address", "不是网址")
NOT_SECRET: Final = Text("it must begin with https://", "必须以 https:// 开头")
WITH_A_PASSWORD: Final = Text("it holds a name or a password, which would be sent along", "其中含有用户名或密码")
INSIDE: Final = Text("it lies inside the office's own network", "位于机关内部网络")


def fit_address(typed: str) -> str:
    """As it is written to: a domain of other letters in the form that mail servers know."""
    address = typed.strip()
    local, _at, domain = address.rpartition("@")
    try:
        domain = domain.encode("idna").decode("ascii").lower()
    except UnicodeError:
        domain = ""
    if not (_LOCAL.fullmatch(local) and len(local) <= 64 and _DOMAIN.fullmatch(domain)):
        raise AddressUnfit(address=one_line(address)[:MOST_ADDRESS])
    found = f"{local}@{domain}"
    if len(found) > MOST_ADDRESS:
        raise AddressUnfit(address=one_line(address)[:MOST_ADDRESS])
    return found


CODE_GOOD_FOR: Final = timedelta(hours=1)
CODE_AGAIN_AFTER: Final = timedelta(minutes=1)
MOST_CODE_TRIES: Final = 5


def fit_hour(hour: int) -> int:
    if not 0 <= hour <= 23:
        raise HourUnfit(hour=hour)
    return hour


MOST_URL: Final = 500


def fit_webhook(url: str, *, inside: bool) -> str:
    """`inside`: this installation may send into private networks, and without TLS. Where a name leads is seen when something is sent."""
    found = url.strip()
    try:
        parts = urlsplit(found)
        host, _port = parts.hostname, parts.port
    except ValueError:
        raise WebhookUnfit(url=one_line(found)[:MOST_URL], why=NOT_A_WEB_ADDRESS) from None
    plain = found.isascii() and found.isprintable() and " " not in found and len(found) <= MOST_URL
    if not plain or not host or parts.scheme not in {"http", "https"}:
        raise WebhookUnfit(url=one_line(found)[:MOST_URL], why=NOT_A_WEB_ADDRESS)
    if parts.username is not None or parts.password is not None:
        raise WebhookUnfit(url=f"{parts.scheme}://{host}", why=WITH_A_PASSWORD)
    if parts.scheme == "http" and not inside:
        raise WebhookUnfit(url=found, why=NOT_SECRET)
    if not inside and _is_inside(host):
        raise WebhookUnfit(url=found, why=INSIDE)
    return found


def _is_inside(host: str) -> bool:
    try:
        return not is_outside(host)
    except ValueError:
        return host == "localhost" or host.endswith((".localhost", ".local", ".internal")) or "." not in host


_NAT64: Final = IPv6Network("64:ff9b::/96")


def is_outside(address: str) -> bool:
    """Whether an IP address belongs to the public network; one wrapped in another is looked at too. Raises ValueError where it is none."""
    found = ip_address(address)
    if isinstance(found, IPv6Address):
        if found.scope_id is not None:
            return False
        wrapped = found.ipv4_mapped or found.sixtofour or (found.teredo[1] if found.teredo else None)
        if wrapped is None and found in _NAT64:
            wrapped = IPv4Address(int(found) & 0xFFFFFFFF)
        if wrapped is not None:
            return is_outside(str(wrapped))
    return found.is_global and not found.is_multicast and not found.is_reserved


def message_id(delivery_id: int, sign: str) -> str:
    """What stands before the @ of the Message-ID: made once, kept, the same at every try."""
    return f"{delivery_id:x}.{sign}"
