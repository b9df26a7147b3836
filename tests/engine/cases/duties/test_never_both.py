"""However clerks claim, complete, hand over, return, stand in, leave and are moved about: nobody does both of two steps kept apart."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta
from typing import Any, Final

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlalchemy import Connection, select

from engine.base.database import Database
from engine.base.errors import Refusal
from engine.cases import acts
from engine.cases.asked import acts as asked
from engine.cases.asked.rules import Outcome
from engine.cases.duties import acts as duties
from engine.cases.duties.tables import stood_in
from engine.cases.rules import Closed, Kind
from engine.cases.tables import tasks
from engine.control.moving.acts import move_back, move_case
from engine.organisation.absence import acts as absence
from engine.organisation.absence.reads import absences_of
from engine.organisation.reads import today
from engine.procedures.reads import procedure
from engine.records.verify import first_broken
from tests.builders import SmallOffice
from tests.diagram_text import END, START, flow, lanes, process, step, way
from tests.thorough import examples
from tests.worlds import begun, every_head, in_force, next_edition

CLERKS: Final = ("li", "chen", "wang")
APART: Final = '<extensionElements><officium:separation from="{}" by="person"/></extensionElements>'


def _round(first: str, second: str) -> bytes:
    """Propose, check, and round again as often as somebody wants."""
    return process(
        lanes(counter=("start", first, second, "enough", "end"))
        + START + step(first, "Propose") + step(second, "Check", inner=APART.format(first))
        + '<exclusiveGateway id="enough" name="Enough?"/>' + END
        + way("start", first, second, "enough") + flow("enough", first, name="no") + flow("enough", "end", name="yes")
    )  # fmt: skip


MEANS_CHECK: Final = {"check": "check", "vet": "check", "propose": "propose", "draft": "propose"}
OWNERS: Final = {"lane:counter": "clerk"}


def _ways(db: Connection, case_id: int) -> dict[str, set[int]]:
    """Who did which step: in person, by a signature, or in somebody's name."""
    rows = db.execute(
        select(tasks.c.element, tasks.c.person_id, stood_in.c.for_person_id)
        .outerjoin(
            stood_in,
            (stood_in.c.case_id == tasks.c.case_id)
            & (stood_in.c.task_number == tasks.c.number)
            & (stood_in.c.person_id == tasks.c.person_id),
        )
        .where(
            tasks.c.case_id == case_id, tasks.c.closed_how == Closed.COMPLETED,
            tasks.c.kind.is_(None) | (tasks.c.kind != Kind.OPINION),
        )
    )  # fmt: skip
    found: dict[str, set[int]] = {"propose": set(), "check": set()}
    for row in rows:
        found[MEANS_CHECK[row.element]] |= {row.person_id, row.for_person_id} - {None}
    return found


