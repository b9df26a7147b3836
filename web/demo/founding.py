"""Founds the demo office: departments, posts, persons, and the shipped procedures in force. All of it by acts."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from typing import Final

from sqlalchemy import Connection

import processes
from engine.organisation import acts as organisation
from engine.organisation.reads import actor
from engine.organisation.rules import Actor, Right
from engine.procedures import acts as procedures
from engine.procedures import reads as procedure_reads
from processes.shape import OfficePlan, Shipped

PASSWORD: Final = "officium demo office"  # noqa: S105 told to everybody who starts the demo
"""Of every demo account. The demo office holds nothing worth keeping from anybody."""


@dataclass(frozen=True, slots=True)
class Founded:
    """The demo office's ids, by the codes and logins of its plan."""

    posts: Mapping[str, int]
    persons: Mapping[str, int]
    procedures: Mapping[str, int]


def found(db: Connection, plan: OfficePlan, today: date) -> Founded:
    """`today` is the day the half-year ends: holdings count back from it."""
    organisation.found_office(db, name_en=plan.name_en, name_zh=plan.name_zh, zone=plan.zone)
    departments: dict[str, int] = {}
    for one in plan.departments:
        departments[one.code] = organisation.add_department(
            db,
            by=None,
            code=one.code,
            name_en=one.name_en,
            name_zh=one.name_zh,
            parent_id=departments[one.parent] if one.parent else None,
        )
    posts: dict[str, int] = {}
    for post in plan.posts:
        posts[post.code] = organisation.add_post(
            db,
            by=None,
            department_id=departments[post.department],
            code=post.code,
            name_en=post.name_en,
            name_zh=post.name_zh,
            reports_to=posts[post.reports_to] if post.reports_to else None,
            rights=[Right(word) for word in post.rights],
        )
    persons = _staff(db, plan, posts, today)
    by = next(one for one in (actor(db, person) for person in persons.values()) if one.may(Right.DESIGN))
    shipped = {one.key: _bring_into_force(db, by, one, departments, posts) for one in processes.shipped()}
    return Founded(posts, persons, shipped)


def _staff(db: Connection, plan: OfficePlan, posts: Mapping[str, int], today: date) -> dict[str, int]:
    persons: dict[str, int] = {}
    for one in plan.persons:
        persons[one.login] = organisation.add_person(
            db,
            by=None,
            login=one.login,
            name_en=one.name_en,
            name_zh=one.name_zh,
            password=PASSWORD,
            language="zh" if one.language == "zh" else "en",
        )
        for held in one.holdings:
            begin, end = held.period(today)
            organisation.give_post(
                db, by=None, person_id=persons[one.login], post_id=posts[held.post], from_day=begin, until_day=end
            )
    return persons


def _bring_into_force(
    db: Connection, by: Actor, one: Shipped, departments: Mapping[str, int], posts: Mapping[str, int]
) -> int:
    procedure_id = procedures.open_procedure(
        db, by=by, name=one.name, prefix=one.prefix, department_id=departments[one.department]
    )
    edition_id = procedures.deposit(
        db,
        by=by,
        procedure_id=procedure_id,
        file=f"{one.key}.bpmn",
        source=one.diagram,
        attachments=one.attachments,
    )
    drawn = procedure_reads.edition(db, edition_id).owners
    mapped = {line.owner.key: posts[one.owners[line.owner.name]] for line in drawn if line.owner.name in one.owners}
    procedures.map_owners(db, by=by, edition_id=edition_id, mapped=mapped)
    procedures.put_in_force(db, by=by, edition_id=edition_id)
    return procedure_id
