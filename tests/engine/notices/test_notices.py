"""Telling, reading, choosing: what stands in the page."""

from __future__ import annotations

from datetime import UTC, date, datetime

import pytest
from sqlalchemy import func, insert, select, update

from engine.base.database import Database
from engine.base.errors import NotAllowed, NotFound
from engine.base.text import LANGUAGES, Name
from engine.notices import acts, reads, rules, sweeping
from engine.notices.rules import Group, How
from engine.notices.tables import notices
from engine.notices.words import SENTENCES, sentence
from engine.organisation import acts as organisation
from engine.organisation.reads import heads, person
from engine.organisation.tables import absences
from engine.records.journal import entries
from engine.records.verify import first_broken
from tests.builders import SmallOffice
from tests.conftest import Clock
from tests.counting import counting
from tests.engine.notices.told import code_of, reachable, told


def test_each_is_told_but_whoever_acted(database: Database, office: SmallOffice) -> None:
    with database.writing() as db:
        assert told(db, office, "li", "wang", "he") == 2
        assert told(db, office, "he") == 0
    with database.reading() as db:
        (mine,) = reads.page(db, actor=office.actor(db, "li"), is_read=False)
        assert reads.page(db, actor=office.actor(db, "he"), is_read=False) == ()
    assert mine.sentence.en == "He Jun returned “Review the plans 审图” to you."
    assert mine.sentence.zh == "何军将“Review the plans 审图”退回给您。"
    assert (mine.case, mine.case_id, mine.task_number, mine.read_at) == ("BP-2026-00001", 7, 2, None)


def test_many_are_told_in_one_statement(database: Database, office: SmallOffice) -> None:
    with database.writing() as db, counting(database) as counted:
        told_to = acts.tell(db, persons=office.persons.values(), kind="cancelled", facts={"number": "BP-2026-00001"})
    assert told_to == len(office.persons)
    assert len([one for one in counted.statements if "INSERT" in one]) == 1


def test_what_is_undone_was_never_told(database: Database, office: SmallOffice) -> None:
    def fail() -> None:
        with database.writing() as db:
            told(db, office, "li")
            raise NotFound

    with pytest.raises(NotFound):
        fail()
    with database.reading() as db:
        assert reads.unread(db, office.persons["li"]).count == 0


def test_a_post_is_told_to_whoever_holds_it_today(database: Database, office: SmallOffice, clock: Clock) -> None:
    with database.writing() as db:
        (held,) = person(db, office.persons["chen"]).holdings
        organisation.end_holding(db, by=office.actor(db, "guo"), holding_id=held.holding_id, until_day=date(2026, 3, 2))
        clock.advance(days=1)
        acts.tell_post(db, post_id=office.posts["clerk"], kind="hand_over_waiting", facts={"task": "A"})
        assert reads.unread(db, office.persons["li"]).count == 1
        assert reads.unread(db, office.persons["chen"]).count == 0


@pytest.mark.parametrize(
    ("posts", "procedures", "told_in"),
    [("", "", {None, 3, 4}), ("{clerk}", "", {None, 3, 4}), ("{reviewer}", "", set()), ("", "3", {3})],
)
def test_whoever_stands_in_is_told_what_the_post_is_told(
    database: Database, office: SmallOffice, posts: str, procedures: str, told_in: set[int | None]
) -> None:
    with database.writing() as db:
        db.execute(
            insert(absences).values(
                person_id=office.persons["li"], deputy_id=office.persons["zhao"], from_day=date(2026, 3, 1),
                until_day=date(2026, 3, 2), post_ids=posts.format(**office.posts), procedure_ids=procedures,
                goes_back=True, why="", planned_by=office.persons["li"],
            )
        )  # fmt: skip
        for procedure_id in (None, 3, 4):
            before = reads.unread(db, office.persons["zhao"]).count
            acts.tell_post(db, post_id=office.posts["clerk"], kind="urged", facts={}, procedure_id=procedure_id)
            assert (reads.unread(db, office.persons["zhao"]).count > before) == (procedure_id in told_in)
        assert reads.unread(db, office.persons["li"]).count == 3


@pytest.mark.parametrize("kind", SENTENCES)
def test_every_kind_says_a_whole_sentence_even_where_a_fact_is_missing(kind: str) -> None:
    for facts in ({}, {"who": Name("Li Ming", "李明"), "task": "{who} {task}", "department": Name("A", "甲")}):
        said = sentence(kind, facts)
        for language in LANGUAGES:
            words = said.say(language)
            assert words.endswith((".", "。")), words
            assert "{who} {task}" in words or "{" not in words, words


