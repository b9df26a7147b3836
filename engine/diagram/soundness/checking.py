"""Whether each case of a process comes to its end, whatever is chosen and whatever comes first."""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Collection, Iterable, Mapping, Sequence
from datetime import timedelta
from threading import Lock
from time import perf_counter
from typing import Final

from engine.diagram.shape import Diagram
from engine.diagram.soundness.exploring import Explorer, Seen
from engine.diagram.soundness.graph import flat
from engine.diagram.soundness.judging import MOST_FAULTS, Suspect, cause, suspects
from engine.diagram.soundness.net import Kind, Node, Plan
from engine.diagram.soundness.netting import Net
from engine.diagram.soundness.reducing import Reducer
from engine.diagram.soundness.replaying import Expanded, Replay, exactly
from engine.diagram.soundness.verdict import Fault, FaultKind, Outcome, Unproven, Verdict

BUDGET: Final = timedelta(seconds=2)
MOST_MARKINGS: Final = 20_000
MOST_DEPTH: Final = 120
"""Of processes and sub-processes in each other."""
_MOST_AS_DRAWN: Final = 4_000
_MOST_ON: Final = 500
_KEPT: Final = 64

_cache: OrderedDict[tuple[bytes, frozenset[str], timedelta], dict[str, Verdict]] = OrderedDict()
_lock: Final = Lock()


def check(diagram: Diagram, process: str, *, asked: Collection[str] = (), budget: timedelta = BUDGET) -> Verdict:
    """`asked`: flows whose condition a person answers. The same is worked out once."""
    known = _kept(diagram, asked, budget)
    if process not in known:
        known[process] = Study(diagram, asked).verdict(process, budget)
    return known[process]


def verdicts(diagram: Diagram, *, asked: Collection[str] = (), budget: timedelta = BUDGET) -> Mapping[str, Verdict]:
    """Of every process of the file that holds anything; the budget is for all of them."""
    known = _kept(diagram, asked, budget)
    wanted = [one.id for one in diagram.processes.values() if one.has_content]
    if not known.keys() >= set(wanted):
        until = perf_counter() + budget.total_seconds()
        study = Study(diagram, asked)
        for process in sorted(wanted, key=study.depth):
            if process not in known:
                known[process] = study.verdict(process, timedelta(seconds=max(0.0, until - perf_counter())))
    return {process: known[process] for process in wanted}


def _kept(diagram: Diagram, asked: Collection[str], budget: timedelta) -> dict[str, Verdict]:
    key = (diagram.source, frozenset(asked), budget)
    with _lock:
        known = _cache.setdefault(key, {})
        _cache.move_to_end(key)
        while len(_cache) > _KEPT:
            _cache.popitem(last=False)
        return known


class Study:
    """One file, all of whose processes may be asked about; not shared by threads."""

    def __init__(self, diagram: Diagram, asked: Collection[str] = ()) -> None:
        self._net = Net(diagram, asked)
        self._reducer = Reducer(self._net)

    def depth(self, process: str) -> int:
        """A process that is called comes before its callers."""
        return self._net.plan(process).depth if process in self._net.drawn else 0

    def verdict(self, process: str, budget: timedelta = BUDGET) -> Verdict:
        if process not in self._net.drawn:
            return Verdict(Outcome.NOT_PROVEN, why=Unproven.CANNOT_RUN)
        return _Check(self._net, self._reducer, process, budget.total_seconds()).verdict()


