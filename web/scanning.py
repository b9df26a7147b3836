"""Papers that were held back because the virus scanner did not answer: asked again until it does."""

from __future__ import annotations

from functools import partial

from engine.base.database import Database
from engine.cases import acts
from engine.papers import contents
from engine.papers.antivirus import Scanner, Silent
from engine.papers.store import lent
from engine.papers.taking import Cabinet


def scan_held(cabinet: Cabinet, database: Database) -> int:
    """How many were settled; each in a transaction of its own, the scanning outside of any."""
    if cabinet.scanner is None:
        return 0
    with database.reading() as db:
        held = contents.held(db)
    settled = 0
    for digest in held:
        try:
            found = _scanned(cabinet, cabinet.scanner, digest)
        except Silent:
            break
        with database.writing() as db:
            acts.scan_paper(db, digest=digest, found=found)
        settled += 1
    return settled


def _scanned(cabinet: Cabinet, scanner: Scanner, digest: bytes) -> str | None:
    try:
        with lent(cabinet.store, digest.hex()) as file:
            return scanner(file)
    except FileNotFoundError as fault:
        raise Silent(str(fault)) from fault


def scanning(cabinet: Cabinet) -> partial[int]:
    return partial(scan_held, cabinet)
