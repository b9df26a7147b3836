"""The room of papers: files come in, are handed out as attachments and as pictures, and stay with a form that has faults."""

from __future__ import annotations

import gc
import html
import io
import json
import re
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from werkzeug.test import TestResponse

from engine.base.database import Database
from engine.cases import drafts, reads
from engine.cases.papers import mentioned, papers_of
from engine.papers.rules import MOST_BYTES
from engine.papers.store import Folder
from engine.papers.taking import Cabinet
from tests.builders import small_office
from tests.conftest import Clock
from tests.engine.papers import files
from tests.engine.papers.test_antivirus import EICAR
from tests.web.conftest import EVERYBODY, PASSWORD, SETTINGS, Rooms, Visitor
from tests.worlds import begun, in_force
from web import create_app

PICKER = json.dumps({
    "type": "default",
    "components": [
        {"type": "textfield", "key": "plot", "label": "Plot", "validate": {"required": True}},
        {"type": "filepicker", "key": "plan", "label": "Site plan", "accept": ".pdf", "validate": {"required": True}},
    ],
}).encode()  # fmt: skip


@pytest.fixture
def rooms(database: Database, clock: Clock, tmp_path: Path) -> Rooms:
    with database.writing() as db:
        office = small_office(db, passwords={login: PASSWORD for login in EVERYBODY})
    settings = replace(SETTINGS, papers=str(tmp_path / "papers"))
    return Rooms(database, office, create_app(settings, database=database))


@pytest.fixture
def case_id(rooms: Rooms) -> int:
    with rooms.database.writing() as db:
        return begun(db, rooms.office, in_force(db, rooms.office)).case_id


def upload(visitor: Visitor, path: str, *sent: tuple[bytes, str], field: str = "files", **more: Any) -> TestResponse:
    data = {**more, **({field: [(io.BytesIO(content), name) for content, name in sent]} if sent else {})}
    return visitor.post(path, data, content_type="multipart/form-data")


def listed(visitor: Visitor, case_id: int) -> str:
    return visitor.get(f"/papers/{case_id}").text


def address(visitor: Visitor, case_id: int, ending: str = "") -> str:
    found = re.search(rf"/papers/{case_id}/\d+/1(?=/file)", listed(visitor, case_id))
    assert found is not None
    return found[0] + ending


def test_papers_are_added_and_listed_on_their_page_the_case_and_the_task(rooms: Rooms, case_id: int) -> None:
    li = rooms.visitor("li")
    sent = upload(li, f"/papers/{case_id}", (files.pdf(), "plan.pdf"), (files.picture(), "photo.png"))
    assert sent.status_code == 303
    for page in (f"/papers/{case_id}", f"/cases/{case_id}", f"/tasks/{case_id}/1"):
        text = li.get(page).text
        assert "plan.pdf" in text
        assert "photo.png" in text


def test_a_download_is_an_attachment_that_no_browser_opens(rooms: Rooms, case_id: int) -> None:
    li = rooms.visitor("li")
    upload(li, f"/papers/{case_id}", (files.pdf(), "总平面图 1.pdf"))
    answer = li.get(address(li, case_id, "/file"))
    assert answer.data == files.pdf()
    said = answer.headers["Content-Disposition"]
    assert said.startswith('attachment; filename="')
    assert "filename*=UTF-8''%E6%80%BB%E5%B9%B3%E9%9D%A2%E5%9B%BE%201.pdf" in said
    assert "sandbox" in answer.headers.getlist("Content-Security-Policy")[0]
    assert answer.headers["X-Content-Type-Options"] == "nosniff"
    assert "private" in answer.headers["Cache-Control"]
    again = li.get(address(li, case_id, "/file"), headers={"If-None-Match": answer.headers["ETag"]})
    assert (again.status_code, again.data) == (304, b"")


def test_who_may_not_see_the_case_finds_nothing_and_hands_in_nothing(rooms: Rooms, case_id: int) -> None:
    li, he = rooms.visitor("li"), rooms.visitor("he")
    upload(li, f"/papers/{case_id}", (files.pdf(), "plan.pdf"))
    place = address(li, case_id)
    for ending in ("", "/file", "/thumb.png", "/pages/1.png"):
        assert he.get(place + ending).status_code == 404
    assert he.get(f"/papers/{case_id}").status_code == 404
    assert upload(he, f"/papers/{case_id}", (b"of a stranger", "x.txt")).status_code == 404
    assert upload(rooms.visitor(), f"/papers/{case_id}", (b"of nobody", "x.txt")).status_code in (400, 401)
    store = rooms.app.cabinet.store
    assert isinstance(store, Folder)
    kept = [file.read_bytes() for file in store.folder.glob("??/??/*")]
    assert kept == [files.pdf()], "what a stranger sent was not even kept"


