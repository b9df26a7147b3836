"""Office documents are ZIP archives: whether one is what it says, and no bomb."""

from __future__ import annotations

import zipfile
import zlib
from collections.abc import Mapping
from typing import BinaryIO, Final

from engine.base.text import Text
from engine.papers import rules

_MOST_MEMBERS: Final = 5_000
_MOST_UNPACKED: Final = 300 * 1024 * 1024
_MOST_RATIO: Final = 150
_MODEST: Final = 20 * 1024 * 1024
"""What comes to less than this may be packed as tightly as it likes."""
_LOCKED: Final = 0x1

_MEMBERS: Final = Text("{count} parts", "{count} 个部分")
_UNPACKED: Final = Text("{size} MB", "{size} MB")
_OVERLAP: Final = Text("parts that lie over one another", "各部分相互重叠")


def members(file: BinaryIO, name: str) -> Mapping[str, bytes]:
    """Paths in it; of `mimetype` its content too. Raises Packed, PaperDamaged."""
    file.seek(0)
    try:
        with zipfile.ZipFile(file) as archive:
            entries = archive.infolist()
            _must_be_modest(entries, file.seek(0, 2), name)
            if any(one.flag_bits & _LOCKED for one in entries):
                raise rules.PaperDamaged(name=name)
            for one in entries:
                _unpack(archive, one)
            return {one.filename: _told(archive, one) for one in entries}
    except (zipfile.BadZipFile, zlib.error, NotImplementedError, RuntimeError, EOFError, OSError, ValueError):
        raise rules.PaperDamaged(name=name) from None


def _told(archive: zipfile.ZipFile, one: zipfile.ZipInfo) -> bytes:
    if one.filename != "mimetype":
        return b""
    with archive.open(one) as opened:
        return opened.read(200)


def _must_be_modest(entries: list[zipfile.ZipInfo], size: int, name: str) -> None:
    if len(entries) > _MOST_MEMBERS:
        raise rules.Packed(name=name, why=_filled(_MEMBERS, count=len(entries)))
    unpacked = sum(one.file_size for one in entries)
    if unpacked > _MOST_UNPACKED or (unpacked > _MODEST and unpacked > _MOST_RATIO * size):
        raise rules.Packed(name=name, why=_filled(_UNPACKED, size=unpacked // 2**20))
    at = 0
    for one in sorted(entries, key=lambda one: one.header_offset):
        if one.header_offset < at:
            raise rules.Packed(name=name, why=_OVERLAP)
        at = one.header_offset + 30 + one.compress_size
    if at > size:
        raise rules.PaperDamaged(name=name)


def _filled(sentence: Text, **facts: int) -> Text:
    return Text(sentence.say("en", **facts), sentence.say("zh", **facts))


def _unpack(archive: zipfile.ZipFile, one: zipfile.ZipInfo) -> None:
    """A piece at a time and no more than it says it is; a wrong check sum is damage."""
    with archive.open(one) as opened:
        while opened.read(1 << 18):
            pass
