"""The search: everything one may see is found by its words, a little later than it is written; nothing else ever is."""

from __future__ import annotations

from dataclasses import replace

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlalchemy import Connection, insert, select, text, update

from engine.base.database import OFFICE, Database
from engine.cases import acts, search
from engine.cases.listing import case_list, visible_to
from engine.cases.search import documents
from engine.cases.tables import cases, tasks
from engine.cases.tables_of_desk import search_documents, search_due
from engine.organisation.rules import Actor, HeldPost, Right
from tests.builders import SmallOffice
from tests.conftest import Clock
from tests.diagram_text import END, START, process, step, way
from tests.thorough import examples
from tests.worlds import begun, in_force

FORM = (
    b'{"components":[{"type":"textfield","key":"found","label":"Found"},{"type":"checkbox","key":"ok","label":"Good"}]}'
)
ALONE = {"process:procedure": "clerk"}
DRAWN = process(
    START + step("look", "Look at the roof 查看屋顶", 'officium:form="look.form.json"') + step("sign", "Sign 签发") + END
    + way("start", "look", "sign", "end")
)  # fmt: skip


@pytest.fixture
def procedure_id(database: Database, office: SmallOffice) -> int:
    with database.writing() as db:
        return in_force(db, office, DRAWN, owners=ALONE, beside={"look.form.json": FORM})


def bring_up(database: Database) -> None:
    while True:
        with database.reading() as db:
            read = search.changed(db)
        if read is None:
            return
        with database.writing() as db:
            search.keep(db, read)


def due(db: Connection) -> list[int]:
    return list(db.scalars(select(search_due.c.case_id)))


def found(database: Database, office: SmallOffice, login: str, words: str, **asked: object) -> list[str]:
    with database.reading() as db:
        return [one.matter for one in case_list(db, actor=office.actor(db, login), words=words, **asked)]  # type: ignore[arg-type]


def test_what_a_case_is_about_is_found_at_once_the_rest_soon(
    database: Database, office: SmallOffice, procedure_id: int
) -> None:
    with database.writing() as db:
        begun(db, office, procedure_id, matter="二层住宅加建")
    assert found(database, office, "li", "住宅") == ["二层住宅加建"]
    assert found(database, office, "chen", "住宅") == ["二层住宅加建"], "it lies in a post she holds"
    assert found(database, office, "chen", "李明") == []
    bring_up(database)
    assert found(database, office, "chen", "李明") == ["二层住宅加建"]
    assert found(database, office, "wang", "住宅") == [], "no task of it ever lay with a reviewer"
    assert found(database, office, "zhou", "王芳") == ["二层住宅加建"], "who supervises everything"


def test_answers_steps_and_persons_are_found_once_they_are_read_in(
    database: Database, office: SmallOffice, procedure_id: int
) -> None:
    with database.writing() as db:
        case_id = begun(db, office, procedure_id, matter="A house").case_id
        acts.complete_task(
            db, by=office.actor(db, "chen"), case_id=case_id, number=1,
            submitted={"found": ["裂缝 in the northern gable"], "ok": ["true"]},
        )  # fmt: skip
    assert found(database, office, "li", "gable") == []
    bring_up(database)
    for words in ("gable", "裂缝", "缝", "NORTH gab", "陈燕", "chen", "屋顶", "签发"):
        assert found(database, office, "li", words) == ["A house"], words
    assert found(database, office, "li", "true") == []
    with database.reading() as db:
        (line,) = case_list(db, actor=office.actor(db, "li"), words="northern 燕")
    assert [(one.kind, [text for text, marked in one.pieces if marked]) for one in line.found] == [
        ("answer", ["northern"]),
        ("person", ["燕"]),
    ]
    assert line.post is not None
    assert line.post.zh == "窗口受理岗"


