"""Papers of a case: added, replaced, struck out, issued; each on the record with its hash, and seen by whom the case is."""

from __future__ import annotations

import hashlib
import io
import re
from pathlib import Path

import pytest
from sqlalchemy import delete, update
from sqlalchemy.exc import DBAPIError

from engine.base.database import Database
from engine.base.errors import NotAllowed, NotFound
from engine.cases import acts, reads, rules, search
from engine.cases.listing import case_list
from engine.cases.papers import Paper, handed_out, issued_so_far, papers_of
from engine.cases.producing import in_language, offered, prepared, produced
from engine.cases.tables_of_papers import paper_versions, papers
from engine.papers import contents
from engine.papers.rules import ContentGone, FoundInfected, NotScannedYet, State
from engine.papers.store import Folder
from engine.papers.taking import Cabinet, Taken, take_in, take_made
from engine.records.verify import first_broken
from tests.builders import SmallOffice
from tests.diagram_text import TWO_DEPARTMENTS, TWO_DEPARTMENTS_BESIDE
from tests.worlds import begun, every_head, in_force

NOTICE = """
title = { en = "Receipt", zh = "收件回执" }
mark = "HZ"
[[paragraph]]
en = "{applicant}: we have received “{matter}” ({number}) on {received_on}. {person}, {post}"
zh = "{applicant}：“{matter}”（{number}）已于{received_on}收到。{post}{person}"
"""


@pytest.fixture
def cabinet(tmp_path: Path) -> Cabinet:
    return Cabinet(Folder(tmp_path / "papers"))


@pytest.fixture
def case_id(database: Database, office: SmallOffice) -> int:
    drawn = re.sub(rb'(<(?:\w+:)?userTask id="receive")', rb'\1 xmlns:officium="urn:officium:procedure:1" '
                   rb'officium:document="receipt.notice.toml"', TWO_DEPARTMENTS)  # fmt: skip
    beside = {**TWO_DEPARTMENTS_BESIDE, "receipt.notice.toml": NOTICE.encode()}
    with database.writing() as db:
        procedure = in_force(db, office, drawn, beside=beside)
        return begun(db, office, procedure, by="li").case_id


def handed_in(cabinet: Cabinet, words: str = "hello", name: str = "x.txt") -> Taken:
    return take_in(cabinet, io.BytesIO(words.encode()), name)


def attached(
    database: Database, office: SmallOffice, cabinet: Cabinet, case_id: int, *, by: str = "li", title: str = "The deed"
) -> int:
    with database.writing() as db:
        return acts.attach_paper(
            db, by=office.actor(db, by), case_id=case_id, cabinet=cabinet, taken=handed_in(cabinet), title=title
        )


def only(database: Database, case_id: int) -> Paper:
    with database.reading() as db:
        (paper,) = papers_of(db, case_id=case_id)
    return paper


def last_entry(database: Database, office: SmallOffice, case_id: int) -> reads.EntryLine:
    with database.reading() as db:
        return reads.case(db, actor=office.actor(db, "li"), case_id=case_id).record[-1]


def test_a_paper_is_added_with_who_and_when_and_its_hash_is_on_the_record(
    database: Database, office: SmallOffice, cabinet: Cabinet, case_id: int
) -> None:
    paper_id = attached(database, office, cabinet, case_id)
    paper = only(database, case_id)
    assert (paper.paper_id, paper.title, len(paper.versions)) == (paper_id, "The deed", 1)
    one = paper.latest
    assert (one.number, one.name, one.kind, one.size, one.open) == (1, "x.txt", "txt", 5, True)
    assert one.person is not None
    assert one.person.en == "Li Ming"
    entry = last_entry(database, office, case_id)
    assert (entry.act, entry.facts["sha256"]) == ("attach_paper", hashlib.sha256(b"hello").hexdigest())
    with database.reading() as db:
        assert first_broken(db, iter(every_head(db))) is None


def test_who_may_see_the_case_may_have_its_papers_and_nobody_else(
    database: Database, office: SmallOffice, cabinet: Cabinet, case_id: int
) -> None:
    paper_id = attached(database, office, cabinet, case_id)
    with database.reading() as db:
        for login in ("li", "chen", "sun"):
            found = handed_out(db, actor=office.actor(db, login), case_id=case_id, paper_id=paper_id, version=1)
            assert (found.name, found.key) == ("x.txt", hashlib.sha256(b"hello").hexdigest())
        for login in ("he", "guo"):
            with pytest.raises(NotFound):
                handed_out(db, actor=office.actor(db, login), case_id=case_id, paper_id=paper_id, version=1)
        with pytest.raises(NotFound):
            handed_out(db, actor=office.actor(db, "li"), case_id=case_id, paper_id=paper_id, version=2)
        with pytest.raises(NotFound):
            handed_out(db, actor=office.actor(db, "li"), case_id=case_id + 1, paper_id=paper_id, version=1)


def test_only_who_works_in_the_case_adds_to_it(
    database: Database, office: SmallOffice, cabinet: Cabinet, case_id: int
) -> None:
    attached(database, office, cabinet, case_id, by="chen")
    for login in ("he", "guo"):
        with pytest.raises((NotFound, NotAllowed)):
            attached(database, office, cabinet, case_id, by=login)


