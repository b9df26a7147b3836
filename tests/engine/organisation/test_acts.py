"""The organisation is shaped by acts: each allowed to administrators only, each in the record."""

from __future__ import annotations

import json
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from datetime import date, timedelta
from threading import Barrier
from typing import Any

import pytest
from sqlalchemy import Connection, select

from engine.base.database import Database
from engine.base.errors import NotAllowed, NotFound
from engine.organisation import acts, reads, rules
from engine.organisation.rules import Actor, Right
from engine.organisation.tables import offices
from engine.records.journal import Entry, entries
from engine.records.verify import first_broken
from tests.builders import FROM_DAY, SmallOffice
from tests.conftest import Clock

TODAY = date(2026, 3, 2)


def record(db: Connection) -> tuple[Entry, ...]:
    return entries(db, db.execute(select(offices.c.chain)).scalar_one())


def last_facts(db: Connection) -> tuple[str, int | None, dict[str, Any]]:
    entry = record(db)[-1]
    return entry.act, entry.person_id, json.loads(entry.facts)


def test_an_office_is_founded_once(database: Database) -> None:
    with database.writing() as db:
        acts.found_office(db, name_en="Planning Bureau", name_zh="规划局", zone="Asia/Shanghai")
        assert reads.office(db).name.say("zh") == "规划局"
        with pytest.raises(rules.AlreadyFounded, match="Planning Bureau"):
            acts.found_office(db, name_en="Another", name_zh="另一个", zone="UTC")


def test_nothing_is_added_before_the_office_is_founded(database: Database) -> None:
    with database.writing() as db:
        with pytest.raises(rules.NotFounded):
            acts.add_department(db, by=None, code="a", name_en="A", name_zh="甲")
        with pytest.raises(rules.NotFounded):
            reads.office(db)


EVERY_ACT: dict[str, Callable[[Connection, SmallOffice, Actor], Any]] = {
    "add_department": lambda db, _, by: acts.add_department(db, by=by, code="legal", name_en="Legal", name_zh="法制科"),
    "move_department": lambda db, of, by: acts.move_department(
        db, by=by, department_id=of.departments["review"], parent_id=None
    ),
    "add_post": lambda db, of, by: acts.add_post(
        db, by=by, department_id=of.departments["review"], code="second", name_en="Second", name_zh="副岗"
    ),
    "change_post": lambda db, of, by: acts.change_post(
        db, by=by, post_id=of.posts["clerk"], reports_to=None, rights={Right.SUPERVISE}
    ),
    "add_person": lambda db, _, by: acts.add_person(db, by=by, login="ma", name_en="Ma Li", name_zh="马丽"),
    "give_post": lambda db, of, by: acts.give_post(db, by=by, person_id=of.persons["li"], post_id=of.posts["reviewer"]),
    "end_holding": lambda db, of, by: acts.end_holding(db, by=by, holding_id=holding(db, of, "li")),
    "person_leaves": lambda db, of, by: acts.person_leaves(db, by=by, person_id=of.persons["li"]),
}


def holding(db: Connection, office: SmallOffice, login: str) -> int:
    return reads.person(db, office.persons[login]).holdings[0].holding_id


@pytest.mark.parametrize("act", EVERY_ACT)
def test_every_act_is_an_administrators_and_leaves_one_entry(database: Database, office: SmallOffice, act: str) -> None:
    with database.writing() as db:
        guo = office.actor(db, "guo")
        before = len(record(db))
        EVERY_ACT[act](db, office, guo)
        assert len(record(db)) == before + 1
        assert last_facts(db)[:2] == (act, guo.person_id)
    with database.reading() as db:
        assert first_broken(db, reads.heads(db)) is None


@pytest.mark.parametrize("login", ["li", "he", "zhou"])
@pytest.mark.parametrize("act", EVERY_ACT)
def test_nobody_else_changes_the_organisation(database: Database, office: SmallOffice, act: str, login: str) -> None:
    with database.writing() as db:
        before = len(record(db))
        with pytest.raises(NotAllowed):
            EVERY_ACT[act](db, office, office.actor(db, login))
        assert len(record(db)) == before


def test_every_act_has_its_place_in_these_tests() -> None:
    public = {name for name, one in vars(acts).items() if getattr(one, "__module__", "") == acts.__name__}
    assert {name for name in public if not name.startswith("_")} == {*EVERY_ACT, "found_office"}


