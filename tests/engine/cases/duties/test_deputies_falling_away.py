"""A deputy leaves or hands over all work: the absence goes on, what they had begun is reachable, and somebody has to name another one."""

from __future__ import annotations

from datetime import timedelta

import pytest
from sqlalchemy import Connection, select

from engine.base.database import Database
from engine.cases import acts, reads, rules
from engine.cases.duties import acts as duties
from engine.cases.duties.planning import would_hand_over
from engine.cases.duties.reads import Kept
from engine.notices.reads import page, persons_of_post
from engine.organisation.absence import reads as absence
from engine.organisation.absence.rules import AbsenceOverlaps
from engine.organisation.tables import former_deputies
from engine.records.verify import first_broken
from tests.builders import SmallOffice
from tests.conftest import Clock
from tests.engine.cases.duties.offices import TODAY, away, proposal
from tests.worlds import every_head


def _hands_over(db: Connection, office: SmallOffice, who: str, *, leaves: bool = False) -> Kept:
    return duties.hand_over_work(db, by=office.actor(db, "guo"), person_id=office.persons[who], to={}, leaves=leaves)


def _stand_in(db: Connection, office: SmallOffice, who: str) -> list[int]:
    return [one.person_id for one in office.actor(db, who).stands_in]


def _told(db: Connection, office: SmallOffice) -> dict[str, list[str]]:
    """Kinds of what everybody was told."""
    kinds = {
        login: [one.kind for one in page(db, actor=office.actor(db, login), is_read=False)] for login in office.persons
    }
    return {login: some for login, some in kinds.items() if some}


@pytest.mark.parametrize("leaves", [True, False])
def test_the_absence_goes_on_and_what_was_begun_reaches_the_colleagues_and_the_next_deputy(
    database: Database, office: SmallOffice, leaves: bool
) -> None:
    with database.writing() as db:
        case_id = proposal(db, office)
        made = away(db, office, "li", "wang")
        acts.claim(db, by=office.actor(db, "wang"), case_id=case_id, number=1)
        kept = _hands_over(db, office, "wang", leaves=leaves)
        assert [one.id for one in kept.alone] == [made]
        assert (kept.given, kept.released) == (0, 1)
        line = absence.absence(db, made)
        assert (line.now, line.closed, line.deputy, line.back_on) == (True, False, None, None)
        assert _stand_in(db, office, "wang") == []
        assert persons_of_post(db, office.posts["clerk"]) == {office.persons["li"], office.persons["chen"]}
        assert reads.task(db, actor=office.actor(db, "chen"), case_id=case_id, number=1).may_work
        duties.change_absence(
            db, by=office.actor(db, "zhou"), absence_id=made, deputy_id=office.persons["zhao"],
            until_day=line.until_day, goes_back=True,
        )  # fmt: skip
        assert _stand_in(db, office, "zhao") == [office.persons["li"]]
        acts.claim(db, by=office.actor(db, "zhao"), case_id=case_id, number=1)
        told = reads.case(db, actor=office.actor(db, "zhou"), case_id=case_id)
        assert [one.act for one in told.record].count("hand_over_work") == 1
        assert "come_back" not in {one.act for one in told.record}
        assert first_broken(db, every_head(db)) is None


def test_what_was_begun_goes_to_the_successor_as_it_was_shown_before(database: Database, office: SmallOffice) -> None:
    with database.writing() as db:
        case_id = proposal(db, office)
        away(db, office, "li", "wang")
        acts.claim(db, by=office.actor(db, "wang"), case_id=case_id, number=1)
        guo, to = office.actor(db, "guo"), {office.posts["clerk"]: office.persons["chen"]}
        shown = would_hand_over(db, actor=guo, person_id=office.persons["wang"], to=to)
        assert [(one.task.case_id, one.successor and one.successor.en) for one in shown.tasks] == [
            (case_id, "Chen Yan")
        ]
        assert [one.person.en for one in shown.alone] == ["Li Ming"]
        kept = duties.hand_over_work(db, by=guo, person_id=office.persons["wang"], to=to, leaves=False)
        assert (kept.given, kept.released) == (1, 0)
        acts.complete_task(db, by=office.actor(db, "chen"), case_id=case_id, number=1, submitted={})
        done = reads.case(db, actor=office.actor(db, "zhou"), case_id=case_id)
        assert done.tasks[0].on_behalf is None, "it was done in Chen's own name"


