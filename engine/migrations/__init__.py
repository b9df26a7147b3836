"""The way from any earlier database to today's. Revisions are numbered by hand; each is all or nothing."""

from __future__ import annotations

from pathlib import Path
from typing import Final

from alembic import command
from alembic.config import Config
from alembic.migration import MigrationContext
from alembic.script import ScriptDirectory
from sqlalchemy import Connection

from engine.base.database import Database
from engine.base.errors import Refusal

_HERE: Final = Path(__file__).parent


class DatabaseNewer(Refusal):
    """This database was brought to revision {revision} by a newer Officium. Start that one, or restore a backup."""

    zh = "此数据库已由更新版本的 Officium 升级到 {revision}。请启动该版本，或恢复备份。"


def upgrade(database: Database) -> None:
    """To the newest revision, in one transaction. Raises DatabaseNewer."""
    config = _config()
    with database.writing() as db:
        present = _present(db)
        if present is not None and present not in _known(config):
            raise DatabaseNewer(revision=present)
        config.attributes["connection"] = db
        command.upgrade(config, "head")


def is_current(database: Database) -> bool:
    with database.reading() as db:
        return _present(db) == ScriptDirectory.from_config(_config()).get_current_head()


def _config() -> Config:
    config = Config()
    config.set_main_option("script_location", str(_HERE).replace("%", "%%"))
    return config


def _present(db: Connection) -> str | None:
    return MigrationContext.configure(db).get_current_revision()


def _known(config: Config) -> frozenset[str]:
    return frozenset(script.revision for script in ScriptDirectory.from_config(config).walk_revisions())
