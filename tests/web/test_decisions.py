"""The decisions of an edition through a browser: files in and out, the editor of a table, trying one out."""

from __future__ import annotations

import html
import io
import re
from collections.abc import Mapping
from typing import Any, Final
from urllib.parse import quote

import pytest
from sqlalchemy import select

from engine.base.database import Database
from engine.diagram.decisions import decide, read
from engine.procedures import acts
from engine.procedures.tables import attachments
from tests.diagram_text import END, START, process, step, way
from tests.engine.diagram.tables import decision, dmn, input_, literal, table
from tests.web.conftest import Rooms, Visitor

SIMPLE: Final = process(START + step("one") + END + way("start", "one", "end"))
FEES: Final = dmn(
    input_("amount", type_="number"),
    decision(
        "fee",
        table(["amount", "kind"], ["price"], [("< 1000", "-", "10"), (">= 1000", '"old"', "50")], types=["number", "string"]),
        name="Fee 收费",
        requires=["input:amount", "decision:base"],
    ),
    decision("base", literal("amount * 2"), requires=["input:amount"], name="Base"),
)  # fmt: skip
HOSTILE: Final = '"><script>alert(1)</script>'


@pytest.fixture
def he(rooms: Rooms) -> Visitor:
    return rooms.visitor("he")


def draft(rooms: Rooms, **beside: bytes) -> int:
    with rooms.database.writing() as db:
        designer = rooms.office.actor(db, "he")
        procedure_id = acts.open_procedure(
            db, by=designer, name="Permit", prefix="BP", department_id=rooms.office.departments["review"]
        )
        return acts.deposit(
            db, by=designer, procedure_id=procedure_id, file="permit.bpmn", source=SIMPLE,
            attachments={name.replace("_dmn", ".dmn"): content for name, content in beside.items()},
        )  # fmt: skip


def page_of(edition_id: int, file: str, id_: str) -> str:
    return f"/studio/editions/{edition_id}/decision?file={quote(file)}&id={quote(id_)}"


def fields(page: str) -> dict[str, Any]:
    """The form as the browser would send it: names that come several times as lists."""
    form = page[page.index("data-table") : page.index("</form>", page.index("data-table"))]
    found: dict[str, Any] = {}
    for tag in re.finditer(
        r"<input([^>]*)>|<textarea([^>]*)>\n?([^<]*)</textarea>|<select([^>]*)>(.*?)</select>", form, re.DOTALL
    ):
        marks = tag[1] or tag[2] or tag[4]
        name = re.search(r'name="([^"]*)"', marks)
        if name is None or name[1] == "csrf_token":
            continue
        value = re.search(r'value="([^"]*)"', marks)
        said = tag[3] if tag[2] else value[1] if value else ""
        if tag[4]:
            chosen = re.search(r'<option(?: value="([^"]*)")? selected>([^<]*)<', tag[5]) or re.search(
                r'<option value="([^"]*)"()>', tag[5]
            )
            said = "" if chosen is None else chosen[1] if chosen[1] is not None else chosen[2]
        found.setdefault(html.unescape(name[1]), []).append(html.unescape(said))
    return found


def kept(database: Database, edition_id: int) -> Mapping[str, bytes]:
    with database.reading() as db:
        rows = db.execute(
            select(attachments.c.path, attachments.c.content).where(attachments.c.edition_id == edition_id)
        )
        return {row.path: row.content for row in rows}


def send(visitor: Visitor, edition_id: int, form: Mapping[str, Any], do: str, **changed: str) -> Any:
    data = {**form, **{name.replace("__", "."): value for name, value in changed.items()}, "do": do}
    return visitor.post(f"/studio/editions/{edition_id}/decision", data)


