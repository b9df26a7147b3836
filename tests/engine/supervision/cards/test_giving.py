"""Each ready-made rule fires exactly once on a made case, at its moment, and not while the clock stands."""

from __future__ import annotations

import threading
from datetime import timedelta
from typing import Any

import orjson
import pytest
from sqlalchemy import func, select

from engine.base import clock as base_clock
from engine.base.database import Database
from engine.base.text import Name
from engine.cases import acts, reads
from engine.cases.clocks.acts import resume_clock, stop_clock
from engine.cases.handing.acts import accept_hand_over, return_hand_over
from engine.cases.rules import Mark
from engine.cases.tables import marks
from engine.notices import reads as notices_read
from engine.notices.tables import notices
from engine.records.tables import entries
from engine.records.verify import first_broken
from engine.supervision.cards.acts import look_at_case, save_rules
from engine.supervision.cards.facts import Subject
from engine.supervision.cards.kinds import Kind
from engine.supervision.cards.rules import Rule
from engine.supervision.cards.sweeping import due_looks
from engine.supervision.cards.tables import card_looks, cards
from tests.builders import SmallOffice
from tests.conftest import Clock
from tests.diagram_text import END, START, flow, lanes, process, step, way
from tests.engine.supervision.cards.scene import AGAIN, ASK_FORM, OVER, REFUSED, case_of, given, look, staffed
from tests.worlds import begun, every_head, in_force


def _days(database: Database, clock: Clock, days: int) -> list[str]:
    """So many days with a look every four hours; what fired in them."""
    before = given(database)
    for _ in range(days * 6):
        clock.advance(hours=4)
        look(database)
    after = given(database)
    return after[len(before) :]


def test_a_step_nearly_due_is_warned_of_and_a_late_one_marked_each_once(
    database: Database, office: SmallOffice, clock: Clock
) -> None:
    """Monday nine o'clock, five working days: due next Monday at the end of business."""
    with database.writing() as db:
        case_id = case_of(db, office)
    assert _days(database, clock, 4) == []
    assert _days(database, clock, 3) == ["step_near"]
    assert _days(database, clock, 1) == ["late_up_1", "step_late"]
    assert _days(database, clock, 1) == ["late_up_2"]
    assert "late_up_3" in _days(database, clock, 6)
    assert _days(database, clock, 20) == []
    with database.reading() as db:
        page = reads.case(db, actor=office.actor(db, "zhou"), case_id=case_id)
        assert [one.act for one in page.record].count("give_card") == 5
        assert first_broken(db, every_head(db)) is None
        kinds = set(db.scalars(select(marks.c.kind)))
        assert kinds == {Mark.YELLOW_CARD, Mark.RED_CARD, Mark.SENT_UP}


def test_a_card_goes_to_the_accountable_post_and_the_one_above_it(
    database: Database, office: SmallOffice, clock: Clock
) -> None:
    with database.writing() as db:
        case_id = case_of(db, office)
        acts.complete_task(db, by=office.actor(db, "li"), case_id=case_id, number=1, submitted={})
        accept_hand_over(db, by=office.actor(db, "wang"), case_id=case_id, number=2)
        acts.claim(db, by=office.actor(db, "wang"), case_id=case_id, number=2)
        acts.begin_work(db, by=office.actor(db, "wang"), case_id=case_id, number=2)
    clock.advance(days=8)
    look(database)
    with database.reading() as db:
        row = db.execute(select(cards).where(cards.c.rule == "step_late")).one()
        assert (row.post_id, row.person_id) == (office.posts["reviewer"], office.persons["wang"])
        assert (row.superior_id, row.department_id) == (office.posts["head"], office.departments["review"])
        told = set(db.scalars(select(notices.c.person_id).where(notices.c.kind == "red_card")))
        assert told == {office.persons[one] for one in ("wang", "zhao", "sun")}
        kept = orjson.loads(row.facts)
        assert kept["facts"] == {"step.late": True, "case.late": False}


def test_claimed_and_untouched_is_warned_of_and_marked_once_a_claim(
    database: Database, office: SmallOffice, clock: Clock
) -> None:
    source = OVER.replace(b'officium:standardTime="P5D"', b"")
    with database.writing() as db:
        case_id = case_of(db, office, source)
        acts.claim(db, by=office.actor(db, "li"), case_id=case_id, number=1)
    assert _days(database, clock, 2) == []
    assert _days(database, clock, 12) == ["untouched_near", "untouched"]
    with database.writing() as db:
        acts.release(db, by=office.actor(db, "li"), case_id=case_id, number=1)
    assert _days(database, clock, 12) == []
    with database.writing() as db:
        acts.claim(db, by=office.actor(db, "chen"), case_id=case_id, number=1)
    assert _days(database, clock, 12) == ["untouched_near", "untouched"], "somebody else's claim is another occasion"


