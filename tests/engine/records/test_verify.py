"""Whatever is done to the record behind the journal's back is found, and named."""

from __future__ import annotations

import subprocess
import sys
import tracemalloc
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any, Final

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlalchemy import Connection, delete, insert, select, text, update
from sqlalchemy.exc import DBAPIError

from engine.base.database import Database
from engine.records import journal, offline
from engine.records.journal import EMPTY, Chain, write
from engine.records.reads import extract
from engine.records.tables import entries
from engine.records.verify import Broken, Check, first_broken
from tests.thorough import examples

LENGTHS: Final = {11: 5, 12: 1, 13: 7}


@pytest.fixture
def heads(database: Database) -> dict[int, Chain]:
    """Three chains, written in turn as an office does."""
    chains = {key: Chain(key, 0, EMPTY) for key in LENGTHS}
    with database.writing() as db:
        for turn in range(max(LENGTHS.values())):
            for key, length in LENGTHS.items():
                if turn < length:
                    facts = {"turn": turn, "chain": key, "answer": "同意"}
                    chains[key] = write(db, chains[key], act=f"act_{turn}", by=turn or None, post=key, facts=facts)
    return chains


@contextmanager
def behind_its_back(database: Database) -> Iterator[Connection]:
    """As somebody does it who owns the database and may switch off its guards."""
    with database.writing() as db:
        if database.is_sqlite:
            for name in db.scalars(text("SELECT name FROM sqlite_master WHERE type = 'trigger'")).all():
                db.execute(text(f"DROP TRIGGER {name}"))
        else:
            db.execute(text("ALTER TABLE entries DISABLE TRIGGER USER"))
        yield db
        if not database.is_sqlite:
            db.execute(text("ALTER TABLE entries ENABLE TRIGGER USER"))


def found(database: Database, heads: dict[int, Chain]) -> Broken | None:
    with database.reading() as db:
        return first_broken(db, heads.values())


def entry(chain: int, number: int) -> Any:
    return (entries.c.chain == chain) & (entries.c.number == number)


def test_an_untouched_record_is_unbroken(database: Database, heads: dict[int, Chain]) -> None:
    assert found(database, heads) is None


def test_a_record_without_entries_is_unbroken(database: Database) -> None:
    assert found(database, {1: Chain(1, 0, EMPTY)}) is None


EDITS: Final[dict[str, dict[str, Any]]] = {
    "facts": {"facts": '{"answer":"不同意"}'},
    "facts in other words": {"facts": '{"turn": 2, "chain": 13, "answer": "同意"}'},
    "act": {"act": "act_9"},
    "person": {"person_id": 99},
    "nobody": {"person_id": None},
    "post": {"post_id": 99},
    "time": {"at": entries.c.at + 1},
    "seal": {"seal": bytes(32)},
}


@pytest.mark.parametrize("edit", EDITS, ids=str)
@pytest.mark.parametrize("number", [1, 3, 7])
def test_an_edited_entry_is_found(database: Database, heads: dict[int, Chain], edit: str, number: int) -> None:
    values = EDITS[edit]
    if edit == "nobody" and number == 1:
        pytest.skip("the first entry is nobody's already")
    with behind_its_back(database) as db:
        if edit == "facts in other words":
            values = {"facts": values["facts"].replace("2", str(number - 1), 1)}
        if edit == "time":
            db.execute(text(f"UPDATE entries SET at = at + 1 WHERE chain = 13 AND number = {number}"))
        else:
            assert db.execute(update(entries).where(entry(13, number)).values(**values)).rowcount == 1
    assert found(database, heads) == Broken(13, number, Check.SEAL)


@pytest.mark.parametrize(
    ("number", "found_as"),
    [(1, Broken(13, 1, Check.GAP)), (4, Broken(13, 4, Check.GAP)), (7, Broken(13, 7, Check.END))],
)
def test_a_deleted_entry_is_found(database: Database, heads: dict[int, Chain], number: int, found_as: Broken) -> None:
    with behind_its_back(database) as db:
        db.execute(delete(entries).where(entry(13, number)))
    assert found(database, heads) == found_as


def test_a_tail_that_was_cut_off_is_found(database: Database, heads: dict[int, Chain]) -> None:
    with behind_its_back(database) as db:
        db.execute(delete(entries).where(entries.c.chain == 11, entries.c.number > 2))
    assert found(database, heads) == Broken(11, 3, Check.END)


