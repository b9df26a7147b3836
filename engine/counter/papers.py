"""What a procedure asks an applicant to bring, and the period it promises: both stand in its diagram."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date, datetime

import orjson
from sqlalchemy import Connection

from engine.base.text import Name
from engine.cases.clocks.rules import begun, counted
from engine.counter.rules import Paper
from engine.diagram.rule_sets import Clock
from engine.organisation.calendars.reads import calendar_of
from engine.procedures.editions import contents
from engine.procedures.runnable import Runnable


def asked_for(db: Connection, made_ready: Runnable) -> tuple[Name, ...]:
    """The documents required by the start and by any step of the process, each once, in the order they stand there."""
    drawn = contents(db, made_ready.edition_id).diagram.elements.values()
    found = {
        (one.en, one.zh): one for element in drawn if element.process == made_ready.process for one in element.documents
    }
    return tuple(found.values())


def promised_on(db: Connection, made_ready: Runnable, at: datetime) -> date | None:
    """The day by which it is promised, or else by law to be decided, of what is received now and stopped by nothing."""
    watched = made_ready.clocks
    plans = {one.kind: one for one in watched.plans} if watched is not None else {}
    plan = next((plans[kind] for kind in (Clock.PROMISED, Clock.STATUTORY, Clock.JOINT) if kind in plans), None)
    if plan is None or watched is None:
        return None
    calendar = calendar_of(db, watched.department_id)
    return calendar.local_day(counted(begun(plan, at), (), calendar).due_at)


def written_papers(papers: Sequence[Paper]) -> str:
    return orjson.dumps([{"en": one.name.en, "zh": one.name.zh, "brought": one.brought} for one in papers]).decode()


def read_papers(written: str) -> tuple[Paper, ...]:
    return tuple(Paper(Name(one["en"], one["zh"]), one["brought"]) for one in orjson.loads(written))
