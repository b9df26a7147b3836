"""Wall boards tell what the figures tell, and their links are acts on the record, on both databases."""

from __future__ import annotations

from datetime import timedelta

import pytest
from sqlalchemy import select

from engine.base.database import Database
from engine.base.errors import NotAllowed, NotFound
from engine.cases import acts
from engine.records.tables import entries
from engine.records.verify import first_broken
from engine.supervision.boards import acts as links
from engine.supervision.boards import reads, rules
from engine.supervision.boards.reads import Kept
from engine.supervision.boards.rules import Board
from engine.supervision.bottlenecks.overview import overview
from engine.supervision.figures import reads as figures
from engine.supervision.figures.behind import behind
from engine.supervision.figures.now import steps_now
from engine.supervision.figures.rules import Scope
from tests.builders import SmallOffice
from tests.conftest import BEGINNING, Clock
from tests.diagram_text import END, START, process, step, way
from tests.worlds import begun, every_head, in_force

PROMISED = 'officium:ruleSet="cn-licensing" officium:promised="P3D" officium:promiseFrom="start"'
DRAWN = process(START + step("review") + END + way("start", "review", "end")).replace(
    b"<process ", f"<process {PROMISED} ".encode(), 1
)


@pytest.fixture
def procedure_id(database: Database, office: SmallOffice, clock: Clock) -> int:
    """Of three promised days: ended in time, ended late, late and open, begun today. It is the week after."""
    with database.writing() as db:
        found = in_force(db, office, DRAWN, owners={"process:procedure": "reviewer"})
        cases = [begun(db, office, found, by="sun").case_id for _ in range(3)]
    for days, case_id in zip((1, 7), cases, strict=False):
        clock.advance(days=days)
        with database.writing() as db:
            acts.complete_task(db, by=office.actor(db, "wang"), case_id=case_id, number=1, submitted={})
    with database.writing() as db:
        begun(db, office, found, by="sun")
    return found


def test_what_a_board_tells_is_what_the_figures_say(
    database: Database, office: SmallOffice, procedure_id: int, clock: Clock
) -> None:
    today = clock.now().date()
    with database.reading() as db:
        sun = office.actor(db, "sun")
        whole = figures.whole(db, actor=sun, scope=Scope(BEGINNING.date().replace(day=1), today))
        of_today = figures.whole(db, actor=sun, scope=Scope(today, today))
        wall = reads.wall(db, actor=sun).whole
    assert wall.promised == Kept(whole.promise.n, whole.promise.of) == Kept(1, 2)
    assert wall.lawful == Kept(whole.law.n, whole.law.of) == Kept(2, 2)
    assert (wall.arrived, wall.ended, wall.open) == (of_today.started, of_today.ended, whole.open) == (1, 1, 2)
    assert wall.late == 1
    assert wall.oldest == BEGINNING


def test_a_case_that_was_called_off_breaks_no_promise_and_is_finished_nowhere(
    database: Database, office: SmallOffice, procedure_id: int, clock: Clock
) -> None:
    with database.writing() as db:
        case_id = begun(db, office, procedure_id, by="sun").case_id
        clock.advance(days=9)
        acts.cancel_case(db, by=office.actor(db, "sun"), case_id=case_id, reason="Withdrawn by the applicant")
    today = clock.now().date()
    with database.reading() as db:
        sun = office.actor(db, "sun")
        wall = reads.wall(db, actor=sun).whole
        assert wall.promised.counted == 2
        assert wall.ended == figures.whole(db, actor=sun, scope=Scope(today, today)).ended == 0
        month = clock.now().replace(day=1, hour=0)
        (line,) = overview(db, actor=sun, since=month)
        scope = Scope(month.date(), today)
        assert line.finished == figures.whole(db, actor=sun, scope=scope).ended == 2
        assert line.finished == behind(db, actor=sun, scope=scope, number="cases.ended").total


def test_a_step_is_late_on_the_wall_as_it_is_in_the_figures(
    database: Database, office: SmallOffice, clock: Clock
) -> None:
    """The first step of a case has four hours, of another it has not yet used them."""
    with database.writing() as db:
        procedure_id = in_force(db, office)
        begun(db, office, procedure_id)
        clock.advance(days=2)
        begun(db, office, procedure_id)
    with database.reading() as db:
        sun, today = office.actor(db, "sun"), clock.now().date()
        wall = reads.wall(db, actor=sun).whole
        now = steps_now(db, actor=sun, scope=Scope(today, today), now=clock.now())
    assert wall.late_steps == sum(one.late for one in now) == 1
    assert wall.late == 0


