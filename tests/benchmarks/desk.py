"""The list as people narrow it, and the search over everything: 100,000 open tasks, 2,000 people, 300 posts."""

from __future__ import annotations

import json
import random
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from time import perf_counter
from typing import Final
from urllib.parse import quote

from engine.base.database import OFFICE, Database
from engine.records.tables import entries
from tests.benchmarks import inbox, officium_server
from tests.benchmarks import served as product
from tests.benchmarks.databases import Databases
from tests.benchmarks.drive import Client, WentWrong
from tests.benchmarks.growth import counting
from tests.benchmarks.inbox import Filling
from tests.benchmarks.systems import OFFICIUM, serving
from web import create_app
from web.searching import reindex

POSTS: Final = 300
_COOKIE: Final = "officium"
_PLACES: Final = ("Ring Road", "Harbour Street", "North Gate", "Lake View", "Station Square", "Old Mill Lane")
_THINGS: Final = ("house", "garage", "workshop", "school", "bridge", "greenhouse", "warehouse", "fence", "clinic")
_WORDS: Final = "二层住宅厂房道路绿化工程施工许可补贴申请消防设计审查变更登记年度检验临时占用桥梁学校医院仓库"
_FAMILY: Final = "王李张刘陈杨赵黄周吴徐孙胡朱高林何郭马罗"
_GIVEN: Final = "伟芳娜敏静丽强磊军洋勇艳杰娟涛明超秀霞平刚桂英华玉兰"
_SEARCHES: Final = (
    "me",
    "house",
    "住宅",
    "王芳",
    "ring ro",
    "许可 申请",
    "桥",
    "me-2025-0001234",
    "greenhouse 张伟",
    "0000777",
    "nothing such",
)


@dataclass(frozen=True, slots=True)
class Asked:
    """One way of asking: how long it took, and what it cost the database at most."""

    name: str
    p50: float
    p99: float
    statements: int


def said(case: int) -> tuple[str, str]:
    """The same of the same case, each time."""
    dice = random.Random(case)
    begin = dice.randrange(len(_WORDS) - 8)
    name = dice.choice(_FAMILY) + dice.choice(_GIVEN) + dice.choice(("", *_GIVEN))
    matter = f"{_WORDS[begin : begin + dice.randrange(4, 8)]} · {dice.choice(_THINGS)}, {dice.choice(_PLACES)} {dice.randrange(1, 400)}"
    return matter, name


@contextmanager
def office(databases: Databases, open_tasks: int, people: int, asked: int) -> Iterator[tuple[str, list[str]]]:
    """Its database, read into the search, and secrets that sign somebody in."""
    url = databases.make()
    try:
        officium_server.prepare(url, people=1, cases_each=1, diagram=officium_server.sequence(10))
        secrets = inbox.fill(url, Filling(open_tasks, people, asked, POSTS, said))
        yield url, secrets
    finally:
        databases.drop(url)


def lists(databases: Databases, *, open_tasks: int, people: int, asked: int) -> list[Asked]:
    """The first page, plain and narrowed, and what a page asks every few seconds."""
    ways = {
        "plain": "/",
        "one procedure": "/?procedure=1",
        "a procedure nobody has": "/?procedure=999",
        "what was asked": "/?kind=1",
        "came from": "/?from=999",
        "late": "/?late=1",
        "by procedure": "/?by=procedure",
        "news": "/desk/news?since=1",
    }
    with office(databases, open_tasks, people, asked) as (url, secrets):
        return _asked(url, secrets, {name: [path] for name, path in ways.items()})


def searches(databases: Databases, *, open_tasks: int, people: int, asked: int) -> list[Asked]:
    """By clerks of three posts, and by somebody who supervises everything."""
    paths = [f"/cases/?words={quote(words)}" for words in _SEARCHES]
    with office(databases, open_tasks, people, asked) as (url, secrets):
        _answer(url)
        _read_in(url)
        found = _asked(
            url, secrets, {"a clerk": paths, "the same, one procedure": [f"{one}&procedure=1" for one in paths]}
        )
        _make_supervisors(url)
        return [*found, *_asked(url, secrets, {"a supervisor of everything": paths})]


def _asked(url: str, secrets: Sequence[str], ways: Mapping[str, Sequence[str]]) -> list[Asked]:
    found = []
    with serving(OFFICIUM.app, url) as served:
        client = Client(served.port)
        for name, paths in ways.items():
            _ask(client, secrets[: max(5, len(secrets) // 20)], paths)
            waits = sorted(_ask(client, secrets, paths))
            most = _statements(url, secrets[0], paths[0])
            found.append(Asked(name, waits[len(waits) // 2], waits[int(len(waits) * 0.99)], most))
        client.close()
    return found


def _ask(client: Client, secrets: Sequence[str], paths: Sequence[str]) -> list[float]:
    waits = []
    for number, secret in enumerate(secrets):
        client.cookies = {_COOKIE: secret}
        begun = perf_counter()
        status, _location, _body = client.ask("GET", paths[number % len(paths)])
        waits.append((perf_counter() - begun) * 1000)
        if status != 200:
            raise WentWrong(f"{paths[number % len(paths)]} answered {status}")
    return waits


def _statements(url: str, secret: str, path: str) -> int:
    """Once warm."""
    database = Database(url)
    client = create_app(product.settings(url), database=database).test_client()
    client.set_cookie(_COOKIE, secret)
    client.get(path)
    with counting(database) as counted:
        client.get(path)
    database.close()
    return len(counted.statements)


def _answer(url: str) -> None:
    """An entry for each case, with answers such as people give."""
    database = Database(url)
    with database.reading() as db:
        cases = [row[0] for row in db.exec_driver_sql("SELECT id FROM cases ORDER BY id")]
    database.close()
    columns = ("office_id", "number", "chain", "at", "act", "facts", "seal")
    inbox.insert(url, entries, columns, ((OFFICE, 1000, case, 0, "complete_task", _facts(case), b"") for case in cases))


def _facts(case: int) -> str:
    dice = random.Random(-case)
    told = " ".join(said(dice.randrange(10**6))[0] for _ in range(4))
    return json.dumps({"answers": {"plot": f"C-{case % 9973}", "area": dice.randrange(1000), "remarks": told}})


def _read_in(url: str) -> None:
    database = Database(url)
    begun = perf_counter()
    count = reindex(database)
    print(f"  {count:,} cases read in, {count / (perf_counter() - begun):,.0f} a second", flush=True)
    database.close()
    inbox.analyse(url)


def _make_supervisors(url: str) -> None:
    database = Database(url)
    with database.writing() as db:
        db.exec_driver_sql("UPDATE posts SET rights = 'supervise'")
    database.close()
