"""What a procedure asks an applicant to bring, and the period it promises: both stand in its diagram."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import timedelta

import orjson
from sqlalchemy import Connection

from engine.base.text import Name
from engine.counter.rules import Paper
from engine.diagram.durations import duration
from engine.procedures.editions import contents
from engine.procedures.runnable import Runnable


def asked_for(db: Connection, made_ready: Runnable) -> tuple[Name, ...]:
    """The documents required by the start and by any step of the process, each once, in the order they stand there."""
    drawn = contents(db, made_ready.edition_id).diagram.elements.values()
    found = {
        (one.en, one.zh): one for element in drawn if element.process == made_ready.process for one in element.documents
    }
    return tuple(found.values())


def promised_within(db: Connection, made_ready: Runnable) -> timedelta | None:
    """The promised period, or where none is promised the one that the law sets."""
    process = contents(db, made_ready.edition_id).diagram.processes[made_ready.process]
    period = process.promised or process.statutory
    return duration(period) if period else None


def written_papers(papers: Sequence[Paper]) -> str:
    return orjson.dumps([{"en": one.name.en, "zh": one.name.zh, "brought": one.brought} for one in papers]).decode()


def read_papers(written: str) -> tuple[Paper, ...]:
    return tuple(Paper(Name(one["en"], one["zh"]), one["brought"]) for one in orjson.loads(written))
