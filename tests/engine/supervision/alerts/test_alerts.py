"""An alert is looked at by itself, told once to whose it is, and never to somebody who may not see its figure."""

from __future__ import annotations

from dataclasses import replace

import pytest
from sqlalchemy import select

from engine.base.database import Database
from engine.base.errors import NotAllowed, NotFound
from engine.cases import acts as case_acts
from engine.notices import acts as notice_acts
from engine.notices.tables import deliveries, notices
from engine.organisation import acts as organisation
from engine.organisation.tables import holdings
from engine.supervision.alerts import acts, reads, rules
from engine.supervision.alerts.kept import fitted
from engine.supervision.alerts.rules import Alert, Kind
from engine.supervision.alerts.tables import alert_firings
from tests.builders import SmallOffice
from tests.conftest import Clock
from tests.worlds import begun, in_force
from web.working.kinds import always
from web.working.watching import look_at_alerts

QUEUE = Alert("The queue", "now.waiting", Kind.ABOVE, 1, 0)


@pytest.fixture
def procedure_id(database: Database, office: SmallOffice, clock: Clock) -> int:
    with database.writing() as db:
        return in_force(db, office)


def _begin(database: Database, office: SmallOffice, procedure_id: int, count: int) -> list[int]:
    with database.writing() as db:
        return [begun(db, office, procedure_id).case_id for _one in range(count)]


def _make(database: Database, office: SmallOffice, alert: Alert = QUEUE, by: str = "zhou") -> int:
    with database.writing() as db:
        return acts.make_alert(db, by=office.actor(db, by), alert=alert)


def _kinds(database: Database, office: SmallOffice, login: str) -> list[str]:
    with database.reading() as db:
        mine = notices.c.person_id == office.persons[login]
        return [kind for kind in db.scalars(select(notices.c.kind).where(mine)) if kind.startswith("alert")]


def test_it_is_told_once_and_again_after_it_has_recovered(
    database: Database, office: SmallOffice, procedure_id: int, clock: Clock
) -> None:
    cases = _begin(database, office, procedure_id, 2)
    alert_id = _make(database, office)
    assert _make(database, office) == alert_id  # sent twice
    assert look_at_alerts(database, always) == 1
    assert look_at_alerts(database, always) == 0  # not due again yet
    for _time in range(3):
        clock.advance(minutes=6)
        assert look_at_alerts(database, always) == 1
    assert _kinds(database, office, "zhou") == ["alert_fired"]
    with database.writing() as db:
        for one in cases:
            case_acts.claim(db, by=office.actor(db, "li"), case_id=one, number=1)
    clock.advance(minutes=6)
    look_at_alerts(database, always)
    _begin(database, office, procedure_id, 2)
    clock.advance(minutes=6)
    look_at_alerts(database, always)
    assert _kinds(database, office, "zhou") == ["alert_fired", "alert_fired"]
    with database.reading() as db:
        (line,) = reads.my_alerts(db, actor=office.actor(db, "zhou"))
        assert (line.alert_id, line.value, line.fired) == (alert_id, 2.0, 2)
        recovered = db.scalars(select(alert_firings.c.recovered_at).order_by(alert_firings.c.at)).all()
        assert [one is None for one in recovered] == [False, True]


def test_paused_it_is_not_looked_at(database: Database, office: SmallOffice, procedure_id: int) -> None:
    _begin(database, office, procedure_id, 2)
    alert_id = _make(database, office)
    with database.writing() as db:
        acts.pause_alert(db, by=office.actor(db, "zhou"), alert_id=alert_id)
    assert look_at_alerts(database, always) == 0
    with database.writing() as db:
        acts.resume_alert(db, by=office.actor(db, "zhou"), alert_id=alert_id)
    assert look_at_alerts(database, always) == 1
    with database.writing() as db:
        acts.remove_alert(db, by=office.actor(db, "zhou"), alert_id=alert_id)
        assert reads.my_alerts(db, actor=office.actor(db, "zhou")) == ()
        with pytest.raises(NotFound):
            acts.change_alert(db, by=office.actor(db, "zhou"), alert_id=alert_id, alert=QUEUE)


