"""The pages of flow: what they tell, what they hide, how they compare, and that any table can be taken away."""

from __future__ import annotations

import csv
import io
import re
from datetime import timedelta

import pytest
from flask import g
from sqlalchemy import select, update
from werkzeug.test import TestResponse

from engine.cases import acts
from engine.organisation.reads import office
from engine.procedures import acts as procedures
from engine.procedures.tables import editions
from engine.records.tables import entries
from engine.supervision.figures.folding import fold_all
from tests.conftest import Clock
from tests.diagram_text import END, START, lanes, process, step, way
from tests.web.conftest import Rooms
from tests.worlds import begun, in_force
from web.flow.moves import Unit, Value, Wish, moved

FORMULA = "=cmd() 受理"
DRAWN = process(
    lanes(counter=("start", "receive", "issue", "end"), bureau=("review",))
    + START + step("receive", FORMULA) + step("review", "Review 审查") + step("issue", "Issue 发证") + END
    + way("start", "receive", "review", "issue", "end")
)  # fmt: skip
SECTIONS = ("", "traffic", "hand-overs", "ways", "workload", "compare")
TABLES = (
    "figures", "steps", "days", "layers", "ageing", "hand-overs", "ways", "loops", "workload", "compared",
)  # fmt: skip


def _done(rooms: Rooms, case_id: int, numbers: tuple[int, ...] = (1, 2, 3)) -> None:
    for number in numbers:
        login = "wang" if number == 2 else "li"
        with rooms.database.writing() as db:
            acts.complete_task(db, by=rooms.office.actor(db, login), case_id=case_id, number=number, submitted={})


def _begun(rooms: Rooms, procedure_id: int, count: int) -> list[int]:
    with rooms.database.writing() as db:
        return [begun(db, rooms.office, procedure_id).case_id for _ in range(count)]


@pytest.fixture
def procedure_id(rooms: Rooms, clock: Clock) -> int:
    """Three cases: one ended after a day, one waits in the bureau, one at the counter. It is Wednesday."""
    with rooms.database.writing() as db:
        found = in_force(db, rooms.office, DRAWN, owners={"lane:counter": "clerk", "lane:bureau": "reviewer"})
    cases = _begun(rooms, found, 3)
    clock.advance(days=1)
    _done(rooms, cases[0])
    _done(rooms, cases[1], (1,))
    clock.advance(days=1)
    return found


def test_every_section_is_for_supervisors_and_has_no_style_of_its_own(rooms: Rooms, procedure_id: int) -> None:
    sun, li = rooms.visitor("sun"), rooms.visitor("li")
    for section in SECTIONS:
        page = sun.get(f"/watch/flow/{section}")
        assert page.status_code == 200, section
        assert " style=" not in page.text
        assert 'aria-current="page">Flow' in page.text
        assert li.get(f"/watch/flow/{section}").status_code == 403


def test_every_section_speaks_chinese(rooms: Rooms, procedure_id: int) -> None:
    sun = rooms.visitor("sun")
    sun.post("/language", {"language": "zh"})
    for section in SECTIONS:
        page = sun.get(f"/watch/flow/{section}").text
        assert "收件与办结" in page
        assert not re.search(r">(?:Window|Figure|Department|How it moved|Post)<", page)


def test_of_few_no_middle_and_no_share_is_told_and_every_figure_is_defined(rooms: Rooms, procedure_id: int) -> None:
    page = rooms.visitor("sun").get("/watch/flow/").text
    assert "too few (n = 1)" in page
    assert "Cases ended" in page
    assert re.search(r'number=cases\.ended[^"]*">1</a>', page)  # a number itself is told, however small
    assert "Claimed is not working" in page
    assert "Σ (W + handed) / Σ sojourn" in page


