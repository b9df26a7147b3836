"""Contents in S3-compatible storage. Loaded only where it is configured; needs the extra `s3`."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime
from pathlib import Path
from typing import Any


class Bucket:
    """`s3://bucket/prefix`. Credentials, region and endpoint come from the usual AWS_… environment variables."""

    def __init__(self, address: str, aside: Path) -> None:
        import obstore  # noqa: PLC0415 -- 16 MB that an office with a disk does not need
        from obstore.store import S3Store  # noqa: PLC0415

        self._of: Any = obstore
        bucket, _slash, prefix = address.removeprefix("s3://").partition("/")
        self._store = S3Store(bucket, prefix=prefix or None, client_options={"allow_http": True, "timeout": "30s"})
        self._aside = aside

    @property
    def aside(self) -> Path:
        return self._aside

    def has(self, key: str) -> bool:
        try:
            self._of.head(self._store, _place(key))
        except FileNotFoundError:
            return False
        return True

    def put(self, key: str, file: Path) -> None:
        """Put again where it lies already: the same bytes, and a new date, so that it is not tidied away now."""
        self._of.put(self._store, _place(key), file)
        file.unlink()

    def pieces(self, key: str) -> Iterator[bytes]:
        found = self._of.get(self._store, _place(key))
        return (bytes(piece) for piece in found.stream(min_chunk_size=1 << 18))

    def lying(self) -> Iterator[tuple[str, datetime]]:
        for some in self._of.list(self._store):
            for one in some:
                yield str(one["path"]).rpartition("/")[2], one["last_modified"]

    def remove(self, key: str) -> None:
        self._of.delete(self._store, _place(key))


def _place(key: str) -> str:
    return f"{key[:2]}/{key[2:4]}/{key}"
