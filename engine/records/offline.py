# ruff: noqa: T201 -- it talks to a terminal
"""Verifies an extract of an office's record. Needs Python 3.11 and nothing else:

    python offline.py FILE ...

A file holds JSON lines. An entry is a line such as

    {"office": 1, "chain": 5, "number": 1, "at": 1772413200000, "person": 3, "post": 2,
     "act": "complete_task", "facts": "{...}", "seal": "<64 hexadecimal digits>"}

and is sealed together with the entry before it:

    seal   = SHA-256(previous seal, header, SHA-256(facts))         written one after the other
    header = "officium entry 1", office, chain, number, at, person, post, act    a line break after each

in UTF-8; "-" stands for no person and no post; before the first entry the previous seal is 32 zero bytes.
In place of "facts" there may be "facts_digest", their SHA-256, where the reader may not see them.
After the entries a line such as {"chain": 5, "length": 9, "head": "<the last seal>"} says how the chain ends.

What this can prove: nothing in the file was changed, removed, added or moved after it was sealed. Whoever wrote
the whole file anew could seal it anew: compare the heads printed here with heads kept elsewhere since.
"""

import json
import sys
from collections.abc import Iterable
from hashlib import sha256
from typing import Any

SEALED = {"office", "chain", "number", "at", "person", "post", "act", "facts", "facts_digest", "seal"}


class Broken(Exception):
    """What is wrong, and where."""


def header_of(entry: dict[str, Any]) -> bytes:
    """The bytes that are sealed beside the facts."""
    numbers = [entry["office"], entry["chain"], entry["number"], entry["at"]]
    for optional in (entry["person"], entry["post"]):
        numbers.append("-" if optional is None else optional)
    if not all(type(one) is int or one == "-" for one in numbers):
        raise Broken("a number is not a number")
    fields = ["officium entry 1", *map(str, numbers), str(entry["act"])]
    return "".join(field + "\n" for field in fields).encode("utf-8")


def facts_digest_of(entry: dict[str, Any]) -> bytes:
    if "facts" in entry:
        return sha256(entry["facts"].encode("utf-8")).digest()
    return bytes.fromhex(entry["facts_digest"])


class Chain:
    """As much of a chain as was read so far."""

    def __init__(self) -> None:
        self.length = 0
        self.head = bytes(32)
        self.withheld = 0
        self.ended = False

    def add(self, entry: dict[str, Any]) -> None:
        if not entry.keys() <= SEALED:
            raise Broken(f"{', '.join(entry.keys() - SEALED)} was never sealed")
        expected = self.length + 1
        if self.ended:
            raise Broken(f"entry {entry['number']} stands after the end of its chain")
        if entry["number"] != expected:
            raise Broken(f"entry {expected} is missing; entry {entry['number']} stands in its place")
        sealed = sha256(self.head + header_of(entry) + facts_digest_of(entry)).digest()
        if sealed.hex() != entry["seal"]:
            raise Broken(f"entry {expected}, or the one before it, is not what was sealed")
        self.length, self.head = expected, sealed
        self.withheld += "facts" not in entry

    def end(self, told: dict[str, Any]) -> None:
        if told["length"] != self.length:
            raise Broken(f"the chain has {self.length} entries, and its owner knows of {told['length']}")
        if self.length and told["head"] != self.head.hex():
            raise Broken(f"entry {self.length}, the last, is not the one its owner knows as the last")
        self.ended = True


def verify(lines: Iterable[str]) -> dict[int, Chain]:
    """The chains by their id. Raises Broken."""
    chains: dict[int, Chain] = {}
    for place, line in enumerate(lines, start=1):
        if not line.strip():
            continue
        try:
            told = json.loads(line)
            chain = chains.setdefault(told["chain"], Chain())
            if "head" in told:
                chain.end(told)
            else:
                chain.add(told)
        except Broken as fault:
            raise Broken(f"line {place}, chain {told['chain']}: {fault}") from None
        except (ValueError, KeyError, TypeError, AttributeError) as fault:
            raise Broken(f"line {place} is no entry of a record: {fault!r}") from None
    if not chains:
        raise Broken("there is no chain in it")
    for key, chain in chains.items():
        if not chain.ended:
            raise Broken(f"chain {key}: the line that says how it ends is missing")
    return chains


def main(files: list[str]) -> int:
    if not files:
        print(__doc__)
        return 2
    for file in files:
        try:
            with open(file, encoding="utf-8") as lines:
                chains = verify(lines)
        except (Broken, OSError, UnicodeError) as fault:
            print(f"{file}: BROKEN: {fault}")
            return 1
        for key, chain in sorted(chains.items()):
            withheld = f", the facts of {chain.withheld} not shown" if chain.withheld else ""
            print(f"{file}: chain {key}: {chain.length} entries{withheld}, head {chain.head.hex()}")
        print(f"{file}: UNBROKEN: {len(chains)} chains")
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
