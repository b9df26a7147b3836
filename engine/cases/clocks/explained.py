"""The clocks of one case as they stand at a moment, and why: line by line, to be read out to an applicant."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import date, datetime
from typing import Any, Final

from sqlalchemy import Connection, Row, select

from engine.base import clock
from engine.base.database import OFFICE
from engine.base.frozen import frozen
from engine.base.text import Name, Text
from engine.cases.clocks import rules
from engine.cases.clocks.rules import Held, Running
from engine.cases.clocks.tables import clocks, extensions, stops
from engine.cases.tables import cases
from engine.diagram.rule_sets import CONFIRM, EXPIRIES, GROUNDS, RULE_SETS, Clock, Ground
from engine.organisation.calendars.reads import calendar_of, calendars_version
from engine.organisation.tables import persons
from engine.procedures.reads import element_names
from engine.worktime.calendar import WorkCalendar
from engine.worktime.periods import Reading


@frozen
class StopLine:
    """`by_itself`: a step that waits holds the clock; `rests`: the whole case does."""

    number: int
    ground: Text
    begin_at: datetime
    end_at: datetime | None
    begun_by: Text | None
    ended_by: Text | None
    notice_day: date | None
    words: str
    words_after: str
    by_itself: bool
    rests: bool


@frozen
class CaseClock:
    """One period of a case, as it stands at a moment. `because`: why, line by line, to be read out to an applicant."""

    number: int  # its kind, as acts take it
    kind: Clock
    name: Text
    length: Text
    unit: str
    reading: Reading
    begun_at: datetime
    ended_at: datetime | None
    due_at: datetime
    standing: bool
    provisional: bool
    late: bool
    in_time: bool  # it ended before it was over
    extended_by: int
    extension: int
    stops: tuple[Ground, ...]
    effect: Text
    deemed: bool
    to_confirm: bool
    confirmed: bool | None
    cites: tuple[Text, ...]
    confirm: Text | None  # that a lawyer must confirm what is cited
    because: tuple[Text, ...]
    elapsed: Text
    left: Text
    stopped: Text
    share: float  # of the period that is gone

    @property
    def runs(self) -> bool:
        return self.ended_at is None


@frozen
class Extension:
    number: int
    amount: Text
    count: int
    asked_by: Text | None
    asked_by_id: int | None
    asked_at: datetime
    reason: str
    decided_by: Text | None
    decided_at: datetime | None
    granted: bool | None
    words: str


@frozen
class CaseTime:
    """All periods of a case, by law first; when they stood, oldest first; what was asked for."""

    clocks: tuple[CaseClock, ...]
    stops: tuple[StopLine, ...]
    extensions: tuple[Extension, ...]

    @property
    def running(self) -> tuple[CaseClock, ...]:
        return tuple(one for one in self.clocks if one.runs)

    @property
    def lead(self) -> CaseClock | None:
        """The one that is over first; once none runs, the one that ended last."""
        if self.running:
            return min(self.running, key=lambda one: (one.due_at, one.number))
        return max(self.clocks, key=lambda one: one.ended_at or one.begun_at, default=None)

    @property
    def asked(self) -> Extension | None:
        return next((one for one in self.extensions if one.decided_at is None), None)

    @property
    def grounds(self) -> tuple[tuple[Ground, Text], ...]:
        """Those on which somebody may stop it now."""
        found = {ground for one in self.running if rules.is_deciding(one.number) for ground in one.stops}
        return tuple((ground, GROUNDS[ground]) for ground in Ground if ground in found)

    @property
    def standing(self) -> bool:
        return any(one.end_at is None for one in self.stops)


def case_time(
    db: Connection, case_id: int, *, at: datetime | None = None, version: int | None = None
) -> CaseTime | None:
    """None where no period was ever begun in it: one statement. `version`: of the calendars, where it is known."""
    rows = db.execute(
        select(clocks, cases.c.edition_id)
        .join(cases, (cases.c.office_id == clocks.c.office_id) & (cases.c.id == clocks.c.case_id))
        .where(clocks.c.office_id == OFFICE, clocks.c.case_id == case_id)
        .order_by(clocks.c.kind)
    ).all()
    if not rows:
        return None
    now = at or clock.now()
    stood = db.execute(
        select(stops).where(stops.c.office_id == OFFICE, stops.c.case_id == case_id).order_by(stops.c.number)
    ).all()
    asked = _asked(db, case_id)
    people = _people(db, [*_persons(stood, "begun_by", "ended_by"), *_persons(asked, "asked_by", "decided_by")])
    held = tuple(Held(row.number, row.ground, row.begin_at, row.end_at) for row in stood)
    version = calendars_version(db) if version is None else version
    names = element_names(db, rows[0].edition_id)
    found = tuple(
        _clock(row, held, calendar_of(db, row.department_id, version=version), now, names.get(row.begun_with or ""))
        for row in rows
    )
    return CaseTime(found, tuple(_stop(row, people) for row in stood), tuple(_extension(row, people) for row in asked))


_TOLD: Final = {Clock.PROMISED: 0, Clock.STATUTORY: 1, Clock.JOINT: 1}


def clocks_told(db: Connection, case_ids: Sequence[int]) -> dict[int, CaseClock]:
    """Of each case the period that an applicant asks for: the promise, else that of the law."""
    rows = db.execute(
        select(clocks, cases.c.edition_id)
        .join(cases, (cases.c.office_id == clocks.c.office_id) & (cases.c.id == clocks.c.case_id))
        .where(clocks.c.office_id == OFFICE, clocks.c.case_id.in_(case_ids))
    ).all()
    known = [row for row in rows if rules.KINDS[row.kind] in _TOLD]
    if not known:
        return {}
    found = {row.case_id: row for row in sorted(known, key=lambda row: -_TOLD[rules.KINDS[row.kind]])}
    held: dict[int, list[Held]] = {}
    for row in db.execute(
        select(stops.c.case_id, stops.c.number, stops.c.ground, stops.c.begin_at, stops.c.end_at)
        .where(stops.c.office_id == OFFICE, stops.c.case_id.in_(found))
        .order_by(stops.c.case_id, stops.c.number)
    ):
        held.setdefault(row.case_id, []).append(Held(row.number, row.ground, row.begin_at, row.end_at))
    version, now = calendars_version(db), clock.now()
    return {
        case_id: _clock(
            row, held.get(case_id, ()), calendar_of(db, row.department_id, version=version), now,
            element_names(db, row.edition_id).get(row.begun_with or ""),
        )
        for case_id, row in found.items()
    }  # fmt: skip


def clocks_of(db: Connection, case_id: int, *, at: datetime | None = None) -> tuple[CaseClock, ...]:
    """By law first. None where no period was begun in it."""
    found = case_time(db, case_id, at=at)
    return () if found is None else found.clocks


def _clock(
    row: Row[*tuple[Any, ...]], held: Sequence[Held], calendar: WorkCalendar, now: datetime, begun_with: str | None
) -> CaseClock:
    running = Running.of(row)
    moment = now if row.ended_at is None else min(row.ended_at, now)
    reading = rules.reading(running, held, calendar, moment)
    cites = rules.cites(row.kind, row.rule_set)
    return CaseClock(
        number=row.kind,
        kind=rules.KINDS[row.kind],
        name=rules.kind_name(row.kind),
        length=rules.in_words(row.length, row.unit),
        unit=row.unit,
        reading=reading,
        begun_at=row.begun_at,
        ended_at=row.ended_at,
        due_at=reading.due_at,
        standing=row.ended_at is None and reading.standing,
        provisional=row.ended_at is None and reading.provisional,
        late=row.ended_at is None and not reading.standing and reading.due_at <= now,
        in_time=row.ended_at is not None and row.ended_at <= reading.due_at,
        extended_by=row.extended_by,
        extension=row.extension,
        stops=rules.grounds(row.stops),
        effect=EXPIRIES[rules.EFFECTS[row.effect]],
        deemed=rules.is_deemed(row.effect),
        to_confirm=row.unsettled_since is not None and row.ended_at is None,
        confirmed=row.confirmed,
        cites=cites,
        confirm=CONFIRM if cites else None,
        because=(_law(row, begun_with), *reading.because),
        elapsed=rules.in_words(reading.elapsed, row.unit),
        left=rules.in_words(abs(reading.left), row.unit),
        stopped=rules.in_words(reading.stopped, row.unit),
        share=rules.share(reading),
    )


_COUNTED: Final = Text("{name}: {length}, counted from “{begun}”.", "{name}：{length}，自“{begun}”起算。")
_FROM_START: Final = Text(
    "{name}: {length}, counted from when the application was received.", "{name}：{length}，自收到申请之日起算。"
)
_AFTER_LAW: Final = Text("{said} It goes by: {law}.", "{said}依据：{law}。")


def _law(row: Row[*tuple[Any, ...]], begun_with: str | None) -> Text:
    facts = {
        "name": rules.kind_name(row.kind), "length": rules.in_words(row.length, row.unit), "begun": begun_with or ""
    }  # fmt: skip
    words = _COUNTED if begun_with else _FROM_START
    said: Text = Name(words.say("en", **facts), words.say("zh", **facts))
    law = RULE_SETS.get(row.rule_set or "")
    if law is None or rules.KINDS[row.kind] is Clock.PROMISED:
        return said
    return Name(*(_AFTER_LAW.say(tongue, said=said, law=law.name) for tongue in ("en", "zh")))


def _stop(row: Row[*tuple[Any, ...]], people: dict[int, Text]) -> StopLine:
    return StopLine(
        number=row.number, ground=rules.ground_name(row.ground), begin_at=row.begin_at, end_at=row.end_at,
        begun_by=people.get(row.begun_by), ended_by=people.get(row.ended_by), notice_day=row.notice_day,
        words=row.words, words_after=row.words_after or "", by_itself=row.token is not None,
        rests=row.ground == rules.RESTS,
    )  # fmt: skip


def _asked(db: Connection, case_id: int) -> Sequence[Row[*tuple[Any, ...]]]:
    return db.execute(
        select(extensions)
        .where(extensions.c.office_id == OFFICE, extensions.c.case_id == case_id)
        .order_by(extensions.c.number)
    ).all()


def _extension(row: Row[*tuple[Any, ...]], people: dict[int, Text]) -> Extension:
    return Extension(
        number=row.number, amount=rules.in_words(row.amount, row.unit), count=row.amount,
        asked_by=people.get(row.asked_by), asked_by_id=row.asked_by, asked_at=row.asked_at, reason=row.reason,
        decided_by=people.get(row.decided_by), decided_at=row.decided_at, granted=row.granted, words=row.words or "",
    )  # fmt: skip


def _persons(rows: Iterable[Any], *columns: str) -> list[int]:
    return [value for row in rows for name in columns if (value := getattr(row, name)) is not None]


def _people(db: Connection, ids: Sequence[int]) -> dict[int, Text]:
    if not ids:
        return {}
    rows = db.execute(select(persons.c.id, persons.c.name_en, persons.c.name_zh).where(persons.c.id.in_(set(ids))))
    return {row.id: Name(row.name_en, row.name_zh) for row in rows}
