"""How somebody has arranged their own desk: filters they saved, cases they watch.

It says how a person looks at the work and changes nothing in it, so the record knows nothing of it: what somebody keeps
an eye on is nobody else's business.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

import orjson
from sqlalchemy import ColumnElement, Connection, bindparam, delete, exists, func, insert, or_, select, update

from engine.base import clock
from engine.base.database import OFFICE
from engine.base.dialects import upserting
from engine.base.errors import NotFound, Refusal
from engine.base.frozen import frozen
from engine.base.prepared import Prepared
from engine.base.text import Text, one_line
from engine.cases.acts.moving import CASE
from engine.cases.asked.tables import copies
from engine.cases.listing import visible_to
from engine.cases.tables import cases
from engine.cases.tables_of_desk import case_watches, desk_filters
from engine.organisation.rules import Actor
from engine.organisation.tables import holdings, persons

MOST_FILTERS: Final = 30
MOST_WATCHED: Final = 500
MOST_NAME: Final = 60
_MOST_ASKED: Final = 2000
_FILTER: Final = Text(en="filter", zh="筛选")

Asked = Mapping[str, str]
"""What is looked for, as the web asks for it: names and values of the page's address."""


class FilterNameMissing(Refusal):
    """A filter needs a name of at most {most} characters. Write one that says what it shows."""

    zh = "筛选需要名称，最多 {most} 字。请填写能说明其内容的名称。"


class FilterNameTaken(Refusal):
    """You have a filter “{name}” already. Choose another name, or delete that one first."""

    zh = "您已有名为“{name}”的筛选。请另取名称，或先删除原有的。"


class TooManyFilters(Refusal):
    """You have {most} filters already. Delete one that you no longer need."""

    zh = "您已保存 {most} 个筛选。请先删除不再需要的。"


class TooManyWatched(Refusal):
    """You watch {most} cases already. Stop watching those that no longer concern you."""

    zh = "您已关注 {most} 个办件。请先取消不再需要关注的。"


@frozen
class SavedFilter:
    id: int
    name: str
    asked: Asked
    is_default: bool


@frozen
class Arranged:
    filters: tuple[SavedFilter, ...]
    watches: bool
    """Whether the person watches any case at all."""
    copied: bool = False
    """Whether the person was ever sent a copy."""

    @property
    def default(self) -> SavedFilter | None:
        return next((one for one in self.filters if one.is_default), None)


_WATCHES = (
    select(func.count())
    .select_from(case_watches)
    .where(case_watches.c.office_id == OFFICE, case_watches.c.person_id == persons.c.id)
    .scalar_subquery()
)
_COPIED = or_(
    exists().where(copies.c.office_id == OFFICE, copies.c.person_id == persons.c.id),
    exists().where(
        copies.c.office_id == OFFICE, copies.c.post_id == holdings.c.post_id, holdings.c.person_id == persons.c.id
    ),
)
_ARRANGED: Final = Prepared(
    select(
        desk_filters.c.id,
        desk_filters.c.name,
        desk_filters.c.asked,
        desk_filters.c.is_default,
        _WATCHES.label("n"),
        _COPIED.label("copied"),
    )
    .select_from(persons.outerjoin(desk_filters, desk_filters.c.person_id == persons.c.id))
    .where(persons.c.id == bindparam("me"))
    .order_by(desk_filters.c.id)
)


def arranged(db: Connection, *, actor: Actor) -> Arranged:
    """One statement, whether there is anything or not."""
    rows = _ARRANGED.all(db, {"me": actor.person_id})
    filters = [SavedFilter(row.id, row.name, orjson.loads(row.asked), row.is_default) for row in rows if row.id]
    return Arranged(tuple(filters), any(row.n for row in rows), any(row.copied for row in rows))


