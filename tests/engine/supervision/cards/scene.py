"""A small office with a supervision office, at work on cases that get cards."""

from __future__ import annotations

from typing import Final

from sqlalchemy import Connection, select

from engine.base import clock
from engine.base.database import Database
from engine.organisation import acts as organisation
from engine.organisation.rules import Actor, Right
from engine.supervision.cards.acts import look_at_case
from engine.supervision.cards.sweeping import due_looks, due_sweeps, sweep
from engine.supervision.cards.tables import cards
from tests.builders import FROM_DAY, SmallOffice
from tests.diagram_text import END, START, flow, lanes, process, step, way
from tests.worlds import begun, in_force

_DAYS: Final = 'officium:standardTime="P5D" officium:workingTime="true"'
OVER: Final = process(
    lanes(counter=("start", "ask", "end"), bureau=("answer",))
    + START + step("ask", attributes=_DAYS) + step("answer", attributes=_DAYS) + END
    + way("start", "ask", "answer", "end")
)  # fmt: skip
"""The counter asks, the bureau answers; five working days each."""
REFUSED: Final = process(
    lanes(counter=("start", "ask", "end"), bureau=())
    + START + step("ask", attributes='officium:form="ask.form.json"') + END + way("start", "ask", "end")
)  # fmt: skip
ASK_FORM: Final = (
    b'{"components":[{"type":"textfield","key":"decision","label":"Decision"},'
    b'{"type":"textfield","key":"grounds","label":"Grounds"}]}'
)
AGAIN: Final = process(
    lanes(counter=("start", "ask", "end"), bureau=("answer", "enough"))
    + START + step("ask") + step("answer") + '<exclusiveGateway id="enough" name="Enough?"/>' + END
    + way("start", "ask", "answer", "enough")
    + flow("enough", "end", name="enough") + flow("enough", "ask", name="not enough")
)  # fmt: skip


def staffed(db: Connection, office: SmallOffice, password: str | None = None) -> Actor:
    """The supervision office takes up its work: one officer, who reports to the director."""
    post = organisation.add_post(
        db, by=None, department_id=office.departments["bureau"], code="inspector", name_en="Supervision officer",
        name_zh="督查岗", reports_to=office.posts["director"], rights={Right.INSPECT},
    )  # fmt: skip
    person = organisation.add_person(db, by=None, login="qin", name_en="Qin Hao", name_zh="秦浩", password=password)
    organisation.give_post(db, by=None, person_id=person, post_id=post, from_day=FROM_DAY)
    office.persons["qin"] = person
    office.posts["inspector"] = post
    return office.actor(db, "qin")


def case_of(db: Connection, office: SmallOffice, source: bytes = OVER) -> int:
    return begun(db, office, in_force(db, office, source)).case_id


def look(database: Database) -> int:
    """What the background does in a round; how many cases got something."""
    with database.reading() as db:
        versions = due_sweeps(db, at=clock.now())
    for version in versions:
        more = True
        while more:
            with database.writing() as db:
                more = sweep(db, version=version)
    with database.reading() as db:
        due = due_looks(db, at=clock.now(), limit=1000)
    given = 0
    for case_id in due:
        with database.writing() as db:
            given += look_at_case(db, case_id=case_id)
    return given


def given(database: Database) -> list[str]:
    """The rules that fired, in order."""
    with database.reading() as db:
        return list(db.scalars(select(cards.c.rule).order_by(cards.c.given_at, cards.c.rule)))
