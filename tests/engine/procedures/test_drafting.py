"""Drafts that are drawn: saved by themselves, two at one draft, restored, and begun from an edition in force."""

from __future__ import annotations

import hashlib
import json

import orjson
import pytest
from sqlalchemy import Connection, func, select

from engine.base.database import Database
from engine.base.errors import NotAllowed, NotFound
from engine.control.parties import authors
from engine.diagram.blank import blank
from engine.diagram.forms import NotAForm
from engine.diagram.lint import blocks, findings
from engine.diagram.read import read
from engine.diagram.refusals import NotADrawing, NotXml, TooLarge
from engine.organisation import acts as organisation
from engine.procedures import acts, drafts, presence, reads, rules
from engine.procedures.acts import Saved
from engine.procedures.tables import draft_saves, procedures
from engine.records.journal import Entry, entries
from engine.records.verify import first_broken
from tests.builders import FROM_DAY, SmallOffice
from tests.conftest import Clock
from tests.diagram_text import DECIDE_FORM, END, RECEIVE_FORM, START, TWO_DEPARTMENTS, flow, lanes, process, step, way
from tests.worlds import begun, every_head, in_force, tasks_of


def _drawn(*names: str) -> bytes:
    """A lane with the steps, one after the other."""
    ids = [name.lower() for name in names]
    return process(
        lanes(counter=("start", *ids, "end"))
        + START
        + "".join(step(one, name) for one, name in zip(ids, names, strict=True))
        + END
        + way("start", *ids, "end")
    )


FIRST, SECOND, THIRD = _drawn("Receive"), _drawn("Receive", "Check"), _drawn("Receive", "Check", "Issue")


@pytest.fixture
def draft(database: Database, office: SmallOffice) -> int:
    with database.writing() as db:
        he = office.actor(db, "he")
        procedure_id = acts.open_procedure(
            db, by=he, name="Permit", prefix="BP", department_id=office.departments["review"]
        )
        return acts.deposit(db, by=he, procedure_id=procedure_id, file="p.bpmn", source=FIRST, attachments={})


@pytest.fixture
def other(database: Database, office: SmallOffice) -> str:
    """A second designer."""
    with database.writing() as db:
        organisation.give_post(
            db, by=None, person_id=office.persons["wang"], post_id=office.posts["designer"], from_day=FROM_DAY
        )
    return "wang"


def _save(
    db: Connection, office: SmallOffice, edition_id: int, source: bytes, based_on: int, login: str = "he", pen: str = "a",
    **mapped: int | None,
) -> Saved:  # fmt: skip
    return acts.save_draft(
        db, by=office.actor(db, login), edition_id=edition_id, source=source, based_on=based_on, pen=pen,
        mapped={f"lane:{lane}": post for lane, post in mapped.items()},
    )  # fmt: skip


def _record(db: Connection, edition_id: int) -> list[Entry]:
    chain = db.scalar(select(procedures.c.chain).where(procedures.c.id == reads.edition(db, edition_id).procedure_id))
    assert chain is not None
    return list(entries(db, chain))


def _saves(db: Connection) -> int:
    return int(db.scalar(select(func.count()).select_from(draft_saves)) or 0)


def test_a_save_becomes_the_draft_and_says_so_in_the_record(
    database: Database, office: SmallOffice, draft: int, clock: Clock
) -> None:
    with database.writing() as db:
        assert _save(db, office, draft, SECOND, 0) == Saved(1)
    with database.reading() as db:
        assert reads.source(db, draft)[1] == SECOND
        now = drafts.standing(db, draft)
        assert (now.revision, now.by_id, now.at) == (1, office.persons["he"], clock.now())
        last = _record(db, draft)[-1]
        assert last.act == "save_draft"
        assert orjson.loads(last.facts) == {
            "edition": 1, "revision": 1, "based_on": 0, "digest": hashlib.sha256(SECOND).hexdigest(),
        }  # fmt: skip
        assert first_broken(db, every_head(db)) is None


def test_a_save_that_changes_nothing_writes_nothing(database: Database, office: SmallOffice, draft: int) -> None:
    with database.writing() as db:
        before = len(_record(db, draft))
        assert _save(db, office, draft, FIRST, 0) == Saved(0)
        assert (len(_record(db, draft)), _saves(db)) == (before, 0)


