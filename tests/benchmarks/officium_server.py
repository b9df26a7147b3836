"""The product as the third system: an office with one procedure, served by the same server as the floors.

Whatever the benchmarks assume of the web's addresses and forms stands here.
"""

from __future__ import annotations

import secrets
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final

from engine import migrations
from engine.base.database import Database
from engine.cases import acts as case_acts
from engine.organisation import acts as organisation_acts
from engine.organisation import reads as organisation
from engine.organisation.rules import Right
from engine.procedures import acts as procedure_acts
from engine.procedures.editions import contents
from engine.supervision.figures.folding import fold_all
from tests.benchmarks.databases import NotDurable, size
from tests.diagram_text import END, START, flow, lanes, process, step, way
from web.searching import bring_up

SIGN_IN: Final = "/sign-in"
DESK: Final = "/"
COMPLETE: Final = "{task}/complete"
FORM_TOKEN: Final = "csrf_token"
RECEIPT: Final = "own:receipt"
PASSWORD: Final = "measured twice, cut once"
ANSWERS: Final[Mapping[str, str]] = {"finding": "nothing found", "amount": "1200", "agreed": "true"}

_FORM: Final = (
    b'{"components":[{"type":"textfield","key":"finding","label":"Finding","validate":{"required":true,"maxLength":80}},'
    b'{"type":"number","key":"amount","label":"Amount","validate":{"min":0}},'
    b'{"type":"checkbox","key":"agreed","label":"Agreed"}]}'
)
_WITH_FORM: Final = 'officium:form="step.form.json"'


def sequence(steps: int) -> bytes:
    names = [f"step_{number}" for number in range(1, steps + 1)]
    drawn = "".join(step(name, attributes=_WITH_FORM) for name in names)
    return process(lanes(clerk=["start", *names, "end"]) + START + drawn + END + way("start", *names, "end"))


def loop() -> bytes:
    """Goes round while it is agreed."""
    return process(
        lanes(clerk=["start", "enter", "turn", "again", "end"])
        + START
        + '<exclusiveGateway id="enter"/>'
        + step("turn", attributes=_WITH_FORM)
        + '<exclusiveGateway id="again" default="again_to_end"/>'
        + END
        + way("start", "enter", "turn", "again")
        + flow("again", "enter", "agreed = true")
        + flow("again", "end")
    )


@dataclass(frozen=True, slots=True)
class Prepared:
    """Who signs in, and the tasks each of them begins with."""

    logins: tuple[str, ...]
    tasks: tuple[tuple[str, ...], ...]
    empty: int
    """Bytes of the database before the first case."""


def prepare(url: str, *, people: int, cases_each: int, diagram: bytes) -> Prepared:
    """An office, a procedure in force, and for each of its clerks `cases_each` cases at their first step."""
    database = Database(url)
    migrations.upgrade(database)
    with database.writing() as db:
        if database.is_sqlite and db.exec_driver_sql("PRAGMA synchronous").scalar_one() != 2:
            raise NotDurable("the product opens SQLite with less than synchronous=FULL")
        organisation_acts.found_office(db, name_en="Office", name_zh="机关", zone="Asia/Shanghai")
        department = organisation_acts.add_department(db, by=None, code="d", name_en="Department", name_zh="部门")
        post = organisation_acts.add_post(
            db, by=None, department_id=department, code="clerk", name_en="Clerk", name_zh="经办", rights={Right.DESIGN}
        )
        persons = {}
        for number in range(people):
            login = f"clerk{number}"
            persons[login] = organisation_acts.add_person(
                db, by=None, login=login, name_en=login, name_zh="经办", password=PASSWORD
            )
            organisation_acts.give_post(db, by=None, person_id=persons[login], post_id=post)
    with database.writing() as db:
        designer = organisation.actor(db, next(iter(persons.values())))
        procedure = procedure_acts.open_procedure(
            db, by=designer, name="Measured", prefix="ME", department_id=department
        )
        edition = procedure_acts.deposit(
            db, by=designer, procedure_id=procedure, file="measured.bpmn", source=diagram,
            attachments={"step.form.json": _FORM},
        )  # fmt: skip
        mapped = {owner.key: post for owner in contents(db, edition).owners}
        procedure_acts.map_owners(db, by=designer, edition_id=edition, mapped=mapped)
        procedure_acts.put_in_force(db, by=designer, edition_id=edition)
    empty = size(url)
    tasks = tuple(tuple(_cases(database, procedure, person, cases_each)) for person in persons.values())
    database.close()
    return Prepared(tuple(persons), tasks, empty)


def _cases(database: Database, procedure: int, person: int, count: int) -> list[str]:
    with database.writing() as db:
        actor = organisation.actor(db, person)
        started = [
            case_acts.start_case(
                db, by=actor, procedure_id=procedure, matter=f"Matter {number}", applicant="Applicant", submitted={}
            )
            for number in range(count)
        ]
    return [f"/tasks/{one.case_id}/{one.opened[0].number}" for one in started]


def fields(token: str, **other: str) -> dict[str, str]:
    """What a browser sends with a completed task."""
    return {FORM_TOKEN: token, RECEIPT: secrets.token_hex(16), **ANSWERS, **other}


def check(url: str, *, ended: int, steps: int) -> None:
    """Every case has ended, each step of it completed once, and the record is unbroken."""
    database = Database(url)
    with database.reading() as db:
        finished = db.exec_driver_sql("SELECT count(*) FROM cases WHERE ended_at IS NOT NULL").scalar_one()
        opened = db.exec_driver_sql("SELECT count(*) FROM tasks WHERE closed_at IS NULL").scalar_one()
        completed = db.exec_driver_sql("SELECT count(*) FROM task_events WHERE change = 6").scalar_one()
    database.close()
    assert (finished, opened, completed) == (ended, 0, steps), (finished, opened, completed)


def settle(url: str) -> None:
    """Figures are folded, and search has read in what is due."""
    database = Database(url)
    fold_all(database)
    bring_up(database)
    with database.reading() as db:
        left = [
            db.exec_driver_sql(f"SELECT count(*) FROM {queue}").scalar_one() for queue in ("figure_notes", "search_due")
        ]
    database.close()
    assert left == [0, 0], left
