"""Scenarios as TOML: read from a file within limits, written so that a person can read it."""

from __future__ import annotations

import json
import math
import re
import tomllib
from collections.abc import Mapping, Sequence
from datetime import UTC, date, datetime, time
from typing import Any, Final

from engine.base.text import Name, Text, one_line
from engine.diagram.trial.refusals import NotAScenario, PayloadUnfit
from engine.diagram.trial.scenario import Beginning, Move, Scenario, ScenarioStep

MOST_BYTES: Final = 200_000
MOST_STEPS: Final = 500
MOST_NAME: Final = 200
MOST_PAYLOAD: Final = 10_000
_MOST_DEPTH: Final = 12
_MOST_TEXT: Final = 20_000
_HALF_SIGN: Final = re.compile("[\ud800-\udfff]")
_BARE: Final = re.compile(r"[A-Za-z0-9_-]+")

_TOO_LARGE: Final = Text("it is larger than {limit} kB", "超过 {limit} kB")
_UNREADABLE: Final = Text("it is not TOML ({detail})", "不是 TOML 格式（{detail}）")
_NO_TEXT: Final = Text("it is not text in UTF-8", "不是 UTF-8 文本")
_TOO_DEEP: Final = Text("something in it is nested too deeply", "其中的嵌套过深")
_LACKS: Final = Text("“{what}” is missing, or is not what it should be", "缺少“{what}”，或其内容不符合要求")
_NO_MOVE: Final = Text(
    "step {number} does not say what is done: complete, timer, message …", "第 {number} 步未写明动作：complete、timer、message 等"
)  # fmt: skip
_TOO_MANY: Final = Text("it has more than {most} steps", "环节超过 {most} 个")
_NO_VALUE: Final = Text("it holds a value that cannot be kept", "其中有无法保存的值")
_NO_OBJECT: Final = Text(
    "write names and values between braces, such as {example}", "请用花括号写出名称和值，例如 {example}"
)
_NO_JSON: Final = Text("it is not JSON (line {line}, sign {sign})", "不是 JSON 格式（第 {line} 行第 {sign} 个字符）")


