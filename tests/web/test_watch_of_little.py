"""Every page of the watch where there is little to watch: no procedure, no case, one case, a new year, people gone."""

from __future__ import annotations

from datetime import UTC, datetime
from itertools import cycle

from engine.cases import acts
from engine.organisation.acts import person_leaves
from tests.conftest import Clock
from tests.thorough import THOROUGH
from tests.web.conftest import Rooms
from tests.web.test_flow import DRAWN
from tests.worlds import begun, in_force

PAGES = (
    "/watch/", "/watch/map", "/watch/flow/", "/watch/flow/traffic", "/watch/flow/hand-overs", "/watch/flow/ways",
    "/watch/flow/workload", "/watch/flow/compare", "/watch/flow/compare?of=editions", "/watch/flow/compare?of=departments",
    "/watch/flow/recount", "/watch/forecast/", "/watch/what-if/", "/watch/alerts/", "/watch/alerts/new",
    "/watch/reports/", "/watch/corrective/", "/watch/people", "/boards/", "/boards/leader", "/boards/office", "/logs/",
    "/logs/own", "/clocks", "/cards/", "/cards/figures", "/watch/behind?number=cases.open",
)  # fmt: skip
OF_ONE = ("/watch/{}", "/watch/{}?measure=late", "/watch/flow/?procedure={}", "/watch/forecast/{}", "/watch/what-if/{}",
          "/watch/flow/compare?of=editions&procedure={}", "/watch/behind?number=now.queue&procedure={}")  # fmt: skip
PERIODS = ("?days=365", "?since=2026-12-15&until=2027-01-15", "?since=2020-02-01&until=2020-02-29")


_LANGUAGES = cycle(("en", "zh"))


def _open_all(rooms: Rooms, procedure_id: int | None = None, login: str = "sun") -> None:
    visitor = rooms.visitor(login)
    review = rooms.office.departments["review"]
    paths = [*PAGES, f"/watch/reports/{review}/now"]
    paths += [
        page + period for page in ("/watch/flow/", "/watch/flow/traffic", "/watch/flow/ways") for period in PERIODS
    ]
    if procedure_id is not None:
        paths += [one.format(procedure_id) for one in OF_ONE]
    for language in ("en", "zh") if THOROUGH else (next(_LANGUAGES),):
        visitor.post("/language", {"language": language})
        for path in paths:
            answer = visitor.get(path, follow_redirects=True)
            assert answer.status_code == 200, path
            for broken in ("None", "nan", "inf ", "Undefined"):
                assert f">{broken}<" not in answer.text, (path, broken)


def test_before_anything_is_in_force_and_before_anything_has_come(rooms: Rooms) -> None:
    _open_all(rooms)
    with rooms.database.writing() as db:
        procedure_id = in_force(db, rooms.office, DRAWN, owners={"lane:counter": "clerk", "lane:bureau": "reviewer"})
    _open_all(rooms, procedure_id)


def test_with_one_case_across_a_new_year_and_whoever_worked_on_it_gone(rooms: Rooms, clock: Clock) -> None:
    clock.set(datetime(2026, 12, 30, 2, 0, tzinfo=UTC))
    with rooms.database.writing() as db:
        procedure_id = in_force(db, rooms.office, DRAWN, owners={"lane:counter": "clerk", "lane:bureau": "reviewer"})
        case_id = begun(db, rooms.office, procedure_id).case_id
    _open_all(rooms, procedure_id)
    with rooms.database.writing() as db:
        acts.complete_task(db, by=rooms.office.actor(db, "li"), case_id=case_id, number=1, submitted={})
    clock.set(datetime(2027, 1, 5, 2, 0, tzinfo=UTC))
    with rooms.database.writing() as db:
        acts.complete_task(db, by=rooms.office.actor(db, "wang"), case_id=case_id, number=2, submitted={})
        person_leaves(db, by=rooms.office.actor(db, "guo"), person_id=rooms.office.persons["wang"])
    clock.advance(days=1)
    _open_all(rooms, procedure_id)
    with rooms.database.writing() as db:
        acts.complete_task(db, by=rooms.office.actor(db, "li"), case_id=case_id, number=3, submitted={})
    clock.advance(days=60)  # a month, and more, without work
    _open_all(rooms, procedure_id)
