"""An edition goes from draft to in force: by whom, in which order, and what is refused on the way."""

from __future__ import annotations

import threading
from collections.abc import Callable
from datetime import date

import pytest
from sqlalchemy import Connection, select, update
from sqlalchemy.exc import DBAPIError

from engine.base import clock as base_clock
from engine.base.database import Database
from engine.base.errors import NotAllowed, Refusal
from engine.cases import acts as cases
from engine.cases import reads as case_reads
from engine.cases.rules import BegunElsewhere, DecidedElsewhere, WrongPost
from engine.cases.standing import standing
from engine.cases.tables import tasks
from engine.control import acts, reads, rules
from engine.control.rules import Act
from engine.organisation import acts as organisation
from engine.organisation.reads import person
from engine.organisation.rules import Right
from engine.procedures import acts as procedures
from engine.procedures import rules as procedure_rules
from engine.procedures.rules import EditionState
from engine.procedures.tables import editions
from engine.records.verify import first_broken
from tests.builders import SmallOffice
from tests.conftest import Clock
from tests.diagram_text import TWO_DEPARTMENTS, TWO_DEPARTMENTS_BESIDE
from tests.engine.control.world import Reviewed, drafted, next_draft
from tests.worlds import approval_in_force, begun, every_head, in_force, next_edition, tasks_of


@pytest.fixture
def world(database: Database, office: SmallOffice) -> Reviewed:
    with database.writing() as db:
        return drafted(db, office)


def test_an_edition_goes_through_check_consents_and_approval_into_force(database: Database, world: Reviewed) -> None:
    with database.writing() as db:
        world.submitted(db)
        assert world.state(db) == EditionState.IN_REVIEW
        world.checked(db)
        world.consents(db)
        state = acts.approve(db, by=world.by(db, "zhou"), edition_id=world.edition_id, remarks="Good.")
        assert state == world.state(db) == EditionState.IN_FORCE
        page = world.page(db)
        (round_,) = page.rounds
        assert round_.outcome == "approved"
        assert round_.approval is not None
        assert round_.approval.person.en == "Zhou Hong"
        assert {one.department.en: one.agreed for one in round_.consents} == {"Bureau": True, "Review section": True}
        assert first_broken(db, every_head(db)) is None
        # What is left of the case: the copies are replaced, at the desk like any other task.
        assert "Replace the copies 发布与换版" in tasks_of(db, world.office, "li")


def test_the_tasks_of_a_review_stand_on_the_desks_of_their_posts(database: Database, world: Reviewed) -> None:
    with database.writing() as db:
        world.submitted(db)
        assert "Check the edition 质量审核" in tasks_of(db, world.office, "guo")
        world.checked(db)
        assert "Consent for the department 部门会签" in tasks_of(db, world.office, "sun")
        assert "Consent for the department 部门会签" in tasks_of(db, world.office, "zhou")
        assert "Consent for the department 部门会签" not in tasks_of(db, world.office, "he")
        world.consents(db)
        assert "Approve the edition 批准" in tasks_of(db, world.office, "zhou")


def test_each_consent_has_one_owning_post_in_the_department_it_speaks_for(database: Database, world: Reviewed) -> None:
    with database.writing() as db:
        case_id = world.submitted(db)
        world.checked(db)
        owned = db.execute(
            select(tasks.c.item, tasks.c.post_id, tasks.c.department_id).where(
                tasks.c.case_id == case_id, tasks.c.closed_at.is_(None)
            )
        ).all()
    office = world.office
    assert {tuple(row) for row in owned} == {
        ("director", office.posts["director"], office.departments["bureau"]),
        ("head", office.posts["head"], office.departments["review"]),
    }


