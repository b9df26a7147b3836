"""What is allowed with connectors and with programs that send messages. Pure."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import field
from datetime import timedelta
from enum import StrEnum
from hashlib import sha256
from typing import Any, Final
from urllib.parse import quote, urlsplit

from engine.base.errors import Refusal
from engine.base.frozen import frozen
from engine.base.text import Name, Text, one_line
from engine.notices.rules import WebhookUnfit, fit_webhook


class Kind(StrEnum):
    HTTP = "http"
    MAIL = "mail"
    WEBHOOK = "webhook"


METHODS: Final = ("GET", "POST", "PUT")
TIME_OUT: Final = (1, 10, 60)
MOST_BYTES: Final = (1_024, 65_536, 1_048_576)
TRIES: Final = (1, 5, 10)
WAIT: Final = (1, 30, 3_600)
"""Least, usual and most."""
LONGEST_WAIT: Final = timedelta(hours=6)
LEASE_BESIDE: Final = timedelta(seconds=30)
"""How long after its time-out a try is thought to have come to nothing."""
MOST_DEPTH: Final = 32
"""Of JSON that comes from outside."""
MOST_PARTS: Final = 40
TOKEN_GOOD_FOR: Final = timedelta(days=365)
BEGINS: Final = "off_"
"""How every token begins, so that one that got lost is known for what it is."""

_CODE: Final = re.compile(r"[a-z][a-z0-9_]{0,39}")
_HEADER: Final = re.compile(r"[A-Za-z0-9!#$%&'*+.^_`|~-]{1,60}")
_OURS: Final = frozenset(
    {"host", "content-length", "content-type", "transfer-encoding", "connection", "idempotency-key", "te", "upgrade",
     "accept-encoding", "expect", "trailer", "officium-signature"}
)  # fmt: skip
_PLACE: Final = re.compile(r"\{([A-Za-z_][A-Za-z0-9_]{0,60})\}")
_PATH: Final = re.compile(r"/[A-Za-z0-9/._~!$&'()*+,;=:@%?-]*")
_DOMAIN: Final = re.compile(r"(?:[a-z0-9](?:[a-z0-9-]{0,61}[a-z0-9])?\.)+[a-z][a-z0-9-]{1,62}")
_MOST_TEXT: Final = 5_000


class ConnectorCodeUnfit(Refusal):
    """“{code}” cannot be the code of a connector: use small letters, digits and underscores, beginning with a letter."""

    zh = "“{code}”不能作为连接器代码：请用小写字母、数字和下划线，并以字母开头。"


class CodeInUse(Refusal):
    """There is a connector “{code}” already. Change that one, or choose another code."""

    zh = "已有代码为“{code}”的连接器。请修改该连接器，或另选代码。"


class ConnectorUnnamed(Refusal):
    """A connector needs a name in each language: it is what people read while a case waits for it."""

    zh = "连接器需要中英文名称：办件等待时，人们看到的就是该名称。"


class ConnectorAddressUnfit(Refusal):
    """The address “{url}” cannot be used: {why}. Give the whole address of the program, without a question mark."""

    zh = "地址“{url}”不可用：{why}。请填写程序的完整地址，不含问号。"


class PathUnfit(Refusal):
    """The path “{path}” cannot be used: it begins with / and holds each input in braces, as /parcels/{{parcel}}?on={{day}}."""

    zh = "路径“{path}”不可用：须以 / 开头，输入用花括号表示，如 /parcels/{{parcel}}?on={{day}}。"


class HeadersUnfit(Refusal):
    """The line “{line}” is no header: write one a line, as Authorization: Bearer …. What Officium sets itself cannot be set."""

    zh = "“{line}”不是有效的请求头：请每行写一个，如 Authorization: Bearer …。由本系统设置的请求头不可更改。"


class DomainsUnfit(Refusal):
    """“{domain}” is no domain. Name the domains that letters may go to, one a line, as example.gov."""

    zh = "“{domain}”不是域名。请每行写一个允许收信的域名，如 example.gov。"


class TextsMissing(Refusal):
    """A letter needs a subject and a text in both languages, each of at most {most} characters."""

    zh = "信件需要中英文的主题和正文，各不超过 {most} 字。"


class NumberUnfit(Refusal):
    """{what} must be a whole number from {least} to {most}."""

    zh = "{what}须为 {least} 至 {most} 的整数。"


class ProgramUnnamed(Refusal):
    """A program needs a name, so that the record can say who sent a message."""

    zh = "程序需要名称，以便记录中注明消息由谁发送。"


class MessagesMissing(Refusal):
    """Name at least one message that the program may send, one a line and as the diagrams call it."""

    zh = "请至少写明一个该程序可以发送的消息，每行一个，名称与流程图一致。"


class GivenUnfit(Refusal):
    """What the connector is to be given does not fit: {why}."""

    zh = "提供给连接器的内容不合要求：{why}。"


WHATS: Final[Mapping[str, Text]] = {
    "time_out": Text("The time for a try, in seconds,", "每次尝试的时限（秒）"),
    "most_bytes": Text("The size of an answer, in bytes,", "答复的大小（字节）"),
    "tries": Text("The number of tries", "尝试次数"),
    "wait": Text("The wait before the second try, in seconds,", "第二次尝试前的等待（秒）"),
}
_LIMITS: Final = {"time_out": TIME_OUT, "most_bytes": MOST_BYTES, "tries": TRIES, "wait": WAIT}
_LACKS: Final = Text("“{name}” is missing or empty", "缺少“{name}”或其为空")
_NO_TEXT: Final = Text("“{name}” is neither a text nor a number", "“{name}”既不是文本也不是数字")
_DOTS: Final = Text("“{name}” is no part of an address", "“{name}”不能作为地址的一部分")


@frozen
class How:
    """How a connector is reached; `header_names` are told, their values are sealed."""

    method: str = "POST"
    url: str = ""
    path: str = ""
    header_names: tuple[str, ...] = ()
    domains: tuple[str, ...] = ()
    subject: Text = field(default_factory=lambda: Name("", ""))
    words: Text = field(default_factory=lambda: Name("", ""))

    def stored(self) -> dict[str, Any]:
        return {
            "method": self.method, "url": self.url, "path": self.path, "header_names": list(self.header_names),
            "domains": list(self.domains), "subject": [self.subject.en, self.subject.zh],
            "words": [self.words.en, self.words.zh],
        }  # fmt: skip


def how(kept: Mapping[str, Any]) -> How:
    return How(
        kept["method"], kept["url"], kept["path"], tuple(kept["header_names"]), tuple(kept["domains"]),
        Name(*kept["subject"]), Name(*kept["words"]),
    )  # fmt: skip


@frozen
class Wanted:
    """A connector as an administrator typed it. `headers` None: those it has stay."""

    code: str
    name_en: str
    name_zh: str
    kind: Kind = Kind.HTTP
    method: str = "GET"
    url: str = ""
    path: str = ""
    headers: str | None = None
    domains: str = ""
    subject_en: str = ""
    subject_zh: str = ""
    words_en: str = ""
    words_zh: str = ""
    time_out: str = str(TIME_OUT[1])
    most_bytes: str = str(MOST_BYTES[1])
    tries: str = str(TRIES[1])
    wait: str = str(WAIT[1])
    enabled: bool = True
    procedures: tuple[int, ...] | None = None


@frozen
class Fit:
    """A connector that can be kept. `headers` None: those it has stay."""

    code: str
    name: Name
    kind: Kind
    how: How
    headers: Mapping[str, str] | None
    numbers: Mapping[str, int]


def fit(wanted: Wanted, *, inside: bool) -> Fit:
    """`inside`: this installation may call programs in private networks, and without TLS. Raises a refusal for the first that does not fit."""
    code = wanted.code.strip()
    if not _CODE.fullmatch(code):
        raise ConnectorCodeUnfit(code=one_line(code)[:40])
    name = Name(one_line(wanted.name_en)[:100], one_line(wanted.name_zh)[:100])
    if not name.en or not name.zh:
        raise ConnectorUnnamed()
    headers = None if wanted.headers is None else fit_headers(wanted.headers)
    numbers = {which: _number(which, getattr(wanted, which)) for which in _LIMITS}
    if wanted.kind is Kind.MAIL:
        found, headers = _mail(wanted), {}
    else:
        url = fit_base(wanted.url, inside=inside)
        is_http = wanted.kind is Kind.HTTP
        method = wanted.method if is_http and wanted.method in METHODS else "POST"
        path = fit_path(wanted.path) if is_http else ""
        found = How(method, url, path, tuple(headers or ()))
    return Fit(code, name, wanted.kind, found, headers, numbers)


def _number(which: str, typed: str) -> int:
    least, _usual, most = _LIMITS[which]
    cleaned = typed.strip()
    found = int(cleaned) if cleaned.isascii() and cleaned.isdecimal() and len(cleaned) < 9 else -1
    if not least <= found <= most:
        raise NumberUnfit(what=WHATS[which], least=least, most=most)
    return found


def fit_base(url: str, *, inside: bool) -> str:
    """What every call begins with: no name or password in it, no question, no fragment."""
    try:
        found = fit_webhook(url, inside=inside)
    except WebhookUnfit as unfit:
        raise ConnectorAddressUnfit(url=unfit.facts["url"], why=unfit.facts["why"]) from None
    parts = urlsplit(found)
    if parts.query or parts.fragment or "?" in found or "#" in found:
        raise ConnectorAddressUnfit(url=found, why=Text("it holds a question or a fragment", "其中含有查询或片段"))
    return found.rstrip("/")


def fit_path(path: str) -> str:
    """What is put behind the address. Only inputs stand in braces; no segment leads upwards."""
    found = path.strip()
    if not found:
        return ""
    plain = _PLACE.sub("x", found)
    upwards = any(one in (".", "..") for one in plain.partition("?")[0].split("/"))
    if len(found) > 500 or not _PATH.fullmatch(plain) or upwards or plain.count("?") > 1:
        raise PathUnfit(path=one_line(found)[:100])
    return found


def fit_headers(typed: str) -> dict[str, str]:
    """Raises HeadersUnfit, which tells the name alone: what stands behind it may be a secret."""
    found: dict[str, str] = {}
    for line in typed.splitlines():
        if not line.strip():
            continue
        name, colon, value = line.partition(":")
        name, value = name.strip(), value.strip()
        good = colon and value and value.isascii() and value.isprintable() and len(value) <= 4_000
        if not good or not _HEADER.fullmatch(name) or name.lower() in _OURS or len(found) >= 20:
            raise HeadersUnfit(line=one_line(name)[:60])
        found[name] = value
    return found


def _mail(wanted: Wanted) -> How:
    domains = tuple(dict.fromkeys(one.strip().lower().lstrip("@") for one in wanted.domains.split() if one.strip()))
    for one in domains:
        if not _DOMAIN.fullmatch(one):
            raise DomainsUnfit(domain=one_line(one)[:100])
    if not domains:
        raise DomainsUnfit(domain="")
    subject = Name(one_line(wanted.subject_en)[:200], one_line(wanted.subject_zh)[:200])
    words = Name(wanted.words_en.strip(), wanted.words_zh.strip())
    if not all((subject.en, subject.zh, words.en, words.zh)) or max(len(words.en), len(words.zh)) > _MOST_TEXT:
        raise TextsMissing(most=_MOST_TEXT)
    return How(domains=domains, subject=subject, words=words)


def filled(path: str, given: Mapping[str, Any]) -> tuple[str, dict[str, Any]]:
    """The path with its inputs encoded, so that none of them reaches beyond its place; and what was not used in it.

    Raises GivenUnfit.
    """
    used = [match[1] for match in _PLACE.finditer(path)]
    said = {name: _one(name, given.get(name)) for name in used}
    way, mark, question = path.partition("?")
    for segment in way.split("/"):
        if _PLACE.sub(lambda match: said[match[1]], segment) in (".", ".."):
            raise GivenUnfit(why=_about(_DOTS, "".join(_PLACE.findall(segment))))
    encoded = _PLACE.sub(lambda match: quote(said[match[1]], safe=""), way + mark + question)
    return encoded, {name: value for name, value in given.items() if name not in used}


def _one(name: str, value: Any) -> str:
    if isinstance(value, bool):
        return "true" if value else "false"
    if value is None or value == "":
        raise GivenUnfit(why=_about(_LACKS, name))
    if not isinstance(value, str | int | float):
        raise GivenUnfit(why=_about(_NO_TEXT, name))
    return str(value)[:500]


def _about(sentence: Text, name: str) -> Name:
    return Name(sentence.say("en", name=name), sentence.say("zh", name=name))


def again_after(tries: int, wait: int, chance: float, asked: float | None = None) -> timedelta:
    """Twice as long each time, a quarter more or less by `chance` (0 to 1), so that not all come back at once.

    `asked`: seconds the other side wished for.
    """
    usual = min(timedelta(seconds=wait * 2 ** min(tries - 1, 20)), LONGEST_WAIT) * (0.75 + chance / 2)
    return max(usual, min(timedelta(seconds=asked), timedelta(hours=1))) if asked else usual


def digest_of(token: str) -> bytes:
    """Of 256 random bits: nothing slower is needed, as nobody can go through them."""
    return sha256(token.encode()).digest()


def fit_program(name: str) -> str:
    found = one_line(name)[:100]
    if not found:
        raise ProgramUnnamed()
    return found


def fit_messages(typed: str) -> tuple[str, ...]:
    """Names of messages, one a line."""
    found = tuple(dict.fromkeys(one for line in typed.splitlines() if (one := one_line(line)[:200])))[:100]
    if not found:
        raise MessagesMissing()
    return found


def depth_fits(value: Any, most: int = MOST_DEPTH) -> bool:
    """Whether JSON is nested no deeper; without going down into it by calling itself."""
    level: Sequence[Any] = [value]
    for _ in range(most + 1):
        level = [
            inner
            for one in level
            if isinstance(one, dict | list)
            for inner in (one.values() if isinstance(one, dict) else one)
        ]
        if not level:
            return True
    return False
