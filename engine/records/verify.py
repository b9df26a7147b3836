"""Whether the record is as it was written: every chain against its own seals and against the row that owns it."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from enum import StrEnum
from hashlib import sha256
from itertools import groupby
from typing import Any, Final

from sqlalchemy import BigInteger, ColumnElement, Connection, LargeBinary, Row, Select, cast, select, type_coerce

from engine.base.database import OFFICE
from engine.base.frozen import frozen
from engine.base.text import Text
from engine.records.journal import EMPTY, Chain, header, seal
from engine.records.tables import entries as rows


class Check(StrEnum):
    SEAL = "seal"
    """The entry, or the one before it, is not what was sealed."""
    GAP = "gap"
    """The entry is missing, and later ones are there."""
    END = "end"
    """The entry is missing: the chain ends before it, and its owner knows of more."""
    BEYOND = "beyond"
    """The entry stands after the last one that the chain's owner knows of."""
    HEAD = "head"
    """The last entry is not the one that the chain's owner knows as the last."""
    OWNER = "owner"
    """Nothing owns the chain that the entry stands in."""
    TWICE = "twice"
    """Two own the chain and do not agree on how it ends."""


_SENTENCES: Final = {
    Check.SEAL: Text(
        "Entry {number} of chain {chain}, or the one before it, was changed after it was written.",
        "链 {chain} 的第 {number} 条记录或其前一条在写入后被改动。",
    ),
    Check.GAP: Text(
        "Entry {number} of chain {chain} is missing from among the others.", "链 {chain} 中间缺少第 {number} 条记录。"
    ),
    Check.END: Text(
        "Chain {chain} was cut off: entry {number} and those after it are missing.",
        "链 {chain} 被截断：第 {number} 条及其后的记录缺失。",
    ),
    Check.BEYOND: Text(
        "Entry {number} of chain {chain} was added by nothing that keeps the chain.",
        "链 {chain} 的第 {number} 条记录并非由该链的持有者写入。",
    ),
    Check.HEAD: Text(
        "Chain {chain} was written anew: entry {number}, its last, is another than the one its owner knows.",
        "链 {chain} 被重写：其最后一条（第 {number} 条）与持有者所知不符。",
    ),
    Check.OWNER: Text(
        "Entry {number} of chain {chain} belongs to nothing: what owned the chain is gone.",
        "链 {chain} 的第 {number} 条记录没有归属：该链的持有者已不存在。",
    ),
    Check.TWICE: Text(
        "Chain {chain} is claimed twice, with two different ends.", "链 {chain} 有两个持有者，且所知的末端不同。"
    ),
}


@frozen
class Broken:
    chain: int
    number: int
    check: Check

    @property
    def sentence(self) -> Text:
        facts = {"chain": self.chain, "number": self.number}
        text = _SENTENCES[self.check]
        return Text(text.say("en", **facts), text.say("zh", **facts))


def first_broken(db: Connection, heads: Iterable[Chain], tell: Callable[[int], None] | None = None) -> Broken | None:
    """The first broken link that is found; None where all is as it was written.

    `heads` is every chain there is, as its owner knows it: an entry of any other chain has no owner. Entries are
    streamed, so memory grows with the number of chains only. `db` must see one moment of the office, as `reading()`
    does. `tell` is called now and then with the number of entries read so far.
    """
    owners: dict[int, Chain] = {}
    for chain in heads:
        if owners.setdefault(chain.id, chain) != chain:
            return Broken(chain.id, chain.length, Check.TWICE)
    with db.execute(_entries(db), execution_options={"stream_results": True, "yield_per": 2000}) as found:
        for chain_id, links in groupby(_links(found, tell), key=lambda link: link.chain):
            owner = owners.pop(chain_id, None)
            if owner is None:
                return Broken(chain_id, next(links).number, Check.OWNER)
            broken = _first_in_chain(owner, links)
            if broken is not None:
                return broken
    gone = [chain.id for chain in owners.values() if chain.length]
    return Broken(min(gone), 1, Check.END) if gone else None


@frozen
class _Link:
    chain: int
    number: int
    header: bytes | None  # None: what stands there cannot have been written by the journal
    facts: bytes
    seal: bytes


def _first_in_chain(owner: Chain, links: Iterable[_Link]) -> Broken | None:
    length, last = 0, EMPTY
    for link in links:
        length += 1
        if link.header is None or link.number < length:
            return Broken(owner.id, link.number, Check.SEAL)
        if link.number > length:
            return Broken(owner.id, length, Check.GAP)
        if seal(last, link.header, sha256(link.facts).digest()) != link.seal:
            return Broken(owner.id, length, Check.SEAL)
        if length > owner.length:
            return Broken(owner.id, length, Check.BEYOND)
        last = link.seal
    if length < owner.length:
        return Broken(owner.id, length + 1, Check.END)
    return None if last == owner.head else Broken(owner.id, length, Check.HEAD)


def _entries(db: Connection) -> Select[*tuple[Any, ...]]:
    return (
        select(
            rows.c.chain, rows.c.number, type_coerce(rows.c.at, BigInteger), rows.c.person_id, rows.c.post_id,
            *(_as_bytes(db, column) for column in (rows.c.act, rows.c.facts, rows.c.seal)),
        )
        .where(rows.c.office_id == OFFICE)
        .order_by(rows.c.chain, rows.c.number)
    )  # fmt: skip


def _links(found: Iterable[Row[*tuple[Any, ...]]], tell: Callable[[int], None] | None) -> Iterator[_Link]:
    for count, row in enumerate(found, start=1):
        yield _link(*row)
        if tell is not None and count % 10_000 == 0:
            tell(count)


def _as_bytes(db: Connection, column: ColumnElement[Any]) -> ColumnElement[Any]:
    """SQLite lets anything be put into a column: once tampered with, text need not be text any more."""
    return cast(column, LargeBinary) if db.dialect.name == "sqlite" else column


def _link(chain: Any, number: Any, at: Any, person: Any, post: Any, act: Any, facts: Any, sealed: Any) -> _Link:
    told = facts if isinstance(facts, bytes) else facts.encode()
    numbers = (chain, number, at, *(one for one in (person, post) if one is not None))
    head = None
    if all(isinstance(one, int) for one in numbers):
        word = act.decode(errors="replace") if isinstance(act, bytes) else act
        head = header(OFFICE, chain, number, at, person, post, word)
    return _Link(chain, number, head, told, sealed)