def test_facts_come_back_as_they_were_told(database: Database, office: SmallOffice) -> None:
    at = datetime(2026, 3, 4, 5, 6, tzinfo=UTC)
    with database.writing() as db:
        told(db, office, "li", why="Page 3 is missing\nand 4 too", until=at, n=3)
        (found,) = reads.page(db, actor=office.actor(db, "li"), is_read=False)
    assert found.facts["until"] == at
    assert found.facts["n"] == 3
    assert found.why == "Page 3 is missing\nand 4 too"
    assert "Page 3" not in found.sentence.en


def test_reading_one_leaves_the_others_and_those_of_others(database: Database, office: SmallOffice) -> None:
    with database.writing() as db:
        for _ in range(3):
            told(db, office, "li", "wang")
        li, wang = office.actor(db, "li"), office.actor(db, "wang")
        first, second, _third = reads.page(db, actor=li, is_read=False)
        acts.mark_read(db, by=wang, notice_id=second.id)
        assert reads.unread(db, li.person_id).count == 3, "somebody else's notice"
        acts.mark_read(db, by=li, notice_id=second.id)
        acts.mark_read(db, by=li, notice_id=second.id)
        assert reads.unread(db, li.person_id) == reads.Unread(2, first.id)
        assert [one.id for one in reads.page(db, actor=li, is_read=True)] == [second.id]


def test_marking_all_read_leaves_what_came_since_the_page_was_shown(database: Database, office: SmallOffice) -> None:
    with database.writing() as db:
        told(db, office, "li", "wang")
        li = office.actor(db, "li")
        shown = reads.unread(db, li.person_id).last
        told(db, office, "li")
        assert acts.mark_all_read(db, by=li, up_to=shown) == 1
        assert reads.unread(db, li.person_id).count == 1
        assert acts.mark_all_read(db, by=li) == 1
        assert reads.unread(db, office.persons["wang"]).count == 1


def test_two_thousand_notices_are_paged_and_counted_truly(database: Database, office: SmallOffice) -> None:
    with database.writing() as db:
        for _ in range(2000):
            told(db, office, "li")
        li = office.actor(db, "li")
        seen: list[int] = []
        before = None
        while page := reads.page(db, actor=li, is_read=False, before=before, limit=300):
            seen += [one.id for one in page]
            before = page[-1].id
        assert len(seen) == len(set(seen)) == 2000
        assert seen == sorted(seen, reverse=True)
        assert reads.unread(db, li.person_id).count == reads.MOST_COUNTED
        assert db.scalar(select(func.count()).select_from(notices)) == 2000


def test_counting_looks_at_the_index_alone(database: Database, office: SmallOffice) -> None:
    if not database.is_sqlite:
        pytest.skip("PostgreSQL decides by how much there is")
    with database.reading() as db:
        found = db.exec_driver_sql(
            "EXPLAIN QUERY PLAN SELECT count(*), max(id) FROM (SELECT id FROM notices WHERE office_id = 1 AND person_id = 3 "
            "AND read_at IS NULL ORDER BY id DESC LIMIT 1000)"
        ).all()
    assert any("COVERING INDEX ix_notices_unread" in row[3] for row in found), found


def test_a_choice_is_kept_and_on_the_persons_own_record(database: Database, office: SmallOffice) -> None:
    with database.writing() as db:
        li = office.actor(db, "li")
        assert reads.wishes_of(db, li.person_id).hows == dict.fromkeys(Group, How.DIGEST)
        acts.choose_notices(db, by=li, hows={Group.URGENT: How.AT_ONCE, Group.COURSE: How.NOT}, digest_hour=17)
        chosen = reads.wishes_of(db, li.person_id)
        assert chosen.hows == {**rules.USUAL, Group.URGENT: How.AT_ONCE, Group.COURSE: How.NOT}
        assert (chosen.digest_hour, chosen.address) == (17, None)
        with pytest.raises(rules.HourUnfit):
            acts.choose_notices(db, by=li, hows={}, digest_hour=24)
        assert first_broken(db, list(heads(db))) is None


