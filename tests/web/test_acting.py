"""The pages of acting, alerts and reports: for those who supervise, sent twice done once, refused in words."""

from __future__ import annotations

import re
from datetime import date

import pytest
from sqlalchemy import func, select

from engine.cases.rules import Order
from engine.cases.tables import tasks
from engine.cases.tables_of_order import task_order
from engine.notices.tables import notices
from engine.supervision.acting.corrective.tables import corrective_actions
from engine.supervision.alerts.tables import alerts
from engine.supervision.reports.tables import weekly_reports
from tests.conftest import Clock
from tests.web.conftest import Rooms
from tests.worlds import begun, in_force
from web.working.kinds import always
from web.working.watching import make_reports

HOSTILE = '<script>alert("1")</script>'
RECEIPT = "00" * 16


@pytest.fixture
def cases(rooms: Rooms) -> list[int]:
    with rooms.database.writing() as db:
        procedure_id = in_force(db, rooms.office)
        return [begun(db, rooms.office, procedure_id, matter=HOSTILE).case_id for _one in range(3)]


def _form(rooms: Rooms, cases: list[int], **more: str) -> dict[str, object]:
    return {"own:receipt": RECEIPT, "own:back": "/watch/", "task": [f"{one}-1" for one in cases], **more}


def test_many_are_reassigned_from_a_list_and_a_second_press_changes_nothing(rooms: Rooms, cases: list[int]) -> None:
    zhou = rooms.visitor("zhou")
    to = str(rooms.office.persons["chen"])
    asked = _form(rooms, cases, do="reassign", to=to, **{"reassign:words": "Too many wait."})
    for _time in range(2):
        answer = zhou.post("/watch/act", asked)
        assert (answer.status_code, answer.location) == (303, "/watch/")
        assert "3 tasks were reassigned." in zhou.get("/watch/").text
    with rooms.database.reading() as db:
        assert set(db.scalars(select(tasks.c.person_id))) == {rooms.office.persons["chen"]}
        assert db.scalar(select(func.count()).select_from(notices).where(notices.c.kind == "given")) == 3


def _ticked(page: str) -> list[str]:
    return [one for one in re.findall(r'<input type="checkbox" name="task"[^>]*>', page) if one.endswith(" checked>")]


def test_what_could_not_be_done_says_why_task_by_task_and_stays_ticked(rooms: Rooms, cases: list[int]) -> None:
    asked = _form(rooms, cases[:2], do="reassign", to=str(rooms.office.persons["wang"]), **{"reassign:words": "So."})
    page = rooms.visitor("zhou").post("/watch/act", asked)
    assert page.status_code == 422
    assert page.text.count("does not hold the post") == 2
    assert len(_ticked(page.text)) == 2
    assert HOSTILE not in page.text
    done = _form(rooms, cases, do="reassign", to=str(rooms.office.persons["chen"]), **{"reassign:words": "So."})
    done["task"] = [*(f"{one}-1" for one in cases), "12-1"]  # one that is not there
    page = rooms.visitor("zhou").post("/watch/act", done)
    assert page.status_code == 200
    assert "3 tasks were reassigned." in page.text
    assert _ticked(page.text) == []


REFUSED: tuple[tuple[dict[str, str], str], ...] = (
    ({"do": "reassign", "to": "post"}, "it goes into the record"),
    ({"do": "reassign", "reassign:words": "Because."}, "Choose to whom the tasks go"),
    ({"do": "urge"}, "it goes into the record"),
    ({"do": "accept"}, "it goes into the record"),
    ({"do": "order", "order:words": "Because."}, "Choose whether the tasks"),
    ({"do": "order", "order": "later"}, "it goes into the record"),
    ({"do": "comment"}, "A note needs words"),
    ({"do": "incident"}, "it goes into the record"),
)