@pytest.mark.parametrize("chain", LENGTHS)
def test_a_chain_that_is_gone_is_found(database: Database, heads: dict[int, Chain], chain: int) -> None:
    with behind_its_back(database) as db:
        db.execute(delete(entries).where(entries.c.chain == chain))
    assert found(database, heads) == Broken(chain, 1, Check.END)


def test_closing_the_gap_after_a_deletion_is_found(database: Database, heads: dict[int, Chain]) -> None:
    with behind_its_back(database) as db:
        db.execute(delete(entries).where(entry(13, 4)))
        for number in (5, 6, 7):
            db.execute(update(entries).where(entry(13, number)).values(number=number - 1))
    assert found(database, heads) == Broken(13, 4, Check.SEAL)


def test_two_swapped_entries_are_found(database: Database, heads: dict[int, Chain]) -> None:
    with behind_its_back(database) as db:
        for before, after in ((2, 100), (3, 2), (100, 3)):
            db.execute(update(entries).where(entry(13, before)).values(number=after))
    assert found(database, heads) == Broken(13, 2, Check.SEAL)


def test_an_entry_moved_to_another_chain_is_found(database: Database, heads: dict[int, Chain]) -> None:
    with behind_its_back(database) as db:
        db.execute(update(entries).where(entry(13, 7)).values(chain=12, number=2))
    assert found(database, heads) == Broken(12, 2, Check.SEAL)


def test_an_entry_moved_to_another_office_is_found(database: Database, heads: dict[int, Chain]) -> None:
    with behind_its_back(database) as db:
        db.execute(update(entries).where(entry(13, 7)).values(office_id=2))
    assert found(database, heads) == Broken(13, 7, Check.END)


def test_an_entry_added_with_a_right_seal_is_found_by_the_head(database: Database, heads: dict[int, Chain]) -> None:
    with database.writing() as db:
        write(db, heads[11], act="forged", by=1, facts={})
    assert found(database, heads) == Broken(11, 6, Check.BEYOND)


def test_an_entry_inserted_among_the_others_is_found(database: Database, heads: dict[int, Chain]) -> None:
    with behind_its_back(database) as db:
        for number in range(7, 3, -1):
            db.execute(update(entries).where(entry(13, number)).values(number=number + 1))
        seal = db.execute(select(entries.c.seal).where(entry(13, 3))).scalar_one()
        write(db, Chain(13, 3, seal), act="forged", by=1, facts={})
    assert found(database, heads) == Broken(13, 5, Check.SEAL)


def test_a_chain_written_anew_is_found_by_the_head_and_by_nothing_else(
    database: Database, heads: dict[int, Chain]
) -> None:
    forged = _write_anew(database, 13)
    assert found(database, heads) == Broken(13, 7, Check.HEAD)
    assert found(database, heads | {13: forged}) is None


def _write_anew(database: Database, key: int) -> Chain:
    """The third entry changed, and all from there on sealed again."""
    with behind_its_back(database) as db:
        kept = journal.entries(db, key)
        db.execute(delete(entries).where(entries.c.chain == key))
        chain = Chain(key, 0, EMPTY)
        for one in kept:
            facts = {"forged": True} if one.number == 3 else {"kept": one.facts}
            chain = write(db, chain, act=one.act, by=one.person_id, post=one.post_id, facts=facts)
    return chain


def test_an_entry_that_nothing_owns_is_found(database: Database, heads: dict[int, Chain]) -> None:
    del heads[12]
    assert found(database, heads) == Broken(12, 1, Check.OWNER)


def test_a_chain_with_two_owners_that_disagree_is_found(database: Database, heads: dict[int, Chain]) -> None:
    with database.reading() as db:
        told = [*heads.values(), Chain(12, 0, EMPTY)]
        broken = first_broken(db, told)
    assert broken is not None
    assert broken.check is Check.TWICE


