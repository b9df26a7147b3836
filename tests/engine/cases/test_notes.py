"""Notes on a case: who reads them, who is told, what the record holds of them."""

from __future__ import annotations

import orjson
import pytest
from hypothesis import given
from hypothesis import strategies as st
from sqlalchemy import Connection, update

from engine.base.database import Database
from engine.base.errors import NotFound
from engine.cases import acts as cases
from engine.cases.notes import acts, reads, rules
from engine.cases.notes.tables import texts
from engine.notices import reads as notices
from engine.organisation.rules import as_login
from engine.records.journal import entries
from engine.records.verify import first_broken
from tests.builders import SmallOffice
from tests.conftest import Clock
from tests.engine.diagram.builders import end, line, source, start, user
from tests.worlds import begun, every_head, in_force


@pytest.fixture
def case_id(database: Database, office: SmallOffice) -> int:
    """Begun by Li at the counter; nobody in review has anything to do with it yet."""
    with database.writing() as db:
        return begun(db, office, in_force(db, office)).case_id


def _write(
    db: Connection, office: SmallOffice, case_id: int, text: str, *, by: str = "li", **more: object
) -> acts.Written:
    return acts.write_note(db, by=office.actor(db, by), case_id=case_id, text=text, **more)  # type: ignore[arg-type]


def _texts(db: Connection, office: SmallOffice, case_id: int, login: str) -> list[str]:
    return [one.text for one in reads.of_case(db, actor=office.actor(db, login), case_id=case_id)]


def _told(db: Connection, office: SmallOffice, login: str) -> int:
    return notices.unread(db, office.persons[login]).count


def test_a_note_is_read_by_whoever_may_see_the_case(database: Database, office: SmallOffice, case_id: int) -> None:
    with database.writing() as db:
        assert _write(db, office, case_id, "  Plot C-1\r\nlies in two maps  \n").number == 1
        for login in ("li", "chen", "zhou", "sun"):
            assert _texts(db, office, case_id, login) == ["Plot C-1\nlies in two maps"], login
        with pytest.raises(NotFound):
            _write(db, office, case_id, "I may not even see it", by="wang")


def test_a_note_for_a_department_is_read_there_and_by_its_writer_alone(
    database: Database, office: SmallOffice, case_id: int
) -> None:
    counter = office.departments["counter"]
    with database.writing() as db:
        _write(db, office, case_id, "Only among us", department_id=counter)
        _write(db, office, case_id, "From the director to the counter", by="zhou", department_id=counter)
        assert len(_texts(db, office, case_id, "chen")) == 2
        assert _texts(db, office, case_id, "zhou") == ["From the director to the counter"]
        assert _texts(db, office, case_id, "sun") == []
        with pytest.raises(NotFound):
            acts.strike_note(db, by=office.actor(db, "sun"), case_id=case_id, number=1, reason="not mine to see")
        with pytest.raises(rules.NotAnAudience):
            _write(
                db,
                office,
                case_id,
                "To a department that has nothing to do with it",
                department_id=office.departments["review"],
            )
        with pytest.raises(rules.NotAnAudience):
            _write(db, office, case_id, "To none", department_id=999)


def test_whoever_is_mentioned_is_told_once_and_the_writer_never(
    database: Database, office: SmallOffice, case_id: int
) -> None:
    with database.writing() as db:
        done = _write(
            db,
            office,
            case_id,
            "请@chen看一下，@li @Chen; mail a@chen.example, (@nobody)",
            also=[office.persons["chen"]],
        )
        assert [name.en for name in done.told] == ["Chen Yan"]
        assert _told(db, office, "chen") == 1
        assert _told(db, office, "li") == 0
        (note,) = reads.of_case(db, actor=office.actor(db, "li"), case_id=case_id)
        assert [(one.text, one.person.en) for one in note.pieces if one.person] == [
            ("@chen", "Chen Yan"),
            ("@Chen", "Chen Yan"),
        ]
        assert "".join(one.text for one in note.pieces) == note.text
        (notice,) = notices.page(db, actor=office.actor(db, "chen"), is_read=False)
        assert (notice.kind, notice.case_id, notice.facts["note"]) == ("mentioned", case_id, 1)
        assert "看" not in str(notice.facts), "what the note says stays on the case"


