"""A supervisor acts on many tasks at once: each is done or says why not, once, and it stands on the record."""

from __future__ import annotations

import pytest
from sqlalchemy import Connection, event, func, select

from engine.base.database import Database
from engine.base.errors import NotAllowed, Refusal
from engine.cases import acts as case_acts
from engine.cases import inbox, moves, reads
from engine.cases.inbox import Which
from engine.cases.rules import Mark, Order
from engine.cases.tables import hand_overs, incidents, task_events, tasks
from engine.cases.tables_of_order import task_order
from engine.notices.tables import notices
from engine.organisation.absence.acts import plan_absence
from engine.records.verify import first_broken
from engine.supervision.acting import rules, together
from engine.supervision.acting.acts import lend
from engine.supervision.acting.reads import receivers
from engine.supervision.acting.rules import Act, Outcome
from engine.supervision.acting.together import Wish
from engine.supervision.figures.now import steps_now
from engine.supervision.figures.rules import Scope
from tests.builders import SmallOffice
from tests.conftest import Clock
from tests.diagram_text import END, START, lanes, process, step, way
from tests.worlds import begun, every_head, in_force

ACROSS = process(
    lanes(counter=("start", "ask", "end"), bureau=("answer",))
    + START + step("ask", "Ask") + step("answer", "Answer", 'officium:acceptWithin="P2D"') + END
    + way("start", "ask", "answer", "end")
)  # fmt: skip
WHY = "The queue is too long."
RECEIPT = b"sixteen bytes ab"


@pytest.fixture
def cases(database: Database, office: SmallOffice, clock: Clock) -> list[int]:
    with database.writing() as db:
        procedure_id = in_force(db, office, ACROSS)
        return [begun(db, office, procedure_id, matter=f"House {number}").case_id for number in range(4)]


def _act(
    database: Database, office: SmallOffice, login: str, chosen: list[tuple[int, int]], wish: Wish
) -> tuple[Outcome, ...]:
    with database.writing() as db:
        return together.act_on(db, by=office.actor(db, login), chosen=chosen, wish=wish)


def _holders(db: Connection, cases: list[int]) -> list[int | None]:
    rows = db.execute(select(tasks.c.person_id).where(tasks.c.case_id.in_(cases)).order_by(tasks.c.case_id))
    return [row.person_id for row in rows]


def _last_act(db: Connection, office: SmallOffice, case_id: int) -> str:
    return reads.case(db, actor=office.actor(db, "zhou"), case_id=case_id).record[-1].act


def test_four_tasks_go_to_a_colleague_and_each_case_says_so(
    database: Database, office: SmallOffice, cases: list[int]
) -> None:
    wish = Wish(Act.REASSIGN, WHY, to_person=office.persons["chen"])
    outcomes = _act(database, office, "zhou", [(one, 1) for one in cases], wish)
    assert [one.why for one in outcomes] == [None] * 4
    with database.reading() as db:
        assert _holders(db, cases) == [office.persons["chen"]] * 4
        assert {_last_act(db, office, one) for one in cases} == {"transfer"}
        assert first_broken(db, every_head(db)) is None


def test_whoever_names_a_colleague_for_what_was_handed_over_accepts_it(
    database: Database, office: SmallOffice, cases: list[int], clock: Clock
) -> None:
    """Else it would wait to be accepted still, and the queue would not ease."""
    with database.writing() as db:
        for one in cases:
            case_acts.complete_task(db, by=office.actor(db, "li"), case_id=one, number=1, submitted={})
    wish = Wish(Act.REASSIGN, WHY, to_person=office.persons["wang"], receipt=RECEIPT)
    for _pressed_twice in range(2):
        outcomes = _act(database, office, "zhou", [(one, 2) for one in cases], wish)
        assert [one.why for one in outcomes] == [None] * 4
    with database.reading() as db:
        today = clock.now().date()
        found = steps_now(db, actor=office.actor(db, "zhou"), scope=Scope(today, today), now=clock.now())
        assert [(one.handed, one.waiting, one.working) for one in found] == [(0, 0, 4)]
        assert set(db.scalars(select(hand_overs.c.accepted_by))) == {office.persons["zhou"]}
        record = [one.act for one in reads.case(db, actor=office.actor(db, "zhou"), case_id=cases[0]).record]
        assert record[-2:] == ["accept_on_behalf", "transfer"]
        assert first_broken(db, every_head(db)) is None


