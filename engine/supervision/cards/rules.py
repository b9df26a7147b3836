"""What is allowed with cards and with the table of rules that gives them. Pure."""

from __future__ import annotations

import re
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import replace
from typing import Any, Final

import orjson

from engine.base.errors import NotAllowed, Overtaken, Refusal
from engine.base.frozen import frozen
from engine.base.text import Name, Text, one_line
from engine.organisation.rules import Actor, Right
from engine.supervision.cards.conditions import Condition, condition
from engine.supervision.cards.facts import Subject
from engine.supervision.cards.kinds import Kind
from engine.supervision.cards.proving import Verdict, judged

MOST_RULES: Final = 60
MOST_NAME: Final = 80
MOST_CONDITION: Final = 500
MOST_WORDS: Final = 2000
MOST_LEVEL: Final = 5


@frozen
class Rule:
    """One row of the table. `level`: of an escalation, how many posts up the line; 0 for a card."""

    key: str
    name: Name
    about: Subject
    kind: Kind
    condition: str
    level: int = 0
    on: bool = True

    def read(self) -> Condition:
        return condition(self.condition, self.about)


class CellFault(Refusal):
    """Row {row}: {why}"""

    zh = "第 {row} 行：{why}"


class RowFaults(Refusal):
    """The table cannot be saved yet: {count} cells need your attention. They are marked below."""

    zh = "规则表暂不能保存：有 {count} 处需要修改，已在下方标出。"

    def __init__(self, *, faults: Mapping[tuple[int, str], Refusal]) -> None:
        self.faults = faults
        super().__init__(count=len(faults))


class RuleNameMissing(Refusal):
    """The rule needs a name in English and one in Chinese, of at most {most} characters each."""

    zh = "规则需要英文名称和中文名称，各不超过 {most} 字。"


class RuleNameTaken(Refusal):
    """Another rule has this name already: who gets a card must know by which rule."""

    zh = "已有另一条规则使用此名称：收到黄红牌的人应当知道依据哪条规则。"


class NeverFires(Refusal):
    """This rule can never fire: {how}. Correct the condition, or remove the rule."""

    zh = "此规则永远不会触发：{how}。请更正条件或删除该规则。"


class ConditionTooLong(Refusal):
    """Write the condition in at most {most} characters."""

    zh = "请将条件控制在 {most} 个字符以内。"


class LevelUnfit(Refusal):
    """An escalation goes 1 to {most} posts up the line; a card has no level."""

    zh = "上报可逐级上报 1 至 {most} 级；黄红牌没有级别。"


class TooManyRules(Refusal):
    """The table may hold at most {most} rules. Remove those that nobody needs."""

    zh = "规则表最多 {most} 条规则。请删除不再需要的规则。"


class WhyChanged(Refusal):
    """Say in a sentence why the rules change: it stands with the version, in the record."""

    zh = "请用一句话说明为何修改规则：将随版本写入记录。"


class NothingChanged(Refusal):
    """The table is as it stands already, so there is nothing to save."""

    zh = "规则表没有变化，无需保存。"


class SavedMeanwhile(Overtaken):
    """Version {version} of the rules was saved meanwhile. What you typed still stands here: look at what version {version} changed; saving once more replaces it."""

    zh = "他人已保存规则表第 {version} 版。您填写的内容仍保留在此：请先查看第 {version} 版的修改；再次保存将以此处内容替换该版本。"


class CardAnswered(Overtaken):
    """This was answered by {person} on {at} already."""

    zh = "{person}已于 {at} 作出说明。"


class CardLifted(Overtaken):
    """This card was lifted by {person} on {at}: nothing more is to be done with it."""

    zh = "该牌已由{person}于 {at} 撤销，无需再处理。"


class AnswerWordsMissing(Refusal):
    """Say in a sentence what happened and what is done about it, in at most {most} characters: it goes into the record."""

    zh = "请说明情况和处理措施（不超过 {most} 字）：将写入记录。"


class LiftReasonMissing(Refusal):
    """Say in a sentence why the card is lifted, in at most {most} characters: it goes into the record."""

    zh = "请说明撤销理由（不超过 {most} 字）：将写入记录。"


class NotYoursToAnswer(NotAllowed):
    """This is answered by the post it went to, “{post}”, which you do not hold."""

    zh = "此牌由收牌岗位“{post}”作出说明，您不在该岗位。"


class OwnCard(NotAllowed):
    """Nobody lifts a card that went to their own post, or to one below it. Ask another supervision officer."""

    zh = "不得撤销发给本人岗位或下级岗位的牌。请由其他效能监察人员办理。"


class NotLifted(Refusal):
    """An escalation is not lifted: it is answered by the post it went to."""

    zh = "上报不能撤销，由收到上报的岗位答复。"


FOR_INSPECTORS: Final = Text(
    en="the rules of cards are the supervision office's, and so is lifting a card",
    zh="黄红牌规则及撤销由效能监察岗位负责",
)
NEVER: Final = Text(
    "no facts that can be together make it true ({tried} combinations tried)",
    "没有任何可能的事实组合使其成立（已试 {tried} 种）",
)
NONE_FOUND: Final = Text(
    "no facts were found that make it true in {tried} combinations; compare each fact with a number by itself",
    "在 {tried} 种组合中未找到使其成立的事实；请将每个事实单独与数值比较",
)


