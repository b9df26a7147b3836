"""The room of event logs: handed in, columns chosen, looked at, compared, taken away."""

from __future__ import annotations

import io
import json
import re
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest
from sqlalchemy import select

from engine.cases import acts as cases
from engine.papers.store import Folder
from engine.procedures.reads import in_force as edition_in_force
from engine.records.tables import entries
from engine.supervision.mining import importing
from engine.supervision.mining.reading import read_xes
from engine.supervision.mining.tables import logs
from tests.counting import counting
from tests.engine.diagram.builders import end, line, source, start, user
from tests.engine.supervision.mining.files import day, event, packed, table, trace, xes
from tests.web.conftest import Rooms, Visitor
from tests.worlds import begun, in_force

SMALL = xes(
    trace("=1+1", event("Receive", day(2), org__group="Desk"), event("Review &lt;b>", day(3), org__group="Law"), event("Issue", day(4))),
    trace("two", event("Receive", day(2)), event("Issue", day(6), org__resource="Li Ming")),
)  # fmt: skip
TABLE = table("Nr,Step,When,Who", "1,Receive,03/04/2026,Li", "1,Issue,05/04/2026,Li", "2,Receive,soon,Li")


@pytest.fixture
def room(rooms: Rooms, tmp_path: Path) -> Rooms:
    rooms.app.cabinet = replace(rooms.app.cabinet, store=Folder(tmp_path / "papers"))
    return rooms


def handed_in(visitor: Visitor, content: bytes, file: str = "log.xes", **more: str) -> str:
    answer = visitor.post("/logs/", {"file": (io.BytesIO(content), file), **more})
    assert answer.status_code == 303, answer.text
    return answer.location


def read(room: Rooms) -> None:
    importing.read_due(room.database, room.app.cabinet.store)


def pages_of(address: str) -> Iterator[str]:
    yield from (address, f"{address}/map", f"{address}/map?activities=1&paths=0&by=time", f"{address}/ways",
                f"{address}/cases", f"{address}/cases/0", f"{address}/comparisons", f"{address}/export")  # fmt: skip


def test_a_log_is_handed_in_and_every_page_of_it_stands_in_both_languages(room: Rooms) -> None:
    sun = room.visitor("sun")
    assert "No logs yet" in sun.get("/logs/").text
    address = handed_in(sun, packed(SMALL), "log.xes.gz", name="Their log")
    assert "is being read" in sun.get(address).text
    read(room)
    for tongue in ("en", "zh"):
        sun.post("/language", {"language": tongue, "next": "/"})
        for path in pages_of(address):
            answer = sun.get(path)
            assert answer.status_code == 200, path
            assert "Review <b>" not in answer.text
            assert "%(" not in answer.text
    assert "路径 1" in sun.get(f"{address}/ways").text


def test_days_that_are_none_are_told_beside_their_field_with_what_was_typed(room: Rooms) -> None:
    sun = room.visitor("sun")
    address = handed_in(sun, SMALL)
    read(room)
    typed = {"since": "2026-03-09", "until": "2026-03-02"}
    for path in (f"{address}/period", "/logs/own"):
        page = sun.post(path, {**typed, "procedure": "1", "form": "xes"})
        assert page.status_code == 422
        assert 'id="o-since-error"' in page.text
        assert page.text.count("the first not behind the last") == 2  # on top, and beside the field
        assert all(f'value="{one}"' in page.text for one in typed.values())


def test_each_number_leads_to_its_cases(room: Rooms) -> None:
    sun = room.visitor("sun")
    address = handed_in(sun, SMALL)
    read(room)
    page = sun.get(address).text + sun.get(f"{address}/map").text + sun.get(f"{address}/ways").text
    links = set(re.findall(r'href="(/logs/\d+/cases\?[^"]+)"', page))
    assert len(links) >= 8
    for one in links:
        found = sun.get(one.replace("&amp;", "&"))
        assert found.status_code == 200
        assert re.search(r"<dt>Cases</dt><dd[^>]*>[1-9]", found.text), one


