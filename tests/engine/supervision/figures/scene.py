"""Random histories of a small office: cases of a procedure with clocks, moved about by whoever may."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass, field
from typing import Any, Final

from hypothesis import strategies as st
from sqlalchemy import Connection, select

from engine.base.errors import Refusal
from engine.cases import acts
from engine.cases.clocks import acts as clock_acts
from engine.cases.clocks.tables import stops
from engine.cases.handing import acts as handing
from engine.cases.tables import cases, tasks
from engine.control.moving import acts as moving
from engine.organisation.rules import Actor
from tests.builders import SmallOffice
from tests.conftest import Clock
from tests.diagram_text import END, START, flow, lanes, process, step, way
from tests.worlds import begun, in_force, next_edition

_ATTRIBUTES: Final = (
    'officium:ruleSet="cn-licensing" officium:promised="P2D" officium:promiseFrom="start" officium:countsFrom="check" '
    'officium:decidedBy="decide"'
)


def drawn(review: str = "Plans") -> bytes:
    """Counter, two reviews side by side in the bureau, a decision that may ask the applicant once more."""
    body = (
        lanes(counter=("start", "check", "await", "deliver", "end"), bureau=("split", "plans", "fire", "join", "decide",
              "more"))
        + START + step("check", "Check")
        + '<parallelGateway id="split"/>' + step("plans", review, 'officium:standardTime="PT10H"') + step("fire", "Fire")
        + '<parallelGateway id="join"/>' + step("decide", "Decide") + '<exclusiveGateway id="more" name="More?"/>'
        + step("await", "Await", 'officium:stopsClock="supplement" officium:external="true"')
        + step("deliver", "Deliver", 'officium:standardTime="P1D"') + END
        + way("start", "check", "split", "plans", "join") + way("split", "fire", "join", "decide", "more")
        + flow("more", "await", name="yes") + flow("more", "deliver", name="no") + way("await", "deliver", "end")
    )  # fmt: skip
    return process(body).replace(b"<process ", f"<process {_ATTRIBUTES} ".encode(), 1)


MOVES: Final = (
    "begin", "complete", "complete", "complete", "complete", "claim", "claim", "work", "work", "release", "return",
    "hand_back", "accept", "suspend", "resume", "stop", "go_on", "cancel", "move", "transfer",
)  # fmt: skip
Step = tuple[int, int, int]
"""Which move, on which, how many hours later in quarters."""

HISTORIES: Final = st.lists(
    st.tuples(st.integers(0, len(MOVES) - 1), st.integers(0, 11), st.integers(0, 60)), min_size=4, max_size=40
)


@dataclass
class Office:
    """What is done is done through acts; what is refused leaves nothing behind."""

    db: Connection
    office: SmallOffice
    clock: Clock
    procedure_id: int = 0
    second: int | None = None
    made: Counter[str] = field(default_factory=Counter)

    def open(self) -> Office:
        self.procedure_id = in_force(self.db, self.office, drawn(), department="counter")
        return self

    def play(self, history: list[Step]) -> None:
        for one in ((0, 0, 1), *history):
            self.step(one)

    def step(self, one: Step) -> None:
        name = MOVES[one[0]]
        self.clock.advance(hours=one[2] / 4)
        point = self.db.begin_nested()
        try:
            done = getattr(self, f"do_{name}")(one[1])
        except Refusal:
            point.rollback()
            return
        point.commit()
        self.made[name] += bool(done)

    def _tasks(self) -> list[Any]:
        rows = self.db.execute(
            select(tasks).where(tasks.c.closed_at.is_(None)).order_by(tasks.c.case_id, tasks.c.number)
        )
        return list(rows)

    def _pick(self, which: int) -> Any:
        found = self._tasks()
        return found[which % len(found)] if found else None

    def _case(self, which: int) -> int | None:
        found = list(self.db.scalars(select(cases.c.id).where(cases.c.ended_at.is_(None)).order_by(cases.c.id)))
        return found[which % len(found)] if found else None

    def _doer(self, row: Any, which: int) -> Actor:
        if row.person_id is not None:
            login = next(login for login, person in self.office.persons.items() if person == row.person_id)
        else:
            login = (("li", "chen") if row.post_id == self.office.posts["clerk"] else ("wang", "zhao"))[which % 2]
        return self.office.actor(self.db, login)

    def _of_task(self, which: int, act: Any, **more: Any) -> bool:
        row = self._pick(which)
        if row is None:
            return False
        act(self.db, by=self._doer(row, which), case_id=row.case_id, number=row.number, **more)
        return True

    def do_begin(self, which: int) -> bool:
        begun(self.db, self.office, self.procedure_id, by=("li", "chen")[which % 2])
        return True

    def do_complete(self, which: int) -> bool:
        row = self._pick(which)
        if row is None:
            return False
        chosen = (
            {"more": ["more_to_await" if which % 3 == 0 else "more_to_deliver"]} if row.element == "decide" else None
        )
        return self._of_task(which, acts.complete_task, submitted={}, chosen=chosen)

    def do_claim(self, which: int) -> bool:
        return self._of_task(which, acts.claim)

    def do_work(self, which: int) -> bool:
        for act in (acts.begin_work, acts.pause_work, acts.resume_work):
            try:
                return self._of_task(which, act)
            except Refusal:
                continue
        return False

    def do_release(self, which: int) -> bool:
        return self._of_task(which, acts.release)

    def do_return(self, which: int) -> bool:
        earlier = ("check", "plans", "decide")[which % 3]
        return self._of_task(which, acts.return_task, to_element=earlier, reason="Something is missing")

    def do_hand_back(self, which: int) -> bool:
        return self._of_task(which, handing.return_hand_over, reason="Not ours")

    def do_accept(self, which: int) -> bool:
        return self._of_task(which, handing.accept_hand_over)

    def do_suspend(self, which: int) -> bool:
        return self._of_case(which, acts.suspend, ground=1, words="Waiting")

    def do_resume(self, which: int) -> bool:
        return self._of_case(which, acts.resume)

    def do_stop(self, which: int) -> bool:
        return self._of_case(
            which, clock_acts.stop_clock, ground=("hearing", "inspection")[which % 2], words="A hearing"
        )

    def do_go_on(self, which: int) -> bool:
        case_id = self._case(which)
        number = self.db.scalar(
            select(stops.c.number).where(stops.c.case_id == case_id, stops.c.end_at.is_(None)).limit(1)
        )
        return number is not None and self._of_case(which, clock_acts.resume_clock, number=number)

    def do_cancel(self, which: int) -> bool:
        return which % 4 == 0 and self._of_case(which, acts.cancel_case, by="zhou", reason="Taken back")

    def do_move(self, which: int) -> bool:
        if self.second is None:
            self.second = next_edition(self.db, self.office, self.procedure_id, drawn("Plans, the second time"))
        case_id = self._case(which)
        if case_id is None:
            return False
        designer = self.office.actor(self.db, "he")
        moving.move_case(self.db, by=designer, case_id=case_id, edition_id=self.second, unproved=True)
        return True

    def do_transfer(self, which: int) -> bool:
        row = self._pick(which)
        if row is None:
            return False
        other = "chen" if row.post_id == self.office.posts["clerk"] else "zhao"
        return self._of_task(which, acts.transfer, to_person=self.office.persons[other], reason="Away")

    def _of_case(self, which: int, act: Any, *, by: str = "zhou", **more: Any) -> bool:
        case_id = self._case(which)
        if case_id is None:
            return False
        act(self.db, by=self.office.actor(self.db, by), case_id=case_id, **more)
        return True
