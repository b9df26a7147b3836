"""Drawing an edition in the browser: what the editor opens, saves, asks and is told."""

from __future__ import annotations

import json
from base64 import b64decode
from collections.abc import Callable, Iterable, Mapping
from datetime import datetime
from typing import Any, Final

from flask import Response, g, jsonify, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue

from engine.base import clock
from engine.base.errors import Refusal
from engine.diagram import language as feel
from engine.diagram.blank import blank
from engine.diagram.report import as_json
from engine.diagram.rule_sets import GROUNDS, RULE_SETS, USUAL
from engine.diagram.shape import Finding, Severity
from engine.organisation.rules import Right
from engine.procedures import acts, drafts, presence, reads
from engine.procedures.acts import Saved
from engine.procedures.rules import EditionState
from web.attached import as_attachment
from web.guard import allows
from web.languages import gettext as _
from web.languages import language
from web.notices import tell
from web.problems import status_of
from web.shown import fact, hour, moment
from web.studio.room import room, states

_MOST_EXPRESSION: Final = 8_000
_GROUP_OF: Final = {Severity.BLOCKS: "out", Severity.ATTENTION: "look", Severity.INFO: "told"}


@room.get("/editions/<int:edition_id>/draw")
@allows(Right.DESIGN)
def draw(edition_id: int) -> ResponseReturnValue:
    """The editor of a draft; of any other edition, the same to be read, with a way to the next edition."""
    head = drafts.head(g.db, edition_id)
    posts = reads.post_choices(g.db)
    return render_template(
        "studio/draw.html",
        head=head,
        editable=head.state == EditionState.DRAFT,
        posts=[
            {
                "id": one.id, "name": one.name.say(language()), "department": one.department.say(language()),
                "also": one.name.say("zh" if language() == "en" else "en"), "holders": one.holders,
            }
            for one in posts
        ],
        called=drafts.callable_processes(g.db),
        grounds={one.value: words for one, words in GROUNDS.items()},
        rule_sets=[one for one in RULE_SETS.values() if one is not USUAL],
        **states(),
    )  # fmt: skip


@room.get("/editions/<int:edition_id>/draft")
@allows(Right.DESIGN)
def draft(edition_id: int) -> ResponseReturnValue:
    """What the editor opens: the diagram, its revision, which post owns which lane."""
    found = drafts.draft(g.db, edition_id)
    return jsonify(
        source=found.text,
        revision=found.revision,
        mapped=found.mapped,
        laid_out=found.laid_out,
        at=_clock(found.changed_at),
        by=found.changed_by.say(language()) if found.changed_by else None,
    )


@room.post("/editions/<int:edition_id>/draft")
@allows(Right.DESIGN)
def save_draft(edition_id: int) -> ResponseReturnValue:
    """One save. 409: somebody saved meanwhile; this one is kept beside the draft, and the answer says whose stands there."""

    def saved() -> ResponseReturnValue:
        sent = _sent()
        done = acts.save_draft(
            g.db,
            by=g.actor,
            edition_id=edition_id,
            source=_words(sent, "source").encode(),
            based_on=_whole(sent, "revision"),
            mapped=_mapped(sent),
            pen=_words(sent, "pen")[:64],
        )
        return _answer(edition_id, done)

    return _or_why_not(saved)


def _answer(edition_id: int, done: Saved) -> ResponseReturnValue:
    now = drafts.standing(g.db, edition_id)
    facts = {"revision": now.revision, "at": _clock(now.at), "mapped": drafts.mapped(g.db, edition_id)}
    if done.beside is None:
        return jsonify(**facts, hour=hour(clock.now()))
    by = now.by.say(language()) if now.by else ""
    if now.by_id == g.actor.person_id:
        sentence = _("You saved this draft %(time)s in another window, while you drew on here.", time=_clock(now.at))
    else:
        sentence = _("%(person)s saved this draft %(time)s, while you drew on here.", person=by, time=_clock(now.at))
    return jsonify(**facts, beside=done.beside, by=by, sentence=sentence), 409


