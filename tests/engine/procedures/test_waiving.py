"""Warnings waived with a reason, and the findings that look at who there is to do the work."""

from __future__ import annotations

import json
from datetime import date

import pytest
from sqlalchemy import Connection, insert, select
from sqlalchemy.exc import DBAPIError

from engine.base.database import Database
from engine.base.errors import NotAllowed
from engine.diagram.shape import Finding
from engine.organisation import acts as organisation
from engine.organisation.reads import chart
from engine.procedures import acts, reads, rules
from engine.procedures.staffing import staffing
from engine.procedures.tables import waivers
from engine.records.journal import entries
from tests.builders import SmallOffice
from tests.counting import counting
from tests.diagram_text import END, START, lanes, process, step, way

TWO_NAMED_ALIKE = process(
    lanes(counter=("start", "one", "two", "end"))
    + START
    + step("one", "Review the plans 审图")
    + step("two", "Review the plans 审图")
    + END
    + way("start", "one", "two", "end")
)
ALIKE = "duplicate-names"


def draft(db: Connection, office: SmallOffice, source: bytes = TWO_NAMED_ALIKE, post: str = "clerk") -> int:
    he = office.actor(db, "he")
    procedure_id = acts.open_procedure(
        db, by=he, name="Permit", prefix="BP", department_id=office.departments["review"]
    )
    return next_draft(db, office, procedure_id, source, post)


def next_draft(
    db: Connection, office: SmallOffice, procedure_id: int, source: bytes = TWO_NAMED_ALIKE, post: str = "clerk"
) -> int:
    he = office.actor(db, "he")
    edition_id = acts.deposit(db, by=he, procedure_id=procedure_id, file="p.bpmn", source=source, attachments={})
    acts.map_owners(db, by=he, edition_id=edition_id, mapped={"lane:counter": office.posts[post]})
    return edition_id


def waive(
    db: Connection, office: SmallOffice, edition_id: int, reason: str = "They are two rounds of one thing."
) -> None:
    he = office.actor(db, "he")
    acts.waive_finding(db, by=he, edition_id=edition_id, rule=ALIKE, element="two", reason=reason)


def told(found: tuple[Finding, ...]) -> list[tuple[str, str | None]]:
    return [(one.rule.code, one.element) for one in found]


def test_a_waived_warning_stands_by_itself_with_its_reason(database: Database, office: SmallOffice) -> None:
    with database.writing() as db:
        edition_id = draft(db, office)
        assert told(reads.edition(db, edition_id).to_look_at) == [(ALIKE, "two")]
        waive(db, office, edition_id, "  They are\n two rounds. ")
        page = reads.edition(db, edition_id)
        assert page.to_look_at == ()
        (one,) = page.waived
        assert told((one.finding,)) == [(ALIKE, "two")]
        assert (one.waiver.reason, one.waiver.by.en) == ("They are two rounds.", "He Jun")
        assert one.finding in page.findings
        assert one.finding not in page.open_findings


def test_it_is_taken_back(database: Database, office: SmallOffice) -> None:
    with database.writing() as db:
        edition_id, he = draft(db, office), office.actor(db, "he")
        waive(db, office, edition_id)
        acts.take_back_waiver(db, by=he, edition_id=edition_id, rule=ALIKE, element="two")
        assert told(reads.edition(db, edition_id).to_look_at) == [(ALIKE, "two")]
        with pytest.raises(rules.NothingToWaive):
            acts.take_back_waiver(db, by=he, edition_id=edition_id, rule=ALIKE, element="two")


def test_waived_again_the_new_reason_counts(database: Database, office: SmallOffice) -> None:
    with database.writing() as db:
        edition_id = draft(db, office)
        waive(db, office, edition_id)
        waive(db, office, edition_id, "The second is a check of the first.")
        (one,) = reads.edition(db, edition_id).waived
        assert one.waiver.reason == "The second is a check of the first."


def test_what_keeps_an_edition_out_of_force_is_never_waived(database: Database, office: SmallOffice) -> None:
    source = TWO_NAMED_ALIKE.replace(b'targetRef="end"', b'targetRef="ende"')
    with database.writing() as db:
        edition_id, he = draft(db, office, source), office.actor(db, "he")
        assert told(reads.edition(db, edition_id).keeping_out) == [("dangling-reference", "two_to_end")]
        with pytest.raises(rules.NotToBeWaived):
            acts.waive_finding(
                db, by=he, edition_id=edition_id, rule="dangling-reference", element="two_to_end", reason="Never mind."
            )


