"""Who acts: a person with the posts of the day and those of whoever they stand in for, found by one statement."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Iterable, Iterator, Mapping
from datetime import date
from typing import Any, Final

from sqlalchemy import Date, Integer, Label, Row, Text, and_, bindparam, cast, null, select, union_all

from engine.organisation import rules
from engine.organisation.absence.rules import ids_of
from engine.organisation.rules import Actor, HeldPost, StandsIn
from engine.organisation.tables import absences, departments, holdings, persons, posts

Found = Row[*tuple[Any, ...]]

_COLUMNS: Final = (
    persons.c.id.label("person_id"),
    persons.c.login,
    persons.c.name_en,
    persons.c.name_zh,
    persons.c.language,
    persons.c.left_on,
    persons.c.single_keys,
    holdings.c.from_day,
    holdings.c.until_day,
    posts.c.id.label("post_id"),
    posts.c.code.label("post_code"),
    posts.c.rights,
    posts.c.name_en.label("post_en"),
    posts.c.name_zh.label("post_zh"),
    departments.c.id.label("department_id"),
    departments.c.name_en.label("department_en"),
    departments.c.name_zh.label("department_zh"),
)
_SCOPE: Final[Mapping[str, Any]] = {
    "absence_id": absences.c.id,
    "away_from": absences.c.from_day,
    "away_until": absences.c.until_day,
    "only_posts": absences.c.post_ids,
    "only_procedures": absences.c.procedure_ids,
}
_KINDS: Final = {"away_from": Date, "away_until": Date, "only_posts": Text, "only_procedures": Text}
HELD: Final = (
    persons.outerjoin(holdings, holdings.c.person_id == persons.c.id)
    .outerjoin(posts, posts.c.id == holdings.c.post_id)
    .outerjoin(departments, departments.c.id == posts.c.department_id)
)


def own_columns() -> Iterator[Label[Any]]:
    """Of somebody's own posts."""
    yield from _COLUMNS  # type: ignore[misc]
    for name in _SCOPE:
        yield cast(null(), _KINDS.get(name, Integer)).label(name)


def absent_columns() -> Iterator[Label[Any]]:
    """Of the posts of somebody who is absent."""
    yield from _COLUMNS  # type: ignore[misc]
    for name, column in _SCOPE.items():
        yield column.label(name)


def is_away() -> Any:
    """On some day from `earliest` to `latest`: what day it is follows only from the office's zone."""
    return and_(
        absences.c.closed_at.is_(None),
        absences.c.from_day <= bindparam("latest", type_=Date),
        absences.c.until_day >= bindparam("earliest", type_=Date),
    )


def actor_from(rows: Collection[Found], on: date) -> Actor:
    """From rows of one person and of those they stand in for, as of that day."""
    own = [row for row in rows if row.absence_id is None]
    first = own[0]
    return Actor(
        person_id=first.person_id,
        login=first.login,
        name_en=first.name_en,
        name_zh=first.name_zh,
        language=first.language,
        single_keys=bool(first.single_keys),
        posts=_posts(own, on),
        stands_in=_stands_in((row for row in rows if row.absence_id is not None), on) if len(own) < len(rows) else (),
    )


def _posts(rows: Iterable[Found], on: date) -> tuple[HeldPost, ...]:
    return tuple(
        HeldPost(
            row.post_id, row.department_id, rules.rights_of(row.rights), row.post_en, row.post_zh, row.department_en,
            row.department_zh,
        )
        for row in rows
        if row.post_id is not None and row.from_day <= on and (row.until_day is None or on <= row.until_day)
    )  # fmt: skip


def _stands_in(rows: Iterable[Found], on: date) -> tuple[StandsIn, ...]:
    by_absence: dict[int, list[Found]] = defaultdict(list)
    for row in rows:
        if row.away_from <= on <= row.away_until and (row.left_on is None or on < row.left_on):
            by_absence[row.absence_id].append(row)
    found = []
    for absence_id, held in sorted(by_absence.items()):
        first, only = held[0], ids_of(held[0].only_posts)
        posts_of = tuple(post for post in _posts(held, on) if not only or post.post_id in only)
        if posts_of:
            found.append(
                StandsIn(
                    absence_id, first.person_id, first.name_en, first.name_zh, posts_of, ids_of(first.only_procedures)
                )
            )
    return tuple(found)


OF_PERSON: Final = union_all(
    select(*own_columns()).select_from(HELD).where(persons.c.id == bindparam("person")),
    select(*absent_columns())
    .select_from(absences.join(HELD, persons.c.id == absences.c.person_id))
    .where(absences.c.deputy_id == bindparam("person"), is_away()),
).order_by("post_code")
