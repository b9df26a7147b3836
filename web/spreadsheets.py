"""Tables that are taken away to a spreadsheet: CSV with the mark by which it knows UTF-8, and never a formula in it."""

from __future__ import annotations

import csv
import io
from collections.abc import Iterable, Sequence
from typing import Any, Final

from flask import Response

from engine.base import clock
from web.attached import as_attachment
from web.shown import local

_FORMULA: Final = ("=", "+", "-", "@", "\t", "\r", "\n", "＝", "＋", "－", "＠")


def plain(cell: str) -> str:
    """Text for a spreadsheet, whatever it begins with: what people typed is never calculated."""
    return f"'{cell}" if cell.lstrip(" ").startswith(_FORMULA) else cell


def sheet(name: str, heads: Sequence[str], lines: Iterable[Sequence[Any]]) -> Response:
    """A file `name` and today's day. A number stands as one, a None is empty; text is made plain."""
    out = io.StringIO(newline="")
    writer = csv.writer(out)
    writer.writerow([plain(head) for head in heads])
    for line in lines:
        writer.writerow([_cell(value) for value in line])
    answer = Response("\ufeff" + out.getvalue(), mimetype="text/csv")
    day = f"{local(clock.now()):%Y-%m-%d}"
    answer.headers["Content-Disposition"] = as_attachment(f"{name}-{day}.csv")
    return answer


def _cell(value: Any) -> Any:
    if value is None:
        return ""
    return value if isinstance(value, int | float) and not isinstance(value, bool) else plain(str(value))
