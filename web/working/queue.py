# ruff: noqa: S608 -- every statement is made of this file's own words
"""The same work, woken by Procrastinate on PostgreSQL: any number of processes, on any machine.

The queue holds no truth. A job says "look at what is due for this handler" and nothing more; whatever becomes of the
queue, the reconciler finds what is due in the rows themselves. So its tables stand in a schema of their own that may
be thrown away and made anew at any time, as is done when the library changes. See decisions/0030.
"""

from __future__ import annotations

import asyncio
import logging
import signal
import threading
from importlib.metadata import version
from typing import Any, Final

import procrastinate
from packaging.version import Version
from procrastinate import exceptions
from procrastinate.schema import SchemaManager
from psycopg import OperationalError
from sqlalchemy import func, select
from sqlalchemy.exc import DBAPIError

from engine.base import clock
from engine.base.database import Database
from engine.base.errors import Refusal
from engine.base.prepared import say
from engine.working import kept
from engine.working.rules import Kind
from web.working.draining import drain
from web.working.kinds import Errand, Handler, Tools
from web.working.registry import ERRANDS, HANDLERS
from web.working.rounds import Pulse, add_up, run_errand

_log: Final = logging.getLogger("officium.working")

SCHEMA: Final = "work_queue"
_LOCK: Final = 5_071_982
_CLOCK: Final = "clock"
_ASIDE: Final = "aside"
_APART: Final = "apart"
_HANDS: Final = {_CLOCK: 1, _ASIDE: 1, _APART: 2}
"""What may take long is fetched by hands of its own: no search and no silent mail server keeps a timer waiting."""

_LOOK_EVERY: Final = 5.0
"""Seconds between two looks at what is due and was not woken."""
_SWEEP_EVERY: Final = 15.0
_FETCH_EVERY: Final = 1.0
"""Jobs that were put off until now are found by asking; those for now are told at once."""
_HEARTBEAT: Final = 5.0
_STALLED_AFTER: Final = 20.0
_AGAIN_AFTER: Final = 2.0
"""Seconds until a lost database is asked again."""

# Whether anything is deferred at all is decided here; the trigger that calls `wake` stands in migration 0021. While no
# worker lives, nothing is; what is due far ahead is left to the reconciler, for the queue is quick while it is short.
# Each transaction has jobs of its own: two that shared one would wait for each other.
_FUNCTIONS: Final = f"""
CREATE FUNCTION {SCHEMA}.wake(handler text, due bigint) RETURNS void LANGUAGE plpgsql SET search_path = {SCHEMA} AS $$
DECLARE
    at timestamptz := to_timestamp(due / 1000.0);
BEGIN
    IF at < now() + interval '10 minutes'
        AND EXISTS (SELECT FROM procrastinate_workers WHERE last_heartbeat > now() - interval '1 minute')
    THEN
        INSERT INTO procrastinate_jobs (queue_name, task_name, args, queueing_lock, scheduled_at)
        VALUES ('{_CLOCK}', 'drain', jsonb_build_object('name', handler),
                handler || ' ' || due || ' ' || pg_current_xact_id(), CASE WHEN at > now() THEN at END)
        ON CONFLICT DO NOTHING;
    END IF;
END $$;
CREATE FUNCTION {SCHEMA}.wake_now(queue text, task text, name text, once text) RETURNS void LANGUAGE sql
SET search_path = {SCHEMA} AS $$
    INSERT INTO procrastinate_jobs (queue_name, task_name, args, queueing_lock)
    VALUES (queue, task, jsonb_build_object('name', name), once) ON CONFLICT DO NOTHING
$$;
CREATE FUNCTION {SCHEMA}.answered(name text, but text) RETURNS void LANGUAGE sql SET search_path = {SCHEMA} AS $$
    DELETE FROM procrastinate_jobs WHERE id IN (
        SELECT id FROM procrastinate_jobs
        WHERE status = 'todo' AND task_name = 'drain' AND args ->> 'name' = name AND queueing_lock <> but
            AND (scheduled_at IS NULL OR scheduled_at <= now())
        FOR UPDATE SKIP LOCKED
    )
$$;
"""
_WAKE_NOW: Final = f"SELECT {SCHEMA}.wake_now(%(queue)s, %(task)s, %(name)s, %(once)s)"
_ANSWERED: Final = f"SELECT {SCHEMA}.answered(%(name)s, %(but)s)"
"""Removes the jobs that this round answers too: it looks at what is due after they were deferred."""


