"""The demo office is one that could be: a tree of departments, posts that report upwards, people who hold them."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping
from datetime import date, timedelta

from engine.organisation.rules import Right
from processes import office, shipped

TODAY = date(2026, 11, 20)


def holding_today() -> dict[str, set[str]]:
    """Post code -> logins."""
    found: dict[str, set[str]] = {post.code: set() for post in office().posts}
    for person in office().persons:
        for holding in person.holdings:
            begun, over = holding.period(TODAY)
            if begun <= TODAY and (over is None or over >= TODAY):
                found[holding.post].add(person.login)
    return found


def top(code: str, above: Mapping[str, str | None]) -> str:
    """The one that stands above all others; fails where they stand in a ring."""
    seen = {code}
    while (upper := above[code]) is not None:
        assert upper not in seen
        seen.add(upper)
        code = upper
    return code


def test_it_is_large_enough_to_look_like_an_office() -> None:
    plan = office()
    assert len(plan.departments) >= 7
    assert len(plan.posts) >= 20
    assert len(plan.persons) >= 32


def test_departments_form_one_tree_and_stand_behind_their_parents() -> None:
    departments = office().departments
    seen: set[str] = set()
    for one in departments:
        assert one.parent is None or one.parent in seen
        assert one.code not in seen
        seen.add(one.code)
    assert len({top(one.code, {each.code: each.parent for each in departments}) for one in departments}) == 1


def test_posts_report_upwards_to_one_head_and_stand_behind_whom_they_report_to() -> None:
    posts = office().posts
    departments = {one.code for one in office().departments}
    seen: set[str] = set()
    for one in posts:
        assert one.department in departments
        assert one.reports_to is None or one.reports_to in seen
        assert one.code not in seen
        seen.add(one.code)
    assert {top(one.code, {each.code: each.reports_to for each in posts}) for one in posts} == {"YX-HEAD"}


def test_rights_are_words_the_engine_knows() -> None:
    by_right = Counter(right for post in office().posts for right in post.rights)
    assert set(by_right) == {str(right) for right in Right}
    held = holding_today()
    for right in (Right.DESIGN, Right.ADMINISTER):
        assert len({login for post in office().posts if right in post.rights for login in held[post.code]}) == 1


def test_every_post_is_held_and_everybody_holds_one() -> None:
    held = holding_today()
    assert [code for code, logins in held.items() if not logins] == []
    assert set().union(*held.values()) == {person.login for person in office().persons}


def test_logins_are_plain_and_nobody_is_there_twice() -> None:
    persons = office().persons
    for one in persons:
        assert one.login == one.name_en.replace(" ", "").lower()
        assert one.language in ("en", "zh")
    for names in ([one.login for one in persons], [one.name_zh for one in persons]):
        assert len(names) == len(set(names))


def test_some_posts_are_shared_and_some_people_hold_several() -> None:
    held = holding_today()
    assert sum(len(logins) > 1 for logins in held.values()) >= 5
    posts_of = Counter(login for logins in held.values() for login in logins)
    assert sum(count > 1 for count in posts_of.values()) >= 3


def test_somebody_came_in_recently_and_somebody_left_a_post() -> None:
    periods = [(person, *one.period(TODAY)) for person in office().persons for one in person.holdings]
    new = {person.login for person, begun, _ in periods if begun > TODAY - timedelta(days=60)}
    assert len(new) == 1
    assert any(over is not None and over < TODAY for _, _, over in periods)
    for _, begun, over in periods:
        assert over is None or begun <= over


def test_review_approval_payment_and_audit_are_never_one_person() -> None:
    budget = next(one for one in shipped() if one.key == "additional_budget")
    held = holding_today()
    busy = Counter(login for post in set(budget.owners.values()) for login in held[post])
    assert [login for login, posts in busy.items() if posts > 1] == []


def test_who_drafts_a_permit_does_not_decide_it() -> None:
    held = holding_today()
    assert held["HC-PERM"].isdisjoint(held["HC-DEP"])
