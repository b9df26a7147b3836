"""What people do with the papers of a case: add, replace, strike out, issue."""

from __future__ import annotations

from typing import Any

from sqlalchemy import Connection, Row, select, update

from engine.base import clock
from engine.base.database import OFFICE, new_id
from engine.base.errors import NotFound
from engine.base.text import one_line
from engine.cases import rules
from engine.cases.acts.moving import CASE, Note, keep_note, locked, ready
from engine.cases.acts.work import locked_task
from engine.cases.attached import insert_paper, insert_version
from engine.cases.entitled import must_be_workable
from engine.cases.listing import visible_to
from engine.cases.papers import PAPER, cases_with, issued_so_far
from engine.cases.tables import cases
from engine.cases.tables_of_papers import papers
from engine.organisation.rules import Actor
from engine.papers import contents
from engine.papers.rules import MOST_REASON, fit_title
from engine.papers.taking import Cabinet, Taken
from engine.procedures.reads import must_work_in
from engine.procedures.runnable import place

Case = Row[*tuple[Any, ...]]


def attach_paper(
    db: Connection,
    *,
    by: Actor,
    case_id: int,
    cabinet: Cabinet,
    taken: Taken,
    title: str = "",
    task_number: int | None = None,
) -> int:
    """The paper's id. Raises NotFound, NotAllowed, CaseEnded, ContentGone."""
    case = _workable(db, by, case_id)
    paper_id = new_id()
    title = fit_title(title, taken.name)
    insert_paper(db, case_id, paper_id, title=title, task_number=task_number)
    insert_version(db, cabinet, case_id, paper_id, 1, by, taken)
    facts = {"paper": paper_id, "title": title, "version": 1, **_told(taken)}
    keep_note(db, case, Note("attach_paper", by, None, facts))
    return paper_id


def add_version(db: Connection, *, by: Actor, case_id: int, paper_id: int, cabinet: Cabinet, taken: Taken) -> int:
    """The version's number; older ones stay. Raises as `attach_paper`, and IssuedStays, PaperWithdrawn."""
    case = _workable(db, by, case_id)
    paper = _standing(db, case_id, paper_id)
    if paper.issued is not None:
        raise rules.IssuedStays(title=paper.title)
    number: int = paper.versions + 1
    insert_version(db, cabinet, case_id, paper_id, number, by, taken)
    db.execute(update(papers).where(*_at(case_id, paper_id)).values(versions=number))
    facts = {"paper": paper_id, "title": paper.title, "version": number, **_told(taken)}
    keep_note(db, case, Note("add_version", by, None, facts))
    return number


def withdraw_paper(db: Connection, *, by: Actor, case_id: int, paper_id: int, reason: str) -> None:
    """Struck out with the reason; it stays to be seen. Raises ReasonMissing, PaperWithdrawn."""
    case = _workable(db, by, case_id)
    paper = _standing(db, case_id, paper_id)
    why = one_line(reason)[:MOST_REASON]
    if not why:
        raise rules.ReasonMissing()
    db.execute(
        update(papers)
        .where(*_at(case_id, paper_id))
        .values(withdrawn_at=clock.now(), withdrawn_by=by.person_id, withdrawn_why=why)
    )
    facts = {"paper": paper_id, "title": paper.title, "reason": why}
    keep_note(db, case, Note("withdraw_paper", by, None, facts))


def issue_document(
    db: Connection,
    *,
    by: Actor,
    case_id: int,
    number: int,
    template: str,
    title: str,
    issued: int,
    cabinet: Cabinet,
    taken: Taken,
) -> int:
    """A document that was made in the task `number`, kept as it is issued; the paper's id.

    `issued` is the number it bears: raises IssuedMeanwhile where another one has taken it.
    """
    task = locked_task(db, case_id, number)
    if task.ended_at is not None:
        raise rules.CaseEnded(case=task.case_number, at=task.ended_at)
    step = place(db, ready(db, task), task.edition_id, task.element)
    hand = must_be_workable(db, task, step, by)
    if issued_so_far(db, case_id) + 1 != issued:
        raise rules.IssuedMeanwhile()
    paper_id = new_id()
    title = fit_title(title, taken.name)
    insert_paper(db, case_id, paper_id, title=title, task_number=number, issued=issued, template=template)
    insert_version(db, cabinet, case_id, paper_id, 1, by, taken)
    facts = {
        "task": number, "element": task.element, "paper": paper_id, "title": title, "issued": issued,
        "template": template, **_told(taken),
    }  # fmt: skip
    keep_note(db, task, Note("issue_document", by, hand.post_id, facts))
    return paper_id


def refuse_paper(db: Connection, *, by: Actor, case_id: int, name: str, found: str) -> None:
    """An infected file was handed in: nothing of it is kept but this entry. Where the case has ended, not even that."""
    case = _workable(db, by, case_id)
    keep_note(db, case, Note("refuse_paper", by, None, {"name": name, "found": found}))


def scan_paper(db: Connection, *, digest: bytes, found: str | None) -> None:
    """The scanner has answered for a content that was held back. `found` None: it is clean."""
    contents.scanned(db, digest, found)
    for case_id, paper_id, name in cases_with(db, digest):
        try:
            case = locked(db, case_id)
        except rules.CaseEnded:
            continue  # its chain is closed; the content is released or barred all the same
        facts = {"paper": paper_id, "name": name, "sha256": digest.hex(), **({"found": found} if found else {})}
        keep_note(db, case, Note("scan_paper", None, None, facts))


def _workable(db: Connection, by: Actor, case_id: int) -> Case:
    """The open case, locked, before somebody who works in it or began it."""
    case = locked(db, case_id)
    seen = db.execute(
        select(cases.c.started_by).where(cases.c.office_id == OFFICE, cases.c.id == case_id, visible_to(db, by))
    ).first()
    if seen is None:
        raise NotFound(what=CASE)
    if seen.started_by != by.person_id:
        must_work_in(db, by, case.case_edition_id, case.procedure_id)
    return case


def _standing(db: Connection, case_id: int, paper_id: int) -> Case:
    paper = db.execute(select(papers).where(*_at(case_id, paper_id))).first()
    if paper is None:
        raise NotFound(what=PAPER)
    if paper.withdrawn_at is not None:
        raise rules.PaperWithdrawn(title=paper.title, at=paper.withdrawn_at)
    return paper


def _at(case_id: int, paper_id: int) -> tuple[Any, ...]:
    return papers.c.office_id == OFFICE, papers.c.case_id == case_id, papers.c.id == paper_id


def _told(taken: Taken) -> dict[str, Any]:
    return {"name": taken.name, "kind": taken.kind, "size": taken.size, "sha256": taken.key}