class QueueNewer(Refusal):
    """The queue was made by workers of a newer Officium (Procrastinate {found}; here is {ours}). Start those instead."""

    zh = "任务队列由更新版本的 Officium 建立（Procrastinate {found}，此处为 {ours}）。请启动更新版本的后台进程。"


class NeedsPostgresql(Refusal):
    """Workers with a queue need PostgreSQL. On a file the work is done by `officium serve` itself."""

    zh = "使用队列的后台进程需要 PostgreSQL。使用单一文件数据库时，后台工作由 officium serve 自行完成。"


def make_ready(database: Database) -> None:
    """The queue stands as this Procrastinate wants it. One that an older made is thrown away: nothing is lost by that."""
    ours = version("procrastinate")
    with database.writing() as db:
        db.execute(select(func.pg_advisory_xact_lock(_LOCK)))
        found: str | None = db.scalar(select(func.obj_description(func.to_regnamespace(SCHEMA), "pg_namespace")))
        if found == ours:
            return
        if found is not None and Version(found) > Version(ours):
            raise QueueNewer(found=found, ours=ours)
        # As psycopg takes several statements at once: without values.
        say(
            db,
            f"DROP SCHEMA IF EXISTS {SCHEMA} CASCADE; CREATE SCHEMA {SCHEMA}; SET LOCAL search_path = {SCHEMA}",
            None,
        )
        say(db, SchemaManager.get_schema(), None)
        say(db, _FUNCTIONS, None)
        say(db, f"COMMENT ON SCHEMA {SCHEMA} IS '{ours}'", None)


