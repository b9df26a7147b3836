"""The pages of cards: lists, one card, the table of rules, figures; and where cards show elsewhere."""

from __future__ import annotations

import re
from html import unescape
from typing import Any

import pytest
from sqlalchemy import select

from engine.cases import acts as case_acts
from engine.supervision.cards.ready_made import READY_MADE
from engine.supervision.cards.tables import card_tables, cards
from tests.conftest import Clock
from tests.engine.supervision.cards.scene import case_of, look, staffed
from tests.web.conftest import PASSWORD, Rooms

HOSTILE = '<script>alert("1")</script>'


@pytest.fixture
def case_id(rooms: Rooms, clock: Clock) -> int:
    """Li is a day late with the step she claimed."""
    with rooms.database.writing() as db:
        staffed(db, rooms.office, PASSWORD)
        found = case_of(db, rooms.office)
        case_acts.claim(db, by=rooms.office.actor(db, "li"), case_id=found, number=1)
    clock.advance(days=4)
    with rooms.database.writing() as db:
        case_acts.begin_work(db, by=rooms.office.actor(db, "li"), case_id=found, number=1)
    clock.advance(days=4)
    look(rooms.database)
    return found


def _card(rooms: Rooms, rule: str) -> int:
    with rooms.database.reading() as db:
        return int(db.scalar(select(cards.c.id).where(cards.c.rule == rule)) or 0)


def test_a_card_is_found_from_every_place_where_its_addressee_works(rooms: Rooms, case_id: int) -> None:
    li = rooms.visitor("li")
    address = f"/cards/{_card(rooms, 'step_late')}"
    desk = li.get("/").text
    assert "■ red card: Step late though the case is not" in desk
    assert re.search(r"Cards <b class=\"o-door-number\">.*?1</b>", desk, re.DOTALL)
    assert address in li.get("/cards/").text
    assert address in li.get(f"/tasks/{case_id}/1").text
    assert address in li.get(f"/cases/{case_id}").text
    page = li.get(address).text
    assert "the case is not late; the step is late" in page
    assert "step.late and not(case.late)" in page
    assert "By version 1 of the rules" in page


def test_the_same_in_chinese_with_sign_and_word(rooms: Rooms, case_id: int) -> None:
    li = rooms.visitor("li")
    li.post("/language", {"language": "zh"})
    page = li.get(f"/cards/{_card(rooms, 'step_late')}").text
    assert "环节已逾期" in page
    assert re.search(r"■</span> 红牌", page)
    assert "■ 红牌：环节逾期而办件未逾期" in li.get("/").text


def test_a_card_is_answered_and_what_cannot_be_sent_is_told_at_its_field(rooms: Rooms, case_id: int) -> None:
    li = rooms.visitor("li")
    address = f"/cards/{_card(rooms, 'step_late')}"
    refused = li.post(f"{address}/answer", {"words": " "})
    assert refused.status_code == 422
    assert 'href="#o-answer"' in refused.text
    assert li.post(f"{address}/answer", {"words": HOSTILE}).status_code == 303
    page = li.get(address).text
    assert HOSTILE not in page
    assert "&lt;script&gt;" in page
    assert "answered" in page
    assert li.post(f"{address}/answer", {"words": "Again."}).status_code == 409
    assert "o-door-number" not in li.get("/cards/").text, "nothing is left to answer"


def test_it_is_lifted_by_the_supervision_office_alone(rooms: Rooms, case_id: int) -> None:
    address = f"/cards/{_card(rooms, 'step_late')}"
    assert "Lift the card" not in rooms.visitor("li").get(address).text
    assert rooms.visitor("li").post(f"{address}/lift", {"words": "It was nothing."}).status_code == 403
    qin = rooms.visitor("qin")
    assert "Lift the card" in qin.get(address).text
    assert qin.post(f"{address}/lift", {"words": ""}).status_code == 422
    assert qin.post(f"{address}/lift", {"words": "The register was down."}).status_code == 303
    assert "The register was down." in rooms.visitor("li").get(f"/cases/{case_id}").text
    assert "red card" not in rooms.visitor("li").get("/").text


