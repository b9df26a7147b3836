"""Acts of the watch that come twice: a double click, two sessions at once, a page that the back button brought back."""

from __future__ import annotations

import threading
from collections import Counter
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from contextvars import copy_context
from typing import Any

import pytest
from sqlalchemy import func, select
from werkzeug.test import TestResponse

from engine.cases import acts
from engine.cases.notes.tables import texts
from engine.notices.tables import notices
from engine.organisation.tables import loans
from engine.records.tables import entries
from engine.supervision.acting.corrective.tables import corrective_actions
from engine.supervision.alerts.tables import alerts
from engine.supervision.cards.tables import cards
from tests.conftest import Clock
from tests.engine.diagram.builders import end, flow, line, source, start, user, xor
from tests.engine.supervision.cards.scene import OVER, look, staffed
from tests.web.conftest import PASSWORD, Rooms, Visitor
from tests.worlds import begun, in_force

DEAR = source(
    start(), user("one"), xor(default="g-small"), user("large"), user("small"), end(), line("s", "one", "g"),
    flow("g", "large", "amount > 1000"), flow("g", "small"), line("large", "e"), line("small", "e"),
)  # fmt: skip
RECEIPT, OTHER = "00" * 16, "11" * 16
Sent = Callable[[Visitor], TestResponse]


@pytest.fixture
def cases(rooms: Rooms) -> list[int]:
    """Handed over by the counter, not accepted yet."""
    with rooms.database.writing() as db:
        procedure_id = in_force(db, rooms.office, OVER)
        found = [begun(db, rooms.office, procedure_id).case_id for _one in range(3)]
        for one in found:
            acts.complete_task(db, by=rooms.office.actor(db, "li"), case_id=one, number=1, submitted={})
    return found


def _at_once(*sent: tuple[Visitor, str, dict[str, Any]]) -> list[TestResponse]:
    """Each by its own visitor, all of them in the same moment."""
    ready = threading.Barrier(len(sent))
    tokens = [one.token() for one, _path, _form in sent]

    def send(number: int) -> TestResponse:
        visitor, path, form = sent[number]
        ready.wait()
        return visitor.client.post(path, data={"csrf_token": tokens[number], **form})

    with ThreadPoolExecutor(len(sent)) as hands:
        at_work = [hands.submit(copy_context().run, send, number) for number in range(len(sent))]
        return [one.result() for one in at_work]


def _recorded(rooms: Rooms, act: str) -> int:
    with rooms.database.reading() as db:
        return db.scalar(select(func.count()).select_from(entries).where(entries.c.act == act)) or 0


def _told(rooms: Rooms, kind: str) -> Counter[int]:
    with rooms.database.reading() as db:
        return Counter(db.scalars(select(notices.c.person_id).where(notices.c.kind == kind)))


def _count(rooms: Rooms, table: Any) -> int:
    with rooms.database.reading() as db:
        return db.scalar(select(func.count()).select_from(table)) or 0


def _many(cases: list[int], does: str, words: str = "It waits.", receipt: str = RECEIPT, **more: str) -> dict[str, Any]:
    task = [f"{one}-2-0" for one in cases]
    return {"own:receipt": receipt, "own:back": "/watch/", "task": task, "do": does, f"{does}:words": words, **more}


TOGETHER: tuple[tuple[str, dict[str, str], str], ...] = (
    ("reassign", {"to": "wang"}, "transfer"),
    ("urge", {}, "urge"),
    ("accept", {}, "accept_on_behalf"),
    ("order", {"order": "sooner"}, "change_order"),
    ("comment", {}, "write_note"),
    ("incident", {}, "open_incident"),
)


