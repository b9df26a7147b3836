"""Where programs outside send their messages: POST /api/messages, in JSON, with a token and an Idempotency-Key.

    Authorization: Bearer off_…
    Idempotency-Key: anything of 8 to 200 signs, the same at every try of the same message
    {"message": "payment_received", "case": "BP-2026-0418", "payload": {"amount": 120}}

In place of `case`, or beside it, `correlation` holds what the diagram correlates by. Without both the message begins
a case, where a procedure in force begins with it; `matter` and `applicant` are then the case's.
"""

from __future__ import annotations

import re
from hashlib import sha256
from typing import Any, Final

import orjson
from flask import Response, current_app, g, request
from flask.blueprints import BlueprintSetupState
from werkzeug.exceptions import RequestEntityTooLarge

from engine.base.database import apart
from engine.base.errors import Refusal
from engine.cases.moves import CaseRests
from engine.cases.outside.acts import receive_message
from engine.cases.outside.acts.messages import Arrived, Incoming, NobodyAwaits, TooMany
from engine.connectors import rules
from engine.connectors.reads import program_of
from engine.connectors.states import Outcome
from web.before import Before, done_before
from web.connectors.room import room
from web.guard import programs
from web.limiting import Limits
from web.problems import status_of

MOST_BODY: Final = 64 * 1024
MOST_DEPTH: Final = 16
_LIMITER: Final = "officium.messages"
_KEY: Final = re.compile(r"[\x21-\x7e]{8,200}")
_KNOWN: Final = frozenset({"message", "case", "correlation", "payload", "matter", "applicant"})
_STATUS: Final = {Outcome.DELIVERED: 200, Outcome.STARTED: 201}


class TokenUnknown(Refusal):
    """The token is missing, void or not known here. Send it in the header Authorization, behind the word Bearer."""

    zh = "令牌缺失、已失效或无法识别。请放在请求头 Authorization 中，前加 Bearer。"


class TooOften(Refusal):
    """Too many messages came with this token. Try again in {seconds} seconds, with the same key."""

    zh = "此令牌发送消息过于频繁。请在 {seconds} 秒后用相同的键重试。"


class KeyMissing(Refusal):
    """Each message needs the header Idempotency-Key: 8 to 200 signs without blanks, the same at every try of it."""

    zh = "每条消息都需要请求头 Idempotency-Key：8 至 200 个不含空格的字符，重试同一消息时保持不变。"


class MessageUnfit(Refusal):
    """The body must be a JSON object of at most {most} kB with “message”, and may have “case”, “correlation”, “payload” (an object), “matter” and “applicant”. Nothing else is understood."""

    zh = "正文须为不超过 {most} kB 的 JSON 对象，含“message”，并可含“case”、“correlation”、“payload”（对象）、“matter”和“applicant”，不得含其他内容。"


class BodyTooLarge(Refusal):
    """The message is larger than {most} kB."""

    zh = "消息超过 {most} kB。"


_STATUSES: Final[dict[type[Refusal], int]] = {
    TokenUnknown: 401, TooOften: 429, KeyMissing: 400, MessageUnfit: 400, BodyTooLarge: 413, NobodyAwaits: 404,
    TooMany: 409, CaseRests: 409,
}  # fmt: skip


@room.record_once
def _count(state: BlueprintSetupState) -> None:
    """Counts messages by token, for each app on its own."""
    config = state.app.config
    state.app.extensions[_LIMITER] = Limits(config["MESSAGES"], config["LIMITS"], "messages")


def _nothing(**_args: Any) -> None:
    return None


@room.post("/api/messages")
@programs
@done_before(Before(_nothing, lambda _seen: None, lambda: False, most_sent=MOST_BODY))
def receive() -> Response:
    try:
        return _received()
    except Refusal as refusal:
        return _refused(refusal)


@room.errorhandler(RequestEntityTooLarge)
def _too_large(_error: RequestEntityTooLarge) -> Response:
    return _refused(BodyTooLarge(most=MOST_BODY // 1024))


def _received() -> Response:
    token = rules.digest_of(_token())
    _within_limits(token)
    program = program_of(g.db, token)
    if program is None:
        raise TokenUnknown()
    message = _message()
    with apart(g.db):
        arrived = receive_message(g.db, program=program, token_digest=token, message=message)
    if arrived.outcome is Outcome.NOBODY:
        raise NobodyAwaits(message=message.name)
    if arrived.outcome is Outcome.AMBIGUOUS:
        raise TooMany(count=arrived.count, message=message.name)
    return _told(arrived)


def _told(arrived: Arrived) -> Response:
    said = {"outcome": arrived.outcome.name.lower(), "case": arrived.case_number}
    answer = _json(said, _STATUS[arrived.outcome])
    if arrived.again:
        answer.headers["Idempotent-Replayed"] = "true"
    return answer


def _refused(refusal: Refusal) -> Response:
    known = next((_STATUSES[kind] for kind in type(refusal).__mro__ if kind in _STATUSES), None)
    answer = _json(
        {"code": refusal.code, "en": refusal.say("en"), "zh": refusal.say("zh")}, known or status_of(refusal)
    )
    if isinstance(refusal, TokenUnknown):
        answer.headers["WWW-Authenticate"] = 'Bearer realm="Officium"'
    if isinstance(refusal, TooOften):
        answer.headers["Retry-After"] = str(refusal.facts["seconds"])
    return answer


def _json(said: dict[str, Any], status: int) -> Response:
    return Response(orjson.dumps(said), status=status, mimetype="application/json")


def _token() -> str:
    kind, _, token = request.headers.get("Authorization", "").partition(" ")
    if kind.lower() != "bearer" or not token.strip().startswith(rules.BEGINS) or len(token) > 200:
        raise TokenUnknown()
    return token.strip()


def _within_limits(token: bytes) -> None:
    limits: Limits = current_app.extensions[_LIMITER]
    wait = limits.wait(token.hex())
    if wait is not None:
        raise TooOften(seconds=wait)


def _message() -> Incoming:
    key = request.headers.get("Idempotency-Key", "").strip().strip('"')
    if not _KEY.fullmatch(key):
        raise KeyMissing()
    body = request.get_data()
    said = _read(body)
    return Incoming(
        name=said["message"].strip(),
        key=key,
        digest=sha256(body).digest(),
        size=len(body),
        case=said.get("case"),
        keys=said.get("correlation"),
        payload=said.get("payload") or {},
        matter=said.get("matter") or "",
        applicant=said.get("applicant") or "",
    )


def _read(body: bytes) -> dict[str, Any]:
    unfit = MessageUnfit(most=MOST_BODY // 1024)
    try:
        said = orjson.loads(body)
    except orjson.JSONDecodeError:
        raise unfit from None
    if not isinstance(said, dict) or not rules.depth_fits(said, MOST_DEPTH) or said.keys() - _KNOWN:
        raise unfit
    texts = all(isinstance(said.get(name) or "", str) for name in ("message", "case", "matter", "applicant"))
    if not texts or not (said.get("message") or "").strip() or not isinstance(said.get("payload") or {}, dict):
        raise unfit
    return said
