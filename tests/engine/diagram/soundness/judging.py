"""What is found out about a diagram, held against everything that happens when it is run."""

from __future__ import annotations

import random
from collections import Counter
from dataclasses import dataclass, field
from datetime import timedelta
from itertools import islice

from engine.diagram import run
from engine.diagram.run.moves import Game
from engine.diagram.shape import Diagram
from engine.diagram.soundness import Fault, FaultKind, Outcome, Study, Unproven
from tests.engine.diagram.soundness.drawing import drawn
from tests.engine.diagram.soundness.following import Followed, follow, is_over
from tests.engine.diagram.soundness.walking import MORNING, Place, Walked, moves, placed, walked

HANGS = frozenset({FaultKind.DEADLOCK, FaultKind.MUTUAL_WAIT, FaultKind.LIVELOCK})

_MOST_WAYS = 60


@dataclass
class Tally:
    """What was met, and what does not agree."""

    counts: Counter[str] = field(default_factory=Counter)
    wrong: list[str] = field(default_factory=list)


def judge(seed: int, tally: Tally, *, most: int, budget: timedelta = timedelta(seconds=2)) -> None:
    judge_drawn(str(seed), drawn(seed), tally, most=most, budget=budget)


def judge_drawn(
    seed: str, diagram: Diagram, tally: Tally, *, most: int, budget: timedelta = timedelta(seconds=2)
) -> None:
    verdict = Study(diagram).verdict("p", budget)
    try:
        found = walked(diagram, most)
    except run.CannotRun:
        tally.counts["cannot be run"] += 1
        if verdict.why is not Unproven.CANNOT_RUN:
            tally.wrong.append(f"{seed}: cannot be run, but was judged {verdict.outcome}")
        return
    tally.counts[verdict.outcome] += 1
    tally.counts["walked whole" if found.whole else "walked in part"] += 1
    tally.counts.update(fault.kind for fault in verdict.faults)
    hangs = any(fault.kind in HANGS for fault in verdict.faults)
    goes_round = found.round or any(fault.kind is FaultKind.ENDLESS_LOOP for fault in verdict.faults)
    if found.whole and not goes_round and verdict.outcome is not Outcome.NOT_PROVEN and verdict.why is None:
        tally.counts["hangs" if found.hangs else "always ends"] += 1
        if bool(found.hangs) != hangs:
            tally.wrong.append(f"{seed}: hangs {bool(found.hangs)}, judged {hangs}")
    elif verdict.outcome is Outcome.SOUND and hung(diagram, seed):
        tally.wrong.append(f"{seed}: judged sound, and hung on a walk")
    dead = {fault.element for fault in verdict.faults if fault.kind is FaultKind.DEAD_STEP}
    if dead & found.passed:
        tally.wrong.append(f"{seed}: never come to, and yet passed: {sorted(dead & found.passed)}")
    for fault in verdict.faults:
        if fault.turns and fault.kind is not FaultKind.ENDLESS_LOOP:
            _replay(seed, diagram, fault, found, tally)


def _replay(seed: str, diagram: Diagram, fault: Fault, found: Walked, tally: Tally) -> None:
    ways = list(islice(follow(diagram, fault), _MOST_WAYS))
    if not ways:
        tally.wrong.append(f"{seed}: {fault.kind} at {fault.element} is not come to")
    elif not any(_shows(diagram, fault, one, found) for one in ways):
        tally.wrong.append(f"{seed}: {fault.kind} at {fault.element} is not there in the end: {ways[0].standing}")
    else:
        tally.counts["replayed"] += 1


def _shows(diagram: Diagram, fault: Fault, followed: Followed, found: Walked) -> bool:
    if fault.kind is FaultKind.UNSYNCHRONISED:
        return Counter(followed.passed)[fault.element] > 1 or followed.tokens[fault.element] > 1
    if fault.kind is not FaultKind.LIVELOCK and is_over(followed.last, run.model(diagram, process="p")):
        return True
    return found.keys.get(followed.last.key) in found.hangs or not found.whole  # else too much to look at


def hung(diagram: Diagram, seed: str, walks: int = 25, longest: int = 60) -> bool:
    """Whether it comes to a standstill on one of some walks."""
    model = run.model(diagram, process="p")
    chance = random.Random(seed)
    for _ in range(walks):
        game = Game.begin(model, {}, MORNING)
        place: Place = placed(game, {})
        for _ in range(longest):
            if game.case.ended:
                break
            ways = list(islice(moves(model, place, Walked()), _MOST_WAYS))
            if not ways:
                return True
            game, came = chance.choice(ways)
            place = placed(game, came)
    return False
