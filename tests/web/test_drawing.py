"""The drawing page as scripts and people without scripts meet it: opening, saving, clashes, findings, hostile input."""

from __future__ import annotations

import json
import re
from base64 import b64encode
from typing import Any, Final

import pytest
from sqlalchemy import func, select
from werkzeug.test import TestResponse

from engine.base.database import metadata
from engine.diagram import lint
from engine.diagram.read import read
from engine.organisation import acts as organisation
from engine.procedures import acts, drafts, reads
from processes import shipped
from tests.builders import FROM_DAY
from tests.diagram_text import END, RECEIVE_FORM, START, flow, lanes, process, step, way
from tests.web.conftest import Rooms, Visitor
from tests.worlds import in_force

ONE: Final = process(lanes(counter=("start", "one", "end")) + START + step("one") + END + way("start", "one", "end"))
TWO: Final = ONE.replace(b'name="One"', b'name="Two"')
BROKEN: Final = process(
    lanes(counter=("start", "one", "gate", "end"))
    + START + step("one") + '<exclusiveGateway id="gate"/>' + END
    + way("start", "one", "gate") + flow("gate", "end", "a = (") + flow("gate", "one", "b = 1")
)  # fmt: skip
MARKUP: Final = '"><script>window.hurt=1</script>'


@pytest.fixture
def he(rooms: Rooms) -> Visitor:
    return rooms.visitor("he")


@pytest.fixture
def edition(rooms: Rooms) -> int:
    with rooms.database.writing() as db:
        by = rooms.office.actor(db, "he")
        procedure_id = acts.open_procedure(
            db, by=by, name=f"Permit {MARKUP}", prefix="BP", department_id=rooms.office.departments["review"]
        )
        return acts.deposit(db, by=by, procedure_id=procedure_id, file="p.bpmn", source=ONE, attachments={})


def _send(visitor: Visitor, path: str, sent: Any, **headers: str) -> TestResponse:
    body = sent if isinstance(sent, bytes) else json.dumps(sent).encode()
    more = {"X-CSRFToken": visitor.token(), **headers}
    return visitor.client.post(path, data=body, content_type="application/json", headers=more)


def _save(visitor: Visitor, edition: int, source: bytes, revision: int = 0, **more: Any) -> TestResponse:
    sent = {"source": source.decode(), "revision": revision, "pen": "page", **more}
    return _send(visitor, f"/studio/editions/{edition}/draft", sent)


def _rows(rooms: Rooms) -> dict[str, int]:
    with rooms.database.reading() as db:
        return {
            table.name: db.scalar(select(func.count()).select_from(table)) or 0
            for table in metadata.sorted_tables
            if table.name != "sessions"
        }


def _json(page: str, name: str) -> Any:
    found = re.search(rf'<script type="application/json" data-{name}>(.*?)</script>', page, re.DOTALL)
    assert found is not None
    return json.loads(found[1])


def _source(rooms: Rooms, edition: int) -> bytes:
    with rooms.database.reading() as db:
        return reads.source(db, edition)[1]


# the page


@pytest.mark.parametrize("language", ["en", "zh"])
def test_the_page_brings_its_words_posts_and_addresses(rooms: Rooms, edition: int, language: str) -> None:
    he = rooms.visitor("he")
    he.post("/language", {"language": language})
    page = he.get(f"/studio/editions/{edition}/draw").text
    words, posts = _json(page, "words"), _json(page, "posts")
    assert words["saved"] == ("Saved {at}" if language == "en" else "已保存 {at}")
    assert {"clerk", "Counter clerk"} & {one["name"] for one in posts} or language == "zh"
    assert all(one["holders"] for one in posts)
    assert ("data-chinese" in page) == (language == "zh")
    assert 'data-editable="yes"' in page
    assert MARKUP not in page
    assert " style=" not in page


def test_an_edition_in_force_is_only_looked_at_and_leads_to_the_next(rooms: Rooms, he: Visitor) -> None:
    with rooms.database.writing() as db:
        procedure_id = in_force(db, rooms.office)
        settled = reads.procedure(db, procedure_id).in_force_id
    page = he.get(f"/studio/editions/{settled}/draw").text
    assert 'data-editable="no"' in page
    assert "New edition from this" in page
    assert _save(he, settled or 0, TWO).status_code == 422
    answer = he.post(f"/studio/editions/{settled}/next")
    assert answer.status_code == 303
    assert 'data-editable="yes"' in he.get(answer.headers["Location"]).text


def test_the_studio_is_for_designers(rooms: Rooms, edition: int) -> None:
    li = rooms.visitor("li")
    for path in ("draw", "draft", "draft/findings", "saves", "draft/file?path=a.json"):
        assert li.get(f"/studio/editions/{edition}/{path}").status_code == 403, path
    assert _save(li, edition, TWO).status_code == 403
    assert li.get("/studio/expression?source=a").status_code == 403