def test_the_list_names_every_decision_with_what_was_found_of_it(rooms: Rooms, he: Visitor) -> None:
    edition_id = draft(rooms, fees_dmn=FEES, broken_dmn=b"<definitions")
    page = he.get(f"/studio/editions/{edition_id}/decisions").text
    assert "Fee 收费" in page
    assert "none answers if amount = 1000" in page
    assert "cannot be read" in page
    assert 'aria-current="page"' in page
    assert he.get(f"/studio/editions/{edition_id}/decisions/file?file=fees.dmn").data == FEES


def test_a_table_is_changed_and_kept_and_answers_as_it_says_now(rooms: Rooms, he: Visitor) -> None:
    edition_id = draft(rooms, fees_dmn=FEES)
    form = fields(he.get(page_of(edition_id, "fees.dmn", "fee")).text)
    assert form["line.1.asked.0"] == [">= 1000"]
    answer = send(he, edition_id, form, "keep", line__1__asked__1="-", line__1__said__0="amount / 20")
    assert answer.status_code == 303
    assert "The table is kept." in he.get(answer.headers["Location"]).text
    content = kept(rooms.database, edition_id)["fees.dmn"]
    assert b"DMN/20230324/MODEL" in content
    file = read(content, "fees.dmn")
    assert decide(file, "fee", {"amount": 2000, "kind": "new"})["Fee 收费"] == 100
    assert decide(file, "base", {"amount": 4})["Base"] == 8


def test_lines_and_columns_are_added_moved_and_removed_without_a_script(rooms: Rooms, he: Visitor) -> None:
    edition_id = draft(rooms, fees_dmn=FEES)
    form = fields(he.get(page_of(edition_id, "fees.dmn", "fee")).text)
    form = fields(send(he, edition_id, form, "line-add:1").text)
    assert form["line"] == ["0", "1", "2"]
    form = fields(send(he, edition_id, form, "line-up:2", line__2__asked__0="1").text)
    assert [form[f"line.{one}.asked.0"] for one in range(3)] == [["< 1000"], ["1"], [">= 1000"]]
    form = fields(send(he, edition_id, form, "line-drop:0").text)
    form = fields(send(he, edition_id, form, "asked-left:1").text)
    assert form["asked.0.expression"] == ["kind"]
    assert [form[f"line.{one}.asked.0"] for one in range(2)] == [[""], ['"old"']]
    form = fields(send(he, edition_id, form, "said-add:0").text)
    assert form["said"] == ["0", "1"]
    form = fields(send(he, edition_id, form, "asked-drop:0").text)
    assert form["asked.0.expression"] == ["amount"]
    assert kept(rooms.database, edition_id)["fees.dmn"] == FEES


def test_what_is_wrong_stands_beside_the_cell_and_nothing_typed_is_lost(rooms: Rooms, he: Visitor) -> None:
    edition_id = draft(rooms, fees_dmn=FEES)
    form = fields(he.get(page_of(edition_id, "fees.dmn", "fee")).text)
    answer = send(
        he, edition_id, form, "keep", line__0__asked__0="> > 5", line__1__said__0=HOSTILE, said__0__type="money"
    )
    assert answer.status_code == 422
    assert 'id="d-line-0-asked-0-fault"' in answer.text
    assert "Rule 1, “amount”: “&gt;” was not expected here" in answer.text
    assert "there is no type “money”" in answer.text
    assert "<script>alert" not in answer.text
    again = fields(answer.text)
    assert (again["line.0.asked.0"], again["line.1.said.0"]) == (["> > 5"], [HOSTILE])
    assert kept(rooms.database, edition_id)["fees.dmn"] == FEES


