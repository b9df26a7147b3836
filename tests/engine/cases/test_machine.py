"""Clerks at random against a small model: start, claim, release, complete, and a process that dies in between."""

from __future__ import annotations

from dataclasses import dataclass, field

from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, invariant, precondition, rule, run_state_machine_as_test
from sqlalchemy import Connection, func, select

from engine.base.database import Database
from engine.base.errors import Refusal
from engine.cases import acts, inbox, reads
from engine.cases.tables import awaited, cases, incidents, tasks, timers
from engine.organisation.rules import Actor
from engine.organisation.tables import posts
from engine.records.verify import first_broken
from tests.builders import SmallOffice
from tests.conftest import Clock
from tests.thorough import examples
from tests.worlds import begun, every_head, in_force

RECEIVE, PLANS, FIRE, DECIDE, ISSUE = (
    "Receive the application",
    "Review the plans",
    "Review fire safety",
    "Decide",
    "Issue the permit",
)
POST_OF = {RECEIVE: "clerk", ISSUE: "clerk", PLANS: "reviewer", FIRE: "reviewer", DECIDE: "reviewer"}
CLERKS = {"clerk": ("li", "chen"), "reviewer": ("wang", "zhao")}
LOGINS = ("li", "chen", "wang", "zhao")


@dataclass
class Told:
    """A case as the model tells it: the open steps and who has claimed each."""

    steps: dict[str, str | None] = field(default_factory=lambda: {RECEIVE: None})

    def complete(self, step: str, *, good: bool) -> None:
        del self.steps[step]
        if step == RECEIVE:
            self.steps |= {PLANS: None, FIRE: None} if good else {RECEIVE: None}
        elif step in (PLANS, FIRE):
            if not self.steps.keys() & {PLANS, FIRE}:
                self.steps[DECIDE] = None
        elif step == DECIDE:
            self.steps[ISSUE if good else RECEIVE] = None