def test_a_code_is_given_once(database: Database, office: SmallOffice) -> None:
    with database.writing() as db:
        with pytest.raises(rules.CodeTaken, match="Review section"):
            acts.add_department(db, by=None, code="review", name_en="Other", name_zh="其他")
        with pytest.raises(rules.CodeTaken, match="Counter clerk"):
            acts.add_post(
                db, by=None, department_id=office.departments["review"], code="clerk", name_en="O", name_zh="其他"
            )
        with pytest.raises(rules.LoginTaken, match="Li Ming"):
            acts.add_person(db, by=None, login=" LI ", name_en="Other", name_zh="其他")


def test_what_is_not_there_is_not_found(database: Database, office: SmallOffice) -> None:
    with database.writing() as db:
        for act in (
            lambda: acts.add_department(db, by=None, code="x", name_en="X", name_zh="某", parent_id=999),
            lambda: acts.add_post(db, by=None, department_id=999, code="x", name_en="X", name_zh="某"),
            lambda: acts.give_post(db, by=None, person_id=999, post_id=office.posts["clerk"]),
            lambda: acts.give_post(db, by=None, person_id=office.persons["li"], post_id=999),
            lambda: acts.end_holding(db, by=None, holding_id=999),
            lambda: acts.person_leaves(db, by=None, person_id=999),
            lambda: reads.person_name(db, 999),
            lambda: reads.actor(db, 999),
        ):
            with pytest.raises(NotFound):
                act()


def test_a_department_is_not_put_under_itself_or_under_one_below_it(database: Database, office: SmallOffice) -> None:
    with database.writing() as db:
        for parent in ("bureau", "review"):
            with pytest.raises(rules.DepartmentInCircle):
                acts.move_department(
                    db, by=None, department_id=office.departments["bureau"], parent_id=office.departments[parent]
                )
        acts.move_department(
            db, by=None, department_id=office.departments["review"], parent_id=office.departments["counter"]
        )
        below = reads.department_and_below(db, [office.departments["counter"]])
        assert below == {office.departments["counter"], office.departments["review"]}


def test_a_post_does_not_report_to_itself_or_to_one_that_reports_to_it(database: Database, office: SmallOffice) -> None:
    with database.writing() as db:
        for superior in ("director", "reviewer"):
            with pytest.raises(rules.ReportsInCircle):
                acts.change_post(
                    db, by=None, post_id=office.posts["director"], reports_to=office.posts[superior], rights=()
                )


def test_a_person_holds_a_post_once_at_a_time(database: Database, office: SmallOffice) -> None:
    li, clerk = office.persons["li"], office.posts["clerk"]
    with database.writing() as db:
        with pytest.raises(rules.AlreadyHeld, match="Li Ming already holds “Counter clerk”"):
            acts.give_post(db, by=None, person_id=li, post_id=clerk)
        acts.end_holding(db, by=None, holding_id=holding(db, office, "li"), until_day=TODAY)
        with pytest.raises(rules.AlreadyHeld):
            acts.give_post(db, by=None, person_id=li, post_id=clerk, from_day=TODAY)
        acts.give_post(db, by=None, person_id=li, post_id=clerk, from_day=TODAY + timedelta(days=1))


def test_a_holding_is_not_lengthened_into_the_next(database: Database, office: SmallOffice) -> None:
    li, clerk = office.persons["li"], office.posts["clerk"]
    with database.writing() as db:
        first = holding(db, office, "li")
        acts.end_holding(db, by=None, holding_id=first, until_day=TODAY)
        acts.give_post(db, by=None, person_id=li, post_id=clerk, from_day=TODAY + timedelta(days=5))
        with pytest.raises(rules.AlreadyHeld):
            acts.end_holding(db, by=None, holding_id=first, until_day=TODAY + timedelta(days=5))
        acts.end_holding(db, by=None, holding_id=first, until_day=TODAY + timedelta(days=4))


def test_a_period_is_not_inverted(database: Database, office: SmallOffice) -> None:
    with database.writing() as db:
        yesterday = TODAY - timedelta(days=1)
        with pytest.raises(rules.PeriodInverted):
            acts.give_post(
                db, by=None, person_id=office.persons["li"], post_id=office.posts["head"],
                from_day=TODAY, until_day=yesterday,
            )  # fmt: skip
        with pytest.raises(rules.PeriodInverted):
            acts.end_holding(db, by=None, holding_id=holding(db, office, "li"), until_day=FROM_DAY - timedelta(days=1))


def _take_rights(db: Connection, office: SmallOffice) -> None:
    acts.change_post(db, by=None, post_id=office.posts["administrator"], reports_to=None, rights=())