def test_a_new_version_leaves_the_older_ones_as_they_were(
    database: Database, office: SmallOffice, cabinet: Cabinet, case_id: int
) -> None:
    paper_id = attached(database, office, cabinet, case_id)
    with database.writing() as db:
        number = acts.add_version(
            db, by=office.actor(db, "chen"), case_id=case_id, paper_id=paper_id, cabinet=cabinet,
            taken=handed_in(cabinet, "better", "y.txt"),
        )  # fmt: skip
    assert number == 2
    assert [(one.number, one.name) for one in only(database, case_id).versions] == [(2, "y.txt"), (1, "x.txt")]
    assert last_entry(database, office, case_id).facts["version"] == 2


def test_a_paper_is_struck_out_with_a_reason_and_stays_to_be_seen(
    database: Database, office: SmallOffice, cabinet: Cabinet, case_id: int
) -> None:
    paper_id = attached(database, office, cabinet, case_id)
    for reason in ("", " \n "):
        with pytest.raises(rules.ReasonMissing), database.writing() as db:
            acts.withdraw_paper(db, by=office.actor(db, "li"), case_id=case_id, paper_id=paper_id, reason=reason)
    with database.writing() as db:
        by = office.actor(db, "li")
        acts.withdraw_paper(db, by=by, case_id=case_id, paper_id=paper_id, reason="Of another house.")
    paper = only(database, case_id)
    assert (paper.withdrawn_why, paper.withdrawn_by is not None) == ("Of another house.", True)
    with database.reading() as db:
        assert handed_out(db, actor=office.actor(db, "li"), case_id=case_id, paper_id=paper_id, version=1)
    with pytest.raises(rules.PaperWithdrawn), database.writing() as db:
        acts.withdraw_paper(db, by=office.actor(db, "li"), case_id=case_id, paper_id=paper_id, reason="again")
    with pytest.raises(rules.PaperWithdrawn), database.writing() as db:
        acts.add_version(
            db, by=office.actor(db, "li"), case_id=case_id, paper_id=paper_id, cabinet=cabinet,
            taken=handed_in(cabinet),
        )  # fmt: skip


def test_the_database_itself_lets_no_version_change_and_no_paper_go(
    database: Database, office: SmallOffice, cabinet: Cabinet, case_id: int
) -> None:
    attached(database, office, cabinet, case_id)
    for statement in (
        update(paper_versions).values(name="z"),
        delete(paper_versions),
        update(papers).values(title="z"),
        delete(papers),
    ):
        with pytest.raises(DBAPIError, match="never change"), database.writing() as db:
            db.execute(statement)


def test_no_row_is_written_where_the_content_is_gone(
    database: Database, office: SmallOffice, cabinet: Cabinet, case_id: int
) -> None:
    taken = handed_in(cabinet)
    cabinet.store.remove(taken.key)
    with pytest.raises(ContentGone), database.writing() as db:
        acts.attach_paper(db, by=office.actor(db, "li"), case_id=case_id, cabinet=cabinet, taken=taken)
    with database.reading() as db:
        assert papers_of(db, case_id=case_id) == ()


def test_two_cases_may_hold_one_content(
    database: Database, office: SmallOffice, cabinet: Cabinet, case_id: int
) -> None:
    first = attached(database, office, cabinet, case_id)
    second = attached(database, office, cabinet, case_id, title="Once more")
    with database.reading() as db:
        found = papers_of(db, case_id=case_id)
    assert {one.paper_id for one in found} == {first, second}
    assert len({one.latest.key for one in found}) == 1


def test_what_was_held_back_is_handed_out_once_it_is_found_clean(
    database: Database, office: SmallOffice, cabinet: Cabinet, case_id: int
) -> None:
    held = Taken(handed_in(cabinet).digest, "x.txt", "txt", 5, held=True)
    with database.writing() as db:
        by = office.actor(db, "li")
        paper_id = acts.attach_paper(db, by=by, case_id=case_id, cabinet=cabinet, taken=held)
        assert contents.held(db) == (held.digest,)
        with pytest.raises(NotScannedYet):
            handed_out(db, actor=by, case_id=case_id, paper_id=paper_id, version=1)
        acts.scan_paper(db, digest=held.digest, found=None)
        assert handed_out(db, actor=by, case_id=case_id, paper_id=paper_id, version=1)
    assert last_entry(database, office, case_id).act == "scan_paper"


def test_what_is_found_infected_later_is_never_handed_out(
    database: Database, office: SmallOffice, cabinet: Cabinet, case_id: int
) -> None:
    held = Taken(handed_in(cabinet).digest, "x.txt", "txt", 5, held=True)
    with database.writing() as db:
        by = office.actor(db, "li")
        paper_id = acts.attach_paper(db, by=by, case_id=case_id, cabinet=cabinet, taken=held)
        acts.scan_paper(db, digest=held.digest, found="Eicar")
        acts.scan_paper(db, digest=held.digest, found=None)
        with pytest.raises(FoundInfected, match="Eicar"):
            handed_out(db, actor=by, case_id=case_id, paper_id=paper_id, version=1)
    assert only(database, case_id).latest.state == State.INFECTED


