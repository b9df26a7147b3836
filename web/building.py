"""Puts the web together: its rooms, what stands around them, and how a process is made that only serves."""

from __future__ import annotations

import atexit
from collections.abc import Collection, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Final

from flask import Flask
from jinja2 import FileSystemBytecodeCache
from werkzeug.middleware.proxy_fix import ProxyFix
from whitenoise import WhiteNoise

from engine.base.database import Database
from web import assets, due, entrance, folds, guard, headers, languages, notices, page, problems, rooms, shown, tokens
from web.cabinet import cabinet_of
from web.forms import Whole
from web.settings import Settings, Work
from web.timings import Timings
from web.unit import Office, Route

if TYPE_CHECKING:
    from web.outbox.means import Means

ROOMS: Final = (
    "entrance", "desk", "moves", "clocks", "asking", "handing", "cases", "papers", "notes", "absence", "calendars", "letters", "connectors", "counter", "studio", "watch", "flow", "forecast", "whatif", "boards", "mining", "acting", "alerts", "reports", "cards", "working.served",
)  # fmt: skip
"""Each is the module web.<name> with its blueprint `room`. What `working` does beside is done without Flask."""

AT_ONCE: Final = ("entrance", "desk", "cases", "letters")
"""What every worker is asked for. The others are opened when somebody first comes."""

MOST_SENT: Final = 4 * 1024 * 1024


def create_app(
    settings: Settings, *, database: Database | None = None, rooms: Sequence[str] = ROOMS, closed: Collection[str] = ()
) -> Office:
    """Raises guard.Unguarded where a route says nothing about who may use it. `closed`: rooms not loaded before they are asked for."""
    app = Office("web", static_folder=None)
    app.database = database or Database(settings.database_url)
    app.cabinet = cabinet_of(settings, app.database)
    app.timings = Timings()
    _configure(app, settings)
    languages.set_up(app)
    shown.set_up(app)
    due.set_up(app)
    page.set_up(app)
    problems.set_up(app)
    notices.set_up(app)
    folds.set_up(app)
    tokens.set_up(app)
    headers.set_up(app, https=settings.https)
    _furnish(app, rooms, closed)
    entrance.set_up(app, settings)
    guard.rules(app)
    _stand_behind(app, settings)
    return app


def _furnish(app: Office, names: Sequence[str], closed: Collection[str]) -> None:
    told = rooms.listed() if closed else {}
    for name in names:
        if name in closed:
            app.closed.announce(app, name, told[name])
        elif (room := rooms.blueprint(name)) is not None:
            app.register_blueprint(room)


def in_service(settings: Settings, *, database: Database | None = None) -> Office:
    """For a process that serves and does nothing else."""
    app = create_app(settings, database=database, closed=set(ROOMS) - set(AT_ONCE))
    rooms.settle()
    return app


def from_environment() -> Office:
    """For servers that are given a name to load and do not fork once they have; for gunicorn see `web.forked`."""
    settings = Settings.from_environment()
    app = in_service(settings)
    if settings.work is Work.EMBEDDED:
        work_beside(app, settings)
    return app


def work_beside(app: Office, settings: Settings) -> None:
    """Until this process ends. Threads are begun: not to be called before a fork."""
    from web.outbox.means import Means  # noqa: PLC0415  where workers do it, nobody here needs what it is done with
    from web.working.kinds import Tools  # noqa: PLC0415  as above
    from web.working.rounds import Poller  # noqa: PLC0415  as above

    poller = Poller(app.database, Tools.of(settings, Means.from_settings(settings), app.cabinet))
    poller.start()
    atexit.register(poller.stop)


def _configure(app: Flask, settings: Settings) -> None:
    app.config.update(
        SECRET_KEY=settings.secret,
        SESSION_COOKIE_SECURE=settings.https,
        MAX_CONTENT_LENGTH=MOST_SENT,
        MAX_FORM_MEMORY_SIZE=MOST_SENT,
        SENDS_MAIL=bool(settings.smtp),
        WEBHOOKS_INSIDE=settings.webhooks_inside,
        MEANS=lambda: _means(settings),
        LIMITS=settings.limits,
        MESSAGES=settings.messages,
        WORK=settings.work,
        METRICS_TOKEN=settings.metrics_token,
        METRICS_FROM=settings.metrics_from,
        PREFERRED_URL_SCHEME="https" if settings.https else "http",
    )
    app.url_map.converters["int"] = Whole
    app.url_rule_class = Route
    # What templates compile to is kept between starts: a worker that reads it needs 4 MB less than one that compiles.
    app.jinja_options = {"trim_blocks": True, "lstrip_blocks": True, "bytecode_cache": FileSystemBytecodeCache()}


def _means(settings: Settings) -> Means:
    from web.outbox.means import Means  # noqa: PLC0415  as above

    return Means.from_settings(settings)


def _stand_behind(app: Flask, settings: Settings) -> None:
    """Static files first, then whatever proxies are trusted."""
    built = assets.built()
    static = WhiteNoise(
        app.wsgi_app,
        root=str(built.folder),
        prefix="static/",
        allow_all_origins=False,
        immutable_file_test=lambda path, _url: Path(path).name in built.hashed,
        add_headers_function=lambda added, _path, _url: added.add_header("X-Content-Type-Options", "nosniff"),
    )
    app.wsgi_app = static  # type: ignore[method-assign]
    if settings.proxies:
        count = settings.proxies
        app.wsgi_app = ProxyFix(static, x_for=count, x_proto=count, x_host=count)  # type: ignore[method-assign]
