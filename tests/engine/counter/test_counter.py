"""The counter: applications received, what is missing told once, enquiries that always have an owner."""

from __future__ import annotations

import secrets

import pytest
from hypothesis import given
from hypothesis import strategies as st
from sqlalchemy import Connection

from engine.base.database import Database
from engine.base.errors import NotAllowed, NotFound
from engine.base.text import Name
from engine.cases import reads as cases
from engine.counter import acts, printed, reads, rules
from engine.counter.rules import Paper
from engine.notices.tables import notices
from engine.organisation.reads import office as office_of
from engine.records.verify import first_broken
from tests.builders import SmallOffice, small_office
from tests.conftest import Clock
from tests.diagram_text import END, START, lanes, process, step, way
from tests.worlds import every_head, in_force

_PAPERS = (
    "<extensionElements><officium:documents>"
    '<officium:document xml:lang="en">Deed</officium:document><officium:document xml:lang="zh">权属证明</officium:document>'
    '<officium:document xml:lang="en">Plans</officium:document><officium:document xml:lang="zh">图纸</officium:document>'
    "</officium:documents></extensionElements>"
)
DIAGRAM = process(
    lanes(counter=("start", "receive", "end"), bureau=("check",))
    + START
    + step("receive", inner=_PAPERS)
    + step("check", inner=_PAPERS)
    + END
    + way("start", "receive", "check", "end")
).replace(b'<process id="procedure"', b'<process id="procedure" officium:promised="P20D"')


@pytest.fixture
def office(database: Database, clock: Clock) -> SmallOffice:
    with database.writing() as db:
        return small_office(db)


@pytest.fixture
def procedure(database: Database, office: SmallOffice) -> int:
    with database.writing() as db:
        return in_force(db, office, DIAGRAM)


def _receive(db: Connection, office: SmallOffice, procedure: int, by: str = "li", **more: object) -> int:
    given: dict[str, object] = {
        "brought": frozenset({0}),
        "contact": "138 0000",
        "channel": "2",
        "receipt": None,
        **more,
    }
    started = acts.receive_application(
        db, by=office.actor(db, by), procedure_id=procedure, matter="A house", applicant="Wang Fang 王芳",
        submitted={}, **given,  # type: ignore[arg-type]
    )  # fmt: skip
    return started.case_id


def test_an_application_received_has_a_receipt_with_its_papers_and_its_day(
    database: Database, office: SmallOffice, procedure: int
) -> None:
    with database.writing() as db:
        case_id = _receive(db, office, procedure)
    with database.reading() as db:
        page = reads.receipt(db, actor=office.actor(db, "chen"), case_id=case_id)
        record = cases.case(db, actor=office.actor(db, "li"), case_id=case_id).record
        assert first_broken(db, every_head(db)) is None
    assert page.papers == (Paper(Name("Deed", "权属证明"), brought=True), Paper(Name("Plans", "图纸"), brought=False))
    assert (page.contact, page.channel.en, str(page.due_on)) == (
        "138 0000",
        "by telephone",
        "2026-03-23",
    )  # a Sunday gives way
    assert [one.act for one in record] == ["start_case", "receive_application"]
    assert record[1].facts["missing"] == ["Plans"]
    assert "138 0000" not in str(record), "how somebody is reached is nobody's business but the receipt's"


def test_receiving_twice_with_one_receipt_is_receiving_once(
    database: Database, office: SmallOffice, procedure: int
) -> None:
    key = secrets.token_bytes(16)
    with database.writing() as db:
        first = _receive(db, office, procedure, receipt=key)
    with database.writing() as db:
        assert _receive(db, office, procedure, receipt=key) == first
    with database.reading() as db:
        assert len(reads.where_cases_stand(db, actor=office.actor(db, "li"), words="Wang")) == 1


def test_all_that_is_missing_is_told_once_and_stays_as_it_was_told(
    database: Database, office: SmallOffice, procedure: int
) -> None:
    with database.writing() as db:
        case_id = _receive(db, office, procedure, brought=frozenset())
        li = office.actor(db, "li")
        acts.give_notice(db, by=li, case_id=case_id)
        acts.note_papers(db, by=li, case_id=case_id, brought={1})
    with database.writing() as db, pytest.raises(rules.NoticeGiven):
        acts.give_notice(db, by=office.actor(db, "chen"), case_id=case_id)
    with database.reading() as db:
        page = reads.receipt(db, actor=office.actor(db, "li"), case_id=case_id)
        said = printed.notice(page, office_of(db), "zh")
    assert [one.name.en for one in page.told] == ["Deed", "Plans"]
    assert [one.en for one in page.missing] == ["Deed"]
    assert said.startswith(b"%PDF")