def test_nor_is_what_asks_nothing_nor_what_is_not_there_nor_anything_without_a_reason(
    database: Database, office: SmallOffice
) -> None:
    with database.writing() as db:
        edition_id, he = draft(db, office), office.actor(db, "he")
        for rule, element, reason, refusal in (
            ("instruction-missing", "procedure", "So what.", rules.NotToBeWaived),
            (ALIKE, "one", "It is not.", rules.NothingToWaive),
            ("no-such-rule", "two", "It is not.", rules.NothingToWaive),
            (ALIKE, "two", " \n", rules.WaiverWithoutReason),
            (ALIKE, "two", "x" * 501, rules.WaiverWithoutReason),
        ):
            with pytest.raises(refusal):
                acts.waive_finding(db, by=he, edition_id=edition_id, rule=rule, element=element, reason=reason)
        assert db.scalar(select(waivers.c.rule)) is None


def test_only_designers_waive_and_only_in_a_draft(database: Database, office: SmallOffice) -> None:
    with database.writing() as db:
        edition_id, he = draft(db, office), office.actor(db, "he")
        with pytest.raises(NotAllowed):
            acts.waive_finding(
                db, by=office.actor(db, "li"), edition_id=edition_id, rule=ALIKE, element="two", reason="I may."
            )
        waive(db, office, edition_id)
        acts.put_in_force(db, by=he, edition_id=edition_id)
        with pytest.raises(rules.NotADraft):
            acts.take_back_waiver(db, by=he, edition_id=edition_id, rule=ALIKE, element="two")
        row = dict(db.execute(select(waivers)).mappings().one()) | {"element": "one"}
    with pytest.raises(DBAPIError), database.writing() as db:
        db.execute(insert(waivers).values(row))


def test_it_is_carried_over_with_who_waived_it_and_when_as_long_as_the_fault_stands(
    database: Database, office: SmallOffice
) -> None:
    with database.writing() as db:
        first = draft(db, office)
        waive(db, office, first)
        before = reads.edition(db, first)
        second = next_draft(db, office, before.procedure_id)
        assert [one.waiver for one in reads.edition(db, second).waived] == [before.waived[0].waiver]
        mended = TWO_NAMED_ALIKE.replace("审图".encode(), "复审".encode(), 1)
        third = next_draft(db, office, before.procedure_id, mended)
        page = reads.edition(db, third)
        assert (page.waived, page.to_look_at) == ((), ())
        copy = acts.new_draft_from(db, by=office.actor(db, "he"), edition_id=second)
        assert [one.waiver for one in reads.edition(db, copy).waived] == [before.waived[0].waiver]


def test_both_acts_are_in_the_record(database: Database, office: SmallOffice) -> None:
    with database.writing() as db:
        edition_id, he = draft(db, office), office.actor(db, "he")
        waive(db, office, edition_id)
        acts.take_back_waiver(db, by=he, edition_id=edition_id, rule=ALIKE, element="two")
        head = next(reads.heads(db))
        waived, back = entries(db, head.id)[-2:]
        assert (waived.act, back.act) == ("waive_finding", "take_back_waiver")
        assert json.loads(waived.facts) == {
            "edition": 1, "rule": ALIKE, "element": "two", "reason": "They are two rounds of one thing.",
        }  # fmt: skip


# Who there is.


def test_a_lane_without_a_post_is_told_of_apart(database: Database, office: SmallOffice) -> None:
    with database.writing() as db:
        edition_id = draft(db, office)
        acts.map_owners(db, by=office.actor(db, "he"), edition_id=edition_id, mapped={})
        page = reads.edition(db, edition_id)
        assert told(page.without_post) == [("lane-unmapped", "counter")]
        assert page.keeping_out == ()


@pytest.mark.parametrize(
    ("post", "rule"), [("clerk", None), ("head", None), ("director", "post-without-deputy")], ids=str
)
def test_a_deputy_is_a_second_holder_or_whoever_holds_the_post_above(
    database: Database, office: SmallOffice, post: str, rule: str | None
) -> None:
    """Two persons are clerks; one is the head, under the director; nobody is above the director."""
    with database.writing() as db:
        found = told(reads.edition(db, draft(db, office, post=post)).to_look_at)
        assert set(found) == {(ALIKE, "two")} | ({(rule, "counter")} if rule else set())


def test_a_post_that_nobody_holds_any_more_is_vacant(database: Database, office: SmallOffice) -> None:
    with database.writing() as db:
        edition_id = draft(db, office, post="head")
        (holding,) = next(one for one in chart(db).posts if one.code == "head").holders
        organisation.end_holding(
            db, by=office.actor(db, "guo"), holding_id=holding.holding_id, until_day=date(2020, 1, 2)
        )
        assert ("post-vacant", "counter") in told(reads.edition(db, edition_id).to_look_at)


def test_who_holds_the_posts_is_asked_in_as_many_statements_however_many_there_are(
    database: Database, office: SmallOffice
) -> None:
    with database.writing() as db:
        edition_id = draft(db, office)
    with counting(database) as counted, database.reading() as db:
        held = staffing(db, edition_id)
    # Who holds what is one statement; the rest reads the drawing, which a draft reads anew each time.
    assert sum("holdings" in one for one in counted.statements) == 1
    assert len(counted.statements) <= 8
    assert len(held.posts["lane:counter"].holders) == 2
    assert held.posts["lane:counter"].superiors
