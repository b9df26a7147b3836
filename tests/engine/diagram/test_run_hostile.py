"""Whatever a stranger draws: it is refused with a reason, or it runs; nothing else comes out."""

from __future__ import annotations

import random
from collections.abc import Callable, Collection
from importlib.resources import files
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from engine.diagram import run
from engine.diagram.read import read
from engine.diagram.shape import Diagram
from tests.engine.diagram.builders import (
    again,
    border,
    catch,
    condition,
    cycle,
    end,
    error,
    escalation,
    file,
    flow,
    handler,
    line,
    link,
    message,
    script,
    several,
    signal,
    start,
    step,
    sub,
    terminate,
    throw,
    timer,
    times,
    user,
)
from tests.engine.diagram.walker import walk
from tests.thorough import examples

TRIGGERS = (timer("P1D"), cycle("R/P1D"), timer("x"), message("M"), signal("S"), condition("x > 1"), error("E"), escalation("X"), link("L"), terminate(), "")  # fmt: skip
FITTING = {
    start: (timer("P1D"), message("M"), signal("S"), condition("x > 1"), "", "", ""),
    catch: (timer("P1D"), timer("x"), message("M"), signal("S"), condition("x > 1"), link("L")),
    throw: (message("M"), signal("S"), escalation("X"), ""),
    end: (message("M"), signal("S"), escalation("X"), error("E"), terminate(), ""),
    border: (
        timer("P1D"),
        cycle("R/P1D"),
        message("M"),
        signal("S"),
        condition("x > 1"),
        error("E"),
        escalation("X"),
        error(),
    ),
}
KINDS = ("task", "userTask", "serviceTask", "receiveTask", "sendTask", "exclusiveGateway", "inclusiveGateway", "parallelGateway", "eventBasedGateway", "complexGateway", "callActivity", "businessRuleTask")  # fmt: skip
SOUND = ("task", "userTask", "receiveTask", "sendTask", "exclusiveGateway", "inclusiveGateway", "parallelGateway")
EXPRESSIONS = (None, None, "x > 1", "x = 1", "true", "x > 1", "x = 1", "1 + 1", "nobody", "x >< 1")


def trigger(chance: random.Random, make: object) -> str:
    return chance.choice(FITTING[make] if chance.random() < 0.98 else TRIGGERS)  # type: ignore[index]


def scope(chance: random.Random, prefix: str, depth: int) -> str:
    """Nodes of every kind, and flows between any of them."""
    names = [f"{prefix}n{number}" for number in range(chance.randint(1, 7))]
    into = list(names)
    parts = [node(chance, name, depth) for name in names]
    parts += [start(f"{prefix}s", trigger(chance, start))] * (chance.random() < 0.8)
    names += [f"{prefix}s"]
    for number in range(chance.randint(0, 2)):
        parts.append(
            border(
                f"{prefix}b{number}", chance.choice(names), trigger(chance, border), interrupting=chance.random() < 0.5
            )
        )
        names.append(f"{prefix}b{number}")
    for number in range(chance.randint(len(names) // 2, len(names) * 2)):
        parts.append(
            flow(
                chance.choice(names),
                chance.choice(into if chance.random() < 0.97 else names),
                chance.choice(EXPRESSIONS),
                f"{prefix}f{number}",
            )
        )
    if names:
        parts.append(line(f"{prefix}s", names[0]))
    return "".join(parts)


def node(chance: random.Random, name: str, depth: int) -> str:
    repeated = chance.choice(
        ["", "", "", several(times(2)), again("x = 1", loopMaximum="2"), several(times("x"), sequential=True)]
    )
    pick = chance.random()
    if depth and pick < 0.2:
        outer = handler if chance.random() < 0.4 else sub
        inside = scope(chance, name, depth - 1)
        if outer is handler and chance.random() < 0.9:
            inside = start(f"{name}on", trigger(chance, border), isInterrupting=chance.choice(["true", "false"])) + user(f"{name}in") + line(f"{name}on", f"{name}in")  # fmt: skip
        return outer(name, repeated * (outer is sub), inside)
    if pick < 0.35:
        make: Callable[[str, str], str] = chance.choice([catch, catch, throw, throw, end])
        return make(name, trigger(chance, make))
    if pick < 0.4:
        return script(name, chance.choice(["x = 1", "x = x + 1", "import os", ""]))
    if pick < 0.6:
        return user(name, repeated)
    kind = chance.choice(KINDS if chance.random() < 0.1 else SOUND)
    return step(kind, name, repeated * (not kind.endswith("Gateway")), calledElement="p")


def made(drawn: Diagram, name: str, ask: Collection[str] = ()) -> run.Model | None:
    """None where it is refused, which says at which element and why."""
    try:
        return run.model(drawn, process=name, ask=ask)
    except run.CannotRun as refused:
        said = refused
    assert said.facts["element"]
    assert said.say("en") != said.say("zh")
    return None


@settings(max_examples=examples(150), deadline=None)
@given(st.integers(0, 10**9))
def test_any_tangle_of_elements_is_refused_or_runs(seed: int) -> None:
    chance = random.Random(seed)
    drawn = file(scope(chance, "", 2))
    model = made(drawn, "p", [one for one in drawn.flows if chance.random() < 0.3])
    if model is not None:
        walk(model, seed, most=25)


FOLDER = Path(str(files("engine.diagram.rules"))) / "examples"


def test_each_faulty_diagram_is_refused_or_runs() -> None:
    paths = sorted(FOLDER.glob("*.bpmn"))
    assert paths
    for path in paths:
        drawn = read(path.read_bytes(), path.name)
        for name in drawn.processes:
            model = made(drawn, name)
            if model is not None:
                walk(model, 1, most=60)


@pytest.mark.parametrize(
    "hostile",
    [
        "__import__('os').popen('id').read()",
        "().__class__.__base__.__subclasses__()",
        "open('/etc/passwd').read()",
        "[x for x in iter(int, 1)]",
        "9**9**9",
        "exec('x = 1')",
    ],
)
def test_python_in_a_diagram_is_never_run(hostile: str, tmp_path: Path) -> None:
    mark = tmp_path / "was here"
    code = f"__import__('pathlib').Path({str(mark)!r}).touch()"
    for written in (hostile, code):
        for part in (
            script("c", written),
            script("c", f"x = {written}"),
            catch("c", timer(written)),
            catch("c", condition(written)),
            user("c", several(times(_escaped(written)))),
            user("c", again(written)),
        ):
            model = run.model(file(start(), part, user("z"), line("s", "c", "z")), process="p")
            walk(model, 1, most=10)
        gateway = step("exclusiveGateway", "g", default="g-z")
        flows = line("s", "g") + flow("g", "y", written) + flow("g", "z")
        decided = made(file(start(), gateway, user("y"), user("z"), flows), "p")
        if decided is not None:
            assert walk(decided, 1, most=1).positions[0].troubles
    assert not mark.exists()


def _escaped(text: str) -> str:
    return text.replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;")
