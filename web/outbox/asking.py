"""What a connector is asked, and what of the answer is believed: JSON of a size and a depth, in UTF-8, in time.

Idempotency-Key: the same at every try, so that what is asked twice is done once.
No redirect is followed: it would lead where nobody has judged the address.
"""

from __future__ import annotations

import http.client
import time
from collections.abc import Mapping
from email.message import Message
from typing import Any, Final
from urllib.parse import urlencode, urlsplit

import orjson

from engine.base.frozen import frozen
from engine.base.text import Name, Text
from engine.cases.outside.acts.calls import Answered
from engine.connectors import rules
from engine.connectors.reads import Connector
from engine.connectors.rules import GivenUnfit, Kind
from web.outbox import failing
from web.outbox.reaching import FAULTS, Unreachable, connection, within
from web.outbox.webhook import signature

_AT_ONCE: Final = 16 * 1024
_ASK_AGAIN: Final = frozenset({408, 425, 429})
"""Of what is otherwise the caller's own fault."""

STATUS: Final = Text("it answered {status}", "其答复为 {status}")
ELSEWHERE: Final = Text(
    "it answered {status}: it sends elsewhere, which is not followed", "其答复为 {status}，要求转往他处，未予跟随"
)
TOO_LARGE: Final = Text("its answer is larger than {most} bytes", "其答复超过 {most} 字节")
NOT_WHOLE: Final = Text("its answer broke off", "其答复中断")
NO_JSON: Final = Text("its answer is no JSON, but {kind}", "其答复不是 JSON，而是 {kind}")
NOT_UTF8: Final = Text("its answer is not in UTF-8", "其答复不是 UTF-8 编码")
UNREADABLE: Final = Text("its answer cannot be read as JSON", "其答复无法按 JSON 读取")
TOO_DEEP: Final = Text("its answer is nested more than {most} deep", "其答复嵌套超过 {most} 层")
TOO_LONG: Final = Text("no whole answer came within {seconds} seconds", "在 {seconds} 秒内未收到完整答复")
_NO_QUERY: Final = Text("“{name}” is neither a text nor a number", "“{name}”既不是文本也不是数字")


class Failed(Exception):
    """No usable answer. `for_good`: trying again would change nothing. `asked`: seconds it wishes to be left alone for.

    `why` is for whoever waits for it; `detail` is what the machine said, where that is no sentence for them.
    """

    def __init__(
        self,
        why: Text,
        *,
        status: int | None = None,
        for_good: bool = False,
        asked: float | None = None,
        detail: str = "",
    ) -> None:
        self.why = why
        self.detail = detail
        self.status = status
        self.for_good = for_good
        self.asked = asked
        self.took = 0
        super().__init__(why.say("en") + (f" ({detail})" if detail else ""))


def failed(why: Text, *, status: int | None = None, for_good: bool = False, detail: str = "", **facts: Any) -> Failed:
    known = {"status": status, **facts}
    said = Name(why.say("en", **known), why.say("zh", **known))
    return Failed(said, status=status, for_good=for_good, detail=detail)


@frozen
class Request:
    method: str
    url: str
    headers: Mapping[str, str]
    body: bytes | None


def request_of(
    connector: Connector,
    given: Mapping[str, Any],
    *,
    key: str,
    case: str,
    headers: Mapping[str, str],
    secret: str,
    at: int,
) -> Request:
    """What is sent. Raises GivenUnfit."""
    ours = {
        "Accept": "application/json", "Accept-Encoding": "identity", "User-Agent": "Officium",
        "Idempotency-Key": key, "Connection": "close",
    }  # fmt: skip
    how = connector.how
    if connector.kind is Kind.WEBHOOK:
        body = orjson.dumps({"id": key, "connector": connector.code, "case": case, "given": dict(given)})
        signed = {"Officium-Delivery": key, "Officium-Signature": signature(secret, at, body)}
        return Request("POST", how.url, {**headers, **ours, **signed, "Content-Type": "application/json"}, body)
    path, rest = rules.filled(how.path, given)
    url = how.url + path
    if how.method == "GET":
        return Request("GET", _asking(url, rest), {**headers, **ours}, None)
    return Request(how.method, url, {**headers, **ours, "Content-Type": "application/json"}, orjson.dumps(rest))


