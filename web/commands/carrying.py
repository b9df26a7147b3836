"""Procedures carried between a folder and the office, so that they can be kept under version control and deployed.

Whoever may run these commands on the machine acts as the person named with `--by`; the record says so.
"""

from __future__ import annotations

import argparse
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Final

from sqlalchemy import Connection

from engine.base.database import Database
from engine.base.errors import NotFound
from engine.base.text import Text
from engine.diagram import picture
from engine.diagram.layout import laid_out
from engine.organisation.reads import actor_named
from engine.procedures import acts, exchange, reads
from engine.procedures.package import Package, gathered, is_zip, unpacked
from web.commands.opened import standing

_PICTURES: Final[dict[str, Callable[[bytes, str], str | bytes]]] = {
    ".svg": picture.svg,
    ".png": picture.png,
    ".pdf": picture.pdf,
    ".bpmn": laid_out,
}
_EDITION: Final = Text(en="edition", zh="版本")
_PROCEDURE: Final = Text(en="procedure", zh="程序")


@contextmanager
def _office() -> Iterator[Database]:
    database = standing()
    try:
        yield database
    finally:
        database.close()


def listed(_asked: argparse.Namespace) -> int:
    with _office() as office, office.reading() as db:
        for line in reads.procedures(db):
            print(f"{line.prefix}  {line.name}")
            for one in reads.editions(db, line.id):
                print(f"    edition {one.number}: {one.state}, {one.file}, {one.uploaded_at:%Y-%m-%d}")
    return 0


def take_in(asked: argparse.Namespace) -> int:
    package = _read(asked.package)
    with _office() as office, office.writing() as db:
        by = actor_named(db, asked.by)
        edition_id = acts.take_in(db, by=by, package=package)
        if asked.force:
            acts.put_in_force(db, by=by, edition_id=edition_id)
        page = reads.edition(db, edition_id)
    print(f"{page.procedure}: edition {page.line.number} is {page.line.state}.")
    for finding in page.keeping_out:
        print(f"  keeps it out of force: {finding.sentence(asked.language)}")
    for owner in page.owners:
        if owner.post_id is None and owner.owner.steps:
            print(f"  has no post yet: {owner.owner.name}")
    return 1 if page.keeping_out else 0


def _read(path: Path) -> Package:
    """A folder, a ZIP, or a diagram alone."""
    if path.is_dir():
        files = {one.relative_to(path).as_posix(): one.read_bytes() for one in path.rglob("*") if one.is_file()}
        return gathered(files, path.name)
    content = path.read_bytes()
    return unpacked(content, path.name) if is_zip(content) else gathered({path.name: content}, path.name)


def take_out(asked: argparse.Namespace) -> int:
    with _office() as office, office.reading() as db:
        taken = exchange.whole(db, _edition(db, asked.prefix, asked.edition))
    target = asked.into / taken.name
    target.write_bytes(taken.content)
    print(target)
    return 0


def put_in_force(asked: argparse.Namespace) -> int:
    with _office() as office, office.writing() as db:
        edition_id = _edition(db, asked.prefix, asked.edition)
        acts.put_in_force(db, by=actor_named(db, asked.by), edition_id=edition_id)
    print(f"{asked.prefix}: edition {asked.edition} is in force.")
    return 0


def _edition(db: Connection, prefix: str, number: int | None) -> int:
    procedure = next((one for one in reads.procedures(db) if one.prefix == prefix.upper()), None)
    if procedure is None:
        raise NotFound(what=_PROCEDURE)
    if number is None and procedure.in_force_id is not None:
        return procedure.in_force_id
    found = next((one.id for one in reads.editions(db, procedure.id) if number in (None, one.number)), None)
    if found is None:
        raise NotFound(what=_EDITION)
    return found


def draw(asked: argparse.Namespace) -> int:
    drawn = _PICTURES.get(asked.picture.suffix.lower())
    if drawn is None:
        print(f"{asked.picture}: the ending is one of {', '.join(_PICTURES)}.")
        return 1
    made = drawn(asked.file.read_bytes(), asked.file.name)
    asked.picture.write_bytes(made.encode() if isinstance(made, str) else made)
    return 0