def test_how_cases_end_is_told_and_that_some_may_not_have_been_over(room: Rooms) -> None:
    again = (
        event("Check", day(2)),
        event("Ask", day(3)),
        event("Check", day(4)),
        event("Ask", day(5)),
        event("Check", day(6)),
        event("Close", day(7)),
    )
    log = xes(trace("1", *again), trace("2", *again), trace("3", event("Check", day(2)), event("Ask", day(3))))
    sun = room.visitor("sun")
    address = handed_in(sun, log)
    read(room)
    page = sun.get(address).text
    rows = re.search(r"<caption>How cases end</caption>(.*?)</table>", page, re.DOTALL)
    assert rows is not None
    cells = [re.sub(r"<[^>]+>|\s", " ", one).split() for one in re.findall(r"<tr.*?</tr>", rows[1], re.DOTALL)[1:]]
    assert cells == [["Close", "2", "67%", "100%"], ["Ask", "1", "33%", "20%"]]
    assert "may still have been open" in page
    behind = sun.get(f"{address}/cases?activity=Ask&last=1").text
    assert re.search(r"<dt>Cases</dt><dd[^>]*>1<", behind)


def test_a_table_is_asked_about_and_what_was_chosen_stays_on_the_page(room: Rooms) -> None:
    he = room.visitor("he")
    address = handed_in(he, TABLE, "steps.csv")
    assert address.endswith("/columns")
    page = he.get(address).text
    assert "can be read in several ways" in page
    assert "03/04/2026" in page
    chosen = {"case": "Nr", "activity": "Step", "time": "Step", "name": "Named so", "zone": "Nowhere", "delimiter": ",",
              "encoding": "utf-8-sig"}  # fmt: skip
    answer = he.post(address, chosen)
    assert answer.status_code == 422
    assert 'value="Named so"' in answer.text
    assert "already chosen for something else" in answer.text
    assert "Say how times are written" in answer.text
    assert '<option value="Nr" selected>' in answer.text
    form = "%d/%m/%Y %H:%M:%S|%d/%m/%Y %H:%M|%d/%m/%Y"
    chosen |= {"time": "When", "zone": "Asia/Shanghai", "times": form, "resource": "Who"}
    again = he.post(address, {**chosen, "again": "1"})
    assert again.status_code == 200
    assert he.post(address, chosen).status_code == 303
    read(room)
    page = he.get(address.removesuffix("/columns")).text
    assert "Named so" in page
    assert "cannot be read in the chosen form" in page
    assert he.get(address).status_code == 422


def test_the_columns_are_asked_for_in_words_that_fit_them(room: Rooms) -> None:
    he = room.visitor("he")
    address = handed_in(he, TABLE, "steps.csv")
    he.post("/language", {"language": "zh"})
    page = he.get(address).text
    for word, hint in (("费用", "数字"), ("活动", "办了什么")):
        assert word in page
        assert hint in page
    assert "损失" not in page, "what a bottleneck costs is another thing"
    assert "办理结果" not in page


DAY_FIRST = "%d/%m/%Y %H:%M:%S|%d/%m/%Y %H:%M|%d/%m/%Y"
CHOSEN = {
    "case": "Nr", "activity": "Step", "time": "When", "resource": "Who", "name": "Named so", "zone": "Asia/Shanghai",
    "times": DAY_FIRST, "delimiter": ",", "encoding": "utf-8-sig",
}  # fmt: skip


@pytest.mark.parametrize("wrong", [{"delimiter": ";"}, {"encoding": "utf-16"}])
@pytest.mark.parametrize("button", [{"again": "1"}, {}])
def test_a_sign_between_columns_or_an_encoding_that_does_not_fit_is_told_and_nothing_typed_is_lost(
    room: Rooms, wrong: dict[str, str], button: dict[str, str]
) -> None:
    he = room.visitor("he")
    address = handed_in(he, TABLE, "steps.csv")
    answer = he.post(address, {**CHOSEN, **wrong, **button})
    assert answer.status_code == 422
    (field,) = wrong
    assert f'href="#o-{field}"' in answer.text
    assert f'id="o-{field}-why"' in answer.text
    assert "fewer than three columns" in answer.text
    assert 'value="Named so"' in answer.text
    for column in ("Nr", "Step", "When", "Who"):
        assert f'<option value="{column}" selected>' in answer.text
    assert he.post(address, CHOSEN).status_code == 303


