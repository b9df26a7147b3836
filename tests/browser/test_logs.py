"""A supervisor takes in a table from elsewhere, sees what follows what in it, lays it beside an edition, and takes it away."""

from __future__ import annotations

import csv
import io
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import pytest
from playwright.sync_api import expect

from engine.papers.store import Folder
from engine.procedures.reads import in_force as edition_in_force
from engine.supervision.mining import importing
from tests.browser.conftest import House, Watched
from tests.engine.diagram.builders import end, line, source, start, user
from tests.worlds import in_force

pytestmark = pytest.mark.browser
ROWS = "".join(
    f"甲{number};{step};{day}.03.2026 09:{number:02}\n"
    for number in range(30)
    for day, step in enumerate(("受理", "=审查", "办结") if number % 3 else ("受理", "办结"), 1)
)


def test_a_table_is_taken_in_looked_at_laid_beside_an_edition_and_taken_away(
    house: House, enter: Callable[..., Watched], tmp_path: Path
) -> None:
    house.app.cabinet = replace(house.app.cabinet, store=Folder(tmp_path / "papers"))
    drawn = source(start(), user("a", name="Receive 受理"), user("b", name="Review 审查"), user("c", name="Issue 办结"),
                   end(), line("s", "a", "b", "c", "e"))  # fmt: skip
    with house.database.writing() as db:
        procedure_id = in_force(db, house.office, drawn, beside={}, owners={"process:p": "reviewer"}, prefix="LG")
        edition_id = edition_in_force(db, procedure_id)[0].edition_id
    page = enter("sun").page
    page.goto("/logs/")
    content = ("编号;环节;时间\n" + ROWS).encode("gb18030")
    page.set_input_files("input[type=file]", {"name": "办件.csv", "mimeType": "text/csv", "buffer": content})
    page.locator("form:has(input[type=file]) .o-btn-go").click()
    page.wait_for_url("**/columns*")
    expect(page.locator("#o-case")).to_have_value("编号")
    expect(page.locator("#o-activity")).to_have_value("环节")
    expect(page.locator("#o-time")).to_have_value("时间")
    page.locator("main .o-btn-go").click()
    page.wait_for_url(lambda url: "/columns" not in url)
    importing.read_due(house.database, house.app.cabinet.store)
    address = page.url

    page.goto(f"{address}/map")
    assert page.locator(".o-lmap svg a, svg.o-lmap a").count() or page.locator("svg a").count()
    lines = page.locator("table tbody tr").count()
    page.locator("#o-paths").fill("100")
    page.locator("form:has(#o-paths)").evaluate("form => form.requestSubmit()")
    page.wait_for_url("**paths=100**")
    assert page.locator("table tbody tr").count() >= lines

    page.goto(f"{address}/comparisons/with/{edition_id}")
    page.locator("main .o-btn-go").click()
    page.wait_for_url("**/comparisons/*")
    importing.read_due(house.database, house.app.cabinet.store)
    page.reload()
    review = page.locator("tr#step-b")
    expect(review.get_by_role("link", name="10", exact=True)).to_have_count(1)
    review.get_by_role("link", name="10", exact=True).click()
    expect(page.locator("main")).to_contain_text("was left out")

    page.goto(f"{address}/export")
    page.locator("input[value=csv]").check()
    with page.expect_download() as saved:
        page.locator("main .o-btn-go").click()
    rows = list(csv.reader(io.StringIO(Path(saved.value.path()).read_text("utf-8-sig"))))
    assert len(rows) == 1 + 80
    assert {row[1] for row in rows[1:]} == {"受理", "'=审查", "办结"}, "no cell is a formula"
    page.locator("input[value=xes]").check()
    with page.expect_download() as again:  # the page still stands there: another form of it can be asked for
        page.locator("main .o-btn-go").click()
    assert again.value.suggested_filename.endswith(".xes")