def test_of_fewer_than_five_not_even_a_mean_is_told(rooms: Rooms, procedure_id: int) -> None:
    sun = rooms.visitor("sun")
    steps = sun.get("/watch/flow/").text.partition('id="steps"')[2]
    assert "too few (n = 1)" in steps
    assert not re.search(r"(?:waiting|in hand-over|in hand) \d", steps)
    assert "o-part-" not in steps
    told = _cells(sun.get("/watch/flow/steps.csv"))
    assert "too few" in told
    assert not [one for one in told if re.fullmatch(r"\d+[.,]\d+", one)]
    matrix = sun.get("/watch/flow/hand-overs").text
    assert not re.search(r"o-heat-[1-4]", matrix)


def test_of_a_department_alone_it_is_said_which_cases_are_counted(rooms: Rooms, procedure_id: int) -> None:
    sun, review = rooms.visitor("sun"), rooms.office.departments["review"]
    said = "Whole cases are counted with the department that answers for their procedure"
    for section in ("", "traffic", "ways"):
        assert said in sun.get(f"/watch/flow/{section}?department={review}").text
        assert said not in sun.get(f"/watch/flow/{section}").text
    assert "is told of all of them" in sun.get(f"/watch/flow/?department={review}&procedure={procedure_id}").text


def test_figures_of_enough_cases_are_told_with_how_they_moved(rooms: Rooms, clock: Clock) -> None:
    """Twenty that took four days, then a month later twenty that took one. Percentiles are those of bins."""
    with rooms.database.writing() as db:
        one_step = process(START + step("receive") + END + way("start", "receive", "end"))
        procedure_id = in_force(db, rooms.office, one_step, owners={"process:procedure": "clerk"})
    for days in (4, 1):
        cases = _begun(rooms, procedure_id, 20)
        clock.advance(days=days)
        with rooms.database.writing() as db:
            for case_id in cases:
                acts.complete_task(db, by=rooms.office.actor(db, "li"), case_id=case_id, number=1, submitted={})
        if days == 4:
            clock.advance(days=30)
    page = rooms.visitor("sun").get("/watch/flow/?days=30").text
    row = re.search(r"Cycle time, by the clock: median.*?</tr>", page, re.DOTALL)
    assert row is not None
    told = " ".join(re.sub(r"<[^>]+>", " ", row[0]).split())
    assert re.search(r"\b(?:1 d|23 h)\b.* 20 .*\b(?:4 d|3 d 2\d h)\b.*\b(?:3 d|2 d 2\d h)\b.* shorter better", told), (
        told
    )


def test_every_chart_has_title_description_and_a_table_beside_it(rooms: Rooms, procedure_id: int) -> None:
    page = rooms.visitor("sun").get(f"/watch/flow/traffic?procedure={procedure_id}").text
    charts = re.findall(r"<figure.*?</figure>", page, re.DOTALL)
    assert len(charts) == 3
    for one in charts:
        names = re.search(r'aria-labelledby="(\S+) (\S+)"', one)
        assert names is not None
        assert re.search(rf'<title id="{names[1]}">\S', one)
        assert re.search(rf'<desc id="{names[2]}">\S', one)
        assert "<table" in one
    assert "3 begun, 1 ended" in charts[0]


def test_ages_hand_overs_and_ways_are_told_and_open_their_cases(rooms: Rooms, procedure_id: int) -> None:
    fold_all(rooms.database)
    sun = rooms.visitor("sun")
    page = sun.get("/watch/flow/traffic").text
    aged = page[page.index('id="ageing"') :]
    assert re.search(r'number=now\.open[^"]*step=review[^"]*">Review 审查', aged)
    assert "1 d" in aged
    counter, review = rooms.office.departments["counter"], rooms.office.departments["review"]
    page = sun.get("/watch/flow/hand-overs").text
    assert re.search(rf'number=hand:{counter}:{review}[^"]*"><b>2</b>', page)
    assert re.search(rf'number=hand:{review}:{counter}[^"]*"><b>1</b>', page)
    page = sun.get("/watch/flow/ways").text
    chain = re.search(r'<ol class="o-chain">(.*?)</ol>', page, re.DOTALL)
    assert chain is not None
    assert re.findall(r"<span>([^<]+)", chain[1]) == [FORMULA, "Review 审查", "Issue 发证"]
    assert "100%" in page


