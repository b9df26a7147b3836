"""A text of an office as PDF, by typst: {"page", "facts", "into"} on standard input; `made.pdf` comes of it."""

from __future__ import annotations

import json
import resource
import sys
from pathlib import Path
from typing import Any

_MEMORY = 3_000 * 2**20  # typst reserves far more than it uses
_CPU = 20  # seconds
_FILE = 20 * 2**20


def main() -> None:
    for what, most in (
        (resource.RLIMIT_AS, _MEMORY),
        (resource.RLIMIT_CPU, _CPU),
        (resource.RLIMIT_FSIZE, _FILE),
        (resource.RLIMIT_CORE, 0),
    ):
        resource.setrlimit(what, (most, most))
    asked = json.loads(sys.stdin.buffer.read())
    sys.stdout.write(json.dumps(_made(asked)) + "\n")


def _made(asked: dict[str, Any]) -> dict[str, Any]:
    import typst  # noqa: PLC0415

    try:
        # Facts come in as data and are set as text: nothing of them is read as typst.
        made = typst.compile(
            asked["page"].encode(), format="pdf", sys_inputs={"facts": json.dumps(asked["facts"], ensure_ascii=False)}
        )
    except RuntimeError as fault:
        return {"refused": "template", "facts": [str(fault)[:200]]}
    except MemoryError:
        return {"refused": "large"}
    (Path(asked["into"]) / "made.pdf").write_bytes(made)
    return {"made": "made.pdf"}


if __name__ == "__main__":
    main()