def read(content: bytes) -> Scenario:
    """Raises NotAScenario."""
    if len(content) > MOST_BYTES:
        raise NotAScenario(why=_said(_TOO_LARGE, limit=MOST_BYTES // 1000))
    try:
        return from_told(tomllib.loads(content.decode("utf-8-sig")))
    except UnicodeDecodeError:
        raise NotAScenario(why=_NO_TEXT) from None
    except RecursionError:
        raise NotAScenario(why=_TOO_DEEP) from None
    except ValueError as fault:  # TOMLDecodeError, and numbers of thousands of digits
        raise NotAScenario(why=_said(_UNREADABLE, detail=one_line(str(fault))[:120])) from None


def from_told(whole: Mapping[str, Any]) -> Scenario:
    """Raises NotAScenario."""
    name, start, outcome = whole.get("name"), whole.get("start", {}), whole.get("outcome", {})
    steps = whole.get("step", [])
    if not isinstance(name, str) or not one_line(name):
        raise _lacks("name")
    for what, table in (("start", start), ("outcome", outcome)):
        if not isinstance(table, Mapping):
            raise _lacks(what)
    if not isinstance(steps, Sequence) or isinstance(steps, str):
        raise _lacks("step")
    if len(steps) > MOST_STEPS:
        raise NotAScenario(why=_said(_TOO_MANY, most=MOST_STEPS))
    ended, begun = outcome.get("ended", False), _instant(whole.get("begun"))
    if not isinstance(ended, bool):
        raise _lacks("ended")
    return Scenario(
        name=one_line(name)[:MOST_NAME],
        start=_beginning(start),
        steps=tuple(_step(number, one) for number, one in enumerate(steps, 1)),
        ended=ended,
        way=_words(outcome, "way") if "way" in outcome else None,
        begun=begun,
    )


def _instant(value: Any) -> datetime | None:
    if value is None:
        return None
    if isinstance(value, str):
        try:
            value = datetime.fromisoformat(value)
        except ValueError:
            raise _lacks("begun") from None
    if not isinstance(value, datetime):
        raise _lacks("begun")
    if not 1970 < value.year < 9000:  # a clock that can still go on
        raise _lacks("begun")
    return value.replace(tzinfo=UTC) if value.tzinfo is None else value.astimezone(UTC)


def _beginning(table: Mapping[str, Any]) -> Beginning:
    at = table.get("at")
    if at is not None and not isinstance(at, str):
        raise _lacks("at")
    return Beginning(
        answers=_answers(table, "answers"),
        chosen=_chosen(table),
        at=at,
        then=_words(table, "then") if "then" in table else None,
        trouble=_words(table, "trouble"),
    )


def _step(number: int, table: Any) -> ScenarioStep:
    moves = [move for move in Move if isinstance(table, Mapping) and move in table]
    if len(moves) != 1 or not isinstance(table[moves[0]], str):
        raise NotAScenario(why=_said(_NO_MOVE, number=number))
    move = moves[0]
    item = table.get("item")
    if item is not None and not isinstance(item, str):
        raise _lacks("item")
    return ScenarioStep(
        move=move,
        element=table[move],
        answers=_answers(table, _brought(move)),
        chosen=_chosen(table),
        then=_words(table, "then"),
        trouble=_words(table, "trouble"),
        item=item,
    )


def _brought(move: Move) -> str:
    return "payload" if move in (Move.MESSAGE, Move.SIGNAL, Move.CONDITION) else "answers"


def _words(table: Mapping[str, Any], what: str) -> tuple[str, ...]:
    found = table.get(what, [])
    if isinstance(found, str) or not isinstance(found, Sequence) or not all(isinstance(one, str) for one in found):
        raise _lacks(what)
    return tuple(found)


def _chosen(table: Mapping[str, Any]) -> dict[str, tuple[str, ...]]:
    found = table.get("chosen", {})
    if not isinstance(found, Mapping):
        raise _lacks("chosen")
    return {gateway: _words(found, gateway) for gateway in found}


def _answers(table: Mapping[str, Any], what: str) -> dict[str, Any]:
    found = table.get(what, {})
    if not isinstance(found, Mapping):
        raise _lacks(what)
    return {key: _kept(value, 0) for key, value in found.items()}


def _kept(value: Any, depth: int) -> Any:
    """As JSON has it. Raises NotAScenario."""
    if depth > _MOST_DEPTH:
        raise NotAScenario(why=_TOO_DEEP)
    if isinstance(value, Mapping):
        return {_kept(key, depth): _kept(one, depth + 1) for key, one in value.items()}
    if isinstance(value, list | tuple):
        return [_kept(one, depth + 1) for one in value]
    if isinstance(value, datetime | date | time):
        return value.isoformat()
    if not _is_plain(value):
        raise NotAScenario(why=_NO_VALUE)
    return value


def _is_plain(value: Any) -> bool:
    match value:
        case None | bool():
            return True
        case str():
            return len(value) <= _MOST_TEXT and not _HALF_SIGN.search(value)
        case int():
            return abs(value) < 2**63
        case float():
            return math.isfinite(value)
    return False


def _lacks(what: str) -> NotAScenario:
    return NotAScenario(why=_said(_LACKS, what=what))


def _said(sentence: Text, **facts: Any) -> Text:
    return Name(sentence.say("en", **facts), sentence.say("zh", **facts))


def payload(written: str) -> dict[str, Any]:
    """What a message brings, as a person writes it: JSON between braces, or nothing. Raises PayloadUnfit."""
    if not written.strip():
        return {}
    if len(written) > MOST_PAYLOAD:
        raise PayloadUnfit(why=_said(_TOO_LARGE, limit=MOST_PAYLOAD // 1000))
    try:
        found = json.loads(written)
        kept = _kept(found, 0)
    except json.JSONDecodeError as fault:
        raise PayloadUnfit(why=_said(_NO_JSON, line=fault.lineno, sign=fault.colno)) from None
    except RecursionError:
        raise PayloadUnfit(why=_TOO_DEEP) from None
    except NotAScenario as refusal:
        raise PayloadUnfit(why=refusal.facts["why"]) from None
    except ValueError:  # a number of thousands of digits
        raise PayloadUnfit(why=_NO_VALUE) from None
    if not isinstance(kept, dict):
        raise PayloadUnfit(why=_said(_NO_OBJECT, example='"approved": true'))
    return kept


def told(scenario: Scenario) -> dict[str, Any]:
    """As the file has it; what is not said is left out."""
    start = scenario.start
    whole: dict[str, Any] = {"name": scenario.name}
    if scenario.begun is not None:
        whole["begun"] = scenario.begun.isoformat()
    whole["start"] = _said_only(
        at=start.at, then=None if start.then is None else list(start.then), trouble=list(start.trouble) or None,
        chosen={key: list(flows) for key, flows in start.chosen.items()} or None, answers=_without_none(start.answers),
    )  # fmt: skip
    whole["step"] = [_step_told(one) for one in scenario.steps]
    whole["outcome"] = _said_only(ended=scenario.ended, way=None if scenario.way is None else list(scenario.way))
    return whole


def _step_told(one: ScenarioStep) -> dict[str, Any]:
    return {
        str(one.move): one.element,
        **_said_only(
            item=one.item,
            then=list(one.then),
            trouble=list(one.trouble) or None,
            chosen={key: list(flows) for key, flows in one.chosen.items()} or None,
        ),
        **({_brought(one.move): _without_none(one.answers)} if one.answers else {}),
    }


def _said_only(**facts: Any) -> dict[str, Any]:
    return {key: value for key, value in facts.items() if value is not None}


def _without_none(value: Any) -> Any:
    """TOML has no null: what was left blank is not told."""
    if isinstance(value, Mapping):
        return {key: _without_none(one) for key, one in value.items() if one is not None}
    if isinstance(value, list | tuple):
        return [_without_none(one) for one in value if one is not None]
    return value


def write(scenario: Scenario) -> bytes:
    """The same as a TOML file, which `read` takes back."""
    whole = told(scenario)
    lines = [f"{key} = {_value(whole[key])}" for key in ("name", "begun") if key in whole]
    lines += _table("start", whole["start"], "answers")
    for one in whole["step"]:
        brought = "payload" if "payload" in one else "answers"
        lines += ["", "[[step]]", *_table_lines(one, brought)]
        if one.get(brought):
            lines += ["", f"[step.{brought}]", *_table_lines(one[brought])]
    lines += ["", "[outcome]", *_table_lines(whole["outcome"])]
    return ("\n".join(lines) + "\n").encode()


def _table(name: str, table: Mapping[str, Any], apart: str) -> list[str]:
    own = _table_lines(table, apart)
    lines = ["", f"[{name}]", *own] if own or not table[apart] else []
    if table[apart]:
        lines += ["", f"[{name}.{apart}]", *_table_lines(table[apart])]
    return lines


def _table_lines(table: Mapping[str, Any], without: str = "") -> list[str]:
    return [f"{_key(key)} = {_value(value)}" for key, value in table.items() if key != without]


def _key(name: str) -> str:
    return name if _BARE.fullmatch(name) else _text(name)


def _text(words: str) -> str:
    """JSON's way of writing text is TOML's, but for one sign."""
    return json.dumps(words, ensure_ascii=False).replace("\x7f", "\\u007F")


def _value(value: Any) -> str:
    match value:
        case bool():
            return "true" if value else "false"
        case str():
            return _text(value)
        case Mapping():
            inside = ", ".join(f"{_key(key)} = {_value(one)}" for key, one in value.items())
            return f"{{ {inside} }}" if inside else "{}"
        case list() | tuple():
            return f"[{', '.join(_value(one) for one in value)}]"
    return repr(value)


def key_of(name: str) -> str:
    """A name for the file, of letters and digits of the scenario's name: for one that came with no file."""
    plain = re.sub(r"[^a-z0-9]+", "_", name.lower()).strip("_")
    return plain[:40].strip("_") or "scenario"
