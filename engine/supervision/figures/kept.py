"""What is kept of closed steps and ended cases, with places and variants told; and how rows of them are written."""

from __future__ import annotations

import json
from collections import defaultdict
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from typing import Any, Final

from sqlalchemy import BigInteger, BindParameter, Connection, Row, Table, bindparam, delete, select, type_coerce

from engine.base.database import OFFICE
from engine.supervision.figures import tables
from engine.supervision.figures.contributions import (
    ClosedStep,
    Contributions,
    EndedCase,
    Key,
    Place,
    Times,
    digest_of,
)
from engine.supervision.figures.many import Many, alike, write_many
from engine.supervision.figures.sums import Variant, of_edition, of_step

_STEP: Final = (
    "opened_day", "closed_day", "how", "person_id", "from_department_id", "opened_at", "closed_at", "counted_by",
)  # fmt: skip
_YES_OR_NO: Final = ("received", "timed", "late", "repeated", "looped", "same_day", "returned", "ping_pong")
_CASE: Final = (
    "started_day", "ended_day", "cancelled", "promised", "promise_kept", "lawful", "law_kept", "first_pass",
    "same_day", "repeated", "steps", "counted_by", "cycle", "calendar",
)  # fmt: skip


class Names:
    """Places and variants by their numbers and back."""

    def __init__(self, places: Mapping[int, Place], variants: Mapping[int, Variant]) -> None:
        self.places = dict(places)
        self.variants = dict(variants)
        self._of_place = {place: number for number, place in places.items()}
        self._of_variant = {variant: number for number, variant in variants.items()}

    def place(self, place: Place | None) -> int:
        return 0 if place is None else self._of_place[place]

    def variant(self, variant: Variant) -> int:
        return self._of_variant[variant]

    def knows(self, place: Place) -> bool:
        return place in self._of_place

    def knows_variant(self, variant: Variant) -> bool:
        return variant in self._of_variant

    def add(self, number: int, place: Place) -> None:
        self.places[number] = place
        self._of_place[place] = number

    def add_variant(self, number: int, variant: Variant) -> None:
        self.variants[number] = variant
        self._of_variant[variant] = number


_PLACES: Final = select(
    tables.places.c.id, *(tables.places.c[name] for name in Place._fields)
)  # fmt: skip


def places_of(db: Connection, procedures: Collection[int] | None = None) -> dict[int, Place]:
    asked = _PLACES if procedures is None else _PLACES.where(tables.places.c.procedure_id.in_(list(procedures)))
    return {row[0]: Place(*row[1:]) for row in db.execute(asked)}


def place_of(db: Connection, number: int) -> Place:
    return Place(*db.execute(_PLACES.where(tables.places.c.id == number)).one()[1:])


def kept(db: Connection, keys: Collection[Key]) -> Contributions:
    """What is kept of those named."""
    told = Contributions()
    steps = {key for key in keys if key[1]}
    ended = [case_id for case_id, number in keys if not number]
    spells, journeys = _spell_rows(db, steps), _journey_rows(db, ended)
    if not spells and not journeys:
        return told
    names = {place for row in spells for place in (row.place_id, row.from_place)}
    names |= {place for row in journeys for place in (row.place_id, row.last_place)}
    places = {row[0]: Place(*row[1:]) for row in db.execute(_PLACES.where(tables.places.c.id.in_(sorted(names - {0}))))}
    ways = variants_of(db, {row.variant_id for row in journeys})
    told.steps = {(row.case_id, row.task_number): step_of(row, places) for row in spells}
    told.cases = {row.case_id: case_of(row, places, ways[row.variant_id]) for row in journeys}
    return told