def test_persons_are_shown_to_nobody_until_the_office_allows_it_with_a_reason(rooms: Rooms, procedure_id: int) -> None:
    sun, guo = rooms.visitor("sun"), rooms.visitor("guo")
    page = sun.get("/watch/flow/workload").text
    assert "the office has not allowed it" in page
    assert "Wang Lei" not in page
    assert "under five persons" in page
    assert sun.get("/watch/flow/persons.csv").status_code == 403
    assert sun.get("/watch/flow/persons").status_code == 403
    assert guo.post("/watch/flow/persons", {"allowed": "yes", "reason": " "}).status_code == 422
    assert guo.post("/watch/flow/persons", {"allowed": "yes", "reason": "Agreed with the staff"}).status_code == 303
    page = sun.get("/watch/flow/workload").text
    assert "Wang Lei" in page
    assert "Li Ming" not in page  # of another department, which sun does not supervise
    assert "Li Ming" in rooms.visitor("zhou").get("/watch/flow/workload").text
    assert "under five persons" not in page
    with rooms.database.reading() as db:
        said = db.scalars(select(entries.c.facts).where(entries.c.act == "allow_figures_of_persons")).all()
    assert len(said) == 1
    assert "Agreed with the staff" in said[0]


def test_two_departments_stand_side_by_side_and_what_cannot_be_compared_says_so(
    rooms: Rooms, procedure_id: int
) -> None:
    counter, review = rooms.office.departments["counter"], rooms.office.departments["review"]
    asked = f"of=departments&department={counter}&with_department={review}"
    assert "Service counter beside Review section" in rooms.visitor("zhou").get(f"/watch/flow/compare?{asked}").text
    sun = rooms.visitor("sun")
    assert "no two editions" in sun.get(f"/watch/flow/compare?of=editions&procedure={procedure_id}").text
    assert "Both sides are the same" in sun.get("/watch/flow/compare?of=departments").text


def test_an_edition_that_never_came_into_force_is_not_offered(rooms: Rooms, procedure_id: int) -> None:
    with rooms.database.writing() as db:
        next_one = procedures.deposit(
            db,
            by=rooms.office.actor(db, "he"),
            procedure_id=procedure_id,
            file="procedure.bpmn",
            source=DRAWN,
            attachments={},
        )
        db.execute(update(editions).where(editions.c.id == next_one).values(state="in review"))
    sun = rooms.visitor("sun")
    page = sun.get(f"/watch/flow/compare?of=editions&procedure={procedure_id}").text
    assert "no two editions" in page
    assert "edition 2" not in page
    assert "edition 2" not in sun.get(f"/watch/flow/?procedure={procedure_id}").text


def test_how_many_there_were_is_judged_only_between_periods_of_one_length(rooms: Rooms, procedure_id: int) -> None:
    """A smaller department is not worse for ending fewer cases, nor a shorter period better for leaving fewer open."""
    counter, review = rooms.office.departments["counter"], rooms.office.departments["review"]
    zhou = rooms.visitor("zhou")

    def verdicts(asked: str) -> set[str]:
        page = zhou.get(f"/watch/flow/compare?{asked}").text
        rows = [
            row
            for row in page.split("<tr")[1:]
            if re.search("<summary>Cases (begun|ended|open)<", row.split("</tr>")[0])
        ]
        assert len(rows) == 3
        return {word for row in rows for word in re.findall(r">\s*(better|worse)\s*<", row)}

    assert verdicts(f"of=departments&department={counter}&with_department={review}") == set()
    shorter = "since=2026-03-01&until=2026-03-04&with_since=2026-02-01&with_until=2026-02-28"
    assert verdicts(shorter) == set()
    assert verdicts("since=2026-03-02&until=2026-03-04&with_since=2026-02-02&with_until=2026-02-04") != set()


