"""What a trial is played on: a diagram ready to run, with the forms and names of everything it may wait at."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass, field, replace
from datetime import timedelta
from typing import Final

from engine.base.frozen import frozen
from engine.diagram import forms, run, voting
from engine.diagram.decisions import Decisions
from engine.diagram.durations import duration
from engine.diagram.owners import owner_of, owners
from engine.diagram.shape import Diagram, Element, Flow, Instruction, Separation

_EMPTY: Final = Instruction()
_YES_NO: Final = frozenset({"adopted", "countersigned"})


@frozen
class Source:
    """One file with what lies beside it."""

    diagram: Diagram
    attachments: Mapping[str, bytes] = field(default_factory=dict)
    decisions: Decisions | None = None


@frozen
class Place:
    """Where a trial may wait. `owner` is the key of the lane or group that owns it, None where nobody does."""

    process: str
    element: str
    name: str
    kind: str
    form: forms.Form | None
    instruction: Instruction
    standard_time: timedelta | None
    external: bool
    owner: str | None
    owner_name: str | None
    own: bool  # drawn in the edition itself, not in one it calls
    separations: tuple[Separation, ...] = ()
    working_time: bool = False  # the standard time counts what the office works


@dataclass(frozen=True, slots=True, eq=False)
class Ground:
    """Immutable and shared. `digest` names everything that decides how a trial goes."""

    digest: bytes
    model: run.Model
    diagram: Diagram
    process: str
    places: Mapping[tuple[str, str], Place]
    starts: tuple[str, ...]  # the plain one first
    flows: Mapping[str, Flow]  # of every file

    def name(self, element: str, process: str | None = None) -> str:
        """As drawn; the id where nothing is written."""
        found = self.places.get((process, element)) if process else None
        if found is None:
            found = next((one for one in self.places.values() if one.element == element), None)
        return found.name if found else element

    def knows(self, element: str) -> bool:
        return any(one.element == element for one in self.places.values())

    def flow_name(self, flow: str) -> str:
        """What is written at a way; else where it leads."""
        drawn = self.flows.get(flow)
        if drawn is None:
            return flow
        return drawn.name or self.name(drawn.target)


def lay(
    own: Source,
    *,
    process: str,
    digest: bytes,
    called: Mapping[str, Source] | None = None,
    ask: Collection[str] = (),
    zone: str = "UTC",
) -> Ground:
    """`called`: by the process that a call activity names. Raises CannotRun."""
    others = dict(called or {})
    model = run.model(
        own.diagram,
        process=process,
        called={name: (one.diagram, one.decisions) for name, one in others.items()},
        decisions=own.decisions,
        ask=ask,
        zone=zone,
    )
    places: dict[tuple[str, str], Place] = {}
    flows: dict[str, Flow] = {}
    for one in (*others.values(), own):
        places |= _places(one, one is own)
        flows |= one.diagram.flows
    return Ground(digest, model, own.diagram, process, places, _starts(own.diagram, process), flows)


def _places(one: Source, own: bool) -> dict[tuple[str, str], Place]:
    asked = forms.forms_of(one.diagram, one.attachments)
    keys = owner_of(one.diagram)
    names = {owner.key: owner.name for owner in owners(one.diagram)}
    found = {}
    for element in one.diagram.elements.values():
        key = keys.get(element.id)
        found[element.process, element.id] = Place(
            process=element.process,
            element=element.id,
            name=element.name or element.id,
            kind=element.kind,
            form=_with_outcome(asked.get(element.id), element),
            instruction=one.diagram.instructions.get(element.id, _EMPTY),
            standard_time=duration(element.standard_time) if element.standard_time else None,
            external=element.external,
            owner=key,
            owner_name=names.get(key) if key else None,
            own=own,
            separations=element.separations,
            working_time=element.working_time,
        )
    return found


def _with_outcome(form: forms.Form | None, element: Element) -> forms.Form | None:
    """Where a committee or other departments decide, whoever tries the procedure out says what they decided."""
    names = (voting.RESULT if element.committee else ()) + (voting.COUNTERSIGNED if element.countersign else ())
    if not names:
        return form
    fields = tuple(
        forms.Field(
            name,
            forms.Kind.YES_NO if name in _YES_NO else forms.Kind.INTEGER,
            f"{said.en} {said.zh}",
            path=(name,),
            width=8,
        )
        for name in names
        for said in (voting.SAID[name],)
    )
    plain = form or forms.Form("", (), forms.Source.DIAGRAM)
    return replace(plain, fields=(*plain.fields, *fields))


def _starts(diagram: Diagram, process: str) -> tuple[str, ...]:
    found = [one for one in diagram.elements.values() if one.kind == "startEvent" and one.scope == process]
    return tuple(one.id for one in sorted(found, key=lambda one: one.event is not None))
