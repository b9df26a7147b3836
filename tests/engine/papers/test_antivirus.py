"""The virus scanner: clamd's own words over a socket, a program of the office's, and what is done when neither answers."""

from __future__ import annotations

import io
import socketserver
import threading
from collections.abc import Iterator
from pathlib import Path

import pytest

from engine.papers import rules
from engine.papers.antivirus import NotAScanner, Silent, scanner
from engine.papers.store import Folder
from engine.papers.taking import Cabinet, take_in

EICAR = rb"X5O!P%@AP[4\PZX54(P^)7CC)7}$EICAR-STANDARD-ANTIVIRUS-TEST-FILE!$H+H*"


class _Clamd(socketserver.StreamRequestHandler):
    """As clamd(8) speaks: zINSTREAM, pieces with their length before them, a length of nought, one answer."""

    def handle(self) -> None:
        assert self.rfile.read(10) == b"zINSTREAM\0"
        whole = b""
        while size := int.from_bytes(self.rfile.read(4), "big"):
            piece = self.rfile.read(size)
            assert len(piece) == size
            whole += piece
        self.server.seen.append(whole)  # type: ignore[attr-defined]
        said: bytes | None = self.server.says  # type: ignore[attr-defined]
        self.wfile.write(said or (b"stream: Eicar-Test FOUND\0" if EICAR in whole else b"stream: OK\0"))


class Clamd(socketserver.ThreadingTCPServer):
    allow_reuse_address = True
    daemon_threads = True

    def __init__(self) -> None:
        self.seen: list[bytes] = []
        self.says: bytes | None = None
        super().__init__(("127.0.0.1", 0), _Clamd)

    @property
    def address(self) -> str:
        return f"clamd://127.0.0.1:{self.server_address[1]}"


@pytest.fixture
def clamd() -> Iterator[Clamd]:
    with Clamd() as server:
        threading.Thread(target=server.serve_forever, daemon=True).start()
        yield server
        server.shutdown()


def cabinet(tmp_path: Path, address: str, *, hold: bool = False) -> Cabinet:
    return Cabinet(Folder(tmp_path / "papers"), scanner(address), hold)


def test_a_clean_paper_is_taken_and_the_scanner_has_seen_all_of_it(tmp_path: Path, clamd: Clamd) -> None:
    content = b"clean\n" * 40_000
    taken = take_in(cabinet(tmp_path, clamd.address), io.BytesIO(content), "x.txt")
    assert not taken.held
    assert clamd.seen == [content]


def test_an_infected_paper_is_refused_by_name_and_nothing_of_it_is_kept(tmp_path: Path, clamd: Clamd) -> None:
    office = cabinet(tmp_path, clamd.address)
    with pytest.raises(rules.Infected, match="Eicar-Test"):
        take_in(office, io.BytesIO(b"a\n" * 100_000 + EICAR), "x.txt")
    assert list(office.store.lying()) == []


@pytest.mark.parametrize("says", [b"stream: ERROR\0", b"INSTREAM size limit exceeded. ERROR\0", b"\0"])
def test_an_answer_that_says_neither_is_no_answer(tmp_path: Path, clamd: Clamd, says: bytes) -> None:
    clamd.says = says
    with pytest.raises(rules.ScannerSilent):
        take_in(cabinet(tmp_path, clamd.address), io.BytesIO(b"a"), "x.txt")


def test_without_an_answer_the_paper_is_refused_or_held_back_as_the_office_chose(tmp_path: Path, clamd: Clamd) -> None:
    address = clamd.address
    clamd.shutdown()
    clamd.server_close()
    with pytest.raises(rules.ScannerSilent) as refusal:
        take_in(cabinet(tmp_path, address), io.BytesIO(b"a"), "x.txt")
    assert "x.txt" in refusal.value.say("zh")
    assert take_in(cabinet(tmp_path, address, hold=True), io.BytesIO(b"a"), "x.txt").held


def _program(tmp_path: Path, script: str) -> str:
    file = tmp_path / "scan"
    file.write_text(f"#!/bin/sh\n{script}\n")
    file.chmod(0o700)
    return f"command:{file}"


def test_a_program_of_the_office_says_it_by_how_it_ends(tmp_path: Path) -> None:
    says = _program(tmp_path, 'if grep -q EICAR "$1"; then echo Eicar; exit 1; fi')
    assert not take_in(cabinet(tmp_path, says), io.BytesIO(b"a"), "x.txt").held
    with pytest.raises(rules.Infected, match="Eicar"):
        take_in(cabinet(tmp_path, says), io.BytesIO(EICAR), "x.txt")


@pytest.mark.parametrize("script", ["exit 2", "kill -9 $$"])
def test_a_program_that_fails_has_said_nothing(tmp_path: Path, script: str) -> None:
    asked = scanner(_program(tmp_path, script))
    assert asked is not None
    with pytest.raises(Silent):
        asked(tmp_path / "scan")


@pytest.mark.parametrize("address", ["http://x", "clamd:", "command:scan", "x"])
def test_an_address_that_is_none_is_told_at_once(address: str) -> None:
    with pytest.raises(NotAScanner):
        scanner(address)


def test_without_an_address_nothing_is_scanned() -> None:
    assert scanner("") is None
