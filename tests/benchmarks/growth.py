"""What must not grow: the cost of a step with the age of its case, statements with the size of the procedure, memory with time."""

from __future__ import annotations

import re
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from statistics import median
from typing import Any, Final

from flask.testing import FlaskClient
from sqlalchemy import event

from engine.base.database import Database
from tests.benchmarks import machine, officium_server, served
from tests.benchmarks.databases import Databases
from tests.benchmarks.drive import WentWrong, walk
from tests.benchmarks.systems import OFFICIUM, serving, signed_in
from web import create_app

AGES: Final = (10, 100, 1000, 10_000)
_AROUND: Final = 10


@dataclass(frozen=True, slots=True)
class Growth:
    p50: dict[int, float]
    """Age of the case in steps -> milliseconds of a step about that age."""
    resident: tuple[float, float]
    """MB after a tenth of the steps, and at the end."""

    def against_the_youngest(self, age: int) -> float:
        return self.p50[age] / self.p50[AGES[0]]


def long_procedure(databases: Databases, steps: int, cases: int) -> Growth:
    """One case after the other through a procedure of so many steps."""
    return _grown(databases, officium_server.sequence(steps), [steps] * cases)


def long_loop(databases: Databases, turns: int) -> Growth:
    """One case round and round, then out."""
    return _grown(databases, officium_server.loop(), [turns])


def _grown(databases: Databases, diagram: bytes, lengths: list[int]) -> Growth:
    url = databases.make()
    try:
        prepared = officium_server.prepare(url, people=1, cases_each=len(lengths), diagram=diagram)
        (tasks,) = prepared.tasks
        waits, early = [], 0.0
        with serving(OFFICIUM.app, url) as served:
            client, fields = signed_in(served.port, prepared.logins[0], tasks[0])
            for task, length in zip(tasks, lengths, strict=True):
                ahead = iter(range(length - 1, -1, -1))

                def sent(ahead: Iterator[int] = ahead) -> dict[str, str]:
                    filled = fields()
                    if not next(ahead):  # the last turn: no longer agreed
                        del filled["agreed"]
                    return filled

                begun = walk(client, task, sent, most=length // 10)
                early = early or machine.resident(served.process)
                rest = walk(client, _following(task, len(begun)), sent) if len(begun) < length else []
                if len(begun) + len(rest) != length:
                    raise WentWrong(f"the case ended after {len(begun) + len(rest)} steps of {length}")
                waits.append(begun + rest)
            late = machine.resident(served.process)
            client.close()
        officium_server.check(url, ended=len(lengths), steps=sum(lengths))
    finally:
        databases.drop(url)
    ages = [age for age in AGES if age <= min(lengths)]
    return Growth({age: median(_about(waits, age)) for age in ages}, (early, late))


def _following(task: str, steps: int) -> str:
    """The tasks of a case with one task at a time are numbered in order."""
    case, _, number = task.rpartition("/")
    return f"{case}/{int(number) + steps}"


def _about(waits: list[list[float]], age: int) -> list[float]:
    around = max(_AROUND, age // 20)
    return [wait for one in waits for wait in one[max(1, age - around) : age + around]]


@dataclass(slots=True)
class Counted:
    statements: list[str] = field(default_factory=list)
    commits: int = 0


@contextmanager
def counting(database: Database) -> Iterator[Counted]:
    found = Counted()

    def executed(_db: Any, _cursor: Any, statement: str, *_rest: Any) -> None:
        if not statement.startswith("BEGIN"):
            found.statements.append(statement)

    def committed(_db: Any) -> None:
        found.commits += 1

    event.listen(database.engine, "before_cursor_execute", executed)
    event.listen(database.engine, "commit", committed)
    try:
        yield found
    finally:
        event.remove(database.engine, "before_cursor_execute", executed)
        event.remove(database.engine, "commit", committed)


def statements(databases: Databases, steps: int, at: int) -> Counted:
    """Of the request that completes step `at` in a procedure of so many, cookie to redirect."""
    url = databases.make()
    try:
        prepared = officium_server.prepare(url, people=1, cases_each=1, diagram=officium_server.sequence(steps))
        database = Database(url)
        client = create_app(served.settings(url), database=database).test_client()
        token = _token(client, officium_server.SIGN_IN)
        signed = client.post(officium_server.SIGN_IN, data={
            officium_server.FORM_TOKEN: token, "login": prepared.logins[0], "password": officium_server.PASSWORD,
        })  # fmt: skip
        assert signed.status_code == 303
        task = prepared.tasks[0][0]
        token = _token(client, task)
        for number in range(at - 1):
            _complete(client, _following(task, number), token)
        with counting(database) as found:
            _complete(client, _following(task, at - 1), token)
        database.close()
        return found
    finally:
        databases.drop(url)


def _complete(client: FlaskClient, task: str, token: str) -> None:
    answer = client.post(officium_server.COMPLETE.format(task=task), data=officium_server.fields(token))
    if answer.status_code != 303:
        raise WentWrong(f"{task} answered {answer.status_code}")


def _token(client: FlaskClient, path: str) -> str:
    found = re.search(rf'name="{officium_server.FORM_TOKEN}"[^>]*value="([^"]+)"', client.get(path).text)
    if found is None:
        raise WentWrong(f"{path} holds no form token")
    return found.group(1)
