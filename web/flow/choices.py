"""What a page of flow can be narrowed to by its reader, and what it was narrowed to, in words."""

from __future__ import annotations

from typing import Final

from flask import g

from engine.base.frozen import frozen
from engine.base.text import Name
from engine.procedures.reads import EditionLine, editions, procedures_and_departments, supervised_departments
from engine.procedures.rules import EditionState
from engine.supervision.figures.sight import seen
from web.asked_of import Asked, kinds, post_called
from web.languages import gettext as _
from web.shown import named

_RAN: Final = frozenset({EditionState.IN_FORCE, EditionState.OUT_OF_FORCE})
"""Of others there is no case to count."""


@frozen
class Choices:
    """What a page can be narrowed to by its reader."""

    procedures: tuple[tuple[int, str], ...]
    departments: tuple[tuple[int, Name], ...]
    editions: tuple[EditionLine, ...]

    def procedure(self, procedure_id: int | None) -> str | None:
        return next((name for one, name in self.procedures if one == procedure_id), None)

    def department(self, department_id: int | None) -> str | None:
        return next((named(name) for one, name in self.departments if one == department_id), None)

    def edition(self, edition_id: int | None) -> int | None:
        return next((one.number for one in self.editions if one.id == edition_id), None)


def choices(procedure_id: int | None) -> Choices:
    mine, watched = seen(g.db, g.actor), supervised_departments(g.db, g.actor)
    every, departments = procedures_and_departments(g.db)
    return Choices(
        tuple(one for one in every if one[0] in mine),
        tuple(one for one in departments if one[0] in watched),
        tuple(one for one in editions(g.db, procedure_id) if one.state in _RAN) if procedure_id in mine else (),
    )


def told(of: Asked, known: Choices) -> str:
    """In words, for a heading or a caption: of what."""
    parts = [known.procedure(of.procedure_id) or _("all procedures")]
    number = known.edition(of.edition_id)
    if number is not None:
        parts.append(_("edition %(number)s", number=number))
    department = known.department(of.department_id)
    if department is not None:
        parts.append(department)
    post = post_called(of.post_id)
    if post is not None:
        parts.append(named(post))
    if of.kind in kinds():
        parts.append(kinds()[of.kind])
    return _(", ").join(parts)
