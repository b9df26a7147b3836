"""Comments on an edition, pinned to what is drawn: made, answered, closed."""

from __future__ import annotations

from typing import Any

from sqlalchemy import Connection, Row, func, insert, select, update

from engine.base import clock
from engine.base.errors import NotFound
from engine.base.text import Text
from engine.control import rules
from engine.control.acts.kept import locked_edition
from engine.control.parties import must_take_part
from engine.control.rules import CommentState
from engine.control.tables import comments, replies
from engine.organisation.rules import Actor
from engine.procedures.editions import contents
from engine.procedures.kept import note

COMMENT = Text(en="comment", zh="批注")


def comment(db: Connection, *, by: Actor, edition_id: int, text: str, element: str | None = None) -> int:
    """Its number within the edition. Without an element it is about the edition as a whole."""
    said = rules.fit_comment(text)
    edition, procedure = locked_edition(db, edition_id)
    must_take_part(db, by, edition_id)
    rules.must_be_open_to_comments(edition.number, edition.state)
    drawn = contents(db, edition_id).diagram
    if element is not None and element not in drawn.elements and element not in drawn.flows:
        raise rules.ElementUnknown(element=element)
    last = db.scalar(select(func.max(comments.c.number)).where(comments.c.edition_id == edition_id)) or 0
    if last >= rules.MOST_COMMENTS:
        raise rules.NoMoreComments(most=rules.MOST_COMMENTS)
    db.execute(
        insert(comments).values(
            edition_id=edition_id, number=last + 1, element=element, text=said, state=CommentState.OPEN,
            at=clock.now(), by=by.person_id,
        )
    )  # fmt: skip
    facts = {"edition": edition.number, "comment": last + 1, "element": element, "text": said}
    note(db, procedure, by, "comment", facts)
    return last + 1


def reply(db: Connection, *, by: Actor, edition_id: int, number: int, text: str) -> None:
    """An answer by somebody else than who wrote the comment makes it answered; one by its writer opens it again."""
    said = rules.fit_comment(text)
    edition, procedure, one = _open_comment(db, by, edition_id, number)
    last = db.scalar(select(func.max(replies.c.number)).where(replies.c.comment_id == one.id)) or 0
    if last >= rules.MOST_COMMENTS:
        raise rules.NoMoreComments(most=rules.MOST_COMMENTS)
    db.execute(insert(replies).values(comment_id=one.id, number=last + 1, text=said, at=clock.now(), by=by.person_id))
    state = CommentState.OPEN if by.person_id == one.by else CommentState.ANSWERED
    db.execute(update(comments).where(comments.c.id == one.id).values(state=state))
    note(db, procedure, by, "reply", {"edition": edition.number, "comment": number, "text": said})


def close_comment(db: Connection, *, by: Actor, edition_id: int, number: int) -> None:
    """By whoever wrote it, or by an approver."""
    edition, procedure, one = _open_comment(db, by, edition_id, number)
    rules.must_close(by, one.by)
    db.execute(
        update(comments)
        .where(comments.c.id == one.id)
        .values(state=CommentState.CLOSED, closed_at=clock.now(), closed_by=by.person_id)
    )
    note(db, procedure, by, "close_comment", {"edition": edition.number, "comment": number})


def _open_comment(
    db: Connection, by: Actor, edition_id: int, number: int
) -> tuple[Row[*tuple[Any, ...]], Row[*tuple[Any, ...]], Row[*tuple[Any, ...]]]:
    edition, procedure = locked_edition(db, edition_id)
    must_take_part(db, by, edition_id)
    one = db.execute(select(comments).where(comments.c.edition_id == edition_id, comments.c.number == number)).first()
    if one is None:
        raise NotFound(what=COMMENT)
    if one.state == CommentState.CLOSED:
        raise rules.CommentClosed(number=number)
    return edition, procedure, one
