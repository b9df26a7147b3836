"""What is kept of figures, made by SQL from steps and cases that were made by SQL: see `figures_world`.

Everything is sorted once by the day it was closed and once by the day it was opened; months come from the days.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from typing import Final

from sqlalchemy import Connection, insert

from engine.supervision.figures.bins import Measure
from engine.supervision.figures.joining import worked_out
from engine.supervision.figures.kept import places_of
from engine.supervision.figures.sums import BINS, CASES, FLOWS, HANDS, JOINED, KINDS, PERSONS, STEPS, Kind
from engine.supervision.figures.tables import CASE_NUMBERS, STEP_NUMBERS

_BINS: Final = (Measure.WAITING, Measure.TAKEN, Measure.HANDED, Measure.SOJOURN, Measure.CALENDAR)
_OF_STEPS: Final = (
    "timed", "late", "repeated", "looped", "same_day", "received", "waiting", "taken", "stopped", "outside", "handed",
    "sojourn", "calendar",
)  # fmt: skip
_PARTS: Final = ("waiting", "taken", "stopped", "outside", "handed")
_WHOLE: Final = (*_OF_STEPS[:6], "returned", "ping_pong", *_PARTS)
_SPELLS: Final = (
    "(SELECT place_id, opened_day, closed_day, person_id, from_place, from_department_id, "
    f"{', '.join(f'coalesce({name}, 0) AS {name}' for name in _WHOLE)}, "
    f"{' + '.join(f'coalesce({name}, 0)' for name in _PARTS)} AS sojourn, "
    "coalesce(calendar, closed_at - opened_at) AS calendar FROM figure_spells) whole"
)
"""With what is not written because it is 0 or follows from the rest."""
_OF_CASES: Final = ("first_pass", "same_day", "repeated", "steps", "cycle", "calendar")
Said = Callable[[str], str]


def sums(db: Connection) -> Iterator[str]:
    sqlite = db.dialect.name == "sqlite"

    def binned(value: str) -> str:
        if sqlite:
            return f"listed({value})"
        number = f"floor(8 * ln(({value}) / 1000.0 + 1) / ln(2.0))::int"
        return (
            f"'\\x0000'::bytea || coalesce(string_agg(set_byte('\\x00'::bytea, 0, {number}), ''::bytea) "
            f"FILTER (WHERE ({value}) > 0), ''::bytea)"
        )

    def joined(bins: str) -> str:
        return f"joined({bins})" if sqlite else f"'\\x0000'::bytea || string_agg(substr({bins}, 3), ''::bytea)"

    yield from _by_closed(binned, joined)
    yield from _by_opened(binned, joined)
    yield from _of_cases(binned)
    month = _month_in_sqlite if sqlite else _month_in_postgresql
    yield (
        "INSERT INTO figure_ways (office_id, grain, place_id, day, variant_id, n, cycle, calendar, bins) "
        f"SELECT 1, 0, place_id, ended_day, variant_id, count(*), sum(cycle), sum(calendar), {binned('calendar')} "
        "FROM figure_journeys GROUP BY place_id, ended_day, variant_id"
    )
    for kind in KINDS:
        yield _months(kind, month("day"), joined)


_EPOCH_DAY: Final = 719163


def _month_in_sqlite(day: str) -> str:
    return f"({_EPOCH_DAY} + unixepoch(({day} - {_EPOCH_DAY}) * 86400, 'unixepoch', 'start of month') / 86400)"


def _month_in_postgresql(day: str) -> str:
    return f"({_EPOCH_DAY} + (date_trunc('month', (date '1970-01-01' + ({day} - {_EPOCH_DAY}))::timestamp)::date - date '1970-01-01'))"


def _summed(names: Sequence[str]) -> str:
    return ", ".join(f"sum({name}) AS {name}" for name in names)


def _insert(kind: Kind, grain: int, told: dict[str, str], source: str) -> str:
    """`told`: the columns by what is put into them; numbers that are not told are 0."""
    values = {"office_id": "1", "grain": str(grain)} | dict.fromkeys(kind.numbers, "0") | told
    return f"INSERT INTO {kind.table.name} ({', '.join(values)}) SELECT {', '.join(values.values())} {source}"


def _by_closed(binned: Said, joined: Said) -> Iterator[str]:
    lists = ", ".join(f"{binned(one.name.lower())} AS b_{one.name.lower()}" for one in _BINS)
    yield (
        f"CREATE TEMP TABLE b_persons AS SELECT place_id, closed_day AS day, person_id, count(*) AS done, {_summed(_OF_STEPS)}, {lists} "
        f"FROM {_SPELLS} GROUP BY place_id, closed_day, person_id"
    )
    told = {"place_id": "place_id", "day": "day", "person_id": "person_id", "measure": str(int(Measure.TAKEN))}
    yield _insert(PERSONS, 0, told | {"n": "done", "total": "taken", "bins": "b_taken"}, "FROM b_persons")
    more = ", ".join(f"{joined(f'b_{one.name.lower()}')} AS b_{one.name.lower()}" for one in _BINS)
    yield (
        f"CREATE TEMP TABLE b_closed AS SELECT place_id, day, {_summed(('done', *_OF_STEPS))}, {more} "
        "FROM b_persons GROUP BY place_id, day"
    )
    for one in _BINS:
        name = one.name.lower()
        told = {"place_id": "place_id", "measure": str(int(one)), "day": "day", "bins": f"b_{name}"}
        yield _insert(BINS, 0, told, f"FROM b_closed WHERE {name} > 0")


def _by_opened(binned: Said, joined: Said) -> Iterator[str]:
    yield (
        "CREATE TEMP TABLE b_opened AS SELECT place_id, opened_day AS day, from_place, max(from_department_id) AS from_department_id, "
        f"max(received) AS received, count(*) AS n, sum(waiting + handed) AS wait, sum(ping_pong) AS ping_pong, "
        f"{binned('waiting + handed')} AS bins FROM {_SPELLS} GROUP BY place_id, opened_day, from_place"
    )
    told = {"to_place": "place_id", "day": "day", "from_place": "from_place", "n": "n", "waited": "n", "wait": "wait"}
    yield _insert(FLOWS, 0, told, "FROM b_opened")
    told = {"place_id": "place_id", "day": "day", "from_department_id": "from_department_id"}
    numbers = {"n": "sum(n)", "waited": "sum(n)", "wait": "sum(wait)", "ping_pong": "sum(ping_pong)"}
    group = "FROM b_opened WHERE received = 1 GROUP BY place_id, day, from_department_id"
    yield _insert(HANDS, 0, told | numbers | {"bins": joined("bins")}, group)
    names = ("arrived", "done", *_OF_STEPS)
    zeros = ", ".join(f"0 AS {name}" for name in names[1:])
    both = (
        f"(SELECT place_id, day, n AS arrived, {zeros} FROM b_opened UNION ALL "
        f"SELECT place_id, day, 0, {', '.join(names[1:])} FROM b_closed) one GROUP BY place_id, day"
    )
    told = {"place_id": "place_id", "day": "day"} | {name: f"sum({name})" for name in names}
    assert set(names) <= set(STEP_NUMBERS)
    yield _insert(STEPS, 0, told, f"FROM {both}")


def _of_cases(binned: Said) -> Iterator[str]:
    names = ("started", "ended", *_OF_CASES)
    zeros = ", ".join(f"0 AS {name}" for name in names[1:])
    both = (
        f"(SELECT place_id, started_day AS day, 1 AS started, {zeros} FROM figure_journeys UNION ALL "
        f"SELECT place_id, ended_day, 0, 1, {', '.join(_OF_CASES)} FROM figure_journeys) one GROUP BY place_id, day"
    )
    assert set(names) <= set(CASE_NUMBERS)
    told = {"place_id": "place_id", "day": "day"} | {name: f"sum({name})" for name in names}
    yield _insert(CASES, 0, told, f"FROM {both}")
    for measure, name in ((Measure.CYCLE, "cycle"), (Measure.CYCLE_CALENDAR, "calendar")):
        told = {"place_id": "place_id", "measure": str(int(measure)), "day": "ended_day", "bins": binned(name)}
        yield _insert(BINS, 0, told, "FROM figure_journeys GROUP BY place_id, ended_day")
    told = {"to_place": "0", "day": "ended_day", "from_place": "last_place", "n": "count(*)"}
    yield _insert(FLOWS, 0, told, "FROM figure_journeys GROUP BY ended_day, last_place")


def _months(kind: Kind, month: str, joined: Said) -> str:
    keys = [column.name for column in kind.table.primary_key][2:]
    told = {name: name for name in keys} | {"day": month} | {name: f"sum({name})" for name in kind.numbers}
    if kind.binned:
        told["bins"] = joined("bins")
    group = ", ".join(month if name == "day" else name for name in keys)
    return _insert(kind, 1, told, f"FROM {kind.table.name} WHERE grain = 0 GROUP BY {group}")


def joined_sums(db: Connection) -> None:
    """Of places together, as each night works them out."""
    for number, place in places_of(db).items():
        if place.applicant_kind != JOINED:
            continue
        for kind, found in worked_out(db, number, place).items():
            keys = [column.name for column in kind.table.primary_key][1:]
            rows = [
                {"office_id": 1, **dict(zip(keys, key, strict=True)), **dict(zip(kind.numbers, row.numbers, strict=True))}
                | ({"bins": row.bins.written()} if kind.binned else {})
                for key, row in found.items()
            ]  # fmt: skip
            if rows:
                db.execute(insert(kind.table), rows)
