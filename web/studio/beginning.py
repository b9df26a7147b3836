"""What a new procedure begins with where no file is uploaded: an empty diagram, or one that comes with the product."""

from __future__ import annotations

from typing import Final

from flask import g, request

from engine.diagram.blank import blank
from engine.procedures import acts, reads
from engine.procedures.package import Package
from processes import shipped
from processes.shape import Shipped

EMPTY: Final = "empty"
_SHIPPED: Final = "shipped:"


def chosen() -> Shipped | None:
    """The shipped procedure that was chosen to begin with."""
    wish = request.form.get("begin", "")
    return next((one for one in shipped() if wish == _SHIPPED + one.key), None)


def typed(name: str) -> str:
    """The name or the prefix as typed; left empty, that of the shipped procedure chosen."""
    written = request.form.get(name, "").strip()
    begins = chosen()
    if written or begins is None:
        return written
    return begins.name if name == "name" else begins.prefix


def begin(procedure_id: int) -> int | None:
    """The first edition, to be drawn on; None where neither was chosen."""
    begins = chosen()
    if begins is not None:
        return acts.take_in(g.db, by=g.actor, package=_packed(begins), procedure_id=procedure_id)
    if request.form.get("begin") != EMPTY:
        return None
    line = reads.procedure(g.db, procedure_id)
    return acts.deposit(
        g.db, by=g.actor, procedure_id=procedure_id, file=f"{line.prefix.lower()}.bpmn",
        source=blank(line.name, line.prefix), attachments={},
    )  # fmt: skip


def _packed(begins: Shipped) -> Package:
    return Package(
        diagram=begins.diagram,
        file=f"{begins.key}.bpmn",
        attachments=begins.attachments,
        scenarios={key: content.decode() for key, content in begins.scenarios.items()},
        name=begins.name,
        prefix=begins.prefix,
        department=begins.department,
        owners=begins.owners,
    )
