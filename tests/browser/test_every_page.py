"""Every page that a link leads to, whoever follows it: for those who do not see it, and in a window of 320 pixels."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from html import unescape
from itertools import product
from urllib.parse import urlsplit

import pytest
from flask import Flask
from playwright.sync_api import Page
from werkzeug.exceptions import HTTPException

from engine.cases import acts
from engine.procedures import acts as procedures
from tests.browser.conftest import House, Watched, barriers
from tests.diagram_text import TWO_DEPARTMENTS_BESIDE, TWO_DEPARTMENTS_DRAWN
from tests.thorough import THOROUGH, looks
from tests.web.conftest import EVERYBODY, SETTINGS, Visitor
from tests.worlds import TWO_LANES, begun, in_force
from web import create_app

pytestmark = pytest.mark.browser

Enter = Callable[..., Watched]
WHO = looks(list(product(EVERYBODY, ("en", "zh"))), ("li", "zh"))
"""Who looks, and in which language: `make pages` lets everybody look in both, which takes some minutes."""
MOST_OF_A_KIND = 2 if THOROUGH else 1
"""Two pages of one address may show different things, which `make pages` looks at; a third says little new."""


@pytest.fixture(scope="module")
def web(house: House) -> Flask:
    """Work in several states, and everything that hangs on it."""
    office = house.office
    with house.database.writing() as db:
        permit = in_force(db, office, TWO_DEPARTMENTS_DRAWN, beside=TWO_DEPARTMENTS_BESIDE, owners=TWO_LANES)
        li, wang, he = (office.actor(db, login) for login in ("li", "wang", "he"))
        procedures.deposit(
            db, by=he, procedure_id=permit, file="next.bpmn", source=TWO_DEPARTMENTS_DRAWN, attachments=TWO_DEPARTMENTS_BESIDE
        )  # fmt: skip
        begun(db, office, permit, matter="A garage")
        case = begun(db, office, permit).case_id
        sent = {"plot": ["C-1"], "area": ["2"]}
        acts.complete_task(
            db, by=li, case_id=case, number=1, submitted=sent, chosen={"complete": ["complete_to_split"]}
        )
        acts.claim(db, by=wang, case_id=case, number=2)
    return create_app(SETTINGS, database=house.database)


def _endpoint(web: Flask, path: str) -> str | None:
    try:
        found: str = web.url_map.bind("localhost").match(urlsplit(path).path, method="GET")[0]
    except HTTPException:
        return None
    return found


def _links(text: str) -> Iterator[str]:
    for href in re.findall(r'<a\b[^>]*?\shref="([^"#]*)[^"]*"', text):
        parts = urlsplit(unescape(href))
        if parts.path.startswith("/") and not parts.netloc:
            yield unescape(href)


def _walked(web: Flask, login: str) -> list[str]:
    """The pages that links lead to from the desk on, at most two of each kind."""
    visitor = Visitor(web.test_client())
    assert visitor.sign_in(login).status_code == 303
    waiting, seen, pages, of_kind = ["/"], {"/"}, list[str](), dict[str, int]()
    while waiting:
        path = waiting.pop(0)
        endpoint = _endpoint(web, path)
        if endpoint is None or of_kind.get(endpoint, 0) >= MOST_OF_A_KIND:
            continue
        answer = visitor.get(path)
        of_kind[endpoint] = of_kind.get(endpoint, 0) + 1
        if answer.status_code != 200 or answer.mimetype != "text/html" or "<html" not in answer.text:
            continue
        pages.append(path)
        for link in _links(answer.text):
            if link not in seen:
                seen.add(link)
                waiting.append(link)
    return pages


def _look(page: Page, path: str) -> None:
    page.goto(path)
    if page.locator(".o-diagram [data-canvas]").count():
        page.wait_for_selector(".o-diagram [data-canvas][data-state]", state="attached")
    elif page.locator("[data-canvas]").count():
        page.wait_for_selector("[data-canvas] .djs-container", state="attached")


def _speak(page: Page, language: str) -> None:
    button = page.locator(f'button[name=language][value="{language}"]')
    if button.count():
        button.click()
        page.wait_for_selector(f'html[lang^="{language}"]')


@pytest.mark.parametrize(("login", "language"), WHO)
def test_every_page_is_for_everybody(enter: Enter, web: Flask, login: str, language: str) -> None:
    """Axe finds nothing and nothing runs out of the window; every detail is opened, as what is folded is there too."""
    page = enter(login).page
    _speak(page, language)
    faults: list[tuple[str, object]] = []
    for path in _walked(web, login):
        page.set_viewport_size({"width": 1366, "height": 850})
        _look(page, path)
        page.evaluate(
            "for (const one of document.querySelectorAll('details.o-more, details.o-confirm, details.o-ask-more')) one.open = true"
        )
        found = barriers(page)
        faults += [(path, (one["id"], one["nodes"][0]["html"][:300])) for one in found]
        page.set_viewport_size({"width": 320, "height": 800})
        width = page.evaluate("document.documentElement.scrollWidth")
        if width > 320:
            faults.append((path, f"{width} pixels wide"))
    assert faults == []