SPELLS: Final = select(
    *(
        type_coerce(column, BigInteger).label(column.name) if column.name in ("opened_at", "closed_at") else column
        for column in tables.spells.c
    )
)
"""With instants as they are stored."""
_IDS: Final[BindParameter[Any]] = bindparam("ids", expanding=True)
_SPELLS_OF: Final = SPELLS.where(
    tables.spells.c.office_id == OFFICE, tables.spells.c.case_id.in_(_IDS),
    tables.spells.c.task_number.in_(bindparam("numbers", expanding=True)),
)  # fmt: skip
_JOURNEYS_OF: Final = select(tables.journeys).where(
    tables.journeys.c.office_id == OFFICE, tables.journeys.c.case_id.in_(_IDS)
)


def _spell_rows(db: Connection, keys: Collection[Key]) -> list[Row[*tuple[Any, ...]]]:
    if not keys:
        return []
    ids = sorted({case_id for case_id, _number in keys})
    numbers = sorted({number for _case, number in keys})
    rows = db.execute(_SPELLS_OF, {"ids": alike(ids), "numbers": alike(numbers)})
    return [row for row in rows if (row.case_id, row.task_number) in keys]


def _journey_rows(db: Connection, ids: Sequence[int]) -> list[Row[*tuple[Any, ...]]]:
    return list(db.execute(_JOURNEYS_OF, {"ids": alike(ids)})) if ids else []


def variants_of(db: Connection, ids: Collection[int]) -> dict[int, Variant]:
    if not ids:
        return {}
    t = tables.variants
    rows = db.execute(select(t.c.id, t.c.procedure_id, t.c.elements).where(t.c.id.in_(sorted(ids))))
    return {row.id: (row.procedure_id, tuple(json.loads(row.elements))) for row in rows}


def step_of(row: Row[*tuple[Any, ...]], places: Mapping[int, Place]) -> ClosedStep:
    return ClosedStep(
        case_id=row.case_id, task_number=row.task_number, place=places[row.place_id],
        from_place=places[row.from_place] if row.from_place else None,
        times=_times_of(row), **{name: getattr(row, name) for name in _STEP},
        **{name: getattr(row, name) or 0 for name in _YES_OR_NO},
    )  # fmt: skip


def _times_of(row: Row[*tuple[Any, ...]]) -> Times:
    parts = (row.waiting or 0, row.taken or 0, row.stopped or 0, row.outside or 0, row.handed or 0)
    calendar = row.closed_at - row.opened_at if row.calendar is None else row.calendar
    return Times(*parts, sum(parts), calendar, row.working)


def case_of(row: Row[*tuple[Any, ...]], places: Mapping[int, Place], way: Variant) -> EndedCase:
    return EndedCase(
        case_id=row.case_id, place=places[row.place_id], last_place=places[row.last_place] if row.last_place else None,
        elements=way[1], **{name: getattr(row, name) for name in _CASE},
    )  # fmt: skip


def named(db: Connection, steps: Iterable[ClosedStep], ended: Iterable[EndedCase]) -> Names:
    """Every place and variant they speak of, those added that were not there. Whoever calls is the only one who does."""
    wanted: dict[Place, None] = {}
    ways: dict[Variant, None] = {}
    for step in steps:
        wanted |= dict.fromkeys(_with_joined(step.from_place, step.place))
    for case in ended:
        wanted |= dict.fromkeys(_with_joined(case.last_place, case.place))
        ways[case.place.procedure_id, case.elements] = None
    names = Names(_places_like(db, wanted), _known(db, ways))
    for place in wanted:
        if not names.knows(place):
            made = db.execute(tables.places.insert().values(**place._asdict()).returning(tables.places.c.id))
            names.add(made.scalar_one(), place)
    for way in ways:
        if not names.knows_variant(way):
            made = db.execute(
                tables.variants.insert()
                .values(procedure_id=way[0], digest=digest_of(way[1]), elements=json.dumps(way[1]))
                .returning(tables.variants.c.id)
            )
            names.add_variant(made.scalar_one(), way)
    return names


