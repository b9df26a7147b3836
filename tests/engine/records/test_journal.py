"""What an entry is, byte for byte, and what may stand in one."""

from __future__ import annotations

import json
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta, timezone
from decimal import Decimal
from enum import StrEnum
from hashlib import sha256
from types import MappingProxyType
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from sqlalchemy import event

from engine.base.database import Database
from engine.records.journal import EMPTY, Chain, NotWritable, canonical, entries, header, write
from tests.conftest import Clock


def test_the_first_seal_is_what_the_documentation_says(database: Database, clock: Clock) -> None:
    clock.set(datetime(1970, 1, 1, 0, 0, 1, 500_000, tzinfo=UTC))
    with database.writing() as db:
        chain = write(db, Chain(5, 0, EMPTY), act="complete_task", by=3, post=None, facts={"b": 1, "a": "批准"})
    facts = '{"a":"批准","b":1}'.encode()
    by_hand = sha256(
        bytes(32) + b"officium entry 1\n1\n5\n1\n1500\n3\n-\ncomplete_task\n" + sha256(facts).digest()
    ).digest()
    assert chain == Chain(5, 1, by_hand)


def test_the_second_seal_holds_the_first(database: Database, clock: Clock) -> None:
    clock.set(datetime(1970, 1, 1, tzinfo=UTC))
    with database.writing() as db:
        first = write(db, Chain(5, 0, EMPTY), act="a", by=None, facts={})
        second = write(db, first, act="b", by=None, post=4, facts={})
    by_hand = sha256(first.head + b"officium entry 1\n1\n5\n2\n0\n-\n4\nb\n" + sha256(b"{}").digest()).digest()
    assert second == Chain(5, 2, by_hand)


def test_entries_are_read_in_the_order_they_were_written(database: Database, clock: Clock) -> None:
    with database.writing() as db:
        chain = write(db, Chain(5, 0, EMPTY), act="a", by=1, post=2, facts={"x": [1, None]})
        later = clock.advance(hours=1)
        chain = write(db, chain, act="b", by=None, facts={})
        write(db, Chain(6, 0, EMPTY), act="of another chain", by=None, facts={})
    with database.reading() as db:
        first, second = entries(db, 5)
    assert (first.number, first.act, first.person_id, first.post_id) == (1, "a", 1, 2)
    assert json.loads(first.facts) == {"x": [1, None]}
    assert (second.number, second.act, second.at, second.person_id) == (2, "b", later, None)
    assert second.seal == chain.head


def test_writing_an_entry_is_one_statement(database: Database) -> None:
    with database.writing() as db:
        said: list[str] = []
        event.listen(database.engine, "before_cursor_execute", lambda *args: said.append(args[2]))
        write(db, Chain(5, 0, EMPTY), act="a", by=None, facts={})
    assert len(said) == 1
    assert said[0].startswith("INSERT INTO entries")


def test_keys_are_sorted_at_every_depth() -> None:
    assert canonical({"b": {"d": 1, "c": 2}, "a": [{"f": 1, "e": 2}]}) == b'{"a":[{"e":2,"f":1}],"b":{"c":2,"d":1}}'


def test_instants_are_told_in_utc_to_the_millisecond() -> None:
    shanghai = timezone(timedelta(hours=8))
    assert canonical({"at": datetime(2026, 3, 2, 9, 30, 0, 7000, shanghai)}) == b'{"at":"2026-03-02T01:30:00.007Z"}'


@pytest.mark.parametrize(
    ("value", "told"),
    [
        (Decimal("1.10"), b"1.10"),
        (Decimal("123456789012345678901234567890.5"), b"123456789012345678901234567890.5"),
        (Decimal("1E+3"), b"1E+3"),
        (date(2026, 3, 2), b'"2026-03-02"'),
        (MappingProxyType({"b": 1, "a": 2}), b'{"a":2,"b":1}'),
        ((1, True, None), b"[1,true,null]"),
        (0.1, b"0.1"),
    ],
    ids=str,
)
def test_what_is_told_is_exact(value: Any, told: bytes) -> None:
    assert canonical({"v": value}) == b'{"v":' + told + b"}"


class Word(StrEnum):
    YES = "yes"


def test_a_word_of_an_enumeration_is_told_as_the_word() -> None:
    assert canonical({"v": Word.YES}) == b'{"v":"yes"}'


NAIVE = datetime.fromisoformat("2026-03-02T09:00")


@dataclass
class Thing:
    name: str


@pytest.mark.parametrize(
    "value",
    [
        float("nan"), float("inf"), [{"deep": float("-inf")}], MappingProxyType({"x": float("nan")}),
        Decimal("NaN"), Decimal("-Infinity"), NAIVE, {1: "a"}, {"a"}, b"bytes", object(),
        Thing("x"), 2**64, "\ud800",
    ],
    ids=lambda value: type(value).__name__,
)  # fmt: skip
def test_what_is_not_json_is_not_written(value: Any) -> None:
    with pytest.raises(NotWritable):
        canonical({"v": value})


def test_null_beside_numbers_is_fine() -> None:
    assert canonical({"v": None, "w": 1.5}) == b'{"v":null,"w":1.5}'


json_values = st.recursive(
    st.none()
    | st.booleans()
    | st.integers(-(2**53), 2**53)
    | st.floats(allow_nan=False, allow_infinity=False)
    | st.text(st.characters(exclude_categories=["Cs"])),
    lambda inner: (
        st.lists(inner, max_size=4)
        | st.dictionaries(st.text(st.characters(exclude_categories=["Cs"])), inner, max_size=4)
    ),
    max_leaves=12,
)


@given(st.dictionaries(st.text(st.characters(exclude_categories=["Cs"])), json_values, max_size=5))
def test_all_json_is_written_in_one_way_and_read_back(facts: dict[str, Any]) -> None:
    told = canonical(facts)
    assert json.loads(told) == facts
    assert canonical(dict(reversed(facts.items()))) == told
    assert canonical(json.loads(told)) == told


numbers = st.integers(-(2**63), 2**63 - 1)
heads = st.tuples(numbers, numbers, numbers, numbers, st.none() | numbers, st.none() | numbers, st.text("abc\n-1"))


@given(heads, heads)
def test_no_two_entries_have_the_same_header(one: Any, other: Any) -> None:
    assert (header(*one) == header(*other)) == (one == other)
