"""A working day without a mouse: twenty tasks of several procedures, with choices, faults and pages of the list."""

from __future__ import annotations

import json
import re
from collections.abc import Callable

import pytest
from playwright.sync_api import Page, expect
from sqlalchemy import func, select

from engine.cases.rules import Change
from engine.cases.tables import task_events
from tests.browser.conftest import House, Watched
from tests.diagram_text import END, START, flow, process, step, way
from tests.web.conftest import PASSWORD
from tests.worlds import begun, in_force

pytestmark = pytest.mark.browser

Open = Callable[..., Watched]
TASKS = 20
OWNED = {"process:procedure": "clerk"}

PLAIN = process(START + step("file", "File the letter") + END + way("start", "file", "end"))
CHOICE = process(
    START + step("sort", "Sort the application", 'officium:form="sort.form.json"')
    + '<exclusiveGateway id="where" name="Where does it go?"/>' + step("keep", "Keep it") + step("pass", "Pass it on") + END
    + way("start", "sort", "where") + flow("where", "keep", name="stays here") + flow("where", "pass", name="goes on")
    + way("keep", "end") + way("pass", "end")
)  # fmt: skip
SORT_FORM = b'{"components":[{"type":"textfield","key":"plot","label":"Plot","validate":{"required":true}},{"type":"number","key":"area","label":"Area","validate":{"min":1}}]}'
SEVERAL = process(
    START + step("ask", "Say who is asked") + '<inclusiveGateway id="who" name="Who is asked?"/>' + step("one", "Ask the first")
    + step("two", "Ask the second") + '<inclusiveGateway id="all"/>' + END + way("start", "ask", "who")
    + flow("who", "one", name="the first") + flow("who", "two", name="the second") + way("one", "all") + way("two", "all", "end")
)  # fmt: skip
LONG = process(
    START + step("count", "Count the stock", 'officium:form="long.form.json"') + END + way("start", "count", "end")
)
LONG_FORM = json.dumps(
    {
        "components": [
            {"type": "textfield", "key": f"shelf{number}", "label": f"Shelf {number} 第{number}架", "validate": {"required": number in (1, 59)}}
            if number % 3
            else {"type": "select", "key": f"shelf{number}", "label": f"Shelf {number}", "values": [{"label": "full", "value": "full"}, {"label": "empty", "value": "empty"}]}
            for number in range(1, 61)
        ]
    }
).encode()  # fmt: skip


@pytest.fixture(scope="module")
def world(house: House) -> House:
    """More work than one page of the list shows."""
    with house.database.writing() as db:
        of = {
            prefix: in_force(db, house.office, source, beside=beside, owners=OWNED, prefix=prefix)
            for prefix, source, beside in (
                ("PL", PLAIN, {}), ("CH", CHOICE, {"sort.form.json": SORT_FORM}), ("SE", SEVERAL, {}), ("LO", LONG, {"long.form.json": LONG_FORM}),
            )
        }  # fmt: skip
        for number in range(30):
            begun(db, house.office, of[("PL", "CH", "PL", "SE", "CH", "LO")[number % 6]], matter=f"Matter {number}")
    return house


class Hands:
    """On the keys alone. Whatever touches the page with a pointer is counted."""

    def __init__(self, page: Page) -> None:
        self.page = page
        page.add_init_script("addEventListener('pointerdown', () => sessionStorage.setItem('touched', 'yes'), true)")

    def press(self, *keys: str) -> None:
        for key in keys:
            self.page.keyboard.press(key)

    def go(self, *keys: str) -> None:
        """The last of the keys leads to another page."""
        with self.page.expect_navigation():
            self.press(*keys)

    def type(self, text: str) -> None:
        self.page.keyboard.type(text)

    def tab_to(self, selector: str, most: int = 40) -> None:
        for _ in range(most):
            if self.page.evaluate("wanted => document.activeElement.matches(wanted)", selector):
                return
            self.press("Tab")
        raise AssertionError(f"{selector} is not reached by Tab")

    @property
    def on(self) -> str:
        """What has the focus, in words."""
        found: str = self.page.evaluate(
            "(document.activeElement.getAttribute('aria-label') ?? document.activeElement.textContent ?? '').trim()"
        )
        return found

    @property
    def seen(self) -> bool:
        """Whether the focus is somewhere in the window, and not under something else."""
        found: bool = self.page.evaluate(
            """(() => {
                const on = document.activeElement, box = on.getBoundingClientRect();
                if (on === document.body || !box.width) return false;
                const x = Math.min(Math.max(box.x + box.width / 2, 1), innerWidth - 1);
                const top = document.elementFromPoint(x, box.y + Math.min(box.height / 2, 12));
                return Boolean(top) && (on.contains(top) || top.contains(on) || Boolean(top.closest('label')?.contains(on) || on.id && top.closest('label')?.htmlFor === on.id));
            })()"""
        )
        return found


def _plain(hands: Hands) -> None:
    hands.go("c", "Enter")


