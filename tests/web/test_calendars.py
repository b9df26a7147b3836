"""The room of calendars: looked at by everybody, changed by administrators alone."""

from __future__ import annotations

import re
from datetime import date

import pytest

from engine.organisation.calendars import acts
from engine.organisation.calendars.reads import calendar_of
from tests.counting import counting
from tests.engine.organisation.calendars.test_notice import NOTICE_2026
from tests.web.conftest import Rooms

HOURS = {f"hours-{number}": "09:00-12:00, 14:00-18:00" if number < 5 else "" for number in range(7)}


def _with_china(rooms: Rooms, *years: int) -> None:
    with rooms.database.writing() as db:
        guo = rooms.office.actor(db, "guo")
        acts.choose_country(db, by=guo, country="CN")
        for year in years:
            acts.take_in_year(db, by=guo, year=year)


def _row(page: str, day: str) -> str:
    found = re.search(rf'<tr role="row" id="d-{day}".*?</tr>', page, re.DOTALL)
    assert found is not None, day
    return found[0]


def test_everybody_sees_the_year_and_who_says_so_and_nobody_else_changes_it(rooms: Rooms) -> None:
    _with_china(rooms, 2026)
    li = rooms.visitor("li")
    page = li.get("/calendars?year=2026").text
    assert "248 working days" in page
    assert page.count('<table class="o-month">') == 12
    row = _row(page, "2026-02-14")
    assert "worked instead" in row
    assert "chinesecalendar" in row
    assert 'href="#d-2026-02-15"' in page, "each day of the grid leads to its row"
    assert 'action="/calendars' not in page, "there is nothing to change for a clerk"
    assert "/calendars" in li.get("/").text
    for path in ("hours", "days", "days/remove", "country", "own", "own/withdraw", "take-in", "notice"):
        assert li.post(f"/calendars/{path}").status_code == 403
    assert li.get("/calendars/take-in").status_code == 403
    assert rooms.visitor().get("/calendars").status_code == 303


def test_the_grid_and_the_list_say_the_same(rooms: Rooms) -> None:
    _with_china(rooms, 2026)
    page = rooms.visitor("li").get("/calendars?year=2026").text
    marked = len(re.findall(r'<td class="o-day-[^"]*"[^>]*><a ', page))
    rows = re.findall(r'id="d-(\d{4}-\d\d-\d\d)".*?</td>', page, re.DOTALL)
    assert marked == 39
    assert set(re.findall(r'href="#d-([\d-]+)"', page)) == set(rows)


def test_hours_are_set_and_what_is_wrong_is_told_at_its_day(rooms: Rooms) -> None:
    guo = rooms.visitor("guo")
    assert guo.post("/calendars/hours", HOURS).status_code == 303
    assert 'value="09:00-12:00, 14:00-18:00"' in guo.get("/calendars").text
    answer = guo.post("/calendars/hours", HOURS | {"hours-2": "nine to five"})
    assert answer.status_code == 422
    assert 'id="hours-2-error"' in answer.text
    assert 'value="nine to five"' in answer.text
    assert guo.post("/calendars/hours", HOURS | {"zone": "Mars/North"}).status_code == 422
    assert guo.post("/calendars/hours", {}).status_code == 422


def test_days_are_entered_and_removed(rooms: Rooms) -> None:
    guo = rooms.visitor("guo")
    form = {"day": "2026-05-07", "until": "2026-05-08", "what": "rests", "name_en": "Moving <house>"}
    assert guo.post("/calendars/days", form).status_code == 303
    row = _row(guo.get("/calendars?year=2026").text, "2026-05-07")
    assert "Moving &lt;house&gt;" in row
    assert "entered by Guo Fang" in row
    form = {"day": "2026-05-09", "what": "works", "own_hours": "09:00-12:00", "name_zh": "值班"}
    assert guo.post("/calendars/days", form).status_code == 303
    assert "09:00-12:00" in _row(guo.get("/calendars?year=2026").text, "2026-05-09")
    assert guo.post("/calendars/days/remove", {"day": "2026-05-07"}).status_code == 303
    with rooms.database.reading() as db:
        assert calendar_of(db).works_on(date(2026, 5, 7))
        assert not calendar_of(db).works_on(date(2026, 5, 8))


