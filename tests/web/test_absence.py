"""The room of absence: planned and ended in the browser, acted in somebody's stead, interests declared, work handed over."""

from __future__ import annotations

import pytest

from engine.cases import acts
from engine.cases.duties.acts import declare_interest
from engine.cases.duties.rules import Interest
from engine.organisation.absence.reads import absences_of
from tests.conftest import Clock
from tests.engine.cases.duties.offices import away, proposal
from tests.web.conftest import Rooms
from web.working.rounds import tick


def _form(rooms: Rooms, deputy: str, **more: str) -> dict[str, str]:
    return {
        "from_day": "2026-03-02", "until_day": "2026-03-04", "deputy": str(rooms.office.persons[deputy]), **more
    }  # fmt: skip


def test_an_absence_is_planned_and_the_deputy_is_told_on_every_page(rooms: Rooms) -> None:
    li, wang = rooms.visitor("li"), rooms.visitor("wang")
    assert "You stand in for" not in wang.get("/").text
    assert li.post("/absence", _form(rooms, "wang", why="a course")).status_code == 303
    page = li.get("/absence").text
    assert "Wang Lei stands in" in page
    assert "a course" in page
    assert "You stand in for Li Ming." in wang.get("/").text
    assert "a course" not in wang.get("/absence").text
    with rooms.database.reading() as db:
        (line,) = absences_of(db, rooms.office.persons["li"])
    assert li.post(f"/absence/{line.id}/end").status_code == 303
    assert "You stand in for" not in wang.get("/").text


@pytest.mark.parametrize(
    ("more", "field"),
    [
        ({"from_day": "2020-01-01"}, "from_day-error"),
        ({"until_day": "2026-03-01"}, "until_day-error"),
        ({"from_day": "soon"}, "from_day-error"),
        ({"deputy": ""}, "deputy-error"),
    ],
)
def test_what_cannot_be_is_told_at_its_field_and_what_was_typed_stays(
    rooms: Rooms, more: dict[str, str], field: str
) -> None:
    answer = rooms.visitor("li").post("/absence", _form(rooms, "wang", why="a course") | more)
    assert answer.status_code == 422
    assert f'id="{field}"' in answer.text
    assert 'value="a course"' in answer.text


def test_only_supervisors_and_administrators_see_their_people(rooms: Rooms) -> None:
    assert rooms.visitor("li").get("/absence/people").status_code == 403
    assert "Wang Lei" in rooms.visitor("sun").get("/absence/people").text
    person = str(rooms.office.persons["li"])
    form = _form(rooms, "chen", person=person) | {"from": "people"}
    assert rooms.visitor("sun").post("/absence", form).status_code == 403
    assert rooms.visitor("zhou").post("/absence", form).status_code == 303
    assert "Chen Yan stands in" in rooms.visitor("zhou").get("/absence/people").text


def test_what_is_done_in_a_stead_says_so_and_goes_back_the_day_after(rooms: Rooms, clock: Clock) -> None:
    with rooms.database.writing() as db:
        case_id = proposal(db, rooms.office)
        away(db, rooms.office, "li", "wang", days=0)
    wang = rooms.visitor("wang")
    page = wang.get(f"/tasks/{case_id}/1")
    assert page.status_code == 200
    assert "You do this on behalf of Li Ming." in page.text
    assert wang.post(f"/tasks/{case_id}/1/claim").status_code in (200, 303)
    assert "Wang Lei on behalf of Li Ming" in rooms.visitor("li").get(f"/cases/{case_id}").text
    assert tick(rooms.database) == 0
    clock.advance(days=1)
    assert tick(rooms.database) == 1
    assert tick(rooms.database) == 0
    assert "was back" in rooms.visitor("li").get(f"/cases/{case_id}").text
    assert "You do this on behalf" not in rooms.visitor("li").get(f"/tasks/{case_id}/1").text


def test_an_interest_is_declared_beside_the_case_and_withdrawn_with_consent(rooms: Rooms) -> None:
    with rooms.database.writing() as db:
        case_id = proposal(db, rooms.office)
        acts.claim(db, by=rooms.office.actor(db, "li"), case_id=case_id, number=1)
    li = rooms.visitor("li")
    assert li.post("/absence/interests", {"case": str(case_id), "kind": "1", "words": "my aunt"}).status_code == 303
    page = li.get(f"/tasks/{case_id}/1").text
    assert "You have declared an interest in this case" in page
    refused = li.post(f"/tasks/{case_id}/1/claim")
    assert refused.status_code == 403
    assert "declared an interest" in refused.text
    chen = rooms.visitor("chen")
    assert "my aunt" not in chen.get(f"/cases/{case_id}").text
    with rooms.database.writing() as db:
        made = declare_interest(
            db, by=rooms.office.actor(db, "chen"), person_id=rooms.office.persons["chen"], kind=Interest.PARTY,
            words="mine", applicant="王芳",
        )  # fmt: skip
    assert chen.post(f"/tasks/{case_id}/1/claim").status_code == 403
    assert chen.post(f"/absence/interests/{made}/ask", {"why": "another one of that name"}).status_code == 303
    assert chen.post(f"/absence/interests/{made}/withdraw").status_code == 403
    zhou = rooms.visitor("zhou")
    assert "another one of that name" in zhou.get("/absence/people").text
    assert zhou.post(f"/absence/interests/{made}/withdraw").status_code == 303
    assert chen.post(f"/tasks/{case_id}/1/claim").status_code in (200, 303)


