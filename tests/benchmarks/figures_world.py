"""Three years of an office, made in bulk by SQL: no acts, no entries in the record, every hour a working hour.

What is kept of figures is made by SQL too, from the same rows: folding some millions of steps one by one would take an
hour. `figures` compares some hundreds of cases with what the engine works out of their rows.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, time
from typing import Final

from sqlalchemy import Connection, select, text

from engine.base.database import Database, to_stored
from engine.cases.rules import Change, Closed
from engine.organisation import acts as organisation
from engine.organisation import reads as organised
from engine.organisation.calendars import acts as calendars
from engine.organisation.rules import Actor, Right
from engine.procedures import acts as procedures
from engine.procedures import reads as procedure_reads
from engine.procedures.tables import editions
from engine.supervision.figures.contributions import Place, digest_of
from engine.supervision.figures.rebuilding import pack_all
from engine.supervision.figures.sums import JOINED
from engine.supervision.figures.tables import places
from engine.worktime.calendar import Hours
from tests.benchmarks.bulk import in_bulk
from tests.benchmarks.figures_sums import joined_sums, sums
from tests.diagram_text import END, START, lanes, process, step, way

PROCEDURES: Final = 5
STEPS: Final = 8
DEPARTMENTS: Final = 12
EVENTS_A_CASE: Final = 3 * STEPS
UNTIL: Final = datetime(2026, 3, 2, 1, tzinfo=UTC)
DAYS: Final = 3 * 365
_FROM: Final = date(2020, 1, 1)
_EPOCH_DAY: Final = date(1970, 1, 1).toordinal()
_DAY: Final = 86_400_000
_ZONE: Final = 8 * 3_600_000  # Shanghai, which puts no clocks
_WAYS: Final = {"straight": range(STEPS), "back": (0, 1, 2, 1, 2, 3, 4, 5), "again": (0, 1, 1, 2, 3, 4, 5, 6)}
_DRAWN_OF: Final = ("straight",) * 7 + ("back",) * 2 + ("again",)
"""The way of each tenth of the cases."""


@dataclass(frozen=True, slots=True)
class World:
    events: int
    cases: int
    supervisor: Actor
    procedures: tuple[int, ...]


def made(database: Database, events: int) -> World:
    with database.writing() as db:
        supervisor, ids = _office(db)
        places = _places(db, ids)
    cases = events // EVENTS_A_CASE
    with in_bulk(database) as db:
        for statement in (*_rows(db, cases, places), *sums(db)):
            db.execute(text(statement.replace("{blob}", "X'" if database.is_sqlite else "'\\x")))
        if not database.is_sqlite:
            db.execute(text(f"SELECT setval('figure_variants_id_seq', {len(_WAYS) * PROCEDURES})"))
    with database.writing() as db:
        joined_sums(db)
        pack_all(db)  # as every night
    return World(events, cases, supervisor, tuple(row.procedure_id for row in ids))


@dataclass(frozen=True, slots=True)
class _Drawn:
    number: int
    procedure_id: int
    edition_id: int
    posts: tuple[tuple[int, int], ...]  # of each step: post and department


def _office(db: Connection) -> tuple[Actor, list[_Drawn]]:
    organisation.found_office(db, name_en="Benchmark", name_zh="基准", zone="Asia/Shanghai")
    calendars.set_hours(db, by=None, week=[(Hours(time(0), time(0)),)] * 7)
    bureau = organisation.add_department(db, by=None, code="bureau", name_en="Bureau", name_zh="局", parent_id=None)
    head = organisation.add_post(
        db, by=None, department_id=bureau, code="head", name_en="Head", name_zh="局长", reports_to=None,
        rights={Right.SUPERVISE, Right.DESIGN, Right.ADMINISTER},
    )  # fmt: skip
    owned: list[tuple[int, int]] = []
    for number in range(DEPARTMENTS):
        department = organisation.add_department(
            db, by=None, code=f"d{number}", name_en=f"Department {number}", name_zh=f"科室{number}", parent_id=bureau
        )
        post = organisation.add_post(
            db, by=None, department_id=department, code=f"p{number}", name_en=f"Clerk {number}",
            name_zh=f"岗位{number}", reports_to=head, rights=(),
        )  # fmt: skip
        for one in range(4):
            _holder(db, f"w{number}x{one}", post)
        owned.append((post, department))
    chief = organised.actor(db, _holder(db, "chief", head))
    return chief, [_drawn(db, chief, number, bureau, owned) for number in range(PROCEDURES)]


def _holder(db: Connection, login: str, post: int) -> int:
    person = organisation.add_person(db, by=None, login=login, name_en=login, name_zh=login, password=None)
    organisation.give_post(db, by=None, person_id=person, post_id=post, from_day=_FROM)
    return person


def _drawn(db: Connection, by: Actor, number: int, department: int, owned: Sequence[tuple[int, int]]) -> _Drawn:
    mine = [(number * 3 + pair) % DEPARTMENTS for pair in range(STEPS // 2)]
    elements = [f"s{place}" for place in range(STEPS)]
    held = {f"l{one}": elements[2 * pair : 2 * pair + 2] for pair, one in enumerate(mine)}
    held[f"l{mine[0]}"] = ["start", *held[f"l{mine[0]}"]]
    held[f"l{mine[-1]}"] = [*held[f"l{mine[-1]}"], "end"]
    source = process(
        lanes(**held) + START + "".join(step(one, attributes='officium:standardTime="P2D"') for one in elements)
        + END + way("start", *elements, "end")
    )  # fmt: skip
    procedure_id = procedures.open_procedure(
        db, by=by, name=f"Procedure {number}", prefix="P" + "ABCDE"[number], department_id=department
    )
    edition_id = procedures.deposit(db, by=by, procedure_id=procedure_id, file="p.bpmn", source=source, attachments={})
    keys = {line.owner.key for line in procedure_reads.edition(db, edition_id).owners}
    procedures.map_owners(db, by=by, edition_id=edition_id, mapped={f"lane:l{one}": owned[one][0] for one in mine})
    assert keys == {f"lane:l{one}" for one in mine}
    procedures.put_in_force(db, by=by, edition_id=edition_id)
    in_force = db.execute(select(editions.c.id).where(editions.c.procedure_id == procedure_id)).scalar_one()
    return _Drawn(number, procedure_id, in_force, tuple(owned[mine[place // 2]] for place in range(STEPS)))


def _places(db: Connection, drawn: Sequence[_Drawn]) -> str:
    """Also in SQL: procedure, step (-1: the case), kind, and what belongs to them; as VALUES."""
    rows, number = [], 0
    for one in drawn:
        for kind in range(4):
            for place in range(-1, STEPS):
                number += 1
                post, department = one.posts[place] if place >= 0 else (0, 0)
                element = f"s{place}" if place >= 0 else ""
                db.execute(text(
                    "INSERT INTO figure_places (id, procedure_id, edition_id, post_id, department_id, applicant_kind, element)"
                    f" VALUES ({number}, {one.procedure_id}, {one.edition_id}, {post}, {department}, {kind}, '{element}')"
                ))  # fmt: skip
                rows.append(
                    f"({one.number}, {place}, {kind}, {number}, {one.procedure_id}, {one.edition_id}, {post}, {department})"
                )
        for place in range(-1, STEPS):
            number += 1
            together = Place(one.procedure_id, one.edition_id, f"s{place}" if place >= 0 else "", 0, 0, JOINED)
            db.execute(places.insert().values(id=number, **together._asdict()))
    if db.dialect.name != "sqlite":
        db.execute(text(f"SELECT setval('figure_places_id_seq', {number})"))
    return ", ".join(rows)


def _hash(of: str, salt: int) -> str:
    """Of a number up to ten million; from 0 to 2**16."""
    return f"((({of} + {salt}) * 2654435761) / 65536 % 65536)"


def _rows(db: Connection, cases: int, places: str) -> Iterator[str]:
    """The rows of the cases in their order: each goes behind the last."""
    until, apart = to_stored(UNTIL), DAYS * _DAY // cases
    since = until - apart * cases
    yield from _drawn_ways(places)
    yield "CREATE TEMP TABLE b_cases (i integer PRIMARY KEY, id bigint, p int, kind int, v int, started bigint)"
    yield (
        f"INSERT INTO b_cases WITH RECURSIVE n(i) AS (SELECT CAST(0 AS bigint) UNION ALL SELECT i + 1 FROM n WHERE i < {cases - 1}) "
        f"SELECT i, ({since} + i * {apart}) * 2097152 + i % 2097152, {_hash('i', 1)} % {PROCEDURES}, {_hash('i', 2)} % 4, "
        f"{_hash('i', 3)} % 10, {since} + i * {apart} FROM n"
    )
    steps = " UNION ALL ".join(f"SELECT {number} AS k" for number in range(STEPS))
    number = "(c.i * 8 + s.k)"
    yield (
        "CREATE TEMP TABLE b_all AS SELECT t.i, t.k, t.id, t.v, t.opened - t.spent AS opened, t.opened - t.spent + t.wait AS claimed, "
        "t.opened AS closed, 1 + (w.post - (SELECT min(post) FROM b_ways)) * 4 + t.i % 4 AS person, w.s, w.place, w.procedure_id, "
        "w.edition_id, w.post, w.department, w.from_place, w.from_department FROM ("
        "SELECT i, k, id, p, kind, v, wait, wait + work AS spent, started + CAST(sum(wait + work) OVER (PARTITION BY i ORDER BY k) AS bigint) AS opened "
        f"FROM (SELECT c.*, s.k, w.ms AS wait, x.ms / 4 AS work FROM b_cases c CROSS JOIN ({steps}) s "
        f"JOIN b_lengths w ON w.h = {_hash(number, 4)} % 1024 JOIN b_lengths x ON x.h = {_hash(number, 5)} % 1024) one) t "
        f"CROSS JOIN b_ways w WHERE w.p = t.p AND w.kind = t.kind AND w.v = t.v AND w.k = t.k AND t.opened - t.spent <= {until}"
    )
    yield "CREATE TEMP TABLE b_ends (i integer PRIMARY KEY, closed bigint)"
    yield f"INSERT INTO b_ends SELECT i, closed FROM b_all WHERE k = {STEPS - 1} AND closed <= {until}"
    if db.dialect.name != "sqlite":
        yield from (f"ANALYZE {name}" for name in ("b_cases", "b_all", "b_ends", "b_ways"))
    empty = "CAST('' AS BLOB)" if db.dialect.name == "sqlite" else "''::bytea"
    yield (
        "INSERT INTO cases (office_id, procedure_id, id, edition_id, number, matter, applicant, process, started_at, ended_at, "
        "state, version, tasks_opened, chain_length, chain_head, applicant_kind) "
        "SELECT 1, b.procedure_id, c.id, b.edition_id, 'P-' || c.i, 'A matter', 'Somebody', 'procedure', c.started, "
        f"e.closed, {empty}, 1, {STEPS}, 1, {empty}, CASE WHEN c.kind > 0 THEN c.kind END "
        "FROM b_cases c CROSS JOIN b_whole b LEFT JOIN b_ends e ON e.i = c.i WHERE b.p = c.p AND b.kind = c.kind"
    )
    yield from _of_tasks("0" if db.dialect.name == "sqlite" else "false", until)
    yield from _kept(until)


def _drawn_ways(places: str) -> Iterator[str]:
    """Small tables to look things up in."""
    lengths = ", ".join(f"({number}, {int(300_000 * 2 ** (number / 96))})" for number in range(1024))
    yield "CREATE TEMP TABLE b_lengths (h integer PRIMARY KEY, ms bigint)"
    yield f"INSERT INTO b_lengths VALUES {lengths}"
    columns = "place int, procedure_id int, edition_id int, post int, department int"
    yield f"CREATE TEMP TABLE b_places (p int, s int, kind int, {columns}, PRIMARY KEY (p, kind, s))"
    yield f"INSERT INTO b_places VALUES {places}"
    yield f"CREATE TEMP TABLE b_whole (p int, kind int, {columns}, PRIMARY KEY (p, kind))"
    yield (
        "INSERT INTO b_whole SELECT p, kind, place, procedure_id, edition_id, post, department FROM b_places WHERE s = -1"
    )
    yield "CREATE TEMP TABLE b_drawn (v int, k int, s int, before int)"
    drawn = [
        f"({v}, {k}, {way_of[k]}, {way_of[k - 1] if k else 'NULL'})"
        for v, way_of in enumerate(_WAYS[name] for name in _DRAWN_OF)
        for k in range(STEPS)
    ]
    yield f"INSERT INTO b_drawn VALUES {', '.join(drawn)}"
    yield (
        f"CREATE TEMP TABLE b_ways (p int, kind int, v int, k int, s int, {columns}, from_place int, from_department int, "
        "PRIMARY KEY (p, kind, v, k))"
    )
    yield (
        "INSERT INTO b_ways SELECT b.p, b.kind, d.v, d.k, d.s, b.place, b.procedure_id, b.edition_id, b.post, b.department, f.place, "
        "f.department FROM b_drawn d JOIN b_places b ON b.s = d.s LEFT JOIN b_places f ON f.p = b.p AND f.kind = b.kind AND f.s = d.before"
    )


def _of_tasks(no: str, until: int) -> Iterator[str]:
    person = f"CASE WHEN claimed <= {until} THEN person END"
    yield (
        "INSERT INTO tasks (office_id, number, case_id, procedure_id, edition_id, post_id, department_id, person_id, changes, "
        "closed_how, from_department_id, came_from, opened_at, due_at, claimed_at, closed_at, token, element) "
        f"SELECT 1, k + 1, id, procedure_id, edition_id, post, department, {person}, 1 + CASE WHEN claimed <= {until} THEN 1 ELSE 0 END "
        f"+ CASE WHEN closed <= {until} THEN 1 ELSE 0 END, CASE WHEN closed <= {until} THEN 1 END, from_department, "
        f"CASE WHEN closed > {until} THEN (SELECT f.element FROM figure_places f WHERE f.id = from_place) END, opened, "
        f"opened + 2 * {_DAY}, CASE WHEN claimed <= {until} THEN claimed END, CASE WHEN closed <= {until} THEN closed END, "
        "'t' || k, 's' || s FROM b_all"
    )
    changes = " UNION ALL ".join(
        f"SELECT {number} AS number, {int(change)} AS change"
        for number, change in enumerate((Change.OFFERED, Change.CLAIMED, Change.COMPLETED), 1)
    )
    at = "CASE e.number WHEN 1 THEN opened WHEN 2 THEN claimed ELSE closed END"
    yield (
        "INSERT INTO task_events (office_id, task_number, case_id, at, change, number, post_id, department_id, person_id, external) "
        f"SELECT 1, k + 1, id, {at}, e.change, e.number, post, department, CASE WHEN e.number > 1 THEN person END, {no} "
        f"FROM b_all CROSS JOIN ({changes}) e WHERE {at} <= {until}"
    )
    yield (
        "INSERT INTO hand_overs (office_id, case_id, task_number, from_task, from_department_id, to_department_id, sent_at, answer_by, accepted_at) "
        f"SELECT 1, id, k + 1, k, from_department, department, opened, opened + {_DAY}, CASE WHEN claimed <= {until} THEN claimed END "
        "FROM b_all WHERE from_department <> department"
    )


def _day(of: str) -> str:
    return f"({_EPOCH_DAY} + ({of} + {_ZONE}) / {_DAY})"


def _kept(until: int) -> Iterator[str]:
    handed = "from_department <> department"
    again = "CASE WHEN (v IN (7, 8) AND k IN (3, 4)) OR (v = 9 AND k = 2) THEN 1 END"
    yield (
        "INSERT INTO figure_spells (office_id, task_number, case_id, place_id, opened_day, closed_day, how, person_id, from_place, "
        "from_department_id, received, timed, late, repeated, looped, same_day, returned, ping_pong, opened_at, closed_at, counted_by, "
        "waiting, taken, handed) "
        f"SELECT 1, k + 1, id, place, {_day('opened')}, {_day('closed')}, {int(Closed.COMPLETED)}, person, coalesce(from_place, 0), "
        f"from_department, CASE WHEN {handed} THEN 1 END, 1, CASE WHEN closed > opened + 2 * {_DAY} THEN 1 END, {again}, "
        f"CASE WHEN v = 9 AND k = 2 THEN 1 END, CASE WHEN {_day('opened')} = {_day('closed')} THEN 1 END, NULL, "
        "CASE WHEN v IN (7, 8) AND k IN (3, 4) THEN 1 END, opened, closed, (SELECT calendars_version FROM offices), "
        f"CASE WHEN {handed} THEN NULL ELSE nullif(claimed - opened, 0) END, nullif(closed - claimed, 0), CASE WHEN {handed} THEN nullif(claimed - opened, 0) END "
        f"FROM b_all WHERE closed <= {until}"
    )  # fmt: skip
    for number, way_ in enumerate(_WAYS.values()):
        for procedure in range(PROCEDURES):
            elements = "[" + ", ".join(f'"s{one}"' for one in way_) + "]"
            yield (
                "INSERT INTO figure_variants (id, procedure_id, digest, elements) "
                f"SELECT {number * PROCEDURES + procedure + 1}, procedure_id, {{blob}}{digest_of([f's{one}' for one in way_]).hex()}', '{elements}' "
                f"FROM b_whole WHERE p = {procedure} AND kind = 0"
            )
    variant = f"CASE WHEN c.v < 7 THEN 0 WHEN c.v < 9 THEN 1 ELSE 2 END * {PROCEDURES} + c.p + 1"
    yield (
        "INSERT INTO figure_journeys (office_id, case_id, place_id, variant_id, last_place, started_day, ended_day, cancelled, "
        "promised, promise_kept, lawful, law_kept, first_pass, same_day, repeated, steps, counted_by, cycle, calendar) "
        f"SELECT 1, c.id, b.place, {variant}, w.place, {_day('c.started')}, {_day('e.closed')}, 0, 0, 0, 0, 0, "
        f"CASE WHEN c.v < 7 THEN 1 ELSE 0 END, CASE WHEN {_day('c.started')} = {_day('e.closed')} THEN 1 ELSE 0 END, "
        f"CASE WHEN c.v < 7 THEN 0 WHEN c.v < 9 THEN 2 ELSE 1 END, {STEPS}, (SELECT calendars_version FROM offices), "
        f"e.closed - c.started, e.closed - c.started FROM b_cases c CROSS JOIN b_ends e CROSS JOIN b_whole b CROSS JOIN b_ways w "
        f"WHERE e.i = c.i AND b.p = c.p AND b.kind = c.kind AND w.p = c.p AND w.kind = c.kind AND w.v = c.v AND w.k = {STEPS - 1}"
    )


def opened(database: Database, count: int) -> None:
    """So many more cases, each begun within the last quarter of a year with a task that is open; half of them are taken."""
    until = to_stored(UNTIL)
    apart = 90 * _DAY // count
    at = f"{until} - (n.i + 1) * {apart}"
    numbers = f"WITH RECURSIVE n(i) AS (SELECT CAST(0 AS bigint) UNION ALL SELECT i + 1 FROM n WHERE i < {count - 1})"
    steps = (
        "(SELECT p.*, row_number() OVER (ORDER BY p.id) - 1 AS r, count(*) OVER () AS many, "
        "(SELECT min(h.person_id) FROM holdings h WHERE h.post_id = p.post_id) AS person FROM figure_places p "
        "WHERE p.post_id > 0)"
    )
    mine = f"FROM n JOIN {steps} s ON s.r = n.i % s.many"
    case_id = f"({until} + 1 + n.i) * 2097152"
    empty = "CAST('' AS BLOB)" if database.is_sqlite else "''::bytea"
    taken = "n.i / s.many % 2 = 0"
    with database.writing() as db:
        db.execute(text(
            "INSERT INTO cases (office_id, procedure_id, id, edition_id, number, matter, applicant, process, started_at, "
            f"state, version, tasks_opened, chain_length, chain_head, applicant_kind) {numbers} SELECT 1, s.procedure_id, "
            f"{case_id}, s.edition_id, 'O-' || n.i, 'A matter', 'Somebody', 'procedure', {at}, {empty}, 1, 1, 1, {empty}, "
            f"CASE WHEN s.applicant_kind > 0 THEN s.applicant_kind END {mine}"
        ))  # fmt: skip
        db.execute(text(
            "INSERT INTO tasks (office_id, number, case_id, procedure_id, edition_id, post_id, department_id, person_id, changes, "
            f"opened_at, due_at, claimed_at, token, element) {numbers} SELECT 1, 1, {case_id}, s.procedure_id, s.edition_id, "
            f"s.post_id, s.department_id, CASE WHEN {taken} THEN s.person END, CASE WHEN {taken} THEN 2 ELSE 1 END, {at}, "
            f"{at} + 2 * {_DAY}, CASE WHEN {taken} THEN {at} + 1 END, 't0', s.element {mine}"
        ))  # fmt: skip
        no = "0" if database.is_sqlite else "false"
        for number, change in enumerate((Change.OFFERED, Change.CLAIMED), 1):
            which = "1 = 1" if number == 1 else taken
            person = "NULL" if number == 1 else "s.person"
            db.execute(text(
                "INSERT INTO task_events (office_id, task_number, case_id, at, change, number, post_id, department_id, person_id, "
                f"external) {numbers} SELECT 1, 1, {case_id}, {at} + {number - 1}, {int(change)}, {number}, s.post_id, "
                f"s.department_id, {person}, {no} {mine} WHERE {which}"
            ))  # fmt: skip
    with database.engine.connect().execution_options(isolation_level="AUTOCOMMIT") as plain:
        plain.exec_driver_sql("ANALYZE")
