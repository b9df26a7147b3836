"""Rooms that nobody has asked for stand as addresses alone; whoever comes finds them open."""

from __future__ import annotations

import subprocess
import sys
import threading
from typing import Final

import pytest

from tests.house.tree import ROOT
from tests.web.conftest import SETTINGS, Rooms
from web import ROOMS, create_app
from web.building import AT_ONCE
from web.guard import anybody_signed_in, public, rules
from web.rooms import LISTED, Closed, NotAsListed, blueprint
from web.rooms.__main__ import written
from web.unit import Office

_LATER: Final = frozenset(ROOMS) - {"entrance"}


@pytest.fixture
def closed(rooms: Rooms) -> Rooms:
    return Rooms(rooms.database, rooms.office, create_app(SETTINGS, database=rooms.database, closed=_LATER))


def _open(app: Office, room: str) -> bool:
    return room in app.blueprints


def test_the_list_says_what_the_rooms_declare() -> None:
    assert LISTED.read_text(encoding="utf-8") == written(), "run: python -m web.rooms"


def test_closed_rooms_are_found_and_guarded_as_open_ones(rooms: Rooms, closed: Rooms) -> None:
    def said(app: Office) -> set[tuple[object, ...]]:
        who = rules(app)
        return {
            (one.rule, one.endpoint, frozenset(one.methods or ()), one.defaults or None, one.strict_slashes, str(who[one.endpoint]))
            for one in app.url_map.iter_rules()
        }  # fmt: skip

    assert said(closed.app) == said(rooms.app)
    assert set(closed.app.blueprints) == {"entrance"}


def test_a_room_opens_with_its_first_page_and_no_other_does(closed: Rooms) -> None:
    visitor = closed.visitor("li")
    assert visitor.get("/nowhere").status_code == 404
    assert visitor.get("/absence").status_code == 200
    assert set(closed.app.blueprints) == {"entrance", "absence"}
    assert visitor.get("/absence").status_code == 200


def test_whoever_may_not_enter_is_told_so_at_the_first_knock(closed: Rooms) -> None:
    assert closed.visitor("li").get("/watch/").status_code == 403
    assert closed.visitor().get("/counter/").status_code == 303


def test_what_is_sent_without_its_token_is_refused_at_the_first_knock(closed: Rooms) -> None:
    visitor = closed.visitor("li")
    assert visitor.client.post("/absence", data={}).status_code == 400


def test_a_page_calls_what_a_closed_room_gives_to_templates(closed: Rooms, rooms: Rooms) -> None:
    asked = "{{ 1500 | milliseconds }} {{ acting_orders is defined }}"
    with closed.app.app_context(), rooms.app.app_context():
        assert not _open(closed.app, "mining")
        assert closed.app.jinja_env.from_string(asked).render() == rooms.app.jinja_env.from_string(asked).render()
        assert _open(closed.app, "mining")


def test_a_room_is_opened_once_for_all_who_come_at_once(closed: Rooms) -> None:
    found: list[bool] = []
    together = threading.Barrier(4)

    def come() -> None:
        together.wait()
        closed.app.closed.open(closed.app, "absence")  # a second time would be refused
        found.append(_open(closed.app, "absence"))

    threads = [threading.Thread(target=come) for _ in range(together.parties)]
    for one in threads:
        one.start()
    for one in threads:
        one.join()
    assert found == [True] * together.parties


def test_a_view_with_another_rule_than_listed_does_not_take_its_place() -> None:
    app, closed = Office("other", static_folder=None), Closed()
    closed.opening = True
    with pytest.raises(NotAsListed):
        closed.takes(app, "desk.desk", public(lambda: ""))
    with pytest.raises(NotAsListed):
        closed.takes(app, "desk.forgotten", anybody_signed_in(lambda: ""))


def test_a_room_that_is_not_there_is_none() -> None:
    assert blueprint("translations") is None


_NOT_NEEDED: Final = (
    "limits",
    "sqlalchemy.dialects.postgresql",
    "lark",
    "tomllib",
    "engine.diagram.lint",
    "engine.diagram.decisions",
    "engine.diagram.language.functions.lists",
    "engine.papers.documents",
    "engine.connectors.reads",
    "engine.control.rules",
    "engine.supervision.cards.rules",
)
_IN_A_FRESH_PROCESS: Final = f"""
import sys
from web import in_service
from web.settings import Settings
app = in_service(Settings(secret="of this test alone", database_url="sqlite://"))
print([one for one in {[*(f"web.{one}" for one in ROOMS if one not in AT_ONCE), *_NOT_NEEDED]!r} if one in sys.modules])
for one in {ROOMS!r}:
    app.closed.open(app, one.partition(".")[0])
print(len(app.blueprints), app.closed.are())
"""


def test_a_worker_loads_a_room_when_it_is_asked_for() -> None:
    found = subprocess.run(
        [sys.executable, "-c", _IN_A_FRESH_PROCESS], cwd=ROOT, capture_output=True, text=True, check=True
    )
    assert found.stdout.splitlines() == ["[]", f"{len(ROOMS)} []"]


_ON_POSTGRESQL: Final = """
import sys
from web import in_service
from web.settings import Settings
in_service(Settings(secret="of this test alone", database_url="postgresql+psycopg://nobody@nowhere/office"))
print("sqlalchemy.dialects.sqlite" in sys.modules, "sqlalchemy.dialects.postgresql" in sys.modules)
"""


def test_a_worker_loads_the_dialect_of_its_database_alone() -> None:
    found = subprocess.run([sys.executable, "-c", _ON_POSTGRESQL], cwd=ROOT, capture_output=True, text=True, check=True)
    assert found.stdout == "False True\n"