def _with_joined(*places: Place | None) -> Iterator[Place]:
    """Also of a step that one came from: it may be closed already and not be folded yet."""
    for place in places:
        if place is not None:
            yield from (one for one in (place, of_step(place), of_edition(place)) if one is not None)


def _places_like(db: Connection, wanted: Collection[Place]) -> dict[int, Place]:
    """They and some more: an office has many kinds of places, and few of them close something within seconds."""
    p = tables.places.c
    asked = _PLACES.where(
        p.procedure_id.in_({one.procedure_id for one in wanted}), p.edition_id.in_({one.edition_id for one in wanted}),
        p.element.in_({one.element for one in wanted}),
    )  # fmt: skip
    return {row[0]: Place(*row[1:]) for row in db.execute(asked)}


def _known(db: Connection, ways: Collection[Variant]) -> dict[int, Variant]:
    if not ways:
        return {}
    t = tables.variants
    by_procedure: dict[int, list[bytes]] = defaultdict(list)
    for procedure_id, elements in ways:
        by_procedure[procedure_id].append(digest_of(elements))
    found: dict[int, Variant] = {}
    for procedure_id, digests in by_procedure.items():
        asked = select(t.c.id, t.c.elements).where(t.c.procedure_id == procedure_id, t.c.digest.in_(digests))
        found |= {row.id: (procedure_id, tuple(json.loads(row.elements))) for row in db.execute(asked)}
    return found


def _replaced(table: Table) -> Many:
    keys = [column.name for column in table.primary_key]

    def statement(insert: Any) -> Any:
        new = insert(table)
        changed = {column.name: new.excluded[column.name] for column in table.c if column.name not in keys}
        return new.on_conflict_do_update(index_elements=keys, set_=changed)

    return Many(table, statement)


_SPELLS: Final = _replaced(tables.spells)
_JOURNEYS: Final = _replaced(tables.journeys)


def keep(db: Connection, told: Contributions, gone: Contributions, names: Names) -> None:
    """What is told is kept in place of what was; of what is told no more nothing is."""
    steps = [_spell(one, names) for one in told.steps.values()]
    ended = [_journey(one, names) for one in told.cases.values()]
    for many, rows in ((_SPELLS, steps), (_JOURNEYS, ended)):
        if rows:
            write_many(db, many, rows)
    for case_id, number in gone.steps.keys() - told.steps.keys():
        t = tables.spells
        db.execute(delete(t).where(t.c.office_id == OFFICE, t.c.case_id == case_id, t.c.task_number == number))
    for case_id in gone.cases.keys() - told.cases.keys():
        j = tables.journeys
        db.execute(delete(j).where(j.c.office_id == OFFICE, j.c.case_id == case_id))


def _spell(one: ClosedStep, names: Names) -> list[Any]:
    """In the order of `tables.spells`."""
    times = one.times
    return [
        OFFICE, one.task_number, one.case_id, names.place(one.place), one.opened_day, one.closed_day, one.how,
        one.person_id, names.place(one.from_place), one.from_department_id, one.received or None, one.timed or None,
        one.late or None, one.repeated or None, one.looped or None, one.same_day or None, one.returned or None,
        one.ping_pong or None, one.opened_at, one.closed_at, one.counted_by, times.waiting or None, times.taken or None,
        times.stopped or None, times.outside or None, times.handed or None,
        None if times.calendar == one.closed_at - one.opened_at else times.calendar, times.working,
    ]  # fmt: skip


def _journey(one: EndedCase, names: Names) -> list[Any]:
    """In the order of `tables.journeys`."""
    return [
        OFFICE, one.case_id, names.place(one.place), names.variant((one.place.procedure_id, one.elements)),
        names.place(one.last_place), one.started_day, one.ended_day, one.cancelled, one.promised, one.promise_kept,
        one.lawful, one.law_kept, one.first_pass, one.same_day, one.repeated, one.steps, one.counted_by, one.cycle,
        one.calendar,
    ]  # fmt: skip
