"""Grows trees in a program of its own, so that no process that serves pages ever loads what they are grown with.

What it is given and what it answers is JSON on its standard streams; it reads no file and opens no connection.
`python -m engine.supervision.forecast.apart` is the other end of `grown_apart`.
"""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Mapping
from pathlib import Path
from typing import Any, Final

import orjson

from engine.supervision.forecast.days import Days
from engine.supervision.forecast.learning import History, asked_now_and_then, visits
from engine.supervision.forecast.stories import Event, Story

_ROOT: Final = Path(__file__).parents[3]
_PATIENCE: Final = 600.0
_NICE: Final = 5


class NotGrown(Exception):
    """The program ended without an answer: `why` is told in the log alone."""


def grown_apart(history: History) -> Mapping[str, Any]:
    """As it is kept: `boosted`, or None where trees were no better; whether the `plain` median was; what was `measured`.

    Raises NotGrown.
    """
    environment = {
        "LANG": "C.UTF-8", "PATH": "/usr/bin:/bin", "PYTHONPATH": str(_ROOT), "OMP_NUM_THREADS": "1",
        "OPENBLAS_NUM_THREADS": "1", "PYTHONDONTWRITEBYTECODE": "1",
    }  # fmt: skip
    try:
        # Our own program; what it is given stands on its standard input and is data.
        ended = subprocess.run(
            [sys.executable, "-m", "engine.supervision.forecast.apart"], input=given(history), capture_output=True,
            timeout=_PATIENCE, env=environment, cwd=_ROOT, check=False,
        )  # fmt: skip
        said: dict[str, Any] = orjson.loads(ended.stdout)
    except subprocess.TimeoutExpired as fault:
        raise NotGrown("time") from fault
    except (OSError, orjson.JSONDecodeError) as fault:
        raise NotGrown(type(fault).__name__) from fault
    return said


def given(history: History) -> bytes:
    days = history.days
    return orjson.dumps(
        {
            "stories": [_plain(one) for one in history.stories],
            "until": history.until,
            "days": [days.first, days.begins, days.worked],
        }
    )


def taken(said: bytes) -> History:
    """The other end of `given`."""
    told = orjson.loads(said)
    stories = [_story(one) for one in told["stories"]]
    return History(stories, told["until"], Days(*told["days"]), visits, asked_now_and_then)


def _plain(one: Story) -> list[Any]:
    events = [[event.activity, event.at, event.clock, event.who, event.role, event.counted] for event in one.events]
    return [one.key, events, one.ended, dict(one.attributes), one.ended_counted, dict(one.dues), one.counted_until]


def _story(one: list[Any]) -> Story:
    key, events, *rest = one
    return Story(key, tuple(Event(*event) for event in events), *rest)


def main() -> int:
    from engine.supervision.forecast.growing import improved  # noqa: PLC0415  loads what only this program may load

    os.nice(_NICE)
    sys.stdout.buffer.write(orjson.dumps(improved(taken(sys.stdin.buffer.read())).dumped()))
    return 0


if __name__ == "__main__":
    sys.exit(main())
