"""What can be taken away of an edition: as uploaded, as executed, as a picture, or everything as one ZIP."""

from __future__ import annotations

from lxml import etree
from sqlalchemy import Connection, select

from engine.base.errors import NotFound
from engine.base.frozen import frozen
from engine.base.text import Text
from engine.diagram.normalise import normalise
from engine.diagram.xml import parse
from engine.organisation.tables import departments, posts
from engine.procedures import tables
from engine.procedures.editions import contents
from engine.procedures.package import Package, packed
from engine.procedures.scenarios import texts as scenario_texts

_EDITION = Text(en="edition", zh="版本")


@frozen
class Taken:
    """A file to be saved under `name`."""

    name: str
    content: bytes


def executed(db: Connection, edition_id: int) -> Taken:
    """The file as it is run: links, conditions and event sub-processes said in the words SpiffWorkflow reads."""
    package, _number = _package(db, edition_id)
    root = normalise(parse(package.diagram, package.file), ask=package.asked).root
    written = etree.tostring(root.getroottree(), xml_declaration=True, encoding="UTF-8")
    return Taken(f"{package.file.rsplit('.', 1)[0]}-executed.bpmn", written)


def whole(db: Connection, edition_id: int) -> Taken:
    """The ZIP that `acts.take_in` takes in elsewhere."""
    package, number = _package(db, edition_id)
    return Taken(f"{package.prefix}-{number}.zip", packed(package, contents(db, edition_id).diagram))


def _package(db: Connection, edition_id: int) -> tuple[Package, int]:
    row = db.execute(
        select(
            tables.editions.c.number, tables.editions.c.file, tables.editions.c.process,
            tables.procedures.c.name, tables.procedures.c.prefix, departments.c.code,
        )
        .join(tables.procedures, tables.procedures.c.id == tables.editions.c.procedure_id)
        .join(departments, departments.c.id == tables.procedures.c.department_id)
        .where(tables.editions.c.id == edition_id)
    ).first()  # fmt: skip
    if row is None:
        raise NotFound(what=_EDITION)
    held = contents(db, edition_id)
    owned = db.execute(
        select(tables.owners.c.name, posts.c.code)
        .join(posts, posts.c.id == tables.owners.c.post_id)
        .where(tables.owners.c.edition_id == edition_id)
        .order_by(tables.owners.c.name)
    )
    asked = db.scalars(
        select(tables.questions.c.flow)
        .where(tables.questions.c.edition_id == edition_id)
        .order_by(tables.questions.c.flow)
    )
    package = Package(
        diagram=held.diagram.source,
        file=row.file,
        attachments=held.attachments,
        name=row.name,
        prefix=row.prefix,
        department=row.code,
        process=row.process or "",
        owners={one.name: one.code for one in owned},
        asked=tuple(asked),
        scenarios=scenario_texts(db, edition_id),
    )
    return package, row.number
