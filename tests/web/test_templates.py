"""What the templates ask for is there: a filter that is not would only show where a page has something to refuse."""

from __future__ import annotations

from pathlib import Path

import pytest
from jinja2 import Environment, nodes

import web
from engine.base.database import Database
from tests.web.conftest import SETTINGS

FOLDER = Path(web.__file__).parent / "templates"
NAMES = sorted(str(file.relative_to(FOLDER)) for file in FOLDER.rglob("*.html"))


@pytest.fixture(scope="module")
def environment(tmp_path_factory: pytest.TempPathFactory) -> Environment:
    database = Database(f"sqlite:///{tmp_path_factory.mktemp('templates') / 'office.db'}")
    return web.create_app(SETTINGS, database=database).jinja_env


@pytest.mark.parametrize("name", NAMES)
def test_every_filter_and_test_a_template_names_is_there(environment: Environment, name: str) -> None:

    tree = environment.parse((FOLDER / name).read_text(encoding="utf-8"))
    assert {one.name for one in tree.find_all(nodes.Filter)} <= environment.filters.keys()
    assert {one.name for one in tree.find_all(nodes.Test)} <= environment.tests.keys()
