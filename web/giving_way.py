"""What goes on by itself gives way to people: on a file there is one writer at a time."""

from __future__ import annotations

import time
from typing import Final

from engine.base.database import Database

_ON_FILE: Final = 1.0
_ON_SERVER: Final = 0.4
"""Of the time that a batch took: there nobody waits for the database, but for the machine."""


def give_way(database: Database, since: float) -> None:
    """Between two batches whoever waits gets their turn: on a file for as long as they had to wait.

    `since`: when the last batch began, in monotonic seconds.
    """
    time.sleep((time.monotonic() - since) * (_ON_FILE if database.is_sqlite else _ON_SERVER))
