"""From a file as it was handed in to its plain bytes: packed or not, never more than a log may be."""

from __future__ import annotations

import zlib
from collections.abc import Iterator
from typing import BinaryIO, Final

from engine.base.errors import Refusal
from engine.base.frozen import frozen
from engine.base.text import Text
from engine.supervision.mining.refusals import NotUnpacked, TooMuch, UnpacksTooFar

PIECE: Final = 1 << 18
_GZIP: Final = b"\x1f\x8b"
_MEGABYTE: Final = 1 << 20


@frozen
class Limits:
    """How much a log may be. What is beyond is refused, not cut."""

    unpacked: int = 1024 * _MEGABYTE
    modest: int = 64 * _MEGABYTE  # up to this it may be packed as tightly as it likes
    ratio: int = 200
    events: int = 2_000_000
    cases: int = 500_000
    activities: int = 1_000
    words: int = 20_000  # different resources or groups
    columns: int = 200
    facts: int = 60  # attributes of one case or event
    depth: int = 30
    letters: int = 400  # of one value; longer ones are cut


LIMITS: Final = Limits()


def is_packed(stream: BinaryIO) -> bool:
    stream.seek(0)
    head = stream.read(2)
    stream.seek(0)
    return head == _GZIP


def pieces(stream: BinaryIO, limits: Limits = LIMITS) -> Iterator[bytes]:
    """The plain bytes, a piece at a time. Raises NotUnpacked, UnpacksTooFar."""
    if not is_packed(stream):
        size = 0
        while piece := stream.read(PIECE):
            size += len(piece)
            if size > limits.unpacked:
                raise UnpacksTooFar(most=limits.unpacked // _MEGABYTE)
            yield piece
        return
    yield from _unpacked(stream, limits)


def _unpacked(stream: BinaryIO, limits: Limits) -> Iterator[bytes]:
    """A gzip file may consist of several members."""
    taken = given = 0
    packed = zlib.decompressobj(zlib.MAX_WBITS | 16)
    left = b""
    while piece := left or stream.read(PIECE):
        taken += 0 if left else len(piece)
        try:
            plain = packed.decompress(piece, PIECE)
        except zlib.error:
            raise NotUnpacked() from None
        given += len(plain)
        if given > limits.unpacked or (given > limits.modest and given > limits.ratio * taken):
            raise UnpacksTooFar(most=limits.unpacked // _MEGABYTE)
        if plain:
            yield plain
        if packed.eof:
            left = packed.unused_data.lstrip(b"\0")
            left = left or stream.read(PIECE).lstrip(b"\0")
            if not left:
                return
            taken += len(left)
            packed = zlib.decompressobj(zlib.MAX_WBITS | 16)
        else:
            left = packed.unconsumed_tail
    if not packed.eof:
        raise NotUnpacked()


EVENTS: Final = Text("events", "事件")
CASES: Final = Text("cases", "办件")
ACTIVITIES: Final = Text("activities", "活动")
RESOURCES: Final = Text("persons or groups", "人员或部门")
COLUMNS: Final = Text("columns", "列")
FACTS: Final = Text("attributes of one case", "单个办件的属性")
DEPTH: Final = Text("levels within one another", "嵌套层级")


def too_much(what: Text, most: int, line: int) -> Refusal:
    return TooMuch(what=what, most=most, line=line)
