"""Any table of these pages taken away as CSV."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Final

from flask.typing import ResponseReturnValue

from engine.base.errors import NotFound
from engine.base.text import Text
from engine.organisation.rules import Right
from web.flow import compare, handing, load, times, traffic, ways
from web.flow.grids import Grid
from web.flow.room import room
from web.guard import allows
from web.spreadsheets import sheet

_TABLE: Final = Text(en="table", zh="表格")
_TABLES: Final[Mapping[str, Callable[[], Grid]]] = {
    "figures": times.figures_table,
    "steps": times.steps_table,
    "days": traffic.days_table,
    "layers": traffic.layers_table,
    "ageing": traffic.ageing_table,
    "hand-overs": handing.hands_table,
    "ways": ways.variants_table,
    "loops": ways.loops_table,
    "workload": load.posts_table,
    "persons": load.people_table,
    "compared": compare.compared_table,
}


@room.get("/<table>.csv")
@allows(Right.SUPERVISE)
def csv(table: str) -> ResponseReturnValue:
    made = _TABLES.get(table)
    if made is None:
        raise NotFound(what=_TABLE)
    grid = made()
    return sheet(grid.name, grid.heads, grid.lines)