def test_what_is_refused_to_one_keeps_none_of_the_others(
    database: Database, office: SmallOffice, cases: list[int]
) -> None:
    with database.writing() as db:
        case_acts.claim(db, by=office.actor(db, "chen"), case_id=cases[1], number=1)
    wish = Wish(Act.REASSIGN, WHY, to_person=office.persons["chen"])
    outcomes = _act(database, office, "zhou", [(one, 1) for one in cases], wish)
    refused = {one.case_id: type(one.why) for one in outcomes if one.why is not None}
    assert refused == {cases[1]: moves.OwnAlready}
    with database.reading() as db:
        assert _holders(db, cases) == [office.persons["chen"]] * 4


def test_whoever_holds_no_post_of_that_department_is_given_nothing(
    database: Database, office: SmallOffice, cases: list[int]
) -> None:
    (outcome,) = _act(
        database, office, "zhou", [(cases[0], 1)], Wish(Act.REASSIGN, WHY, to_person=office.persons["wang"])
    )
    assert isinstance(outcome.why, moves.NotOfThePost)


def test_a_form_that_is_sent_twice_acts_once(database: Database, office: SmallOffice, cases: list[int]) -> None:
    wish = Wish(Act.REASSIGN, WHY, to_person=office.persons["chen"], receipt=RECEIPT)
    for _time in range(2):
        outcomes = _act(database, office, "zhou", [(one, 1) for one in cases], wish)
        assert [one.why for one in outcomes] == [None] * 4
    with database.reading() as db:
        told = db.scalar(select(func.count()).select_from(notices).where(notices.c.kind == "given"))
        assert told == 4


def test_what_somebody_took_goes_back_to_its_post(database: Database, office: SmallOffice, cases: list[int]) -> None:
    with database.writing() as db:
        case_acts.claim(db, by=office.actor(db, "li"), case_id=cases[0], number=1)
    first, second = _act(database, office, "zhou", [(one, 1) for one in cases[:2]], Wish(Act.REASSIGN, WHY))
    assert (first.why, type(second.why)) == (None, moves.NobodysYet)
    with database.reading() as db:
        assert _holders(db, cases[:2]) == [None, None]
        (line,) = [one for one in inbox.inbox(db, actor=office.actor(db, "chen")) if one.case_id == cases[0]]
        assert [(reason.kind, reason.words) for reason in line.reasons] == [(Mark.GIVEN_BACK, WHY)]
        changes = db.scalars(select(task_events.c.change).where(task_events.c.case_id == cases[0])).all()
        assert len(changes) == 3  # offered, claimed, released


def test_nobody_acts_who_supervises_nothing(database: Database, office: SmallOffice, cases: list[int]) -> None:
    with pytest.raises(NotAllowed):
        _act(database, office, "li", [(cases[0], 1)], Wish(Act.URGE, WHY))


def test_a_head_of_another_department_is_not_even_told_that_the_case_is_there(
    database: Database, office: SmallOffice, clock: Clock
) -> None:
    with database.writing() as db:
        procedure_id = in_force(db, office, ACROSS, department="counter")
        case_id = begun(db, office, procedure_id).case_id
    (outcome,) = _act(database, office, "sun", [(case_id, 1)], Wish(Act.URGE, WHY))
    assert (outcome.step, type(outcome.why).__name__) == ("", "NotFound")


def test_a_head_acts_in_their_department_in_a_procedure_of_another(
    database: Database, office: SmallOffice, clock: Clock
) -> None:
    with database.writing() as db:
        case_id = begun(db, office, in_force(db, office, ACROSS, department="counter")).case_id
        case_acts.complete_task(db, by=office.actor(db, "li"), case_id=case_id, number=1, submitted={})
    wish = Wish(Act.REASSIGN, WHY, to_person=office.persons["wang"])
    (outcome,) = _act(database, office, "sun", [(case_id, 2)], wish)
    assert outcome.why is None


def test_no_reason_is_told_for_each(database: Database, office: SmallOffice, cases: list[int]) -> None:
    for act in (Act.REASSIGN, Act.URGE, Act.ORDER, Act.INCIDENT, Act.COMMENT):
        wish = Wish(act, "  ", to_person=office.persons["chen"], order=Order.SOONER)
        (outcome,) = _act(database, office, "zhou", [(cases[0], 1)], wish)
        assert isinstance(outcome.why, Refusal), act


def test_nothing_chosen_is_said(database: Database, office: SmallOffice, cases: list[int]) -> None:
    with pytest.raises(rules.NoTaskChosen):
        _act(database, office, "zhou", [], Wish(Act.URGE, WHY))


def _order(database: Database, office: SmallOffice, cases: list[int], order: Order) -> None:
    outcomes = _act(database, office, "zhou", [(one, 1) for one in cases], Wish(Act.ORDER, WHY, order=order))
    assert [one.why for one in outcomes] == [None] * len(cases)


