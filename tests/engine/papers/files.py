"""Files as people send them, and as nobody should."""

from __future__ import annotations

import io
import struct
import zipfile
import zlib
from functools import cache

import typst
from PIL import Image


@cache
def pdf(words: str = "Hello", pages: int = 1) -> bytes:
    made = typst.compile("#pagebreak()\n".join(f"{words} {number}\n" for number in range(1, pages + 1)).encode())
    assert isinstance(made, bytes)
    return made


@cache
def picture(kind: str = "PNG", width: int = 60, height: int = 40, colour: str = "red") -> bytes:
    kept = io.BytesIO()
    Image.new("RGB", (width, height), colour).save(kept, kind)
    return kept.getvalue()


def pixel_bomb(width: int = 60_000, height: int = 60_000) -> bytes:
    """A PNG of a few kilobytes that would come to gigabytes."""

    def chunk(name: bytes, data: bytes) -> bytes:
        return struct.pack(">I", len(data)) + name + data + struct.pack(">I", zlib.crc32(name + data))

    head = struct.pack(">IIBBBBB", width, height, 8, 2, 0, 0, 0)
    return (
        b"\x89PNG\r\n\x1a\n"
        + chunk(b"IHDR", head)
        + chunk(b"IDAT", zlib.compress(bytes(width * 3 + 1), 9))
        + chunk(b"IEND", b"")
    )


def zipped(members: dict[str, bytes], *, stored: bool = False) -> bytes:
    into = io.BytesIO()
    with zipfile.ZipFile(into, "w", zipfile.ZIP_STORED if stored else zipfile.ZIP_DEFLATED) as archive:
        for path, content in members.items():
            archive.writestr(path, content)
    return into.getvalue()


def docx(text: str = "Hello", more: dict[str, bytes] | None = None) -> bytes:
    """As Word would open it, with nothing but a paragraph for each line."""
    from docx import Document  # noqa: PLC0415

    document, into = Document(), io.BytesIO()
    for line in text.split("\n"):
        document.add_paragraph(line)
    document.save(into)
    if not more:
        return into.getvalue()
    with zipfile.ZipFile(into, "a") as archive:
        for path, content in more.items():
            archive.writestr(path, content)
    return into.getvalue()


def xlsx() -> bytes:
    return zipped({"[Content_Types].xml": b"<Types/>", "xl/workbook.xml": b"<workbook/>"})


def odt() -> bytes:
    return zipped({"mimetype": b"application/vnd.oasis.opendocument.text", "content.xml": b"<x/>"}, stored=True)


@cache
def bomb(size: int = 400 * 2**20) -> bytes:
    """A Word document of well under a megabyte that unpacks to hundreds: one packed piece of nothing over and over."""
    piece, check = bytes(2**20), 0
    packing = zlib.compressobj(9, zlib.DEFLATED, -zlib.MAX_WBITS)
    packed = packing.compress(piece) + packing.flush(zlib.Z_FULL_FLUSH)
    for _ in range(size // len(piece)):
        check = zlib.crc32(piece, check)
    into = io.BytesIO()
    with zipfile.ZipFile(into, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("[Content_Types].xml", b"<Types/>")
        archive.writestr(
            "word/document.xml", packed * (size // len(piece)) + packing.flush(), compress_type=zipfile.ZIP_STORED
        )
        head = archive.getinfo("word/document.xml")  # which says what it is only now
        head.compress_type, head.CRC, head.file_size = zipfile.ZIP_DEFLATED, check, size
        into.seek(head.header_offset)
        into.write(head.FileHeader())
    return into.getvalue()