def test_the_work_of_somebody_who_leaves_is_looked_at_and_handed_over(rooms: Rooms) -> None:
    with rooms.database.writing() as db:
        case_id = proposal(db, rooms.office)
        acts.claim(db, by=rooms.office.actor(db, "li"), case_id=case_id, number=1)
    guo = rooms.visitor("guo")
    clerk, chen, li = rooms.office.posts["clerk"], rooms.office.persons["chen"], rooms.office.persons["li"]
    preview = guo.get(f"/absence/leaving/{li}?to-{clerk}={chen}").text
    assert "Chen Yan" in preview
    assert "Propose" in preview
    done = guo.post(f"/absence/leaving/{li}", {f"to-{clerk}": str(chen), "leaves": "yes"})
    assert done.status_code == 200
    assert "1 task went to a successor." in done.text
    assert rooms.visitor("chen").get(f"/tasks/{case_id}/1").status_code == 200


def test_pages_speak_chinese(rooms: Rooms) -> None:
    zhou = rooms.visitor("zhou")
    zhou.post("/language", {"language": "zh", "next": "/"})
    assert "谁代理我" in zhou.get("/absence").text
    assert "所属人员外出" in zhou.get("/absence/people").text


def test_a_deputy_who_falls_away_is_told_where_it_is_done_and_to_who_names_another(rooms: Rooms) -> None:
    with rooms.database.writing() as db:
        made = away(db, rooms.office, "wang", "li")
    guo, sun, wang = rooms.visitor("guo"), rooms.visitor("sun"), rooms.visitor("wang")
    preview = guo.get(f"/absence/leaving/{rooms.office.persons['li']}").text
    assert "stands in for Wang Lei" in preview
    assert "From then on nobody does." in preview
    done = guo.post(f"/absence/leaving/{rooms.office.persons['li']}").text
    assert "Nobody stands in for Wang Lei now." in done
    notices = sun.get("/notices/").text
    assert "Li Ming no longer stands in for Wang Lei" in notices
    assert 'href="/absence/people"' in notices
    assert "Li Ming no longer stands in for you" in wang.get("/notices/").text
    assert 'href="/absence/people"' not in wang.get("/notices/").text
    for page in (sun.get("/absence/people").text, wang.get("/absence").text):
        assert "obody stands in" in page
        assert "needs a deputy" in page
        assert "Name a deputy" in page
    form = {"until_day": "2026-03-06", "after": "back", "from": "people"}
    refused = sun.post(f"/absence/{made}/change", {**form, "deputy": ""})
    assert refused.status_code == 422
    assert "Choose who stands in." in refused.text
    named = str(rooms.office.persons["zhao"])
    assert sun.post(f"/absence/{made}/change", {**form, "deputy": named}).status_code == 303
    assert "needs a deputy" not in sun.get("/absence/people").text
    assert "You stand in for Wang Lei." in rooms.visitor("zhao").get("/").text


def test_whoever_looks_at_the_case_of_somebody_away_sees_that_nobody_stands_in(rooms: Rooms) -> None:
    with rooms.database.writing() as db:
        case_id = proposal(db, rooms.office)
        acts.claim(db, by=rooms.office.actor(db, "li"), case_id=case_id, number=1)
        away(db, rooms.office, "li", "wang")
    chen = rooms.visitor("chen")
    assert "Wang Lei stands in" in chen.get(f"/cases/{case_id}").text
    rooms.visitor("guo").post(f"/absence/leaving/{rooms.office.persons['wang']}", {"leaves": "yes"})
    assert "away until Fri 6 Mar, nobody stands in" in chen.get(f"/cases/{case_id}").text
    chen.post("/language", {"language": "zh", "next": "/"})
    assert "，无人代理" in chen.get(f"/cases/{case_id}").text


def test_an_absence_that_was_ended_says_when_the_person_was_back(rooms: Rooms, clock: Clock) -> None:
    with rooms.database.writing() as db:
        made = away(db, rooms.office, "li", "wang")
    clock.advance(days=1)
    li = rooms.visitor("li")
    assert "From today on Li Ming counts as back." in li.get("/absence").text
    li.post(f"/absence/{made}/end")
    assert "back on Tue 3 Mar" in li.get("/absence").text
    li.post("/absence", _form(rooms, "wang", from_day="2026-03-04"))
    assert "The absence does not take place." in li.get("/absence").text
    li.post(f"/absence/{made + 1}/end")
    assert "did not take place" in li.get("/absence").text


def test_whoever_plans_an_absence_while_they_stand_in_is_told_that_nobody_will(rooms: Rooms) -> None:
    with rooms.database.writing() as db:
        away(db, rooms.office, "wang", "li")
    li, sun = rooms.visitor("li"), rooms.visitor("sun")
    assert "needs a deputy" not in sun.get("/absence/people").text
    assert li.post("/absence", _form(rooms, "chen")).status_code == 303
    assert "On some of these days nobody stands in for Wang Lei" in li.get("/absence").text
    page = sun.get("/absence/people").text
    assert "From Mon 2 Mar to Wed 4 Mar Li Ming is absent too: nobody stands in." in page
    assert "needs a deputy" in page
    assert "Li Ming, who stands in for Wang Lei, is absent" in sun.get("/notices/").text