def test_what_was_uploaded_can_be_had_again_after_any_number_of_saves(
    database: Database, office: SmallOffice, draft: int
) -> None:
    with database.writing() as db:
        _save(db, office, draft, SECOND, 0)
        _save(db, office, draft, THIRD, 1)
    with database.reading() as db:
        first = drafts.saves(db, draft)[-1]
        assert drafts.saved(db, draft, first.number) == ("p.bpmn", FIRST)
    with database.writing() as db:
        assert acts.restore_save(db, by=office.actor(db, "he"), edition_id=draft, number=first.number) == 3
    with database.reading() as db:
        assert reads.source(db, draft)[1] == FIRST
        assert [one.now for one in drafts.saves(db, draft)].count(True) == 1
        assert _record(db, draft)[-1].act == "restore_save"
        assert THIRD in {drafts.saved(db, draft, one.number)[1] for one in drafts.saves(db, draft)}


def test_saves_of_one_page_within_five_minutes_share_a_row_and_later_ones_do_not(
    database: Database, office: SmallOffice, draft: int, clock: Clock
) -> None:
    with database.writing() as db:
        _save(db, office, draft, SECOND, 0)
        clock.advance(minutes=4)
        _save(db, office, draft, THIRD, 1)
        assert _saves(db) == 2  # what was uploaded, and the page's
        clock.advance(minutes=2)
        _save(db, office, draft, SECOND, 2)
        assert _saves(db) == 3
        _save(db, office, draft, THIRD, 3, pen="another page")
        assert _saves(db) == 4
        _save(db, office, draft, SECOND, 4)
        assert _saves(db) == 5, "somebody else's save stands between"


def test_of_two_who_saved_on_the_same_revision_both_are_kept_and_the_second_is_told(
    database: Database, office: SmallOffice, draft: int, other: str
) -> None:
    with database.writing() as db:
        _save(db, office, draft, SECOND, 0)
        answer = _save(db, office, draft, THIRD, 0, login=other, pen="b")
    assert answer.revision == 1
    assert answer.beside is not None
    with database.reading() as db:
        assert reads.source(db, draft)[1] == SECOND, "the draft is the first one's"
        assert drafts.saved(db, draft, answer.beside)[1] == THIRD
        (beside,) = [one for one in drafts.saves(db, draft) if one.beside]
        assert beside.saved_by.en == "Wang Lei"
        assert orjson.loads(_record(db, draft)[-1].facts)["beside"] == answer.beside


def test_whoever_goes_on_beside_the_draft_is_kept_in_one_row_per_page(
    database: Database, office: SmallOffice, draft: int, other: str, clock: Clock
) -> None:
    with database.writing() as db:
        _save(db, office, draft, SECOND, 0)
        first = _save(db, office, draft, THIRD, 0, login=other, pen="b")
        clock.advance(hours=1)
        again = _save(db, office, draft, _drawn("Other"), 0, login=other, pen="b")
        elsewhere = _save(db, office, draft, _drawn("Third"), 0, login=other, pen="c")
        assert first.beside == again.beside
        assert elsewhere.beside != first.beside
        assert drafts.saved(db, draft, first.beside or 0)[1] == _drawn("Other")


def test_mine_made_the_draft_leaves_theirs_among_the_saves(
    database: Database, office: SmallOffice, draft: int, other: str
) -> None:
    with database.writing() as db:
        _save(db, office, draft, SECOND, 0)
        _save(db, office, draft, THIRD, 0, login=other, pen="b")
        assert _save(db, office, draft, THIRD, 1, login=other, pen="b") == Saved(2)
    with database.reading() as db:
        assert reads.source(db, draft)[1] == THIRD
        kept = drafts.saves(db, draft)
        assert {drafts.saved(db, draft, one.number)[1] for one in kept} == {FIRST, SECOND, THIRD}
        assert [one for one in kept if one.beside] == [], "it stands there once, as the draft"


def test_the_same_drawing_saved_by_two_is_no_clash(
    database: Database, office: SmallOffice, draft: int, other: str
) -> None:
    with database.writing() as db:
        _save(db, office, draft, SECOND, 0)
        assert _save(db, office, draft, SECOND, 0, login=other, pen="b") == Saved(1)


def test_everybody_who_saved_is_an_author(database: Database, office: SmallOffice, draft: int, other: str) -> None:
    with database.writing() as db:
        _save(db, office, draft, SECOND, 0, login=other)
        assert authors(db, draft) == {office.persons["he"], office.persons[other]}


