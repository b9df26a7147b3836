"""The clocks of a case: begun, stopped, extended, warned of, over and confirmed, each on the record."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from sqlalchemy import select, update

from engine.base.database import Database
from engine.cases import acts as case_acts
from engine.cases import rules as case_rules
from engine.cases.clocks import acts, reads, rules
from engine.cases.clocks.explained import CaseClock, CaseTime, case_time, clocks_of
from engine.cases.clocks.rules import KIND_NUMBERS
from engine.cases.clocks.tables import clocks, stops
from engine.diagram.rule_sets import Clock
from engine.notices.tables import notices
from engine.organisation.tables import offices
from engine.records.tables import entries
from engine.records.verify import first_broken
from tests.builders import SmallOffice
from tests.conftest import BEGINNING
from tests.conftest import Clock as Simulated
from tests.counting import counting
from tests.diagram_text import END, START, process, step, way
from tests.engine.cases.moving_about import Matter
from tests.worlds import begun as begin
from tests.worlds import every_head, in_force

LAW = (
    'officium:ruleSet="cn-licensing" officium:promised="P15D" officium:promiseFrom="start" officium:countsFrom="check" '
    'officium:noticeBy="ask" officium:decidedBy="decide"'
)
_BODY = (
    START + step("check", "Check the papers") + step("ask", "Ask for papers")
    + step("await", "Wait for papers", 'officium:stopsClock="supplement" officium:external="true"')
    + step("review", "Review") + step("decide", "Decide") + step("deliver", "Deliver") + END
)  # fmt: skip
STRAIGHT = _BODY + way("start", "check", "ask", "await", "review", "decide", "deliver", "end")


def drawn(attributes: str, body: str = STRAIGHT) -> bytes:
    return process(body).replace(b"<process ", f"<process {attributes} ".encode(), 1)


@pytest.fixture
def matter(database: Database, office: SmallOffice, clock: Simulated) -> Matter:
    return begun(database, office)


def begun(database: Database, office: SmallOffice, attributes: str = LAW) -> Matter:
    """Begun by a supervisor, done by reviewers."""
    with database.writing() as db:
        made = in_force(db, office, drawn(attributes), owners={"process:procedure": "reviewer"})
        return Matter(database, office, begin(db, office, made, by="sun").case_id)


def act(matter: Matter, name: str, login: str = "wang", **facts: Any) -> Any:
    with matter.database.writing() as db:
        return getattr(acts, name)(db, by=matter.by(db, login), case_id=matter.case_id, **facts)


def tick(matter: Matter, name: str, kind: Clock) -> bool:
    with matter.database.writing() as db:
        done: bool = getattr(acts, name)(db, case_id=matter.case_id, kind=KIND_NUMBERS[kind])
        return done


def time_of(matter: Matter) -> CaseTime:
    with matter.database.reading() as db:
        found = case_time(db, matter.case_id)
    assert found is not None
    return found


def one(matter: Matter, kind: Clock) -> CaseClock:
    return next(each for each in time_of(matter).clocks if each.kind is kind)


def due_day(matter: Matter, kind: Clock) -> date:
    return one(matter, kind).due_at.astimezone(ZoneInfo("Asia/Shanghai")).date()


def acts_of(matter: Matter) -> list[str]:
    with matter.database.reading() as db:
        rows = db.execute(select(entries.c.act).where(entries.c.chain == matter.case_id).order_by(entries.c.number))
        return [row.act for row in rows]


def told(matter: Matter, kind: str) -> set[int]:
    with matter.database.reading() as db:
        return set(db.scalars(select(notices.c.person_id).where(notices.c.kind == kind)))


def test_the_promise_begins_with_the_case_and_the_law_with_acceptance(matter: Matter, clock: Simulated) -> None:
    assert {each.kind for each in time_of(matter).running} == {Clock.PROMISED, Clock.NOTICE}
    assert due_day(matter, Clock.PROMISED) == date(2026, 3, 23)
    clock.advance(days=2)
    matter.do("check", "wang")
    assert due_day(matter, Clock.STATUTORY) == date(2026, 4, 1)
    notice = one(matter, Clock.NOTICE)
    assert (notice.ended_at, notice.in_time) == (clock.now(), True)


def test_a_step_that_waits_stops_the_clock_by_itself_and_sets_it_going(matter: Matter, clock: Simulated) -> None:
    for element in ("check", "ask"):
        matter.do(element, "wang")
    clock.advance(days=3)
    time = time_of(matter)
    assert [(each.by_itself, each.end_at) for each in time.stops] == [(True, None)]
    assert one(matter, Clock.STATUTORY).standing
    with pytest.raises(rules.GoesOnByItself):
        act(matter, "resume_clock", number=time.stops[0].number)
    clock.advance(days=4)
    matter.do("await", "wang")
    (stop,) = time_of(matter).stops
    assert stop.end_at == clock.now()
    # Monday to Monday, both included: six working days do not count.
    assert due_day(matter, Clock.STATUTORY) == date(2026, 4, 6)
    assert not one(matter, Clock.STATUTORY).standing


def test_while_it_stands_the_work_goes_on_and_nothing_is_late(matter: Matter, clock: Simulated) -> None:
    for element in ("check", "ask", "await"):
        matter.do(element, "wang")
    act(matter, "stop_clock", ground="hearing", words="A hearing is held", notice_day=date(2026, 3, 2))
    clock.advance(days=60)
    with matter.database.reading() as db:
        assert reads.late_cases(db, at=clock.now()) == ()
        assert reads.clocks_expired(db, at=clock.now()) == ()
        assert reads.is_standing(db, matter.case_id, clock.now())
        assert [line.case_id for line in reads.standing_cases(db)] == [matter.case_id]
    matter.do("review", "wang")
    act(matter, "resume_clock", number=time_of(matter).stops[-1].number, words="It is held")
    assert {"stop_clock", "resume_clock"} <= set(acts_of(matter))
    with matter.database.reading() as db:
        assert not reads.is_standing(db, matter.case_id, clock.now())
        assert first_broken(db, every_head(db)) is None


def test_it_is_stopped_on_a_ground_of_the_procedure_by_who_has_it_in_hand_and_says_why(matter: Matter) -> None:
    with pytest.raises(rules.NotYoursToStop):
        act(matter, "stop_clock", "li", ground="hearing", words="No business of hers")
    for ground in ("force_majeure", "holiday", ""):
        with pytest.raises(rules.GroundNotHere):
            act(matter, "stop_clock", ground=ground, words="No such ground")
    with pytest.raises(case_rules.ReasonMissing):
        act(matter, "stop_clock", ground="hearing", words="  ")
    with pytest.raises(rules.NoticeDayUnfit):
        act(matter, "stop_clock", ground="hearing", words="Told tomorrow", notice_day=date(2026, 3, 3))
    act(matter, "stop_clock", ground="hearing", words="A hearing", receipt=b"s" * 16)
    act(matter, "stop_clock", ground="hearing", words="A hearing", receipt=b"s" * 16)
    assert len(time_of(matter).stops) == 1
    with pytest.raises(rules.StandsAlready):
        act(matter, "stop_clock", ground="hearing", words="Once more")
    act(matter, "stop_clock", ground="review", words="Experts too")
    with pytest.raises(rules.NothingStands):
        act(matter, "resume_clock", number=9)


def test_a_case_at_rest_holds_every_clock_and_goes_on_with_it(matter: Matter, clock: Simulated) -> None:
    before = due_day(matter, Clock.NOTICE)
    matter.act("suspend", "wang", ground=1, words="Papers are missing")
    clock.advance(days=7)
    assert all(each.standing for each in time_of(matter).running)
    with pytest.raises(rules.EndsWithRest):
        act(matter, "resume_clock", number=time_of(matter).stops[0].number)
    matter.act("resume", "wang")
    assert not any(each.standing for each in time_of(matter).running)
    assert due_day(matter, Clock.NOTICE) > before


def test_it_is_extended_once_by_a_supervisor_who_did_not_ask(matter: Matter, clock: Simulated) -> None:
    for element in ("check", "ask", "await"):
        matter.do(element, "wang")
    before = due_day(matter, Clock.STATUTORY)
    with pytest.raises(rules.AmountUnfit):
        act(matter, "ask_period", amount=11, reason="Too much")
    act(matter, "ask_period", "sun", amount=5, reason="The experts need longer")
    with pytest.raises(rules.AskedAlready):
        act(matter, "ask_period", amount=5, reason="Once more")
    assert matter.office.persons["sun"] not in told(matter, "period_asked")
    with pytest.raises(rules.NotYoursToExtend):
        act(matter, "extend_period", "wang", amount=5, reason="For myself")
    with pytest.raises(rules.OwnPeriod):
        act(matter, "extend_period", "sun", amount=5, reason="I asked")
    act(matter, "extend_period", "zhou", amount=10, reason="Granted: the experts are away")
    statutory = one(matter, Clock.STATUTORY)
    assert statutory.extended_by == 10
    assert due_day(matter, Clock.STATUTORY) == before + timedelta(days=14)
    assert told(matter, "period_decided") == {matter.office.persons["sun"]}
    with pytest.raises(rules.ExtendedAlready):
        act(matter, "extend_period", "zhou", amount=1, reason="And again")


def test_whoever_has_the_task_in_hand_does_not_extend_the_period_for_themselves(
    database: Database, office: SmallOffice, clock: Simulated
) -> None:
    with database.writing() as db:
        made = in_force(db, office, drawn(LAW), owners={"process:procedure": "head"})
        matter = Matter(database, office, begin(db, office, made, by="sun").case_id)
        case_acts.claim(db, by=office.actor(db, "sun"), case_id=matter.case_id, number=1)
    with pytest.raises(rules.OwnPeriod):
        act(matter, "extend_period", "sun", amount=5, reason="More time for me")


def test_an_extension_is_declined_with_a_reason_and_may_be_asked_for_again(matter: Matter) -> None:
    with pytest.raises(rules.NobodyAsked):
        act(matter, "decline_period", "zhou", reason="Nobody asked")
    act(matter, "ask_period", amount=5, reason="Please")
    before = due_day(matter, Clock.PROMISED)
    act(matter, "decline_period", "zhou", reason="There is time enough")
    assert due_day(matter, Clock.PROMISED) == before
    act(matter, "ask_period", amount=5, reason="Please, once more")
    assert time_of(matter).asked is not None


def test_who_is_told_nothing_in_five_days_is_deemed_accepted_from_the_day_it_came(
    matter: Matter, clock: Simulated
) -> None:
    clock.set(datetime(2026, 3, 10, 2, tzinfo=UTC))
    with matter.database.reading() as db:
        pairs = reads.clocks_expired(db, at=clock.now())
    assert pairs == ((matter.case_id, KIND_NUMBERS[Clock.NOTICE]),)
    assert tick(matter, "note_expiry", Clock.NOTICE)
    assert not tick(matter, "note_expiry", Clock.NOTICE)
    statutory = one(matter, Clock.STATUTORY)
    assert statutory.begun_at == BEGINNING
    assert due_day(matter, Clock.STATUTORY) == date(2026, 3, 30)
    matter.do("check", "wang")
    assert one(matter, Clock.STATUTORY).begun_at == BEGINNING
    assert acts_of(matter).count("note_expiry") == 1


def test_what_is_over_is_noted_once_and_told_to_the_accountable_post_and_the_one_above(
    matter: Matter, clock: Simulated
) -> None:
    matter.do("check", "wang")
    clock.set(one(matter, Clock.PROMISED).due_at - timedelta(seconds=1))
    assert not tick(matter, "note_expiry", Clock.PROMISED)
    clock.advance(seconds=1)
    assert tick(matter, "note_expiry", Clock.PROMISED)
    assert not tick(matter, "note_expiry", Clock.PROMISED)
    persons = matter.office.persons
    assert {persons["wang"], persons["zhao"], persons["sun"]} <= told(matter, "period_over")
    with matter.database.reading() as db:
        (line,) = reads.late_cases(db, at=clock.now())
        assert (line.case_id, line.kind) == (matter.case_id, Clock.PROMISED)
        assert reads.clocks_expired(db, at=clock.now()) == ()
    clock.advance(days=30)
    assert tick(matter, "note_expiry", Clock.STATUTORY)
    with pytest.raises(rules.PeriodOver):
        act(matter, "extend_period", "zhou", amount=5, reason="Too late")
    with pytest.raises(rules.PeriodOver):
        act(matter, "stop_clock", ground="hearing", words="Too late")


DEEMED = 'officium:statutory="P10D" officium:workingTime="true" officium:expiry="granted" officium:decidedBy="decide"'


def test_silence_grants_only_once_a_person_has_confirmed_it_with_an_alarm_before(
    database: Database, office: SmallOffice, clock: Simulated
) -> None:
    matter = begun(database, office, DEEMED)
    clock.set(datetime(2026, 3, 9, 2, tzinfo=UTC))  # Monday in the week after: five working days before the 16th
    with database.reading() as db:
        assert reads.clocks_to_warn(db, at=clock.now()) == ((matter.case_id, KIND_NUMBERS[Clock.STATUTORY]),)
    assert tick(matter, "warn_of_expiry", Clock.STATUTORY)
    assert not tick(matter, "warn_of_expiry", Clock.STATUTORY)
    assert matter.office.persons["sun"] in told(matter, "period_ends")
    clock.set(one(matter, Clock.STATUTORY).due_at)
    with pytest.raises(rules.NotOver):
        act(matter, "confirm_expiry", "sun", kind=1, agree=True, words="Not noted yet")
    assert tick(matter, "note_expiry", Clock.STATUTORY)
    assert one(matter, Clock.STATUTORY).to_confirm
    with pytest.raises(rules.NotYoursToConfirm):
        act(matter, "confirm_expiry", "wang", kind=1, agree=True, words="Granted")
    with database.reading() as db:
        assert [line.case_id for line in reads.unsettled_cases(db)] == [matter.case_id]
    act(matter, "confirm_expiry", "sun", kind=1, agree=True, words="No decision was sent in time")
    settled = one(matter, Clock.STATUTORY)
    assert (settled.to_confirm, settled.confirmed, settled.ended_at) == (False, True, clock.now())
    with pytest.raises(rules.NotOver):
        act(matter, "confirm_expiry", "sun", kind=1, agree=False, words="Twice")
    assert acts_of(matter)[-3:] == ["warn_of_expiry", "note_expiry", "confirm_expiry"]


def test_what_silence_would_have_granted_is_set_aside_with_a_reason(
    database: Database, office: SmallOffice, clock: Simulated
) -> None:
    matter = begun(database, office, DEEMED)
    clock.advance(days=20)
    assert tick(matter, "note_expiry", Clock.STATUTORY)
    with pytest.raises(case_rules.ReasonMissing):
        act(matter, "confirm_expiry", "sun", kind=1, agree=False, words="")
    act(matter, "confirm_expiry", "sun", kind=1, agree=False, words="The refusal was sent on the last day")
    aside = one(matter, Clock.STATUTORY)
    assert (aside.confirmed, aside.ended_at, aside.late) == (False, None, True)


def test_it_ends_when_it_is_decided_and_delivering_begins(matter: Matter, clock: Simulated) -> None:
    for element in ("check", "ask", "await", "review"):
        matter.do(element, "wang")
        clock.advance(hours=1)
    matter.do("decide", "wang")
    assert {each.kind for each in time_of(matter).running} == {Clock.DELIVERY}
    matter.do("deliver", "wang")
    assert time_of(matter).running == ()
    assert matter.row.period_due is None


def test_what_held_the_clock_holds_it_no_longer_once_it_is_decided(matter: Matter, clock: Simulated) -> None:
    for element in ("check", "ask", "await", "review"):
        matter.do(element, "wang")
    act(matter, "stop_clock", ground="hearing", words="A hearing")
    clock.advance(days=1)
    matter.do("decide", "wang")
    time = time_of(matter)
    assert [each.end_at for each in time.stops if each.end_at is None] == []
    assert not time.standing
    assert matter.row.clock_stops is None
    with matter.database.reading() as db:
        assert not reads.is_standing(db, matter.case_id, clock.now())
    matter.act("withdraw", "wang", number=matter.closed("decide"))
    assert not one(matter, Clock.STATUTORY).standing


def test_a_decision_that_is_taken_back_has_not_been_made(matter: Matter, clock: Simulated) -> None:
    for element in ("check", "ask", "await", "review", "decide"):
        matter.do(element, "wang")
    matter.act("withdraw", "wang", number=matter.closed("decide"))
    assert {each.kind for each in time_of(matter).running} == {Clock.STATUTORY, Clock.PROMISED}
    matter.do("decide", "wang")
    assert {each.kind for each in time_of(matter).running} == {Clock.DELIVERY}


def test_a_cancelled_case_has_no_clock_that_runs_or_stands(matter: Matter, clock: Simulated) -> None:
    act(matter, "stop_clock", ground="hearing", words="A hearing")
    matter.act("cancel_case", "zhou", reason="Withdrawn by the applicant")
    assert time_of(matter).running == ()
    assert matter.rows(stops, stops.c.end_at.is_(None)) == []
    with pytest.raises(case_rules.CaseEnded):
        act(matter, "stop_clock", ground="hearing", words="Too late")
    assert not tick(matter, "note_expiry", Clock.PROMISED)


def test_after_a_calendar_has_changed_what_runs_is_counted_anew_once_and_on_the_record(
    matter: Matter, clock: Simulated
) -> None:
    with matter.database.writing() as db:
        db.execute(update(clocks).values(due_at=clock.now(), counted_by=7))
        db.execute(update(offices).values(calendars_version=8))
    with matter.database.writing() as db:
        assert reads.clocks_to_recompute(db) == (matter.case_id,)
        assert acts.recompute(db) == 1
        assert reads.clocks_to_recompute(db) == ()
        assert acts.recompute(db) == 0
    assert due_day(matter, Clock.PROMISED) == date(2026, 3, 23)
    assert acts_of(matter).count("recompute_clocks") == 1
    with matter.database.writing() as db:
        db.execute(update(offices).values(calendars_version=9))
        assert acts.recompute(db) == 1
    assert acts_of(matter).count("recompute_clocks") == 1, "nothing moved: there is nothing to tell"


def test_it_is_explained_line_by_line_in_both_languages(matter: Matter, clock: Simulated) -> None:
    for element in ("check", "ask"):
        matter.do(element, "wang")
    clock.advance(days=2)
    statutory = one(matter, Clock.STATUTORY)
    english = [line.say("en") for line in statutory.because]
    chinese = [line.say("zh") for line in statutory.because]
    assert english[0].startswith("Statutory period: 20 working days, counted from “Check the papers”.")
    assert any("The clock has stood since 2 March 2026: the applicant supplies" in line for line in english)
    assert any("申请人补正材料" in line for line in chinese)
    assert any("article 42" in line.say("en") for line in statutory.cites)
    assert statutory.confirm is not None
    assert not any("{" in line for line in (*english, *chinese))


def test_what_has_no_period_pays_nothing_and_tells_nothing(database: Database, office: SmallOffice) -> None:
    matter = Matter.begun(database, office, source=drawn(""), owners={"process:procedure": "clerk"})
    assert matter.rows(clocks) == []
    with database.reading() as db:
        assert clocks_of(db, matter.case_id) == ()
        assert not reads.is_standing(db, matter.case_id, BEGINNING)
    with pytest.raises(rules.NoClockRuns):
        act(matter, "stop_clock", "li", ground="hearing", words="There is none")
    with counting(database) as counted, database.writing() as db:
        case_acts.complete_task(db, by=office.actor(db, "li"), case_id=matter.case_id, number=1, submitted={})
    assert not [one for one in counted.statements if "case_clock" in one]


def test_a_period_costs_a_row_more_at_the_start_and_little_later(matter: Matter, database: Database) -> None:
    costs = {}
    for element in ("check", "ask", "await", "review"):
        with counting(database) as counted:
            matter.do(element, "wang")
        costs[element] = len([one for one in counted.statements if "case_clock" in one])
    # One begins; one stops and one goes on, each with two clocks to count anew, and tells what that gives back to the
    # steps beside it; one opens what decides.
    most = {"check": 4, "ask": 7, "await": 6, "review": 1}
    assert all(costs[element] <= most[element] for element in most), costs