def test_an_answer_that_was_corrected_is_found_by_the_later_one(
    database: Database, office: SmallOffice, procedure_id: int
) -> None:
    with database.writing() as db:
        case_id = begun(db, office, procedure_id).case_id
        acts.complete_task(
            db, by=office.actor(db, "chen"), case_id=case_id, number=1, submitted={"found": ["older words"]}
        )
        bring = search.after(db, 0)
        assert bring is not None
        search.keep(db, bring)
        acts.complete_task(db, by=office.actor(db, "chen"), case_id=case_id, number=2, submitted={})
    bring_up(database)
    assert found(database, office, "li", "older") == ["A house"]
    assert found(database, office, "li", "older", ended=False) == []
    assert found(database, office, "li", "older", ended=True) == ["A house"]
    assert found(database, office, "li", "older", procedure_id=procedure_id) == ["A house"]
    assert found(database, office, "li", "older", procedure_id=procedure_id + 1) == []


def test_every_act_makes_a_case_due_and_reading_in_answers_only_what_nobody_has_changed_since(
    database: Database, office: SmallOffice, procedure_id: int
) -> None:
    with database.writing() as db:
        case_id = begun(db, office, procedure_id).case_id
        acts.claim(db, by=office.actor(db, "chen"), case_id=case_id, number=1)
    with database.reading() as db:
        read = search.changed(db)
    assert read is not None
    assert read.due == (case_id,)
    assert len(read.rows) == 1
    # Somebody works on while it is being read.
    with database.writing() as db:
        acts.release(db, by=office.actor(db, "chen"), case_id=case_id, number=1)
    with database.writing() as db:
        search.keep(db, read)
        assert due(db) == [case_id]
    bring_up(database)
    with database.reading() as db:
        assert search.changed(db) is None
        length = db.scalar(select(cases.c.chain_length))
        assert db.scalar(select(search_documents.c.length)) == length


def test_a_case_in_which_somebody_works_while_it_is_written_down_stays_due(
    database: Database, office: SmallOffice, procedure_id: int
) -> None:
    if database.is_sqlite:
        pytest.skip("a file has one writer")
    with database.writing() as db:
        case_id = begun(db, office, procedure_id).case_id
        acts.claim(db, by=office.actor(db, "chen"), case_id=case_id, number=1)
    with database.writing() as working:  # finds the note there and writes none
        acts.release(working, by=office.actor(working, "chen"), case_id=case_id, number=1)
        with database.reading() as db:
            read = search.changed(db)
        assert read is not None
        with database.writing() as db:
            db.execute(text("SET LOCAL lock_timeout = '2s'"))
            search.keep(db, read)
    with database.reading() as db:
        assert due(db) == [case_id]
    bring_up(database)
    with database.reading() as db:
        assert due(db) == []
        assert db.scalar(select(search_documents.c.length)) == db.scalar(select(cases.c.chain_length))


def test_what_was_read_earlier_never_takes_the_place_of_what_was_read_later(
    database: Database, office: SmallOffice, procedure_id: int
) -> None:
    with database.writing() as db:
        case_id = begun(db, office, procedure_id).case_id
    with database.reading() as db:
        early = search.after(db, 0)
    with database.writing() as db:
        acts.complete_task(db, by=office.actor(db, "chen"), case_id=case_id, number=1, submitted={"found": ["gable"]})
    bring_up(database)
    assert early is not None
    with database.writing() as db:
        search.keep(db, early)
    assert found(database, office, "li", "gable") == ["A house"]


def test_an_act_that_is_undone_leaves_nothing_to_be_found(
    database: Database, office: SmallOffice, procedure_id: int
) -> None:
    class Undone(Exception):
        pass

    def begin_and_fail() -> None:
        with database.writing() as db:
            begun(db, office, procedure_id, matter="never kept")
            raise Undone

    with pytest.raises(Undone):
        begin_and_fail()
    bring_up(database)
    assert found(database, office, "li", "never") == []
    with database.reading() as db:
        assert db.scalar(text("SELECT count(*) FROM search_words")) == 0


