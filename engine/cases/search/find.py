"""Finding cases by words: the index answers who may find them too, and each is asked for again before it is shown."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping, Sequence
from typing import Final

from sqlalchemy import BigInteger, Connection, Integer, bindparam, func, select, text

from engine.base.database import OFFICE
from engine.base.frozen import frozen
from engine.cases.search import tokens, who
from engine.cases.search.documents import Part, read
from engine.cases.search.tokens import Token
from engine.cases.tables_of_desk import search_documents
from engine.organisation.rules import Actor
from engine.organisation.tables import departments
from engine.procedures.reads import supervised_departments
from engine.procedures.tables import procedures

NEWEST: Final = 2**63 - 1
"""Begins before every case there is."""


@frozen
class Wanted:
    """All of `every` and, of each of `one_of`, one."""

    every: tuple[Token, ...]
    one_of: tuple[tuple[str, ...], ...] = ()


def wanted(
    db: Connection, actor: Actor, words: str, *, procedure_id: int | None = None, ended: bool | None = None
) -> Wanted | None:
    """None where the words hold nothing that anything could be found by."""
    every = tokens.asked(words)
    if not every:
        return None
    plain = [] if procedure_id is None else [Token(who.procedure(procedure_id))]
    if ended is not None:
        plain.append(Token(who.ENDED if ended else who.OPEN))
    marks = _may_find(db, actor)
    return Wanted((*every, *plain), () if marks is None else (marks,))


def _may_find(db: Connection, actor: Actor) -> tuple[str, ...] | None:
    """The marks of which a case carries one that the person may see. None: whoever supervises everything sees it all."""
    persons = {actor.person_id} | {one.person_id for one in actor.stands_in}
    posts = actor.post_ids | {post.post_id for one in actor.stands_in for post in one.posts}
    found = {who.person(one) for one in persons} | {who.post(one) for one in posts}
    watched = supervised_departments(db, actor)
    if watched:
        if db.scalar(select(func.count()).select_from(departments)) == len(watched):
            return None
        answered_for = db.scalars(select(procedures.c.id).where(procedures.c.department_id.in_(watched)))
        found |= {who.department(one) for one in watched} | {who.procedure(one) for one in answered_for}
    return tuple(sorted(found))


def candidates(db: Connection, sought: Wanted, *, before: int = NEWEST, most: int) -> list[int]:
    """Cases that carry what is wanted, the newest first. Some of them may be no longer to be seen."""
    is_sqlite = db.dialect.name == "sqlite"
    question = _as_fts5(sought) if is_sqlite else _as_tsquery(sought)
    given = {"question": question, "before": before, "most": most}
    return list(db.scalars(_SQLITE if is_sqlite else _POSTGRESQL, given))


_SQLITE: Final = text(
    "SELECT rowid FROM search_words WHERE search_words MATCH :question AND rowid < :before ORDER BY rowid DESC LIMIT :most"
).bindparams(bindparam("before", type_=BigInteger), bindparam("most", type_=Integer))
# Not by the key: where few of many newer cases are to be seen, all of those would be looked at one by one.
_POSTGRESQL: Final = text(
    "SELECT case_id FROM search_words WHERE words @@ CAST(:question AS tsquery) AND case_id < :before "
    "ORDER BY case_id + 0 DESC LIMIT :most"
).bindparams(bindparam("before", type_=BigInteger), bindparam("most", type_=Integer))


def _as_fts5(sought: Wanted) -> str:
    """Tokens are letters and digits alone, so quoting them is enough."""
    said = [f'"{one.word}"{" *" if one.begins else ""}' for one in sought.every]
    said += ["(" + " OR ".join(f'"{mark}"' for mark in marks) + ")" for marks in sought.one_of]
    return " AND ".join(said)


def _as_tsquery(sought: Wanted) -> str:
    said = [f"'{one.word}'{':*' if one.begins else ''}" for one in sought.every]
    said += ["(" + " | ".join(f"'{mark}'" for mark in marks) + ")" for marks in sought.one_of]
    return " & ".join(said)


@frozen
class Excerpt:
    """A part of what a case was found by, cut about the words. `pieces`: text, and whether it is one of the words."""

    kind: str
    pieces: tuple[tuple[str, bool], ...]


_ALWAYS_SHOWN: Final = frozenset({"number", "matter", "applicant", "procedure"})
_AROUND: Final = 40
_MOST_EXCERPTS: Final = 2


def excerpts(db: Connection, words: str, case_ids: Collection[int]) -> Mapping[int, tuple[Excerpt, ...]]:
    """Where the words were found in what a list does not show anyway."""
    rows = db.execute(
        select(search_documents.c.case_id, search_documents.c.parts).where(
            search_documents.c.office_id == OFFICE, search_documents.c.case_id.in_(case_ids)
        )
    )
    return {row.case_id: _excerpts(words, read(row.parts)) for row in rows}


def _excerpts(words: str, parts: Iterable[Part]) -> tuple[Excerpt, ...]:
    found: list[Excerpt] = []
    for kind, said in parts:
        if kind not in _ALWAYS_SHOWN and (spans := tokens.places(words, said)):
            found.append(Excerpt(kind, _cut(said, spans)))
            if len(found) == _MOST_EXCERPTS:
                break
    return tuple(found)


def marked(words: str, said: str) -> tuple[tuple[str, bool], ...]:
    """The whole of it, in pieces: text, and whether it is one of the words."""
    return _pieces(said, tokens.places(words, said), 0, len(said))


def _cut(said: str, spans: Sequence[tuple[int, int]]) -> tuple[tuple[str, bool], ...]:
    begin = max(0, spans[0][0] - _AROUND)
    end = min(len(said), max(spans[0][1], begin + 2 * _AROUND) + _AROUND)
    pieces = _pieces(said, [one for one in spans if one[1] <= end], begin, end)
    before, after = ("… ", False), (" …", False)
    return (*((before,) if begin else ()), *pieces, *((after,) if end < len(said) else ()))


def _pieces(said: str, spans: Sequence[tuple[int, int]], begin: int, end: int) -> tuple[tuple[str, bool], ...]:
    found: list[tuple[str, bool]] = []
    for one, another in spans:
        found += [(said[begin:one], False), (said[one:another], True)]
        begin = another
    found.append((said[begin:end], False))
    return tuple(piece for piece in found if piece[0])
