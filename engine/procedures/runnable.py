"""An edition made ready to run: its model, and for each step the post, the form and the instruction.

An edition in force never changes, so what is made here is kept in the process for as long as it is used.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import field, replace
from typing import Final

from sqlalchemy import Connection, select

from engine.base.frozen import frozen
from engine.diagram import forms, run
from engine.diagram.clocks import Plan, ground_of, plans_of
from engine.diagram.connecting import Parts
from engine.diagram.duties import apart_from
from engine.diagram.position import Question
from engine.diagram.rule_sets import DECIDING, Ground
from engine.diagram.shape import Diagram, Instruction, Separation
from engine.diagram.undecided import Undecided, undecided
from engine.organisation.reads import office
from engine.organisation.tables import posts as posts_kept
from engine.procedures import tables
from engine.procedures.counting import Departments, calendars, owner_key
from engine.procedures.editions import Contents, contents, database_name, is_settled
from engine.procedures.lengths import ACCEPT_WITHIN, may_lie, standard_time
from engine.procedures.rules import main_process
from engine.procedures.shelf import Shelf
from engine.worktime.spans import Span

_EMPTY: Final = Instruction()


@frozen
class Step:
    """A place where a case can wait for a person, in the edition that draws it."""

    edition_id: int
    element: str
    name: str
    post_id: int
    form: forms.Form | None
    instruction: Instruction
    standard_time: Span | None  # counted in working time where the diagram says so
    external: bool
    questions: tuple[Question, ...]
    act: str | None = None  # decided by an act of document control, not by a form
    separations: tuple[Separation, ...] = ()  # duties kept apart from this one
    apart: tuple[Separation, ...] = ()  # those, and the steps that are kept apart from it: it binds both ways
    by_item: bool = False  # of several, each is owned by the post whose code its item is
    together: bool = False  # several may be completed at once from the list
    without: frozenset[str] = frozenset()  # moves that are switched off at this step
    committee: str | None = None  # the code of the post whose holders decide it by a vote
    quorum: str | None = None
    majority: str | None = None
    countersign: tuple[str, ...] = ()  # codes of the departments that must countersign
    accept_within: Span = ACCEPT_WITHIN  # how long a hand-over may lie before silence escalates
    department_id: int | None = None  # of the post


@frozen
class Clocks:
    """The periods of its cases. `stops`: by process and element, where they stand while a case waits there."""

    plans: tuple[Plan, ...]
    stops: Mapping[tuple[str, str], Ground]
    department_id: int  # by whose calendar they are counted
    deciding: frozenset[str] = frozenset()  # elements by which it is decided
    undecided: Undecided = field(default_factory=Undecided)


@frozen
class Runnable:
    """`steps` is keyed by process and element, `places` by edition and element; called editions' are among them."""

    edition_id: int
    number: int
    procedure_id: int
    process: str
    model: run.Model
    steps: Mapping[tuple[str, str], Step]
    places: Mapping[tuple[int, str], Step]
    start: str | None
    start_posts: frozenset[int]  # the owner of the start's lane; every post of the edition where it has none
    start_form: forms.Form | None
    message_starts: Mapping[str, tuple[str, str]] = field(default_factory=dict)  # name -> process, start event
    outputs: Mapping[tuple[str, str], Parts] = field(default_factory=dict)  # what is kept of a connector's answer
    clocks: Clocks | None = None  # None: no period is set for its cases
    counted: Departments = field(default_factory=dict)  # timers that count working time -> by whose calendar

    def counting(self, db: Connection, version: int | None = None) -> Runnable:
        """For moves in this transaction: working time counts by the calendars as they are in it."""
        if not self.counted:
            return self
        return replace(self, model=self.model.counting(calendars(db, self.counted, version)))

    def step(self, process: str, element: str) -> Step:
        return self.steps[process, element]

    def place(self, edition_id: int, element: str) -> Step:
        return self.places[edition_id, element]


_shelf: Final[Shelf[Runnable]] = Shelf()


def runnable(db: Connection, edition_id: int, process: str = "", version: int | None = None) -> Runnable:
    """Made at first use. `process` names another process of the file than the edition's own.

    `version`: of the calendars, where it was read in this transaction already.
    """
    return _kept(db, edition_id, process).counting(db, version)


