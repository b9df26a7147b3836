# ruff: noqa: S608 -- every statement is made of this file's own words
"""Sums of all places of a step together, by third of a month, month and year; of all steps of an edition, by day."""

from __future__ import annotations

from collections import Counter, defaultdict
from datetime import date
from typing import Any

import sqlalchemy as sa
from alembic import op

revision = "0037"
down_revision = "0032"

_DAY, _MONTH, _THIRD, _YEAR = range(4)
_JOINED = -1
_MANY = 100  # a longer list is added to the counts
_CYCLE = 20  # from this measure on they are of cases
_STEPS = (
    "arrived", "done", "cancelled", "timed", "late", "repeated", "looped", "same_day", "received", "measured",
    "waiting", "taken", "stopped", "outside", "handed", "sojourn", "calendar", "working", "measured_sojourn",
)  # fmt: skip


def upgrade() -> None:
    for element in ("element", "''"):
        op.execute(
            "INSERT INTO figure_places (procedure_id, edition_id, post_id, department_id, applicant_kind, element) "
            f"SELECT DISTINCT procedure_id, edition_id, 0, 0, {_JOINED}, {element} FROM figure_places "
            "WHERE element <> '' AND applicant_kind >= 0"
        )
    names = ", ".join(_STEPS)
    sums = ", ".join(f"sum(s.{name})" for name in _STEPS)
    op.execute(
        f"INSERT INTO figure_steps (office_id, grain, place_id, day, {names}) "
        f"SELECT s.office_id, {_DAY}, j.id, s.day, {sums} FROM figure_steps s JOIN figure_places p ON p.id = s.place_id "
        f"JOIN figure_places j ON j.procedure_id = p.procedure_id AND j.edition_id = p.edition_id AND j.element = '' "
        f"AND j.applicant_kind = {_JOINED} WHERE s.grain = {_DAY} GROUP BY s.office_id, j.id, s.day"
    )
    db = op.get_bind()
    whole = sa.text(
        "SELECT id, procedure_id, edition_id, element FROM figure_places WHERE applicant_kind = :joined AND element <> ''"
    )
    for place in db.execute(whole, {"joined": _JOINED}).all():
        _join(db, place)


_MINE = (
    "WHERE grain = 0 AND place_id IN (SELECT id FROM figure_places WHERE procedure_id = :procedure "
    "AND edition_id = :edition AND element = :element AND applicant_kind >= 0)"
)


def _join(db: sa.Connection, place: Any) -> None:
    given = {"procedure": place.procedure_id, "edition": place.edition_id, "element": place.element}
    sums: dict[tuple[int, int, int], list[int]] = defaultdict(lambda: [0] * len(_STEPS))
    days = sa.text(f"SELECT office_id, day, {', '.join(_STEPS)} FROM figure_steps {_MINE}")
    for office_id, day, *numbers in db.execute(days, given):
        for grain, first in _firsts(day):
            mine = sums[office_id, grain, first]
            for number, more in enumerate(numbers):
                mine[number] += int(more)
    _put(db, "figure_steps", _STEPS, [
        {"office_id": key[0], "grain": key[1], "place_id": place.id, "day": key[2], **dict(zip(_STEPS, row, strict=True))}
        for key, row in sums.items()
    ])  # fmt: skip
    bins: dict[tuple[int, int, int, int], list[bytes]] = defaultdict(list)
    lengths = sa.text(f"SELECT office_id, measure, day, bins FROM figure_bins {_MINE} AND measure < {_CYCLE}")
    for office_id, measure, day, written in db.execute(lengths, given):
        for grain, first in _firsts(day):
            bins[office_id, grain, measure, first].append(bytes(written))
    _put(db, "figure_bins", ("measure", "bins"), [
        {"office_id": key[0], "grain": key[1], "place_id": place.id, "measure": key[2], "day": key[3], "bins": _added(some)}
        for key, some in bins.items()
    ])  # fmt: skip


def _firsts(day: int) -> tuple[tuple[int, int], ...]:
    at = date.fromordinal(day)
    third = day - at.day + (1, 11, 21)[min(2, (at.day - 1) // 10)]
    return (_THIRD, third), (_MONTH, at.replace(day=1).toordinal()), (_YEAR, date(at.year, 1, 1).toordinal())


def _added(some: list[bytes]) -> bytes:
    """Of each: how many bytes of counts follow, those, and one byte for each that was added since; four bytes a count."""
    counts, lists = 0, bytearray()
    for one in some:
        until = 2 + int.from_bytes(one[:2], "little")
        counts += int.from_bytes(one[2:until], "little")
        lists += one[until:]
    if len(lists) > _MANY:
        counts, lists = counts + sum(many << (32 * number) for number, many in Counter(lists).items()), bytearray()
    written = counts.to_bytes((counts.bit_length() + 7) // 8, "little")
    return len(written).to_bytes(2, "little") + written + lists


def _put(db: sa.Connection, table: str, more: tuple[str, ...], rows: list[dict[str, Any]]) -> None:
    columns = ("office_id", "grain", "place_id", "day", *more)
    if rows:
        values = ", ".join(f":{name}" for name in columns)
        db.execute(sa.text(f"INSERT INTO {table} ({', '.join(columns)}) VALUES ({values})"), rows)
