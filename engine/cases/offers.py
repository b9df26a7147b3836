"""Every move that there is at a task, with why it is not possible now. It asks the acts' own rules, and does nothing."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import date, datetime
from functools import partial
from typing import Any, Final

from sqlalchemy import Connection, Row, and_, bindparam, select

from engine.base import clock
from engine.base.database import OFFICE
from engine.base.errors import NotFound, Refusal
from engine.base.frozen import frozen
from engine.base.prepared import Prepared
from engine.base.text import Name, Text
from engine.cases import moves, rules
from engine.cases.acts.extending import decides
from engine.cases.acts.moving import CASE, CASE_COLUMNS, TASK, ready
from engine.cases.acts.returning import must_be_to_take_back
from engine.cases.acts.urging import may_urge, urged_at
from engine.cases.colleagues import colleagues
from engine.cases.entitled import must_be_workable
from engine.cases.handing.rows import waits_since
from engine.cases.reads import CasePage, TaskLine, TaskPage
from engine.cases.rules import NO_DUE
from engine.cases.tables import cases, tasks
from engine.cases.tables_of_moves import extensions
from engine.diagram import run
from engine.organisation.reads import person_name, post_name
from engine.organisation.rules import Actor
from engine.organisation.tables import posts
from engine.procedures.reads import supervises
from engine.procedures.runnable import Runnable, Step, place

ASKING: Final = ("consult", "sign", "countersign", "copy")
"""Moves whose forms stand where their answers stand."""


@frozen
class Target:
    """A step, or a colleague, that a move may lead to."""

    value: str
    name: Text
    beside: Text | None = None


@frozen
class Offer:
    """`why_not` None: it may be made."""

    code: str
    why_not: Refusal | None = None
    targets: tuple[Target, ...] = ()

    @property
    def allowed(self) -> bool:
        return self.why_not is None


@dataclass(slots=True)
class At:
    """The task that is looked at, and by whom."""

    db: Connection
    actor: Actor
    page: TaskPage
    task: Row[*tuple[Any, ...]]
    made_ready: Runnable
    step: Step
    watches: bool
    now: datetime
    today: date


Rule = Callable[[At], Offer | None]

_own, _above = posts.alias("own"), posts.alias("above")
_TASK: Final = Prepared(
    select(
        *CASE_COLUMNS,
        tasks.c.number,
        tasks.c.edition_id,
        tasks.c.element,
        tasks.c.token,
        tasks.c.post_id,
        tasks.c.department_id,
        tasks.c.person_id,
        tasks.c.claimed_at,
        tasks.c.opened_at,
        tasks.c.closed_at,
        tasks.c.closed_how,
        tasks.c.due_at,
        tasks.c.changes,
        tasks.c.kind,
        tasks.c.of_task,
        tasks.c.asks,
        waits_since().label("handed_at"),
        _above.c.id.label("above_id"),
        _above.c.name_en.label("above_en"),
        _above.c.name_zh.label("above_zh"),
        select(extensions.c.asked_at)
        .where(
            extensions.c.office_id == tasks.c.office_id,
            extensions.c.case_id == tasks.c.case_id,
            extensions.c.task_number == tasks.c.number,
        )
        .scalar_subquery()
        .label("extension_at"),
    )
    .select_from(cases)
    .join(tasks, and_(cases.c.office_id == tasks.c.office_id, cases.c.id == tasks.c.case_id))
    .join(_own, _own.c.id == tasks.c.post_id)
    .outerjoin(_above, _above.c.id == _own.c.reports_to)
    .where(
        tasks.c.office_id == OFFICE,
        tasks.c.case_id == bindparam("case_id"),
        tasks.c.number == bindparam("number"),
    )
)


def moves_of(db: Connection, *, actor: Actor, task_page: TaskPage, today: date) -> tuple[Offer, ...]:
    """In the order they are shown, those of the case last; empty where the person has nothing to do with the task.

    What the page knows already is not asked for again: two statements, for who may work on it.
    """
    line = task_page.line
    if line.kind is not None or task_page.case.ended_at is not None:
        return ()
    if line.closed_at is not None and (line.cancelled or line.person_id != actor.person_id):
        return ()
    at = _at(db, actor, task_page, today)
    found = [offer for rule in RULES if (offer := rule(at)) is not None]
    if line.closed_at is None:
        found += _of_case(at.task, at.made_ready, task_page.case, actor, at.watches)
    if not task_page.may_work and not any(offer.allowed for offer in found):
        return ()
    return tuple(found)


def _at(db: Connection, actor: Actor, page: TaskPage, today: date) -> At:
    task: Row[*tuple[Any, ...]] | None = _TASK.first(db, {"case_id": page.case.case_id, "number": page.line.number})
    if task is None:
        raise NotFound(what=TASK)
    made_ready = ready(db, task)
    step = place(db, made_ready, task.edition_id, task.element)
    watches = supervises(db, actor, task.procedure_id)
    return At(db, actor, page, task, made_ready, step, watches, clock.now(), today)


def _tried(code: str, check: Callable[[], tuple[Target, ...] | None]) -> Offer:
    try:
        return Offer(code, targets=check() or ())
    except Refusal as refusal:
        return Offer(code, why_not=refusal)


def _withdraw(at: At) -> Offer | None:
    if at.task.closed_at is None:
        return None

    def check() -> None:
        must_be_to_take_back(at.db, at.task, at.step, at.actor)
        run.take_back(at.made_ready.model, at.task.state, at.task.token, now=at.now)

    return _tried("withdraw", check)


def _return(at: At) -> Offer | None:
    if at.task.closed_at is not None or not at.page.may_work:
        return None

    def check() -> tuple[Target, ...]:
        _must_work(at, "return")
        been = {one.element for one in at.page.case.tasks if _is_done(one)}
        places = run.returnable(at.made_ready.model, at.task.state, at.task.token, now=at.now)
        steps = sorted((one for one in at.page.case.tasks if one.kind is None), key=lambda one: one.number)
        last = {one.element: one for one in steps}
        found = {
            one[1]: at.made_ready.steps[one]
            for one, beside in places.items()
            if one[1] in been and one in at.made_ready.steps
            and not any(other in last and last[other].cancelled for other in beside)
        }  # fmt: skip
        if not found:
            raise moves.NothingBefore(task=at.step.name)
        return tuple(Target(element, _same(step.name)) for element, step in found.items())

    return _tried("return", check)


def _transfer(at: At) -> Offer | None:
    if at.task.closed_at is not None or not (at.page.may_work or at.watches):
        return None

    def check() -> tuple[Target, ...]:
        rules.must_be_switched_on(at.step.name, at.step.without, "transfer")
        moves.must_not_rest(at.task)
        found = colleagues(at.db, at.task, on=at.today, anywhere=at.watches)
        if not found:
            raise moves.NoColleague(post=post_name(at.db, at.task.post_id))
        return tuple(Target(f"{one.person_id}:{one.post_id}", one.name, one.post) for one in found)

    return _tried("transfer", check)


def _extend(at: At) -> Offer | None:
    if at.task.closed_at is not None or not at.page.may_work:
        return None

    def check() -> tuple[Target, ...]:
        _must_work(at, "extend")
        if at.task.extension_at is not None:
            raise moves.ExtensionAsked(task=at.step.name, at=at.task.extension_at)
        if at.task.due_at >= NO_DUE:
            raise moves.NothingPromised(task=at.step.name)
        if at.task.above_id is not None:
            return (Target(str(at.task.above_id), Name(at.task.above_en, at.task.above_zh)),)
        post_id = decides(at.db, at.task.post_id, at.task.procedure_id)
        if post_id is None:
            raise moves.NobodyDecides(task=at.step.name)
        return (Target(str(post_id), post_name(at.db, post_id)),)

    return _tried("extend", check)


def _urge(at: At) -> Offer | None:
    task = at.task
    if task.closed_at is not None or at.page.may_work:
        return None
    if not at.watches and not may_urge(
        at.db, at.actor, task.case_id, task.procedure_id, task.started_by, task.opened_at
    ):
        return None

    def check() -> None:
        rules.must_be_switched_on(at.step.name, at.step.without, "urge")
        moves.must_not_rest(task)
        before = urged_at(at.db, at.actor, task.case_id, task.number, at.now)
        if before is not None:
            person = None if task.person_id is None else person_name(at.db, task.person_id)
            raise moves.UrgedToday(task=at.step.name, at=before, whom=person or post_name(at.db, task.post_id))

    return _tried("urge", check)


def _asking(move: str) -> Rule:
    def rule(at: At) -> Offer | None:
        """Only why not: where it is possible, its form stands elsewhere on the page."""
        if at.task.closed_at is not None or not at.page.may_work or move not in at.step.without:
            return None
        return _tried(move, lambda: rules.must_be_switched_on(at.step.name, at.step.without, move))

    return rule


def _must_work(at: At, move: str) -> None:
    must_be_workable(at.db, at.task, at.step, at.actor)
    rules.must_be_switched_on(at.step.name, at.step.without, move)
    moves.must_not_rest(at.task)


RULES: Final[tuple[Rule, ...]] = (
    _withdraw,
    _return,
    _transfer,
    _extend,
    _urge,
    *(_asking(move) for move in ASKING),
)


_CASE: Final = Prepared(select(*CASE_COLUMNS).where(cases.c.office_id == OFFICE, cases.c.id == bindparam("case_id")))


def moves_of_case(db: Connection, *, actor: Actor, page: CasePage) -> tuple[Offer, ...]:
    """Suspend, resume, cancel: for whoever has the case in hand or watches over it."""
    if page.ended_at is not None:
        return ()
    case: Row[*tuple[Any, ...]] | None = _CASE.first(db, {"case_id": page.case_id})
    if case is None:
        raise NotFound(what=CASE)
    return tuple(_of_case(case, ready(db, case), page, actor, supervises(db, actor, case.procedure_id)))


def _of_case(
    case: Row[*tuple[Any, ...]], made_ready: Runnable, page: CasePage, actor: Actor, watches: bool
) -> list[Offer]:
    found = []
    if watches or any(_is_in_hand(one, page, actor) for one in page.open_tasks):
        found.append(Offer("resume") if case.suspended_at is not None else _everywhere(made_ready, page, "suspend"))
    if watches or (case.started_by == actor.person_id and not any(_is_done(one) for one in page.tasks)):
        found.append(_everywhere(made_ready, page, "cancel"))
    return found


def _is_in_hand(line: TaskLine, page: CasePage, actor: Actor) -> bool:
    if line.kind is not None or line.person_id is not None:
        return line.kind is None and line.person_id == actor.person_id
    stands_in = any(one.covers(line.post_id, page.procedure_id) for one in actor.stands_in)
    return line.post_id in actor.post_ids or stands_in


def _is_done(line: TaskLine) -> bool:
    return line.kind is None and line.closed_at is not None and not line.cancelled


def _everywhere(made_ready: Runnable, page: CasePage, move: str) -> Offer:
    """A case stands at all of its open steps: any of them may be without the move."""
    here = {one.element for one in page.open_tasks if one.kind is None}
    for (_process, element), step in made_ready.steps.items():
        if element in here and move in step.without:
            return _tried(move, partial(rules.must_be_switched_on, step.name, step.without, move))
    return Offer(move)


def _same(name: str) -> Text:
    return Text(name, name)