def test_what_was_ticked_and_typed_stands_there_with_the_refusal(rooms: Rooms, cases: list[int]) -> None:
    zhou = rooms.visitor("zhou")
    for more, said in REFUSED:
        other = "comment:words" if more["do"] == "urge" else "urge:words"
        typed = {other: "Typed & kept", **more}
        page = zhou.post("/watch/act?number=now.waiting&days=7", _form(rooms, cases[1:], **typed))
        assert page.status_code == 422, more
        assert page.text.count(said) >= 2, "on top, and beside the field"
        ticked = {re.findall(r'value="([^"]*)"', one)[0] for one in _ticked(page.text)}
        assert ticked == {f"{one}-1-0" for one in cases[1:]}
        assert "Typed &amp; kept</textarea>" in page.text
        assert ("Because.</textarea>" in page.text) == ("Because." in more.values())
        assert ('<option value="post" selected>' in page.text) == ("to" in more)
        assert ('value="later" checked>' in page.text) == ("order" in more)
        assert "Nobody has claimed it" in page.text  # the same list


def test_whoever_ticked_nothing_finds_the_list_with_what_they_typed(rooms: Rooms, cases: list[int]) -> None:
    zhou = rooms.visitor("zhou")
    page = zhou.post("/watch/act", _form(rooms, [], do="urge", **{"urge:words": "Today, please."}))
    assert page.status_code == 422
    assert "tick the tasks first" in page.text
    assert "Today, please.</textarea>" in page.text
    assert zhou.get("/watch/act?number=now.late").location == "/watch/behind?number=now.late"


def test_who_was_slower_is_told_where_a_task_is_now_and_may_send_it_again(rooms: Rooms, cases: list[int]) -> None:
    zhou, people = rooms.visitor("zhou"), rooms.office.persons
    seen = {"do": "reassign", "task": [f"{cases[0]}-1-0"], "reassign:words": "Too many wait."}
    for _time in range(2):  # the same sent twice is no second
        asked = _form(rooms, [], **{**seen, "to": str(people["chen"])})  # type: ignore[arg-type]
        assert zhou.post("/watch/act", asked).status_code == 303
    slower = _form(rooms, [], **{**seen, "to": str(people["li"]), "own:receipt": "11" * 16})  # type: ignore[arg-type]
    page = zhou.post("/watch/act", slower)
    assert page.status_code == 422
    assert "Chen Yan has it since" in page.text
    (box,) = _ticked(page.text)
    assert f'value="{cases[0]}-1-{people["chen"]}"' in box
    again = {**slower, "own:receipt": "22" * 16, "task": [f"{cases[0]}-1-{people['chen']}"]}
    assert zhou.post("/watch/act", again).status_code == 303
    with rooms.database.reading() as db:
        had = select(tasks.c.person_id).where(tasks.c.case_id == cases[0])
        assert db.scalar(had) == people["li"]


def test_nobody_is_led_elsewhere_afterwards(rooms: Rooms, cases: list[int]) -> None:
    zhou = rooms.visitor("zhou")
    for back in ("https://elsewhere.example/", "//elsewhere.example/watch/", "/watch/\\..", ""):
        asked = _form(rooms, cases, do="comment", **{"comment:words": "Please.", "own:back": back})
        assert zhou.post("/watch/act", asked).location == "/watch/"


def test_nothing_is_done_for_a_clerk(rooms: Rooms, cases: list[int]) -> None:
    li = rooms.visitor("li")
    assert li.post("/watch/act", _form(rooms, cases, do="urge", **{"urge:words": "x"})).status_code == 403
    for path in ("/watch/people", "/watch/alerts/", "/watch/alerts/new", "/watch/reports/", "/watch/corrective/new"):
        assert li.get(path).status_code == 403
    assert li.get("/watch/corrective/").status_code == 200  # of their own posts
    assert rooms.visitor("zhou").post("/watch/act", _form(rooms, [], do="nonsense")).status_code == 422


def test_what_is_to_be_sooner_stands_first_on_the_desk_with_the_reason(rooms: Rooms, cases: list[int]) -> None:
    asked = _form(rooms, cases[2:], do="order", order="sooner", **{"order:words": f"The roof leaks. {HOSTILE}"})
    assert rooms.visitor("zhou").post("/watch/act", asked).status_code == 303
    desk = rooms.visitor("li").get("/").text
    assert "To be served sooner" in desk
    assert "to be served sooner, says Zhou Hong: The roof leaks." in desk
    assert HOSTILE not in desk
    found = [int(one) for one in re.findall(r'name="task" value="(\d+)_1"', desk)]
    assert found == [cases[2], cases[0], cases[1]]
    task = rooms.visitor("li").get(f"/tasks/{cases[2]}/1").text
    assert "To be served sooner" in task
    assert "The roof leaks." in task
    assert HOSTILE not in task
    assert "The roof leaks." not in rooms.visitor("li").get(f"/tasks/{cases[0]}/1").text
    with rooms.database.reading() as db:
        assert db.execute(select(task_order.c.case_id, task_order.c.place)).all() == [(cases[2], Order.SOONER)]


