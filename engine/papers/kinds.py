"""What a file is, judged by what is in it. Its name must say the same."""

from __future__ import annotations

import codecs
import re
import struct
from collections.abc import Collection, Mapping
from typing import BinaryIO, Final

from engine.base.frozen import frozen
from engine.base.text import Name, Text
from engine.papers import rules
from engine.papers.zips import members

SNIFFED: Final = 4096
_TAIL: Final = 70_000
_PIECE: Final = 1 << 18


@frozen
class Kind:
    """`media` is what a browser is told on download."""

    code: str
    called: Text
    endings: tuple[str, ...]
    media: str


def _kind(code: str, en: str, zh: str, media: str, *endings: str) -> tuple[str, Kind]:
    return code, Kind(code, Text(en, zh), endings or (code,), media)


_OPEN_XML: Final = "application/vnd.openxmlformats-officedocument"
KINDS: Final[Mapping[str, Kind]] = dict([
    _kind("pdf", "a PDF document", "PDF 文档", "application/pdf"),
    _kind("docx", "a Word document", "Word 文档", f"{_OPEN_XML}.wordprocessingml.document"),
    _kind("xlsx", "an Excel workbook", "Excel 工作簿", f"{_OPEN_XML}.spreadsheetml.sheet"),
    _kind("pptx", "a PowerPoint presentation", "PowerPoint 演示文稿", f"{_OPEN_XML}.presentationml.presentation"),
    _kind("odt", "an OpenDocument text", "OpenDocument 文本", "application/vnd.oasis.opendocument.text"),
    _kind("ods", "an OpenDocument spreadsheet", "OpenDocument 表格", "application/vnd.oasis.opendocument.spreadsheet"),
    _kind("png", "a picture (PNG)", "图片（PNG）", "image/png"),
    _kind("jpg", "a picture (JPEG)", "图片（JPEG）", "image/jpeg", "jpg", "jpeg"),
    _kind("gif", "a picture (GIF)", "图片（GIF）", "image/gif"),
    _kind("webp", "a picture (WebP)", "图片（WebP）", "image/webp"),
    _kind("tif", "a picture (TIFF)", "图片（TIFF）", "image/tiff", "tif", "tiff"),
    _kind("txt", "plain text", "纯文本", "text/plain; charset=utf-8"),
    _kind("csv", "a table as text (CSV)", "文本表格（CSV）", "text/csv; charset=utf-8"),
    _kind("svg", "a drawing with code in it (SVG)", "可含代码的图形（SVG）", "application/octet-stream"),
    _kind("html", "a web page", "网页", "application/octet-stream", "html", "htm", "xhtml"),
    _kind("xml", "XML", "XML", "application/octet-stream"),
    _kind("zip", "a ZIP archive", "ZIP 压缩文件", "application/zip"),
    _kind("archive", "an archive", "压缩文件", "application/octet-stream", "rar", "7z", "gz", "bz2", "xz", "tar"),
    _kind("old", "a document of old Office", "旧版 Office 文档", "application/octet-stream", "doc", "xls", "ppt", "msg"),
    _kind("program", "a program", "可执行程序", "application/octet-stream", "exe", "dll", "com", "msi", "sh", "bat"),
    _kind("unknown", "of a kind that is not known here", "未知类型的文件", "application/octet-stream"),
])  # fmt: skip

USUAL: Final = frozenset({"pdf", "docx", "xlsx", "odt", "ods", "png", "jpg", "txt", "csv"})
"""Accepted everywhere that says nothing else."""
NEVER: Final = frozenset({"html", "svg", "xml", "program", "unknown"})
"""Accepted nowhere, whatever a form asks for."""
SHOWN: Final = frozenset({"pdf", "png", "jpg", "gif", "webp"})
"""What can be looked at here."""
_PICTURES: Final = frozenset({"png", "jpg", "gif", "webp", "tif"})
_TEXTS: Final = frozenset({"txt", "csv"})