@pytest.mark.parametrize(("does", "more", "act"), TOGETHER)
def test_a_double_click_acts_on_each_task_once(
    rooms: Rooms, cases: list[int], does: str, more: dict[str, str], act: str
) -> None:
    more = {key: str(rooms.office.persons.get(value, value)) for key, value in more.items()}
    form = _many(cases, does, **more)
    once, again = rooms.visitor("sun"), rooms.visitor("sun")
    answers = _at_once((once, "/watch/act", form), (again, "/watch/act", form))
    answers.append(once.post("/watch/act", form))
    assert [one.status_code for one in answers] == [303] * 3
    assert _recorded(rooms, act) == len(cases)


def test_whoever_comes_second_is_told_who_was_first_and_when(rooms: Rooms, cases: list[int]) -> None:
    sun, zhou, wang = rooms.visitor("sun"), rooms.visitor("zhou"), str(rooms.office.persons["wang"])
    for does, more, said in (
        ("accept", {}, "was accepted by Sun Wei on"),
        ("order", {"order": "sooner"}, "Sun Wei put “Answer” there in the order of service on"),
        ("reassign", {"to": wang}, "Wang Lei has it since"),
    ):
        assert sun.post("/watch/act", _many(cases[:1], does, **more)).status_code == 303, does
        other = {"to": str(rooms.office.persons["zhao"])} if does == "reassign" else more
        page = zhou.post("/watch/act", _many(cases[:1], does, receipt=OTHER, **other))
        assert page.status_code == 422, does
        assert said in page.text, (does, page.text[-3000:])


def test_whoever_tries_again_second_is_told_who_was_first_and_when(rooms: Rooms) -> None:
    """Two sessions at once; and the first try mended what was wrong, so the watch finds nothing that failed either."""
    with rooms.database.writing() as db:
        case_id = begun(db, rooms.office, in_force(db, rooms.office, DEAR, owners={"process:p": "clerk"})).case_id
        acts.complete_task(db, by=rooms.office.actor(db, "li"), case_id=case_id, number=1, submitted={})
    path, form = f"/cases/{case_id}/incidents/1/retry", {"name": "amount", "value": "5000"}
    first, second = _at_once((rooms.visitor("sun"), path, form), (rooms.visitor("zhou"), path, form))
    slower, faster = (first, "Zhou Hong") if first.status_code == 409 else (second, "Sun Wei")
    assert sorted((first.status_code, second.status_code)) == [303, 409]
    assert f"was tried again or settled by {faster} on" in slower.text
    again = _many([case_id], "retry", receipt=OTHER)
    page = rooms.visitor("zhou").post("/watch/act", {**again, "task": [f"{case_id}-2-0"]})
    assert page.status_code == 422
    assert f"was tried again or settled by {faster} on" in page.text
    assert _recorded(rooms, "retry_incident") == 1


def test_a_link_of_a_board_is_made_and_revoked_once(rooms: Rooms) -> None:
    form = {"board": "office", "department": str(rooms.office.departments["bureau"]), "place": "Hall"}
    made = _at_once(*[(rooms.visitor("guo"), "/boards/links", form) for _one in range(2)])
    assert sorted(one.status_code for one in made) == [200, 422]
    (refused,) = [one.text for one in made if one.status_code == 422]
    assert "Guo Fang made a link to this board for the screen at “Hall” on" in refused
    path = "/boards/links/1/revoke"
    revoked = _at_once(*[(rooms.visitor("guo"), path, {}) for _one in range(2)])
    assert sorted(one.status_code for one in revoked) == [303, 409]
    (refused,) = [one.text for one in revoked if one.status_code == 409]
    assert "at “Hall” was revoked by Guo Fang on" in refused
    assert (_recorded(rooms, "make_board_link"), _recorded(rooms, "revoke_board_link")) == (1, 1)
    assert rooms.visitor("guo").post("/boards/links/7/revoke").status_code == 404


