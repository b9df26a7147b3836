"""Hostile text in every field of the watch: it is kept as it is or refused in words, shown as text, and never calculated."""

from __future__ import annotations

import csv
import io
import json
import sqlite3
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import replace
from itertools import cycle
from pathlib import Path
from typing import Any
from urllib.parse import quote_from_bytes

import pytest
from lxml import etree, html
from sqlalchemy import select
from werkzeug.test import TestResponse

from engine.cases import acts
from engine.organisation.tables import loans
from engine.papers.store import Folder
from engine.supervision.acting.corrective.tables import corrective_actions
from engine.supervision.alerts.tables import alerts
from engine.supervision.cards.tables import cards
from engine.supervision.mining import importing
from engine.supervision.mining.tables_read import ISO
from tests.conftest import Clock
from tests.engine.supervision.cards.scene import OVER, look, staffed
from tests.thorough import THOROUGH
from tests.web.conftest import PASSWORD, Rooms, Visitor
from tests.worlds import begun, in_force

SCRIPT = "<script>window.hurt=1</script>"
IMAGE = '"><img src=x onerror="window.hurt=2">'
SIGNS = "\u202eback\u2066\x01\x1b[31m\x7f\x85".encode()
ELEMENTS = f"{SCRIPT}{IMAGE}{{{{7919*7927}}}}${{7919*7927}}{{% raw %}}%(name)s %s {{0}} {{name}}".encode()
HOSTILE: Mapping[str, bytes] = {
    "elements": ELEMENTS,
    "signs": SIGNS + b"one\ntwo\r\nthree\rfour\x0bfive\xe2\x80\xa8six\xed\xa0\x80\xff\xfe",
    "nul": b"a\0b",
    "long": b"x" * 5_000,
    "formula": b"\r=1+1",
    "digits": b"9" * 400,
    "no number": b"nan",
}
CELLS: Mapping[str, bytes] = {
    "elements": ELEMENTS, "signs": SIGNS, "long": b"x" * 5_000, "formula": b"=1+1", "sum": b"@SUM(A1)", "tab": b"\t=1+1",
    "digits": b"9" * 400, "no number": b"nan",
}  # fmt: skip


def _sent(visitor: Visitor, path: str, form: Mapping[str, str | bytes]) -> TestResponse:
    """Bytes as they are: a browser would not send some of them, a program does."""
    fields = {"csrf_token": visitor.token(), **form}
    body = "&".join(
        f"{key}={quote_from_bytes(one if isinstance(one, bytes) else one.encode())}" for key, one in fields.items()
    )
    return visitor.client.post(path, data=body, content_type="application/x-www-form-urlencoded")


def _parsed(answer: TestResponse) -> Any:
    return html.fromstring(answer.text)


def _is_well(answer: TestResponse, where: object) -> None:
    assert answer.status_code in (200, 303, 400, 403, 404, 409, 413, 422), where
    if answer.status_code == 303 or "html" not in answer.content_type:
        return
    page = _parsed(answer)
    assert "window.hurt" not in "".join(page.xpath("//script//text()")), where
    assert page.xpath("//*[@onerror] | //img[@src='x']") == [], where
    assert "62773913" not in answer.text, where


@pytest.fixture
def world(rooms: Rooms, clock: Clock, tmp_path: Path) -> Rooms:
    """A case with a card, one handed over, somebody lent, a corrective action, an alert."""
    rooms.app.cabinet = replace(rooms.app.cabinet, store=Folder(tmp_path / "papers"))
    with rooms.database.writing() as db:
        staffed(db, rooms.office, PASSWORD)
        procedure_id = in_force(db, rooms.office, OVER)
        first, second = (begun(db, rooms.office, procedure_id, matter=SCRIPT + IMAGE).case_id for _one in range(2))
        acts.claim(db, by=rooms.office.actor(db, "li"), case_id=first, number=1)
        acts.complete_task(db, by=rooms.office.actor(db, "li"), case_id=second, number=1, submitted={})
    clock.advance(days=8)
    look(rooms.database)
    zhou = rooms.visitor("zhou")
    lend = {"person": rooms.office.persons["zhao"], "post": rooms.office.posts["clerk"], "until": "2026-03-20"}
    assert zhou.post("/watch/people", {**lend, "reason": "Ill."}).status_code == 303
    assert _sent(zhou, "/watch/corrective/new", _action(rooms)).status_code == 303
    assert zhou.post("/watch/alerts/new", ALERT).status_code == 303
    return rooms


ALERT = {"name": "Queue", "figure": "now.waiting", "kind": "above", "threshold": "2", "days": "7", "do": "keep"}


def _action(rooms: Rooms) -> dict[str, str]:
    return {
        "finding": "Waits.", "cause": "Vacant.", "measure": "Fill it.", "due": "2026-04-20",
        "post": str(rooms.office.posts["reviewer"]),
    }  # fmt: skip