def test_an_author_neither_checks_nor_consents_nor_approves(database: Database, office: SmallOffice) -> None:
    """He wrote in it and holds every post that decides, beside others."""
    with database.writing() as db:
        for post in ("administrator", "director", "head"):
            organisation.give_post(db, by=None, person_id=office.persons["he"], post_id=office.posts[post])
        world = drafted(db, office)
        world.submitted(db)
    he = world.by
    with database.writing() as db, pytest.raises(rules.AuthorDecides):
        acts.check(db, by=he(db, "he"), edition_id=world.edition_id)
    with database.writing() as db, pytest.raises(rules.AuthorDecides):
        acts.return_to_author(db, by=he(db, "he"), edition_id=world.edition_id, reasons="I changed my mind.")
    with database.writing() as db:
        world.checked(db)
    with database.writing() as db, pytest.raises(rules.AuthorDecides):
        acts.consent(db, by=he(db, "he"), edition_id=world.edition_id, agreed=True)
    with database.writing() as db:
        world.consents(db)
    with database.writing() as db, pytest.raises(rules.AuthorDecides):
        acts.approve(db, by=he(db, "he"), edition_id=world.edition_id)
    with database.reading() as db:
        assert [one.why is not None for one in world.page(db, "he").turns] == [True]
        assert [one.why for one in world.page(db, "zhou").turns] == [None]


def test_whoever_mapped_a_lane_has_written_in_the_edition_too(database: Database, world: Reviewed) -> None:
    with database.writing() as db:
        organisation.change_post(
            db, by=None, post_id=world.office.posts["administrator"], reports_to=None,
            rights={Right.ADMINISTER, Right.DESIGN},
        )  # fmt: skip
        mapped = {"lane:counter": world.office.posts["clerk"], "lane:bureau": world.office.posts["reviewer"]}
        procedures.map_owners(db, by=world.by(db, "guo"), edition_id=world.edition_id, mapped=mapped)
        world.submitted(db)
        assert {one.en for one in world.page(db).authors} == {"He Jun", "Guo Fang"}
    with database.writing() as db, pytest.raises(rules.AuthorDecides):
        world.checked(db)


def test_the_consent_of_another_department_is_refused(database: Database, world: Reviewed) -> None:
    with database.writing() as db:
        world.submitted(db)
        world.checked(db)
    for login in ("wang", "li", "he", "guo"):
        with database.writing() as db, pytest.raises(rules.NotYourDecision):
            acts.consent(db, by=world.by(db, login), edition_id=world.edition_id, agreed=True)
    with database.writing() as db:
        world.consents(db, "sun")
    with database.writing() as db, pytest.raises(rules.AlreadyDecided) as refused:
        acts.consent(db, by=world.by(db, "sun"), edition_id=world.edition_id, agreed=False, remarks="No.")
    assert refused.value.facts["person"].en == "Sun Wei"


def test_a_refusal_needs_reasons_asks_the_others_all_the_same_and_returns_the_edition(
    database: Database, world: Reviewed
) -> None:
    with database.writing() as db:
        world.submitted(db)
        world.checked(db)
    with database.writing() as db, pytest.raises(rules.ReasonsMissing):
        acts.consent(db, by=world.by(db, "sun"), edition_id=world.edition_id, agreed=False, remarks=" \n ")
    with database.writing() as db:
        acts.consent(db, by=world.by(db, "sun"), edition_id=world.edition_id, agreed=False, remarks="Too short.")
        assert world.state(db) == EditionState.IN_REVIEW
        world.consents(db, "zhou")
        assert world.state(db) == EditionState.DRAFT
        (round_,) = world.page(db).rounds
        assert round_.outcome == "returned"
        assert {one.remarks for one in round_.consents} == {"Too short.", ""}
        assert "Revise the edition 修改版本" in tasks_of(db, world.office, "he")


def test_what_was_returned_is_mended_and_submitted_again_in_the_same_case(database: Database, world: Reviewed) -> None:
    with database.writing() as db:
        first = world.submitted(db)
        acts.return_to_author(db, by=world.by(db, "guo"), edition_id=world.edition_id, reasons="Name the form.")
        assert world.state(db) == EditionState.DRAFT
        mapped = {"lane:counter": world.office.posts["reviewer"], "lane:bureau": world.office.posts["reviewer"]}
        procedures.map_owners(db, by=world.by(db, "he"), edition_id=world.edition_id, mapped=mapped)
        again = acts.submit_for_review(db, by=world.by(db, "he"), edition_id=world.edition_id, note="Named.")
        assert (again.case_id, again.round) == (first, 2)
        world.checked(db)
        assert [one.department.en for one in world.page(db).rounds[0].consents] == ["Review section"]
        world.consents(db, "sun")
        acts.approve(db, by=world.by(db, "zhou"), edition_id=world.edition_id)
        assert world.state(db) == EditionState.IN_FORCE
        assert [one.outcome for one in world.page(db).rounds] == ["approved", "returned"]


