"""The desk through a browser: lists, tasks, starting a case; refusals that keep what was typed."""

from __future__ import annotations

import re
from datetime import timedelta
from html import unescape
from typing import Any

import pytest
from sqlalchemy import Connection, func, select, update

from engine.base.database import Database
from engine.cases import acts, reads
from engine.cases.tables import cases, tasks
from engine.diagram.forms import ROW_BUTTON
from engine.procedures import acts as procedures
from tests.conftest import Clock
from tests.diagram_text import END, START, process, step, way
from tests.engine.diagram import builders as drawing
from tests.web.conftest import Rooms, Visitor
from tests.worlds import begun, in_force

ALONE = {"process:procedure": "clerk"}
RECEIVED = {"plot": "C-123", "area": "120", "way:complete": "complete_to_split"}


@pytest.fixture
def procedure_id(rooms: Rooms) -> int:
    with rooms.database.writing() as db:
        return in_force(db, rooms.office)


@pytest.fixture
def case_id(rooms: Rooms, procedure_id: int) -> int:
    with rooms.database.writing() as db:
        return begun(db, rooms.office, procedure_id, matter="A <b>house</b>").case_id


def receipt(page: str) -> str:
    found = re.search(r'name="own:receipt" value="([0-9a-f]{32})"', page)
    assert found is not None
    return found[1]


def values(page: str) -> dict[str, str]:
    """Text boxes with what stands in them."""
    return {
        unescape(name[1]): unescape(value[1]) if (value := re.search(r'\bvalue="([^"]*)"', box)) else ""
        for box in re.findall(r"<input[^>]*>", page)
        if (name := re.search(r'\bname="([^"]*)"', box)) and 'type="hidden"' not in box
    }


def _count(db: Connection) -> int:
    return db.scalar(select(func.count()).select_from(cases)) or 0


def _task(database: Database, case_id: int, number: int = 1) -> Any:
    with database.reading() as db:
        return db.execute(select(tasks).where(tasks.c.case_id == case_id, tasks.c.number == number)).one()


# the list


def test_a_morning_at_the_desk(rooms: Rooms, case_id: int) -> None:
    """Claim, begin, pause, resume, complete: as a clerk does it."""
    li = rooms.visitor("li")
    page = li.get("/").text
    assert "Receive the application" in page
    assert "A &lt;b&gt;house&lt;/b&gt;" in page
    assert li.post("/next").headers["Location"] == f"/tasks/{case_id}/1"
    for change in ("begin", "pause", "resume"):
        assert li.post(f"/tasks/{case_id}/1/{change}").status_code == 303
    page = li.get(f"/tasks/{case_id}/1").text
    assert "C-123" not in page
    done = li.post(f"/tasks/{case_id}/1/complete", {**RECEIVED, "own:receipt": receipt(page)})
    assert (done.status_code, done.headers["Location"]) == (303, "/")
    assert _task(rooms.database, case_id).closed_at is not None
    assert "Nothing waits for you" in li.get("/").text
    assert "C-123" in li.get(f"/tasks/{case_id}/1").text


@pytest.mark.parametrize(("language", "claim", "release", "record"), [
    ("en", "Claim", "Release", "released the task"), ("zh", "认领", "退回岗位", "将任务退回岗位"),
])  # fmt: skip
def test_an_act_has_one_name_in_the_list_on_the_task_and_in_the_record(
    rooms: Rooms, case_id: int, language: str, claim: str, release: str, record: str
) -> None:
    li, address = rooms.visitor("li"), f"/tasks/{case_id}/1"
    li.post("/language", {"language": language})
    listed = re.findall(r'name="do" value="(claim|release)">([^<]+)<', li.get("/").text)
    assert listed == [("claim", claim), ("release", release)]
    assert re.search(rf'form="o-claim"[^>]*>{claim}<', li.get(address).text)
    li.post(f"{address}/claim")
    assert re.search(rf'form="o-release"[^>]*>{release}<', li.get(address).text)
    li.post(f"{address}/release")
    assert record in li.get(f"/cases/{case_id}").text


