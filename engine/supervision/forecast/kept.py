"""Models as they are kept: compressed JSON with its digest. What does not fit it is never used."""

from __future__ import annotations

import hashlib
import zlib
from collections.abc import Mapping
from datetime import datetime
from typing import Any, Final

import orjson
from sqlalchemy import Connection, Row, delete, insert, select, update

from engine.base.database import OFFICE
from engine.base.frozen import frozen
from engine.supervision.forecast.forests import ModelUnfit
from engine.supervision.forecast.model import Model, read_model
from engine.supervision.forecast.tables import models

_MOST_BYTES: Final = 64 * 1024 * 1024


@frozen
class Learned:
    """When and from what. `stretch`: so many times as long as foretold cases of the weeks before took; 1: as long."""

    procedure_id: int
    version: int
    learned_at: datetime
    cases: int
    calendars: int
    boosted: bool
    measured: Mapping[str, Any]
    stretch: float = 1.0


def packed(said: Mapping[str, Any]) -> tuple[bytes, bytes]:
    """And its digest."""
    model = zlib.compress(orjson.dumps(said), 6)
    return model, hashlib.sha256(model).digest()


def unpacked(model: bytes, digest: bytes) -> Model:
    """Raises ModelUnfit."""
    if hashlib.sha256(model).digest() != digest:
        raise ModelUnfit(why="digest")
    opened = zlib.decompressobj()
    try:
        plain = opened.decompress(model, _MOST_BYTES)
        said = orjson.loads(plain)
    except (zlib.error, orjson.JSONDecodeError) as fault:
        raise ModelUnfit(why=type(fault).__name__) from fault
    return read_model(said)


_ABOUT: Final = (
    models.c.procedure_id, models.c.version, models.c.learned_at, models.c.cases, models.c.calendars, models.c.boosted,
    models.c.measured, models.c.stretch,
)  # fmt: skip


def learned(db: Connection) -> dict[int, Learned]:
    """Of every procedure of which anything was learned."""
    rows = db.execute(select(*_ABOUT).where(models.c.office_id == OFFICE))
    return {row.procedure_id: _learned(row) for row in rows}


def learned_of(db: Connection, procedure_id: int) -> Learned | None:
    row = db.execute(select(*_ABOUT).where(models.c.office_id == OFFICE, models.c.procedure_id == procedure_id)).first()
    return None if row is None else _learned(row)


def _learned(row: Row[*tuple[Any, ...]]) -> Learned:
    return Learned(
        row.procedure_id, row.version, row.learned_at, row.cases, row.calendars, row.boosted,
        orjson.loads(row.measured), read_stretch(row.stretch),
    )  # fmt: skip


def read_stretch(hundredths: int | None) -> float:
    return 1.0 if hundredths is None else hundredths / 100


def stored_stretch(times: float) -> int | None:
    return None if times == 1.0 else round(times * 100)


def model_of(db: Connection, procedure_id: int) -> tuple[int, Model] | None:
    """With its version. None where nothing was learned yet. Raises ModelUnfit."""
    row = db.execute(
        select(models.c.version, models.c.model, models.c.digest).where(
            models.c.office_id == OFFICE, models.c.procedure_id == procedure_id
        )
    ).first()
    return None if row is None else (row.version, unpacked(row.model, row.digest))


def keep_model(db: Connection, one: Learned, said: Mapping[str, Any]) -> bool:
    """In place of the one before. False where another process learned meanwhile."""
    here = models.c.office_id == OFFICE, models.c.procedure_id == one.procedure_id
    before = db.scalar(select(models.c.version).where(*here).with_for_update())
    if (before or 0) >= one.version:
        return False
    model, digest = packed(said)
    db.execute(delete(models).where(*here))
    db.execute(
        insert(models).values(
            office_id=OFFICE, procedure_id=one.procedure_id, version=one.version, learned_at=one.learned_at,
            cases=one.cases, calendars=one.calendars, boosted=one.boosted, digest=digest, model=model,
            measured=orjson.dumps(dict(one.measured)).decode(), stretch=stored_stretch(one.stretch),
        )
    )  # fmt: skip
    return True


def keep_stretch(db: Connection, procedure_id: int, times: float) -> None:
    here = models.c.office_id == OFFICE, models.c.procedure_id == procedure_id
    db.execute(update(models).where(*here).values(stretch=stored_stretch(times)))
