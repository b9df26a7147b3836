"""Which elements of a procedure a case would leave otherwise in another edition."""

from __future__ import annotations

from collections.abc import Collection, Iterator
from typing import Any, Final

from engine.diagram.run.events import Border, Send, _Event
from engine.diagram.run.gateways import _Chooses, _Meets
from engine.diagram.run.loops import _Each, _Repeats
from engine.diagram.run.model import Model, _all_of, _with_called
from engine.diagram.run.steps import Armed, Ask, Call, Decide, Manual, Person, Plain, Script, Service

__all__ = ["unlike"]

_BESIDE: Final = frozenset({"error", "escalation", "signal", "conditional"})
"""What reaches a place by no flow: where one of these listens anew, it may hear what was thrown anywhere."""


def unlike(old: Model, new: Model, decided: Collection[str] = ()) -> frozenset[str] | None:
    """Ids of elements that the new edition has no longer, or leaves by other flows or for other reasons.

    `decided`: steps whose decision table has changed. None where any element may be concerned.
    """
    before, after = _signs(old), _signs(new)
    if _listeners(old) != _listeners(new):
        return None
    return frozenset({element for (element, name), sign in before.items() if after.get((element, name)) != sign}) | {
        *decided
    }


def _plans(model: Model) -> Iterator[Any]:
    for plan in _with_called(model.plan):
        yield from _all_of(plan)


def _signs(model: Model) -> dict[tuple[str, str], tuple[Any, ...]]:
    return {
        (spec.element, spec.name): _sign(spec)
        for plan in _plans(model)
        for spec in plan.task_specs.values()
        if hasattr(spec, "element")
    }


def _listeners(model: Model) -> frozenset[Any]:
    return frozenset(
        (spec.element, spec.trigger, spec.name_of_event, spec.code, spec.expression, spec.cancel_activity)
        for plan in _plans(model)
        for spec in plan.task_specs.values()
        if isinstance(spec, Border) and spec.trigger in _BESIDE
    )


def _sign(spec: Any) -> tuple[Any, ...]:
    kind = "a person" if isinstance(spec, Person | Plain | Manual) else type(spec).__name__
    sign: list[Any] = [kind, tuple(one.element for one in spec.next)]
    if isinstance(spec, Armed):
        sign[1] = spec.element  # what newly waits on a border changes no way that was gone
    if isinstance(spec, _Chooses):
        sign.append(_ways(spec))
    if isinstance(spec, _Meets):
        sign.append(frozenset(spec._inputs))
    for kind_of, what in _WHAT:
        if isinstance(spec, kind_of):
            sign.append(tuple(_plain(getattr(spec, name, None)) for name in what))
    if isinstance(spec, Call):
        sign.append(spec.plan.process)
    return tuple(sign)


def _ways(spec: _Chooses) -> tuple[Any, ...]:
    """A person's choice is kept as the flow that was chosen."""
    return tuple(
        (way.flow if spec.asked else "", way.condition, way.is_default, way.target.element) for way in spec.options
    )


def _plain(value: Any) -> Any:
    return getattr(value, "bpmn_id", value)


_WHAT: Final[tuple[tuple[Any, tuple[str, ...]], ...]] = (
    (Script, ("script",)),
    (Decide, ("decision", "result")),
    (Service, ("does", "connector", "gives")),
    (Send, ("does",)),
    (Ask, ("asks",)),
    (_Event, ("trigger", "name_of_event", "code", "expression", "correlation", "cancel_activity")),
    (_Repeats, ("base", "condition", "maximum", "test_before")),
    (_Each, ("cardinality", "data_input", "data_output", "input_item", "output_item")),
)