def test_what_is_not_there_is_not_found(he: Visitor) -> None:
    for path in ("draw", "draft", "draft/findings", "saves", "saves/1"):
        assert he.get(f"/studio/editions/999/{path}").status_code == 404, path
    assert _save(he, 999, TWO).status_code == 404
    assert _send(he, "/studio/editions/999/draft/presence", {}).status_code == 404


# saving


def test_what_is_opened_is_saved_and_opened_again(rooms: Rooms, he: Visitor, edition: int) -> None:
    opened = he.get(f"/studio/editions/{edition}/draft").json
    assert opened is not None
    assert opened["revision"] == 0
    assert read(opened["source"].encode(), "x.bpmn").has_coordinates
    post = rooms.office.posts["clerk"]
    answer = _save(he, edition, TWO, 0, mapped={"lane:counter": post})
    assert answer.status_code == 200
    assert answer.json is not None
    assert (answer.json["revision"], answer.json["mapped"]) == (1, {"lane:counter": post})
    assert re.fullmatch(r"\d\d:\d\d", answer.json["hour"])
    assert _source(rooms, edition) == TWO


def test_the_loser_of_two_is_told_who_and_when_and_keeps_what_he_drew(rooms: Rooms, he: Visitor, edition: int) -> None:
    with rooms.database.writing() as db:
        organisation.give_post(
            db,
            by=None,
            person_id=rooms.office.persons["wang"],
            post_id=rooms.office.posts["designer"],
            from_day=FROM_DAY,
        )
    wang = rooms.visitor("wang")
    assert _save(he, edition, TWO).status_code == 200
    mine = ONE.replace(b'name="One"', b'name="Mine"')
    lost = _save(wang, edition, mine)
    assert lost.status_code == 409
    assert lost.json is not None
    assert "He Jun saved this draft today" in lost.json["sentence"]
    kept = wang.get(f"/studio/editions/{edition}/saves/{lost.json['beside']}")
    assert kept.data == mine
    page = wang.get(f"/studio/editions/{edition}/saves").text
    assert "beside the draft" in page
    assert _source(rooms, edition) == TWO
    taken = wang.post(f"/studio/editions/{edition}/saves/{lost.json['beside']}/restore")
    assert taken.headers["Location"].endswith(f"/studio/editions/{edition}/draw")
    assert _source(rooms, edition) == mine
    again = _save(he, edition, ONE, 1)
    assert again.json is not None
    assert "Wang Lei saved this draft" in again.json["sentence"]


def test_two_windows_of_one_person_are_told_so(he: Visitor, edition: int) -> None:
    _save(he, edition, TWO)
    lost = _save(he, edition, ONE.replace(b"One", b"Other"), 0, pen="another")
    assert lost.json is not None
    assert "You saved this draft" in lost.json["sentence"]


def test_who_else_draws_is_told_and_how_far_the_draft_is(rooms: Rooms, he: Visitor, edition: int) -> None:
    with rooms.database.writing() as db:
        organisation.give_post(
            db,
            by=None,
            person_id=rooms.office.persons["wang"],
            post_id=rooms.office.posts["designer"],
            from_day=FROM_DAY,
        )
    path = f"/studio/editions/{edition}/draft/presence"
    assert _send(he, path, {}).json == {"others": [], "state": "draft", "revision": 0, "by": None, "at": ""}
    _save(he, edition, TWO)
    told = _send(rooms.visitor("wang"), path, {}).json
    assert told is not None
    assert (told["others"], told["revision"], told["by"]) == (["He Jun"], 1, "He Jun")


# findings and expressions: the server's


def test_the_findings_are_those_of_every_other_page(rooms: Rooms, he: Visitor, edition: int) -> None:
    _save(he, edition, BROKEN)
    told = he.get(f"/studio/editions/{edition}/draft/findings").json
    assert told is not None
    with rooms.database.reading() as db:
        everywhere = reads.edition(db, edition)
    assert {(one["rule"], one["line"], one["element"]) for one in told["findings"]} == {
        (one.rule.code, one.line, one.element) for one in everywhere.findings
    }
    assert {one.rule.code for one in lint.findings(read(BROKEN, "p.bpmn"))} <= {one["rule"] for one in told["findings"]}
    assert [one["element"] for one in told["findings"] if one["group"] == "out"] == [
        one.element for one in everywhere.keeping_out
    ]
    page = he.get(f"/studio/editions/{edition}").text
    assert "expression-unreadable" in page
    assert f"/studio/editions/{edition}/draw#gate_to_end" in page, "each finding leads to where it is mended"


