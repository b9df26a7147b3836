"""The shipped procedures at work in the demo office, moved about at random: what a sequence does, and what always holds."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, Final

import orjson
from sqlalchemy import Connection, func, select

import processes
from engine.base import clock as base_clock
from engine.base.database import OFFICE
from engine.base.errors import Refusal
from engine.cases import acts, words
from engine.cases.acts.made import BY_HAND
from engine.cases.tables import awaited, cases, incidents, tasks, timers
from engine.diagram import run
from engine.diagram.forms import Form, again_typed
from engine.diagram.position import Trouble, Waiting, WaitKind
from engine.diagram.run.moves import _open, _tell
from engine.diagram.run.state import load, plain
from engine.organisation import reads as organisation
from engine.organisation.rules import Actor
from engine.organisation.tables import posts
from engine.procedures.likely import Likely, likely
from engine.procedures.reads import in_force
from engine.procedures.runnable import Runnable
from engine.records.journal import Chain
from engine.records.tables import entries
from engine.records.verify import _entries, _first_in_chain, _links
from processes.answers import start_answers, step_answers
from processes.shape import Shipped
from tests.conftest import Clock
from web.demo.founding import found_demo

Step = tuple[int, int, int]
"""Which move, and two numbers to choose by."""

TAKES: Final = frozenset({"return_task", "transfer", "cancel_case", "suspend", "urge", "ask_extension"})
"""Moves that say why."""


@dataclass
class Ground:
    """The demo office, founded, with its procedures in force."""

    db: Connection
    clock: Clock
    ids: Mapping[str, int]
    holders: Mapping[int, list[int]]
    procedures: tuple[Shipped, ...]
    proofs: dict[Any, bool] = field(default_factory=dict)
    givers: dict[int, Likely] = field(default_factory=dict)
    known: dict[int, Actor] = field(default_factory=dict)
    made: Counter[str] = field(default_factory=Counter)
    refused: Counter[str] = field(default_factory=Counter)

    @classmethod
    def laid(cls, db: Connection, clock: Clock) -> Ground:
        ids = found_demo(db, processes.office(), clock.now().date())
        holders = {post.id: [one.person_id for one in post.holders] for post in organisation.chart(db).posts}
        worked = tuple(one for one in processes.shipped() if one.demo.cases_per_day)
        return cls(db, clock, ids, holders, worked)

    def actor(self, person: int) -> Actor:
        if person not in self.known:
            self.known[person] = organisation.actor(self.db, person)
        return self.known[person]

    def giver(self, made_ready: Runnable) -> Likely:
        if made_ready.edition_id not in self.givers:
            self.givers[made_ready.edition_id] = likely(self.db, made_ready)
        return self.givers[made_ready.edition_id]


class Walk:
    """One case, and what is done in it. Whatever is refused leaves nothing behind."""

    def __init__(self, ground: Ground, which: int, chance: int) -> None:
        self.ground = ground
        self.db = ground.db
        self.shipped = ground.procedures[which % len(ground.procedures)]
        self.made_ready, _name = in_force(self.db, ground.ids[self.shipped.key])
        demo = self.shipped.demo
        self.matter = demo.matters[chance % len(demo.matters)]
        applicant = demo.applicants[chance % len(demo.applicants)]
        self.known: dict[str, Any] = {"applicant": f"{applicant.name_en} {applicant.name_zh}"}
        self.times: Counter[str] = Counter()
        self.starter = self._holder(sorted(self.made_ready.start_posts)[0], chance)
        answers = start_answers(applicant, self.matter, day=ground.clock.now().date(), number=1)
        self.known |= answers
        self.case_id = acts.start_case(
            self.db, by=self.starter, procedure_id=ground.ids[self.shipped.key], matter="A matter",
            applicant="Wang Fang 王芳", submitted=_typed(self.made_ready.start_form, answers),
        ).case_id  # fmt: skip

    def _holder(self, post: int, chance: int) -> Actor:
        held = self.ground.holders[post]
        return self.ground.actor(held[chance % len(held)])

    def _supervisor(self, chance: int) -> Actor:
        watching = _supervisors(self.ground)
        return self.ground.actor(watching[chance % len(watching)])

    def tasks(self) -> list[Any]:
        return list(
            self.db.execute(
                select(tasks)
                .where(tasks.c.case_id == self.case_id, tasks.c.closed_at.is_(None))
                .order_by(tasks.c.number)
            )
        )

    def row(self) -> Any:
        return self.db.execute(select(cases).where(cases.c.office_id == OFFICE, cases.c.id == self.case_id)).one()

    def go_ahead(self, count: int, chance: int) -> None:
        """A case that has come some way already."""
        for turn in range(count):
            self.step((0, chance + turn, chance // 7 + turn))

    def step(self, step: Step) -> None:
        move, one, other = step
        name = MOVES[move % len(MOVES)]
        self.ground.clock.advance(hours=1 + other % 7)
        savepoint = self.db.begin_nested()
        try:
            done = getattr(self, f"do_{name}")(one, other)
        except Refusal as refusal:
            savepoint.rollback()
            self.ground.refused[f"{name}: {refusal.code}"] += 1
            return
        savepoint.commit()
        if done:
            self.ground.made[name] += 1

    # Moves. True where something was done.

    def _pick(self, chance: int, *, step: bool = True) -> Any:
        found = [row for row in self.tasks() if (row.kind is None) == step]
        return found[chance % len(found)] if found else None

    def _doer(self, row: Any, chance: int) -> Actor:
        return self.ground.actor(row.person_id) if row.person_id is not None else self._holder(row.post_id, chance)

    def do_complete(self, one: int, other: int) -> bool:
        row = self._pick(one)
        if row is None:
            return False
        pace = self.shipped.demo.paces[row.element]
        outcome = pace.outcomes[other % len(pace.outcomes)]
        answers = step_answers(
            row.element, outcome, self.matter, day=self.ground.clock.now().date(), number=1, known=self.known
        )
        form = self.made_ready.place(row.edition_id, row.element).form
        acts.complete_task(
            self.db, by=self._doer(row, one), case_id=self.case_id, number=row.number, submitted=_typed(form, answers),
            chosen=outcome.chosen,
        )  # fmt: skip
        self.known |= answers
        return True

    def do_claim(self, one: int, other: int) -> bool:
        row = self._pick(one)
        if row is not None:
            acts.claim(self.db, by=self._holder(row.post_id, other), case_id=self.case_id, number=row.number)
        return row is not None

    def do_release(self, one: int, other: int) -> bool:
        row = self._pick(one)
        if row is not None:
            acts.release(self.db, by=self._doer(row, other), case_id=self.case_id, number=row.number)
        return row is not None

    def do_return(self, one: int, other: int) -> bool:
        row = self._pick(one)
        if row is None:
            return False
        where = tasks.c.case_id == self.case_id
        if other % 4:  # else also one that was never completed, or lies elsewhere
            where &= tasks.c.closed_how == 1
        been = sorted({found.element for found in self.db.execute(select(tasks.c.element).where(where))}) or ["nowhere"]
        acts.return_task(
            self.db, by=self._doer(row, one), case_id=self.case_id, number=row.number,
            to_element=been[other % len(been)], reason="Something is missing 缺少材料",
        )  # fmt: skip
        return True

    def do_withdraw(self, one: int, other: int) -> bool:
        done = list(
            self.db.execute(
                select(tasks.c.number, tasks.c.person_id)
                .where(tasks.c.case_id == self.case_id, tasks.c.closed_how == 1, tasks.c.kind.is_(None))
                .order_by(tasks.c.number.desc())
                .limit(3)
            )
        )
        if not done:
            return False
        row = done[one % len(done)]
        acts.withdraw(self.db, by=self.ground.actor(row.person_id), case_id=self.case_id, number=row.number)
        return True

    def do_transfer(self, one: int, other: int) -> bool:
        row = self._pick(one)
        if row is None:
            return False
        by = self._supervisor(other) if other % 3 == 0 else self._doer(row, one)
        held = [person for person in self.ground.holders[row.post_id] if person != row.person_id]
        receiver = self.ground.actor(held[other % len(held)]) if held else self.starter
        acts.transfer(
            self.db, by=by, case_id=self.case_id, number=row.number, to_person=receiver.person_id, reason="Away 外出"
        )
        return True

    def do_suspend(self, one: int, other: int) -> bool:
        acts.suspend(self.db, by=self._in_hand(one), case_id=self.case_id, ground=1 + other % 7, words="Waiting 等待")
        return True

    def do_resume(self, one: int, other: int) -> bool:
        self.ground.clock.advance(days=other % 40)
        acts.resume(self.db, by=self._in_hand(one), case_id=self.case_id)
        return True

    def _in_hand(self, chance: int) -> Actor:
        row = self._pick(chance)
        return self._supervisor(chance) if row is None or chance % 4 == 0 else self._doer(row, chance)

    def do_cancel(self, one: int, other: int) -> bool:
        if other % 4:
            return False  # else most sequences would be short
        by = self.starter if one % 2 else self._supervisor(one)
        acts.cancel_case(self.db, by=by, case_id=self.case_id, reason="Taken back 申请人撤回")
        return True

    def do_extension(self, one: int, other: int) -> bool:
        row = self._pick(one)
        if row is None:
            return False
        acts.ask_extension(
            self.db, by=self._doer(row, one), case_id=self.case_id, number=row.number, days=1 + other % 30,
            reason="More to look at 尚需核查",
        )  # fmt: skip
        return True

    def do_decide(self, one: int, other: int) -> bool:
        row = self._pick(one, step=False)
        if row is None:
            return False
        acts.decide_extension(
            self.db, by=self._doer(row, one), case_id=self.case_id, number=row.number, approve=other % 2 == 0,
            words="As it is 情况属实",
        )  # fmt: skip
        return True

    def do_urge(self, one: int, other: int) -> bool:
        row = self._pick(one)
        if row is None:
            return False
        by = self.starter if other % 2 else self._supervisor(other)
        acts.urge(self.db, by=by, case_id=self.case_id, number=row.number, words="It is waited for 请尽快")
        return True

    def do_timer(self, one: int, other: int) -> bool:
        armed = self.db.execute(
            select(timers).where(timers.c.case_id == self.case_id, timers.c.closed_at.is_(None)).limit(1)
        ).first()
        if armed is None:
            return False
        self.ground.clock.set(max(self.ground.clock.now(), armed.due_at))
        return acts.fire_timer(self.db, case_id=self.case_id, token=armed.token)

    def do_message(self, one: int, other: int) -> bool:
        waits = self.db.execute(
            select(awaited).where(awaited.c.case_id == self.case_id, awaited.c.closed_at.is_(None)).limit(1)
        ).first()
        if waits is None:
            return False
        acts.deliver_message(self.db, by=self.starter, case_id=self.case_id, token=waits.token, note="It has come")
        return True

    # What always holds.

    def holds(self) -> None:
        row = self.row()
        opened = self.tasks()
        waiting = self._rows_of_waits()
        assert (row.ended_at is not None) == (not opened and not waiting), "an open case waits for something"
        numbered = [one.token for one in opened if one.kind is None]
        assert len(numbered) == len(set(numbered)), "a token is in two tasks"
        self._each_task_has_one_owner(opened)
        self._rows_stand_where_the_tokens_stand(row, opened)
        self._record_explains(row)
        if row.ended_at is None:
            assert self._can_finish(row), "there is no way to the end any more"

    def _rows_of_waits(self) -> int:
        return sum(
            self.db.scalar(
                select(func.count()).select_from(table).where(
                    table.c.case_id == self.case_id, table.c.closed_at.is_(None)
                )
            )
            or 0
            for table in (timers, awaited, incidents)
        )  # fmt: skip

    def _each_task_has_one_owner(self, opened: list[Any]) -> None:
        departments = _departments(self.ground)
        for one in opened:
            assert departments.get(one.post_id) == one.department_id, "a task lies with one post in one department"
            if one.person_id is not None:
                assert one.post_id in self.ground.actor(one.person_id).post_ids, "who has a task holds its post"

    def _rows_stand_where_the_tokens_stand(self, row: Any, opened: list[Any]) -> None:
        told = _standing(self.made_ready, row.state) if row.state else []
        by_kind: dict[str, list[str]] = {"person": [], "timer": [], "message": [], "incident": []}
        for one in told:
            kind = "incident" if isinstance(one, Trouble) else _KIND.get(one.kind, "message")
            by_kind[kind].append(one.token)
        kept = {
            "person": [one.token for one in opened if one.kind is None],
            "timer": self._tokens(timers),
            "message": self._tokens(awaited),
            "incident": self._tokens(incidents),
        }
        assert {kind: sorted(tokens) for kind, tokens in by_kind.items()} == {
            kind: sorted(tokens) for kind, tokens in kept.items()
        }

    def _tokens(self, table: Any) -> list[str]:
        return list(
            self.db.scalars(select(table.c.token).where(table.c.case_id == self.case_id, table.c.closed_at.is_(None)))
        )

    def _record_explains(self, row: Any) -> None:
        chain = Chain(row.id, row.chain_length, row.chain_head)
        links = _links(self.db.execute(_entries(self.db).where(entries.c.chain == row.id)), None)
        assert _first_in_chain(chain, links) is None
        last = self.db.execute(
            select(entries.c.act, entries.c.facts)
            .where(entries.c.chain == self.case_id)
            .order_by(entries.c.number.desc())
            .limit(1)
        ).one()
        assert words.act(last.act).en != last.act, "each act is told in words"
        assert last.act not in TAKES or orjson.loads(last.facts)["reason"], "what takes from somebody says why"

    def _can_finish(self, row: Any) -> bool:
        variables = orjson.loads(_unpacked(row.state))[2]
        key = (self.shipped.key, run.shape(row.state), orjson.dumps(variables, option=orjson.OPT_SORT_KEYS))
        if key not in self.ground.proofs:
            give = self.ground.giver(self.made_ready).give
            self.ground.proofs[key] = run.can_finish(
                self.made_ready.model, row.state, now=base_clock.now(), give=give, seen_to=BY_HAND
            )
        return self.ground.proofs[key]


_KIND: Final = {WaitKind.PERSON: "person", WaitKind.TIMER: "timer"}
MOVES: Final = (
    "complete", "complete", "complete", "complete", "claim", "release", "return", "withdraw", "withdraw", "transfer",
    "suspend", "resume", "resume", "extension", "decide", "urge", "timer", "message", "cancel",
)  # fmt: skip


def _unpacked(state: bytes) -> bytes:
    return plain(state)


def _standing(made_ready: Runnable, state: bytes) -> list[Waiting | Trouble]:
    case = load(made_ready.model, state, base_clock.now())
    return [_tell(case, number) for number in _open(case)]


def _typed(form: Form | None, answers: Mapping[str, Any]) -> Mapping[str, Any]:
    return {} if form is None else again_typed(form, answers)


_of_ground: Final[dict[int, tuple[list[int], dict[int, int]]]] = {}


def _facts(ground: Ground) -> tuple[list[int], dict[int, int]]:
    if id(ground) not in _of_ground:
        chart = organisation.chart(ground.db)
        watching = [
            person for post in chart.posts if "supervise" in post.rights for person in ground.holders.get(post.id, ())
        ]
        rows = ground.db.execute(select(posts.c.id, posts.c.department_id))
        _of_ground[id(ground)] = watching, {row.id: row.department_id for row in rows}
    return _of_ground[id(ground)]


def _supervisors(ground: Ground) -> list[int]:
    return _facts(ground)[0]


def _departments(ground: Ground) -> dict[int, int]:
    return _facts(ground)[1]
