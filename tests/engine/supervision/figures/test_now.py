"""What stands where at this moment equals the rows, whatever part of it waits for whom."""

from __future__ import annotations

from collections import Counter, defaultdict
from datetime import timedelta

import pytest

from engine.base.database import Database
from engine.cases.tables import tasks
from engine.organisation.calendars.reads import calendar_of
from engine.procedures.reads import standard_times
from engine.supervision.figures.now import steps_now
from engine.supervision.figures.parts import Parts
from engine.supervision.figures.rules import Scope, Spell
from engine.supervision.figures.spells import spells
from engine.supervision.figures.spreads import spread
from engine.worktime.spans import share_used
from tests.builders import SmallOffice
from tests.conftest import BEGINNING, Clock
from tests.counting import counting
from tests.engine.supervision.figures.brute import Brute
from tests.engine.supervision.figures.playing import played
from tests.engine.supervision.figures.scene import Office

_PARTS = {"waiting": "waiting", "taken": "working", "stopped": "stopped", "outside": "outside", "handed": "handed"}


def _grows(now: Parts, later: Parts) -> str:
    """Where it is now is where time passes from now on."""
    (name,) = (one for one in _PARTS if getattr(later, one) > getattr(now, one))
    return _PARTS[name]


def test_what_is_open_equals_the_rows(database: Database, office: SmallOffice, clock: Clock) -> None:
    def look(world: Office, scope: Scope) -> None:
        brute, db = Brute(world.db, scope, clock.now()), world.db
        week = clock.now() + timedelta(days=7)
        later = {
            (one.case_id, one.task_number): one
            for one in spells(db, tasks.c.procedure_id == world.procedure_id, now=week)
        }
        groups: dict[tuple[int, int, str], list[Spell]] = defaultdict(list)
        for spell in brute.asked:
            if spell.closed_at is None:
                groups[spell.procedure_id, spell.edition_id, spell.element].append(spell)
        told = steps_now(db, actor=office.actor(db, "zhou"), scope=scope, now=clock.now())
        assert {(one.procedure_id, one.edition_id, one.element) for one in told} == set(groups)
        for one in told:
            some = groups[one.procedure_id, one.edition_id, one.element]
            parts = Counter(_grows(each.parts, later[each.case_id, each.task_number].parts) for each in some)
            assert {name: getattr(one, name) for name in _PARTS.values()} == {
                name: parts[name] for name in _PARTS.values()
            }
            assert one.open == len(some)
            assert one.late == sum(
                each.due_at is not None
                and each.due_at < clock.now()
                and _grows(each.parts, later[each.case_id, each.task_number].parts) != "stopped"
                for each in some
            )
            assert one.oldest == min(each.opened_at for each in some)
            assert one.ages == spread(brute.age(each) for each in some)
            ordered = sorted(some, key=lambda each: each.opened_at)
            span = standard_times(db, one.edition_id).get(one.element)
            if span is None:
                assert (one.used_median, one.used_worst) == (None, None)
            else:
                calendar = calendar_of(db, one.department_id)
                used = [share_used(span, calendar, each.opened_at, clock.now()) for each in ordered]
                assert one.used_median == pytest.approx(used[(len(used) - 1) // 2])
                assert one.used_worst == pytest.approx(used[0])

    played(database, office, clock, look)


def test_however_much_is_open_it_is_asked_in_as_many_statements(
    database: Database, office: SmallOffice, clock: Clock
) -> None:
    with database.writing() as db:
        world = Office(db, office, clock).open()
        actor, scope = office.actor(db, "zhou"), Scope(BEGINNING.date(), BEGINNING.date())
        world.step((0, 0, 1))
        steps_now(db, actor=actor, scope=scope, now=clock.now())
        with counting(database) as few:
            steps_now(db, actor=actor, scope=scope, now=clock.now())
        for number in range(8):
            world.step((0, 0, 1))
            world.step((1, number, 1))
        with counting(database) as many:
            steps_now(db, actor=actor, scope=scope, now=clock.now())
        assert len(many.statements) == len(few.statements) <= 9
