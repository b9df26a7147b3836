"""Whether what conditions, scripts and tables ask for is known by then, and is of the kind they take it for."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator
from difflib import get_close_matches
from itertools import islice
from typing import Final

from engine.base.text import Name, Text
from engine.diagram.checked import Checked, listed
from engine.diagram.decisions import Decisions
from engine.diagram.language.asked import Comparison, Kind, Operand
from engine.diagram.passages import passages
from engine.diagram.rules.forms import answers, attached
from engine.diagram.shape import Finding, Rule, Severity
from engine.diagram.variables import Reaching, Sources, Use, reaching, sources, uses
from engine.diagram.variables.uses import TABLE

VARIABLE_UNKNOWN: Final = Rule(
    "variable-unknown",
    Severity.ATTENTION,
    Text(
        en="{where} of “{name}” (line {line}) asks for “{variable}”, which no form, script, table or message ever "
        "sets{also}. A case stops there.",
        zh="“{name}”（第 {line} 行）的{where}用到“{variable}”，但没有任何表单、脚本、决策表或消息为其赋值{also}。办件将停在此处。",
    ),
    Text(
        en="{hint}Correct the name, or ask for it in the form of a step that comes before.",
        zh="{hint}请更正名称，或在之前某一环节的表单中询问。",
    ),
)
VARIABLE_NOT_YET_SET: Final = Rule(
    "variable-not-yet-set",
    Severity.ATTENTION,
    Text(
        en="{where} of “{name}” (line {line}) asks for “{variable}”, which {how}. {setters} sets it.",
        zh="“{name}”（第 {line} 行）的{where}用到“{variable}”，但该值{how}。为其赋值的是：{setters}。",
    ),
    Text(
        en="Ask for it on every way that leads there, give it a first value in a script, or draw the decision later.",
        zh="请在通往此处的每条路径上询问该值，或先用脚本赋予初值，或将判断移到其后。",
    ),
)
TYPE_CLASH: Final = Rule(
    "type-clash",
    Severity.ATTENTION,
    Text(
        en="{where} of “{name}” (line {line}) takes “{variable}” for {wanted}, but it is {kind}. {then}",
        zh="“{name}”（第 {line} 行）的{where}把“{variable}”当作{wanted}，而它是{kind}。{then}",
    ),
    Text(
        en="Compare like with like: numbers without quotation marks, texts and options with them, boxes with true or false.",
        zh="请使两边类型一致：数字不加引号，文本和选项加引号，勾选框与 true 或 false 比较。",
    ),
)
ANSWER_NEVER_GIVEN: Final = Rule(
    "answer-never-given",
    Severity.ATTENTION,
    Text(
        en="{where} of “{name}” (line {line}) waits for the answer “{value}” to “{variable}”, which offers only {options}.",
        zh="“{name}”（第 {line} 行）的{where}等待“{variable}”的答案为“{value}”，但该字段只提供{options}。",
    ),
    Text(
        en="{hint}Write the value of one of the options, as the form keeps it; or add the option to the form.",
        zh="{hint}请填写表单所存的某个选项值，或在表单中增加该选项。",
    ),
)

_KINDS: Final[dict[Kind, Text]] = {
    "number": Text(en="a number", zh="数字"),
    "text": Text(en="a text", zh="文本"),
    "yes/no": Text(en="yes or no", zh="是或否"),
    "list": Text(en="a list", zh="列表"),
    "date": Text(en="a date or time", zh="日期或时间"),
}
_TYPES: Final[dict[str, Kind]] = {"number": "number", "string": "text", "boolean": "yes/no"}
_ALIKE: Final = ({"text", "date"},)
_MOST_HINTS: Final = 20
_MOST_KNOWN: Final = 500
_MOST_TOLD: Final = 200  # more help nobody
_NEVER: Final = Text(en="is set only after it", zh="要到其后才会赋值")
_SOMETIMES: Final = Text(en="is not set on every way that leads there", zh="并非在通往此处的每条路径上都已赋值")
_NEITHER: Final = Text(en="A case stops there.", zh="办件将停在此处。")
_UNEQUAL: Final = Text(en="The two are never equal.", zh="两者永远不会相等。")
_NOTHING: Final = Text(en="", zh="")


def findings(all_of: Checked) -> Iterator[Finding]:
    found = sources(all_of)
    ways = passages(all_of)
    asked_for = list(uses(all_of, ways, found))
    if asked_for:
        yield from _unset(all_of, asked_for, found, reaching(all_of, ways, found))
        yield from _clashes(all_of, asked_for, found)
    yield from answers(all_of, found, {name for use in asked_for for name in use.asked.names})
    yield from attached(all_of)


def _unset(all_of: Checked, asked_for: Iterable[Use], found: Sources, known: Reaching) -> Iterator[Finding]:
    unknown: dict[str, list[Use]] = {}
    told: set[tuple[str, str]] = set()
    for use in asked_for:
        for name in sorted(use.needed):
            if known.ever_anything(use.at, use.done) or known.always_set(name, use.at, use.done):
                continue
            if not known.is_known(name):
                unknown.setdefault(name, []).append(use)
            elif (use.element, name) not in told:
                told.add((use.element, name))
                yield _late(all_of, use, name, found, known)
    for position, (name, several) in enumerate(islice(unknown.items(), _MOST_TOLD)):
        first, rest = several[0], {use.element for use in several} - {several[0].element}
        also = (
            Name(en=f" ({len(rest)} more places ask for it)", zh=f"（另有 {len(rest)} 处用到）") if rest else _NOTHING
        )
        hint = _hint(name, found.by_name) if position < _MOST_HINTS else _NOTHING
        yield all_of.finding(
            VARIABLE_UNKNOWN, first.element, where=_capital(first.where), variable=name, also=also, hint=hint
        )


def _late(all_of: Checked, use: Use, name: str, found: Sources, known: Reaching) -> Finding:
    how = _SOMETIMES if known.ever_set(name, use.at, use.done) else _NEVER
    setters = listed(dict.fromkeys(all_of.called(one.element) for one in found.by_name[name]))
    where = _capital(use.where)
    return all_of.finding(VARIABLE_NOT_YET_SET, use.element, where=where, variable=name, how=how, setters=setters)


def _hint(name: str, known: Collection[str], alike: float = 0.7) -> Text:
    near = get_close_matches(name, known, 1, alike) if len(known) <= _MOST_KNOWN else []
    return Name(en=f"Is “{near[0]}” meant? ", zh=f"是否指“{near[0]}”？") if near else _NOTHING


def _capital(where: Text) -> Text:
    return Name(en=where.en[0].upper() + where.en[1:], zh=where.zh)


def _clashes(all_of: Checked, asked_for: Iterable[Use], found: Sources) -> Iterator[Finding]:
    told: set[tuple[str, str, str]] = set()
    for use in asked_for:
        made = [_of_table(all_of, use, found.tables, found)] if use.where is TABLE else []
        for one in use.asked.comparisons:
            made += [_clash(all_of, use, one, found), _never(all_of, use, one, found)]
        for finding in made:
            if finding is not None:
                key = finding.rule.code, use.element, str(finding.facts["variable"])
                if key not in told:
                    told.add(key)
                    yield finding


def _kind(one: Operand, found: Sources) -> Kind | None:
    return one.kind if one.name is None else found.kind(one.name)


def _differ(one: Kind | None, other: Kind | None) -> bool:
    if one is None or other is None or one == other:
        return False
    return {one, other} not in _ALIKE


def _clash(all_of: Checked, use: Use, compared: Comparison, found: Sources) -> Finding | None:
    left, right = compared.left, compared.right
    if left.name is None:
        left, right = right, left
    kind, wanted = _kind(left, found), _kind(right, found)
    if left.name is None or kind is None or wanted is None or not _differ(kind, wanted):
        return None
    then = _UNEQUAL if compared.sign in ("=", "!=") else _NEITHER
    facts = {"variable": left.name, "kind": _KINDS[kind], "wanted": _KINDS[wanted], "then": then}
    return all_of.finding(TYPE_CLASH, use.element, where=_capital(use.where), **facts)


def _never(all_of: Checked, use: Use, compared: Comparison, found: Sources) -> Finding | None:
    left, right = compared.left, compared.right
    if left.name is None:
        left, right = right, left
    if left.name is None or right.value is None or compared.sign not in ("=", "!="):
        return None
    options = found.options(left.name)
    if options is None or right.value in options:
        return None
    hint = _hint(right.value, options, 0.6)
    facts = {"variable": left.name, "value": right.value, "options": listed(sorted(options)), "hint": hint}
    return all_of.finding(ANSWER_NEVER_GIVEN, use.element, where=_capital(use.where), **facts)


def _of_table(all_of: Checked, use: Use, tables: Decisions | None, found: Sources) -> Finding | None:
    """What a table says the kind of its inputs is."""
    if tables is None:
        return None
    told = [(one.name, one.type) for one in tables.inputs.values()]
    table = tables.decisions[use.source].table
    told += [(one.source, one.type) for one in table.columns] if table is not None else []
    for name, type_ in told:
        wanted = _TYPES.get(type_.kind) if type_ is not None else None
        kind = found.kind(name) if name in use.needed else None
        if kind is not None and wanted is not None and _differ(kind, wanted):
            facts = {"variable": name, "kind": _KINDS[kind], "wanted": _KINDS[wanted], "then": _NEITHER}
            return all_of.finding(TYPE_CLASH, use.element, where=_capital(use.where), **facts)
    return None
