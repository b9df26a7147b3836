"""Every route declares who may use it; which ones are open to everybody is written down here."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Final

import pytest

from engine.organisation.rules import Right
from web import ROOMS, create_app, guard
from web.settings import Settings
from web.unit import Office

PUBLIC: Final = {
    "entrance.sign_in",
    "entrance.sign_in_now",
    "entrance.sign_out",
    "entrance.choose_language",
    "connectors.receive",  # by its own token
    "boards.screen",  # by its own link, which an administrator made
    "working.live",
    "working.health",
    "working.metrics",
}
"""Whoever reaches the server may ask for these."""

ROOM_OF_RIGHT: Final = {"studio": Right.DESIGN, "watch": Right.SUPERVISE}

OPEN_IN_THEIR_ROOM: Final = frozenset({
    "studio.review", "studio.review_diagram", "studio.check", "studio.consent", "studio.return_to_author",
    "studio.approve", "studio.set_effective", "studio.comment", "studio.reply", "studio.close_comment",
    "studio.register", "studio.register_csv",
})  # fmt: skip
"""Routes of a room that more people may use than the room's right says."""


@pytest.fixture(scope="module")
def app(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Office]:
    folder = tmp_path_factory.mktemp("routes")
    made = create_app(Settings(secret="of this test alone", database_url=f"sqlite:///{folder / 'office.db'}"))
    yield made
    made.database.close()


def test_every_route_has_a_rule(app: Office) -> None:
    found = {route.endpoint: guard.rule_of(app, route.endpoint) for route in app.url_map.iter_rules()}
    assert len(found) > len(PUBLIC)
    assert {endpoint for endpoint, rule in found.items() if not rule.signed_in} == PUBLIC


def test_a_route_without_a_rule_keeps_the_web_from_starting(app: Office) -> None:
    other = Office("other", static_folder=None)
    other.add_url_rule("/nobody-thought-of-it", "forgotten", lambda: "")
    with pytest.raises(guard.Unguarded):
        guard.rules(other)


def test_every_room_is_open_for_business(app: Office) -> None:
    rooms = {route.endpoint.partition(".")[0] for route in app.url_map.iter_rules()}
    assert rooms == {one.partition(".")[0] for one in ROOMS}


@pytest.mark.parametrize(("room", "right"), ROOM_OF_RIGHT.items())
def test_a_room_demands_its_right(app: Office, room: str, right: Right) -> None:
    found = {one.endpoint: guard.rule_of(app, one.endpoint) for one in app.url_map.iter_rules()}
    inside = {endpoint: rule for endpoint, rule in found.items() if endpoint.startswith(room + ".")}
    assert inside
    assert {endpoint for endpoint, rule in inside.items() if right not in rule.rights} == OPEN_IN_THEIR_ROOM & set(
        inside
    )


def test_what_changes_something_is_never_asked_for_with_get(app: Office) -> None:
    for route in app.url_map.iter_rules():
        methods = set(route.methods or ()) - {"HEAD", "OPTIONS"}
        assert methods in ({"GET"}, {"POST"}), f"{route.rule} takes {methods}"


def test_the_list_of_routes(app: Office) -> None:
    """Shown with `pytest -rP`: who may do what, as the guard sees it."""
    for route in sorted(app.url_map.iter_rules(), key=lambda one: one.rule):
        methods = " ".join(sorted(set(route.methods or ()) - {"HEAD", "OPTIONS"}))
        print(f"{methods:5} {route.rule:60} {guard.rule_of(app, route.endpoint)}")


def test_the_sources_are_where_the_routes_are(app: Office) -> None:
    """A route that a library adds by itself would have no rule of ours."""
    home = Path(create_app.__code__.co_filename).parent
    for endpoint, view in app.view_functions.items():
        inner = view
        while hasattr(inner, "__wrapped__"):
            inner = inner.__wrapped__
        assert Path(inner.__code__.co_filename).is_relative_to(home), endpoint