def test_nothing_missing_needs_no_notice(database: Database, office: SmallOffice, procedure: int) -> None:
    with database.writing() as db:
        case_id = _receive(db, office, procedure, brought={0, 1})
        with pytest.raises(rules.NothingMissing):
            acts.give_notice(db, by=office.actor(db, "li"), case_id=case_id)
        with pytest.raises(rules.NoNotice):
            printed.notice(reads.receipt(db, actor=office.actor(db, "li"), case_id=case_id), office_of(db), "en")


def test_a_paper_brought_is_not_taken_back_by_noting_others(
    database: Database, office: SmallOffice, procedure: int
) -> None:
    with database.writing() as db:
        case_id = _receive(db, office, procedure, brought={0})
        acts.note_papers(db, by=office.actor(db, "li"), case_id=case_id, brought={1, 99})
        page = reads.receipt(db, actor=office.actor(db, "li"), case_id=case_id)
    assert page.missing == ()


@pytest.mark.parametrize("login", ["wang", "sun", "he"])
def test_only_the_counter_receives_and_tells(
    database: Database, office: SmallOffice, procedure: int, login: str
) -> None:
    with database.writing() as db:
        case_id = _receive(db, office, procedure)
        actor = office.actor(db, login)
        for attempt in (
            lambda: _receive(db, office, procedure, by=login),
            lambda: acts.give_notice(db, by=actor, case_id=case_id),
            lambda: acts.note_papers(db, by=actor, case_id=case_id, brought={1}),
            lambda: reads.receipt(db, actor=actor, case_id=case_id),
            lambda: reads.where_cases_stand(db, actor=actor, words="Wang"),
        ):
            with pytest.raises(NotAllowed):
                attempt()


@pytest.mark.parametrize("words", ["BP-2026-0001", "bp-2026-0001", "王芳", "wang", "house"])
def test_where_a_case_stands_is_told_by_number_or_name(
    database: Database, office: SmallOffice, procedure: int, words: str
) -> None:
    with database.writing() as db:
        _receive(db, office, procedure)
    with database.reading() as db:
        (found,) = reads.where_cases_stand(db, actor=office.actor(db, "chen"), words=words)
    assert (found.number, [one.en for one in found.at], found.received_here) == (
        "BP-2026-0001", ["Service counter"], True,
    )  # fmt: skip


@pytest.mark.parametrize("words", ["", " ", "王", "\0", "a"])
def test_too_little_to_look_up_is_refused(database: Database, office: SmallOffice, words: str) -> None:
    with database.reading() as db, pytest.raises(rules.TooShort):
        reads.where_cases_stand(db, actor=office.actor(db, "li"), words=words)


@pytest.mark.parametrize("words", ["%%", "__", "Wang%Fang", "\\\\"])
def test_signs_of_a_pattern_are_only_signs(database: Database, office: SmallOffice, procedure: int, words: str) -> None:
    with database.writing() as db:
        _receive(db, office, procedure)
    with database.reading() as db:
        assert reads.where_cases_stand(db, actor=office.actor(db, "li"), words=words) == ()


def _noted(db: Connection, office: SmallOffice, by: str = "li", **more: str) -> int:
    said = {"caller": "Sun Mei 孙梅", "contact": "", "channel": "1", "matter": "May I keep bees?", **more}
    return acts.note_enquiry(db, by=office.actor(db, by), **said)  # type: ignore[arg-type]


def test_whoever_is_asked_first_owns_it_until_somebody_accepts_it(database: Database, office: SmallOffice) -> None:
    with database.writing() as db:
        enquiry = _noted(db, office)
        acts.hand_on(
            db, by=office.actor(db, "li"), enquiry_id=enquiry, post_id=office.posts["reviewer"], reason="Plans"
        )
        li, wang = office.actor(db, "li"), office.actor(db, "wang")
        assert [one.enquiry_id for one in reads.counter(db, actor=li).mine] == [enquiry]
        assert [one.enquiry_id for one in reads.counter(db, actor=wang).offered] == [enquiry]
        assert reads.counter(db, actor=wang).mine == ()
        acts.accept_enquiry(db, by=wang, enquiry_id=enquiry)
        assert reads.counter(db, actor=li).mine == ()
        assert [one.enquiry_id for one in reads.counter(db, actor=wang).mine] == [enquiry]
        assert first_broken(db, every_head(db)) is None
        told = {row.person_id for row in db.execute(notices.select())}
    assert told == {office.persons["wang"], office.persons["zhao"]}


def test_given_back_it_stays_where_it_was_with_the_reason(database: Database, office: SmallOffice) -> None:
    with database.writing() as db:
        enquiry = _noted(db, office)
        li, wang = office.actor(db, "li"), office.actor(db, "wang")
        acts.hand_on(db, by=li, enquiry_id=enquiry, post_id=office.posts["reviewer"], reason="Plans")
        with pytest.raises(rules.WhyMissing):
            acts.give_back(db, by=wang, enquiry_id=enquiry, reason="  ")
        acts.give_back(db, by=wang, enquiry_id=enquiry, reason="Bees are for the vet")
        page = reads.enquiry(db, actor=li, enquiry_id=enquiry)
        with pytest.raises(rules.NotHandedToYou):
            acts.accept_enquiry(db, by=office.actor(db, "zhao"), enquiry_id=enquiry)
    assert page.mine
    assert [(one.accepted, one.words) for one in page.handings] == [(False, "Bees are for the vet")]


