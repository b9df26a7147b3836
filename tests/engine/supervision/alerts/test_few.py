"""What was worked where few work is told by no alert to whoever may not see figures of persons."""

from __future__ import annotations

from dataclasses import replace

import pytest
from sqlalchemy import select

from engine.base.database import Database
from engine.cases import acts as case_acts
from engine.notices.tables import notices
from engine.organisation import acts as organisation
from engine.supervision.alerts import acts, reads, rules
from engine.supervision.alerts.measuring import TELLS_OF_WORK, several
from engine.supervision.alerts.rules import Alert, Kind
from engine.supervision.alerts.tables import alert_firings
from engine.supervision.figures import acts as figure_acts
from engine.supervision.figures.rules import Scope
from tests.builders import FROM_DAY, SmallOffice
from tests.conftest import Clock
from tests.engine.supervision.cards.scene import OVER
from tests.worlds import begun, in_force
from web.working.kinds import always
from web.working.watching import look_at_alerts

WORK = Alert("Work", "working", Kind.ABOVE, 60, 7, element="ask")


@pytest.fixture
def at_the_counter(database: Database, office: SmallOffice, clock: Clock) -> Alert:
    """Two hold the counter. Six were done there, each worked at for seven minutes."""
    with database.writing() as db:
        procedure_id = in_force(db, office, OVER)
        found = [begun(db, office, procedure_id).case_id for _one in range(6)]
        for case_id in found:
            li = office.actor(db, "li")
            case_acts.claim(db, by=li, case_id=case_id, number=1)
            case_acts.begin_work(db, by=li, case_id=case_id, number=1)
            clock.advance(minutes=7)
            case_acts.complete_task(db, by=li, case_id=case_id, number=1, submitted={})
    return replace(WORK, procedure_id=procedure_id)


def _allow(database: Database, office: SmallOffice, allowed: bool = True) -> None:
    with database.writing() as db:
        figure_acts.allow_people(db, by=office.actor(db, "guo"), allowed=allowed, reason="Agreed with the staff.")


def _more_clerks(database: Database, office: SmallOffice, count: int = 3) -> list[int]:
    """The holdings of so many more."""
    with database.writing() as db:
        return [
            organisation.give_post(
                db, by=None, post_id=office.posts["clerk"], from_day=FROM_DAY,
                person_id=organisation.add_person(db, by=None, login=f"clerk{one}", name_en=f"Clerk {one}", name_zh="员"),
            )
            for one in range(count)
        ]  # fmt: skip


def _look(database: Database, clock: Clock) -> None:
    clock.advance(hours=2)
    assert look_at_alerts(database, always) == 1


def _told(database: Database) -> list[str]:
    with database.reading() as db:
        return [one for one in db.scalars(select(notices.c.kind).order_by(notices.c.id)) if one.startswith("alert")]


@pytest.mark.parametrize("figure", sorted(TELLS_OF_WORK))
def test_on_the_work_of_few_none_is_set_tried_or_changed_to(
    database: Database, office: SmallOffice, at_the_counter: Alert, figure: str
) -> None:
    counter = office.departments["counter"]
    alert = replace(at_the_counter, figure=figure, threshold=0.1, department_id=counter)
    if figure == "touch_share":  # of cases: told of a department that answers for their procedure
        alert = replace(alert, element=None, procedure_id=None, department_id=office.departments["review"])
    with database.writing() as db:
        zhou = office.actor(db, "zhou")
        with pytest.raises(rules.WorkOfFew, match="Fewer than 5 people work there") as refused:
            acts.make_alert(db, by=zhou, alert=alert)
        assert "不足 5 人" in refused.value.say("zh")
        other = acts.make_alert(db, by=zhou, alert=replace(at_the_counter, figure="done"))
        with pytest.raises(rules.WorkOfFew):
            acts.change_alert(db, by=zhou, alert_id=other, alert=alert)
    _allow(database, office)
    with database.writing() as db:
        acts.make_alert(db, by=office.actor(db, "zhou"), alert=alert)


def test_where_five_work_it_is_told(
    database: Database, office: SmallOffice, at_the_counter: Alert, clock: Clock
) -> None:
    _more_clerks(database, office)
    with database.writing() as db:
        acts.make_alert(db, by=office.actor(db, "zhou"), alert=at_the_counter)
    _look(database, clock)
    assert _told(database) == ["alert_fired"]
    with database.reading() as db:
        (line,) = reads.my_alerts(db, actor=office.actor(db, "zhou"))
    assert line.value == 7 * 60


def test_one_whose_place_has_become_small_is_paused_and_tells_no_number(
    database: Database, office: SmallOffice, at_the_counter: Alert, clock: Clock
) -> None:
    more = _more_clerks(database, office)
    with database.writing() as db:
        alert_id = acts.make_alert(db, by=office.actor(db, "zhou"), alert=replace(at_the_counter, threshold=3600))
    _look(database, clock)
    with database.writing() as db:
        organisation.end_holding(db, by=None, holding_id=more[0])
    clock.advance(days=1)
    with database.reading() as db:
        (line,) = reads.my_alerts(db, actor=office.actor(db, "zhou"))
        assert line.value is None
    _look(database, clock)
    assert _told(database) == ["alert_paused"]
    with database.writing() as db:
        assert not db.scalars(select(alert_firings.c.value)).all()
        with pytest.raises(rules.WorkOfFew):
            acts.resume_alert(db, by=office.actor(db, "zhou"), alert_id=alert_id)


def test_one_whose_maker_may_no_longer_see_persons_is_paused_and_tells_no_number(
    database: Database, office: SmallOffice, at_the_counter: Alert, clock: Clock
) -> None:
    _allow(database, office)
    with database.writing() as db:
        acts.make_alert(db, by=office.actor(db, "zhou"), alert=replace(at_the_counter, threshold=3600))
    _look(database, clock)
    _allow(database, office, allowed=False)
    with database.reading() as db:
        assert [one.value for one in reads.my_alerts(db, actor=office.actor(db, "zhou"))] == [None]
    _look(database, clock)
    assert _told(database) == ["alert_paused"]


def test_of_a_larger_place_where_only_few_pressed_start_nothing_is_told(
    database: Database, office: SmallOffice, at_the_counter: Alert, clock: Clock
) -> None:
    """Two hold the counter and three review."""
    with database.writing() as db:
        rong = organisation.add_person(db, by=None, login="rong", name_en="Rong", name_zh="容")
        organisation.give_post(db, by=None, person_id=rong, post_id=office.posts["reviewer"], from_day=FROM_DAY)
        share = replace(at_the_counter, figure="touch_share", kind=Kind.BELOW, threshold=0.5, element=None)
        acts.make_alert(db, by=office.actor(db, "zhou"), alert=share)
    _look(database, clock)
    assert _told(database) == []
    today = clock.now().date()
    scope = Scope(today.replace(day=1), today, procedure_id=at_the_counter.procedure_id)
    with database.reading() as db:
        found = several(db, actor=office.actor(db, "zhou"), figures=sorted(TELLS_OF_WORK), scope=scope)
    assert {key: one.value for key, one in found.items()} == dict.fromkeys(TELLS_OF_WORK)
    _allow(database, office)
    with database.reading() as db:
        found = several(db, actor=office.actor(db, "zhou"), figures=sorted(TELLS_OF_WORK), scope=scope)
    assert None not in [one.value for one in found.values()]
