"""What can be asked of connectors, of what was sent and of what came."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import field
from datetime import datetime
from typing import Any, Final

import orjson
from sqlalchemy import Connection, Row, Select, and_, select

from engine.base import clock
from engine.base.database import OFFICE
from engine.base.errors import NotFound
from engine.base.frozen import frozen
from engine.base.text import Name, Text
from engine.connectors import rules
from engine.connectors.rules import How, Kind
from engine.connectors.sealing import Seal
from engine.connectors.states import Outcome, State
from engine.connectors.tables import calls, connectors, program_tokens, programs, received
from engine.organisation.rules import Actor, must_administer

CONNECTOR: Final = Text(en="connector", zh="连接器")
PROGRAM: Final = Text(en="program", zh="程序")
TOKEN: Final = Text(en="token", zh="令牌")
_MOST: Final = 100


@frozen
class Connector:
    """`procedures` None: every procedure may use it."""

    id: int
    code: str
    name: Name
    kind: Kind
    how: How
    time_out: int
    most_bytes: int
    tries: int
    wait: int
    enabled: bool
    procedures: tuple[int, ...] | None
    changed_at: datetime
    sealed: bytes | None = field(default=None, repr=False)

    def serves(self, procedure_id: int) -> bool:
        return self.procedures is None or procedure_id in self.procedures

    def secrets(self, seal: Seal) -> tuple[Mapping[str, str], str]:
        """Its headers, and what it signs with. Raises SealBroken."""
        if self.sealed is None:
            return {}, ""
        held = orjson.loads(seal.open(self.sealed))
        return held["headers"], held["secret"]


@frozen
class Call:
    """What was asked of a connector, without what was said."""

    id: int
    case_id: int
    procedure_id: int
    token: str
    element: str
    connector: str
    name: Name  # what the connector is called; its code, where it is not there
    key: str
    state: State
    tries: int
    most_tries: int
    made_at: datetime
    next_try: datetime | None  # None: it is over
    tried_at: datetime | None
    ended_at: datetime | None
    status: int | None
    took: int | None
    given_size: int
    given_digest: str
    answer_size: int | None
    answer_digest: str | None
    fault: Text | None
    detail: str = ""
    """What the machine said, for whoever sees to it."""


@frozen
class Token:
    id: int
    hint: str
    made_at: datetime
    good_until: datetime
    last_used_at: datetime | None


@frozen
class Program:
    id: int
    name: str
    messages: tuple[str, ...]
    added_at: datetime
    tokens: tuple[Token, ...] = ()


@frozen
class Received:
    at: datetime
    program: str
    name: str
    outcome: Outcome
    case_id: int | None
    case_number: str | None
    size: int


def connectors_in_use(db: Connection, *, by: Actor) -> tuple[Connector, ...]:
    must_administer(by)
    rows = db.execute(select(connectors).where(connectors.c.removed_at.is_(None)).order_by(connectors.c.code))
    return tuple(map(_connector, rows))


def connector(db: Connection, *, by: Actor, connector_id: int) -> Connector:
    """Raises NotFound."""
    must_administer(by)
    row = db.execute(
        select(connectors).where(connectors.c.id == connector_id, connectors.c.removed_at.is_(None))
    ).first()
    if row is None:
        raise NotFound(what=CONNECTOR)
    return _connector(row)


def by_code(db: Connection, codes: Sequence[str]) -> dict[str, Connector]:
    """Of those in use. For the engine's own use."""
    if not codes:
        return {}
    rows = db.execute(select(connectors).where(connectors.c.code.in_(set(codes)), connectors.c.removed_at.is_(None)))
    return {row.code: _connector(row) for row in rows}


_NAMED: Final = select(calls, connectors.c.name_en, connectors.c.name_zh).outerjoin(
    connectors, and_(connectors.c.code == calls.c.connector, connectors.c.removed_at.is_(None))
)


def waiting_for(db: Connection, case_ids: Collection[int]) -> tuple[Call, ...]:
    """What cases wait for of connectors, the longest waiting first. Whoever may see a case may see it."""
    if not case_ids:
        return ()
    rows = db.execute(
        _NAMED.where(
            calls.c.office_id == OFFICE, calls.c.case_id.in_(case_ids), calls.c.state == State.WAITING
        ).order_by(calls.c.id)
    )
    return tuple(map(_call, rows))


