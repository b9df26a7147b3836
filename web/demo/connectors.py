"""A procedure of the demo office that asks a register outside: one answer came, one is waited for, one never came.

The register's address leads nowhere, as every name under .example does: what waits is tried again before one's eyes.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime, timedelta
from importlib.resources import files
from typing import Final

import orjson
from sqlalchemy import Connection

from engine.base import clock
from engine.base.database import Database
from engine.base.text import Name, Text
from engine.cases.acts import start_case
from engine.cases.outside import sending
from engine.cases.outside.acts import answer_call, give_up_call
from engine.cases.outside.acts.calls import Answered
from engine.connectors import acts
from engine.connectors.rules import Wanted
from engine.connectors.sealing import Seal
from engine.diagram.layout.written import laid_out
from engine.organisation.reads import actor, chart
from engine.organisation.rules import Actor
from engine.procedures import acts as procedures
from engine.procedures import reads as procedure_reads
from engine.worktime.calendar import WorkCalendar
from web.demo.hours import at_work
from web.outbox.failing import UNKNOWN

_OWNERS: Final = {"Window, Service Centre 综合窗口": "SC-WIN", "Counter-signing, Planning 规划局会签岗": "PN-SIGN"}
_HOST: Final = "register.land.example"
_NOTHING: Final = Name(UNKNOWN.say("en", host=_HOST), UNKNOWN.say("zh", host=_HOST))
_SAID: Final = "gaierror: [Errno -2] Name or service not known"
_BUSY: Final = Text("it answered 503", "其答复为 503")
_ASKED: Final = (
    # hours before the end, who, parcel, what for, how it went
    (52.0, "Xu Bin 徐斌", "440703-0388", "loan", "given up"),
    (4.0, "He Yan 何燕", "440703-0112", "sale", "answered"),
    (0.2, "Lin Hao 林浩", "440703-0251", "inheritance", "waits"),
)


def draw_up(db: Connection, by: Actor, departments: Mapping[str, int], posts: Mapping[str, int]) -> int:
    """The procedure, in force."""
    folder = files("processes") / "office"
    procedure_id = procedures.open_procedure(
        db, by=by, name="Extract from the land register 不动产登记查询", prefix="LE", department_id=departments["SC"]
    )
    edition_id = procedures.deposit(
        db, by=by, procedure_id=procedure_id, file="land_extract.bpmn",
        source=laid_out((folder / "land_extract.bpmn").read_bytes(), "land_extract.bpmn"),
        attachments={"land_extract.form.json": (folder / "land_extract.form.json").read_bytes()},
    )  # fmt: skip
    drawn = procedure_reads.edition(db, edition_id).owners
    mapped = {line.owner.key: posts[_OWNERS[line.owner.name]] for line in drawn}
    procedures.map_owners(db, by=by, edition_id=edition_id, mapped=mapped)
    procedures.put_in_force(db, by=by, edition_id=edition_id)
    return procedure_id


def connect(database: Database, end: datetime, calendar: WorkCalendar, procedure_id: int) -> None:
    """By acts, in the last days before `end`."""
    begun = at_work(end - timedelta(days=30), calendar)
    with clock.reading(lambda: begun), database.writing() as db:
        _set_up(db, procedure_id)
    for hours, applicant, parcel, purpose, how in _ASKED:
        at = min(at_work(end - timedelta(hours=hours), calendar), end).replace(microsecond=0)
        with clock.reading(lambda at=at: at), database.writing() as db:  # type: ignore[misc]
            start_case(
                db, by=_holder(db, "SC-WIN"), procedure_id=procedure_id, matter=f"Extract for parcel {parcel} 宗地查询",
                applicant=applicant, submitted={"parcel": [parcel], "extract_purpose": [purpose]},
            )  # fmt: skip
        _ask(database, at, how)


def _set_up(db: Connection, procedure_id: int) -> None:
    by = _holder(db, "GO-SYS")
    seal = Seal("")  # nothing of the demo is a secret
    register = Wanted(
        "land_register", "Land register", "土地登记簿", url="https://register.land.example/v2", path="/parcels/{parcel}",
        procedures=(procedure_id,),
    )  # fmt: skip
    acts.add_connector(db, by=by, wanted=register, seal=seal)
    program = acts.add_program(db, by=by, name="Treasury receipts 财政票据系统", messages="payment_received")
    acts.make_token(db, by=by, program_id=program)


def _ask(database: Database, at: datetime, how: str) -> None:
    for number in range(5):
        at += timedelta(minutes=2 * number + 1)
        with clock.reading(lambda at=at: at), database.writing() as db:  # type: ignore[misc]
            taken = sending.take(db)
            if taken is None:
                continue
            if how == "answered":
                body = {"owner": "He Yan 何燕", "mortgages": []}
                answer_call(db, taken=taken, answer=Answered(200, body, orjson.dumps(body), 412))
                return
            if not sending.note_failed(
                db, taken, _BUSY if number == 0 else _NOTHING, status=None, took=31, detail="" if number == 0 else _SAID
            ):
                give_up_call(db, taken=taken, why=_NOTHING, detail=_SAID)
        if how == "waits" and number == 1:
            return


def _holder(db: Connection, post: str) -> Actor:
    """The first of those who hold the post at the moment told."""
    found = next(one for one in chart(db).posts if one.code == post)
    return actor(db, found.holders[0].person_id)
