"""The figures of a log worked out in another way: by patterns over the text, by counting, by pandas where pm4py is."""

from __future__ import annotations

import csv
import gzip
import io
import re
from collections import Counter, defaultdict
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import datetime
from itertools import groupby, islice, pairwise
from pathlib import Path
from statistics import median

Row = tuple[str, str, str, datetime]
"""Case, activity, transition, time; as they stand in the file."""


def of_xes(file: Path, most: int | None = None) -> list[Row]:
    """`most`: of so many cases, the first ones."""
    text = gzip.decompress(file.read_bytes()).decode()
    found: list[Row] = []
    for number, trace in enumerate(islice(_traces(text), most)):
        head, *events = trace.split("<event>")
        named = re.search(r'key="concept:name"\s+value="([^"]*)"', head)
        case = f"{number}:{named[1]}" if named else str(number)
        for one in events:
            facts = dict(re.findall(r'key="([^"]*)"\s+value="([^"]*)"', one))
            found.append(
                (
                    case,
                    facts["concept:name"],
                    facts.get("lifecycle:transition", "complete").lower(),
                    datetime.fromisoformat(facts["time:timestamp"]),
                )
            )
    return found


def _traces(text: str) -> Iterator[str]:
    return (one[1] for one in re.finditer(r"<trace>(.*?)</trace>", text, re.DOTALL))


def of_csv(file: Path) -> list[Row]:
    text = gzip.decompress(file.read_bytes()).decode()
    return [
        (
            row["case:concept:name"],
            row["concept:name"],
            row["lifecycle:transition"],
            datetime.fromisoformat(row["time:timestamp"]),
        )
        for row in csv.DictReader(io.StringIO(text))
    ]


@dataclass
class Counted:
    cases: int = 0
    events: int = 0
    activities: Counter[str] = field(default_factory=Counter)
    follows: Counter[tuple[str, str]] = field(default_factory=Counter)
    variants: Counter[tuple[str, ...]] = field(default_factory=Counter)
    rework: Counter[str] = field(default_factory=Counter)
    reworked: int = 0
    durations: list[int] = field(default_factory=list)
    gaps: dict[tuple[str, str], list[int]] = field(default_factory=lambda: defaultdict(list))

    @property
    def median(self) -> float:
        return median(self.durations)


def counted(rows: list[Row]) -> Counted:
    """Of completions only; a case lasts from its first event of any kind to its last."""
    found = Counted(events=len(rows))
    by_case = sorted(enumerate(rows), key=lambda one: (one[1][0], one[1][3], one[0]))
    for _case, group in groupby(by_case, key=lambda one: one[1][0]):
        events = [row for _number, row in group]
        found.cases += 1
        found.durations.append(_apart(events[0][3], events[-1][3]))
        done = [row for row in events if row[2] == "complete"]
        names = [row[1] for row in done]
        counts = Counter(names)
        found.activities += counts
        found.rework += Counter({name: count - 1 for name, count in counts.items() if count > 1})
        found.reworked += max(counts.values(), default=0) > 1
        found.variants[tuple(names)] += 1
        for a, b in pairwise(done):
            found.follows[a[1], b[1]] += 1
            found.gaps[a[1], b[1]].append(_apart(a[3], b[3]))
    return found


def _apart(a: datetime, b: datetime) -> int:
    """In whole milliseconds of each, as instants are kept."""
    return int(b.timestamp() * 1_000_000 // 1000) - int(a.timestamp() * 1_000_000 // 1000)
