"""The journal: entries that are only ever added, each sealed together with the one before it.

    seal   = SHA-256(previous seal ‖ header ‖ SHA-256(facts))
    header = "officium entry 1\\n" office "\\n" chain "\\n" number "\\n" at "\\n" person "\\n" post "\\n" act "\\n"

in UTF-8. Numbers are decimal, `at` is in milliseconds since 1970 UTC, a person or post that is missing is "-".
Before the first entry the previous seal is 32 zero bytes. None but the last field of the header can hold a
line break, so a header can be read in one way only. Because the facts enter as their own digest, a chain can
be verified by somebody who may not read them.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import UTC, date, datetime
from decimal import Decimal
from hashlib import sha256
from math import isfinite
from typing import Any, Final

import orjson
from sqlalchemy import Connection, bindparam, insert, select

from engine.base import clock
from engine.base.database import OFFICE, to_stored
from engine.base.frozen import frozen
from engine.base.prepared import Prepared
from engine.base.together import Together
from engine.records.tables import entries as rows

EMPTY: Final = b""
"""The head of a chain without entries."""

_NOTHING_BEFORE: Final = bytes(32)


class NotWritable(ValueError):
    """Facts that are not JSON: a fault of the program, never of a person."""


@frozen
class Chain:
    """How far a chain goes. Kept on the row of what it tells about: a case, a procedure, a person, the office."""

    id: int
    length: int
    head: bytes


@frozen
class Entry:
    chain: int
    number: int
    at: datetime
    person_id: int | None
    post_id: int | None
    act: str
    facts: str  # canonical JSON, as sealed
    seal: bytes


_INSERT: Final = Prepared(insert(rows), rows.c.keys())
_OF_CHAIN: Final = (
    select(
        rows.c.chain, rows.c.number, rows.c.at, rows.c.person_id, rows.c.post_id, rows.c.act, rows.c.facts, rows.c.seal
    )
    .where(rows.c.office_id == OFFICE, rows.c.chain == bindparam("of_chain"))
    .order_by(rows.c.number)
)


def write(
    db: Connection,
    chain: Chain,
    *,
    act: str,
    by: int | None,
    post: int | None = None,
    facts: Mapping[str, Any],
    writes: Together | None = None,
) -> Chain:
    """Adds one entry, or puts it to `writes`. The caller, who holds the lock, keeps the chain given back in the same transaction."""
    at = clock.now()
    number = chain.length + 1
    told = canonical(facts)
    sealed = seal(chain.head, header(OFFICE, chain.id, number, to_stored(at), by, post, act), sha256(told).digest())
    entry = {
        "office_id": OFFICE,
        "number": number,
        "chain": chain.id,
        "at": at,
        "person_id": by,
        "post_id": post,
        "act": act,
        "facts": told.decode(),
        "seal": sealed,
    }
    if writes is None:
        _INSERT.run(db, entry)
    else:
        writes.add(_INSERT, entry)
    return Chain(chain.id, number, sealed)


def entries(db: Connection, chain_id: int) -> tuple[Entry, ...]:
    """In the order they were written."""
    return tuple(Entry(*row) for row in db.execute(_OF_CHAIN, {"of_chain": chain_id}))


def header(office: int, chain: int, number: int, at: int, person: int | None, post: int | None, act: str) -> bytes:
    who = "-" if person is None else person
    where = "-" if post is None else post
    return f"officium entry 1\n{office}\n{chain}\n{number}\n{at}\n{who}\n{where}\n{act}\n".encode()


def seal(previous: bytes, head: bytes, facts_digest: bytes) -> bytes:
    return sha256((previous or _NOTHING_BEFORE) + head + facts_digest).digest()


_CANONICAL: Final = orjson.OPT_SORT_KEYS | orjson.OPT_PASSTHROUGH_DATETIME | orjson.OPT_PASSTHROUGH_DATACLASS


def canonical(facts: Mapping[str, Any]) -> bytes:
    """JSON with sorted keys and no spaces: instants in UTC, decimals to the last digit. Raises NotWritable."""
    try:
        told: bytes = orjson.dumps(dict(facts), default=_plain, option=_CANONICAL)
    except (TypeError, orjson.JSONEncodeError) as fault:
        raise NotWritable(str(fault.__cause__ or fault)) from fault
    # orjson writes NaN and the infinities as null; only then is it worth looking for one.
    if b"null" in told and not _all_finite(facts):
        raise NotWritable("a number that is not finite")
    return told


def _plain(value: Any) -> Any:
    if isinstance(value, Decimal):
        if not value.is_finite():
            raise NotWritable("a decimal that is not finite")
        return orjson.Fragment(str(value))
    if isinstance(value, datetime):
        if value.tzinfo is None:
            raise NotWritable("an instant without a zone")
        return value.astimezone(UTC).isoformat(timespec="milliseconds").replace("+00:00", "Z")
    if isinstance(value, date):
        return value.isoformat()
    if isinstance(value, Mapping):
        return dict(value)
    raise NotWritable(f"{type(value).__name__} is not JSON")


def _all_finite(value: Any) -> bool:
    if isinstance(value, float):
        return isfinite(value)
    if isinstance(value, Mapping):
        return all(map(_all_finite, value.values()))
    if isinstance(value, list | tuple):
        return all(map(_all_finite, value))
    return True
