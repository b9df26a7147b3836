"""The building permit procedure as it comes with the product, cases of it all along the way, and a changed edition."""

from __future__ import annotations

import os
from collections.abc import Iterator, Mapping, Sequence
from datetime import timedelta
from random import Random
from typing import Any, Final

import orjson
from lxml import etree
from sqlalchemy import Connection, select

from engine.base import clock
from engine.cases import acts
from engine.cases.tables import awaited, cases, tasks, timers
from engine.diagram import run
from engine.diagram.position import WaitKind
from engine.diagram.trial import Move, Scenario, read
from engine.procedures.editions import contents
from engine.procedures.runnable import runnable
from engine.records.journal import entries
from processes import Shipped, shipped
from tests.builders import SmallOffice
from tests.conftest import Clock
from tests.engine.control.drawing import BPMN, parse
from tests.worlds import in_force

MANY: Final = int(os.environ.get("OFFICIUM_MOVED_CASES", "60"))
"""How many cases are moved; `make moving` moves 500."""

OWNERS: Final = {
    "lane:lane_counter": "clerk",
    "lane:lane_planning": "reviewer",
    "lane:lane_fire": "clerk",
    "lane:lane_permits": "reviewer",
    "lane:lane_deputy": "head",
}
_HOLDERS: Final = {"clerk": "li", "reviewer": "wang", "head": "sun"}


def permit() -> Shipped:
    return next(one for one in shipped() if one.key == "building_permit")


_SCENARIOS: Final[tuple[Scenario, ...]] = tuple(read(content) for _key, content in sorted(permit().scenarios.items()))


def submitted(answers: Mapping[str, Any]) -> dict[str, Sequence[str]]:
    """As a browser sends it: strings, several for a list, nothing for a box that is not ticked."""
    return {key: _strings(value) for key, value in answers.items() if value is not False}


def _strings(value: Any) -> list[str]:
    if isinstance(value, list):
        return [str(one) for one in value]
    return ["true" if value is True else str(value)]


def permits_in_force(db: Connection, office: SmallOffice) -> int:
    one = permit()
    return in_force(db, office, one.diagram, beside=one.attachments, owners=OWNERS)


def begin_permits(db: Connection, office: SmallOffice, time: Clock, procedure: int, count: int) -> list[int]:
    """Each goes a part of the way that a scenario tells, with an area and a height of its own."""
    chance = Random(7)
    return [_play(db, office, time, procedure, chance) for _ in range(count)]


def _play(db: Connection, office: SmallOffice, time: Clock, procedure: int, chance: Random) -> int:
    scenario = chance.choice(_SCENARIOS)
    area, height = chance.choice((80, 400, 4999, 5000, 9000)), chance.choice((6, 12, 24, 30))
    started = acts.start_case(
        db, by=office.actor(db, "li"), procedure_id=procedure, matter="A house", applicant="Wang Fang",
        submitted=submitted({**scenario.start.answers, "floor_area": area, "building_height": height}),
    )  # fmt: skip
    case_id = started.case_id
    for step in scenario.steps[: chance.randrange(len(scenario.steps))]:
        time.advance(minutes=chance.randrange(1, 90))
        if step.move is Move.TIMER:
            due, token = _armed(db, case_id)
            time.set(max(time.now(), due))
            acts.fire_timer(db, case_id=case_id, token=token)
            continue
        found = _task(db, case_id, step.element)
        if found is None:
            break  # another area or height led another way
        number, post = found
        login = next(_HOLDERS[code] for code, id_ in office.posts.items() if id_ == post)
        acts.complete_task(
            db, by=office.actor(db, login), case_id=case_id, number=number,
            submitted=submitted(step.answers), chosen=step.chosen,
        )  # fmt: skip
    found = _task(db, case_id, None)
    if found is not None and chance.random() < 0.5:
        login = next(_HOLDERS[code] for code, id_ in office.posts.items() if id_ == found[1])
        acts.claim(db, by=office.actor(db, login), case_id=case_id, number=found[0])
    return case_id


def _armed(db: Connection, case_id: int) -> tuple[Any, str]:
    row = db.execute(select(timers).where(timers.c.case_id == case_id, timers.c.closed_at.is_(None))).one()
    return row.due_at, row.token


