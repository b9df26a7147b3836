"""The clock is stopped on a ground that the law knows, told to the applicant in writing, and set going again."""

from __future__ import annotations

from datetime import date
from typing import Any

from sqlalchemy import Connection, select, update

from engine.base import clock
from engine.base.database import OFFICE
from engine.cases import moves
from engine.cases.acts.made import is_new
from engine.cases.acts.moving import Note, keep_note, locked, ready
from engine.cases.acts.resting import has_in_hand, tell_all_at_work
from engine.cases.clocks import kept, rows, rules
from engine.cases.clocks.held import give_back
from engine.cases.clocks.tables import stops
from engine.cases.rules import ReasonMissing
from engine.cases.tables import cases
from engine.diagram.clocks import ground_of
from engine.organisation.calendars.reads import calendar_of
from engine.organisation.rules import Actor


def stop_clock(
    db: Connection,
    *,
    by: Actor,
    case_id: int,
    ground: str,
    words: str,
    notice_day: date | None = None,
    receipt: bytes | None = None,
) -> None:
    """The periods that run until it is decided stand from now on; the work may go on. `notice_day`: when the applicant
    was told in writing.

    Raises NotYoursToStop, NoClockRuns, GroundNotHere, PeriodOver, StandsAlready, NoticeDayUnfit.
    """
    case = locked(db, case_id)
    if not is_new(db, case_id, receipt):
        return
    if not has_in_hand(db, case_id, case.procedure_id, by):
        raise rules.NotYoursToStop(case=case.case_number)
    running = rows.deciding_rows(db, case)
    chosen = ground_of(ground)
    if chosen is None or not any(chosen in rules.grounds(one.stops) for one in running):
        raise rules.GroundNotHere()
    at = clock.now()
    rows.must_not_be_over(running, at)
    number = rules.GROUND_NUMBERS[chosen]
    held = kept.stops_held(db, case_id)
    same = next((one for one in held if one.end_at is None and one.ground == number), None)
    if same is not None:
        raise rules.StandsAlready(case=case.case_number, at=same.begin_at)
    said = moves.reason(words, ReasonMissing)
    zone = calendar_of(db, version=case.calendars_version).zone
    begun = db.scalar(select(cases.c.started_at).where(cases.c.office_id == OFFICE, cases.c.id == case_id)) or at
    day = rules.fit_notice_day(notice_day, first=begun.astimezone(zone).date(), last=at.astimezone(zone).date())
    stop = kept.note_stop(db, case_id, number, at, by=by.person_id, words=said, notice_day=day)
    kept.count_anew(db, case_id, case.calendars_version)
    facts: dict[str, Any] = {"stop": stop, "ground": chosen.value, "reason": said}
    if day is not None:
        facts["notice_day"] = day.isoformat()
    keep_note(db, case, Note("stop_clock", by, None, facts))
    tell_all_at_work(db, case_id, by, "clock_stopped", {"who": by.name, "why": said})


def resume_clock(
    db: Connection, *, by: Actor, case_id: int, number: int, words: str = "", receipt: bytes | None = None
) -> None:
    """`number`: of the stop. Raises NotYoursToStop, NothingStands, GoesOnByItself, EndsWithRest."""
    case = locked(db, case_id)
    if not is_new(db, case_id, receipt):
        return
    if not has_in_hand(db, case_id, case.procedure_id, by):
        raise rules.NotYoursToStop(case=case.case_number)
    of_stop = stops.c.office_id == OFFICE, stops.c.case_id == case_id, stops.c.number == number
    stop = db.execute(select(stops).where(*of_stop, stops.c.end_at.is_(None))).first()
    if stop is None:
        raise rules.NothingStands(case=case.case_number)
    if stop.ground == rules.RESTS:
        raise rules.EndsWithRest(case=case.case_number)
    if stop.token is not None:
        raise rules.GoesOnByItself()
    said = moves.reason(words, ReasonMissing) if words.strip() else None
    at = clock.now()
    db.execute(update(stops).where(*of_stop).values(end_at=at, ended_by=by.person_id, words_after=said))
    kept.count_anew(db, case_id, case.calendars_version)
    facts: dict[str, Any] = {"stop": number, "since": stop.begin_at}
    given = give_back(db, case, ready(db, case), [number])
    facts |= {"clocks": given} if given else {}
    if said:
        facts["note"] = said
    keep_note(db, case, Note("resume_clock", by, None, facts))
    tell_all_at_work(db, case_id, by, "clock_resumed", {"who": by.name, "why": said or ""})
