"""Work on what strangers made, in a process of its own that may use so much and no more."""

from __future__ import annotations

import json
import subprocess
import sys
import tempfile
import threading
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any, Final

_PROGRAMS: Final = Path(__file__).parent / "apart"
_AT_ONCE: Final = threading.BoundedSemaphore(2)
_PATIENCE: Final = 30.0
_ENVIRONMENT: Final = {"LANG": "C.UTF-8", "PATH": "/usr/bin:/bin", "PYTHONDONTWRITEBYTECODE": "1"}


class Failed(Exception):
    """The program ended without what was asked for: `why` is a word of its own, or “time”, “busy”, “broken”."""

    def __init__(self, why: str, facts: Sequence[str] = ()) -> None:
        self.why = why
        self.facts = tuple(facts)
        super().__init__(why)


@contextmanager
def apart(
    program: str, asked: Mapping[str, Any], *, folder: Path | None = None, seconds: float = 20
) -> Iterator[tuple[Path, dict[str, Any]]]:
    """Runs `apart/<program>.py` with a folder to write to, which is gone afterwards; what it told. Raises Failed."""
    if not _AT_ONCE.acquire(timeout=_PATIENCE):
        raise Failed("busy")
    try:
        if folder is not None:
            folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        with tempfile.TemporaryDirectory(dir=folder, ignore_cleanup_errors=True) as into:
            yield Path(into), _told(program, {**asked, "into": into}, seconds)
    finally:
        _AT_ONCE.release()


def _told(program: str, asked: Mapping[str, Any], seconds: float) -> dict[str, Any]:
    started = [sys.executable, "-I", str(_PROGRAMS / f"{program}.py")]
    try:
        # Its own program, an empty environment, and what is asked on its standard input: nothing of it is a command.
        ended = subprocess.run(  # noqa: S603
            started, input=json.dumps(asked).encode(), capture_output=True, timeout=seconds, env=_ENVIRONMENT,
            cwd=asked["into"], check=False,
        )  # fmt: skip
    except subprocess.TimeoutExpired:
        raise Failed("time") from None
    try:
        told: dict[str, Any] = json.loads(ended.stdout.splitlines()[-1])
    except (ValueError, IndexError):
        raise Failed("time" if ended.returncode in (-24, -9) else "broken") from None
    if "refused" in told:
        raise Failed(told["refused"], told.get("facts", ()))
    return told