def test_a_lapsed_review_is_begun_anew(database: Database, world: Reviewed, clock: Clock) -> None:
    with database.writing() as db:
        first = world.submitted(db)
        acts.return_to_author(db, by=world.by(db, "guo"), edition_id=world.edition_id, reasons="Name the form.")
        clock.advance(days=31)
        ((token, _due),) = standing(db, case_id=first).timers
        assert cases.fire_timer(db, case_id=first, token=token)
        assert standing(db, case_id=first).ended
        assert world.submitted(db) != first
        assert world.state(db) == EditionState.IN_REVIEW


def test_a_draft_that_was_returned_may_be_given_up(database: Database, world: Reviewed) -> None:
    with database.writing() as db:
        case_id = world.submitted(db)
        acts.return_to_author(db, by=world.by(db, "guo"), edition_id=world.edition_id, reasons="Name the form.")
        acts.give_up(db, by=world.by(db, "he"), edition_id=world.edition_id)
        assert world.state(db) == EditionState.WITHDRAWN
        assert standing(db, case_id=case_id).ended


Attempt = Callable[[Connection, Reviewed], object]
CHANGES: dict[str, Attempt] = {
    "map owners": lambda db, one: procedures.map_owners(
        db, by=one.by(db, "he"), edition_id=one.edition_id, mapped={"lane:counter": one.office.posts["clerk"]}
    ),
    "ask instead": lambda db, one: procedures.ask_instead(db, by=one.by(db, "he"), edition_id=one.edition_id, flows=[]),
    "withdraw": lambda db, one: procedures.withdraw(db, by=one.by(db, "he"), edition_id=one.edition_id),
    "submit": lambda db, one: one.submitted(db),
    "put in force": lambda db, one: procedures.put_in_force(db, by=one.by(db, "he"), edition_id=one.edition_id),
}


@pytest.mark.parametrize("change", CHANGES)
@pytest.mark.parametrize("approved", [False, True])
def test_what_is_reviewed_and_approved_is_frozen(
    database: Database, world: Reviewed, change: str, approved: bool
) -> None:
    with database.writing() as db:
        world.to_approval(db)
        if approved:
            acts.approve(db, by=world.by(db, "zhou"), edition_id=world.edition_id, from_day=date(2026, 4, 1))
    with database.writing() as db, pytest.raises(procedure_rules.UnderReview):
        CHANGES[change](db, world)
    with database.writing() as db, pytest.raises(DBAPIError, match="no draft never changes"):
        db.execute(update(editions).where(editions.c.id == world.edition_id).values(source=b"<other/>"))


def test_designers_put_editions_in_force_only_until_approval_is_in_force(
    database: Database, office: SmallOffice
) -> None:
    with database.writing() as db:
        procedure_id = in_force(db, office)
        next_edition(db, office, procedure_id, TWO_DEPARTMENTS)
        approval_in_force(db, office)
        draft = next_draft(db, office, procedure_id)
    with database.writing() as db, pytest.raises(procedure_rules.ApprovalNeeded):
        procedures.put_in_force(db, by=office.actor(db, "he"), edition_id=draft)


def test_without_approval_nothing_is_submitted(database: Database, office: SmallOffice) -> None:
    with database.writing() as db:
        draft = next_draft(db, office, in_force(db, office))
    with database.writing() as db, pytest.raises(rules.NoApprovalHere):
        acts.submit_for_review(db, by=office.actor(db, "he"), edition_id=draft)


def test_approval_is_not_evaded_by_taking_its_procedure_out_of_force(database: Database, world: Reviewed) -> None:
    with database.writing() as db:
        approval_id = _approval_id(db, world)
    with database.writing() as db, pytest.raises(NotAllowed):
        procedures.take_out_of_force(db, by=world.by(db, "he"), procedure_id=approval_id)
    with database.writing() as db, pytest.raises(NotAllowed):
        procedures.take_out_of_force(db, by=world.by(db, "he"), procedure_id=world.procedure_id)
    with database.writing() as db:
        procedures.take_out_of_force(db, by=world.by(db, "zhou"), procedure_id=world.procedure_id)


