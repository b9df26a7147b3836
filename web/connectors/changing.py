"""Setting up a connector, changing it, switching it off, and seeing what it would send."""

from __future__ import annotations

import json
from typing import Any, Final

import orjson
from flask import g, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue

from engine.base import clock
from engine.base.errors import Refusal
from engine.base.text import Text
from engine.connectors import acts, reads, rules
from engine.connectors.reads import Connector
from engine.connectors.rules import GivenUnfit, Kind, Wanted
from engine.organisation.rules import Right
from engine.procedures.reads import procedures
from web.connectors.listing import kind_name
from web.connectors.room import inside, room, seal, tabs
from web.forms import whole
from web.guard import allows
from web.languages import gettext as _
from web.notices import tell
from web.shown import refused

_FIELDS: Final = (
    "code", "name_en", "name_zh", "method", "url", "path", "domains", "subject_en", "subject_zh", "words_en",
    "words_zh", "time_out", "most_bytes", "tries", "wait",
)  # fmt: skip
_AT: Final[dict[type[Refusal], str]] = {
    rules.ConnectorCodeUnfit: "code", rules.CodeInUse: "code", rules.ConnectorUnnamed: "name_en", rules.ConnectorAddressUnfit: "url",
    rules.PathUnfit: "path", rules.HeadersUnfit: "headers", rules.DomainsUnfit: "domains",
    rules.TextsMissing: "subject_en",
}  # fmt: skip
_SAMPLE: Final = "00000000-0000-4000-8000-000000000000"


@room.get("/connectors/new")
@allows(Right.ADMINISTER)
def new() -> ResponseReturnValue:
    asked = request.args.get("kind", "")
    kind = Kind(asked) if asked in set(Kind) else Kind.HTTP
    return _page(Wanted("", "", "", kind))


@room.post("/connectors/new")
@allows(Right.ADMINISTER)
def add() -> ResponseReturnValue:
    """Of a webhook the page comes at once: its secret is shown this once and kept nowhere on its way."""
    wanted = _wanted(new=True)
    try:
        made, secret = acts.add_connector(g.db, by=g.actor, wanted=wanted, seal=seal(), inside=inside())
    except Refusal as refusal:
        return _page(wanted, refusal=refusal), 422
    if secret:
        return _page(wanted, reads.connector(g.db, by=g.actor, connector_id=made), secret=secret)
    tell(_("The connector is set up. Procedures name it by its code."))
    return redirect(url_for("connectors.connector", connector_id=made), 303)


@room.get("/connectors/<int:connector_id>")
@allows(Right.ADMINISTER)
def connector(connector_id: int) -> ResponseReturnValue:
    found = reads.connector(g.db, by=g.actor, connector_id=connector_id)
    return _page(_as_typed(found), found)


@room.post("/connectors/<int:connector_id>")
@allows(Right.ADMINISTER)
def change(connector_id: int) -> ResponseReturnValue:
    found = reads.connector(g.db, by=g.actor, connector_id=connector_id)
    wanted = _wanted(new=False, kind=found.kind)
    try:
        acts.change_connector(g.db, by=g.actor, connector_id=connector_id, wanted=wanted, seal=seal(), inside=inside())
    except Refusal as refusal:
        return _page(wanted, found, refusal=refusal), 422
    tell(_("The connector is changed. What waits goes by it from its next try on."))
    return redirect(url_for("connectors.connector", connector_id=connector_id), 303)


@room.post("/connectors/<int:connector_id>/switch")
@allows(Right.ADMINISTER)
def switch(connector_id: int) -> ResponseReturnValue:
    on = request.form.get("on") == "yes"
    acts.switch_connector(g.db, by=g.actor, connector_id=connector_id, enabled=on)
    tell(_("The connector is switched on.") if on else _("The connector is switched off."))
    return redirect(url_for("connectors.connectors"), 303)


@room.post("/connectors/<int:connector_id>/remove")
@allows(Right.ADMINISTER)
def remove(connector_id: int) -> ResponseReturnValue:
    acts.remove_connector(g.db, by=g.actor, connector_id=connector_id)
    tell(_("The connector is removed, and its secrets are forgotten."))
    return redirect(url_for("connectors.connectors"), 303)


