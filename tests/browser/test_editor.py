"""The drawing page in a browser: a procedure from nothing until it runs, faults mended in place, two at one draft."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from typing import Any

import pytest
from playwright.sync_api import Page, expect

from engine.base.text import LANGUAGES
from engine.diagram.read import read
from engine.organisation import acts as organisation
from engine.procedures import acts, drafts, reads
from processes import shipped
from tests.browser.conftest import House, Watched, barriers, sign_in
from tests.builders import FROM_DAY
from tests.thorough import looks
from tests.worlds import begun, tasks_of

pytestmark = pytest.mark.browser

Enter = Callable[..., Watched]
WIDE: Mapping[str, Any] = {"viewport": {"width": 1366, "height": 850}}


def _procedure(house: House, prefix: str, source: bytes, beside: Mapping[str, bytes] | None = None) -> int:
    with house.database.writing() as db:
        by = house.office.actor(db, "he")
        procedure_id = acts.open_procedure(
            db, by=by, name=f"Procedure {prefix}", prefix=prefix, department_id=house.office.departments["review"]
        )
        return acts.deposit(
            db, by=by, procedure_id=procedure_id, file="p.bpmn", source=source, attachments=beside or {}
        )


@pytest.fixture(scope="module")
def permit() -> Any:
    return next(one for one in shipped() if one.key == "building_permit")


def _open(page: Page, edition: int) -> None:
    page.goto(f"/studio/editions/{edition}/draw")
    _ready(page)


def _ready(page: Page) -> None:
    page.wait_for_selector('[data-editor][data-state="open"][data-told]')


def _saved(page: Page) -> None:
    expect(page.locator(".o-draw-state")).to_have_text(re.compile(r"^(Saved \d\d:\d\d|已保存 \d\d:\d\d)$"))


def _step(page: Page, name: str) -> None:
    """By the list of steps, without the drawing."""
    page.get_by_role("tab", name=re.compile("Steps|环节")).click()
    page.locator("[data-outline]").get_by_role("button", name=re.compile(re.escape(name))).first.click()


def _source(house: House, edition: int) -> str:
    with house.database.reading() as db:
        return reads.source(db, edition)[1].decode()


def _post(page: Page, words: str) -> None:
    page.get_by_role("combobox", name="Owning post").fill(words)
    page.keyboard.press("Enter")


@pytest.mark.parametrize(
    ("language", "begun", "remedy"),
    looks(
        [("en", "The editor has not come", "Load the page again"), ("zh", "编辑器未能载入", "请重新载入本页")],
        ("en", "The editor has not come", "Load the page again"),
    ),
)
def test_where_the_editor_does_not_come_the_page_says_so_and_what_to_do(
    open_page: Callable[..., Watched], house: House, permit: Any, language: str, begun: str, remedy: str
) -> None:
    watched = open_page(house.home, **WIDE)
    watched.page.route(re.compile(r"/editor[^/]*\.js"), lambda route: route.fulfill(status=404))
    sign_in(watched.page, "he")
    watched.page.goto("/")
    other = watched.page.locator(f'button[name=language][value="{language}"]')
    if other.count():
        other.click()
        watched.page.wait_for_selector(f'html[lang^="{language}"]')
    watched.page.goto(f"/studio/editions/{_procedure(house, f'NE{language.upper()}', permit.diagram)}/draw")
    said = watched.page.locator("[data-absent]")
    expect(said).to_be_visible()
    expect(said).to_contain_text(begun)
    expect(said).to_contain_text(remedy)
    watched.page.unroute_all()
    said.get_by_role("link").first.click()
    _ready(watched.page)
    expect(said).to_be_hidden()


def test_a_procedure_is_drawn_from_nothing_without_a_mouse_put_in_force_and_run(enter: Enter, house: House) -> None:
    page = enter("he", **WIDE).page
    page.goto("/studio/new")
    page.get_by_label("Name", exact=True).fill("Taxi licence 出租车经营许可")
    page.get_by_label("Prefix of case numbers").fill("TX")
    page.get_by_role("button", name="Begin").press("Enter")
    page.wait_for_url("**/draw")
    _ready(page)
    edition = int(page.url.split("/")[-2])

    _step(page, "Begin")
    page.get_by_role("button", name="Step", exact=True).press("Enter")
    page.get_by_label("Name", exact=True).fill("Check the car 验车")
    _post(page, "counter clerk")
    expect(page.locator("#o-f-owner-now")).to_contain_text("First post")
    page.get_by_label("What", exact=True).fill("Look at brakes and papers.")
    page.get_by_role("radio", name="中文").check()
    page.get_by_label("What", exact=True).fill("检查刹车和证件。")
    page.get_by_label("Number").first.fill("3")
    page.get_by_label("Counted in working time").first.check()
    page.get_by_role("button", name="Add a document").press("Enter")
    page.keyboard.type("Driving licence")
    page.keyboard.press("Tab")
    page.keyboard.type("驾驶证")
    page.get_by_role("button", name="Build a form").press("Enter")
    page.get_by_label("Question").fill("Is it fit? 是否合格")
    page.get_by_label("Kind of answer").select_option("one")
    page.get_by_label("Choices, one on each line").fill("Yes 是\nNo 否")
    page.get_by_role("button", name="Keep the form").press("Enter")
    expect(page.get_by_label("What is asked")).to_have_value(re.compile(r"\.form\.json$"))

    page.get_by_role("button", name="Choice", exact=True).press("Enter")
    page.get_by_label("Name", exact=True).fill("Fit? 合格")
    page.get_by_role("button", name="Step", exact=True).press("Enter")
    page.get_by_label("Name", exact=True).fill("Issue the licence 发证")
    _post(page, "reviewer")
    page.get_by_role("button", name=re.compile("^Draw a lane for Reviewer")).press("Enter")
    page.get_by_role("button", name="Add a rule").press("Enter")
    page.get_by_label("the step", exact=True).select_option(label="Check the car 验车")
    page.get_by_role("button", name="End", exact=True).press("Enter")
    _step(page, "Fit?")
    page.get_by_role("button", name="End", exact=True).press("Enter")
    page.get_by_label("Name", exact=True).fill("Refused 不予")
    _step(page, "Fit?")
    page.locator("[data-ways] button").first.press("Enter")
    page.locator("#o-f-condition").fill('is_it_fit = "yes')
    expect(page.locator("[data-condition-error]")).to_contain_text("not understood")
    page.locator("#o-f-condition").fill('is_it_fit = "yes"')
    expect(page.locator("[data-condition-read]")).to_have_text("Reads: is_it_fit")
    _step(page, "Fit?")
    page.locator("[data-ways] button").nth(1).press("Enter")
    page.get_by_label("Taken when nothing else holds").check()
    _saved(page)
    expect(page.locator("[data-brief]")).not_to_contain_text("Keeps it out of force")

    drawn = read(_source(house, edition).encode(), "x.bpmn")
    check = next(one for one in drawn.elements.values() if one.name == "Check the car 验车")
    assert (check.standard_time, check.working_time) == ("P3D", True)
    assert [one.en for one in check.documents] == ["Driving licence"]
    assert drawn.instructions[check.id].what == dict(
        zip(LANGUAGES, ("Look at brakes and papers.", "检查刹车和证件。"), strict=True)
    )
    issue = next(one for one in drawn.elements.values() if one.name == "Issue the licence 发证")
    assert [(one.source, one.by) for one in issue.separations] == [(check.id, "person")]
    page.goto(f"/studio/editions/{edition}")
    page.get_by_role("button", name="Put in force").click()
    page.wait_for_url(re.compile(r"/studio/\d+$"))
    with house.database.writing() as db:
        line = next(one for one in reads.procedures(db) if one.prefix == "TX")
        begun(db, house.office, line.id)
        assert "Check the car 验车" in tasks_of(db, house.office, "li")


def test_a_step_is_drawn_with_the_palette_and_undone(enter: Enter, house: House, permit: Any) -> None:
    page = enter("he", **WIDE).page
    edition = _procedure(house, "PA", permit.diagram, permit.attachments)
    _open(page, edition)
    before = page.locator(".djs-shape").count()
    page.locator(".djs-palette [data-action='create.task']").click()
    page.mouse.move(500, 640)
    page.mouse.click(520, 650)
    expect(page.locator("[data-kind-words]")).to_have_text("Step")
    page.keyboard.press("Escape")
    _saved(page)
    assert page.locator(".djs-shape").count() > before
    page.get_by_role("button", name="Undo").click()
    _saved(page)
    assert page.locator(".djs-shape").count() == before
    assert page.get_by_role("button", name="Undo").get_attribute("aria-disabled") == "true"


def test_a_finding_leads_to_where_it_is_mended(enter: Enter, house: House, permit: Any) -> None:
    page = enter("he", **WIDE).page
    broken = permit.diagram.replace(b'complete = "yes"', b'complete = "yes" and (')
    assert broken != permit.diagram
    edition = _procedure(house, "PB", broken, permit.attachments)
    page.goto(f"/studio/editions/{edition}")
    page.get_by_role("link", name=re.compile("^Mend: ")).first.click()
    _ready(page)
    expect(page.locator("[data-called]")).to_have_text("complete 齐全")
    badge = page.locator(".o-badge-blocks")
    expect(badge).to_have_count(1)
    expect(page.locator("[data-brief]")).to_have_text("Keeps it out of force · 1")
    assert "cannot be read" in (badge.get_attribute("aria-label") or "")
    page.locator("#o-f-condition").fill('complete = "yes"')
    expect(badge).to_have_count(0)
    _saved(page)


def test_what_other_tools_wrote_survives(enter: Enter, house: House, permit: Any) -> None:
    page = enter("he", **WIDE).page
    foreign = permit.diagram.replace(
        b"<bpmn:definitions ",
        b'<bpmn:definitions xmlns:camunda="http://camunda.org/schema/1.0/bpmn" xmlns:x="urn:x" ',
        1,
    ).replace(
        b'<bpmn:userTask id="check_papers"',
        b'<bpmn:userTask camunda:candidateGroups="clerks" x:colour="red" id="check_papers"',
        1,
    )  # fmt: skip
    at = foreign.index(b"<officium:instruction>", foreign.index(b'id="check_papers"'))
    inside = b'<camunda:properties><camunda:property name="a" value="1"/></camunda:properties><x:deep><x:er>kept</x:er></x:deep>'
    edition = _procedure(house, "PC", foreign[:at] + inside + foreign[at:], permit.attachments)
    _open(page, edition)
    _step(page, "Check the papers")
    page.get_by_label("Name", exact=True).fill("Check all papers")
    page.get_by_label("How", exact=True).fill("One by one.")
    _saved(page)
    now = _source(house, edition)
    for kept in (
        'camunda:candidateGroups="clerks"', 'x:colour="red"', '<camunda:property name="a" value="1"', "<x:er>kept</x:er>",
        "One by one.", 'name="Check all papers"',
    ):  # fmt: skip
        assert kept in now, kept
    before, after = read(foreign, "a.bpmn"), read(now.encode(), "b.bpmn")
    assert set(after.elements) == set(before.elements)
    assert {one: flow.condition for one, flow in after.flows.items()} == {
        one: flow.condition for one, flow in before.flows.items()
    }
    assert after.instructions["check_papers"].what == before.instructions["check_papers"].what


@pytest.fixture
def second(house: House) -> str:
    with house.database.writing() as db:
        if house.office.actor(db, "zhao").posts[0].post_id != house.office.posts["designer"] and not any(
            post.post_id == house.office.posts["designer"] for post in house.office.actor(db, "zhao").posts
        ):
            organisation.give_post(
                db,
                by=None,
                person_id=house.office.persons["zhao"],
                post_id=house.office.posts["designer"],
                from_day=FROM_DAY,
            )
    return "zhao"


def test_two_designers_at_one_draft_lose_nothing(enter: Enter, house: House, permit: Any, second: str) -> None:
    edition = _procedure(house, "PD", permit.diagram, permit.attachments)
    one, other = enter("he", **WIDE).page, enter(second, **WIDE).page
    for page in (one, other):
        _open(page, edition)
    expect(other.locator("[data-others]")).to_have_text("Also drawing here now: He Jun")
    _step(one, "Check the papers")
    one.get_by_label("Name", exact=True).fill("His")
    _saved(one)
    _step(other, "Check the papers")
    other.get_by_label("Name", exact=True).fill("Hers")
    note = other.locator(".o-draw-notes [role=alert]")
    expect(note).to_contain_text("He Jun saved this draft today")
    expect(other.locator(".o-draw-state")).to_have_text("Kept beside the draft, not in it")
    assert 'name="His"' in _source(house, edition)

    other.get_by_role("button", name="Make mine the draft").click()
    _saved(other)
    expect(note).to_have_count(0)
    assert 'name="Hers"' in _source(house, edition)

    one.get_by_label("Name", exact=True).fill("His again")
    go_on = one.get_by_role("button", name="Go on from what Zhao Min saved")
    go_on.click(timeout=10_000)
    expect(one.get_by_label("Name", exact=True)).to_have_value("Hers")
    with house.database.reading() as db:
        names = {
            read(drafts.saved(db, edition, save.number)[1], "x").elements["check_papers"].name
            for save in drafts.saves(db, edition)
        }
    assert {"Check the papers 材料核验", "His", "Hers", "His again"} <= names
    one.goto(f"/studio/editions/{edition}/saves")
    assert one.get_by_text("beside the draft").count() == 1


def test_what_did_not_reach_the_office_is_offered_again(enter: Enter, house: House, permit: Any) -> None:
    watched = enter("he", **WIDE)
    page, context = watched.page, watched.page.context
    edition = _procedure(house, "PE", permit.diagram, permit.attachments)
    _open(page, edition)
    _step(page, "Check the papers")
    context.set_offline(True)
    page.get_by_label("Name", exact=True).fill("Drawn in a tunnel")
    expect(page.locator(".o-draw-state")).to_contain_text("Not saved: the office cannot be reached")
    page.close(run_before_unload=False)
    context.set_offline(False)
    again = context.new_page()
    _open(again, edition)
    again.get_by_role("button", name="Go on from that").click()
    _saved(again)
    assert 'name="Drawn in a tunnel"' in _source(house, edition)
    again.reload()
    _ready(again)
    assert again.locator(".o-draw-notes .o-note").count() == 0
    # Chromium writes each request that could not be sent into its console: that is what was shown here.
    watched.faults[:] = [one for one in watched.faults if "ERR_INTERNET_DISCONNECTED" not in one]


def test_an_edition_in_force_is_only_looked_at(enter: Enter, house: House, permit: Any) -> None:
    page = enter("he", **WIDE).page
    edition = _procedure(house, "PF", permit.diagram, permit.attachments)
    with house.database.writing() as db:
        acts.withdraw(db, by=house.office.actor(db, "he"), edition_id=edition)
    _open(page, edition)
    assert page.locator(".djs-palette").count() == 0
    _step(page, "Check the papers")
    assert page.get_by_label("Name", exact=True).is_disabled()
    page.get_by_role("button", name="New edition from this").click()
    _ready(page)
    assert page.get_by_label("Name", exact=True).is_enabled() or page.locator(".djs-palette").count() == 1


def test_hostile_names_do_nothing(enter: Enter, house: House) -> None:
    page = enter("he", **WIDE).page
    page.on("dialog", lambda dialog: pytest.fail(dialog.message))
    markup = "&quot;&gt;&lt;img src=x onerror=window.hurt=1&gt;&lt;script&gt;window.hurt=2&lt;/script&gt;"
    source = (
        next(one for one in shipped() if one.key == "building_permit")
        .diagram.replace('name="Check the papers 材料核验"'.encode(), f'name="{markup}"'.encode())
        .replace('name="complete 齐全"'.encode(), f'name="{markup}"'.encode())
    )
    edition = _procedure(house, "PG", source)
    _open(page, edition)
    for tab in ("Findings", "Steps"):
        page.get_by_role("tab", name=tab).click()
    page.locator("[data-outline] button").nth(1).click()
    page.wait_for_timeout(300)
    assert page.evaluate("window.hurt ?? null") is None
    assert page.locator(".o-draw img").count() == 0
    assert "<img src=x" in page.locator("[data-called]").inner_text()


@pytest.mark.parametrize(("language", "scheme"), looks([("en", "light"), ("zh", "dark")], ("zh", "dark")))
def test_axe_finds_nothing(enter: Enter, house: House, permit: Any, language: str, scheme: str) -> None:
    page = enter("he", color_scheme=scheme, **WIDE).page
    switch = page.locator(f'button[name=language][value="{language}"]')
    if switch.count():
        switch.click()
        page.wait_for_load_state()
    try:
        prefix = {"en": "A", "zh": "B"}[language] + {"light": "L", "dark": "D"}[scheme]
        broken = permit.diagram.replace(b'complete = "yes"', b'complete = "yes" and (')
        edition = _procedure(house, prefix, broken, permit.attachments)
        _open(page, edition)
        _clean(page, "the whole")
        for name in ("Check the papers", "Complete?", "Application handed in"):
            _step(page, name)
            _clean(page, name)
        page.locator("#o-f-owner").evaluate("one => one.closest('[hidden]') || one.click()")
        page.get_by_role("tab", name=re.compile("Findings|检查结果")).click()
        _clean(page, "findings")
        page.goto(f"/studio/editions/{edition}/saves")
        _clean(page, "saves")
    finally:
        back = page.locator('button[name=language][value="en"]')
        if back.count():
            back.click()
            page.wait_for_load_state()


def _clean(page: Page, where: str) -> None:
    found = barriers(page)
    assert [(one["id"], one["nodes"][0]["html"][:200]) for one in found] == [], where


@pytest.mark.parametrize("width", looks([320, 768], 320))
def test_nothing_runs_out_of_a_narrow_window_and_the_watermark_is_seen(
    enter: Enter, house: House, permit: Any, width: int
) -> None:
    page = enter("he", viewport={"width": width, "height": 800}).page
    edition = _procedure(house, f"W{'A' if width == 320 else 'B'}", permit.diagram, permit.attachments)
    _open(page, edition)
    assert page.evaluate("document.documentElement.scrollWidth") <= width
    mark = page.locator(".bjs-powered-by")
    mark.scroll_into_view_if_needed()
    box = mark.bounding_box()
    assert box is not None
    assert box["width"] > 20
    top = "([x, y]) => Boolean(document.elementFromPoint(x, y)?.closest('.bjs-powered-by'))"
    assert page.evaluate(top, [box["x"] + box["width"] / 2, box["y"] + box["height"] / 2])
