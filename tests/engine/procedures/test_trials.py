"""Trial runs are kept for whoever began them, made once each, stepped back, replayed on a new drawing, swept."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import timedelta
from typing import Any

import pytest
from sqlalchemy import Connection, Table, func, select, update

from engine.base.database import Database, metadata
from engine.base.errors import NotAllowed, NotFound
from engine.cases.tables import cases, tasks
from engine.diagram import run, trial
from engine.organisation import acts as organisation
from engine.organisation.reads import actor
from engine.organisation.rules import Actor
from engine.procedures import acts, trials
from engine.procedures.tables import editions
from engine.procedures.trials import Sent
from engine.procedures.trying import ready, who
from engine.records.tables import entries
from tests.builders import FROM_DAY, SmallOffice
from tests.conftest import Clock
from tests.diagram_text import TWO_DEPARTMENTS, TWO_DEPARTMENTS_BESIDE, process, step, way
from tests.worlds import in_force

RECEIVED = {"plot": ["12"], "area": ["20"]}
COMPLETE = {"complete": ["complete_to_split"]}


@pytest.fixture
def draft(database: Database, office: SmallOffice) -> int:
    """A draft whose lanes have no posts yet."""
    with database.writing() as db:
        by = office.actor(db, "he")
        procedure = acts.open_procedure(
            db, by=by, name="Permit", prefix="BP", department_id=office.departments["review"]
        )
        return acts.deposit(
            db, by=by, procedure_id=procedure, file="a.bpmn", source=TWO_DEPARTMENTS, attachments=TWO_DEPARTMENTS_BESIDE
        )


def begun(db: Connection, office: SmallOffice, edition_id: int) -> int:
    return trials.begin_trial(db, by=office.actor(db, "he"), edition_id=edition_id)


def page(db: Connection, office: SmallOffice, trial_id: int) -> trials.TrialPage:
    return trials.trial_page(db, by=office.actor(db, "he"), trial_id=trial_id)


def do(
    db: Connection, office: SmallOffice, trial_id: int, element: str, sent: Sent | None = None, receipt: bytes | None = None
) -> None:  # fmt: skip
    now = page(db, office, trial_id)
    assert now.standing is not None
    there = [one.wait for one in now.standing.waiting] + list(now.standing.troubles)
    token = next(one.token for one in there if one.element == element)
    trials.move(
        db,
        by=office.actor(db, "he"),
        trial_id=trial_id,
        token=token,
        sent=sent or Sent(),
        at=now.moves,
        receipt=receipt,
    )


def waits(one: trials.TrialPage) -> list[str]:
    assert one.standing is not None
    return sorted(each.wait.element for each in one.standing.waiting)


def rows(db: Connection) -> Mapping[str, Any]:
    """How many rows every table has, but that of trials."""
    kept: list[Table] = [table for table in metadata.tables.values() if table.name != "trials"]
    return {table.name: db.scalar(select(func.count()).select_from(table)) for table in kept}


def test_a_whole_trial_touches_nothing_but_itself(database: Database, office: SmallOffice, draft: int) -> None:
    with database.writing() as db:
        before = rows(db)
        one = begun(db, office, draft)
        do(db, office, one, "receive", Sent(RECEIVED, COMPLETE))
        do(db, office, one, "plans")
        do(db, office, one, "fire")
        do(db, office, one, "decide", Sent({"grant": ["true"]}))
        do(db, office, one, "issue")
        assert rows(db) == before
        assert not db.scalar(select(func.count()).select_from(cases))
        assert not db.scalar(select(func.count()).select_from(tasks))
    with database.reading() as db:
        found = page(db, office, one)
        assert found.standing is not None
        assert found.standing.ended
        assert found.moves == 5
        assert found.played.as_expected


def test_a_move_sent_twice_is_made_once(database: Database, office: SmallOffice, draft: int) -> None:
    with database.writing() as db:
        one = begun(db, office, draft)
        sent, receipt = Sent(RECEIVED, COMPLETE), b"r" * 16
        token = next(each.wait.token for each in page(db, office, one).standing.waiting)  # type: ignore[union-attr]
        for _ in range(2):
            trials.move(db, by=office.actor(db, "he"), trial_id=one, token=token, sent=sent, at=0, receipt=receipt)
        assert page(db, office, one).moves == 1


def test_an_old_page_does_not_make_a_move(database: Database, office: SmallOffice, draft: int) -> None:
    with database.writing() as db:
        one = begun(db, office, draft)
        do(db, office, one, "receive", Sent(RECEIVED, COMPLETE))
        token = page(db, office, one).standing.waiting[0].wait.token  # type: ignore[union-attr]
        with pytest.raises(trials.TrialMovedOn):
            trials.move(db, by=office.actor(db, "he"), trial_id=one, token=token, sent=Sent(), at=0, receipt=None)
        assert page(db, office, one).moves == 1


def test_a_form_with_faults_is_refused_and_nothing_moves(database: Database, office: SmallOffice, draft: int) -> None:
    with database.writing() as db:
        one = begun(db, office, draft)
        with pytest.raises(trial.AnswersUnfit) as refusal:
            do(db, office, one, "receive", Sent({"plot": [""]}, COMPLETE))
        assert set(refusal.value.facts["errors"]) == {"plot"}
        with pytest.raises(run.ChoiceNeeded):
            do(db, office, one, "receive", Sent(RECEIVED))
        assert page(db, office, one).moves == 0


def test_stepping_back_undoes_what_came_after(database: Database, office: SmallOffice, draft: int) -> None:
    with database.writing() as db:
        by = office.actor(db, "he")
        one = begun(db, office, draft)
        do(db, office, one, "receive", Sent(RECEIVED, COMPLETE))
        at_two = page(db, office, one)
        do(db, office, one, "plans")
        do(db, office, one, "fire")
        trials.back(db, by=by, trial_id=one, to=1)
        again = page(db, office, one)
        assert waits(again) == ["fire", "plans"]
        assert again.standing == at_two.standing
        trials.back(db, by=by, trial_id=one, to=7)
        assert page(db, office, one).moves == 1
        trials.back(db, by=by, trial_id=one, to=0)
        assert waits(page(db, office, one)) == ["receive"]


def test_nobody_else_reaches_a_trial(database: Database, office: SmallOffice, draft: int) -> None:
    with database.writing() as db:
        one = begun(db, office, draft)
        other = _second_designer(db, office)
        for call in (
            lambda: trials.trial_page(db, by=other, trial_id=one),
            lambda: trials.back(db, by=other, trial_id=one, to=0),
            lambda: trials.replay(db, by=other, trial_id=one),
            lambda: trials.drop_trial(db, by=other, trial_id=one),
            lambda: trials.move(db, by=other, trial_id=one, token="1", sent=Sent(), at=0, receipt=None),
        ):
            with pytest.raises(NotFound):
                call()
        assert trials.trials(db, by=other, edition_id=draft) == ()
        clerk = office.actor(db, "li")
        with pytest.raises(NotAllowed):
            trials.trial_page(db, by=clerk, trial_id=one)
        with pytest.raises(NotAllowed):
            trials.begin_trial(db, by=clerk, edition_id=draft)


def _second_designer(db: Connection, office: SmallOffice) -> Actor:
    person = organisation.add_person(db, by=None, login="deng", name_en="Deng", name_zh="邓", password=None)
    organisation.give_post(db, by=None, person_id=person, post_id=office.posts["designer"], from_day=FROM_DAY)
    return actor(db, person)


def test_who_would_get_a_step_is_its_post_and_todays_holders(database: Database, office: SmallOffice) -> None:
    with database.writing() as db:
        procedure = in_force(db, office)
        edition = db.scalar(select(editions.c.id).where(editions.c.procedure_id == procedure))
        assert edition is not None
        found = who(db, ready(db, edition))["procedure", "plans"]
        assert found.department_id == office.departments["review"]
        assert found.holders


def test_a_draft_without_posts_can_be_tried_and_nobody_would_get_it(
    database: Database, office: SmallOffice, draft: int
) -> None:
    with database.writing() as db:
        one = begun(db, office, draft)
        assert waits(page(db, office, one)) == ["receive"]
        assert who(db, ready(db, draft)) == {}


def _redrawn(db: Connection, edition_id: int, source: bytes) -> None:
    db.execute(update(editions).where(editions.c.id == edition_id).values(source=source))


def test_a_changed_drawing_is_told_and_replayed_only_when_asked(
    database: Database, office: SmallOffice, draft: int
) -> None:
    with database.writing() as db:
        by = office.actor(db, "he")
        one = begun(db, office, draft)
        do(db, office, one, "receive", Sent(RECEIVED, COMPLETE))
        do(db, office, one, "plans")
        _redrawn(db, draft, TWO_DEPARTMENTS.replace(b'id="plans"', b'id="plans2"').replace(b">plans<", b">plans2<")
                 .replace(b'"plans"', b'"plans2"'))  # fmt: skip
        found = page(db, office, one)
        assert found.changed
        assert found.played.made == 1
        assert "no longer in the diagram" in found.played.differences[-1].said.en
        with pytest.raises(trials.TrialOfOldDrawing):
            do(db, office, one, "fire")
        with pytest.raises(trials.TrialOfOldDrawing):
            trials.back(db, by=by, trial_id=one, to=0)
        assert trials.replay(db, by=by, trial_id=one) == 1
        now = page(db, office, one)
        assert not now.changed
        assert now.played.as_expected
        assert waits(now) == ["fire", "plans2"]
        do(db, office, one, "fire")


def test_a_timer_is_jumped_and_a_message_brings_values(database: Database, office: SmallOffice) -> None:
    source = process(
        '<startEvent id="start"/><endEvent id="end"/>'
        '<intermediateCatchEvent id="later"><timerEventDefinition><timeDuration>P2D</timeDuration></timerEventDefinition>'
        '</intermediateCatchEvent><intermediateCatchEvent id="letter"><messageEventDefinition messageRef="m"/>'
        "</intermediateCatchEvent>" + step("file") + way("start", "later", "letter", "file", "end"),
        before='<message id="m" name="Letter"/>',
    )
    with database.writing() as db:
        by = office.actor(db, "he")
        procedure = acts.open_procedure(db, by=by, name="L", prefix="LE", department_id=office.departments["review"])
        edition = acts.deposit(db, by=by, procedure_id=procedure, file="l.bpmn", source=source, attachments={})
        one = begun(db, office, edition)
        start = page(db, office, one).standing.now  # type: ignore[union-attr]
        do(db, office, one, "later")
        assert page(db, office, one).standing.now == start + timedelta(days=2)  # type: ignore[union-attr]
        do(db, office, one, "letter", Sent(values={"ok": True}))
        found = page(db, office, one)
        assert waits(found) == ["file"]
        assert dict(found.scenario.steps[1].answers) == {"ok": True}


def test_what_cannot_be_run_is_refused_by_name(database: Database, office: SmallOffice) -> None:
    source = process(
        '<startEvent id="start"/><callActivity id="call" name="Ask" calledElement="nowhere"/>' + way("start", "call")
    )
    with database.writing() as db:
        by = office.actor(db, "he")
        procedure = acts.open_procedure(db, by=by, name="C", prefix="CA", department_id=office.departments["review"])
        edition = acts.deposit(db, by=by, procedure_id=procedure, file="c.bpmn", source=source, attachments={})
        with pytest.raises(run.CannotRun, match="Ask"):
            begun(db, office, edition)


def test_a_draft_calls_the_edition_in_force(database: Database, office: SmallOffice) -> None:
    source = process(
        '<startEvent id="start"/><endEvent id="end"/><callActivity id="call" calledElement="procedure"/>'
        + way("start", "call", "end"),
        "caller",
    )
    with database.writing() as db:
        by = office.actor(db, "he")
        in_force(db, office)
        procedure = acts.open_procedure(db, by=by, name="C", prefix="CA", department_id=office.departments["review"])
        edition = acts.deposit(db, by=by, procedure_id=procedure, file="c.bpmn", source=source, attachments={})
        one = begun(db, office, edition)
        assert waits(page(db, office, one)) == ["receive"]
        assert ("procedure", "receive") in who(db, ready(db, edition))


def test_old_trials_are_swept_and_one_person_keeps_the_latest(
    database: Database, office: SmallOffice, draft: int, clock: Clock
) -> None:
    with database.writing() as db:
        by = office.actor(db, "he")
        first = begun(db, office, draft)
        clock.advance(days=31)
        kept = [begun(db, office, draft)]
        with pytest.raises(NotFound):
            page(db, office, first)
        for _ in range(trials.MOST):
            clock.advance(minutes=1)
            kept.append(begun(db, office, draft))
        mine = [one.id for one in trials.trials(db, by=by, edition_id=draft)]
        assert mine == kept[:0:-1]


def test_a_trial_has_a_limit_of_moves(
    database: Database, office: SmallOffice, draft: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(trials, "MOST_MOVES", 1)
    with database.writing() as db:
        one = begun(db, office, draft)
        do(db, office, one, "receive", Sent(RECEIVED, COMPLETE))
        with pytest.raises(trial.TrialTooLong):
            do(db, office, one, "plans")


def test_a_dropped_trial_is_gone_and_nothing_is_recorded_of_any(
    database: Database, office: SmallOffice, draft: int
) -> None:
    with database.writing() as db:
        before = db.scalar(select(func.count()).select_from(entries))
        one = begun(db, office, draft)
        assert trials.drop_trial(db, by=office.actor(db, "he"), trial_id=one) == draft
        with pytest.raises(NotFound):
            page(db, office, one)
        assert db.scalar(select(func.count()).select_from(entries)) == before
