"""The pages of what-if: what they say before anything was tested, the question, and its answer."""

from __future__ import annotations

import re

from sqlalchemy import update

from engine.supervision.whatif import kept, rules
from engine.supervision.whatif.kept import Known
from engine.supervision.whatif.rules import Answer, Range, State
from engine.supervision.whatif.tables import what_if_runs
from tests.web.conftest import Rooms
from tests.worlds import in_force


def _tested(rooms: Rooms, procedure_id: int, busy: float = 0.1) -> None:
    office = rooms.office
    departments = [
        rules.Tested(office.departments["counter"], 40, 2.0, 2.1, 1.0, 1.1, 0.6, 0.9),
        rules.Tested(office.departments["review"], 40, 30.0, 4.5, 12.0, 2.0, busy, 0.2, 3.9, 5.1),
    ]
    places = [
        Known((procedure_id, "receive", office.posts["clerk"]), office.departments["counter"], "Receive <b>", 40),
        Known((procedure_id, "review", office.posts["reviewer"]), office.departments["review"], "Review", 40),
    ]
    with rooms.database.writing() as db:
        kept.keep_tests(
            db, departments, [rules.TestedCycle(procedure_id, 30, 5.0, 5.2, 9.0, 9.5)], places, {procedure_id}
        )  # fmt: skip


def test_where_everybody_was_busy_it_is_not_said_that_people_would_not_help(rooms: Rooms) -> None:
    with rooms.database.writing() as db:
        procedure_id = in_force(db, rooms.office)
    _tested(rooms, procedure_id)
    sun = rooms.visitor("sun")
    assert "people are short there" not in sun.get(f"/watch/what-if/{procedure_id}").text
    _tested(rooms, procedure_id, busy=0.86)
    assert (
        "Everybody was busy in 86% of the waiting time all the same" in sun.get(f"/watch/what-if/{procedure_id}").text
    )


def test_a_question_is_asked_and_answered(rooms: Rooms) -> None:
    with rooms.database.writing() as db:
        procedure_id = in_force(db, rooms.office)
    sun = rooms.visitor("sun")
    page = f"/watch/what-if/{procedure_id}"
    assert "Not tested yet" in sun.get(page).text
    assert "not tested yet" in sun.get("/watch/what-if/").text

    _tested(rooms, procedure_id)
    said = sun.get(page).text
    assert "Receive &lt;b&gt;" in said
    assert (
        "Review section: staffing does not explain the wait. In truth a task waited 30 working hours on average" in said
    )
    assert f'value="{rooms.office.posts["clerk"]}"' in said
    assert f'<option value="{rooms.office.posts["reviewer"]}"' not in said

    more = {"kind": "staff", "post": str(rooms.office.posts["clerk"]), "by": "1"}
    asked = sun.post(page, more)
    assert asked.status_code == 303
    assert sun.post(page, more).headers["Location"] == asked.headers["Location"], "a repeated question is one run"
    answer = sun.get(asked.headers["Location"])
    assert "Being worked out: 0 of 100" in answer.text
    assert answer.headers["Refresh"]

    found = Answer(Range(2, 3, 4), Range(1, 1.5, 2), Range(-2, -1.5, -1))
    figures = {f"wait:step:{procedure_id}:{one}": found for one in ("receive", "review")}
    figures |= {f"median:{procedure_id}": found, f"late:{procedure_id}": Answer(*[Range(0.1, 0.2, 0.3)] * 3)}
    with rooms.database.writing() as db:
        db.execute(update(what_if_runs).values(state=State.DONE, figures=rules.answers_written(figures)))
    done = sun.get(asked.headers["Location"])
    assert "Refresh" not in done.headers
    text = re.sub(r"<[^>]+>", " ", done.text.partition("<main")[2])
    assert "3 (2 to 4)" in text
    assert "−1.5 (−2 to −1)" in text
    assert "Review section: staffing does not explain the wait." in text
    assert "20%" in text
    assert "in 60% of the waiting time of the last four weeks everybody was busy" in text
    assert rooms.visitor("li").get(asked.headers["Location"]).status_code == 403


def test_what_cannot_be_worked_out_is_said_beside_what_was_typed(rooms: Rooms) -> None:
    with rooms.database.writing() as db:
        procedure_id = in_force(db, rooms.office)
    _tested(rooms, procedure_id)
    sun = rooms.visitor("sun")
    page = f"/watch/what-if/{procedure_id}"
    for typed in (
        {"kind": "small", "element": "receive", "by": "140"},
        {"kind": "arrivals", "by": "many"},
        {"kind": "staff", "post": "no", "by": "1"},
        {"kind": "nonsense"},
        {"kind": "without", "element": "review"},
    ):
        refused = sun.post(page, typed)
        assert refused.status_code == 422, typed
        assert "This cannot be worked out" in refused.text
    for login in ("li", "he"):
        assert rooms.visitor(login).get(page).status_code == 403
    assert sun.get("/watch/what-if/answers/1").status_code == 404
