"""Who may see a case, and finding one in the list."""

from __future__ import annotations

from datetime import datetime

import pytest
from sqlalchemy import Connection

from engine.base.database import Database
from engine.base.errors import NotFound
from engine.cases import acts, reads
from engine.cases.listing import case_list
from engine.organisation import acts as organisation
from engine.organisation.rules import Right
from engine.procedures import reads as procedure_reads
from tests.builders import FROM_DAY, SmallOffice
from tests.conftest import Clock
from tests.diagram_text import END, START, process, step, way
from tests.worlds import begun, in_force

ALONE = {"process:procedure": "clerk"}
ONE_STEP = process(START + step("one") + END + way("start", "one", "end"))
EVERYBODY = ("li", "chen", "wang", "zhao", "sun", "zhou", "he", "guo")


def _who_sees(db: Connection, office: SmallOffice, case_id: int) -> set[str]:
    found = set()
    for login in EVERYBODY:
        by = office.actor(db, login)
        listed = case_id in {one.case_id for one in case_list(db, actor=by)}
        try:
            reads.case(db, actor=by, case_id=case_id)
        except NotFound:
            assert not listed, f"{login} finds it in the list but may not open it"
        else:
            assert listed, f"{login} may open it but cannot find it"
            found.add(login)
    return found


def test_a_case_is_seen_by_who_has_a_task_in_it_and_who_supervises(database: Database, office: SmallOffice) -> None:
    with database.writing() as db:
        case_id = begun(db, office, in_force(db, office)).case_id
        # The clerks have its first task; the head and the director supervise the department that answers for it.
        assert _who_sees(db, office, case_id) == {"li", "chen", "sun", "zhou"}
        acts.complete_task(
            db, by=office.actor(db, "li"), case_id=case_id, number=1,
            submitted={"plot": ["C-1"]}, chosen={"complete": ["complete_to_split"]},
        )  # fmt: skip
        assert _who_sees(db, office, case_id) == {"li", "chen", "wang", "zhao", "sun", "zhou"}


def test_whoever_took_part_still_sees_it_when_it_has_ended(database: Database, office: SmallOffice) -> None:
    with database.writing() as db:
        case_id = begun(db, office, in_force(db, office, ONE_STEP, owners=ALONE)).case_id
        acts.complete_task(db, by=office.actor(db, "li"), case_id=case_id, number=1, submitted={})
        assert _who_sees(db, office, case_id) == {"li", "chen", "sun", "zhou"}


def test_whoever_started_it_sees_it_without_any_post_in_it(database: Database, office: SmallOffice) -> None:
    with database.writing() as db:
        procedure_id = in_force(db, office, ONE_STEP, owners={"process:procedure": "head"}, department="bureau")
        case_id = begun(db, office, procedure_id, by="sun").case_id
        assert "sun" in _who_sees(db, office, case_id)


def test_supervision_reaches_down_the_tree_and_not_sideways_or_up(database: Database, office: SmallOffice) -> None:
    with database.writing() as db:
        ours = in_force(db, office, ONE_STEP, owners={"process:procedure": "administrator"}, department="bureau")
        case_id = begun(db, office, ours, by="guo").case_id
        assert _who_sees(db, office, case_id) == {"zhou", "guo"}
        below = organisation.add_department(
            db, by=None, code="team", name_en="Team", name_zh="小组", parent_id=office.departments["review"]
        )
        post = organisation.add_post(
            db, by=None, department_id=below, code="member", name_en="Member", name_zh="组员",
            reports_to=office.posts["head"], rights=[Right.SUPERVISE],
        )  # fmt: skip
        organisation.give_post(db, by=None, person_id=office.persons["guo"], post_id=post, from_day=FROM_DAY)
        team = SmallOffice(office.departments, {**office.posts, "member": post}, office.persons)
        theirs = in_force(db, team, ONE_STEP, owners={"process:procedure": "member"}, department="bureau", prefix="TM")
        case_id = begun(db, team, theirs, by="guo").case_id
        # The head's department stands above the team in which a task is open; the director above both.
        assert _who_sees(db, team, case_id) == {"sun", "zhou", "guo"}