TAKING_THE_ADMINISTRATOR: dict[str, Callable[[Connection, SmallOffice], None]] = {
    "end the holding": lambda db, of: acts.end_holding(db, by=None, holding_id=holding(db, of, "guo")),
    "end it next year": lambda db, of: acts.end_holding(
        db, by=None, holding_id=holding(db, of, "guo"), until_day=date(2027, 1, 1)
    ),
    "leave": lambda db, of: acts.person_leaves(db, by=None, person_id=of.persons["guo"]),
    "leave later": lambda db, of: acts.person_leaves(db, by=None, person_id=of.persons["guo"], on=date(2027, 1, 1)),
    "take the right": _take_rights,
}


@pytest.mark.parametrize("way", TAKING_THE_ADMINISTRATOR)
def test_at_least_one_administrator_remains(database: Database, office: SmallOffice, way: str) -> None:
    take = TAKING_THE_ADMINISTRATOR[way]
    with pytest.raises(rules.NoAdministratorLeft), database.writing() as db:
        take(db, office)
    with database.writing() as db:
        assert office.actor(db, "guo").may(Right.ADMINISTER)
        second = acts.add_post(
            db, by=None, department_id=office.departments["bureau"], code="second", name_en="Second administrator",
            name_zh="副管理员", rights={Right.ADMINISTER},
        )  # fmt: skip
        acts.give_post(db, by=None, person_id=office.persons["he"], post_id=second)
        take(db, office)


def test_the_office_day_decides_who_holds_a_post(database: Database, office: SmallOffice, clock: Clock) -> None:
    """At 16:30 in London it is already tomorrow in Shanghai."""
    with database.writing() as db:
        acts.end_holding(db, by=None, holding_id=holding(db, office, "li"), until_day=TODAY)
        assert office.posts["clerk"] in office.actor(db, "li").post_ids
        clock.advance(hours=14, minutes=59)
        assert office.posts["clerk"] in office.actor(db, "li").post_ids
        clock.advance(minutes=1)
        assert reads.today(db) == TODAY + timedelta(days=1)
        assert office.actor(db, "li").post_ids == frozenset()


def test_who_leaves_loses_their_posts_and_is_given_none(database: Database, office: SmallOffice) -> None:
    wang = office.persons["wang"]
    with database.writing() as db:
        acts.give_post(db, by=None, person_id=wang, post_id=office.posts["head"], from_day=TODAY + timedelta(days=10))
        acts.person_leaves(db, by=None, person_id=wang)
        person = reads.person(db, wang)
        assert person.left_on == TODAY
        assert [(one.post.en, one.until_day) for one in person.holdings] == [("Reviewer", TODAY)]
        assert len(last_facts(db)[2]["holdings_ended"]) == 2
        with pytest.raises(rules.PersonLeft):
            acts.give_post(db, by=None, person_id=wang, post_id=office.posts["clerk"])
        with pytest.raises(rules.PersonLeft):
            acts.person_leaves(db, by=None, person_id=wang)
        reviewers = next(post for post in reads.chart(db).posts if post.code == "reviewer")
        assert [holder.login for holder in reviewers.holders] == ["zhao"]


def test_who_leaves_next_month_works_until_then(database: Database, office: SmallOffice) -> None:
    wang, leaving = office.persons["wang"], date(2026, 4, 1)
    with database.writing() as db:
        acts.person_leaves(db, by=None, person_id=wang, on=leaving)
        assert office.posts["reviewer"] in office.actor(db, "wang").post_ids
        with pytest.raises(rules.PersonLeft):
            acts.give_post(db, by=None, person_id=wang, post_id=office.posts["clerk"])
        acts.give_post(db, by=None, person_id=wang, post_id=office.posts["clerk"], until_day=leaving)


def test_a_refused_act_leaves_nothing_behind(database: Database, office: SmallOffice) -> None:
    with database.reading() as db:
        before = len(record(db))
    with pytest.raises(rules.CodeTaken):
        _add_twice(database)
    with database.reading() as db:
        assert len(record(db)) == before
        assert first_broken(db, reads.heads(db)) is None


def _add_twice(database: Database) -> None:
    with database.writing() as db:
        for _ in range(2):
            acts.add_department(db, by=None, code="new", name_en="New", name_zh="新")


def test_of_several_who_want_one_code_at_once_one_gets_it(database: Database, office: SmallOffice) -> None:
    start = Barrier(4)

    def add(number: int) -> str:
        start.wait()
        try:
            with database.writing() as db:
                acts.add_department(db, by=None, code="new", name_en=f"New {number}", name_zh="新")
        except rules.CodeTaken:
            return "taken"
        return "added"

    with ThreadPoolExecutor(4) as pool:
        assert sorted(pool.map(add, range(4))) == ["added", "taken", "taken", "taken"]
    with database.reading() as db:
        assert first_broken(db, reads.heads(db)) is None
