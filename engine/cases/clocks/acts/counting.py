"""After a calendar has changed, every period that runs is counted anew: on the record where its end has moved."""

from __future__ import annotations

from sqlalchemy import Connection

from engine.cases.acts.moving import Note, keep_note
from engine.cases.clocks import kept, reads, rows, rules
from engine.notices import acts as notices

_AT_ONCE = 500


def recompute_case(db: Connection, *, case_id: int) -> bool:
    """Once for each version of the calendars; False where nothing of it runs any more."""
    case = rows.open_case(db, case_id)
    if case is None:
        return False
    moved = kept.count_anew(db, case_id, case.calendars_version)
    if moved:
        facts = {
            "moved": [{"clock": rules.KINDS[one.kind].value, "before": one.before, "after": one.after} for one in moved]
        }
        keep_note(db, case, Note("recompute_clocks", None, None, facts))
        held = reads.accountable_post(db, case_id)
        if held is not None:
            period = rules.kind_name(moved[0].kind)
            notices.tell_post(db, post_id=held, kind="period_moved", facts={"period": period}, case_id=case_id)
    return True


def recompute(db: Connection, *, limit: int = _AT_ONCE) -> int:
    """So many cases at once; how many there were. 0: nothing is left to count anew."""
    found = reads.clocks_to_recompute(db, limit=limit)
    return sum(recompute_case(db, case_id=one) for one in found)