def test_a_hand_over_that_nobody_answers_is_warned_of_and_marked(
    database: Database, office: SmallOffice, clock: Clock
) -> None:
    """To be answered by the end of the next working day, as it is where a diagram says nothing."""
    with database.writing() as db:
        case_id = case_of(db, office)
        acts.complete_task(db, by=office.actor(db, "li"), case_id=case_id, number=1, submitted={})
    assert _days(database, clock, 3) == ["hand_over_near", "hand_over_late"]
    with database.reading() as db:
        assert set(db.scalars(select(cards.c.post_id))) == {office.posts["reviewer"]}


@pytest.mark.parametrize("answer", ["accept", "return"])
def test_what_was_answered_in_time_gets_no_card(
    database: Database, office: SmallOffice, clock: Clock, answer: str
) -> None:
    with database.writing() as db:
        case_id = case_of(db, office)
        acts.complete_task(db, by=office.actor(db, "li"), case_id=case_id, number=1, submitted={})
        if answer == "accept":
            accept_hand_over(db, by=office.actor(db, "wang"), case_id=case_id, number=2)
        else:
            return_hand_over(db, by=office.actor(db, "wang"), case_id=case_id, number=2, reason="Not ours.")
    assert not {one for one in _days(database, clock, 3) if one.startswith("hand_over")}


def test_to_and_fro_more_than_twice_is_marked_once(database: Database, office: SmallOffice, clock: Clock) -> None:
    with database.writing() as db:
        case_id = case_of(db, office, AGAIN)
    fired: list[list[str]] = []
    for number in range(1, 10):
        with database.writing() as db:
            ways: dict[str, Any] = {} if number % 2 else {"chosen": {"enough": ["enough_to_ask"]}}
            by = office.actor(db, "li" if number % 2 else "wang")
            acts.complete_task(db, by=by, case_id=case_id, number=number, submitted={}, **ways)
        clock.advance(minutes=2)
        look(database)
        fired.append(given(database))
    assert fired[4] == [], "two rounds and one way there"
    assert fired[-1] == ["ping_pong"]


@pytest.mark.parametrize(
    ("grounds", "expected"), [("—", ["refused_without_ground"]), ("The access is too narrow.", [])]
)
def test_a_refusal_without_a_ground_is_marked_at_once_also_where_it_ends_the_case(
    database: Database, office: SmallOffice, clock: Clock, grounds: str, expected: list[str]
) -> None:
    with database.writing() as db:
        procedure_id = in_force(db, office, REFUSED, beside={"ask.form.json": ASK_FORM}, prefix="RF")
        case_id = begun(db, office, procedure_id).case_id
        told = {"decision": ["refuse"], "grounds": [grounds]}
        acts.complete_task(db, by=office.actor(db, "li"), case_id=case_id, number=1, submitted=told)
    look(database)
    look(database)
    assert given(database) == expected
    with database.reading() as db:
        assert db.scalar(select(func.count()).select_from(card_looks).where(card_looks.c.case_id == case_id)) == 0
        assert first_broken(db, every_head(db)) is None


BY_CONDITION = 'officium:refusal="verdict = &quot;no&quot;" officium:ground="words_of_law"'
BY_WAY = 'officium:refusal="enough_to_end" officium:ground="words_of_law"'
DRAWN = process(
    lanes(counter=("start", "ask", "enough", "more", "end"), bureau=())
    + START + step("ask", attributes='officium:form="ask.form.json" REFUSES') + step("more")
    + '<exclusiveGateway id="enough" name="Enough?"/>' + END + way("start", "ask", "enough") + way("more", "end")
    + flow("enough", "end", name="no", condition='verdict = "no"') + flow("enough", "more", name="yes", condition='verdict = "yes"')
)  # fmt: skip
VERDICT_FORM = ASK_FORM.replace(b"decision", b"verdict").replace(b'"grounds"', b'"words_of_law"')


@pytest.mark.parametrize("by", [BY_CONDITION, BY_WAY], ids=["condition", "way"])
@pytest.mark.parametrize(
    ("verdict", "said", "expected"),
    [("no", "—", ["refused_without_ground"]), ("no", "Article 8", []), ("yes", "", [])],
)
def test_a_refusal_is_what_the_diagram_says_it_is_and_its_ground_stands_where_it_says(
    database: Database, office: SmallOffice, clock: Clock, by: str, verdict: str, said: str, expected: list[str]
) -> None:
    source = DRAWN.replace(b"REFUSES", by.encode())
    with database.writing() as db:
        procedure_id = in_force(db, office, source, beside={"ask.form.json": VERDICT_FORM}, prefix="RF")
        case_id = begun(db, office, procedure_id).case_id
        told = {"verdict": [verdict], "words_of_law": [said]}
        acts.complete_task(db, by=office.actor(db, "li"), case_id=case_id, number=1, submitted=told)
    clock.advance(minutes=2)
    look(database)
    assert given(database) == expected