@pytest.mark.parametrize("path", ["/watch/flow/", "/watch/{procedure_id}"])
def test_days_that_were_typed_count_though_a_length_is_still_chosen(rooms: Rooms, procedure_id: int, path: str) -> None:
    """As the form sends them: the length as it was chosen before, and both days."""
    sun, path = rooms.visitor("sun"), path.format(procedure_id=procedure_id)
    was = re.search(r'name="was" value="([^"]+)"', sun.get(path).text)
    assert was is not None
    since, until = was[1].split("/")
    typed = sun.get(f"{path}?days=30&since=2026-02-02&until=2026-02-10&was={was[1]}").text
    assert 'value="2026-02-02"' in typed
    assert 'value="2026-02-10"' in typed
    longer = sun.get(f"{path}?days=90&since={since}&until={until}&was={was[1]}").text
    assert '<option value="90" selected>' in longer
    assert f'value="{since}"' not in longer


@pytest.mark.parametrize("path", ["/watch/flow/?", "/watch/flow/compare?", "/watch/{procedure_id}?"])
@pytest.mark.parametrize(
    "days", ["since=2026-02-10&until=2026-02-02", "since=soon&until=2026-02-02", "since=1970-01-01"]
)
def test_days_that_are_no_period_are_said_to_be_none(rooms: Rooms, procedure_id: int, path: str, days: str) -> None:
    sun = rooms.visitor("sun")
    page = sun.get(path.format(procedure_id=procedure_id) + days).text
    assert "is no period" in page
    assert days.split("&", maxsplit=1)[0].removeprefix("since=") in page
    assert (
        "is no period" not in sun.get(path.format(procedure_id=procedure_id) + "since=2026-02-02&until=2026-02-10").text
    )


def test_the_form_of_the_map_tells_of_days_that_are_no_period(rooms: Rooms, procedure_id: int) -> None:
    sun = rooms.visitor("sun")
    sent = f"/watch/map?procedure={procedure_id}&days=30&was=x&since=2026-02-10&until=2026-02-02"
    assert "“2026-02-10” to “2026-02-02” is no period" in sun.get(sun.get(sent).location).text


def test_a_second_period_that_is_none_is_said_to_be_none(rooms: Rooms, procedure_id: int) -> None:
    page = rooms.visitor("sun").get("/watch/flow/compare?with_since=2026-02-10&with_until=2026-02-02").text
    assert "“2026-02-10” to “2026-02-02” is no period" in page


def test_any_table_is_taken_away_and_no_cell_of_it_is_a_formula(rooms: Rooms, procedure_id: int) -> None:
    sun = rooms.visitor("sun")
    for table in TABLES:
        cells = _cells(sun.get(f"/watch/flow/{table}.csv"))
        assert not [cell for cell in cells if cell[:1] in "=+-@\t\r" and not re.fullmatch(r"-?[\d.]*", cell)]
        if table in ("steps", "ageing"):
            assert f"'{FORMULA}" in cells
    assert sun.get("/watch/flow/secrets.csv").status_code == 404


def _cells(answer: TestResponse) -> list[str]:
    assert answer.status_code == 200
    assert answer.mimetype == "text/csv"
    assert "attachment" in answer.headers["Content-Disposition"]
    text = answer.data.decode("utf-8")
    assert text.startswith("\ufeff")
    lines = list(csv.reader(io.StringIO(text.removeprefix("\ufeff"))))
    assert len({len(line) for line in lines}) == 1
    return [cell for line in lines for cell in line]


