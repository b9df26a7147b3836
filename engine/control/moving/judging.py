"""Whether a running case can be taken over by another edition: tried, never written."""

from __future__ import annotations

import threading
from collections import OrderedDict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from hashlib import sha256
from typing import Any, Final

from sqlalchemy import Connection, Row

from engine.base import clock
from engine.control.moving import rules
from engine.control.moving.deeds import Deeds, deeds_of
from engine.control.moving.rules import Verdict
from engine.diagram import run
from engine.diagram.run import Moved, StateDoesNotFit
from engine.procedures.editions import contents, database_name
from engine.procedures.likely import Likely, likely
from engine.procedures.runnable import Runnable, runnable

Case = Row[*tuple[Any, ...]]
"""case_id, edition_id, process, state, version, chain_length."""

_MOST_KNOWN: Final = 50_000
_known: Final[OrderedDict[tuple[Any, ...], Verdict]] = OrderedDict()
_lock: Final = threading.Lock()


@dataclass(frozen=True, slots=True, eq=False)
class Pair:
    """The edition a case runs on and the one it may be moved to. `unlike` None: any place may be."""

    before: Runnable
    after: Runnable
    unlike: frozenset[str] | None
    names: Mapping[str, str]

    def touched(self, passed: Iterable[str]) -> list[str]:
        """In the order in which the case was there last."""
        return [one for one in passed if self.unlike is None or one in self.unlike]

    @property
    def is_alike(self) -> bool:
        """Whatever a case went through, it would go through it again, and nothing new is asked."""
        return self.unlike == frozenset() and self.after.model.variables <= self.before.model.variables