def _forms(rooms: Rooms) -> Iterable[tuple[str, str, dict[str, str]]]:
    """Who, where, and all fields: each in turn is made hostile."""
    with rooms.database.reading() as db:
        holding, action = db.scalar(select(loans.c.holding_id)), db.scalar(select(corrective_actions.c.id))
        alert, card = db.scalar(select(alerts.c.id)), db.scalar(select(cards.c.id))
        case_id = db.scalar(select(cards.c.case_id))
    act = {"task": f"{case_id}-1-0", "own:back": "/watch/", "to": "post", "order": "sooner", "own:receipt": "00" * 16}
    for does in ("reassign", "urge", "order", "accept", "comment", "incident", "retry"):
        yield "zhou", "/watch/act?number=now.open", {**act, "do": does, f"{does}:words": "So."}
    lend = {
        "person": str(rooms.office.persons["chen"]), "post": str(rooms.office.posts["reviewer"]),
        "from": "2026-03-12", "until": "2026-03-20", "reason": "Ill.",
    }  # fmt: skip
    yield "zhou", "/watch/people", lend
    yield "zhou", f"/watch/people/{holding}/end", {"reason": "Back."}
    yield (
        "zhou",
        "/watch/corrective/new",
        {**_action(rooms), "step": "ask", "case": "", "procedure": "", "own:receipt": ""},
    )
    for does in ("drop", "effective"):
        yield "zhou", f"/watch/corrective/{action}", {"do": does, "words": "Done."}
    more = {"procedure": "", "step": "", "department": "", "repeats": "once", "webhook": ""}
    for does in ("try", "steps", "keep"):
        yield "zhou", "/watch/alerts/new", {**ALERT, **more, "do": does}
        yield "zhou", f"/watch/alerts/{alert}", {**ALERT, **more, "do": does}
    yield "zhou", "/watch/reports/", {"department": "1", "wanted": "yes"}
    yield "li", f"/cards/{card}/answer", {"words": "I was ill."}
    yield "qin", f"/cards/{card}/lift", {"words": "It was not late."}
    yield "guo", "/boards/links", {"place": "Hall", "board": "office", "department": "1", "language": "en"}
    yield "guo", "/watch/flow/persons", {"allowed": "yes", "reason": "Agreed."}


TURNS = "each in its turn"
KINDS = tuple(HOSTILE) if THOROUGH else (TURNS,)
"""Every kind in every field takes a minute: usually the next field gets the next kind."""


def _words(kind: str) -> Iterator[bytes]:
    return cycle(HOSTILE.values() if kind == TURNS else [HOSTILE[kind]])


PAGES = (
    "/watch/", "/watch/behind?number=now.open", "/watch/people", "/watch/corrective/", "/watch/alerts/", "/cards/",
    "/cards/?which=all", "/boards/", "/watch/flow/persons", "/watch/flow/", "/watch/flow/workload", "/watch/reports/",
    "/notices/", "/",
)  # fmt: skip


@pytest.mark.parametrize("kind", KINDS)
def test_no_field_of_the_watch_is_hurt_by_what_is_typed(world: Rooms, kind: str) -> None:
    visitors = {login: world.visitor(login) for login in ("zhou", "li", "qin", "guo", "wang")}
    words = _words(kind)
    for login, path, form in list(_forms(world)):
        for field in form:
            word = next(words)
            _is_well(_sent(visitors[login], path, {**form, field: word}), (word[:40], path, form.get("do"), field))
    with world.database.reading() as db:
        made = [f"/watch/corrective/{one}" for one in db.scalars(select(corrective_actions.c.id))]
        made += [f"/watch/alerts/{one}" for one in db.scalars(select(alerts.c.id))]
        made += [f"/cards/{one}" for one in db.scalars(select(cards.c.id))]
        made += [f"/cases/{one}" for one in db.scalars(select(cards.c.case_id))]
    for login, visitor in visitors.items():
        for path in (*PAGES, *made):
            _is_well(visitor.get(path), (kind, login, path))


ADDRESSES = (
    (
        "/watch/behind",
        ("number", "after", "step", "procedure", "department", "post", "kind", "since", "days", "chosen"),
    ),
    ("/watch/behind?number=done", ("after",)),
    ("/watch/map", ("procedure", "measure", "step", "edition")),
    ("/watch/flow/ways", ("procedure", "step", "kind")),
    ("/watch/flow/workload", ("department", "post", "until")),
    ("/watch/flow/compare", ("by", "left", "right", "of", "what", "since2")),
    ("/watch/alerts/new", ("figure", "days", "procedure", "step", "department", "threshold", "name")),
    ("/watch/corrective/new", ("finding", "cause", "measure", "step", "case", "procedure", "post", "due")),
    ("/watch/corrective/", ("which",)),
    ("/watch/reports/", ("before",)),
    ("/watch/people", ("person", "post", "reason", "until")),
    ("/cards/", ("which", "kind", "state", "department", "person", "days", "before")),
    ("/forecast/", ("procedure", "department", "after", "late")),
    ("/logs/own", ("procedure", "since", "until")),
)
_OF = ("", "flow:", "flow:a:", "variant:", "hand:", "hand:1:", "now.", "cases.", "ping_pong:")


