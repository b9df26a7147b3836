"""Contents lie under their hash, whole or not at all; nothing that is wanted is tidied away."""

from __future__ import annotations

import io
import os
import stat
import subprocess
import sys
import threading
from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path

import pytest

from engine.base import clock
from engine.base.database import Database
from engine.papers import contents, rules
from engine.papers.bucket import Bucket
from engine.papers.store import Folder, Store, coming_in, lent
from engine.papers.taking import Cabinet, Taken, take_in, take_made
from tests.conftest import Clock

BUCKET = "papers-of-the-test"


@pytest.fixture(scope="module")
def s3() -> Iterator[str]:
    """A real server that speaks S3, on this machine."""
    server = pytest.importorskip("moto.server", reason="no S3 server: moto is not installed")
    pytest.importorskip("obstore", reason="obstore is not installed")
    boto3 = pytest.importorskip("boto3")
    running = server.ThreadedMotoServer(ip_address="127.0.0.1", port=0)
    running.start()
    host, port = running.get_host_and_port()
    address = f"http://{host}:{port}"
    keys = {"aws_access_key_id": "test", "aws_secret_access_key": "test", "region_name": "us-east-1"}
    boto3.client("s3", endpoint_url=address, **keys).create_bucket(Bucket=BUCKET)
    yield address
    running.stop()


