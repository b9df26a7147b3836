"""A year of building permits that a township ran on paper and noted in a spreadsheet: read, and laid beside the diagram."""

from __future__ import annotations

import csv
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from io import BytesIO, StringIO
from random import Random
from typing import Final

from engine.base.database import Database
from engine.organisation import reads as organisation
from engine.papers.taking import Cabinet
from engine.procedures.reads import editions
from engine.supervision.mining import acts, compared, importing
from engine.supervision.mining.opened import take_log
from engine.supervision.mining.rules import ADDED, Chosen

_CASES: Final = 120
_WHO: Final = "gaoyuanming"
_NAME: Final = "Shiqiao township: building permits on paper 石桥镇纸质建设许可台账"
_HEAD: Final = ("File 卷号", "Step 环节", "Begun 开始", "Done 办结", "Clerk 经办", "Section 股室")
_STEPS: Final = (
    ("Check the papers", "Counter 窗口", 2),
    ("Review against the plan", "Planning 规划股", 30),
    ("Review fire safety", "Fire 消防股", 26),
    ("Inspect the site", "Planning 规划股", 20),
    ("Draft the decision", "Legal 法制股", 9),
    ("Decide on the permit", "Leader 分管领导", 40),
    ("Issue the permit", "Counter 窗口", 3),
)
"""What, where, and how many hours it usually lay."""
_CALLED: Final = "Telephoned the applicant 电话催办"


def hand_in(database: Database, cabinet: Cabinet, procedure_id: int, end: datetime) -> None:
    with database.writing() as db:
        by = organisation.actor_named(db, _WHO)
        taken = take_log(cabinet, BytesIO(_table(end)), "shiqiao-permits.csv")
        log_id = acts.hand_in(db, by=by, store=cabinet.store, taken=taken, name=_NAME, shared=True)
        case, activity, start, done, clerk, section = _HEAD
        chosen = Chosen(
            "csv", case=case, activity=activity, time=done, start=start, resource=clerk, group=section,
            zone=str(organisation.office(db).zone),
        )  # fmt: skip
        acts.choose_columns(db, by=by, store=cabinet.store, log_id=log_id, chosen=chosen, name=_NAME)
    importing.read_due(database, cabinet.store)
    with database.writing() as db:
        edition = next((one for one in editions(db, procedure_id) if one.state == "in force"), None)
        if edition is None:
            return
        matching = compared.matching(db, actor=by, log_id=log_id, edition_id=edition.id)
        mapping = {name: matching.guess.get(name, ADDED) for name, _n in matching.activities}
        acts.compare(db, by=by, log_id=log_id, edition_id=edition.id, mapping=mapping)
    importing.read_due(database, cabinet.store)


def _table(end: datetime) -> bytes:
    chance = Random(2012)  # noqa: S311  a made-up year, the same each time
    out = StringIO(newline="")
    writer = csv.writer(out)
    writer.writerow(_HEAD)
    begin = end.astimezone(UTC).replace(tzinfo=None) - timedelta(days=400)
    for number in range(_CASES):
        at = begin + timedelta(days=3 * number, hours=chance.randint(1, 7))
        for activity, section, hours in _way(chance):
            start = _at_work(at + timedelta(hours=hours * chance.uniform(0.2, 2.5)), chance)
            at = start + timedelta(minutes=chance.randint(10, 150))
            clerk = f"{section.split(' ')[1]}{chance.choice('甲乙丙')}"
            writer.writerow([f"SQ-{number + 1:03}", activity, _said(start), _said(at), clerk, section])
    return ("\ufeff" + out.getvalue()).encode()


def _at_work(at: datetime, chance: Random) -> datetime:
    """Nobody there works at night or at the end of the week."""
    while at.weekday() > 4 or not 9 <= at.hour < 16:
        at = (at + timedelta(days=1 if at.hour >= 9 else 0)).replace(hour=9, minute=chance.randint(0, 59))
    return at


def _said(at: datetime) -> str:
    return f"{at:%Y-%m-%d %H:%M}"


def _way(chance: Random) -> Iterator[tuple[str, str, int]]:
    """Mostly as it should be; now and then a step is left out, done too early, or done over."""
    steps = list(_STEPS)
    if chance.random() < 0.22:
        steps = [one for one in steps if one[0] != "Inspect the site"]
    if chance.random() < 0.14:
        steps = [one for one in steps if one[0] != "Draft the decision"]
    if chance.random() < 0.12:
        steps.insert(1, steps.pop(next(place for place, one in enumerate(steps) if one[0] == "Decide on the permit")))
    if chance.random() < 0.1:
        steps.insert(3, (_CALLED, "Counter 窗口", 6))
    for one in steps:
        yield one
        if one[0] == "Review fire safety" and chance.random() < 0.15:
            yield one
