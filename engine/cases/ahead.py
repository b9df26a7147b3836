"""What comes next in a case, and whose it is. Read from the diagram; kept as long as the edition is in use."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Final

from sqlalchemy import Connection, select

from engine.base.frozen import frozen
from engine.base.text import Name
from engine.diagram.ahead import Coming, Wait, Way, ahead
from engine.organisation.tables import departments, posts
from engine.procedures.editions import contents, database_name, is_settled
from engine.procedures.runnable import Step, runnable
from engine.procedures.shelf import Shelf
from engine.worktime.spans import Span


@frozen
class Next:
    """One place where the case may come to. `post` and `department` None where no person does it."""

    coming: Coming
    name: str
    post: Name | None
    department: Name | None
    standard_time: Span | None
    also: tuple[str, ...]  # steps that must be done as well before it, by name
    apart_from: tuple[str, ...]  # steps whose doer may not do this one, by name

    @property
    def ways(self) -> tuple[Way, ...]:
        return self.coming.ways

    @property
    def waits(self) -> tuple[Wait, ...]:
        return self.coming.waits


_shelf: Final[Shelf[tuple[Coming, ...]]] = Shelf()


def coming(db: Connection, edition_id: int, element: str) -> tuple[Coming, ...]:
    """What the diagram says; the edition must exist."""
    return _shelf.find_or_make(
        (database_name(db), edition_id, element),
        lambda: ahead(contents(db, edition_id).diagram, element),
        lambda: is_settled(db, edition_id),
    )


def next_places(db: Connection, edition_id: int, elements: Sequence[str]) -> Mapping[str, tuple[Next, ...]]:
    """By the step they come after. At most one statement, for the names of the posts: they may change tomorrow."""
    found = {element: coming(db, edition_id, element) for element in elements}
    made_ready, names = runnable(db, edition_id), contents(db, edition_id).names
    steps = {
        one.element: step
        for places in found.values()
        for one in places
        if (step := made_ready.places.get((edition_id, one.element))) is not None
    }
    owned = _posts(db, frozenset(step.post_id for step in steps.values() if not step.by_item))
    return {
        element: tuple(_next(one, steps.get(one.element), owned, names) for one in places)
        for element, places in found.items()
    }


def _next(one: Coming, step: Step | None, owned: Mapping[int, tuple[Name, Name]], names: Mapping[str, str]) -> Next:
    post, department = (None, None) if step is None else owned.get(step.post_id, (None, None))
    apart = () if step is None else step.separations
    return Next(
        coming=one,
        name=one.name or "",
        post=post,
        department=department,
        standard_time=None if step is None else step.standard_time,
        also=tuple(names.get(other, other) for other in one.also),
        apart_from=tuple(names.get(duty.source, duty.source) for duty in apart if duty.by == "person"),
    )


def _posts(db: Connection, ids: frozenset[int]) -> dict[int, tuple[Name, Name]]:
    if not ids:
        return {}
    rows = db.execute(
        select(
            posts.c.id, posts.c.name_en, posts.c.name_zh,
            departments.c.name_en.label("department_en"), departments.c.name_zh.label("department_zh"),
        )
        .join(departments, departments.c.id == posts.c.department_id)
        .where(posts.c.id.in_(ids))
    )  # fmt: skip
    return {row.id: (Name(row.name_en, row.name_zh), Name(row.department_en, row.department_zh)) for row in rows}
