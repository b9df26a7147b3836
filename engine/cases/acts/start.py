"""Starting a case."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Any

from sqlalchemy import BigInteger, Connection, func, literal, select

from engine.base.database import OFFICE
from engine.base.errors import Refusal
from engine.cases import rules
from engine.cases.acts.journey import Beginning, Started, begin
from engine.cases.answers import filled
from engine.cases.attached import attach_answers
from engine.cases.tables import cases
from engine.organisation.rules import Actor
from engine.papers.uploads import Uploads
from engine.procedures.reads import in_force, must_start
from engine.procedures.rules import APPROVAL


def start_case(
    db: Connection,
    *,
    by: Actor,
    procedure_id: int,
    matter: str,
    applicant: str,
    submitted: Mapping[str, Sequence[str]],
    chosen: Mapping[str, Sequence[str]] | None = None,
    receipt: bytes | None = None,
    subject: str | None = None,
    uploads: Uploads | None = None,
    applicant_kind: rules.Applicant | None = None,
) -> Started:
    """A case on the edition in force, numbered within the procedure and the office's year.

    Raises NothingInForce, NotAllowed, MatterMissing, ApplicantMissing, FormFaults, or CaseFaults of several of these:
    all that is missing is told at once. The same `receipt` sent twice starts one case. Whoever names a `subject` has made sure that the person may begin it, and
    alone decides what is decided in it.
    """
    twin = _started_with(db, receipt)
    if twin is not None:
        return twin
    made_ready, prefix = in_force(db, procedure_id)
    if subject is None:
        if made_ready.process == APPROVAL:
            raise rules.BegunElsewhere()
        must_start(db, by, procedure_id, made_ready)
    form = made_ready.start_form
    applicant, matter, answers = _all_fit(
        lambda: rules.fit_applicant(applicant),
        lambda: rules.fit_matter(matter),
        lambda: filled(form, submitted, dict, uploads),
    )
    beginning = Beginning(
        made_ready, prefix, matter, applicant, answers, chosen or {}, by, None, made_ready.start, receipt, subject,
        applicant_kind=applicant_kind,
    )  # fmt: skip
    started = begin(db, beginning)
    attach_answers(db, by=by, case_id=started.case_id, number=None, form=form, answers=answers, uploads=uploads)
    return started


def _all_fit(*checks: Callable[[], Any]) -> list[Any]:
    fitting: list[Any] = []
    faults: list[Refusal] = []
    for check in checks:
        try:
            fitting.append(check())
        except (rules.ApplicantMissing, rules.MatterMissing, rules.FormFaults) as fault:
            faults.append(fault)
    if len(faults) > 1:
        raise rules.CaseFaults(each=faults)
    if faults:
        raise faults[0]
    return fitting


def _started_with(db: Connection, receipt: bytes | None) -> Started | None:
    if receipt is None:
        return None
    _wait_for_twin(db, receipt)
    row = db.execute(
        select(cases.c.id, cases.c.number, cases.c.ended_at).where(
            cases.c.office_id == OFFICE, cases.c.receipt == receipt
        )
    ).first()
    return None if row is None else Started(row.id, row.number, (), row.ended_at is not None)


def _wait_for_twin(db: Connection, receipt: bytes) -> None:
    """Where writers do not stand in one line, the second of two that carry one receipt waits until the first is kept."""
    if db.dialect.name == "postgresql":
        lock = int.from_bytes(receipt[:8], "big", signed=True)
        db.execute(select(func.pg_advisory_xact_lock(literal(lock, BigInteger))))
