"""Cards are answered by whom they went to, lifted by the supervision office, and their rules change by version."""

from __future__ import annotations

from dataclasses import replace

import pytest
from sqlalchemy import select, update

from engine.base.database import Database
from engine.base.errors import NotAllowed, NotFound
from engine.base.text import Name
from engine.cases import acts as case_acts
from engine.cases.tables import marks
from engine.notices.tables import notices
from engine.organisation import acts as organisation
from engine.organisation.absence.acts import plan_absence
from engine.organisation.reads import today
from engine.organisation.rules import Right
from engine.organisation.tables import holdings
from engine.records.verify import first_broken
from engine.supervision.cards import acts, door, reads, rules
from engine.supervision.cards.facts import Subject
from engine.supervision.cards.kinds import Kind
from engine.supervision.cards.line import line_above, reached
from engine.supervision.cards.reads import State, Which
from engine.supervision.cards.rules import Rule
from engine.supervision.cards.tables import cards
from engine.supervision.cards.trying import try_out
from tests.builders import SmallOffice
from tests.conftest import BEGINNING, Clock
from tests.engine.supervision.cards.scene import case_of, given, look, staffed
from tests.worlds import every_head


@pytest.fixture
def card_id(database: Database, office: SmallOffice, clock: Clock) -> int:
    """Li has claimed the step, begun it after four days, and is late with it."""
    with database.writing() as db:
        staffed(db, office)
        case_id = case_of(db, office)
        case_acts.claim(db, by=office.actor(db, "li"), case_id=case_id, number=1)
    clock.advance(days=4)
    with database.writing() as db:
        case_acts.begin_work(db, by=office.actor(db, "li"), case_id=case_id, number=1)
    clock.advance(days=4)
    look(database)
    with database.reading() as db:
        return int(db.scalar(select(cards.c.id).where(cards.c.rule == "step_late")) or 0)


def test_the_addressee_answers_once(database: Database, office: SmallOffice, card_id: int) -> None:
    with database.writing() as db:
        with pytest.raises(rules.AnswerWordsMissing):
            acts.answer_card(db, by=office.actor(db, "li"), card_id=card_id, words="  ")
        with pytest.raises(rules.NotYoursToAnswer):
            acts.answer_card(db, by=office.actor(db, "wang"), card_id=card_id, words="Not mine.")
        acts.answer_card(db, by=office.actor(db, "chen"), card_id=card_id, words="The surveyor was ill.")
        with pytest.raises(rules.CardAnswered):
            acts.answer_card(db, by=office.actor(db, "li"), card_id=card_id, words="Again.")
        page = reads.card(db, actor=office.actor(db, "li"), card_id=card_id)
        assert (page.answer, page.line.state) == ("The surveyor was ill.", State.ANSWERED)
        told = set(db.scalars(select(notices.c.person_id).where(notices.c.kind == "card_answered")))
        assert told == {office.persons["zhou"]}, "the post above"
        assert first_broken(db, every_head(db)) is None


def test_whoever_stands_in_answers_for_them(database: Database, office: SmallOffice, card_id: int) -> None:
    with database.writing() as db:
        on = today(db)
        plan_absence(
            db, by=office.actor(db, "li"), person_id=office.persons["li"], deputy_id=office.persons["wang"],
            from_day=on, until_day=on,
        )  # fmt: skip
        acts.answer_card(db, by=office.actor(db, "wang"), card_id=card_id, words="She is away.")


