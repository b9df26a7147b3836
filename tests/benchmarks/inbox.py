"""The desk of a large office: up to a million open tasks, ten thousand people, two hundred posts of very different size."""

from __future__ import annotations

import random
import sqlite3
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime
from hashlib import sha256
from itertools import accumulate, count, islice
from time import perf_counter, time
from typing import Any, Final

import psycopg
from sqlalchemy import Table, create_engine

from engine.base.database import OFFICE, to_stored
from engine.cases.rules import Change
from engine.cases.tables import cases, task_events, tasks
from engine.organisation.tables import holdings, persons, posts, sessions
from tests.benchmarks import officium_server
from tests.benchmarks.databases import Databases
from tests.benchmarks.drive import Client, WentWrong
from tests.benchmarks.systems import OFFICIUM, serving

POSTS: Final = 200
POSTS_EACH: Final = 3
CLAIMED: Final = 0.3
_COOKIE: Final = "officium"
_FIRST_CASE: Final = 10**12


@dataclass(frozen=True, slots=True)
class Pages:
    open_tasks: int
    p50: float
    p99: float
    size: int
    """Bytes of the page in the middle."""


def pages(databases: Databases, *, open_tasks: int, people: int, asked: int) -> Pages:
    """The first page of the desk, asked for by one person after another."""
    url = databases.make()
    try:
        officium_server.prepare(url, people=1, cases_each=1, diagram=officium_server.sequence(10))
        secrets = fill(url, Filling(open_tasks, people, asked))
        with serving(OFFICIUM.app, url) as served:
            client = Client(served.port)
            _ask(client, secrets[: max(5, asked // 20)])
            found = _ask(client, secrets)
            client.close()
    finally:
        databases.drop(url)
    waits, sizes = sorted(wait for wait, _size in found), sorted(size for _wait, size in found)
    return Pages(open_tasks, waits[len(waits) // 2], waits[int(len(waits) * 0.99)], sizes[len(sizes) // 2])


def _ask(client: Client, secrets: Sequence[str]) -> list[tuple[float, int]]:
    found = []
    for secret in secrets:
        client.cookies = {_COOKIE: secret}
        begun = perf_counter()
        status, _location, body = client.ask("GET", officium_server.DESK)
        found.append(((perf_counter() - begun) * 1000, len(body)))
        if status != 200 or b"/tasks/" not in body:
            raise WentWrong(f"the desk answered {status} and shows no task")
    return found


@dataclass(frozen=True, slots=True)
class Filling:
    """An office of this size. `said` is matter and applicant of a case; `secrets` sign somebody in."""

    open_tasks: int
    people: int
    secrets: int
    posts: int = POSTS
    said: Callable[[int], tuple[str, str]] = lambda case: (f"Matter {case}", "Applicant")


def fill(url: str, size: Filling) -> list[str]:
    """Rows as acts would have left them, but without their entries in the record: for benchmarks alone."""
    open_tasks, people, asked = size.open_tasks, size.people, size.secrets
    dice = random.Random(20261121)
    engine = create_engine(url)
    with engine.connect() as db:
        department, first_post = db.exec_driver_sql("SELECT department_id, id FROM posts").one()
        edition, procedure = db.exec_driver_sql("SELECT id, procedure_id FROM editions").one()
        known = db.exec_driver_sql("SELECT max(id) FROM persons").scalar_one()
    engine.dispose()
    now = to_stored(datetime.fromtimestamp(int(time()), tz=UTC))
    every_post = [first_post + number for number in range(1, size.posts + 1)]
    size_of_post = list(accumulate(1 / rank for rank in range(1, size.posts + 1)))
    every_person = [known + number for number in range(1, people + 1)]
    held = {
        person: sorted(set(dice.choices(every_post, cum_weights=size_of_post, k=POSTS_EACH))) for person in every_person
    }
    insert(url, posts, ("id", "department_id", "code", "name_en", "name_zh", "rights"),
            ((post, department, f"post{post}", f"Post {post}", f"岗位{post}", "") for post in every_post))  # fmt: skip
    insert(url, persons, ("id", "login", "name_en", "name_zh", "language", "failures", "chain", "chain_length", "chain_head"),
            ((one, f"person{one}", f"Person {one}", f"人员{one}", "en", 0, one, 0, b"") for one in every_person))  # fmt: skip
    insert(url, holdings, ("person_id", "post_id", "from_day"),
            ((one, post, _day(url)) for one, mine in held.items() for post in mine))  # fmt: skip
    members: dict[int, list[int]] = {post: [] for post in every_post}
    for person, mine in held.items():
        for post in mine:
            members[post].append(person)
    work = _work(dice, open_tasks, members, size_of_post, now)
    _insert_work(url, work, (procedure, edition, department), size.said)
    free = {post for _case, post, person, _due in work if person is None}
    busy = {person for _case, _post, person, _due in work}
    with_work = [one for one in every_person if one in busy or free.intersection(held[one])]
    secrets = [sha256(str(number).encode()).hexdigest() for number in range(asked)]
    insert(url, sessions, ("token", "person_id", "begun_at", "seen_at"),
            ((sha256(one.encode()).digest(), dice.choice(with_work), now, now) for one in secrets))  # fmt: skip
    return secrets


def _day(url: str) -> Any:
    day = date(2020, 1, 1)
    return day.isoformat() if url.startswith("sqlite") else day


def _work(
    dice: random.Random, open_tasks: int, members: dict[int, list[int]], size_of_post: list[float], now: int
) -> list[tuple[int, int, int | None, int]]:
    """(case, post, who claimed it, due)"""
    chosen = dice.choices(list(members), cum_weights=size_of_post, k=open_tasks)
    found = []
    for case, post in enumerate(chosen, start=_FIRST_CASE):
        person = dice.choice(members[post]) if members[post] and dice.random() < CLAIMED else None
        found.append((case, post, person, now + dice.randrange(-(10**9), 10**9)))
    return found


def _insert_work(
    url: str,
    work: list[tuple[int, int, int | None, int]],
    ids: tuple[int, int, int],
    said: Callable[[int], tuple[str, str]],
) -> None:
    procedure, edition, department = ids
    opened = to_stored(datetime(2026, 1, 5, tzinfo=UTC))
    insert(url, cases, ("office_id", "id", "procedure_id", "edition_id", "process", "number", "matter", "applicant",
                         "started_at", "state", "version", "tasks_opened", "chain_length", "chain_head"),
            ((OFFICE, case, procedure, edition, "procedure", f"ME-2025-{case - _FIRST_CASE:07d}", *said(case),
              opened, b"", 1, 1, 1, b"") for case, _post, _person, _due in work))  # fmt: skip
    insert(url, tasks, ("office_id", "number", "case_id", "procedure_id", "edition_id", "post_id", "department_id",
                         "person_id", "changes", "opened_at", "due_at", "claimed_at", "token", "element"),
            ((OFFICE, 1, case, procedure, edition, post, department, person, 1, opened, due, opened if person else None,
              "1", "step_1") for case, post, person, due in work))  # fmt: skip
    insert(url, task_events, ("office_id", "task_number", "case_id", "at", "change", "number", "post_id",
                               "department_id", "external"),
            ((OFFICE, 1, case, opened, int(Change.OFFERED), 1, post, department,
              0 if url.startswith("sqlite") else False) for case, post, _person, _due in work))  # fmt: skip
    analyse(url)


def insert(url: str, table: Table, columns: Sequence[str], rows: Iterable[tuple[Any, ...]]) -> None:
    named = ", ".join(columns)
    if url.startswith("sqlite"):
        filled = ", ".join("?" * len(columns))
        with sqlite3.connect(url.removeprefix("sqlite:///")) as kept:
            kept.executemany(f"INSERT INTO {table.name} ({named}) VALUES ({filled})", rows)
        kept.close()
        return
    waiting = iter(rows)
    with psycopg.connect(url.replace("+psycopg", "")) as db, db.cursor() as cursor:
        for _ in count():
            some = list(islice(waiting, 50_000))
            if not some:
                break
            with cursor.copy(f"COPY {table.name} ({named}) FROM STDIN".encode()) as copy:
                for row in some:
                    copy.write_row(row)


def analyse(url: str) -> None:
    """As the databases do by themselves in service, sooner or later."""
    engine = create_engine(url, isolation_level="AUTOCOMMIT")
    with engine.connect() as db:
        db.exec_driver_sql("ANALYZE")
    engine.dispose()
