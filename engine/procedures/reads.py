"""What can be asked of procedures: which there are, what an edition holds, who may do what in them."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import field
from datetime import datetime
from functools import lru_cache
from typing import Any, Final

from sqlalchemy import Connection, Row, Select, and_, exists, literal, select, union_all

from engine.base.errors import NotAllowed, NotFound
from engine.base.frozen import frozen
from engine.base.prepared import Prepared
from engine.base.text import Name, Text
from engine.diagram.forms import Form
from engine.diagram.shape import Diagram, Element, Finding, Owner, Severity
from engine.organisation.reads import chart, department_and_below
from engine.organisation.rules import Actor, Right
from engine.organisation.tables import departments, persons
from engine.procedures import rules, tables
from engine.procedures.editions import contents
from engine.procedures.rules import EditionState
from engine.procedures.runnable import Runnable, runnable
from engine.procedures.waivers import Place, Waived, Waiver, place, waivers
from engine.records.journal import Chain
from engine.worktime.spans import Span

_p, _e = tables.procedures, tables.editions
_PROCEDURE: Final = Text(en="procedure", zh="程序")
_EDITION: Final = Text(en="edition", zh="版本")
_NOT_STARTED_HERE: Final = Text(
    en="cases of this procedure are started by the posts that take part in it",
    zh="该程序的办件由参与该程序的岗位发起",
)
_WITHOUT_POST: Final = "lane-unmapped"  # the rule's code: what runs cases loads no rules
_NOT_SUPERVISED: Final = Text(
    en="this is for the supervisors of the department that answers for the procedure",
    zh="此操作限负责该程序的部门的监督岗位",
)


@frozen
class ProcedureLine:
    """A procedure as listed."""

    id: int
    name: str
    prefix: str
    department: Text
    in_force_id: int | None
    in_force_number: int | None
    in_force_at: datetime | None
    latest_id: int | None
    latest_number: int | None
    latest_state: str | None
    department_id: int


@frozen
class EditionLine:
    """An edition as listed under its procedure."""

    id: int
    number: int
    state: str
    file: str
    uploaded_at: datetime
    uploaded_by: Text
    in_force_at: datetime | None
    out_of_force_at: datetime | None


@frozen
class OwnerLine:
    """An owner drawn in the diagram and the post mapped to it. `held_by` counts today's holders."""

    owner: Owner
    post_id: int | None


@frozen
class EditionPage:
    """An edition with everything a designer sees of it."""

    line: EditionLine
    procedure_id: int
    procedure: str
    diagram: Diagram
    findings: tuple[Finding, ...]
    owners: tuple[OwnerLine, ...]
    attachments: Mapping[str, int]  # path to size in bytes
    process: str | None
    asked: frozenset[str]
    waivers: Mapping[Place, Waiver] = field(default_factory=dict)

    @property
    def keeping_out(self) -> tuple[Finding, ...]:
        """But for owners without a post: `without_post` tells of them."""
        return tuple(one for one in rules.keeping_out(self.findings, self.asked) if one.rule.code != _WITHOUT_POST)

    @property
    def without_post(self) -> tuple[Finding, ...]:
        return tuple(one for one in self.findings if one.rule.code == _WITHOUT_POST)

    @property
    def open_findings(self) -> tuple[Finding, ...]:
        """But for those that are waived, and for owners without a post."""
        return tuple(
            one
            for one in self.findings
            if one.rule.code != _WITHOUT_POST
            and not (one.rule.severity is Severity.ATTENTION and place(one) in self.waivers)
        )

    @property
    def to_look_at(self) -> tuple[Finding, ...]:
        out = {*map(id, self.keeping_out), *map(id, self.without_post)}
        return tuple(
            one
            for one in self.findings
            if id(one) not in out and one.rule.severity is not Severity.INFO and place(one) not in self.waivers
        )

    @property
    def waived(self) -> tuple[Waived, ...]:
        return tuple(
            Waived(one, self.waivers[place(one)])
            for one in self.findings
            if one.rule.severity is Severity.ATTENTION and place(one) in self.waivers
        )

    @property
    def told(self) -> tuple[Finding, ...]:
        return tuple(one for one in self.findings if one.rule.severity is Severity.INFO)


def _every_procedure() -> Select[Any]:
    in_force = _e.alias("in_force")
    latest = _e.alias("latest")
    newer = _e.alias("newer")
    is_latest = ~exists().where(newer.c.procedure_id == latest.c.procedure_id, newer.c.number > latest.c.number)
    return (
        select(
            _p.c.id, _p.c.name, _p.c.prefix, departments.c.name_en, departments.c.name_zh,
            in_force.c.id.label("in_force_id"), in_force.c.number.label("in_force_number"), in_force.c.in_force_at,
            latest.c.id.label("latest_id"), latest.c.number.label("latest_number"),
            latest.c.state.label("latest_state"), _p.c.department_id,
        )
        .join(departments, departments.c.id == _p.c.department_id)
        .outerjoin(in_force, and_(in_force.c.procedure_id == _p.c.id, in_force.c.state == EditionState.IN_FORCE))
        .outerjoin(latest, and_(latest.c.procedure_id == _p.c.id, is_latest))
        .order_by(_p.c.prefix)
    )  # fmt: skip