def test_values_of_another_kind_are_found_and_stop_nothing(database: Database, heads: dict[int, Chain]) -> None:
    if not database.is_sqlite:
        pytest.skip("PostgreSQL keeps values of the declared kind only")
    ruined = {"facts": "X'ff00'", "act": "X'ff00'", "person_id": "'a' || char(10)", "at": "'soon'", "seal": "'words'"}
    for column, value in ruined.items():
        with behind_its_back(database) as db:
            before = db.execute(text(f"SELECT {column} FROM entries WHERE chain = 11 AND number = 2")).scalar_one()
            db.execute(text(f"UPDATE entries SET {column} = {value} WHERE chain = 11 AND number = 2"))
        assert found(database, heads) == Broken(11, 2, Check.SEAL), column
        with database.writing() as db:
            db.execute(text(f"UPDATE entries SET {column} = :x WHERE chain = 11 AND number = 2"), {"x": before})
    assert found(database, heads) is None


@pytest.mark.parametrize("check", Check)
def test_every_check_is_told_in_both_languages(check: Check) -> None:
    sentence = Broken(41, 7, check).sentence
    for told in (sentence.en, sentence.zh):
        assert "41" in told
        assert check is Check.TWICE or "7" in told


def test_progress_is_told(database: Database) -> None:
    with database.writing() as db:
        chain = Chain(1, 0, EMPTY)
        for number in range(10_001):
            chain = write(db, chain, act="a", by=None, facts={"n": number})
    told: list[int] = []
    with database.reading() as db:
        assert first_broken(db, [chain], told.append) is None
    assert told == [10_000]


@pytest.mark.slow
def test_memory_does_not_grow_with_the_number_of_entries(database: Database) -> None:
    def peak(entries_there: int) -> int:
        with database.reading() as db:
            tracemalloc.start()
            assert first_broken(db, [chain]) is None
            used = tracemalloc.get_traced_memory()[1]
            tracemalloc.stop()
        return used

    chain = Chain(1, 0, EMPTY)
    peaks = []
    for size in (5_000, 20_000):
        with database.writing() as db:
            while chain.length < size:
                chain = write(db, chain, act="a", by=None, facts={"n": chain.length, "text": "x" * 200})
        peaks.append(peak(size))
    assert peaks[1] < peaks[0] * 1.3


# Random chains, random harm.

Harm = Callable[[Connection, int, int], None]


def _delete(db: Connection, chain: int, number: int) -> None:
    db.execute(delete(entries).where(entry(chain, number)))


def _cut(db: Connection, chain: int, number: int) -> None:
    db.execute(delete(entries).where(entries.c.chain == chain, entries.c.number >= number))


def _edit(db: Connection, chain: int, number: int) -> None:
    db.execute(update(entries).where(entry(chain, number)).values(facts='{"harm":1}'))


def _double(db: Connection, chain: int, number: int) -> None:
    one = db.execute(select(entries).where(entry(chain, number))).mappings().one()
    last = db.scalars(
        select(entries.c.number).where(entries.c.chain == chain).order_by(entries.c.number.desc()).limit(1)
    ).one()
    db.execute(insert(entries).values(**{**one, "number": last + 1}))


@settings(max_examples=examples(40), suppress_health_check=[HealthCheck.function_scoped_fixture], deadline=None)
@given(
    lengths=st.lists(st.integers(1, 8), min_size=1, max_size=5),
    harm=st.sampled_from([None, _delete, _cut, _edit, _double]),
    pick=st.tuples(st.integers(0, 4), st.integers(0, 7)),
)
def test_any_harm_to_any_chain_is_found_where_it_was_done(
    database: Database, lengths: list[int], harm: Harm | None, pick: tuple[int, int]
) -> None:
    chains = {key: Chain(key, 0, EMPTY) for key in range(len(lengths))}
    hurt = pick[0] % len(lengths)
    number = 1 + pick[1] % lengths[hurt]
    with database.reading() as db:
        for turn in range(max(lengths)):
            for key, length in enumerate(lengths):
                if turn < length:
                    chains[key] = write(db, chains[key], act="a", by=turn, facts={"turn": turn})
        for guard in _guards(db):
            db.execute(text(guard))
        if harm is not None:
            harm(db, hurt, number)
        broken = first_broken(db, chains.values())
    if harm is None:
        assert broken is None
    else:
        assert broken is not None
        assert broken.chain == hurt
        assert broken.number == (lengths[hurt] + 1 if harm is _double else number)


def _guards(db: Connection) -> list[str]:
    if db.dialect.name == "sqlite":
        names = db.scalars(text("SELECT name FROM sqlite_master WHERE type = 'trigger'")).all()
        return [f"DROP TRIGGER {name}" for name in names]
    return ["ALTER TABLE entries DISABLE TRIGGER USER"]


