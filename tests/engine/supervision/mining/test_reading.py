"""Logs as others write them: right, odd, broken and hostile."""

from __future__ import annotations

import contextlib
import gzip
import io
from datetime import UTC, datetime
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from engine.supervision.mining.events import Lifecycle, Trace, steps_of
from engine.supervision.mining.guessing import forms_of, guess, is_xes
from engine.supervision.mining.reading import CsvMapping, read_csv, read_xes
from engine.supervision.mining.refusals import (
    BrokenXml,
    ColumnMissing,
    Left,
    LogWithDoctype,
    NotALog,
    NotUnpacked,
    Told,
    TooMuch,
    UnpacksTooFar,
)
from engine.supervision.mining.unpacking import Limits
from tests.engine.supervision.mining.files import at, day, event, packed, read, table, trace, xes


@pytest.mark.parametrize("namespace", ["http://www.xes-standard.org/", "http://code.deckfour.org/xes", ""])
@pytest.mark.parametrize("zipped", [False, True])
def test_xes_is_read_in_every_namespace_packed_or_not(namespace: str, zipped: bool) -> None:
    content = xes(
        trace("one", event("a", day(2), "start", org__resource="Li"), event("a", day(3))), namespace=namespace
    )
    (found,) = read(packed(content) if zipped else content)
    assert found.case == "one"
    assert [(one.activity, one.at, one.lifecycle, one.resource) for one in found.events] == [
        ("a", at(2), Lifecycle.START, "Li"), ("a", at(3), Lifecycle.COMPLETE, None),
    ]  # fmt: skip


def test_a_prefix_and_attributes_of_the_case_on_its_events_are_understood() -> None:
    content = b"""<x:log xmlns:x="http://www.xes-standard.org/"><x:global scope="event"><x:string key="concept:name" value="GLOBAL"/></x:global>
    <x:string key="concept:name" value="the log itself"/>
    <x:trace><x:string key="concept:name" value="7"/><x:event><x:string key="concept:name" value="a"><x:string key="concept:name" value="nested"/></x:string>
    <x:date key="time:timestamp" value="2026-03-02T09:00:00Z"/><x:int key="(case)_Amount" value="26"/><x:string key="case:kind" value="big"/>
    <x:string key="org:role" value="Clerk"/></x:event></x:trace></x:log>"""
    (found,) = read(content)
    assert found.events[0].activity == "a"
    assert found.events[0].group == "Clerk"
    assert found.facts == {"Amount": 26, "kind": "big"}
    assert not found.events[0].facts


def test_events_are_put_in_order_and_what_cannot_be_used_is_left_out_with_its_line() -> None:
    told = Told()
    content = xes(
        trace("one", event("b", day(3)), event("a", day(2))),
        trace("two", event("", day(2)), event("c", "yesterday"), event("d", day(2), "dreamt")),
        trace("nothing"),
        trace("one", event("z", day(2))),
        trace("far", event("e", "0007-01-01T00:00:00Z"), event("e", "2026-03-02T09:00:00")),
    )
    found = read(content, told)
    assert [(one.case, [each.activity for each in one.events]) for one in found] == [
        ("one", ["a", "b"]), ("two", ["d"]), ("one", ["z"]), ("far", ["e"]),
    ]  # fmt: skip
    assert found[1].events[0].lifecycle is Lifecycle.OTHER
    assert told.counts == {
        Left.OUT_OF_ORDER: 1, Left.NO_ACTIVITY: 1, Left.TIME_UNREAD: 2, Left.LIFECYCLE: 1, Left.EMPTY_TRACE: 1,
        Left.SAME_CASE: 1, Left.NO_ZONE: 1,
    }  # fmt: skip
    assert told.left_out == 3
    assert told.lines[Left.NO_ACTIVITY] == [5]


@pytest.mark.parametrize(
    "head",
    [
        '<!DOCTYPE log [<!ENTITY a "aaaa"><!ENTITY b "&a;&a;&a;&a;">]>',
        '<!DOCTYPE log SYSTEM "file:///etc/passwd">',
        '<!DOCTYPE log [<!ENTITY x SYSTEM "http://127.0.0.1:9/">]>',
    ],
)
def test_a_document_type_is_refused_whatever_it_declares(head: str) -> None:
    with pytest.raises(LogWithDoctype) as refused:
        read(xes(trace("one", event("a", day(2))), head=head))
    assert refused.value.facts["line"] == 2


def test_what_breaks_off_is_refused_with_its_line_after_what_came_before_it() -> None:
    whole = xes(trace("one", event("a", day(2))), trace("two", event("a", day(2))))
    cut = whole[: whole.index(b'value="two"')]
    reading = read_xes(io.BytesIO(cut))
    assert next(reading).case == "one"
    with pytest.raises(BrokenXml) as refused:
        next(reading)
    assert refused.value.facts["line"] == 4


