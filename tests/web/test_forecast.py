"""The pages of forecasts, and the part beside a case."""

from __future__ import annotations

import re
from datetime import timedelta

import pytest
from sqlalchemy import func, insert, select, update

from engine.base.database import Database
from engine.cases.tables import cases
from engine.supervision.forecast.foretelling import ended_but_kept
from engine.supervision.forecast.past import procedures_to_look_back
from engine.supervision.forecast.tables import models, past, weeks
from tests.builders import SmallOffice
from tests.conftest import Clock
from tests.engine.supervision.forecast.scene import complete, ended, opened
from tests.web.conftest import Rooms
from tests.worlds import begun, in_force
from web import forecasting


def always() -> bool:
    return True


@pytest.fixture
def worked(rooms: Rooms, clock: Clock) -> tuple[int, int]:
    """A procedure with 24 ended cases and one that is open; what is due was learned and foretold."""
    with rooms.database.writing() as db:
        procedure_id = opened(db, rooms.office)
        monday = clock.moment
        ended(db, rooms.office, clock, procedure_id, days=2, number=18)
        clock.set(monday)
        ended(db, rooms.office, clock, procedure_id, days=14, number=6)
        case_id = begun(db, rooms.office, procedure_id, matter="A <b>house</b>").case_id
    assert forecasting.learn(rooms.database, always, trees=False) == 1
    return procedure_id, case_id


def test_a_supervisor_sees_what_is_foretold_and_where_it_comes_from(rooms: Rooms, worked: tuple[int, int]) -> None:
    procedure_id, case_id = worked
    sun = rooms.visitor("sun")

    page = sun.get("/watch/forecast/").text
    assert f'href="/cases/{case_id}"' in page
    assert "25%" in page
    assert "from 25 similar cases at this step" in page
    assert "A &lt;b&gt;house&lt;/b&gt;" in page
    for order in ("due", "end", "nonsense"):
        assert f'href="/cases/{case_id}"' in sun.get(f"/watch/forecast/?order={order}").text
    assert f'href="/cases/{case_id}"' not in sun.get("/watch/forecast/?page=7").text

    page = sun.get(f"/watch/forecast/{procedure_id}").text
    assert "The next weeks" in page
    assert "Too few: figures are shown once 20 forecasts have come to their end." in page
    assert "24 ended cases" in page


def test_the_case_tells_it_to_whoever_supervises_or_answers_for_it(rooms: Rooms, worked: tuple[int, int]) -> None:
    _procedure_id, case_id = worked
    said = "25% likely to miss the promise, from 25 similar cases at this step."

    assert said in rooms.visitor("sun").get(f"/cases/{case_id}").text
    assert said in rooms.visitor("li").get(f"/cases/{case_id}").text


def test_where_cases_take_longer_than_foretold_it_is_said_in_both_languages(
    rooms: Rooms, worked: tuple[int, int]
) -> None:
    procedure_id, case_id = worked
    sun = rooms.visitor("sun")
    assert "held to how the last four weeks came out" not in sun.get("/watch/forecast/").text
    with rooms.database.writing() as db:
        db.execute(update(models).values(stretch=180))
    assert forecasting.foretell(rooms.database, always) == 1
    why = "Cases took longer than foretold in the last four weeks, so the end is told as it was reckoned and 1.8 times"
    assert (
        "from 25 similar cases at this step, held to how the last four weeks came out"
        in sun.get("/watch/forecast/").text
    )
    for path in (f"/cases/{case_id}", f"/watch/forecast/{procedure_id}"):
        assert why in sun.get(path).text
    sun.post("/language", {"language": "zh"})
    for path in (f"/cases/{case_id}", f"/watch/forecast/{procedure_id}"):
        assert "最近四周的办件比预测用时更长，因此办结时间同时按原推算和其 1.8 倍时长预测" in sun.get(path).text


def test_each_day_it_is_looked_back_though_nothing_ended(rooms: Rooms, worked: tuple[int, int], clock: Clock) -> None:
    """Else a step at which nothing moves were never seen to hold its cases longer than foretold."""
    procedure_id, _case_id = worked
    clock.advance(days=2)
    assert forecasting.learn(rooms.database, always, trees=False) == 0
    with rooms.database.reading() as db:
        newest = db.scalar(select(func.max(weeks.c.made_on)).where(weeks.c.procedure_id == procedure_id))
        assert newest == clock.now().date()
        assert procedures_to_look_back(db, at=clock.now()) == ()