def test_columns_of_which_nothing_could_be_read_are_chosen_anew(room: Rooms) -> None:
    he = room.visitor("he")
    address = handed_in(he, TABLE, "steps.csv")
    assert he.post(address, {**CHOSEN, "times": "epoch"}).status_code == 303
    read(room)
    page = he.get(address.removesuffix("/columns")).text
    assert "None of the rows of “steps.csv” could be read" in page
    assert f'href="{address}"' in page
    again = he.get(address).text
    assert '<option value="When" selected>' in again
    assert 'value="Named so"' in again
    assert room.visitor("sun").get(address).status_code == 404
    assert he.post(address, CHOSEN).status_code == 303
    read(room)
    page = he.get(address.removesuffix("/columns")).text
    assert "None of the rows" not in page
    assert "How cases end" in page


def test_what_is_no_log_is_refused_and_nothing_is_kept(room: Rooms) -> None:
    sun = room.visitor("sun")
    bomb = packed(b"<log>" + b" " * 68_000_000)
    for content, name, said in (
        (b"%PDF-1.7 ...", "log.csv", "neither XES nor CSV"),
        (b"", "log.csv", "is empty"),
        (b"only a line", "log.csv", "“log.csv” is neither XES nor CSV"),
        (b"case,activity,time\n", "log.csv", "“log.csv” holds the names of its columns and no row"),
        (packed(SMALL)[:-9], "log.gz", ""),
    ):
        answer = sun.post("/logs/", {"file": (io.BytesIO(content), name)})
        assert answer.status_code in (303, 422)
        assert said in answer.text
    assert sun.post("/logs/", {}).status_code == 422
    address = handed_in(sun, bomb)
    read(room)
    assert "unpacks to more than" in sun.get(address).text
    with room.database.reading() as db:
        assert len(db.scalars(select(logs.c.id)).all()) == 1


def test_who_may_not_look_at_logs_sees_none(room: Rooms) -> None:
    address = handed_in(room.visitor("sun"), SMALL)
    read(room)
    li, he = room.visitor("li"), room.visitor("he")
    for path in ("/logs/", *pages_of(address)):
        assert li.get(path).status_code == 403
    for path in pages_of(address):
        assert he.get(path).status_code == 404
    assert he.post(f"{address}/export", {"form": "xes"}).status_code == 404
    assert he.get("/logs/own").status_code == 403
    sun = room.visitor("sun")
    assert sun.post(f"{address}/shared", {"shared": "yes"}).status_code == 303
    assert he.get(address).status_code == 200
    assert he.post(f"{address}/delete").status_code == 422
    assert sun.post(f"{address}/delete").status_code == 303
    assert sun.get(address).status_code == 404


def test_a_log_is_laid_beside_an_edition(room: Rooms) -> None:
    drawn = source(start(), user("a", name="Receive 受理"), user("b", name="Review"), user("c", name="Issue"), end(),
                   line("s", "a", "b", "c", "e"))  # fmt: skip
    with room.database.writing() as db:
        procedure_id = in_force(db, room.office, drawn, beside={}, owners={"process:p": "reviewer"})
        edition_id = edition_in_force(db, procedure_id)[0].edition_id
    sun = room.visitor("sun")
    address = handed_in(sun, SMALL)
    read(room)
    chosen = sun.get(f"{address}/comparisons?edition={edition_id}")
    assert chosen.status_code == 303
    matching = sun.get(chosen.location).text
    assert re.search(r'<option value="a" selected>Receive', matching)
    assert sun.post(chosen.location, {"activity:0": ""}).status_code == 422
    fields = dict.fromkeys(("activity:0", "activity:1", "activity:2"), "")
    for place in range(3):
        name = re.search(rf'<label for="o-a{place}">([^<]+)<', matching)
        assert name is not None
        fields[f"activity:{place}"] = {"Receive": "a", "Issue": "c"}.get(name[1], "")
    answer = sun.post(chosen.location, fields)
    assert answer.status_code == 303
    assert "is being compared" in sun.get(answer.location).text
    read(room)
    page = sun.get(answer.location).text
    assert "Review &lt;b&gt;" in page
    assert "no step of the diagram" in page
    for one in set(re.findall(r'href="(/logs/\d+/cases\?check[^"]+)"', page)):
        found = sun.get(one.replace("&amp;", "&")).text
        assert re.search(r"<dt>Cases</dt><dd[^>]*>[1-9]", found), one
    assert sun.get(f"{answer.location}/diagram.bpmn").mimetype == "application/xml"


