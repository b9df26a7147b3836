"""The editor of a decision table, and whatever else decides, to be read and tried out."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from typing import Any, Final

from flask import g, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue

from engine.base.errors import NotFound, Refusal
from engine.base.frozen import frozen
from engine.base.text import Text
from engine.diagram.decisions import sheet as sheets_of_engine
from engine.diagram.decisions import trying, written
from engine.diagram.decisions.hits import POLICIES
from engine.diagram.decisions.outline import Shown
from engine.diagram.decisions.sheet import TYPES, Sheet
from engine.diagram.language.names import is_plain
from engine.organisation.rules import Right
from engine.procedures import acts, beside, reads
from engine.procedures.beside import DecisionFile
from engine.procedures.rules import EditionState
from web.guard import allows
from web.languages import gettext as _
from web.languages import language
from web.notices import tell
from web.problems import status_of
from web.shown import fact
from web.studio import sheets
from web.studio.decisions import existing, file_of, kinds
from web.studio.room import room, states
from web.studio.tried import Tried, tried

_DECISION: Final = Text("decision", "决策")
NEW: Final = "new"
_KEEP, _OVER, _TRY = "keep", "keep-over", "try"


@frozen
class Desk:
    """A table on its way: where it belongs, as what it is called, and what is typed. `base` is the digest of the file
    that was read, in hex; empty for a new file."""

    edition_id: int
    file: str
    id: str
    name: str
    base: str
    sheet: Sheet
    is_new: bool

    def source(self, held: DecisionFile | None) -> bytes:
        """The file with the table in it."""
        if held is None:
            return written.new_file(self.id, self.name, self.sheet)
        if self.is_new:
            return written.with_decision(held.content, held.path, self.id, self.name, self.sheet)
        return written.with_sheet(held.content, held.path, self.id, self.sheet, self.name)


@room.get("/editions/<int:edition_id>/decision")
@allows(Right.DESIGN)
def decision(edition_id: int) -> ResponseReturnValue:
    """One decision: a table to change, anything else to read. `?new` begins one, in the file named or one of its own."""
    existing(edition_id)
    file = request.args.get("file", "")
    held = file_of(edition_id, file) if file else None
    base = held.digest if held else ""
    if NEW in request.args:
        return _editor(Desk(edition_id, file, "", "", base, written.NEW_LOGIC, is_new=True), held)
    shown = _shown(held, request.args.get("id", ""))
    draft = reads.edition(g.db, edition_id).line.state == EditionState.DRAFT
    if shown.sheet is None or not draft or sheets.is_large(shown.sheet):
        return _words(edition_id, held, shown)
    return _editor(Desk(edition_id, file, shown.id, shown.name, base, shown.sheet, is_new=False), held)


def _shown(held: DecisionFile | None, id_: str) -> Shown:
    found = held.outline.find(id_) if held is not None and held.outline is not None else None
    if found is None:
        raise NotFound(what=_DECISION)
    return found


def _words(edition_id: int, held: DecisionFile | None, shown: Shown) -> str:
    """What is no table, or too large a one, to be read."""
    if held is None or held.read is None:
        raise NotFound(what=_DECISION)
    page = reads.edition(g.db, edition_id)
    asked = trying.wanted(held.read, shown.id)
    return render_template(
        "studio/decision_words.html",
        page=page,
        file=held.path,
        shown=shown,
        kinds=kinds(),
        policies={one[:2]: one[2] for one in _policies()},
        findings=held.findings_of(shown.id),
        numbered=list(enumerate(held.findings_of(shown.id), 1)),
        tried=tried(held.read, shown.id, asked, request.args) if _TRY in request.args else None,
        asked=asked,
        typed=request.args,
        **states(),
    )


@room.post("/editions/<int:edition_id>/decision")
@allows(Right.DESIGN)
def change_decision(edition_id: int) -> ResponseReturnValue:
    """Whatever button was pressed: only “keep” keeps anything, and nothing typed is lost by the others."""
    existing(edition_id)
    form = request.form
    desk = Desk(
        edition_id,
        form.get("file", ""),
        sheets.typed(form, "id"),
        " ".join(sheets.typed(form, "name").split()),
        form.get("base", ""),
        sheets.sheet_of(form),
        is_new=NEW in form,
    )
    held = file_of(edition_id, desk.file) if desk.file else None
    if not desk.is_new:
        _shown(held, desk.id)
    changed = sheets.rearranged(desk.sheet, form)
    if changed is not None:
        return _editor(replace(desk, sheet=changed[0]), held, focus=changed[1])
    if form.get("do") in (_KEEP, _OVER):
        return _keep(desk, held)
    return _editor(desk, held, trial=form.get("do") == _TRY)


def _keep(desk: Desk, held: DecisionFile | None) -> ResponseReturnValue:
    if desk.is_new:
        desk = _with_id(desk, held)
    faults = _faults(desk, held)
    if faults:
        return _editor(desk, held, faults=faults), 422
    path = desk.file or f"{desk.id}.dmn"
    base = request.form.get("over", "") if request.form.get("do") == _OVER else desk.base
    try:
        with g.db.begin_nested():
            acts.keep_decision(
                g.db,
                by=g.actor,
                edition_id=desk.edition_id,
                path=path,
                content=desk.source(held),
                base=sheets.digest_of(base),
            )
    except Refusal as refused:
        return _editor(desk, held, refusal=refused), status_of(refused)
    tell(_("The table is kept."))
    return redirect(url_for("studio.decision", edition_id=desk.edition_id, file=path, id=desk.id), 303)


def _with_id(desk: Desk, held: DecisionFile | None) -> Desk:
    """What diagrams call it by: as typed, else made of its name."""
    files = [held] if held else beside.decision_files(g.db, desk.edition_id)
    taken = {one.id for file in files if file.outline for one in file.outline.shown}
    taken |= {file.path.removesuffix(".dmn") for file in files if not held}
    return replace(desk, id=desk.id or written.id_from(desk.name, taken))


def _faults(desk: Desk, held: DecisionFile | None) -> dict[str, Text]:
    outline = held.outline if held is not None else None
    known = outline.known if outline else frozenset()
    types = frozenset(outline.types) if outline else frozenset()
    found = dict(sheets_of_engine.faults(desk.sheet, known, types))
    if not desk.name:
        found["name"] = Text("a decision needs a name", "决策需要名称")
    if desk.is_new and desk.id and not (is_plain(desk.id) and desk.id.isascii()):
        found["id"] = Text("use letters, digits and “_”", "请使用字母、数字和“_”")
    if desk.is_new and held is not None and desk.id in written.ids_of(held.content, held.path):
        found["id"] = Text("the file gives this id to something else", "文件中已有此编号")
    return found


def _editor(
    desk: Desk,
    held: DecisionFile | None,
    *,
    faults: Mapping[str, Text] | None = None,
    refusal: Refusal | None = None,
    focus: str = "",
    trial: bool = False,
) -> str:
    page = reads.edition(g.db, desk.edition_id)
    typed = request.form if request.method == "POST" else None
    wrong = dict(faults) if faults is not None else (_faults(desk, held) if typed and not focus else {})
    model = _model(desk, held)
    asked = trying.wanted(model.read, desk.id or NEW) if model is not None and model.read is not None else ()
    seen = () if model is None or wrong else model.findings_of(desk.id or NEW)
    shown_trial: Tried | None = None
    if trial and model is not None and model.read is not None and not wrong:
        shown_trial = tried(model.read, desk.id or NEW, asked, request.form)
    return render_template(
        "studio/decision.html",
        page=page,
        desk=desk,
        draft=page.line.state == "draft",
        faults={place: why.say(language()) for place, why in wrong.items()},
        summary=_summary(wrong, desk.sheet),
        refusal=refusal,
        refusal_said=refusal.say(language(), fact) if refusal else "",
        now=held.digest if held else "",
        findings=list(enumerate(seen, 1)),
        marked=_marked(seen),
        asked=asked,
        typed=typed or {},
        tried=shown_trial,
        trial=trial,
        focus=focus,
        policies=_policies(),
        types=(*TYPES, *(held.outline.types if held and held.outline else ())),
        **states(),
    )


def _model(desk: Desk, held: DecisionFile | None) -> DecisionFile | None:
    """What is typed, read as if it were kept."""
    if sheets_of_engine.too_large(desk.sheet):
        return None
    named = replace(desk, id=desk.id or NEW, name=desk.name or NEW)
    others = {one.path: one.content for one in beside.decision_files(g.db, desk.edition_id)}
    return beside.decision_file(desk.file or "new.dmn", named.source(held), others)


def _marked(findings: Any) -> dict[int, list[int]]:
    """Numbers of the findings, by the number of the rule they are about."""
    found: dict[int, list[int]] = {}
    for number, one in enumerate(findings, 1):
        for line in one.facts.get("marks", ()):
            found.setdefault(line, []).append(number)
    return found


def _summary(wrong: Mapping[str, Text], sheet: Sheet) -> list[tuple[str | None, str]]:
    """For the top of the page: where each fault is, and what it is."""
    return [
        (place_id(place) if place else None, f"{_place(place, sheet)}{why.say(language())}")
        for place, why in wrong.items()
    ]


def place_id(place: str) -> str:
    """As the template names the field."""
    return "d-" + place.replace(".", "-")


def _place(place: str, sheet: Sheet) -> str:
    parts = place.split(".")
    if parts[0] == "line":
        column = sheet.asked[int(parts[3])].expression if parts[2] == "asked" else sheet.said[int(parts[3])].name
        where = _("Rule %(number)s, “%(column)s”: ", number=int(parts[1]) + 1, column=column or int(parts[3]) + 1)
    elif parts[0] == "asked":
        where = _("Condition %(number)s: ", number=int(parts[1]) + 1)
    elif parts[0] == "said":
        where = _("Result %(number)s: ", number=int(parts[1]) + 1)
    else:
        where = ""
    return where


def _policies() -> list[tuple[str, str, str]]:
    """Policy, aggregation and what they mean."""
    said = {
        "UNIQUE": _("only one rule may apply"),
        "ANY": _("several may apply, but must say the same"),
        "FIRST": _("the first that applies"),
        "PRIORITY": _("the one whose result is listed first"),
        "COLLECT": _("a list of all results"),
        "RULE ORDER": _("all results, in the order of the rules"),
        "OUTPUT ORDER": _("all results, in the order they are listed"),
    }
    plain = [(policy, "", said[policy]) for policy in POLICIES]
    return [
        *plain,
        ("COLLECT", "SUM", _("the sum of all results")),
        ("COLLECT", "MIN", _("the smallest result")),
        ("COLLECT", "MAX", _("the largest result")),
        ("COLLECT", "COUNT", _("how many rules apply")),
    ]
