"""An edition made ready to run: its model, and for each step the post, the form and the instruction.

An edition in force never changes, so what is made here is kept in the process for as long as it is used.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import timedelta
from typing import Final

from sqlalchemy import Connection, select

from engine.diagram import forms, run
from engine.diagram.durations import duration
from engine.diagram.duties import ACCEPT_WITHIN, accept_within, apart_from
from engine.diagram.position import Question
from engine.diagram.shape import Diagram, Instruction, Separation
from engine.organisation.reads import office
from engine.procedures import tables
from engine.procedures.editions import Contents, contents, database_name, is_settled
from engine.procedures.rules import main_process
from engine.procedures.shelf import Shelf

_EMPTY: Final = Instruction()


@dataclass(frozen=True, slots=True)
class Step:
    """A place where a case can wait for a person, in the edition that draws it."""

    edition_id: int
    element: str
    name: str
    post_id: int
    form: forms.Form | None
    instruction: Instruction
    standard_time: timedelta | None
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
    accept_within: timedelta = ACCEPT_WITHIN  # how long a hand-over may lie before silence escalates


@dataclass(frozen=True, slots=True)
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

    def step(self, process: str, element: str) -> Step:
        return self.steps[process, element]

    def place(self, edition_id: int, element: str) -> Step:
        return self.places[edition_id, element]


_shelf: Final[Shelf[Runnable]] = Shelf()


def runnable(db: Connection, edition_id: int, process: str = "") -> Runnable:
    """Made at first use. `process` names another process of the file than the edition's own."""
    key = (database_name(db), edition_id, process)
    return _shelf.find_or_make(key, lambda: _made(db, edition_id, process), lambda: is_settled(db, edition_id))


def _made(db: Connection, edition_id: int, process: str) -> Runnable:
    """Its own process, named or not, is made once."""
    own = db.scalar(select(tables.editions.c.process).where(tables.editions.c.id == edition_id))
    return make(db, edition_id, process) if process or own is None else runnable(db, edition_id, own)


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
    )


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


def _start_posts(db: Connection, edition_id: int, own: Contents, start: str | None) -> frozenset[int]:
    posts = _posts_by_owner(db, edition_id)
    lane = own.diagram.elements[start].lane if start else None
    by_lane = posts.get(f"lane:{lane}")
    return frozenset(posts.values()) if by_lane is None else frozenset({by_lane})


def _steps(db: Connection, edition_id: int, part: Contents, model: run.Model) -> dict[tuple[str, str], Step]:
    posts = _posts_by_owner(db, edition_id)
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
                standard_time=duration(element.standard_time) if element.standard_time else None,
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
                accept_within=accept_within(element, part.diagram.processes),
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