@pytest.mark.parametrize("size", [1, 3, 50])
def test_what_is_found_is_paged_without_loss_or_double(
    database: Database, office: SmallOffice, procedure_id: int, size: int
) -> None:
    with database.writing() as db:
        every = sorted((begun(db, office, procedure_id, matter="Many").case_id for _ in range(10)), reverse=True)
    shown: list[int] = []
    with database.reading() as db:
        for _ in range(12):
            page = case_list(
                db, actor=office.actor(db, "li"), words="many", before_id=shown[-1] if shown else None, limit=size
            )
            shown += [one.case_id for one in page]
            if len(page) < size:
                break
    assert shown == every


# who may find what

WORDS = ("house", "住宅", "garage", "王芳", "look")


def _world(db: Connection, office: SmallOffice) -> list[int]:
    """Cases of two procedures, two tasks each: whose they are is dealt out later."""
    found = []
    for prefix, department in (("QA", "review"), ("QB", "counter")):
        procedure_id = in_force(
            db, office, DRAWN, owners=ALONE, beside={"look.form.json": FORM}, prefix=prefix, department=department
        )
        for matter in ("A house 住宅", "A garage"):
            case_id = begun(db, office, procedure_id, matter=matter).case_id
            acts.complete_task(db, by=office.actor(db, "chen"), case_id=case_id, number=1, submitted={})
            found.append(case_id)
    return found


def _deal(db: Connection, office: SmallOffice, case_ids: list[int], data: st.DataObject) -> None:
    """Somebody else began it, its tasks lie and lay elsewhere."""
    posts = list(office.posts.values())
    departments = list(office.departments.values())
    persons = list(office.persons.values())
    for case_id in case_ids:
        begun_by = data.draw(st.sampled_from([None, *persons]))
        db.execute(update(cases).where(cases.c.id == case_id).values(started_by=begun_by))
        for number in (1, 2):
            db.execute(
                update(tasks)
                .where(tasks.c.case_id == case_id, tasks.c.number == number)
                .values(
                    post_id=data.draw(st.sampled_from(posts)),
                    department_id=data.draw(st.sampled_from(departments)),
                    person_id=data.draw(st.sampled_from([None, *persons])),
                )
            )


def _anybody(office: SmallOffice, data: st.DataObject) -> Actor:
    held = data.draw(st.sets(st.sampled_from(sorted(office.posts)), max_size=2))
    posts = tuple(
        HeldPost(
            office.posts[code], data.draw(st.sampled_from(sorted(office.departments.values()))),
            frozenset({Right.SUPERVISE}) if data.draw(st.booleans()) else frozenset(), code, code, code, code,
        )
        for code in sorted(held)
    )  # fmt: skip
    person = data.draw(st.sampled_from(sorted(office.persons.values())))
    return Actor(person, "x", "x", "x", "en", posts)


def _seen(db: Connection, actor: Actor) -> set[int]:
    return set(db.scalars(select(cases.c.id).where(cases.c.office_id == OFFICE, visible_to(db, actor))))


def test_nobody_finds_what_they_may_not_see_and_everybody_what_they_may(
    database: Database, office: SmallOffice, clock: Clock
) -> None:
    with database.writing() as db:
        case_ids = _world(db, office)
        holds = {word: set[int]() for word in WORDS}
        read = search.after(db, 0)
        assert read is not None
        for row in read.rows:
            for word in WORDS:
                if word in str(row["parts"]).casefold():
                    holds[word].add(row["case_id"])
    assert all(holds.values())

    @settings(max_examples=examples(25), deadline=None, suppress_health_check=list(HealthCheck))
    @given(st.data())
    def anybody(data: st.DataObject) -> None:
        with database.writing() as db:
            _deal(db, office, case_ids, data)
            search.keep(db, search.after(db, 0) or search.ReadIn((), ()))
        # The search has not heard of what changes now.
        stale = data.draw(st.booleans())
        with database.writing() as db:
            if stale:
                _deal(db, office, case_ids, data)
        with database.reading() as db:
            for _ in range(3):
                actor, word = _anybody(office, data), data.draw(st.sampled_from(WORDS))
                may = _seen(db, actor) & holds[word]
                does = {one.case_id for one in case_list(db, actor=actor, words=word)}
                assert does <= may
                if not stale:
                    assert does == may

    anybody()