def test_what_may_not_be_seen_is_told_like_what_is_not_there(database: Database, office: SmallOffice) -> None:
    with database.writing() as db:
        case_id = begun(db, office, in_force(db, office)).case_id
        by = office.actor(db, "he")
        sentences = set()
        for asked in (case_id, case_id + 1):
            with pytest.raises(NotFound) as refused:
                reads.case(db, actor=by, case_id=asked)
            sentences.add(refused.value.say("en"))
            with pytest.raises(NotFound):
                reads.task(db, actor=by, case_id=asked, number=1)
        assert len(sentences) == 1


# the list


@pytest.fixture
def listed(database: Database, office: SmallOffice, clock: Clock) -> dict[str, int]:
    """Matter to case id, an hour apart, the oldest first."""
    found = {}
    with database.writing() as db:
        permits = in_force(db, office, ONE_STEP, owners=ALONE)
        fires = in_force(db, office, ONE_STEP, owners=ALONE, prefix="FS")
        for matter, procedure_id in (
            ("A 100% subsidy", permits),
            ("A 1000 subsidy", permits),
            ("plan_b", fires),
            ("planXb", fires),
            (r"C:\plans", permits),
            ("绿化工程施工许可", permits),
            ("", permits),
        ):
            found[matter] = begun(db, office, procedure_id, matter=matter or "Ended").case_id
            clock.advance(hours=1)
        acts.complete_task(db, by=office.actor(db, "li"), case_id=found[""], number=1, submitted={})
    return found


def _found(database: Database, office: SmallOffice, **asked: object) -> list[str]:
    with database.reading() as db:
        return [one.matter for one in case_list(db, actor=office.actor(db, "li"), **asked)]  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("words", "expected"),
    [
        ("100%", ["A 100% subsidy"]),
        ("plan_", [r"C:\plans", "planXb", "plan_b"]),
        (r"C:\pl", [r"C:\plans"]),
        ("\\ % _", []),
        ("SUBSIDY", ["A 1000 subsidy", "A 100% subsidy"]),
        ("subsidy 1000", ["A 1000 subsidy"]),
        ("施工", ["绿化工程施工许可"]),
        ("FS-2026-0002", ["planXb"]),
        ("王芳 plan", [r"C:\plans", "planXb", "plan_b"]),
        ("nobody", []),
    ],
)
@pytest.mark.usefixtures("listed")
def test_words_are_found_by_their_beginning_and_signs_by_nothing(
    database: Database, office: SmallOffice, words: str, expected: list[str]
) -> None:
    assert _found(database, office, words=words) == expected


@pytest.mark.usefixtures("listed")
def test_the_list_is_narrowed_by_procedure_and_by_whether_it_ended(database: Database, office: SmallOffice) -> None:
    assert _found(database, office, ended=True) == ["Ended"]
    assert len(_found(database, office, ended=False)) == 6
    with database.reading() as db:
        fires = next(one for one in _procedures(db) if one[1] == "FS")[0]
    assert _found(database, office, procedure_id=fires) == ["planXb", "plan_b"]
    assert _found(database, office, procedure_id=fires, ended=True) == []


def _procedures(db: Connection) -> list[tuple[int, str]]:
    return [(one.id, one.prefix) for one in procedure_reads.procedures(db)]


@pytest.mark.parametrize("size", [1, 2, 3, 7, 50])
def test_the_list_is_paged_without_loss_or_double_though_cases_began_together(
    database: Database, office: SmallOffice, size: int
) -> None:
    with database.writing() as db:
        procedure_id = in_force(db, office, ONE_STEP, owners=ALONE)
        expected = {begun(db, office, procedure_id).case_id for _ in range(12)}
    shown: list[int] = []
    before: tuple[datetime, int] | None = None
    with database.reading() as db:
        for _ in range(20):
            page = case_list(
                db, actor=office.actor(db, "li"), limit=size,
                before=before[0] if before else None, before_id=before[1] if before else None,
            )  # fmt: skip
            if not page:
                break
            shown += [one.case_id for one in page]
            before = (page[-1].started_at, page[-1].case_id)
    assert len(shown) == len(set(shown))
    assert set(shown) == expected