def test_a_mention_opens_the_case_to_nobody(database: Database, office: SmallOffice, case_id: int) -> None:
    with database.writing() as db:
        with pytest.raises(rules.MayNotSeeCase, match=r"Wang Lei may not see this case.*copy"):
            _write(db, office, case_id, "Look at this, @wang")
        with pytest.raises(rules.MayNotSeeCase):
            _write(db, office, case_id, "Look at this", also=[office.persons["wang"]])
        with pytest.raises(rules.NotInAudience, match="Zhou Hong is not in Service counter"):
            _write(db, office, case_id, "Between us, @zhou", department_id=office.departments["counter"])
        assert reads.of_case(db, actor=office.actor(db, "li"), case_id=case_id) == ()
        assert _told(db, office, "wang") == 0


def test_only_those_who_may_read_the_note_are_proposed(database: Database, office: SmallOffice, case_id: int) -> None:
    def proposed(words: str, login: str = "li", department_id: int | None = None) -> list[str]:
        actor = office.actor(db, login)
        found = reads.readers(db, actor=actor, case_id=case_id, words=words, department_id=department_id)
        return [one.login for one in found]

    with database.reading() as db:
        assert proposed("ch") == ["chen"]
        assert proposed("陈") == ["chen"]
        assert proposed("") == ["chen", "sun", "zhou"]
        assert proposed("", department_id=office.departments["counter"]) == ["chen"]
        assert proposed("wang") == [], "may not see the case"
        assert proposed("%") == []
        assert proposed("", login="wang") == []


def test_the_writer_corrects_a_note_for_a_quarter_of_an_hour_and_what_it_said_stays_readable(
    database: Database, office: SmallOffice, case_id: int, clock: Clock
) -> None:
    with database.writing() as db:
        _write(db, office, case_id, "Plot C-1 @chen")
        clock.advance(minutes=15)
        li, chen = office.actor(db, "li"), office.actor(db, "chen")
        done = acts.correct_note(db, by=li, case_id=case_id, number=1, text="Plot C-2 @chen @zhou")
        assert [one.en for one in done.told] == ["Chen Yan", "Zhou Hong"]
        assert (_told(db, office, "chen"), _told(db, office, "zhou")) == (1, 1), "nobody is told twice"
        (note,) = reads.of_case(db, actor=chen, case_id=case_id)
        assert (note.text, [one.text for one in note.earlier]) == ("Plot C-2 @chen @zhou", ["Plot C-1 @chen"])
        with pytest.raises(rules.NoteOfOthers):
            acts.correct_note(db, by=chen, case_id=case_id, number=1, text="mine now")
        clock.advance(seconds=1)
        with pytest.raises(rules.NoteSettled):
            acts.correct_note(db, by=li, case_id=case_id, number=1, text="too late")
        with pytest.raises(NotFound):
            acts.correct_note(db, by=li, case_id=case_id, number=2, text="no such note")


def test_a_note_is_struck_out_by_its_writer_or_a_supervisor_and_stays_readable(
    database: Database, office: SmallOffice, case_id: int
) -> None:
    with database.writing() as db:
        for text in ("One", "Two"):
            _write(db, office, case_id, text)
        li, chen, sun = (office.actor(db, login) for login in ("li", "chen", "sun"))
        with pytest.raises(rules.NotForYouToStrike):
            acts.strike_note(db, by=chen, case_id=case_id, number=1, reason="I do not like it")
        with pytest.raises(rules.ReasonUnfit):
            acts.strike_note(db, by=li, case_id=case_id, number=1, reason="  ")
        acts.strike_note(db, by=li, case_id=case_id, number=1, reason="Wrong plot")
        acts.strike_note(db, by=sun, case_id=case_id, number=2, reason="Not fit for the file")
        with pytest.raises(rules.NoteStruck):
            acts.strike_note(db, by=li, case_id=case_id, number=1, reason="again")
        with pytest.raises(rules.NoteStruck):
            acts.correct_note(db, by=li, case_id=case_id, number=1, text="alive again")
        two, one = reads.of_case(db, actor=chen, case_id=case_id)
        assert (one.text, one.reason, one.struck_by and one.struck_by.en) == ("One", "Wrong plot", "Li Ming")
        assert (two.reason, two.struck_by and two.struck_by.en) == ("Not fit for the file", "Sun Wei")