def test_an_incident_is_opened_and_settled_on_the_page_of_its_case(rooms: Rooms, cases: list[int]) -> None:
    zhou = rooms.visitor("zhou")
    asked = _form(rooms, cases[:1], do="incident", **{"incident:words": "The wrong plan."})
    assert zhou.post("/watch/act", asked).status_code == 303
    page = zhou.get(f"/cases/{cases[0]}").text
    assert "Noted by a supervisor: The wrong plan." in page
    assert f"/cases/{cases[0]}/incidents/1/retry" not in page
    zhou.post(f"/cases/{cases[0]}/incidents/1/settle", {"note": "It is there."})
    assert "Noted by a supervisor" not in zhou.get(f"/cases/{cases[0]}").text


def test_somebody_is_added_to_a_post_and_taken_out_again(rooms: Rooms) -> None:
    zhou = rooms.visitor("zhou")
    lent = {
        "person": str(rooms.office.persons["wang"]), "post": str(rooms.office.posts["clerk"]), "until": "2026-03-06",
    }  # fmt: skip
    again = zhou.post("/watch/people", {**lent, "reason": " "})
    assert again.status_code == 422
    assert again.text.count("it goes into the record") == 2  # on top, and beside the field
    for field in ("person", "post"):
        nobody = zhou.post("/watch/people", {**lent, "reason": "Two are ill.", field: "0"})
        assert (nobody.status_code, "Two are ill." in nobody.text) == (422, True)
    leads = zhou.post("/watch/people", {**lent, "reason": "Two are ill.", "post": str(rooms.office.posts["designer"])})
    assert (leads.status_code, "Two are ill." in leads.text) == (403, True)
    assert zhou.post("/watch/people", {**lent, "reason": "Two are ill."}).status_code == 303
    page = zhou.get("/watch/people").text
    assert "Two are ill." in page
    holding = re.findall(r"/watch/people/(\d+)/end", page)[0]
    too_long = zhou.post(f"/watch/people/{holding}/end", {"reason": "Back " * 200})
    assert too_long.status_code == 422
    assert "Back Back" in too_long.text
    assert f'id="end-{holding}-error"' in too_long.text
    nothing_said = zhou.post(f"/watch/people/{holding}/end", {"reason": " "})
    assert (nothing_said.status_code, "Say why it ends before its day" in nothing_said.text) == (422, True)
    for said in ("Today is its last day.", "It was ended already"):
        assert zhou.post(f"/watch/people/{holding}/end", {"reason": "All are back."}).status_code == 303
        assert said in zhou.get("/watch/people").text
    assert f"/watch/people/{holding}/end" not in zhou.get("/watch/people").text, "there is nothing left to end"
    with rooms.database.reading() as db:
        ended = select(func.count()).select_from(notices).where(notices.c.kind == "post_lent_ended")
        assert db.scalar(ended) == 1


def test_a_first_day_that_is_over_is_refused_and_not_silently_made_another(rooms: Rooms) -> None:
    zhou = rooms.visitor("zhou")
    lent = {
        "person": str(rooms.office.persons["wang"]), "post": str(rooms.office.posts["clerk"]), "from": "2026-02-20",
        "until": "2026-03-06", "reason": "Two are ill.",
    }  # fmt: skip
    page = zhou.post("/watch/people", lent)
    assert page.status_code == 422
    assert page.text.count("The first day is over") == 2
    assert 'value="2026-02-20"' in page.text
    assert "Two are ill." in page.text