@pytest.mark.parametrize("kind", KINDS)
def test_no_address_of_the_watch_is_hurt_by_what_stands_in_it(world: Rooms, kind: str) -> None:
    zhou, words = world.visitor("zhou"), _words(kind)
    asked = [(f"{path}{'&' if '?' in path else '?'}{name}=") for path, names in ADDRESSES for name in names]
    for address in (*asked, *(f"/watch/behind?number={number}" for number in _OF)):
        word = next(words)
        _is_well(zhou.get(f"{address}{quote_from_bytes(word)}"), (word[:40], address))


def _why(answer: TestResponse) -> str:
    return " ".join(_parsed(answer).xpath("string(//main)").split())[:400]


def _handed_in(visitor: Visitor, content: bytes, name: bytes) -> str:
    form = {
        "csrf_token": visitor.token(),
        "file": (io.BytesIO(content), "log.csv"),
        "name": name.decode("utf-8", "replace"),
    }
    answer = visitor.client.post("/logs/", data=form)
    assert answer.status_code == 303, _why(answer)
    return answer.location


def _quoted(*cells: bytes) -> bytes:
    return b",".join(b'"' + one.replace(b'"', b'""') + b'"' for one in cells) + b"\r\n"


@pytest.mark.parametrize("kind", CELLS)
def test_a_log_of_hostile_words_is_shown_and_taken_away_as_text(world: Rooms, kind: str) -> None:
    """As heads of columns, as names of cases, activities, persons and groups, as what the log is called."""
    zhou, word = world.visitor("zhou"), CELLS[kind]
    head = _quoted(word + b"1", word + b"2", word + b"3", word + b"4", word + b"5", word)
    rows = [_quoted(word, word, b"2026-03-02T09:00:00+08:00", word, word, word),
            _quoted(word, b"Issue", b"2026-03-03T09:00:00+08:00", b"Li", word, b"a")]  # fmt: skip
    address = _handed_in(zhou, head + b"".join(rows), word[:100])
    page = zhou.get(address)
    _is_well(page, (kind, "columns"))
    heads = [one.get("value") for one in _parsed(page).xpath("//select[@name='case']/option[@value != '']")]
    assert len(heads) >= 6, heads
    case, activity, time, person, group, other = heads[:6]
    chosen: dict[str, str] = {
        "case": case, "activity": activity, "time": time, "resource": person, "group": group, "of_case": other,
        "times": ISO, "zone": "Asia/Shanghai", "encoding": "utf-8-sig", "delimiter": ",",
    }  # fmt: skip
    for field in ("zone", "times", "case", "delimiter", "encoding"):
        _is_well(_sent(zhou, address, {**chosen, field: word + b"9"}), (kind, field))
    answer = _sent(zhou, address, {**chosen, "name": word[:100]})
    assert answer.status_code == 303, _why(answer)
    log = address.removesuffix("/columns")
    importing.read_due(world.database, world.app.cabinet.store)
    for more in ("", "/map", "/ways", "/cases", "/cases/0", "/comparisons", "/export"):
        _is_well(zhou.get(f"{log}{more}"), (kind, more))
    _is_well(zhou.get(f"{log}/cases?activity={quote_from_bytes(word)}"), kind)
    for form in ("xes", "ocel", "tables", "csv"):
        _is_well_formed(zhou.post(f"{log}/export", {"form": form}), form, kind)


def _is_well_formed(answer: TestResponse, form: str, kind: str) -> None:
    assert answer.status_code == 200, (kind, form)
    content = answer.data
    if form == "xes":
        etree.fromstring(content)
    elif form == "ocel":
        json.loads(content)
    elif form == "csv":
        lines = list(csv.reader(io.StringIO(content.decode("utf-8-sig"))))
        assert len({len(one) for one in lines}) == 1, kind
        assert len(lines) == 3, (kind, "its head, and both events")
        for cell in (cell for line in lines for cell in line):
            assert not cell.lstrip(" ").startswith(("=", "+", "-", "@", "\t", "\r", "\n")), (kind, cell)
            assert "\0" not in cell
    else:
        db = sqlite3.connect(":memory:")
        db.deserialize(content)
        assert db.execute("PRAGMA integrity_check").fetchone() == ("ok",)
