"""Papers in the demo office: what applicants handed in, and documents issued from the procedure's own templates."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from datetime import timedelta
from io import BytesIO
from typing import Final

from sqlalchemy import Connection

from engine.base import clock
from engine.base.database import Database
from engine.base.errors import Refusal
from engine.cases import acts, drafts
from engine.cases.inbox import inbox
from engine.cases.producing import offered, prepared, produced
from engine.cases.reads import task
from engine.cases.typed import Sent, Typed
from engine.organisation.reads import actor, all_persons
from engine.papers.taking import Cabinet, take_in, take_made

_MOST: Final = 8
_TITLE: Final = "Site plan 总平面图"
_TYPED: Final[Mapping[str, Typed]] = {
    "supplement.notice.toml": {
        "notice_items": [
            "Construction contract, the original and one copy 施工合同原件及复印件一份\n"
            "Drawing review certificate with the seal of the review body 加盖审图机构印章的施工图审查合格书"
        ],
        "notice_delivery": ["counter"],
    }
}
"""What somebody has filled in already at the step, and not sent yet."""


def hand_in(database: Database, cabinet: Cabinet) -> int:
    """In building permits that are in somebody's hands just now, those first where a document is due; how many papers."""
    with database.reading() as db:
        waiting = sorted(_waiting(db), key=lambda one: not one[3])
    count = 0
    for person_id, case_id, number, templates in waiting[:_MOST]:
        plan = take_in(cabinet, BytesIO(_plan(case_id)), "site-plan.png")
        with database.writing() as db:
            by = actor(db, person_id)
            acts.attach_paper(db, by=by, case_id=case_id, cabinet=cabinet, taken=plan, title=_TITLE)
            for typed in filter(None, map(_typed, templates[:1])):
                drafts.save(db, by=by, case_id=case_id, number=number, sent=Sent(typed, "demo"))
        count += 1 + sum(_issue(database, cabinet, person_id, case_id, number, one) for one in templates[:1])
    return count


def _typed(template: str) -> Typed:
    """With the day that is fifteen days off."""
    typed = _TYPED.get(template, {})
    return {**typed, "answer_by": [(clock.now() + timedelta(days=15)).date().isoformat()]} if typed else {}


def _waiting(db: Connection) -> Iterator[tuple[int, int, int, list[str]]]:
    """Person, case, task, and the templates of what is made there."""
    seen: set[int] = set()
    for person in all_persons(db):
        by = actor(db, person.id)
        for line in inbox(db, actor=by, limit=20) if by.posts else ():
            if line.case_id in seen or not line.case_number.startswith("BP-") or line.kind is not None:
                continue
            page = task(db, actor=by, case_id=line.case_id, number=line.number)
            if page.may_work:
                seen.add(line.case_id)
                yield person.id, line.case_id, line.number, [one.template for one in offered(db, page)]


def _issue(database: Database, cabinet: Cabinet, person_id: int, case_id: int, number: int, template: str) -> bool:
    """False where the case does not hold all that the document needs."""
    try:
        with database.reading() as db:
            by = actor(db, person_id)
            one = prepared(db, actor=by, case_id=case_id, number=number, template=template, language="zh")
        document, name = produced(one)
        made = take_made(cabinet, document.content, name, document.kind)
        with database.writing() as db:
            acts.issue_document(
                db, by=by, case_id=case_id, number=number, template=template, title=one.title, issued=one.issued,
                cabinet=cabinet, taken=made,
            )  # fmt: skip
    except Refusal:
        return False
    return True


def _plan(seed: int) -> bytes:
    """A drawing that nobody built: lots, a road and a house."""
    from PIL import Image, ImageDraw  # noqa: PLC0415 -- only the demo draws

    picture = Image.new("RGB", (900, 640), "#fbfaf6")
    pen = ImageDraw.Draw(picture)
    pen.rectangle((40, 40, 860, 600), outline="#17303d", width=3)
    pen.rectangle((40, 470, 860, 540), fill="#d9d4c6", outline="#8a8371")
    left, wide, deep = 120 + seed % 140, 220 + seed // 7 % 180, 150 + seed // 11 % 90
    pen.rectangle((left, 120, left + wide, 120 + deep), fill="#cfe3e4", outline="#0b5c66", width=4)
    for at in range(80, 840, 95):
        pen.line((at, 60, at, 440), fill="#e4dfd2")
    pen.line((left, 100, left + wide, 100), fill="#a5301c", width=2)
    pen.text((left + wide / 2 - 20, 82), f"{wide / 20:.1f} m", fill="#a5301c")
    pen.text((60, 560), "1:500", fill="#17303d")
    kept = BytesIO()
    picture.save(kept, "PNG")
    return kept.getvalue()
