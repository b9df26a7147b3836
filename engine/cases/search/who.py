"""Marks of who may find a case and of how it stands, kept among its words: no word begins with a dot in the middle.

They only ever let too much through: what is found is asked for again by `listing.visible_to` before it is shown.
"""

from __future__ import annotations

from typing import Final

OPEN: Final = "·o"
ENDED: Final = "·e"


def post(post_id: int) -> str:
    """A task of it lies or lay there."""
    return f"·p{post_id}"


def department(department_id: int) -> str:
    return f"·d{department_id}"


def procedure(procedure_id: int) -> str:
    return f"·q{procedure_id}"


def person(person_id: int) -> str:
    """Started it, had a task in it, or was told of it."""
    return f"·u{person_id}"