def test_what_was_changed_on_a_page_brought_back_is_done(rooms: Rooms, cases: list[int]) -> None:
    """The form is the one that was sent, what stands in it is not."""
    sun = rooms.visitor("sun")
    for words in ("First.", "First.", "Second."):
        assert sun.post("/watch/act", _many(cases[:1], "comment", words)).status_code == 303
    with rooms.database.reading() as db:
        assert sorted(db.scalars(select(texts.c.text))) == ["First.", "Second."]
    for finding in ("Plans wait.", "Plans wait.", "Answers wait."):
        assert sun.post("/watch/corrective/new", _action(rooms, finding=finding)).status_code == 303
    with rooms.database.reading() as db:
        assert sorted(db.scalars(select(corrective_actions.c.finding))) == ["Answers wait.", "Plans wait."]


def _action(rooms: Rooms, **more: str) -> dict[str, Any]:
    return {
        "finding": "Answers wait.", "cause": "Vacant.", "measure": "Fill it.", "due": "2026-03-20",
        "post": str(rooms.office.posts["reviewer"]), "own:receipt": RECEIPT, **more,
    }  # fmt: skip


def test_a_corrective_action_is_opened_carried_out_and_judged_once(rooms: Rooms) -> None:
    form, new = _action(rooms), "/watch/corrective/new"
    answers = _at_once((rooms.visitor("sun"), new, form), (rooms.visitor("sun"), new, form))
    assert [one.status_code for one in answers] == [303, 303]
    path = answers[0].location
    assert answers[1].location == path
    wang, zhao, sun, zhou = (rooms.visitor(one) for one in ("wang", "zhao", "sun", "zhou"))
    done = {"do": "done", "words": "Both are filled."}
    first, second = _at_once((wang, path, done), (zhao, path, {**done, "words": "It is filled."}))
    slower, faster = (first, "Zhao Min") if first.status_code == 409 else (second, "Wang Lei")
    assert sorted((first.status_code, second.status_code)) == [303, 409]
    assert f"{faster} reported it as done on" in slower.text
    assert "filled." in slower.text, "what was typed is still there"
    mine = wang if faster == "Wang Lei" else zhao
    typed = done if faster == "Wang Lei" else {**done, "words": "It is filled."}
    assert mine.post(path, typed).status_code == 303, "nobody is told off for their own double click"
    judged = {"do": "effective", "words": "4 are waiting."}
    assert [one.status_code for one in _at_once((sun, path, judged), (sun, path, judged))] == [303, 303]
    late = zhou.post(path, {"do": "again", "words": "40 are waiting."})
    assert late.status_code == 409
    assert "Sun Wei found it effective on" in late.text
    late = zhou.post(path, {"do": "drop", "words": "Not needed."})
    assert "Sun Wei found it effective on" in late.text
    assert (_recorded(rooms, "report_corrective_action"), _recorded(rooms, "verify_corrective_action")) == (1, 1)
    assert _told(rooms, "corrective_done") == {rooms.office.persons["sun"]: 1}


def test_an_action_is_dropped_once_and_one_that_did_not_help_is_opened_again_once(rooms: Rooms) -> None:
    sun, wang, zhou = (rooms.visitor(one) for one in ("sun", "wang", "zhou"))
    path = sun.post("/watch/corrective/new", _action(rooms)).location
    assert wang.post(path, {"do": "done", "words": "Filled."}).status_code == 303
    for _time in range(2):
        assert sun.post(path, {"do": "again", "words": "30 wait."}).status_code == 303
    late = zhou.post(path, {"do": "effective", "words": "4 wait."})
    assert late.status_code == 409
    assert "Sun Wei opened corrective action 1 again on" in late.text
    for _time in range(2):
        assert zhou.post(path, {"do": "drop", "words": "Merged."}).status_code == 303
    late = wang.post(path, {"do": "done", "words": "Filled."})
    assert late.status_code == 409
    assert "Zhou Hong dropped it on" in late.text
    assert (_recorded(rooms, "verify_corrective_action"), _recorded(rooms, "drop_corrective_action")) == (1, 1)


QUEUE = {"name": "The queue", "figure": "now.waiting", "kind": "above", "threshold": "2", "do": "keep"}


