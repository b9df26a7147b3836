"""The papers of a case: what there is, and what of it may be handed out to whom."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import Any, Final

from sqlalchemy import Connection, Row, and_, bindparam, select

from engine.base.database import OFFICE
from engine.base.errors import NotFound
from engine.base.frozen import frozen
from engine.base.text import Name, Text
from engine.cases.listing import visible_to
from engine.cases.tables import cases, task_drafts
from engine.cases.tables_of_papers import paper_versions, papers
from engine.organisation.rules import Actor
from engine.organisation.tables import persons
from engine.papers.rules import FoundInfected, NotScannedYet, State
from engine.papers.tables import contents
from engine.papers.uploads import digests_in

PAPER: Final = Text("paper", "材料")


@frozen
class Version:
    """One content of a paper. `person` None: the engine itself."""

    number: int
    digest: bytes
    name: str
    kind: str
    size: int
    at: datetime
    person: Text | None
    state: int

    @property
    def key(self) -> str:
        return self.digest.hex()

    @property
    def open(self) -> bool:
        return self.state == State.CLEAN


@frozen
class Paper:
    """`versions` newest first. `field`: what asked for it; `issued`: its number among those made here."""

    paper_id: int
    title: str
    field: str | None
    task_number: int | None
    issued: int | None
    withdrawn_at: datetime | None
    withdrawn_by: Text | None
    withdrawn_why: str | None
    versions: tuple[Version, ...]

    @property
    def latest(self) -> Version:
        return self.versions[0]


_withdrawer = persons.alias("withdrawer")
_OF_CASE: Final = (
    select(
        papers.c.id, papers.c.title, papers.c.field, papers.c.task_number, papers.c.issued, papers.c.withdrawn_at,
        papers.c.withdrawn_why, paper_versions.c.number, paper_versions.c.digest, paper_versions.c.name,
        paper_versions.c.at, contents.c.kind, contents.c.size, contents.c.state,
        persons.c.name_en, persons.c.name_zh,
        _withdrawer.c.name_en.label("withdrawer_en"), _withdrawer.c.name_zh.label("withdrawer_zh"),
    )
    .join(
        paper_versions,
        and_(
            paper_versions.c.office_id == papers.c.office_id,
            paper_versions.c.case_id == papers.c.case_id,
            paper_versions.c.paper_id == papers.c.id,
        ),
    )
    .join(contents, contents.c.digest == paper_versions.c.digest)
    .outerjoin(persons, persons.c.id == paper_versions.c.person_id)
    .outerjoin(_withdrawer, _withdrawer.c.id == papers.c.withdrawn_by)
    .where(papers.c.office_id == OFFICE, papers.c.case_id == bindparam("of_case"))
    .order_by(papers.c.id, paper_versions.c.number.desc())
)  # fmt: skip


def papers_of(db: Connection, *, case_id: int) -> tuple[Paper, ...]:
    """In the order they came. Whoever may see the case may see them: that was asked with the case itself."""
    by_paper: dict[int, list[Row[*tuple[Any, ...]]]] = {}
    for row in db.execute(_OF_CASE, {"of_case": case_id}):
        by_paper.setdefault(row.id, []).append(row)
    found = [_paper(rows) for rows in by_paper.values()]
    return tuple(sorted(found, key=lambda one: one.versions[-1].at))


def _paper(rows: Sequence[Row[*tuple[Any, ...]]]) -> Paper:
    first = rows[0]
    return Paper(
        paper_id=first.id, title=first.title, field=first.field, task_number=first.task_number, issued=first.issued,
        withdrawn_at=first.withdrawn_at,
        withdrawn_by=Name(first.withdrawer_en, first.withdrawer_zh) if first.withdrawer_en else None,
        withdrawn_why=first.withdrawn_why,
        versions=tuple(
            Version(
                row.number, row.digest, row.name, row.kind, row.size, row.at,
                Name(row.name_en, row.name_zh) if row.name_en else None, row.state,
            )
            for row in rows
        ),
    )  # fmt: skip


@frozen
class Handed:
    """A content that may be handed out, with the case it belongs to."""

    case_id: int
    case_number: str
    title: str
    version: int
    key: str
    name: str
    kind: str
    size: int


def handed_out(db: Connection, *, actor: Actor, case_id: int, paper_id: int, version: int) -> Handed:
    """Raises NotFound, also where the person may not see the case; NotScannedYet, FoundInfected."""
    row = db.execute(
        select(
            cases.c.number.label("case_number"), papers.c.title, paper_versions.c.digest, paper_versions.c.name,
            contents.c.kind, contents.c.size, contents.c.state, contents.c.found,
        )
        .join(papers, and_(papers.c.office_id == cases.c.office_id, papers.c.case_id == cases.c.id))
        .join(
            paper_versions,
            and_(
                paper_versions.c.office_id == papers.c.office_id,
                paper_versions.c.case_id == papers.c.case_id,
                paper_versions.c.paper_id == papers.c.id,
            ),
        )
        .join(contents, contents.c.digest == paper_versions.c.digest)
        .where(
            cases.c.office_id == OFFICE,
            cases.c.id == case_id,
            papers.c.id == paper_id,
            paper_versions.c.number == version,
            visible_to(db, actor),
        )
    ).first()  # fmt: skip
    if row is None:
        raise NotFound(what=PAPER)
    if row.state == State.HELD:
        raise NotScannedYet(name=row.name)
    if row.state == State.INFECTED:
        raise FoundInfected(name=row.name, found=row.found)
    return Handed(case_id, row.case_number, row.title, version, row.digest.hex(), row.name, row.kind, row.size)


def issued_so_far(db: Connection, case_id: int) -> int:
    """How many documents were made in the case."""
    numbers = db.scalars(
        select(papers.c.issued).where(
            papers.c.office_id == OFFICE, papers.c.case_id == case_id, papers.c.issued.is_not(None)
        )
    )
    return max(numbers, default=0)


def mentioned(db: Connection) -> set[str]:
    """Contents that stand in drafts: nothing that somebody has not sent yet is tidied away."""
    typed = db.scalars(select(task_drafts.c.typed).where(task_drafts.c.typed.contains("upload.")))
    return set().union(*(digests_in(one) for one in typed))


def cases_with(db: Connection, digest: bytes) -> tuple[tuple[int, int, str], ...]:
    """Case, paper and name of every version with this content."""
    rows = db.execute(
        select(paper_versions.c.case_id, paper_versions.c.paper_id, paper_versions.c.name).where(
            paper_versions.c.digest == digest
        )
    )
    return tuple((row.case_id, row.paper_id, row.name) for row in rows)