@pytest.fixture(params=["folder", "bucket"])
def store(request: pytest.FixtureRequest, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Store:
    if request.param == "folder":
        return Folder(tmp_path / "papers")
    for name, value in {
        "AWS_ENDPOINT_URL": request.getfixturevalue("s3"),
        "AWS_ACCESS_KEY_ID": "test",
        "AWS_SECRET_ACCESS_KEY": "test",
        "AWS_REGION": "us-east-1",
    }.items():
        monkeypatch.setenv(name, value)
    return Bucket(f"s3://{BUCKET}/{tmp_path.name}", tmp_path / "papers")


def kept(store: Store, content: bytes = b"hello", name: str = "x.txt") -> Taken:
    return take_in(Cabinet(store), io.BytesIO(content), name)


def test_a_content_is_found_again_under_its_hash_alone(store: Store) -> None:
    taken = kept(store)
    assert store.has(taken.key)
    assert b"".join(store.pieces(taken.key)) == b"hello"
    with lent(store, taken.key) as file:
        assert file.read_bytes() == b"hello"
    assert not store.has("0" * 64)
    with pytest.raises(FileNotFoundError):
        store.pieces("0" * 64)


def test_the_same_content_lies_once_whoever_brings_it(store: Store) -> None:
    first, second = kept(store, name="a.txt"), kept(store, name="b.txt")
    assert first.digest == second.digest
    assert [key for key, _at in store.lying()] == [first.key]


def test_many_who_bring_the_same_at_once_leave_one_whole_content(store: Store) -> None:
    content = b"0123456789" * 50_000
    found: list[Taken] = []
    bringing = [threading.Thread(target=lambda: found.append(kept(store, content))) for _ in range(8)]
    for one in bringing:
        one.start()
    for one in bringing:
        one.join()
    assert len({one.key for one in found}) == 1
    assert b"".join(store.pieces(found[0].key)) == content
    assert len(list(store.lying())) == 1


def test_what_is_removed_is_gone(store: Store) -> None:
    taken = kept(store)
    store.remove(taken.key)
    assert not store.has(taken.key)


def test_on_disk_nobody_else_may_read_and_nothing_may_be_written(tmp_path: Path) -> None:
    store = Folder(tmp_path / "papers")
    place = store.place(kept(store).key)
    assert stat.S_IMODE(place.stat().st_mode) == 0o400
    assert {stat.S_IMODE(folder.stat().st_mode) for folder in (place.parent, place.parent.parent)} == {0o700}
    assert place.relative_to(store.folder).parts == (place.name[:2], place.name[2:4], place.name)


def test_what_lies_there_is_never_written_over(tmp_path: Path) -> None:
    store = Folder(tmp_path / "papers")
    taken = kept(store)
    before = store.place(taken.key).stat().st_ino
    kept(store)
    assert store.place(taken.key).stat().st_ino == before


def test_nothing_is_left_of_what_was_not_kept(store: Store) -> None:
    with pytest.raises(rules.EmptyPaper):
        kept(store, b"")
    assert [one for one in store.aside.rglob("*") if one.is_file()] == []


# tidying


def _old(store: Store, key: str, days: float) -> None:
    assert isinstance(store, Folder)
    at = (clock.now() - timedelta(days=days)).timestamp()
    os.utime(store.place(key), (at, at))


@pytest.fixture
def folder(tmp_path: Path) -> Folder:
    return Folder(tmp_path / "papers")


def test_what_no_row_has_is_removed_after_a_day_and_not_before(
    database: Database, folder: Folder, clock: Clock
) -> None:
    old, young, wanted, typed = (kept(folder, name.encode()) for name in ("old", "young", "wanted", "typed"))
    for one, days in ((old, 1.1), (young, 0.9), (wanted, 400), (typed, 400)):
        _old(folder, one.key, days)
    with database.writing() as db:
        contents.note(db, folder, wanted)
    assert contents.tidy(database, folder, lambda _db: {typed.key}) == 1
    assert {key for key, _at in folder.lying()} == {young.key, wanted.key, typed.key}


def test_what_a_killed_process_left_is_removed_too(database: Database, folder: Folder, clock: Clock) -> None:
    with coming_in(folder) as file:
        left = file.with_name("left")
        left.write_bytes(b"half a file")
    os.utime(left, (0, 0))
    assert contents.tidy(database, folder, lambda _db: ()) == 1
    assert not left.exists()


def test_one_that_is_brought_again_is_young_again(database: Database, folder: Folder) -> None:
    taken = kept(folder)
    _old(folder, taken.key, 30)
    kept(folder)
    assert contents.tidy(database, folder, lambda _db: ()) == 0


def test_no_row_ever_points_at_a_content_that_is_gone(database: Database, folder: Folder) -> None:
    taken = kept(folder)
    folder.remove(taken.key)
    with pytest.raises(rules.ContentGone), database.writing() as db:
        contents.note(db, folder, taken)


def test_whoever_notes_a_content_and_whoever_tidies_follow_one_another(database: Database, folder: Folder) -> None:
    """Of the two one is first; either the content stays, or the row is refused."""
    for number in range(12):
        taken = kept(folder, f"content {number}".encode())
        _old(folder, taken.key, 3)
        noted: list[bool] = []

        def note(taken: Taken = taken, noted: list[bool] = noted) -> None:
            try:
                with database.writing() as db:
                    contents.note(db, folder, taken)
                noted.append(True)
            except rules.ContentGone:
                noted.append(False)

        noting = threading.Thread(target=note)
        noting.start()
        contents.tidy(database, folder, lambda _db: ())
        noting.join()
        assert noted == [folder.has(taken.key)]


_KILLED = """
import io, os, sys
from pathlib import Path
from engine.base.database import Database
from engine.papers import contents
from engine.papers.store import Folder
from engine.papers.taking import Cabinet, take_in

store = Folder(Path(sys.argv[2]))
database = Database(sys.argv[1])
with database.writing() as db:
    taken = take_in(Cabinet(store), io.BytesIO(b"kept on disk, and then the power goes"), "x.txt")
    contents.note(db, store, taken)
    print(taken.key, flush=True)
    os._exit(9)
"""


def test_killed_between_file_and_commit_leaves_a_file_without_a_row_and_no_row_without_a_file(
    database: Database, folder: Folder
) -> None:
    url = database.engine.url.render_as_string(hide_password=False)
    ended = subprocess.run(
        [sys.executable, "-c", _KILLED, url, str(folder.folder)],
        capture_output=True, text=True, check=False, cwd=Path(__file__).parents[3],
    )  # fmt: skip
    assert ended.returncode == 9, ended.stderr
    key = ended.stdout.strip()
    assert folder.has(key)
    _old(folder, key, 2)
    assert contents.tidy(database, folder, lambda _db: ()) == 1, "no row was kept, so it is tidied away"
    assert not folder.has(key)


def test_what_is_made_here_is_kept_like_what_is_handed_in(store: Store) -> None:
    made = take_made(Cabinet(store), b"made", "notice 1.pdf", "pdf")
    assert (made.name, made.kind, made.size, store.has(made.key)) == ("notice 1.pdf", "pdf", 4, True)
