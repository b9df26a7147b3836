"""What a diagram says of the periods of its cases: how long, from what on, what stops them, and what their end means."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from typing import Final

from lxml import etree

from engine.base.frozen import frozen
from engine.base.text import Name, Text
from engine.diagram.dialects import own
from engine.diagram.drawn import is_false, is_true
from engine.diagram.rule_sets import CLOCKS, DECIDING, RULE_SETS, USUAL, Clock, Expiry, Ground, RuleSet
from engine.diagram.shape import Periods, Process

WORKING_DAYS: Final = "working days"
CALENDAR_DAYS: Final = "calendar days"
WORKING_HOURS: Final = "working hours"
MONTHS: Final = "months"
"""The units, by the words that worktime has for them."""
MOST: Final = 5000

_FORM: Final = re.compile(r"P(?:(\d{1,2})Y)?(?:(\d{1,3})M)?(?:(\d{1,3})W)?(?:(\d{1,4})D)?(?:T(\d{1,4})H)?", re.ASCII)
_SAID: Final[Mapping[str, Text]] = {
    WORKING_DAYS: Text("{count} working days", "{count} 个工作日"),
    CALENDAR_DAYS: Text("{count} days", "{count} 天"),
    WORKING_HOURS: Text("{count} working hours", "{count} 个工作小时"),
    MONTHS: Text("{count} months", "{count} 个月"),
}


@frozen
class Length:
    """So many of one unit: what a law or a promise counts in."""

    count: int
    unit: str

    @property
    def words(self) -> Name:
        said = _SAID[self.unit]
        english = said.say("en", count=self.count)
        return Name(english[:-1] if self.count == 1 else english, said.say("zh", count=self.count))


@frozen
class Plan:
    """One period of a case. `begins`, `ends`: elements whose passing begins or ends it; none: the case itself does."""

    kind: Clock
    length: Length
    begins: frozenset[str]
    ends: frozenset[str]
    first_day: bool
    rolls: bool
    extension: int  # the most by which it may be extended, in its unit; 0: not at all
    stops: frozenset[Ground]
    effect: Expiry
    rule_set: str | None


def periods_of(node: etree._Element) -> Periods | None:
    """None where it sets no period at all."""
    named = {name: own(node, written) for name, written in _WRITTEN.items()}
    if not any(named.values()):
        return None
    return Periods(
        rule_set=named["rule_set"],
        promised=named["promised"],
        statutory=named["statutory"],
        working_time=is_true(own(node, "workingTime")),
        counts_from=_listed(named["counts_from"]),
        promise_from=_listed(named["promise_from"]),
        notice_by=_listed(named["notice_by"]),
        decided_by=_listed(named["decided_by"]),
        joint=is_true(own(node, "joint")),
        first_day=is_true(own(node, "countsFirstDay")),
        rolls=None if own(node, "rolls") is None else not is_false(own(node, "rolls")),
        stops=None if own(node, "stops") is None else _listed(own(node, "stops")),
        extension=own(node, "extension"),
        expiry=own(node, "expiry"),
    )


_WRITTEN: Final[Mapping[str, str]] = {
    "rule_set": "ruleSet",
    "promised": "promised",
    "statutory": "statutory",
    "counts_from": "countsFrom",
    "promise_from": "promiseFrom",
    "notice_by": "noticeBy",
    "decided_by": "decidedBy",
    "stops": "stops",
    "extension": "extension",
    "expiry": "expiry",
}


def _listed(written: str | None) -> tuple[str, ...]:
    return tuple(dict.fromkeys((written or "").split()))


def length(written: str | None, *, working: bool) -> Length | None:
    """Of one unit: months, days or working hours. None for anything else, and for what is longer than any period."""
    match = _FORM.fullmatch((written or "").strip())
    if match is None:
        return None
    years, months, weeks, days, hours = (int(part or 0) for part in match.groups())
    if hours and not working:  # by the clock a period is told in whole days
        days, hours = (days + hours // 24, 0) if not hours % 24 else (days, hours)
    found = [
        (count, unit)
        for count, unit in (
            (years * 12 + months, MONTHS),
            (weeks * 7 + days, WORKING_DAYS if working else CALENDAR_DAYS),
            (hours, WORKING_HOURS if working else None),
        )
        if count
    ]
    count, unit = found[0] if len(found) == 1 else (0, None)
    return Length(count, unit) if unit is not None and count <= MOST else None


def is_working(said: Periods) -> bool:
    """Its days are working days: as it says, or as its law does."""
    return said.working_time or rule_set_of(said).working


def rule_set_of(said: Periods) -> RuleSet:
    """One that nobody knows is told by a rule; the office's own then holds."""
    return RULE_SETS.get(said.rule_set or "", USUAL)


