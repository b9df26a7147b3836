"""A small office whose cases take as long as a plan says; what is done is done through acts."""

from __future__ import annotations

from datetime import timedelta

from sqlalchemy import Connection, select

from engine.cases import acts
from engine.cases.tables import tasks
from tests.builders import SmallOffice
from tests.conftest import Clock
from tests.diagram_text import END, START, lanes, process, step, way
from tests.worlds import begun, in_force

_ATTRIBUTES = (
    'officium:ruleSet="cn-licensing" officium:promised="P5D" officium:promiseFrom="start" officium:countsFrom="check" '
    'officium:decidedBy="decide"'
)


def drawn() -> bytes:
    body = (
        lanes(counter=("start", "check", "end"), bureau=("decide",))
        + START + step("check", "Check 核对") + step("decide", "Decide 决定") + END + way("start", "check", "decide", "end")
    )  # fmt: skip
    return process(body).replace(b"<process ", f"<process {_ATTRIBUTES} ".encode(), 1)


def opened(db: Connection, office: SmallOffice) -> int:
    return in_force(db, office, drawn(), department="review")


def complete(db: Connection, office: SmallOffice, case_id: int, login: str) -> None:
    number = db.scalar(select(tasks.c.number).where(tasks.c.case_id == case_id, tasks.c.closed_at.is_(None)))
    acts.claim(db, by=office.actor(db, login), case_id=case_id, number=number or 0)
    acts.complete_task(db, by=office.actor(db, login), case_id=case_id, number=number or 0, submitted={})


def ended(
    db: Connection, office: SmallOffice, clock: Clock, procedure_id: int, *, days: int, number: int = 1
) -> list[int]:
    """Begun together, checked the next day, decided so many calendar days after they began; the clock comes back to a day later."""
    beginning = clock.moment
    found = [begun(db, office, procedure_id).case_id for _ in range(number)]
    clock.advance(days=1)
    for case_id in found:
        complete(db, office, case_id, "li")
    clock.set(beginning + timedelta(days=days))
    for case_id in found:
        complete(db, office, case_id, "wang")
    return found