def _approval_id(db: Connection, world: Reviewed) -> int:
    found: int = db.execute(
        select(editions.c.procedure_id).where(editions.c.process == procedure_rules.APPROVAL)
    ).scalar_one()
    return found


def test_a_faulty_edition_is_not_submitted(database: Database, world: Reviewed) -> None:
    broken = TWO_DEPARTMENTS.replace(b"grant = true", b"grant = = true (")
    with database.writing() as db:
        bad = next_draft(db, world.office, world.procedure_id, source=broken, beside=TWO_DEPARTMENTS_BESIDE)
    with database.writing() as db, pytest.raises(procedure_rules.KeptOutOfForce):
        acts.submit_for_review(db, by=world.by(db, "he"), edition_id=bad)
    with database.reading() as db:
        assert world.page(db).rounds == ()


def test_an_edition_without_posts_for_its_lanes_is_not_submitted(database: Database, world: Reviewed) -> None:
    with database.writing() as db:
        procedures.map_owners(db, by=world.by(db, "he"), edition_id=world.edition_id, mapped={})
    with database.writing() as db, pytest.raises(procedure_rules.OwnerMissing):
        world.submitted(db)


def test_a_department_for_which_only_the_author_could_speak_keeps_the_edition_from_being_submitted(
    database: Database, world: Reviewed
) -> None:
    office = world.office
    with database.writing() as db:
        (held,) = person(db, office.persons["sun"]).holdings
        organisation.end_holding(db, by=None, holding_id=held.holding_id, until_day=date(2026, 3, 1))
        organisation.give_post(db, by=None, person_id=office.persons["he"], post_id=office.posts["head"])
    with database.writing() as db, pytest.raises(rules.NobodyElse) as refused:
        world.submitted(db)
    assert refused.value.facts["post"].en == "Head of review"


def test_the_desk_does_not_decide(database: Database, world: Reviewed) -> None:
    with database.writing() as db:
        case_id = world.submitted(db)
        page = case_reads.task(db, actor=world.by(db, "guo"), case_id=case_id, number=1)
        assert page.decided_on == f"edition:{world.edition_id}"
    for subject in (None, "edition:999"):
        with database.writing() as db, pytest.raises(DecidedElsewhere):
            cases.complete_task(
                db, by=world.by(db, "guo"), case_id=case_id, number=1, submitted={"check": ["passed"]}, subject=subject
            )
    with database.reading() as db:
        assert world.state(db) == EditionState.IN_REVIEW


def test_the_message_that_an_edition_is_in_force_comes_from_nobody_else(database: Database, world: Reviewed) -> None:
    with database.writing() as db:
        case_id = world.to_approval(db)
        acts.approve(db, by=world.by(db, "zhou"), edition_id=world.edition_id, from_day=date(2026, 4, 1))
        ((token, _element),) = standing(db, case_id=case_id).awaited
    with database.writing() as db, pytest.raises(DecidedElsewhere):
        cases.deliver_message(db, by=world.by(db, "zhou"), case_id=case_id, token=token, note="It is.")


def test_a_case_of_approval_is_not_begun_at_the_desk(database: Database, world: Reviewed) -> None:
    with database.writing() as db, pytest.raises(BegunElsewhere):
        begun(db, world.office, _approval_id(db, world), by="he")


def test_only_designers_submit(database: Database, world: Reviewed) -> None:
    with database.writing() as db, pytest.raises(NotAllowed):
        acts.submit_for_review(db, by=world.by(db, "zhou"), edition_id=world.edition_id)


def test_nothing_is_decided_before_its_turn(database: Database, world: Reviewed) -> None:
    attempts: list[Attempt] = [
        lambda db, one: acts.consent(db, by=one.by(db, "sun"), edition_id=one.edition_id, agreed=True),
        lambda db, one: acts.approve(db, by=one.by(db, "zhou"), edition_id=one.edition_id),
    ]
    for attempt in attempts:
        with database.writing() as db, pytest.raises(rules.NotInReview):
            attempt(db, world)
    with database.writing() as db:
        world.submitted(db)
    for attempt in attempts:
        with database.writing() as db, pytest.raises(rules.NotItsTurn):
            attempt(db, world)


