"""Whoever leaves leaves nothing behind that nobody can answer."""

from __future__ import annotations

from sqlalchemy import select

from engine.base.database import Database
from engine.cases import acts as cases
from engine.cases.asked import acts
from engine.cases.asked.rules import Outcome
from engine.cases.duties import acts as duties
from engine.cases.tables import tasks
from engine.notices.tables import notices
from engine.records.verify import first_broken
from tests.builders import SmallOffice
from tests.engine.cases.asked.ground import answer, at_decide, lines, whom
from tests.worlds import every_head


def _leaves(database: Database, office: SmallOffice, login: str, *, leaves: bool = True) -> int:
    with database.writing() as db:
        kept = duties.hand_over_work(
            db, by=office.actor(db, "guo"), person_id=office.persons[login], to={}, leaves=leaves
        )
        assert first_broken(db, every_head(db)) is None
        return kept.lapsed


def _on_desk(database: Database, office: SmallOffice, login: str) -> int:
    with database.reading() as db:
        mine = tasks.c.person_id == office.persons[login], tasks.c.closed_at.is_(None)
        return len(db.execute(select(tasks.c.number).where(*mine)).all())


def test_a_signature_of_somebody_who_leaves_lapses_and_the_next_signer_is_asked(
    database: Database, office: SmallOffice
) -> None:
    with database.writing() as db:
        case_id = at_decide(db, office)
        acts.add_signers(
            db, by=office.actor(db, "wang"), case_id=case_id, number=2, whom=whom(office, "chen", "sun"),
            words="Sign in turn", in_turn=True,
        )  # fmt: skip
        acts.consult(
            db, by=office.actor(db, "wang"), case_id=case_id, number=2, whom=whom(office, "chen"), words="And?"
        )
    assert _leaves(database, office, "chen") == 2
    assert _on_desk(database, office, "chen") == 0
    assert [one.outcome for one in lines(database, case_id)] == [Outcome.LEFT, None, Outcome.LEFT]
    with database.writing() as db:
        told = db.execute(select(notices.c.person_id, notices.c.kind).where(notices.c.kind == "asked_left")).all()
        assert {tuple(one) for one in told} == {(office.persons["wang"], "asked_left")}
        signing = db.execute(select(tasks.c.number).where(tasks.c.person_id == office.persons["sun"])).scalar_one()
        answer(db, office, "sun", case_id, signing, Outcome.SIGNED)
        cases.complete_task(db, by=office.actor(db, "wang"), case_id=case_id, number=2, submitted={})


def test_a_vote_goes_on_without_the_member_who_has_left(database: Database, office: SmallOffice) -> None:
    with database.writing() as db:
        case_id = at_decide(db, office, 'officium:committee="reviewer" officium:quorum="1/1"')
        acts.open_vote(db, by=office.actor(db, "wang"), case_id=case_id, number=2, question="Adopted?")
        mine = db.execute(select(tasks.c.number).where(tasks.c.person_id == office.persons["wang"])).scalar_one()
        acts.cast_vote(db, by=office.actor(db, "wang"), case_id=case_id, number=mine, outcome=Outcome.FOR, words="")
    assert _leaves(database, office, "zhao") == 1
    with database.writing() as db:
        assert acts.close_vote(db, by=office.actor(db, "wang"), case_id=case_id, number=2)


def test_whoever_only_hands_over_work_still_answers_what_was_asked_in_person(
    database: Database, office: SmallOffice
) -> None:
    with database.writing() as db:
        case_id = at_decide(db, office)
        acts.consult(
            db, by=office.actor(db, "wang"), case_id=case_id, number=2, whom=whom(office, "chen"), words="And?"
        )
    assert _leaves(database, office, "chen", leaves=False) == 0
    assert _on_desk(database, office, "chen") == 1
