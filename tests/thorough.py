"""How much of a check `make test` does: it must be quick; `make thorough` does all of each."""

from __future__ import annotations

import os
from collections.abc import Sequence
from typing import Final, TypeVar

THOROUGH: Final = "THOROUGH" in os.environ
_Looks = TypeVar("_Looks")


def examples(many: int) -> int:
    """Of a property: a quarter of them in `make test`, never less than a few."""
    return many if THOROUGH else max(min(many, 15), many // 4)


def looks(every: Sequence[_Looks], *usual: _Looks) -> list[_Looks]:
    """Ways to look at the same page: languages, colours, widths. `make test` takes the usual ones."""
    return list(every) if THOROUGH else list(usual)
