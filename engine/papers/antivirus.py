"""Asking a virus scanner: clamd, or a program of the office's own."""

from __future__ import annotations

import socket
import subprocess
from collections.abc import Callable
from pathlib import Path
from typing import Final
from urllib.parse import urlsplit

_PIECE: Final = 1 << 16
_TIMEOUT: Final = 60.0
_CLEAN: Final = b"stream: OK"


class Silent(Exception):
    """The scanner cannot be reached, or its answer says neither yes nor no."""


Scanner = Callable[[Path], str | None]
"""What was found in the file, None where nothing was. Raises Silent."""


class NotAScanner(ValueError):
    """OFFICIUM_ANTIVIRUS is neither clamd://host:port nor command:/path."""


def scanner(address: str) -> Scanner | None:
    """`clamd://host:port` or `command:/path/to/program`; empty: there is none. Raises NotAScanner."""
    if not address:
        return None
    if address.startswith("command:/"):
        program = address.removeprefix("command:")
        return lambda file: _by_program(program, file)
    parts = urlsplit(address)
    if parts.scheme != "clamd" or not parts.hostname:
        raise NotAScanner(address)
    place = (parts.hostname, parts.port or 3310)
    return lambda file: _by_clamd(place, file)


def _by_clamd(place: tuple[str, int], file: Path) -> str | None:
    """INSTREAM: pieces with their length before them, then a length of nought; one line comes back."""
    try:
        with socket.create_connection(place, timeout=_TIMEOUT) as line, file.open("rb") as opened:
            line.sendall(b"zINSTREAM\0")
            while piece := opened.read(_PIECE):
                line.sendall(len(piece).to_bytes(4, "big") + piece)
            line.sendall(bytes(4))
            answer = _answer(line)
    except OSError as fault:
        raise Silent(str(fault)) from fault
    if answer == _CLEAN:
        return None
    if answer.endswith(b" FOUND"):
        return answer.removeprefix(b"stream: ").removesuffix(b" FOUND").decode("utf-8", "replace")[:200]
    raise Silent(answer.decode("utf-8", "replace")[:200])


def _answer(line: socket.socket) -> bytes:
    said = b""
    while len(said) < 4096 and not said.endswith(b"\0"):
        piece = line.recv(4096)
        if not piece:
            break
        said += piece
    return said.rstrip(b"\0\r\n")


def _by_program(program: str, file: Path) -> str | None:
    """Ends with 0 where the file is clean, with 1 where something was found: its first line says what."""
    try:
        asked = [program, str(file)]  # the administrator's program, and a name made here
        ended = subprocess.run(asked, capture_output=True, timeout=_TIMEOUT, check=False)  # noqa: S603
    except (OSError, subprocess.SubprocessError) as fault:
        raise Silent(str(fault)) from fault
    if ended.returncode == 0:
        return None
    if ended.returncode == 1:
        told = ended.stdout.decode("utf-8", "replace").strip().splitlines()
        return (told[0] if told else "?")[:200]
    raise Silent(f"{program} ended with {ended.returncode}")