def test_another_deputy_named_in_time_is_no_return(database: Database, office: SmallOffice) -> None:
    with database.writing() as db:
        case_id = proposal(db, office)
        made = away(db, office, "li", "wang")
        acts.claim(db, by=office.actor(db, "wang"), case_id=case_id, number=1)
        duties.change_absence(
            db, by=office.actor(db, "li"), absence_id=made, deputy_id=office.persons["zhao"],
            until_day=TODAY + timedelta(days=4), goes_back=True,
        )  # fmt: skip
        told = [one.act for one in reads.case(db, actor=office.actor(db, "zhou"), case_id=case_id).record]
        assert ("drop_deputy" in told, "come_back" in told) == (True, False)


def test_whoever_is_away_and_whoever_plans_for_them_is_told_once(database: Database, office: SmallOffice) -> None:
    with database.writing() as db:
        away(db, office, "wang", "li")
        _hands_over(db, office, "li", leaves=True)
        assert _told(db, office) == {"wang": ["deputy_dropped"], "sun": ["nobody_stands_in"]}
        (notice,) = page(db, actor=office.actor(db, "sun"), is_read=False)
        assert notice.sentence.en == (
            "Li Ming no longer stands in for Wang Lei, absent from 2026-03-02 to 2026-03-06. Name somebody else; until "
            "then nobody stands in."
        )
        assert "王磊（外出：2026-03-02 至 2026-03-06）" in notice.sentence.zh


def test_where_the_nearest_supervisor_is_away_too_the_next_one_above_is_told(
    database: Database, office: SmallOffice
) -> None:
    with database.writing() as db:
        away(db, office, "sun", "zhao")
        away(db, office, "wang", "li")
        _hands_over(db, office, "li")
        assert _told(db, office) == {
            "wang": ["deputy_dropped"], "sun": ["nobody_stands_in"], "zhou": ["nobody_stands_in"],
        }  # fmt: skip


def test_where_no_supervisor_is_there_administrators_are_told(database: Database, office: SmallOffice) -> None:
    with database.writing() as db:
        away(db, office, "chen", "li")
        _hands_over(db, office, "zhou", leaves=True)
        _hands_over(db, office, "li")
        assert _told(db, office) == {"chen": ["deputy_dropped"], "guo": ["nobody_stands_in"]}


def test_an_absence_to_come_stays_planned(database: Database, office: SmallOffice, clock: Clock) -> None:
    with database.writing() as db:
        clock.advance(days=-1)
        to_come = away(db, office, "li", "wang", days=8)
        _hands_over(db, office, "wang", leaves=True)
        line = absence.absence(db, to_come)
        assert (line.coming, line.deputy) == (True, None)
        assert db.execute(select(former_deputies)).all() == []


def test_another_absence_for_the_same_days_is_refused_in_words(database: Database, office: SmallOffice) -> None:
    with database.writing() as db:
        away(db, office, "li", "wang")
        _hands_over(db, office, "wang")
        with pytest.raises(AbsenceOverlaps) as refused:
            away(db, office, "li", "chen")
    assert "with nobody to stand in." in refused.value.say("en")
    assert "代理人暂缺" in refused.value.say("zh")


def test_without_a_deputy_it_ends_like_any_other(database: Database, office: SmallOffice, clock: Clock) -> None:
    with database.writing() as db:
        early, late = away(db, office, "li", "wang"), away(db, office, "chen", "wang")
        _hands_over(db, office, "wang")
        clock.advance(days=2)
        assert duties.end_absence(db, by=office.actor(db, "li"), absence_id=early) == 0
        assert absence.absence(db, early).back_on == TODAY + timedelta(days=2)
        clock.advance(days=3)
        assert duties.absence_over(db, absence_id=late)
        assert absence.absence(db, late).back_on is None
        assert first_broken(db, every_head(db)) is None


def test_whoever_hands_over_while_away_keeps_their_deputy(database: Database, office: SmallOffice) -> None:
    with database.writing() as db:
        case_id = proposal(db, office)
        away(db, office, "li", "wang")
        acts.claim(db, by=office.actor(db, "wang"), case_id=case_id, number=1)
        before = would_hand_over(db, actor=office.actor(db, "guo"), person_id=office.persons["li"], to={})
        assert (len(before.alone), len(before.absences)) == (0, 1)
        assert _hands_over(db, office, "li").alone == ()
        assert _stand_in(db, office, "wang") == [office.persons["li"]]
        acts.complete_task(db, by=office.actor(db, "wang"), case_id=case_id, number=1, submitted={})
        assert _told(db, office).keys() == {"li"}  # that it was done on their behalf


