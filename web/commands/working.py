"""What goes on by itself, in a process that does nothing else."""

from __future__ import annotations

import argparse
import logging
import signal

from engine.base.database import Database
from web.cabinet import cabinet_of
from web.commands import loading
from web.commands.opened import standing
from web.outbox.means import Means
from web.settings import Settings
from web.working.kinds import Tools
from web.working.registry import ERRANDS
from web.working.rounds import Poller, add_up, run_errand, tick


def tick_once(_asked: argparse.Namespace) -> int:
    database = standing()
    tools = _tools(database)
    fired = tick(database, tools=tools)
    done = {one.name: run_errand(database, one, tools) for one in ERRANDS if one.apart}
    add_up(database, list(done.values()))
    print(f"{fired} timers took effect, {done['letters'].done} messages were sent.")
    return 0


def work(_asked: argparse.Namespace) -> int:
    """On PostgreSQL woken by the queue; on a file it looks every few seconds, as the server does."""
    logging.basicConfig(level=logging.INFO, format="%(asctime)s %(levelname)s %(name)s: %(message)s")
    database = standing()
    tools = _tools(database)
    if database.is_sqlite:
        poller = Poller(database, tools)
        for one in (signal.SIGTERM, signal.SIGINT):
            signal.signal(one, lambda *_: poller.leave())
        poller.start()
        print("Officium: at work.", flush=True)
        poller.wait()
        poller.stop()
        database.close()
        return 0
    with loading():
        from web.working.queue import Worker  # noqa: PLC0415  what the queue is made of is for its workers alone

    print("Officium: at work.", flush=True)
    ended = Worker(database, tools).run()
    database.close()
    return ended


def _tools(database: Database) -> Tools:
    settings = Settings.from_environment()
    return Tools.of(settings, Means.from_settings(settings), cabinet_of(settings, database))
