"""What is asked of comparisons of a log with a diagram: which there are, what one found, the cases behind its numbers."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Any, Final

import orjson
from sqlalchemy import Connection, Row, func, select

from engine.base.database import OFFICE
from engine.base.errors import NotFound
from engine.base.frozen import frozen
from engine.base.text import Name, Text
from engine.organisation.rules import Actor
from engine.procedures.editions import contents
from engine.procedures.reads import drawing
from engine.procedures.rules import main_process
from engine.procedures.tables import editions, procedures
from engine.supervision.mining import rules
from engine.supervision.mining.alignment import Alignment, Kind, Turn
from engine.supervision.mining.conformance import (
    Aligned,
    CheckFigures,
    ElementFigures,
    Way,
    process_of,
    steps_of_diagram,
    told,
)
from engine.supervision.mining.kept import Words
from engine.supervision.mining.reads import EditionChoice, editions_offered, log
from engine.supervision.mining.rules import State
from engine.supervision.mining.tables import log_aligned, log_checks, log_ways, log_words

WAYS: Final = 100
KINDS: Final = ("done", "skipped", "added", "moved", "strange", "fitting", "unaligned")


@frozen
class CheckLine:
    id: int
    edition: EditionChoice
    state: State
    at: datetime
    aligned: int  # ways so far
    problem: Text | None


@frozen
class CheckPage:
    """`names` of the steps of the diagram; `unseen` are those to which no activity was matched."""

    line: CheckLine
    figures: CheckFigures | None
    names: Mapping[str, str]
    unseen: tuple[str, ...]
    left_out: tuple[str, ...]


@frozen
class DeviantWay:
    """How a way and the diagram go together, turn by turn: the kind, and what the step is called."""

    number: int
    cases: int
    cost: int | None
    turns: tuple[tuple[Kind, str], ...]


@frozen
class Matching:
    """What a log holds and what an edition draws, with a first guess at which is which."""

    edition: EditionChoice
    activities: tuple[tuple[str, int], ...]
    steps: Mapping[str, str]
    guess: Mapping[str, str]


def offered(db: Connection, *, actor: Actor, edition_id: int) -> EditionChoice:
    """Raises NotFound where the person may not see that edition."""
    found = next((one for one in editions_offered(db, actor=actor) if one.id == edition_id), None)
    if found is None:
        raise NotFound(what=_EDITION)
    return found


_EDITION: Final = Text("edition", "版本")


def matching(db: Connection, *, actor: Actor, log_id: int, edition_id: int) -> Matching:
    """Raises LogNotReady."""
    page = log(db, actor=actor, log_id=log_id)
    if page.figures is None:
        raise rules.LogNotReady(name=page.line.name)
    choice = offered(db, actor=actor, edition_id=edition_id)
    _process, steps = drawn_steps(db, edition_id)
    activities = tuple((one.activity, one.n) for one in page.figures.activities)
    return Matching(choice, activities, steps, rules.matched([name for name, _ in activities], steps))


def drawn_steps(db: Connection, edition_id: int) -> tuple[str, dict[str, str]]:
    """The process that a log is compared with, and what of it a log may show."""
    diagram = contents(db, edition_id).diagram
    chosen = db.scalar(select(editions.c.process).where(editions.c.id == edition_id))
    process = process_of(diagram, main_process(diagram, chosen))
    return process, steps_of_diagram(diagram, process)


def checks(db: Connection, *, actor: Actor, log_id: int) -> tuple[CheckLine, ...]:
    """The newest first."""
    log(db, actor=actor, log_id=log_id)
    rows = db.execute(
        _lines().where(log_checks.c.office_id == OFFICE, log_checks.c.log_id == log_id).order_by(log_checks.c.id.desc())
    )
    return tuple(_line(row) for row in rows)


def _lines() -> Any:
    aligned = (
        select(func.count())
        .select_from(log_aligned)
        .where(log_aligned.c.office_id == log_checks.c.office_id, log_aligned.c.check_id == log_checks.c.id)
        .scalar_subquery()
    )
    return (
        select(
            log_checks, aligned.label("aligned"), procedures.c.name.label("procedure"), editions.c.number,
            editions.c.state.label("edition_state"),
        )
        .join(editions, editions.c.id == log_checks.c.edition_id)
        .join(procedures, procedures.c.id == editions.c.procedure_id)
    )  # fmt: skip


def _line(row: Row[*tuple[Any, ...]]) -> CheckLine:
    said = orjson.loads(row.problem) if row.problem else None
    return CheckLine(
        row.id, EditionChoice(row.edition_id, row.procedure, row.number, row.edition_state), State(row.state), row.at,
        row.aligned, Name(said["en"], said["zh"]) if said else None,
    )  # fmt: skip


def check(db: Connection, *, actor: Actor, log_id: int, check_id: int) -> CheckPage:
    row = _row(db, actor, log_id, check_id)
    names = steps_of_diagram(contents(db, row.edition_id).diagram, row.process)
    mapping: dict[str, str] = orjson.loads(row.mapping)
    seen = {names[one] for one in mapping.values() if one in names}
    held = orjson.loads(row.figures) if row.figures else None
    figures = None
    if held is not None:
        figures = CheckFigures(**{**held, "elements": [ElementFigures(**one) for one in held["elements"]]})
    return CheckPage(
        _line(row), figures, names, tuple(one for one, name in names.items() if name not in seen),
        tuple(one for one, element in mapping.items() if element == rules.LEFT_OUT),
    )  # fmt: skip


def _row(db: Connection, actor: Actor, log_id: int, check_id: int) -> Row[*tuple[Any, ...]]:
    log(db, actor=actor, log_id=log_id)
    row: Row[*tuple[Any, ...]] | None = db.execute(
        _lines().where(log_checks.c.office_id == OFFICE, log_checks.c.id == check_id, log_checks.c.log_id == log_id)
    ).first()
    if row is None:
        raise NotFound(what=rules.CHECK)
    offered(db, actor=actor, edition_id=row.edition_id)
    return row


def drawn(db: Connection, *, actor: Actor, edition_id: int) -> bytes:
    offered(db, actor=actor, edition_id=edition_id)
    return drawing(db, edition_id)


def _aligned(db: Connection, log_id: int, check_id: int) -> list[Aligned]:
    """Every way of it, those most cases went first."""
    rows = db.execute(select(log_words).where(
        log_words.c.office_id == OFFICE, log_words.c.log_id == log_id, log_words.c.kind == Words.ACTIVITY
    ))  # fmt: skip
    words = {row.number: row.word for row in rows}
    found = db.execute(
        select(log_aligned, log_ways.c.cases, log_ways.c.steps)
        .join(log_ways, log_ways.c.number == log_aligned.c.way)
        .where(
            log_aligned.c.office_id == OFFICE, log_aligned.c.check_id == check_id, log_ways.c.office_id == OFFICE,
            log_ways.c.log_id == log_id,
        )
        .order_by(log_ways.c.cases.desc(), log_ways.c.number)
    )  # fmt: skip
    return [
        Aligned(
            Way(row.way, row.cases, tuple(words[one] for one in orjson.loads(row.steps))),
            None if row.cost is None else Alignment(_turns(row.turns), row.cost),
            0,
        )
        for row in found
    ]


def _turns(written: str) -> tuple[Turn, ...]:
    return tuple(Turn(Kind(kind), element, place) for kind, element, place in orjson.loads(written))


def deviant_ways(
    db: Connection, *, actor: Actor, log_id: int, check_id: int, limit: int = WAYS
) -> tuple[DeviantWay, ...]:
    """Those that do not go as drawn, most cases first; those that could not be aligned among them."""
    page = check(db, actor=actor, log_id=log_id, check_id=check_id)
    some = [one for one in _aligned(db, log_id, check_id) if one.alignment is None or one.alignment.cost][:limit]
    return tuple(
        DeviantWay(
            one.way.number, one.way.cases, one.alignment.cost if one.alignment is not None else None,
            tuple((turn.kind, _called(turn, one.way, page.names)) for turn in one.alignment.turns)
            if one.alignment is not None else (),
        )
        for one in some
    )  # fmt: skip


def _called(turn: Turn, way: Way, names: Mapping[str, str]) -> str:
    if turn.place is not None:
        return way.steps[turn.place]
    return names.get(turn.element or "", turn.element or "")


def ways_behind(db: Connection, *, actor: Actor, log_id: int, check_id: int, kind: str, element: str) -> frozenset[int]:
    """The ways whose cases are counted in a figure: of a step (`done`, `skipped`, `added`, `moved`), of an activity that
    is in no diagram (`strange`), or of the whole (`fitting`, `unaligned`).
    """
    check(db, actor=actor, log_id=log_id, check_id=check_id)
    found = _aligned(db, log_id, check_id)
    if kind == "fitting":
        return frozenset(one.way.number for one in found if one.alignment is not None and not one.alignment.cost)
    if kind == "unaligned":
        return frozenset(one.way.number for one in found if one.alignment is None)
    return frozenset(one.way.number for one in found if kind in KINDS and element in told(one)[kind])


__all__ = ["CheckLine", "CheckPage", "check", "checks", "deviant_ways", "drawn", "matching", "ways_behind"]