def test_pages_are_shown_as_pictures_and_never_as_the_file(rooms: Rooms, case_id: int) -> None:
    li = rooms.visitor("li")
    upload(li, f"/papers/{case_id}", (files.pdf(pages=2), "plan.pdf"))
    place = address(li, case_id)
    page = li.get(place).text
    assert page.count("<img ") == 2
    assert not re.search(r"<(?:embed|object|iframe)", page)
    for ending in ("/pages/1.png", "/pages/2.png", "/thumb.png"):
        picture = li.get(place + ending)
        assert (picture.mimetype, picture.data[:4]) == ("image/png", b"\x89PNG")
    assert li.get(place + "/pages/3.png").status_code == 404


def test_what_cannot_be_shown_is_told_and_can_be_downloaded(rooms: Rooms, case_id: int) -> None:
    li = rooms.visitor("li")
    upload(li, f"/papers/{case_id}", (files.pdf()[:700], "broken.pdf"))
    place = address(li, case_id)
    assert "cannot be shown here" in li.get(place).text
    assert li.get(place + "/thumb.png").status_code == 204
    assert li.get(place + "/file").data == files.pdf()[:700]


HOSTILE = {
    "../../x": ("../../x.pdf", files.pdf(), 303, "x.pdf"),
    "a NUL": ("a\x00b.pdf", files.pdf(), 303, ".pdf"),
    "markup in the name": ("<img src=x onerror=alert(1)>.pdf", files.pdf(), 303, "onerror=alert(1)"),
    "right to left": ("plan\u202efdp.pdf", files.pdf(), 303, "plan fdp.pdf"),
    "a device": ("con.pdf", files.pdf(), 303, "_con.pdf"),
    "300 characters": ("图" * 300 + ".pdf", files.pdf(), 303, ".pdf"),
    "SVG with script": ("x.svg", b"<svg><script>alert(1)</script></svg>", 422, "SVG"),
    "polyglot": ("x.png", files.picture() + b"<script>alert(1)</script>", 422, "a web page or script"),
    "zip bomb": ("x.docx", files.bomb(), 422, "would unpack"),
    "0 byte": ("x.pdf", b"", 422, "is empty"),
}


@pytest.mark.parametrize("what", HOSTILE)
def test_hostile_files_are_refused_with_a_sentence_or_kept_and_shown_plainly(
    rooms: Rooms, case_id: int, what: str
) -> None:
    name, content, status, said = HOSTILE[what]
    li = rooms.visitor("li")
    answer = upload(li, f"/papers/{case_id}", (content, name))
    assert answer.status_code == status
    page = listed(li, case_id) if status == 303 else answer.text
    assert said in html.unescape(page)
    assert "<img src=x" not in page
    assert "\u202e" not in page
    with rooms.database.reading() as db:
        assert len(papers_of(db, case_id=case_id)) == (status == 303)


@pytest.mark.filterwarnings("ignore::pytest.PytestUnraisableExceptionWarning", "ignore::ResourceWarning")
def test_over_the_size_is_told_with_the_size(rooms: Rooms, case_id: int) -> None:
    li = rooms.visitor("li")
    answer = upload(li, f"/papers/{case_id}", (b"a" * (MOST_BYTES + 1), "x.txt"))
    assert answer.status_code == 422
    assert "larger than 50 MB" in answer.text
    assert upload(li, f"/papers/{case_id}", (b"a" * (MOST_BYTES + 3 * 2**20), "x.txt")).status_code == 413
    gc.collect()  # of what was not read to its end the test's own client leaves a temporary file open


def test_where_no_file_is_meant_the_old_limit_stands(rooms: Rooms) -> None:
    li = rooms.visitor("li")
    answer = upload(li, "/language", (b"a" * (5 * 2**20), "x.txt"))
    assert answer.status_code == 413
    assert "4 MB" in answer.text


