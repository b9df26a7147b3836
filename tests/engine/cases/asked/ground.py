"""A case at a step that somebody works, with what is asked beside it."""

from __future__ import annotations

from collections.abc import Sequence

from sqlalchemy import Connection

from engine.base.database import Database
from engine.cases import acts as cases
from engine.cases.asked import acts, reads
from engine.cases.asked.reads import AskedLine
from tests.builders import SmallOffice
from tests.diagram_text import END, START, flow, lanes, process, step, way
from tests.worlds import begun, in_force


def drawn(attributes: str = "", inner: str = "") -> bytes:
    """The counter proposes, the bureau decides: with the step's attributes; then `adopted` says where it goes."""
    voted = "committee" in attributes
    otherwise = 'default="gate_to_tell"' if voted else ""
    return process(
        lanes(counter=("start", "propose", "tell", "end", *(["end_no"] if voted else [])), bureau=("decide", "gate"))
        + START
        + step("propose", "Propose")
        + step("decide", "Decide", attributes, inner)
        + f'<exclusiveGateway id="gate" name="Adopted?" {otherwise}/>'
        + step("tell", "Tell")
        + END
        + ('<endEvent id="end_no"/>' + flow("gate", "end_no", "adopted = false") if voted else "")
        + way("start", "propose", "decide", "gate")
        + flow("gate", "tell")
        + way("tell", "end")
    )


def at_decide(
    db: Connection, office: SmallOffice, attributes: str = "", inner: str = "", *, prefix: str = "DC"
) -> int:  # fmt: skip
    """The case's second task waits for the reviewers: Wang and Zhao. Li proposed."""
    case_id = begun(db, office, in_force(db, office, drawn(attributes, inner), prefix=prefix)).case_id
    cases.complete_task(db, by=office.actor(db, "li"), case_id=case_id, number=1, submitted={})
    return case_id


def whom(office: SmallOffice, *names: str) -> Sequence[str]:
    """`li` is a person, `@head` a post, `#review` a department."""
    kinds = {"@": ("post", office.posts), "#": ("department", office.departments)}
    found = []
    for name in names:
        kind, ids = kinds.get(name[0], ("person", office.persons))
        found.append(f"{kind}:{ids[name.lstrip('@#')]}")
    return found


def lines(database: Database, case_id: int) -> tuple[AskedLine, ...]:
    with database.reading() as db:
        return reads.asked_in(db, case_id)


def answer(
    db: Connection, office: SmallOffice, login: str, case_id: int, number: int, outcome: int, words: str = ""
) -> None:
    acts.answer(db, by=office.actor(db, login), case_id=case_id, number=number, outcome=outcome, words=words)
