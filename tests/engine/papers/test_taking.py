"""What is taken in, under what name, and what is not: by what is in a file, never by what it says of itself."""

from __future__ import annotations

import io
import struct
import subprocess
import sys
import unicodedata
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from engine.base.text import LANGUAGES
from engine.papers import rules
from engine.papers.kinds import KINDS, NEVER
from engine.papers.store import Folder
from engine.papers.taking import Cabinet, Taken, take_in
from tests.engine.papers import files

SVG = b'<?xml version="1.0"?>\n<svg xmlns="http://www.w3.org/2000/svg"><script>alert(1)</script></svg>'
PAGE = b"<!doctype html><html><script>alert(1)</script></html>"


@pytest.fixture
def cabinet(tmp_path: Path) -> Cabinet:
    return Cabinet(Folder(tmp_path / "papers"))


def taken(cabinet: Cabinet, content: bytes, name: str, accept: frozenset[str] = frozenset()) -> Taken:
    return take_in(cabinet, io.BytesIO(content), name, accept=accept)


def lying(cabinet: Cabinet) -> list[str]:
    assert isinstance(cabinet.store, Folder)
    return [file.name for file in cabinet.store.folder.rglob("*") if file.is_file()]


GOOD = {
    "plan.pdf": (files.pdf(), "pdf"),
    "letter.docx": (files.docx(), "docx"),
    "table.xlsx": (files.xlsx(), "xlsx"),
    "text.odt": (files.odt(), "odt"),
    "photo.png": (files.picture(), "png"),
    "photo.JPG": (files.picture("JPEG"), "jpg"),
    "photo.jpeg": (files.picture("JPEG"), "jpg"),
    "note.txt": ("您好, hello".encode(), "txt"),
    "note-gb.txt": ("申请材料已收到".encode("gb18030"), "txt"),
    "note-16.txt": ("您好".encode("utf-16"), "txt"),
    "list.csv": ("编号,name\n1,a".encode(), "csv"),
}


@pytest.mark.parametrize("name", GOOD)
def test_what_offices_use_is_taken_in_and_kept_as_it_is(cabinet: Cabinet, name: str) -> None:
    content, kind = GOOD[name]
    found = taken(cabinet, content, name)
    assert (found.kind, found.size, found.name, found.held) == (kind, len(content), name, False)
    assert b"".join(cabinet.store.pieces(found.key)) == content
    assert lying(cabinet) == [found.key]


HOSTILE: dict[str, tuple[str, bytes, type[rules.PaperRefused]]] = {
    "0 byte": ("empty.pdf", b"", rules.EmptyPaper),
    "SVG with script": ("drawing.svg", SVG, rules.KindNotTaken),
    "SVG with script, called a picture": ("drawing.png", SVG, rules.KindNotTaken),
    "SVG behind a long beginning": ("drawing.txt", b" " * 3000 + SVG, rules.KindNotTaken),
    "a page called text": ("page.txt", PAGE, rules.KindNotTaken),
    "a page far behind text": ("page.txt", b"a" * 600_000 + PAGE, rules.CarriesCode),
    "a page": ("page.html", PAGE, rules.KindNotTaken),
    "polyglot: GIF and script": ("x.gif", b"GIF89a/*" + PAGE, rules.KindNotTaken),
    "polyglot: PNG and a page behind it": ("x.png", files.picture() + PAGE, rules.CarriesCode),
    "polyglot: JPEG and a page inside": ("x.jpg", files.picture("JPEG")[:20] + PAGE + files.picture("JPEG")[20:], rules.CarriesCode),
    "polyglot: JPEG and a ZIP behind it": ("x.jpg", files.picture("JPEG") + files.zipped({"a": b"a"}), rules.CarriesCode),
    "polyglot: PDF and a ZIP behind it": ("x.pdf", files.pdf() + files.zipped({"a": b"a"}), rules.CarriesCode),
    "polyglot: a page that begins as PDF": ("x.pdf", b"%PDF-1.7\n" + PAGE + files.pdf(), rules.CarriesCode),
    "polyglot: something before the PDF": ("x.pdf", b"MZ" + files.pdf(), rules.KindNotTaken),
    "zip bomb": ("bomb.docx", files.bomb(), rules.Packed),
    "zip bomb of many parts": ("many.docx", files.zipped({f"{n}": b"" for n in range(6_000)}), rules.Packed),
    "macros": ("macro.docx", files.docx(more={"word/vbaProject.bin": b"x"}), rules.CarriesCode),
    "a ZIP called Word": ("x.docx", files.zipped({"a.txt": b"a"}), rules.KindNotTaken),
    "a ZIP": ("x.zip", files.zipped({"a.txt": b"a"}), rules.KindNotTaken),
    "a Word document called PDF": ("x.pdf", files.docx(), rules.KindUnlikeName),
    "a picture called Word": ("x.docx", files.picture(), rules.KindUnlikeName),
    "a program called PDF": ("x.pdf", b"MZ\x90\x00" + bytes(200), rules.KindNotTaken),
    "a script": ("x.sh", b"#!/bin/sh\nrm -rf /", rules.KindNotTaken),
    "a script called text": ("x.txt", b"#!/bin/sh\nrm -rf /", rules.KindNotTaken),
    "bytes that are nothing": ("x.txt", bytes(range(256)), rules.KindNotTaken),
    "no ending": ("README", b"hello", rules.KindUnlikeName),
    "two endings": ("x.pdf.exe", files.pdf(), rules.KindUnlikeName),
    "half a Word document": ("x.docx", files.docx()[:3000], rules.PaperDamaged),
    "XML": ("x.xml", b"<?xml version='1.0'?><a/>", rules.KindNotTaken),
}  # fmt: skip


