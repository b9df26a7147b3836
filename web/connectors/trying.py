"""A connector is really asked, once, by the administrator: as a case would ask it, with what they typed."""

from __future__ import annotations

import threading
from collections.abc import Mapping
from dataclasses import field
from hashlib import sha256
from typing import Any, Final
from uuid import uuid4

import orjson
from flask import current_app, g, request
from flask.typing import ResponseReturnValue

from engine.base import clock
from engine.base.errors import Refusal
from engine.base.frozen import frozen
from engine.base.text import Text
from engine.connectors import acts, reads
from engine.connectors.reads import Connector
from engine.connectors.rules import Kind
from engine.diagram import language
from engine.diagram.connecting import outcome
from engine.organisation.rules import Right
from engine.procedures.mapped import Keeps, keeps_of
from web.before import Before, done_before
from web.connectors.changing import given_of, shown_page
from web.connectors.room import inside, room, seal
from web.guard import allows
from web.shown import refused

MOST_SHOWN: Final = 4_000
_SAMPLE_CASE: Final = "TEST"
_AT_ONCE: Final = threading.BoundedSemaphore(2)


class TriedByOthers(Refusal):
    """Two connectors are being tried at this moment already. Wait until they have answered, then send it again."""

    zh = "已有两个连接器正在试调用。请等其答复后再次发送。"


@frozen
class Kept:
    """What a step would make of the answer. `fault`: why it could make nothing of it."""

    keeps: Keeps
    values: Mapping[str, str] = field(default_factory=dict)
    fault: Text | None = None


@frozen
class Tried:
    """`said`: the beginning of the answer, as text. `fault`: why there is none that can be used."""

    took: int
    status: int | None = None
    size: int = 0
    said: str = ""
    whole: bool = True
    fault: Text | None = None
    detail: str = ""
    kept: tuple[Kept, ...] = ()


def _look(connector_id: int) -> tuple[Connector, tuple[Keeps, ...]]:
    found = reads.connector(g.db, by=g.actor, connector_id=connector_id)
    return found, keeps_of(g.db, found.code)


def _ask(seen: tuple[Connector, tuple[Keeps, ...]]) -> None:
    """That it is asked is on the record before it is: whatever happens then."""
    found, keeps = seen
    try:
        given = given_of(request.form.get("given", "")[:20_000])
        if not _AT_ONCE.acquire(blocking=False):
            raise TriedByOthers()
        try:
            g.tried = _asked(found, given, keeps)
        finally:
            _AT_ONCE.release()
    except Refusal as refusal:  # it is shown beside what was typed
        g.tried = refusal


def _asked(found: Connector, given: dict[str, Any], keeps: tuple[Keeps, ...]) -> Tried:
    from web.outbox.asking import Failed, ask, request_of  # noqa: PLC0415  what asks is needed only here
    from web.outbox.posting import addressee, post  # noqa: PLC0415  as above

    key = str(uuid4())
    made = None
    if found.kind is Kind.MAIL:
        addressee(found, given)
    else:
        headers, secret = found.secrets(seal())
        at = int(clock.now().timestamp())
        made = request_of(found, given, key=key, case=_SAMPLE_CASE, headers=headers, secret=secret, at=at)
    words = orjson.dumps(given, option=orjson.OPT_SORT_KEYS)
    with current_app.database.writing() as db:  # type: ignore[attr-defined]
        acts.try_connector(
            db, by=g.actor, connector_id=found.id, key=key, digest=sha256(words).digest(), size=len(words)
        )
    try:
        if made is None:
            answer = post(found, given, key=key, means=current_app.config["MEANS"]())
        else:
            answer = ask(found, made, inside=inside())
    except Failed as fault:
        return Tried(fault.took, fault.status, fault=fault.why, detail=fault.detail)
    said = "".join(
        sign if sign.isprintable() or sign in "\n\t" else "·" for sign in answer.raw.decode(errors="replace")
    )
    kept = tuple(_kept(one, answer.body, answer.status, given) for one in keeps)
    return Tried(answer.took, answer.status, len(answer.raw), said[:MOST_SHOWN], len(said) <= MOST_SHOWN, kept=kept)


def _kept(one: Keeps, body: Any, status: int, given: Mapping[str, Any]) -> Kept:
    try:
        values = outcome(one.outputs, {"body": body, "status": status, "given": dict(given)})
    except (language.NotAnExpression, language.CannotEvaluate) as unfit:
        return Kept(one, fault=Text(unfit.say("en"), unfit.say("zh")))
    return Kept(one, {name: orjson.dumps(value).decode()[:500] for name, value in values.items()})


@room.post("/connectors/<int:connector_id>/send")
@allows(Right.ADMINISTER)
@done_before(Before(_look, _ask, lambda: True))
def send(connector_id: int) -> ResponseReturnValue:
    """It leaves the office, once, and no case changes."""
    typed = request.form.get("given", "")[:20_000]
    tried: Tried | Refusal = g.tried
    if isinstance(tried, Refusal):
        return shown_page(connector_id, given=typed, dry_error=refused(tried)), 422
    acts.note_tried(g.db, by=g.actor, connector_id=connector_id, status=tried.status, took=tried.took, size=tried.size)
    return shown_page(connector_id, given=typed, tried=tried)
