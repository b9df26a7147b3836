"""Messages: noted by hand, and sent from one pool to another and back."""

from __future__ import annotations

import threading
import time

import pytest
from sqlalchemy import Connection, func, select, text

from engine.base.database import Database
from engine.base.errors import NotAllowed
from engine.cases import acts, reads, rules
from engine.cases.tables import awaited, cases
from engine.records.verify import first_broken
from tests.builders import SmallOffice
from tests.conftest import Clock
from tests.engine.diagram.builders import catch, end, line, message, process, source, start, throw, user
from tests.worlds import begun, every_head, in_force

LETTER = source(
    start(),
    user("ask"),
    catch("letter", message("Answer")),
    user("read"),
    end(),
    line("s", "ask", "letter", "read", "e"),
)
TWO_POOLS = source(
    process(
        start(), user("ask"), throw("send", message("Request")), catch("wait", message("Reply")), user("close"), end(),
        line("s", "ask", "send", "wait", "close", "e"), id_="p",
    )
    + process(
        start("s2", message("Request")), user("answer"), end("e2", message("Reply")), line("s2", "answer", "e2"), id_="q"
    ),
)  # fmt: skip


def _complete(db: Connection, office: SmallOffice, login: str, case_id: int, number: int) -> acts.Completed:
    return acts.complete_task(db, by=office.actor(db, login), case_id=case_id, number=number, submitted={})


def _waiting(db: Connection, case_id: int) -> list[tuple[str, str]]:
    rows = db.execute(
        select(awaited.c.token, awaited.c.name).where(awaited.c.case_id == case_id, awaited.c.closed_at.is_(None))
    )
    return [(row.token, row.name) for row in rows]


@pytest.fixture
def case_id(database: Database, office: SmallOffice) -> int:
    """It waits for a letter."""
    with database.writing() as db:
        started = begun(db, office, in_force(db, office, LETTER, owners={"process:p": "clerk"})).case_id
        _complete(db, office, "li", started, 1)
        return started


def _open(db: Connection, office: SmallOffice, case_id: int) -> list[str]:
    return [one.element for one in reads.case(db, actor=office.actor(db, "zhou"), case_id=case_id).open_tasks]


@pytest.mark.parametrize("login", ["chen", "sun", "zhou"])
def test_whoever_works_or_supervises_there_notes_that_it_has_come(
    database: Database, office: SmallOffice, clock: Clock, case_id: int, login: str
) -> None:
    clock.advance(days=1)
    with database.writing() as db:
        ((token, name),) = _waiting(db, case_id)
        assert name == "Answer"
        acts.deliver_message(db, by=office.actor(db, login), case_id=case_id, token=token, note=" by telephone ")
    with database.reading() as db:
        assert _waiting(db, case_id) == []
        assert _open(db, office, case_id) == ["read"]
        last = reads.case(db, actor=office.actor(db, "zhou"), case_id=case_id).record[-1]
        assert (last.act, last.facts["note"], last.facts["element"]) == ("deliver_message", "by telephone", "letter")
        assert last.person is not None
        assert last.person.en == office.actor(db, login).name_en
        assert first_broken(db, every_head(db)) is None


@pytest.mark.parametrize("login", ["wang", "he", "guo"])
def test_nobody_else_says_what_came(database: Database, office: SmallOffice, case_id: int, login: str) -> None:
    with database.writing() as db:
        ((token, _name),) = _waiting(db, case_id)
        with pytest.raises(NotAllowed):
            acts.deliver_message(db, by=office.actor(db, login), case_id=case_id, token=token, note="x")
        assert _open(db, office, case_id) == []


@pytest.mark.parametrize("again", [True, False])
def test_what_is_not_awaited_cannot_come(database: Database, office: SmallOffice, case_id: int, again: bool) -> None:
    with database.writing() as db:
        ((token, _name),) = _waiting(db, case_id)
        if again:
            acts.deliver_message(db, by=office.actor(db, "li"), case_id=case_id, token=token, note="")
        with pytest.raises(rules.NotWaiting):
            acts.deliver_message(
                db, by=office.actor(db, "li"), case_id=case_id, token=token if again else "other", note=""
            )


def test_a_note_cannot_pretend_to_be_another_fact_of_the_record(
    database: Database, office: SmallOffice, case_id: int
) -> None:
    with database.writing() as db:
        ((token, _name),) = _waiting(db, case_id)
        acts.deliver_message(db, by=office.actor(db, "li"), case_id=case_id, token=token, note='", "element": "x')
        last = reads.case(db, actor=office.actor(db, "li"), case_id=case_id).record[-1]
        assert (last.facts["note"], last.facts["element"]) == ('", "element": "x', "letter")


