"""How much one expression may ask for."""

from __future__ import annotations

from typing import Final

SOURCE: Final = 4_096  # characters
DEPTH: Final = 60
STEPS: Final = 20_000
STRING: Final = 100_000  # characters
LIST: Final = 10_000  # entries
EXPONENT: Final = 1_000
DIGITS: Final = 34  # of a number, as IEEE 754 decimal128
VALUES: Final = 100_000  # that one variable holds
CALLS: Final = 50  # functions within functions
PATTERN: Final = 500  # characters of a regular expression
SCRIPT_LINES: Final = 200
