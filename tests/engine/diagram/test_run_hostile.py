"""Whatever a stranger draws: it is refused with a reason, or it runs; nothing else comes out."""

from __future__ import annotations

import os
import random
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from engine.diagram import run
from engine.diagram.read import NotADrawing, read
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

TRIGGERS = (timer("P1D"), cycle("R/P1D"), timer("x"), message("M"), signal("S"), condition("x > 1"), error("E"), escalation("X"), link("L"), terminate(), "")  # fmt: skip
KINDS = ("task", "userTask", "serviceTask", "receiveTask", "sendTask", "exclusiveGateway", "inclusiveGateway", "parallelGateway", "eventBasedGateway", "complexGateway", "callActivity", "businessRuleTask")  # fmt: skip
EXPRESSIONS = (None, None, "x > 1", "x = 1", "true", "x >< 1", "1 + 1", "nobody")


def scope(chance: random.Random, prefix: str, depth: int) -> str:
    """Nodes of every kind, and flows between any of them."""
    names = [f"{prefix}n{number}" for number in range(chance.randint(1, 7))]
    into = list(names)
    parts = [node(chance, name, depth) for name in names]
    parts += [start(f"{prefix}s", chance.choice(TRIGGERS))] * (chance.random() < 0.8)
    names += [f"{prefix}s"]
    for number in range(chance.randint(0, 2)):
        parts.append(
            border(
                f"{prefix}b{number}", chance.choice(names), chance.choice(TRIGGERS), interrupting=chance.random() < 0.5
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
        make = handler if chance.random() < 0.4 else sub
        return make(name, repeated * (make is sub), scope(chance, name, depth - 1))
    if pick < 0.35:
        return chance.choice([catch, throw, end])(name, chance.choice(TRIGGERS))
    if pick < 0.4:
        return script(name, chance.choice(["x = 1", "x = x + 1", "import os", ""]))
    if pick < 0.6:
        return user(name, repeated)
    kind = chance.choice(KINDS)
    return step(kind, name, repeated * (not kind.endswith("Gateway")), calledElement="p")


@settings(max_examples=300, deadline=None)
@given(st.integers(0, 10**9))
def test_any_tangle_of_elements_is_refused_or_runs(seed: int) -> None:
    chance = random.Random(seed)
    drawn = file(scope(chance, "", 2))
    try:
        model = run.model(drawn, process="p", ask=[one for one in drawn.flows if chance.random() < 0.3])
    except run.CannotRun as refused:
        assert refused.facts["element"]
        assert str(refused)
        return
    for attempt in range(3):
        walk(model, seed + attempt, most=40)


FOLDER = Path(__file__).parents[2] / "diagrams"


@pytest.mark.parametrize("path", sorted(FOLDER.glob("*.bpmn")), ids=lambda path: path.stem)
def test_each_faulty_diagram_is_refused_or_runs(path: Path) -> None:
    try:
        drawn = read(path.read_bytes(), path.name)
    except NotADrawing:
        return
    for name in drawn.processes:
        try:
            model = run.model(drawn, process=name)
        except run.CannotRun as refused:
            assert refused.facts["element"]
            continue
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
        for part in (script("c", written), script("c", f"x = {written}"), catch("c", timer(written)), catch("c", condition(written)), user("c", several(times("1").replace(">1<", f">{_escaped(written)}<"))), user("c", again(written))):  # fmt: skip
            model = run.model(file(start(), part, user("z"), line("s", "c", "z")), process="p")
            walk(model, 1, most=10)
        with pytest.raises(run.CannotRun):
            model = run.model(file(start(), step("exclusiveGateway", "g", default="g-z"), user("y"), user("z"), line("s", "g"), flow("g", "y", written), flow("g", "z")), process="p")  # fmt: skip
            assert any(one.troubles for one in walk(model, 1, most=5).positions)
            raise run.CannotRun(name="g", element="g", why="it is trouble when it is reached")
    assert not mark.exists()
    assert "officium-hostile" not in os.environ


def _escaped(text: str) -> str:
    return text.replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;")
