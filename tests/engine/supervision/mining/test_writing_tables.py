"""Logs as OCEL 2.0 in tables: against the rules of the standard, against the form in JSON, and with hostile names."""

from __future__ import annotations

import json
import sqlite3
from collections.abc import Iterator
from contextlib import closing, contextmanager
from datetime import UTC, datetime
from pathlib import Path

import pytest

from engine.supervision.mining.events import Event, Trace
from engine.supervision.mining.writing import PAPER, ocel
from engine.supervision.mining.writing_tables import ocel_tables


def at(hour: int) -> datetime:
    return datetime(2026, 3, 2, hour, tzinfo=UTC)


HOSTILE = "x\"; DROP TABLE event; --\0 '=1+1"
TRACES = [
    Trace(
        "1",
        [
            Event("a", at(2), resource="P", group="Desk", instance="1"),
            Event("Paper", at(2), facts={PAPER: "77"}),
            Event(HOSTILE, at(4), resource=HOSTILE, group=HOSTILE),
        ],
        {"amount": 3, "opened": at(1), HOSTILE: "=cmd|' /C calc'!A0", "ocel_id": "mine", "Amount": 4, "": True},
    ),
    Trace("2", [Event("b", at(3), group="Desk", cost=1.0), Event("A", at(3))], {"amount": "many", "large": 1 << 70}),
    Trace("1", [], {"yes": True, "half": 0.5, "count": 2}),
]


@contextmanager
def opened(folder: Path, traces: list[Trace]) -> Iterator[sqlite3.Connection]:
    file = folder / "log.sqlite"
    file.write_bytes(b"".join(ocel_tables(traces)))
    with closing(sqlite3.connect(file)) as db:
        yield db


def columns(db: sqlite3.Connection, table: str) -> dict[str, tuple[str, int]]:
    return {row[1]: (row[2], row[5]) for row in db.execute(f'PRAGMA table_info("{table}")')}


def refers(db: sqlite3.Connection, table: str) -> set[tuple[str, str, str]]:
    return {(row[3], row[2], row[4]) for row in db.execute(f'PRAGMA foreign_key_list("{table}")')}


def faults(db: sqlite3.Connection) -> list[str]:
    """The rules of the relational form, as the standard lists them: what there must be, its keys, what refers to what."""
    found = []
    tables = {row[0] for row in db.execute("SELECT name FROM sqlite_master WHERE type = 'table'")}
    fixed = {"event", "object", "event_object", "object_object", "event_map_type", "object_map_type"}
    mapped = {
        f"{kind}_{row[0]}" for kind in ("event", "object") for row in db.execute(f"SELECT ocel_type_map FROM {kind}_map_type")
    }  # fmt: skip
    if tables != fixed | mapped:
        found.append(f"tables {tables ^ (fixed | mapped)}")
    keys = {
        "event": {"ocel_id"}, "object": {"ocel_id"}, "event_map_type": {"ocel_type"}, "object_map_type": {"ocel_type"},
        "event_object": {"ocel_event_id", "ocel_object_id", "ocel_qualifier"},
        "object_object": {"ocel_source_id", "ocel_target_id", "ocel_qualifier"},
    } | {one: {"ocel_id"} for one in mapped if one.startswith("event_")}  # fmt: skip
    found += [
        one for one, wanted in keys.items() if {name for name, (_, key) in columns(db, one).items() if key} != wanted
    ]
    found += [one for one in mapped if columns(db, one).get("ocel_time", ("", 0))[0] != "TIMESTAMP"]
    found += [one for one in mapped if one.startswith("object_") and "ocel_changed_field" not in columns(db, one)]
    wanted_refers = {
        "event": {("ocel_type", "event_map_type", "ocel_type")},
        "object": {("ocel_type", "object_map_type", "ocel_type")},
        "event_object": {("ocel_event_id", "event", "ocel_id"), ("ocel_object_id", "object", "ocel_id")},
        "object_object": {("ocel_source_id", "object", "ocel_id"), ("ocel_target_id", "object", "ocel_id")},
    } | {one: {("ocel_id", one.partition("_")[0], "ocel_id")} for one in mapped}
    found += [one for one, wanted in wanted_refers.items() if refers(db, one) != wanted]
    found += [str(row) for row in db.execute("PRAGMA foreign_key_check")]
    return found


@pytest.mark.parametrize("traces", [TRACES, []], ids=["hostile", "empty"])
def test_the_rules_of_the_standard_are_kept(tmp_path: Path, traces: list[Trace]) -> None:
    with opened(tmp_path, traces) as db:
        assert db.execute("PRAGMA integrity_check").fetchone() == ("ok",)
        assert faults(db) == []
        db.execute("DROP TABLE object_paper")
        db.execute("INSERT INTO event VALUES ('stray', 'no type')")
        assert len(faults(db)) > 1, "the rules can be broken"


def test_it_tells_what_the_form_in_json_tells(tmp_path: Path) -> None:
    said = json.loads(b"".join(ocel(TRACES)))
    clean = {HOSTILE: HOSTILE.replace("\0", "\ufffd")}
    with opened(tmp_path, TRACES) as db:
        types = dict(db.execute("SELECT ocel_id, ocel_type FROM event"))
        assert types == {one["id"]: clean.get(one["type"], one["type"]) for one in said["events"]}
        objects = dict(db.execute("SELECT ocel_id, ocel_type FROM object"))
        assert objects == {one["id"].replace("\0", "\ufffd"): one["type"] for one in said["objects"]}
        for table, whole in (("event_object", said["events"]), ("object_object", said["objects"])):
            assert set(db.execute(f"SELECT * FROM {table}")) == {
                (one["id"], each["objectId"].replace("\0", "\ufffd"), each["qualifier"])
                for one in whole
                for each in one["relationships"]
            }
        assert {row[0] for row in db.execute("SELECT name FROM object_department")} == {"Desk", clean[HOSTILE]}


def test_what_a_case_says_of_itself_stands_in_columns_and_nothing_is_lost(tmp_path: Path) -> None:
    with opened(tmp_path, TRACES) as db:
        db.row_factory = sqlite3.Row
        first, second, third = db.execute("SELECT * FROM object_case ORDER BY ocel_id")
        assert (first["amount"], second["amount"], third["amount"]) == ("3", "many", None)
        assert first[HOSTILE.replace("\0", "\ufffd")] == "=cmd|' /C calc'!A0"
        assert json.loads(first["other"]) == {"ocel_id": "mine", "Amount": 4, "": True}
        assert second["large"] == str(1 << 70)
        assert (third["yes"], third["half"], third["count"]) == (1, 0.5, 2)


def test_pm4py_reads_it(tmp_path: Path) -> None:
    pm4py = pytest.importorskip(
        "pm4py", reason="pm4py is AGPL and no part of this; installed by whoever wants to compare"
    )
    with opened(tmp_path, TRACES[1:2]):
        found = pm4py.read_ocel2_sqlite(str(tmp_path / "log.sqlite"))
    assert len(found.events) == 2