@pytest.mark.parametrize("what", HOSTILE)
def test_it_is_refused_in_both_languages_and_nothing_of_it_is_kept(cabinet: Cabinet, what: str) -> None:
    name, content, why = HOSTILE[what]
    with pytest.raises(why) as refusal:
        taken(cabinet, content, name)
    for language in LANGUAGES:
        said = refusal.value.say(language)
        assert "{" not in said
        assert name in said
    assert lying(cabinet) == []


def test_a_zip_whose_parts_lie_over_one_another_is_refused(cabinet: Cabinet) -> None:
    plain = files.zipped({"[Content_Types].xml": b"<Types/>", "word/document.xml": b"x" * 40})
    at = plain.rfind(b"PK\x01\x02")
    doubled = plain[: at + 42] + struct.pack("<I", 0) + plain[at + 46 :]
    with pytest.raises(rules.Packed):
        taken(cabinet, doubled, "x.docx")


def test_a_field_may_take_what_the_office_does_not_but_never_a_page(cabinet: Cabinet) -> None:
    assert taken(cabinet, files.zipped({"a": b"a"}), "x.zip", frozenset({"zip"})).kind == "zip"
    with pytest.raises(rules.KindNotTaken):
        taken(cabinet, SVG, "x.svg", frozenset(KINDS))
    assert {"html", "svg", "program"} <= NEVER


def test_over_the_size_is_refused_while_it_comes_in(cabinet: Cabinet) -> None:
    class Endless(io.RawIOBase):
        read_so_far = 0

        def read(self, size: int = -1) -> bytes:
            self.read_so_far += size
            assert self.read_so_far < rules.MOST_BYTES * 1.1, "it is read on although it is too large"
            return b"a" * size

    with pytest.raises(rules.PaperTooLarge, match="50 MB"):
        take_in(cabinet, Endless(), "x.txt")  # type: ignore[arg-type]
    assert lying(cabinet) == []


def test_exactly_the_size_is_taken(tmp_path: Path) -> None:
    small = Cabinet(Folder(tmp_path), most=1000)
    assert taken(small, b"a" * 1000, "x.txt").size == 1000
    with pytest.raises(rules.PaperTooLarge):
        taken(small, b"a" * 1001, "x.txt")


_MEASURED = """
import io, resource, sys
from pathlib import Path
from engine.papers.store import Folder
from engine.papers.taking import Cabinet, take_in

class Long(io.RawIOBase):
    def __init__(self, begin, sign):
        self.begin, self.sign, self.left = begin, sign, 49 * 2**20
    def read(self, size=-1):
        begin, self.begin = self.begin, b""
        part = begin or self.sign * min(size, self.left)
        self.left -= len(part)
        return part

take_in(Cabinet(Folder(Path(sys.argv[1]))), io.BytesIO(open(sys.argv[2], "rb").read()), "warm.png")
before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
picture = open(sys.argv[2], "rb").read()
take_in(Cabinet(Folder(Path(sys.argv[1]))), Long(picture, bytes(1)), "large.png")
take_in(Cabinet(Folder(Path(sys.argv[1]))), Long(b"", b"a"), "large.txt")
print(resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - before)
"""


def test_fifty_megabytes_pass_through_a_few(tmp_path: Path) -> None:
    """In a process of its own, where nothing else takes memory."""
    seed = tmp_path / "seed.png"
    seed.write_bytes(files.picture())
    ended = subprocess.run(
        [sys.executable, "-c", _MEASURED, str(tmp_path / "papers"), str(seed)],
        capture_output=True, text=True, check=True, cwd=Path(__file__).parents[3],
    )  # fmt: skip
    assert int(ended.stdout) < 8 * 1024, "kilobytes more than before"


NAMES = {
    "../../x.pdf": "x.pdf",
    "..\\..\\x.pdf": "x.pdf",
    "/etc/passwd": "passwd",
    "C:\\Papers\\li\\plan.pdf": "plan.pdf",
    "a\x00b.pdf": "a b.pdf",
    "plan\u202efdp.exe": "plan fdp.exe",
    "a\u200bb\ufeff.txt": "a b.txt",
    "a\r\nX: y.pdf": "a X_ y.pdf",
    "con.pdf": "_con.pdf",
    "NUL": "_NUL",
    "com1.tar.pdf": "_com1.tar.pdf",
    "..": "paper",
    "": "paper",
    " . ": "paper",
    "<b>.png": "_b_.png",
    "图纸 第一页.pdf": "图纸 第一页.pdf",
    "a" * 300 + ".pdf": "a" * 116 + ".pdf",
}


@pytest.mark.parametrize("given_name", NAMES)
def test_a_name_is_made_safe_and_stays_readable(given_name: str) -> None:
    assert rules.safe_name(given_name) == NAMES[given_name]


@given(st.text(max_size=400))
def test_whatever_a_file_is_called_its_name_can_be_kept_anywhere_and_seen(called: str) -> None:
    name = rules.safe_name(called)
    assert 0 < len(name) <= rules.MOST_NAME
    assert len(name.encode()) <= 255
    assert not set(name) & set('/\\:*?"<>|')
    assert name not in {".", ".."}
    assert not name.endswith((" ", "."))
    assert all(unicodedata.category(sign)[0] != "C" for sign in name)
    assert rules.safe_name(name) == name
