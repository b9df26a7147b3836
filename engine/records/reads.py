"""What can be asked of the record: a chain as a file that `offline.py` verifies anywhere."""

from __future__ import annotations

from collections.abc import Iterator
from hashlib import sha256
from typing import Any

import orjson
from sqlalchemy import Connection, select

from engine.base.database import OFFICE, to_stored
from engine.records.journal import Chain
from engine.records.tables import entries as rows


def extract(db: Connection, chain: Chain, *, with_facts: bool = True) -> Iterator[str]:
    """JSON lines: each entry of the chain, then how its owner knows it to end.

    Without facts it holds their digests: for somebody who may check the chain but not read it.
    """
    asked = select(rows).where(rows.c.office_id == OFFICE, rows.c.chain == chain.id).order_by(rows.c.number)
    with db.execute(asked, execution_options={"stream_results": True, "yield_per": 2000}) as found:
        for row in found:
            told: dict[str, Any] = {
                "office": row.office_id,
                "chain": row.chain,
                "number": row.number,
                "at": to_stored(row.at),
                "person": row.person_id,
                "post": row.post_id,
                "act": row.act,
            }
            if with_facts:
                told["facts"] = row.facts
            else:
                told["facts_digest"] = sha256(row.facts.encode()).hexdigest()
            yield orjson.dumps(told | {"seal": row.seal.hex()}).decode()
    yield orjson.dumps({"chain": chain.id, "length": chain.length, "head": chain.head.hex()}).decode()