def test_whoever_may_not_see_it_is_not_told_that_it_is_there(rooms: Rooms, case_id: int) -> None:
    wang = rooms.visitor("wang")
    for path in ("", "/answer", "/lift"):
        address = f"/cards/{_card(rooms, 'step_late')}{path}"
        answered = wang.post(address, {"words": "Hm."}) if path else wang.get(address)
        assert answered.status_code == 404
    assert "No card went to your posts" in wang.get("/cards/").text
    assert wang.get("/cards/rules").status_code == 403
    assert wang.get("/cards/figures").status_code == 403
    assert "Step late" not in wang.get("/cards/?which=all").text


def test_lists_are_narrowed_and_empty_ones_say_what_that_means(rooms: Rooms, case_id: int) -> None:
    qin = rooms.visitor("qin")
    every = qin.get("/cards/?which=all").text
    assert every.count('id="card-') == 2
    assert qin.get("/cards/?which=all&kind=up").text.count('id="card-') == 1
    assert qin.get("/cards/?which=all&kind=red&state=open").text.count('id="card-') == 1
    narrowed = qin.get(f"/cards/?which=all&department={rooms.office.departments['review']}").text
    assert "No card is like that" in narrowed
    assert qin.get("/cards/?which=nonsense&kind=x&state=y&department=z&before=q").status_code == 200


def test_an_escalation_shows_what_was_done_and_leads_to_what_can_be(rooms: Rooms, case_id: int) -> None:
    zhou = rooms.visitor("zhou")
    page = zhou.get(f"/cards/{_card(rooms, 'late_up_1')}").text
    for done in ("opened", "claimed", "work begun", "red card"):
        assert done in page
    assert f"/tasks/{case_id}/1" in page
    assert "Sent up, level 1" in page


def test_the_notice_of_an_escalation_tells_what_was_done_in_the_language_of_the_reader(
    rooms: Rooms, case_id: int
) -> None:
    zhou = rooms.visitor("zhou")
    assert re.search(r'<p class="o-said">[^<]*\d+ \w+ \d{4} opened; [^<]*red card', zhou.get("/notices/").text)
    zhou.post("/language", {"language": "zh"})
    page = zhou.get("/notices/").text
    assert "环节开始；" in page
    assert "Name(" not in page


def test_figures_of_persons_are_for_those_entitled(rooms: Rooms, case_id: int) -> None:
    counter = rooms.office.departments["counter"]
    assert "Li Ming" in rooms.visitor("qin").get(f"/cards/figures?department={counter}").text
    assert "Li Ming" in rooms.visitor("zhou").get(f"/cards/figures?department={counter}").text, (
        "she supervises the bureau"
    )
    sun = rooms.visitor("sun").get(f"/cards/figures?department={counter}").text
    assert "Li Ming" not in sun
    assert "Service counter" not in sun


def test_every_number_of_cards_opens_as_many_as_it_says(rooms: Rooms, case_id: int) -> None:
    counter, li = rooms.office.departments["counter"], rooms.office.persons["li"]
    for login in ("qin", "zhou"):
        visitor = rooms.visitor(login)
        page = visitor.get(f"/cards/figures?department={counter}").text
        opened = [
            (int(count), visitor.get(unescape(url)).text.count('id="card-'), unescape(url))
            for url, count in re.findall(r'<a href="(/cards/\?[^"]*)">(\d+)</a>', page)
        ]
        assert len(opened) == 6, page  # a red card, one sent up, both unanswered: of the department, and of whom
        assert all(count == found for count, found, _url in opened), opened
        assert sum(f"person={li}" in url for _count, _found, url in opened) == 3
    assert "No card is like that" in rooms.visitor("qin").get(f"/cards/?which=all&person={li + 1000}").text


def _form(**changed: str) -> dict[str, Any]:
    form: dict[str, Any] = {"base": "1", "rows": str(len(READY_MADE)), "why": "A change."}
    words = {1: "yellow", 2: "red"}
    for place, one in enumerate(READY_MADE):
        form |= {
            f"r{place}-key": one.key, f"r{place}-en": one.name.en, f"r{place}-zh": one.name.zh,
            f"r{place}-about": one.about.value, f"r{place}-condition": one.condition, f"r{place}-on": "1",
            f"r{place}-kind": words.get(int(one.kind), f"up{one.level}"),
        }  # fmt: skip
    return form | changed


