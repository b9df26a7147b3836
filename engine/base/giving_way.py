"""What goes on by itself gives way to people: on a file there is one writer at a time."""

from __future__ import annotations

import time
from typing import Final

from engine.base.database import Database

_BREATH: Final = 0.002
_REST: Final = 1.0


def give_way(database: Database, since: float) -> None:
    """Between two batches whoever waits to write gets their turn: on a file for as long as they had to wait.

    `since`: when the last batch began, in monotonic seconds.
    """
    time.sleep(max(_BREATH, (time.monotonic() - since) * _REST if database.is_sqlite else 0))
