"""Review, approval and the register through a browser: who sees what, who may press which button."""

from __future__ import annotations

import csv
import io
import re
from dataclasses import dataclass
from datetime import UTC, datetime

import pytest
from werkzeug.test import TestResponse

from engine.cases.standing import standing
from engine.control import acts
from engine.procedures import acts as procedures
from engine.procedures.rules import EditionState
from tests.conftest import Clock
from tests.engine.control.world import Reviewed, drafted, next_draft
from tests.web.conftest import Rooms, Visitor
from tests.worlds import in_force
from web.spreadsheets import plain


@dataclass
class Scene:
    rooms: Rooms
    world: Reviewed

    @property
    def path(self) -> str:
        return f"/studio/editions/{self.world.edition_id}/review"

    def visitor(self, login: str, language: str = "en") -> Visitor:
        found = self.rooms.visitor(login)
        if language != "en":
            found.post("/language", {"language": language})
        return found

    def state(self) -> str:
        with self.rooms.database.reading() as db:
            return self.world.state(db)


@pytest.fixture
def scene(rooms: Rooms) -> Scene:
    with rooms.database.writing() as db:
        return Scene(rooms, drafted(db, rooms.office))


@pytest.fixture
def submitted(scene: Scene) -> Scene:
    with scene.rooms.database.writing() as db:
        scene.world.submitted(db)
    return scene


def _main(answer: TestResponse) -> str:
    return answer.text.split("<main")[1]


def test_from_draft_to_in_force_by_three_people(scene: Scene) -> None:
    he = scene.visitor("he")
    assert "Submit for review" in _main(he.get(scene.path))
    assert he.post(f"{scene.path}/submit", {"remarks": "Shorter."}).status_code == 303
    assert scene.state() == EditionState.IN_REVIEW
    guo = scene.visitor("guo")
    assert "It is well made" in _main(guo.get(scene.path))
    assert guo.post(f"{scene.path}/check", {"remarks": ""}).status_code == 303
    for login in ("sun", "zhou"):
        page = scene.visitor(login)
        assert "My department agrees" in _main(page.get(scene.path))
        assert page.post(f"{scene.path}/consent", {"agreed": "yes"}).status_code == 303
    zhou = scene.visitor("zhou")
    answer = zhou.post(f"{scene.path}/approve", {"day": "", "remarks": "Good."}, follow_redirects=True)
    assert "Edition 2 is in force." in answer.text
    assert scene.state() == EditionState.IN_FORCE


def test_an_approval_for_a_later_day_says_the_day(submitted: Scene) -> None:
    with submitted.rooms.database.writing() as db:
        submitted.world.checked(db)
        submitted.world.consents(db)
    zhou = submitted.visitor("zhou")
    answer = zhou.post(f"{submitted.path}/approve", {"day": "2026-04-01"}, follow_redirects=True)
    assert "Approved, in force from Wed 1 Apr" in answer.text
    assert submitted.state() == EditionState.APPROVED
    answer = zhou.post(f"{submitted.path}/day", {"day": "2026-05-04"}, follow_redirects=True)
    assert "in force from Mon 4 May" in answer.text


@pytest.mark.parametrize("typed", ["2026-02-30", "tomorrow", "2020-01-01", "9999-12-31", "=1+1"])
def test_a_day_that_cannot_be_meant_comes_back_with_what_was_typed(submitted: Scene, typed: str) -> None:
    with submitted.rooms.database.writing() as db:
        submitted.world.checked(db)
        submitted.world.consents(db)
    answer = submitted.visitor("zhou").post(f"{submitted.path}/approve", {"day": typed, "remarks": "Soon."})
    assert answer.status_code == 422
    assert f'value="{typed}"' in answer.text
    assert "Soon.</textarea>" in answer.text
    assert submitted.state() == EditionState.IN_REVIEW


def test_a_refusal_without_reasons_comes_back(submitted: Scene) -> None:
    with submitted.rooms.database.writing() as db:
        submitted.world.checked(db)
    sun = submitted.visitor("sun")
    answer = sun.post(f"{submitted.path}/consent", {"agreed": "no", "remarks": "  "})
    assert answer.status_code == 422
    assert "Say why" in answer.text
    assert sun.post(f"{submitted.path}/consent", {"agreed": "no", "remarks": "Too short."}).status_code == 303


