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
from engine.organisation.calendars.reads import calendar_of
from engine.organisation.rules import AlreadyFounded, Right
from engine.papers.taking import Cabinet
from web import forecasting
from web.demo import logs, papers
from web.demo.absences import go_away
from web.demo.acting import act_there
from web.demo.cards import see_to_cards
from web.demo.clocks import keep_time
from web.demo.connectors import connect
from web.demo.enquiries import ask
from web.demo.extensions import ask_for_time
from web.demo.founding import PASSWORD, found_demo
from web.demo.hand_overs import answer
from web.demo.notices import catch_up
from web.demo.reviews import hold_reviews
from web.demo.simulation import Half, Simulation
from web.settings import DemoSignIn

HALF_A_YEAR: Final = timedelta(days=182)
_SHOWN: Final = {"office": 2, "watch": 3, "work": 7}


def load(database: Database, progress: Callable[[float, Half], None], cabinet: Cabinet | None = None) -> Half:
    """Half a year that ends now. Raises AlreadyFounded where an office stands in the database already.

    Papers are handed in and documents issued where there is a `cabinet` for them.
    """
    plan = processes.office()
    zone = ZoneInfo(plan.zone)
    end = clock.now()
    begin = (end - HALF_A_YEAR).astimezone(zone).replace(hour=8, minute=0, second=0, microsecond=0)
    with clock.reading(lambda: begin), database.writing() as db:
        if organisation.is_founded(db):
            raise AlreadyFounded(office=organisation.office(db).name)
        ids = found_demo(db, plan, end.astimezone(zone).date())
    shipped = {ids[one.key]: one for one in processes.shipped() if one.demo.cases_per_day or not one.start_form}
    with database.reading() as db:
        calendar = calendar_of(db)
    half = Simulation(calendar, shipped, end).run(database, begin, progress)
    hold_reviews(database, ids, end, calendar, half)
    ask(database, end, calendar)
    answer(database, end)
    ask_for_time(database, end)
    keep_time(database, end)
    see_to_cards(database, end)
    act_there(database, end)
    connect(database, end, calendar, ids["land_extract"])
    go_away(database, end, ids["procedure_approval"])
    catch_up(database, end)
    forecasting.learn(database, lambda: True, trees=False)
    if cabinet is not None:
        papers.hand_in(database, cabinet)
        logs.hand_in(database, cabinet, ids["building_permit"], end)
    return half


def is_the_demo(db: Connection) -> bool:
    """Whether the office in the database is the demo office, whose sign-ins may be told to everybody."""
    return organisation.is_founded(db) and organisation.office(db).name.en == processes.office().name_en


def sign_ins(db: Connection) -> tuple[DemoSignIn, ...]:
    """People to try it as, one to a post: who designs and administers, some who supervise, some who do the work."""
    by_kind: dict[str, list[DemoSignIn]] = {"office": [], "watch": [], "work": []}
    at_work: set[int] = set()
    for post in organisation.chart(db).posts:
        if not post.holders:
            continue
        rights = post.rights - {Right.RECEIVE}
        kind = (
            "work" if not rights else "watch" if rights <= {Right.SUPERVISE, Right.APPROVE, Right.INSPECT} else "office"
        )
        if kind == "work" and post.department_id in at_work:
            continue  # one of each department shows more of the work than four of one
        if kind == "work":
            at_work.add(post.department_id)
        holder = post.holders[0]
        one = DemoSignIn(login=holder.login, name=holder.name, post=post.name, password=PASSWORD)
        # The counter is where a case begins: it is shown first.
        by_kind[kind].insert(0 if Right.RECEIVE in post.rights else len(by_kind[kind]), one)
    return tuple(one for kind, found in by_kind.items() for one in found[: _SHOWN[kind]])
