"""The command `officium webhook`: to which programs notices are sent.

Whoever may run it on the machine acts as the administrator named with `--by`; the record says so.
"""

from __future__ import annotations

import argparse
from collections.abc import Iterator
from contextlib import contextmanager

from sqlalchemy import Connection

from engine.notices import acts, reads
from engine.organisation.reads import actor_named
from web.commands.opened import standing
from web.settings import Settings


@contextmanager
def _office() -> Iterator[Connection]:
    database = standing()
    try:
        with database.writing() as db:
            yield db
    finally:
        database.close()


def add(asked: argparse.Namespace) -> int:
    settings = Settings.from_environment()
    with _office() as db:
        by = actor_named(db, asked.by)
        secret = acts.add_webhook(db, by=by, url=asked.url, inside=settings.webhooks_inside)
    print(f"Notices are sent to {asked.url} from now on. They are signed with this secret, which is told this once:")
    print(secret)
    return 0


def listed(asked: argparse.Namespace) -> int:
    with _office() as db:
        found = reads.webhooks_in_use(db, by=actor_named(db, asked.by))
    for one in found:
        print(f"{one.id:>4}  {one.added_at:%Y-%m-%d}  {one.url}")
    if not found:
        print("Notices are sent to no program.")
    return 0


def remove(asked: argparse.Namespace) -> int:
    with _office() as db:
        acts.remove_webhook(db, by=actor_named(db, asked.by), webhook_id=asked.number)
    print("Nothing is sent there any more.")
    return 0
