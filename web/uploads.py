"""Files that come with a form: taken in before the transaction, known again by what was signed for them."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, Final, cast

from flask import current_app, g, request

from engine.base.errors import Refusal
from engine.base.text import Name, Text
from engine.cases import acts
from engine.papers import rules
from engine.papers.kinds import KINDS, NEVER
from engine.papers.taking import Cabinet, take_in
from engine.papers.uploads import Upload, Uploads, read, signed
from web.before import MOST_SENT, Before, done_before

DROPPED: Final = "own:drop"
"""Boxes of this name hold what is to be left out of those that were handed in before."""
_ANY_KIND: Final = frozenset(KINDS) - NEVER
"""A field of a form says itself which kinds it takes; it is asked when the form is checked."""


def cabinet() -> Cabinet:
    return cast(Cabinet, cast(Any, current_app).cabinet)


def _files_sent() -> bool:
    return any(file.filename for file in request.files.values())


def _take_in(_seen: None) -> None:
    """Those that are refused are told with the form, at the field they were meant for."""
    g.uploads, g.refused, g.infected = {}, {}, []
    chosen = [(name, one) for name, files in request.files.lists() for one in files if one.filename]
    for number, (name, one) in enumerate(chosen):
        try:
            if number >= rules.MOST_AT_ONCE:
                raise rules.TooManyPapers(most=rules.MOST_AT_ONCE)
            taken = take_in(cabinet(), one.stream, one.filename or "", accept=_ANY_KIND)  # type: ignore[arg-type]
            token = signed(taken, person_id=g.actor.person_id, secret=current_app.config["SECRET_KEY"])
        except rules.PaperRefused as refusal:
            token = f"refused:{number}"
            g.refused[token] = said(refusal)
            if isinstance(refusal, rules.Infected):
                g.infected.append(refusal)
        g.uploads.setdefault(name, []).append(token)


def said(refusal: rules.PaperRefused) -> Text:
    return Name(refusal.say("en"), refusal.say("zh"))


def note_infected(case_id: int, infected: Sequence[rules.Infected] | None = None) -> None:
    """On the record of the case whose form they came with; not where the person has no part in it, or it has ended."""
    for one in g.get("infected", ()) if infected is None else infected:
        try:
            acts.refuse_paper(g.db, by=g.actor, case_id=case_id, **one.facts)
        except Refusal:
            return


takes_files = done_before(Before(look=lambda **_: None, make=_take_in, wanted=_files_sent, most_sent=MOST_SENT))
"""A view that wears it finds the files of its form among the form's values."""


def with_files(values: Mapping[str, Sequence[str]]) -> Mapping[str, Sequence[str]]:
    """What was typed, with the files that came with it and without those that are to be left out."""
    dropped = frozenset(request.form.getlist(DROPPED))
    found = (
        {name: [one for one in typed if one not in dropped] for name, typed in values.items()} if dropped else values
    )
    return {**found, **{name: [*found.get(name, ()), *tokens] for name, tokens in g.get("uploads", {}).items()}}


def known(typed: Mapping[str, Sequence[str]]) -> Uploads:
    """Those among what was typed that were handed in by this person."""
    found: dict[str, Upload] = {}
    for one in (one for values in typed.values() for one in values if one.startswith("upload.")):
        upload = read(one, person_id=g.actor.person_id, secret=current_app.config["SECRET_KEY"], usual=cabinet().usual)
        if upload is not None and cabinet().store.has(upload.taken.key):
            found[one] = upload
    return Uploads(cabinet(), found, g.get("refused", {}))
