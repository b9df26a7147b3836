"""The chart, the persons, and what they cost."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import date

from sqlalchemy import event

from engine.base.database import Database
from engine.organisation import acts, reads
from engine.organisation.rules import Right
from tests.builders import SmallOffice


@contextmanager
def statements(database: Database) -> Iterator[list[str]]:
    """What is said to the database while this is open."""
    said: list[str] = []

    def listen(_db: object, _cursor: object, statement: str, *_: object) -> None:
        if not statement.startswith("BEGIN"):
            said.append(statement)

    event.listen(database.engine, "before_cursor_execute", listen)
    yield said
    event.remove(database.engine, "before_cursor_execute", listen)


def test_the_chart_shows_departments_in_each_other_with_posts_and_holders(
    database: Database, office: SmallOffice
) -> None:
    with database.reading() as db:
        chart = reads.chart(db)
    assert [(depth, one.code) for depth, one in chart.walk()] == [(0, "bureau"), (1, "counter"), (1, "review")]
    review = chart.departments[0].departments[1]
    assert [post.code for post in review.posts] == ["head", "reviewer"]
    reviewer = review.posts[1]
    assert reviewer.reports_to == office.posts["head"]
    assert [holder.name.say("zh") for holder in reviewer.holders] == ["王磊", "赵敏"]
    assert review.posts[0].rights == {Right.SUPERVISE}
    assert {post.code for post in chart.posts} == set(office.posts)


def test_the_chart_costs_the_same_few_statements_however_large_the_office(
    database: Database, office: SmallOffice
) -> None:
    with database.reading() as db, statements(database) as small:
        reads.chart(db)
    with database.writing() as db:
        for number in range(20):
            department = acts.add_department(
                db, by=None, code=f"d{number}", name_en="D", name_zh="科", parent_id=office.departments["bureau"]
            )
            acts.add_post(db, by=None, department_id=department, code=f"p{number}", name_en="P", name_zh="岗")
    with database.reading() as db, statements(database) as large:
        reads.chart(db)
    assert len(small) == len(large) <= 4


def test_only_todays_holders_are_shown(database: Database, office: SmallOffice) -> None:
    with database.writing() as db:
        acts.give_post(
            db, by=None, person_id=office.persons["li"], post_id=office.posts["head"], from_day=date(2026, 3, 3)
        )
        acts.give_post(
            db, by=None, person_id=office.persons["chen"], post_id=office.posts["head"],
            from_day=date(2026, 2, 1), until_day=date(2026, 3, 1),
        )  # fmt: skip
        head = next(post for post in reads.chart(db).posts if post.code == "head")
        assert [holder.login for holder in head.holders] == ["sun"]
        shown = [(one.post.en, one.today) for one in reads.person(db, office.persons["li"]).holdings]
        assert shown == [("Counter clerk", True), ("Head of review", False)]


def test_a_department_and_all_below_it(database: Database, office: SmallOffice) -> None:
    with database.writing() as db:
        deepest = acts.add_department(
            db, by=None, code="archive", name_en="Archive", name_zh="档案室", parent_id=office.departments["review"]
        )
        everything = {*office.departments.values(), deepest}
        assert reads.department_and_below(db, [office.departments["bureau"]]) == everything
        assert reads.department_and_below(db, [deepest, office.departments["review"]]) == {
            office.departments["review"],
            deepest,
        }
        assert reads.department_and_below(db, []) == frozenset()


def test_an_actor_holds_the_posts_of_today_with_their_departments(database: Database, office: SmallOffice) -> None:
    with database.reading() as db:
        sun = office.actor(db, "sun")
    assert (sun.login, sun.name.zh, sun.language) == ("sun", "孙伟", "en")
    (post,) = sun.posts
    assert (post.name.en, post.department.zh) == ("Head of review", "审批科")
    assert sun.may(Right.SUPERVISE)
    assert not sun.may(Right.ADMINISTER)


def test_somebody_without_a_post_is_an_actor_without_posts(database: Database, office: SmallOffice) -> None:
    with database.writing() as db:
        ma = acts.add_person(db, by=None, login="ma", name_en="Ma Li", name_zh="马丽", language="zh")
        actor = reads.actor(db, ma)
    assert actor.posts == ()
    assert actor.language == "zh"


def test_all_persons_are_listed_by_login(database: Database, office: SmallOffice) -> None:
    with database.reading() as db, statements(database) as said:
        listed = reads.all_persons(db)
    assert [person.login for person in listed] == sorted(office.persons)
    assert not any(person.has_password for person in listed)
    assert len(said) <= 3


def test_names_are_said_as_they_were_typed(database: Database, office: SmallOffice) -> None:
    with database.writing() as db:
        post = acts.add_post(
            db, by=None, department_id=office.departments["review"], code="odd", name_en="A {name} {", name_zh="某{岗"
        )
        assert reads.post_name(db, post).say("en", name="x") == "A {name} {"


def test_every_chain_of_the_organisation_is_among_the_heads(database: Database, office: SmallOffice) -> None:
    with database.reading() as db:
        heads = list(reads.heads(db))
    assert len(heads) == 1 + len(office.persons)
    assert len({head.id for head in heads}) == len(heads)
