"""Tokens on a plan, and the marking they make when nothing goes by itself any more.

A marking is a tuple of items, one for each token at rest: its node, whether it runs beside the rest of the case, and
what belongs to it (the flow it came by, what stands inside it, the events on its border).
"""

from __future__ import annotations

from typing import Any, Final, TypeAlias

from engine.diagram.soundness.net import JOINS, Kind, Node, Plan

Item: TypeAlias = tuple[Any, ...]
Marking: TypeAlias = tuple[Item, ...]

NEW: Final = 0
READY: Final = 1
RESTS: Final = 2  # for something from outside, or at a join
HOLDS: Final = 3  # has something inside
OVER: Final = 4

TWICE: Final = 2
"""How often an event that may come again and again beside its step is let come."""


class Token:
    """`beside`: it comes from an event that does not end its step, and may so have brothers anywhere."""

    __slots__ = ("beside", "borders", "came_by", "group", "inside", "left", "node", "space", "state")

    def __init__(self, node: Node, space: Space, came_by: Node | None, beside: bool) -> None:
        self.node = node
        self.space = space
        self.came_by = came_by
        self.beside = beside
        self.state = NEW
        self.inside: Space | None = None
        self.group: Token | None = None  # what armed it: a step with events on its border, or an event gateway
        self.borders: list[Token] = []  # of what arms: the main token first, where there is one
        self.left = 0
        space.tokens[self] = None

    def end(self) -> None:
        self.state = OVER
        del self.space.tokens[self]


class Space:
    """A plan under way. `tokens`: those that are not over yet, in the order they came."""

    __slots__ = ("host", "over", "plan", "tokens")

    def __init__(self, plan: Plan, host: Token | None) -> None:
        self.plan = plan
        self.host = host
        self.tokens: dict[Token, None] = {}
        self.over = False


def marking_of(space: Space, ordered: frozenset[int]) -> Marking:
    """What rests in a space. Where the order of arrival may count (`ordered`), it is kept: at a join, of the first."""
    items: list[Item] = []
    last: list[tuple[int, Item]] = []
    joins: dict[int, int] = {}
    for token in space.tokens:
        group = token.group
        if group is not None and token is not group.borders[0]:
            continue
        item = _item(token, ordered) if group is None else _group_item(group, ordered)
        if token.node.number in ordered:
            rank = len(last)
            last.append((joins.setdefault(item[0], rank) if token.node.kind in JOINS else rank, item))
        else:
            items.append(item)
    items.sort()
    last.sort()
    return (*items, *(item for _, item in last))


def _item(token: Token, ordered: frozenset[int]) -> Item:
    node = token.node
    if token.inside is not None:
        return (node.number, token.beside, marking_of(token.inside, ordered))
    if node.kind in JOINS and token.came_by is not None:
        return (node.number, token.beside, token.came_by.number)
    return (node.number, token.beside)


def _group_item(group: Token, ordered: frozenset[int]) -> Item:
    if group.node.kind is Kind.EVENTS:
        return (group.node.number, group.beside)
    main, *borders = group.borders
    lefts = tuple(one.left if one.state == RESTS else 0 for one in borders)
    return (group.node.number, group.beside, _item(main, ordered), lefts)


def space_of(nodes: list[Node], plan: Plan, marking: Marking, host: Token | None) -> tuple[Space, list[Space]]:
    """The space that a marking describes, and all spaces in it from the outside in."""
    space = Space(plan, host)
    every = [space]
    for item in marking:
        node = nodes[item[0]]
        if node.kind is Kind.ARMED:
            every += _armed(nodes, space, node, item)
        elif node.kind is Kind.EVENTS:
            group = _over(node, space, item[1])
            for event in node.outs:
                _rest(group, event)
        else:
            every += _token(nodes, space, item)[1]
    return space, every


def _over(node: Node, space: Space, beside: bool) -> Token:
    group = Token(node, space, None, beside)
    group.end()
    return group


def _rest(group: Token, node: Node) -> Token:
    token = Token(node, group.space, group.node, group.beside)
    token.state = RESTS
    token.group = group
    group.borders.append(token)
    return token


def _armed(nodes: list[Node], space: Space, node: Node, item: Item) -> list[Space]:
    group = _over(node, space, item[1])
    main, inner = _token(nodes, space, item[2])
    main.group = group
    group.borders.append(main)
    for border, left in zip(node.borders, item[3], strict=True):
        token = _rest(group, border)
        token.left = left
        if not left:
            token.end()
    return inner


def _token(nodes: list[Node], space: Space, item: Item) -> tuple[Token, list[Space]]:
    node = nodes[item[0]]
    token = Token(node, space, None, item[1])
    token.state = RESTS
    if node.kind is Kind.HOST:
        token.state = HOLDS
        token.inside, inner = space_of(nodes, node.scope, item[2], token)
        return token, inner
    if node.kind in JOINS:
        token.came_by = nodes[item[2]]
    return token, []