def test_one_refused_file_does_not_keep_the_others_out(rooms: Rooms, case_id: int) -> None:
    li = rooms.visitor("li")
    answer = upload(li, f"/papers/{case_id}", (files.pdf(), "good.pdf"), (b"", "empty.pdf"))
    assert answer.status_code == 422
    assert "is empty" in answer.text
    assert "good.pdf" in listed(li, case_id)


def test_a_script_is_answered_in_json(rooms: Rooms, case_id: int) -> None:
    li = rooms.visitor("li")
    assert upload(li, f"/papers/{case_id}", (files.pdf(), "x.pdf"), **{"own:live": "1"}).json == {"refused": []}
    told = upload(li, f"/papers/{case_id}", (b"", "x.pdf"), **{"own:live": "1"})
    assert told.status_code == 422
    assert told.json is not None
    assert "is empty" in told.json["refused"][0]


def test_a_version_is_added_and_a_paper_struck_out_on_the_page(rooms: Rooms, case_id: int) -> None:
    li = rooms.visitor("li")
    upload(li, f"/papers/{case_id}", (files.pdf(), "plan.pdf"), title="The plan")
    paper = address(li, case_id).rpartition("/")[0]
    assert upload(li, paper + "/versions", (files.pdf("Better"), "plan2.pdf")).status_code == 303
    assert "version 2" in listed(li, case_id)
    assert li.get(paper + "/1/file").data == files.pdf()
    assert li.get(paper + "/2/file").data == files.pdf("Better")
    assert li.post(paper + "/withdraw", {"reason": ""}).status_code == 422
    assert li.post(paper + "/withdraw", {"reason": "Of <b>another</b> house"}).status_code == 303
    text = listed(li, case_id)
    assert "struck out" in text
    assert "Of &lt;b&gt;another&lt;/b&gt; house" in text


def test_an_infected_file_is_refused_and_on_the_record(rooms: Rooms, case_id: int) -> None:
    office = rooms.app.cabinet
    rooms.app.cabinet = Cabinet(office.store, lambda file: "Eicar" if EICAR in file.read_bytes() else None)
    li = rooms.visitor("li")
    answer = upload(li, f"/papers/{case_id}", (EICAR, "x.txt"))
    assert answer.status_code == 422
    assert "Eicar" in answer.text
    with rooms.database.reading() as db:
        entry = reads.case(db, actor=rooms.office.actor(db, "li"), case_id=case_id).record[-1]
        assert (entry.act, papers_of(db, case_id=case_id)) == ("refuse_paper", ())


# files in forms


def test_an_infected_file_in_a_form_is_on_the_record_however_it_was_sent(rooms: Rooms, asking: int) -> None:
    office = rooms.app.cabinet
    rooms.app.cabinet = Cabinet(office.store, lambda file: "Eicar" if EICAR in file.read_bytes() else None)
    li, he = rooms.visitor("li"), rooms.visitor("he")

    def noted() -> int:
        with rooms.database.reading() as db:
            record = reads.case(db, actor=rooms.office.actor(db, "li"), case_id=asking).record
            return sum(one.act == "refuse_paper" and one.facts["name"] == "x.txt" for one in record)

    answer = _complete(li, asking, (EICAR, "x.txt"))
    assert answer.status_code == 422
    assert "Eicar" in answer.text
    assert noted() == 1
    assert upload(li, "/papers/uploads", (EICAR, "x.txt"), case=str(asking)).status_code == 422
    assert noted() == 2
    for nowhere in ("", "7", "x"):
        assert upload(li, "/papers/uploads", (EICAR, "x.txt"), case=nowhere).status_code == 422
    assert upload(he, "/papers/uploads", (EICAR, "x.txt"), case=str(asking)).status_code == 422
    assert noted() == 2, "nobody writes on the record of a case they have no part in"


@pytest.fixture
def asking(rooms: Rooms) -> int:
    """A case whose first step asks for a plan."""
    with rooms.database.writing() as db:
        procedure = in_force(db, rooms.office, beside={"receive.form.json": PICKER}, source=_asks_with_a_form())
        return begun(db, rooms.office, procedure).case_id


def _asks_with_a_form() -> bytes:
    from tests.diagram_text import TWO_DEPARTMENTS  # noqa: PLC0415

    named = re.sub(rb'\s(?:\w+:)?form(?:Key|Ref)?="[^"]*"', b"", TWO_DEPARTMENTS)
    return re.sub(
        rb'(<(?:\w+:)?userTask id="receive")',
        rb'\1 xmlns:officium="urn:officium:procedure:1" officium:form="receive.form.json"',
        named,
    )