def _task(db: Connection, case_id: int, element: str | None) -> tuple[int, int] | None:
    of_element = tasks.c.element == element if element else tasks.c.person_id.is_(None)
    row = db.execute(
        select(tasks.c.number, tasks.c.post_id).where(
            tasks.c.case_id == case_id, tasks.c.closed_at.is_(None), of_element
        )
    ).first()
    return None if row is None else (row.number, row.post_id)


def changed() -> bytes:
    """As an office changes it after a year: names, lanes, times, conditions, a step less, a step more."""
    root = parse(permit().diagram)
    by_id = {one.get("id"): one for one in root.iter(etree.Element) if one.get("id")}
    by_id["check_papers"].set("name", "Check what was handed in 核验")
    for reference in list(root.iter(f"{BPMN}flowNodeRef")):
        if reference.text == "review_fire":
            reference.getparent().remove(reference)  # type: ignore[union-attr]
    _put_in_lane(by_id["lane_planning"], "review_fire")
    for duration in root.iter(f"{BPMN}timeDuration"):
        duration.text = "P20D"
    next(by_id["classify"].iter(f"{BPMN}script")).text = "large_project = floor_area >= 8000 or building_height >= 24"
    # Nobody goes to see the site any more.
    by_id["flow_site_visit"].set("targetRef", "gateway_seen")
    for gone in ("inspect_site", "flow_inspect_site_gateway_seen"):
        by_id[gone].getparent().remove(by_id[gone])  # type: ignore[union-attr]
    # A lawyer looks at it before the decision.
    process = by_id["technical_review"].getparent()
    assert process is not None
    etree.SubElement(process, f"{BPMN}userTask", id="legal_check", name="Legal check 法制审核")
    _put_in_lane(by_id["lane_permits"], "legal_check")
    by_id["flow_technical_review_decide"].set("targetRef", "legal_check")
    etree.SubElement(process, f"{BPMN}sequenceFlow", id="flow_legal", sourceRef="legal_check", targetRef="decide")
    for drawn in list(root.iter("{*}BPMNDiagram")):
        root.remove(drawn)
    return bytes(etree.tostring(root))


def _put_in_lane(lane: etree._Element, element: str) -> None:
    etree.SubElement(lane, f"{BPMN}flowNodeRef").text = element


def standing(db: Connection, case_id: int) -> list[tuple[str, str]]:
    """What the rows of a case say that it waits for."""
    found = [
        (kind, row.element)
        for kind, table in (("person", tasks), ("timer", timers), ("event", awaited))
        for row in db.execute(select(table.c.element).where(table.c.case_id == case_id, table.c.closed_at.is_(None)))
    ]
    return sorted(found)


class CannotFollow(Exception):
    """What was done in the case cannot be done on this edition."""


def replayed(db: Connection, case_id: int, edition_id: int) -> list[tuple[str, str]]:
    """Where a new case of the edition stands after the same answers and timers, told by the record alone."""
    model = runnable(db, edition_id).model
    drawn = contents(db, edition_id).diagram.elements
    waiting: dict[str, tuple[str, str]] = {}
    state = b""
    for entry in entries(db, case_id):
        facts: Mapping[str, Any] = orjson.loads(entry.facts)
        answers, chosen = facts.get("answers", {}), facts.get("chosen", {})
        if entry.act == "start_case":
            position = run.begin(model, answers, now=entry.at, chosen=chosen)
        elif entry.act in ("complete_task", "fire_timer"):
            if facts["element"] not in drawn:
                continue  # done at a step that this edition does not have
            kind = "person" if entry.act == "complete_task" else "timer"
            tokens = [token for token, place in waiting.items() if place == (kind, facts["element"])]
            if not tokens:
                raise CannotFollow(facts["element"])
            if kind == "timer":
                late = max(entry.at, clock.now() + timedelta(days=400))
                position = run.fire(model, state, tokens[0], now=late)
            else:
                position = run.finish(model, state, tokens[0], answers, now=entry.at, chosen=chosen)
        else:
            continue
        state = position.state
        for token in position.closed:
            waiting.pop(token, None)
        for one in position.opened:
            kinds = {WaitKind.PERSON: "person", WaitKind.TIMER: "timer"}
            waiting[one.token] = (kinds.get(one.kind, "event"), one.element)
        if position.troubles:
            raise CannotFollow(position.troubles[0].element)
    return sorted(waiting.values())


def running(db: Connection) -> Iterator[Any]:
    yield from db.execute(select(cases).where(cases.c.ended_at.is_(None)).order_by(cases.c.id))
