"""A Chromium of this machine, and a way to serve a web to it. Tests here skip, saying so, where there is none."""

from __future__ import annotations

import os
import re
import shutil
import threading
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Browser, Page, sync_playwright
from werkzeug.serving import make_server

from engine.base.database import Database
from tests.builders import SmallOffice, small_office
from tests.web.conftest import EVERYBODY, PASSWORD, SETTINGS
from web import create_app
from web.unit import Office

_AXE = Axe().axe_script
# Of what is in order nothing is told: to describe and carry over each such element takes longer than to check it.
_ASKED = {
    "runOnly": ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"],
    "resultTypes": ["violations"],
}


def barriers(page: Page) -> list[dict[str, Any]]:
    """What axe finds on the page."""
    if not page.evaluate("Boolean(window.axe)"):
        page.evaluate(_AXE)
    found: list[dict[str, Any]] = page.evaluate(
        "asked => axe.run(document, asked).then(found => found.violations)", _ASKED
    )
    return found


_CALM = ["--no-sandbox", "--disable-gpu", "--disable-background-networking", "--no-first-run"]


def _chromium() -> str | None:
    names = ("chromium", "google-chrome", "chromium-browser", "msedge")
    return os.environ.get("CHROMIUM") or next(filter(None, map(shutil.which, names)), None)


@pytest.fixture(scope="session")
def browser() -> Iterator[Browser]:
    path = _chromium()
    if path is None:
        pytest.skip("no Chromium: set CHROMIUM to one, or install chromium")
    with sync_playwright() as playwright:
        found = playwright.chromium.launch(executable_path=path, args=_CALM)
        yield found
        found.close()


@pytest.fixture(scope="session")
def served() -> Iterator[Callable[[Office], str]]:
    """Serves a web until the run ends; its address."""
    servers: list[Any] = []

    def serve(app: Office) -> str:
        server = make_server("127.0.0.1", 0, app, threaded=True)
        thread = threading.Thread(target=server.serve_forever, daemon=True)
        thread.start()
        servers.append((server, thread))
        return f"http://127.0.0.1:{server.port}"

    yield serve
    for server, thread in servers:
        server.shutdown()
        thread.join(timeout=10)
        server.server_close()


class Watched:
    """A page with what must not happen on it: faults of scripts, things the policy barred, requests to elsewhere."""

    def __init__(self, page: Page, home: str) -> None:
        self.page = page
        self.home = home
        self.faults: list[str] = []
        page.on("pageerror", lambda error: self.faults.append(str(error)))
        page.on("console", self._heard)
        page.on("request", self._asked)

    def _heard(self, message: Any) -> None:
        # Chromium reports every answer over 399 as an error; pages about problems are meant to be such answers.
        if message.type in ("error", "warning") and "the server responded with a status of" not in message.text:
            self.faults.append(message.text)

    def _asked(self, request: Any) -> None:
        if not request.url.startswith((self.home, "data:", "blob:")):
            self.faults.append(f"asked {request.url}")


@pytest.fixture
def open_page(browser: Browser) -> Iterator[Callable[..., Watched]]:
    """Opens a page of its own; `home` is the address of the web, more goes to the browser's context."""
    contexts = []
    pages: list[Watched] = []

    def open_(home: str, **more: Any) -> Watched:
        context = browser.new_context(base_url=home, **{"locale": "en-GB", **more})
        contexts.append(context)
        pages.append(Watched(context.new_page(), home))
        return pages[-1]

    yield open_
    for context in contexts:
        context.close()
    assert [fault for watched in pages for fault in watched.faults] == []


def sign_in(page: Page, login: str) -> None:
    """Without its page, which has tests of its own: to draw it takes longer than to be let in."""
    asked = page.context.request
    token = re.search(r'name="csrf-token" content="([^"]+)"', asked.get("/sign-in").text())
    assert token is not None
    said = {"csrf_token": token[1], "login": login, "password": PASSWORD}
    assert asked.post("/sign-in", form=said, max_redirects=0).status == 303


@dataclass(frozen=True, slots=True)
class House:
    """The whole web of a small office in which everybody can sign in, at its address."""

    database: Database
    office: SmallOffice
    home: str
    app: Office


@pytest.fixture(scope="module")
def house(
    served: Callable[[Office], str], tmp_path_factory: pytest.TempPathFactory, empty_sqlite: Path
) -> Iterator[House]:
    database = Database(f"sqlite:///{shutil.copy(empty_sqlite, tmp_path_factory.mktemp('house') / 'office.db')}")
    with database.writing() as db:
        office = small_office(db, passwords=dict.fromkeys(EVERYBODY, PASSWORD))
    app = create_app(SETTINGS, database=database)
    yield House(database, office, served(app), app)
    database.close()


@pytest.fixture
def enter(open_page: Callable[..., Watched], house: House) -> Callable[..., Watched]:
    """Signs in as `login`, in a browser of their own; more goes to the browser's context."""

    def enter_(login: str, **more: Any) -> Watched:
        watched = open_page(house.home, **more)
        sign_in(watched.page, login)
        watched.page.goto("/")
        return watched

    return enter_
