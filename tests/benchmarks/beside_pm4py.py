"""Asks pm4py about a file of events. Run by a Python of its own, that knows nothing of this project: see `beside`."""

from __future__ import annotations

import importlib
import json
import resource
import sys
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any


def best(turns: int, ask: Callable[[], Any]) -> tuple[Any, float]:
    took = []
    for _turn in range(turns):
        begun = time.perf_counter()
        told = ask()
        took.append(time.perf_counter() - begun)
    return told, min(took)


def main(file: str, answers: str, turns: int) -> None:
    pandas: Any = importlib.import_module("pandas")
    pm4py: Any = importlib.import_module("pm4py")
    begun = time.perf_counter()
    rows = pandas.read_csv(file)
    took = {"read": time.perf_counter() - begun}
    begun = time.perf_counter()
    rows["time:timestamp"] = pandas.to_datetime(rows["time:timestamp"], unit="ms", utc=True)
    log = pm4py.format_dataframe(rows)
    took["format"] = time.perf_counter() - begun
    ended = log[log["ended"] == 1]
    told: dict[str, Any] = {}
    told["activities"], took["activities"] = best(turns, lambda: pm4py.get_event_attribute_values(log, "concept:name"))
    follows, took["follows"] = best(turns, lambda: pm4py.discover_dfg(log)[0])
    told["follows"] = [[a, b, int(n)] for (a, b), n in follows.items()]
    ways, took["variants"] = best(turns, lambda: pm4py.get_variants(ended))
    told["variants"] = [[list(way), int(n)] for way, n in ways.items()]
    told["cycle time"], took["cycle time"] = best(turns, lambda: spread(pm4py.get_all_case_durations(ended)))
    told["activities"] = {name: int(n) for name, n in told["activities"].items()}
    megabytes = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss // 1024
    found = {"version": pm4py.__version__, "told": told, "took": took, "megabytes": megabytes}
    Path(answers).write_text(json.dumps(found), encoding="utf-8")


def spread(seconds: list[float]) -> dict[str, float]:
    ordered = sorted(float(one) for one in seconds)
    ranks = {
        name: ordered[max(1, -(-len(ordered) * of // 100)) - 1]
        for name, of in (("median", 50), ("p85", 85), ("p95", 95))
    }
    return {**ranks, "mean": sum(ordered) / len(ordered)}


if __name__ == "__main__":
    main(sys.argv[1], sys.argv[2], int(sys.argv[3]))
