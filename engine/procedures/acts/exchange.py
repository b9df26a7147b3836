"""Taking in what was packed elsewhere: a procedure, or the next edition of one."""

from __future__ import annotations

from sqlalchemy import Connection, select

from engine.diagram import trial
from engine.organisation.rules import Actor
from engine.organisation.tables import departments, posts
from engine.procedures import rules
from engine.procedures.acts.editions import ask_instead, choose_process, deposit, map_owners
from engine.procedures.acts.procedures import open_procedure
from engine.procedures.acts.scenarios import keep_scenario
from engine.procedures.editions import contents
from engine.procedures.kept import locked_procedure
from engine.procedures.package import Package
from engine.procedures.tables import procedures


def take_in(
    db: Connection, *, by: Actor, package: Package, procedure_id: int | None = None, department_id: int | None = None
) -> int:
    """The id of the new draft. Posts that this office does not have are left to be mapped.

    Without `procedure_id` it becomes the next edition of the procedure with its prefix, where the same department
    answers for it, or a new procedure; `department_id` answers for that where this office has not the one told. Raises NotADrawing, PrefixTaken, DepartmentUnknown and what the acts raise.
    """
    rules.must_design(by)
    if procedure_id is None:
        procedure_id = _same_procedure(db, package) or _new_procedure(db, by, package, department_id)
    locked_procedure(db, procedure_id)
    edition_id = deposit(
        db, by=by, procedure_id=procedure_id, file=package.file, source=package.diagram, attachments=package.attachments
    )
    _settle(db, by, edition_id, package)
    return edition_id


def _same_procedure(db: Connection, package: Package) -> int | None:
    """Raises PrefixTaken where another department's procedure has the prefix."""
    if not package.prefix:
        return None
    row = db.execute(
        select(procedures.c.id, procedures.c.name, departments.c.code)
        .join(departments, departments.c.id == procedures.c.department_id)
        .where(procedures.c.prefix == package.prefix.strip().upper())
    ).first()
    if row is None:
        return None
    if row.code != package.department:
        raise rules.PrefixTaken(prefix=package.prefix, procedure=row.name)
    return int(row.id)


def _new_procedure(db: Connection, by: Actor, package: Package, department_id: int | None) -> int:
    told = db.scalar(select(departments.c.id).where(departments.c.code == package.department))
    answers = department_id if told is None else told
    if answers is None:
        raise rules.DepartmentUnknown(department=package.department)
    return open_procedure(db, by=by, name=package.name, prefix=package.prefix, department_id=answers)


def _settle(db: Connection, by: Actor, edition_id: int, package: Package) -> None:
    """What the package tells beyond its files, as far as it fits."""
    held = contents(db, edition_id)
    codes = db.execute(select(posts.c.id, posts.c.code).where(posts.c.code.in_(set(package.owners.values()))))
    post_of = {row.code: row.id for row in codes}
    told = {one.key: post_of.get(package.owners.get(one.name, "")) for one in held.owners}
    mapped = {key: post for key, post in told.items() if post is not None}
    if mapped:
        map_owners(db, by=by, edition_id=edition_id, mapped=mapped)
    asked = [flow for flow in package.asked if flow in held.diagram.flows and held.diagram.flows[flow].condition]
    if asked:
        ask_instead(db, by=by, edition_id=edition_id, flows=asked)
    if package.process and rules.main_process(held.diagram, package.process) == package.process:
        choose_process(db, by=by, edition_id=edition_id, process=package.process)
    for key, told_as in package.scenarios.items():
        keep_scenario(db, by=by, edition_id=edition_id, scenario=trial.read(told_as.encode()), key=key)
