"""Claim, release, begin, pause, resume: what each leaves behind, and who may."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime
from typing import Any

import pytest
from sqlalchemy import Connection, select

from engine.base.database import Database
from engine.base.errors import NotFound, Refusal
from engine.cases import acts, inbox, rules
from engine.cases.rules import Change
from engine.cases.tables import task_events, tasks, timers
from engine.organisation import acts as organisation
from engine.organisation.reads import all_persons
from engine.records.journal import entries
from engine.records.verify import first_broken
from tests.builders import SmallOffice
from tests.conftest import BEGINNING, Clock
from tests.diagram_text import END, START, process, step, way
from tests.worlds import begun, every_head, in_force

ALONE = {"process:procedure": "clerk"}
OUTSIDE = process(
    START + step("hear", "Hear the neighbours", 'officium:external="true" officium:standardTime="P3D"') + step("close")
    + '<boundaryEvent id="late" attachedToRef="hear"><timerEventDefinition><timeDuration>P10D</timeDuration>'
    + "</timerEventDefinition></boundaryEvent>"
    + END + way("start", "hear", "close", "end") + way("late", "close")
)  # fmt: skip

Act = Callable[..., object]


def events(db: Connection, case_id: int, number: int) -> list[tuple[Any, ...]]:
    rows = db.execute(
        select(
            task_events.c.number, task_events.c.change, task_events.c.at, task_events.c.person_id,
            task_events.c.post_id, task_events.c.department_id, task_events.c.external,
        )
        .where(task_events.c.case_id == case_id, task_events.c.task_number == number)
        .order_by(task_events.c.number)
    )  # fmt: skip
    return [tuple(row) for row in rows]


def _row(db: Connection, case_id: int, number: int) -> Any:
    return db.execute(select(tasks).where(tasks.c.case_id == case_id, tasks.c.number == number)).one()


@pytest.fixture
def case_id(database: Database, office: SmallOffice) -> int:
    with database.writing() as db:
        return begun(db, office, in_force(db, office)).case_id


def test_every_change_of_a_task_is_one_row_with_who_where_and_when(
    database: Database, office: SmallOffice, clock: Clock, case_id: int
) -> None:
    li, chen = office.persons["li"], office.persons["chen"]
    told: list[tuple[int, Change, datetime, int | None]] = [(1, Change.OFFERED, BEGINNING, None)]
    steps: tuple[tuple[str, Act, Change], ...] = (
        ("li", acts.claim, Change.CLAIMED),
        ("li", acts.release, Change.RELEASED),
        ("chen", acts.claim, Change.CLAIMED),
        ("chen", acts.begin_work, Change.BEGUN),
        ("chen", acts.pause_work, Change.PAUSED),
        ("chen", acts.resume_work, Change.RESUMED),
    )
    for login, act, change in steps:
        at = clock.advance(minutes=10)
        with database.writing() as db:
            act(db, by=office.actor(db, login), case_id=case_id, number=1)
        told.append((len(told) + 1, change, at, {"li": li, "chen": chen}[login]))
    at = clock.advance(minutes=10)
    with database.writing() as db:
        acts.complete_task(
            db, by=office.actor(db, "chen"), case_id=case_id, number=1,
            submitted={"plot": ["C-1"]}, chosen={"complete": ["complete_to_split"]},
        )  # fmt: skip
    told.append((len(told) + 1, Change.COMPLETED, at, chen))
    where = (office.posts["clerk"], office.departments["counter"], False)
    with database.reading() as db:
        assert events(db, case_id, 1) == [(*one, *where) for one in told]
        assert _row(db, case_id, 1).changes == len(told)
        bureau = (office.posts["reviewer"], office.departments["review"], False)
        assert events(db, case_id, 2) == [(1, Change.OFFERED, at, None, *bureau)]
        assert [one.act for one in entries(db, case_id)] == [
            "start_case", "claim", "release", "claim", "begun_work", "paused_work", "resumed_work", "complete_task",
        ]  # fmt: skip
        assert first_broken(db, every_head(db)) is None


def test_waiting_for_somebody_outside_is_noted_with_every_change(
    database: Database, office: SmallOffice, clock: Clock
) -> None:
    with database.writing() as db:
        case_id = begun(db, office, in_force(db, office, OUTSIDE, owners=ALONE)).case_id
        for act in (acts.claim, acts.begin_work, acts.pause_work, acts.resume_work, acts.release, acts.claim):
            act(db, by=office.actor(db, "li"), case_id=case_id, number=1)
    clock.advance(days=10)
    with database.writing() as db:
        (token,) = db.scalars(_timer_tokens(case_id))
        assert acts.fire_timer(db, case_id=case_id, token=token)
    with database.reading() as db:
        noted = events(db, case_id, 1)
        assert noted[-1][1:4] == (Change.CANCELLED, clock.now(), office.persons["li"])
        assert [one[-1] for one in noted] == [True] * 8
        assert [one[-1] for one in events(db, case_id, 2)] == [False]
        assert _row(db, case_id, 1).closed_how == rules.Closed.CANCELLED
        assert _row(db, case_id, 1).changes == 8


def _timer_tokens(case_id: int) -> Any:
    return select(timers.c.token).where(timers.c.case_id == case_id, timers.c.closed_at.is_(None))


def test_claiming_takes_a_task_off_everybody_elses_desk(
    database: Database, office: SmallOffice, clock: Clock, case_id: int
) -> None:
    at = clock.advance(hours=1)
    with database.writing() as db:
        acts.claim(db, by=office.actor(db, "li"), case_id=case_id, number=1)
    with database.reading() as db:
        assert (_row(db, case_id, 1).person_id, _row(db, case_id, 1).claimed_at) == (office.persons["li"], at)
        assert [one.mine for one in inbox.inbox(db, actor=office.actor(db, "li"))] == [True]
        assert inbox.inbox(db, actor=office.actor(db, "chen")) == ()


def test_claiming_ones_own_task_again_does_nothing(
    database: Database, office: SmallOffice, clock: Clock, case_id: int
) -> None:
    at = clock.now()
    for _ in range(2):
        with database.writing() as db:
            acts.claim(db, by=office.actor(db, "li"), case_id=case_id, number=1)
        clock.advance(hours=1)
    with database.reading() as db:
        assert [one[1] for one in events(db, case_id, 1)] == [Change.OFFERED, Change.CLAIMED]
        assert _row(db, case_id, 1).claimed_at == at
        assert len(entries(db, case_id)) == 2


@pytest.mark.parametrize("act", [acts.claim, acts.complete_task])
def test_whoever_comes_second_is_told_who_claimed_it_and_when(
    database: Database, office: SmallOffice, clock: Clock, case_id: int, act: Act
) -> None:
    at = clock.advance(minutes=5)
    with database.writing() as db:
        acts.claim(db, by=office.actor(db, "li"), case_id=case_id, number=1)
    clock.advance(minutes=5)
    more: dict[str, Any] = {"submitted": {}} if act is acts.complete_task else {}
    with database.writing() as db, pytest.raises(rules.ClaimedBySomebody) as refused:
        act(db, by=office.actor(db, "chen"), case_id=case_id, number=1, **more)
    assert refused.value.facts["at"] == at
    assert "Li Ming" in refused.value.say("en")
    assert "李明" in refused.value.say("zh")


def test_a_released_task_is_everybodys_again(database: Database, office: SmallOffice, case_id: int) -> None:
    with database.writing() as db:
        acts.claim(db, by=office.actor(db, "li"), case_id=case_id, number=1)
        acts.release(db, by=office.actor(db, "li"), case_id=case_id, number=1)
        assert (_row(db, case_id, 1).person_id, _row(db, case_id, 1).claimed_at) == (None, None)
        acts.claim(db, by=office.actor(db, "chen"), case_id=case_id, number=1)


@pytest.mark.parametrize("act", [acts.release, acts.begin_work, acts.pause_work, acts.resume_work])
def test_what_is_not_claimed_by_me_i_cannot_release_or_work_on(
    database: Database, office: SmallOffice, case_id: int, act: Act
) -> None:
    with database.writing() as db, pytest.raises(rules.NotClaimedByYou):
        act(db, by=office.actor(db, "li"), case_id=case_id, number=1)
    with database.writing() as db:
        acts.claim(db, by=office.actor(db, "chen"), case_id=case_id, number=1)
    with database.writing() as db, pytest.raises(rules.NotClaimedByYou):
        act(db, by=office.actor(db, "li"), case_id=case_id, number=1)


WORK = {"begin": acts.begin_work, "pause": acts.pause_work, "resume": acts.resume_work}


@pytest.mark.parametrize(
    ("before", "allowed"),
    [
        ((), {"begin"}),
        (("begin",), {"pause"}),
        (("begin", "pause"), {"resume"}),
        (("begin", "pause", "resume"), {"pause"}),
        (("begin", "pause", "resume", "pause"), {"resume"}),
    ],
)
def test_work_is_begun_once_then_paused_and_resumed_in_turn(
    database: Database, office: SmallOffice, case_id: int, before: tuple[str, ...], allowed: set[str]
) -> None:
    with database.writing() as db:
        by = office.actor(db, "li")
        acts.claim(db, by=by, case_id=case_id, number=1)
        for name in before:
            WORK[name](db, by=by, case_id=case_id, number=1)
    for name, act in WORK.items():
        if name in allowed:
            continue
        with pytest.raises(rules.WorkNotPossible), database.writing() as db:
            act(db, by=office.actor(db, "li"), case_id=case_id, number=1)
    for name in allowed:
        with database.writing() as db:
            WORK[name](db, by=office.actor(db, "li"), case_id=case_id, number=1)


@pytest.mark.parametrize("act", [acts.claim, acts.complete_task])
def test_a_task_of_another_post_is_refused_by_the_posts_name(
    database: Database, office: SmallOffice, case_id: int, act: Act
) -> None:
    more: dict[str, Any] = {"submitted": {"plot": ["C-1"]}} if act is acts.complete_task else {}
    for login in ("wang", "zhou", "he"):
        with database.writing() as db, pytest.raises(rules.WrongPost) as refused:
            act(db, by=office.actor(db, login), case_id=case_id, number=1, **more)
        assert "Counter clerk" in refused.value.say("en")
        assert "窗口受理岗" in refused.value.say("zh")
    with database.reading() as db:
        assert len(events(db, case_id, 1)) == 1


def test_whoever_left_the_post_cannot_complete_but_can_give_back(
    database: Database, office: SmallOffice, clock: Clock, case_id: int
) -> None:
    with database.writing() as db:
        acts.claim(db, by=office.actor(db, "li"), case_id=case_id, number=1)
        holding = next(one for one in all_persons(db) if one.login == "li").holdings[0]
        organisation.end_holding(db, by=None, holding_id=holding.holding_id, until_day=clock.now().date())
    clock.advance(days=2)
    with database.writing() as db:
        by = office.actor(db, "li")
        assert by.post_ids == frozenset()
        with pytest.raises(rules.WrongPost):
            acts.complete_task(db, by=by, case_id=case_id, number=1, submitted={"plot": ["C-1"]})
        acts.release(db, by=by, case_id=case_id, number=1)
    with database.reading() as db:
        assert [one.number for one in inbox.inbox(db, actor=office.actor(db, "chen"))] == [1]


@pytest.mark.parametrize("act", [acts.claim, acts.release, acts.begin_work, acts.complete_task])
def test_a_task_that_is_not_there_is_not_found(database: Database, office: SmallOffice, case_id: int, act: Act) -> None:
    more: dict[str, Any] = {"submitted": {}} if act is acts.complete_task else {}
    for wrong in ({"case_id": case_id, "number": 9}, {"case_id": case_id + 1, "number": 1}):
        with database.writing() as db, pytest.raises(NotFound):
            act(db, by=office.actor(db, "li"), **wrong, **more)


def test_a_closed_task_is_neither_claimed_nor_released_nor_worked_on(
    database: Database, office: SmallOffice, case_id: int
) -> None:
    with database.writing() as db:
        acts.complete_task(
            db, by=office.actor(db, "li"), case_id=case_id, number=1,
            submitted={"plot": ["C-1"]}, chosen={"complete": ["complete_to_split"]},
        )  # fmt: skip
    acted: tuple[Act, ...] = (acts.claim, acts.release, acts.begin_work, acts.pause_work, acts.resume_work)
    for act in acted:
        with database.writing() as db, pytest.raises(rules.AlreadyCompleted):
            act(db, by=office.actor(db, "li"), case_id=case_id, number=1)


def test_a_refused_change_leaves_no_entry(database: Database, office: SmallOffice, case_id: int) -> None:
    with pytest.raises(Refusal), database.writing() as db:
        acts.begin_work(db, by=office.actor(db, "li"), case_id=case_id, number=1)
    with database.reading() as db:
        assert [one.act for one in entries(db, case_id)] == ["start_case"]