def test_who_stands_in_for_somebody_looks_through_their_posts_too(
    database: Database, office: SmallOffice, procedure_id: int
) -> None:
    """What is found is confirmed by whoever says what a person may see: here the marks alone are asked."""
    from engine.organisation.rules import StandsIn  # noqa: PLC0415

    with database.writing() as db:
        begun(db, office, procedure_id, matter="A house")
    bring_up(database)
    with database.reading() as db:
        wang, chen = office.actor(db, "wang"), office.actor(db, "chen")
        deputy = replace(wang, stands_in=(StandsIn(1, chen.person_id, "Chen", "陈", chen.posts),))
        sought = search.wanted(db, wang, "house")
        wider = search.wanted(db, deputy, "house")
        assert sought is not None
        assert wider is not None
        assert search.candidates(db, sought, most=5) == []
        assert len(search.candidates(db, wider, most=5)) == 1


@pytest.mark.parametrize(
    "words", ["'", '"', "a' OR 1=1 --", '" OR words:*', "NOT", "AND OR NEAR", "a:*", "(", "\\", "\x00", "' | 'x", "…*"]
)
def test_whatever_is_typed_is_only_looked_for(
    database: Database, office: SmallOffice, procedure_id: int, words: str
) -> None:
    with database.writing() as db:
        begun(db, office, procedure_id, matter="A house")
    assert found(database, office, "li", words) in ([], ["A house"])


def test_more_may_be_found_by_what_another_part_keeps(
    database: Database, office: SmallOffice, procedure_id: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("engine.cases.search.documents._sources", [])

    @search.also_from
    def titles(db: Connection, case_ids: object) -> list[tuple[int, tuple[str, str]]]:
        return [(one, ("paper", "Ownership deed 房产证")) for one in case_ids]  # type: ignore[attr-defined]

    with database.writing() as db:
        begun(db, office, procedure_id, matter="A house")
    bring_up(database)
    assert found(database, office, "li", "房产证") == ["A house"]


def test_a_very_long_case_is_read_in_as_far_as_it_goes(
    database: Database, office: SmallOffice, procedure_id: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("engine.cases.search.documents._sources", [])
    long = " ".join(f"w{number}" for number in range(60_000))
    search.also_from(lambda _db, case_ids: [(one, ("paper", long)) for one in case_ids])
    with database.writing() as db:
        begun(db, office, procedure_id, matter="A house")
    bring_up(database)
    assert found(database, office, "li", "w1 w77 house") == ["A house"]
    assert found(database, office, "li", "w59999") == []


def test_forgetting_everything_leaves_nothing(database: Database, office: SmallOffice, procedure_id: int) -> None:
    with database.writing() as db:
        begun(db, office, procedure_id, matter="A house")
        search.forget_all(db)
    assert found(database, office, "li", "house") == []
    with database.writing() as db:
        db.execute(insert(search_due).values(office_id=OFFICE, case_id=7))
    bring_up(database)  # a case that is not there keeps nobody waiting


@pytest.mark.parametrize(
    "before",
    ['[["step","A"],["step","B"],["answer","A"],["step","C"]]', '[["step","A","B"],["answer","A"],["step","C"]]'],
)
def test_parts_are_read_whether_they_were_written_one_by_one_or_together(before: str) -> None:
    parts = [("step", "A"), ("step", "B"), ("answer", "A"), ("step", "C")]
    assert list(documents.read(before)) == parts
    assert list(documents.read(documents.written(parts))) == parts
