"""A case that waits for a connector is moved to another edition and back: it never waits for an answer nobody was asked for."""

from __future__ import annotations

from typing import Any, Final

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlalchemy import Connection, and_, func, select

from engine.base.database import Database
from engine.cases.outside import sending
from engine.cases.outside.acts import answer_call
from engine.cases.outside.acts.calls import Answered
from engine.cases.tables import awaited, cases, incidents, tasks, timers
from engine.connectors import acts as connectors
from engine.connectors.rules import Wanted
from engine.connectors.sealing import Seal
from engine.connectors.states import State
from engine.connectors.tables import calls as call_rows
from engine.control.moving import acts
from engine.diagram.position import WaitKind
from engine.records.verify import first_broken
from tests.builders import SmallOffice
from tests.conftest import Clock
from tests.engine.diagram.builders import end, line, source, start, step, user
from tests.worlds import begun, every_head, in_force, next_edition

_GIVES: Final = '<extensionElements><officium:input name="parcel" expression="&quot;44&quot;"/></extensionElements>'
_ASK: Final = step("serviceTask", "ask", _GIVES, officium__connector="register")
ASKS: Final = source(start(), _ASK, user("check"), end(), line("s", "ask", "check", "e"))
ASKS_NOBODY: Final = source(start(), user("check"), end(), line("s", "check", "e"))
_OWNED: Final = {"process:p": "clerk"}


class _World:
    """A case that has asked; the edition in force asks nobody."""

    def __init__(self, db: Connection, office: SmallOffice, clock: Clock) -> None:
        self.db, self.clock, self.he = db, clock, office.actor(db, "he")
        wanted = Wanted(code="register", name_en="Register", name_zh="登记", url="https://register.example/", tries="9")
        connectors.add_connector(db, by=office.actor(db, "guo"), wanted=wanted, seal=Seal("for tests only"))
        procedure = in_force(db, office, ASKS, owners=_OWNED)
        self.case_id = begun(db, office, procedure).case_id
        self.edition = next_edition(db, office, procedure, ASKS_NOBODY, owners=_OWNED)

    def move(self) -> None:
        acts.move_case(self.db, by=self.he, case_id=self.case_id, edition_id=self.edition, to={"ask": "check"})

    def back(self) -> None:
        acts.move_back(self.db, by=self.he, case_id=self.case_id)

    def sends(self) -> sending.Taken | None:
        """What a sender finds to send now."""
        self.clock.advance(minutes=5)
        return sending.take(self.db)

    def out(self) -> int:
        """How many calls are out for what the case awaits of connectors; `must_wait` holds them against each other."""
        return (
            self.db.scalar(
                select(func.count())
                .select_from(call_rows.join(awaited, and_(
                    awaited.c.case_id == call_rows.c.case_id, awaited.c.token == call_rows.c.token,
                )))
                .where(awaited.c.closed_at.is_(None), awaited.c.kind == WaitKind.CALL, call_rows.c.state == State.WAITING)
            )
            or 0
        )  # fmt: skip

    def must_wait(self) -> None:
        """Invariant 4, to the end: what waits for an answer has asked for it, once."""
        open_case = self.db.scalar(select(cases.c.ended_at).where(cases.c.id == self.case_id)) is None
        waits = {table.name: self._open(table) for table in (tasks, timers, awaited, incidents)}
        assert bool(sum(waits.values())) == open_case
        assert self.out() == waits[awaited.name]

    def _open(self, table: Any) -> int:
        asked = (
            select(func.count()).select_from(table).where(table.c.case_id == self.case_id, table.c.closed_at.is_(None))
        )
        return self.db.scalar(asked) or 0


@pytest.fixture
def world(database: Database, office: SmallOffice, clock: Clock) -> Any:
    with database.writing() as db:
        yield _World(db, office, clock)


def test_what_was_swept_while_it_was_elsewhere_is_asked_again(world: _World) -> None:
    first = world.sends()
    assert first is not None
    world.move()
    assert world.sends() is None, "nothing awaits it any more, so it is over"
    world.back()
    again = world.sends()
    assert again is not None
    assert (again.key, again.given) == (first.key, {"parcel": "44"}), "the other side knows it for the same"
    assert answer_call(world.db, taken=again, answer=Answered(200, {}, b"{}", 3))
    world.must_wait()
    assert first_broken(world.db, every_head(world.db)) is None


def test_what_nobody_swept_goes_on_as_it_was(world: _World) -> None:
    world.move()
    world.back()
    assert world.db.scalar(select(func.count()).select_from(call_rows)) == 1
    world.must_wait()


_DEEDS: Final = st.lists(st.sampled_from(("move", "back", "sends", "answers")), min_size=1, max_size=9)


@given(_DEEDS)
@settings(max_examples=12, deadline=None, suppress_health_check=list(HealthCheck))
def _any_order(world: _World, deeds: list[str]) -> None:
    savepoint = world.db.begin_nested()
    try:
        _go_through(world, deeds)
    finally:
        savepoint.rollback()


def _go_through(world: _World, deeds: list[str]) -> None:
    elsewhere, answered = False, False
    for deed in deeds:
        if deed == "move" and not (elsewhere or answered):
            world.move()
            elsewhere = True
        elif deed == "back" and elsewhere:
            world.back()
            elsewhere = False
        elif deed in ("sends", "answers"):
            taken = world.sends()
            assert (taken is not None) == (not elsewhere and not answered)
            if taken is not None and deed == "answers":
                answered = answer_call(world.db, taken=taken, answer=Answered(200, {}, b"{}", 3))
        world.must_wait()


def test_in_whatever_order_a_case_is_moved_and_its_calls_are_swept(world: _World) -> None:
    _any_order(world)
