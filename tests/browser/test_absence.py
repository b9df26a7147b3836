"""Somebody goes on leave, their deputy does what is due in their name, and the rest comes back: in a browser."""

from __future__ import annotations

import re
from collections.abc import Callable
from datetime import timedelta

import pytest
from playwright.sync_api import expect

from engine.cases import acts
from engine.organisation.reads import today
from tests.browser.conftest import House, Watched
from tests.diagram_text import END, START, process, step, way
from tests.worlds import begun, in_force

pytestmark = pytest.mark.browser

DRAWN = process(START + step("look", "Look into it") + END + way("start", "look", "end"))


def test_planned_deputised_done_on_behalf_and_come_back(enter: Callable[..., Watched], house: House) -> None:
    with house.database.writing() as db:
        procedure_id = in_force(db, house.office, DRAWN, owners={"process:procedure": "clerk"}, prefix="AB")
        started = [begun(db, house.office, procedure_id, matter=matter) for matter in ("The quay", "The ferry")]
        for one in started:
            acts.claim(db, by=house.office.actor(db, "li"), case_id=one.case_id, number=1)
        day = today(db)
    quay, ferry = (one.case_id for one in started)
    leaves = enter("li").page
    leaves.goto("/absence")
    leaves.get_by_label("Until (last day, included)").fill((day + timedelta(days=3)).isoformat())
    leaves.get_by_label("Deputy", exact=True).select_option(label="Wang Lei, Reviewer")
    leaves.get_by_role("radio", name="goes back").check()
    leaves.get_by_role("button", name="Plan the absence").click()
    expect(leaves.get_by_text("Wang Lei stands in")).to_be_visible()

    deputy = enter("wang").page
    deputy.get_by_role("link", name=re.compile("^Deputised")).click()
    expect(deputy.locator("[data-keys] .o-t")).to_have_count(2)
    for case_id in (quay, ferry):
        deputy.goto(f"/tasks/{case_id}/1")
        expect(deputy.get_by_text("You do this on behalf of Li Ming.")).to_be_visible()
    deputy.get_by_role("button", name="Claim", exact=True).first.click()
    deputy.goto(f"/tasks/{quay}/1")
    deputy.get_by_role("button", name="Complete", exact=True).click()
    deputy.goto(f"/cases/{quay}")
    expect(deputy.get_by_text("Wang Lei on behalf of Li Ming").locator("visible=true").first).to_be_visible()

    leaves.reload()
    leaves.locator("summary", has_text="End it now").click()
    leaves.get_by_role("button", name="End it now", exact=True).last.click()
    expect(leaves.get_by_text("1 task went back.")).to_be_visible()
    leaves.goto("/?which=mine")
    expect(leaves.get_by_text("The ferry")).to_be_visible()
    deputy.goto(f"/tasks/{ferry}/1")
    expect(deputy.get_by_text("You do this on behalf of")).to_have_count(0)