_PROCEDURES: Final = Prepared(_every_procedure())


def procedures(db: Connection) -> tuple[ProcedureLine, ...]:
    return tuple(
        ProcedureLine(
            row.id, row.name, row.prefix, Name(row.name_en, row.name_zh), row.in_force_id, row.in_force_number,
            row.in_force_at, row.latest_id, row.latest_number, row.latest_state, row.department_id,
        )
        for row in _PROCEDURES.all(db, {})
    )  # fmt: skip


def procedure(db: Connection, procedure_id: int) -> ProcedureLine:
    found = next((one for one in procedures(db) if one.id == procedure_id), None)
    if found is None:
        raise NotFound(what=_PROCEDURE)
    return found


def editions(db: Connection, procedure_id: int) -> tuple[EditionLine, ...]:
    """Newest first."""
    rows = db.execute(_edition_lines().where(_e.c.procedure_id == procedure_id).order_by(_e.c.number.desc()))
    return tuple(_edition_line(row) for row in rows)


def edition(db: Connection, edition_id: int) -> EditionPage:
    row = db.execute(
        _edition_lines()
        .add_columns(_p.c.id.label("procedure_id"), _p.c.name.label("procedure"), _e.c.process)
        .join(_p, _p.c.id == _e.c.procedure_id)
        .where(_e.c.id == edition_id)
    ).first()
    if row is None:
        raise NotFound(what=_EDITION)
    from engine.procedures.judging import found_in  # noqa: PLC0415 -- as in `Contents.findings`

    held = contents(db, edition_id)
    posts_of = {
        one.owner: one.post_id
        for one in db.execute(
            select(tables.owners.c.owner, tables.owners.c.post_id).where(tables.owners.c.edition_id == edition_id)
        )
    }
    asked = db.scalars(select(tables.questions.c.flow).where(tables.questions.c.edition_id == edition_id))
    return EditionPage(
        line=_edition_line(row),
        procedure_id=row.procedure_id,
        procedure=row.procedure,
        diagram=held.diagram,
        findings=found_in(db, edition_id, held),
        owners=tuple(OwnerLine(owner, posts_of.get(owner.key)) for owner in held.owners),
        attachments={path: len(content) for path, content in held.attachments.items()},
        process=rules.main_process(held.diagram, row.process),
        asked=frozenset(asked),
        waivers=waivers(db, edition_id),
    )


def source(db: Connection, edition_id: int) -> tuple[str, bytes]:
    """The file as uploaded: its name and its bytes."""
    row = db.execute(select(_e.c.file, _e.c.source).where(_e.c.id == edition_id)).first()
    if row is None:
        raise NotFound(what=_EDITION)
    return row.file, row.source


def drawing(db: Connection, edition_id: int) -> bytes:
    """The file to be drawn: as uploaded, or with coordinates of our making where it has none."""
    diagram = contents(db, edition_id).diagram
    return diagram.source if diagram.has_coordinates else _laid_out(diagram.source, diagram.file)


@lru_cache(maxsize=32)
def _laid_out(source: bytes, file: str) -> bytes:
    from engine.diagram.layout import laid_out  # noqa: PLC0415  as the rules: whoever looks at diagrams needs it

    return laid_out(source, file)


def element_names(db: Connection, edition_id: int) -> Mapping[str, str]:
    """By element id, of those that have a name."""
    return contents(db, edition_id).names


def drawn_step(db: Connection, edition_id: int, element: str) -> Element | None:
    """A step as its edition draws it; None where it draws none of that id."""
    return contents(db, edition_id).diagram.elements.get(element)


def element_forms(db: Connection, edition_id: int) -> Mapping[str, Form]:
    """By element id, of the steps and starts that ask something."""
    return contents(db, edition_id).forms


def procedures_and_departments(db: Connection) -> tuple[tuple[tuple[int, str], ...], tuple[tuple[int, Name], ...]]:
    """What a list can be narrowed to, in one statement: ids and names, procedures by prefix and departments by code."""
    every = union_all(
        select(
            literal(True).label("is_procedure"), _p.c.id, _p.c.prefix.label("code"), _p.c.name, _p.c.name.label("zh")
        ),
        select(literal(False), departments.c.id, departments.c.code, departments.c.name_en, departments.c.name_zh),
    ).subquery()
    rows = db.execute(select(every).order_by(every.c.code)).all()
    return (
        tuple((row.id, row.name) for row in rows if row.is_procedure),
        tuple((row.id, Name(row.name, row.zh)) for row in rows if not row.is_procedure),
    )


def steps_together(db: Connection, edition_id: int) -> frozenset[str]:
    """Ids of the steps that may be completed several at once."""
    return contents(db, edition_id).together


def standard_times(db: Connection, edition_id: int) -> Mapping[str, Span]:
    """How long each step may take, by its id; those that do not say are left out."""
    return contents(db, edition_id).standard_times