def test_two_designers_do_not_overwrite_each_other(rooms: Rooms, he: Visitor) -> None:
    edition_id = draft(rooms, fees_dmn=FEES)
    form = fields(he.get(page_of(edition_id, "fees.dmn", "fee")).text)
    assert send(he, edition_id, form, "keep", line__0__said__0="11").status_code == 303
    late = send(he, edition_id, form, "keep", line__0__said__0="12")
    assert late.status_code == 409
    assert "He Jun changed “fees.dmn”" in late.text
    again = fields(late.text)
    assert again["line.0.said.0"] == ["12"]
    assert (
        decide(read(kept(rooms.database, edition_id)["fees.dmn"], ""), "fee", {"amount": 1, "kind": ""})["price"] == 11
    )
    assert send(he, edition_id, again, "keep-over").status_code == 303
    assert (
        decide(read(kept(rooms.database, edition_id)["fees.dmn"], ""), "fee", {"amount": 1, "kind": ""})["price"] == 12
    )


def test_a_new_table_becomes_a_file_of_its_own_or_part_of_one(rooms: Rooms, he: Visitor) -> None:
    edition_id = draft(rooms)
    form = fields(he.get(f"/studio/editions/{edition_id}/decision?new=1").text)
    refused = send(he, edition_id, form, "keep")
    assert refused.status_code == 422
    assert "a decision needs a name" in refused.text
    typed = {"asked__0__expression": "days", "line__0__asked__0": "> 3", "line__0__said__0": '"late"'}
    answer = send(he, edition_id, form, "keep", name="Is it late 是否逾期", **typed)
    assert answer.status_code == 303
    content = kept(rooms.database, edition_id)["is_it_late.dmn"]
    assert decide(read(content, ""), "is_it_late", {"days": 4}) == {"is_it_late": "late"}
    form = fields(he.get(f"/studio/editions/{edition_id}/decision?new=1&file=is_it_late.dmn").text)
    assert send(he, edition_id, form, "keep", name="Second", id="second", **typed).status_code == 303
    assert set(read(kept(rooms.database, edition_id)["is_it_late.dmn"], "").decisions) == {"is_it_late", "second"}
    taken = send(he, edition_id, fields(he.get(f"/studio/editions/{edition_id}/decision?new=1&file=is_it_late.dmn").text), "keep", name="Third", id="second", **typed)  # fmt: skip
    assert taken.status_code == 422


def test_trying_out_tells_the_result_the_rules_and_what_it_builds_on_and_keeps_nothing(
    rooms: Rooms, he: Visitor
) -> None:
    edition_id = draft(rooms, fees_dmn=FEES)
    form = fields(he.get(page_of(edition_id, "fees.dmn", "fee")).text)
    assert {"try.amount", "try.kind"} <= set(form)
    answer = send(he, edition_id, form, "try", try__amount="1500", try__kind="old", line__1__said__0="amount + 1")
    assert "<dt>Fee 收费</dt><dd><b>1501</b></dd>" in answer.text
    assert "Rule 2 applies." in answer.text
    assert "<dt>Base</dt><dd>3000</dd>" in answer.text
    assert answer.text.count("o-dt-hit") == 1
    assert "No rule applies." in send(he, edition_id, form, "try", try__amount="1500", try__kind="new").text
    assert "“many” is no number" in send(he, edition_id, form, "try", try__amount="many").text
    assert "nothing is known of “amount”" in send(he, edition_id, form, "try").text
    assert kept(rooms.database, edition_id)["fees.dmn"] == FEES


def test_what_is_no_table_is_read_and_tried_out(rooms: Rooms, he: Visitor) -> None:
    edition_id = draft(rooms, fees_dmn=FEES)
    page = he.get(page_of(edition_id, "fees.dmn", "base")).text
    assert "amount * 2" in page
    assert "data-table" not in page
    assert "<b>10</b>" in he.get(page_of(edition_id, "fees.dmn", "base") + "&try=1&try.amount=5").text