class _Bureau:
    """One case and everything that clerks might try with it; what is refused is undone and forgotten."""

    def __init__(self, database: Database, office: SmallOffice, prefix: str) -> None:
        self.database, self.office = database, office
        with database.writing() as db:
            self.procedure = in_force(
                db, office, _round("propose", "check"), owners=OWNERS, prefix=prefix, department="bureau"
            )
            self.case_id = begun(db, office, self.procedure).case_id
            next_edition(db, office, self.procedure, _round("draft", "vet"), owners=OWNERS)
            self.edition = procedure(db, self.procedure).in_force_id

    def open(self) -> list[Any]:
        with self.database.reading() as db:
            return list(
                db.execute(
                    select(tasks).where(tasks.c.case_id == self.case_id, tasks.c.closed_at.is_(None))
                    .order_by(tasks.c.number)
                )
            )  # fmt: skip

    def attempt(self, act: Callable[[Connection], object]) -> None:
        try:
            with self.database.writing() as db:
                act(db)
        except Refusal:
            pass

    def do(self, what: str, who: str, whom: str, go_on: bool) -> None:
        waiting = self.open()
        if what == "withdraw":
            last = max((row.number for row in waiting), default=1) - 1
            self.attempt(lambda db: acts.withdraw(db, by=self.office.actor(db, who), case_id=self.case_id, number=last))
        elif what in ("claim", "release", "complete", "transfer", "return", "sign"):
            if waiting:
                self.attempt(lambda db: self._at_task(db, what, who, whom, waiting[-1]))
        else:
            self._arrange(what, who, whom, go_on)

    def _at_task(self, db: Connection, what: str, who: str, whom: str, one: Any) -> None:
        by, case_id, number = self.office.actor(db, who), self.case_id, one.number
        if what == "claim":
            acts.claim(db, by=by, case_id=case_id, number=number)
        elif what == "release":
            acts.release(db, by=by, case_id=case_id, number=number)
        elif what == "complete":
            onward = {"check": "propose", "vet": "draft"}.get(one.element)
            chosen = {"enough": [f"enough_to_{onward}"]} if onward else {}
            acts.complete_task(db, by=by, case_id=case_id, number=number, submitted={}, chosen=chosen)
        elif what == "transfer":
            acts.transfer(db, by=by, case_id=case_id, number=number, to_person=self.office.persons[whom], reason="busy")
        elif what == "return":
            back = "draft" if one.element in ("vet", "draft") else "propose"
            acts.return_task(db, by=by, case_id=case_id, number=number, to_element=back, reason="no")
        elif one.kind is not None:
            asked.answer(db, by=by, case_id=case_id, number=number, outcome=Outcome.SIGNED, words="")
        else:
            asked.add_signers(
                db, by=by, case_id=case_id, number=number, whom=[f"person:{self.office.persons[whom]}"], words="please"
            )

    def _arrange(self, what: str, who: str, whom: str, go_on: bool) -> None:
        office = self.office
        if what == "away":
            self.attempt(lambda db: self._away(db, who, office.persons["wang" if who != "wang" else whom], go_on))
        elif what == "back":
            self.attempt(lambda db: self._back(db, who))
        elif what == "leave":
            clerk = office.posts["clerk"]
            self.attempt(
                lambda db: duties.hand_over_work(
                    db, by=office.actor(db, "guo"), person_id=office.persons[who], to={clerk: office.persons[whom]},
                    leaves=False,
                )
            )  # fmt: skip
        elif what == "move":
            to = {"propose": "draft", "check": "vet"}
            self.attempt(
                lambda db: move_case(
                    db, by=office.actor(db, "he"), case_id=self.case_id, edition_id=self.edition or 0, to=to,
                    unproved=True,
                )
            )  # fmt: skip
        elif what == "move_back":
            self.attempt(lambda db: move_back(db, by=office.actor(db, "he"), case_id=self.case_id))

    def _away(self, db: Connection, who: str, deputy_id: int, goes_back: bool) -> None:
        """Where their deputy handed over all work, another one is named."""
        by, until_day = self.office.actor(db, who), today(db) + timedelta(days=3)
        for line in absences_of(db, by.person_id):
            if not line.closed and line.deputy is None:
                duties.change_absence(
                    db, by=by, absence_id=line.id, deputy_id=deputy_id, until_day=until_day, goes_back=goes_back
                )
                return
        absence.plan_absence(
            db, by=by, person_id=by.person_id, deputy_id=deputy_id, from_day=today(db), until_day=until_day,
            goes_back=goes_back,
        )  # fmt: skip

    def _back(self, db: Connection, who: str) -> None:
        for line in absences_of(db, self.office.persons[who]):
            if not line.closed:
                duties.end_absence(db, by=self.office.actor(db, who), absence_id=line.id)


def _prefix(count: int) -> str:
    return "N" + "".join(chr(ord("A") + int(digit)) for digit in f"{count:03d}")


ACTS: Final = (
    "claim", "claim", "complete", "complete", "complete", "release", "transfer", "return", "withdraw", "sign", "away",
    "away", "back", "leave", "move", "move_back",
)  # fmt: skip
SEQUENCES: Final = st.lists(
    st.tuples(st.sampled_from(ACTS), st.sampled_from(CLERKS), st.sampled_from(CLERKS), st.booleans()),
    min_size=10, max_size=22,
)  # fmt: skip


def test_nobody_ever_does_both(database: Database, office: SmallOffice) -> None:
    count = iter(range(10_000))
    seen = {"propose": 0, "check": 0, "in a name": 0}

    @settings(max_examples=examples(20), deadline=None, suppress_health_check=list(HealthCheck))
    @given(st.sampled_from((None, "li", "chen")), SEQUENCES)
    def every_sequence(absent: str | None, sequence: list[tuple[str, str, str, bool]]) -> None:
        bureau = _Bureau(database, office, _prefix(next(count)))
        if absent is not None:  # at random alone, somebody who stands in would hardly ever come to act
            bureau.do("away", absent, "wang", True)
        for what, who, whom, go_on in sequence:
            bureau.do(what, who, whom, go_on)
            with database.reading() as db:
                did = _ways(db, bureau.case_id)
                assert not did["propose"] & did["check"], (what, who, whom)
        for who in CLERKS:
            bureau.do("back", who, who, True)
        with database.reading() as db:
            assert first_broken(db, every_head(db)) is None
            did = _ways(db, bureau.case_id)
            seen["propose"] += bool(did["propose"])
            seen["check"] += bool(did["check"])
            seen["in a name"] += (
                db.scalar(select(stood_in.c.person_id).where(stood_in.c.case_id == bureau.case_id).limit(1)) is not None
            )

    every_sequence()
    assert min(seen.values()) > 0, f"too little happened to show anything: {seen}"
