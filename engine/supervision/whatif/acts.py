"""What people ask."""

from __future__ import annotations

from hashlib import sha256

from sqlalchemy import Connection, insert, select

from engine.base import clock
from engine.base.database import OFFICE, new_id
from engine.notices.kept import on_office
from engine.organisation.rules import Actor
from engine.supervision.figures.sight import seen
from engine.supervision.whatif import kept, rules
from engine.supervision.whatif.reads import department_of, names_of
from engine.supervision.whatif.rules import Change, Gate, State
from engine.supervision.whatif.tables import what_if_runs


def ask_what_if(db: Connection, *, by: Actor, procedure_id: int, change: Change) -> int:
    """Worked out in the background. The same question about the same past is one run, whoever asks it again.

    Raises NotAllowed, NotFound, NotTested, TooFewCases, StrangePlace, ShareUnfit, NotShown, TooManyQuestions.
    """
    seen(db, by, procedure_id)
    tests = kept.tests(db)
    if tests is None:
        raise rules.NotTested()
    rules.must_be_fit(change)
    departments, procedures = names_of(db)
    if procedure_id not in tests.learned:
        raise rules.TooFewCases(procedure=procedures[procedure_id], fewest=rules.FEWEST)
    for department in department_of(tests, procedure_id, change):
        tested = tests.departments.get(department)
        if tested is None or tested.gate is not Gate.OPEN:
            raise rules.NotShown(department=departments[department])
    written = change.written()
    digest = sha256(f"{procedure_id} {tests.version} {written}".encode()).digest()
    known = db.scalar(
        select(what_if_runs.c.id).where(
            what_if_runs.c.office_id == OFFICE, what_if_runs.c.digest == digest,
        )
    )  # fmt: skip
    if known is not None:
        return int(known)
    if kept.waiting(db) >= rules.MOST_WAITING:
        raise rules.TooManyQuestions(most=rules.MOST_WAITING)
    run_id = new_id()
    db.execute(
        insert(what_if_runs).values(
            office_id=OFFICE, id=run_id, procedure_id=procedure_id, state=State.WAITING, asked_by=by.person_id,
            test_version=tests.version, done=0, at=clock.now(), digest=digest, question=written,
        )
    )  # fmt: skip
    on_office(db, by, "ask_what_if", {"run": run_id, "procedure": procedure_id, "question": written})
    return run_id