def _kept(db: Connection, edition_id: int, process: str) -> Runnable:
    key = (database_name(db), edition_id, process)
    return _shelf.find_or_make(key, lambda: _made(db, edition_id, process), lambda: is_settled(db, edition_id))


def _made(db: Connection, edition_id: int, process: str) -> Runnable:
    """Its own process, named or not, is made once."""
    own = db.scalar(select(tables.editions.c.process).where(tables.editions.c.id == edition_id))
    return make(db, edition_id, process) if process or own is None else _kept(db, edition_id, own)


def place(db: Connection, made_ready: Runnable, edition_id: int, element: str) -> Step:
    """Where a task stands. One that was closed before its case was moved is in the edition it was opened in."""
    step = made_ready.places.get((edition_id, element))
    return runnable(db, edition_id).places[edition_id, element] if step is None else step


def forget(db: Connection, edition_id: int) -> None:
    _shelf.forget(database_name(db), edition_id)


def make(db: Connection, edition_id: int, process: str = "") -> Runnable:
    """Raises CannotRun where the diagram cannot be run right."""
    row = db.execute(
        select(tables.editions.c.number, tables.editions.c.procedure_id, tables.editions.c.process).where(
            tables.editions.c.id == edition_id
        )
    ).one()
    parts = _parts(db, edition_id)
    own = parts[edition_id]
    begins = process or main_process(own.diagram, row.process) or next(iter(own.diagram.processes))
    called = _called(db, parts)
    model = run.model(
        own.diagram,
        process=begins,
        called={name: (parts[one].diagram, parts[one].decisions) for name, one in called.items()},
        decisions=own.decisions,
        ask=_asked(db, edition_id),
        zone=office(db).zone,
    )
    steps = {key: step for one, part in parts.items() for key, step in _steps(db, one, part, model).items()}
    start = _plain_start(own.diagram, begins)
    start_forms = forms.forms_of(own.diagram, own.attachments)
    return Runnable(
        edition_id=edition_id,
        number=row.number,
        procedure_id=row.procedure_id,
        process=begins,
        model=model,
        steps=steps,
        places={(step.edition_id, step.element): step for step in steps.values()},
        start=start,
        start_posts=_start_posts(db, edition_id, own, start),
        start_form=start_forms.get(start) if start else None,
        message_starts=_message_starts(own.diagram, begins),
        outputs={
            (one.process, one.id): one.outputs
            for part in parts.values()
            for one in part.diagram.elements.values()
            if one.connector
        },
        clocks=_clocks(db, row.procedure_id, own.diagram, begins, parts),
        counted=_counted(db, parts, model),
    )


def _clocks(
    db: Connection, procedure_id: int, own: Diagram, begins: str, parts: Mapping[int, Contents]
) -> Clocks | None:
    plans = plans_of(own.processes.get(begins))
    if not plans:
        return None
    department = db.scalar(select(tables.procedures.c.department_id).where(tables.procedures.c.id == procedure_id))
    marked = ((one, ground_of(one.stops_clock)) for part in parts.values() for one in part.diagram.elements.values())
    stops = {(one.process, one.id): ground for one, ground in marked if ground is not None}
    deciding = frozenset().union(*(one.ends for one in plans if one.kind in DECIDING))
    return Clocks(plans, stops, int(department or 0), deciding, undecided(own, begins, deciding))


def _counted(db: Connection, parts: Mapping[int, Contents], model: run.Model) -> dict[tuple[str, str], int | None]:
    found: dict[tuple[str, str], int | None] = dict.fromkeys(model.counted)
    for edition_id, part in parts.items():
        elements = [one for one in part.diagram.elements.values() if (one.process, one.id) in model.counted]
        if elements:
            posts = _posts_by_owner(db, edition_id)
            departments = _departments(db, posts.values())
            for one in elements:
                post = posts.get(owner_key(part.diagram, part.owner_of, one))
                found[one.process, one.id] = None if post is None else departments[post]
    return found