def test_days_and_numbers_of_times_are_called_so_in_chinese(rooms: Rooms, cases: list[int]) -> None:
    zhou = rooms.visitor("zhou")
    lent = {
        "person": str(rooms.office.persons["wang"]), "post": str(rooms.office.posts["clerk"]), "until": "2026-03-06",
        "reason": "Two are ill.",
    }  # fmt: skip
    assert zhou.post("/watch/people", lent).status_code == 303
    assert zhou.post("/watch/alerts/new", {**QUEUE, "do": "keep"}).status_code == 303
    zhou.post("/language", {"language": "zh"})
    people = zhou.get("/watch/people").text
    assert "来自" not in people
    assert "起始日" in people
    alerts = zhou.get("/watch/alerts/").text
    assert "通知时间" not in alerts
    assert "通知次数" in alerts


def test_what_would_only_begin_is_taken_back_and_a_second_press_says_so(rooms: Rooms) -> None:
    zhou = rooms.visitor("zhou")
    lent = {
        "person": str(rooms.office.persons["wang"]), "post": str(rooms.office.posts["clerk"]), "from": "2026-03-05",
        "until": "2026-03-06", "reason": "Two will be away.",
    }  # fmt: skip
    assert zhou.post("/watch/people", lent).status_code == 303
    holding = re.findall(r"/watch/people/(\d+)/end", zhou.get("/watch/people").text)[0]
    for said in ("Taken back before it began.", "It was ended already"):
        assert zhou.post(f"/watch/people/{holding}/end", {"reason": "They stay."}).status_code == 303
        assert said in zhou.get("/watch/people").text


def test_a_corrective_action_goes_its_way_through_the_pages(rooms: Rooms) -> None:
    sun = rooms.visitor("sun")
    assert 'value="Review: 34"' in sun.get("/watch/corrective/new?finding=Review: 34").text
    typed = {
        "finding": HOSTILE, "cause": "Vacant.", "measure": "Fill it.", "post": str(rooms.office.posts["reviewer"]),
        "due": "2026-03-20", "own:receipt": RECEIPT,
    }  # fmt: skip
    assert sun.post("/watch/corrective/new", {**typed, "cause": ""}).status_code == 422
    first, second = (sun.post("/watch/corrective/new", typed).location for _time in range(2))
    assert first == second
    wang = rooms.visitor("wang")
    assert HOSTILE not in wang.get(first).text
    assert wang.post(first, {"do": "done", "words": ""}).status_code == 422
    assert wang.post(first, {"do": "done", "words": "Filled."}).status_code == 303
    late = wang.post(first, {"do": "done", "words": "Filled & well."})
    assert (late.status_code, "Wang Lei reported it as done on" in late.text) == (409, True)
    assert "Filled &amp; well." in late.text
    assert wang.post(first, {"do": "effective", "words": "Well."}).status_code == 403
    assert sun.post(first, {"do": "effective", "words": "4 are waiting."}).status_code == 303
    assert rooms.visitor("li").get(first).status_code == 404
    with rooms.database.reading() as db:
        assert db.scalars(select(corrective_actions.c.state)).all() == [3]


def test_what_was_done_and_found_in_earlier_rounds_stays_to_be_read(rooms: Rooms) -> None:
    sun, wang = rooms.visitor("sun"), rooms.visitor("wang")
    typed = {
        "finding": "Plans come back.", "cause": "No check.", "measure": "Check them.", "due": "2026-03-20",
        "post": str(rooms.office.posts["reviewer"]), "own:receipt": RECEIPT,
    }  # fmt: skip
    action = sun.post("/watch/corrective/new", typed).location
    for tried, found in (
        ("A list was made.", "Nobody uses it."),
        ("Two were taught.", "Three came back."),
        ("All were taught.", None),
    ):
        assert wang.post(action, {"do": "done", "words": tried}).status_code == 303
        if found is not None:
            assert sun.post(action, {"do": "again", "words": found}).status_code == 303
    page = sun.get(action).text
    told = [page.index(words) for words in ("A list was made.", "Nobody uses it.", "Two were taught.")]
    assert told == sorted(told)
    assert sun.post(action, {"do": "effective", "words": "None came back in a month."}).status_code == 303
    page = sun.get(action).text
    for words in (
        "A list was made.",
        "Nobody uses it.",
        "Two were taught.",
        "Three came back.",
        "All were taught.",
        "None came back",
    ):
        assert page.count(words) == 1, words
    assert "Earlier rounds" in page