class _Check:
    def __init__(self, net: Net, reducer: Reducer, process: str, seconds: float) -> None:
        self.net = net
        self.reducer = reducer
        self.process = process
        self.began = perf_counter()
        self.seconds = seconds
        self.plan = net.plan(process)
        self.begins = _begins(self.plan)
        self.starts = _starts(self.begins)
        self.ordered: frozenset[int] = frozenset()
        self.markings = 0

    def _until(self, share: float) -> float:
        return self.began + share * self.seconds

    def verdict(self) -> Verdict:
        whole = self.reducer.whole(self.plan, self.begins, self.starts)
        if whole.passed:
            return self._proven(set(flat(whole.inside, called=False)), [])
        if whole.plan.depth > MOST_DEPTH:
            return Verdict(Outcome.NOT_PROVEN, why=Unproven.STATES)
        nodes = self.reducer.nodes
        small = self._explored(nodes, whole.plan, [None], _ordered_of(nodes, self.net.signals), 0.45, MOST_MARKINGS)
        told = suspects(nodes, small)
        if told:
            return self._judged(small, told)
        if small.complete:
            return self._proven(set(flat(*(nodes[number].inside for number in small.nodes), called=False)), [])
        return Verdict(Outcome.NOT_PROVEN, (), _why(small), self.markings)

    def _judged(self, small: Seen, told: Sequence[Suspect]) -> Verdict:
        """The process as drawn is looked at as far as it goes: the ways found in it are the shortest."""
        exact = small.complete and not small.doubled
        self.ordered = _ordered_of(self.net.nodes, self.net.signals)
        drawn = self._explored(
            self.net.nodes, self.plan, self._each_start(), self.ordered, 0.5 if exact else 0.7, _MOST_AS_DRAWN
        )
        faults = self._exact(drawn)
        if drawn.complete:
            return self._proven(drawn.nodes, faults)
        faults = self._merged(faults, self._expanded(told))
        outcome = Outcome.UNSOUND if faults else Outcome.NOT_PROVEN
        return Verdict(outcome, tuple(faults), _why(drawn), self.markings)

    def _each_start(self) -> list[Node | None]:
        return [*self.starts] if len(self.starts) > 1 else [None]

    def _explored(
        self,
        nodes: list[Node],
        plan: Plan,
        starts: Iterable[Node | None],
        ordered: frozenset[int],
        share: float,
        most: int,
    ) -> Seen:
        explorer = Explorer(nodes, plan, ordered, until=self._until(share), most=most)
        seen = explorer.explore(starts)
        if any(nodes[number].curtailed for number in seen.nodes):
            seen.complete = False
        self.markings += len(seen.markings)
        return seen

    def _exact(self, seen: Seen) -> list[Fault]:
        faults = []
        for one in suspects(self.net.nodes, seen)[: 2 * MOST_FAULTS]:
            replay = Replay(self.net.nodes, self.plan, self.ordered)
            start = one.way[0].node if one.way[0].node in self.starts else None
            exactly(replay, start, one.way, one.markings)
            faults.append(self._fault(one.kind, one.nodes, replay, one.decisive, one.always))
        return faults

    def _expanded(self, told: Sequence[Suspect]) -> list[Fault]:
        """Only what comes about on the process as drawn is a fault of it."""
        faults = []
        for one in told[: 2 * MOST_FAULTS]:
            if perf_counter() > self._until(1):
                break
            replay = Replay(self.net.nodes, self.plan, self.ordered)
            decisive = Expanded(replay, self.begins.entry, self.starts, self.reducer.picks).go(one.way, one.decisive)
            fault = self._shown(one, replay, decisive)
            if fault is not None:
                faults.append(fault)
        return faults

    def _shown(self, one: Suspect, replay: Replay, decisive: int) -> Fault | None:
        if one.kind is FaultKind.UNSYNCHRONISED:
            if replay.doubled:
                return self._fault(one.kind, (replay.doubled[0],), replay, decisive, False)
        elif one.kind is FaultKind.ENDLESS_LOOP:
            if replay.round is not None:
                return self._fault(one.kind, (replay.round,), replay, decisive, False)
        elif replay.marking and not replay.offers():
            kind, joins = cause(self.net.nodes, replay.marking)
            return self._fault(kind, joins, replay, decisive, one.always)
        elif replay.marking and one.kind is FaultKind.LIVELOCK and self._never_ends(replay):
            return self._fault(one.kind, one.nodes, replay, decisive, one.always)
        return None

    def _never_ends(self, replay: Replay) -> bool:
        explorer = Explorer(self.net.nodes, self.plan, self.ordered, until=self._until(1), most=_MOST_ON)
        seen = explorer.explore_from(replay.marking)
        return seen.complete and not seen.ended

    def _fault(self, kind: FaultKind, about: tuple[Node, ...], replay: Replay, decisive: int, always: bool) -> Fault:
        elements = tuple(dict.fromkeys(one.element for one in about))
        first = next((one for one in about if one.process == self.process), about[0])
        return Fault(kind, first.element, first.process, elements, tuple(replay.turns), decisive, always)

    def _merged(self, *several: Iterable[Fault]) -> list[Fault]:
        found: dict[tuple[FaultKind, str], Fault] = {}
        for fault in (fault for faults in several for fault in faults):
            key = (fault.kind, fault.element)
            if key not in found or len(fault.turns) < len(found[key].turns):
                found[key] = fault
        return list(found.values())

    def _proven(self, passed: set[int], faults: list[Fault]) -> Verdict:
        """Everything was looked at: what was not come to is never come to."""
        merged = self._merged(faults)
        # A loop without a wait keeps the rest from coming about; once it is mended, what lies behind it may be reached.
        if not any(fault.kind is FaultKind.ENDLESS_LOOP for fault in merged):
            merged += self._dead(passed)
        return Verdict(Outcome.UNSOUND if merged else Outcome.SOUND, tuple(merged), None, self.markings)

    def _dead(self, passed: set[int]) -> list[Fault]:
        dead = [node for node in _everything(self.plan) if node.number not in passed]
        live = {self.net.nodes[number].element for number in passed if self.net.nodes[number].drawn}
        shown = {node.element: node for node in dead if node.drawn and node.process == self.process}
        lost = {element: node for element, node in shown.items() if element not in live}
        known: set[str] = set()
        faults = []
        heads = [node for node in lost.values() if not any(one.element in lost for one in node.ins)]
        for node in (*heads, *lost.values()):
            if node.element not in known:
                behind = _behind(node, lost) - known
                known |= behind
                faults.append(
                    Fault(FaultKind.DEAD_STEP, node.element, node.process, (node.element,), behind=len(behind) - 1)
                )
        return faults


