"""All papers of a case on one page."""

from __future__ import annotations

from flask import g, render_template
from flask.typing import ResponseReturnValue

from engine.base.errors import Refusal
from engine.cases import reads
from engine.cases.papers import papers_of
from engine.procedures import reads as procedures
from web.guard import anybody_signed_in
from web.papers.room import room
from web.shown import refused


@room.get("/<int:case_id>")
@anybody_signed_in
def papers(case_id: int) -> ResponseReturnValue:
    return page(case_id)


def page(case_id: int, refusals: list[Refusal] | None = None) -> str:
    case = reads.case(g.db, actor=g.actor, case_id=case_id)
    works = procedures.works_in(g.db, g.actor, case.edition_id, case.procedure_id)
    return render_template(
        "papers/papers.html",
        case=case,
        papers=papers_of(g.db, case_id=case_id),
        may_add=case.ended_at is None and (works or case.tasks == () or _began(case)),
        faults=[("o-paper-files", refused(one)) for one in refusals or ()],
    )


def _began(case: reads.CasePage) -> bool:
    first = case.record[0].person if case.record else None
    return first is not None and (first.en, first.zh) == (g.actor.name_en, g.actor.name_zh)