def _asking(url: str, rest: Mapping[str, Any]) -> str:
    said = {}
    for name, value in rest.items():
        if isinstance(value, dict | list):
            raise GivenUnfit(why=Name(_NO_QUERY.say("en", name=name), _NO_QUERY.say("zh", name=name)))
        if value is not None:
            said[name] = str(value).lower() if isinstance(value, bool) else str(value)
    return url if not said else f"{url}{'&' if '?' in url else '?'}{urlencode(said)}"


def ask(connector: Connector, request: Request, *, inside: bool) -> Answered:
    """Raises Failed."""
    begun = time.monotonic()
    try:
        status, kind, raw = _asked(connector, request, inside)
        body = _read(kind, raw, wanted=connector.kind is Kind.HTTP)
    except Failed as fault:
        fault.took = _since(begun)
        raise
    return Answered(status, body, raw, _since(begun))


def _since(begun: float) -> int:
    return round((time.monotonic() - begun) * 1000)


def _asked(connector: Connector, request: Request, inside: bool) -> tuple[int, Message, bytes]:
    parts = urlsplit(request.url)
    seconds = connector.time_out
    try:
        way = connection(parts, inside=inside, time_out=seconds)
    except Unreachable as fault:
        raise Failed(fault.why, for_good=fault.for_good, detail=fault.detail) from fault
    try:
        with within(way, seconds):
            way.request(
                request.method,
                parts.path + (f"?{parts.query}" if parts.query else "") or "/",
                request.body,
                dict(request.headers),
            )
            answer = way.getresponse()
            _must_be_good(answer)
            raw = _whole(answer, connector.most_bytes)
            way.must_go_on()
            return answer.status, answer.headers, raw
    except FAULTS as fault:
        if way.is_cut or isinstance(fault, TimeoutError):
            raise failed(TOO_LONG, seconds=seconds) from fault
        raise Failed(failing.told(fault, parts.hostname or ""), detail=failing.raw(fault)) from fault


def _must_be_good(answer: http.client.HTTPResponse) -> None:
    status = answer.status
    if 200 <= status < 300:
        return
    if 300 <= status < 400:
        raise failed(ELSEWHERE, status=status)
    fault = failed(STATUS, status=status, for_good=400 <= status < 500 and status not in _ASK_AGAIN)
    wish = (answer.getheader("Retry-After") or "").strip()
    if wish.isascii() and wish.isdecimal() and len(wish) < 7:
        fault.asked = float(wish)
    raise fault


def _whole(answer: http.client.HTTPResponse, most: int) -> bytes:
    """No more is ever read than may come."""
    if (answer.length or 0) > most:
        raise failed(TOO_LARGE, status=answer.status, most=most)
    parts, size = [], 0
    while part := answer.read(min(_AT_ONCE, most + 1 - size)):
        parts.append(part)
        size += len(part)
        if size > most:
            raise failed(TOO_LARGE, status=answer.status, most=most)
    if answer.length:
        raise failed(NOT_WHOLE, status=answer.status)
    return b"".join(parts)


def _read(headers: Message, raw: bytes, *, wanted: bool) -> Any:
    """The answer's body. Where none is wanted, one that is no JSON is none."""
    kind = headers.get_content_type()
    is_json = kind == "application/json" or kind.endswith("+json")
    if not raw.strip() or (not is_json and not wanted):
        return None
    if not is_json:
        raise failed(NO_JSON, kind=kind[:80])
    if (headers.get_content_charset() or "utf-8") not in ("utf-8", "utf8", "us-ascii"):
        raise failed(NOT_UTF8)
    try:
        raw.decode()
        body = orjson.loads(raw)
    except UnicodeDecodeError:
        raise failed(NOT_UTF8) from None
    except orjson.JSONDecodeError:
        raise failed(UNREADABLE) from None
    if not rules.depth_fits(body):
        raise failed(TOO_DEEP, most=rules.MOST_DEPTH)
    return body
