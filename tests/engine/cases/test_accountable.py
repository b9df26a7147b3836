"""At every moment of an open case exactly one post is accountable for it, for a reason that can be told."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from random import Random
from typing import Final

from hypothesis import given
from hypothesis import strategies as st
from sqlalchemy import Connection

from engine.base.database import Database
from engine.cases import acts, reads
from engine.cases.accountable import Facts, Held, Lying, Verdict, Why, accountable_of
from engine.cases.duties.acts import hand_over_work
from engine.cases.handing.acts import accept_hand_over, return_hand_over
from engine.cases.handing.reads import Accountable, accountable
from engine.cases.rules import NO_DUE
from engine.organisation.absence.acts import plan_absence
from tests.builders import SmallOffice
from tests.conftest import Clock
from tests.counting import counting
from tests.diagram_text import END, START, lanes, process, step, way
from tests.engine.diagram.builders import catch, end, line, source, start, timer, user
from tests.worlds import begun, in_force
from web.working.rounds import tick

OWNER: Final = Held(99)
NOW: Final = datetime(2026, 3, 2, 9, tzinfo=UTC)

_held = st.builds(Held, st.integers(1, 9), st.none() | st.integers(1, 9))
_moment = st.integers(0, 5).map(lambda days: NOW + timedelta(days=days))
_lying = st.builds(
    Lying, st.integers(1, 40), _held, _moment | st.just(NO_DUE), _moment, st.none() | _held, st.booleans()
)
_facts = st.builds(
    Facts,
    st.just(OWNER),
    st.none() | _held,
    st.booleans(),
    st.lists(_lying, max_size=4, unique_by=lambda one: one.number).map(tuple),
    st.none() | _held,
)


@given(_facts, st.randoms(use_true_random=False))
def test_it_is_one_post_that_the_facts_name_whatever_order_they_come_in(facts: Facts, chance: Random) -> None:
    verdict = accountable_of(facts)
    named = [OWNER, facts.suspended_by, facts.last, *(one.holder for one in facts.steps)]
    assert verdict.held in [*named, *(one.sender for one in facts.steps)]
    mixed = list(facts.steps)
    chance.shuffle(mixed)
    assert accountable_of(Facts(OWNER, facts.suspended_by, facts.has_incident, tuple(mixed), facts.last)) == verdict


@given(_facts)
def test_every_other_open_step_assists_and_none_does_twice(facts: Facts) -> None:
    verdict = accountable_of(facts)
    numbers = [one.number for one in facts.steps]
    told = [*verdict.assisting, *([verdict.step] if verdict.step is not None else [])]
    assert sorted(told) == sorted(numbers)


def _lies(number: int, post: int, due: int | None = None, **more: object) -> Lying:
    at = NO_DUE if due is None else NOW + timedelta(days=due)
    return Lying(number, Held(post), at, NOW + timedelta(hours=number), **more)  # type: ignore[arg-type]


def test_one_open_step_is_its_own_posts() -> None:
    assert accountable_of(Facts(OWNER, steps=(_lies(3, 7),))) == Verdict(Held(7), Why.STEP, 3)


def test_of_several_the_one_that_is_due_first_leads_and_of_those_the_oldest() -> None:
    steps = (_lies(1, 7), _lies(2, 8, due=4), _lies(3, 6, due=2))
    assert accountable_of(Facts(OWNER, steps=steps)) == Verdict(Held(6), Why.LEAD, 3, (2, 1))
    assert accountable_of(Facts(OWNER, steps=(_lies(5, 1), _lies(4, 2)))).step == 4


def test_in_transit_it_is_the_senders_until_it_is_accepted_or_silence_was_told_of() -> None:
    sender = Held(2, 5)
    assert accountable_of(Facts(OWNER, steps=(_lies(1, 7, sender=sender),))) == Verdict(sender, Why.SENT, 1)
    told = _lies(1, 7, sender=sender, silent=True)
    assert accountable_of(Facts(OWNER, steps=(told,))) == Verdict(Held(7), Why.SILENT, 1)


def test_what_rests_is_whoevers_suspended_it_and_what_went_wrong_the_owners() -> None:
    steps = (_lies(1, 7),)
    assert accountable_of(Facts(OWNER, Held(4), True, steps)) == Verdict(Held(4), Why.SUSPENDED, None, (1,))
    assert accountable_of(Facts(OWNER, None, True, steps)) == Verdict(OWNER, Why.INCIDENT, None, (1,))


def test_while_only_time_is_waited_for_it_stays_with_whoever_did_the_last_step() -> None:
    assert accountable_of(Facts(OWNER, last=Held(3, 1))) == Verdict(Held(3, 1), Why.WAITS)
    assert accountable_of(Facts(OWNER)) == Verdict(OWNER, Why.OWNER)


# asked of a case

SPLIT = process(
    lanes(counter=("start", "ask", "split", "keep", "join", "end"), bureau=("answer",))
    + START + step("ask") + '<parallelGateway id="split"/><parallelGateway id="join"/>'
    + step("keep", attributes='officium:standardTime="P5D"') + step("answer", attributes='officium:standardTime="P2D"')
    + END + way("start", "ask", "split", "keep", "join", "end") + way("split", "answer", "join")
)  # fmt: skip


def _open(db: Connection, office: SmallOffice, case_id: int) -> dict[str, int]:
    page = reads.case(db, actor=office.actor(db, "zhou"), case_id=case_id)
    return {one.element: one.number for one in page.open_tasks}


def _told(database: Database, case_id: int) -> Accountable:
    with database.reading() as db:
        found = accountable(db, case_id)
    assert found is not None
    return found


def test_it_follows_the_case_from_beginning_to_end(database: Database, office: SmallOffice, clock: Clock) -> None:
    with database.writing() as db:
        case_id = begun(db, office, in_force(db, office, SPLIT)).case_id
    one = _told(database, case_id)
    assert (one.post.en, one.department.en, one.person, one.why) == ("Counter clerk", "Service counter", None, Why.STEP)
    with database.writing() as db:
        acts.claim(db, by=office.actor(db, "li"), case_id=case_id, number=1)
    person = _told(database, case_id).person
    assert person is not None
    assert person.en == "Li Ming"
    with database.writing() as db:
        acts.complete_task(db, by=office.actor(db, "li"), case_id=case_id, number=1, submitted={})
        numbers = _open(db, office, case_id)
    one = _told(database, case_id)
    assert (one.post.en, one.person, one.why, one.step) == ("Counter clerk", person, Why.SENT, "Answer")
    with database.writing() as db:
        accept_hand_over(db, by=office.actor(db, "wang"), case_id=case_id, number=numbers["answer"])
    one = _told(database, case_id)
    assert (one.post.en, one.person, one.why) == ("Reviewer", None, Why.LEAD)
    assert [post.en for post in one.assisting] == ["Counter clerk"]
    with database.writing() as db:
        acts.complete_task(db, by=office.actor(db, "wang"), case_id=case_id, number=numbers["answer"], submitted={})
    assert (_told(database, case_id).post.en, _told(database, case_id).why) == ("Counter clerk", Why.STEP)
    with database.writing() as db:
        acts.complete_task(db, by=office.actor(db, "li"), case_id=case_id, number=numbers["keep"], submitted={})
        assert accountable(db, case_id) is None, "nothing is to be done any more"
        assert accountable(db, 12345) is None


def test_after_silence_it_is_the_receivers_and_after_a_return_the_senders(
    database: Database, office: SmallOffice, clock: Clock
) -> None:
    with database.writing() as db:
        case_id = begun(db, office, in_force(db, office, SPLIT)).case_id
        acts.complete_task(db, by=office.actor(db, "li"), case_id=case_id, number=1, submitted={})
        numbers = _open(db, office, case_id)
    clock.advance(days=1, hours=8)  # the end of business of the next working day
    tick(database)
    assert (_told(database, case_id).post.en, _told(database, case_id).why) == ("Reviewer", Why.SILENT)
    with database.writing() as db:
        by = office.actor(db, "wang")
        return_hand_over(db, by=by, case_id=case_id, number=numbers["answer"], reason="Not ours.")
    one = _told(database, case_id)
    assert (one.post_id, one.person_id, one.why) == (office.posts["clerk"], office.persons["li"], Why.STEP)


def test_while_a_case_rests_it_is_whoevers_suspended_it(database: Database, office: SmallOffice) -> None:
    with database.writing() as db:
        case_id = begun(db, office, in_force(db, office, SPLIT)).case_id
        acts.suspend(db, by=office.actor(db, "zhou"), case_id=case_id, ground=1, words="A paper is missing.")
    one = _told(database, case_id)
    assert (one.post_id, one.person_id, one.why) == (office.posts["director"], office.persons["zhou"], Why.SUSPENDED)
    with database.writing() as db:
        acts.resume(db, by=office.actor(db, "zhou"), case_id=case_id)
        acts.claim(db, by=office.actor(db, "li"), case_id=case_id, number=1)
        acts.suspend(db, by=office.actor(db, "li"), case_id=case_id, ground=1, words="A paper is missing.")
    assert _told(database, case_id).post_id == office.posts["clerk"]


def test_while_only_a_timer_is_waited_for_it_is_the_last_steps_and_before_any_step_the_owners(
    database: Database, office: SmallOffice, clock: Clock
) -> None:
    late = source(
        start(), catch("rest", timer("P1D")), user("work"), catch("again", timer("P1D")), end(),
        line("s", "rest", "work", "again", "e"),
    )  # fmt: skip
    with database.writing() as db:
        procedure_id = in_force(db, office, late, owners={"process:p": "clerk"})
        case_id = begun(db, office, procedure_id).case_id
    one = _told(database, case_id)
    assert (one.post_id, one.why) == (office.posts["head"], Why.OWNER), "who supervises the procedure's department"
    clock.advance(days=1)
    tick(database)
    with database.writing() as db:
        acts.complete_task(db, by=office.actor(db, "chen"), case_id=case_id, number=1, submitted={})
    one = _told(database, case_id)
    assert (one.post_id, one.person_id, one.why) == (office.posts["clerk"], office.persons["chen"], Why.WAITS)


def test_the_page_asks_one_statement_for_it_while_a_step_is_open(database: Database, office: SmallOffice) -> None:
    with database.writing() as db:
        case_id = begun(db, office, in_force(db, office, SPLIT)).case_id
    _told(database, case_id)
    with counting(database) as counted:
        _told(database, case_id)
    assert len(counted.statements) == 1, counted.statements


def test_who_stands_in_for_an_absent_person_is_named_with_them_and_that_nobody_does(
    database: Database, office: SmallOffice, clock: Clock
) -> None:
    day = clock.now().date()
    with database.writing() as db:
        case_id = begun(db, office, in_force(db, office, SPLIT)).case_id
        acts.claim(db, by=office.actor(db, "li"), case_id=case_id, number=1)
        plan_absence(
            db, by=office.actor(db, "li"), person_id=office.persons["li"], deputy_id=office.persons["chen"],
            from_day=day + timedelta(days=1), until_day=day + timedelta(days=3),
        )  # fmt: skip
    assert _told(database, case_id).stood_in_by == ()
    clock.advance(days=2)
    assert [one.en for one in _told(database, case_id).stood_in_by] == ["Chen Yan"]
    assert _told(database, case_id).alone_until is None
    with database.writing() as db:
        hand_over_work(db, by=office.actor(db, "guo"), person_id=office.persons["chen"], to={}, leaves=False)
    assert _told(database, case_id).stood_in_by == ()
    assert _told(database, case_id).alone_until == day + timedelta(days=3)
    clock.advance(days=2)
    assert _told(database, case_id).alone_until is None
