"""Who may use a route. Every view wears one of the three rules below; a view without one keeps the web from starting."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any, Final, TypeVar

from flask import Flask, current_app
from flask.globals import app_ctx, request_ctx

from engine.base.errors import NotAllowed, Refusal
from engine.base.frozen import frozen
from engine.base.text import Text
from engine.organisation.rules import Actor, Right
from engine.organisation.sign_in import session_of

_MARK: Final = "__officium_rule__"
_BARE: Final = "__officium_bare__"
_PROGRAMS: Final = "__officium_programs__"

View = TypeVar("View", bound=Callable[..., Any])


class NotSignedIn(Refusal):
    """You are not signed in, or your sign-in has ended. Sign in again; you will come back to this page."""

    zh = "您尚未登录，或登录已失效。请重新登录，之后将回到本页。"


class Unguarded(Exception):
    """A route says nothing about who may use it."""


@frozen
class Rule:
    """Who may: everybody, whoever is signed in, or whose posts carry one of `rights`."""

    signed_in: bool
    rights: tuple[Right, ...] = ()

    def admits(self, actor: Actor | None) -> bool:
        if not self.signed_in:
            return True
        return actor is not None and (not self.rights or any(actor.may(right) for right in self.rights))

    def __str__(self) -> str:
        if not self.signed_in:
            return "public"
        return " or ".join(self.rights) or "anybody signed in"


def public(view: View) -> View:
    return wearing(view, Rule(signed_in=False))


def anybody_signed_in(view: View) -> View:
    return wearing(view, Rule(signed_in=True))


def allows(*rights: Right) -> Callable[[View], View]:
    """Any one of `rights` is enough."""
    if not rights:
        raise Unguarded("allows() needs a right")
    return lambda view: wearing(view, Rule(signed_in=True, rights=rights))


def wearing(view: View, rule: Rule) -> View:
    setattr(view, _MARK, rule)
    return view


def bare(view: View) -> View:
    """Outside of any transaction, and without asking who is there: for what must answer while the database does not."""
    setattr(view, _BARE, True)
    return public(view)


def is_bare(app: Flask, endpoint: str | None) -> bool:
    return endpoint is not None and hasattr(app.view_functions.get(endpoint), _BARE)


def programs(view: View) -> View:
    """For programs, which prove who they are by a token of theirs: a page of somebody else's cannot know it."""
    setattr(view, _PROGRAMS, True)
    return public(view)


def is_for_programs(app: Flask, endpoint: str | None) -> bool:
    return endpoint is not None and hasattr(app.view_functions.get(endpoint), _PROGRAMS)


def rule_of(app: Flask, endpoint: str) -> Rule:
    """Raises Unguarded for a view that wears none."""
    rule = getattr(app.view_functions[endpoint], _MARK, None)
    if not isinstance(rule, Rule):
        raise Unguarded(f"{endpoint}: say who may use it with @public, @anybody_signed_in or @allows(…)")
    return rule


def rules(app: Flask) -> dict[str, Rule]:
    """Every endpoint with its rule."""
    return {route.endpoint: rule_of(app, route.endpoint) for route in app.url_map.iter_rules()}


def cookie_name() -> str:
    """Browsers keep a __Host- cookie from being set by a neighbouring host or over plain http."""
    return "__Host-officium" if current_app.config["SESSION_COOKIE_SECURE"] else "officium"


def admit() -> None:
    """Finds who asks, and refuses whom the view's rule does not admit. Needs `g.db`."""
    asked, kept = request_ctx.request, app_ctx.g  # themselves: asked through what stands for them each costs five calls
    secret = asked.cookies.get(cookie_name())
    session = session_of(kept.db, secret) if secret else None
    actor = kept.actor = session.actor if session else None
    if session is not None:
        kept.office = session.office
    kept.in_use = secret if session and session.touch_due else None
    if asked.endpoint is None or asked.routing_exception is not None:
        return
    rule = rule_of(app_ctx.app, asked.endpoint)
    if rule.admits(actor):
        return
    if actor is None:
        raise NotSignedIn
    raise NotAllowed(why=_for_whom(rule.rights))


_WHO: Final = {
    Right.DESIGN: Text("process designers", "流程设计人员"),
    Right.APPROVE: Text("those who approve procedures", "批准岗位的人员"),
    Right.SUPERVISE: Text("supervisors", "监督人员"),
    Right.INSPECT: Text("the supervision office", "效能监察人员"),
    Right.RECEIVE: Text("those who work at the counter", "窗口受理人员"),
    Right.ADMINISTER: Text("the office's administrators", "系统管理员"),
}


def _for_whom(rights: Sequence[Right]) -> Text:
    who = [_WHO[right] for right in rights]
    *others, last = who
    before = f"{', '.join(one.en for one in others)} and " if others else ""
    return Text(f"this is for {before}{last.en}", f"此处仅限{'、'.join(one.zh for one in who)}使用")