def test_what_is_kept_beside_the_draft_has_findings_of_its_own(he: Visitor, edition: int) -> None:
    _save(he, edition, TWO)
    lost = _save(he, edition, BROKEN, 0, pen="another").json
    assert lost is not None
    path = f"/studio/editions/{edition}/draft/findings"
    mine, theirs = he.get(f"{path}?save={lost['beside']}").json, he.get(path).json
    assert mine is not None
    assert theirs is not None
    assert "gate_to_end" in {one["element"] for one in mine["findings"]}
    assert "gate_to_end" not in {one["element"] for one in theirs["findings"]}
    assert he.get(f"{path}?save=99").status_code == 404


@pytest.mark.parametrize("language", ["en", "zh"])
def test_a_condition_is_read_while_it_is_typed(rooms: Rooms, language: str) -> None:
    he = rooms.visitor("he")
    he.post("/language", {"language": language})
    good = he.get("/studio/expression", query_string={"source": "amount > 1000 and granted = true"}).json
    assert good == {"readable": True, "names": ["amount", "granted"]}
    bad = he.get("/studio/expression", query_string={"source": "amount > ("}).json
    assert bad is not None
    assert bad["readable"] is False
    assert ("not understood" if language == "en" else "无法识别") in bad["sentence"]


@pytest.mark.parametrize("source", ["(" * 4000, "9**9**9", "__import__('os')", MARKUP, "\x00", "a" * 60_000])
def test_a_hostile_condition_is_answered_in_words(he: Visitor, source: str) -> None:
    answer = he.get("/studio/expression", query_string={"source": source})
    assert answer.status_code == 200
    assert answer.json is not None
    assert answer.mimetype == "application/json"


# hostile


@pytest.mark.parametrize(
    "sent",
    [
        b"", b"{", b"[]", b"null", b"\xff\xfe", b"[" * 100_000, {}, {"source": 1, "revision": 0},
        {"source": "<a/>"}, {"source": "<a/>", "revision": "0"}, {"source": "<a/>", "revision": True},
        {"source": ONE.decode(), "revision": 0, "mapped": []},
        {"source": ONE.decode(), "revision": 0, "mapped": {"lane:counter": "1"}},
        {"source": ONE.decode(), "revision": 0, "mapped": {"lane:counter": 2**70}},
        {"source": ONE.decode(), "revision": 0, "mapped": {"lane:counter": 999}},
        {"source": "Dear Sirs,", "revision": 0}, {"source": "<svg xmlns='http://www.w3.org/2000/svg'/>", "revision": 0},
        {"source": "<!DOCTYPE d [<!ENTITY a 'b'>]>" + ONE.decode(), "revision": 0},
        {"source": ONE.decode() + "<!--" + "x" * 3_000_000 + "-->", "revision": 0},
        {"source": "\ud800", "revision": 0},
    ],
)  # fmt: skip
def test_what_cannot_be_saved_is_refused_in_words_and_nothing_is_kept(
    rooms: Rooms, he: Visitor, edition: int, sent: Any
) -> None:
    before = _rows(rooms)
    answer = _send(he, f"/studio/editions/{edition}/draft", sent)
    assert answer.status_code == 422
    assert answer.json is not None
    assert len(answer.json["sentence"]) > 20
    assert _rows(rooms) == before
    assert _source(rooms, edition) == ONE


def test_more_than_can_be_sent_at_all_is_refused(rooms: Rooms, he: Visitor, edition: int) -> None:
    answer = _save(he, edition, ONE + b"<!--" + b"x" * 5_000_000 + b"-->")
    assert answer.status_code == 413
    assert _source(rooms, edition) == ONE


def test_a_page_of_somebody_else_cannot_save(he: Visitor, edition: int) -> None:
    answer = _send(
        he, f"/studio/editions/{edition}/draft", {"source": TWO.decode(), "revision": 0}, **{"X-CSRFToken": "x"}
    )
    assert answer.status_code == 400


def test_ids_and_names_that_are_markup_stay_text(rooms: Rooms, he: Visitor, edition: int) -> None:
    escaped = MARKUP.replace("<", "&lt;").replace(">", "&gt;").replace('"', "&quot;")
    hostile = ONE.replace(b'name="One"', f'name="{escaped}"'.encode()).replace(b'"one"', f'"{escaped}"'.encode())
    hostile = hostile.replace(b">one<", f">{escaped}<".encode())
    assert _save(he, edition, hostile).status_code == 200
    opened = he.get(f"/studio/editions/{edition}/draft")
    assert opened.mimetype == "application/json"
    assert opened.headers["X-Content-Type-Options"] == "nosniff"
    for path in ("draw", "saves", ""):
        assert "<script>window.hurt" not in he.get(f"/studio/editions/{edition}/{path}".rstrip("/")).text


# files


