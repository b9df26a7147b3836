"""What is said of a bottleneck never says how long few worked: whoever reads it, and whoever reads the report of the week."""

from __future__ import annotations

from datetime import timedelta

import pytest

from engine.base.database import Database
from engine.cases import acts
from engine.organisation import acts as organisation
from engine.supervision.bottlenecks import reads
from engine.supervision.bottlenecks.rules import Standing
from engine.supervision.figures import acts as figure_acts
from tests.builders import FROM_DAY, SmallOffice
from tests.conftest import Clock
from tests.engine.supervision.cards.scene import OVER
from tests.worlds import begun, in_force

HAD, WORKED = timedelta(minutes=12), timedelta(minutes=7)


@pytest.mark.parametrize(("holders", "told"), [(2, HAD), (4, HAD), (5, WORKED)])
def test_where_few_work_it_is_told_how_long_somebody_had_it(
    database: Database,
    office: SmallOffice,
    clock: Clock,
    monkeypatch: pytest.MonkeyPatch,
    holders: int,
    told: timedelta,
) -> None:
    with database.writing() as db:
        procedure_id = in_force(db, office, OVER)
        figure_acts.allow_people(db, by=office.actor(db, "guo"), allowed=True, reason="Agreed with the staff.")
        for one in range(holders - 2):
            person_id = organisation.add_person(db, by=None, login=f"clerk{one}", name_en=f"Clerk {one}", name_zh="员")
            organisation.give_post(db, by=None, person_id=person_id, post_id=office.posts["clerk"], from_day=FROM_DAY)
        for case_id in [begun(db, office, procedure_id).case_id for _one in range(6)]:
            li = office.actor(db, "li")
            acts.claim(db, by=li, case_id=case_id, number=1)
            clock.advance(minutes=5)
            acts.begin_work(db, by=li, case_id=case_id, number=1)
            clock.advance(minutes=7)
            acts.complete_task(db, by=li, case_id=case_id, number=1, submitted={})
    looked: list[Standing] = []

    def rank(found: list[Standing], **_more: float) -> tuple[()]:
        looked.extend(found)
        return ()

    monkeypatch.setattr(reads, "rank", rank)
    with database.reading() as db:
        reads.bottlenecks(db, actor=office.actor(db, "zhou"), now=clock.now())
    (asked,) = [one for one in looked if one.element == "ask"]
    assert asked.worked is not None
    assert asked.worked * timedelta(hours=8) == pytest.approx(told, abs=timedelta(seconds=1))
