"""The two kinds of work that goes on by itself: what acts on rows that are due, and what talks to others."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import field
from datetime import datetime, timedelta
from typing import Any, Self

from sqlalchemy import Connection

from engine.base.database import Database
from engine.base.errors import Refusal
from engine.base.frozen import frozen
from engine.base.text import Text
from engine.papers.taking import Cabinet
from engine.working.rules import Key
from web.outbox.means import Means
from web.settings import Settings

GoingOn = Callable[[], bool]
"""Asked before each thing that is begun: False once the process is to stop."""


def always() -> bool:
    return True


@frozen
class Handler:
    """Acts on what is due, one key after the other, each in a transaction of its own that takes effect once.

    `due(db, at, limit)` looks and changes nothing, the earliest first. `do(db, key)` checks again under a lock that it
    is due and not yet done, and says False where there was nothing to do any more. What raises is kept as a trouble,
    shown to administrators, and tried again later; `refused` is called instead where a handler has its own way.
    """

    name: str
    title: Text
    due: Callable[[Connection, datetime, int], Sequence[Key]]
    do: Callable[[Connection, Any], bool]  # called with whatever `due` gave
    refused: Callable[[Connection, Any, Refusal], None] | None = None


@frozen
class Tools:
    """What errands work with, as the installation's settings say. `cabinet` None: papers are not scanned.

    `keep_notices`: how long after it was read a notice is kept.
    """

    means: Means = field(default_factory=Means)
    cabinet: Cabinet | None = None
    keep_notices: timedelta = timedelta(days=90)

    @classmethod
    def of(cls, settings: Settings, means: Means, cabinet: Cabinet | None) -> Self:
        return cls(means, cabinet, timedelta(days=settings.keep_notices))


@frozen
class Errand:
    """A round of something that sees to its own transactions and to what another process is at; how much it did.

    `apart`: it talks to the network and may be slow, so nothing else waits for it. `every`: at most so often over all
    processes, and in one of them only; without it, with every round of each.
    """

    name: str
    title: Text
    run: Callable[[Tools, Database, GoingOn], int]
    apart: bool = False
    every: timedelta | None = None
    waiting: Callable[[Connection], int] | None = None  # how much of it waits, cheaply
    due: Callable[[Connection, datetime], int] | None = (
        None  # how much will be due then; cheap enough to ask after acts
    )
