"""The studio through a browser: uploads good and bad, findings, owners, in force and out of it."""

from __future__ import annotations

import io
import re
import zipfile
from typing import Any, Final

import pytest
from sqlalchemy import func, select
from werkzeug.test import TestResponse

from engine.base.database import Database, metadata
from engine.diagram.read import read
from engine.procedures import acts, reads
from processes import shipped
from tests.diagram_text import (
    DECIDE_FORM,
    END,
    RECEIVE_FORM,
    START,
    TWO_DEPARTMENTS,
    flow,
    lanes,
    process,
    step,
    way,
)
from tests.web.conftest import Rooms, Visitor
from tests.worlds import begun, in_force

SIMPLE: Final = process(START + step("one") + END + way("start", "one", "end"))
_ZIPPED = io.BytesIO()
with zipfile.ZipFile(_ZIPPED, "w") as _zip:
    _zip.writestr("drawing.txt", SIMPLE)


def _nested(depth: int) -> bytes:
    opened = "".join(f'<subProcess id="s{number}">' for number in range(depth))
    return process(START + END + opened + "</subProcess>" * depth + way("start", "s0", "end"))


BOMB: Final = (
    b'<?xml version="1.0"?><!DOCTYPE d [<!ENTITY a "aaaaaaaaaa"><!ENTITY b "&a;&a;&a;&a;&a;&a;&a;&a;&a;&a;">'
    b'<!ENTITY c "&b;&b;&b;&b;&b;&b;&b;&b;&b;&b;">]><definitions>&c;</definitions>'
)
NO_DRAWINGS: Final = {
    "empty": b"",
    "only spaces": b" \n\t ",
    "not xml": b"Dear Sirs,\nplease find attached the procedure.",
    "cut off": SIMPLE[: len(SIMPLE) // 2],
    "html": b"<!DOCTYPE html><html><body>Please sign in</body></html>",
    "zip": _ZIPPED.getvalue(),
    "pdf": b"%PDF-1.7\n\x00\x01\x02\xff\xfe",
    "other xml": b'<svg xmlns="http://www.w3.org/2000/svg"/>',
    "no process": b'<definitions xmlns="http://www.omg.org/spec/BPMN/20100524/MODEL" id="d" targetNamespace="x"/>',
    "doctype": b'<!DOCTYPE definitions SYSTEM "file:///etc/passwd">' + SIMPLE,
    "entity bomb": BOMB,
    "too large": SIMPLE + b"<!-- " + b"x" * (2 * 1024 * 1024) + b" -->",
    "wrong encoding": b'<?xml version="1.0" encoding="UTF-8"?>' + SIMPLE.replace(b'"One"', '"审图"'.encode("gb18030")),
    "unknown encoding": b'<?xml version="1.0" encoding="klingon"?>' + SIMPLE,
    "control character": SIMPLE.replace(b'"One"', b'"\x01"'),
    "nested too deep": _nested(400),
    "too many": process("".join(step(f"s{number}") for number in range(5001))),
}
WITH_A_LINE: Final = {"not xml", "cut off", "html", "doctype", "entity bomb", "wrong encoding", "unknown encoding", "nested too deep", "too many", "other xml"}  # fmt: skip


@pytest.fixture
def he(rooms: Rooms) -> Visitor:
    return rooms.visitor("he")


def _upload(visitor: Visitor, path: str, source: bytes, *, file: str = "drawn.bpmn", **more: Any) -> TestResponse:
    """Written by hand: the test client spools what is large to a file that it leaves open."""
    beside = more.pop("beside", {})
    parts = [_part(f'name="{name}"', value.encode()) for name, value in {"csrf_token": visitor.token(), **more}.items()]
    parts.append(_part(f'name="diagram"; filename="{file}"', source))
    parts += [_part(f'name="beside"; filename="{name}"', content) for name, content in beside.items()]
    body = b"".join(parts) + b"--part--\r\n"
    return visitor.client.post(path, data=body, content_type="multipart/form-data; boundary=part")


def _part(named: str, content: bytes) -> bytes:
    return f"--part\r\nContent-Disposition: form-data; {named}\r\n\r\n".encode() + content + b"\r\n"


def _new(visitor: Visitor, rooms: Rooms, source: bytes, *, prefix: str = "BP", **more: Any) -> TestResponse:
    named = {
        "name": "Building permit 施工许可",
        "prefix": prefix,
        "department": str(rooms.office.departments["review"]),
    }
    return _upload(visitor, "/studio/new", source, **{**named, **more})


def _edition_of(answer: TestResponse) -> int:
    found = re.fullmatch(r"/studio/editions/(\d+)", answer.headers.get("Location", ""))
    assert found is not None, answer.status
    return int(found[1])


def _rows(database: Database) -> dict[str, int]:
    with database.reading() as db:
        return {
            table.name: db.scalar(select(func.count()).select_from(table)) or 0
            for table in metadata.sorted_tables
            if table.name != "sessions"
        }


def _codes(page: str) -> set[str]:
    return set(re.findall(r'<a class="o-rule" href="[^"]*">([a-z]+(?:-[a-z]+)+)</a>', page))


# from a drawing to cases


def test_a_drawing_comes_into_force(rooms: Rooms, he: Visitor) -> None:
    answer = _new(
        he, rooms, TWO_DEPARTMENTS, beside={"receive.form.json": RECEIVE_FORM, "decide.form.json": DECIDE_FORM}
    )
    edition_id = _edition_of(answer)
    page = he.get(f"/studio/editions/{edition_id}").text
    assert "2 lanes have no post yet" in page
    posts = rooms.office.posts
    refused = he.post(f"/studio/editions/{edition_id}/force")
    assert refused.status_code == 422
    assert "is not mapped to a post" in refused.text
    mapped = {"owner:lane:counter": str(posts["clerk"]), "owner:lane:bureau": str(posts["reviewer"])}
    assert he.post(f"/studio/editions/{edition_id}/owners", mapped).status_code == 303
    answer = he.post(f"/studio/editions/{edition_id}/force")
    assert answer.status_code == 303
    page = he.get(answer.headers["Location"]).text
    assert "Edition 1 is in force." in page
    with rooms.database.writing() as db:
        (line,) = reads.procedures(db)
        assert begun(db, rooms.office, line.id).number == "BP-2026-0001"
    answer = he.post(f"/studio/{line.id}/retire")
    assert answer.status_code == 303
    assert "No edition is in force" in he.get(answer.headers["Location"]).text


def test_a_file_without_coordinates_is_drawn_with_some_and_one_with_them_as_it_is(rooms: Rooms, he: Visitor) -> None:
    bare = _edition_of(_new(he, rooms, SIMPLE))
    shown = he.get(f"/studio/editions/{bare}/diagram.bpmn").data
    assert read(shown, "shown.bpmn").has_coordinates
    assert set(read(shown, "shown.bpmn").elements) == set(read(SIMPLE, "simple.bpmn").elements)
    drawn = shipped()[0].diagram
    again = he.post("/studio/1/editions", {"diagram": (io.BytesIO(drawn), "drawn.bpmn")})
    assert he.get(f"/studio/editions/{_edition_of(again)}/diagram.bpmn").data == drawn


def test_the_file_comes_back_byte_for_byte_under_its_name(rooms: Rooms, he: Visitor) -> None:
    source = SIMPLE + b"\r\n<!-- as drawn -->\r\n"
    edition_id = _edition_of(_new(he, rooms, source, file="C:/drawings/许可 permit.bpmn"))
    saved = he.get(f"/studio/editions/{edition_id}/diagram.bpmn?save=1")
    assert saved.data == source
    assert "attachment" in saved.headers["Content-Disposition"]
    with rooms.database.reading() as db:
        assert reads.source(db, edition_id)[0] == "许可 permit.bpmn"


def test_without_a_file_the_procedure_is_opened_empty(rooms: Rooms, he: Visitor) -> None:
    named = {"name": "Empty", "prefix": "EM", "department": str(rooms.office.departments["review"])}
    answer = he.post("/studio/new", named, content_type="multipart/form-data")
    assert re.fullmatch(r"/studio/\d+", answer.headers["Location"])
    assert "No edition yet" in he.get(answer.headers["Location"]).text


# files that are no drawing


@pytest.mark.parametrize("kind", NO_DRAWINGS)
def test_what_is_no_drawing_is_refused_by_name_and_nothing_is_kept(rooms: Rooms, he: Visitor, kind: str) -> None:
    before = _rows(rooms.database)
    answer = _new(he, rooms, NO_DRAWINGS[kind], file="vom <Amt>.bpmn", name='My "typed" name')
    assert answer.status_code == 422
    assert "vom &lt;Amt&gt;.bpmn" in answer.text
    if kind in WITH_A_LINE:
        assert re.search(r"line \d", answer.text), answer.text
    assert 'value="My &#34;typed&#34; name"' in answer.text
    assert 'value="BP"' in answer.text
    assert _rows(rooms.database) == before
    assert he.get("/studio/").status_code == 200


@pytest.mark.parametrize("kind", NO_DRAWINGS)
def test_as_a_new_edition_it_is_refused_too_and_the_one_in_force_stays(rooms: Rooms, he: Visitor, kind: str) -> None:
    with rooms.database.writing() as db:
        procedure_id = in_force(db, rooms.office)
    before = _rows(rooms.database)
    answer = _upload(he, f"/studio/{procedure_id}/editions", NO_DRAWINGS[kind])
    assert answer.status_code == 422
    assert "drawn.bpmn" in answer.text
    assert _rows(rooms.database) == before
    with rooms.database.writing() as db:
        assert begun(db, rooms.office, procedure_id)


def test_the_sentence_is_in_chinese_where_the_page_is(rooms: Rooms, he: Visitor) -> None:
    he.post("/language", {"language": "zh"})
    answer = _new(he, rooms, NO_DRAWINGS["nested too deep"])
    assert "“drawn.bpmn”在第 1 行的" in answer.text


def test_what_is_larger_than_a_page_is_refused_by_name_too_and_what_was_typed_is_kept(
    rooms: Rooms, he: Visitor
) -> None:
    before = _rows(rooms.database)
    for much in ({"source": b" " * (9 * 1024 * 1024)}, {"source": SIMPLE, "beside": {"big.json": b" " * 5_000_000}}):
        answer = _new(he, rooms, **much)
        assert answer.status_code == 422
        assert "drawn.bpmn” is too large: 9216 kB" in answer.text or "5000 kB" in answer.text
        assert 'value="Building permit 施工许可"' in answer.text
    assert _rows(rooms.database) == before


def test_as_much_as_a_diagram_and_its_files_may_be_is_taken(rooms: Rooms, he: Visitor) -> None:
    source = SIMPLE.replace(b"<process", b"<!--" + b"x" * 1_900_000 + b"--><process", 1)
    assert _new(he, rooms, source, beside={"big.json": b'"' + b" " * 2_900_000 + b'"'}).status_code == 303


def test_more_than_the_web_takes_at_once_is_refused_by_its_size(rooms: Rooms, he: Visitor) -> None:
    before = _rows(rooms.database)
    answer = he.client.post(
        "/studio/new", content_type="multipart/form-data", environ_overrides={"CONTENT_LENGTH": "60000000"}
    )
    assert answer.status_code == 413
    assert _rows(rooms.database) == before


def test_too_much_beside_the_diagram_is_refused_and_nothing_is_kept(rooms: Rooms, he: Visitor) -> None:
    before = _rows(rooms.database)
    answer = _new(he, rooms, SIMPLE, beside={"big.json": b" " * 3_100_000})
    assert answer.status_code == 422
    assert "at most 3000 kB" in answer.text
    assert _rows(rooms.database) == before
    with rooms.database.writing() as db:
        procedure_id = in_force(db, rooms.office)
    answer = _upload(he, f"/studio/{procedure_id}/editions", SIMPLE, beside={"big.json": b" " * 3_100_000})
    assert answer.status_code == 422
    assert "at most 3000 kB" in answer.text


@pytest.mark.parametrize(
    ("typed", "said"),
    [
        ({"name": " "}, "needs a name"),
        ({"prefix": "B1"}, "“B1” cannot begin a case number"),
        ({"prefix": "<b>"}, "“&lt;b&gt;” cannot begin"),
        ({"department": "999"}, "no department here"),
        ({"department": str(10**30)}, "no department here"),
        ({"department": "x"}, "no department here"),
    ],
)
def test_what_is_missing_is_said_and_what_was_typed_is_kept(
    rooms: Rooms, he: Visitor, typed: dict[str, str], said: str
) -> None:
    before = _rows(rooms.database)
    answer = _new(he, rooms, SIMPLE, **typed)
    (field,) = typed
    assert field == "department" or f'<a href="#o-{field}">' in answer.text, "the summary leads to the field"
    assert answer.status_code in (404, 422)
    assert said in answer.text
    assert _rows(rooms.database) == before


# drafts that must not come into force


def _stays_a_draft(rooms: Rooms, he: Visitor, source: bytes, rule: str) -> str:
    edition_id = _edition_of(_new(he, rooms, source))
    page = he.get(f"/studio/editions/{edition_id}").text
    assert rule in _codes(page), _codes(page)
    assert re.search(r"line \d", page)
    with rooms.database.writing() as db:
        keys = [one.owner.key for one in reads.edition(db, edition_id).owners]
        mapped = dict.fromkeys(keys, rooms.office.posts["clerk"])
        acts.map_owners(db, by=rooms.office.actor(db, "he"), edition_id=edition_id, mapped=mapped)
    answer = he.post(f"/studio/editions/{edition_id}/force")
    assert answer.status_code == 422
    assert "out of force" in answer.text
    with rooms.database.reading() as db:
        assert reads.edition(db, edition_id).line.state == "draft"
    return page


PYTHON: Final = (
    "__import__('os').system('touch pwned')",
    "open('x').read() == ''",
    "().__class__.__bases__[0].__subclasses__()",
    "lambda: 1",
    "amount.real if amount else 0 for x in y",
)


@pytest.mark.parametrize("condition", PYTHON)
def test_a_condition_in_python_is_kept_as_text_and_stays_a_draft(rooms: Rooms, he: Visitor, condition: str) -> None:
    source = process(
        "\n" + START + step("one") + '<exclusiveGateway id="g" default="g_to_end"/>' + step("two") + END
        + way("start", "one", "g") + "\n\n" + flow("g", "two", condition) + flow("g", "end") + way("two", "end")
    )  # fmt: skip
    page = _stays_a_draft(rooms, he, source, "expression-unreadable")
    assert "line 4" in page, "the flow stands in the fourth line"


def _border(timer: str) -> bytes:
    return process(
        START + step("one") + step("late") + END + way("start", "one", "end") + way("bell", "late", "end")
        + f'<boundaryEvent id="bell" attachedToRef="one" cancelActivity="false"><timerEventDefinition>{timer}'
        + "</timerEventDefinition></boundaryEvent>"
    )  # fmt: skip


def test_a_timer_that_would_never_rest_stays_a_draft(rooms: Rooms, he: Visitor) -> None:
    _stays_a_draft(rooms, he, _border("<timeCycle>R/PT0S</timeCycle>"), "timer-too-fast")


def test_a_step_a_million_times_side_by_side_stays_a_draft(rooms: Rooms, he: Visitor) -> None:
    several = "<multiInstanceLoopCharacteristics><loopCardinality>1000000</loopCardinality></multiInstanceLoopCharacteristics>"
    source = process(START + step("one", inner=several) + END + way("start", "one", "end"))
    _stays_a_draft(rooms, he, source, "too-many-instances")


def test_a_procedure_that_calls_itself_stays_a_draft(rooms: Rooms, he: Visitor) -> None:
    source = process(
        START
        + step("one")
        + '<callActivity id="again" calledElement="procedure"/>'
        + END
        + way("start", "one", "again", "end")
    )
    _stays_a_draft(rooms, he, source, "calls-itself")


def test_a_person_is_asked_instead_and_back(rooms: Rooms, he: Visitor) -> None:
    source = process(
        START + step("one") + '<exclusiveGateway id="g" default="g_to_end"/>' + step("two") + END
        + way("start", "one", "g") + flow("g", "two", "no condition at all") + flow("g", "end") + way("two", "end")
    )  # fmt: skip
    edition_id = _edition_of(_new(he, rooms, source))
    path = f"/studio/editions/{edition_id}"
    assert "1 finding keeps it out of force" in he.get(path).text
    assert he.post(f"{path}/questions", {"flow": "g_to_two"}).status_code == 303
    assert "keeps it out of force" not in he.get(path).text.split("<main")[1].split("</h1>")[0]
    assert he.post(f"{path}/questions", {"condition": "g_to_two"}).status_code == 303
    assert "1 finding keeps it out of force" in he.get(path).text
    assert he.post(f"{path}/questions", {"flow": "nowhere"}).status_code == 422


def test_a_withdrawn_draft_cannot_be_changed(rooms: Rooms, he: Visitor) -> None:
    edition_id = _edition_of(_new(he, rooms, SIMPLE))
    path = f"/studio/editions/{edition_id}"
    assert he.post(f"{path}/withdraw").status_code == 303
    for deed in ("withdraw", "force", "questions", "owners"):
        assert he.post(f"{path}/{deed}").status_code == 422
    assert he.get(path).status_code == 200


@pytest.mark.parametrize("post", ["999", str(10**30), "-1", "x", "٣"])
def test_a_post_that_is_none_is_refused(rooms: Rooms, he: Visitor, post: str) -> None:
    edition_id = _edition_of(_new(he, rooms, SIMPLE))
    answer = he.post(f"/studio/editions/{edition_id}/owners", {"owner:process:procedure": post})
    assert answer.status_code == 422
    with rooms.database.reading() as db:
        assert [one.post_id for one in reads.edition(db, edition_id).owners] == [None]


# who may


@pytest.mark.parametrize("login", ["li", "wang", "sun", "zhou", "guo"])
def test_the_studio_is_closed_to_everybody_else(rooms: Rooms, login: str) -> None:
    with rooms.database.writing() as db:
        procedure_id = in_force(db, rooms.office)
        edition_id = reads.procedure(db, procedure_id).in_force_id
    visitor = rooms.visitor(login)
    assert 'href="/studio/"' not in visitor.get("/").text
    edition = f"/studio/editions/{edition_id}"
    for path in (
        "/studio/",
        "/studio/new",
        f"/studio/{procedure_id}",
        edition,
        f"{edition}/owners",
        f"{edition}/diagram.bpmn",
    ):
        assert visitor.get(path).status_code == 403, path
    before = _rows(rooms.database)
    assert _new(visitor, rooms, SIMPLE, prefix="XX").status_code == 403
    assert _upload(visitor, f"/studio/{procedure_id}/editions", SIMPLE).status_code == 403
    for path in (
        f"/studio/{procedure_id}/retire",
        *(f"{edition}/{deed}" for deed in ("owners", "questions", "force", "withdraw")),
    ):
        assert visitor.post(path).status_code == 403, path
    assert _rows(rooms.database) == before


def test_without_signing_in_it_leads_to_the_entrance(rooms: Rooms) -> None:
    visitor = rooms.visitor()
    assert visitor.get("/studio/").headers["Location"].startswith("/sign-in")
    assert _new(visitor, rooms, SIMPLE).status_code == 401


@pytest.mark.parametrize("number", ["999", str(10**30), "x"])
def test_what_is_not_there_is_not_found(rooms: Rooms, he: Visitor, number: str) -> None:
    for path in (
        f"/studio/{number}",
        f"/studio/editions/{number}",
        f"/studio/editions/{number}/owners",
        f"/studio/editions/{number}/diagram.bpmn",
    ):
        assert he.get(path).status_code == 404, path
    for path in (
        f"/studio/{number}/retire",
        f"/studio/editions/{number}/force",
        f"/studio/editions/{number}/questions",
    ):
        assert he.post(path).status_code == 404, path
    assert _upload(he, f"/studio/{number}/editions", SIMPLE).status_code == 404


def test_of_very_many_findings_the_first_are_shown_and_the_rest_when_asked_for(rooms: Rooms, he: Visitor) -> None:
    ids = [f"s{number}" for number in range(450)]
    row = START + END + "".join(step(one, "Work") for one in ids) + way("start", *ids, "end")
    edition_id = _edition_of(_new(he, rooms, process(lanes(counter=ids) + row)))
    page = he.get(f"/studio/editions/{edition_id}").text
    told = re.search(r"To look at · (\d+)", page)
    assert told is not None
    assert int(told[1]) > 400
    assert page.count('id="finding-') < 260
    rest = re.search(rf'href="(/studio/editions/{edition_id}\?all=1)">Show the other {int(told[1]) - 200}<', page)
    assert rest is not None
    assert he.get(rest[1]).text.count('id="finding-') > 400
