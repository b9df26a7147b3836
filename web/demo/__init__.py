"""The demo office: founded, staffed and worked in for half a year by running the acts under a simulated clock."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta
from typing import Final
from zoneinfo import ZoneInfo

from sqlalchemy import Connection

import processes
from engine.base import clock
from engine.base.database import Database
from engine.organisation import reads as organisation
from engine.organisation.rules import AlreadyFounded, Right
from web.demo.founding import PASSWORD, found_demo
from web.demo.simulation import Half, Simulation
from web.settings import DemoSignIn

HALF_A_YEAR: Final = timedelta(days=182)
_OF_A_KIND: Final = 4


def load(database: Database, progress: Callable[[float, Half], None]) -> Half:
    """Half a year that ends now. Raises AlreadyFounded where an office stands in the database already."""
    plan = processes.office()
    zone = ZoneInfo(plan.zone)
    end = clock.now()
    begin = (end - HALF_A_YEAR).astimezone(zone).replace(hour=8, minute=0, second=0, microsecond=0)
    with clock.reading(lambda: begin), database.writing() as db:
        if organisation.is_founded(db):
            raise AlreadyFounded(office=organisation.office(db).name)
        ids = found_demo(db, plan, end.astimezone(zone).date())
    shipped = {ids[one.key]: one for one in processes.shipped()}
    return Simulation(zone, shipped, end).run(database, begin, progress)


def is_the_demo(db: Connection) -> bool:
    """Whether the office in the database is the demo office, whose sign-ins may be told to everybody."""
    return organisation.is_founded(db) and organisation.office(db).name.en == processes.office().name_en


def sign_ins(db: Connection) -> tuple[DemoSignIn, ...]:
    """People to try it as, one to a post: who designs and administers, some who supervise, some who do the work."""
    by_kind: dict[str, list[DemoSignIn]] = {"office": [], "watch": [], "work": []}
    seen: set[str] = set()
    rights = {post.id: post.rights for post in organisation.chart(db).posts}
    for person in organisation.all_persons(db):
        held = next((one for one in person.holdings if one.today), None)
        if held is None or held.post.en in seen:
            continue
        seen.add(held.post.en)
        carried = rights.get(held.post_id, frozenset())
        kind = "work" if not carried else "watch" if carried == {Right.SUPERVISE} else "office"
        by_kind[kind].append(DemoSignIn(login=person.login, name=person.name, post=held.post, password=PASSWORD))
    return tuple(one for kind in by_kind.values() for one in kind[:_OF_A_KIND])