class Judge:
    """For one edition and one set of choices; what is alike is tried once."""

    def __init__(self, db: Connection, edition_id: int, to: Mapping[str, str]) -> None:
        self.db = db
        self.edition_id = edition_id
        self.after = runnable(db, edition_id)
        drawn = contents(db, edition_id).diagram.elements
        places = {one.id for one in drawn.values() if rules.is_place(one)}
        self.to = {old: new for old, new in to.items() if new in places or new == run.NOWHERE}
        self.now: datetime = clock.now()
        self._pairs: dict[tuple[int, str], Pair | None] = {}
        self._moved: dict[Any, Moved] = {}
        self._proofs: dict[Any, bool] = {}
        self._likely: dict[str, Likely] = {}

    def verdicts(self, cases: Sequence[Case]) -> list[Verdict]:
        """Kept in the process until the case goes on: the page is looked at again and again."""
        place = (database_name(self.db), self.edition_id, tuple(sorted(self.to.items())))
        keys = [(*place, one.case_id, one.edition_id, one.version, one.chain_length) for one in cases]
        with _lock:
            found = {key: _known[key] for key in keys if key in _known}
        fresh = [one for key, one in zip(keys, cases, strict=True) if key not in found]
        made = dict(zip([one.case_id for one in fresh], self._fresh(fresh), strict=True))
        verdicts = [found.get(key) or made[one.case_id] for key, one in zip(keys, cases, strict=True)]
        with _lock:
            _known.update(zip(keys, verdicts, strict=True))
            while len(_known) > _MOST_KNOWN:
                _known.popitem(last=False)
        return verdicts

    def _fresh(self, cases: Sequence[Case]) -> list[Verdict]:
        pairs = [self.pair(one.edition_id, one.process) for one in cases]
        asked = [
            one.case_id
            for one, pair in zip(cases, pairs, strict=True)
            if pair is not None and (self.to or not pair.is_alike)
        ]
        deeds = deeds_of(self.db, asked, exact=True)
        return [
            rules.without_process(one.process)
            if pair is None
            else self.judge(one, pair, deeds.get(one.case_id, Deeds()))[0]
            for one, pair in zip(cases, pairs, strict=True)
        ]

    def pair(self, edition_id: int, process: str) -> Pair | None:
        key = (edition_id, process)
        if key not in self._pairs:
            self._pairs[key] = self._pair(edition_id, process)
        return self._pairs[key]

    def _pair(self, edition_id: int, process: str) -> Pair | None:
        before = runnable(self.db, edition_id, process)
        if process == runnable(self.db, edition_id).process:
            after = self.after
        elif process in contents(self.db, self.edition_id).diagram.processes:
            after = runnable(self.db, self.edition_id, process)
        else:
            return None
        old, new = contents(self.db, edition_id), contents(self.db, self.edition_id)
        decided = self._decided(before, after)
        names = {**new.names, **old.names}
        return Pair(before, after, run.unlike(before.model, after.model, decided), names)

    def _decided(self, before: Runnable, after: Runnable) -> list[str]:
        """Steps whose decision may be another, since the tables are not the same to the last byte."""
        if _tables(self.db, before) == _tables(self.db, after):
            return []
        return [
            one.id
            for edition_id in _editions(before)
            for one in contents(self.db, edition_id).diagram.elements.values()
            if one.kind == "businessRuleTask"
        ]

    def judge(self, case: Case, pair: Pair, deeds: Deeds, *, exact: bool = False) -> tuple[Verdict, Moved | None]:
        """`exact`: tried with the case's own answers, not with those of one that stands alike."""
        try:
            moved = self._move(case, pair, deeds, exact)
        except StateDoesNotFit:
            return rules.hindered((run.Obstacle(case.process, run.Hindrance.JOIN),), pair.names, {}), None
        if moved.position is None:
            return rules.hindered(moved.obstacles, pair.names, self.to), None
        told = self._was_told(case, pair, moved)
        touched = [] if told else pair.touched(deeds.passed)
        if touched:
            verdict = self._elsewhere(pair, deeds, moved, touched)
            if verdict is not None:
                return verdict, None
        proved = self._proved(case, pair, moved, exact)
        return rules.moves(told=told, elsewhere=bool(touched), proved=proved), moved

    def _move(self, case: Case, pair: Pair, deeds: Deeds, exact: bool) -> Moved:
        def tried() -> Moved:
            return run.move(
                pair.before.model, pair.after.model, case.state, now=self.now, to=self.to, answers=deeds.answers
            )

        if exact or self.to:
            return tried()
        key = (case.edition_id, case.process, run.shape(case.state))
        if key not in self._moved:
            self._moved[key] = tried()
        return self._moved[key]

    def _was_told(self, case: Case, pair: Pair, moved: Moved) -> bool:
        """Somebody has said where it goes on from one of the places where it stands."""
        if not self.to:
            return False
        stood = run.places(pair.before.model, case.state, now=self.now)
        return any(one in self.to for one in stood)

    def _elsewhere(self, pair: Pair, deeds: Deeds, moved: Moved, touched: Sequence[str]) -> Verdict | None:
        """None where the new edition leads to the same place, all the same."""
        here = run.standing(moved.standing)
        needs = [element for kind, element, _item in here if kind != "timer"] or [one for _, one, _ in here]
        been = next((one for one in reversed(touched) if one in pair.names), touched[-1])
        if not deeds.can_be_followed:
            return rules.led_elsewhere(been, None, needs, pair.names)
        there, count = run.retrace(
            pair.after.model,
            deeds.begun_with,
            deeds.done,
            now=self.now,
            start=_start(pair, deeds),
            chosen=deeds.chosen,
        )
        if there == here and count == len(deeds.done):
            return None
        if not there - here and count < len(deeds.done):
            return rules.led_elsewhere(been, None, needs, pair.names)
        only_here = [element for kind, element, _item in here - there if kind != "timer"]
        places = sorted({element for _kind, element, _item in there - here or there})
        return rules.led_elsewhere(been, places, only_here or needs, pair.names)

    def _proved(self, case: Case, pair: Pair, moved: Moved, exact: bool) -> bool:
        if moved.position is None or moved.position.ended:
            return moved.position is not None
        state = moved.position.state
        sign = sha256(state).digest() if exact else run.shape(state)
        key = (case.edition_id, case.process, sign)
        if key not in self._proofs:
            process = pair.after.process
            if process not in self._likely:
                self._likely[process] = likely(self.db, pair.after)
            give = self._likely[process].give
            try:
                self._proofs[key] = run.can_finish(pair.after.model, state, now=self.now, give=give)
            except StateDoesNotFit:
                self._proofs[key] = False
        return self._proofs[key]


def _start(pair: Pair, deeds: Deeds) -> str | None:
    """A case that another pool's message began, begins at the start that waits for one."""
    if not deeds.by_message:
        return pair.after.start
    waiting = [name for name, trigger in pair.after.model.starts.items() if trigger == "message"]
    return waiting[0] if len(waiting) == 1 else pair.after.start


def _editions(one: Runnable) -> set[int]:
    return {one.edition_id, *(edition_id for edition_id, _element in one.places)}


def _tables(db: Connection, one: Runnable) -> set[bytes]:
    return {
        content
        for edition_id in _editions(one)
        for path, content in contents(db, edition_id).attachments.items()
        if path.lower().endswith(".dmn")
    }