def test_where_a_diagram_says_what_a_refusal_is_no_custom_counts(
    database: Database, office: SmallOffice, clock: Clock
) -> None:
    source = REFUSED.replace(
        b'officium:form="ask.form.json"',
        b'officium:form="ask.form.json" officium:refusal="decision = &quot;deny&quot;"',
    )
    with database.writing() as db:
        procedure_id = in_force(db, office, source, beside={"ask.form.json": ASK_FORM}, prefix="RF")
        case_id = begun(db, office, procedure_id).case_id
        acts.complete_task(
            db,
            by=office.actor(db, "li"),
            case_id=case_id,
            number=1,
            submitted={"decision": ["refuse"], "grounds": [""]},
        )
    clock.advance(minutes=2)
    look(database)
    assert given(database) == []


def test_a_second_supplement_notice_is_marked_and_a_third_is_another_occasion(
    database: Database, office: SmallOffice, clock: Clock
) -> None:
    with database.writing() as db:
        case_id = case_of(db, office)
    counts = []
    for _ in range(3):
        clock.advance(days=3)
        with database.writing() as db:
            by = office.actor(db, "li")
            acts.suspend(db, by=by, case_id=case_id, ground=1, words="A paper is missing.")
        clock.advance(days=2)
        look(database)
        with database.writing() as db:
            acts.resume(db, by=office.actor(db, "li"), case_id=case_id)
        look(database)
        counts.append(given(database).count("supplement_again"))
    assert counts == [0, 1, 2]


PROMISED = 'officium:promised="P5D" officium:promiseFrom="start" officium:workingTime="true" '


@pytest.mark.parametrize("stopped", [False, True])
def test_a_case_nearly_due_is_warned_of_and_a_late_one_marked_but_not_while_its_clock_stands(
    database: Database, office: SmallOffice, clock: Clock, stopped: bool
) -> None:
    """Five working days are promised from Monday on. Later they are stopped for an inspection, or not."""
    source = OVER.replace(b'officium:standardTime="P5D"', b"").replace(b"<process ", f"<process {PROMISED}".encode())
    with database.writing() as db:
        case_id = case_of(db, office, source)
    assert _days(database, clock, 2) == []
    assert _days(database, clock, 2) == ["case_near"]
    if stopped:
        with database.writing() as db:
            by = office.actor(db, "li")
            stop_clock(db, by=by, case_id=case_id, ground="inspection", words="An inspection is under way.")
    assert _days(database, clock, 10) == ([] if stopped else ["case_late"])
    with database.reading() as db:
        page = notices_read.page(db, actor=office.actor(db, "li"), is_read=False, before=None, limit=50)
    told = {one.sentence.en for one in page}
    assert "A yellow card was given to the case: Case nearly due." in told, told


def test_a_hand_over_gets_no_card_while_the_clock_stands_nor_for_that_time_afterwards(
    database: Database, office: SmallOffice, clock: Clock
) -> None:
    """Handed over on a Monday at nine and stopped at once, for a fortnight; then there is all the time to answer."""
    source = OVER.replace(b'officium:standardTime="P5D"', b"")
    source = source.replace(b"<process ", f"<process {PROMISED}".replace("P5D", "P60D").encode())
    with database.writing() as db:
        case_id = case_of(db, office, source)
        acts.complete_task(db, by=office.actor(db, "li"), case_id=case_id, number=1, submitted={})
        wang = office.actor(db, "wang")
        stop_clock(db, by=wang, case_id=case_id, ground="inspection", words="An inspection is under way.")
    assert _days(database, clock, 14) == []
    with database.writing() as db:
        resume_clock(db, by=office.actor(db, "wang"), case_id=case_id, number=1)
    assert _days(database, clock, 1) == []
    assert _days(database, clock, 2) == ["hand_over_near", "hand_over_late"]


def test_what_is_first_looked_at_when_very_late_goes_up_one_post_each_working_day(
    database: Database, office: SmallOffice, clock: Clock
) -> None:
    """Due on a Monday, and nobody looks until the Friday of the week after: all three levels would be due together."""
    with database.writing() as db:
        case_id = case_of(db, office)
    clock.advance(days=18)
    look(database)
    assert given(database) == ["late_up_1", "step_late"]
    clock.advance(hours=2)
    with database.writing() as db:
        acts.claim(db, by=office.actor(db, "li"), case_id=case_id, number=1)
    clock.advance(minutes=2)
    look(database)
    assert given(database)[2:] == [], "what happens meanwhile does not hasten it"
    assert _days(database, clock, 2) == [], "the weekend"
    assert _days(database, clock, 1) == ["late_up_2"]
    assert _days(database, clock, 1) == ["late_up_3"]