def test_taking_the_next_when_nothing_is_free_says_so(rooms: Rooms) -> None:
    li = rooms.visitor("li")
    assert li.post("/next").headers["Location"] == "/"
    assert "Nothing is free in your posts just now." in li.get("/").text


def test_releasing_puts_it_before_everybody_in_the_post(rooms: Rooms, case_id: int) -> None:
    li, chen = rooms.visitor("li"), rooms.visitor("chen")
    li.post(f"/tasks/{case_id}/1/claim")
    assert "Receive the application" not in chen.get("/").text
    assert li.post(f"/tasks/{case_id}/1/release").status_code == 303
    assert "Receive the application" in chen.get("/").text


@pytest.mark.parametrize("millisecond", [0, 1, 57, 129, 501, 999])
def test_the_pages_of_the_list_hold_every_task_once(
    rooms: Rooms, procedure_id: int, clock: Clock, millisecond: int
) -> None:
    clock.moment += timedelta(milliseconds=millisecond)
    with rooms.database.writing() as db:
        expected = {f"/tasks/{begun(db, rooms.office, procedure_id).case_id}/1" for _ in range(60)}
    li = rooms.visitor("li")
    shown: list[str] = []
    path = "/"
    for _ in range(10):
        page = li.get(path).text
        shown += re.findall(r'class="o-t" href="(/tasks/[^"]+)"', page)
        following = re.search(r'href="(/\?[^"]*after=[^"]+)"', page)
        if following is None:
            break
        path = unescape(following[1])
    assert len(shown) == len(set(shown)), "a page began again where the one before had been"
    assert set(shown) == expected


@pytest.mark.parametrize(
    "query",
    [
        "which=x",
        "after=x",
        "after=1_2",
        "after=a_b_c",
        f"after={10**30}_1_1",
        f"after=1_{10**30}_1",
        "after=-1_-1_-1",
        "after=%00",
    ],
)
@pytest.mark.usefixtures("case_id")
def test_an_address_that_makes_no_sense_shows_the_list(rooms: Rooms, query: str) -> None:
    assert rooms.visitor("li").get(f"/?{query}").status_code == 200


# who may


def test_nobody_sees_a_desk_without_signing_in(rooms: Rooms, case_id: int, procedure_id: int) -> None:
    visitor = rooms.visitor()
    for path in ("/", f"/tasks/{case_id}/1", f"/start/{procedure_id}"):
        answer = visitor.get(path)
        assert (answer.status_code, answer.headers["Location"][:8]) == (303, "/sign-in")
    for path in ("/next", f"/tasks/{case_id}/1/claim", f"/tasks/{case_id}/1/complete", f"/start/{procedure_id}"):
        assert visitor.post(path).status_code == 401
    assert _task(rooms.database, case_id).person_id is None


DEEDS = ("claim", "release", "begin", "pause", "resume", "complete")


@pytest.mark.parametrize("deed", DEEDS)
def test_a_task_of_a_case_one_may_not_see_is_not_there(rooms: Rooms, case_id: int, deed: str) -> None:
    """A reviewer, before anything of the case has come to review."""
    wang = rooms.visitor("wang")
    assert wang.get(f"/tasks/{case_id}/1").status_code == 404
    assert wang.post(f"/tasks/{case_id}/1/{deed}", RECEIVED).status_code in (403, 404)
    assert _task(rooms.database, case_id).changes == 1


@pytest.mark.parametrize("deed", DEEDS)
def test_who_supervises_may_look_but_not_do_it(rooms: Rooms, case_id: int, deed: str) -> None:
    sun = rooms.visitor("sun")
    page = sun.get(f"/tasks/{case_id}/1")
    assert page.status_code == 200
    assert 'id="o-task"' not in page.text
    assert sun.post(f"/tasks/{case_id}/1/{deed}", RECEIVED).status_code in (403, 422)
    assert _task(rooms.database, case_id).changes == 1


