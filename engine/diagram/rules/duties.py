"""Whether duties that are kept apart can be kept apart."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Final

from engine.base.text import Name, Text
from engine.diagram.checked import Checked, called_in, listed, placed
from engine.diagram.duties import BY
from engine.diagram.kinds import HUMAN
from engine.diagram.owners import owner_of
from engine.diagram.passages import Passages, passages
from engine.diagram.reach import reached
from engine.diagram.shape import Diagram, Element, Finding, Rule, Separation, Severity
from engine.diagram.staffing import StaffedPost, Staffing

SEPARATION_UNKNOWN: Final = Rule(
    "separation-unknown",
    Severity.BLOCKS,
    Text(
        en="“{name}” (line {line}) is kept apart from “{source}”, but {problem}. The duty could not be watched over.",
        zh="“{name}”（第 {line} 行）须与“{source}”职责分离，但{problem}，无法监督执行。",
    ),
    Text(
        en="Choose a step that a person does, and whether another person or another department is wanted.",
        zh="请选择一个由人办理的环节，并选明须由他人还是其他部门办理。",
    ),
)
SEPARATION_NOT_BEFORE: Final = Rule(
    "separation-not-before",
    Severity.ATTENTION,
    Text(
        en="“{name}” (line {line}) is kept apart from “{source}”, which never comes before it: nobody is kept from it.",
        zh="“{name}”（第 {line} 行）须与“{source}”职责分离，但后者从不在其之前办理，规则不起作用。",
    ),
    Text(
        en="Write the rule on the step that comes later of the two.",
        zh="请将该规则写在两者中较后的环节上。",
    ),
)
SEPARATION_IMPOSSIBLE: Final = Rule(
    "separation-impossible",
    Severity.ATTENTION,
    Text(
        en="Nobody may do “{name}” (line {line}): {why}.",
        zh="没有人可以办理“{name}”（第 {line} 行）：{why}。",
    ),
    Text(
        en="Let another post do one of the steps, appoint somebody else, or take the rule off.",
        zh="请将其中一个环节交给其他岗位，另行任命人员，或取消该规则。",
    ),
)

_NO_STEP: Final = Text(en="there is no such step", zh="没有这样的环节")
_NO_PERSON: Final = Text(en="no person does that", zh="该环节不由人办理")
_MOST_SOURCES: Final = 300
_MOST_TRIES: Final = 20_000


def findings(all_of: Checked) -> Iterator[Finding]:
    separated = [one for one in all_of.diagram.elements.values() if one.separations]
    if not separated:
        return
    ways = passages(all_of)
    later: dict[str, set[str]] = {}
    for element in separated:
        for separation in element.separations:
            problem = _problem(all_of.diagram, separation)
            source = all_of.called(separation.source) if separation.source else "–"
            if problem is not None:
                yield all_of.finding(SEPARATION_UNKNOWN, element.id, source=source, problem=problem)
            elif len(later) < _MOST_SOURCES and element.id not in _after(ways, separation.source, later):
                yield all_of.finding(SEPARATION_NOT_BEFORE, element.id, source=source)


def _after(ways: Passages, source: str, known: dict[str, set[str]]) -> set[str]:
    if source not in known:
        known[source] = reached(ways.after, ways.after[ways.left_by(source)])
    return known[source]


def _problem(diagram: Diagram, separation: Separation) -> Text | None:
    source = diagram.elements.get(separation.source)
    if source is None:
        return _NO_STEP
    if source.kind not in HUMAN:
        return _NO_PERSON
    if separation.by not in BY:
        return Name(
            en=f"“{separation.by}” is neither a person nor a department", zh=f"“{separation.by}”既不是人员也不是部门"
        )
    return None


def staffed(diagram: Diagram, staffing: Staffing) -> Iterator[Finding]:
    owned = owner_of(diagram)
    posts = {step: staffing.posts[key] for step, key in owned.items() if key in staffing.posts}
    told: set[str] = set()
    for element in diagram.elements.values():
        for separation in element.separations:
            post, other = posts.get(element.id), posts.get(separation.source)
            if (
                post
                and other
                and post.holders
                and separation.by == "department"
                and post.department == other.department
            ):
                told.add(element.id)
                why = _same_department(called_in(diagram, separation.source), post)
                yield placed(diagram, SEPARATION_IMPOSSIBLE, element.id, why=why)
    for steps in _groups(diagram, posts):
        stuck = None if told.intersection(steps) else _stuck(diagram, steps, posts)
        if stuck is not None:
            yield placed(diagram, SEPARATION_IMPOSSIBLE, stuck, why=_too_few(diagram, steps, posts))


def _same_department(source: str, post: StaffedPost) -> Name:
    there = post.department_name
    return Name(
        en=f"it must be another department than did “{source}”, and both posts belong to “{there.en}”",
        zh=f"须由“{source}”之外的部门办理，而两个岗位同属“{there.zh}”",
    )


def _too_few(diagram: Diagram, steps: list[str], posts: Mapping[str, StaffedPost]) -> Name:
    names = listed(called_in(diagram, one) for one in steps)
    people = {name for step in steps for name in posts[step].holders.values()}
    who = listed(sorted(one.en for one in people)).en, listed(sorted(one.zh for one in people)).zh
    return Name(
        en=f"{names.en} are kept apart from each other, and nobody but {who[0]} can do them",
        zh=f"{names.zh}须由不同人员办理，而可办理的只有{who[1]}",
    )


def _pairs(diagram: Diagram, posts: Mapping[str, StaffedPost]) -> Iterator[tuple[str, str]]:
    for element in diagram.elements.values():
        for one in element.separations:
            if one.by == "person" and one.source != element.id and _is_held(posts, element, one.source):
                yield element.id, one.source


def _is_held(posts: Mapping[str, StaffedPost], element: Element, source: str) -> bool:
    """A post that nobody holds is told of by itself."""
    return all(one in posts and posts[one].holders for one in (element.id, source))


def _groups(diagram: Diagram, posts: Mapping[str, StaffedPost]) -> Iterator[list[str]]:
    """Steps kept apart from each other by person, one by one or in a row."""
    beside: dict[str, list[str]] = {}
    for one, other in _pairs(diagram, posts):
        beside.setdefault(one, []).append(other)
        beside.setdefault(other, []).append(one)
    seen: set[str] = set()
    for step in diagram.elements:
        if step in beside and step not in seen:
            group = reached(beside, [step])
            seen |= group
            yield [one for one in diagram.elements if one in group]


def _stuck(diagram: Diagram, steps: list[str], posts: Mapping[str, StaffedPost]) -> str | None:
    """The step that nobody is left for however the others are done; None too where that takes too long to find out."""
    apart: dict[str, set[str]] = {step: set() for step in steps}
    for one, other in _pairs(diagram, posts):
        if one in apart:
            apart[one].add(other)
            apart[other].add(one)
    doers: dict[str, int] = {}
    furthest, tries = 0, 0
    trail = [iter(sorted(posts[steps[0]].holders))]
    while trail:
        at = len(trail) - 1
        step = steps[at]
        doers.pop(step, None)
        tries += 1
        person = next((one for one in trail[-1] if all(doers.get(other) != one for other in apart[step])), None)
        if tries > _MOST_TRIES:
            return None
        if person is None:
            trail.pop()
        elif at + 1 == len(steps):
            return None
        else:
            doers[step] = person
            furthest = max(furthest, at + 1)
            trail.append(iter(sorted(posts[steps[at + 1]].holders)))
    return steps[furthest]