@room.get("/editions/<int:edition_id>/draft/findings")
@allows(Right.DESIGN)
def draft_findings(edition_id: int) -> ResponseReturnValue:
    """The same findings as everywhere, and what the files beside the draft offer. `save`: of one kept beside it."""
    number = request.args.get("save", type=int)
    page = reads.edition(g.db, edition_id)
    if number is None:
        groups = _groups(page)
    else:
        found = drafts.findings_of_save(g.db, edition_id, number)
        groups = [(_GROUP_OF[one.rule.severity], one) for one in found]
    told = as_json(page.line.file, True, [one for _group, one in groups], language())["findings"]
    beside = drafts.beside(g.db, edition_id)
    return jsonify(
        findings=[
            {**facts, "group": group, "help": url_for("studio.rule", code=one.rule.code)}
            for facts, (group, one) in zip(told, groups, strict=True)
        ],
        files=[{"path": path, "digest": digest} for path, digest in beside.files.items()],
        decisions=[{"id": key, "name": name} for key, name in beside.decisions],
        answers=[{"key": key, "label": label} for key, label in beside.answers],
    )


def _groups(page: reads.EditionPage) -> list[tuple[str, Finding]]:
    """Each finding with the group it stands in on the page of findings."""
    kinds: tuple[tuple[str, Iterable[Finding]], ...] = (
        ("out", page.keeping_out),
        ("post", page.without_post),
        ("look", page.to_look_at),
        ("told", page.told),
        ("waived", (one.finding for one in page.waived)),
    )
    return [(group, one) for group, found in kinds for one in found]


@room.post("/editions/<int:edition_id>/draft/presence")
@allows(Right.DESIGN)
def draft_presence(edition_id: int) -> ResponseReturnValue:
    """Says that the draft is open here; told is who else has it open, and whether it has moved on."""
    now = drafts.standing(g.db, edition_id)
    others = presence.seen(g.db, edition_id=edition_id, person_id=g.actor.person_id)
    return jsonify(
        others=[one.name.say(language()) for one in others],
        state=now.state,
        revision=now.revision,
        by=now.by.say(language()) if now.by else None,
        at=_clock(now.at),
    )


@room.get("/editions/<int:edition_id>/draft/file")
@allows(Right.DESIGN)
def draft_file(edition_id: int) -> ResponseReturnValue:
    """A file beside the draft, never shown as a page."""
    path = request.args.get("path", "")
    answer = Response(drafts.file(g.db, edition_id, path), mimetype="application/octet-stream")
    answer.headers["Content-Disposition"] = as_attachment(path)
    return answer


@room.post("/editions/<int:edition_id>/draft/file")
@allows(Right.DESIGN)
def attach(edition_id: int) -> ResponseReturnValue:
    def attached() -> ResponseReturnValue:
        sent = _sent()
        replaces = sent.get("replaces")
        acts.attach(
            g.db,
            by=g.actor,
            edition_id=edition_id,
            path=_words(sent, "path"),
            content=_content(sent),
            replaces=replaces if isinstance(replaces, str) else None,
            pen=_words(sent, "pen")[:64],
        )
        return jsonify({})

    return _or_why_not(attached)


@room.post("/editions/<int:edition_id>/draft/file/remove")
@allows(Right.DESIGN)
def detach(edition_id: int) -> ResponseReturnValue:
    def detached() -> ResponseReturnValue:
        acts.detach(g.db, by=g.actor, edition_id=edition_id, path=_words(_sent(), "path"))
        return jsonify({})

    return _or_why_not(detached)


@room.get("/expression")
@allows(Right.DESIGN)
def expression() -> ResponseReturnValue:
    """Whether a condition can be read, while it is typed."""
    source = request.args.get("source", "")[:_MOST_EXPRESSION]
    try:
        read = feel.expression(source)
    except feel.NotAnExpression as refusal:
        return jsonify(readable=False, sentence=refusal.say(language(), fact))
    return jsonify(readable=True, names=sorted(read.names))


@room.get("/editions/<int:edition_id>/saves")
@allows(Right.DESIGN)
def saves(edition_id: int) -> ResponseReturnValue:
    head = drafts.head(g.db, edition_id)
    return render_template(
        "studio/saves.html",
        head=head,
        editable=head.state == EditionState.DRAFT,
        saves=drafts.saves(g.db, edition_id),
        shown=request.args.get("show", type=int),
        **states(),
    )