def test_an_enquiry_is_answered_once_and_by_its_owner(database: Database, office: SmallOffice) -> None:
    with database.writing() as db:
        enquiry = _noted(db, office)
        li, chen = office.actor(db, "li"), office.actor(db, "chen")
        with pytest.raises(rules.NotYourEnquiry):
            acts.answer_enquiry(db, by=chen, enquiry_id=enquiry, answer="Yes")
        with pytest.raises(rules.AnswerMissing):
            acts.answer_enquiry(db, by=li, enquiry_id=enquiry, answer=" \n ")
        acts.answer_enquiry(db, by=li, enquiry_id=enquiry, answer="Yes,\n with a hedge.")
        with pytest.raises(rules.EnquiryClosed):
            acts.answer_enquiry(db, by=li, enquiry_id=enquiry, answer="No")
        with pytest.raises(rules.EnquiryClosed):
            acts.hand_on(db, by=li, enquiry_id=enquiry, post_id=office.posts["reviewer"], reason="x")
        (line,) = reads.counter(db, actor=li).closed
        page = reads.enquiry(db, actor=li, enquiry_id=enquiry)
    assert line.enquiry_id == enquiry
    assert page.outcome == "Yes,\nwith a hedge."


def test_answering_ends_a_handing_on_that_nobody_answered(database: Database, office: SmallOffice) -> None:
    with database.writing() as db:
        enquiry = _noted(db, office)
        li = office.actor(db, "li")
        acts.hand_on(db, by=li, enquiry_id=enquiry, post_id=office.posts["reviewer"], reason="Plans")
        acts.answer_enquiry(db, by=li, enquiry_id=enquiry, answer="Found it myself")
        assert reads.counter(db, actor=office.actor(db, "wang")).offered == ()
        with pytest.raises(rules.NotHandedToYou):
            acts.accept_enquiry(db, by=office.actor(db, "wang"), enquiry_id=enquiry)


def test_where_an_enquiry_cannot_go_is_refused(database: Database, office: SmallOffice) -> None:
    with database.writing() as db:
        enquiry = _noted(db, office)
        li = office.actor(db, "li")
        with pytest.raises(rules.HandedToOneself):
            acts.hand_on(db, by=li, enquiry_id=enquiry, post_id=office.posts["clerk"], reason="x")
        with pytest.raises(NotFound):
            acts.hand_on(db, by=li, enquiry_id=enquiry, post_id=-1, reason="x")
        acts.hand_on(db, by=li, enquiry_id=enquiry, post_id=office.posts["reviewer"], reason="x")
        with pytest.raises(rules.HandedOnAlready):
            acts.hand_on(db, by=li, enquiry_id=enquiry, post_id=office.posts["head"], reason="x")


def test_an_enquiry_is_seen_by_those_who_took_part_and_their_supervisors(
    database: Database, office: SmallOffice
) -> None:
    with database.writing() as db:
        enquiry = _noted(db, office)
        for login in ("li", "zhou"):
            assert reads.enquiry(db, actor=office.actor(db, login), enquiry_id=enquiry).line.number == "EN-2026-0001"
        for login in ("chen", "wang", "sun", "he"):
            with pytest.raises(NotFound):
                reads.enquiry(db, actor=office.actor(db, login), enquiry_id=enquiry)


def test_noting_twice_with_one_receipt_notes_it_once(database: Database, office: SmallOffice) -> None:
    key = secrets.token_bytes(16)
    with database.writing() as db:
        first = acts.note_enquiry(
            db, by=office.actor(db, "li"), caller="A", contact="", channel="9", matter="B", receipt=key
        )
        again = acts.note_enquiry(
            db, by=office.actor(db, "li"), caller="A", contact="", channel="9", matter="B", receipt=key
        )
    assert first == again


@given(st.lists(st.tuples(st.sampled_from("abc"), st.sampled_from("甲乙")), max_size=6), st.sets(st.integers(0, 7)))
def test_a_paper_is_asked_for_once_and_brought_where_any_of_it_was(
    asked: list[tuple[str, str]], brought: set[int]
) -> None:
    papers = rules.checked([Name(en, zh) for en, zh in asked], brought)
    names = [(one.name.en, one.name.zh) for one in papers]
    assert len(names) == len(set(names))
    assert set(names) == set(asked)
    there = {asked[place] for place in brought if place < len(asked)}
    assert {(one.name.en, one.name.zh) for one in papers if one.brought} == there
    assert len(rules.missing(papers)) == len(names) - len(there)
