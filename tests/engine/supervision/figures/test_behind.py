"""Every number opens as many cases as it says, and those of the rows."""

from __future__ import annotations

from dataclasses import replace
from datetime import date, timedelta
from typing import Any

import pytest
from sqlalchemy import update

from engine.base.database import Database
from engine.base.errors import NotAllowed, NotFound
from engine.cases.tables import cases
from engine.organisation.rules import Actor
from engine.supervision.figures import now, reads
from engine.supervision.figures.behind import behind
from engine.supervision.figures.folding import fold
from engine.supervision.figures.rules import NumberUnknown, Scope
from tests.builders import SmallOffice
from tests.conftest import BEGINNING, Clock
from tests.engine.supervision.figures.brute import Brute
from tests.engine.supervision.figures.playing import played
from tests.engine.supervision.figures.scene import Office
from tests.worlds import begun, in_force

LONG = Scope(date(2026, 1, 1), date(2026, 12, 31))


def _numbers(world: Office, actor: Actor, scope: Scope, at: Any) -> dict[str, int]:
    """What pages show, by the keys they link to."""
    db = world.db
    told = reads.steps(db, actor=actor, scope=scope)
    whole = reads.whole(db, actor=actor, scope=scope)
    found = {
        **{name: sum(getattr(one, name) for one in told) for name in
           ("arrived", "done", "cancelled", "repeated", "self_loops", "late", "promised", "open")},
        "same_day": sum(one.same_day.n for one in told),
        "handed": sum(one.handed.n for one in told),
        "measured": sum(one.working.n for one in told),
        "cases.started": whole.started, "cases.ended": whole.ended, "cases.cancelled": whole.cancelled,
        "cases.open": whole.open, "cases.promise_kept": whole.promise.n, "cases.promised": whole.promise.of,
        "cases.promise_broken": whole.promise.of - whole.promise.n, "cases.law_kept": whole.law.n,
        "cases.lawful": whole.law.of, "cases.first_pass": whole.first_pass.n, "cases.same_day": whole.same_day.n,
        "cases.not_first_pass": whole.first_pass.of - whole.first_pass.n,
    }  # fmt: skip
    for way in reads.variants(db, actor=actor, scope=scope, limit=99):
        found[f"variant:{way.key}"] = way.n
    flows: dict[str, int] = {}
    for one in reads.flows(db, actor=actor, scope=scope):
        key = f"flow:{one.from_element or ''}:{one.to_element or ''}"
        flows[key] = flows.get(key, 0) + one.n
    hands = reads.hand_overs(db, actor=actor, scope=scope)
    found["hand::"] = sum(one.n for one in hands)
    found["hand_returned::"] = sum(one.returned for one in hands)
    found["ping_pong::"] = sum(one.ping_pong for one in hands)
    for hand in hands:
        pair = f"{hand.from_department_id}:{hand.to_department_id}"
        found |= {f"hand:{pair}": hand.n, f"hand_returned:{pair}": hand.returned, f"ping_pong:{pair}": hand.ping_pong}
    here = now.steps_now(db, actor=actor, scope=scope, now=at)
    for name in ("open", "waiting", "working", "stopped", "outside", "handed", "late"):
        found[f"now.{name}"] = sum(getattr(step, name) for step in here)
    return found | flows


def test_every_number_opens_as_many_as_it_says(database: Database, office: SmallOffice, clock: Clock) -> None:
    def look(world: Office, scope: Scope) -> None:
        actor = office.actor(world.db, "zhou")
        for number, count in _numbers(world, actor, scope, clock.now()).items():
            opened = behind(world.db, actor=actor, scope=scope, number=number)
            assert (opened.total, len(opened.cases)) == (count, count), number
            keys = [(one.case_id, one.task_number) for one in opened.cases]
            assert len(set(keys)) == count, number

    played(database, office, clock, look, of=2)


def test_what_is_behind_a_number_are_those_of_the_rows(database: Database, office: SmallOffice, clock: Clock) -> None:
    def look(world: Office, scope: Scope) -> None:
        brute, actor = Brute(world.db, scope, clock.now()), office.actor(world.db, "zhou")
        exact = {
            "arrived": brute.came,
            "done": brute.done,
            "repeated": [one for one in brute.done if brute.is_again(one)],
            "open": [one for one in brute.asked if brute.is_open(one, brute.end)],
            "unmeasured": [one for one in brute.done if one.parts.working is None],
        }
        for number, some in exact.items():
            opened = behind(world.db, actor=actor, scope=scope, number=number)
            assert {(one.case_id, one.task_number) for one in opened.cases} == {
                (one.case_id, one.task_number) for one in some
            }

    played(database, office, clock, look, of=2)


def _some(database: Database, office: SmallOffice, clock: Clock, db: Any, count: int) -> Office:
    world = Office(db, office, clock).open()
    for _ in range(count):
        world.step((0, 0, 2))
    return world


def test_pages_follow_each_other_without_gap_or_repetition(
    database: Database, office: SmallOffice, clock: Clock
) -> None:
    with database.writing() as db:
        world = _some(database, office, clock, db, 7)
        for _ in range(3):
            world.step((1, 0, 2))
        fold(db, limit=2)  # so that a page is put together of what is kept, what is not yet, and what is open
        actor = office.actor(db, "zhou")
        for number, count in (("arrived", 10), ("now.open", 7), ("cases.open", 7)):
            found: list[tuple[int, int | None]] = []
            after: str | None = None
            for _ in range(9):
                page = behind(db, actor=actor, scope=LONG, number=number, limit=2, after=after)
                found += [(one.case_id, one.task_number) for one in page.cases]
                assert page.total == count, number
                after = page.next
                if after is None:
                    break
            assert len(found) == len(set(found)) == count, number


