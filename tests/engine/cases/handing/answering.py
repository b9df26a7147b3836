"""Accepts or returns a hand-over and cuts the power at the nth moment, as tests/faults/power.py does with completing.

python -m tests.engine.cases.handing.answering ANSWER URL CASE NUMBER PERSON MOMENT
"""

from __future__ import annotations

import sys
from collections.abc import Callable
from datetime import datetime
from typing import Final

from sqlalchemy import Connection

from engine.base import clock
from engine.cases.handing.acts import accept_hand_over, return_hand_over
from engine.notices import acts as notices
from engine.organisation.reads import actor
from tests.faults import power


def _accept(db: Connection, case_id: int, number: int, person_id: int) -> None:
    accept_hand_over(db, by=actor(db, person_id), case_id=case_id, number=number)


def _return(db: Connection, case_id: int, number: int, person_id: int) -> None:
    return_hand_over(db, by=actor(db, person_id), case_id=case_id, number=number, reason="Not ours.")


ANSWERS: Final[dict[str, Callable[[Connection, int, int, int], None]]] = {"accept": _accept, "return": _return}

if __name__ == "__main__":
    answer, url, *numbers, at = sys.argv[1:]
    power.complete = ANSWERS[answer]  # type: ignore[assignment]
    notices.new_id = lambda: 7  # type: ignore[attr-defined]  # what is told would have another id each time, and never stand as it stood
    told = datetime.fromisoformat(at)
    with clock.reading(lambda: told):
        power.main(url, *map(int, numbers))
