"""Of several tasks of one step, each may be owned by the post whose code its item is."""

from __future__ import annotations

from sqlalchemy import select

from engine.base.database import Database
from engine.cases import acts
from engine.cases.tables import hand_overs, task_events, tasks
from tests.builders import SmallOffice
from tests.diagram_text import END, START, process, step, way
from tests.worlds import begun, in_force

_FORM = b'{"components":[{"type":"textfield","key":"asked","label":"Asked"}]}'
SEVERAL = process(
    START
    + step("ask", "Ask", 'officium:form="ask.form.json"')
    + step(
        "sign",
        "Sign",
        'officium:ownerFrom="item"',
        '<multiInstanceLoopCharacteristics><loopDataInputRef>split(asked, ",")</loopDataInputRef>'
        "</multiInstanceLoopCharacteristics>",
    )
    + END
    + way("start", "ask", "sign", "end")
)


def _owned(database: Database, office: SmallOffice, asked: str) -> dict[str | None, int]:
    """Item to the post that owns its task."""
    with database.writing() as db:
        procedure = in_force(
            db, office, SEVERAL, beside={"ask.form.json": _FORM}, owners={"process:procedure": "clerk"}
        )
        case_id = begun(db, office, procedure).case_id
        acts.complete_task(db, by=office.actor(db, "li"), case_id=case_id, number=1, submitted={"asked": [asked]})
        rows = db.execute(
            select(tasks.c.item, tasks.c.post_id, tasks.c.department_id).where(
                tasks.c.case_id == case_id, tasks.c.closed_at.is_(None)
            )
        ).all()
        offered = db.execute(
            select(task_events.c.post_id, task_events.c.department_id).where(
                task_events.c.case_id == case_id, task_events.c.change == 1, task_events.c.task_number > 1
            )
        ).all()
        assert sorted((row.post_id, row.department_id) for row in rows) == sorted(tuple(row) for row in offered)
        handed = set(db.scalars(select(hand_overs.c.to_department_id).where(hand_overs.c.case_id == case_id)))
        assert handed == {row.department_id for row in rows} - {office.departments["counter"]}
    return {row.item: row.post_id for row in rows}


def test_each_task_is_owned_by_the_post_its_item_names(database: Database, office: SmallOffice) -> None:
    assert _owned(database, office, "head,reviewer,director") == {
        code: office.posts[code] for code in ("head", "reviewer", "director")
    }


def test_a_code_that_no_post_has_falls_to_the_lane_so_that_it_waits_for_somebody(
    database: Database, office: SmallOffice
) -> None:
    owned = _owned(database, office, "head,nobody,' OR 1=1")
    assert owned == {
        "head": office.posts["head"], "nobody": office.posts["clerk"], "' OR 1=1": office.posts["clerk"],
    }  # fmt: skip
