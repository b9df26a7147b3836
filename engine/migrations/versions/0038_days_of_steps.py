# ruff: noqa: S608 -- every statement is made of this file's own words
"""Sums of all places of a step together are kept by day, no longer by third of a month."""

from __future__ import annotations

from collections import Counter, defaultdict
from typing import Any

import sqlalchemy as sa
from alembic import op

revision = "0038"
down_revision = "0037"

_DAY, _THIRD = 0, 2
_JOINED = -1
_MANY = 100  # a longer list is added to the counts
_CYCLE = 20  # from this measure on they are of cases
_STEPS = (
    "arrived", "done", "cancelled", "timed", "late", "repeated", "looped", "same_day", "received", "measured",
    "waiting", "taken", "stopped", "outside", "handed", "sojourn", "calendar", "working", "measured_sojourn",
)  # fmt: skip
_MINE = (
    "SELECT id FROM figure_places WHERE procedure_id = :procedure AND edition_id = :edition AND element = :element "
    "AND applicant_kind >= 0"
)


def upgrade() -> None:
    db = op.get_bind()
    for table in ("figure_steps", "figure_bins"):
        op.execute(f"DELETE FROM {table} WHERE grain = {_THIRD}")
    whole = sa.text(
        "SELECT id, procedure_id, edition_id, element FROM figure_places WHERE applicant_kind = :joined AND element <> ''"
    )
    for place in db.execute(whole, {"joined": _JOINED}).all():
        given = {"procedure": place.procedure_id, "edition": place.edition_id, "element": place.element}
        _sums(db, place.id, given)
        _bins(db, place.id, given)


def _sums(db: sa.Connection, place_id: int, given: dict[str, Any]) -> None:
    sums = ", ".join(f"sum({name})" for name in _STEPS)
    db.execute(
        sa.text(
            f"INSERT INTO figure_steps (office_id, grain, place_id, day, {', '.join(_STEPS)}) "
            f"SELECT office_id, grain, :place_id, day, {sums} FROM figure_steps WHERE grain = {_DAY} "
            f"AND place_id IN ({_MINE}) GROUP BY office_id, grain, day"
        ),
        {**given, "place_id": place_id},
    )


def _bins(db: sa.Connection, place_id: int, given: dict[str, Any]) -> None:
    every: dict[tuple[int, int, int], list[bytes]] = defaultdict(list)
    asked = sa.text(
        f"SELECT office_id, measure, day, bins FROM figure_bins WHERE grain = {_DAY} AND place_id IN ({_MINE}) "
        f"AND measure < {_CYCLE}"
    )
    for office_id, measure, day, written in db.execute(asked, given):
        every[office_id, measure, day].append(bytes(written))
    rows = [
        {"office_id": key[0], "place_id": place_id, "measure": key[1], "day": key[2], "bins": _added(some)}
        for key, some in every.items()
    ]
    if rows:
        db.execute(
            sa.text(
                "INSERT INTO figure_bins (office_id, grain, place_id, measure, day, bins) "
                "VALUES (:office_id, 0, :place_id, :measure, :day, :bins)"
            ),
            rows,
        )


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