def test_what_is_to_be_sooner_stands_first_on_the_desk_and_what_may_be_later_last(
    database: Database, office: SmallOffice, cases: list[int]
) -> None:
    _order(database, office, [cases[3]], Order.SOONER)
    _order(database, office, [cases[0]], Order.LATER)
    with database.reading() as db:
        clerk = office.actor(db, "li")
        lines = inbox.inbox(db, actor=clerk)
        assert [one.case_id for one in lines] == [cases[3], cases[1], cases[2], cases[0]]
        assert [one.order for one in lines] == [Order.SOONER, Order.NORMAL, Order.NORMAL, Order.LATER]
        assert lines[0].reasons[0].kind is Mark.SOONER
        assert lines[0].reasons[0].words == WHY
        assert inbox.next_free(db, actor=clerk) == (cases[3], 1)


def test_the_list_goes_on_page_by_page_in_that_order(database: Database, office: SmallOffice, cases: list[int]) -> None:
    _order(database, office, cases[2:], Order.SOONER)
    _order(database, office, [cases[1]], Order.LATER)
    for narrowed in (inbox.Filter(), inbox.Filter(kind=0)):
        for which in (Which.ALL, Which.POSTS):
            with database.reading() as db:
                assert _paged(db, office, narrowed, which) == [cases[2], cases[3], cases[0], cases[1]]


def _paged(db: Connection, office: SmallOffice, narrowed: inbox.Filter, which: Which) -> list[int]:
    clerk, seen, after = office.actor(db, "li"), [], None
    for _page in range(5):
        lines = inbox.inbox(db, actor=clerk, which=which, after=after, limit=1, narrowed=narrowed)
        if not lines:
            break
        seen.append(lines[0].case_id)
        after = lines[0].place
    return seen


def test_in_its_usual_place_again_it_says_nothing_any_more(
    database: Database, office: SmallOffice, cases: list[int]
) -> None:
    _order(database, office, [cases[3]], Order.SOONER)
    _order(database, office, [cases[3]], Order.NORMAL)
    with database.reading() as db:
        lines = inbox.inbox(db, actor=office.actor(db, "li"))
        assert [one.case_id for one in lines] == cases
        assert lines[3].reasons == ()
        acts_of = [entry.act for entry in reads.case(db, actor=office.actor(db, "zhou"), case_id=cases[3]).record]
        assert acts_of.count("change_order") == 2