def must_inspect(actor: Actor) -> None:
    if not actor.may(Right.INSPECT):
        raise NotAllowed(why=FOR_INSPECTORS)


def may_answer(actor: Actor, post_id: int, procedure_id: int) -> bool:
    """Holders of the post it went to, and whoever stands in for them there."""
    return post_id in actor.post_ids or any(one.covers(post_id, procedure_id) for one in actor.stands_in)


def must_not_be_addressed(actor: Actor, posts: Collection[int | None], person_id: int | None) -> None:
    """Neither of the post, nor of the one above it, nor in the stead of either: nobody judges in their own matter."""
    theirs = actor.post_ids | {post.post_id for one in actor.stands_in for post in one.posts}
    if person_id == actor.person_id or theirs & {one for one in posts if one is not None}:
        raise OwnCard()


def fit_words(words: str, lacking: type[Refusal]) -> str:
    said = "\n".join(one_line(line) for line in words.strip().splitlines()).strip()
    if not said or len(said) > MOST_WORDS:
        raise lacking(most=MOST_WORDS)
    return said


@frozen
class Warned:
    """The rule fires at everything it looks at."""

    row: int


def fit_table(rows: Sequence[Rule]) -> tuple[tuple[Rule, ...], tuple[int, ...]]:
    """The rules as they are kept, and the places of those that always fire. Raises RowFaults, TooManyRules."""
    if len(rows) > MOST_RULES:
        raise TooManyRules(most=MOST_RULES)
    found: dict[tuple[int, str], Refusal] = {}
    always: list[int] = []
    names: set[str] = set()
    kept: list[Rule] = []
    for place, row in enumerate(rows):
        rule = replace(row, name=Name(one_line(row.name.en), one_line(row.name.zh)), condition=row.condition.strip())
        kept.append(rule)
        found |= _faults_of(place, rule, names)
        names |= {rule.name.en.casefold(), rule.name.zh}
        verdict = _judged(place, rule, found)
        if verdict is not None and verdict.counter is None:
            always.append(place)
    if found:
        raise RowFaults(faults=found)
    return _with_keys(kept), tuple(always)


def _faults_of(place: int, rule: Rule, names: Collection[str]) -> dict[tuple[int, str], Refusal]:
    found: dict[tuple[int, str], Refusal] = {}
    if not all(0 < len(one) <= MOST_NAME for one in (rule.name.en, rule.name.zh)):
        found[place, "name"] = RuleNameMissing(most=MOST_NAME)
    elif rule.name.en.casefold() in names or rule.name.zh in names:
        found[place, "name"] = RuleNameTaken()
    fits = 1 <= rule.level <= MOST_LEVEL if rule.kind is Kind.ESCALATION else rule.level == 0
    if not fits:
        found[place, "kind"] = LevelUnfit(most=MOST_LEVEL)
    return found


def _judged(place: int, rule: Rule, found: dict[tuple[int, str], Refusal]) -> Verdict | None:
    """A rule that is switched off is looked at like any other: it may be switched on as it stands."""
    if len(rule.condition) > MOST_CONDITION:
        found[place, "condition"] = ConditionTooLong(most=MOST_CONDITION)
        return None
    try:
        verdict = judged(rule.read())
    except Refusal as refusal:
        found[place, "condition"] = refusal
        return None
    if verdict.example is None:
        how = NEVER if verdict.proven else NONE_FOUND
        said = Text(how.say("en", tried=verdict.tried), how.say("zh", tried=verdict.tried))
        found[place, "condition"] = NeverFires(how=said)
        return None
    return verdict


_KEY: Final = re.compile(r"[^a-z0-9]+")


def _with_keys(rows: Iterable[Rule]) -> tuple[Rule, ...]:
    """A rule keeps its key for good: cards are found by it. A new one gets it from its English name."""
    rows = tuple(rows)
    taken = {one.key for one in rows if one.key}
    found: list[Rule] = []
    for one in rows:
        key = one.key
        if not key:
            stem = _KEY.sub("_", one.name.en.casefold()).strip("_")[:40] or "rule"
            key = next(
                name
                for name in (stem, *(f"{stem}_{n}" for n in range(2, 2 + len(rows) + len(taken))))
                if name not in taken
            )
            taken.add(key)
        found.append(replace(one, key=key))
    return tuple(found)


def written(rules: Iterable[Rule]) -> str:
    return orjson.dumps([
        {
            "key": one.key, "en": one.name.en, "zh": one.name.zh, "about": one.about.value, "kind": int(one.kind),
            "level": one.level, "condition": one.condition, "on": one.on,
        }
        for one in rules
    ]).decode()  # fmt: skip


def read_rules(kept: str) -> tuple[Rule, ...]:
    rows: list[dict[str, Any]] = orjson.loads(kept)
    return tuple(
        Rule(
            row["key"], Name(row["en"], row["zh"]), Subject(row["about"]), Kind(row["kind"]), row["condition"],
            row["level"], row["on"],
        )
        for row in rows
    )  # fmt: skip


@frozen
class Difference:
    """A rule that came, went or changed. None: it is not there."""

    before: Rule | None
    after: Rule | None


def differences(before: Sequence[Rule], after: Sequence[Rule]) -> tuple[Difference, ...]:
    old, new = ({one.key: one for one in rules} for rules in (before, after))
    return tuple(
        Difference(old.get(key), new.get(key))
        for key in (*old, *(key for key in new if key not in old))
        if old.get(key) != new.get(key)
    )