@pytest.mark.parametrize(
    ("form", "field"),
    [
        ({"day": "soon"}, "day"),
        ({"day": "2026-05-07", "until": "2026-05-01", "name_en": "x"}, "until"),
        ({"day": "2026-05-07"}, "name"),
        ({"day": "0001-05-07", "name_en": "x"}, "day"),
        ({"day": "2026-05-07", "name_en": "x", "what": "works", "own_hours": "late"}, "own_hours"),
    ],
)
def test_a_day_that_cannot_be_is_told_at_its_field(rooms: Rooms, form: dict[str, str], field: str) -> None:
    answer = rooms.visitor("guo").post("/calendars/days", form)
    assert answer.status_code == 422
    assert f'id="{field}-error"' in answer.text


def test_a_missing_year_is_told_and_taken_in_by_hand_from_the_notice(rooms: Rooms) -> None:
    _with_china(rooms)
    guo = rooms.visitor("guo")
    assert "holidays of 2026 are not taken in yet" in guo.get("/calendars").text
    form = {"year": "2026", "title": "Notice <1>", "number": "No. 7", "list": NOTICE_2026}
    looked = guo.post("/calendars/notice", form | {"step": "look"})
    assert looked.status_code == 200
    assert "Notice &lt;1&gt;" in looked.text
    written = re.search(r"<textarea[^>]*>(.*?)</textarea>", looked.text, re.DOTALL)
    assert written is not None
    with rooms.database.reading() as db:
        assert not calendar_of(db).is_certain(2026), "nothing is kept by looking"
    assert guo.post("/calendars/notice", form | {"list": written[1], "step": "keep"}).status_code == 303
    with rooms.database.reading() as db:
        assert calendar_of(db).works_on(date(2026, 2, 14))
    page = guo.get("/calendars?year=2026").text
    assert "not taken in" not in page
    assert "Notice &lt;1&gt; No. 7" in _row(page, "2026-10-10")


def test_both_sources_stand_beside_each_other_before_a_year_is_taken_in(rooms: Rooms) -> None:
    _with_china(rooms)
    guo = rooms.visitor("guo")
    page = guo.get("/calendars/take-in?year=2026").text
    assert "Both sources say the same of all 39 days." in page
    assert guo.post("/calendars/take-in", {"year": "2026"}).status_code == 303
    assert "248 working days" in guo.get("/calendars?year=2026").text
    unknown = guo.get("/calendars/take-in?year=2027").text
    assert "The notice for 2027 is not known to chinesecalendar" in unknown
    assert guo.post("/calendars/take-in", {"year": "2027"}).status_code == 422
    assert guo.post("/calendars/notice", {"year": "2027", "title": "x", "list": "?"}).status_code == 422


def test_a_department_gets_a_calendar_of_its_own_and_loses_it(rooms: Rooms) -> None:
    guo, review = rooms.visitor("guo"), str(rooms.office.departments["review"])
    assert "goes by the calendar above it" in guo.get(f"/calendars?department={review}").text
    assert guo.post("/calendars/own", {"to": review}).status_code == 303
    assert guo.post("/calendars/hours", HOURS | {"department": review}).status_code == 303
    with rooms.database.reading() as db:
        assert calendar_of(db, int(review)).week != calendar_of(db).week
    assert "Review section" in rooms.visitor("li").get("/calendars").text
    assert guo.post("/calendars/own/withdraw", {"department": review}).status_code == 303
    assert guo.post("/calendars/own/withdraw", {"department": review}).status_code == 422


@pytest.mark.parametrize(
    "path",
    ["?department=x", "?department=999999", f"?department={10**30}", "/take-in?department=999999"],
)
def test_a_calendar_of_nobody_is_not_found(rooms: Rooms, path: str) -> None:
    assert rooms.visitor("guo").get(f"/calendars{path}").status_code == 404


@pytest.mark.parametrize("path", ["?year=1066", "?year=9999", "/take-in?year=2026"])
def test_a_year_or_a_country_that_is_none_is_refused(rooms: Rooms, path: str) -> None:
    assert rooms.visitor("guo").get(f"/calendars{path}").status_code == 422


def test_a_year_costs_a_stated_number_of_statements(rooms: Rooms) -> None:
    _with_china(rooms, 2026)
    li = rooms.visitor("li")
    assert li.get("/calendars?year=2026").status_code == 200
    with counting(rooms.database) as counted:
        assert li.get("/calendars?year=2026").status_code == 200
    assert len(counted.statements) <= 12
    assert counted.commits == 0