def test_returning_needs_reasons_and_makes_a_draft(submitted: Scene) -> None:
    guo = submitted.visitor("guo")
    assert guo.post(f"{submitted.path}/return", {"remarks": ""}).status_code == 422
    assert guo.post(f"{submitted.path}/return", {"remarks": "Name the form."}).status_code == 303
    assert submitted.state() == EditionState.DRAFT
    page = _main(submitted.visitor("he").get(submitted.path))
    assert "Returned to its author" in page
    assert "Name the form." in page


@pytest.mark.parametrize("login", ["li", "wang"])
def test_whoever_takes_no_part_sees_nothing(submitted: Scene, login: str) -> None:
    visitor = submitted.visitor(login)
    assert visitor.get(submitted.path).status_code == 403
    assert visitor.get(f"{submitted.path}/diagram.bpmn").status_code == 403
    assert visitor.post(f"{submitted.path}/check", {"remarks": "ok"}).status_code == 403
    assert submitted.state() == EditionState.IN_REVIEW


def test_a_reviewer_without_the_studio_sees_the_diagram_and_no_doors_into_it(submitted: Scene) -> None:
    guo = submitted.visitor("guo")
    assert guo.get("/studio/").status_code == 403
    assert guo.get(f"{submitted.path}/diagram.bpmn").status_code == 200
    page = guo.get(submitted.path).text
    assert 'href="/studio/' not in page.replace(f'href="{submitted.path}', "")


def test_others_are_told_who_decides_and_why_they_do_not(submitted: Scene) -> None:
    page = _main(submitted.visitor("sun").get(submitted.path))
    assert "is decided by the post “Administrator”, which you do not hold" in page
    assert "Guo Fang" in page
    assert "It is well made" not in page
    page = _main(submitted.visitor("he").get(submitted.path))
    assert "You wrote in it, so you do not decide on it." in page


def test_the_second_of_two_is_told_who_was_first(submitted: Scene) -> None:
    first, second = submitted.visitor("guo"), submitted.visitor("guo")
    assert first.post(f"{submitted.path}/check", {}).status_code == 303
    answer = second.post(f"{submitted.path}/check", {"remarks": "All well."})
    assert answer.status_code == 409
    assert "This was decided by Guo Fang" in answer.text


def test_the_desk_shows_the_way_to_the_review_instead_of_a_form(submitted: Scene) -> None:
    with submitted.rooms.database.reading() as db:
        case_id = submitted.world.page(db).rounds[0].case_id
        assert standing(db, case_id=case_id).tasks
    guo = submitted.visitor("guo")
    page = _main(guo.get(f"/tasks/{case_id}/1"))
    assert f'href="{submitted.path}#do"' in page
    assert 'id="o-task"' not in page
    answer = guo.post(f"/tasks/{case_id}/1/complete", {"check": "passed"})
    assert answer.status_code == 422
    assert "decided on the review page" in answer.text
    assert submitted.state() == EditionState.IN_REVIEW


def test_the_approval_procedure_is_not_started_at_the_desk(submitted: Scene) -> None:
    assert "Procedure PA" not in _main(submitted.visitor("he").get("/"))


def test_comments_are_pinned_answered_and_closed(submitted: Scene) -> None:
    guo = submitted.visitor("guo")
    said = "<b>Who</b> signs? {{ 7*7 }}\n第二行"
    assert guo.post(f"/studio/editions/{submitted.world.edition_id}/comments", {"element": "plans", "comment": said}).status_code == 303  # fmt: skip
    he = submitted.visitor("he")
    page = _main(he.get(submitted.path))
    assert "&lt;b&gt;Who&lt;/b&gt; signs? {{ 7*7 }}\n第二行" in page
    assert re.search(r'"element": "plans", "href": "#comment-1"', page)
    base = f"/studio/editions/{submitted.world.edition_id}/comments/1"
    assert f'action="{base}/close"' not in page
    assert he.post(f"{base}/close").status_code == 403
    assert he.post(f"{base}/reply", {"reply": "The deputy."}).status_code == 303
    assert guo.post(f"{base}/close").status_code == 303
    assert "The deputy." in guo.get(submitted.path).text


def test_a_comment_without_words_comes_back(submitted: Scene) -> None:
    answer = submitted.visitor("guo").post(
        f"/studio/editions/{submitted.world.edition_id}/comments", {"element": "plans", "comment": " "}
    )
    assert answer.status_code == 422
    assert "A comment needs some words" in answer.text


def test_where_nothing_is_approved_the_page_says_so_in_words(rooms: Rooms) -> None:
    with rooms.database.writing() as db:
        procedure_id = in_force(db, rooms.office)
        draft = next_draft(db, rooms.office, procedure_id)
    he = rooms.visitor("he")
    assert "No procedure of approval is in force in this office" in he.get(f"/studio/editions/{draft}/review").text
    assert "Put in force" in he.get(f"/studio/editions/{draft}").text


