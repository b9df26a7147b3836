"""Procedures and the uploads that become their editions."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from os import SEEK_END
from typing import Final

from flask import g, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from werkzeug.datastructures import FileStorage

import processes
from engine.base.errors import Refusal
from engine.diagram.limits import MOST_BYTES
from engine.diagram.refusals import NotADrawing, TooLarge
from engine.organisation.reads import chart
from engine.organisation.rules import Right
from engine.procedures import acts, reads
from engine.procedures.package import MOST_UNPACKED, Package, is_zip, unpacked
from engine.procedures.rules import (
    MOST_ATTACHED_BYTES,
    MOST_ATTACHMENTS,
    AttachmentsTooLarge,
    NameMissing,
    PrefixTaken,
    PrefixUnfit,
)
from engine.procedures.turns import turns_of
from web.before import large
from web.forms import whole
from web.guard import allows
from web.languages import gettext as _
from web.notices import tell
from web.studio import beginning
from web.studio.room import room, states

_PLACES: Final[Mapping[type[Refusal], str]] = {
    NameMissing: "o-name",
    PrefixUnfit: "o-prefix",
    PrefixTaken: "o-prefix",
    AttachmentsTooLarge: "o-beside",
}


@room.get("/")
@allows(Right.DESIGN)
def procedures() -> ResponseReturnValue:
    return render_template("studio/procedures.html", lines=reads.procedures(g.db), **states())


@room.get("/new")
@allows(Right.DESIGN)
def new() -> ResponseReturnValue:
    return _new_page()


def _new_page(refusal: Refusal | None = None) -> str:
    place = "o-diagram" if isinstance(refusal, NotADrawing) else _PLACES.get(type(refusal)) if refusal else None
    return render_template(
        "studio/new.html",
        chart=chart(g.db),
        typed=request.form,
        refusal=refusal,
        place=place,
        shipped=processes.shipped(),
    )


@room.post("/new")
@allows(Right.DESIGN)
@large
def open_procedure() -> ResponseReturnValue:
    """A procedure and, where a file came with it, its first edition; with a bad file neither is kept."""
    try:
        with g.db.begin_nested():
            package = _package()
            if package is not None:
                return _taken_in(package)
            procedure_id = acts.open_procedure(
                g.db,
                by=g.actor,
                name=beginning.typed("name"),
                prefix=beginning.typed("prefix"),
                department_id=request.form.get("department", 0, type=whole),
            )
            edition_id = _deposit(procedure_id)
            drawn_id = beginning.begin(procedure_id) if edition_id is None else None
    except Refusal as refusal:
        return _new_page(refusal), 422
    if drawn_id is not None:
        return redirect(url_for("studio.draw", edition_id=drawn_id), 303)
    if edition_id is None:
        return redirect(url_for("studio.procedure", procedure_id=procedure_id), 303)
    return redirect(url_for("studio.edition", edition_id=edition_id), 303)


@room.get("/<int:procedure_id>")
@allows(Right.DESIGN)
def procedure(procedure_id: int) -> ResponseReturnValue:
    return _procedure_page(procedure_id)


def _procedure_page(procedure_id: int, refusal: Refusal | None = None) -> str:
    return render_template(
        "studio/procedure.html",
        procedure=reads.procedure(g.db, procedure_id),
        editions=reads.editions(g.db, procedure_id),
        turns=turns_of(g.db, procedure_id),
        refusal=refusal,
        **states(),
    )


@room.post("/<int:procedure_id>/editions")
@allows(Right.DESIGN)
@large
def upload(procedure_id: int) -> ResponseReturnValue:
    try:
        with g.db.begin_nested():
            edition_id = _deposit(procedure_id)
    except Refusal as refusal:
        return _procedure_page(procedure_id, refusal), 422
    if edition_id is None:
        tell(_("Choose a .bpmn file first."))
        return redirect(url_for("studio.procedure", procedure_id=procedure_id), 303)
    return redirect(url_for("studio.edition", edition_id=edition_id), 303)


def _package() -> Package | None:
    """The ZIP chosen as the diagram; what was typed beside it goes before what it tells."""
    chosen = request.files.get("diagram")
    if chosen is None:
        return None
    if _size(chosen) > MOST_UNPACKED:
        raise TooLarge(file=_plain_name(chosen), size=-(-_size(chosen) // 1024), limit=MOST_BYTES // 1024)
    content = chosen.read()
    chosen.seek(0)
    if not is_zip(content):
        return None
    package = unpacked(content, _plain_name(chosen))
    name, prefix = (request.form.get(key, "").strip() for key in ("name", "prefix"))
    return replace(package, name=name or package.name, prefix=prefix or package.prefix)


def _taken_in(package: Package) -> ResponseReturnValue:
    department = request.form.get("department", 0, type=whole)
    edition_id = acts.take_in(g.db, by=g.actor, package=package, department_id=department or None)
    return redirect(url_for("studio.edition", edition_id=edition_id), 303)


def _deposit(procedure_id: int) -> int | None:
    """The uploaded diagram and the files beside it, as a new draft. None where no file was chosen."""
    diagram = request.files.get("diagram")
    if diagram is None or not diagram.filename:
        return None
    package = _package()
    if package is not None:
        return acts.take_in(g.db, by=g.actor, package=package, procedure_id=procedure_id)
    return acts.deposit(
        g.db,
        by=g.actor,
        procedure_id=procedure_id,
        file=_plain_name(diagram),
        source=diagram.read(),
        attachments=_beside(),
    )


def _beside() -> Mapping[str, bytes]:
    chosen = [one for one in request.files.getlist("beside") if one.filename]
    size = sum(map(_size, chosen))
    if size > MOST_ATTACHED_BYTES:
        raise AttachmentsTooLarge(size=size // 1000, limit=MOST_ATTACHED_BYTES // 1000, most=MOST_ATTACHMENTS)
    return {_plain_name(one): one.read() for one in chosen}


def _size(uploaded: FileStorage) -> int:
    """Without reading it: what is too large never comes into memory."""
    size: int = uploaded.seek(0, SEEK_END)
    uploaded.seek(0)
    return size


def _plain_name(uploaded: FileStorage) -> str:
    """Without folders, of either kind of machine, and of a modest length."""
    name = (uploaded.filename or "").replace("\\", "/").rsplit("/", 1)[-1]
    return "".join(sign for sign in name if sign.isprintable())[-120:] or "diagram.bpmn"


@room.post("/<int:procedure_id>/retire")
@allows(Right.DESIGN, Right.APPROVE)
def take_out_of_force(procedure_id: int) -> ResponseReturnValue:
    acts.take_out_of_force(g.db, by=g.actor, procedure_id=procedure_id)
    tell(_("Out of force. Running cases go on; no new case can be started."))
    if not g.actor.may(Right.DESIGN):
        return redirect(url_for("studio.register"), 303)
    return redirect(url_for("studio.procedure", procedure_id=procedure_id), 303)