def _choice(hands: Hands) -> None:
    """Sent empty first: the summary takes the focus, its link leads to the field."""
    hands.press("c")
    assert hands.on == "stays here"
    hands.go("Tab", "Enter")
    assert hands.page.evaluate("document.activeElement.hasAttribute('data-errors')")
    hands.press("Tab", "Enter")
    assert hands.page.evaluate("document.activeElement.name") == "plot"
    assert hands.seen
    hands.type("C-123")
    hands.press("Tab")
    hands.type("none")
    hands.press("Escape", "c", "Tab")
    assert hands.on == "goes on"
    hands.go("Enter")
    hands.press("Tab", "Enter")
    assert hands.page.evaluate("document.activeElement.name") == "area"
    hands.press("Control+a")
    hands.type("12")
    hands.press("Escape", "c")
    hands.go("Enter")


def _several(hands: Hands) -> None:
    hands.press("e")
    assert hands.page.evaluate("document.activeElement.type") == "checkbox"
    hands.press("Space", "Tab", "Space")
    hands.go("Control+Enter")


def _long(hands: Hands) -> None:
    """Sixty fields: what is wrong with the first and the last is reached from the summary."""
    hands.press("e")
    hands.type("twelve")
    hands.go("Control+Enter")
    assert hands.page.evaluate("document.querySelectorAll('[data-errors] li').length") == 1
    hands.press("Tab", "Enter")
    assert hands.page.evaluate("document.activeElement.name") == "shelf59"
    assert hands.seen, "it is not under the foot that stays"
    hands.type("two")
    hands.go("Control+Enter")


WAYS: dict[str, Callable[[Hands], None]] = {
    "File the letter": _plain, "Sort the application": _choice, "Say who is asked": _several, "Count the stock": _long,
    "Keep it": _plain, "Pass it on": _plain, "Ask the first": _plain, "Ask the second": _plain,
}  # fmt: skip


def _done(world: House) -> int:
    with world.database.reading() as db:
        return db.scalar(select(func.count()).where(task_events.c.change == Change.COMPLETED)) or 0


def test_twenty_mixed_tasks_are_cleared_on_the_keys_alone(open_page: Open, world: House) -> None:
    page = open_page(world.home, viewport={"width": 1366, "height": 768}).page
    hands = Hands(page)
    page.goto("/sign-in")
    hands.tab_to("#login")
    hands.type("li")
    hands.press("Tab")
    hands.type(PASSWORD)
    hands.go("Enter")
    met: dict[str, int] = {}
    for number in range(TASKS):
        if page.evaluate("location.pathname") == "/":
            if number == 6:  # from the second page of the list
                hands.tab_to("a[rel=next]", 200)
                hands.go("Enter")
            if not page.evaluate("document.activeElement.matches('[data-keys] .o-t')"):
                hands.press("j")
            assert hands.seen
            hands.go("Enter")
        name = page.locator("h1").inner_text()
        met[name] = met.get(name, 0) + 1
        WAYS[name](hands)
        expect(page.locator("#o-notes")).to_contain_text("Completed.")
        assert page.evaluate("document.activeElement !== document.body"), f"after {name} the focus is nowhere"
        assert hands.seen, name
    assert _done(world) == TASKS
    assert {"File the letter", "Sort the application", "Say who is asked", "Count the stock"} <= met.keys(), met
    assert page.evaluate("sessionStorage.getItem('touched')") is None


def test_the_list_is_walked_from_task_to_task(open_page: Open, world: House) -> None:
    page = open_page(world.home).page
    hands = Hands(page)
    _sign_in(page, "chen")
    hands.press("j")
    hands.go("Enter")
    first = page.url
    hands.go("j")
    assert page.url != first
    expect(page.locator("[data-onward-at]")).to_have_text(re.compile(r"^2 / \d+$"))
    hands.go("k")
    assert page.url == first
    hands.go("b")
    assert page.evaluate("location.pathname") == "/"
    hands.press("j")
    hands.go("t")
    expect(page.locator("#form")).to_contain_text("claimed by you")


def test_keys_that_are_off_are_off_on_every_machine(open_page: Open, world: House) -> None:
    page = open_page(world.home).page
    _sign_in(page, "chen")
    page.evaluate("document.activeElement.blur()")
    page.keyboard.press("?")
    box = page.locator("[data-keys-switch]")
    box.focus()
    with page.expect_response("**/keys"):
        page.keyboard.press("Space")
    other = open_page(world.home).page
    _sign_in(other, "chen")
    other.keyboard.press("j")
    assert not other.evaluate("document.activeElement.matches('.o-t')")
    other.locator(".o-menu summary").first.click()
    other.get_by_role("button", name="Keys").click()
    with other.expect_response("**/keys"):
        other.locator("[data-keys-switch]").check()
    other.keyboard.press("Escape")
    other.evaluate("document.activeElement.blur()")
    other.keyboard.press("j")
    assert other.evaluate("document.activeElement.matches('.o-t')")


def test_letters_typed_into_a_field_do_nothing_else(open_page: Open, world: House) -> None:
    page = open_page(world.home).page
    _sign_in(page, "chen")
    page.get_by_role("link", name="Sort the application").first.click()
    page.get_by_label("Plot").focus()
    page.keyboard.type("jkntbecms?/")
    assert page.get_by_label("Plot").input_value() == "jkntbecms?/"
    page.keyboard.press("Control+Enter")
    assert page.evaluate("document.activeElement.textContent") == "stays here", "nobody's way is chosen for them"


def _sign_in(page: Page, login: str) -> None:
    page.goto("/sign-in")
    page.fill("#login", login)
    page.fill("#password", PASSWORD)
    page.keyboard.press("Enter")
    page.wait_for_url("**/")
