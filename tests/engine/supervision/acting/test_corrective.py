"""A finding becomes a corrective action; its post carries it out; somebody else says whether it helped."""

from __future__ import annotations

from datetime import date, timedelta

import pytest
from sqlalchemy import Connection, select

from engine.base.database import Database
from engine.base.errors import NotFound
from engine.notices.tables import notices
from engine.organisation import acts as organisation
from engine.organisation.reads import today
from engine.records.verify import first_broken
from engine.supervision.acting.corrective import acts, reads, rules
from engine.supervision.acting.corrective.acts import Found
from engine.supervision.acting.corrective.reads import Which
from engine.supervision.acting.corrective.rules import State
from tests.builders import SmallOffice
from tests.conftest import Clock
from tests.worlds import every_head

FOUND = Found("Review: 34 waiting", "Two of three posts are vacant.", "Fill them; train one clerk of the counter.")
RECEIPT = b"sixteen bytes ab"


_IN_FIVE_DAYS = date(1, 1, 1)


def _open(
    db: Connection, office: SmallOffice, by: str = "sun", post: str = "reviewer",
    due_on: date | None = _IN_FIVE_DAYS, receipt: bytes | None = None,
) -> int:  # fmt: skip
    due = today(db) + timedelta(days=5) if due_on == _IN_FIVE_DAYS else due_on
    return acts.open_action(
        db, by=office.actor(db, by), found=FOUND, post_id=office.posts[post], due_on=due, receipt=receipt
    )


def _state(db: Connection, office: SmallOffice, made: int) -> State:
    return reads.action(db, actor=office.actor(db, "zhou"), action_id=made).line.state


def _told(db: Connection, office: SmallOffice, login: str) -> list[str]:
    mine = notices.c.person_id == office.persons[login]
    return list(db.scalars(select(notices.c.kind).where(mine).order_by(notices.c.id)))


def test_it_goes_from_finding_to_verified_and_everybody_concerned_is_told(
    database: Database, office: SmallOffice
) -> None:
    with database.writing() as db:
        made = _open(db, office)
        assert reads.action(db, actor=office.actor(db, "wang"), action_id=made).may_do
        acts.report_done(db, by=office.actor(db, "wang"), action_id=made, words="Both are filled.")
        assert _state(db, office, made) is State.DONE
        acts.verify_action(db, by=office.actor(db, "zhou"), action_id=made, effective=True, words="4 are waiting.")
        assert _state(db, office, made) is State.VERIFIED
        assert _told(db, office, "wang") == ["corrective_given", "corrective_verified"]
        assert _told(db, office, "sun") == ["corrective_done"]
        assert first_broken(db, every_head(db)) is None


def test_nobody_verifies_what_they_carried_out(database: Database, office: SmallOffice) -> None:
    with database.writing() as db:
        organisation.give_post(db, by=None, person_id=office.persons["sun"], post_id=office.posts["reviewer"])
        made = _open(db, office)
        acts.report_done(db, by=office.actor(db, "sun"), action_id=made, words="Done.")
        with pytest.raises(rules.OwnAction):
            acts.verify_action(db, by=office.actor(db, "sun"), action_id=made, effective=True, words="It is well.")
        acts.verify_action(db, by=office.actor(db, "zhou"), action_id=made, effective=True, words="It is well.")


def test_what_did_not_help_is_open_again(database: Database, office: SmallOffice) -> None:
    with database.writing() as db:
        made = _open(db, office)
        acts.report_done(db, by=office.actor(db, "wang"), action_id=made, words="Both are filled.")
        acts.verify_action(db, by=office.actor(db, "sun"), action_id=made, effective=False, words="30 are waiting.")
        page = reads.action(db, actor=office.actor(db, "zhao"), action_id=made)
        assert (page.line.state, page.line.rounds, page.may_do) == (State.OPEN, 1, True)
        assert _told(db, office, "zhao")[-1] == "corrective_again"


def test_who_may_not(database: Database, office: SmallOffice) -> None:
    with database.writing() as db:
        with pytest.raises(rules.PostUnfit):
            _open(db, office, post="clerk")
        made = _open(db, office)
        with pytest.raises(rules.NotYoursToCarryOut):
            acts.report_done(db, by=office.actor(db, "sun"), action_id=made, words="Done.")
        with pytest.raises(rules.NotYoursToVerify):
            acts.drop_action(db, by=office.actor(db, "wang"), action_id=made, reason="No.")
        with pytest.raises(rules.NotDone):
            acts.verify_action(db, by=office.actor(db, "sun"), action_id=made, effective=True, words="Well.")
        with pytest.raises(NotFound):
            reads.action(db, actor=office.actor(db, "li"), action_id=made)
        assert reads.action_list(db, actor=office.actor(db, "li")) == ()


def test_each_part_is_needed(database: Database, office: SmallOffice) -> None:
    for found, why in (
        (Found(" ", "cause", "measure"), rules.FindingMissing),
        (Found("finding", " ", "measure"), rules.CauseMissing),
        (Found("finding", "cause", ""), rules.MeasureMissing),
    ):
        with database.writing() as db, pytest.raises(why):
            acts.open_action(
                db, by=office.actor(db, "sun"), found=found, post_id=office.posts["reviewer"], due_on=today(db)
            )


def test_it_needs_a_day_that_can_be_kept(database: Database, office: SmallOffice) -> None:
    for due in (None, date(2020, 1, 1), date(2099, 1, 1)):
        with database.writing() as db, pytest.raises(rules.DueUnfit):
            _open(db, office, due_on=due)


def test_sent_twice_it_is_one(database: Database, office: SmallOffice) -> None:
    with database.writing() as db:
        assert _open(db, office, receipt=RECEIPT) == _open(db, office, receipt=RECEIPT)
        other = _open(db, office)
        lines = reads.action_list(db, actor=office.actor(db, "sun"))
        assert [one.number for one in lines] == [1, 2]
        acts.drop_action(db, by=office.actor(db, "sun"), action_id=other, reason="The same as the first.")
        assert reads.counts(db, actor=office.actor(db, "sun")) == {Which.OPEN: 1, Which.VERIFY: 0, Which.CLOSED: 1}


def test_past_its_day_it_is_told_once(database: Database, office: SmallOffice, clock: Clock) -> None:
    with database.writing() as db:
        made = _open(db, office)
        assert reads.due_actions(db, at=clock.now()) == ()
    clock.advance(days=6)
    with database.writing() as db:
        assert reads.due_actions(db, at=clock.now()) == (made,)
        assert acts.tell_late(db, action_id=made)
        assert not acts.tell_late(db, action_id=made)
        assert reads.due_actions(db, at=clock.now()) == ()
        assert _told(db, office, "zhao").count("corrective_late") == 1
        assert _told(db, office, "sun").count("corrective_late") == 1
        assert reads.action_list(db, actor=office.actor(db, "sun"))[0].late