def test_an_address_is_used_only_once_its_code_came_back(database: Database, office: SmallOffice, clock: Clock) -> None:
    with database.writing() as db:
        li = office.actor(db, "li")
        acts.give_address(db, by=li, address="li@office.example")
        assert reads.wishes_of(db, li.person_id).address is None
        assert reads.wishes_of(db, li.person_id).to_prove == "li@office.example"
        code = code_of(db, office, "li")
        with pytest.raises(rules.CodeWrong):
            acts.prove_address(db, by=li, code="000000" if code != "000000" else "000001")
        acts.prove_address(db, by=li, code=f" {code[:3]} {code[3:]} ")
        assert reads.wishes_of(db, li.person_id).address == "li@office.example"
        with pytest.raises(rules.CodeTooOld):
            acts.prove_address(db, by=li, code=code)
        clock.advance(minutes=2)
        acts.give_address(db, by=li, address="other@office.example")
        assert reads.wishes_of(db, li.person_id).address == "li@office.example", "until the new one is proved"


def test_a_code_is_guessed_five_times_at_most_and_is_good_for_an_hour(
    database: Database, office: SmallOffice, clock: Clock
) -> None:
    with database.writing() as db:
        li = office.actor(db, "li")
        acts.give_address(db, by=li, address="li@office.example")
        code = code_of(db, office, "li")
        for _ in range(rules.MOST_CODE_TRIES):
            with pytest.raises(rules.CodeWrong):
                acts.prove_address(db, by=li, code="no")
        with pytest.raises(rules.CodeTooOld):
            acts.prove_address(db, by=li, code=code)
        with pytest.raises(rules.CodeJustSent):
            acts.give_address(db, by=li, address="li@office.example")
        clock.advance(minutes=1)
        acts.give_address(db, by=li, address="li@office.example")
        clock.advance(minutes=61)
        with pytest.raises(rules.CodeTooOld):
            acts.prove_address(db, by=li, code=code_of(db, office, "li"))


def test_only_administrators_say_which_programs_are_notified(database: Database, office: SmallOffice) -> None:
    with database.writing() as db:
        li, guo = office.actor(db, "li"), office.actor(db, "guo")
        with pytest.raises(NotAllowed):
            acts.add_webhook(db, by=li, url="https://hooks.example/x")
        secret = acts.add_webhook(db, by=guo, url="https://hooks.example/x")
        assert len(secret) >= 32
        with pytest.raises(rules.WebhookThere):
            acts.add_webhook(db, by=guo, url="https://hooks.example/x")
        (there,) = reads.webhooks_in_use(db, by=guo)
        with pytest.raises(NotAllowed):
            acts.remove_webhook(db, by=li, webhook_id=there.id)
        for refused in (reads.webhooks_in_use, reads.undelivered):
            with pytest.raises(NotAllowed):
                refused(db, by=li)
        with pytest.raises(NotAllowed):
            acts.try_again(db, by=li)
        acts.remove_webhook(db, by=guo, webhook_id=there.id)
        with pytest.raises(NotFound):
            acts.remove_webhook(db, by=guo, webhook_id=there.id)
        written = [entry.act for head in list(heads(db)) for entry in entries(db, head.id)]
        assert {"add_webhook", "remove_webhook"} <= set(written)
        assert secret not in str([entry.facts for head in list(heads(db)) for entry in entries(db, head.id)])
        assert first_broken(db, list(heads(db))) is None


def test_forgetting_an_address_ends_all_letters(database: Database, office: SmallOffice) -> None:
    with database.writing() as db:
        reachable(db, office, "li")
        acts.forget_address(db, by=office.actor(db, "li"))
        assert reads.wishes_of(db, office.persons["li"]).address is None
        assert first_broken(db, list(heads(db))) is None


def test_what_was_read_long_ago_goes_and_what_is_unread_or_waits_to_be_sent_stays(
    database: Database, office: SmallOffice, clock: Clock
) -> None:
    with database.writing() as db:
        told(db, office, "li", "wang")
        read, *_ = reads.page(db, actor=office.actor(db, "li"), is_read=False)
        acts.mark_read(db, by=office.actor(db, "li"), notice_id=read.id)
        db.execute(update(notices).where(notices.c.person_id == office.persons["li"]).values(sort_at=None))
        told(db, office, "li")
        assert sweeping.sweep(db, person_id=office.persons["li"], before=clock.now()) == 0
    clock.advance(days=1)
    with database.writing() as db:
        acts.mark_all_read(db, by=office.actor(db, "wang"))
        assert set(sweeping.told_persons(db)) == set(office.persons.values())
        assert sum(sweeping.sweep(db, person_id=one, before=clock.now()) for one in office.persons.values()) == 1
        left = db.execute(select(notices.c.person_id, notices.c.read_at.is_(None))).all()
    assert sorted(map(tuple, left)) == sorted([(office.persons["li"], True), (office.persons["wang"], False)])