_MAGIC: Final[tuple[tuple[bytes, str], ...]] = (
    (b"%PDF-", "pdf"),
    (b"\x89PNG\r\n\x1a\n", "png"),
    (b"\xff\xd8\xff", "jpg"),
    (b"GIF87a", "gif"),
    (b"GIF89a", "gif"),
    (b"II*\x00", "tif"),
    (b"MM\x00*", "tif"),
    (b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1", "old"),
    (b"MZ", "program"),
    (b"\x7fELF", "program"),
    (b"#!", "program"),
    (b"\xca\xfe\xba\xbe", "program"),
    (b"Rar!", "archive"),
    (b"7z\xbc\xaf\x27\x1c", "archive"),
    (b"\x1f\x8b", "archive"),
    (b"BZh", "archive"),
    (b"\xfd7zXZ\x00", "archive"),
)
_IN_ZIP: Final = (
    ("word/document.xml", "docx"), ("xl/workbook.xml", "xlsx"), ("xl/workbook.bin", "old"), ("ppt/presentation.xml", "pptx"),
)  # fmt: skip
_MIMETYPES: Final = {
    b"application/vnd.oasis.opendocument.text": "odt",
    b"application/vnd.oasis.opendocument.spreadsheet": "ods",
}

_SVG: Final = re.compile(rb"<\s*svg[\s>]|<!doctype\s+svg", re.IGNORECASE)
_PAGE: Final = re.compile(
    rb"<\s*(?:script|html|body|iframe|object|embed|head|style|title|meta|link|img|form|svg)[\s/>]|<!doctype\s+html|<\?php|<\?xml-stylesheet",
    re.IGNORECASE,
)
_CODE: Final = re.compile(rb"<script[\s/>]|<html[\s>]|<svg[\s>]|<!doctype\s+html|<iframe[\s>]|<\?php", re.IGNORECASE)
_CONTROL: Final = re.compile("[\x00-\x08\x0e-\x1f\x7f]")
_PAGE_IN_IT: Final = Text("a web page or script inside it", "隐藏的网页或脚本")
_ARCHIVE_IN_IT: Final = Text("another file hidden at its end", "隐藏在末尾的其他文件")
_MACROS: Final = Text("macros", "宏代码")


def taken_kind(file: BinaryIO, name: str, accept: Collection[str]) -> Kind:
    """Raises KindNotTaken, KindUnlikeName, CarriesCode, Packed, PaperDamaged. The file can be sought in."""
    found = KINDS[_found(file, name)]
    if found.code in NEVER or found.code not in accept:
        raise rules.KindNotTaken(name=name, found=found.called, accepted=said(accept))
    ending = name.rpartition(".")[2].lower() if "." in name else ""
    if ending not in found.endings:
        raise rules.KindUnlikeName(name=name, said=_said_by(ending), found=found.called)
    _must_be_one_thing(file, found.code, name)
    return found


def said(accept: Collection[str]) -> Name:
    """Kinds as their endings, in the order of the table."""
    listed = ", ".join(code for code in KINDS if code in accept and code not in NEVER)
    return Name(listed, listed.replace(", ", "、"))


def _said_by(ending: str) -> Text:
    for kind in KINDS.values():
        if ending in kind.endings:
            return kind.called
    return Name(f".{ending}", f".{ending}") if ending else Text("a file without an ending", "无扩展名的文件")


def _found(file: BinaryIO, name: str) -> str:
    file.seek(0)
    head = file.read(SNIFFED)
    for magic, code in _MAGIC:
        if head.startswith(magic):
            return code
    if head[:4] == b"RIFF" and head[8:12] == b"WEBP":
        return "webp"
    if head.startswith((b"PK\x03\x04", b"PK\x05\x06")):
        return _in_zip(file, name)
    return _text(file, head, name)


def _in_zip(file: BinaryIO, name: str) -> str:
    held = members(file, name)
    if any(path.lower().endswith(("vbaproject.bin", "vbadata.xml")) for path in held):
        raise rules.CarriesCode(name=name, what=_MACROS)
    if "[Content_Types].xml" in held:
        return next((code for path, code in _IN_ZIP if path in held), "zip")
    first = held.get("mimetype", b"").strip()
    if first in _MIMETYPES and any(path.startswith(("Basic/", "Scripts/")) for path in held):
        raise rules.CarriesCode(name=name, what=_MACROS)
    return _MIMETYPES.get(first, "zip")


def _text(file: BinaryIO, head: bytes, name: str) -> str:
    if _SVG.search(head):
        return "svg"
    if _PAGE.search(head):
        return "html"
    if head.lstrip(b"\xef\xbb\xbf \t\r\n").startswith(b"<?xml"):
        return "xml"
    if not _is_text(file):
        return "unknown"
    return "csv" if name.lower().endswith(".csv") else "txt"


def _is_text(file: BinaryIO) -> bool:
    """UTF-8, UTF-16 with its mark, or the Chinese national encoding; no control characters."""
    file.seek(0)
    encodings = ("utf-16",) if file.read(2) in (b"\xff\xfe", b"\xfe\xff") else ("utf-8-sig", "gb18030")
    return any(_reads_as(file, encoding) for encoding in encodings)


def _reads_as(file: BinaryIO, encoding: str) -> bool:
    """A piece at a time: it may be large."""
    file.seek(0)
    decoder = codecs.getincrementaldecoder(encoding)()
    try:
        while piece := file.read(_PIECE):
            if _CONTROL.search(decoder.decode(piece)):
                return False
        decoder.decode(b"", final=True)
    except UnicodeDecodeError:
        return False
    return True


def _must_be_one_thing(file: BinaryIO, code: str, name: str) -> None:
    """Of two readings a file is made for, a browser or a person may take the other one."""
    if code in _PICTURES or code in _TEXTS:
        if _holds_code(file):
            raise rules.CarriesCode(name=name, what=_PAGE_IN_IT)
    elif code == "pdf":
        file.seek(0)
        if _CODE.search(file.read(SNIFFED)):
            raise rules.CarriesCode(name=name, what=_PAGE_IN_IT)
    if (code in _PICTURES or code == "pdf") and _ends_as_zip(file):
        raise rules.CarriesCode(name=name, what=_ARCHIVE_IN_IT)


def _holds_code(file: BinaryIO) -> bool:
    file.seek(0)
    before = b""
    while part := file.read(_PIECE):
        if _CODE.search(before + part):
            return True
        before = part[-32:]
    return False


def _ends_as_zip(file: BinaryIO) -> bool:
    size = file.seek(0, 2)
    file.seek(max(0, size - _TAIL))
    tail = file.read()
    at = tail.rfind(b"PK\x05\x06")
    return at >= 0 and at + 22 <= len(tail) and at + 22 + struct.unpack("<H", tail[at + 20 : at + 22])[0] == len(tail)
