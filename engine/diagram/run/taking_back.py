"""What a completed step did to the tokens, kept as long as nothing has come of it, so that it can be undone exactly.

It is kept with the state of the case, and costs no more than the tokens it is about: as soon as one of those that it
brought about has gone on, it is forgotten. It is what changed that is put back, not what was: whatever else has
happened in the case meanwhile stays.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any, Final, TypeAlias

import orjson

from engine.diagram.position import Position
from engine.diagram.run.case import Case
from engine.diagram.run.model import Model
from engine.diagram.run.moves import Game, _open
from engine.diagram.run.refusals import HasGoneOn
from engine.diagram.run.state import _rows, load, plain

MOST_KEPT: Final = 30

Row: TypeAlias = list[Any]
Rows: TypeAlias = dict[int, tuple[int, Row]]
"""By number of the token: the scope it stands in, by its host, and its row."""


def remember(case: Case, state: bytes, token: str) -> None:
    """After the step of `token` was completed from `state` on."""
    _, _, variables, rows, spaces, *_rest = orjson.loads(plain(state))
    before, after = _flat(rows, spaces), _flat(*_written(case))
    owns_before = {host: own for host, own, _ in spaces}
    owns_after = {host: scope.own for host, scope in case.subprocesses.items()}
    case.lately.append(
        {
            "token": token,
            "sent": any(one.kind == "message" for one in case.sent),
            "new": [[number, *one] for number, one in after.items() if number not in before],
            "back": [[number, *one] for number, one in before.items() if number not in after],
            "changed": [
                [number, one[0], before[number][1], one[1]]
                for number, one in after.items()
                if number in before and before[number][1] != one[1]
            ],
            "closed": [[host, own] for host, own in owns_before.items() if host not in owns_after],
            "own": [
                [host, own, owns_after[host]]
                for host, own in owns_before.items()
                if own and host in owns_after and own != owns_after[host]
            ],
            "known": _known(variables, case.variables),
        }
    )
    case.just_done = token
    del case.lately[:-MOST_KEPT]


def _written(case: Case) -> tuple[list[Row], list[list[Any]]]:
    """As `dump` writes them, not changed by what happens next."""
    spaces = [[host, None, _rows(scope)] for host, scope in case.subprocesses.items()]
    copied: tuple[list[Row], list[list[Any]]] = orjson.loads(orjson.dumps([_rows(case), spaces]))
    return copied


def _flat(rows: Sequence[Row], spaces: Sequence[Sequence[Any]]) -> Rows:
    found = {row[0]: (0, row) for row in rows}
    for host, _, inner in spaces:
        found.update({row[0]: (host, row) for row in inner})
    return found


def _known(before: Mapping[str, Any], after: Mapping[str, Any]) -> list[list[Any]]:
    """Each answer that was changed: whether there was one, what it was, and what it is."""
    return [[name, name in before, before.get(name), value] for name, value in after.items()
            if name not in before or before[name] != value]  # fmt: skip


def can_take_back(model: Model, state: bytes, token: str, *, now: datetime) -> bool:
    try:
        take_back(model, state, token, now=now)
    except HasGoneOn:
        return False
    return True


def opened_by(state: bytes, token: str) -> tuple[str, ...] | None:
    """The tokens that completing this one brought about, where it may still be taken back."""
    if not state:
        return None
    for kept in orjson.loads(plain(state))[5:]:
        for one in kept:
            if one["token"] == token and not one["sent"]:
                return tuple(str(number) for number, *_ in one["new"])
    return None


def was_sent(state: bytes, token: str) -> bool:
    """Whether completing this one sent something outside, as far as that is still known."""
    kept = orjson.loads(plain(state))[5:] if state else []
    return any(one["token"] == token and one["sent"] for some in kept for one in some)


def take_back(model: Model, state: bytes, token: str, *, now: datetime) -> Position:
    """The step waits again, under the same token; so does what its completion ended. Raises HasGoneOn."""
    _, last, variables, rows, spaces, *kept = orjson.loads(plain(state))
    lately = kept[0] if kept else []
    one = next((one for one in reversed(lately) if one["token"] == token), None)
    if one is None or one["sent"]:
        raise HasGoneOn()
    rest = [other for other in lately if other is not one]
    there = _flat(rows, spaces)
    owns = {host: own for host, own, _ in spaces}
    _put_back(one, there, owns)
    for name, had, before, after in one["known"]:
        if variables.get(name) == after:
            variables[name] = before
            if not had:
                del variables[name]
    whole = [1, last, variables, *_deep(there, owns), rest]
    case = load(model, orjson.dumps(whole), now)
    game = Game(model, case)
    game._before = _open(load(model, state, now))
    case.turn(now, {})
    case.look_afresh()
    case.settle()
    return game.position()


def _put_back(one: Mapping[str, Any], there: Rows, owns: dict[int, Any]) -> None:
    for number, host, row in one["new"]:
        _must(there.pop(number, None) == (host, row))
        owns.pop(number, None)
    for number, host, before, after in one["changed"]:
        _must(number in there)
        there[number] = host, _undone(there[number][1], before, after)
    owns.update({host: own for host, own in one["closed"]})
    for host, before, after in one["own"]:
        _must(owns.get(host) == after)
        owns[host] = before
    for number, host, row in one["back"]:
        _must(number not in there)
        there[number] = host, row
    _must(all(host == 0 or host in owns for host, _ in there.values()))


def _must(holds: bool) -> None:
    if not holds:
        raise HasGoneOn()


def _undone(now: Row, before: Row, after: Row) -> Row:
    """Others may have counted on in it meanwhile: a step done several times, side by side."""
    if now == after:
        return before
    parts = [row[4] if len(row) > 4 else {} for row in (now, before, after)]
    counts = [dict(part) for part in parts]
    _must(all(row[:4] == now[:4] and row[5:] == now[5:] for row in (before, after)))
    here, was, became = counts
    _must("done" in was and "done" in became)
    here["done"] = here.get("done", 0) - (became.pop("done") - was.pop("done"))
    if "gives" in became:
        given = zip(here["gives"], was.pop("gives"), became.pop("gives"), strict=True)
        here["gives"] = [old if old != new else present for present, old, new in given]
    _must(was == became)
    return [*now[:4], here, *now[5:]]


def _deep(there: Rows, owns: Mapping[int, Any]) -> tuple[list[Row], list[list[Any]]]:
    rows: dict[int, list[Row]] = {0: [], **{host: [] for host in owns}}
    for number in sorted(there):
        host, row = there[number]
        rows[host].append(row)
    return rows[0], [[host, owns[host], rows[host]] for host in _outermost_first(there, owns)]


def _outermost_first(there: Rows, owns: Mapping[int, Any]) -> list[int]:
    """A scope stands behind the one its host stands in."""

    def depth(host: int) -> int:
        count = 0
        while host:
            host, count = there[host][0], count + 1
        return count

    return sorted(owns, key=lambda host: (depth(host), host))
