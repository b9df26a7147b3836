"""The way from any earlier database to today's. Revisions are numbered by hand; each is all or nothing."""

from __future__ import annotations

import re
from collections.abc import Iterator
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING, Final

from sqlalchemy import Connection, inspect, text

from engine.base.database import Database
from engine.base.errors import Refusal

if TYPE_CHECKING:
    from alembic.config import Config

_HERE: Final = Path(__file__).parent
_FOLLOWS: Final = re.compile(r'^down_revision = "(\d{4})"$', re.MULTILINE)


class DatabaseNewer(Refusal):
    """This database was brought to revision {revision} by a newer Officium. Start that one, or restore a backup."""

    zh = "此数据库已由更新版本的 Officium 升级到 {revision}。请启动该版本，或恢复备份。"


class DatabaseOlder(Refusal):
    """This database is not up to date. Run `officium upgrade` first, once, on any one machine."""

    zh = "此数据库尚未升级。请先在任意一台机器上运行一次 officium upgrade。"


def upgrade(database: Database) -> None:
    """To the newest revision, in one transaction. Raises DatabaseNewer."""
    if is_current(database):
        return
    # Alembic takes 12 MB: only a process that changes the database carries it.
    from alembic import command  # noqa: PLC0415

    with database.writing() as db:
        present = _present(db)
        if present is not None and present not in _known():
            raise DatabaseNewer(revision=present)
        config = _config()
        config.attributes["connection"] = db
        command.upgrade(config, "head")


def is_current(database: Database) -> bool:
    with database.reading() as db:
        return _present(db) == _newest()


def is_empty(database: Database) -> bool:
    with database.reading() as db:
        return _present(db) is None


def _config() -> Config:
    from alembic.config import Config  # noqa: PLC0415  as above

    config = Config()
    config.set_main_option("script_location", str(_HERE).replace("%", "%%"))
    return config


def _present(db: Connection) -> str | None:
    """The revision the database stands at; None where it is empty."""
    if not inspect(db).has_table("alembic_version"):
        return None
    found: str | None = db.scalar(text("SELECT version_num FROM alembic_version"))
    return found


def _known() -> frozenset[str]:
    """A revision's file begins with its number."""
    return frozenset(file.name[:4] for file in _files())


@cache
def _newest() -> str:
    """Which no other follows: numbers are given before revisions land, so it need not be the highest."""
    followed = {found[1] for file in _files() if (found := _FOLLOWS.search(file.read_text(encoding="utf-8")))}
    (newest,) = _known() - followed
    return newest


def _files() -> Iterator[Path]:
    return (_HERE / "versions").glob("[0-9]*.py")
