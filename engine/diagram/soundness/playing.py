"""One move of a case in thought: what comes from outside, and everything that then goes by itself.

Tokens go in the same order as when a case is run, so that what is found here happens there.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Callable, Iterator, Mapping, Sequence
from typing import Final, TypeAlias

from engine.base.frozen import frozen
from engine.diagram.soundness.net import EXTERNAL, JOINS, Kind, Node
from engine.diagram.soundness.tokens import HOLDS, NEW, OVER, READY, RESTS, TWICE, Space, Token

MOST_VISITS: Final = 3
"""How often one gateway is passed in one move, before that counts as going round and round."""
_HOPS: Final = 8
"""Times the number of nodes: what one move may take where no gateway chooses."""

_MOST_DOUBLED: Final = 12

Choices: TypeAlias = tuple[tuple[Node, tuple[int, ...]], ...]
Choosing: TypeAlias = Callable[[Node], int]


class GoesRound(Exception):
    """A token goes round and round in one move."""

    def __init__(self, node: Node) -> None:
        super().__init__(node.element)
        self.node = node


class Crowded(Exception):
    """Tokens become more and more."""


@frozen
class Offer:
    """What may come from outside: at the token, or at one of the events that wait beside it."""

    token: Token
    node: Node


class Play:
    """A case in the middle of a move. `choose` says which of a gateway's options is taken."""

    def __init__(self, root: Space, spaces: Sequence[Space], hops: int, choose: Choosing) -> None:
        self.root = root
        self.spaces = list(spaces)
        self.choose = choose
        self.hops = _HOPS * hops + 50
        self.agenda: deque[Token] = deque()
        self.later: deque[Token] = deque()
        self.visits: dict[int, int] = {}
        self.chosen: list[tuple[Node, tuple[int, ...]]] = []
        self.passed: list[Node] = []
        self.seen: set[int] = set()
        self.doubled: list[Node] = []
        self.begins_at: Node | None = None
        self.gone: list[str] | None = None  # flows, where somebody wants to know

    def set_out(self, start: Node | None) -> None:
        self.begins_at = start
        self._open(self.root)
        self.settle()

    def take(self, offer: Offer) -> None:
        """The offer comes about."""
        if offer.node.trigger in EXTERNAL:
            self._come(offer.token, from_outside=True)
        else:
            self._complete(offer.token)
        self.settle()

    def settle(self) -> None:
        while True:
            while self.agenda:
                self._run(self.agenda.popleft())
            if self.later:
                self.agenda.append(self.later.popleft())
            elif not self._release():
                return

    # A token comes, is ready, is done.

    def _enter(self, token: Token) -> None:
        node = token.node
        kind = node.kind
        if kind is not Kind.BORDER:
            self.seen.add(node.number)  # an event on a border may never come
            if not node.plain:
                self._count(token)
        if kind is Kind.WAIT:
            if node.trigger == "hand":
                self._ready(token)
            else:
                token.state = RESTS
        elif kind is Kind.HOST:
            self._enter_host(token)
        elif kind is Kind.ALL:
            self._arrive(token)
        elif kind is Kind.BORDER:
            token.state = RESTS
            token.left = TWICE + 1 if node.again else 1
        elif kind is Kind.GATHER or (token.group is not None and token.group.node.kind is Kind.EVENTS):
            token.state = RESTS
        else:
            self._ready(token)

    def _count(self, token: Token) -> None:
        """A second token where one already is. At a join, by the same flow."""
        node, join = token.node, token.node.kind in JOINS
        for other in token.space.tokens:
            there = other.node is node and other is not token and other.state != NEW
            if there and not (other.beside and token.beside) and (not join or other.came_by is token.came_by):
                self.doubled.append(node)
                if len(self.doubled) > _MOST_DOUBLED:
                    raise Crowded

    def doubles(self) -> list[Node]:
        """What a second token came to, and it shows: both stand there in the end, or both went on."""
        return [
            node
            for node in dict.fromkeys(self.doubled)
            if self.passed.count(node) > 1 or any(_stands_twice(space, node) for space in self.spaces)
        ]

    def _ready(self, token: Token) -> None:
        token.state = READY
        self.seen.add(token.node.number)
        (self.later if token.node.throws == "signal" else self.agenda).append(token)

    def _run(self, token: Token) -> None:
        if token.state != READY:
            return
        self.hops -= 1
        if self.hops < 0:
            raise GoesRound(token.node)
        node = token.node
        if node.trigger == "hand" and node.kind is Kind.WAIT:
            token.state = RESTS
            return
        if node.throws and not self._throw(token):
            token.state = RESTS
            return
        if token.state == READY:
            self._complete(token)

    def _complete(self, token: Token) -> None:
        node, space = token.node, token.space
        outs = self._outs(token)
        token.end()
        self.passed.append(node)
        if self.gone is not None:
            self.gone += [node.flows[node.outs.index(one)] for one in outs if one in node.outs and node.flows]
        children = [Token(one, space, node, token.beside) for one in outs]
        if node.kind in (Kind.ARMED, Kind.EVENTS):
            for child in children:
                child.group = token
            token.borders = children
            children = [*children[1:], children[0]] if node.kind is Kind.ARMED else children
        elif token.group is not None and token.group.node.kind is Kind.ARMED and token is token.group.borders[0]:
            self._disarm(token.group, token)
        if not space.tokens:
            self._finish(space)
        for child in children:
            if child.state == NEW:
                self._enter(child)

    def _outs(self, token: Token) -> Sequence[Node]:
        node = token.node
        if node.kind is Kind.ENTRY and not token.space.plan.turns:
            begins_at, plan = self.begins_at, token.space.plan
            if begins_at is not None and begins_at in plan.starts:
                self.begins_at = None
            return plan.outs_of_entry(begins_at)
        if not node.options or node.kind not in (Kind.ONE, Kind.SOME):
            return () if token.space.plan.turns else node.outs
        visits = self.visits[node.number] = self.visits.get(node.number, 0) + 1
        if visits > MOST_VISITS:
            raise GoesRound(node)
        ways = node.options[self.choose(node)]
        self.chosen.append((node, ways))
        return [node.outs[way] for way in ways]

    # Scopes.

    def _enter_host(self, token: Token) -> None:
        node = token.node
        if node.skips:
            skipped = self.choose(node)
            self.chosen.append((node, () if skipped else (0,)))
            if skipped:
                self._ready(token)
                return
        token.state = HOLDS
        token.inside = Space(node.scope, token)
        self.spaces.append(token.inside)
        self._open(token.inside)

    def _open(self, space: Space) -> None:
        first = Token(space.plan.entry, space, None, False)
        if space.plan.turns:
            self._enter(first)
        else:
            self._ready(first)

    def _finish(self, space: Space) -> None:
        if space.over:
            return
        space.over = True
        host = space.host
        if host is not None:
            self.spaces.remove(space)
            host.inside = None
            self._ready(host)

    def _cancel(self, token: Token) -> None:
        if token.state == OVER:
            return
        token.end()
        inside = token.inside
        if inside is not None:
            token.inside = None
            inside.over = True
            self.spaces.remove(inside)
            for one in list(inside.tokens):
                self._cancel(one)

    # Joins.

    def _arrive(self, token: Token) -> None:
        token.state = RESTS
        first = _gathered(token)
        if len(first) == len(token.node.ins):
            self._absorb(token, first)

    def _absorb(self, token: Token, first: Mapping[int, Token]) -> None:
        """One token goes on for one of each flow."""
        for other in first.values():
            if other.came_by is not token.came_by:
                token.beside = token.beside and other.beside
                self._cancel(other)
        self._ready(token)

    def _release(self) -> bool:
        for space in list(self.spaces):
            if space.plan.gathers:
                for token in space.tokens:
                    if token.state == RESTS and token.node.kind is Kind.GATHER and self._release_one(token):
                        return True
        return False

    def _release_one(self, token: Token) -> bool:
        join, first = token.node, _gathered(token)
        for other in token.space.tokens:
            if other.node is not join:
                may_come_by = join.reach.get(other.node.number)
                if may_come_by and not any(flow in first for flow in may_come_by):
                    return False
        self._absorb(token, first)
        return True

    # Events.

    def _come(self, token: Token, *, from_outside: bool = False) -> None:
        """What was waited for has come."""
        group, node = token.group, token.node
        if group is None or node.kind is not Kind.BORDER:
            if group is not None and group.node.kind is Kind.EVENTS:
                token.group = None
                for other in group.borders:
                    if other is not token:
                        self._cancel(other)
            self._ready(token)
        elif node.interrupts:
            self._cancel(group.borders[0])
            self._disarm(group, token)
            token.group = None
            self._ready(token)
        else:
            beside = Token(node, token.space, group.node, True)
            if node.again:
                token.left -= 1 if from_outside else 0
            else:
                self._cancel(token)
            self._ready(beside)

    def _disarm(self, group: Token, cause: Token) -> None:
        for other in group.borders[1:]:
            if other is not cause and other.state == RESTS:
                self._cancel(other)

    def _throw(self, token: Token) -> bool:
        """False where nobody catches an error: somebody must see to it."""
        node = token.node
        if node.throws == "terminate":
            self._terminate(token.space)
        elif node.throws == "signal":
            heard = [one for space in list(self.spaces) for one in space.tokens if _listens(one, node.word)]
            for one in heard:
                if _listens(one, node.word):
                    self._come(one)
        elif node.throws in ("error", "escalation"):
            return self._caught(token) or node.throws == "escalation"
        return True

    def _caught(self, token: Token) -> bool:
        """The nearest border around that listens; one for exactly this code before one for any."""
        for group in _guards(token.space):
            listening = [
                one for one in group.borders[1:] if one.state == RESTS and one.node.trigger == token.node.throws
            ]
            for code in (token.node.word, None):
                for one in listening:
                    if one.node.word == code:
                        self._come(one)
                        return True
        return False

    def _terminate(self, space: Space) -> None:
        while space.host is not None and space.plan.core:
            space = space.host.space
        for token in list(space.tokens):
            self._cancel(token)
        self._finish(space)


def _stands_twice(space: Space, node: Node) -> bool:
    return sum(token.node is node for token in space.tokens) > 1


def _gathered(token: Token) -> dict[int, Token]:
    """The token that came first by each flow."""
    first: dict[int, Token] = {}
    for other in token.space.tokens:
        if other.state == RESTS and other.node is token.node and other.came_by is not None:
            first.setdefault(other.came_by.number, other)
    return first


def _listens(token: Token, signal: str | None) -> bool:
    return token.state == RESTS and token.node.trigger == "signal" and token.node.word == signal


def _guards(space: Space) -> Iterator[Token]:
    """The steps with events on their border around a scope, from the inside out."""
    host = space.host
    while host is not None:
        if host.space.plan.turns and host.space.host is not None:
            host = host.space.host
        if host.group is not None and host.group.node.kind is Kind.ARMED:
            yield host.group
        host = host.space.host


__all__ = ["Choices", "Choosing", "Crowded", "GoesRound", "Offer", "Play"]