def test_the_supervision_office_lifts_with_a_reason_and_it_counts_no_longer(
    database: Database, office: SmallOffice, card_id: int
) -> None:
    with database.writing() as db:
        qin = office.actor(db, "qin")
        with pytest.raises(rules.LiftReasonMissing):
            acts.lift_card(db, by=qin, card_id=card_id, words="")
        with pytest.raises(NotAllowed):
            acts.lift_card(db, by=office.actor(db, "zhou"), card_id=card_id, words="My own people.")
        acts.lift_card(db, by=qin, card_id=card_id, words="The register was down.")
        with pytest.raises(rules.CardLifted):
            acts.lift_card(db, by=qin, card_id=card_id, words="Once more.")
        with pytest.raises(rules.CardLifted):
            acts.answer_card(db, by=office.actor(db, "li"), card_id=card_id, words="Late.")
        assert db.scalar(select(cards.c.id).where(cards.c.lifted_at.is_not(None))) == card_id
        assert Kind.RED not in {
            Kind(one.kind) for one in reads.card_list(db, actor=qin, which=Which.ALL, state=State.OPEN)
        }
        assert 21 not in set(db.scalars(select(marks.c.kind))), "it stands in no list any more"
        (figure,) = reads.figures(db, actor=qin, since=BEGINNING)
        assert (figure.red, figure.lifted) == (0, 1)
        assert first_broken(db, every_head(db)) is None
    look(database)
    assert given(database).count("step_late") == 1, "what was lifted is not given again"


def test_nobody_lifts_a_card_of_their_own_post_or_of_one_below_it(
    database: Database, office: SmallOffice, card_id: int
) -> None:
    with database.writing() as db:
        for post in ("clerk", "director"):
            organisation.change_post(
                db, by=None, post_id=office.posts[post],
                reports_to=None if post == "director" else office.posts["director"], rights={Right.INSPECT},
            )  # fmt: skip
        for login in ("li", "zhou"):
            with pytest.raises(rules.OwnCard):
                acts.lift_card(db, by=office.actor(db, login), card_id=card_id, words="It was nothing.")


def test_an_escalation_is_answered_by_whom_it_reached_and_never_lifted(
    database: Database, office: SmallOffice, card_id: int
) -> None:
    with database.writing() as db:
        up = int(db.scalar(select(cards.c.id).where(cards.c.rule == "late_up_1")) or 0)
        with pytest.raises(rules.NotLifted):
            acts.lift_card(db, by=office.actor(db, "qin"), card_id=up, words="No.")
        with pytest.raises(rules.NotYoursToAnswer):
            acts.answer_card(db, by=office.actor(db, "li"), card_id=up, words="Mine.")
        page = reads.card(db, actor=office.actor(db, "zhou"), card_id=up)
        assert page.line.to_answer
        assert [one.what for one in page.done] == ["opened", "claimed", "begun", "red"]
        acts.answer_card(db, by=office.actor(db, "zhou"), card_id=up, words="Chen takes it over today.")


def test_who_sees_which_cards(database: Database, office: SmallOffice, card_id: int) -> None:
    with database.reading() as db:

        def of(login: str, which: Which) -> int:
            return len(reads.card_list(db, actor=office.actor(db, login), which=which))

        assert of("li", Which.MINE) == 1
        assert of("zhou", Which.MINE) == 1, "what was sent up to her"
        assert of("zhou", Which.DEPARTMENTS) == 2
        assert of("sun", Which.DEPARTMENTS) == 0, "another section"
        assert of("qin", Which.ALL) == 2
        assert of("wang", Which.ALL) == 0
        with pytest.raises(NotFound):
            reads.card(db, actor=office.actor(db, "wang"), card_id=card_id)
        assert door.at_the_door(db, actor=office.actor(db, "li")) == 1
        assert door.at_the_door(db, actor=office.actor(db, "zhou")) == 1
        assert door.at_the_door(db, actor=office.actor(db, "wang")) == 0
        department = office.departments["counter"]
        since = BEGINNING
        assert (
            reads.figures_of_persons(db, actor=office.actor(db, "sun"), department_id=department, since=since) is None
        )
        persons = reads.figures_of_persons(db, actor=office.actor(db, "qin"), department_id=department, since=since)
        assert persons is not None
        assert [(one.id, one.red) for one in persons] == [(office.persons["li"], 1)]


def test_the_line_of_posts_passes_over_vacant_ones_by_the_organisation_of_the_day(
    database: Database, office: SmallOffice, clock: Clock
) -> None:
    with database.writing() as db:
        assert line_above(db, office.posts["reviewer"]) == (office.posts["head"], office.posts["director"])
        db.execute(update(holdings).where(holdings.c.post_id == office.posts["head"]).values(until_day=today(db)))
    clock.advance(days=1)
    with database.reading() as db:
        above = line_above(db, office.posts["reviewer"])
        assert above == (office.posts["director"],)
        assert [reached(above, level) for level in (1, 2, 3)] == [office.posts["director"]] * 3, "the line ends there"
        assert reached(line_above(db, office.posts["director"]), 1) is None


