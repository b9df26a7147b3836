"""A case is found by what its papers are called: whoever may see the case may see them. What is in them is not read."""

from __future__ import annotations

from collections.abc import Collection, Iterable

from sqlalchemy import Connection, select

from engine.base.database import OFFICE
from engine.cases.search.documents import Part, also_from
from engine.cases.tables_of_papers import paper_versions, papers


@also_from
def papers_called(db: Connection, case_ids: Collection[int]) -> Iterable[tuple[int, Part]]:
    """Titles, and the names of the files; struck out or not, for they stay to be seen."""
    rows = db.execute(
        select(papers.c.case_id, papers.c.title, paper_versions.c.name)
        .join(
            paper_versions,
            (paper_versions.c.office_id == papers.c.office_id)
            & (paper_versions.c.case_id == papers.c.case_id)
            & (paper_versions.c.paper_id == papers.c.id),
        )
        .where(papers.c.office_id == OFFICE, papers.c.case_id.in_(case_ids))
        .order_by(papers.c.case_id, papers.c.id, paper_versions.c.number)
    )
    for row in rows:
        yield row.case_id, ("paper", row.title)
        yield row.case_id, ("paper", row.name)
