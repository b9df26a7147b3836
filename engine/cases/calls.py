"""What a case asks of connectors: put out when the token comes there; how it is sent, `cases.sending` says.

The case itself awaits the answer as it awaits a message (tables.awaited): whatever ends that wait ends the call too.
"""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime
from hashlib import sha256
from uuid import UUID

import orjson
from sqlalchemy import Connection, insert, select

from engine.base.database import OFFICE, new_id
from engine.connectors.states import State
from engine.connectors.tables import calls
from engine.diagram.position import Waiting, WaitKind


def put_out(db: Connection, case_id: int, procedure_id: int, opened: Iterable[Waiting], at: datetime) -> None:
    """Sent after the transaction, by whoever sends."""
    rows = []
    for one in opened:
        if one.kind is not WaitKind.CALL:
            continue
        given = orjson.dumps(one.given, option=orjson.OPT_SORT_KEYS)
        digest = sha256(given).digest()
        rows.append(
            {
                "office_id": OFFICE, "id": new_id(), "case_id": case_id, "made_at": at, "next_try": at,
                "procedure_id": procedure_id, "given_size": len(given), "state": State.WAITING, "tries": 0,
                "most_tries": 0, "token": one.token, "process": one.process, "element": one.element,
                "connector": one.name or "", "key": _key(case_id, one.token, digest), "given": given.decode(),
                "given_digest": digest,
            }
        )  # fmt: skip
    if rows:
        db.execute(insert(calls), rows)


def put_out_again(
    db: Connection, case_id: int, procedure_id: int, standing: Iterable[Waiting], at: datetime
) -> tuple[str, ...]:
    """Of the calls that the case stands at, those that are over although it awaits the answer; at which elements.

    The key is as it was, so that whoever was asked before knows it for the same. The case must be locked.
    """
    still = set(
        db.scalars(
            select(calls.c.token).where(
                calls.c.office_id == OFFICE, calls.c.case_id == case_id, calls.c.state == State.WAITING
            )
        )
    )
    again = [one for one in standing if one.token not in still]
    put_out(db, case_id, procedure_id, again, at)
    return tuple(one.element for one in again)


def _key(case_id: int, token: str, digest: bytes) -> str:
    """The same for the same words of the same token, also when somebody tries again by hand; another for others."""
    return str(UUID(bytes=sha256(f"{case_id}/{token}/".encode() + digest).digest()[:16], version=4))
