"""Papers come into a case: their rows, and those that were answered in a form."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from sqlalchemy import Connection, insert

from engine.base import clock
from engine.base.database import OFFICE
from engine.base.text import one_line
from engine.cases.tables_of_papers import paper_versions, papers
from engine.diagram import forms
from engine.organisation.rules import Actor
from engine.papers import contents
from engine.papers.rules import fit_title
from engine.papers.taking import Cabinet, Taken
from engine.papers.uploads import Uploads


def attach_answers(
    db: Connection,
    *,
    by: Actor,
    case_id: int,
    number: int | None,
    form: forms.Form | None,
    answers: Mapping[str, Any],
    uploads: Uploads | None,
) -> None:
    """The files among the answers become papers of the case; the answers' own entry of the record names them."""
    if form is None or uploads is None or not uploads.taken:
        return
    by_paper = {one.paper: one.taken for one in uploads.taken.values()}
    for field, value in forms.files_in(form.fields, answers):
        taken = by_paper.pop(value["paper"], None)
        if taken is not None:
            title = fit_title("", taken.name)
            insert_paper(
                db, case_id, value["paper"], title=title, task_number=number, field=one_line(field.asked)[:200]
            )
            insert_version(db, uploads.cabinet, case_id, value["paper"], 1, by, taken)


def insert_paper(db: Connection, case_id: int, paper_id: int, **facts: Any) -> None:
    db.execute(insert(papers).values(office_id=OFFICE, case_id=case_id, id=paper_id, versions=1, **facts))


def insert_version(
    db: Connection, cabinet: Cabinet, case_id: int, paper_id: int, number: int, by: Actor, taken: Taken
) -> None:
    contents.note(db, cabinet.store, taken)
    db.execute(
        insert(paper_versions).values(
            office_id=OFFICE, case_id=case_id, paper_id=paper_id, number=number, at=clock.now(),
            person_id=by.person_id, digest=taken.digest, name=taken.name,
        )
    )  # fmt: skip
