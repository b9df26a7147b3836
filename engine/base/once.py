"""Small answers that several reads of one page need, asked for once in a transaction that only reads.

Such a transaction sees one moment of the office (`Database.reading`), so what it was told stays true until it ends. In
one that writes everything is asked anew: what was done a line above must count.
"""

from __future__ import annotations

from collections.abc import Callable, Hashable
from typing import Any, Final, TypeVar

from sqlalchemy import Connection

_TOLD: Final = "officium_told"
T = TypeVar("T")


def remember(db: Connection) -> None:
    """From now on, until the connection is given back."""
    db.execution_options(**{_TOLD: {}})


def once(db: Connection, key: Hashable, ask: Callable[[], T]) -> T:
    """What is told must not be changed by whoever gets it. `key` begins with a word of whoever asks."""
    told: dict[Hashable, Any] | None = db.get_execution_options().get(_TOLD)
    if told is None:
        return ask()
    if key not in told:
        told[key] = ask()
    found: T = told[key]
    return found