def test_what_is_taken_away_is_on_the_record_and_reads_back_the_same(room: Rooms) -> None:
    sun = room.visitor("sun")
    address = handed_in(sun, SMALL, name="日志 <b>")
    read(room)
    back = list(read_xes(io.BytesIO(sun.post(f"{address}/export", {"form": "xes"}).data)))
    assert [[one.activity for one in each.events] for each in back] == [
        ["Receive", "Review <b>", "Issue"],
        ["Receive", "Issue"],
    ]
    answer = sun.post(f"{address}/export", {"form": "csv"})
    assert "'=1+1,Receive" in answer.text
    said = answer.headers["Content-Disposition"]
    assert said.startswith("attachment")
    assert said.isascii(), "no server sends other letters in a header"
    assert len(json.loads(sun.post(f"{address}/export", {"form": "ocel"}).data)["events"]) == 5
    assert sun.post(f"{address}/export", {"form": "exe"}).status_code == 404
    with room.database.reading() as db:
        assert db.scalars(select(entries.c.act)).all().count("export_log") == 3


def test_own_cases_are_taken_away_by_who_supervises_them(room: Rooms) -> None:
    with room.database.writing() as db:
        procedure_id = in_force(db, room.office)
        begun(db, room.office, procedure_id)
    zhou = room.visitor("zhou")
    assert zhou.get("/logs/own").status_code == 200
    asked = {"procedure": str(procedure_id), "since": "2026-03-01", "until": "2026-03-31", "form": "xes"}
    back = list(read_xes(io.BytesIO(zhou.post("/logs/own", asked).data)))
    assert [one.events[0].activity for one in back] == ["Receive the application"]
    for wrong in ({"since": "yesterday"}, {"since": "2026-04-01"}, {"names": "on"}):
        answer = zhou.post("/logs/own", {**asked, **wrong})
        assert answer.status_code == (403 if "names" in wrong else 422)
        assert 'value="2026-03-31"' in answer.text
    assert zhou.post("/logs/own", {**asked, "procedure": "999"}).status_code == 404
    assert b"Wang Fang" not in zhou.post("/logs/own", {**asked, "form": "ocel"}).data


def test_own_cases_are_read_here_and_laid_beside_their_edition(room: Rooms) -> None:
    with room.database.writing() as db:
        drawn = source(
            start(), user("a", name="Receive 受理"), user("b", name="Review"), end(), line("s", "a", "b", "e")
        )
        procedure_id = in_force(db, room.office, drawn, beside={}, owners={"process:p": "clerk"})
        by, ended = room.office.actor(db, "li"), begun(db, room.office, procedure_id)
        for number in (1, 2):
            cases.complete_task(db, by=by, case_id=ended.case_id, number=number, submitted={})
        begun(db, room.office, procedure_id)
    zhou = room.visitor("zhou")
    asked = {"procedure": str(procedure_id), "since": "2026-03-01", "until": "2026-03-31", "here": "1"}
    address = zhou.post("/logs/own", asked).location
    read(room)
    assert "Receive 受理" in zhou.get(address).text
    assert zhou.get(f"{address}/cases/1").status_code == 404, "what has not ended would seem to leave steps out"
    assert "Wang Fang" not in zhou.get(f"{address}/cases/0").text
    (edition,) = re.findall(r'<option value="(\d+)"', zhou.get(f"{address}/comparisons").text)
    matching = zhou.get(f"{address}/comparisons/with/{edition}").text
    assert re.search(r'<option value="[^"-]+" selected', matching), "its steps are known by their names"
    assert room.visitor("sun").get(address).status_code == 404
    for wrong in ({"since": "yesterday"}, {"procedure": "999"}):
        assert zhou.post("/logs/own", {**asked, **wrong}).status_code in (404, 422)


@pytest.mark.parametrize(("path", "most"), [("", 8), ("/map", 8), ("/ways", 11), ("/cases", 12), ("/cases/0", 14)])
def test_a_page_of_a_log_asks_the_database_little(room: Rooms, path: str, most: int) -> None:
    sun = room.visitor("sun")
    address = handed_in(sun, SMALL)
    read(room)
    assert sun.get(address + path).status_code == 200
    with counting(room.database) as counted:
        assert sun.get(address + path).status_code == 200
    assert len(counted.statements) <= most
    assert counted.commits == 0