def test_a_procedure_of_others_is_not_there(rooms: Rooms, procedure_id: int) -> None:
    with rooms.database.writing() as db:
        theirs = in_force(
            db, rooms.office, process(START + step("receive") + END + way("start", "receive", "end")),
            owners={"process:procedure": "clerk"}, prefix="CC", department="counter",
        )  # fmt: skip
    sun = rooms.visitor("sun")
    assert (
        sun.get(f"/watch/flow/{procedure_id}").headers["Location"].endswith(f"/flow/?days=30&procedure={procedure_id}")
    )
    assert sun.get(f"/watch/flow/?procedure={theirs}").status_code == 404
    assert "Procedure CC" not in sun.get("/watch/flow/").text
    assert rooms.visitor("zhou").get(f"/watch/flow/?procedure={theirs}").status_code == 200


def test_what_was_typed_into_the_address_does_no_harm(rooms: Rooms, procedure_id: int) -> None:
    sun = rooms.visitor("sun")
    for asked in ("since=x&until=y", "since=0001-01-01", "since=2026-03-04&until=2026-03-01", "days=7", "edition=9",
                  "department=99999", "kind=99", "with_since=9999-12-31&of=periods"):  # fmt: skip
        assert sun.get(f"/watch/flow/compare?{asked}").status_code == 200, asked


VERDICTS: tuple[tuple[Value, Value, Unit, Wish, str], ...] = (
    (timedelta(hours=3), timedelta(hours=5), "working", "lower", "better"),
    (timedelta(hours=5), timedelta(hours=3), "working", "lower", "worse"),
    (timedelta(hours=5), timedelta(hours=5), "calendar", "lower", "same"),
    (0.9, 0.8, "share", "higher", "better"),
    (0.8, 0.9, "share", "higher", "worse"),
    (0.801, 0.8, "share", "higher", "same"),
    (12, 10, "number", "none", "other"),
)


def test_a_figure_moves_for_better_or_worse(rooms: Rooms) -> None:
    with rooms.app.test_request_context(), rooms.database.reading() as db:
        g.db, g.office = db, office(db)
        found = [moved(now, before, unit, wish) for now, before, unit, wish, _verdict in VERDICTS]
    assert [one.verdict for one in found if one] == [verdict for *_, verdict in VERDICTS]


def test_what_is_missing_has_not_moved() -> None:
    assert moved(None, 1, "number", "lower") is None
    assert moved(1, None, "number", "lower") is None


def test_a_group_too_small_to_be_shown_leads_to_the_same_page_of_everybody(rooms: Rooms, procedure_id: int) -> None:
    answer = rooms.visitor("sun").get(f"/watch/flow/?days=90&kind=0&procedure={procedure_id}")
    assert answer.status_code == 422
    assert "Too few to be shown" in answer.text
    assert f'href="/watch/flow/?days=90&amp;procedure={procedure_id}"' in answer.text


def test_what_was_worked_at_a_step_of_few_is_told_to_those_alone_who_may_see_persons(
    rooms: Rooms, procedure_id: int, clock: Clock
) -> None:
    """Two hold the counter: so many times seven minutes would be what one of them worked."""
    for case_id in _begun(rooms, procedure_id, 22):
        with rooms.database.writing() as db:
            li = rooms.office.actor(db, "li")
            acts.claim(db, by=li, case_id=case_id, number=1)
            acts.begin_work(db, by=li, case_id=case_id, number=1)
        clock.advance(minutes=7)
        _done(rooms, case_id, (1,))
    zhou = rooms.visitor("zhou")
    for allowed in (False, True):
        if allowed:
            form = {"allowed": "yes", "reason": "Agreed with the staff."}
            assert rooms.visitor("guo").post("/watch/flow/persons", form).status_code == 303
        page = zhou.get("/watch/flow/").text
        assert ("of it at work 7 min" in page) == allowed
        share = re.search(r"number=measured[^>]*>([^<]+)</a>", page)
        assert share is not None
        assert (share[1] == "—") != allowed
        table = list(csv.DictReader(io.StringIO(zhou.get("/watch/flow/steps.csv").text.lstrip("\ufeff"))))
        assert {one["Working, mean hours"] for one in table} == ({"", "0.12"} if allowed else {""})
