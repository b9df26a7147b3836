"""Trial runs: a person's own, kept so that nothing is lost when a page is loaded again. No case knows of them.

What is kept is what was done; where the trial stands follows from it, on the drawing as it is now.
"""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import datetime, timedelta
from typing import Any, Final

from sqlalchemy import Connection, Row, delete, insert, select, update

from engine.base import clock
from engine.base.database import OFFICE, new_id
from engine.base.errors import NotFound, Refusal
from engine.base.frozen import frozen
from engine.base.text import Text, one_line
from engine.diagram import trial
from engine.diagram.position import Trouble, WaitKind
from engine.diagram.trial import Beginning, Ground, Move, Played, Scenario, ScenarioStep, Standing
from engine.diagram.trial.play import filled, said_to_wait
from engine.organisation.rules import Actor
from engine.procedures import rules, tables
from engine.procedures.trying import Ready, ready

KEPT: Final = timedelta(days=30)
MOST: Final = 20
"""Trials of one person; the one longest untouched gives way to a new one."""
MOST_MOVES: Final = 200
_TRIAL: Final = Text(en="trial", zh="试运行")
_t: Final = tables.trials

_MOVES: Final[Mapping[WaitKind, Move]] = {
    WaitKind.PERSON: Move.COMPLETE,
    WaitKind.TIMER: Move.TIMER,
    WaitKind.MESSAGE: Move.MESSAGE,
    WaitKind.SIGNAL: Move.SIGNAL,
    WaitKind.CONDITION: Move.CONDITION,
    WaitKind.CALL: Move.ANSWER,
}


class TrialMovedOn(Refusal):
    """This trial has gone on since the page was loaded, perhaps in another window. It is shown as it stands now."""

    zh = "页面载入之后，此次试运行已有进展（可能在另一窗口中）。现显示其当前状态。"


class TrialOfOldDrawing(Refusal):
    """The drawing has changed since this trial was begun. Replay it on the new drawing first."""

    zh = "此次试运行开始之后，流程图已有改动。请先在新图上重放。"


@frozen
class Line:
    """A trial as listed."""

    id: int
    begun_at: datetime
    moved_at: datetime
    moves: int


@frozen
class TrialPage:
    """A trial on the drawing as it is now. `differences` tell where an older one went otherwise; `made` moves fit."""

    id: int
    edition_id: int
    begun_at: datetime
    scenario: Scenario
    ready: Ready
    played: Played
    changed: bool

    @property
    def standing(self) -> Standing | None:
        return self.played.standing

    @property
    def moves(self) -> int:
        return len(self.scenario.steps)


@frozen
class Sent:
    """What a page sends to make a move: a form as it was filled in, ways, or values by name."""

    submitted: Mapping[str, Sequence[str]] | None = None
    chosen: Mapping[str, Sequence[str]] | None = None
    values: Mapping[str, Any] | None = None

    @property
    def ways(self) -> dict[str, tuple[str, ...]]:
        return {gateway: tuple(flows) for gateway, flows in (self.chosen or {}).items()}


def begin_trial(
    db: Connection, *, by: Actor, edition_id: int, start: str | None = None, sent: Sent | None = None
) -> int:
    """The start form is checked as at the desk. Raises AnswersUnfit, ChoiceNeeded, CannotRun."""
    rules.must_design(by)
    at, given = clock.now(), sent or Sent()
    ground = ready(db, edition_id).ground
    where = start if start in ground.starts else None
    place = where or (ground.starts[0] if ground.starts else "")
    answers = filled(ground, ground.process, place, given.submitted or {}, {})
    told = Beginning(answers=answers, chosen=given.ways, at=where)
    moment = trial.begin(ground, told, at=at).last
    told = replace(told, then=moment.then, trouble=moment.trouble)
    return _insert(db, by, edition_id, ground, Scenario("", told, (), moment.ended, None, at))


def begin_from(db: Connection, *, by: Actor, edition_id: int, scenario: Scenario) -> int:
    """A trial that has gone the way of a scenario, as far as it goes."""
    rules.must_design(by)
    ground, at = ready(db, edition_id).ground, scenario.begun or clock.now()
    played = trial.play(ground, scenario, begun=at)
    if played.standing is None:
        raise trial.NotAScenario(why=played.differences[0].said)
    return _insert(db, by, edition_id, ground, _as_gone(scenario, played, at))