@pytest.mark.parametrize(
    "path",
    [
        "/tasks/{case}/9",
        "/tasks/7/1",
        f"/tasks/{10**30}/1",
        "/tasks/{case}/" + "9" * 40,
        "/start/999",
        f"/start/{10**30}",
    ],
)
def test_what_is_not_there_is_not_found(rooms: Rooms, case_id: int, path: str) -> None:
    li = rooms.visitor("li")
    address = path.format(case=case_id)
    assert li.get(address).status_code == 404
    if address.startswith("/tasks"):
        for deed in DEEDS:
            assert li.post(f"{address}/{deed}").status_code == 404


def test_without_the_forms_token_nothing_is_done(rooms: Rooms, case_id: int) -> None:
    li = rooms.visitor("li")
    assert li.client.post(f"/tasks/{case_id}/1/claim").status_code == 400
    assert _task(rooms.database, case_id).person_id is None


# the form


def test_a_faulty_form_comes_back_with_what_was_typed_and_what_to_mend(rooms: Rooms, case_id: int) -> None:
    li = rooms.visitor("li")
    typed = {**RECEIVED, "plot": 'C"<1>' + "x" * 20, "area": "none"}
    answer = li.post(f"/tasks/{case_id}/1/complete", typed)
    assert answer.status_code == 422
    shown = values(answer.text)
    assert (shown["plot"], shown["area"]) == (typed["plot"], "none")
    assert "Error: " in answer.text
    assert 'href="#f-plot"' in answer.text
    assert _task(rooms.database, case_id).changes == 1


def test_a_way_that_was_not_chosen_is_asked_for(rooms: Rooms, case_id: int) -> None:
    li = rooms.visitor("li")
    for way_ in ({}, {"way:complete": "nowhere"}):
        answer = li.post(f"/tasks/{case_id}/1/complete", {"plot": "C-77", **way_})
        assert answer.status_code == 422
        assert values(answer.text)["plot"] == "C-77"
    assert _task(rooms.database, case_id).closed_at is None


# two at once


@pytest.mark.parametrize("language", ["en", "zh"])
def test_the_loser_is_told_who_was_faster_and_keeps_what_they_typed(
    rooms: Rooms, case_id: int, clock: Clock, language: str
) -> None:
    li, chen = rooms.visitor("li"), rooms.visitor("chen")
    chen.post("/language", {"language": language})
    page = chen.get(f"/tasks/{case_id}/1").text
    assert li.post(f"/tasks/{case_id}/1/complete", RECEIVED).status_code == 303
    clock.advance(minutes=1)
    typed = {
        "plot": "typed by <chen>",
        "area": "17",
        "way:complete": "complete_to_receive",
        "own:receipt": receipt(page),
    }
    answer = chen.post(f"/tasks/{case_id}/1/complete", typed)
    assert answer.status_code == 409
    assert ("Li Ming" if language == "en" else "李明") in answer.text
    assert "typed by &lt;chen&gt;" in answer.text
    assert "17" in answer.text
    with rooms.database.reading() as db:
        assert reads.case(db, actor=rooms.office.actor(db, "li"), case_id=case_id).answers["plot"] == "C-123"


def test_what_was_typed_is_kept_when_somebody_claimed_it_meanwhile(rooms: Rooms, case_id: int) -> None:
    li, chen = rooms.visitor("li"), rooms.visitor("chen")
    li.post(f"/tasks/{case_id}/1/claim")
    answer = chen.post(f"/tasks/{case_id}/1/complete", {**RECEIVED, "plot": "typed by chen"})
    assert answer.status_code == 409
    assert "Li Ming" in answer.text
    assert "typed by chen" in answer.text
    assert _task(rooms.database, case_id).closed_at is None


