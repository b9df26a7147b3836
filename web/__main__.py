"""The command `officium`: serve the office, check a diagram, look after the database."""

from __future__ import annotations

import argparse
import json
import logging
import signal
import sys
from collections.abc import Iterator, Sequence
from dataclasses import replace
from itertools import chain
from pathlib import Path
from types import FrameType

from engine import migrations
from engine.base import clock
from engine.base.database import Database
from engine.base.errors import Refusal
from engine.base.text import LANGUAGES, Language
from engine.cases import papers
from engine.cases import reads as cases
from engine.cases.notes.reads import first_altered
from engine.cases.notes.rules import NoteAltered
from engine.counter import reads as counter
from engine.diagram import check, report
from engine.organisation import reads as organisation
from engine.papers import contents
from engine.procedures import reads as procedures
from engine.records.journal import Chain
from engine.records.verify import first_broken
from web import carrying, webhooks
from web.before import MOST_SENT
from web.outbox.means import Means
from web.searching import reindex
from web.settings import DemoSignIn, Settings, Work
from web.uploads import cabinet_of
from web.working.kinds import Tools
from web.working.registry import ERRANDS
from web.working.rounds import Poller, add_up, run_errand, tick

_THREADS = 8
_MOST_REQUEST = MOST_SENT + 1024 * 1024  # a little over what a page accepts, so that the page can say so


def main(arguments: Sequence[str] | None = None) -> int:
    asked = _parser().parse_args(arguments)
    try:
        done: int = asked.run(asked)
    except Refusal as refusal:
        print(refusal.say(asked.language), file=sys.stderr)
        return 1
    except OSError as fault:
        print(f"{fault.filename}: {fault.strerror}", file=sys.stderr)
        return 1
    except KeyboardInterrupt:
        return 130
    return done


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="officium", description="Runs an office's procedures from their diagrams.")
    parser.add_argument("--language", choices=LANGUAGES, default="en", help="the language answers are in")
    commands = parser.add_subparsers(required=True, metavar="COMMAND")

    serve = commands.add_parser("serve", help="bring the database up to date and serve the office")
    serve.add_argument("--host", help="the address to listen on (HOST; 127.0.0.1)")
    serve.add_argument("--port", type=int, help="the port to listen on (PORT; 8000)")
    serve.add_argument("--demo", action="store_true", help="load the demo office first where no office stands yet")
    serve.set_defaults(run=_serve)

    checks = commands.add_parser("check", help="say what is wrong with a diagram, as the studio would")
    checks.add_argument("files", nargs="+", type=Path, metavar="FILE")
    checks.add_argument("--json", action="store_true", help="one object a file, for programs")
    checks.set_defaults(run=_check)

    founding = commands.add_parser("found", help="found an office of your own in an empty database")
    founding.add_argument("folder", type=Path, help="holds office.toml and persons.toml, as processes/office does")
    founding.set_defaults(run=_found)

    for name, run, told in (
        ("reindex", _reindex, "read every case into the search anew"),
        ("demo", _demo, "load the demo office into an empty database"),
        ("tick", _tick, "let timers that are due take effect, and send what waits, once"),
        ("worker", _worker, "do the background work, as many of them as you like, until told to stop"),
        ("tidy", _tidy, "remove files that were handed in more than a day ago and belong to no case"),
        ("upgrade", _upgrade, "bring the database up to date"),
        ("verify", _verify, "prove that the record is as it was written"),
    ):
        commands.add_parser(name, help=told).set_defaults(run=run)
    carrying.offer(commands)
    webhooks.offer(commands)
    return parser


def _serve(asked: argparse.Namespace) -> int:
    # Only the server needs these: the other commands start without them.
    import waitress  # noqa: PLC0415

    from web import in_service  # noqa: PLC0415

    logging.basicConfig(level=logging.INFO, format="%(asctime)s %(levelname)s %(name)s: %(message)s")
    logging.getLogger("alembic").setLevel(logging.WARNING)
    found = Settings.from_environment()
    settings = replace(found, host=asked.host or found.host, port=found.port if asked.port is None else asked.port)
    means = Means.from_settings(settings)
    database = Database(settings.database_url)
    migrations.upgrade(database)
    if asked.demo and not _is_founded(database):
        _load_demo(database)
    settings = replace(settings, demo_sign_ins=_demo_sign_ins(database) if asked.demo else ())
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


def _is_founded(database: Database) -> bool:
    with database.reading() as db:
        return organisation.is_founded(db)


def _check(asked: argparse.Namespace) -> int:
    language: Language = asked.language
    results, outcome = check.check(asked.files, language)
    for result in results:
        print(json.dumps(result.facts, ensure_ascii=False) if asked.json else report.as_text(result.facts, language))
    return int(outcome)