def test_where_editions_are_approved_the_button_submits(scene: Scene) -> None:
    he = scene.visitor("he")
    page = _main(he.get(f"/studio/editions/{scene.world.edition_id}"))
    assert "Put in force" not in page
    assert f'href="{scene.path}"' in page
    answer = he.post(f"/studio/editions/{scene.world.edition_id}/force")
    assert answer.status_code == 422
    assert "comes into force by approval" in answer.text


def test_a_returned_draft_that_is_withdrawn_ends_its_review(submitted: Scene) -> None:
    with submitted.rooms.database.writing() as db:
        acts.return_to_author(
            db, by=submitted.world.by(db, "guo"), edition_id=submitted.world.edition_id, reasons="Name the form."
        )
        case_id = submitted.world.page(db).rounds[0].case_id
    he = submitted.visitor("he")
    assert he.post(f"/studio/editions/{submitted.world.edition_id}/withdraw").status_code == 303
    with submitted.rooms.database.reading() as db:
        assert standing(db, case_id=case_id).ended


def test_the_register_is_for_everybody_and_shows_what_is_overdue(submitted: Scene, clock: Clock) -> None:
    li = submitted.visitor("li")
    page = _main(li.get("/studio/register"))
    assert "Procedure BP" in page
    assert "in review" in page
    assert "overdue" not in page
    assert "<textarea" not in page
    clock.set(datetime(2027, 6, 1, tzinfo=UTC))
    page = _main(submitted.visitor("li").get("/studio/register"))
    assert re.search(r'o-chip-late">overdue</span> <span class="o-num o-late">', page)


def test_the_register_is_kept_by_those_who_may(submitted: Scene) -> None:
    zhou = submitted.visitor("zhou")
    path = f"/studio/{submitted.world.procedure_id}"
    assert zhou.post(f"{path}/interval", {"months": "6"}).status_code == 303
    assert "every 6 months" in zhou.get("/studio/register").text
    for wrong in ("0", "-3", "1e3", "many", "999999999999999999999"):
        assert zhou.post(f"{path}/interval", {"months": wrong}).status_code == 422
    assert zhou.post(f"{path}/reviewed", {"finding": ""}).status_code == 422
    assert zhou.post(f"{path}/reviewed", {"finding": "Still fit."}).status_code == 303
    assert submitted.visitor("sun").post(f"{path}/interval", {"months": "6"}).status_code == 403
    assert zhou.post(f"{path}/retire").status_code == 303
    assert submitted.visitor("he").post("/studio/2/retire").status_code == 403


def test_the_register_as_a_table_is_safe_in_a_spreadsheet(rooms: Rooms) -> None:
    with rooms.database.writing() as db:
        procedures.open_procedure(
            db, by=rooms.office.actor(db, "he"), name='=HYPERLINK("http://evil","open")', prefix="EV",
            department_id=rooms.office.departments["review"],
        )  # fmt: skip
        in_force(db, rooms.office)
    answer = rooms.visitor("li").get("/studio/register.csv")
    assert answer.mimetype == "text/csv"
    assert "attachment" in answer.headers["Content-Disposition"]
    assert answer.data.startswith(b"\xef\xbb\xbf")
    rows = list(csv.reader(io.StringIO(answer.data.decode("utf-8-sig"))))
    assert rows[0][:3] == ["Prefix", "Procedure", "Answers for it"]
    by_prefix = {row[0]: row for row in rows[1:]}
    assert by_prefix["EV"][1] == '\'=HYPERLINK("http://evil","open")'
    assert by_prefix["BP"][7] == "2027-03-02"


@pytest.mark.parametrize("cell", ["=1", "+1", "-1", "@a", "\t=1", " =1", "＝1", "\r=1"])
def test_no_cell_is_taken_for_a_formula(cell: str) -> None:
    assert plain(cell) == f"'{cell}"


@pytest.mark.parametrize("cell", ["", "BP", "1=1", "施工许可", "a-b"])
def test_other_cells_stay_as_they_are(cell: str) -> None:
    assert plain(cell) == cell


def test_states_have_names_in_both_languages(submitted: Scene) -> None:
    assert "审核中" in submitted.visitor("he", "zh").get(submitted.path).text
    assert "审核中" in submitted.visitor("he", "zh").get(f"/studio/{submitted.world.procedure_id}").text