def grounds_of(said: Periods) -> frozenset[Ground]:
    if said.stops is None:
        return rule_set_of(said).stops
    known = {one.value: one for one in Ground}
    return frozenset(known[one] for one in said.stops if one in known)


def ground_of(written: str | None) -> Ground | None:
    return next((one for one in Ground if one == written), None)


def effect_of(said: Periods) -> Expiry:
    return next((one for one in Expiry if one == said.expiry), rule_set_of(said).expiry)


def promised_of(said: Periods) -> Length | None:
    return length(said.promised, working=is_working(said))


def statutory_of(said: Periods) -> Length | None:
    """As written; else what its law sets."""
    law = rule_set_of(said)
    written = said.statutory or (law.joint if said.joint and law.joint else law.statutory)
    return length(written, working=is_working(said))


def extension_of(said: Periods) -> Length | None:
    law = rule_set_of(said)
    written = said.extension or (law.joint_extension if said.joint and law.joint else law.extension)
    return length(written, working=is_working(said))


def plans_of(process: Process | None) -> tuple[Plan, ...]:
    """Every period that a case of the process has. What cannot be read is told by a rule, and watched by nobody."""
    said = process.periods if process is not None else None
    if said is None:
        return ()
    law, accepted, decided = rule_set_of(said), frozenset(said.counts_from), frozenset(said.decided_by)
    by_law = Clock.JOINT if said.joint else Clock.STATUTORY
    from_promise = frozenset(said.promise_from) - {"start"} if said.promise_from else accepted
    found = [
        _plan(said, by_law, statutory_of(said), accepted, decided),
        _plan(said, Clock.PROMISED, promised_of(said), from_promise, decided),
    ]
    if accepted:
        told = frozenset(said.notice_by) | accepted
        found.append(_plan(said, Clock.NOTICE, length(law.notice, working=law.working), frozenset(), told))
    if decided:
        found.append(_plan(said, Clock.DELIVERY, length(law.delivery, working=law.working), decided, frozenset()))
    return tuple(one for one in found if one is not None)


def _plan(
    said: Periods, kind: Clock, how_long: Length | None, begins: frozenset[str], ends: frozenset[str]
) -> Plan | None:
    if how_long is None:
        return None
    decides = kind in DECIDING
    more = extension_of(said) if decides else None
    by_law = kind in (Clock.STATUTORY, Clock.JOINT)
    return Plan(
        kind=kind,
        length=how_long,
        begins=begins,
        ends=ends,
        first_day=said.first_day,
        rolls=rule_set_of(said).rolls if said.rolls is None else said.rolls,
        extension=more.count if more is not None and more.unit == how_long.unit else 0,
        stops=grounds_of(said) if decides else frozenset(),
        effect=effect_of(said) if by_law else Expiry.ESCALATE,
        rule_set=said.rule_set if said.rule_set in RULE_SETS else None,
    )


def cites(kind: str, rule_set: str | None) -> tuple[Text, ...]:
    """By which articles a period holds, where it holds by a law that is known here."""
    law = RULE_SETS.get(rule_set or "")
    if law is None or kind == Clock.PROMISED:
        return ()
    about: Iterable[str] = (
        (kind, "counting", "stops", "extension", "expiry") if kind in DECIDING else (kind, "counting")
    )
    return tuple(law.articles[one] for one in about if one in law.articles)


def called(kind: str) -> Text:
    return CLOCKS[Clock(kind)]


_WEEK: Final = 5
"""Working days of a week, where a period in working days is held against one in days."""
_SHORTEST_MONTH, _LONGEST_MONTH = 28, 31


def is_longer(one: Length, other: Length) -> bool:
    """Longer for certain, whenever they begin: two units are held against each other in days."""
    if one.unit == other.unit:
        return one.count > other.count
    return _least_days(one) > _most_days(other)


def _least_days(one: Length) -> float:
    match one.unit:
        case "working days":  # beginning on a Monday, the day after counted first
            return one.count + 2 * ((one.count - 1) // _WEEK)
        case "months":
            return one.count * _SHORTEST_MONTH
        case "working hours":
            return one.count / 24
        case _:
            return one.count


def _most_days(one: Length) -> float:
    """Without holidays: they lengthen a period in working days by what nobody knows beforehand."""
    match one.unit:
        case "working days":
            return one.count + 2 * (one.count // _WEEK + 1)
        case "months":
            return one.count * _LONGEST_MONTH
        case "working hours":
            return one.count / 8 * 7 / _WEEK + 2
        case _:
            return one.count