def _insert(db: Connection, by: Actor, edition_id: int, ground: Ground, scenario: Scenario) -> int:
    _sweep(db, by)
    trial_id, now = new_id(), clock.now()
    db.execute(
        insert(_t).values(
            office_id=OFFICE, id=trial_id, person_id=by.person_id, edition_id=edition_id, ground=ground.digest,
            told=_written(scenario), receipts="[]", begun_at=now, moved_at=now,
        )
    )  # fmt: skip
    return trial_id


def _sweep(db: Connection, by: Actor) -> None:
    """Old ones of everybody, and of this person those beyond what one may have."""
    db.execute(delete(_t).where(_t.c.office_id == OFFICE, _t.c.moved_at < clock.now() - KEPT))
    mine = select(_t.c.id).where(_t.c.office_id == OFFICE, _t.c.person_id == by.person_id)
    beyond = list(db.scalars(mine.order_by(_t.c.moved_at.desc(), _t.c.id.desc()).offset(MOST - 1)))
    if beyond:
        db.execute(delete(_t).where(_t.c.office_id == OFFICE, _t.c.id.in_(beyond)))


def move(
    db: Connection, *, by: Actor, trial_id: int, token: str, sent: Sent, at: int, receipt: bytes | None,
    by_hand: bool = False,
) -> None:  # fmt: skip
    """One move, once: sent again with the same receipt it does nothing. `at`: how many moves the page knew of.

    Raises TrialMovedOn, TrialOfOldDrawing, AnswersUnfit, ChoiceNeeded, NothingWaits, TrialTooLong.
    """
    row = _locked(db, by, trial_id)
    receipts: list[str] = json.loads(row.receipts)
    if receipt is not None and receipt.hex() in receipts:
        return
    page = _page(db, row)
    if page.changed or page.standing is None:
        raise TrialOfOldDrawing()
    if page.moves != at:
        raise TrialMovedOn()
    if page.moves >= MOST_MOVES:
        raise trial.TrialTooLong(most=MOST_MOVES)
    step = _step(page.ready.ground, page.standing, token, sent, by_hand)
    after = trial.go(page.ready.ground, page.standing, step, token)
    done = replace(after.last.done or step, then=after.last.then, trouble=after.last.trouble)
    gone = replace(page.scenario, steps=(*page.scenario.steps, done), ended=after.ended)
    kept = [*receipts, receipt.hex() if receipt else ""]
    _keep(db, trial_id, gone, kept, page.ready.ground)


def _step(ground: Ground, standing: Standing, token: str, sent: Sent, by_hand: bool) -> ScenarioStep:
    there = standing.find(token)
    if there is None:
        raise trial.NothingWaitsThere(step=token, found=said_to_wait(ground, standing))
    if isinstance(there, Trouble):
        kind = Move.BY_HAND if by_hand else Move.RETRY
        return ScenarioStep(kind, there.element, dict(sent.values or {}), sent.ways)
    kind = _MOVES[there.kind]
    if kind is Move.COMPLETE:
        answers = filled(ground, there.process, there.element, sent.submitted or {}, standing.known)
        return ScenarioStep(kind, there.element, answers, sent.ways, item=there.item)
    values = {} if kind is Move.TIMER else dict(sent.values or {})
    return ScenarioStep(kind, there.element, values, item=there.item)


def back(db: Connection, *, by: Actor, trial_id: int, to: int) -> None:
    """To where it stood after `to` moves; 0 is the beginning."""
    row = _locked(db, by, trial_id)
    page = _page(db, row)
    if page.changed:
        raise TrialOfOldDrawing()
    steps = page.scenario.steps[: max(0, to)]
    receipts = json.loads(row.receipts)[: len(steps)]
    gone = replace(page.scenario, steps=steps, ended=False if len(steps) < page.moves else page.scenario.ended)
    _keep(db, trial_id, gone, receipts, page.ready.ground)


