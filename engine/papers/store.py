"""Where contents lie, by their hash: a folder on disk here; a bucket elsewhere (see `bucket`). What is stored never changes."""

from __future__ import annotations

import os
import shutil
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from datetime import UTC, datetime
from pathlib import Path
from typing import Final, Protocol

_PIECE: Final = 1 << 18
_INCOMING: Final = "incoming"
_PREVIEWS: Final = "previews"


class Store(Protocol):
    """Contents by SHA-256 in hex. `put` takes over the file that is given, and is done when it is safely kept."""

    def has(self, key: str) -> bool: ...

    def put(self, key: str, file: Path) -> None: ...

    def pieces(self, key: str) -> Iterator[bytes]:
        """Raises FileNotFoundError before the first one."""
        ...

    def lying(self) -> Iterator[tuple[str, datetime]]:
        """Every content with when it was last put."""
        ...

    def remove(self, key: str) -> None: ...

    @property
    def aside(self) -> Path:
        """A folder of this machine, on the store's own disk where it has one: for what comes in, and for pictures."""
        ...


class Folder:
    """`<folder>/ab/cd/<hash>`, readable by the service alone."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder

    @property
    def aside(self) -> Path:
        return self.folder

    def place(self, key: str) -> Path:
        return self.folder / key[:2] / key[2:4] / key

    def has(self, key: str) -> bool:
        return self.place(key).is_file()

    def put(self, key: str, file: Path) -> None:
        place = self.place(key)
        self.folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        for folder in (place.parent.parent, place.parent):
            folder.mkdir(mode=0o700, exist_ok=True)
        with file.open("rb") as written:
            os.fsync(written.fileno())
        file.chmod(0o400)
        try:
            os.link(file, place)
        except FileExistsError:
            os.utime(place)  # it is wanted again: not to be tidied away now
        for folder in (place.parent, place.parent.parent, self.folder):
            _sync(folder)
        file.unlink()

    def pieces(self, key: str) -> Iterator[bytes]:
        opened = self.place(key).open("rb")

        def read() -> Iterator[bytes]:
            with opened:
                while piece := opened.read(_PIECE):
                    yield piece

        return read()

    def lying(self) -> Iterator[tuple[str, datetime]]:
        for file in self.folder.glob("??/??/*"):
            with suppress(FileNotFoundError):
                yield file.name, datetime.fromtimestamp(file.stat().st_mtime, UTC)

    def remove(self, key: str) -> None:
        self.place(key).unlink(missing_ok=True)


def _sync(folder: Path) -> None:
    handle = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)


@contextmanager
def coming_in(store: Store) -> Iterator[Path]:
    """A file to write to. It is gone afterwards, unless the store has taken it over."""
    folder = store.aside / _INCOMING
    folder.mkdir(mode=0o700, parents=True, exist_ok=True)
    handle, name = tempfile.mkstemp(dir=folder)
    os.close(handle)
    try:
        yield Path(name)
    finally:
        Path(name).unlink(missing_ok=True)


@contextmanager
def lent(store: Store, key: str) -> Iterator[Path]:
    """The content as a file of this machine, to be read only. Raises FileNotFoundError."""
    if isinstance(store, Folder):
        if not store.has(key):
            raise FileNotFoundError(key)
        yield store.place(key)
        return
    with coming_in(store) as file:
        with file.open("wb") as written:
            for piece in store.pieces(key):
                written.write(piece)
        yield file


def previews(store: Store) -> Path:
    return store.aside / _PREVIEWS


def left_behind(store: Store, before: datetime) -> int:
    """Removes what came in and was never kept, since a process was killed; how much there was."""
    count = 0
    folder = store.aside / _INCOMING
    for file in folder.iterdir() if folder.is_dir() else ():
        with suppress(FileNotFoundError):
            if datetime.fromtimestamp(file.stat().st_mtime, UTC) < before:
                file.unlink() if file.is_file() else shutil.rmtree(file, ignore_errors=True)
                count += 1
    return count