def test_the_table_is_tried_changed_and_saved_as_a_version(rooms: Rooms, case_id: int) -> None:
    qin = rooms.visitor("qin")
    assert "step.late and not(case.late)" in qin.get("/cards/rules").text
    tried = qin.post("/cards/rules", _form(do="try"))
    assert tried.status_code == 200
    assert "Would fire now: 1" in tried.text
    assert "every combination that matters was tried" in tried.text
    with rooms.database.reading() as db:
        assert list(db.scalars(select(card_tables.c.version))) == [1]
    saved = qin.post("/cards/rules", _form(**{"r0-condition": "step.share_used >= 0.9", "do": "save"}))
    assert saved.status_code == 303
    versions = qin.get("/cards/rules/versions").text
    assert "step.share_used &gt;= 0.9" in versions
    assert "A change." in versions
    assert "Qin Hao" in versions


def test_who_saves_from_an_older_version_keeps_what_was_typed_and_is_told_of_the_newer_one(
    rooms: Rooms, case_id: int
) -> None:
    qin = rooms.visitor("qin")
    qin.post("/cards/rules", _form(**{"r0-condition": "step.share_used >= 0.9", "do": "save"}))
    slower = _form(**{"r0-condition": "step.share_used >= 0.7", "why": "Mine 我的", "do": "save"})
    page = qin.post("/cards/rules", slower)
    assert page.status_code == 409, "made from a version that is not the newest any more"
    assert "Version 2 of the rules was saved meanwhile" in page.text
    assert "/cards/rules/versions" in page.text
    assert "step.share_used &gt;= 0.7" in page.text
    assert 'value="Mine 我的"' in page.text
    base = re.search(r'name="base" value="(\d+)"', page.text)
    assert base is not None
    assert qin.post("/cards/rules", slower | {"base": base[1]}).status_code == 303, "now it is known what is replaced"


def test_the_table_sent_twice_is_saved_once_and_nobody_is_said_to_have_been_faster(rooms: Rooms, case_id: int) -> None:
    qin = rooms.visitor("qin")
    sent = _form(**{"r0-condition": "step.share_used >= 0.9", "do": "save"})
    assert [qin.post("/cards/rules", sent).status_code for _ in range(2)] == [303, 303]
    with rooms.database.reading() as db:
        assert sorted(db.scalars(select(card_tables.c.version))) == [1, 2]


def test_a_fault_stands_at_its_cell_and_what_was_typed_stays(rooms: Rooms, case_id: int) -> None:
    qin = rooms.visitor("qin")
    wrong = {
        "r1-condition": "step.late and step.working_days_left > 2",
        "r2-condition": "case.lte",
        "r3-en": "",
        "do": "save",
    }
    page = qin.post("/cards/rules", _form(**wrong))
    assert page.status_code == 422
    for field in ("r1-condition", "r2-condition", "r3-en"):
        assert f'href="#{field}"' in page.text
        assert re.search(rf'id="{field}"[^>]*aria-invalid="true" aria-describedby="{field}-why"', page.text)
    assert "This rule can never fire" in page.text
    assert "Perhaps you mean" in page.text
    assert "step.late and step.working_days_left &gt; 2" in page.text


def test_rows_are_added_and_removed_without_a_script(rooms: Rooms, case_id: int) -> None:
    qin = rooms.visitor("qin")
    count = len(READY_MADE)
    assert f'id="row-{count}"' in qin.post("/cards/rules", _form(do="add")).text
    less = qin.post("/cards/rules", _form(do="remove:0")).text
    assert f'id="row-{count - 1}"' not in less
    assert 'value="step_near"' not in less
    odd = {"rows": "999999999999999999999", "base": "x", "do": "remove:x", "r0-kind": "green", "r0-about": "moon"}
    assert qin.post("/cards/rules", odd).status_code == 200
