"""A Chromium of this machine, and a way to serve a web to it. Tests here skip, saying so, where there is none."""

from __future__ import annotations

import os
import re
import shutil
import threading
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Browser, BrowserContext, Page, expect, sync_playwright
from werkzeug.serving import make_server

from engine.base.database import Database
from tests.builders import SmallOffice, small_office
from tests.thorough import THOROUGH
from tests.web.conftest import EVERYBODY, PASSWORD, SETTINGS
from web import create_app
from web.unit import Office

if TYPE_CHECKING:
    from _typeshed.wsgi import StartResponse, WSGIEnvironment

_AXE = Axe().axe_script
# Of what is in order nothing is told: to describe and carry over each such element takes longer than to check it.
_ASKED = {
    "runOnly": ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"],
    "resultTypes": ["violations"],
}


# Whether a text can be told from its ground takes two thirds of the time, and rows of a table have the same answer each.
# What lies on its own layer, whose ground is not what it stands in, is asked always.
_ONCE = """() => {
    const rule = axe._audit.getRule("color-contrast"), asked = rule.matches, grounds = new WeakMap(), seen = new Set();
    const ground = one => {
        if (!one) return "";
        if (!grounds.has(one)) {
            const as = getComputedStyle(one), layer = ["absolute", "fixed", "sticky"].includes(as.position);
            const behind = ground(one.parentElement);
            grounds.set(one, layer || behind === null ? null : [
                as.backgroundColor, as.backgroundImage, as.opacity, as.filter, as.mixBlendMode, as.textShadow, behind,
            ].join("|"));
        }
        return grounds.get(one);
    };
    rule.matches = function (one, ...more) {
        if (!asked.call(this, one, ...more)) return false;
        const as = getComputedStyle(one), on = ground(one);
        const kind = [as.color, as.fontSize, as.fontWeight, as.webkitTextStroke, on].join("|");
        if (on !== null && seen.has(kind)) return false;
        seen.add(kind);
        return true;
    };
    return () => { rule.matches = asked; };
}"""
_RUN = f"""async asked => {{
    const back = asked.once ? ({_ONCE})() : () => {{}};
    try {{ return (await axe.run(document, asked.asked)).violations; }} finally {{ back(); }}
}}"""


def barriers(page: Page) -> list[dict[str, Any]]:
    """What axe finds on the page; texts that look alike on grounds that look alike are told once, and by `make thorough` each."""
    if not page.evaluate("Boolean(window.axe)"):
        page.evaluate(_AXE)
    found: list[dict[str, Any]] = page.evaluate(_RUN, {"asked": _ASKED, "once": not THOROUGH})
    return found


_CALM = ["--no-sandbox", "--disable-gpu", "--disable-background-networking", "--no-first-run"]
# As few processes as can be: nothing here needs to be kept apart from anything, and each takes long to begin.
_CALM += ["--renderer-process-limit=1", "--disable-site-isolation-trials", "--in-process-gpu"]


_PATIENCE = 20_000  # milliseconds: a test tells whether something comes, not how quick a machine is that does much else


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
        expect.set_options(timeout=_PATIENCE)
        yield found
        found.close()


@pytest.fixture(scope="session")
def served() -> Iterator[Callable[[Office], str]]:
    """Serves a web in place of the one before; its address, always the same: what a browser keeps of it stays of use."""
    now: list[Office] = []

    def front(environ: WSGIEnvironment, start_response: StartResponse) -> Iterable[bytes]:
        return now[-1](environ, start_response)

    server = make_server("127.0.0.1", 0, front, threaded=True)
    thread = threading.Thread(target=server.serve_forever, daemon=True)
    thread.start()

    def serve(app: Office) -> str:
        now[:] = [app]
        return f"http://127.0.0.1:{server.port}"

    yield serve
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


class Contexts:
    """Of the browser, lent and, emptied, lent again: a new one is a new process, to which all it loads is new."""

    def __init__(self, browser: Browser) -> None:
        self.browser = browser
        self.free: dict[str, list[BrowserContext]] = {}
        self.lent: list[tuple[str, str, BrowserContext]] = []

    def lend(self, home: str, **more: Any) -> BrowserContext:
        """With one page, on which nothing is."""
        kind = f"{home} {sorted(more.items())}"
        waiting = self.free.get(kind)
        if waiting:
            context = waiting.pop()
        else:
            context = self.browser.new_context(base_url=home, **more)
            context.new_page()
        self.lent.append((home, kind, context))
        return context

    def take_back(self) -> None:
        for home, kind, context in self.lent:
            context.set_offline(False)
            page = context.new_page()  # before the others are gone, whose process it shares
            for other in context.pages[:-1]:
                other.close()
            context.clear_cookies()
            session = context.new_cdp_session(page)
            session.send("Storage.clearDataForOrigin", {"origin": home, "storageTypes": "all"})
            session.detach()
            self.free.setdefault(kind, []).append(context)
        self.lent.clear()


@pytest.fixture(scope="session")
def contexts(browser: Browser) -> Contexts:
    return Contexts(browser)


@pytest.fixture
def open_context(contexts: Contexts) -> Iterator[Callable[..., BrowserContext]]:
    """Opens a browser of its own, with a page; `home` is the address of the web, more is said of the browser."""

    def open_(home: str, **more: Any) -> BrowserContext:
        return contexts.lend(home, **{"locale": "en-GB", **more})

    yield open_
    contexts.take_back()


@pytest.fixture
def open_page(contexts: Contexts, open_context: Callable[..., BrowserContext]) -> Iterator[Callable[..., Watched]]:
    """Opens a page in a browser of its own, and watches it until it is left."""
    pages: list[Watched] = []

    def open_(home: str, **more: Any) -> Watched:
        pages.append(Watched(open_context(home, **more).pages[0], home))
        return pages[-1]

    yield open_
    contexts.take_back()
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
