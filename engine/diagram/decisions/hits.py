"""What becomes of the rules that apply: the hit policies."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from decimal import Decimal
from typing import Final

from engine.base.frozen import frozen
from engine.diagram.language.comparing import equal
from engine.diagram.language.functions import statistics
from engine.diagram.language.values import Value

SEVERAL: Final = ("COLLECT", "RULE ORDER", "OUTPUT ORDER")
POLICIES: Final = ("UNIQUE", "ANY", "PRIORITY", "FIRST", *SEVERAL)
AGGREGATIONS: Final[Mapping[str, Callable[[list[Value]], Value]]] = {
    "SUM": statistics.total,
    "MIN": statistics.least,
    "MAX": statistics.greatest,
    "COUNT": lambda values: Decimal(len(values)),
}


@frozen
class Hit:
    """A rule that applies: its number, what it says, and how its outputs rank in the columns' own order."""

    rule: int
    value: Value
    rank: tuple[int, ...] = ()


class Contradiction(Exception):
    """Rules apply together that must not, or say different things."""

    def __init__(self, hits: Sequence[Hit]) -> None:
        self.rules = tuple(hit.rule for hit in hits)
        super().__init__(self.rules)


def settled(policy: str, aggregation: str | None, hits: Sequence[Hit]) -> Value:
    """The table's answer; there is at least one hit. Raises Contradiction."""
    if policy == "UNIQUE" and len(hits) > 1:
        raise Contradiction(hits)
    if policy == "ANY" and any(equal(hit.value, hits[0].value) is not True for hit in hits):
        raise Contradiction(hits)
    if policy in ("PRIORITY", "OUTPUT ORDER"):
        hits = sorted(hits, key=lambda hit: hit.rank)
    if policy not in SEVERAL:
        return hits[0].value
    values = [hit.value for hit in hits]
    if policy == "COLLECT" and aggregation is not None and aggregation in AGGREGATIONS:
        return _aggregated(AGGREGATIONS[aggregation], values)
    return values


def _aggregated(aggregate: Callable[[list[Value]], Value], values: list[Value]) -> Value:
    if values and all(isinstance(value, dict) for value in values):
        return {key: aggregate([value[key] for value in values]) for key in values[0]}
    return aggregate(values)