class Worker:
    """One process. `run` returns 0 once it was told to stop and what was begun is finished."""

    def __init__(self, database: Database, tools: Tools) -> None:
        if database.is_sqlite:
            raise NeedsPostgresql
        self._database = database
        self._tools = tools
        self._pulse = Pulse(database, Kind.WORKER)
        self._stop = threading.Event()
        self._handlers = {one.name: one for one in HANDLERS}
        self._errands = {one.name: one for one in ERRANDS}

    def run(self) -> int:
        logging.getLogger("procrastinate").setLevel(logging.CRITICAL)  # what concerns anybody is told here
        logging.getLogger("psycopg.pool").setLevel(logging.CRITICAL)
        return asyncio.run(self._until_stopped())

    def stop(self) -> None:
        """Finishes what is begun and takes nothing more. From any thread."""
        self._stop.set()

    def _going_on(self) -> bool:
        return not self._stop.is_set()

    async def _until_stopped(self) -> int:
        if threading.current_thread() is threading.main_thread():
            loop = asyncio.get_running_loop()
            for one in (signal.SIGTERM, signal.SIGINT):
                loop.add_signal_handler(one, self.stop)
        while self._going_on():
            try:
                await asyncio.to_thread(make_ready, self._database)
                await self._at_work()
            except (DBAPIError, exceptions.ConnectorException, OperationalError, OSError) as fault:
                _log.error("The queue cannot be worked at (%s); trying again", _line(fault))
                await self._rest(_AGAIN_AFTER)
        await asyncio.to_thread(self._pulse.stop)
        return 0

    async def _rest(self, seconds: float) -> None:
        for _ in range(int(seconds * 10)):
            if not self._going_on():
                return
            await asyncio.sleep(0.1)

    async def _at_work(self) -> None:
        """Until it is told to stop, or the database is gone."""
        app = self._app()
        async with app.open_async():
            hands = [asyncio.create_task(self._hands(app, queue, many)) for queue, many in _HANDS.items()]
            hands.append(asyncio.create_task(self._look(app)))
            try:
                await asyncio.wait(hands, return_when=asyncio.FIRST_COMPLETED)
            finally:
                for one in hands:
                    one.cancel()
                ended = await asyncio.gather(*hands, return_exceptions=True)
        for fault in ended:
            if isinstance(fault, Exception):
                raise fault

    def _app(self) -> procrastinate.App:
        address = self._database.engine.url.set(drivername="postgresql").render_as_string(hide_password=False)
        connector = procrastinate.PsycopgConnector(
            conninfo=address,
            kwargs={"options": f"-c search_path={SCHEMA}", "connect_timeout": 5},
            min_size=1,
            max_size=8,
            timeout=10,
        )
        app = procrastinate.App(connector=connector)
        app.task(name="drain")(self._drain)
        app.task(name="errand")(self._errand)
        return app

    async def _hands(self, app: procrastinate.App, queue: str, many: int) -> None:
        await app.run_worker_async(
            queues=[queue],
            name=queue,
            concurrency=many,
            fetch_job_polling_interval=_FETCH_EVERY,
            update_heartbeat_interval=_HEARTBEAT,
            stalled_worker_timeout=_STALLED_AFTER,
            delete_jobs="always",
            install_signal_handlers=False,
        )

    def _drain(self, name: str) -> None:
        handler = self._handlers.get(name)
        if handler is None or self._pulse.is_early or not self._going_on():
            return
        with self._database.writing() as db:
            say(db, _ANSWERED, {"name": name, "but": _help(name)})
        done = drain(self._database, handler, self._going_on, more=lambda: self._wake(handler, _help(name)))
        add_up(self._database, [done])

    def _errand(self, name: str) -> None:
        errand = self._errands.get(name)
        if errand is None or self._pulse.is_early or not self._going_on():
            return
        add_up(
            self._database,
            [run_errand(self._database, errand, self._tools, self._going_on, self._pulse.process.id)],
        )

    def _wake(self, one: Handler | Errand, once: str) -> None:
        with self._database.writing() as db:
            say(db, _WAKE_NOW, {
                "queue": _queue_of(one),
                "task": "errand" if isinstance(one, Errand) else "drain",
                "name": one.name,
                "once": once,
            })  # fmt: skip

    async def _look(self, app: procrastinate.App) -> None:
        """Wakes what is due and was not woken, whatever became of the queue; takes up what the killed left lying."""
        since_sweep = _SWEEP_EVERY
        while self._going_on():
            await asyncio.to_thread(self._reconcile)
            if since_sweep >= _SWEEP_EVERY:
                await _sweep(app)
                since_sweep = 0.0
            await self._rest(_LOOK_EVERY)
            since_sweep += _LOOK_EVERY

    def _reconcile(self) -> None:
        self._pulse.beat()
        due: list[Handler | Errand] = []
        with self._database.reading() as db:
            for handler in HANDLERS:
                resting = kept.troubles_of(db, handler.name).resting
                if len(handler.due(db, clock.now(), len(resting) + 1)) > len(resting):
                    due.append(handler)
        for one in [*due, *ERRANDS]:
            self._wake(one, f"{one.name} due")


async def _sweep(app: procrastinate.App) -> None:
    """Jobs of workers that were killed: they are taken up again, and what they were at is due still."""
    stalled = await app.job_manager.get_stalled_jobs(seconds_since_heartbeat=_STALLED_AFTER)
    for job in stalled:
        if job.id is not None:
            await app.job_manager.retry_job(job)


def _queue_of(one: Handler | Errand) -> str:
    if isinstance(one, Handler):
        return _CLOCK
    return _APART if one.apart else _ASIDE


def _help(name: str) -> str:
    return f"{name} help"


def _line(fault: BaseException) -> str:
    said: Any = fault.__cause__ or getattr(fault, "orig", None) or fault
    return str(said).partition("\n")[0]
