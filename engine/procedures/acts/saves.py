"""Every save of a draft, kept: whatever was drawn can be had again."""

from __future__ import annotations

import json
import zlib
from collections.abc import Mapping
from datetime import datetime, timedelta
from typing import Any, Final

from sqlalchemy import Connection, Row, and_, delete, func, insert, select, update

from engine.base import clock
from engine.diagram.limits import MOST_BYTES
from engine.organisation.rules import Actor
from engine.procedures.editions import digest
from engine.procedures.rules import MOST_ATTACHED_BYTES
from engine.procedures.tables import draft_saves

_IN_ONE_ROW: Final = timedelta(minutes=5)
_MOST: Final = max(MOST_BYTES, MOST_ATTACHED_BYTES) + 1
_s: Final = draft_saves


def keep(
    db: Connection,
    edition_id: int,
    by: Actor,
    content: bytes,
    owners: Mapping[str, int],
    *,
    based_on: int | None,
    revision: int | None,
    pen: str,
    path: str | None = None,
) -> int:
    """The number it is kept under. Saves that follow one another at one pen within five minutes share a row."""
    now = clock.now()
    values = {
        "content": zlib.compress(content, 6), "digest": digest(content), "owners": json.dumps(owners),
        "revision": revision, "saved_at": now,
    }  # fmt: skip
    row = _to_go_on(db, edition_id, by, path, based_on, revision, pen, now) if pen else None
    number = int(row.number) if row is not None else _next(db, edition_id)
    if row is not None:
        this = and_(_s.c.edition_id == edition_id, _s.c.number == number)
        db.execute(update(_s).where(this).values(**values))
    else:
        db.execute(
            insert(_s).values(
                edition_id=edition_id, number=number, path=path, based_on=based_on, pen=pen, begun_at=now,
                saved_by=by.person_id, **values,
            )
        )  # fmt: skip
    if pen and revision is not None and path is None:
        # What was kept beside the draft has become the draft: it stands there once.
        db.execute(
            delete(_s).where(
                _s.c.edition_id == edition_id, _s.c.pen == pen, _s.c.revision.is_(None), _s.c.digest == values["digest"]
            )
        )
    return number


def keep_first(
    db: Connection,
    edition: Row[*tuple[Any, ...]],
    owners: Mapping[str, int],
    *,
    path: str | None = None,
    content: bytes | None = None,
) -> None:
    """What the draft, or a file beside it, was before anybody changed it here."""
    known = db.scalar(select(func.count()).where(_s.c.edition_id == edition.id, _of(path)))
    if known:
        return
    said = edition.source if content is None else content
    db.execute(
        insert(_s).values(
            edition_id=edition.id, number=_next(db, edition.id), path=path, content=zlib.compress(said, 6),
            digest=digest(said), owners=json.dumps(owners), revision=edition.revision, based_on=None, pen="",
            begun_at=edition.uploaded_at, saved_at=edition.uploaded_at, saved_by=edition.uploaded_by,
        )
    )  # fmt: skip


def last_hand(db: Connection, edition: Row[*tuple[Any, ...]], path: str) -> tuple[int, datetime]:
    """Who wrote the file as it is now, and when."""
    row = db.execute(
        select(_s.c.saved_by, _s.c.saved_at)
        .where(_s.c.edition_id == edition.id, _of(path))
        .order_by(_s.c.number.desc())
        .limit(1)
    ).first()
    return (edition.uploaded_by, edition.uploaded_at) if row is None else (row.saved_by, row.saved_at)


def content_of(row: Row[*tuple[Any, ...]]) -> bytes:
    return zlib.decompressobj().decompress(row.content, _MOST)


def owners_of(row: Row[*tuple[Any, ...]]) -> dict[str, int]:
    found: dict[str, int] = json.loads(row.owners)
    return found


def _to_go_on(
    db: Connection,
    edition_id: int,
    by: Actor,
    path: str | None,
    based_on: int | None,
    revision: int | None,
    pen: str,
    now: datetime,
) -> Row[*tuple[Any, ...]] | None:
    """The row that this save goes on with: the pen's last, with nobody's between."""
    if revision is None:  # beside the draft: others may stand there too
        mine = (_s.c.revision.is_(None), _s.c.pen == pen, _s.c.based_on == based_on, _s.c.saved_by == by.person_id)
        return db.execute(select(_s).where(_s.c.edition_id == edition_id, *mine)).first()
    row = db.execute(
        select(_s)
        .where(_s.c.edition_id == edition_id, _of(path), _s.c.revision.is_not(None))
        .order_by(_s.c.number.desc())
        .limit(1)
    ).first()
    if row is None or row.pen != pen or row.saved_by != by.person_id or now - row.begun_at >= _IN_ONE_ROW:
        return None
    return row


def _of(path: str | None) -> Any:
    return _s.c.path.is_(None) if path is None else _s.c.path == path


def _next(db: Connection, edition_id: int) -> int:
    return int(db.scalar(select(func.max(_s.c.number)).where(_s.c.edition_id == edition_id)) or 0) + 1