@room.get("/editions/<int:edition_id>/saves/<int:number>")
@allows(Right.DESIGN)
def one_save(edition_id: int, number: int) -> ResponseReturnValue:
    """A diagram to be drawn by the page, or anything to be saved."""
    name, content = drafts.saved(g.db, edition_id, number)
    answer = Response(content, mimetype="application/xml" if "save" not in request.args else "application/octet-stream")
    if "save" in request.args:
        answer.headers["Content-Disposition"] = as_attachment(name)
    return answer


@room.post("/editions/<int:edition_id>/saves/<int:number>/restore")
@allows(Right.DESIGN)
def restore_save(edition_id: int, number: int) -> ResponseReturnValue:
    acts.restore_save(g.db, by=g.actor, edition_id=edition_id, number=number)
    tell(_("Restored. What stood there before is among the saves too."))
    return redirect(url_for("studio.draw", edition_id=edition_id), 303)


@room.post("/editions/<int:edition_id>/next")
@allows(Right.DESIGN)
def new_draft_from(edition_id: int) -> ResponseReturnValue:
    made = acts.new_draft_from(g.db, by=g.actor, edition_id=edition_id)
    tell(_("A new draft with everything this edition holds. Draw on."))
    return redirect(url_for("studio.draw", edition_id=made), 303)


@room.post("/<int:procedure_id>/blank")
@allows(Right.DESIGN)
def draw_from_nothing(procedure_id: int) -> ResponseReturnValue:
    """An edition that begins with an empty diagram."""
    line = reads.procedure(g.db, procedure_id)
    made = acts.deposit(
        g.db, by=g.actor, procedure_id=procedure_id, file=f"{line.prefix.lower()}.bpmn",
        source=blank(line.name, line.prefix), attachments={},
    )  # fmt: skip
    return redirect(url_for("studio.draw", edition_id=made), 303)


class NotUnderstood(Refusal):
    """The office did not understand what the drawing page sent. Load the page again; what you drew is still in it."""

    zh = "系统无法识别绘图页发送的内容。请重新载入页面；您所画的内容仍在其中。"


def _or_why_not(act: Callable[[], ResponseReturnValue]) -> ResponseReturnValue:
    """A script asks: it is told in its own form why something was not done, and nothing of it is kept."""
    try:
        with g.db.begin_nested():
            return act()
    except Refusal as refusal:
        return jsonify(code=refusal.code, sentence=refusal.say(language(), fact)), status_of(refusal)


def _sent() -> Mapping[str, Any]:
    try:
        sent = json.loads(request.get_data())
    except (ValueError, RecursionError):
        raise NotUnderstood from None
    if not isinstance(sent, dict):
        raise NotUnderstood
    return sent


def _words(sent: Mapping[str, Any], key: str) -> str:
    found = sent.get(key, "")
    if not isinstance(found, str):
        raise NotUnderstood
    return found.encode("utf-8", "replace").decode()  # half a pair of surrogates is no character


def _content(sent: Mapping[str, Any]) -> bytes:
    """Of a file: a text as it is, anything else in base64."""
    if "base64" not in sent:
        return _words(sent, "content").encode()
    try:
        return b64decode(_words(sent, "base64"), validate=True)
    except ValueError:
        raise NotUnderstood from None


def _whole(sent: Mapping[str, Any], key: str) -> int:
    found = sent.get(key)
    if not isinstance(found, int) or isinstance(found, bool):
        raise NotUnderstood
    return found


def _mapped(sent: Mapping[str, Any]) -> dict[str, int | None]:
    found = sent.get("mapped", {})
    if not isinstance(found, dict) or not all(
        post is None or (isinstance(post, int) and not isinstance(post, bool) and 0 < post < 2**31)
        for post in found.values()
    ):
        raise NotUnderstood
    return found


def _clock(at: datetime | None) -> str:
    """The hour today, the day as well before."""
    return "" if at is None else moment(at)
