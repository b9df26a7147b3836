"""Which cards of a page somebody has folded or opened: in a cookie, so that the page comes as it was left and nothing jumps."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

from flask import Flask, g, request

COOKIE: Final = "officium_folds"
_MOST: Final = 60


def set_up(app: Flask) -> None:
    app.jinja_env.globals["is_open"] = is_open


def is_open(key: str, otherwise: bool = True) -> bool:
    """As it was left; `otherwise` where it was never touched."""
    return _left().get(key, otherwise)


def _left() -> Mapping[str, bool]:
    """The cookie holds `papers.1~notes.0`: only what its own page could have written is read."""
    if "folds" not in g:
        parts = (one.rpartition(".") for one in request.cookies.get(COOKIE, "").split("~")[:_MOST])
        g.folds = {key: said == "1" for key, _dot, said in parts if key and said in ("0", "1")}
    found: Mapping[str, bool] = g.folds
    return found