def test_the_longest_ago_stand_first_with_all_that_is_told_of_them(
    database: Database, office: SmallOffice, clock: Clock
) -> None:
    with database.writing() as db:
        world = _some(database, office, clock, db, 3)
        found = behind(db, actor=office.actor(db, "zhou"), scope=LONG, number="now.waiting")
        assert [one.since for one in found.cases] == [BEGINNING + timedelta(hours=n / 2) for n in (1, 2, 3)]
        first = found.cases[0]
        assert (first.element, first.step, first.person) == ("check", "Check", None)
        assert first.post is not None
        assert first.post.en == "Counter clerk"
        assert first.procedure_id == world.procedure_id


@pytest.mark.parametrize(
    "number",
    [
        "",
        "nothing",
        "now.nothing",
        "hand:1",
        "hand:x:y",
        "hand:2:2",
        "hand:2:",
        "flow:check",
        "cases.nothing",
        "done:1",
    ],
)
def test_an_unknown_number_is_told(database: Database, office: SmallOffice, clock: Clock, number: str) -> None:
    with database.reading() as db, pytest.raises(NumberUnknown):
        behind(db, actor=office.actor(db, "zhou"), scope=LONG, number=number)


def test_a_page_that_nobody_gave_is_told(database: Database, office: SmallOffice) -> None:
    with database.reading() as db:
        for after in ("x", "1.2", "1.2.3.4", "-1.2.3", "9" * 30 + ".1.1"):
            with pytest.raises(NumberUnknown):
                behind(db, actor=office.actor(db, "zhou"), scope=LONG, number="done", after=after)


def test_only_what_the_person_supervises_is_seen(database: Database, office: SmallOffice, clock: Clock) -> None:
    with database.writing() as db:
        world = _some(database, office, clock, db, 1)
        scope = Scope(LONG.since, LONG.until, procedure_id=world.procedure_id)
        with pytest.raises(NotAllowed):
            behind(db, actor=office.actor(db, "li"), scope=scope, number="done")
        # Sun heads the section that two lanes lie in; nobody supervises a procedure that is not there.
        assert behind(db, actor=office.actor(db, "sun"), scope=scope, number="arrived").total == 1
        elsewhere = Scope(LONG.since, LONG.until, procedure_id=999)
        for read in (reads.steps, reads.whole, reads.days, reads.flows, reads.hand_overs, reads.workload):
            with pytest.raises(NotFound):
                read(db, actor=office.actor(db, "sun"), scope=elsewhere)
            with pytest.raises(NotAllowed):
                read(db, actor=office.actor(db, "li"), scope=scope)


def test_whose_case_it_is_stays_hidden_from_those_who_may_not_open_it(
    database: Database, office: SmallOffice, clock: Clock
) -> None:
    """Sun supervises a lane of the procedure and so sees its figures; cases that never came there are not Sun's to read."""
    with database.writing() as db:
        _some(database, office, clock, db, 3)
        db.execute(update(cases).values(applicant="Zhang Lei", matter="Cold store"))
        of_all = behind(db, actor=office.actor(db, "zhou"), scope=LONG, number="now.waiting")
        assert {(one.in_sight, one.applicant, one.matter) for one in of_all.cases} == {
            (True, "Zhang Lei", "Cold store")
        }
        for number in ("now.waiting", "cases.open"):
            counted = behind(db, actor=office.actor(db, "sun"), scope=LONG, number=number)
            assert counted.total == len(counted.cases) == 3
            assert {(one.in_sight, one.applicant, one.matter) for one in counted.cases} == {(False, "", "")}


def test_of_a_department_the_cases_are_those_of_the_procedures_it_answers_for(
    database: Database, office: SmallOffice, clock: Clock
) -> None:
    with database.writing() as db:
        there = {name: in_force(db, office, prefix=name[:2].upper(), department=name) for name in ("review", "bureau")}
        for name, count in (("review", 3), ("bureau", 2)):
            for _ in range(count):
                begun(db, office, there[name])
        zhou = office.actor(db, "zhou")

        def counted(*departments: str) -> tuple[int, ...]:
            wanted = frozenset(office.departments[one] for one in departments) or None
            scope = replace(LONG, department_ids=wanted)
            whole, days = reads.whole(db, actor=zhou, scope=scope), reads.days(db, actor=zhou, scope=scope)
            found = behind(db, actor=zhou, scope=scope, number="cases.open").total
            return whole.open, whole.started, days[-1].cases_open, sum(one.started for one in days), found

        assert counted() == (5,) * 5
        assert counted("review") == (3,) * 5
        assert counted("bureau") == (2,) * 5
        assert counted("review", "bureau") == (5,) * 5
        assert counted("counter") == (0,) * 5
        scope = replace(LONG, department_ids=frozenset({office.departments["counter"]}), procedure_id=there["review"])
        assert reads.whole(db, actor=zhou, scope=scope).open == 3, "where a procedure is asked about, all of its cases"
