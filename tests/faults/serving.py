"""The office served in processes of their own, as whoever installs it would start them."""

from __future__ import annotations

import os
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Sequence
from pathlib import Path
from typing import Final

from tests.faults.visiting import Person
from tests.house.tree import ROOT

SERVE: Final = ("web", "serve")
FORKED: Final = ("gunicorn", "-c", "python:web.forked")


class Serving:
    """`officium serve`, or another module of Python with its arguments. Raises OSError to whoever asks once it was killed."""

    def __init__(self, url: str, folder: Path, command: Sequence[str] = SERVE) -> None:
        with socket.socket() as free:
            free.bind(("127.0.0.1", 0))
            self.port = free.getsockname()[1]
        self.home = f"http://127.0.0.1:{self.port}"
        self._command = [sys.executable, "-m", *command]
        self._said = folder / "said.txt"
        self._environment = {
            **os.environ, "DATABASE_URL": url, "PORT": str(self.port), "OFFICIUM_SECRET": "for tests only",
        }  # fmt: skip
        self.start()

    @property
    def said(self) -> str:
        return self._said.read_text()

    def start(self) -> None:
        with self._said.open("ab") as said:
            self.process = subprocess.Popen(
                self._command, cwd=ROOT, env=self._environment, stdout=said, stderr=subprocess.STDOUT
            )
        until = time.monotonic() + 30
        while time.monotonic() < until:
            try:
                Person(self.home).get("/sign-in")
                return
            except OSError:
                assert self.process.poll() is None, self.said
                time.sleep(0.1)
        raise AssertionError(self.said)

    def kill(self) -> None:
        self.process.send_signal(signal.SIGKILL)
        self.process.wait(timeout=10)

    def stop(self) -> int:
        """How it ended."""
        self.process.send_signal(signal.SIGTERM)
        return self.process.wait(timeout=60)