def test_a_vacant_superior_is_passed_over_and_an_absent_ones_deputy_is_told(
    database: Database, office: SmallOffice, clock: Clock
) -> None:
    with database.writing() as db:
        case_id = case_of(db, office)
        case_acts.complete_task(db, by=office.actor(db, "li"), case_id=case_id, number=1, submitted={})
        case_acts.claim(db, by=office.actor(db, "wang"), case_id=case_id, number=2)
        db.execute(update(holdings).where(holdings.c.post_id == office.posts["head"]).values(until_day=today(db)))
    clock.advance(days=8)
    with database.writing() as db:
        on = today(db)
        plan_absence(
            db, by=office.actor(db, "zhou"), person_id=office.persons["zhou"], deputy_id=office.persons["chen"],
            from_day=on, until_day=on,
        )  # fmt: skip
    look(database)
    with database.reading() as db:
        row = db.execute(select(cards).where(cards.c.rule == "late_up_1")).one()
        assert (row.post_id, row.superior_id) == (office.posts["reviewer"], office.posts["director"])
        told = set(db.scalars(select(notices.c.person_id).where(notices.c.kind == "sent_up")))
        assert told == {office.persons["zhou"], office.persons["chen"]}


# The table of rules.

NEW = Rule("", Name("Waits unclaimed", "无人认领"), Subject.STEP, Kind.YELLOW, "step.unclaimed_days >= 1")


def test_a_saved_table_is_a_new_version_by_which_every_case_is_looked_at(
    database: Database, office: SmallOffice, clock: Clock
) -> None:
    with database.writing() as db:
        qin = staffed(db, office)
        case_of(db, office)
    look(database)
    clock.advance(days=1)
    look(database)
    assert given(database) == []
    with database.writing() as db:
        before = reads.table_in_use(db)
        tried = try_out(db, actor=qin, table=[NEW], now=clock.now())
        assert (tried.times, tried.cases, tried.open) == ((1,), 1, 1)
        version = acts.save_rules(db, by=qin, table=[*before.rules, NEW], why="Trays were overlooked.", base=1)
        assert version == 2
        with pytest.raises(rules.SavedMeanwhile):
            acts.save_rules(db, by=qin, table=[NEW], why="The older page.", base=1)
    look(database)
    assert given(database) == ["waits_unclaimed"]
    with database.writing() as db:
        changed = [one if one.name.en != NEW.name.en else replace(one, condition="step.unclaimed_days >= 2")
                   for one in reads.table_in_use(db).rules]  # fmt: skip
        acts.save_rules(db, by=qin, table=changed, why="One day is too early.", base=2)
        with pytest.raises(rules.NothingChanged):
            acts.save_rules(db, by=qin, table=reads.table_in_use(db).rules, why="Nothing.", base=3)
        kept = reads.versions(db, actor=qin)
        assert [(one.version, one.why) for one in kept] == [
            (3, "One day is too early."), (2, "Trays were overlooked."), (1, ""),
        ]  # fmt: skip
        (change,) = reads.changed_in(kept)[3]
        assert change.before is not None
        assert change.after is not None
        assert (change.before.condition, change.after.condition) == (
            "step.unclaimed_days >= 1",
            "step.unclaimed_days >= 2",
        )
        assert db.scalar(select(cards.c.version)) == 2, "a card keeps the version that gave it"
        assert first_broken(db, every_head(db)) is None


def test_only_the_supervision_office_changes_or_tries_rules(
    database: Database, office: SmallOffice, clock: Clock
) -> None:
    with database.writing() as db:
        for login in ("zhou", "guo", "he"):
            by = office.actor(db, login)
            with pytest.raises(NotAllowed):
                acts.save_rules(db, by=by, table=[NEW], why="Mine.", base=1)
            with pytest.raises(NotAllowed):
                try_out(db, actor=by, table=[NEW], now=clock.now())
            with pytest.raises(NotAllowed):
                reads.versions(db, actor=by)
