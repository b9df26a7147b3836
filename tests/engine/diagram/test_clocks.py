"""What a diagram says of its periods: laws that are named, lengths in one unit, what begins and ends which clock."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from engine.diagram import clocks
from engine.diagram.clocks import Length, is_longer, length, plans_of
from engine.diagram.read import read
from engine.diagram.rule_sets import CLOCKS, CONFIRM, DECIDING, EXPIRIES, GROUNDS, RULE_SETS, Clock, Expiry, Ground
from engine.diagram.shape import Periods, Process
from tests.diagram_text import END, START, process, step, way
from tests.engine.diagram.test_rules_of_work import told

RULES = ("period-word-unknown", "period-element-missing", "period-over-law", "clock-stop-unfit", "period-unreadable")
NOTHING: frozenset[str] = frozenset()
BODY = START + END + step("check") + step("decide") + way("start", "check", "decide", "end")


def drawn(attributes: str, body: str = BODY) -> bytes:
    return process(body).replace(b"<process ", f"<process {attributes} ".encode(), 1)


def plans(attributes: str) -> dict[Clock, clocks.Plan]:
    read_ = read(drawn(attributes), "procedure.bpmn")
    return {one.kind: one for one in plans_of(read_.processes["procedure"])}


@pytest.mark.parametrize(
    ("written", "working", "expected"),
    [
        ("P20D", True, Length(20, "working days")),
        ("P20D", False, Length(20, "calendar days")),
        ("P2W", False, Length(14, "calendar days")),
        ("P2M", True, Length(2, "months")),
        ("P1Y", False, Length(12, "months")),
        ("PT8H", True, Length(8, "working hours")),
        ("PT48H", False, Length(2, "calendar days")),
        ("PT8H", False, None),
        ("P1DT4H", True, None),
        ("P1M2D", True, None),
        ("soon", True, None),
        ("P0D", True, None),
        ("", True, None),
        (None, True, None),
    ],
)
def test_a_period_is_so_many_of_one_unit(written: str | None, working: bool, expected: Length | None) -> None:
    assert length(written, working=working) == expected


def test_no_period_is_set_where_none_is_written() -> None:
    assert read(drawn(""), "procedure.bpmn").processes["procedure"].periods is None
    assert plans_of(None) == ()


def test_the_licensing_law_sets_what_the_procedure_leaves_open() -> None:
    found = plans('officium:ruleSet="cn-licensing" officium:countsFrom="check" officium:decidedBy="decide"')
    assert {kind: plan.length for kind, plan in found.items()} == {
        Clock.STATUTORY: Length(20, "working days"),
        Clock.NOTICE: Length(5, "working days"),
        Clock.DELIVERY: Length(10, "working days"),
    }
    statutory = found[Clock.STATUTORY]
    assert (statutory.begins, statutory.ends, statutory.extension) == (frozenset({"check"}), frozenset({"decide"}), 10)
    assert (statutory.effect, statutory.first_day, statutory.rolls) == (Expiry.ESCALATE, False, True)
    assert statutory.stops == {Ground.SUPPLEMENT, Ground.HEARING, Ground.INSPECTION, Ground.REVIEW}
    assert (found[Clock.NOTICE].begins, found[Clock.NOTICE].ends) == (NOTHING, frozenset({"check"}))
    assert (found[Clock.DELIVERY].begins, found[Clock.DELIVERY].ends) == (frozenset({"decide"}), NOTHING)


def test_joint_handling_has_a_period_of_its_own() -> None:
    found = plans('officium:ruleSet="cn-licensing" officium:joint="true" officium:promised="P30D"')
    assert Clock.STATUTORY not in found
    assert (found[Clock.JOINT].length.count, found[Clock.JOINT].extension) == (45, 15)
    assert found[Clock.PROMISED].length == Length(30, "working days"), "the law counts in working days"


def test_the_promise_may_begin_before_the_law_does() -> None:
    found = plans(
        'officium:promised="P9D" officium:statutory="P20D" officium:countsFrom="check" officium:promiseFrom="start"'
    )
    assert found[Clock.PROMISED].begins == frozenset()
    assert found[Clock.STATUTORY].begins == {"check"}


def test_what_the_procedure_says_goes_before_what_the_law_leaves_open() -> None:
    found = plans(
        'officium:statutory="P2M" officium:extension="P1M" officium:stops="hearing weather" officium:rolls="false" '
        'officium:countsFirstDay="true" officium:expiry="refused"'
    )[Clock.STATUTORY]
    assert (found.extension, found.stops, found.rolls, found.first_day) == (1, frozenset({Ground.HEARING}), False, True)
    assert found.effect is Expiry.REFUSED
    assert plans('officium:statutory="P2M" officium:extension="P10D"')[Clock.STATUTORY].extension == 0, "another unit"
    assert plans('officium:promised="P9D" officium:expiry="granted"')[Clock.PROMISED].effect is Expiry.ESCALATE


def test_every_law_says_by_which_article_and_that_a_lawyer_must_confirm_it() -> None:
    for law in RULE_SETS.values():
        assert law.articles
        for text in (law.name, *law.articles.values()):
            assert text.en
            assert text.zh
            assert "{" not in text.en + text.zh
    assert "lawyer" in CONFIRM.en
    for article in ("32", "42", "44", "45", "82"):
        assert any(f"article {article}" in one.en for one in RULE_SETS["cn-licensing"].articles.values()), article
    assert set(CLOCKS) == set(Clock)
    assert set(GROUNDS) == set(Ground)
    assert set(EXPIRIES) == set(Expiry)
    assert clocks.cites(Clock.PROMISED, "cn-licensing") == (), "a promise is the office's own word"
    assert clocks.cites(Clock.STATUTORY, None) == ()


@pytest.mark.parametrize(
    ("promised", "statutory", "longer"),
    [
        (Length(21, "working days"), Length(20, "working days"), True),
        (Length(20, "working days"), Length(20, "working days"), False),
        (Length(20, "working days"), Length(20, "calendar days"), True),
        (Length(14, "working days"), Length(20, "calendar days"), False),
        (Length(3, "months"), Length(60, "calendar days"), True),
        (Length(2, "months"), Length(60, "calendar days"), False),
        (Length(60, "calendar days"), Length(20, "working days"), True),
        (Length(8, "working hours"), Length(1, "working days"), False),
    ],
)
def test_units_are_held_against_each_other_and_only_what_is_longer_for_certain_is_told(
    promised: Length, statutory: Length, longer: bool
) -> None:
    assert is_longer(promised, statutory) is longer


_LENGTHS = st.builds(
    Length, st.integers(1, 500), st.sampled_from(["working days", "calendar days", "months", "working hours"])
)


@given(_LENGTHS, _LENGTHS)
def test_of_two_lengths_at_most_one_is_longer(one: Length, other: Length) -> None:
    assert not (is_longer(one, other) and is_longer(other, one))
    assert not is_longer(one, one)


@given(st.integers(1, 400), st.sampled_from(["working days", "calendar days", "months"]))
def test_one_more_is_longer(count: int, unit: str) -> None:
    assert is_longer(Length(count + 1, unit), Length(count, unit))


@pytest.mark.parametrize(
    ("attributes", "rules"),
    [
        ('officium:ruleSet="cn-licensing" officium:countsFrom="check" officium:decidedBy="decide"', []),
        ('officium:promised="P3D" officium:promiseFrom="start"', []),
        ('officium:ruleSet="roman"', ["period-word-unknown"]),
        ('officium:promised="P3D" officium:stops="weather hearing"', ["period-word-unknown"]),
        ('officium:promised="P3D" officium:expiry="never"', ["period-word-unknown"]),
        ('officium:promised="P3D" officium:extension="soon"', ["period-word-unknown"]),
        ('officium:promised="P3D" officium:countsFrom="gone"', ["period-element-missing"]),
        ('officium:promised="P3D" officium:decidedBy="decide gone"', ["period-element-missing"]),
        ('officium:ruleSet="cn-licensing" officium:statutory="P21D"', ["period-over-law"]),
        ('officium:ruleSet="cn-licensing" officium:extension="P11D"', ["period-over-law"]),
        ('officium:ruleSet="cn-licensing" officium:joint="true" officium:statutory="P45D"', []),
        ('officium:ruleSet="cn-licensing" officium:joint="true" officium:statutory="P46D"', ["period-over-law"]),
        ('officium:statutory="P2M"', []),
        ('officium:statutory="P1M2D"', ["period-unreadable"]),
    ],
)
def test_what_cannot_be_held_to_is_told(attributes: str, rules: list[str]) -> None:
    assert [code for code, _element in told(drawn(attributes), *RULES)] == rules


@pytest.mark.parametrize(
    ("periods", "ground", "kind", "unfit"),
    [
        ('officium:promised="P3D"', "hearing", "userTask", False),
        ('officium:promised="P3D"', "weather", "userTask", True),
        ('officium:ruleSet="cn-licensing"', "force_majeure", "userTask", True),
        ("", "hearing", "userTask", True),
        ('officium:promised="P3D"', "hearing", "scriptTask", True),
    ],
)
def test_a_step_stops_the_clock_on_a_ground_of_its_procedure_while_it_waits(
    periods: str, ground: str, kind: str, unfit: bool
) -> None:
    body = BODY.replace('<userTask id="check"', f'<{kind} officium:stopsClock="{ground}" id="check"').replace(
        "</userTask>", f"</{kind}>", 1
    )
    assert bool(told(drawn(periods, body), "clock-stop-unfit")) is unfit


def test_only_the_clocks_that_run_until_it_is_decided_are_stopped_and_extended() -> None:
    said = Periods(rule_set="cn-licensing", counts_from=("check",), decided_by=("decide",), promised="P9D")
    for plan in plans_of(Process("p", None, None, 1, True, periods=said)):
        assert bool(plan.stops) is (plan.kind in DECIDING)
        assert bool(plan.extension) is (plan.kind in DECIDING)
