"""A file on its way in: streamed to the store's own disk, hashed, checked, scanned, kept. Needs no transaction."""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Collection
from dataclasses import field
from pathlib import Path
from typing import BinaryIO, Final

from engine.base.frozen import frozen
from engine.papers import rules
from engine.papers.antivirus import Scanner, Silent
from engine.papers.kinds import USUAL, taken_kind
from engine.papers.store import Store, coming_in

_PIECE: Final = 1 << 18
_MEGABYTE: Final = 1024 * 1024


@frozen
class Cabinet:
    """Where this office keeps its papers, and by which rules it takes them in."""

    store: Store
    scanner: Scanner | None = None
    hold: bool = False  # what cannot be scanned is kept and held back, not refused
    usual: frozenset[str] = field(default=USUAL)
    most: int = rules.MOST_BYTES


@frozen
class Taken:
    """A content that lies in the store, not yet in any case."""

    digest: bytes
    name: str
    kind: str
    size: int
    held: bool = False

    @property
    def key(self) -> str:
        return self.digest.hex()

    @property
    def state(self) -> rules.State:
        return rules.State.HELD if self.held else rules.State.CLEAN


def take_in(
    cabinet: Cabinet,
    stream: BinaryIO,
    given_name: str,
    *,
    accept: Collection[str] = (),
    most: int | None = None,
    judge: Callable[[BinaryIO, str], str] | None = None,
) -> Taken:
    """Raises a PaperRefused: nothing of it is kept then. `accept` and `most` of a field narrow the office's own rules.

    `judge` says what kind it is instead, or raises, where the file is to be no paper.
    """
    name = rules.safe_name(given_name)
    with coming_in(cabinet.store) as file:
        digest, size = _written(stream, file, name, min(most or cabinet.most, cabinet.most))
        with file.open("rb") as opened:
            kind = judge(opened, name) if judge else taken_kind(opened, name, accept or cabinet.usual).code
        held = _is_held(cabinet, file, name)
        cabinet.store.put(digest.hex(), file)
    return Taken(digest, name, kind, size, held)


def take_made(cabinet: Cabinet, content: bytes, name: str, kind: str) -> Taken:
    """What was made here needs no judging."""
    digest = hashlib.sha256(content).digest()
    with coming_in(cabinet.store) as file:
        file.write_bytes(content)
        cabinet.store.put(digest.hex(), file)
    return Taken(digest, rules.safe_name(name), kind, len(content))


def _written(stream: BinaryIO, file: Path, name: str, most: int) -> tuple[bytes, int]:
    hashed, size = hashlib.sha256(), 0
    with file.open("wb") as written:
        while piece := stream.read(_PIECE):
            size += len(piece)
            if size > most:
                raise rules.PaperTooLarge(name=name, most=f"{most / _MEGABYTE:g}")
            hashed.update(piece)
            written.write(piece)
    if not size:
        raise rules.EmptyPaper(name=name)
    return hashed.digest(), size


def _is_held(cabinet: Cabinet, file: Path, name: str) -> bool:
    if cabinet.scanner is None:
        return False
    try:
        found = cabinet.scanner(file)
    except Silent:
        if cabinet.hold:
            return True
        raise rules.ScannerSilent(name=name) from None
    if found is not None:
        raise rules.Infected(name=name, found=found)
    return False
