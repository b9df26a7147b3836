"""A year's notice is taken in, a clock is stopped and goes on, a card is given, answered and lifted: in a browser."""

from __future__ import annotations

from collections.abc import Callable
from contextvars import ContextVar
from datetime import UTC, datetime

import pytest
from playwright.sync_api import expect

from engine.base import clock
from engine.cases import acts
from engine.organisation.calendars import acts as calendars
from tests.browser.conftest import House, Watched
from tests.diagram_text import END, START, lanes, process, step, way
from tests.engine.supervision.cards.scene import look, staffed
from tests.web.conftest import PASSWORD
from tests.worlds import begun, in_force
from web.working.rounds import tick

pytestmark = pytest.mark.browser

DRAWN = process(
    lanes(counter=("start", "ask", "end"), bureau=())
    + START + step("ask", attributes='officium:standardTime="P5D" officium:workingTime="true"') + END
    + way("start", "ask", "end")
).replace(b"<process ", b'<process officium:promised="P60D" officium:promiseFrom="start" officium:workingTime="true" ')  # fmt: skip


class Day:
    """Everybody in this process has this moment, whichever thread they are: ten in the morning at Shanghai."""

    def __init__(self, month: int, day: int) -> None:
        self.set(month, day)

    def set(self, month: int, day: int) -> None:
        self.now = datetime(2026, month, day, 2, tzinfo=UTC)


@pytest.fixture
def day(monkeypatch: pytest.MonkeyPatch) -> Day:
    found = Day(11, 2)  # a Monday
    monkeypatch.setattr(clock, "_source", ContextVar("clock", default=lambda: found.now))
    return found


def test_a_due_date_becomes_definite_stands_and_moves_and_a_card_is_answered_and_lifted(
    enter: Callable[..., Watched], house: House, day: Day
) -> None:
    with house.database.writing() as db:
        staffed(db, house.office, PASSWORD)
        guo = house.office.actor(db, "guo")
        calendars.choose_country(db, by=guo, country="CN")
        calendars.take_in_year(db, by=guo, year=2026)
        case_id = begun(db, house.office, in_force(db, house.office, DRAWN, prefix="CK"), matter="The quay").case_id
        acts.claim(db, by=house.office.actor(db, "li"), case_id=case_id, number=1)
    li = enter("li").page
    li.goto(f"/cases/{case_id}")
    period = li.locator(".o-period").first
    expect(period).to_contain_text("provisional")
    expect(period.locator(".o-period-due")).to_contain_text("25 Jan 2027")

    guo_page = enter("guo").page
    guo_page.goto("/calendars/take-in?year=2027")
    guo_page.get_by_label("Title of the notice").fill("Holidays of 2027")
    guo_page.get_by_label("Its text, or a list of days").fill("2027-01-01 至 2027-01-03 放假 元旦")
    guo_page.get_by_role("button", name="Look at it").click()
    guo_page.get_by_role("button", name="Take in these days").click()
    expect(guo_page.get_by_text("The holidays of 2027 are taken in.")).to_be_visible()
    tick(house.database)
    li.reload()
    expect(period).not_to_contain_text("provisional")
    expect(period.locator(".o-period-due")).to_contain_text("26 Jan 2027")  # New Year's Day was counted before

    day.set(11, 10)  # the step was due on the ninth
    look(house.database)
    li = enter("li").page  # nobody stays signed in for a week
    li.goto("/cards/")
    li.get_by_role("link", name="Step late though the case is not").click()
    li.get_by_label("What happened, and what is done about it").fill("The plans came late; done today.")
    li.get_by_role("button", name="Answer").click()
    expect(li.get_by_text("The plans came late; done today.")).to_be_visible()
    qin = enter("qin").page
    qin.goto(li.url)
    qin.locator("summary", has_text="Lift the card").click()
    qin.get_by_label("Why it is lifted").fill("It was not theirs.")
    qin.get_by_role("button", name="Lift it").click()
    expect(qin.get_by_text("It was not theirs.")).to_be_visible()

    li.goto(f"/cases/{case_id}")
    stops = li.locator("details.o-move", has_text="Stop the clock")
    stops.locator("summary").click()
    stops.get_by_label("On which ground").select_option("inspection")
    stops.get_by_label("What exactly is waited for").fill("The site is looked at.")
    stops.get_by_role("button", name="Stop the clock").click()
    period = li.locator(".o-period").first
    expect(period).to_contain_text("clock stands")
    day.set(11, 24)  # eleven working days on which it stood: it is a day of standing when it stood for a part of it
    li = enter("li").page
    li.goto(f"/cases/{case_id}")
    period = li.locator(".o-period").first
    goes_on = li.locator("details.o-move", has_text="Let the clock go on")
    goes_on.locator("summary").click()
    goes_on.get_by_role("button", name="Let the clock go on").click()
    expect(period.locator(".o-period-due")).to_contain_text("10 Feb 2027")
    period.locator("summary", has_text="Why").click()
    expect(period).to_contain_text("inspection")