QUEUE = {"name": "The queue", "figure": "now.waiting", "kind": "above", "threshold": "2", "days": "", "repeats": "once"}


def test_an_alert_is_tried_out_kept_changed_and_removed(rooms: Rooms, cases: list[int]) -> None:
    zhou = rooms.visitor("zhou")
    without = zhou.post("/watch/alerts/new", {**QUEUE, "figure": "", "do": "keep"})
    assert without.status_code == 422
    assert "Choose one of the figures that an alert can watch." in without.text
    hints = zhou.get("/notices/wishes").text
    assert "alerts that ring" in hints
    assert "weekly reports" in hints
    tried = zhou.post("/watch/alerts/new", {**QUEUE, "days": "7", "do": "try"})
    assert tried.status_code == 200
    assert "Now: 3." in tried.text
    assert "over 7 days" not in tried.text  # of what stands now there is no period
    refused = zhou.post("/watch/alerts/new", {**QUEUE, "figure": "late", "days": "7", "threshold": "100", "do": "keep"})
    assert refused.status_code == 422
    assert "could never fire" in refused.text
    assert zhou.post("/watch/alerts/new", {**QUEUE, "do": "keep"}).status_code == 303
    with rooms.database.reading() as db:
        alert_id = db.scalar(select(alerts.c.id))
    assert "Queue is more than 2" in zhou.get("/watch/alerts/").text
    address = f"/watch/alerts/{alert_id}"
    assert 'value="2"' in zhou.get(address).text
    assert rooms.visitor("sun").get(address).status_code == 404
    for does in ("pause", "resume", "remove"):
        assert zhou.post(address, {"do": does}).status_code == 303
    assert zhou.get(address).status_code == 404


def test_an_alert_on_the_work_of_few_is_refused_in_the_language_of_its_reader(rooms: Rooms, cases: list[int]) -> None:
    zhou, counter = rooms.visitor("zhou"), str(rooms.office.departments["counter"])
    form = {**QUEUE, "figure": "utilisation", "threshold": "90", "days": "7", "department": counter}
    for does in ("try", "keep"):
        refused = zhou.post("/watch/alerts/new", {**form, "do": does})
        assert refused.status_code == 422
        assert "Fewer than 5 people work there, so “Utilisation” would tell of persons" in refused.text
    zhou.post("/language", {"language": "zh"})
    assert "该处工作人员不足 5 人" in zhou.post("/watch/alerts/new", {**form, "do": "keep"}).text


def test_the_steps_of_a_procedure_are_offered(rooms: Rooms, cases: list[int]) -> None:
    page = rooms.visitor("zhou").post("/watch/alerts/new", {**QUEUE, "procedure": "1", "do": "steps"})
    assert page.status_code == 200
    assert '<option value="receive"' in page.text


def test_a_report_is_listed_read_downloaded_and_not_by_others(rooms: Rooms, cases: list[int], clock: Clock) -> None:
    clock.advance(days=7)
    assert make_reports(rooms.database, always)
    counter = rooms.office.departments["counter"]
    with rooms.database.reading() as db:
        week: date | None = db.scalar(select(weekly_reports.c.week))
    zhou, address = rooms.visitor("zhou"), f"/watch/reports/{counter}/{week}"
    assert address in zhou.get("/watch/reports/").text
    page = zhou.get(address)
    assert page.status_code == 200
    assert "Figures, against the week before" in page.text
    pdf = zhou.get(f"{address}.pdf")
    assert (pdf.status_code, pdf.mimetype, pdf.data[:4]) == (200, "application/pdf", b"%PDF")
    assert zhou.get(f"/watch/reports/{counter}/now").status_code == 200
    assert zhou.get("/watch/reports/1/yesterday").status_code == 404
    sun = rooms.visitor("sun")
    assert sun.get(address).status_code == 403
    assert sun.get(f"{address}.pdf").status_code == 403
    assert zhou.post("/watch/reports/", {"department": str(counter), "wanted": "no"}).status_code == 303
    assert f"{address}" in zhou.get("/notices/").text
