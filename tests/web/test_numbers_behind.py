"""Whoever follows a number on the pages of times and of workload finds as many cases as it says, however it is narrowed."""

from __future__ import annotations

import re
from collections.abc import Iterator
from datetime import timedelta
from typing import Any

import pytest
from lxml import html

from engine.base import clock as time
from engine.cases import acts
from engine.supervision.figures.folding import fold_all
from engine.supervision.figures.spreads import FEW
from tests.conftest import Clock
from tests.web.conftest import Rooms, Visitor
from tests.web.test_flow import DRAWN
from tests.worlds import TWO_LANES, begun, in_force

ENDED_FIRST = 2
"""Before the others, so that a shorter period counts fewer."""


def _done(rooms: Rooms, case_id: int, *numbers: int) -> None:
    for number in numbers:
        with rooms.database.writing() as db:
            by = rooms.office.actor(db, "wang" if number == 2 else "li")
            acts.complete_task(db, by=by, case_id=case_id, number=number, submitted={})


@pytest.fixture
def world(rooms: Rooms, clock: Clock) -> dict[str, str]:
    """Enough cases ended for shares to be told: some on their day, some not, one sent back; others wait on both sides."""
    with rooms.database.writing() as db:
        found = in_force(db, rooms.office, DRAWN, owners=TWO_LANES)
        other = in_force(db, rooms.office, DRAWN, owners=TWO_LANES, prefix="OT")
        cases = [begun(db, rooms.office, found).case_id for _ in range(FEW + 6)]
        cases += [begun(db, rooms.office, other).case_id for _ in range(2)]
    for one in cases[:ENDED_FIRST]:
        _done(rooms, one, 1, 2, 3)
    clock.advance(days=10)
    fold_all(rooms.database)
    for one in cases[ENDED_FIRST:FEW]:
        _done(rooms, one, 1, 2, 3)
    _done(rooms, cases[FEW], 1)
    with rooms.database.writing() as db:
        by = rooms.office.actor(db, "wang")
        acts.return_task(db, by=by, case_id=cases[FEW], number=2, to_element="receive", reason="The plan is missing.")
    _done(rooms, cases[FEW], 3)
    with rooms.database.writing() as db:
        acts.complete_task(db, by=rooms.office.actor(db, "wang"), case_id=cases[FEW], number=4, submitted={})
    _done(rooms, cases[FEW], 5)
    _done(rooms, cases[FEW + 1], 1)
    _done(rooms, cases[FEW + 2], 1)
    fold_all(rooms.database)
    _begun(rooms, found)  # folded later than it is counted
    today = time.now().date()
    return {
        "as it is": "",
        "one procedure": f"procedure={found}",
        "the other procedure": f"procedure={other}",
        "a department": f"department={rooms.office.departments['review']}",
        "a post": f"post={rooms.office.posts['clerk']}",
        "a short period": "days=7",
        "a period that is over": f"since={today - timedelta(days=40)}&until={today - timedelta(days=5)}",
    }


def _begun(rooms: Rooms, procedure_id: int) -> None:
    with rooms.database.writing() as db:
        begun(db, rooms.office, procedure_id)


def _told(visitor: Visitor, path: str) -> Any:
    answer = visitor.get(path)
    assert answer.status_code == 200, path
    return html.fromstring(answer.text)


def _behind(visitor: Visitor, href: str) -> int:
    return _number(_told(visitor, href).xpath("string(//dl[@class='o-stats']//dd)"))


def _number(words: str) -> int:
    return int(words.replace(",", "").strip())


def _counts(page: Any) -> Iterator[tuple[str, str, int]]:
    """Every number of the page that is a link to cases, with the words of its head or row."""
    for link in page.xpath("//a[starts-with(@href, '/watch/behind')]"):
        words = link.text_content().strip()
        if re.fullmatch(r"[\d,]+", words):
            place = link.xpath("(ancestor::dt | ancestor::dd/preceding-sibling::dt | ancestor::tr)[last()]")[0]
            yield " ".join(place.text_content().split())[:80], link.get("href"), _number(words)


def _of_so_many(page: Any) -> Iterator[tuple[str, str, int]]:
    """Each share and length of the table of figures, with the number of what it is of."""
    for row in page.xpath("//table[caption='Figures of cases']/tbody/tr"):
        link = row.xpath(".//a[starts-with(@href, '/watch/behind')]")
        of = row.xpath("string(td[3])").strip()
        if link and of:
            yield " ".join(row.xpath("string(td[1])").split())[:60], link[0].get("href"), _number(of)


def test_every_number_of_times_and_of_workload_opens_as_many(rooms: Rooms, world: dict[str, str]) -> None:
    zhou = rooms.visitor("zhou")
    followed: dict[str, set[str]] = {"": set(), "workload": set()}
    for how, narrowed in world.items():
        for section, seen in followed.items():
            page = _told(zhou, f"/watch/flow/{section}?{narrowed}")
            for where, href, number in [*_counts(page), *_of_so_many(page)]:
                assert _behind(zhou, href) == number, (section, how, where, href)
                seen.add(re.findall(r"number=([\w.]+)", href)[0])
    assert followed[""] >= {"cases.ended", "cases.started", "cases.open", "done", "repeated"}
    assert followed["workload"] >= {"now.open", "arrived", "done"}
    with_shares = {where for where, _href, _number in _of_so_many(_told(zhou, "/watch/flow/"))}
    assert {one.split("Cases")[0] for one in with_shares} >= {"First-pass yield"}, "shares are told of so many"
