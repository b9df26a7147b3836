"""A web over a small office in which two people can sign in: a designer (he) and a counter clerk (li)."""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import pytest
from flask import Blueprint
from flask.testing import FlaskClient
from werkzeug.test import TestResponse

from engine.base.database import Database
from tests.builders import SmallOffice, small_office
from tests.conftest import Clock
from web import create_app
from web.settings import Settings
from web.unit import Office

PASSWORD = "a calm long sentence"
EVERYBODY = ("li", "chen", "wang", "zhao", "sun", "zhou", "he", "guo")
SETTINGS = Settings(secret="for tests only", sign_ins="1000 per minute")


@dataclass
class Visitor:
    """A browser without a screen: it fills in form tokens and follows nothing by itself."""

    client: FlaskClient

    def get(self, path: str, **more: Any) -> TestResponse:
        return self.client.get(path, **more)

    def token(self) -> str:
        page = self.client.get("/sign-in", follow_redirects=True).text
        found = re.search(r'name="csrf-token" content="([^"]+)"', page)
        assert found is not None
        return found[1]

    def post(self, path: str, data: dict[str, Any] | None = None, **more: Any) -> TestResponse:
        return self.client.post(path, data={"csrf_token": self.token(), **(data or {})}, **more)

    def sign_in(self, login: str, password: str = PASSWORD, **more: str) -> TestResponse:
        return self.post("/sign-in", {"login": login, "password": password, **more})


@pytest.fixture
def small(database: Database, clock: Clock) -> SmallOffice:
    with database.writing() as db:
        return small_office(db, passwords={"he": PASSWORD, "li": PASSWORD})


Opened = Callable[..., Visitor]


@pytest.fixture
def opened(database: Database, small: SmallOffice) -> Opened:
    """Opens the web with rooms of the test's own beside the entrance; `settings` change what an installation chooses."""

    def open_(*rooms: Blueprint, settings: Settings = SETTINGS) -> Visitor:
        return Visitor(app_with(database, *rooms, settings=settings).test_client())

    return open_


def app_with(database: Database, *rooms: Blueprint, settings: Settings = SETTINGS) -> Office:
    app = create_app(settings, database=database, rooms=("entrance",))
    for room in rooms:
        app.register_blueprint(room)
    return app


@pytest.fixture
def visitor(opened: Opened) -> Visitor:
    return opened()


@dataclass
class Rooms:
    """The whole web over an office in which everybody can sign in."""

    database: Database
    office: SmallOffice
    app: Office

    def visitor(self, login: str | None = None, **more: str) -> Visitor:
        """Signed in as `login`; nobody signed in without one."""
        visitor = Visitor(self.app.test_client())
        if login is not None:
            assert visitor.sign_in(login, **more).status_code == 303
        return visitor


@pytest.fixture
def rooms(database: Database, clock: Clock) -> Rooms:
    with database.writing() as db:
        office = small_office(db, passwords={login: PASSWORD for login in EVERYBODY})
    return Rooms(database, office, create_app(SETTINGS, database=database))