@pytest.mark.parametrize("content", [b"<html><body/></html>", b"<definitions/>", b"not xml at all"])
def test_other_xml_is_no_log(content: bytes) -> None:
    with pytest.raises((NotALog, BrokenXml)):
        read(content)


SMALL = Limits(unpacked=3_000_000, modest=100_000, ratio=50, events=5, cases=3, facts=3, depth=5, columns=4)


@pytest.mark.parametrize("parts", [1, 3])
def test_a_bomb_is_given_up_as_soon_as_it_is_one(parts: int) -> None:
    bomb = gzip.compress(b" " * 10_000_000) * parts
    with pytest.raises(UnpacksTooFar):
        list(read_xes(io.BytesIO(bomb), limits=SMALL))
    mapping = CsvMapping("a", "b", "c")
    with pytest.raises((UnpacksTooFar, NotALog)):
        list(read_csv(io.BytesIO(bomb), mapping, limits=SMALL))


@pytest.mark.parametrize("begun", [b"0", b"<log><trace a='", b"<log><!--", b"<"])
def test_an_endless_word_is_given_up_soon(begun: bytes) -> None:
    """However long the file goes on."""
    fed = 0

    class Endless(io.RawIOBase):
        def read(self, size: int = -1) -> bytes:
            nonlocal fed
            fed += size
            return begun if fed == size else b"0" * size

        def seek(self, *_: int) -> int:
            nonlocal fed
            fed = 0
            return 0

    with pytest.raises(BrokenXml):
        list(read_xes(Endless()))  # type: ignore[arg-type]
    assert fed < 6 << 20


def test_numbers_that_nothing_can_hold_are_words() -> None:
    said = {"n": ("int", str(1 << 80)), "m": ("int", "-5"), "f": ("float", "1e999"), "g": ("float", "nan")}
    facts = "".join(f'<{kind} key="{key}" value="{value}"/>' for key, (kind, value) in said.items())
    (found,) = read(xes(trace("1", event("a", day(2))).replace("<trace>", f"<trace>{facts}", 1)))
    assert found.facts == {"n": str(1 << 80), "m": -5, "f": "1e999", "g": "nan"}


def test_a_packed_file_that_is_damaged_or_cut_off_is_refused() -> None:
    whole = packed(xes(trace("one", event("a", day(2)))))
    for content in (whole[:-12], whole[:20] + b"\xff\xff\xff" + whole[23:], b"\x1f\x8b"):
        with pytest.raises((NotUnpacked, BrokenXml)):
            read(content)


def test_there_may_be_only_so_much_in_it() -> None:
    def tried(content: bytes) -> None:
        list(read_xes(io.BytesIO(content), limits=SMALL))

    with pytest.raises(TooMuch):
        tried(xes(trace("one", *(event("a", day(2)) for _ in range(6)))))
    with pytest.raises(TooMuch):
        tried(xes(*(trace(f"{number}", event("a", day(2))) for number in range(4))))
    with pytest.raises(TooMuch):
        tried(xes("<list>" * 6 + "</list>" * 6))
    head = ",".join("abcde")
    with pytest.raises(TooMuch):
        list(read_csv(io.BytesIO(table(head)), CsvMapping("a", "b", "c"), limits=SMALL))


@given(st.binary(max_size=300))
def test_any_bytes_are_read_or_refused_and_never_more(content: bytes) -> None:
    from engine.base.errors import Refusal  # noqa: PLC0415

    for one in (content, packed(content), b"<log>" + content):
        with contextlib.suppress(Refusal):
            list(read_xes(io.BytesIO(one)))
        try:
            found = guess(io.BytesIO(one))
            list(
                read_csv(
                    io.BytesIO(one), CsvMapping(found.head[0], found.head[1], found.head[2], encoding=found.encoding)
                )
            )
        except Refusal:
            pass


HEAD = "case,activity,done,begun,who,unit,cost,state,colour"
MAPPING = CsvMapping("case", "activity", "done", "begun", "who", "unit", "cost", "state", ("colour",))


def csv_of(*rows: str, mapping: CsvMapping = MAPPING, told: Told | None = None) -> list[Trace]:
    return list(read_csv(io.BytesIO(table(HEAD, *rows)), mapping, told=told))


def test_a_row_with_begin_and_end_is_two_events() -> None:
    (found,) = csv_of("1,a,2026-03-02 10:00,2026-03-02 09:00,Li,Desk,2.5,,red")
    assert [(one.lifecycle, one.cost) for one in found.events] == [(Lifecycle.START, None), (Lifecycle.COMPLETE, 2.5)]
    assert found.facts == {"colour": "red"}
    (step,) = steps_of(found)
    assert step.started == datetime(2026, 3, 2, 9, tzinfo=UTC)


