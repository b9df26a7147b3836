"""Files of logs: on their way in, and opened again. They lie in the store of papers and are never handed out as one."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from typing import BinaryIO

from engine.papers import rules
from engine.papers.store import Store, lent
from engine.papers.taking import Cabinet, Taken, take_in
from engine.supervision.mining.refusals import NotALog
from engine.supervision.mining.unpacking import is_packed, pieces


def take_log(cabinet: Cabinet, stream: BinaryIO, name: str) -> Taken:
    """Through the same door as every paper: measured, hashed, scanned. Raises PaperRefused, LogRefused."""
    taken = take_in(cabinet, stream, name, judge=_kind)
    if taken.held:  # it cannot be read before it was scanned
        raise rules.ScannerSilent(name=taken.name)
    return taken


def _kind(file: BinaryIO, name: str) -> str:
    """By what is in it; its name is only for people."""
    packed = is_packed(file)
    head = next(pieces(file), b"")[:4096]
    if head.startswith((b"PK\x03\x04", b"%PDF-", b"MZ", b"\x7fELF", b"\xd0\xcf\x11\xe0")):
        raise NotALog(file=name)
    return "log.gz" if packed else "log"


@contextmanager
def opened(store: Store, digest: bytes) -> Iterator[BinaryIO]:
    with lent(store, digest.hex()) as file, file.open("rb") as stream:
        yield stream
