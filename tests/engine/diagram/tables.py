"""Decision files for tests, written short."""

from __future__ import annotations

from collections.abc import Sequence
from xml.sax.saxutils import escape, quoteattr

MODEL = "https://www.omg.org/spec/DMN/20191111/MODEL/"


def text(source: str) -> str:
    return f"<text>{escape(source)}</text>"


def table(
    inputs: Sequence[str],
    outputs: Sequence[str],
    rules: Sequence[Sequence[str]],
    *,
    policy: str = "UNIQUE",
    aggregation: str = "",
    values: Sequence[str] = (),
    defaults: Sequence[str] = (),
    types: Sequence[str] = (),
) -> str:
    """Each rule: the cells of its inputs, then of its outputs. `types` are those of the inputs."""
    more = f" aggregation={quoteattr(aggregation)}" if aggregation else ""
    rows = []
    for place, source in enumerate(inputs):
        type_ = f" typeRef={quoteattr(types[place])}" if types else ""
        rows.append(f"<input><inputExpression{type_}>{text(source)}</inputExpression></input>")
    for place, name in enumerate(outputs):
        order = f"<outputValues>{text(values[place])}</outputValues>" if values else ""
        default = f"<defaultOutputEntry>{text(defaults[place])}</defaultOutputEntry>" if defaults else ""
        rows.append(f"<output name={quoteattr(name)}>{order}{default}</output>")
    for rule in rules:
        cells = [f"<inputEntry>{text(cell)}</inputEntry>" for cell in rule[: len(inputs)]]
        cells += [f"<outputEntry>{text(cell)}</outputEntry>" for cell in rule[len(inputs) :]]
        rows.append(f"<rule>{''.join(cells)}</rule>")
    joined = "\n".join(rows)
    return f"<decisionTable hitPolicy={quoteattr(policy)}{more}>\n{joined}\n</decisionTable>"


def literal(source: str) -> str:
    return f"<literalExpression>{text(source)}</literalExpression>"


def decision(id_: str, logic: str, *, name: str = "", type_: str = "", requires: Sequence[str] = ()) -> str:
    """`requires`: ids led by `decision:`, `input:` or `knowledge:`."""
    tags = {
        "decision": ("informationRequirement", "requiredDecision"),
        "input": ("informationRequirement", "requiredInput"),
        "knowledge": ("knowledgeRequirement", "requiredKnowledge"),
    }
    lines = []
    for required in requires:
        kind, _colon, target = required.partition(":")
        outer, inner = tags[kind]
        lines.append(f"<{outer}><{inner} href={quoteattr('#' + target)}/></{outer}>")
    typed = f" typeRef={quoteattr(type_)}" if type_ else ""
    shown = quoteattr(name or id_)
    return (
        f"<decision id={quoteattr(id_)} name={shown}>\n<variable name={shown}{typed}/>\n"
        f"{''.join(lines)}\n{logic}\n</decision>"
    )


def input_(id_: str, *, name: str = "", type_: str = "") -> str:
    typed = f" typeRef={quoteattr(type_)}" if type_ else ""
    shown = quoteattr(name or id_)
    return f"<inputData id={quoteattr(id_)} name={shown}><variable name={shown}{typed}/></inputData>"


def dmn(*parts: str, model: str = MODEL) -> bytes:
    body = "\n".join(parts)
    return f'<definitions xmlns="{model}" id="file" name="file" namespace="urn:test">\n{body}\n</definitions>'.encode()
