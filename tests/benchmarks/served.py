"""What the measured server loads, and nothing else: the memory of the harness is not the product's."""

from __future__ import annotations

import os
from typing import Final

from web import in_service
from web.settings import Settings
from web.unit import Office

URL: Final = "OFFICIUM_BENCH_URL"


def settings(url: str) -> Settings:
    return Settings(secret="of the benchmark alone", database_url=url, sign_ins="100000 per minute")


def serve() -> Office:
    return in_service(settings(os.environ[URL]))


def serve_and_work() -> Office:
    """As `officium serve`: what goes on by itself is done in the process that serves."""
    from web.working.rounds import Poller  # noqa: PLC0415  the other systems are measured without it

    app = serve()
    Poller(app.database).start()
    return app
