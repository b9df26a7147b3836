"""Several writes, none of which needs what another of them does: one way to PostgreSQL for all of them."""

from __future__ import annotations

import re
from collections.abc import Sequence
from functools import lru_cache
from typing import Any, Final

from sqlalchemy import Connection

from engine.base.prepared import Prepared, PreparedRows, Values, Written, say

_MOST: Final = 12
"""A text for more of them than this would hardly be said twice."""
_NAME: Final = re.compile(r"%\((\w+)\)s")


class Together:
    """Collects writes until `run`. No two of them may change one row; in what order they are done is open."""

    def __init__(self) -> None:
        self._parts: list[tuple[Prepared, Values]] = []

    def add(self, statement: Prepared, values: Values) -> None:
        self._parts.append((statement, values))

    def add_rows(self, statement: PreparedRows, rows: Sequence[Values]) -> None:
        self._parts += statement.parts(rows)

    def run(self, db: Connection) -> int:
        """How many rows the one added last changed."""
        parts, self._parts = self._parts, []
        if db.dialect.name == "sqlite" or not 1 < len(parts) <= _MOST:
            return [statement.run(db, values) for statement, values in parts][-1] if parts else 0
        written = tuple(statement.written(db) for statement, _values in parts)
        given: dict[str, Any] = {}
        for number, (one, (_statement, values)) in enumerate(zip(written, parts, strict=True)):
            given |= {f"w{number}_{name}": value for name, value in one.parameters(values).items()}
        return int(say(db, _joined(written), given).rowcount)


@lru_cache(maxsize=256)
def _joined(written: tuple[Written, ...]) -> str:
    """All but the last stand in front of it; the names of their values are kept apart by a number."""
    *first, last = (_NAME.sub(rf"%(w{number}_\1)s", one.text) for number, one in enumerate(written))
    return "WITH " + ", ".join(f"w{number} AS ({text})" for number, text in enumerate(first)) + " " + last