def _parts(db: Connection, edition_id: int) -> dict[int, Contents]:
    """The edition and every edition it calls, directly or not; called ones were pinned when it came into force."""
    found: dict[int, Contents] = {}
    waiting = [edition_id]
    while waiting:
        one = waiting.pop()
        if one not in found:
            found[one] = contents(db, one)
            waiting += list(
                db.scalars(select(tables.calls.c.called_edition_id).where(tables.calls.c.edition_id == one))
            )
    return found


def drawn_in(db: Connection, edition_id: int, process: str | None) -> int:
    """The edition that draws a process of a case of this one: its own, or one that it calls."""
    parts = _parts(db, edition_id)
    return next((one for one, part in parts.items() if process in part.diagram.processes), edition_id)


def _called(db: Connection, parts: Mapping[int, Contents]) -> dict[str, int]:
    rows = db.execute(
        select(tables.calls.c.called, tables.calls.c.called_edition_id).where(tables.calls.c.edition_id.in_(parts))
    )
    return {row.called: row.called_edition_id for row in rows}


def _asked(db: Connection, edition_id: int) -> frozenset[str]:
    return frozenset(db.scalars(select(tables.questions.c.flow).where(tables.questions.c.edition_id == edition_id)))


def _posts_by_owner(db: Connection, edition_id: int) -> dict[str, int]:
    rows = db.execute(
        select(tables.owners.c.owner, tables.owners.c.post_id).where(tables.owners.c.edition_id == edition_id)
    )
    return {row.owner: row.post_id for row in rows}


def _departments(db: Connection, post_ids: Collection[int]) -> dict[int, int]:
    rows = db.execute(
        select(posts_kept.c.id, posts_kept.c.department_id).where(posts_kept.c.id.in_(frozenset(post_ids)))
    )
    return {row.id: row.department_id for row in rows}


def _start_posts(db: Connection, edition_id: int, own: Contents, start: str | None) -> frozenset[int]:
    posts = _posts_by_owner(db, edition_id)
    lane = own.diagram.elements[start].lane if start else None
    by_lane = posts.get(f"lane:{lane}")
    return frozenset(posts.values()) if by_lane is None else frozenset({by_lane})


def _steps(db: Connection, edition_id: int, part: Contents, model: run.Model) -> dict[tuple[str, str], Step]:
    posts = _posts_by_owner(db, edition_id)
    departments = _departments(db, posts.values())
    by_element = forms.forms_of(part.diagram, part.attachments)
    found: dict[tuple[str, str], Step] = {}
    for element_id, owner in part.owner_of.items():
        element = part.diagram.elements[element_id]
        if owner in posts:
            found[element.process, element_id] = Step(
                edition_id=edition_id,
                element=element_id,
                name=element.name or element_id,
                post_id=posts[owner],
                form=by_element.get(element_id),
                instruction=part.diagram.instructions.get(element_id, _EMPTY),
                standard_time=standard_time(element),
                external=element.external,
                questions=model.questions.get((element.process, element_id), ()),
                act=element.act,
                separations=element.separations,
                apart=apart_from(part.diagram, element),
                by_item=element.owner_from == "item" and element.loop is not None,
                together=element.together,
                without=element.without,
                committee=element.committee,
                quorum=element.quorum,
                majority=element.majority,
                countersign=element.countersign,
                accept_within=may_lie(element, part.diagram.processes),
                department_id=departments[posts[owner]],
            )
    return found


def _plain_start(diagram: Diagram, process: str) -> str | None:
    starts = [one for one in diagram.elements.values() if one.kind == "startEvent" and one.scope == process]
    plain = [one.id for one in starts if one.event is None]
    if plain:
        return plain[0]
    return starts[0].id if starts else None


def _message_starts(diagram: Diagram, own: str) -> dict[str, tuple[str, str]]:
    """Messages of this file that begin another of its pools."""
    found: dict[str, tuple[str, str]] = {}
    for one in diagram.elements.values():
        starts_pool = one.kind == "startEvent" and one.event == "message" and one.scope == one.process != own
        if starts_pool and one.event_name:
            found[one.event_name] = (one.process, one.id)
    return found
