"""Logs written out: read back they tell the same, and nobody's name stands in them who should not."""

from __future__ import annotations

import csv
import io
import json
from collections.abc import Iterator
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from sqlalchemy import Connection

from engine.base.database import Database
from engine.base.errors import NotAllowed, NotFound
from engine.cases import acts
from engine.supervision.figures.acts import allow_people
from engine.supervision.figures.rules import PeopleNotShown
from engine.supervision.mining import own
from engine.supervision.mining.events import Event, Lifecycle, Trace
from engine.supervision.mining.own import Wanted
from engine.supervision.mining.reading import CsvMapping, read_csv, read_xes
from engine.supervision.mining.refusals import Told
from engine.supervision.mining.writing import HEADS, PAPER, ocel, rows, xes
from tests.builders import SmallOffice
from tests.conftest import BEGINNING, Clock
from tests.engine.supervision.mining.files import at, cabinet, day, event, imported, trace
from tests.engine.supervision.mining.files import xes as file_of
from tests.worlds import begun, in_force, tasks_of

_words = st.text(min_size=1, max_size=8).map(str.strip).filter(bool)
_facts = st.dictionaries(
    st.text("abc:_", min_size=1, max_size=4),
    st.one_of(st.integers(-(2**40), 2**40), st.booleans(), st.floats(-1e9, 1e9), st.text("xyz<>&\"'审 ", min_size=1, max_size=5)),
    max_size=3,
)  # fmt: skip
_plain = st.text(st.characters(exclude_categories=["C", "Z"], max_codepoint=0xFFFD), min_size=1, max_size=8)
_moments = st.integers(0, 10**9).map(lambda number: datetime(2020, 1, 1, tzinfo=UTC) + timedelta(milliseconds=number))
_events = st.builds(
    Event, activity=_plain, at=_moments, lifecycle=st.sampled_from([one for one in Lifecycle if one is not Lifecycle.OTHER]),
    resource=st.none() | _plain, group=st.none() | _plain, instance=st.none() | _plain, cost=st.none() | st.floats(0, 1e6),
    line=st.just(0), facts=_facts,
)  # fmt: skip
_traces = st.lists(
    st.builds(
        lambda case, events, facts: Trace(case, sorted(events, key=lambda one: one.at), facts),
        _plain, st.lists(_events, min_size=1, max_size=4), _facts,
    ),
    max_size=4, unique_by=lambda one: one.case,
)  # fmt: skip


@settings(max_examples=30)
@given(_traces)
def test_xes_read_back_is_what_was_written(traces: list[Trace]) -> None:
    told = Told()
    found = list(read_xes(io.BytesIO(b"".join(xes(traces, "a <log> & more"))), told=told))
    assert [(one.case, one.facts) for one in found] == [(one.case, one.facts) for one in traces]
    assert [[each._replace(line=0) for each in one.events] for one in found] == [one.events for one in traces]
    assert not told.counts


def test_signs_that_no_xml_may_hold_are_put_out_of_the_way() -> None:
    (found,) = read_xes(io.BytesIO(b"".join(xes([Trace("a\0b", [Event("x\x1fy\ud800", at(2))])], "\ufffe"))))
    assert (found.case, found.events[0].activity) == ("a\ufffdb", "x\ufffdy\ufffd")


def test_a_table_read_back_tells_the_same_steps() -> None:
    traces = [
        Trace("1", [Event("a", at(2), Lifecycle.START, "Li", "Desk"), Event("a", at(3), resource="Li", cost=2.5)])
    ]
    out = io.StringIO(newline="")
    writer = csv.writer(out)
    writer.writerow(HEADS)
    writer.writerows(rows(traces))
    case, activity, time, lifecycle, resource, group, _instance, cost = HEADS
    mapping = CsvMapping(case, activity, time, None, resource, group, cost, lifecycle)
    (found,) = read_csv(io.BytesIO(out.getvalue().encode()), mapping)
    assert [each._replace(line=0) for each in found.events] == traces[0].events


def test_ocel_names_every_object_that_its_events_refer_to() -> None:
    traces = [
        Trace("1", [Event("a", at(2), resource="P", group="Desk", instance="1"), Event("Paper", at(2), facts={PAPER: "77"})],
              {"amount": 3, "opened": at(1)}),
        Trace("2", [Event("b", at(3), group="Desk", cost=1.0)], {"amount": "many"}),
    ]  # fmt: skip
    found = json.loads(b"".join(ocel(traces)))
    objects = {one["id"]: one for one in found["objects"]}
    assert [one["type"] for one in found["events"]] == ["a", "Paper", "b"]
    assert {one["type"] for one in objects.values()} == {"case", "task", "department", "person", "paper"}
    for one in [*found["events"], *objects.values()]:
        assert {each["objectId"] for each in one["relationships"]} <= set(objects)
    assert {one["name"] for one in found["eventTypes"]} == {"a", "Paper", "b"}
    kinds = {one["name"]: {each["name"]: each["type"] for each in one["attributes"]} for one in found["objectTypes"]}
    assert kinds["case"]["amount"] == "string"
    assert len(objects) == len(found["objects"])
    assert json.loads(b"".join(ocel([])))["events"] == []