def test_posts_come_with_the_drawing_and_do_not_make_another_revision(
    database: Database, office: SmallOffice, draft: int
) -> None:
    clerk, head = office.posts["clerk"], office.posts["head"]
    with database.writing() as db:
        assert _save(db, office, draft, FIRST, 0, counter=clerk) == Saved(0)
        assert drafts.mapped(db, draft) == {"lane:counter": clerk}
        _save(db, office, draft, SECOND, 0, counter=head)
        assert drafts.mapped(db, draft) == {"lane:counter": head}
        _save(db, office, draft, THIRD, 1)
        assert drafts.mapped(db, draft) == {"lane:counter": head}, "no change said, none made"
        _save(db, office, draft, THIRD, 2, counter=None)
        assert drafts.mapped(db, draft) == {}


def test_the_post_of_a_lane_that_is_no_longer_drawn_is_forgotten_and_a_lane_without_steps_may_have_one(
    database: Database, office: SmallOffice, draft: int
) -> None:
    empty = FIRST.replace(b"</laneSet>", b'<lane id="later" name="Later"/></laneSet>')
    with database.writing() as db:
        _save(db, office, draft, empty, 0, counter=office.posts["clerk"], later=office.posts["head"])
        assert set(drafts.mapped(db, draft)) == {"lane:counter", "lane:later"}
        _save(db, office, draft, FIRST, 1, never=office.posts["clerk"])
        assert set(drafts.mapped(db, draft)) == {"lane:counter"}


def test_a_post_that_does_not_exist_is_refused(database: Database, office: SmallOffice, draft: int) -> None:
    with pytest.raises(rules.PostUnknown), database.writing() as db:
        _save(db, office, draft, SECOND, 0, counter=999)
    with database.reading() as db:
        assert reads.source(db, draft)[1] == FIRST


def test_restoring_brings_back_posts_but_not_over_those_mapped_since(
    database: Database, office: SmallOffice, draft: int
) -> None:
    two = process(
        lanes(counter=("start", "one"), bureau=("two", "end")) + START + step("one") + step("two") + END
        + way("start", "one", "two", "end")
    )  # fmt: skip
    clerk, head, reviewer = (office.posts[code] for code in ("clerk", "head", "reviewer"))
    with database.writing() as db:
        he = office.actor(db, "he")
        _save(db, office, draft, two, 0, counter=clerk, bureau=head)
        (saved,) = [one.number for one in drafts.saves(db, draft) if one.now]
        _save(db, office, draft, FIRST, 1, pen="later")
        acts.map_owners(db, by=he, edition_id=draft, mapped={"lane:counter": reviewer})
        acts.restore_save(db, by=he, edition_id=draft, number=saved)
        assert drafts.mapped(db, draft) == {"lane:counter": reviewer, "lane:bureau": head}


def test_a_flow_that_lost_its_condition_asks_nobody_instead_of_it(database: Database, office: SmallOffice) -> None:
    def gate(condition: str | None) -> bytes:
        return process(
            lanes(counter=("start", "one", "gate", "two", "end"))
            + START + step("one") + '<exclusiveGateway id="gate"/>' + step("two") + END
            + way("start", "one", "gate") + flow("gate", "two", condition) + flow("gate", "end", "a = 1")
            + way("two", "end")
        )  # fmt: skip

    with database.writing() as db:
        he = office.actor(db, "he")
        procedure_id = acts.open_procedure(db, by=he, name="P", prefix="PP", department_id=office.departments["review"])
        edition = acts.deposit(db, by=he, procedure_id=procedure_id, file="p.bpmn", source=gate("(("), attachments={})
        acts.ask_instead(db, by=he, edition_id=edition, flows=["gate_to_two", "gate_to_end"])
        _save(db, office, edition, gate(None), 0)
        assert reads.edition(db, edition).asked == {"gate_to_end"}


@pytest.mark.parametrize(
    ("source", "refusal"),
    [(b"", NotADrawing), (FIRST[:-20], NotXml), (FIRST + b"<!--" + b"x" * 3_000_000 + b"-->", TooLarge)],
    ids=["empty", "cut off", "three megabytes"],
)
def test_what_is_no_drawing_changes_nothing(
    database: Database, office: SmallOffice, draft: int, source: bytes, refusal: type[Exception]
) -> None:
    with pytest.raises(refusal), database.writing() as db:
        _save(db, office, draft, source, 0)
    with database.reading() as db:
        assert reads.source(db, draft)[1] == FIRST
        assert _saves(db) == 0


