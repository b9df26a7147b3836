"""Comments are pinned to what is drawn, answered and closed, by those who take part."""

from __future__ import annotations

import pytest

from engine.base.database import Database
from engine.base.errors import NotAllowed, NotFound
from engine.control import acts, rules
from engine.control.rules import CommentState
from tests.builders import SmallOffice
from tests.engine.control.world import Reviewed, drafted


@pytest.fixture
def world(database: Database, office: SmallOffice) -> Reviewed:
    """In review, and with the departments."""
    with database.writing() as db:
        made = drafted(db, office)
        made.submitted(db)
        made.checked(db)
    return made


def _comment(database: Database, world: Reviewed, login: str, text: str = "Why?", element: str | None = "plans") -> int:
    with database.writing() as db:
        return acts.comment(
            db, by=world.by(db, login), edition_id=world.edition_id, text=text, element=element
        )  # fmt: skip


def _states(database: Database, world: Reviewed) -> list[str]:
    with database.reading() as db:
        return [one.state for one in world.page(db).comments]


def test_a_comment_is_answered_and_closed(database: Database, world: Reviewed) -> None:
    number = _comment(database, world, "sun", "Who does this on holidays?\nNobody is here.")
    with database.writing() as db:
        acts.reply(db, by=world.by(db, "he"), edition_id=world.edition_id, number=number, text="The deputy.")
    assert _states(database, world) == [CommentState.ANSWERED]
    with database.writing() as db:
        acts.reply(db, by=world.by(db, "sun"), edition_id=world.edition_id, number=number, text="Then name it.")
    assert _states(database, world) == [CommentState.OPEN]
    with database.writing() as db:
        acts.close_comment(db, by=world.by(db, "sun"), edition_id=world.edition_id, number=number)
        (one,) = world.page(db).comments
        assert (one.state, one.element, one.name) == (CommentState.CLOSED, "plans", "Review the plans")
        assert one.text == "Who does this on holidays?\nNobody is here."
        assert [(said.person.en, said.text) for said in one.replies] == [
            ("He Jun", "The deputy."), ("Sun Wei", "Then name it."),
        ]  # fmt: skip
        assert world.page(db).open_comments == 0


def test_a_closed_comment_takes_no_more_words(database: Database, world: Reviewed) -> None:
    number = _comment(database, world, "sun")
    with database.writing() as db:
        acts.close_comment(db, by=world.by(db, "zhou"), edition_id=world.edition_id, number=number)
    with database.writing() as db, pytest.raises(rules.CommentClosed):
        acts.reply(db, by=world.by(db, "sun"), edition_id=world.edition_id, number=number, text="But…")
    with database.writing() as db, pytest.raises(rules.CommentClosed):
        acts.close_comment(db, by=world.by(db, "sun"), edition_id=world.edition_id, number=number)


def test_an_author_does_not_close_what_others_ask(database: Database, world: Reviewed) -> None:
    number = _comment(database, world, "sun")
    with database.writing() as db, pytest.raises(NotAllowed):
        acts.close_comment(db, by=world.by(db, "he"), edition_id=world.edition_id, number=number)
    assert _states(database, world) == [CommentState.OPEN]


@pytest.mark.parametrize("login", ["li", "wang"])
def test_whoever_takes_no_part_does_not_comment(database: Database, world: Reviewed, login: str) -> None:
    with pytest.raises(NotAllowed):
        _comment(database, world, login)
    number = _comment(database, world, "sun")
    with database.writing() as db, pytest.raises(NotAllowed):
        acts.reply(db, by=world.by(db, login), edition_id=world.edition_id, number=number, text="Me too.")


@pytest.mark.parametrize("element", ["nowhere", "", "<script>alert(1)</script>", "' OR 1=1 --"])
def test_a_comment_on_what_is_not_drawn_is_refused(database: Database, world: Reviewed, element: str) -> None:
    with pytest.raises(rules.ElementUnknown):
        _comment(database, world, "sun", element=element)


@pytest.mark.parametrize("text", ["", "   \n\t ", "\u200b\u200e", "x" * 2001])
def test_a_comment_without_words_or_with_too_many_is_refused(database: Database, world: Reviewed, text: str) -> None:
    with pytest.raises(rules.CommentMissing):
        _comment(database, world, "sun", text)


def test_comments_are_numbered_within_their_edition(database: Database, world: Reviewed) -> None:
    assert [_comment(database, world, "sun", element=element) for element in ("plans", None, "plans")] == [1, 2, 3]


def test_an_edition_in_force_is_commented_on_no_more(database: Database, world: Reviewed) -> None:
    with database.writing() as db:
        world.consents(db)
        acts.approve(db, by=world.by(db, "zhou"), edition_id=world.edition_id)
    with pytest.raises(rules.EditionSettled):
        _comment(database, world, "sun")


def test_a_comment_that_is_not_there_is_not_answered(database: Database, world: Reviewed) -> None:
    with database.writing() as db, pytest.raises(NotFound):
        acts.reply(db, by=world.by(db, "sun"), edition_id=world.edition_id, number=7, text="Yes.")
    with database.writing() as db, pytest.raises(NotFound):
        acts.comment(db, by=world.by(db, "sun"), edition_id=9999, text="Yes.")
