"""One sentence carried to the next page: what has just been done."""

from __future__ import annotations

from typing import Literal

from flask import flash

Kind = Literal["done", "attention"]


def tell(sentence: str, kind: Kind = "done") -> None:
    flash(sentence, kind)
