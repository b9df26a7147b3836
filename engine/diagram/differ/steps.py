"""Steps that came and went, and what became of those that stayed: who does them, by when, how."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any, Final

from lxml import etree

from engine.base.text import Text
from engine.diagram.dialects import decision_of, own
from engine.diagram.differ.duties import documents, separations
from engine.diagram.differ.matching import Pairs
from engine.diagram.differ.periods import rules_of_periods, rules_of_step
from engine.diagram.differ.sides import GATEWAY, KINDS, STEP, Change, Difference, Group, Side, as_typed, filled
from engine.diagram.differ.words import period, vote
from engine.diagram.drawn import child_text, tag, triggers
from engine.diagram.kinds import ACTIVITIES, GATEWAYS
from engine.diagram.shape import Element, Instruction, Lane

_ADDED: Final = Text("{name} is new.", "新增{name}。")
_ADDED_BETWEEN: Final = Text(
    "{name} is new, after {before} and before {after}.", "新增{name}，位于{before}之后、{after}之前。"
)
_ADDED_AFTER: Final = Text("{name} is new, after {before}.", "新增{name}，位于{before}之后。")
_OF_POST: Final = Text("{sentence} It belongs to “{post}”.", "{sentence}由“{post}”负责。")
_REMOVED: Final = Text("{name} is no longer there.", "取消{name}。")
_KIND: Final = Text("{name} is now {after} instead of {before}.", "{name}由“{before}”改为“{after}”。")
_MOVED: Final = Text("{name} moved from “{before}” to “{after}”.", "{name}由“{before}”改由“{after}”负责。")
_POST: Final = Text(
    "The lane {lane} now belongs to “{after}” instead of “{before}”.", "泳道{lane}由“{before}”改由“{after}”负责。"
)
_POST_NEW: Final = Text("The lane {lane} now belongs to “{after}”.", "泳道{lane}现由“{after}”负责。")
_POST_NONE: Final = Text(
    "The lane {lane} has no post yet; it was “{before}”.", "泳道{lane}尚未对应岗位（原为“{before}”）。"
)
_LANE_ADDED: Final = Text("The lane {lane} is new.", "新增泳道{lane}。")
_LANE_REMOVED: Final = Text("The lane {lane} is no longer there.", "取消泳道{lane}。")
_LANE_NAMED: Final = Text("The lane {before} is now called {after}.", "泳道{before}更名为{after}。")
_NAMED: Final = Text("{before} is now called {after}.", "{before}更名为{after}。")
_STANDARD: Final = Text(
    "The standard of {name} went from {before} to {after}.", "{name}的时限标准由{before}改为{after}。"
)
_PROMISED: Final = Text("The promised period went from {before} to {after}.", "承诺时限由{before}改为{after}。")
_STATUTORY: Final = Text("The statutory period went from {before} to {after}.", "法定时限由{before}改为{after}。")
_ACCEPT: Final = Text(
    "A hand-over is to be accepted within {after}, before: {before}.", "交接的接收期限由{before}改为{after}。"
)
_ACCEPT_STEP: Final = Text(
    "A hand-over to {name} is to be accepted within {after}, before: {before}.",
    "{name}的交接接收期限由{before}改为{after}。",
)
_TIMER: Final = Text("The timer {name} went from {before} to {after}.", "定时{name}由{before}改为{after}。")
_EVENT: Final = Text(
    "{name} now waits for or throws {after} instead of {before}.", "{name}的事件由{before}改为{after}。"
)
_ENDS: Final = Text("{name} now ends the step it stands on.", "{name}现在会中断所在环节。")
_ENDS_NOT: Final = Text("{name} no longer ends the step it stands on.", "{name}不再中断所在环节。")
_ON: Final = Text("{name} now stands on {after} instead of {before}.", "{name}由附在{before}改为附在{after}。")
_LOOP: Final = Text(
    "How often {name} is done was changed: {before}, now {after}.", "{name}的重复方式由{before}改为{after}。"
)
_SCRIPT: Final = Text("What {name} works out was changed.", "{name}的计算内容已修改。")
_TABLE: Final = Text("{name} is now decided by {after} instead of {before}.", "{name}的决策由{before}改为{after}。")
_CALLS: Final = Text("{name} now calls {after} instead of {before}.", "{name}调用的程序由{before}改为{after}。")
_OUTSIDE: Final = Text("{name} now waits for somebody outside the office.", "{name}现在等待机关以外的人。")
_INSIDE: Final = Text("{name} no longer waits for somebody outside the office.", "{name}不再等待机关以外的人。")
_INSTRUCTION: Final[Mapping[str, Text]] = {
    "what": Text("What to do at {name} was rewritten.", "{name}的“做什么”已修改。"),
    "how": Text("How to do {name} was rewritten.", "{name}的“怎么做”已修改。"),
    "standard": Text("To what standard {name} is done was rewritten.", "{name}的“做到什么标准”已修改。"),
}
_DOCUMENTED: Final = Text("The documentation of {name} was rewritten.", "{name}的说明已修改。")
_DOCUMENT_ADDED: Final = Text("{name} now asks for the document {document}.", "{name}新增所需材料{document}。")
_DOCUMENT_REMOVED: Final = Text("{name} no longer asks for the document {document}.", "{name}不再要求材料{document}。")
_APART: Final[Mapping[str, Text]] = {
    "person": Text("{name} may no longer be done by whoever did {other}.", "{name}不得由办理{other}的人办理。"),
    "department": Text(
        "{name} may no longer be done in the department that did {other}.", "{name}不得由办理{other}的部门办理。"
    ),
}
_NOT_APART: Final[Mapping[str, Text]] = {
    "person": Text("{name} may now be done by whoever did {other}.", "{name}现在可由办理{other}的人办理。"),
    "department": Text(
        "{name} may now be done in the department that did {other}.", "{name}现在可由办理{other}的部门办理。"
    ),
}
_VOTED_ON: Final = Text("How {name} is decided by vote: {before} → {after}.", "{name}的表决方式：{before} → {after}。")
_COUNTERSIGNED: Final = Text(
    "Who must countersign at {name}: {before} → {after}.", "{name}的会签部门：{before} → {after}。"
)
_SWITCHED_OFF: Final = Text("Switched off at {name} now: {moves}.", "{name}现已关闭的操作：{moves}。")
_ALL_ON: Final = Text("No move is switched off at {name} any more.", "{name}不再关闭任何操作。")
_PROCESS: Final = Text("the procedure", "程序")
_NOBODY: Final = Text("nobody", "无人")
_ONCE: Final = Text("once", "一次")
_QUOTED: Final = Text("“{name}”", "“{name}”")


def differences(old: Side, new: Side, matched: Pairs) -> Iterator[Difference]:
    yield from _came_and_went(old, new, matched)
    for here, there in matched.elements.items():
        yield from _Step(old, new, matched, here, there).differences()
    yield from _lanes(old, new, matched)
    for here, there in matched.processes.items():
        yield from _process(old, new, here, there)


def quoted(at: Side, name: str) -> Text:
    one = at.diagram.elements.get(name)
    label = at.label(name)
    return filled(_QUOTED, name=label) if one is None or one.name else label


def _came_and_went(old: Side, new: Side, matched: Pairs) -> Iterator[Difference]:
    for name in old.diagram.elements:
        if name not in matched.elements:
            yield Difference(
                "step-removed", Group.STEPS, Change.REMOVED, filled(_REMOVED, name=_subject(old, name)), old=(name,)
            )
    for name in new.diagram.elements:
        if name not in matched.back:
            yield Difference("step-added", Group.STEPS, Change.ADDED, _added(new, name), new=(name,))


def _subject(at: Side, name: str) -> Text:
    """With a word for what it is, where its name alone does not tell."""
    one = at.element(name)
    kind = GATEWAY if one.kind in GATEWAYS else STEP
    named = quoted(at, name)
    return (
        named if not one.name or kind is STEP else filled(Text("{kind} {name}", "{kind}{name}"), kind=kind, name=named)
    )


def _added(at: Side, name: str) -> Text:
    before = [flow.source for flow in at.entering.get(name, ())] or [at.element(name).attached_to or ""]
    after = [flow.target for flow in at.leaving.get(name, ())]
    facts = {"name": _subject(at, name)}
    if before[0] and after:
        said = filled(_ADDED_BETWEEN, **facts, before=quoted(at, before[0]), after=quoted(at, after[0]))
    elif before[0]:
        said = filled(_ADDED_AFTER, **facts, before=quoted(at, before[0]))
    else:
        said = filled(_ADDED, **facts)
    post = at.post(name)
    is_step = at.element(name).kind not in GATEWAYS
    return filled(_OF_POST, sentence=said, post=post) if post is not None and is_step else said


class _Step:
    """One element in both editions."""

    def __init__(self, old: Side, new: Side, matched: Pairs, here: str, there: str) -> None:
        self.old, self.new, self.matched = old, new, matched
        self.here, self.there = here, there
        self.one, self.other = old.element(here), new.element(there)
        self.node, self.other_node = old.nodes[here], new.nodes[there]
        self.name = quoted(new, there)

    def differences(self) -> Iterator[Difference]:
        yield from self._what()
        yield from self._who()
        yield from self._time()
        yield from self._work()

    def _told(self, code: str, group: Group, sentence: Text, **facts: Any) -> Difference:
        texts = {key: facts.pop(key, None) for key in ("was", "now")}
        said = filled(sentence, name=self.name, **facts)
        return Difference(
            code, group, Change.CHANGED, said, (self.here,), (self.there,), before=texts["was"], after=texts["now"]
        )

    def _what(self) -> Iterator[Difference]:
        one, other = self.one, self.other
        if one.kind != other.kind:
            facts = {"before": _kind(one), "after": _kind(other)}
            group = Group.WAY if other.kind in GATEWAYS else Group.STEPS
            yield self._told("kind", group, _KIND, **facts)
        if (one.name or "") != (other.name or ""):
            facts = {"before": quoted(self.old, self.here), "after": quoted(self.new, self.there)}
            yield self._told("name", Group.NAMES, _NAMED, **facts)
        if one.loop != other.loop or _repeats(self.node) != _repeats(self.other_node):
            facts = {"before": _said_loop(self.node), "after": _said_loop(self.other_node)}
            yield self._told("repetition", Group.WAY, _LOOP, **facts)
        was, now = child_text(self.node, "script"), child_text(self.other_node, "script")
        if was != now:
            yield self._told("script", Group.WAY, _SCRIPT, was=was, now=now)
        for code, sentence, was, now in (
            ("decision", _TABLE, decision_of(self.node), decision_of(self.other_node)),
            ("called", _CALLS, one.called, other.called),
        ):
            if was != now:
                yield self._told(code, Group.WAY, sentence, before=_or_none(was), after=_or_none(now))

    def _who(self) -> Iterator[Difference]:
        before, after = self.old.lane_name(self.here), self.new.lane_name(self.there)
        lane = self.matched.lanes.get(self.one.lane or "")
        owned = self.one.kind in ACTIVITIES or self.here in self.old.owner_of
        if owned and lane != self.other.lane and before != after:
            facts = {"before": as_typed(before or "—"), "after": as_typed(after or "—")}
            yield self._told("moved", Group.WHO, _MOVED, **facts)
        if self.one.group != self.other.group and self.other.lane is None:
            facts = {"before": _or_none(self.one.group), "after": _or_none(self.other.group)}
            yield self._told("moved", Group.WHO, _MOVED, **facts)
        if self.one.external != self.other.external:
            yield self._told("external", Group.WHO, _OUTSIDE if self.other.external else _INSIDE)
        yield from self._separations()

    def _separations(self) -> Iterator[Difference]:
        was, now = separations(self.node), separations(self.other_node)
        known = {(self.matched.elements.get(source, source), by) for source, by in was}
        for source, by in sorted(now - known):
            yield self._told("separation-added", Group.WHO, _APART[by], other=quoted(self.new, source))
        for source, by in sorted(was):
            if (self.matched.elements.get(source, source), by) not in now:
                yield self._told("separation-removed", Group.WHO, _NOT_APART[by], other=quoted(self.old, source))
        yield from self._decided()
        if self.one.without != self.other.without:
            off = " ".join(sorted(self.other.without))
            yield self._told("moves-off", Group.WORK, _SWITCHED_OFF if off else _ALL_ON, moves=off)

    def _decided(self) -> Iterator[Difference]:
        was, now = vote(self.one), vote(self.other)
        if was != now:
            yield self._told("vote", Group.WHO, _VOTED_ON, before=was or _NOBODY, after=now or _NOBODY)
        before, after = ", ".join(self.one.countersign), ", ".join(self.other.countersign)
        if before != after:
            yield self._told("countersign", Group.WHO, _COUNTERSIGNED, before=before or _NOBODY, after=after or _NOBODY)

    def _time(self) -> Iterator[Difference]:
        was, now = _standard(self.one, self.node), _standard(self.other, self.other_node)
        if was.en != now.en:
            yield self._told("standard", Group.TIME, _STANDARD, before=was, after=now)
        before, after = self.one.accept_within, self.other.accept_within
        if before != after:
            yield self._told("accept-within", Group.TIME, _ACCEPT_STEP, before=period(before), after=period(after))
        for kind, group, said, before, after in rules_of_step(self.one, self.other):
            yield self._told(kind, group, said, before=_or_none(before), after=_or_none(after))
        before, after = _timer(self.node), _timer(self.other_node)
        if before != after and self.one.event == self.other.event:
            yield self._told("timer", Group.TIME, _TIMER, before=period(before), after=period(after))
        elif (self.one.event, self.one.event_name) != (self.other.event, self.other.event_name):
            yield self._told("event", Group.WAY, _EVENT, before=_event(self.one), after=_event(self.other))
        was_if, now_if = _condition(self.node), _condition(self.other_node)
        if was_if != now_if and self.one.event == self.other.event:
            yield self._told("event", Group.WAY, _EVENT, before=_or_none(was_if), after=_or_none(now_if))
        if self.one.kind == self.other.kind == "boundaryEvent":
            if self.one.interrupting != self.other.interrupting:
                yield self._told("interrupting", Group.WAY, _ENDS if self.other.interrupting else _ENDS_NOT)
            host = self.one.attached_to or ""
            if self.matched.elements.get(host) != self.other.attached_to:
                facts = {"before": quoted(self.old, host), "after": quoted(self.new, self.other.attached_to or "")}
                yield self._told("attached", Group.WAY, _ON, **facts)

    def _work(self) -> Iterator[Difference]:
        empty = Instruction()
        was = self.old.diagram.instructions.get(self.here, empty)
        now = self.new.diagram.instructions.get(self.there, empty)
        explained = False
        for part, sentence in _INSTRUCTION.items():
            before, after = getattr(was, part), getattr(now, part)
            if dict(before) != dict(after):
                explained = True
                yield self._told(f"instruction-{part}", Group.WORK, sentence, was=_both(before), now=_both(after))
        before_text, after_text = self.one.documentation or "", self.other.documentation or ""
        if before_text != after_text and not explained:
            yield self._told("documentation", Group.NAMES, _DOCUMENTED, was=before_text, now=after_text)
        yield from self._documents()

    def _documents(self) -> Iterator[Difference]:
        was, now = documents(self.node), documents(self.other_node)
        for document in now:
            if document not in was:
                yield self._told("document-added", Group.WORK, _DOCUMENT_ADDED, document=document)
        for document in was:
            if document not in now:
                yield self._told("document-removed", Group.WORK, _DOCUMENT_REMOVED, document=document)


def _kind(one: Element) -> Text:
    return KINDS.get(one.kind, as_typed(one.kind))


def _or_none(written: str | None) -> Text:
    return filled(_QUOTED, name=written) if written else period(None)


def _event(one: Element) -> Text:
    return _or_none(" ".join(filter(None, (one.event, one.event_name))) or None)


def _standard(one: Element, node: etree._Element) -> Text:
    return period(one.standard_time, working=own(node, "workingTime") == "true")


def _timer(node: etree._Element) -> str | None:
    for definition in triggers(node):
        if tag(definition) == "timerEventDefinition":
            written = [child_text(definition, kind) for kind in ("timeDuration", "timeDate", "timeCycle")]
            return next((one for one in written if one), None)
    return None


def _condition(node: etree._Element) -> str | None:
    for definition in triggers(node):
        if tag(definition) == "conditionalEventDefinition":
            return child_text(definition, "condition")
    return None


_REPETITIONS: Final = ("multiInstanceLoopCharacteristics", "standardLoopCharacteristics")


def _repeats(node: etree._Element) -> str:
    """As it is written, without what only a tool needs."""
    for child in node:
        if tag(child) in _REPETITIONS:
            parts = [
                f"{str(name).rpartition('}')[2]}={value!s}"
                for name, value in sorted(child.attrib.items())
                if name != "id"
            ]
            parts += [(one.text or "").strip() for one in child.iter(etree.Element) if (one.text or "").strip()]
            return " ".join(parts) or tag(child)
    return ""


def _said_loop(node: etree._Element) -> Text:
    written = _repeats(node)
    return _or_none(written) if written else _ONCE


def _both(words: Mapping[Any, str]) -> str:
    return "\n".join(dict.fromkeys(words[language] for language in ("en", "zh") if words.get(language)))


def _lanes(old: Side, new: Side, matched: Pairs) -> Iterator[Difference]:
    for lane in old.diagram.lanes.values():
        there = new.diagram.lanes.get(matched.lanes.get(lane.id, ""))
        name = filled(_QUOTED, name=lane.name or lane.id)
        if there is None:
            yield Difference(
                "lane-removed", Group.WHO, Change.REMOVED, filled(_LANE_REMOVED, lane=name), old=(lane.id,)
            )
            continue
        new_name = filled(_QUOTED, name=there.name or there.id)
        if (lane.name or "") != (there.name or ""):
            said = filled(_LANE_NAMED, before=name, after=new_name)
            yield Difference("lane-name", Group.NAMES, Change.CHANGED, said, (lane.id,), (there.id,))
        yield from _post(old, new, lane, there)
    known = set(matched.lanes.values())
    for lane in new.diagram.lanes.values():
        if lane.id not in known:
            said = filled(_LANE_ADDED, lane=filled(_QUOTED, name=lane.name or lane.id))
            yield Difference("lane-added", Group.WHO, Change.ADDED, said, new=(lane.id,))


def _post(old: Side, new: Side, lane: Lane, there: Lane) -> Iterator[Difference]:
    """Whose the lane is; one that no longer has a step needs nobody."""
    key = f"lane:{there.id}"
    was, now = old.posts.get(f"lane:{lane.id}"), new.posts.get(key)
    if (was and was.en, was and was.zh) == (now and now.en, now and now.zh) or key not in new.owner_of.values():
        return
    name = filled(_QUOTED, name=there.name or there.id)
    if now is None:
        said = filled(_POST_NONE, lane=name, before=was or _NOBODY)
    else:
        said = filled(_POST_NEW if was is None else _POST, lane=name, before=was or _NOBODY, after=now)
    yield Difference("post", Group.WHO, Change.CHANGED, said, (lane.id,), (there.id,))


def _process(old: Side, new: Side, here: str, there: str) -> Iterator[Difference]:
    one, other = old.diagram.processes[here], new.diagram.processes[there]
    node, other_node = old.nodes[here], new.nodes[there]
    periods = (
        ("promised", "promised", _PROMISED),
        ("statutory", "statutory", _STATUTORY),
        ("accept-within", "acceptWithin", _ACCEPT),
    )
    for code, attribute, sentence in periods:
        was, now = _period(node, attribute), _period(other_node, attribute)
        if was != now:
            yield Difference(code, Group.TIME, Change.CHANGED, filled(sentence, before=was, after=now))
    yield from rules_of_periods(node, other_node)
    before, after = one.pool or one.name or "", other.pool or other.name or ""
    if before != after:
        said = filled(_NAMED, before=filled(_QUOTED, name=before), after=filled(_QUOTED, name=after))
        yield Difference("name", Group.NAMES, Change.CHANGED, said)
    was_text, now_text = child_text(node, "documentation") or "", child_text(other_node, "documentation") or ""
    if was_text != now_text:
        said = filled(_DOCUMENTED, name=_PROCESS)
        yield Difference("documentation", Group.NAMES, Change.CHANGED, said, before=was_text, after=now_text)


def _period(node: etree._Element, attribute: str) -> Text:
    return period(own(node, attribute), working=own(node, "workingTime") == "true")
