"""What is kept of several places together, worked out from the days of each."""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass, field
from typing import Any

from sqlalchemy import Connection, select

from engine.base.database import OFFICE
from engine.supervision.figures import kept
from engine.supervision.figures.bins import Bins, Measure
from engine.supervision.figures.contributions import Place
from engine.supervision.figures.sums import BINS, JOINED, STEPS, Grain, Kind, first_of, of_edition, of_step
from engine.supervision.figures.tables import places

RowKey = tuple[int, ...]
"""Grain, and the key behind it."""


@dataclass(slots=True)
class KeptRow:
    numbers: tuple[int, ...]
    bins: Bins = field(default_factory=Bins)

    @property
    def empty(self) -> bool:
        return not any(self.numbers) and not self.bins


def joined_last(db: Connection) -> list[int]:
    """Every place, those behind the others that are worked out from them."""
    return list(db.scalars(select(places.c.id).order_by(places.c.applicant_kind == JOINED, places.c.id)))


def kinds_joined(whole: Place) -> tuple[Kind, ...]:
    join = of_step if whole.element else of_edition
    return tuple(kind for kind in (STEPS, BINS) if any(one is join for one, _grain in kind.joined))


def worked_out(db: Connection, place_id: int, whole: Place) -> dict[Kind, dict[RowKey, KeptRow]]:
    """Of a place that stands for several. Whoever asks has seen to it that the days of those are right."""
    join = of_step if whole.element else of_edition
    some = kept.places_of(db, [whole.procedure_id])
    mine = [number for number, place in some.items() if place.applicant_kind != JOINED and join(place) == whole]
    return {
        kind: _together(db, kind, place_id, mine, [g for j, g in kind.joined if j is join])
        for kind in kinds_joined(whole)
    }


def _together(
    db: Connection, kind: Kind, place_id: int, mine: list[int], grains: list[Grain]
) -> dict[RowKey, KeptRow]:  # fmt: skip
    table = kind.table.c
    keys = [table[column.name] for column in list(kind.table.primary_key)[3:]]
    numbers: dict[RowKey, list[int]] = {}
    lists: dict[RowKey, list[bytes]] = defaultdict(list)
    columns: list[Any] = [*keys, *(table[name] for name in kind.numbers), *([table.bins] if kind.binned else [])]
    asked = select(*columns).where(table.office_id == OFFICE, table.grain == Grain.DAY, table.place_id.in_(mine))
    if kind is BINS:
        asked = asked.where(table.measure < Measure.CYCLE)
    for row in db.execute(asked):
        *before, day = row[: len(keys)]
        for grain in grains:
            key = (int(grain), place_id, *before, first_of(grain, day))
            sums = numbers.setdefault(key, [0] * len(kind.numbers))
            for place, number in enumerate(row[len(keys) : len(keys) + len(sums)]):
                sums[place] += int(number)
            if kind.binned:
                lists[key].append(row[-1])
    return {key: KeptRow(tuple(sums), Bins.added_up(lists.get(key, ()))) for key, sums in numbers.items()}
