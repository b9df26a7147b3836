"""Where cases wait at this moment: what is open, read from the rows as they stand."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime
from typing import Any, Final

from sqlalchemy import (
    ColumnElement,
    Connection,
    Text,
    and_,
    case,
    exists,
    false,
    func,
    literal,
    or_,
    select,
    tuple_,
    union_all,
)

from engine.base.database import OFFICE, from_stored, to_stored
from engine.base.once import once
from engine.cases.clocks.still import stands_still
from engine.cases.handing.rows import SILENT
from engine.cases.rules import Change
from engine.cases.tables import hand_overs, task_events, tasks
from engine.organisation.calendars.reads import calendar_of, calendars_version
from engine.organisation.rules import Actor
from engine.procedures.editions import contents
from engine.procedures.reads import element_names, standard_times
from engine.supervision.figures.asking import Owner, drawn_for, must_be_many, owners, time
from engine.supervision.figures.parts import Part
from engine.supervision.figures.rollups import key_of
from engine.supervision.figures.rules import Scope, StepNow
from engine.supervision.figures.shapes import StepKey
from engine.supervision.figures.sight import seen
from engine.supervision.figures.spreads import Spread
from engine.supervision.figures.unended import open_groups, open_in
from engine.worktime.quick import Worked, worked
from engine.worktime.spans import Span, share_used


@dataclass(slots=True)
class _Open:
    """The open tasks of a step. `late` by part; `opened`: when, by department, the oldest first."""

    post_id: int
    parts: Counter[str] = field(default_factory=Counter)
    late: Counter[str] = field(default_factory=Counter)
    opened: dict[int, list[int]] = field(default_factory=dict)


def steps_now(db: Connection, *, actor: Actor, scope: Scope, now: datetime) -> tuple[StepNow, ...]:
    """Steps with open tasks, most of them first. The days of the scope are not asked for: it is now.

    Late is what is past due while its clock runs. Raises what `asking.question` does.
    """
    mine = seen(db, actor, scope.procedure_id)
    must_be_many(db, scope, mine)
    groups = _open(db, scope, mine)
    owning = owners(db)
    drawn = drawn_for(db, groups, owning)
    version = calendars_version(db)
    lines = _lines(db, groups.values(), now, version)
    found = [
        _step(db, key, one, drawn.get(key) or owning[one.post_id], lines, now, version) for key, one in groups.items()
    ]
    return tuple(sorted(found, key=lambda one: (-one.open, one.oldest, one.element)))


def parts_now(db: Connection, procedures: frozenset[int]) -> Mapping[tuple[int, str], tuple[int, int]]:
    """By procedure and part, a word of Part: open tasks, and how many of them are late."""
    found: dict[tuple[int, str], tuple[int, int]] = {}
    for (procedure, _edition, _element), one in _open(db, Scope(date.min, date.max), procedures).items():
        for part, count in one.parts.items():
            n, late = found.get((procedure, part), (0, 0))
            found[procedure, part] = n + count, late + one.late[part]
    return found


def is_late(now: datetime) -> ColumnElement[bool]:
    """Of an open task: past due, and its clock runs."""
    return and_(tasks.c.due_at < now, ~stands_still())


def _open(db: Connection, scope: Scope, mine: frozenset[int]) -> Mapping[StepKey, _Open]:
    return once(db, ("open now", key_of(scope, mine)), lambda: _counted(db, scope, mine))


def _counted(db: Connection, scope: Scope, mine: frozenset[int]) -> Mapping[StepKey, _Open]:
    """Most is plain: it is counted as it comes, and then what may not be is looked up and put where it belongs."""
    groups: dict[StepKey, _Open] = {}
    every = open_groups(db, scope, mine)
    if not every:
        return groups
    for group in every:
        one = groups.setdefault(group.step, _Open(group.post_id))
        one.post_id = min(one.post_id, group.post_id)
        plain = _plain(group.person_id is not None)
        one.parts[plain] += len(group.opened)
        one.late[plain] += group.past_due
        one.opened[group.department_id] = [*one.opened.get(group.department_id, ()), *group.opened]
    for one in groups.values():
        for opened in one.opened.values():
            opened.sort()
    for procedure, edition, element, taken, past, part, n in _others(db, scope, mine, every[0].read_at, groups):
        one, plain = groups[procedure, edition, element], _plain(taken)
        one.parts[plain] -= n
        one.parts[part] += n
        if past:
            one.late[plain] -= n
            one.late[part] += n if part != Part.STOPPED else 0
    return groups


def _plain(taken: bool) -> str:
    return Part.TAKEN.value if taken else Part.WAITING.value


_ALWAYS: Final = from_stored(0)


def _others(
    db: Connection, scope: Scope, mine: frozenset[int], now: datetime, steps: Iterable[StepKey]
) -> Sequence[tuple[int, int, str, bool, bool, str, int]]:
    """Open tasks that may be in another part than their having somebody or nobody says: by step, taken, past due, part."""
    columns = (
        tasks.c.procedure_id, tasks.c.edition_id, tasks.c.element,
        case((tasks.c.person_id.is_not(None), 1), else_=0).label("taken"),
        case((tasks.c.due_at < now, 1), else_=0).label("past"),
    )  # fmt: skip
    here, few, still = open_in(scope, mine), open_in(scope, mine, known=True), stands_still()
    some = [select(*columns, literal(Part.STOPPED.value, Text).label("part")).where(*few, still)]
    # By the index of those without an answer: by the key of the table all would be looked at.
    silent = select(hand_overs.c.case_id, hand_overs.c.task_number).where(
        hand_overs.c.office_id + 0 == OFFICE, hand_overs.c.answer_by > _ALWAYS, SILENT
    )
    outside = sorted(
        {(edition, element) for _procedure, edition, element in steps if _is_outside(db, edition, element)}
    )
    named = or_(false(), *(and_(tasks.c.edition_id == one, tasks.c.element == element) for one, element in outside))
    offered = and_(tasks.c.changes == 1, ~named)  # nobody has begun: no change of it is looked up
    handed = case((offered, Part.HANDED.value), *_BY_CHANGE, else_=Part.HANDED.value).label("part")
    some.append(select(*columns, handed).where(*few, tuple_(tasks.c.case_id, tasks.c.number).in_(silent), ~still))
    if outside:
        plain = case((tasks.c.person_id.is_not(None), Part.TAKEN.value), else_=Part.WAITING.value)
        some.append(
            select(*columns, case(*_BY_CHANGE, else_=plain).label("part")).where(*here, named, ~still, ~_moving())
        )
    each = union_all(*some).subquery()
    rows = db.execute(select(*each.c, func.count()).group_by(*each.c))
    return [(row[0], row[1], row[2], bool(row[3]), bool(row[4]), row[5], row[6]) for row in rows]


def _is_outside(db: Connection, edition: int, element: str) -> bool:
    drawn = contents(db, edition).diagram.elements.get(element)
    return drawn is not None and drawn.external


_AT_WORK: Final = (Change.BEGUN, Change.RESUMED)


def _moving() -> ColumnElement[bool]:
    return exists().where(
        hand_overs.c.office_id == tasks.c.office_id, hand_overs.c.case_id == tasks.c.case_id,
        hand_overs.c.task_number == tasks.c.number, SILENT,
    )  # fmt: skip


def _last_change(*conditions: Callable[[Any], ColumnElement[bool]]) -> ColumnElement[bool]:
    last = task_events.alias("last_change")
    return exists().where(
        last.c.office_id == tasks.c.office_id, last.c.case_id == tasks.c.case_id, last.c.task_number == tasks.c.number,
        last.c.number == tasks.c.changes, *(one(last) for one in conditions),
    )  # fmt: skip


_BY_CHANGE: Final = (
    (_last_change(lambda last: last.c.change.in_(_AT_WORK)), Part.TAKEN.value),
    (_last_change(lambda last: last.c.external), Part.OUTSIDE.value),
)


def standing() -> ColumnElement[str]:
    """Of an open task, in which part it is: a word of Part."""
    return case(
        (stands_still(), Part.STOPPED.value),
        *_BY_CHANGE,
        (_moving(), Part.HANDED.value),
        (tasks.c.person_id.is_not(None), Part.TAKEN.value),
        else_=Part.WAITING.value,
    )


def _lines(db: Connection, groups: Iterable[_Open], now: datetime, version: int) -> Mapping[int, Worked]:
    """The working time of each department, from its oldest open task until now."""
    oldest: dict[int, int] = {}
    for one in groups:
        for department, opened in one.opened.items():
            oldest[department] = min(opened[0], oldest.get(department, opened[0]))
    found = {department: worked(calendar_of(db, department, version)) for department in oldest}
    for department, line in found.items():
        line.covers(oldest[department], to_stored(now))
    return found


def _step(
    db: Connection, key: StepKey, one: _Open, owner: Owner, lines: Mapping[int, Worked], now: datetime, version: int
) -> StepNow:
    parts = one.parts
    queue = _queue(one)
    middle, oldest = queue[(len(queue) - 1) // 2], queue[0]
    span = standard_times(db, key[1]).get(key[2])
    return StepNow(
        *key, name=element_names(db, key[1]).get(key[2], key[2]), post_id=owner.post_id, post=owner.post,
        department_id=owner.department_id, department=owner.department, open=len(queue), waiting=parts[Part.WAITING],
        working=parts[Part.TAKEN], stopped=parts[Part.STOPPED], outside=parts[Part.OUTSIDE], handed=parts[Part.HANDED],
        late=one.late.total(), oldest=from_stored(oldest[0]), ages=_ages(one, lines, to_stored(now)),
        used_median=_used(db, span, middle, now, version), used_worst=_used(db, span, oldest, now, version),
    )  # fmt: skip


Queued = tuple[int, int]
"""When it was opened, and the department that it lies in."""


class _OfOne(Sequence[Queued]):
    """The queue of a step that lies in one department: nothing is made of each task."""

    def __init__(self, department: int, opened: Sequence[int]) -> None:
        self._department, self._opened = department, opened

    def __len__(self) -> int:
        return len(self._opened)

    def __getitem__(self, place: Any) -> Any:
        return self._opened[place], self._department


def _queue(one: _Open) -> Sequence[Queued]:
    if len(one.opened) == 1:
        ((department, opened),) = one.opened.items()
        return _OfOne(department, opened)
    return sorted((at, department) for department, opened in one.opened.items() for at in opened)


def _ages(one: _Open, lines: Mapping[int, Worked], now: int) -> Spread:
    """In one department whoever came first is the oldest; of several each is looked at."""
    count = sum(map(len, one.opened.values()))
    ends = {department: lines[department].height(now) for department in one.opened}
    total = time(sum(ends[of] * len(some) - lines[of].total(some) for of, some in one.opened.items()))
    places = [count - max(1, -(-count * part // 100)) for part in (50, 85, 95)]  # from the oldest
    if len(one.opened) == 1:
        ((of, some),) = one.opened.items()
        ages = [ends[of] - lines[of].height(some[place]) for place in places]
    else:
        every = sorted(
            (ends[of] - lines[of].height(at) for of, some in one.opened.items() for at in some), reverse=True
        )
        ages = [every[place] for place in places]
    middle, outer, last = map(time, ages)
    return Spread(count, total, total / count, middle, outer, last)


def _used(db: Connection, span: Span | None, one: Queued, now: datetime, version: int) -> float | None:
    if span is None:
        return None
    return share_used(span, calendar_of(db, one[1], version), from_stored(one[0]), now)
