"""What is done with logs while nobody looks: they are read, compared with diagrams, and taken away. Each in small
transactions of its own; what a stopped process leaves half done is begun anew by another.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import asdict
from datetime import datetime, timedelta
from typing import Any, BinaryIO, Final

import orjson
from sqlalchemy import Row, Table, delete, insert, select

from engine.base import clock
from engine.base.database import OFFICE, Database
from engine.base.errors import Refusal
from engine.organisation.calendars.reads import calendar_of
from engine.papers.rules import ContentGone
from engine.papers.store import Store
from engine.procedures.editions import contents
from engine.supervision.mining import kept
from engine.supervision.mining.conformance import Aligned, Comparison, Way, add_up
from engine.supervision.mining.events import Trace
from engine.supervision.mining.figures import LogFigures, Tally
from engine.supervision.mining.kept import Words, Writing
from engine.supervision.mining.opened import opened
from engine.supervision.mining.reading import read_csv, read_xes
from engine.supervision.mining.refusals import Left, NoRowRead, NothingInIt, NothingInPeriod, Told
from engine.supervision.mining.rules import Chosen, State, chosen_kept
from engine.supervision.mining.tables import log_aligned, log_checks, log_ways, log_words, logs

STALE: Final = timedelta(minutes=5)
"""A reader that has said nothing for so long is gone."""
_MOST_PATHS: Final = 5_000
_WAYS_AT_ONCE: Final = 25
GoingOn = Callable[[], bool]


class _Stopped(Exception):
    """The process is to end, or the log was deleted meanwhile."""


def read_due(database: Database, store: Store, going_on: GoingOn = lambda: True) -> int:
    """Every log and comparison that waits; how many were done. Asks first whether there is anything."""
    with database.reading() as db:
        if not kept.waiting(db):
            return 0
    done = _take_away(database, going_on)
    for table, work in ((logs, _read_log), (log_checks, _compare)):
        while going_on() and (row := _claim(database, table)) is not None:
            with _noted(database, table, row.id):
                work(database, store, row, going_on)
                done += 1
    return done


def _claim(database: Database, table: Table) -> Row[*tuple[Any, ...]] | None:
    with database.writing() as db:
        return kept.claim(db, table, clock.now() - STALE)


@contextmanager
def _noted(database: Database, table: Table, row_id: int) -> Iterator[None]:
    try:
        yield
    except _Stopped:
        with database.writing() as db:
            kept.give_back(db, table, row_id)
    except Refusal as refusal:
        with database.writing() as db:
            kept.give_up(db, table, row_id, refusal)
    except FileNotFoundError:
        with database.writing() as db:
            kept.give_up(db, table, row_id, ContentGone(name="…"))


def _take_away(database: Database, going_on: GoingOn) -> int:
    with database.reading() as db:
        gone = kept.deleted(db)
    for log_id in gone:
        _clear(database, log_id, going_on)
        with database.writing() as db:
            kept.forget(db, log_id)
    return len(gone)


def _clear(database: Database, log_id: int, going_on: GoingOn) -> None:
    more = True
    while more:
        if not going_on():
            raise _Stopped
        with database.writing() as db:
            more = kept.clear(db, log_id)


def _read_log(database: Database, store: Store, row: Row[*tuple[Any, ...]], going_on: GoingOn) -> None:
    with database.reading() as db:
        calendar = calendar_of(db)
    chosen = chosen_kept(row.mapping)
    for every_event in (False, True):
        told, tally = Told(), Tally(calendar, every_event=every_event)
        writing = Writing(row.id)
        _clear(database, row.id, going_on)
        with opened(store, row.digest) as stream:
            for trace in traces(stream, chosen, told, row.file):
                number = tally.cases
                writing.add(number, *tally.add(trace), trace)
                if len(writing.events) >= kept.AT_ONCE:
                    _flush(database, writing, going_on)
        _flush(database, writing, going_on)
        if not tally.events:
            if told.counts[Left.OUTSIDE]:
                raise NothingInPeriod(since=chosen.since, until=chosen.until, cases=told.counts[Left.OUTSIDE])
            nothing = NoRowRead if chosen.form == "csv" else NothingInIt
            raise nothing(file=row.file, left_out=told.left_out)
        if tally.completed:
            break
    variants = tally.variants()
    figures = {**written(tally.figures()), "every_event": tally.every_event, **_left_out(told)}
    with database.writing() as db:
        kept.finish(db, writing, variants, figures)


def _flush(database: Database, writing: Writing, going_on: GoingOn) -> None:
    if not going_on():
        raise _Stopped
    with database.writing() as db:
        if not kept.flush(db, writing):
            raise _Stopped


def traces(stream: BinaryIO, chosen: Chosen, told: Told, file: str) -> Iterator[Trace]:
    if chosen.form == "xes":
        found = read_xes(stream, told=told, zone=chosen.zone_info, file=file)
    else:
        found = read_csv(stream, chosen.mapping, told=told)
    return found if chosen.period is None else _begun_within(found, *chosen.period, told)


def _begun_within(found: Iterator[Trace], first: datetime, behind: datetime, told: Told) -> Iterator[Trace]:
    for one in found:
        if first <= one.events[0].at < behind:
            yield one
        else:
            told.note(Left.OUTSIDE, one.events[0].line)


def written(figures: LogFigures) -> dict[str, Any]:
    """As it is kept: of very many paths only the most frequent."""
    found = asdict(figures)
    found["paths_in_all"] = len(figures.paths)
    found["paths"] = found["paths"][:_MOST_PATHS]
    return found


def _left_out(told: Told) -> Mapping[str, Any]:
    return {
        "left": [
            {"what": what.value, "count": count, "lines": told.lines.get(what, [])}
            for what, count in told.counts.most_common()
        ]
    }


def _compare(database: Database, _store: Store, row: Row[*tuple[Any, ...]], going_on: GoingOn) -> None:
    with database.reading() as db:
        diagram = contents(db, row.edition_id).diagram
        words = dict(
            db.execute(
                select(log_words.c.number, log_words.c.word).where(
                    log_words.c.office_id == OFFICE, log_words.c.log_id == row.log_id,
                    log_words.c.kind == Words.ACTIVITY,
                )
            ).all()
        )  # fmt: skip
        ways = [
            Way(one.number, one.cases, tuple(words[each] for each in orjson.loads(one.steps)))
            for one in db.execute(
                select(log_ways)
                .where(log_ways.c.office_id == OFFICE, log_ways.c.log_id == row.log_id)
                .order_by(log_ways.c.cases.desc(), log_ways.c.number)
            )
        ]
    with database.writing() as db:
        db.execute(delete(log_aligned).where(log_aligned.c.office_id == OFFICE, log_aligned.c.check_id == row.id))
    comparison = Comparison(diagram, row.process, orjson.loads(row.mapping))
    results: list[Aligned] = []
    fresh: list[Aligned] = []
    for one in comparison.align(ways):
        fresh.append(one)
        if len(fresh) >= _WAYS_AT_ONCE:
            _keep(database, row.id, fresh, going_on)
            results += fresh
            fresh = []
    _keep(database, row.id, fresh, going_on)
    figures = add_up(comparison, [*results, *fresh])
    with database.writing() as db:
        kept.touch(
            db, log_checks, row.id, state=State.READY, figures=orjson.dumps(figures.written()).decode()
        )  # fmt: skip


def _keep(database: Database, check_id: int, some: Sequence[Aligned], going_on: GoingOn) -> None:
    if not going_on():
        raise _Stopped
    with database.writing() as db:
        if not kept.touch(db, log_checks, check_id):
            raise _Stopped
        rows = [
            {
                "office_id": OFFICE, "check_id": check_id, "way": one.way.number,
                "cost": None if one.alignment is None else one.alignment.cost,
                "turns": orjson.dumps(
                    [[int(turn.kind), turn.element, turn.place] for turn in one.alignment.turns]
                    if one.alignment is not None else []
                ).decode(),
            }
            for one in some
        ]  # fmt: skip
        if rows:
            db.execute(insert(log_aligned), rows)