def test_nobody_else_is_told(rooms: Rooms, worked: tuple[int, int]) -> None:
    procedure_id, _case_id = worked
    for login in ("li", "he"):
        for path in ("/watch/forecast/", f"/watch/forecast/{procedure_id}"):
            assert rooms.visitor(login).get(path).status_code == 403
    assert rooms.visitor("sun").get(f"/watch/forecast/{procedure_id + 1}").status_code == 404


def test_whoever_only_takes_part_is_told_who_is_shown_forecasts(rooms: Rooms) -> None:
    with rooms.database.writing() as db:
        elsewhere = in_force(db, rooms.office, department="bureau", prefix="EL")
    sun = rooms.visitor("sun")
    assert f'href="/watch/forecast/{elsewhere}"' in sun.get(f"/watch/{elsewhere}").text
    answer = sun.get(f"/watch/forecast/{elsewhere}")
    assert answer.status_code == 200
    assert "Forecasts are for whoever supervises the department that answers for the procedure." in answer.text
    assert "Hits and misses" not in answer.text


def test_how_well_earlier_ranges_held_stands_beside_those_of_now(
    rooms: Rooms, worked: tuple[int, int], clock: Clock
) -> None:
    procedure_id, _case_id = worked
    sun = rooms.visitor("sun")
    assert "too few to tell" in sun.get(f"/watch/forecast/{procedure_id}").text
    with rooms.database.writing() as db:
        some = db.scalars(select(cases.c.id).where(cases.c.ended_at.is_not(None)).limit(20)).all()
        db.execute(
            insert(past),
            [
                {
                    "office_id": 1, "procedure_id": procedure_id, "week": clock.now().date() - timedelta(days=7),
                    "case_id": case_id, "afterwards": True, "within": number <= 8, "made_at": clock.now(),
                    "low_at": clock.now(), "middle_at": clock.now(), "high_at": clock.now(), "ended_at": clock.now(),
                }
                for number, case_id in enumerate(some, start=1)
            ],
        )  # fmt: skip
    for path in ("/watch/forecast/", f"/watch/forecast/{procedure_id}"):
        page = " ".join(re.sub(r"<[^>]*>", "", sun.get(path).text).split())
        assert "40% of 20 read with care" in page
        assert "holds what comes in 8 of 10" not in page


def test_of_too_few_cases_it_says_so_and_shows_no_figure(rooms: Rooms) -> None:
    with rooms.database.writing() as db:
        procedure_id = opened(db, rooms.office)
        begun(db, rooms.office, procedure_id)
    assert forecasting.learn(rooms.database, always, trees=False) == 0

    page = rooms.visitor("sun").get(f"/watch/forecast/{procedure_id}").text
    assert "Forecasts are made once at least 20 cases of a procedure have ended." in page
    assert " %" not in page.partition("<main")[2]


def test_it_is_told_in_chinese(rooms: Rooms, worked: tuple[int, int]) -> None:
    procedure_id, _case_id = worked
    sun = rooms.visitor("sun")
    sun.post("/language", {"language": "zh"})

    assert "依据此环节 25 个类似办件" in sun.get("/watch/forecast/").text
    assert "今后几周" in sun.get(f"/watch/forecast/{procedure_id}").text


def test_what_ended_is_foretold_no_more(database: Database, office: SmallOffice, clock: Clock) -> None:
    with database.writing() as db:
        procedure_id = opened(db, office)
        ended(db, office, clock, procedure_id, days=2, number=20)
        case_id = begun(db, office, procedure_id).case_id
    forecasting.learn(database, always, trees=False)
    assert forecasting.foretell(database, always) == 0
    with database.writing() as db:
        complete(db, office, case_id, "li")
    assert forecasting.foretell(database, always) == 1
    with database.writing() as db:
        complete(db, office, case_id, "wang")
    assert forecasting.foretell(database, always) == 0
    with database.reading() as db:
        assert ended_but_kept(db) == ()
