"""The office is served."""

from __future__ import annotations

import argparse
import logging
import signal
from dataclasses import replace
from types import FrameType
from typing import Final

import waitress

from engine import migrations
from engine.base.database import Database
from engine.organisation import reads as organisation
from web.before import MOST_SENT
from web.building import in_service
from web.cabinet import cabinet_of
from web.outbox.means import Means
from web.settings import DemoSignIn, Settings, Work
from web.working.kinds import Tools
from web.working.rounds import Poller

_THREADS: Final = 8
_MOST_REQUEST: Final = MOST_SENT + 1024 * 1024  # a little over what a page accepts, so that the page can say so


def serve(asked: argparse.Namespace) -> int:
    logging.basicConfig(level=logging.INFO, format="%(asctime)s %(levelname)s %(name)s: %(message)s")
    logging.getLogger("alembic").setLevel(logging.WARNING)
    found = Settings.from_environment()
    settings = replace(found, host=asked.host or found.host, port=found.port if asked.port is None else asked.port)
    means = Means.from_settings(settings)
    database = Database(settings.database_url)
    migrations.upgrade(database)
    if asked.demo:
        settings = replace(settings, demo_sign_ins=_demo(database))
    server = waitress.create_server(
        in_service(settings, database=database),
        host=settings.host,
        port=settings.port,
        threads=_THREADS,
        ident=None,
        max_request_body_size=_MOST_REQUEST,
    )
    poller = Poller(database, Tools.of(settings, means, cabinet_of(settings, database)))
    if settings.work is Work.EMBEDDED:
        poller.start()
    signal.signal(signal.SIGTERM, _end)
    for one in settings.demo_sign_ins:
        print(f"  sign in as {one.login:<16} {one.name.en}, {one.post.en}", flush=True)
    if settings.demo_sign_ins:
        print(f"  password of every demo account: {settings.demo_sign_ins[0].password}", flush=True)
    print(f"Officium: http://{settings.host}:{server.effective_port}/", flush=True)
    try:
        server.run()
    finally:
        poller.stop()
        database.close()
    return 0


def _end(_signal: int, _frame: FrameType | None) -> None:
    """As if it had been asked to at the keyboard: what is begun is finished."""
    raise SystemExit(0)


def _demo(database: Database) -> tuple[DemoSignIn, ...]:
    """Loads it where no office stands yet; who is offered to be signed in as."""
    from web.commands import demo  # noqa: PLC0415  only the demo needs what it is made of

    with database.reading() as db:
        founded = organisation.is_founded(db)
    if not founded:
        demo.load(database)
    return demo.sign_ins(database)
