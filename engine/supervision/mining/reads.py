"""What is asked of foreign logs: which there are, their figures, the ways their cases went, the cases behind a number."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from datetime import datetime, timedelta
from hashlib import blake2b
from typing import Any, Final

import orjson
from sqlalchemy import ColumnElement, Connection, Row, Select, and_, func, select

from engine.base.database import OFFICE
from engine.base.errors import NotFound
from engine.base.frozen import frozen
from engine.base.text import Name, Text
from engine.organisation.rules import Actor, Right
from engine.organisation.tables import persons
from engine.papers.store import Store
from engine.procedures.rules import EditionState
from engine.procedures.tables import editions, procedures
from engine.supervision.mining import rules
from engine.supervision.mining.events import Lifecycle
from engine.supervision.mining.figures import (
    ActivityFigures,
    DayFigures,
    HandFigures,
    LogFigures,
    PathFigures,
    Spread,
)
from engine.supervision.mining.guessing import DELIMITERS, ENCODINGS, Guess, guess
from engine.supervision.mining.kept import Words
from engine.supervision.mining.opened import opened
from engine.supervision.mining.refusals import SENTENCES, Left
from engine.supervision.mining.rules import Chosen, State, chosen_kept
from engine.supervision.mining.tables import log_cases, log_events, log_ways, log_words, logs

PAGE: Final = 50
_MOST_WAYS: Final = 20_000


@frozen
class LogLine:
    id: int
    name: str
    file: str
    form: str
    size: int
    state: State
    events: int
    at: datetime
    imported_by: Name
    mine: bool
    shared: bool
    problem: Text | None


@frozen
class LeftOut:
    """What was left out or put right in reading, how often, and the first lines it stands in."""

    said: Text
    count: int
    lines: tuple[int, ...]


@frozen
class LogPage:
    """`figures` None: it is not read yet, or could not be."""

    line: LogLine
    chosen: Chosen
    figures: LogFigures | None
    left: tuple[LeftOut, ...] = ()
    every_event: bool = False
    paths_in_all: int = 0

    @property
    def may_choose(self) -> bool:
        """Which column is what, also anew."""
        return rules.may_choose_columns(self.line.state, self.chosen)


@frozen
class WayLine:
    number: int
    cases: int
    share: float
    steps: tuple[str, ...]
    median: timedelta
    worked: timedelta


@frozen
class CaseLine:
    number: int
    name: str
    way: int
    steps: int
    began_at: datetime
    ended_at: datetime


@frozen
class EventLine:
    activity: str
    at: datetime
    lifecycle: Lifecycle
    resource: str | None
    unit: str | None
    is_step: bool


@frozen
class CasePage:
    line: CaseLine
    facts: Mapping[str, Any]
    events: tuple[EventLine, ...]


@frozen
class Behind:
    """Which cases are meant. All that is given must hold. `before`: what came right before; "" that it came first."""

    activity: str | None = None
    before: str | None = None
    repeated: bool = False  # some activity, or `activity` where that is given, was done more than once
    last: bool = False  # `activity` came last
    ways: frozenset[int] | None = None


def logs_seen(db: Connection, *, actor: Actor) -> tuple[LogLine, ...]:
    """The newest first."""
    rules.must_look(actor)
    seen = (
        logs.c.state != State.DELETED
        if actor.may(Right.INSPECT)
        else and_(logs.c.state != State.DELETED, (logs.c.imported_by == actor.person_id) | logs.c.shared)
    )
    rows = db.execute(_lines().where(logs.c.office_id == OFFICE, seen).order_by(logs.c.id.desc()))
    return tuple(_line(row, actor) for row in rows)


def _lines() -> Select[Any]:
    shown = [one for one in logs.c if one.name != "figures"]
    return select(*shown, persons.c.name_en, persons.c.name_zh).join(persons, persons.c.id == logs.c.imported_by)


def _line(row: Row[*tuple[Any, ...]], actor: Actor) -> LogLine:
    said = orjson.loads(row.problem) if row.problem else None
    return LogLine(
        row.id, row.name, row.file, orjson.loads(row.mapping)["form"], row.size, State(row.state), row.events, row.at,
        Name(row.name_en, row.name_zh), row.imported_by == actor.person_id, row.shared,
        Name(said["en"], said["zh"]) if said else None,
    )  # fmt: skip


def seen_row(db: Connection, actor: Actor, log_id: int) -> Row[*tuple[Any, ...]]:
    """Raises NotFound where it is not to be seen: nobody learns that there is one."""
    rules.must_look(actor)
    row = db.execute(
        _lines()
        .add_columns(logs.c.figures)
        .where(logs.c.office_id == OFFICE, logs.c.id == log_id, logs.c.state != State.DELETED)
    ).first()
    if row is None or not rules.may_see(actor, row.imported_by, row.shared):
        raise NotFound(what=rules.LOG)
    return row


def log(db: Connection, *, actor: Actor, log_id: int) -> LogPage:
    row = seen_row(db, actor, log_id)
    line, chosen = _line(row, actor), chosen_kept(row.mapping)
    if not row.figures:
        return LogPage(line, chosen, None)
    held = orjson.loads(row.figures)
    left = tuple(LeftOut(SENTENCES[Left(one["what"])], one["count"], tuple(one["lines"])) for one in held["left"])
    return LogPage(line, chosen, figures_kept(held), left, held["every_event"], held["paths_in_all"])


def figures_kept(held: Mapping[str, Any]) -> LogFigures:
    """What `importing.written` wrote."""
    whole = {key: held[key] for key in _WHOLE}
    return LogFigures(
        **whole,
        cycle=Spread(**held["cycle"]),
        cycle_worked=Spread(**held["cycle_worked"]),
        activities=tuple(ActivityFigures(**_spreads(one)) for one in held["activities"]),
        paths=tuple(PathFigures(**_spreads(one)) for one in held["paths"]),
        hands=tuple(HandFigures(**_spreads(one)) for one in held["hands"]),
        days=tuple(DayFigures(**one) for one in held["days"]),
    )


_WHOLE: Final = ("cases", "events", "steps", "resources", "groups", "first", "last", "reworked", "rework", "ways")


def _spreads(one: Mapping[str, Any]) -> dict[str, Any]:
    return {key: Spread(**value) if isinstance(value, dict) else value for key, value in one.items()}


def draft(
    db: Connection,
    *,
    actor: Actor,
    store: Store,
    log_id: int,
    encoding: str | None = None,
    delimiter: str | None = None,
) -> tuple[LogLine, Chosen, Guess]:
    """A table whose columns are to be chosen: what it seems to be, looked at anew. Raises AlreadyMapped, TooFewColumns."""
    row = seen_row(db, actor, log_id)
    if not rules.may_choose_columns(State(row.state), chosen_kept(row.mapping)):
        raise rules.AlreadyMapped(name=row.name)
    with opened(store, row.digest) as stream:
        found = guess(
            stream,
            encoding=encoding if encoding in ENCODINGS else None,
            delimiter=delimiter if delimiter in DELIMITERS else None,
            file=row.file,
        )
    return _line(row, actor), chosen_kept(row.mapping), found


def words_of(db: Connection, log_id: int, kind: Words) -> dict[int, str]:
    rows = db.execute(
        select(log_words.c.number, log_words.c.word).where(
            log_words.c.office_id == OFFICE, log_words.c.log_id == log_id, log_words.c.kind == kind
        )
    )
    return {row.number: row.word for row in rows}


def ways(
    db: Connection, *, actor: Actor, log_id: int, limit: int = 25, offset: int = 0
) -> tuple[int, tuple[WayLine, ...]]:
    """How many cases there are in all; the ways that most of them went first."""
    seen_row(db, actor, log_id)
    words = words_of(db, log_id, Words.ACTIVITY)
    mine = (log_ways.c.office_id == OFFICE, log_ways.c.log_id == log_id)
    cases = db.scalar(select(func.sum(log_ways.c.cases)).where(*mine)) or 0
    rows = db.execute(
        select(log_ways).where(*mine).order_by(log_ways.c.cases.desc(), log_ways.c.number).limit(limit).offset(offset)
    )
    return cases, tuple(
        WayLine(
            row.number, row.cases, row.cases / (cases or 1), tuple(words[one] for one in orjson.loads(row.steps)),
            timedelta(milliseconds=row.median), timedelta(milliseconds=row.worked),
        )
        for row in rows
    )  # fmt: skip


def cases_behind(
    db: Connection, *, actor: Actor, log_id: int, behind: Behind, limit: int = PAGE, after: int = -1
) -> tuple[int, tuple[CaseLine, ...]]:
    """How many they are, and the first of them behind the number `after`."""
    seen_row(db, actor, log_id)
    conditions = [log_cases.c.office_id == OFFICE, log_cases.c.log_id == log_id]
    numbers = {word: number for number, word in words_of(db, log_id, Words.ACTIVITY).items()}
    if behind.activity is not None and behind.activity not in numbers:
        return 0, ()
    chosen = _ways_meant(db, log_id, behind, numbers)
    if chosen is not None:
        conditions.append(log_cases.c.way.in_(chosen))
    elif behind.activity is not None:
        conditions.append(log_cases.c.number.in_(_with_step(log_id, behind, numbers)))
    total = db.scalar(select(func.count()).select_from(log_cases).where(*conditions)) or 0
    rows = db.execute(
        select(log_cases).where(*conditions, log_cases.c.number > after).order_by(log_cases.c.number).limit(limit)
    )
    return total, tuple(_case(row) for row in rows)


def _with_step(log_id: int, behind: Behind, numbers: Mapping[str, int]) -> Select[Any]:
    conditions: list[ColumnElement[bool]] = [
        log_events.c.office_id == OFFICE, log_events.c.log_id == log_id,
        log_events.c.activity == numbers[behind.activity or ""], log_events.c.before.is_not(None),
    ]  # fmt: skip
    if behind.before is not None:
        conditions.append(log_events.c.before == (numbers.get(behind.before, -2) if behind.before else -1))
    return select(log_events.c.case_number).where(*conditions)


def _ways_meant(db: Connection, log_id: int, behind: Behind, numbers: Mapping[str, int]) -> Collection[int] | None:
    """Ways whose cases are meant, where the way alone decides it."""
    if behind.ways is not None:
        return sorted(behind.ways)[:_MOST_WAYS]
    if not behind.repeated and not behind.last:
        return None
    asked = numbers.get(behind.activity) if behind.activity is not None else None
    rows = db.execute(
        select(log_ways.c.number, log_ways.c.steps).where(log_ways.c.office_id == OFFICE, log_ways.c.log_id == log_id)
    )
    return [row.number for row in rows if _meant(orjson.loads(row.steps), behind, asked)][:_MOST_WAYS]


def _meant(steps: Sequence[int], behind: Behind, asked: int | None) -> bool:
    if behind.last:
        return bool(steps) and steps[-1] == asked
    return steps.count(asked) > 1 if asked is not None else len(set(steps)) < len(steps)


def _case(row: Row[*tuple[Any, ...]]) -> CaseLine:
    return CaseLine(row.number, row.name, row.way, row.steps, row.began_at, row.ended_at)


def case(db: Connection, *, actor: Actor, log_id: int, number: int) -> CasePage:
    """Persons by a pseudonym, except for who handed the log in; also where one stands in a fact of the case."""
    row = seen_row(db, actor, log_id)
    found = db.execute(
        select(log_cases).where(
            log_cases.c.office_id == OFFICE, log_cases.c.log_id == log_id, log_cases.c.number == number
        )
    ).first()
    if found is None:
        raise NotFound(what=_CASE)
    activities, units = words_of(db, log_id, Words.ACTIVITY), words_of(db, log_id, Words.UNIT)
    resources = words_of(db, log_id, Words.RESOURCE)
    mine = row.imported_by == actor.person_id
    events = db.execute(
        select(log_events)
        .where(log_events.c.office_id == OFFICE, log_events.c.log_id == log_id, log_events.c.case_number == number)
        .order_by(log_events.c.number)
    )
    people = frozenset() if mine else frozenset(resources.values())
    facts = {key: _person(one, row.digest, one not in people) for key, one in orjson.loads(found.facts).items()}
    return CasePage(
        _case(found),
        facts,
        tuple(
            EventLine(
                activities[one.activity], one.at, Lifecycle(one.lifecycle),
                _person(resources.get(one.resource), row.digest, mine), units.get(one.unit), one.before is not None,
            )
            for one in events
        ),
    )  # fmt: skip


def _person(name: Any, key: bytes, plain: bool) -> Any:
    return name if plain or name is None else pseudonym(name, key)


def pseudonym(name: str, key: bytes) -> str:
    """The same person is the same by one key, and another one by every other; without it nobody can try names out."""
    return "P-" + blake2b(name.encode(), digest_size=5, key=key).hexdigest().upper()


_CASE: Final = Text("case of this log", "该日志中的办件")


@frozen
class EditionChoice:
    id: int
    procedure: str
    number: int
    state: str


def editions_offered(db: Connection, *, actor: Actor) -> tuple[EditionChoice, ...]:
    """Those that are or were in force; for process designers all of them."""
    rules.must_look(actor)
    seen = [] if actor.may(Right.DESIGN) else [editions.c.state.in_((EditionState.IN_FORCE, EditionState.OUT_OF_FORCE))]
    rows = db.execute(
        select(editions.c.id, procedures.c.name, editions.c.number, editions.c.state)
        .join(procedures, procedures.c.id == editions.c.procedure_id)
        .where(*seen)
        .order_by(procedures.c.prefix, editions.c.number.desc())
    )
    return tuple(EditionChoice(row.id, row.name, row.number, row.state) for row in rows)