def _demo(_asked: argparse.Namespace) -> int:
    database = _database()
    migrations.upgrade(database)
    _load_demo(database)
    return 0


def _found(asked: argparse.Namespace) -> int:
    import processes  # noqa: PLC0415  only founding needs them
    from web.founding import found  # noqa: PLC0415

    try:
        plan = processes.office_in(asked.folder)
    except (OSError, KeyError, TypeError, ValueError) as fault:
        print(f"The office in {asked.folder} cannot be read: {fault!r}. See processes/office for how it is told.")
        return 1
    database = _database()
    migrations.upgrade(database)
    with database.writing() as db:
        founded = found(db, plan, clock.now().date())
    print("The office is founded. Hand everybody their first password, to be changed at /password:")
    for login, password in founded.passwords.items():
        print(f"  {login:<20} {password}")
    return 0


def _load_demo(database: Database) -> None:
    from web import demo  # noqa: PLC0415  only the demo needs what it is made of
    from web.demo.simulation import Half  # noqa: PLC0415  as above

    last = -1

    def progress(share: float, half: Half) -> None:
        nonlocal last
        if int(share * 20) > last:
            last = int(share * 20)
            print(f"  {min(share, 1):4.0%}  {half.started} cases started, {half.ended} ended", flush=True)

    print("Loading the demo office: half a year of work, told by a simulated clock …", flush=True)
    half = demo.load(database, progress, cabinet_of(Settings.from_environment(), database))
    print(f"The demo office is there: {half.started} cases, {half.completed} completed tasks.", flush=True)


def _demo_sign_ins(database: Database) -> tuple[DemoSignIn, ...]:
    """None where the office in the database is a real one: its accounts are nobody else's business."""
    from web import demo  # noqa: PLC0415  as above

    with database.reading() as db:
        return demo.sign_ins(db) if demo.is_the_demo(db) else ()


def _tidy(_asked: argparse.Namespace) -> int:
    from engine.supervision.mining import kept as logs  # noqa: PLC0415  only here

    database = _database()
    store = cabinet_of(Settings.from_environment(), database).store
    removed = contents.tidy(database, store, lambda db: papers.mentioned(db) | logs.mentioned(db))
    print(f"{removed} files were removed that belonged to no case.")
    return 0


def _tick(_asked: argparse.Namespace) -> int:
    database = _database()
    tools = _tools(database)
    fired = tick(database, tools=tools)
    done = {one.name: run_errand(database, one, tools) for one in ERRANDS if one.apart}
    add_up(database, list(done.values()))
    print(f"{fired} timers took effect, {done['letters'].done} messages were sent.")
    return 0


def _worker(_asked: argparse.Namespace) -> int:
    """On PostgreSQL woken by the queue; on a file it looks every few seconds, as the server does."""
    logging.basicConfig(level=logging.INFO, format="%(asctime)s %(levelname)s %(name)s: %(message)s")
    database = _database()
    if not migrations.is_current(database):
        raise migrations.DatabaseOlder
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
    from web.working.queue import Worker  # noqa: PLC0415  what the queue is made of is for its workers alone

    print("Officium: at work.", flush=True)
    ended = Worker(database, tools).run()
    database.close()
    return ended


def _tools(database: Database) -> Tools:
    settings = Settings.from_environment()
    return Tools.of(settings, Means.from_settings(settings), cabinet_of(settings, database))


def _reindex(_asked: argparse.Namespace) -> int:
    cases = reindex(_database(), lambda read: print(f"  {read} cases", flush=True) if read % 1000 == 0 else None)
    print(f"{cases} cases have been read in.")
    return 0


def _upgrade(_asked: argparse.Namespace) -> int:
    database = _database()
    if migrations.is_current(database):
        print("The database is up to date already.")
        return 0
    migrations.upgrade(database)
    print("The database is up to date now.")
    return 0


def _verify(asked: argparse.Namespace) -> int:
    database = _database()
    with database.reading() as db:
        heads: Iterator[Chain] = chain(organisation.heads(db), procedures.heads(db), cases.heads(db), counter.heads(db))
        broken = first_broken(db, heads)
        altered = None if broken else first_altered(db)
    if broken is not None:
        print(broken.sentence.say(asked.language), file=sys.stderr)
        return 1
    if altered is not None:
        print(NoteAltered(case=altered[0], number=altered[1]).say(asked.language), file=sys.stderr)
        return 1
    print("The record is as it was written.")
    return 0


def _database() -> Database:
    return Database(Settings.from_environment().database_url)


if __name__ == "__main__":
    sys.exit(main())
