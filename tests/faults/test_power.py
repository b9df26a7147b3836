"""The power fails while a task is completed: the office stands as before or as after, never between."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

from engine.base.database import Database
from engine.cases import acts, reads
from engine.records.verify import first_broken
from tests.builders import SmallOffice
from tests.conftest import Clock
from tests.worlds import begun, every_head, in_force, tasks_of

ROOT = Path(__file__).parents[2]
FEWEST_MOMENTS = 8


def test_completing_a_task_is_all_or_nothing(database: Database, office: SmallOffice, clock: Clock) -> None:
    with database.writing() as db:
        procedure_id = in_force(db, office)
        case = begun(db, office, procedure_id)
        acts.complete_task(
            db,
            by=office.actor(db, "li"),
            case_id=case.case_id,
            number=1,
            submitted={"plot": ["C-123"]},
            chosen={"complete": ["complete_to_split"]},
        )
        _case, number = tasks_of(db, office, "wang")["Review the plans"]
    clock.advance(hours=5)
    url = database.engine.url.render_as_string(hide_password=False)
    told = subprocess.run(
        [sys.executable, "-m", "tests.faults.power", url, str(case.case_id), str(number),
         str(office.persons["wang"]), clock.now().isoformat()],
        cwd=ROOT, capture_output=True, text=True, timeout=100, check=True,
    )  # fmt: skip
    moments = [line.split()[1] for line in told.stdout.splitlines()]
    assert moments[:-1] == ["before"] * (len(moments) - 1)
    assert moments[-1] == "after"
    assert len(moments) > FEWEST_MOMENTS
    with database.reading() as db:
        page = reads.case(db, actor=office.actor(db, "zhou"), case_id=case.case_id)
        assert [task.name for task in page.open_tasks] == ["Review fire safety"]
        assert first_broken(db, every_head(db)) is None
