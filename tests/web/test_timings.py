"""What `/metrics` says of requests: by room and class of status, of the process that answers, and of no address."""

from __future__ import annotations

import os
import threading

import pytest

from tests.web.conftest import Rooms
from web.timings import UP_TO, Timings


def _figures(rooms: Rooms) -> dict[str, float]:
    from web.working.metrics import exposed  # noqa: PLC0415  only who asks needs what it is written with

    with rooms.database.reading() as db:
        text = exposed(db, rooms.app.timings)[0].decode()
    told = (one.rpartition(" ") for one in text.splitlines() if not one.startswith("#"))
    return {name: float(figure) for name, _, figure in told}


def test_requests_are_counted_by_room_and_class_of_status(rooms: Rooms) -> None:
    visitor = rooms.visitor("li")
    for path in ("/", "/tasks/1/2", "/tasks/3/4", "/nowhere/1", "/nowhere/2"):
        visitor.get(path)
    found = _figures(rooms)
    process = str(os.getpid())
    assert found[f'officium_requests_total{{process="{process}",room="desk",status="4xx"}}'] == 2
    assert found[f'officium_requests_total{{process="{process}",room="none",status="4xx"}}'] == 2
    slowest = f'officium_request_seconds_bucket{{le="+Inf",process="{process}",room="none"}}'
    assert found[slowest] == found[f'officium_request_seconds_count{{process="{process}",room="none"}}'] == 2
    told = [name for name in found if name.startswith("officium_request")]
    assert told
    assert not any("/tasks" in name or "/nowhere" in name for name in told)


def test_whatever_goes_wrong_is_counted_as_such(rooms: Rooms, monkeypatch: pytest.MonkeyPatch) -> None:
    visitor = rooms.visitor("li")

    def breaks() -> None:
        raise RuntimeError("for the test")

    rooms.app.config["PROPAGATE_EXCEPTIONS"] = False
    monkeypatch.setitem(rooms.app.view_functions, "desk.desk", breaks)
    monkeypatch.setattr("web.unit.admit", lambda: None)
    visitor.get("/")
    answered, _spent = rooms.app.timings.told()
    assert answered["desk", "5xx"] == 1


def test_each_length_stands_in_the_bucket_it_fits() -> None:
    timings = Timings()
    for seconds in (0.001, UP_TO[0], 0.3, 99.0):
        timings.note("desk", 200, seconds)
    counts = timings.told()[1]["desk"].counts
    assert (counts[0], counts[UP_TO.index(0.5)], counts[-1], sum(counts)) == (2, 1, 1, 4)


def test_none_is_lost_when_several_threads_count() -> None:
    timings = Timings()

    def count() -> None:
        for _ in range(500):
            timings.note("desk", 200, 0.01)

    threads = [threading.Thread(target=count) for _ in range(8)]
    for one in threads:
        one.start()
    for one in threads:
        one.join()
    assert timings.told()[0] == {("desk", "2xx"): 4000}


def test_a_process_that_was_forked_counts_its_own(monkeypatch: pytest.MonkeyPatch) -> None:
    timings = Timings()
    timings.note("desk", 200, 0.01)
    monkeypatch.setattr("web.timings.os.getpid", lambda: 4711)
    assert timings.told() == ({}, {})
    assert timings.process == "4711"
