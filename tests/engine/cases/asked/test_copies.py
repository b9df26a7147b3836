"""A copy lets somebody see a case, and asks nothing of them."""

from __future__ import annotations

import pytest

from engine.base.database import Database
from engine.base.errors import NotFound
from engine.cases import acts as cases
from engine.cases import inbox
from engine.cases import rules as case_rules
from engine.cases.asked import acts, reads
from engine.cases.reads import case
from engine.records.verify import first_broken
from tests.builders import SmallOffice
from tests.engine.cases.asked.ground import at_decide, whom
from tests.worlds import every_head


def _send(database: Database, office: SmallOffice, case_id: int, *names: str, receipt: bytes | None = None) -> None:
    with database.writing() as db:
        acts.send_copy(
            db, by=office.actor(db, "wang"), case_id=case_id, number=2, whom=whom(office, *names),
            words="For your information", receipt=receipt,
        )  # fmt: skip


@pytest.fixture
def case_id(database: Database, office: SmallOffice) -> int:
    with database.writing() as db:
        return at_decide(db, office)


def test_whoever_was_sent_a_copy_sees_the_case_from_then_on(
    database: Database, office: SmallOffice, case_id: int
) -> None:
    with database.reading() as db, pytest.raises(NotFound):
        case(db, actor=office.actor(db, "guo"), case_id=case_id)
    _send(database, office, case_id, "guo", "@designer")
    with database.reading() as db:
        for login in ("guo", "he"):
            actor = office.actor(db, login)
            assert case(db, actor=actor, case_id=case_id).case_id == case_id
            (line,) = reads.copies_for(db, actor=actor)
            assert (line.words, line.read_at, line.sent_by.en) == ("For your information", None, "Wang Lei")
            assert reads.count_unread(db, actor=actor) == 1
            assert inbox.inbox(db, actor=actor) == (), "nothing is asked of them"
        assert reads.copies_for(db, actor=office.actor(db, "li")) == ()


def test_reading_is_noted_once_and_for_each_by_themselves_also_after_the_case_has_ended(
    database: Database, office: SmallOffice, case_id: int
) -> None:
    _send(database, office, case_id, "@clerk")
    with database.writing() as db:
        cases.complete_task(db, by=office.actor(db, "wang"), case_id=case_id, number=2, submitted={})
        done = cases.complete_task(db, by=office.actor(db, "li"), case_id=case_id, number=3, submitted={})
        assert done.ended
    for _ in range(2):
        with database.writing() as db:
            acts.read_copy(db, by=office.actor(db, "li"), case_id=case_id, number=1)
    with database.reading() as db:
        assert reads.count_unread(db, actor=office.actor(db, "li")) == 0
        assert reads.count_unread(db, actor=office.actor(db, "chen")) == 1
        assert reads.copies_for(db, actor=office.actor(db, "li"), unread=True) == ()
        record = case(db, actor=office.actor(db, "li"), case_id=case_id).record
        assert [one.act for one in record].count("read_copy") == 1
        assert first_broken(db, every_head(db)) is None
    with database.writing() as db, pytest.raises(NotFound):
        acts.read_copy(db, by=office.actor(db, "guo"), case_id=case_id, number=1)


def test_the_same_page_sent_twice_sends_one_copy(database: Database, office: SmallOffice, case_id: int) -> None:
    for _ in range(2):
        _send(database, office, case_id, "guo", receipt=b"c" * 16)
    with database.reading() as db:
        assert len(reads.copies_for(db, actor=office.actor(db, "guo"))) == 1


def test_a_step_can_be_without_copies(database: Database, office: SmallOffice) -> None:
    with database.writing() as db:
        case_id = at_decide(db, office, 'officium:without="copy sign"', prefix="WC")
    with pytest.raises(case_rules.MoveSwitchedOff):
        _send(database, office, case_id, "guo")