def test_what_was_typed_is_kept_when_the_task_is_no_longer_needed(rooms: Rooms, clock: Clock) -> None:
    form = b'{"components":[{"type":"textfield","key":"found","label":"What was found"}]}'
    drawn = process(
        START + step("look", "Look at it", 'officium:form="look.form.json"') + step("late") + END
        + '<boundaryEvent id="bell" attachedToRef="look"><timerEventDefinition><timeDuration>P1D</timeDuration>'
        + "</timerEventDefinition></boundaryEvent>" + way("start", "look", "end") + way("bell", "late", "end")
    )  # fmt: skip
    with rooms.database.writing() as db:
        procedure_id = in_force(db, rooms.office, drawn, owners=ALONE, beside={"look.form.json": form})
        case_id = begun(db, rooms.office, procedure_id).case_id
    clock.advance(days=1)
    with rooms.database.writing() as db:
        ((_case, token),) = reads.due_timers(db, at=clock.now())
        acts.fire_timer(db, case_id=case_id, token=token)
    answer = rooms.visitor("li").post(f"/tasks/{case_id}/1/complete", {"found": "a crack in the wall"})
    assert answer.status_code == 409
    assert "a crack in the wall" in answer.text


def test_claiming_what_somebody_has_is_a_conflict(rooms: Rooms, case_id: int) -> None:
    rooms.visitor("li").post(f"/tasks/{case_id}/1/claim")
    answer = rooms.visitor("chen").post(f"/tasks/{case_id}/1/claim")
    assert answer.status_code == 409
    assert "Li Ming" in answer.text


def test_sending_the_same_page_twice_completes_once(rooms: Rooms, case_id: int) -> None:
    li = rooms.visitor("li")
    sent = {**RECEIVED, "own:receipt": receipt(li.get(f"/tasks/{case_id}/1").text)}
    first = li.post(f"/tasks/{case_id}/1/complete", sent)
    again = li.post(f"/tasks/{case_id}/1/complete", sent)
    assert (first.status_code, again.status_code) == (303, 303)
    assert _task(rooms.database, case_id).changes == 2


@pytest.mark.parametrize("odd", ["", "zz", "00", "0" * 64, "é" * 32])
def test_an_odd_receipt_is_none(rooms: Rooms, case_id: int, odd: str) -> None:
    li = rooms.visitor("li")
    assert li.post(f"/tasks/{case_id}/1/complete", {**RECEIVED, "own:receipt": odd}).status_code == 303
    assert _task(rooms.database, case_id).receipt is None


# starting


def _start(visitor: Visitor, procedure_id: int, **typed: str) -> Any:
    sent = {
        "own:matter": "A house",
        "own:applicant": "Wang Fang",
        **{f"own:{key}": value for key, value in typed.items()},
    }
    return visitor.post(f"/start/{procedure_id}", sent)


def test_a_case_is_started_and_its_first_task_opened(rooms: Rooms, procedure_id: int) -> None:
    li = rooms.visitor("li")
    assert f"/start/{procedure_id}" in li.get("/").text
    page = li.get(f"/start/{procedure_id}").text
    answer = _start(li, procedure_id, receipt=receipt(page))
    assert answer.status_code == 303
    assert re.fullmatch(r"/tasks/\d+/1", answer.headers["Location"])
    assert "BP-2026-0001" in li.get(answer.headers["Location"]).text


def test_starting_twice_with_one_page_starts_one_case(rooms: Rooms, procedure_id: int) -> None:
    li = rooms.visitor("li")
    mark = receipt(li.get(f"/start/{procedure_id}").text)
    assert {_start(li, procedure_id, receipt=mark).status_code for _ in range(2)} == {303}
    with rooms.database.reading() as db:
        assert _count(db) == 1


@pytest.mark.parametrize(("missing", "other"), [("matter", "applicant"), ("applicant", "matter")])
def test_what_is_missing_is_said_and_the_rest_is_kept(
    rooms: Rooms, procedure_id: int, missing: str, other: str
) -> None:
    answer = _start(rooms.visitor("li"), procedure_id, **{missing: "  ", other: "<kept> & safe"})
    assert answer.status_code == 422
    assert values(answer.text)[f"own:{other}"] == "<kept> & safe"
    assert f'href="#o-{missing}"' in answer.text
    with rooms.database.reading() as db:
        assert _count(db) == 0


@pytest.mark.parametrize("login", ["wang", "he", "guo"])
def test_who_may_not_start_is_not_shown_the_way_and_is_refused(rooms: Rooms, procedure_id: int, login: str) -> None:
    visitor = rooms.visitor(login)
    assert f"/start/{procedure_id}" not in visitor.get("/").text
    assert visitor.get(f"/start/{procedure_id}").status_code == 403
    assert _start(visitor, procedure_id).status_code == 403


