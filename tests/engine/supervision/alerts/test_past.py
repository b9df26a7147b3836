"""What stood open on days past is what was told of it on those days."""

from __future__ import annotations

from datetime import datetime, time, timedelta
from random import Random

import pytest

from engine.base.database import Database
from engine.supervision.alerts import past
from engine.supervision.alerts.measuring import NOW, stood_on, value
from engine.supervision.alerts.reads import preview
from engine.supervision.alerts.rules import Alert, Kind
from engine.supervision.figures.folding import fold_all
from tests.builders import SmallOffice
from tests.conftest import Clock
from tests.engine.supervision.figures.keeping_histories import BESIDE, DOINGS, SOURCE, ZONE, History
from tests.worlds import in_force

DAYS = 6


def test_every_figure_of_this_moment_is_told_of_the_end_of_each_day_as_it_was_then(
    database: Database, office: SmallOffice, clock: Clock, monkeypatch: pytest.MonkeyPatch
) -> None:
    with database.writing() as db:
        procedure_id = in_force(db, office, SOURCE, beside=BESIDE, prefix="PA")
    history, dice = History(database, office, clock, procedure_id), Random(7)
    for number in range(6):
        history.do("start", number, 0, 3)
    alerts = {
        figure: Alert(figure, figure, Kind.ABOVE, 0.5, 0, procedure_id, "receive" if figure == "used_median" else None)
        for figure in sorted(NOW)
    }
    told = {}
    for _day in range(DAYS):
        for _doing in range(14):
            history.do(dice.choice(DOINGS[:-2]), dice.randrange(99), dice.randrange(99), dice.choice((0, 5, 30)))
        on = clock.moment.astimezone(ZONE).date()
        clock.moment = datetime.combine(on + timedelta(days=1), time.min, ZONE)
        fold_all(database)
        with database.reading() as db:
            zhou = office.actor(db, "zhou")
            for figure, alert in alerts.items():
                told[figure, on] = value(db, actor=zhou, alert=alert, now=clock.moment).value
        clock.advance(hours=9)
    days = sorted({on for _figure, on in told}, reverse=True)
    with database.reading() as db:
        zhou = office.actor(db, "zhou")
        found = {
            (figure, day): one.value
            for figure, alert in alerts.items()
            for day, one in stood_on(db, actor=zhou, alert=alert, days=days).items()
        }
        assert found == told
        assert len({told["now.open", day] for day in days}) > 1
        assert preview(db, actor=zhou, alert=alerts["now.open"], now=clock.moment).fired == 1
        monkeypatch.setattr(past, "MOST", 1)
        assert preview(db, actor=zhou, alert=alerts["now.open"], now=clock.moment).fired is None
