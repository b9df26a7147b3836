"""Simulations in a process of their own, which the system lets run when nobody else wants to: whoever works in the
office never shares an interpreter with them. It opens the database itself and holds it for no longer than it takes to
read the past, or to write how far it is.
"""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path
from typing import IO, Final, cast

from engine.base import clock
from engine.base.database import Database
from engine.supervision.whatif import kept, rules, working

_ROOT: Final = Path(__file__).parents[3]
GIVES_WAY: Final = 10
_LOOK_EVERY: Final = 0.5
_PATIENCE: Final = 20
"""Seconds in which it is to stop by itself."""
_WORK: Final[dict[str, Callable[[Database, Callable[[], bool]], int]]] = {
    "look_back": working.look_back,
    "answer": working.answer_due,
}


class WentWrong(Exception):
    """It ended by itself with an error: what it said of that stands in the log."""


def in_own_process(database: Database, what: str, going_on: Callable[[], bool]) -> int:
    """Where there is nothing to do no process is begun. Whether something was done."""
    if not working.is_wanted(database, what):
        return 0
    began = clock.now()
    child = subprocess.Popen(  # noqa: S603  ourselves
        [sys.executable, "-m", "engine.supervision.whatif.apart", what], stdin=subprocess.PIPE, text=True,
        env={**os.environ, "PYTHONPATH": str(_ROOT)},
    )  # fmt: skip
    try:
        _begin(child, database)
        while child.poll() is None and going_on():
            time.sleep(_LOOK_EVERY)
    finally:
        _end(child)
    if child.returncode and going_on():
        if what == "answer":
            with database.writing() as db:
                kept.give_up_since(db, began, rules.SimulationDied())
        raise WentWrong(f"what simulates ({what}) ended with {child.returncode}")
    return 1


def _begin(child: subprocess.Popen[str], database: Database) -> None:
    """One that has ended already is told of by how it ended."""
    with suppress(ProcessLookupError, BrokenPipeError):
        os.setpriority(os.PRIO_PROCESS, child.pid, GIVES_WAY)  # from its first moment: what it imports takes time too
        # Not as an argument, which everybody on the machine may read. It ends with this process: then nothing holds its input.
        told = _told(child)
        told.write(database.engine.url.render_as_string(hide_password=False) + "\n")
        told.flush()


def _told(child: subprocess.Popen[str]) -> IO[str]:
    return cast(IO[str], child.stdin)  # it was begun with a pipe


def _end(child: subprocess.Popen[str]) -> None:
    """However it was left: it is gone afterwards, and was waited for."""
    with suppress(BrokenPipeError):  # what it was told and did not read
        _told(child).close()
    try:
        child.wait(_PATIENCE)
    except subprocess.TimeoutExpired:
        child.kill()
        child.wait()


def main(what: str) -> int:
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # whoever began it says when it is to stop
    database = Database(sys.stdin.readline().strip(), pool_size=1)
    stopped = threading.Event()

    def wait_for_the_end() -> None:
        sys.stdin.read()
        stopped.set()

    threading.Thread(target=wait_for_the_end, daemon=True).start()
    _WORK[what](database, lambda: not stopped.is_set())
    database.close()
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1]))
