"""Bytes to text: what the file says it is written in, and whether that is so."""

from __future__ import annotations

import codecs
import re
from typing import Final

from engine.base.text import Text
from engine.diagram.refusals import ControlCharacters, NotText, UnknownEncoding, WrongEncoding, ZipFile

_MARKS: Final = (
    (codecs.BOM_UTF8, "utf-8"),
    (codecs.BOM_UTF32_LE, "utf-32-le"),
    (codecs.BOM_UTF32_BE, "utf-32-be"),
    (codecs.BOM_UTF16_LE, "utf-16-le"),
    (codecs.BOM_UTF16_BE, "utf-16-be"),
)
_UNMARKED: Final = (
    (b"\x00\x00\x00<", "utf-32-be"),
    (b"<\x00\x00\x00", "utf-32-le"),
    (b"\x00<", "utf-16-be"),
    (b"<\x00", "utf-16-le"),
)
_DECLARATION: Final = re.compile(r"""\s*<\?xml\b[^>]{0,200}?\bencoding\s*=\s*["']([A-Za-z0-9._:-]{1,40})["']""")
# The newer standard contains the older ones, and files that declare the older ones use characters of the newer.
_READ_AS: Final = {"gb2312": "gb18030", "gbk": "gb18030"}
_KNOWN: Final = re.compile(
    r"utf-8|utf-16|utf-32|ascii|gb18030|gb2312|gbk|big5|big5hkscs|euc_jp|shift_jis|euc_kr|koi8-[ru]|iso8859-\d+|cp125\d"
)
_FOREIGN: Final = (
    (b"%PDF", "a PDF document", "PDF 文档"),
    (b"\x89PNG", "a picture (PNG)", "图片（PNG）"),
    (b"\xff\xd8\xff", "a picture (JPEG)", "图片（JPEG）"),
    (b"GIF8", "a picture (GIF)", "图片（GIF）"),
    (b"\xd0\xcf\x11\xe0", "an old Office or Visio document", "旧版 Office 或 Visio 文档"),
    (b"\x1f\x8b", "a gzip archive", "gzip 压缩文件"),
    (b"7z\xbc\xaf", "a 7z archive", "7z 压缩文件"),
    (b"Rar!", "a RAR archive", "RAR 压缩文件"),
)
_CONTROL: Final = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\ufffe\uffff]")


def text_of(source: bytes, file: str) -> str:
    """The file's text without its byte order mark and encoding declaration; lines are kept."""
    _refuse_foreign(source, file)
    text = _decoded(source, file)
    found = _CONTROL.search(text)
    if found:
        raise ControlCharacters(file=file, line=_line(text, found.start()), character=f"U+{ord(found[0]):04X}")
    return text


def _refuse_foreign(source: bytes, file: str) -> None:
    if source.startswith((b"PK\x03\x04", b"PK\x05\x06")):
        raise ZipFile(file=file)
    for magic, en, zh in _FOREIGN:
        if source.startswith(magic):
            raise NotText(file=file, what=Text(en=en, zh=zh))


def _decoded(source: bytes, file: str) -> str:
    for mark, name in _MARKS:
        if source.startswith(mark):
            return _marked(source[len(mark) :], name, file)
    for start, name in _UNMARKED:
        if source.startswith(start):
            return _marked(source, name, file)
    declared = _declared(source[:400].decode("latin-1")) or "UTF-8"
    name = _codec(declared, file)
    if name.startswith(("utf-16", "utf-32")):  # eight-bit text that says it is wider
        raise WrongEncoding(file=file, line=1, declared=declared)
    text = _decode(source, name, declared, file)
    if name != "utf-8" and _is_utf_8_after_all(source):
        line = next(n for n, part in enumerate(source.split(b"\n"), 1) if not part.isascii())
        raise WrongEncoding(file=file, line=line, declared=declared)
    return text


def _marked(source: bytes, name: str, file: str) -> str:
    """The first bytes say what the file is; its declaration may say less, but not something else."""
    text = _decode(source, name, name.upper(), file)
    declared = _declared(text[:400])
    if declared is not None and not name.startswith(_codec(declared, file)):
        raise WrongEncoding(file=file, line=_line(text, text.find("<?xml")), declared=declared)
    return text


def _declared(beginning: str) -> str | None:
    found = _DECLARATION.match(beginning)
    return found[1] if found else None


def _codec(declared: str, file: str) -> str:
    try:
        name = codecs.lookup(declared).name
    except LookupError:
        raise UnknownEncoding(file=file, line=1, declared=declared) from None
    if not _KNOWN.match(name):
        raise UnknownEncoding(file=file, line=1, declared=declared)
    return _READ_AS.get(name, name)


def _decode(source: bytes, name: str, declared: str, file: str) -> str:
    try:
        return source.decode(name)
    except UnicodeDecodeError as wrong:
        before = source[: wrong.start].decode(name, "replace")
        raise WrongEncoding(file=file, line=_line(before, len(before)), declared=declared) from None


def _is_utf_8_after_all(source: bytes) -> bool:
    """Text in another encoding is hardly ever valid UTF-8 by chance once it holds a few characters beyond ASCII."""
    try:
        text = source.decode("utf-8")
    except UnicodeDecodeError:
        return False
    beyond = [one for one in text if one > "\x7f"]
    return len(beyond) >= 8 or sum(one > "\u07ff" for one in beyond) >= 2


def _line(text: str, position: int) -> int:
    return text.count("\n", 0, max(position, 0)) + 1