def test_rows_of_a_case_may_stand_anywhere_and_those_that_are_broken_are_told() -> None:
    told = Told()
    found = csv_of(
        "1,b,2026-03-03,,,,,,", "2,a,2026-03-02,,,,,,", "1,a,2026-03-02,,,,,,", ",a,2026-03-02,,,,,,",
        "1,,2026-03-02,,,,,,", "1,a,,,,,,,", "1,a,noon,,,,,,", "1,a,2026-03-02", "1,c,2026-03-04,2026-03-05,,,,,",
        "1,d,2026-03-05,noon,,,,,", '1,"a\nb",2026-03-09,,,,,start,', told=told,
    )  # fmt: skip
    assert {one.case: [each.activity for each in one.events] for one in found} == {
        "1": ["a", "b", "c", "d", "a\nb"], "2": ["a"],
    }  # fmt: skip
    assert found[0].events[-1].lifecycle is Lifecycle.START
    assert told.lines == {
        Left.NO_CASE: [5], Left.NO_ACTIVITY: [6], Left.NO_TIME: [7], Left.TIME_UNREAD: [8], Left.WRONG_CELLS: [9],
        Left.END_BEFORE_START: [10], Left.START_UNREAD: [11], Left.OUT_OF_ORDER: [4],
    }  # fmt: skip


def test_a_column_that_is_not_there_is_named() -> None:
    with pytest.raises(ColumnMissing) as refused:
        csv_of(mapping=CsvMapping("case", "nothing", "done"))
    assert refused.value.facts["column"] == "nothing"


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "gb18030", "utf-16"])
@pytest.mark.parametrize("delimiter", [",", ";", "\t", "|"])
def test_encoding_and_delimiter_are_guessed(encoding: str, delimiter: str) -> None:
    rows = [
        "办件;环节;完成时间;部门",
        "1;受理;2026-03-02 09:00;窗口",
        "1;审查;2026-03-03 09:00;法规科",
        "2;受理;2026-03-03 10:00;窗口",
    ]
    content = table(*(one.replace(";", delimiter) for one in rows), encoding=encoding)
    found = guess(io.BytesIO(packed(content)))
    assert found.delimiter == delimiter
    assert found.columns == {"case": "办件", "activity": "环节", "time": "完成时间", "group": "部门"}
    assert not is_xes(io.BytesIO(content))
    mapping = CsvMapping("办件", "环节", "完成时间", encoding=found.encoding, delimiter=found.delimiter)
    assert [one.activity for one in next(iter(read_csv(io.BytesIO(content), mapping))).events] == ["受理", "审查"]


def test_columns_without_telling_names_are_guessed_by_what_stands_in_them() -> None:
    found = guess(io.BytesIO(table("x,y,z", *(f"2026-03-{n:02},M{n % 3},{'ab'[n % 2]}" for n in range(1, 13)))))
    assert found.columns["time"] == "x"
    assert (found.columns["case"], found.columns["activity"]) == ("y", "z")


@pytest.mark.parametrize(
    ("cells", "count"),
    [
        (["03/04/2026 10:00", "05/06/2026 09:00"], 2),
        (["25/03/2026 10:00", "05/06/2026 09:00"], 1),
        (["2026-03-25T10:00:00+08:00", ""], 1),
        (["1774398600"], 1),
        (["1774398600000"], 1),
        (["2026年3月25日 10:00"], 1),
        (["2026-03-25 10:00:00.1234567", "2026-03-25 10:00:00 +0800"], 1),
        (["soon"], 0),
        ([], 0),
    ],
)
def test_the_form_of_times_is_guessed_and_more_than_one_is_asked_about(cells: list[str], count: int) -> None:
    assert len(forms_of(cells)) == count


def test_a_time_without_a_zone_is_taken_in_the_chosen_one() -> None:
    mapping = CsvMapping("case", "activity", "done", zone=ZoneInfo("Asia/Shanghai"))
    (found,) = csv_of("1,a,2026-03-02 09:00,,,,,,", mapping=mapping)
    assert found.events[0].at == at(2)


def test_an_endless_line_is_no_table() -> None:
    with pytest.raises(NotALog):
        list(read_csv(io.BytesIO(b"a,b,c\n" + b"x" * 3_000_000), CsvMapping("a", "b", "c")))


def test_several_starts_are_used_up_in_their_order_and_what_was_withdrawn_is_no_step() -> None:
    (found,) = read(xes(trace(
        "one", event("a", day(2), "schedule"), event("a", day(3), "start"), event("a", day(4), "start"),
        event("a", day(5)), event("a", day(6)), event("b", day(6), "start"), event("b", day(7), "ate_abort"),
    )))  # fmt: skip
    steps = steps_of(found)
    assert [(one.scheduled, one.started, one.at) for one in steps] == [(at(2), at(3), at(5)), (None, at(4), at(6))]
