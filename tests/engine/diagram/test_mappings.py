"""Variables that other tools map into a step and out of it are there to be asked for."""

from __future__ import annotations

import pytest

from engine.diagram import lint
from engine.diagram.mappings import mapped
from engine.diagram.xml import parse
from tests.engine.diagram.builders import (
    border,
    call,
    catch,
    end,
    file,
    flow,
    line,
    message,
    process,
    script,
    several,
    source,
    start,
    sub,
    timer,
    times,
    user,
    xor,
)
from tests.engine.diagram.playing import Play


def extended(inside: str) -> str:
    return f"<extensionElements>{inside}</extensionElements>"


def io(*parameters: str) -> str:
    return extended(f"<camunda:inputOutput>{''.join(parameters)}</camunda:inputOutput>")


def given(name: str, value: str) -> str:
    return f'<camunda:inputParameter name="{name}">{value}</camunda:inputParameter>'


def taken(name: str, value: str) -> str:
    return f'<camunda:outputParameter name="{name}">{value}</camunda:outputParameter>'


def zeebe(*parts: str) -> str:
    return extended(f"<zeebe:ioMapping>{''.join(parts)}</zeebe:ioMapping>")


BRANCH = (xor(default="g-small"), user("big"), user("small"), flow("g", "small"))


def branching(condition: str) -> tuple[str, ...]:
    return (*BRANCH, flow("g", "big", condition))


@pytest.mark.parametrize(
    "mapping",
    [
        io(taken("fee", "${amount * 2}")),
        io(taken("fee", "#{amount + amount}")),
        zeebe('<zeebe:output source="=amount * 2" target="fee"/>'),
    ],
)
def test_a_condition_reads_what_a_step_gave_out(mapping: str) -> None:
    drawn = file(start(), user("a", mapping), *branching("fee = 14"), line("s", "a", "g"))
    assert Play(drawn).do("a", amount=7).waiting == ["big"]
    assert Play(drawn).do("a", amount=8).waiting == ["small"]


@pytest.mark.parametrize(
    ("mapping", "condition"),
    [
        (io(given("size", "${amount}")), "size = 7"),
        (io(given("kind", "new one")), 'kind = "new one"'),
        (io(given("kind", "7")), 'kind = "7"'),
        (io(given("sizes", "<camunda:list><camunda:value>${amount}</camunda:value><camunda:value>x</camunda:value></camunda:list>")), 'sizes = [7, "x"]'),
        (io(given("of", '<camunda:map><camunda:entry key="a b">${amount}</camunda:entry></camunda:map>')), 'of = {"a b": 7}'),
        (zeebe('<zeebe:input source="=amount" target="size"/>'), "size = 7"),
        (zeebe('<zeebe:input source="fixed" target="kind"/>'), 'kind = "fixed"'),
        (io(given("size", "${nobody.ever.said}")), "size = null"),
    ],
)  # fmt: skip
def test_a_step_is_given_variables_before_it_begins(mapping: str, condition: str) -> None:
    drawn = file(start(), user("b"), sub("a", mapping, start("s1"), *branching(condition), line("s1", "g")), line("s", "b", "a"))  # fmt: skip
    assert Play(drawn).do("b", amount=7).waiting == ["big"]


def called(mapping: str) -> Play:
    first = process(start(), user("b"), call("c", "q", extended(mapping)), *branching("answer = 8"), line("s", "b", "c", "g"))  # fmt: skip
    other = process(start("qs"), script("w", "given = asked + 1"), end("qe"), line("qs", "w", "qe"), id_="q")
    return Play(file(first, other))