class Office(RuleBasedStateMachine):
    def __init__(self, database: Database, office: SmallOffice, clock: Clock, procedure_id: int) -> None:
        super().__init__()
        self.database = database
        self.office = office
        self.clock = clock
        self.procedure_id = procedure_id
        self.told: dict[int, Told] = {}

    def teardown(self) -> None:
        self.database.close()

    @rule(by=st.sampled_from(("li", "chen")))
    def start(self, by: str) -> None:
        with self.database.writing() as db:
            self.told[begun(db, self.office, self.procedure_id, by=by).case_id] = Told()

    @precondition(lambda self: self.told)
    @rule(data=st.data(), login=st.sampled_from(LOGINS))
    def claim(self, data: st.DataObject, login: str) -> None:
        case_id, step = self._somewhere(data)
        holder = self.told[case_id].steps[step]
        allowed = login in CLERKS[POST_OF[step]] and holder in (None, login)
        with self._expecting(allowed), self.database.writing() as db:
            acts.claim(db, by=self._actor(db, login), case_id=case_id, number=self._number(db, case_id, step))
        if allowed:
            self.told[case_id].steps[step] = login

    @precondition(lambda self: self.told)
    @rule(data=st.data(), login=st.sampled_from(LOGINS))
    def release(self, data: st.DataObject, login: str) -> None:
        case_id, step = self._somewhere(data)
        allowed = self.told[case_id].steps[step] == login
        with self._expecting(allowed), self.database.writing() as db:
            acts.release(db, by=self._actor(db, login), case_id=case_id, number=self._number(db, case_id, step))
        if allowed:
            self.told[case_id].steps[step] = None

    @precondition(lambda self: self.told)
    @rule(data=st.data(), login=st.sampled_from(LOGINS), good=st.booleans(), dies=st.booleans())
    def complete(self, data: st.DataObject, login: str, good: bool, dies: bool) -> None:
        """`dies`: everything was done and the process dies before it could be kept."""
        case_id, step = self._somewhere(data)
        holder = self.told[case_id].steps[step]
        allowed = login in CLERKS[POST_OF[step]] and holder in (None, login)
        self.clock.advance(minutes=7)
        try:
            with self._expecting(allowed), self.database.writing() as db:
                acts.complete_task(
                    db,
                    by=self._actor(db, login),
                    case_id=case_id,
                    number=self._number(db, case_id, step),
                    submitted={RECEIVE: {"plot": ["C-1"]}, DECIDE: {"grant": ["true"]} if good else {}}.get(step, {}),
                    chosen={"complete": ["complete_to_split" if good else "complete_to_receive"]}
                    if step == RECEIVE
                    else {},
                )
                if dies and allowed:
                    raise _DiedError
        except _DiedError:
            self.reopen()
            return
        if allowed:
            self.told[case_id].complete(step, good=good)

    @rule()
    def reopen(self) -> None:
        self.database.close()
        self.database = Database(self.database.engine.url.render_as_string(hide_password=False))

    @invariant()
    def the_desk_shows_what_the_model_tells(self) -> None:
        with self.database.reading() as db:
            for login in LOGINS:
                post = "clerk" if login in CLERKS["clerk"] else "reviewer"
                expected = sorted(
                    (case_id, step)
                    for case_id, told in self.told.items()
                    for step, holder in told.steps.items()
                    if POST_OF[step] == post and holder in (None, login)
                )
                shown = inbox.inbox(db, actor=self._actor(db, login), limit=500)
                assert sorted((one.case_id, one.step) for one in shown if one.case_id in self.told) == expected

    @invariant()
    def no_open_case_waits_for_nothing_and_no_task_for_nobody(self) -> None:
        with self.database.reading() as db:
            for case_id, told in self.told.items():
                ended = db.scalar(select(cases.c.ended_at).where(cases.c.id == case_id)) is not None
                assert ended == (not told.steps)
                waits = sum(
                    db.scalar(
                        select(func.count())
                        .select_from(table)
                        .where(table.c.case_id == case_id, table.c.closed_at.is_(None))
                    )
                    or 0
                    for table in (tasks, timers, awaited, incidents)
                )
                assert (waits == 0) == ended
            ownerless = db.scalar(
                select(func.count())
                .select_from(tasks)
                .where(tasks.c.closed_at.is_(None), tasks.c.post_id.not_in(select(posts.c.id)))
            )
            assert ownerless == 0

    @invariant()
    def the_record_is_unbroken(self) -> None:
        with self.database.reading() as db:
            assert first_broken(db, every_head(db)) is None

    def _actor(self, db: Connection, login: str) -> Actor:
        return self.office.actor(db, login)

    def _somewhere(self, data: st.DataObject) -> tuple[int, str]:
        open_steps = [(case_id, step) for case_id, told in self.told.items() for step in told.steps]
        if not open_steps:
            self.start("li")
            return self._somewhere(data)
        return data.draw(st.sampled_from(open_steps))

    def _number(self, db: Connection, case_id: int, step: str) -> int:
        page = reads.case(db, actor=self.office.actor(db, "zhou"), case_id=case_id)
        return next(one.number for one in page.open_tasks if one.name == step)

    def _expecting(self, allowed: bool) -> _Expecting:
        return _Expecting(allowed)


class _DiedError(Exception):
    pass


class _Expecting:
    """A refusal exactly where the model refuses."""

    def __init__(self, allowed: bool) -> None:
        self.allowed = allowed

    def __enter__(self) -> None:
        return None

    def __exit__(self, kind: type[BaseException] | None, fault: BaseException | None, _trace: object) -> bool:
        if self.allowed:
            return False
        assert isinstance(fault, Refusal), "what the model refuses was done"
        return True


def test_clerks_at_random_keep_every_promise(database: Database, office: SmallOffice, clock: Clock) -> None:
    with database.writing() as db:
        procedure_id = in_force(db, office)
    # It takes any maker of a machine, though it says a class.
    run_state_machine_as_test(
        lambda: Office(database, office, clock, procedure_id),  # type: ignore[arg-type]
        settings=settings(
            max_examples=examples(8),
            stateful_step_count=25,
            deadline=None,
            suppress_health_check=list(HealthCheck),
        ),
    )