def test_only_designers_save_and_only_drafts_are_saved(database: Database, office: SmallOffice, draft: int) -> None:
    with pytest.raises(NotAllowed), database.writing() as db:
        _save(db, office, draft, SECOND, 0, login="li")
    with database.writing() as db:
        procedure_id = in_force(db, office, prefix="IN")
        settled = reads.procedure(db, procedure_id).in_force_id
        assert settled is not None
    with pytest.raises(rules.NotADraft), database.writing() as db:
        _save(db, office, settled, SECOND, 0)
    with pytest.raises(NotFound), database.writing() as db:
        _save(db, office, 999, SECOND, 0)


# files beside the diagram


def test_a_form_is_attached_replaced_and_had_again(database: Database, office: SmallOffice, draft: int) -> None:
    with database.writing() as db:
        he = office.actor(db, "he")
        acts.attach(db, by=he, edition_id=draft, path="a.form.json", content=RECEIVE_FORM, replaces=None)
        before = drafts.beside(db, draft).files["a.form.json"]
        acts.attach(db, by=he, edition_id=draft, path="a.form.json", content=DECIDE_FORM, replaces=before)
        assert drafts.file(db, draft, "a.form.json") == DECIDE_FORM
        first = next(one for one in drafts.saves(db, draft) if drafts.saved(db, draft, one.number)[1] == RECEIVE_FORM)
        acts.restore_save(db, by=he, edition_id=draft, number=first.number)
        assert drafts.file(db, draft, "a.form.json") == RECEIVE_FORM
        acts.detach(db, by=he, edition_id=draft, path="a.form.json")
        assert drafts.beside(db, draft).files == {}
        assert [one.act for one in _record(db, draft)[-4:]] == ["attach", "attach", "restore_save", "detach"]
        assert drafts.standing(db, draft).revision == 0, "the drawing is the same"


def test_a_form_that_somebody_changed_meanwhile_is_not_overwritten(
    database: Database, office: SmallOffice, draft: int, other: str
) -> None:
    with database.writing() as db:
        he, wang = office.actor(db, "he"), office.actor(db, other)
        acts.attach(db, by=he, edition_id=draft, path="a.form.json", content=RECEIVE_FORM, replaces=None)
        known = drafts.beside(db, draft).files["a.form.json"]
        acts.attach(db, by=wang, edition_id=draft, path="a.form.json", content=DECIDE_FORM, replaces=known)
        with pytest.raises(rules.FileChangedMeanwhile) as refused:
            acts.attach(db, by=he, edition_id=draft, path="a.form.json", content=b'{"components":[]}', replaces=known)
        assert refused.value.facts["person"].zh == "王磊"
        assert drafts.file(db, draft, "a.form.json") == DECIDE_FORM


@pytest.mark.parametrize("path", ["../a.form.json", "a/b.json", "a\\b.dmn", "a.exe", ".json", "x" * 200 + ".json", "a"])
def test_a_file_has_a_plain_name(database: Database, office: SmallOffice, draft: int, path: str) -> None:
    with database.writing() as db, pytest.raises(rules.FileUnfit):
        acts.attach(db, by=office.actor(db, "he"), edition_id=draft, path=path, content=b"{}", replaces=None)


def test_a_form_that_is_none_and_too_much_beside_are_refused(
    database: Database, office: SmallOffice, draft: int
) -> None:
    with database.writing() as db:
        he = office.actor(db, "he")
        with pytest.raises(NotAForm):
            acts.attach(db, by=he, edition_id=draft, path="a.form.json", content=b"{", replaces=None)
        big = b" " * (rules.MOST_ATTACHED_BYTES + 1)
        with pytest.raises(rules.AttachmentsTooLarge):
            acts.attach(db, by=he, edition_id=draft, path="a.json", content=big, replaces=None)
        assert drafts.beside(db, draft).files == {}


# the next edition


def test_the_next_edition_holds_all_that_the_one_in_force_holds_and_is_a_draft(
    database: Database, office: SmallOffice
) -> None:
    with database.writing() as db:
        procedure_id = in_force(db, office)
        settled = reads.procedure(db, procedure_id).in_force_id
        assert settled is not None
        made = acts.new_draft_from(db, by=office.actor(db, "he"), edition_id=settled)
        old, new = reads.edition(db, settled), reads.edition(db, made)
        assert (new.line.number, new.line.state, new.line.uploaded_by.en) == (2, "draft", "He Jun")
        assert reads.source(db, made) == reads.source(db, settled)
        assert new.attachments == old.attachments
        assert drafts.mapped(db, made) == drafts.mapped(db, settled)
        assert _record(db, made)[-1].act == "new_draft_from"
        assert orjson.loads(_record(db, made)[-1].facts)["from"] == 1


