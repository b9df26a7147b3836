"""What the machine says: CPU time of a tree of processes, memory, the load of others, how fast it commits today."""

from __future__ import annotations

import os
import sqlite3
import tempfile
import time
from collections import defaultdict
from pathlib import Path
from typing import Final

_TICK: Final = os.sysconf("SC_CLK_TCK")


def _stat(process: int) -> tuple[int, float] | None:
    """Parent, and CPU seconds of the process with those of its children that have ended."""
    try:
        fields = Path(f"/proc/{process}/stat").read_text(encoding="ascii", errors="replace").rpartition(")")[2].split()
    except OSError:
        return None
    return int(fields[1]), sum(int(field) for field in fields[11:15]) / _TICK


def tree(root: int) -> list[int]:
    children: dict[int, list[int]] = defaultdict(list)
    for folder in Path("/proc").iterdir():
        if folder.name.isdecimal() and (found := _stat(int(folder.name))) is not None:
            children[found[0]].append(int(folder.name))
    ahead, every = [root], list[int]()
    while ahead:
        one = ahead.pop()
        every.append(one)
        ahead.extend(children.get(one, ()))
    return every


def cpu(root: int | None) -> float:
    """Seconds of the whole tree, the ended included."""
    if root is None:
        return 0.0
    return sum(found[1] for process in tree(root) if (found := _stat(process)) is not None)


def resident(root: int) -> float:
    """MB of the biggest process that the root has forked: the worker that serves. Of the root where it forked none."""
    _above, *workers = tree(root)
    return max(_resident(process) for process in workers or [root])


def _resident(process: int) -> float:
    try:
        pages = int(Path(f"/proc/{process}/statm").read_text(encoding="ascii").split()[1])
    except (OSError, ValueError):
        return 0.0
    return pages * os.sysconf("SC_PAGE_SIZE") / 1e6


def busy() -> float:
    """CPU seconds of the whole machine since it started."""
    fields = Path("/proc/stat").read_text(encoding="ascii").partition("\n")[0].split()[1:]
    user, nice, system, _idle, _waiting, interrupts, soft, stolen = (int(field) for field in fields[:8])
    return (user + nice + system + interrupts + soft + stolen) / _TICK


def own() -> float:
    """CPU seconds of this process and of its children that have ended."""
    spent = os.times()
    return spent.user + spent.system + spent.children_user + spent.children_system


def canary(seconds: float) -> float:
    """Durable commits a second, by the plainest means: tells how fast the disk is just now."""
    with tempfile.TemporaryDirectory(prefix="officium-canary-") as folder:
        db = sqlite3.connect(Path(folder) / "canary.db", isolation_level=None)
        db.execute("PRAGMA journal_mode=WAL")
        db.execute("PRAGMA synchronous=FULL")
        db.execute("CREATE TABLE one (id INTEGER PRIMARY KEY, at REAL)")
        begun, count = time.perf_counter(), 0
        while time.perf_counter() - begun < seconds:
            db.execute("INSERT INTO one (at) VALUES (?)", (float(count),))
            count += 1
        spent = time.perf_counter() - begun
        db.close()
    return count / spent