def test_whoever_lost_the_post_is_told_no_figure_any_more(
    database: Database, office: SmallOffice, procedure_id: int, clock: Clock
) -> None:
    _begin(database, office, procedure_id, 2)
    _make(database, office, by="sun")
    with database.writing() as db:
        held = db.scalar(select(holdings.c.id).where(holdings.c.person_id == office.persons["sun"]))
        organisation.end_holding(db, by=None, holding_id=held or 0)
    clock.advance(days=1)
    look_at_alerts(database, always)
    assert _kinds(database, office, "sun") == ["alert_paused"]
    clock.advance(days=1)
    assert look_at_alerts(database, always) == 0


def test_nobody_else_sees_or_changes_it(database: Database, office: SmallOffice, procedure_id: int) -> None:
    alert_id = _make(database, office)
    with database.writing() as db:
        assert reads.my_alerts(db, actor=office.actor(db, "sun")) == ()
        with pytest.raises(NotFound):
            acts.remove_alert(db, by=office.actor(db, "sun"), alert_id=alert_id)
        with pytest.raises(NotAllowed):
            acts.make_alert(db, by=office.actor(db, "li"), alert=QUEUE)
        counter = replace(QUEUE, department_id=office.departments["counter"])
        with pytest.raises(rules.NotYourDepartment):
            acts.make_alert(db, by=office.actor(db, "sun"), alert=counter)


def test_a_place_that_can_never_hold_the_figure_is_refused(
    database: Database, office: SmallOffice, procedure_id: int
) -> None:
    at_a_step = replace(QUEUE, procedure_id=procedure_id, element="receive")
    with database.writing() as db:
        zhou = office.actor(db, "zhou")
        fitted(db, by=zhou, alert=at_a_step)
        with pytest.raises(rules.AlertNeverFires, match="no such step"):
            fitted(db, by=zhou, alert=replace(at_a_step, element="nowhere"))
        with pytest.raises(rules.AlertNeverFires, match="no task of that step"):
            fitted(db, by=zhou, alert=replace(at_a_step, department_id=office.departments["review"]))


def test_a_program_is_told_instead_where_that_is_wanted(
    database: Database, office: SmallOffice, procedure_id: int
) -> None:
    _begin(database, office, procedure_id, 2)
    with database.writing() as db:
        notice_acts.add_webhook(db, by=office.actor(db, "guo"), url="https://program.example/hook")
    _make(database, office, replace(QUEUE, webhook_id=1))
    look_at_alerts(database, always)
    with database.reading() as db:
        (sent,) = db.execute(select(deliveries)).all()
        assert (sent.webhook_id, sent.person_id) == (1, None)
        (told,) = db.execute(select(notices).where(notices.c.kind == "alert_fired")).all()
        assert told.read_at is not None
        assert told.sort_at is None  # it goes nowhere else
    with database.writing() as db, pytest.raises(rules.WebhookGone):
        acts.make_alert(db, by=office.actor(db, "zhou"), alert=replace(QUEUE, webhook_id=7))


def test_tried_out_it_tells_its_value_and_how_often_it_would_have_rung(
    database: Database, office: SmallOffice, procedure_id: int, clock: Clock
) -> None:
    arrivals = Alert("Arrivals", "arrived", Kind.ABOVE, 1, 1, procedure_id=procedure_id)
    _begin(database, office, procedure_id, 2)
    clock.advance(days=2)
    _begin(database, office, procedure_id, 2)
    clock.advance(days=3)
    with database.reading() as db:
        zhou = office.actor(db, "zhou")
        found = reads.preview(db, actor=zhou, alert=fitted(db, by=zhou, alert=arrivals), now=clock.now())
        assert (found.now.value, found.fired) == (0.0, 2)
        assert reads.preview(db, actor=zhou, alert=QUEUE, now=clock.now()).fired == 1