@room.post("/connectors/<int:connector_id>/try")
@allows(Right.ADMINISTER)
def dry(connector_id: int) -> ResponseReturnValue:
    """What would be sent with these inputs. Nothing leaves the office."""
    found = reads.connector(g.db, by=g.actor, connector_id=connector_id)
    typed = request.form.get("given", "")[:20_000]
    try:
        shown = _shown(found, given_of(typed))
    except Refusal as refusal:
        return _page(_as_typed(found), found, dry_error=refused(refusal), given=typed), 422
    return _page(_as_typed(found), found, shown=shown, given=typed)


def shown_page(connector_id: int, *, given: str, dry_error: str | None = None, tried: Any = None) -> str:
    """The page of a connector, with what was typed to try it and what came of that."""
    found = reads.connector(g.db, by=g.actor, connector_id=connector_id)
    return _page(_as_typed(found), found, dry_error=dry_error, given=given, tried=tried)


_NO_OBJECT: Final = Text("it must be JSON between braces", "须为花括号内的 JSON")


def given_of(typed: str) -> dict[str, Any]:
    try:
        found = orjson.loads(typed or "{}")
    except orjson.JSONDecodeError:
        raise GivenUnfit(why=_NO_OBJECT) from None
    if not isinstance(found, dict) or not rules.depth_fits(found):
        raise GivenUnfit(why=_NO_OBJECT)
    return found


def _shown(found: Connector, given: dict[str, Any]) -> str:
    """As it would go out, but for the values of headers, which are secrets."""
    if found.kind is Kind.MAIL:
        from web.outbox.posting import addressee, letter  # noqa: PLC0415  only here is a letter written in a request

        made = letter(found, given, addressee(found, given), _SAMPLE, "office@office.example")
        return f"To: {made['To']}\nSubject: {made['Subject']}\n\n{made.get_content()}"
    from web.outbox.asking import request_of  # noqa: PLC0415  as above

    hidden = dict.fromkeys(found.how.header_names, "••••")
    at = int(clock.now().timestamp())
    made_of = request_of(found, given, key=_SAMPLE, case="BP-2026-0001", headers=hidden, secret="••••", at=at)  # noqa: S106  shown in place of it
    lines = [f"{made_of.method} {made_of.url}", *(f"{name}: {value}" for name, value in made_of.headers.items())]
    body = "" if made_of.body is None else json.dumps(orjson.loads(made_of.body), ensure_ascii=False, indent=2)
    return "\n".join([*lines, "", body]).rstrip()


def _wanted(*, new: bool, kind: Kind | None = None) -> Wanted:
    form = request.form
    asked = form.get("kind", "")
    typed = {name: form.get(name, "")[:10_000] for name in _FIELDS if name in form}
    headers = form.get("headers", "")[:20_000]
    chosen = tuple(whole(one) for one in form.getlist("procedure") if one.isdecimal() and len(one) < 10)
    return Wanted(
        **{"code": "", "name_en": "", "name_zh": "", **typed},
        kind=kind or (Kind(asked) if asked in set(Kind) else Kind.HTTP),
        headers=headers if new or headers.strip() or form.get("no_headers") == "yes" else None,
        enabled=form.get("enabled") == "yes",
        procedures=None if form.get("which") != "some" else chosen,
    )


def _as_typed(found: Connector) -> Wanted:
    how = found.how
    return Wanted(
        found.code, found.name.en, found.name.zh, found.kind, how.method, how.url, how.path, None,
        "\n".join(how.domains), how.subject.en, how.subject.zh, how.words.en, how.words.zh, str(found.time_out),
        str(found.most_bytes), str(found.tries), str(found.wait), found.enabled, found.procedures,
    )  # fmt: skip


def _page(
    wanted: Wanted,
    found: Connector | None = None,
    *,
    refusal: Refusal | None = None,
    secret: str | None = None,
    shown: str | None = None,
    dry_error: str | None = None,
    given: str = "{}",
    tried: Any = None,
) -> str:
    at = _AT.get(type(refusal), "") if refusal else ""
    if isinstance(refusal, rules.NumberUnfit):
        at = next((name for name, what in rules.WHATS.items() if what is refusal.facts["what"]), "")
    return render_template(
        "connectors/connector.html",
        wanted=wanted,
        found=found,
        errors={at: refused(refusal)} if refusal else {},
        secret=secret,
        shown=shown,
        dry_error=dry_error,
        given=given,
        tried=tried,
        kinds=[(one, kind_name(one)) for one in Kind],
        procedures=procedures(g.db),
        methods=rules.METHODS,
        tabs_of=tabs(),
    )
