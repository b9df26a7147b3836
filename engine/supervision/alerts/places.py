"""Whether a place can ever hold the figure that an alert watches there."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

from sqlalchemy import Connection, select, true

from engine.base import clock
from engine.base.text import Name
from engine.diagram.owners import owner_of
from engine.organisation.calendars.reads import calendar_of
from engine.organisation.reads import department_and_below
from engine.organisation.rules import Actor
from engine.organisation.tables import posts
from engine.procedures.editions import contents
from engine.procedures.reads import standard_times, supervised_departments
from engine.procedures.rules import EditionState
from engine.procedures.tables import editions, owners, procedures
from engine.supervision.alerts import rules
from engine.supervision.alerts.measuring import OF_CASES, TELLS_OF_WORK, departments, scope_of
from engine.supervision.alerts.rules import Alert, AlertNeverFires, NotYourDepartment, WorkOfFew
from engine.supervision.figures import loads
from engine.supervision.figures.sight import answered_for, seen
from engine.supervision.figures.suppressing import LEAST, is_of_few

_RAN: Final = (EditionState.IN_FORCE.value, EditionState.OUT_OF_FORCE.value)
_WITH_A_TIME: Final = frozenset({"late", "now.late", "used_median", "used_worst"})


def must_be_there(db: Connection, by: Actor, alert: Alert) -> None:
    """Raises NotYourDepartment, NotFound, AlertNeverFires."""
    if alert.department_id is not None and alert.department_id not in supervised_departments(db, by):
        raise NotYourDepartment()
    seen(db, by, alert.procedure_id)
    if alert.procedure_id is None:
        return
    if alert.figure in OF_CASES and alert.department_id is not None:
        _must_answer_for(db, alert.procedure_id, alert.department_id)
    if alert.element is None:
        return
    drawn = _departments_of(db, alert.procedure_id).get(alert.element)
    if drawn is None:
        raise AlertNeverFires(why=rules.NO_SUCH_STEP)
    if alert.department_id is not None and drawn.isdisjoint(department_and_below(db, [alert.department_id])):
        raise AlertNeverFires(why=rules.ANOTHER_DEPARTMENT)
    if alert.figure in _WITH_A_TIME and not _has_standard_time(db, alert.procedure_id, alert.element):
        raise AlertNeverFires(why=rules.NO_STANDARD_TIME)


def must_not_be_of_few(db: Connection, by: Actor, alert: Alert) -> None:
    """Raises WorkOfFew where what is worked there is hidden from whose alert it is, as it is on the pages of flow."""
    if alert.figure not in TELLS_OF_WORK:
        return
    there = departments(db, alert)
    posts_there = _posts_of(db, by, alert, there)
    few = loads.small_posts(db, actor=by, scope=scope_of(alert, calendar_of(db).local_day(clock.now()), there))
    each_hidden = alert.figure not in OF_CASES and bool(posts_there) and posts_there <= few.keys()
    if each_hidden or is_of_few(posts_there, few):
        raise WorkOfFew(least=LEAST, figure=alert.definition.name)


def _posts_of(db: Connection, by: Actor, alert: Alert, there: frozenset[int] | None) -> frozenset[int]:
    """Whose lanes the place has, in every edition that ever ran."""
    asked = seen(db, by, alert.procedure_id)
    if alert.figure in OF_CASES and alert.procedure_id is None and there is not None:
        asked &= answered_for(db, there)
    rows = db.execute(
        select(editions.c.id, owners.c.owner, owners.c.post_id)
        .join(editions, editions.c.id == owners.c.edition_id)
        .join(posts, posts.c.id == owners.c.post_id)
        .where(
            editions.c.procedure_id.in_(sorted(asked)), editions.c.state.in_(_RAN),
            true() if there is None else posts.c.department_id.in_(sorted(there)),
        )
    )  # fmt: skip
    return frozenset(
        row.post_id
        for row in rows
        if alert.element is None or owner_of(contents(db, row.id).diagram).get(alert.element) == row.owner
    )


def _must_answer_for(db: Connection, procedure_id: int, department_id: int) -> None:
    """Cases are those of the department that answers for their procedure."""
    found = db.scalar(select(procedures.c.department_id).where(procedures.c.id == procedure_id))
    if found not in department_and_below(db, [department_id]):
        raise AlertNeverFires(why=rules.ANOTHER_PROCEDURE)


def steps_of(db: Connection, *, actor: Actor, procedure_id: int) -> tuple[tuple[str, Name], ...]:
    """The steps of people in a procedure, of its newest edition first, by what they are called. Raises NotFound."""
    seen(db, actor, procedure_id)
    found: dict[str, Name] = {}
    for edition_id in _editions(db, procedure_id):
        drawn = contents(db, edition_id)
        for element in owner_of(drawn.diagram):
            if element in drawn.names:
                found.setdefault(element, Name(drawn.names[element], drawn.names[element]))
    return tuple(sorted(found.items(), key=lambda one: one[1].en))


def _departments_of(db: Connection, procedure_id: int) -> Mapping[str, frozenset[int]]:
    """Of every step of every edition: in which departments its tasks can come to lie."""
    rows = db.execute(
        select(owners.c.edition_id, owners.c.owner, posts.c.department_id)
        .join(posts, posts.c.id == owners.c.post_id)
        .where(owners.c.edition_id.in_(_editions(db, procedure_id)))
    )
    owning = {(row.edition_id, row.owner): row.department_id for row in rows}
    found: dict[str, frozenset[int]] = {}
    for edition_id in _editions(db, procedure_id):
        for element, key in owner_of(contents(db, edition_id).diagram).items():
            department = owning.get((edition_id, key))
            found[element] = found.get(element, frozenset()) | ({department} if department is not None else set())
    return found


def _editions(db: Connection, procedure_id: int) -> list[int]:
    """Those that ever ran cases, the newest first."""
    rows = db.scalars(
        select(editions.c.id)
        .where(editions.c.procedure_id == procedure_id, editions.c.state.in_(_RAN))
        .order_by(editions.c.number.desc())
    ).all()
    return list(rows)


def _has_standard_time(db: Connection, procedure_id: int, element: str) -> bool:
    return any(element in standard_times(db, one) for one in _editions(db, procedure_id))