def waiting_in(
    db: Connection, procedure_ids: Collection[int] | Select[tuple[int]], limit: int = _MOST
) -> tuple[Call, ...]:
    """The same of all cases of these procedures."""
    rows = db.execute(
        _NAMED.where(calls.c.state == State.WAITING, calls.c.procedure_id.in_(procedure_ids))
        .order_by(calls.c.made_at)
        .limit(limit)
    )
    return tuple(map(_call, rows))


def lately(db: Connection, *, by: Actor, limit: int = _MOST) -> tuple[Call, ...]:
    """What was asked of connectors, the newest first: digests and sizes, never what was said."""
    must_administer(by)
    rows = db.execute(_NAMED.where(calls.c.office_id == OFFICE).order_by(calls.c.id.desc()).limit(limit))
    return tuple(map(_call, rows))


def programs_in_use(db: Connection, *, by: Actor) -> tuple[Program, ...]:
    must_administer(by)
    at = clock.now()
    rows = db.execute(
        select(programs.c.id, programs.c.name, programs.c.messages, programs.c.added_at, program_tokens.c.id.label("token"),
               program_tokens.c.hint, program_tokens.c.made_at, program_tokens.c.good_until,
               program_tokens.c.last_used_at)
        .outerjoin(
            program_tokens,
            (program_tokens.c.program_id == programs.c.id)
            & program_tokens.c.revoked_at.is_(None)
            & (program_tokens.c.good_until > at),
        )
        .where(programs.c.removed_at.is_(None))
        .order_by(programs.c.name, programs.c.id, program_tokens.c.id)
    )  # fmt: skip
    found: dict[int, Program] = {}
    for row in rows:
        one = found.setdefault(row.id, Program(row.id, row.name, tuple(orjson.loads(row.messages)), row.added_at))
        if row.token is not None:
            token = Token(row.token, row.hint, row.made_at, row.good_until, row.last_used_at)
            found[row.id] = Program(one.id, one.name, one.messages, one.added_at, (*one.tokens, token))
    return tuple(found.values())


def program_of(db: Connection, digest: bytes) -> Program | None:
    """Whose token it is, if it is one and still good."""
    at = clock.now()
    row = db.execute(
        select(programs)
        .join(program_tokens, program_tokens.c.program_id == programs.c.id)
        .where(
            program_tokens.c.digest == digest, program_tokens.c.revoked_at.is_(None),
            program_tokens.c.good_until > at, programs.c.removed_at.is_(None),
        )
    ).first()  # fmt: skip
    if row is None:
        return None
    return Program(row.id, row.name, tuple(orjson.loads(row.messages)), row.added_at)


def received_lately(db: Connection, *, by: Actor, limit: int = _MOST) -> tuple[Received, ...]:
    """Messages that came, the newest first: never what was in them."""
    must_administer(by)
    rows = db.execute(
        select(received, programs.c.name.label("program"))
        .join(programs, programs.c.id == received.c.program_id)
        .where(received.c.office_id == OFFICE)
        .order_by(received.c.id.desc())
        .limit(limit)
    )
    return tuple(
        Received(row.at, row.program, row.name, Outcome(row.outcome), row.case_id, row.case_number, row.size)
        for row in rows
    )


def _connector(row: Row[*tuple[Any, ...]]) -> Connector:
    procedures = None if row.procedures is None else tuple(orjson.loads(row.procedures))
    return Connector(
        row.id, row.code, Name(row.name_en, row.name_zh), Kind(row.kind), rules.how(orjson.loads(row.how)),
        row.time_out, row.most_bytes, row.tries, row.wait, row.enabled, procedures, row.changed_at, row.sealed,
    )  # fmt: skip


def _call(row: Row[*tuple[Any, ...]]) -> Call:
    waits = row.state == State.WAITING
    en, zh, detail = [*(orjson.loads(row.fault) if row.fault else ("", "")), ""][:3]
    return Call(
        row.id, row.case_id, row.procedure_id, row.token, row.element, row.connector,
        Name(row.name_en or row.connector, row.name_zh or row.connector), row.key, State(row.state), row.tries,
        row.most_tries, row.made_at, row.next_try if waits else None, row.tried_at, row.ended_at, row.status,
        row.took, row.given_size, row.given_digest.hex(), row.answer_size,
        None if row.answer_digest is None else row.answer_digest.hex(), Name(en, zh) if row.fault else None,
        detail,
    )  # fmt: skip