def test_an_alert_is_made_changed_and_removed_once(rooms: Rooms) -> None:
    zhou, new = rooms.visitor("zhou"), "/watch/alerts/new"
    made = _at_once((zhou, new, QUEUE), (rooms.visitor("zhou"), new, QUEUE))
    assert [one.status_code for one in made] == [303, 303]
    assert _count(rooms, alerts) == 1
    with rooms.database.reading() as db:
        path = f"/watch/alerts/{db.scalar(select(alerts.c.id))}"
    for form, act in (
        ({**QUEUE, "threshold": "3"}, "change_alert"), ({"do": "pause"}, "pause_alert"),
        ({"do": "resume"}, "resume_alert"), ({"do": "remove"}, "remove_alert"),
    ):  # fmt: skip
        for _time in range(2):
            assert zhou.post(path, form).status_code == 303, act
        assert _recorded(rooms, act) == 1, act
    assert "removed already" in zhou.get("/watch/alerts/").text
    assert rooms.visitor("sun").post(path, {"do": "remove"}).status_code == 404
    assert zhou.post(path, QUEUE).status_code == 404


def test_somebody_is_lent_once_and_is_told_once(rooms: Rooms) -> None:
    form = {
        "person": str(rooms.office.persons["zhao"]), "post": str(rooms.office.posts["clerk"]), "until": "2026-03-10",
        "reason": "Two are ill.",
    }  # fmt: skip
    zhou = rooms.visitor("zhou")
    path = "/watch/people"
    assert [one.status_code for one in _at_once((zhou, path, form), (rooms.visitor("zhou"), path, form))] == [303, 303]
    with rooms.database.reading() as db:
        (holding,) = db.scalars(select(loans.c.holding_id))
    end, why = f"/watch/people/{holding}/end", {"reason": "All are back."}
    assert [one.status_code for one in _at_once((zhou, end, why), (rooms.visitor("zhou"), end, why))] == [303, 303]
    assert (_recorded(rooms, "lend_post"), _recorded(rooms, "end_loan")) == (1, 1)
    assert _told(rooms, "post_lent") == _told(rooms, "post_lent_ended") == {rooms.office.persons["zhao"]: 1}


def test_a_report_is_wanted_once(rooms: Rooms) -> None:
    zhou = rooms.visitor("zhou")
    form = {"department": str(rooms.office.departments["review"]), "wanted": "no"}
    for _time in range(2):
        assert zhou.post("/watch/reports/", form).status_code == 303
    assert _recorded(rooms, "want_report") == 1


def test_a_card_is_answered_and_lifted_once(rooms: Rooms, clock: Clock) -> None:
    with rooms.database.writing() as db:
        staffed(db, rooms.office, PASSWORD)
        case_id = begun(db, rooms.office, in_force(db, rooms.office, OVER)).case_id
        acts.claim(db, by=rooms.office.actor(db, "li"), case_id=case_id, number=1)
    clock.advance(days=8)
    look(rooms.database)
    with rooms.database.reading() as db:
        card = f"/cards/{db.scalar(select(cards.c.id).where(cards.c.rule == 'step_late'))}"
    li, chen, qin = (rooms.visitor(one) for one in ("li", "chen", "qin"))
    form = {"words": "The surveyor was ill."}
    path = f"{card}/answer"
    first, second = _at_once((li, path, form), (rooms.visitor("li"), path, form))
    assert (first.status_code, second.status_code) == (303, 303)
    late = chen.post(path, {"words": "I was away."})
    assert late.status_code == 409
    assert "was answered by Li Ming on" in late.text
    assert "I was away." in late.text, "what was typed is still there"
    lifting = f"{card}/lift"
    for _time in range(2):
        assert qin.post(lifting, form).status_code == 303
    assert "was lifted by Qin Hao on" in li.post(path, {"words": "Again."}).text
    assert (_recorded(rooms, "answer_card"), _recorded(rooms, "lift_card")) == (1, 1)