def replay(db: Connection, *, by: Actor, trial_id: int) -> int:
    """On the drawing as it is now, as far as its moves fit. Returns how many no longer do."""
    row = _locked(db, by, trial_id)
    page = _page(db, row)
    if page.standing is None:
        raise trial.NotAScenario(why=page.played.differences[0].said)
    gone = _as_gone(page.scenario, page.played, page.scenario.begun or row.begun_at)
    _keep(db, trial_id, gone, json.loads(row.receipts)[: len(gone.steps)], page.ready.ground)
    return page.moves - len(gone.steps)


def drop_trial(db: Connection, *, by: Actor, trial_id: int) -> int:
    """Returns the edition it was of."""
    row = _locked(db, by, trial_id)
    db.execute(delete(_t).where(_t.c.office_id == OFFICE, _t.c.id == trial_id))
    return int(row.edition_id)


def trials(db: Connection, *, by: Actor, edition_id: int) -> tuple[Line, ...]:
    """The person's own, the latest first."""
    rows = db.execute(
        select(_t)
        .where(_t.c.office_id == OFFICE, _t.c.person_id == by.person_id, _t.c.edition_id == edition_id)
        .order_by(_t.c.moved_at.desc(), _t.c.id.desc())
    )
    return tuple(Line(row.id, row.begun_at, row.moved_at, len(json.loads(row.told)["step"])) for row in rows)


def trial_page(db: Connection, *, by: Actor, trial_id: int) -> TrialPage:
    """Somebody else's is not there. Raises NotFound."""
    return _page(db, _mine(db, by, trial_id))


def as_scenario(page: TrialPage, name: str) -> Scenario:
    """What was given, what was done, and what came of it, as what is to be expected from now on."""
    played = page.played
    gone = _as_gone(page.scenario, played, page.scenario.begun or page.begun_at)
    return replace(gone, name=one_line(name)[: trial.MOST_NAME], way=played.way)


def _as_gone(scenario: Scenario, played: Played, begun: datetime) -> Scenario:
    """The moves that could be made, each with what came of it."""
    standing = played.standing
    if standing is None:
        return replace(scenario, steps=(), begun=begun)
    first, *rest = standing.moments
    start = replace(scenario.start, then=first.then, trouble=first.trouble)
    steps = tuple(
        replace(step, then=moment.then, trouble=moment.trouble)
        for step, moment in zip(scenario.steps, rest, strict=False)
    )
    return Scenario(scenario.name, start, steps, standing.ended, None, begun)


def _mine(db: Connection, by: Actor, trial_id: int, *, lock: bool = False) -> Row[*tuple[Any, ...]]:
    rules.must_design(by)
    wanted = select(_t).where(_t.c.office_id == OFFICE, _t.c.id == trial_id, _t.c.person_id == by.person_id)
    row = db.execute(wanted.with_for_update() if lock else wanted).first()
    if row is None:
        raise NotFound(what=_TRIAL)
    return row


def _locked(db: Connection, by: Actor, trial_id: int) -> Row[*tuple[Any, ...]]:
    return _mine(db, by, trial_id, lock=True)


def _page(db: Connection, row: Row[*tuple[Any, ...]]) -> TrialPage:
    told = json.loads(row.told)
    scenario = replace(trial.from_told({**told, "name": "-"}), name="")
    made_ready = ready(db, row.edition_id)
    played = trial.play(made_ready.ground, scenario, begun=scenario.begun or row.begun_at)
    return TrialPage(
        id=row.id,
        edition_id=row.edition_id,
        begun_at=row.begun_at,
        scenario=scenario,
        ready=made_ready,
        played=played,
        changed=row.ground != made_ready.ground.digest,
    )


def _keep(db: Connection, trial_id: int, scenario: Scenario, receipts: list[str], ground: Ground) -> None:
    db.execute(
        update(_t)
        .where(_t.c.office_id == OFFICE, _t.c.id == trial_id)
        .values(told=_written(scenario), receipts=json.dumps(receipts), ground=ground.digest, moved_at=clock.now())
    )


def _written(scenario: Scenario) -> str:
    return json.dumps(trial.told(scenario), ensure_ascii=False)
