"""What can be asked of what-if: whether staffing explains the wait, what may be asked, and what came of it."""

from __future__ import annotations

from collections import defaultdict
from datetime import datetime
from typing import Any, Final

import orjson
from sqlalchemy import Connection, Row, literal, select, union_all

from engine.base.database import OFFICE
from engine.base.errors import NotFound
from engine.base.frozen import frozen
from engine.base.text import Name
from engine.organisation.reads import person_name
from engine.organisation.rules import Actor
from engine.organisation.tables import departments, posts
from engine.procedures.tables import procedures
from engine.supervision.figures.sight import seen
from engine.supervision.whatif import kept
from engine.supervision.whatif.kept import Known, Tests
from engine.supervision.whatif.rules import (
    RUN,
    Answer,
    Change,
    Gate,
    Kind,
    State,
    StrangePlace,
    Tested,
    TestedCycle,
    answers_read,
    key_of_place,
)
from engine.supervision.whatif.tables import what_if_runs

_LISTED: Final = 20


@frozen
class DepartmentTest:
    department_id: int
    name: Name
    gate: Gate
    tested: Tested | None  # None: nothing of it was taken in those weeks


@frozen
class Offered:
    """A step of a procedure, with whom it lies."""

    element: str
    step: str
    post_id: int
    post: Name
    department_id: int
    department: Name
    gate: Gate
    n: int


@frozen
class RunLine:
    id: int
    procedure_id: int
    procedure: str
    change: Change
    state: State
    done: int
    at: datetime
    step: str  # that the question names
    post: Name | None


@frozen
class ProcedureLine:
    procedure_id: int
    name: str
    open: int  # departments whose wait staffing explains
    departments: int
    learned: bool


@frozen
class ProcedurePage:
    procedure_id: int
    name: str
    made_at: datetime | None  # None: not tested yet
    learned: bool
    departments: tuple[DepartmentTest, ...]
    cycle: TestedCycle | None
    offered: tuple[Offered, ...]
    runs: tuple[RunLine, ...]

    @property
    def any_open(self) -> bool:
        return any(one.gate is Gate.OPEN for one in self.departments)


@frozen
class StepAnswer:
    element: str
    step: str
    department: Name
    wait: Answer | None
    queue: Answer | None


@frozen
class RunPage:
    """`steps`: of departments whose wait staffing explains, no others. Cycle times None where the test did not bear them out."""

    line: RunLine
    asked_by: Name
    problem: Name | None
    ended_at: datetime | None
    tested_at: datetime | None
    steps: tuple[StepAnswer, ...]
    median: Answer | None
    p90: Answer | None
    late: Answer | None
    ended: Answer | None
    shown: tuple[DepartmentTest, ...]
    hidden: tuple[DepartmentTest, ...]
    cycle: TestedCycle | None


def names_of(db: Connection) -> tuple[dict[int, Name], dict[int, str]]:
    """Of departments and procedures, in one statement."""
    rows = db.execute(
        union_all(
            select(literal(1).label("kind"), departments.c.id, departments.c.name_en, departments.c.name_zh),
            select(literal(2), procedures.c.id, procedures.c.name, procedures.c.name),
        )
    ).all()
    return (
        {row.id: Name(row.name_en, row.name_zh) for row in rows if row.kind == 1},
        {row.id: row.name_en for row in rows if row.kind == 2},
    )


def department_of(tests: Tests, procedure_id: int, change: Change) -> set[int]:
    """Where the question would change something: the wait there is what is to be explained. Raises StrangePlace."""
    mine = [one for one in tests.places if one.place[0] == procedure_id]
    if change.kind in (Kind.STAFF, Kind.ORDER):
        found = {one.department for one in mine if one.place[2] == change.post}
    elif change.kind in (Kind.WITHOUT, Kind.SMALL):
        found = {one.department for one in mine if one.place[1] == change.element and change.procedure == procedure_id}
    elif change.procedure == procedure_id:
        everywhere = {one.department for one in mine}
        opened = {one for one in everywhere if one in tests.departments and tests.departments[one].gate is Gate.OPEN}
        return opened or everywhere
    else:
        found = set()
    if not found:
        raise StrangePlace()
    return found


def _gate(tests: Tests, department: int) -> Gate:
    tested = tests.departments.get(department)
    return Gate.FEW if tested is None else tested.gate


def overview(db: Connection, *, actor: Actor) -> tuple[tuple[ProcedureLine, ...], datetime | None, tuple[RunLine, ...]]:
    """Every procedure the person sees, when all was tested last, and the questions asked last."""
    mine = seen(db, actor)
    tests = kept.tests(db)
    _departments, procedure_names = names_of(db)
    by_procedure: dict[int, set[int]] = defaultdict(set)
    for one in tests.places if tests is not None else ():
        by_procedure[one.place[0]].add(one.department)
    lines = []
    for procedure_id in sorted(mine, key=lambda one: procedure_names[one]):
        of = by_procedure[procedure_id]
        opened = sum(tests is not None and _gate(tests, one) is Gate.OPEN for one in of)
        learned = tests is not None and procedure_id in tests.learned
        lines.append(ProcedureLine(procedure_id, procedure_names[procedure_id], opened, len(of), learned))
    asked = _runs(db, tests, procedure_names, what_if_runs.c.procedure_id.in_(sorted(mine)))
    return tuple(lines), None if tests is None else tests.made_at, asked


