from __future__ import annotations

import stat
import threading
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

import web
from web.settings import Settings


def test_the_first_start_makes_a_secret_that_only_its_owner_reads(tmp_path: Path) -> None:
    home = tmp_path / "data"
    first = Settings.from_environment({"OFFICIUM_DATA": str(home)})
    kept = home / "secret"
    assert stat.S_IMODE(kept.stat().st_mode) == 0o600
    assert stat.S_IMODE(home.stat().st_mode) == 0o700
    assert len(bytes.fromhex(first.secret)) == 32
    assert Settings.from_environment({"OFFICIUM_DATA": str(home)}).secret == first.secret
    assert [one.name for one in home.iterdir()] == ["secret"]


def test_processes_that_start_at_once_agree_on_the_secret(tmp_path: Path) -> None:
    with ThreadPoolExecutor(8) as pool:
        found = list(pool.map(lambda _: Settings.from_environment({"OFFICIUM_DATA": str(tmp_path)}).secret, range(16)))
    assert len(set(found)) == 1


def test_a_given_secret_and_database_leave_no_trace_on_the_disk(tmp_path: Path) -> None:
    home = tmp_path / "data"
    found = Settings.from_environment(
        {
            "OFFICIUM_DATA": str(home),
            "OFFICIUM_SECRET": "given",
            "DATABASE_URL": "postgresql+psycopg://somewhere/office",
        }
    )
    assert (found.secret, found.database_url) == ("given", "postgresql+psycopg://somewhere/office")
    assert not home.exists()


def test_the_database_lies_in_the_data_folder_unless_said_otherwise(tmp_path: Path) -> None:
    found = Settings.from_environment({"OFFICIUM_DATA": str(tmp_path), "PORT": "81", "OFFICIUM_HTTPS": "yes"})
    assert found.database_url == f"sqlite:///{tmp_path}/officium.db"
    assert (found.port, found.https, found.proxies, found.demo) == (81, True, 0, False)


def test_a_server_is_given_the_office_by_name(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("OFFICIUM_DATA", str(tmp_path))
    monkeypatch.delenv("DATABASE_URL", raising=False)
    at_the_end: list[Callable[[], None]] = []
    monkeypatch.setattr("atexit.register", at_the_end.append)
    before = set(threading.enumerate())
    office = web.from_environment()
    beside = set(threading.enumerate()) - before
    try:
        assert office.database.engine.url.database == str(tmp_path / "officium.db")
        assert beside, "what falls due is done"
    finally:
        for one in at_the_end:
            one()
    assert not any(one.is_alive() for one in beside)
    office.database.close()
