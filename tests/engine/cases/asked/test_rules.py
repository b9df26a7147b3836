"""The arithmetic of votes and the row of signers, whatever they are given."""

from __future__ import annotations

from fractions import Fraction

import pytest
from hypothesis import given
from hypothesis import strategies as st

from engine.cases.asked import rules
from engine.cases.asked.rules import Ask, Outcome
from engine.cases.rules import Kind
from engine.diagram import voting

SHARES = st.builds(Fraction, st.integers(1, 12), st.integers(1, 12)).filter(lambda one: one <= 1)
MAJORITIES = SHARES.filter(lambda one: one >= Fraction(1, 2))


@given(SHARES, st.integers(1, 500))
def test_a_quorum_is_the_smallest_number_that_reaches_the_share(share: Fraction, members: int) -> None:
    needed = voting.needed_present(share, members)
    assert 1 <= needed <= members
    assert Fraction(needed, members) >= share
    assert needed == 1 or Fraction(needed - 1, members) < share


@given(MAJORITIES, st.integers(0, 200), st.integers(0, 200), st.integers(0, 200))
def test_more_votes_for_it_never_turn_a_decision_down(share: Fraction, yes: int, no: int, abstained: int) -> None:
    present = yes + no + abstained
    if voting.is_adopted(share, present, yes):
        assert voting.is_adopted(share, present + 1, yes + 1)
        assert voting.is_adopted(share, present, yes + 1)


@given(MAJORITIES, st.integers(0, 200), st.integers(0, 200))
def test_a_tie_adopts_nothing(share: Fraction, each: int, abstained: int) -> None:
    assert not voting.is_adopted(share, 2 * each + abstained, each)


@given(st.integers(0, 300), st.integers(0, 300))
def test_half_means_more_than_half_of_those_present(present: int, yes: int) -> None:
    assert voting.is_adopted(Fraction(1, 2), present, yes) == (2 * yes > present)


@pytest.mark.parametrize(("present", "yes", "adopted"), [(9, 6, True), (9, 5, False), (10, 6, False), (10, 7, True)])
def test_two_thirds_are_at_least_two_thirds(present: int, yes: int, adopted: bool) -> None:
    assert voting.is_adopted(Fraction(2, 3), present, yes) is adopted


@pytest.mark.parametrize("written", ["", "0", "-1", "3/2", "1/0", "0/2", "a half", "1.5", "1/2/3", "99999", "１/２"])
def test_what_is_no_quorum_is_none(written: str) -> None:
    assert voting.quorum(written) is None if written else voting.quorum(written) == Fraction(1, 2)


@pytest.mark.parametrize("written", ["1/3", "3", "5/4", "0", "most"])
def test_what_is_no_majority_is_none(written: str) -> None:
    assert voting.majority(written) is None


@given(st.lists(st.sampled_from([None, Outcome.FOR, Outcome.AGAINST, Outcome.ABSTAINED, Outcome.EXCLUDED])))
def test_votes_add_up_to_those_present(outcomes: list[Outcome | None]) -> None:
    count = rules.counted(outcomes)
    assert count.members == len([one for one in outcomes if one is not Outcome.EXCLUDED])
    assert count.present == len([one for one in outcomes if one not in (None, Outcome.EXCLUDED)])
    assert rules.result(count, adopted=False)["present"] == count.present


@given(st.integers(1, 40), st.integers(0, 40), SHARES)
def test_a_vote_is_closed_exactly_when_enough_are_there(members: int, present: int, share: Fraction) -> None:
    present = min(present, members)
    count = rules.Count(members, present, 0, 0)
    needed = voting.needed_present(share, members)
    if present >= needed:
        rules.must_decide(count, share)
    else:
        with pytest.raises(rules.CannotDecide) as refused:
            rules.must_decide(count, share)
        assert refused.value.facts["missing"] == needed - present


def _sign(number: int, behind: int | None = None, *, outcome: Outcome | None = None, opened: bool = False) -> Ask:
    return Ask(number, Kind.SIGNATURE, outcome, behind, opened=opened)


