"""What goes along with a letter: the weekly reports that it tells of, as PDF in the reader's language."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from datetime import date
from email.message import EmailMessage
from typing import TYPE_CHECKING, Final

from sqlalchemy import Connection

from engine.base.database import Database
from engine.base.errors import NotAllowed, NotFound
from engine.notices.outbox import Addressee
from engine.notices.reads import Notice
from engine.organisation.reads import Office, actor

if TYPE_CHECKING:
    from engine.supervision.reports.reads import Kept

MOST: Final = 5
"""Reports in one letter; the others are a link away."""


def attach(letter: EmailMessage, database: Database, to: Addressee, notices: Sequence[Notice], here: Office) -> None:
    """Nothing where the reader may not see a report any more, or it cannot be set just now: the link is in the letter."""
    told = [one for one in notices if one.kind == "weekly_report" and "week" in one.facts][:MOST]
    if not told:
        return
    from engine.supervision.reports import sheet  # noqa: PLC0415  few letters tell of a report
    from engine.supervision.reports.rules import ReportFails  # noqa: PLC0415  as above

    with database.reading() as db:
        kept = list(_seen(db, to, told))
    boundary = letter.get_boundary()
    for one in kept:
        try:
            made = sheet.pdf(
                one.report, language=to.language, office=here.name, made_at=one.made_at, zone=here.zone_info
            )
        except ReportFails:
            continue
        letter.add_attachment(made, maintype="application", subtype="pdf", filename=sheet.file_name(one.report))
        # Drawn anew at each try otherwise: the same message stays the same to the last byte.
        letter.set_boundary(f"{boundary}+")


def _seen(db: Connection, to: Addressee, told: Sequence[Notice]) -> Iterator[Kept]:
    from engine.supervision.reports.reads import report  # noqa: PLC0415  as above

    who = actor(db, to.person_id)
    for one in told:
        try:
            yield report(
                db, actor=who, department_id=int(one.facts["department_id"]), week=date.fromisoformat(one.facts["week"])
            )
        except (NotAllowed, NotFound):
            continue