def test_a_message_begins_a_linked_case_in_the_other_pool_and_its_reply_comes_back(
    database: Database, office: SmallOffice, clock: Clock
) -> None:
    with database.writing() as db:
        procedure_id = in_force(db, office, TWO_POOLS, owners={"process:p": "clerk", "process:q": "reviewer"}, main="p")
        asking = begun(db, office, procedure_id, matter="A bridge")
    clock.advance(hours=1)
    with database.writing() as db:
        _complete(db, office, "li", asking.case_id, 1)
    with database.reading() as db:
        answering = db.execute(select(cases).where(cases.c.parent == asking.case_id)).one()
        assert (answering.process, answering.matter, answering.started_by) == ("q", "A bridge", None)
        assert (asking.number, answering.number) == ("BP-2026-0001", "BP-2026-0002")
        assert _open(db, office, answering.id) == ["answer"]
        assert _open(db, office, asking.case_id) == []
        assert [name for _token, name in _waiting(db, asking.case_id)] == ["Reply"]
    clock.advance(hours=1)
    with database.writing() as db:
        assert _complete(db, office, "wang", answering.id, 1).ended
    with database.reading() as db:
        assert _open(db, office, asking.case_id) == ["close"]
        last = reads.case(db, actor=office.actor(db, "zhou"), case_id=asking.case_id).record[-1]
        assert (last.act, last.person, last.facts["message"]) == ("deliver_message", None, "Reply")
        assert first_broken(db, every_head(db)) is None


def test_a_reply_reaches_the_case_that_asked_and_no_other(database: Database, office: SmallOffice) -> None:
    with database.writing() as db:
        procedure_id = in_force(db, office, TWO_POOLS, owners={"process:p": "clerk", "process:q": "reviewer"}, main="p")
        first, second = (begun(db, office, procedure_id).case_id for _ in range(2))
        for one in (first, second):
            _complete(db, office, "li", one, 1)
        answering = db.execute(select(cases.c.id).where(cases.c.parent == second)).scalar_one()
        _complete(db, office, "wang", answering, 1)
        assert _open(db, office, first) == []
        assert _open(db, office, second) == ["close"]


TWO_REPLIES = source(
    process(
        start(), user("ask"), throw("one", message("Request")), throw("two", message("Second")),
        catch("wait", message("Reply")), user("close"), end(), line("s", "ask", "one", "two", "wait", "close", "e"),
        id_="p",
    )
    + process(
        start("s2", message("Request")), user("first"), end("e2", message("Reply")), line("s2", "first", "e2"), id_="q"
    )
    + process(
        start("s3", message("Second")), user("second"), end("e3", message("Reply")), line("s3", "second", "e3"), id_="r"
    ),
)  # fmt: skip


def _until_it_waits(database: Database) -> None:
    """The other transaction has seen the same wait, and stands behind this one. On SQLite it waits before it looks."""
    waits = text(
        "SELECT count(*) FROM pg_stat_activity WHERE datname = current_database() AND wait_event_type = 'Lock'"
    )
    for _ in range(0 if database.is_sqlite else 400):
        with database.reading() as db:
            if db.scalar(waits):
                return
        time.sleep(0.05)


def test_of_two_replies_at_once_both_completions_are_kept_and_one_reply_came_too_late(
    database: Database, office: SmallOffice
) -> None:
    owners = {"process:p": "clerk", "process:q": "reviewer", "process:r": "reviewer"}
    with database.writing() as db:
        asking = begun(db, office, in_force(db, office, TWO_REPLIES, owners=owners, main="p")).case_id
        _complete(db, office, "li", asking, 1)
        first, second = db.scalars(select(cases.c.id).where(cases.c.parent == asking).order_by(cases.c.id))
    done: list[bool] = []

    def complete_the_other() -> None:
        with database.writing() as db:
            done.append(_complete(db, office, "zhao", second, 1).ended)

    other = threading.Thread(target=complete_the_other)
    with database.writing() as db:
        assert _complete(db, office, "wang", first, 1).ended
        other.start()
        _until_it_waits(database)
    other.join(20)
    assert done == [True]
    with database.reading() as db:
        assert _open(db, office, asking) == ["close"]
        told = {one: reads.case(db, actor=office.actor(db, "zhou"), case_id=one).record for one in (first, second)}
        assert [one.act for one in told[first]][-1] == "complete_task"
        assert first_broken(db, every_head(db)) is None
        if not database.is_sqlite:  # there one waits for the other before it looks, and sends to nobody
            assert [one.act for one in told[second]][-1] == "message_late"
            assert told[second][-1].facts["note"] == "Reply"


def test_a_message_nobody_awaits_stays_in_the_record_of_the_case_that_sent_it(
    database: Database, office: SmallOffice
) -> None:
    shout = source(
        start(),
        user("one"),
        throw("call", message("Anybody")),
        user("two"),
        end(),
        line("s", "one", "call", "two", "e"),
    )
    with database.writing() as db:
        case_id = begun(db, office, in_force(db, office, shout, owners={"process:p": "clerk"})).case_id
        _complete(db, office, "li", case_id, 1)
        assert reads.case(db, actor=office.actor(db, "li"), case_id=case_id).record[-1].facts["sent"] == ["Anybody"]
        assert _open(db, office, case_id) == ["two"]
        assert db.scalar(select(func.count()).select_from(cases)) == 1