def in_force(db: Connection, procedure_id: int) -> tuple[Runnable, str]:
    """The edition in force, ready to run, and the prefix of case numbers. Raises NothingInForce."""
    row = db.execute(
        select(_p.c.name, _p.c.prefix, _e.c.id)
        .outerjoin(_e, and_(_e.c.procedure_id == _p.c.id, _e.c.state == EditionState.IN_FORCE))
        .where(_p.c.id == procedure_id)
    ).first()
    if row is None:
        raise NotFound(what=_PROCEDURE)
    if row.id is None:
        raise rules.NothingInForce(procedure=row.name)
    return runnable(db, row.id), row.prefix


def startable(db: Connection, actor: Actor, *, supervised: frozenset[int] | None = None) -> tuple[ProcedureLine, ...]:
    """The procedures in force that the person may start a case of. `supervised`: departments, where that is known already."""
    watched = supervised_departments(db, actor) if supervised is None else supervised
    return tuple(
        line
        for line in procedures(db)
        if line.in_force_id is not None
        and (line.department_id in watched or runnable(db, line.in_force_id).start_posts & actor.post_ids)
        and runnable(db, line.in_force_id).process != rules.APPROVAL  # begins when an edition is submitted
    )


def may_start(db: Connection, actor: Actor, procedure_id: int, made_ready: Runnable) -> bool:
    """The post whose lane the start stands in; where it stands in none, every post of the procedure."""
    starters = made_ready.start_posts
    if starters & actor.post_ids:
        return True
    return supervises(db, actor, procedure_id)


def must_start(db: Connection, actor: Actor, procedure_id: int, made_ready: Runnable) -> None:
    if not may_start(db, actor, procedure_id, made_ready):
        raise NotAllowed(why=_NOT_STARTED_HERE)


def supervised_departments(db: Connection, actor: Actor) -> frozenset[int]:
    """The departments of the person's supervising posts, and all below them."""
    own = [post.department_id for post in actor.posts if Right.SUPERVISE in post.rights]
    return department_and_below(db, own) if own else frozenset()


def supervises(db: Connection, actor: Actor, procedure_id: int) -> bool:
    if not actor.may(Right.SUPERVISE):
        return False
    department = db.scalar(select(_p.c.department_id).where(_p.c.id == procedure_id))
    return department in supervised_departments(db, actor)


def must_supervise(db: Connection, actor: Actor, procedure_id: int) -> None:
    if not supervises(db, actor, procedure_id):
        raise NotAllowed(why=_NOT_SUPERVISED)


def works_in(db: Connection, actor: Actor, edition_id: int, procedure_id: int) -> bool:
    """Holders of a post that owns a lane of the edition, and its supervisors."""
    owned = db.scalar(
        select(tables.owners.c.post_id)
        .where(tables.owners.c.edition_id == edition_id, tables.owners.c.post_id.in_(actor.post_ids))
        .limit(1)
    )
    return owned is not None or supervises(db, actor, procedure_id)


def must_work_in(db: Connection, actor: Actor, edition_id: int, procedure_id: int) -> None:
    if not works_in(db, actor, edition_id, procedure_id):
        raise NotAllowed(why=_NOT_STARTED_HERE)


def heads(db: Connection) -> Iterator[Chain]:
    """The heads of all chains of procedures, for the verifier."""
    for row in db.execute(select(_p.c.chain, _p.c.chain_length, _p.c.chain_head)):
        yield Chain(row.chain, row.chain_length, row.chain_head)


@frozen
class PostChoice:
    """A post to choose as an owner. `holders` counts who holds it today."""

    id: int
    name: Name
    department_id: int
    department: Name
    holders: int


def post_choices(db: Connection) -> tuple[PostChoice, ...]:
    """Every post, by department."""
    return tuple(
        PostChoice(post.id, post.name, department.id, department.name, len(post.holders))
        for _depth, department in chart(db).walk()
        for post in department.posts
    )


def _edition_lines() -> Select[Any]:
    return select(
        _e.c.id, _e.c.number, _e.c.state, _e.c.file, _e.c.uploaded_at, _e.c.in_force_at, _e.c.out_of_force_at,
        persons.c.name_en, persons.c.name_zh,
    ).join(persons, persons.c.id == _e.c.uploaded_by)  # fmt: skip


def _edition_line(row: Row[*tuple[Any, ...]]) -> EditionLine:
    return EditionLine(
        row.id, row.number, row.state, row.file, row.uploaded_at, Name(row.name_en, row.name_zh),
        row.in_force_at, row.out_of_force_at,
    )  # fmt: skip


def must_exist(db: Connection, edition_id: int) -> None:
    """Raises NotFound."""
    if db.scalar(select(_e.c.id).where(_e.c.id == edition_id)) is None:
        raise NotFound(what=_EDITION)


def must_belong(db: Connection, procedure_id: int, edition_id: int) -> None:
    """Raises NotFound where the edition is not one of the procedure's."""
    owner = db.scalar(select(_e.c.procedure_id).where(_e.c.id == edition_id))
    if owner != procedure_id:
        raise NotFound(what=_EDITION)