def test_nothing_in_force_cannot_be_started(rooms: Rooms) -> None:
    with rooms.database.writing() as db:
        empty = procedures.open_procedure(
            db,
            by=rooms.office.actor(db, "he"),
            name="Empty",
            prefix="EM",
            department_id=rooms.office.departments["review"],
        )
    answer = rooms.visitor("li").get(f"/start/{empty}")
    assert answer.status_code == 422
    assert "has no edition in force" in answer.text


@pytest.mark.parametrize("nul", ["a\x00b", "\x00"])
def test_a_character_that_cannot_be_kept_breaks_nothing(
    rooms: Rooms, procedure_id: int, case_id: int, nul: str
) -> None:
    li = rooms.visitor("li")
    tried = (
        _start(li, procedure_id, matter=nul),
        li.post(f"/tasks/{case_id}/1/complete", {**RECEIVED, "plot": nul}),
        li.get("/cases/", query_string={"words": nul}),
    )
    assert all(answer.status_code < 500 for answer in tried), [answer.status_code for answer in tried]


def test_a_case_whose_state_cannot_be_read_is_a_calm_problem_and_harms_no_other(
    rooms: Rooms, procedure_id: int, case_id: int
) -> None:
    with rooms.database.writing() as db:
        other = begun(db, rooms.office, procedure_id).case_id
        db.execute(update(cases).where(cases.c.id == case_id).values(state=b"rubbish"))
    li = rooms.visitor("li")
    assert li.get(f"/tasks/{case_id}/1").status_code == 200
    answer = li.post(f"/tasks/{case_id}/1/complete", RECEIVED)
    assert answer.status_code == 503
    assert "restored from a backup" in answer.text
    assert "rubbish" not in answer.text
    assert li.post(f"/tasks/{other}/1/complete", RECEIVED).status_code == 303
    assert _task(rooms.database, case_id).closed_at is None


def test_rows_of_a_list_can_be_added_without_sending(rooms: Rooms) -> None:
    form = (
        b'{"components":[{"type":"dynamiclist","path":"people","label":"People","isRepeating":true,"allowAddRemove":true,'
        b'"components":[{"type":"textfield","key":"name","label":"Name"}]}]}'
    )
    drawn = drawing.source(
        drawing.start(),
        drawing.user("list", officium__form="list.form.json"),
        drawing.end(),
        drawing.line("s", "list", "e"),
    )
    with rooms.database.writing() as db:
        procedure_id = in_force(db, rooms.office, drawn, owners={"process:p": "clerk"}, beside={"list.form.json": form})
        case_id = begun(db, rooms.office, procedure_id).case_id
    li = rooms.visitor("li")
    button = re.search(rf'name="{re.escape(ROW_BUTTON)}" value="([^"]+)"', li.get(f"/tasks/{case_id}/1").text)
    assert button is not None
    answer = li.post(f"/tasks/{case_id}/1/complete", {ROW_BUTTON: unescape(button[1])})
    assert answer.status_code == 200
    assert _task(rooms.database, case_id).closed_at is None


@pytest.mark.parametrize("cookie", ["x", "x.y", ".", "é.é", "{}", "x" * 3000])
def test_a_notice_somebody_made_up_is_not_shown_and_breaks_nothing(rooms: Rooms, cookie: str) -> None:
    li = rooms.visitor("li")
    answer = li.client.get("/", headers={"Cookie": f"{_cookies(li)}; officium_notice={cookie}"})
    assert answer.status_code == 200
    assert "Nothing waits for you" in answer.text


def _cookies(visitor: Visitor) -> str:
    cookie = visitor.client.get_cookie("officium")
    assert cookie is not None
    return f"officium={cookie.value}"


@pytest.mark.parametrize("login", ["\x00", "li\x00", "x" * 5000, "李明", "' or 1=1"])
def test_an_odd_login_is_only_a_wrong_one(rooms: Rooms, login: str) -> None:
    assert rooms.visitor().sign_in(login).status_code == 422
