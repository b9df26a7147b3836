"""A step that a connector does: what it is given, that the case waits, and by what messages find it."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from engine.diagram import lint, run
from engine.diagram.connecting import MOST_CORRELATION, correlation
from engine.diagram.position import TroubleKind, WaitKind
from tests.engine.diagram.builders import catch, end, file, line, message, several, start, step, throw, user

NOW = datetime(2026, 3, 2, 1, 0, tzinfo=UTC)


def _asks(kind: str = "serviceTask", inside: str = "", said: str = "parcel", **more: str) -> str:
    parts = f'<extensionElements><officium:input name="parcel" expression="{said}"/></extensionElements>{inside}'
    return step(kind, "ask", parts, officium__connector="land_register", **more)


@pytest.mark.parametrize("kind", ["serviceTask", "sendTask"])
def test_the_case_waits_with_what_is_to_be_sent(kind: str) -> None:
    model = run.model(file(start(), _asks(kind), user("check"), end(), line("s", "ask", "check", "e")), process="p")
    begun = run.begin(model, {"parcel": "44-07", "secret": 1}, now=NOW)
    (waits,) = begun.opened
    assert (waits.kind, waits.name, waits.given) == (WaitKind.CALL, "land_register", {"parcel": "44-07"})
    assert (begun.troubles, begun.ended) == ((), False)
    after = run.deliver(model, begun.state, waits.token, {}, now=NOW)
    assert (after.closed, [one.element for one in after.opened]) == ((waits.token,), ["check"])


def test_a_message_event_with_a_connector_is_its_call() -> None:
    drawn = throw("ask", message("Note")).replace('id="ask"', 'id="ask" officium:connector="letters"')
    model = run.model(file(start(), drawn, end(), line("s", "ask", "e")), process="p")
    begun = run.begin(model, {}, now=NOW)
    assert [(one.kind, one.name) for one in begun.opened] == [(WaitKind.CALL, "letters")]
    assert begun.sent == ()


def test_what_failed_is_in_trouble_and_asked_again_with_corrected_answers() -> None:
    model = run.model(file(start(), _asks(), end(), line("s", "ask", "e")), process="p")
    begun = run.begin(model, {"parcel": "44"}, now=NOW)
    (waits,) = begun.opened
    failed = run.fail(model, begun.state, waits.token, now=NOW, kind=TroubleKind.SERVICE, facts={"why": "x"})
    assert (failed.closed, [one.kind for one in failed.troubles]) == ((waits.token,), [TroubleKind.SERVICE])
    with pytest.raises(run.NothingWaits):
        run.deliver(model, failed.state, waits.token, {}, now=NOW)
    again = run.retry(model, failed.state, waits.token, now=NOW, answers={"parcel": "45"})
    assert [one.given for one in again.opened] == [{"parcel": "45"}]
    done = run.finish(model, failed.state, waits.token, {}, now=NOW)
    assert done.ended


def test_an_input_that_cannot_be_worked_out_is_an_incident() -> None:
    model = run.model(file(start(), _asks(), end(), line("s", "ask", "e")), process="p")
    begun = run.begin(model, {}, now=NOW)
    assert [one.kind for one in begun.troubles] == [TroubleKind.EXPRESSION]
    assert [one.given for one in run.retry(
        model, begun.state, begun.troubles[0].token, now=NOW, answers={"parcel": "1"}
    ).opened] == [{"parcel": "1"}]  # fmt: skip


def test_too_much_is_never_sent() -> None:
    model = run.model(file(start(), _asks(), end(), line("s", "ask", "e")), process="p")
    begun = run.begin(model, {"parcel": "x" * 70_000}, now=NOW)
    assert ([one.kind for one in begun.troubles], begun.opened) == ([TroubleKind.SERVICE], ())


def test_several_are_asked_for_side_by_side() -> None:
    each = several("<loopCardinality>3</loopCardinality>")
    model = run.model(
        file(start(), _asks(inside=each, said="&quot;a&quot;"), end(), line("s", "ask", "e")), process="p"
    )
    position = run.begin(model, {}, now=NOW)
    assert [one.kind for one in position.opened] == [WaitKind.CALL] * 3
    state = position.state
    for one in position.opened:
        position = run.deliver(model, state, one.token, {}, now=NOW)
        state = position.state
    assert position.ended


def test_a_wait_keeps_what_it_is_correlated_by() -> None:
    waits = catch("paid", message("Paid")).replace('id="paid"', 'id="paid" officium:correlation="{b: n, a: parcel}"')
    model = run.model(file(start(), waits, end(), line("s", "paid", "e")), process="p")
    (found,) = run.begin(model, {"parcel": "44", "n": 1}, now=NOW).opened
    assert found.correlation == correlation({"a": "44", "b": 1.0})
    assert [one.kind for one in run.begin(model, {"parcel": None, "n": 1}, now=NOW).troubles] == [
        TroubleKind.EXPRESSION
    ]


_PLAIN: Any = st.one_of(st.text(max_size=20), st.integers(-(10**9), 10**9), st.booleans(), st.none())


@given(st.dictionaries(st.text(max_size=5), _PLAIN, max_size=4))
def test_a_correlation_does_not_depend_on_the_order_it_is_written_in(keys: dict[str, Any]) -> None:
    turned = dict(reversed(list(keys.items())))
    found = correlation(keys)
    assert found == correlation(turned)
    assert found is None or len(found) <= MOST_CORRELATION


@pytest.mark.parametrize("unfit", [None, "", "  ", [], {}, {"a": None}, {"a": [1]}, {"a": {"b": 1}}, "x" * 400])
def test_what_says_nothing_correlates_nothing(unfit: Any) -> None:
    assert correlation(unfit) is None


def test_truth_and_one_are_different() -> None:
    assert len({correlation(one) for one in (True, 1, "1", "true", 1.0)}) == 4


@pytest.mark.parametrize(
    ("kind", "extended", "code"),
    [
        ("userTask", "", "connector-unfit"),
        ("serviceTask", '<officium:input name="" expression="1"/>', "connector-unfit"),
        ("serviceTask", '<officium:output variable="a b" from="body"/>', "connector-unfit"),
        ("serviceTask", '<officium:output variable="a" from="parcel"/>', "connector-unfit"),
        ("serviceTask", '<officium:output variable="a" from="body.("/>', "expression-unreadable"),
        ("serviceTask", '<officium:input name="a" expression="1 +"/>', "expression-unreadable"),
        ("serviceTask", '<officium:input name="a" expression="nobody_sets"/>', "variable-unknown"),
    ],
)
def test_what_cannot_be_asked_is_told_before_it_is_in_force(kind: str, extended: str, code: str) -> None:
    drawn = step(kind, "ask", f"<extensionElements>{extended}</extensionElements>", officium__connector="land_register")
    found = lint.findings(file(start(), drawn, user("check"), end(), line("s", "ask", "check", "e")))
    assert code in {one.rule.code for one in found if one.element == "ask"}
    assert "service-without-connector" not in {one.rule.code for one in found}