def save_filter(db: Connection, *, by: Actor, name: str, asked: Asked, as_default: bool = False) -> int:
    """Raises FilterNameMissing, FilterNameTaken, TooManyFilters."""
    named = _fit(name)
    kept = arranged(db, actor=by).filters
    if len(kept) >= MOST_FILTERS:
        raise TooManyFilters(most=MOST_FILTERS)
    _must_be_new(kept, named, None)
    if as_default:
        _no_default(db, by)
    written = orjson.dumps(dict(asked), option=orjson.OPT_SORT_KEYS).decode()
    if len(written) > _MOST_ASKED:
        raise FilterNameMissing(most=MOST_NAME)
    made = insert(desk_filters).values(person_id=by.person_id, name=named, asked=written, is_default=as_default)
    return int(db.execute(made.returning(desk_filters.c.id)).scalar_one())


def rename_filter(db: Connection, *, by: Actor, filter_id: int, name: str) -> None:
    """Raises FilterNameMissing, FilterNameTaken, NotFound where it is not the person's own."""
    named = _fit(name)
    _must_be_new(arranged(db, actor=by).filters, named, filter_id)
    _change(db, by, filter_id, name=named)


def delete_filter(db: Connection, *, by: Actor, filter_id: int) -> None:
    if not db.execute(delete(desk_filters).where(*_own(by, filter_id))).rowcount:
        raise NotFound(what=_FILTER)


def choose_default(db: Connection, *, by: Actor, filter_id: int | None) -> None:
    """The desk opens with it from now on; None: with everything."""
    _no_default(db, by)
    if filter_id is not None:
        _change(db, by, filter_id, is_default=True)


def watch(db: Connection, *, by: Actor, case_id: int) -> None:
    """Watching twice is watching. Raises NotFound where the person may not see the case, TooManyWatched."""
    seen = db.execute(
        select(cases.c.id).where(cases.c.office_id == OFFICE, cases.c.id == case_id, visible_to(db, by))
    ).first()
    if seen is None:
        raise NotFound(what=CASE)
    watched = select(func.count()).select_from(case_watches).where(*_watching(by))
    if (db.scalar(watched) or 0) >= MOST_WATCHED:
        raise TooManyWatched(most=MOST_WATCHED)
    insert_into = upserting(db.dialect.name)
    added = insert_into(case_watches).values(office_id=OFFICE, person_id=by.person_id, case_id=case_id, at=clock.now())
    db.execute(added.on_conflict_do_nothing())


def unwatch(db: Connection, *, by: Actor, case_id: int) -> None:
    """What is not watched needs no ending."""
    db.execute(delete(case_watches).where(*_watching(by), case_watches.c.case_id == case_id))


def watches(db: Connection, *, actor: Actor, case_id: int) -> bool:
    found = select(case_watches.c.case_id).where(*_watching(actor), case_watches.c.case_id == case_id)
    return db.scalar(found) is not None


def _watching(by: Actor) -> tuple[ColumnElement[bool], ...]:
    return case_watches.c.office_id == OFFICE, case_watches.c.person_id == by.person_id


def _own(by: Actor, filter_id: int) -> tuple[ColumnElement[bool], ...]:
    return desk_filters.c.id == filter_id, desk_filters.c.person_id == by.person_id


def _fit(name: str) -> str:
    named = one_line(name)
    if not named or len(named) > MOST_NAME:
        raise FilterNameMissing(most=MOST_NAME)
    return named


def _must_be_new(kept: tuple[SavedFilter, ...], name: str, but: int | None) -> None:
    if any(one.name == name and one.id != but for one in kept):
        raise FilterNameTaken(name=name)


def _no_default(db: Connection, by: Actor) -> None:
    db.execute(update(desk_filters).where(desk_filters.c.person_id == by.person_id).values(is_default=False))


def _change(db: Connection, by: Actor, filter_id: int, **values: object) -> None:
    if not db.execute(update(desk_filters).where(*_own(by, filter_id)).values(**values)).rowcount:
        raise NotFound(what=_FILTER)