def _complete(visitor: Visitor, case_id: int, *sent: tuple[bytes, str], **more: str) -> TestResponse:
    way = {"way:complete": "complete_to_split"}
    return upload(visitor, f"/tasks/{case_id}/1/complete", *sent, field="plan", **way, **more)


def _token(page: str) -> str:
    found = re.search(r'type="hidden" name="plan" value="([^"]+)"', page)
    assert found is not None
    return html.unescape(found[1])


def test_a_file_stays_with_the_form_when_it_comes_back_with_faults(rooms: Rooms, asking: int) -> None:
    li = rooms.visitor("li")
    back = _complete(li, asking, (files.pdf(), "plan.pdf"))
    assert back.status_code == 422
    assert "plan.pdf" in back.text
    assert "Enter “Plot”" in back.text
    done = _complete(li, asking, plot="C-1", plan=_token(back.text))
    assert done.status_code == 303
    with rooms.database.reading() as db:
        (paper,) = papers_of(db, case_id=asking)
        answers = reads.case(db, actor=rooms.office.actor(db, "li"), case_id=asking).answers
    assert (paper.field, paper.task_number, paper.latest.name) == ("Site plan", 1, "plan.pdf")
    assert answers["plan"]["paper"] == paper.paper_id
    assert answers["plan"]["sha256"] == paper.latest.key


def test_a_required_file_and_the_kind_a_field_takes_are_asked_for(rooms: Rooms, asking: int) -> None:
    li = rooms.visitor("li")
    assert "Choose a file for “Site plan”" in _complete(li, asking, plot="C-1").text
    wrong = _complete(li, asking, (files.picture(), "plan.png"), plot="C-1")
    assert "does not take “plan.png”" in html.unescape(wrong.text)
    hostile = _complete(li, asking, (b"<svg><script/></svg>", "plan.svg"), plot="C-1")
    assert "not taken here" in hostile.text
    with rooms.database.reading() as db:
        assert papers_of(db, case_id=asking) == ()


def test_nobody_else_can_use_or_forge_a_reference(rooms: Rooms, asking: int) -> None:
    li, chen = rooms.visitor("li"), rooms.visitor("chen")
    token = _token(_complete(li, asking, (files.pdf(), "plan.pdf")).text)
    head, _dot, seal = token.rpartition(".")
    forged = head.replace(".pdf.", ".txt.") + "." + seal
    for visitor, given in ((chen, token), (li, forged), (li, head), (li, "upload." + "0" * 64), (li, "paper:1")):
        assert "no longer here" in _complete(visitor, asking, plot="C-1", plan=given).text


def test_a_file_that_was_chosen_can_be_left_out_again(rooms: Rooms, asking: int) -> None:
    li = rooms.visitor("li")
    token = _token(_complete(li, asking, (files.pdf(), "plan.pdf")).text)
    left_out = _complete(li, asking, plot="C-1", plan=token, **{"own:drop": token})
    assert "Choose a file for “Site plan”" in left_out.text


def test_a_file_sent_while_the_form_is_filled_in_stands_in_the_draft_and_is_not_tidied(
    rooms: Rooms, asking: int
) -> None:
    li = rooms.visitor("li")
    sent = upload(li, "/papers/uploads", (files.pdf(), "plan.pdf"))
    assert sent.json is not None
    assert sent.json["name"] == "plan.pdf"
    li.post(f"/tasks/{asking}/1/draft", {"plot": "", "plan": sent.json["token"]})
    assert "plan.pdf" in li.get(f"/tasks/{asking}/1").text
    with rooms.database.reading() as db:
        sheet = drafts.draft(db, actor=rooms.office.actor(db, "li"), case_id=asking, number=1)
        assert sheet is not None
        assert len(mentioned(db)) == 1
    assert _complete(li, asking, plot="C-1", plan=sent.json["token"]).status_code == 303


def test_sending_the_same_form_twice_keeps_one_paper(rooms: Rooms, asking: int) -> None:
    li = rooms.visitor("li")
    receipt = {"own:receipt": "ab" * 16}
    for _ in range(2):
        assert _complete(li, asking, (files.pdf(), "plan.pdf"), plot="C-1", **receipt).status_code == 303
    with rooms.database.reading() as db:
        assert len(papers_of(db, case_id=asking)) == 1
