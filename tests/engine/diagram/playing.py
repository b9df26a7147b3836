"""A case played twice at once: in memory, and saved and loaded after every move. Both must tell the same."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any

from engine.diagram import run
from engine.diagram.position import Position, Sent, Trouble, Waiting, WaitKind
from engine.diagram.run.moves import Game
from engine.diagram.shape import Diagram

MORNING = datetime(2026, 11, 2, 9, tzinfo=UTC)
MOST_BYTES = 10_000


class Play:
    def __init__(
        self,
        drawn: Diagram | run.Model,
        *,
        start: str | None = None,
        chosen: Mapping[str, Sequence[str]] | None = None,
        answers: Mapping[str, Any] | None = None,
        **making: Any,
    ) -> None:
        self.model = run.model(drawn, process="p", **making) if isinstance(drawn, Diagram) else drawn
        self.now = MORNING
        self.open: dict[str, Waiting] = {}
        self.stuck: dict[str, Trouble] = {}
        self.passed: list[str] = []
        self.sent: list[Sent] = []
        self.game = Game.begin(self.model, answers or {}, self.now, start, chosen)
        self.state = b""
        self._take(run.begin(self.model, answers or {}, now=self.now, start=start, chosen=chosen))

    def _take(self, saved: Position) -> None:
        kept = self.game.position()
        assert replace(saved, state=b"") == replace(kept, state=b"")
        assert len(saved.state) < MOST_BYTES
        for token in saved.closed:
            assert token in self.open or token in self.stuck, "something closed that was not open"
            self.open.pop(token, None)
            self.stuck.pop(token, None)
        for one in saved.opened:
            assert one.token not in self.open
            self.open[one.token] = one
        for trouble in saved.troubles:
            self.stuck[trouble.token] = trouble
        self.passed += saved.passed
        self.sent += saved.sent
        self.ended = saved.ended
        self.state = saved.state
        assert self.ended == (not self.open and not self.stuck), (
            "an open case waits for something, an ended one does not"
        )

    @property
    def waiting(self) -> list[str]:
        return sorted(one.element for one in self.open.values())

    @property
    def people(self) -> list[str]:
        return sorted(one.element for one in self.open.values() if one.kind is WaitKind.PERSON)

    @property
    def troubles(self) -> list[tuple[str, str]]:
        return sorted((one.element, str(one.kind)) for one in self.stuck.values())

    def at(self, element: str, item: str | None = None) -> Waiting:
        found = [one for one in self.open.values() if one.element == element and item in (None, one.item)]
        assert found, f"nothing waits at {element}: {self.waiting} {self.troubles}"
        return found[0]

    def do(self, element: str, *, item: str | None = None, chosen: Any = None, **answers: Any) -> Play:
        token = self.at(element, item).token
        self.game.finish(token, answers, self.now, chosen)
        self._take(run.finish(self.model, self.state, token, answers, now=self.now, chosen=chosen))
        return self

    def all_of(self, *elements: str) -> Play:
        for element in elements:
            self.do(element)
        return self

    def fire(self, element: str, *, late: timedelta = timedelta()) -> Play:
        one = self.at(element)
        assert one.kind is WaitKind.TIMER
        assert one.due is not None
        self.now = max(self.now, one.due + late)
        self.game.fire(one.token, self.now)
        self._take(run.fire(self.model, self.state, one.token, now=self.now))
        return self

    def come(self, element: str, **payload: Any) -> Play:
        token = self.at(element).token
        self.game.deliver(token, payload, self.now)
        self._take(run.deliver(self.model, self.state, token, payload, now=self.now))
        return self

    def trouble(self, element: str) -> Trouble:
        found = [one for one in self.stuck.values() if one.element == element]
        assert found, f"no trouble at {element}: {self.troubles}"
        return found[0]

    def retry(self, element: str, **answers: Any) -> Play:
        token = self.trouble(element).token
        self.game.retry(token, answers, self.now)
        self._take(run.retry(self.model, self.state, token, now=self.now, answers=answers))
        return self

    def by_hand(self, element: str, *, chosen: Any = None, **answers: Any) -> Play:
        token = self.trouble(element).token
        self.game.finish(token, answers, self.now, chosen)
        self._take(run.finish(self.model, self.state, token, answers, now=self.now, chosen=chosen))
        return self
