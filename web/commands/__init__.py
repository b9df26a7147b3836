"""What the command `officium` does: a module for those that need the same, loaded when one of them is asked for."""

from __future__ import annotations

import gc
from collections.abc import Iterator
from contextlib import contextmanager


@contextmanager
def loading() -> Iterator[None]:
    """What is loaded stays: to walk all of it time and again meanwhile would take a quarter of the start."""
    gc.disable()
    try:
        yield
    finally:
        gc.enable()
