"""A rule is kept only where it can fire, and what is said of it is so."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, time, timedelta
from decimal import Decimal
from typing import Final
from zoneinfo import ZoneInfo

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as some

from engine.base.errors import Refusal
from engine.base.text import Name
from engine.supervision.cards import rules
from engine.supervision.cards.conditions import FactUnknown, KindsDiffer, NotATruth, NotForConditions, condition
from engine.supervision.cards.facts import FACTS, RELATIONS, Subject, facts_of
from engine.supervision.cards.kinds import Kind
from engine.supervision.cards.proving import judged
from engine.supervision.cards.ready_made import READY_MADE
from engine.supervision.cards.refusals import refused_without_ground
from engine.supervision.cards.rules import NeverFires, RowFaults, Rule, fit_table
from engine.supervision.cards.seen import CaseSeen, StepSeen, looked, next_change, rounds
from engine.worktime.calendar import Hours, WorkCalendar
from tests.thorough import examples

_ZONE: Final = ZoneInfo("Asia/Shanghai")
_WEEK: Final = tuple((Hours(time(9), time(17)),) if day < 5 else () for day in range(7))
CALENDAR: Final = WorkCalendar(_ZONE, _WEEK)
MONDAY: Final = datetime(2026, 3, 2, 1, 0, tzinfo=UTC)


def _rule(written: str, about: Subject = Subject.STEP, **more: object) -> Rule:
    return replace(Rule("", Name("A rule", "一条规则"), about, Kind.RED, written), **more)  # type: ignore[arg-type]


@pytest.mark.parametrize(
    "written",
    [
        "step.late and step.working_days_left > 2",
        "step.late and step.share_used < 0.5",
        "step.working_days_late > 0 and not(step.late)",
        "step.claimed_untouched_days > 3 and not(step.claimed)",
        "step.claimed and step.unclaimed_days >= 1",
        "step.open_days < 2 and step.claimed_untouched_days > 5",
        "step.urged_times > 0.5 and step.urged_times < 1",
        "step.urged_times < 0",
        'step.department = "A" and step.department = "B"',
        "step.working_days_left between 3 and 1",
        "step.open_days > case.open_days",
        "false",
    ],
)
def test_a_rule_that_can_never_fire_is_an_error_at_its_cell(written: str) -> None:
    with pytest.raises(RowFaults) as refused:
        fit_table([_rule(written)])
    assert isinstance(refused.value.faults[0, "condition"], NeverFires)


@pytest.mark.parametrize(
    ("written", "refusal"),
    [
        ("step.lates", FactUnknown),
        ("handover.late", FactUnknown),
        ("late", FactUnknown),
        ("step", FactUnknown),
        ("step.late > 3", KindsDiffer),
        ('step.open_days = "3"', KindsDiffer),
        ('step.department > "A"', KindsDiffer),
        ("step.open_days", NotATruth),
        ("3", NotATruth),
        ("count([step.open_days]) > 0", NotForConditions),
        ("if step.late then true else false", NotForConditions),
        ("some x in [1] satisfies x = 1", NotForConditions),
        ("step.open_days / 2 > 1", NotForConditions),
        ("", Refusal),
        ("step.late and", Refusal),
        ("step.open_days > " + "(" * 300, Refusal),
    ],
)
def test_what_is_no_condition_is_told_as_what_it_is(written: str, refusal: type[Refusal]) -> None:
    with pytest.raises(RowFaults) as refused:
        fit_table([_rule(written)])
    assert isinstance(refused.value.faults[0, "condition"], refusal)


def test_a_rule_that_holds_always_is_kept_and_said_to() -> None:
    _kept, always = fit_table([_rule("step.late or not(step.late)")])
    assert always == (0,)


def test_the_ready_made_rules_are_fit_and_each_proven() -> None:
    kept, always = fit_table(READY_MADE)
    assert kept == READY_MADE
    assert always == ()
    assert all(judged(one.read()).proven for one in READY_MADE)
    assert rules.read_rules(rules.written(READY_MADE)) == READY_MADE
    assert {one.kind for one in READY_MADE} == set(Kind)


def test_rules_of_one_name_and_levels_that_do_not_fit_are_errors_at_their_cells() -> None:
    table = [
        _rule("step.late"),
        _rule("step.late"),
        _rule("step.late", name=Name("Up", "上报"), kind=Kind.ESCALATION),
        _rule("step.late", name=Name("", "无"), level=0),
    ]
    with pytest.raises(RowFaults) as refused:
        fit_table(table)
    assert set(refused.value.faults) == {(1, "name"), (2, "kind"), (3, "name")}


def test_a_new_rule_gets_a_key_that_no_other_has_and_an_old_one_keeps_its_own() -> None:
    table = [_rule("step.late", key="a_rule"), _rule("case.late", name=Name("A rule!", "另一条"))]
    kept, _always = fit_table(table)
    assert [one.key for one in kept] == ["a_rule", "a_rule_2"]


# Whatever is written of a few parts: what is said of it is so.

_NUMBERS: Final = [name for name, one in FACTS.items() if one.kind == "number" and name.startswith("step.")]
_TRUTHS: Final = ["step.late", "step.claimed", "case.late", "case.refused_without_ground"]
_atoms = some.one_of(
    some.builds(
        "{} {} {}".format, some.sampled_from(_NUMBERS), some.sampled_from(["<", "<=", "=", "!=", ">=", ">"]),
        some.integers(-3, 6),
    ),
    some.sampled_from(_TRUTHS),
    some.sampled_from(_TRUTHS).map("not({})".format),
)  # fmt: skip
_written = some.recursive(
    _atoms,
    lambda inner: some.one_of(
        some.builds("({} and {})".format, inner, inner), some.builds("({} or {})".format, inner, inner)
    ),
    max_leaves=4,
)


@settings(max_examples=examples(60))
@given(_written)
def test_an_example_makes_it_hold_and_keeps_to_the_relations(written: str) -> None:
    read = condition(written, Subject.STEP)
    verdict = judged(read)
    for values, expected in ((verdict.example, True), (verdict.counter, False)):
        if values is None:
            continue
        assert read.holds(values) is expected
        for relation in RELATIONS:
            if set(relation.names) <= set(values):
                assert relation.holds(*(values[name] for name in relation.names))


@settings(max_examples=examples(150))
@given(
    _written, some.integers(0, 60 * 24 * 20), some.integers(1, 12), some.booleans(), some.integers(0, 60 * 24 * 6),
    some.one_of(some.none(), some.integers(1, 15)),
)  # fmt: skip
def test_what_is_said_never_to_hold_holds_of_no_case(
    written: str, minutes: int, days: int, claimed: bool, touched: int, due: int | None
) -> None:
    """The facts of random cases keep to the relations, and a rule refused as never firing fires at none of them."""
    read = condition(written, Subject.STEP)
    now = MONDAY + timedelta(minutes=minutes)
    case = _case(days, claimed, min(MONDAY + timedelta(minutes=touched), now), due)
    verdict = judged(read)
    for one in looked(case, now):
        for relation in RELATIONS:
            known = [one.facts.get(name) for name in relation.names]
            if all(value is not None for value in known):
                assert relation.holds(*known), (relation.names, known)
        if one.about is Subject.STEP and read.holds(one.facts):
            assert verdict.example is not None, one.facts
        if (
            one.about is Subject.STEP
            and not read.holds(one.facts)
            and all(one.facts[name] is not None for name in read.facts)
        ):
            assert verdict.counter is not None, one.facts


def _case(days: int, claimed: bool, touched: datetime, due: int | None) -> CaseSeen:
    step = StepSeen(
        number=1, edition_id=1, element="ask", post_id=1, department_id=1, department="A",
        person_id=7 if claimed else None, opened_at=MONDAY, due_at=MONDAY + timedelta(days=days, hours=8),
        claimed_at=touched if claimed else None, touched_at=touched, external=False, calendar=CALENDAR,
    )  # fmt: skip
    return CaseSeen(
        case_id=1, number="BP-1", procedure_id=1, procedure="BP", started_at=MONDAY, ended_at=None, standing=False,
        calendar=CALENDAR, steps=(step,), due_at=None if due is None else MONDAY + timedelta(days=due),
    )  # fmt: skip


@settings(max_examples=examples(15))
@given(_written, some.integers(1, 9), some.booleans(), some.one_of(some.none(), some.integers(1, 9)))
@example("step.share_used = 1", 1, False, None)  # used up at the end of a day, not on the next morning
def test_a_rule_does_not_begin_to_hold_before_the_case_is_looked_at_again(
    written: str, days: int, claimed: bool, due: int | None
) -> None:
    """From one look to the next nothing fires that the first did not see: nothing is late noticed."""
    rule = _rule(written, key="one")
    read = rule.read()
    case = _case(days, claimed, MONDAY, due)
    now = MONDAY
    for _ in range(6):
        holds = any(read.holds(one.facts) for one in looked(case, now) if one.about is Subject.STEP)
        again = next_change([rule], case, frozenset(), now)
        assert again > now
        between = now
        while not holds and between + timedelta(hours=3) < again:
            between += timedelta(hours=3)
            assert not any(read.holds(one.facts) for one in looked(case, between) if one.about is Subject.STEP), between
        now = again


def test_a_case_that_stands_has_no_facts_to_be_held_against_anybody() -> None:
    case = _case(1, True, MONDAY, 1)
    assert not case.rests
    assert replace(case, standing=True).rests
    assert replace(case, steps=tuple(replace(one, external=True) for one in case.steps)).rests
    assert replace(case, steps=()).rests, "only times and messages are waited for"
    assert not replace(case, steps=(), ended_at=MONDAY).rests


def test_every_fact_is_given_for_what_it_is_of() -> None:
    for one in looked(_case(3, True, MONDAY, 3), MONDAY + timedelta(hours=5)):
        assert set(one.facts) == {fact.name for fact in facts_of(one.about)}
        for name, value in one.facts.items():
            kind = FACTS[name].kind
            assert isinstance(value, {"number": Decimal, "truth": bool, "text": str}[kind]), name


def test_rounds_count_there_and_back_once() -> None:
    day = timedelta(days=1)
    there = (1, 2, MONDAY, None)
    back = (2, 1, MONDAY + day, None)
    assert rounds([there]) == 0
    assert rounds([there, back]) == 1
    assert rounds([(1, 2, MONDAY, MONDAY + day)]) == 1, "returned"
    assert rounds([there, back, (1, 2, MONDAY + 2 * day, MONDAY + 3 * day)]) == 2
    assert rounds([there, (1, 3, MONDAY, None), (3, 1, MONDAY + day, None)]) == 1


@pytest.mark.parametrize(
    ("answers", "expected"),
    [
        ({"decision": "refuse"}, True),
        ({"approval": "refused", "refusal_reasons": "It can wait."}, False),
        ({"decision": "refuse", "grounds": "……"}, True),
        ({"decision": "refuse", "legal_basis": "建筑法第八条"}, False),
        ({"decision": "grant"}, False),
        ({"proposal": "refuse", "decision": "grant"}, False),
        ({}, False),
    ],
)
def test_a_refusal_needs_a_ground_that_can_be_read(answers: dict[str, str], expected: bool) -> None:
    assert refused_without_ground(answers) is expected