def test_the_whole_is_its_departments_together(database: Database, office: SmallOffice, procedure_id: int) -> None:
    with database.writing() as db:
        other = in_force(db, office, DRAWN, owners={"process:procedure": "clerk"}, prefix="CC", department="counter")
        begun(db, office, other)
    with database.reading() as db:
        zhou = reads.wall(db, actor=office.actor(db, "zhou"))
        sun = reads.wall(db, actor=office.actor(db, "sun"))
    assert [name.en for name, _one in zhou.departments] == ["Service counter", "Review section"]
    assert [name.en for name, _one in sun.departments] == ["Review section"]
    assert zhou.whole.open == sum(one.open for _name, one in zhou.departments) == 3
    assert zhou.whole.oldest == sun.whole.oldest


def test_a_link_shows_its_department_and_what_is_below_until_it_is_revoked(
    database: Database, office: SmallOffice, procedure_id: int
) -> None:
    with database.writing() as db:
        guo = office.actor(db, "guo")
        secret = links.make_board_link(
            db, by=guo, board=Board.OFFICE, department_id=office.departments["counter"], place="Hall"
        )
        wide = links.make_board_link(
            db, by=guo, board=Board.LEADER, department_id=office.departments["bureau"], place="Office"
        )
    with database.reading() as db:
        assert reads.wall_of_link(db, secret=secret)[1].departments == ()
        link, wall = reads.wall_of_link(db, secret=wide)
        assert [name.en for name, _one in wall.departments] == ["Review section"]
        assert [one.place for one in reads.links_in_use(db, by=office.actor(db, "guo"))] == ["Hall", "Office"]
    with database.writing() as db:
        links.revoke_board_link(db, by=office.actor(db, "guo"), link_id=link.id)
    with database.reading() as db:
        with pytest.raises(rules.LinkUnknown):
            reads.wall_of_link(db, secret=wide)
        assert reads.wall_of_link(db, secret=secret)[0].board is Board.OFFICE
        assert first_broken(db, every_head(db)) is None
        said = db.execute(select(entries.c.act, entries.c.facts).where(entries.c.act.like("%board_link"))).all()
    assert [act for act, _facts in said] == ["make_board_link", "make_board_link", "revoke_board_link"]
    assert not any(one in facts for one in (secret, wide) for _act, facts in said)


def test_a_link_runs_out(database: Database, office: SmallOffice, procedure_id: int, clock: Clock) -> None:
    with database.writing() as db:
        secret = links.make_board_link(
            db, by=office.actor(db, "guo"), board=Board.OFFICE, department_id=office.departments["bureau"], place="Hall"
        )
    clock.moment += rules.GOOD_FOR - timedelta(seconds=1)
    with database.reading() as db:
        reads.wall_of_link(db, secret=secret)
        clock.advance(seconds=1)
        with pytest.raises(rules.LinkUnknown):
            reads.wall_of_link(db, secret=secret)


def test_links_are_for_administrators_and_boards_for_supervisors(database: Database, office: SmallOffice) -> None:
    bureau = office.departments["bureau"]
    with database.writing() as db:
        for login in ("li", "sun"):
            by = office.actor(db, login)
            with pytest.raises(NotAllowed):
                links.make_board_link(db, by=by, board=Board.OFFICE, department_id=bureau, place="Hall")
            with pytest.raises(NotAllowed):
                links.revoke_board_link(db, by=by, link_id=1)
            with pytest.raises(NotAllowed):
                reads.links_in_use(db, by=by)
        with pytest.raises(NotAllowed):
            reads.wall(db, actor=office.actor(db, "guo"))
        with pytest.raises(NotFound):
            links.revoke_board_link(db, by=office.actor(db, "guo"), link_id=1)


def test_there_are_only_so_many_links(database: Database, office: SmallOffice, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(rules, "MOST_LINKS", 1)
    with database.writing() as db:
        guo, bureau = office.actor(db, "guo"), office.departments["bureau"]
        links.make_board_link(db, by=guo, board=Board.OFFICE, department_id=bureau, place="Hall")
        with pytest.raises(rules.LinksTooMany):
            links.make_board_link(db, by=guo, board=Board.OFFICE, department_id=bureau, place="Lift")