def test_a_procedure_drawn_from_nothing_runs(database: Database, office: SmallOffice) -> None:
    begins = blank("Taxi licence 出租车", "TX")
    assert read(begins, "tx.bpmn").has_coordinates
    drawn_on = begins.replace(
        b"</bpmn:laneSet>",
        b'</bpmn:laneSet><bpmn:userTask id="check" name="Check the car"/><bpmn:endEvent id="end"/>'
        b'<bpmn:sequenceFlow id="f1" sourceRef="start" targetRef="check"/>'
        b'<bpmn:sequenceFlow id="f2" sourceRef="check" targetRef="end"/>',
    ).replace(
        b"<bpmn:flowNodeRef>start</bpmn:flowNodeRef>",
        b"<bpmn:flowNodeRef>start</bpmn:flowNodeRef><bpmn:flowNodeRef>check</bpmn:flowNodeRef>"
        b"<bpmn:flowNodeRef>end</bpmn:flowNodeRef>",
    )
    with database.writing() as db:
        he = office.actor(db, "he")
        procedure_id = acts.open_procedure(
            db, by=he, name="Taxi", prefix="TX", department_id=office.departments["review"]
        )
        edition = acts.deposit(db, by=he, procedure_id=procedure_id, file="tx.bpmn", source=begins, attachments={})
        _save(db, office, edition, drawn_on, 0, lane_1=office.posts["clerk"])
        acts.put_in_force(db, by=he, edition_id=edition)
        begun(db, office, procedure_id)
        assert set(tasks_of(db, office, "li")) == {"Check the car"}


@pytest.mark.parametrize("name", ['"><script>alert(1)</script>', "]]> & <x>", "程序 'a' \"b\""])
def test_an_empty_diagram_is_a_drawing_whatever_it_is_called(name: str) -> None:
    made = read(blank(name, "X!"), "x.bpmn")
    (only,) = made.processes.values()
    assert only.pool == name
    assert not blocks(findings(made))


# who is there


def test_each_is_told_of_the_others_for_as_long_as_their_page_is_open(
    database: Database, office: SmallOffice, draft: int, other: str, clock: Clock
) -> None:
    he, wang = office.persons["he"], office.persons[other]
    with database.writing() as db:
        assert presence.seen(db, edition_id=draft, person_id=he) == ()
        (met,) = presence.seen(db, edition_id=draft, person_id=wang)
        assert met.name.zh == "何军"
        clock.advance(seconds=30)
        assert [one.name.en for one in presence.seen(db, edition_id=draft, person_id=he)] == ["Wang Lei"]
        clock.advance(seconds=40)
        assert presence.seen(db, edition_id=draft, person_id=wang) == ()


def test_the_owners_kept_with_a_save_are_those_of_that_moment(
    database: Database, office: SmallOffice, draft: int
) -> None:
    with database.writing() as db:
        _save(db, office, draft, SECOND, 0, counter=office.posts["clerk"])
        kept = db.scalars(select(draft_saves.c.owners).order_by(draft_saves.c.number)).all()
        assert [json.loads(one) for one in kept] == [{}, {"lane:counter": office.posts["clerk"]}]


def test_a_draft_without_coordinates_is_opened_with_some(database: Database, office: SmallOffice, draft: int) -> None:
    with database.writing() as db:
        opened = drafts.draft(db, draft)
        assert opened.laid_out
        assert read(opened.text.encode(), "x.bpmn").has_coordinates
        assert reads.source(db, draft)[1] == FIRST, "looking changes nothing"
        _save(db, office, draft, opened.text.encode(), 0)
        assert not drafts.draft(db, draft).laid_out


def test_a_draft_offers_the_answers_of_its_forms_and_its_files(database: Database, office: SmallOffice) -> None:
    with database.writing() as db:
        procedure_id = in_force(db, office, TWO_DEPARTMENTS)
        edition = reads.procedure(db, procedure_id).in_force_id
        assert edition is not None
        offered = drafts.beside(db, edition)
        assert ("plot", "Plot") in offered.answers
        assert set(offered.files) == {"receive.form.json", "decide.form.json"}
