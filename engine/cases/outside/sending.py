"""What a case has put out to connectors (`cases.calls`): taken by one sender at a time, noted when it is over.

Whether the case still awaits the answer is seen before each try. Whoever takes a call has it for its time-out and a
little more; when nothing is heard of it by then it is taken and sent again, with the same key. So a crash loses
nothing, and what is repeated is known for it where it arrives.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import timedelta
from hashlib import sha256
from random import random
from typing import Any, Final

import orjson
from sqlalchemy import Connection, Row, and_, func, select, update

from engine.base import clock
from engine.base.database import OFFICE
from engine.base.frozen import frozen
from engine.base.text import Text
from engine.cases.tables import awaited, cases
from engine.connectors import reads, rules
from engine.connectors.reads import Connector
from engine.connectors.states import State
from engine.connectors.tables import calls
from engine.diagram.position import WaitKind

UNKNOWN: Final = Text("no connector “{code}” is set up", "没有设置连接器“{code}”")
SWITCHED_OFF: Final = Text("the connector “{code}” is switched off", "连接器“{code}”已停用")
NOT_FOR_THIS: Final = Text("the connector “{code}” is not open to this procedure", "本程序无权使用连接器“{code}”")
_RESTS: Final = timedelta(minutes=1)
_AT_ONCE: Final = 50
_MOST_FAULT: Final = 500


@frozen
class Taken:
    """A call on its way. `why`: it cannot be sent at all, and nothing was tried."""

    id: int
    case_id: int
    procedure_id: int
    token: str
    process: str
    element: str
    code: str
    connector: Connector | None
    key: str
    given: Mapping[str, Any]
    tries: int  # this one included
    case_number: str
    why: Text | None = None


def is_idle(db: Connection) -> bool:
    """Nothing is due. Cheap enough to be asked every few seconds, and writes nothing."""
    due = select(calls.c.id).where(calls.c.state == State.WAITING, calls.c.next_try <= clock.now()).limit(1)
    return db.scalar(due) is None


def waiting(db: Connection) -> int:
    """How many calls are not over yet."""
    return db.scalar(select(func.count()).select_from(calls).where(calls.c.state == State.WAITING)) or 0


def take(db: Connection, *, but: Iterable[str] = ()) -> Taken | None:
    """The one that has waited longest, of other connectors than `but`. Of two who ask at once each gets another one."""
    for _ in range(_AT_ONCE):
        row = _longest(db, tuple(but))
        if row is None:
            return None
        standing = _case_of(db, row)
        if standing is None:
            _over(db, row.id, state=State.CANCELLED, fault=None)
        elif standing.suspended_at is not None:
            _of(db, row.id, next_try=clock.now() + _RESTS)
        else:
            return _taken(db, row, standing.number)
    return None


def _longest(db: Connection, but: tuple[str, ...]) -> Row[*tuple[Any, ...]] | None:
    due = [calls.c.state == State.WAITING, calls.c.next_try <= clock.now()]
    if but:
        due.append(calls.c.connector.not_in(but))
    return db.execute(
        select(calls).where(*due).order_by(calls.c.next_try).limit(1).with_for_update(skip_locked=True)
    ).first()


def _case_of(db: Connection, row: Row[*tuple[Any, ...]]) -> Row[*tuple[Any, ...]] | None:
    """The case, while it still awaits the answer."""
    return db.execute(
        select(cases.c.number, cases.c.suspended_at)
        .join(awaited, and_(awaited.c.office_id == cases.c.office_id, awaited.c.case_id == cases.c.id))
        .where(
            cases.c.office_id == OFFICE, cases.c.id == row.case_id, cases.c.ended_at.is_(None),
            awaited.c.token == row.token, awaited.c.kind == WaitKind.CALL, awaited.c.closed_at.is_(None),
        )
    ).first()  # fmt: skip


def _taken(db: Connection, row: Row[*tuple[Any, ...]], case_number: str) -> Taken:
    at = clock.now()
    found = reads.by_code(db, [row.connector]).get(row.connector)
    why = _why_not(found, row.procedure_id)
    tries = row.tries if why else row.tries + 1
    lease = rules.LEASE_BESIDE + timedelta(seconds=found.time_out if found else 0)
    most = found.tries if found else row.most_tries
    _of(db, row.id, tries=tries, most_tries=most, next_try=at + lease, tried_at=row.tried_at if why else at)
    return Taken(
        row.id, row.case_id, row.procedure_id, row.token, row.process, row.element, row.connector, found, row.key,
        orjson.loads(row.given or "{}"), tries, case_number, why,
    )  # fmt: skip


def _why_not(found: Connector | None, procedure_id: int) -> Text | None:
    if found is None:
        return UNKNOWN
    if not found.enabled:
        return SWITCHED_OFF
    return None if found.serves(procedure_id) else NOT_FOR_THIS


def note_failed(
    db: Connection,
    taken: Taken,
    fault: Text,
    *,
    status: int | None,
    took: int,
    asked: float | None = None,
    detail: str = "",
) -> bool:
    """Whether it will be tried again. `asked`: seconds after which the other side wishes to be asked again."""
    if taken.connector is None or taken.tries >= taken.connector.tries:
        return False
    after = rules.again_after(taken.tries, taken.connector.wait, random(), asked)  # noqa: S311 -- no secret
    db.execute(
        update(calls)
        .where(
            calls.c.office_id == OFFICE, calls.c.id == taken.id, calls.c.state == State.WAITING,
            calls.c.tries == taken.tries,
        )
        .values(next_try=clock.now() + after, fault=_said(fault, detail), status=status, took=took)
    )  # fmt: skip
    return True


def still_out(db: Connection, taken: Taken) -> bool:
    """Locked until the transaction ends. False where it is over, or somebody else has taken it since."""
    row = db.execute(
        select(calls.c.state, calls.c.tries)
        .where(calls.c.office_id == OFFICE, calls.c.id == taken.id)
        .with_for_update()
    ).first()
    return row is not None and row.state == State.WAITING and row.tries == taken.tries


def is_awaited(db: Connection, taken: Taken) -> bool:
    """The case must be locked."""
    return (
        db.scalar(
            select(awaited.c.token).where(
                awaited.c.office_id == OFFICE, awaited.c.case_id == taken.case_id, awaited.c.token == taken.token,
                awaited.c.kind == WaitKind.CALL, awaited.c.closed_at.is_(None),
            )
        )
        is not None
    )  # fmt: skip


def close(
    db: Connection,
    taken: Taken,
    state: State,
    *,
    status: int | None,
    took: int | None,
    answer: bytes | None = None,
    fault: Text | None = None,
    detail: str = "",
) -> None:
    """What was said is forgotten; its digest and size stay."""
    _over(
        db, taken.id, state=state, status=status, took=took, fault=None if fault is None else _said(fault, detail),
        answer_size=None if answer is None else len(answer),
        answer_digest=None if answer is None else sha256(answer).digest(),
    )  # fmt: skip


def _over(db: Connection, call_id: int, **values: Any) -> None:
    _of(db, call_id, ended_at=clock.now(), given=None, **values)


def _said(fault: Text, detail: str) -> str:
    return orjson.dumps([one[:_MOST_FAULT] for one in (fault.en, fault.zh, detail)]).decode()


def _of(db: Connection, call_id: int, **values: Any) -> None:
    db.execute(update(calls).where(calls.c.office_id == OFFICE, calls.c.id == call_id).values(**values))