def _why(seen: Seen) -> Unproven:
    return Unproven.TIME if seen.late else Unproven.STATES


def _behind(node: Node, lost: Collection[str]) -> set[str]:
    known, waiting, seen = {node.element}, [node], {node.number}
    while waiting:
        one = waiting.pop()
        inner = [] if one.plan is None else one.plan.nodes
        for other in (*one.outs, *inner):
            if other.number not in seen:
                seen.add(other.number)
                if other.element in lost or not other.drawn:
                    waiting.append(other)
                if other.element in lost:
                    known.add(other.element)
    return known


def _everything(plan: Plan) -> list[Node]:
    """The nodes of a process and of the sub-processes in it."""
    found: dict[int, Node] = {}
    plans, known = [plan], {id(plan)}
    while plans:
        for node in plans.pop().nodes:
            found[node.number] = node
            if node.plan is not None and node.plan.process == plan.process and id(node.plan) not in known:
                known.add(id(node.plan))
                plans.append(node.plan)
    return list(found.values())


def _begins(plan: Plan) -> Plan:
    """Where a case's own process begins: in it, or in what was taken out of it."""
    while True:
        core = [node.plan for node in plan.nodes if node.plan is not None and node.plan.core and node.plan.top]
        if not core:
            return plan
        plan = core[0]


def _starts(plan: Plan) -> list[Node]:
    plain = [one for one in plan.starts if not one.trigger]
    return [*plain[:1], *(one for one in plan.starts if one.trigger)]


def _ordered_of(nodes: Iterable[Node], signals: Collection[str] = ()) -> frozenset[int]:
    """Where it may count which token came first."""
    gathers = [one.number for one in nodes if one.kind is Kind.GATHER]
    listening = [
        number
        for one in nodes
        if one.trigger == "signal" and (one.word or "") in signals
        for number in (one.number, *(armed.outs[0].number for armed in one.ins if armed.kind is Kind.ARMED))
    ]
    return frozenset((*(gathers if len(gathers) > 1 else ()), *(listening if len(listening) > 1 else ())))