def test_only_the_first_of_a_row_is_asked_at_first() -> None:
    assert rules.whose_turn([_sign(1), _sign(2, 1), _sign(3, 2)]) == (1,)


def test_behind_one_that_was_withdrawn_the_next_is_asked() -> None:
    row = [_sign(1, outcome=Outcome.WITHDRAWN, opened=True), _sign(2, 1), _sign(3, 2)]
    assert rules.whose_turn(row) == (2,)


def test_behind_one_that_refused_nobody_is_asked_until_it_is_asked_anew_and_signed() -> None:
    refused = Ask(1, Kind.SIGNATURE, Outcome.REFUSED, opened=True)
    assert rules.whose_turn([refused, _sign(2, 1)]) == ()
    anew = Ask(1, Kind.SIGNATURE, Outcome.REFUSED, opened=True, again=3)
    assert rules.whose_turn([anew, _sign(2, 1), _sign(3, opened=True)]) == ()
    assert rules.whose_turn([anew, _sign(2, 1), _sign(3, opened=True, outcome=Outcome.SIGNED)]) == (2,)


@given(st.data())
def test_a_row_of_signers_is_gone_through_in_turn_whatever_is_withdrawn(data: st.DataObject) -> None:
    """Played to its end: each is asked once, nobody before whoever stands ahead of them, and nobody is forgotten."""
    length = data.draw(st.integers(1, 8))
    row = {number: _sign(number, number - 1 or None) for number in range(1, length + 1)}
    asked: list[int] = []
    while True:
        turn = rules.whose_turn(row.values())
        assert len(turn) <= 1, "in a row one is asked at a time"
        for number in turn:
            asked.append(number)
            row[number] = _sign(number, row[number].behind, opened=True)
        waiting = [one.number for one in row.values() if one.outcome is None]
        if not waiting:
            break
        if data.draw(st.booleans()):
            one = data.draw(st.sampled_from(waiting))
            row[one] = _sign(one, row[one].behind, outcome=Outcome.WITHDRAWN, opened=row[one].opened)
        else:
            opened = [number for number in waiting if row[number].opened]
            assert opened, "somebody waits, so somebody has been asked"
            row[opened[0]] = _sign(opened[0], row[opened[0]].behind, outcome=Outcome.SIGNED, opened=True)
    assert asked == sorted(set(asked))
    assert {number for number, one in row.items() if one.outcome is Outcome.SIGNED} <= set(asked)
    assert rules.missing(row.values(), Kind.SIGNATURE) == ()


@given(st.lists(st.sampled_from([None, *Outcome]), max_size=12))
def test_nothing_is_missing_exactly_when_each_has_signed_or_was_taken_back(outcomes: list[Outcome | None]) -> None:
    asks = [_sign(number, outcome=one, opened=True) for number, one in enumerate(outcomes, 1)]
    waiting = [one.number for one in asks if one.outcome in (None, Outcome.REFUSED)]
    assert list(rules.missing(asks, Kind.SIGNATURE)) == waiting


@pytest.mark.parametrize(("kind", "outcome"), [(Kind.VOTE, Outcome.AGREED), (Kind.OPINION, Outcome.FOR),
                                               (Kind.SIGNATURE, Outcome.WITHDRAWN), (Kind.VOTE, None)])  # fmt: skip
def test_only_its_own_answers_are_taken(kind: Kind, outcome: Outcome | None) -> None:
    with pytest.raises(rules.AnswerNotChosen):
        rules.fit_answer(kind, outcome, "why")


@pytest.mark.parametrize("outcome", sorted(rules.WITH_WORDS))
def test_an_answer_that_takes_something_must_say_why(outcome: Outcome) -> None:
    kind = next(kind for kind, answers in rules.ANSWERS.items() if outcome in answers)
    with pytest.raises(rules.AnswerWithoutWords):
        rules.fit_answer(kind, outcome, " \0\n ")
    assert rules.fit_answer(kind, outcome, " why ") == (outcome, "why")