@pytest.fixture
def worked(database: Database, office: SmallOffice, clock: Clock) -> int:
    """A procedure with two cases: one gone through by both departments, one just begun."""
    with database.writing() as db:
        procedure_id = in_force(db, office)
        begun(db, office, procedure_id)
        clock.advance(hours=1)
        case_id, number = next(iter(tasks_of(db, office, "li").values()))
        acts.claim(db, by=office.actor(db, "li"), case_id=case_id, number=number)
        clock.advance(hours=1)
        begun(db, office, procedure_id)
    return procedure_id


TODAY = BEGINNING.date()


def exported(db: Connection, office: SmallOffice, login: str, procedure_id: int, **how: Any) -> list[Trace]:
    wanted = Wanted(procedure_id, how.pop("since", TODAY), how.pop("until", TODAY), **how)
    allowed = own.allowed(db, actor=office.actor(db, login), wanted=wanted)
    return list(own.own_traces(db, allowed, "en"))


def people(traces: list[Trace]) -> Iterator[str]:
    return (one.resource for trace in traces for one in trace.events if one.resource)


def test_own_cases_are_every_change_of_every_step_and_nobody_by_name(
    database: Database, office: SmallOffice, worked: int
) -> None:
    with database.reading() as db:
        found = exported(db, office, "zhou", worked)
        assert len(found) == 2
        assert [one.lifecycle for one in found[0].events][:2] == [Lifecycle.SCHEDULE, Lifecycle.ASSIGN]
        names = set(people(found))
        assert names
        assert all(one.startswith("P-") for one in names)
        again = set(people(exported(db, office, "zhou", worked)))
        assert len(again) == len(names)
        assert not again & names
        back = list(read_xes(io.BytesIO(b"".join(xes(found, "x")))))
        assert [len(one.events) for one in back] == [len(one.events) for one in found]
        assert not any("applicant" in key or "matter" in key for one in found for key in one.facts)
        assert exported(db, office, "zhou", worked, until=date(2026, 3, 1), since=date(2026, 2, 1)) == []


def test_names_stand_in_it_only_where_the_office_allows_it(
    database: Database, office: SmallOffice, worked: int
) -> None:
    with database.writing() as db:
        with pytest.raises(PeopleNotShown):
            exported(db, office, "zhou", worked, names=True)
        assert not own.may_name(db, actor=office.actor(db, "zhou"))
        allow_people(db, by=office.actor(db, "guo"), allowed=True, reason="Agreed with the staff council")
        assert "Li Ming" in set(people(exported(db, office, "zhou", worked, names=True)))


def test_who_supervises_one_department_takes_away_what_it_did_and_no_more(
    database: Database, office: SmallOffice
) -> None:
    with database.writing() as db:
        procedure_id = in_force(db, office, department="counter")
        begun(db, office, procedure_id)
        assert {one.group for trace in exported(db, office, "zhou", procedure_id) for one in trace.events} == {
            "Service counter"
        }
        assert exported(db, office, "sun", procedure_id) == []
        for login, refusal in (("li", NotAllowed), ("he", NotAllowed)):
            with pytest.raises(refusal):
                exported(db, office, login, procedure_id)
        with pytest.raises(NotFound):
            exported(db, office, "sun", 999)


def test_a_foreign_log_is_taken_away_as_it_was_read(database: Database, office: SmallOffice, tmp_path: Path) -> None:
    content = file_of(
        trace(
            "one",
            event("a", day(2), "start", org__resource="Li"),
            event("a", day(3), org__resource="Li", org__group="X"),
        ),
        trace("two", event("b", day(2))),
    )
    log_id = imported(database, office, cabinet(tmp_path), content, shared=True)
    with database.reading() as db:
        mine = list(own.log_traces(db, actor=office.actor(db, "sun"), log_id=log_id))
        read = list(read_xes(io.BytesIO(content)))
        assert [(one.case, [each._replace(line=0) for each in one.events]) for one in mine] == [
            (one.case, [each._replace(line=0) for each in one.events]) for one in read
        ]
        others = list(own.log_traces(db, actor=office.actor(db, "he"), log_id=log_id))
        assert all(one.startswith("P-") for one in people(others))