def test_a_form_built_in_the_page_stands_beside_the_diagram(rooms: Rooms, he: Visitor, edition: int) -> None:
    path = f"/studio/editions/{edition}/draft/file"
    sent = {"path": "one.form.json", "content": RECEIVE_FORM.decode(), "replaces": None, "pen": "page"}
    assert _send(he, path, sent).status_code == 200
    got = he.get(f"{path}?path=one.form.json")
    assert got.data == RECEIVE_FORM
    assert got.headers["Content-Disposition"].startswith("attachment")
    _save(he, edition, ONE.replace(b'id="one"', b'id="one" officium:form="one.form.json"'))
    told = he.get(f"/studio/editions/{edition}/draft/findings").json
    assert told is not None
    assert {"key": "plot", "label": "Plot"} in told["answers"]
    refused = _send(he, path, {**sent, "content": '{"components":[]}'})
    assert refused.status_code == 409
    assert refused.json is not None
    assert "He Jun changed “one.form.json”" in refused.json["sentence"]
    assert _send(he, f"{path}/remove", {"path": "one.form.json"}).status_code == 200
    assert he.get(f"{path}?path=one.form.json").status_code == 404
    with rooms.database.reading() as db:
        assert [one.path for one in drafts.saves(db, edition) if one.path] == ["one.form.json"] * 2


@pytest.mark.parametrize("path", ["../../etc/passwd", "a/b.json", "x.exe", "", MARKUP, 7])
def test_a_file_with_a_path_that_climbs_is_refused(rooms: Rooms, he: Visitor, edition: int, path: Any) -> None:
    sent = {"path": path, "content": "{}", "replaces": None}
    assert _send(he, f"/studio/editions/{edition}/draft/file", sent).status_code == 422
    with rooms.database.reading() as db:
        assert drafts.beside(db, edition).files == {}


# beginning


def _begin(visitor: Visitor, rooms: Rooms, begin: str, **more: str) -> TestResponse:
    department = str(rooms.office.departments["review"])
    return visitor.post("/studio/new", {"department": department, "begin": begin, "name": "", "prefix": "", **more})


def test_a_procedure_begins_with_an_empty_diagram(rooms: Rooms, he: Visitor) -> None:
    answer = _begin(he, rooms, "empty", name="Taxi licence", prefix="TX")
    assert answer.status_code == 303
    opened = he.get(answer.headers["Location"].replace("/draw", "/draft")).json
    assert opened is not None
    drawn = read(opened["source"].encode(), "x.bpmn")
    assert [one.pool for one in drawn.processes.values()] == ["Taxi licence"]
    assert len(drawn.lanes) == 2


@pytest.mark.parametrize("key", [one.key for one in shipped()])
def test_a_procedure_begins_with_one_that_is_shipped(rooms: Rooms, he: Visitor, key: str) -> None:
    answer = _begin(he, rooms, f"shipped:{key}")
    assert answer.status_code == 303, answer.text
    edition = int(re.findall(r"\d+", answer.headers["Location"])[0])
    begins = next(one for one in shipped() if one.key == key)
    with rooms.database.reading() as db:
        page = reads.edition(db, edition)
        assert page.procedure == begins.name
        assert set(page.attachments) == set(begins.attachments)
        assert _source(rooms, edition) == begins.diagram


def test_a_beginning_that_is_refused_keeps_what_was_typed_and_nothing_else(rooms: Rooms, he: Visitor) -> None:
    before = _rows(rooms)
    answer = _begin(he, rooms, "empty", name="Taxi", prefix="12345")
    assert answer.status_code == 422
    assert 'value="Taxi"' in answer.text
    assert _rows(rooms) == before


def test_the_next_edition_is_drawn_from_nothing_too(rooms: Rooms, he: Visitor, edition: int) -> None:
    with rooms.database.reading() as db:
        procedure_id = reads.edition(db, edition).procedure_id
    page = he.get(f"/studio/{procedure_id}").text
    assert "Draw on from edition 1" in page
    answer = he.post(f"/studio/{procedure_id}/blank")
    assert answer.status_code == 303
    assert 'data-editable="yes"' in he.get(answer.headers["Location"]).text


def test_a_word_template_is_attached_byte_for_byte(rooms: Rooms, he: Visitor, edition: int) -> None:
    word = b"PK\x03\x04\x00\xff\xfe not a text"
    path = f"/studio/editions/{edition}/draft/file"
    sent = {"path": "notice.docx", "base64": b64encode(word).decode(), "replaces": None, "pen": "page"}
    assert _send(he, path, sent).status_code == 200
    assert he.get(path + "?path=notice.docx").data == word
    for hostile in ("%%%", 7, None, "é"):
        assert _send(he, path, {**sent, "path": "other.docx", "base64": hostile}).status_code == 422
    assert he.get(path + "?path=other.docx").status_code == 404