def test_approving_needs_the_right_besides_the_post(database: Database, world: Reviewed) -> None:
    with database.writing() as db:
        world.to_approval(db)
        organisation.change_post(
            db, by=None, post_id=world.office.posts["director"], reports_to=None, rights={Right.SUPERVISE}
        )
    with database.writing() as db, pytest.raises(NotAllowed):
        acts.approve(db, by=world.by(db, "zhou"), edition_id=world.edition_id)
    with database.writing() as db, pytest.raises(NotAllowed):
        acts.return_to_author(db, by=world.by(db, "zhou"), edition_id=world.edition_id, reasons="No.")


def test_an_approval_whose_approver_has_no_right_does_not_come_into_force(
    database: Database, office: SmallOffice
) -> None:
    owners = {
        "lane:lane_author": "designer", "lane:lane_quality": "administrator", "lane:lane_departments": "head",
        "lane:lane_approver": "designer", "lane:lane_documents": "clerk",
    }  # fmt: skip
    with database.writing() as db, pytest.raises(procedure_rules.ApproverWithoutRight):
        approval_in_force(db, office, owners=owners)


def test_two_who_approve_at_once_have_one_winner(database: Database, office: SmallOffice, clock: Clock) -> None:
    """And the loser is told who it was."""
    with database.writing() as db:
        organisation.give_post(db, by=None, person_id=office.persons["chen"], post_id=office.posts["director"])
        world = drafted(db, office)
        world.to_approval(db)
    told: list[object] = []
    ready = threading.Barrier(2)

    def approve(login: str) -> None:
        with base_clock.reading(clock.now):
            ready.wait()
            try:
                with database.writing() as db:
                    told.append(acts.approve(db, by=world.by(db, login), edition_id=world.edition_id))
            except Refusal as refusal:
                told.append(refusal)

    both = [threading.Thread(target=approve, args=(login,)) for login in ("zhou", "chen")]
    for one in both:
        one.start()
    for one in both:
        one.join(timeout=30)
    assert [one for one in told if not isinstance(one, Refusal)] == [EditionState.IN_FORCE]
    (loser,) = (one for one in told if isinstance(one, Refusal))
    assert isinstance(loser, rules.AlreadyDecided), loser
    with database.reading() as db:
        approved = world.page(db).rounds[0].approval
        assert approved is not None
        assert loser.facts["person"] == approved.person


def test_a_review_is_open_to_those_who_take_part_alone(database: Database, world: Reviewed) -> None:
    with database.writing() as db:
        world.submitted(db)
        for login in ("he", "guo", "zhou", "sun"):
            assert reads.review(db, actor=world.by(db, login), edition_id=world.edition_id).number == 2
        for login in ("li", "wang"):
            with pytest.raises(NotAllowed):
                reads.review(db, actor=world.by(db, login), edition_id=world.edition_id)


def test_the_page_says_what_waits_for_whom_and_why_not_for_others(database: Database, world: Reviewed) -> None:
    with database.writing() as db:
        world.submitted(db)
        (turn,) = world.page(db, "guo").turns
        assert (turn.act, turn.mine, turn.why, turn.post.en) == (Act.CHECK, True, None, "Administrator")
        (turn,) = world.page(db, "sun").turns
        assert turn.why is not None
        assert turn.why.en == (
            "“Check the edition 质量审核” is decided by the post “Administrator”, which you do not hold."
        )
        assert "管理员" in turn.why.zh


def test_a_task_claimed_by_a_colleague_is_not_decided_over_their_head(database: Database, office: SmallOffice) -> None:
    with database.writing() as db:
        organisation.give_post(db, by=None, person_id=office.persons["chen"], post_id=office.posts["administrator"])
        world = drafted(db, office)
        case_id = world.submitted(db)
        cases.claim(db, by=world.by(db, "chen"), case_id=case_id, number=1)
    with database.writing() as db, pytest.raises(Refusal) as refused:
        world.checked(db)
    assert "Chen Yan" in str(refused.value)
    assert not isinstance(refused.value, WrongPost)
