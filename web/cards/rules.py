"""The table of rules: changed, tried out against the open cases, saved as a new version; all versions and what they changed."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Any, Final

from flask import g, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue

from engine.base import clock
from engine.base.errors import Refusal
from engine.base.text import Name
from engine.organisation.rules import Right
from engine.supervision.cards import acts, reads
from engine.supervision.cards.conditions import KINDS as FACT_KINDS
from engine.supervision.cards.facts import SUBJECTS, Subject, facts_of
from engine.supervision.cards.kinds import Kind
from engine.supervision.cards.proving import Verdict, judged
from engine.supervision.cards.rules import (
    MOST_LEVEL,
    MOST_RULES,
    NothingChanged,
    RowFaults,
    Rule,
    SavedMeanwhile,
    TooManyRules,
    WhyChanged,
    fit_table,
)
from engine.supervision.cards.trying import Tried, try_out
from engine.supervision.cards.words import said
from web.cards.room import room, tabs
from web.forms import MOST_NUMBER, whole
from web.guard import allows
from web.languages import gettext as _
from web.languages import language
from web.notices import tell
from web.shown import fact as shown_fact

_KINDS: Final[Mapping[str, tuple[Kind, int]]] = {
    "yellow": (Kind.YELLOW, 0),
    "red": (Kind.RED, 0),
    **{f"up{level}": (Kind.ESCALATION, level) for level in range(1, MOST_LEVEL + 1)},
}
_NEW: Final = Rule("", Name("", ""), Subject.STEP, Kind.YELLOW, "")


@room.get("/rules")
@allows(Right.INSPECT)
def rules() -> ResponseReturnValue:
    table = reads.table_in_use(g.db)
    return _page(table.rules, table.version)


@room.post("/rules")
@allows(Right.INSPECT)
def change_rules() -> ResponseReturnValue:
    """One form, several buttons: a row more, a row less, tried out, or saved."""
    table, base = _typed(), _number(request.form.get("base", ""))
    do = request.form.get("do", "save")
    if do == "add":
        return _page([*table, _NEW], base)
    if do.startswith("remove:"):
        gone = _number(do.partition(":")[2])
        return _page([one for place, one in enumerate(table) if place != gone], base)
    table = [one for one in table if one.key or one.name.en or one.name.zh or one.condition]
    if do == "try":
        return _try(table, base)
    try:
        version = acts.save_rules(g.db, by=g.actor, table=table, why=request.form.get("why", ""), base=base)
    except (RowFaults, WhyChanged, NothingChanged, TooManyRules) as refusal:
        return _page(table, base, refusal), 422
    except SavedMeanwhile as refusal:  # from now on it is known what would be replaced
        return _page(table, refusal.facts["version"], refusal), 409
    tell(
        _("Version %(version)s is saved. Every open case is looked at by it within the next minutes.", version=version)
    )
    return redirect(url_for("cards.rules"), 303)


def _try(table: Sequence[Rule], base: int) -> ResponseReturnValue:
    refusal: Refusal | None = None
    try:
        fit_table(table)
    except (RowFaults, TooManyRules) as refused:
        refusal = refused
    tried = try_out(g.db, actor=g.actor, table=table, now=clock.now())
    return _page(table, base, refusal, tried), 422 if refusal else 200


def _typed() -> list[Rule]:
    found = []
    for place in range(min(_number(request.form.get("rows", "")), MOST_RULES + 10)):
        one = {
            name: request.form.get(f"r{place}-{name}", "") for name in ("key", "en", "zh", "about", "kind", "condition")
        }
        kind, level = _KINDS.get(one["kind"], _KINDS["yellow"])
        about = Subject(one["about"]) if one["about"] in set(Subject) else Subject.STEP
        found.append(
            Rule(
                one["key"][:60],
                Name(one["en"], one["zh"]),
                about,
                kind,
                one["condition"][:2000],
                level,
                f"r{place}-on" in request.form,
            )
        )
    known = {one.key for one in reads.table_in_use(g.db).rules}
    return [one if one.key in known else replace(one, key="") for one in found]


def _number(written: str) -> int:
    try:
        return whole(written, MOST_NUMBER)
    except ValueError:
        return 0


def _page(table: Sequence[Rule], base: int, refusal: Refusal | None = None, tried: Tried | None = None) -> str:
    cells = _cells(refusal)
    summary = [
        (f"r{place}-{_FIELD[cell]}", _("Row %(row)s: %(why)s", row=place + 1, why=why))
        for (place, cell), why in sorted(cells.items())
    ]
    if refusal is not None and not summary:
        summary = [("o-why" if isinstance(refusal, WhyChanged) else None, _told(refusal))]  # type: ignore[list-item]
    return render_template(
        "cards/rules.html",
        table=[(place, one, _kind_word(one)) for place, one in enumerate(table)],
        base=base,
        cells=cells,
        faults=summary,
        refusal=refusal,
        faster=isinstance(refusal, SavedMeanwhile),
        tried=tried,
        proofs=[_proof(one) for one in table] if tried is not None else [],
        why=request.form.get("why", ""),
        subjects=SUBJECTS,
        kinds=_kind_words(),
        facts={about: facts_of(about) for about in Subject},
        fact_kinds=FACT_KINDS,
        said=said,
        tabs_of=tabs("rules"),
    )


_FIELD: Final = {"name": "en", "kind": "kind", "condition": "condition"}


def _cells(refusal: Refusal | None) -> dict[tuple[int, str], str]:
    return {at: _told(one) for at, one in refusal.faults.items()} if isinstance(refusal, RowFaults) else {}


def _told(refusal: Refusal) -> str:
    return refusal.say(language(), shown_fact)


def _kind_words() -> dict[str, str]:
    up = {f"up{level}": _("send up, level %(level)s", level=level) for level in range(1, MOST_LEVEL + 1)}
    return {"yellow": _("yellow card"), "red": _("red card"), **up}


def _kind_word(rule: Rule) -> str:
    return next((word for word, found in _KINDS.items() if found == (rule.kind, rule.level)), "yellow")


def _proof(rule: Rule) -> Verdict | None:
    try:
        return judged(rule.read())
    except Refusal:
        return None


@room.get("/rules/versions")
@allows(Right.INSPECT)
def versions() -> ResponseReturnValue:
    found = reads.versions(g.db, actor=g.actor)
    changed: dict[int, Any] = dict(reads.changed_in(found))
    return render_template(
        "cards/versions.html",
        versions=found,
        changed=changed,
        kind_word=_kind_word,
        kinds=_kind_words(),
        tabs_of=tabs("rules"),
    )