def test_nobody_is_warned_of_what_a_red_card_has_told(database: Database, office: SmallOffice, clock: Clock) -> None:
    table = (
        Rule("half", Name("Half gone", "过半"), Subject.STEP, Kind.YELLOW, "step.share_used >= 0.5"),
        Rule("late", Name("Late", "逾期"), Subject.STEP, Kind.RED, "step.late"),
    )
    with database.writing() as db:
        case_of(db, office)
        save_rules(db, by=staffed(db, office), table=table, why="Two rules are enough here.", base=1)
    clock.advance(days=9)
    look(database)
    assert _days(database, clock, 8) == [], "looked at again each week"
    assert given(database) == ["late"]


def test_nothing_is_given_while_the_case_rests(database: Database, office: SmallOffice, clock: Clock) -> None:
    with database.writing() as db:
        case_id = case_of(db, office)
        acts.suspend(db, by=office.actor(db, "li"), case_id=case_id, ground=2, words="An inspection is under way.")
    assert _days(database, clock, 30) == []
    with database.writing() as db:
        acts.resume(db, by=office.actor(db, "li"), case_id=case_id)
    assert _days(database, clock, 2) == [], "it has as much time as it had"
    assert _days(database, clock, 10)[:1] == ["step_near"]


def test_nothing_is_given_for_what_waits_for_somebody_outside(
    database: Database, office: SmallOffice, clock: Clock
) -> None:
    source = OVER.replace(b'id="ask" name="Ask"', b'id="ask" name="Ask" officium:external="true"')
    with database.writing() as db:
        case_of(db, office, source)
    assert _days(database, clock, 30) == []


def test_whoever_looks_besides_a_card_is_given_once(database: Database, office: SmallOffice, clock: Clock) -> None:
    with database.writing() as db:
        case_id = case_of(db, office)
    clock.advance(days=8)
    now = clock.now()

    def work() -> None:
        with base_clock.reading(lambda: now), database.writing() as db:
            look_at_case(db, case_id=case_id)

    threads = [threading.Thread(target=work) for _ in range(4)]
    for one in threads:
        one.start()
    for one in threads:
        one.join()
    with database.reading() as db:
        assert sorted(db.scalars(select(cards.c.rule))) == ["late_up_1", "step_late"]
        assert db.scalar(select(func.count()).where(entries.c.act == "give_card")) == 2


def test_a_case_is_not_looked_at_again_before_something_can_have_changed(
    database: Database, office: SmallOffice, clock: Clock
) -> None:
    with database.writing() as db:
        case_of(db, office)
    clock.advance(minutes=2)
    look(database)
    with database.reading() as db:
        at = db.scalar(select(card_looks.c.next_at).where(card_looks.c.next_at > clock.now()))
        assert at is not None
        assert at - clock.now() > timedelta(days=2), "the warning at four fifths of five working days"
        assert due_looks(db, at=clock.now()) == ()


@pytest.mark.parametrize("deed", ["crosses", "granted", "claimed"])
def test_after_what_may_fire_a_card_it_is_looked_at_at_once(
    database: Database, office: SmallOffice, clock: Clock, deed: str
) -> None:
    with database.writing() as db:
        case_id = case_of(db, office, AGAIN if deed == "crosses" else OVER)
    clock.advance(minutes=2)
    look(database)
    with database.writing() as db:
        li, zhou = office.actor(db, "li"), office.actor(db, "zhou")
        if deed == "crosses":
            acts.complete_task(db, by=li, case_id=case_id, number=1, submitted={})
        elif deed == "granted":
            asked = acts.ask_extension(db, by=li, case_id=case_id, number=1, days=2, reason="The file is thick")
            acts.decide_extension(db, by=zhou, case_id=case_id, number=asked, approve=True, words="")
        else:
            acts.claim(db, by=li, case_id=case_id, number=1)
    with database.reading() as db:
        assert due_looks(db, at=clock.now()) == (() if deed == "claimed" else (case_id,))
    clock.advance(minutes=1)
    with database.reading() as db:
        assert due_looks(db, at=clock.now()) == (case_id,)


def test_what_is_undone_leaves_no_card(database: Database, office: SmallOffice, clock: Clock) -> None:
    with database.writing() as db:
        case_id = case_of(db, office)
    clock.advance(days=9)

    def interrupted() -> None:
        with database.writing() as db:
            look_at_case(db, case_id=case_id)
            raise RuntimeError

    with pytest.raises(RuntimeError):
        interrupted()
    assert given(database) == []
    assert look(database) == 1


def test_the_kinds_are_what_is_stored() -> None:
    assert [int(one) for one in Kind] == [1, 2, 3]