def test_the_record_proves_a_note_and_tells_nothing_of_it(
    database: Database, office: SmallOffice, case_id: int, clock: Clock
) -> None:
    secrets = ("The applicant is a cousin", "of the mayor", "because it is gossip")
    with database.writing() as db:
        _write(db, office, case_id, secrets[0], department_id=office.departments["counter"])
        clock.advance(minutes=1)
        acts.correct_note(db, by=office.actor(db, "li"), case_id=case_id, number=1, text=secrets[1])
        acts.strike_note(db, by=office.actor(db, "li"), case_id=case_id, number=1, reason=secrets[2])
        written = entries(db, case_id)
        assert [one.act for one in written][-3:] == ["write_note", "correct_note", "strike_note"]
        assert not any(secret in one.facts for secret in secrets for one in written)
        digests = [orjson.loads(one.facts)["digest"] for one in written[-3:]]
        assert len(set(digests)) == 3
        assert first_broken(db, every_head(db)) is None
        assert reads.first_altered(db) is None
    with database.writing() as db:
        db.execute(update(texts).where(texts.c.version == 1).values(text="The applicant is nobody's cousin"))
        assert reads.first_altered(db) == (case_id, 1)


def test_the_same_words_leave_another_digest_each_time(database: Database, office: SmallOffice, case_id: int) -> None:
    """Nobody finds out what a short note says by trying."""
    with database.writing() as db:
        for _ in range(2):
            _write(db, office, case_id, "yes")
        one, two = (orjson.loads(entry.facts)["digest"] for entry in entries(db, case_id)[-2:])
    assert one != two


def test_a_case_that_has_ended_may_still_be_noted_on(database: Database, office: SmallOffice, clock: Clock) -> None:
    short = source(start(), user("work"), end(), line("s", "work", "e"))
    with database.writing() as db:
        case_id = begun(db, office, in_force(db, office, short, owners={"process:p": "clerk"})).case_id
        assert cases.complete_task(db, by=office.actor(db, "li"), case_id=case_id, number=1, submitted={}).ended
        assert _write(db, office, case_id, "A complaint came in").number == 1
        assert first_broken(db, every_head(db)) is None


@pytest.mark.parametrize("typed", ["", " \n \t\r\n", "x" * 4001, "\u200b\u200b"])
def test_a_note_needs_words_and_not_too_many(typed: str) -> None:
    with pytest.raises(rules.NoteEmpty):
        rules.fit_text(typed)


@given(st.text(max_size=300))
def test_a_text_that_is_kept_stays_as_it_is(typed: str) -> None:
    try:
        kept = rules.fit_text(typed)
    except rules.NoteEmpty:
        return
    assert rules.fit_text(kept) == kept
    assert all(sign.isprintable() or sign == "\n" for sign in kept)


@given(st.text(alphabet="@ab.-请看 ,\n", max_size=60))
def test_mentions_stand_in_order_and_never_in_one_another(text: str) -> None:
    known = {"a": 1, "ab": 2, "b.a": 3, "请": 4}
    end = 0
    for begin, until, person in rules.mentioned(text, known):
        assert begin >= end
        assert text[begin] == "@"
        assert known[as_login(text[begin + 1 : until])] == person
        end = until


@pytest.mark.parametrize(
    ("text", "who"),
    [
        ("@li", [1]), ("@li.", [1]), ("(@li)", [1]), ("请@li看", [1]), ("@li请看", [1]), ("@LI", [1]), ("@ｌｉ", [1]),
        ("@lina", []), ("li@li", []), ("a@li.example", []), ("@@li", []), ("@ li", []), ("@li-ming", [2]), ("@", []),
    ],
)  # fmt: skip
def test_who_is_mentioned(text: str, who: list[int]) -> None:
    assert [person for _begin, _end, person in rules.mentioned(text, {"li": 1, "li-ming": 2})] == who