@pytest.mark.parametrize(
    "mapping",
    [
        '<camunda:in source="amount" target="asked"/><camunda:out source="given" target="answer"/>',
        '<camunda:in sourceExpression="${amount}" target="asked"/><camunda:out sourceExpression="${given}" target="answer"/>',
        '<flowable:in source="amount" target="asked"/><flowable:out source="given" target="answer"/>',
        '<camunda:in variables="all"/><camunda:in businessKey="#{execution.processBusinessKey}"/>'
        '<camunda:in source="amount" target="asked"/><camunda:out source="given" target="answer"/>',
        '<zeebe:ioMapping><zeebe:input source="=amount" target="asked"/><zeebe:output source="=given" target="answer"/>'
        "</zeebe:ioMapping>",
    ],
)
def test_a_called_procedure_is_given_variables_and_gives_some_back(mapping: str) -> None:
    assert called(mapping).do("b", amount=7).waiting == ["big"]


def test_what_an_event_brings_is_given_out_under_another_name() -> None:
    event = catch("m", zeebe('<zeebe:output source="=sum" target="fee"/>') + message("Paid"))
    drawn = file(start(), event, *branching("fee > 5"), line("s", "m", "g"))
    assert Play(drawn).come("m", sum=7).waiting == ["big"]


def test_flows_and_borders_of_the_step_stay_its_own() -> None:
    mapping = io(given("size", "${amount}"), taken("fee", "${amount}"))
    parts = (start(), user("b"), user("a", mapping, default="a-small"), border("t", "a", timer("PT1H")))
    ways = (user("big"), user("small"), user("late"), flow("a", "big", "fee = 7"), flow("a", "small"))
    drawn = file(*parts, *ways, line("s", "b", "a"), line("t", "late"))
    assert Play(drawn).do("b", amount=7).do("a").waiting == ["big"]
    assert Play(drawn).do("b", amount=8).do("a").waiting == ["small"]
    assert Play(drawn).do("b", amount=8).fire("t").waiting == ["late"]


def test_the_record_tells_of_the_step_alone() -> None:
    mapping = io(given("size", "${amount}"), taken("fee", "${amount}"))
    case = Play(file(start(), user("a", mapping), *branching("fee = size"), line("s", "a", "g"))).do("a", amount=1)
    assert case.passed == ["s", "a", "g"]


def vendors(body: str) -> set[str]:
    found = lint.findings(file(start(), body, end(), line("s", "a", "e")))
    return {one.rule.code for one in found if one.rule.code.startswith("vendor")}


def test_what_is_read_of_a_mapping_and_what_is_not_is_told() -> None:
    assert vendors(user("a", io(taken("fee", "${amount}")))) == {"vendor-understood"}
    assert vendors(user("a", io(given("x", "<camunda:script scriptFormat='groovy'>1</camunda:script>")))) == {"vendor-work-ignored"}  # fmt: skip


@pytest.mark.parametrize(
    ("node", "ignored"),
    [
        (user("a", io(given("x", "Dear ${name}"))), ("x",)),
        (user("a", io(given("x", "${bean.work(1)}"))), ("x",)),
        (user("a", io(given("a.b", "1"))), ("a.b",)),
        (user("a", zeebe('<zeebe:output source="=1" target="order.fee"/>')), ("order.fee",)),
        (user("a", io(given("x", "1")) + several(times(2))), ("x",)),
        (end("a", io(given("x", "1"))), ("x",)),
        (user("a", io(given("x", "<camunda:list><camunda:script>1</camunda:script></camunda:list>"))), ("x",)),
        (user("a", extended("<camunda:in source='' target='x'/>")), ("x",)),
    ],
)
def test_what_cannot_be_read_is_left_out_by_name(node: str, ignored: tuple[str, ...]) -> None:
    found = mapped(parse(source(start(), node))[0][1])
    assert found.ignored == ignored
    assert (found.before, found.after) == ((), ())


def test_a_variable_under_its_own_name_is_not_set_again() -> None:
    found = mapped(parse(source(user("a", io(given("x", "${x}"), taken("y", "${ y }")))))[0][0])
    assert (found.before, found.after, found.ignored) == ((), (), ())
