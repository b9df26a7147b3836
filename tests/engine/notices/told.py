"""Notices for tests."""

from __future__ import annotations

from time import sleep
from typing import Any

from sqlalchemy import Connection

from engine.notices.acts import choose_notices, give_address, prove_address, tell
from engine.notices.rules import Group, How
from engine.notices.tables import wishes
from tests.builders import SmallOffice


def told(db: Connection, office: SmallOffice, *logins: str, kind: str = "returned", **facts: Any) -> int:
    """By He Jun, about a case that nobody looks for. A moment passes: ids grow with time, and within one moment as they like."""
    sleep(0.0015)
    who = office.actor(db, "he")
    return tell(
        db, persons=[office.persons[login] for login in logins], kind=kind,
        facts={"who": who.name, "task": "Review the plans 审图", "number": "BP-2026-00001", **facts},
        case_id=7, task_number=2, except_for=who.person_id,
    )  # fmt: skip


def reachable(db: Connection, office: SmallOffice, login: str, how: How | None = None) -> str:
    """Has an address that was proved, and wants everything in one way."""
    person, address = office.actor(db, login), f"{login}@office.example"
    give_address(db, by=person, address=address)
    prove_address(db, by=person, code=code_of(db, office, login))
    if how is not None:
        choose_notices(db, by=person, hows=dict.fromkeys(Group, how), digest_hour=8)
    return address


def code_of(db: Connection, office: SmallOffice, login: str) -> str:
    row = db.execute(wishes.select().where(wishes.c.person_id == office.persons[login])).one()
    return str(row.code)