def test_whoever_leaves_while_away_takes_what_their_deputy_had_along_to_the_successor(
    database: Database, office: SmallOffice
) -> None:
    with database.writing() as db:
        case_id = proposal(db, office)
        made = away(db, office, "li", "wang")
        acts.claim(db, by=office.actor(db, "wang"), case_id=case_id, number=1)
        kept = duties.hand_over_work(
            db, by=office.actor(db, "guo"), person_id=office.persons["li"],
            to={office.posts["clerk"]: office.persons["chen"]},
        )  # fmt: skip
        assert kept.given == 1
        line = absence.absence(db, made)
        assert (line.closed, line.back_on) == (True, None)
        with pytest.raises(rules.WrongPost):
            acts.complete_task(db, by=office.actor(db, "wang"), case_id=case_id, number=1, submitted={})
        acts.complete_task(db, by=office.actor(db, "chen"), case_id=case_id, number=1, submitted={})


def test_two_deputies_of_one_day_leave_one_trace(database: Database, office: SmallOffice, clock: Clock) -> None:
    with database.writing() as db:
        made = away(db, office, "li", "wang")
        clock.advance(days=2)
        for deputy in ("zhao", "chen", "sun"):
            duties.change_absence(
                db, by=office.actor(db, "li"), absence_id=made, deputy_id=office.persons[deputy],
                until_day=TODAY + timedelta(days=4), goes_back=True,
            )  # fmt: skip
        _hands_over(db, office, "sun")
        assert _hands_over(db, office, "sun").alone == ()
        found = [
            (one.from_day, one.until_day, one.deputy_id)
            for one in absence.days_away(db, TODAY, TODAY + timedelta(days=9))
        ]
        assert found == [
            (TODAY, TODAY + timedelta(days=1), office.persons["wang"]),
            (TODAY + timedelta(days=2), TODAY + timedelta(days=4), None),
        ]


def test_a_deputy_who_will_be_away_too_is_told_of_and_marked_on_those_days(
    database: Database, office: SmallOffice, clock: Clock
) -> None:
    with database.writing() as db:
        made = away(db, office, "wang", "li")
        li = office.actor(db, "li")
        own = duties.plan_absence(
            db, by=li, person_id=li.person_id, deputy_id=office.persons["chen"], from_day=TODAY + timedelta(days=3),
            until_day=TODAY + timedelta(days=3),
        )  # fmt: skip
        assert _told(db, office) == {"wang": ["deputy_away"], "sun": ["deputy_away"]}
        (notice,) = page(db, actor=office.actor(db, "sun"), is_read=False)
        assert notice.sentence.en == (
            "Li Ming, who stands in for Wang Lei, is absent from 2026-03-05 to 2026-03-05 too. Name somebody else; else "
            "nobody stands in on those days."
        )
        assert absence.absence(db, made).gap == (TODAY + timedelta(days=3), TODAY + timedelta(days=3))
        duties.change_absence(
            db, by=li, absence_id=own, deputy_id=office.persons["chen"], until_day=TODAY + timedelta(days=9),
            goes_back=True,
        )  # fmt: skip
        told = page(db, actor=office.actor(db, "sun"), is_read=False)
        assert "from 2026-03-06 to 2026-03-06" in told[0].sentence.en
        assert absence.absence(db, made).gap == (TODAY + timedelta(days=3), TODAY + timedelta(days=4))
        duties.change_absence(
            db, by=li, absence_id=own, deputy_id=office.persons["chen"], until_day=TODAY + timedelta(days=8),
            goes_back=True,
        )  # fmt: skip
        assert len(page(db, actor=office.actor(db, "sun"), is_read=False)) == 2
        duties.end_absence(db, by=li, absence_id=own)
        assert not absence.absence(db, made).is_wanting


def test_days_that_do_not_meet_tell_nobody(database: Database, office: SmallOffice) -> None:
    with database.writing() as db:
        made = away(db, office, "wang", "li")
        li = office.actor(db, "li")
        duties.plan_absence(
            db, by=li, person_id=li.person_id, deputy_id=office.persons["chen"], from_day=TODAY + timedelta(days=5),
            until_day=TODAY + timedelta(days=9),
        )  # fmt: skip
        assert _told(db, office) == {}
        assert absence.absence(db, made).gap is None