def procedure_page(db: Connection, *, actor: Actor, procedure_id: int) -> ProcedurePage:
    """Raises NotAllowed, NotFound."""
    seen(db, actor, procedure_id)
    tests = kept.tests(db)
    department_names, procedure_names = names_of(db)
    runs = _runs(db, tests, procedure_names, what_if_runs.c.procedure_id == procedure_id)
    if tests is None:
        return ProcedurePage(procedure_id, procedure_names[procedure_id], None, False, (), None, (), runs)
    mine = [one for one in tests.places if one.place[0] == procedure_id]
    post_names = _posts(db)
    return ProcedurePage(
        procedure_id, procedure_names[procedure_id], tests.made_at, procedure_id in tests.learned,
        _departments(tests, mine, department_names), tests.cycles.get(procedure_id),
        tuple(
            Offered(
                one.place[1], one.step, one.place[2], post_names[one.place[2]], one.department,
                department_names[one.department], _gate(tests, one.department), one.n,
            )
            for one in mine
        ),
        runs,
    )  # fmt: skip


def _departments(tests: Tests, places: list[Known], names: dict[int, Name]) -> tuple[DepartmentTest, ...]:
    counts: dict[int, int] = defaultdict(int)
    for one in places:
        counts[one.department] += one.n
    return tuple(
        DepartmentTest(one, names[one], _gate(tests, one), tests.departments.get(one))
        for one in sorted(counts, key=lambda one: -counts[one])
    )


def _posts(db: Connection) -> dict[int, Name]:
    return {
        row.id: Name(row.name_en, row.name_zh)
        for row in db.execute(select(posts.c.id, posts.c.name_en, posts.c.name_zh))
    }


def run_page(db: Connection, *, actor: Actor, run_id: int) -> RunPage:
    """Raises NotAllowed, NotFound."""
    mine = seen(db, actor)
    row = db.execute(
        select(what_if_runs).where(
            what_if_runs.c.office_id == OFFICE, what_if_runs.c.id == run_id, what_if_runs.c.procedure_id.in_(mine)
        )
    ).first()
    if row is None:
        raise NotFound(what=RUN)
    tests = kept.tests(db)
    department_names, procedure_names = names_of(db)
    line = _line(row, tests, procedure_names, _posts(db))
    answers = answers_read(row.figures) if row.figures else {}
    places = [] if tests is None else [one for one in tests.places if one.place[0] == row.procedure_id]
    tested = () if tests is None else _departments(tests, places, department_names)
    cycle = None if tests is None else tests.cycles.get(row.procedure_id)
    shown = cycle is not None and cycle.shown
    said = None
    if row.problem:
        problem = orjson.loads(row.problem)
        said = Name(problem["en"], problem["zh"])

    def of_whole(kind: str) -> Answer | None:
        return answers.get(key_of_place(kind, row.procedure_id)) if shown else None

    return RunPage(
        line, person_name(db, row.asked_by), said, row.ended_at, None if tests is None else tests.made_at,
        _steps(answers, places, tests, department_names), of_whole("median"), of_whole("p90"), of_whole("late"),
        of_whole("ended"), tuple(one for one in tested if one.gate is Gate.OPEN),
        tuple(one for one in tested if one.gate is not Gate.OPEN), cycle,
    )  # fmt: skip


def _steps(
    answers: dict[str, Answer], places: list[Known], tests: Tests | None, names: dict[int, Name]
) -> tuple[StepAnswer, ...]:
    """A step whose department is not explained is not among them; nor one that lies with several of which one is not."""
    by_step: dict[str, list[Known]] = defaultdict(list)
    for one in places:
        by_step[one.place[1]].append(one)
    found = []
    for element, of in by_step.items():
        if tests is None or any(_gate(tests, one.department) is not Gate.OPEN for one in of):
            continue
        wait = answers.get(key_of_place("wait", "step", of[0].place[0], element))
        queue = answers.get(key_of_place("queue", "step", of[0].place[0], element))
        if wait is not None or queue is not None:
            found.append(StepAnswer(element, of[0].step, names[of[0].department], wait, queue))
    return tuple(found)


def _runs(db: Connection, tests: Tests | None, procedure_names: dict[int, str], where: Any) -> tuple[RunLine, ...]:
    rows = db.execute(
        select(what_if_runs)
        .where(what_if_runs.c.office_id == OFFICE, where)
        .order_by(what_if_runs.c.id.desc())
        .limit(_LISTED)
    ).all()
    post_names = _posts(db) if rows else {}
    return tuple(_line(row, tests, procedure_names, post_names) for row in rows)


def _line(
    row: Row[*tuple[Any, ...]], tests: Tests | None, procedure_names: dict[int, str], post_names: dict[int, Name]
) -> RunLine:
    change = Change.read(row.question)
    step = change.element or ""
    for one in tests.places if tests is not None else ():
        if one.place[:2] == (row.procedure_id, change.element):
            step = one.step
    return RunLine(
        row.id, row.procedure_id, procedure_names[row.procedure_id], change, State(row.state), row.done, row.at, step,
        None if change.post is None else post_names.get(change.post),
    )  # fmt: skip