# Offline.


@pytest.fixture
def lines(database: Database, heads: dict[int, Chain]) -> list[str]:
    with database.reading() as db:
        return [line for key in LENGTHS for line in extract(db, heads[key])]


def test_an_extract_is_verified_offline(lines: list[str], heads: dict[int, Chain]) -> None:
    chains = offline.verify(lines)
    assert {key: (chain.length, chain.head) for key, chain in chains.items()} == {
        key: (chain.length, chain.head) for key, chain in heads.items()
    }


def test_a_chain_is_verified_offline_by_somebody_who_may_not_read_it(
    database: Database, heads: dict[int, Chain]
) -> None:
    with database.reading() as db:
        lines = list(extract(db, heads[13], with_facts=False))
    assert "同意" not in "".join(lines)
    assert offline.verify(lines)[13].withheld == 7


@pytest.mark.parametrize(
    ("harm", "told"),
    [
        (lambda lines: lines[:2] + lines[3:], "entry 3 is missing"),
        (lambda lines: [lines[0].replace("act_0", "act_1"), *lines[1:]], "entry 1, or the one before"),
        (lambda lines: [lines[0].replace("同意", "不同意"), *lines[1:]], "entry 1, or the one before"),
        (lambda lines: [lines[1], lines[0], *lines[2:]], "entry 1 is missing"),
        (lambda lines: [*lines[:4], lines[5], *lines[6:]], "has 4 entries, and its owner knows of 5"),
        (lambda lines: lines[:5] + lines[6:], "the line that says how it ends is missing"),
        (lambda lines: [*lines[:5], lines[5].replace('"head":"', '"head":"0'), *lines[6:]], "not the one its owner"),
        (lambda lines: [*lines[:6], lines[4], *lines[6:]], "after the end of its chain"),
        (lambda lines: [lines[0][:-1] + ',"remark":"fine"}', *lines[1:]], "remark was never sealed"),
        (lambda lines: [lines[0].replace('"at":', '"at":1.0,"x":'), *lines[1:]], "chain 11"),
        (lambda lines: ["[]", *lines], "line 1 is no entry"),
        (lambda lines: ["{", *lines], "line 1 is no entry"),
        (lambda _: [], "no chain"),
    ],
)
def test_harm_to_an_extract_is_found_offline(
    lines: list[str], harm: Callable[[list[str]], list[str]], told: str
) -> None:
    with pytest.raises(offline.Broken, match=told):
        offline.verify(harm(lines))


def test_the_offline_verifier_runs_by_itself(lines: list[str], tmp_path: Path) -> None:
    program = tmp_path / "offline.py"
    program.write_bytes(Path(offline.__file__).read_bytes())
    good, bad = tmp_path / "good.jsonl", tmp_path / "bad.jsonl"
    good.write_text("\n".join(lines), encoding="utf-8")
    bad.write_text("\n".join(lines[1:]), encoding="utf-8")
    told = _run(program, good)
    assert told.returncode == 0
    assert "UNBROKEN: 3 chains" in told.stdout
    told = _run(program, good, bad)
    assert told.returncode == 1
    assert "BROKEN: line 1, chain 11: entry 1 is missing" in told.stdout
    assert _run(program).returncode == 2


def _run(*words: Path) -> subprocess.CompletedProcess[str]:
    command = [sys.executable, "-I", *map(str, words)]
    return subprocess.run(command, capture_output=True, text=True, check=False, encoding="utf-8")


def test_the_offline_verifier_is_short_and_imports_nothing_of_ours() -> None:
    program = Path(offline.__file__).read_text(encoding="utf-8")
    assert len(program.splitlines()) < 150
    imported = {line.split()[1] for line in program.splitlines() if line.startswith(("import ", "from "))}
    assert imported <= sys.stdlib_module_names | {"collections.abc"}


def test_the_journal_cannot_be_written_in_two_ways_at_once(database: Database, heads: dict[int, Chain]) -> None:
    """Two who both think they hold the chain: the second is refused by the database."""
    with database.writing() as db:
        write(db, heads[11], act="one", by=1, facts={})
    with pytest.raises(DBAPIError), database.writing() as db:
        write(db, heads[11], act="other", by=2, facts={})