def test_that_an_infected_file_was_handed_in_is_on_the_record(
    database: Database, office: SmallOffice, case_id: int
) -> None:
    with database.writing() as db:
        acts.refuse_paper(db, by=office.actor(db, "li"), case_id=case_id, name="x.txt", found="Eicar")
    entry = last_entry(database, office, case_id)
    assert (entry.act, entry.facts["found"]) == ("refuse_paper", "Eicar")


# documents


def test_a_document_is_made_from_what_the_case_knows_and_kept_as_issued(
    database: Database, office: SmallOffice, cabinet: Cabinet, case_id: int
) -> None:
    with database.reading() as db:
        li = office.actor(db, "li")
        page = reads.task(db, actor=li, case_id=case_id, number=1)
        (offer,) = offered(db, page)
        assert (offer.title.en, offer.is_pdf) == ("Receipt", True)
        ready = prepared(db, actor=li, case_id=case_id, number=1, template=offer.template, language="en")
    document, name = produced(ready)
    assert (document.kind, name) == ("pdf", "BP-2026-0001-HZ1 Receipt.pdf")
    taken = take_made(cabinet, document.content, name, document.kind)
    with database.writing() as db:
        paper_id = acts.issue_document(
            db, by=office.actor(db, "li"), case_id=case_id, number=1, template=offer.template, title=ready.title,
            issued=ready.issued, cabinet=cabinet, taken=taken,
        )  # fmt: skip
        assert issued_so_far(db, case_id) == 1
    assert only(database, case_id).issued == 1
    assert last_entry(database, office, case_id).facts["template"] == "receipt.notice.toml"
    with pytest.raises(rules.IssuedStays), database.writing() as db:
        acts.add_version(
            db, by=office.actor(db, "li"), case_id=case_id, paper_id=paper_id, cabinet=cabinet, taken=taken
        )
    with pytest.raises(rules.IssuedMeanwhile), database.writing() as db:
        acts.issue_document(
            db, by=office.actor(db, "li"), case_id=case_id, number=1, template=offer.template, title=ready.title,
            issued=ready.issued, cabinet=cabinet, taken=taken,
        )  # fmt: skip


def test_only_who_may_do_the_task_issues_its_document(
    database: Database, office: SmallOffice, cabinet: Cabinet, case_id: int
) -> None:
    taken = take_made(cabinet, b"made", "x.pdf", "pdf")
    with pytest.raises(rules.WrongPost), database.writing() as db:
        acts.issue_document(
            db, by=office.actor(db, "sun"), case_id=case_id, number=1, template="receipt.notice.toml", title="x",
            issued=1, cabinet=cabinet, taken=taken,
        )  # fmt: skip


def test_a_template_that_the_step_does_not_name_is_not_made(
    database: Database, office: SmallOffice, case_id: int
) -> None:
    with database.reading() as db, pytest.raises(rules.NothingToProduce):
        prepared(
            db, actor=office.actor(db, "li"), case_id=case_id, number=1, template="../procedure.toml", language="en"
        )


def test_what_the_case_does_not_know_is_told_by_name(database: Database, office: SmallOffice, case_id: int) -> None:
    with database.reading() as db:
        ready = prepared(
            db, actor=office.actor(db, "li"), case_id=case_id, number=1, template="receipt.notice.toml", language="zh"
        )
    known = {name: words for name, words in ready.facts.items() if name != "matter"}
    lacking = type(ready)(ready.offer, ready.content, known, ready.language, ready.issued, ready.number)
    with pytest.raises(rules.DocumentLacks, match="matter"):
        produced(lacking)


@pytest.mark.parametrize(
    ("words", "en", "zh"),
    [
        ("At the counter 窗口签收", "At the counter", "窗口签收"),
        ("窗口", "窗口", "窗口"),
        ("plain", "plain", "plain"),
        ("Deputy Director, Construction 住建局分管副局长", "Deputy Director, Construction", "住建局分管副局长"),
    ],
)
def test_a_label_in_both_languages_is_said_in_one(words: str, en: str, zh: str) -> None:
    assert (in_language(words, "en"), in_language(words, "zh")) == (en, zh)


def test_a_case_is_found_by_what_its_papers_are_called_by_whoever_may_see_it(
    database: Database, office: SmallOffice, cabinet: Cabinet, case_id: int
) -> None:
    attached(database, office, cabinet, case_id, title="Land register extract 不动产登记证明")
    with database.reading() as db:
        read = search.changed(db)
    assert read is not None
    with database.writing() as db:
        search.keep(db, read)
        for words in ("register extract", "登记证明", "x.txt"):
            assert [one.case_id for one in case_list(db, actor=office.actor(db, "li"), words=words)] == [case_id]
            assert case_list(db, actor=office.actor(db, "he"), words=words) == ()
        assert case_list(db, actor=office.actor(db, "li"), words="hello") == (), "what is in a paper is not read"