def test_findings_stand_beside_the_table_and_mark_their_rules(rooms: Rooms, he: Visitor) -> None:
    rows = [("< 5", "1"), ("< 9", "2"), (">= 5", "3")]
    edition_id = draft(rooms, fees_dmn=dmn(decision("fee", table(["amount"], ["price"], rows))))
    page = he.get(page_of(edition_id, "fees.dmn", "fee")).text
    assert "The rules 1 and 2 both apply if amount = 4" in page
    assert page.count('class="o-dt-mark"') >= 3
    form = fields(page)
    answer = send(he, edition_id, form, "check", line__1__asked__0="[5..9)", line__2__asked__0="> 9")
    assert "No rule answers if amount = 9" in answer.text
    chinese = he.post("/language", {"language": "zh", "next": "/"})
    assert chinese.status_code in (302, 303, 404)


def test_a_file_made_elsewhere_is_taken_in_or_refused_in_words(rooms: Rooms, he: Visitor) -> None:
    edition_id = draft(rooms, fees_dmn=FEES)
    path = f"/studio/editions/{edition_id}/decisions"
    assert he.post(path, {"file": (io.BytesIO(FEES), "folder/other fees.dmn")}).status_code == 303
    assert kept(rooms.database, edition_id)["other fees.dmn"] == FEES
    for name, content in {
        "bomb.dmn": b'<!DOCTYPE a [<!ENTITY b "c">]><definitions>&b;</definitions>',
        "rows.dmn": dmn(decision("d", "<decisionTable>" + "<rule/>" * 60_000 + "</decisionTable>")),
        "fees.txt": FEES,
    }.items():
        answer = he.post(path, {"file": (io.BytesIO(content), name)})
        assert answer.status_code == 422, name
        assert "Nothing has been kept" in answer.text
    assert set(kept(rooms.database, edition_id)) == {"fees.dmn", "other fees.dmn"}
    assert he.post(path, {"file": (io.BytesIO(b""), "")}).status_code == 303


def test_only_drafts_are_changed_and_only_by_designers(rooms: Rooms, he: Visitor) -> None:
    edition_id = draft(rooms, fees_dmn=FEES)
    form = fields(he.get(page_of(edition_id, "fees.dmn", "fee")).text)
    li = rooms.visitor("li")
    assert li.get(f"/studio/editions/{edition_id}/decisions").status_code == 403
    assert send(li, edition_id, form, "keep").status_code == 403
    with rooms.database.writing() as db:
        acts.withdraw(db, by=rooms.office.actor(db, "he"), edition_id=edition_id)
    assert "data-table" not in he.get(page_of(edition_id, "fees.dmn", "fee")).text
    late = send(he, edition_id, form, "keep", line__0__said__0="11")
    assert late.status_code == 422
    assert "only a draft can be changed" in late.text
    assert fields(late.text)["line.0.said.0"] == ["11"]


@pytest.mark.parametrize("file", ["none.dmn", "../fees.dmn", HOSTILE, ""])
def test_what_is_not_there_is_not_found(rooms: Rooms, he: Visitor, file: str) -> None:
    edition_id = draft(rooms, fees_dmn=FEES)
    assert he.get(page_of(edition_id, file, "fee")).status_code == 404
    assert he.get(page_of(edition_id, "fees.dmn", HOSTILE)).status_code == 404
    assert he.get("/studio/editions/999999/decisions").status_code == 404
    assert send(he, edition_id, {"file": file, "id": "fee"}, "keep").status_code == 404


def test_a_form_that_nobody_filled_in_is_no_fault_of_ours(rooms: Rooms, he: Visitor) -> None:
    edition_id = draft(rooms, fees_dmn=FEES)
    for form in (
        {},
        {"new": "1", "base": "zz"},
        {"new": "1", "line": ["x", "y"], "asked": ["\x01"], "name": "\x00a\x0b"},
    ):
        for do in ("keep", "keep-over", "try", "check", "line-add:9", "asked-drop:0", "said-left:q", "", "what-ever:1"):
            assert send(he, edition_id, form, do).status_code in (200, 404, 422), (form, do)
    assert set(kept(rooms.database, edition_id)) == {"fees.dmn"}
