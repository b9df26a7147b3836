"""Worlds for tests, built through acts, so that none of them is impossible."""

from __future__ import annotations

from collections.abc import Hashable, Mapping
from dataclasses import dataclass
from datetime import date
from typing import Final

from sqlalchemy import Connection

from engine.base import clock
from engine.organisation import acts, reads
from engine.organisation.rules import Actor, Right
from tests.once import Rows, put, taken

FROM_DAY: Final = date(2020, 1, 1)


@dataclass(frozen=True, slots=True)
class SmallOffice:
    """Ids by code and by login. A test's own: whom it takes on it puts there."""

    departments: dict[str, int]
    posts: dict[str, int]
    persons: dict[str, int]

    def actor(self, db: Connection, login: str) -> Actor:
        return reads.actor(db, self.persons[login])


_DEPARTMENTS: Final = (
    ("bureau", "Bureau", "局机关", None),
    ("counter", "Service counter", "服务窗口", "bureau"),
    ("review", "Review section", "审批科", "bureau"),
)
_POSTS: Final = (
    ("director", "bureau", "Director", "局长", None, {Right.SUPERVISE, Right.APPROVE}),
    ("designer", "bureau", "Process designer", "流程设计岗", "director", {Right.DESIGN}),
    ("administrator", "bureau", "Administrator", "管理员", "director", {Right.ADMINISTER}),
    ("head", "review", "Head of review", "审批科科长", "director", {Right.SUPERVISE}),
    ("clerk", "counter", "Counter clerk", "窗口受理岗", "director", {Right.RECEIVE}),
    ("reviewer", "review", "Reviewer", "审核岗", "head", ()),
)
_PERSONS: Final = (
    ("li", "Li Ming", "李明", "clerk"),
    ("chen", "Chen Yan", "陈燕", "clerk"),
    ("wang", "Wang Lei", "王磊", "reviewer"),
    ("zhao", "Zhao Min", "赵敏", "reviewer"),
    ("sun", "Sun Wei", "孙伟", "head"),
    ("zhou", "Zhou Hong", "周红", "director"),
    ("he", "He Jun", "何军", "designer"),
    ("guo", "Guo Fang", "郭芳", "administrator"),
)


_made: Final[dict[Hashable, tuple[SmallOffice, Rows]]] = {}


def small_office(db: Connection, *, passwords: Mapping[str, str] | None = None) -> SmallOffice:
    """Three departments, six posts, eight persons. Only those in `passwords`, by login, can sign in.

    Made by its acts once in a process for each moment and copied from then on, where the clock stands still.
    """
    begun = clock.now()
    key = (begun, *sorted((passwords or {}).items()))
    if key in _made:
        office, rows = _made[key]
        put(db, rows)
        return _own(office)
    before = taken(db)
    office = make_small_office(db, passwords=passwords)
    if not before and clock.now() == begun:
        _made[key] = _own(office), taken(db)
    return office


def _own(office: SmallOffice) -> SmallOffice:
    """Some tests take on people: the office of the next one knows nothing of them."""
    return SmallOffice(dict(office.departments), dict(office.posts), dict(office.persons))


def make_small_office(db: Connection, *, passwords: Mapping[str, str] | None = None) -> SmallOffice:
    acts.found_office(db, name_en="Planning Bureau", name_zh="规划局", zone="Asia/Shanghai")
    departments: dict[str, int] = {}
    for code, en, zh, parent in _DEPARTMENTS:
        departments[code] = acts.add_department(
            db, by=None, code=code, name_en=en, name_zh=zh, parent_id=departments[parent] if parent else None
        )
    posts: dict[str, int] = {}
    for code, department, en, zh, superior, rights in _POSTS:
        posts[code] = acts.add_post(
            db, by=None, department_id=departments[department], code=code, name_en=en, name_zh=zh,
            reports_to=posts[superior] if superior else None, rights=rights,
        )  # fmt: skip
    persons: dict[str, int] = {}
    for login, en, zh, post in _PERSONS:
        password = (passwords or {}).get(login)
        persons[login] = acts.add_person(db, by=None, login=login, name_en=en, name_zh=zh, password=password)
        acts.give_post(db, by=None, person_id=persons[login], post_id=posts[post], from_day=FROM_DAY)
    return SmallOffice(departments, posts, persons)