def test_where_everything_comes_first_nothing_does(
    database: Database, office: SmallOffice, cases: list[int], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(moves, "MOST_SOONER", 2)
    outcomes = _act(database, office, "zhou", [(one, 1) for one in cases[:3]], Wish(Act.ORDER, WHY, order=Order.SOONER))
    assert [type(one.why) for one in outcomes] == [type(None), type(None), moves.TooManySooner]


def test_what_has_been_closed_leaves_the_order(database: Database, office: SmallOffice, cases: list[int]) -> None:
    _order(database, office, [cases[0]], Order.SOONER)
    with database.writing() as db:
        case_acts.complete_task(db, by=office.actor(db, "li"), case_id=cases[0], number=1, submitted={})
    _order(database, office, [cases[1]], Order.LATER)
    with database.reading() as db:
        assert db.execute(select(task_order.c.case_id)).scalars().all() == [cases[1]]


def test_a_hand_over_is_accepted_on_behalf_by_the_head_of_the_receivers(
    database: Database, office: SmallOffice, cases: list[int]
) -> None:
    with database.writing() as db:
        for one in cases[:2]:
            case_acts.complete_task(db, by=office.actor(db, "li"), case_id=one, number=1, submitted={})
    chosen = [(cases[0], 2), (cases[2], 1)]
    done, nothing = _act(database, office, "sun", chosen, Wish(Act.ACCEPT, WHY))
    assert done.why is None
    assert nothing.why is not None
    with database.reading() as db:
        row = db.execute(select(hand_overs).where(hand_overs.c.case_id == cases[0])).one()
        assert row.accepted_by == office.persons["sun"]
        assert _last_act(db, office, cases[0]) == "accept_on_behalf"
        kinds = db.scalars(select(notices.c.kind).where(notices.c.person_id == office.persons["wang"])).all()
        assert "accepted_for" in kinds


def test_the_sender_does_not_accept_for_the_receiver(database: Database, office: SmallOffice, clock: Clock) -> None:
    with database.writing() as db:
        case_id = begun(db, office, in_force(db, office, ACROSS)).case_id
        case_acts.complete_task(db, by=office.actor(db, "li"), case_id=case_id, number=1, submitted={})
        with pytest.raises(moves.NotYoursToAccept):
            case_acts.accept_on_behalf(db, by=office.actor(db, "li"), case_id=case_id, number=2, reason=WHY)


def test_an_incident_opened_by_hand_stands_until_it_is_settled(
    database: Database, office: SmallOffice, cases: list[int]
) -> None:
    wish = Wish(Act.INCIDENT, "The plan is of another house.", receipt=RECEIPT)
    for _time in range(2):
        (outcome,) = _act(database, office, "zhou", [(cases[0], 1)], wish)
        assert outcome.why is None
    with database.writing() as db:
        (row,) = db.execute(select(incidents).where(incidents.c.case_id == cases[0])).all()
        page = reads.case(db, actor=office.actor(db, "zhou"), case_id=cases[0])
        assert [(one.kind, one.closed_at) for one in page.incidents] == [("by hand", None)]
        with pytest.raises(NotAllowed):
            case_acts.settle_incident(
                db, by=office.actor(db, "li"), case_id=cases[0], number=row.number, note="It is well."
            )
        case_acts.settle_incident(
            db, by=office.actor(db, "zhou"), case_id=cases[0], number=row.number, note="The right plan came."
        )
        page = reads.case(db, actor=office.actor(db, "zhou"), case_id=cases[0])
        assert page.incidents[0].closed_at is not None
        assert page.ended_at is None
        # Settling it is no step done: whoever settled it may still do what is kept apart from it.
        case_acts.complete_task(db, by=office.actor(db, "li"), case_id=cases[0], number=1, submitted={})


def test_nothing_failed_that_could_be_tried_again(database: Database, office: SmallOffice, cases: list[int]) -> None:
    (outcome,) = _act(database, office, "zhou", [(cases[0], 1)], Wish(Act.RETRY, ""))
    assert isinstance(outcome.why, moves.NothingFailed)


def test_a_comment_stands_once_in_each_case(database: Database, office: SmallOffice, cases: list[int]) -> None:
    wish = Wish(Act.COMMENT, "Ask the applicant first.", receipt=RECEIPT)
    for _time in range(2):
        _act(database, office, "zhou", [(one, 1) for one in cases[:2]], wish)
    with database.reading() as db:
        for one in cases[:2]:
            record = reads.case(db, actor=office.actor(db, "zhou"), case_id=one).record
            assert [entry.act for entry in record].count("write_note") == 1


def test_tasks_are_offered_to_their_post_and_its_helpers_first_then_to_its_department(
    database: Database, office: SmallOffice, clock: Clock
) -> None:
    on = clock.moment.date()
    reviewer, review = office.posts["reviewer"], office.departments["review"]
    with database.writing() as db:
        zhou = office.actor(db, "zhou")
        lend(db, by=zhou, person_id=office.persons["li"], post_id=reviewer, until_day=on, reason="Many came.")
        plan_absence(
            db, by=office.actor(db, "wang"), person_id=office.persons["wang"], deputy_id=office.persons["zhao"],
            from_day=on, until_day=on,
        )  # fmt: skip
        own, beside = receivers(db, actor=office.actor(db, "sun"), places={reviewer: review})
        assert own.post is not None
        assert (own.post.en, beside.post) == ("Reviewer", None)
        logins = {person_id: login for login, person_id in office.persons.items()}
        told = [(logins[one.person_id], one.lent_until == on, one.away_until == on) for one in own.people]
        assert sorted(told[:2]) == [("li", True, False), ("zhao", False, False)]
        assert told[2:] == [("wang", False, True)]
        assert [logins[one.person_id] for one in beside.people] == ["sun"]
        assert receivers(db, actor=office.actor(db, "li"), places={reviewer: review}) == ()


@pytest.mark.parametrize("narrowed", [inbox.Filter(), inbox.Filter(kind=0)])
def test_the_list_never_walks_through_every_task_to_find_the_few_out_of_order(
    database: Database, office: SmallOffice, cases: list[int], narrowed: inbox.Filter
) -> None:
    if database.engine.dialect.name != "sqlite":
        pytest.skip("PostgreSQL chooses by how many there are")
    asked: list[tuple[str, object]] = []
    with database.reading() as db:
        clerk = office.actor(db, "li")

        def note(_db: object, _cursor: object, statement: str, given: object, *_more: object) -> None:
            asked.append((statement, given))

        event.listen(db.engine, "before_cursor_execute", note)
        inbox.inbox(db, actor=clerk, narrowed=narrowed)
        event.remove(db.engine, "before_cursor_execute", note)
        statement, given = asked[0]
        plan = [row[3] for row in db.connection.driver_connection.execute(f"EXPLAIN QUERY PLAN {statement}", given)]  # type: ignore[union-attr]
    of_tasks = [line for line in plan if line.startswith(("SCAN tasks", "SEARCH tasks"))]
    assert len(of_tasks) >= 3
    assert [line for line in of_tasks if line.startswith("SCAN") or line.endswith("(office_id=?)")] == []
