"""The state of a case as bytes: its live tokens, its variables, and nothing of what has been.

Compact rows of JSON, compressed where they are more than a little. Where a token stands is kept by the name of the
node, so that a state outlives the process that made it.
"""

from __future__ import annotations

import zlib
from datetime import datetime
from typing import TYPE_CHECKING, Any, Final

import orjson

from engine.diagram.run.case import COMPLETED, READY, UNFINISHED, Case, Scope, Space, Token
from engine.diagram.run.expressions import Expressions
from engine.diagram.run.refusals import StateDoesNotFit, StateUnreadable

if TYPE_CHECKING:
    from engine.diagram.run.model import Model

_FORMAT: Final = 1
_ROOT: Final = 0
_WINDOW: Final = 12  # looks back 4 kB
_MEMORY: Final = 5
_LITTLE: Final = 400
"""Bytes. The states of most cases are less."""


def dump(case: Case) -> bytes:
    spaces = [
        [space.host.id, space.own, _rows(space)] for space in case.subprocesses.values() if isinstance(space, Scope)
    ]
    whole = [_FORMAT, case.last_number, case.variables, _rows(case), spaces]
    if case.lately:
        whole.append(case.lately)
    return _packed(orjson.dumps(whole))


def _packed(said: bytes) -> bytes:
    """A little is kept as it stands. More: as `zlib.compress`, which asks for 256 kB anew each time, and that costs more than compressing."""
    if len(said) <= _LITTLE:
        return said
    packing = zlib.compressobj(1, zlib.DEFLATED, _WINDOW, _MEMORY)
    return packing.compress(said) + packing.flush()


def plain(state: bytes) -> bytes:
    """What a state says. Two that say the same may be packed in other ways."""
    return state if state[:1] == b"[" else zlib.decompress(state)


def _rows(space: Space) -> list[list[Any]]:
    """A row: number, the token it belongs to, node, state; what it remembers and what is its own, where anything."""
    rows: dict[int, list[Any]] = {}
    for token in space.tasks.values():
        if not token._state & UNFINISHED:
            continue
        parent = token.parent
        if parent is None or not (parent.task_spec.holds_children or parent.task_spec.keeps_children):
            rows[token.id] = _row(token, _ROOT)
            continue
        rows[token.id] = _row(token, parent.id)
        if not parent._state & UNFINISHED:
            rows[parent.id] = _row(parent, _ROOT)  # it is done, and only holds its own together
    return [rows[number] for number in sorted(rows)]


def _row(token: Token, parent: int) -> list[Any]:
    row: list[Any] = [token.id, parent, token.task_spec.name, token._state]
    if token.internal_data or token.data:
        row.append(token.internal_data)
    if token.data:
        row.append(token.data)
    return row


def _read(state: bytes) -> list[Any]:
    try:
        read: list[Any] = orjson.loads(plain(state))
    except (zlib.error, orjson.JSONDecodeError) as fault:
        raise StateUnreadable from fault
    return read


def load(model: Model, state: bytes, now: datetime) -> Case:
    _, last_number, variables, rows, spaces, *lately = _read(state)
    case = Case(model.plan, Expressions(now, model.zone, model.calendars), variables, model.variables)
    hosts: dict[int, Token] = {}
    _fill(case, rows, hosts)
    for number, own, inner in spaces:
        host = hosts.get(number)
        if host is None or not hasattr(host.task_spec, "plan"):
            raise StateDoesNotFit(element=str(number))
        scope = Scope(host.task_spec.plan, host, own)
        case.subprocesses[number] = scope
        _fill(scope, inner, hosts)
    case.last_number = last_number
    case.lately = lately[0] if lately else []
    return case


def process_of(model: Model, state: bytes, token: str, *, now: datetime) -> str | None:
    """The process in which the token stands, called or not; None where it stands nowhere."""
    found = load(model, state, now).find(int(token)) if token.isdecimal() and len(token) < 19 else None
    return None if found is None else found.workflow.spec.process


def shape(state: bytes) -> bytes:
    """What cases that stand alike have in common: nodes and how they belong together, neither numbers nor answers."""
    _, _, _, rows, spaces, *_lately = orjson.loads(plain(state))
    numbers: dict[int, int] = {_ROOT: _ROOT}
    told = [
        [numbers.setdefault(host, len(numbers)), own is None, _alike(inner, numbers)] for host, own, inner in spaces
    ]
    return orjson.dumps([_alike(rows, numbers), told])


def _alike(rows: list[list[Any]], numbers: dict[int, int]) -> list[list[Any]]:
    found = []
    for number, parent, name, standing, *rest in rows:
        remembered = rest[0] if rest else {}
        place = [numbers.setdefault(number, len(numbers)), numbers.setdefault(parent, len(numbers))]
        found.append([*place, name, standing, remembered.get("from"), remembered.get("trouble"), "again" in remembered])
    return found


def _fill(space: Space, rows: list[list[Any]], hosts: dict[int, Token]) -> None:
    specs = space.spec.task_specs
    tasks = space.tasks
    space.task_tree = root = bare(space, space.spec.start, _ROOT, COMPLETED)
    tasks[_ROOT] = root
    later: list[tuple[Token, int]] = []
    for number, parent_number, name, state, *rest in rows:
        spec = specs.get(name)
        if spec is None:
            raise StateDoesNotFit(element=name)
        token = bare(space, spec, number, state)
        if rest:
            token.internal_data = rest[0]
            if len(rest) > 1:
                token.data = rest[1]
        parent = tasks.get(parent_number)
        if parent is None:
            later.append((token, parent_number))
        else:
            token._parent = parent.id
            parent._children.append(number)
        tasks[number] = token
        if state & UNFINISHED:
            space.live += 1
            hosts[number] = token
            if state == READY and not spec.manual:
                space.top_workflow.held = True
    for token, parent_number in later:  # what holds it was added when the case was moved to another edition
        parent = tasks.get(parent_number, root)
        token._parent = parent.id
        parent._children.append(token.id)


def bare(space: Space, spec: Any, number: int, state: int) -> Token:
    """A token as it is kept; nothing comes of its being made."""
    token: Token = Token.__new__(Token)
    token.id = number
    token.workflow = space
    token.task_spec = spec
    token.triggered = False
    token.thread_id = 0
    token.last_state_change = 0
    token.data = {}
    token.internal_data = {}
    token._children = []
    token._parent = None
    token._state = state
    return token
