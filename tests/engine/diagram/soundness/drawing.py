"""Diagrams drawn at random: some as they should be, some as they come out where nobody takes care."""

from __future__ import annotations

import random
from collections.abc import Callable
from dataclasses import dataclass, field

from engine.diagram.shape import Diagram
from tests.engine.diagram import builders as b

_GATEWAYS: dict[str, Callable[[str], str]] = {"one": b.xor, "some": b.some, "all": b.both}


@dataclass
class Scope:
    """What is drawn in one process or sub-process. `free`: what a stray flow may lead from and to."""

    parts: list[str] = field(default_factory=list)
    sources: list[str] = field(default_factory=list)
    targets: list[str] = field(default_factory=list)
    throws: list[str] = field(default_factory=list)


class Drawer:
    """The same seed draws the same diagram. `careless`: how likely a gateway is the wrong one."""

    def __init__(self, seed: int) -> None:
        self.chance = random.Random(seed)
        self.careless = self.chance.choice((0.0, 0.15, 0.35))
        self.stray = self.chance.choice((0, 0, 1, 2))
        self.left = self.chance.randint(3, 9)
        self.number = 0
        self.calls = False

    def name(self, kind: str) -> str:
        self.number += 1
        return f"{kind}{self.number}"

    def draw(self) -> Diagram:
        whole = [b.process(*self.scope(0, process=True), id_="p")]
        if self.calls:
            self.left, self.stray = 2, 0
            whole.append(b.process(*self.scope(2, process=True), id_="q"))
        return b.file(*whole)

    def scope(self, depth: int, *, process: bool = False) -> list[str]:
        here = Scope()
        begin, end = self.name("s"), self.name("e")
        first, last = self.row(here, depth)
        here.parts += [b.start(begin), self.ending(here, end, depth, process), b.line(begin, first), b.line(last, end)]
        if self.chance.random() < 0.12 and self.left > 0:
            here.parts.append(self.beside(depth))
        for _ in range(self.stray):
            if here.sources and here.targets and self.chance.random() < 0.7:
                source, target = self.chance.choice(here.sources), self.chance.choice(here.targets)
                if source != target:
                    here.parts.append(b.flow(source, target, id_=self.name("stray")))
        return here.parts

    def ending(self, here: Scope, name: str, depth: int, process: bool) -> str:
        dice = self.chance.random()
        if dice < 0.08:
            return b.end(name, b.terminate())
        if dice < 0.14 and not process:
            return b.end(name, b.error("x"))
        return b.end(name)

    def row(self, here: Scope, depth: int) -> tuple[str, str]:
        first, last = self.block(here, depth)
        while self.left > 0 and self.chance.random() < 0.45:
            following, end = self.block(here, depth)
            here.parts.append(b.line(last, following))
            last = end
        return first, last

    def block(self, here: Scope, depth: int) -> tuple[str, str]:
        self.left -= 1
        simple = [self.task, self.task, self.waiting, self.automatic, self.repeated]
        if self.left <= 0 or depth > 3:
            return self.chance.choice(simple)(here)
        several = (
            [self.parted] * 6 + [self.loop] * 2 + [self.events, self.bordered, self.bordered, self.inner, self.inner]
        )
        several += [self.linked, self.ended, self.called]
        if self.chance.random() < 0.25:
            return self.chance.choice(simple)(here)
        return self.chance.choice(several)(here, depth + 1)

    def put(self, here: Scope, part: str, name: str) -> tuple[str, str]:
        here.parts.append(part)
        here.sources.append(name)
        here.targets.append(name)
        return name, name

    def task(self, here: Scope) -> tuple[str, str]:
        name = self.name("t")
        return self.put(here, b.user(name), name)

    def waiting(self, here: Scope) -> tuple[str, str]:
        name = self.name("w")
        trigger = self.chance.choice((b.timer("P1D"), b.message("m"), b.signal("loud")))
        return self.put(here, b.catch(name, trigger), name)

    def automatic(self, here: Scope) -> tuple[str, str]:
        name = self.name("a")
        part = self.chance.choice(
            (b.script(name, "x = 1"), b.throw(name), b.throw(name, b.signal("loud")), b.throw(name, b.escalation("up")),
             b.step("serviceTask", name))
        )  # fmt: skip
        return self.put(here, part, name)

    def repeated(self, here: Scope) -> tuple[str, str]:
        name = self.name("m")
        inside = self.chance.choice(
            (b.several(b.times(2)), b.several(b.times(2), sequential=True), b.again(loopMaximum="2"))
        )
        return self.put(here, b.user(name, inside), name)

    def parted(self, here: Scope, depth: int) -> tuple[str, str]:
        kind = self.chance.choice(("one", "some", "all", "all"))
        meets = self.chance.choice(tuple(_GATEWAYS)) if self.chance.random() < self.careless else kind
        fork, join = self.name("f"), self.name("j")
        here.parts += [_GATEWAYS[kind](fork), _GATEWAYS[meets](join)]
        here.sources.append(fork)
        here.targets.append(join)
        for _ in range(self.chance.choice((2, 2, 3))):
            if self.chance.random() < 0.1:
                here.parts.append(b.flow(fork, join, id_=self.name("straight")))
                continue
            first, last = self.row(here, depth)
            here.parts.append(b.line(fork, first))
            self.close(here, last, join)
        return fork, join

    def close(self, here: Scope, last: str, join: str) -> None:
        """Now and then a way does not come back."""
        if self.chance.random() < 0.08:
            end = self.name("e")
            here.parts += [self.chance.choice((b.end(end), b.end(end, b.terminate()))), b.line(last, end)]
        else:
            here.parts.append(b.line(last, join))

    def loop(self, here: Scope, depth: int) -> tuple[str, str]:
        merge, choice = self.name("r"), self.name("x")
        careless = self.chance.random() < self.careless
        here.parts += [(b.both if careless and self.chance.random() < 0.4 else b.xor)(merge)]
        here.parts += [(b.some if careless else b.xor)(choice)]
        first, last = self.row(here, depth)
        here.parts += [b.line(merge, first), b.line(last, choice)]
        if self.chance.random() < 0.5:
            here.parts.append(b.line(choice, merge))
        else:
            back, behind = self.row(here, depth)
            here.parts += [b.line(choice, back), b.line(behind, merge)]
        here.targets.append(merge)
        here.sources.append(choice)
        return merge, choice

    def events(self, here: Scope, depth: int) -> tuple[str, str]:
        gateway, join = self.name("v"), self.name("j")
        careless = self.chance.random() < self.careless
        here.parts += [b.first(gateway), (b.both if careless else b.xor)(join)]
        for trigger in (b.timer("P1D"), self.chance.choice((b.message("m"), b.signal("loud")))):
            catch = self.name("c")
            first, last = self.row(here, depth)
            here.parts += [b.catch(catch, trigger), b.line(gateway, catch, first), b.line(last, join)]
        here.targets += [gateway, join]
        return gateway, join

    def bordered(self, here: Scope, depth: int) -> tuple[str, str]:
        name, _ = self.chance.choice((self.task, self.task, self.repeated))(here)
        return self.with_border(
            here, name, (b.timer("P1D"), b.message("m"), b.signal("loud"), b.timer("R/P1D", "timeCycle")), depth
        )

    def with_border(self, here: Scope, name: str, triggers: tuple[str, ...], depth: int) -> tuple[str, str]:
        border = self.name("b")
        ends = self.chance.random() < 0.6
        here.parts.append(b.border(border, name, self.chance.choice(triggers), interrupting=ends))
        first, last = self.row(here, depth)
        here.parts.append(b.line(border, first))
        if self.chance.random() < (0.4 if ends else 0.75):
            end = self.name("e")
            here.parts += [b.end(end), b.line(last, end)]
            return name, name
        join = self.name("j")
        kind = (
            self.chance.choice(tuple(_GATEWAYS)) if self.chance.random() < self.careless else "one" if ends else "some"
        )
        here.parts += [_GATEWAYS[kind](join), b.line(name, join), b.line(last, join)]
        return name, join

    def inner(self, here: Scope, depth: int) -> tuple[str, str]:
        name = self.name("u")
        inside = self.scope(depth)
        again = self.chance.choice(("", "", "", b.several(b.times(1))))
        self.put(here, b.sub(name, *inside, again), name)
        if self.chance.random() < 0.5:
            return name, name
        triggers = (b.error("x"), b.error(), b.escalation("up"), b.timer("P1D"), b.message("m"))
        return self.with_border(here, name, triggers, depth)

    def beside(self, depth: int) -> str:
        """An event sub-process."""
        name, begin, end = self.name("h"), self.name("s"), self.name("e")
        here = Scope()
        first, last = self.row(here, depth + 2)
        triggers = (b.message("m"), b.timer("P1D"), b.error("x"), b.escalation("up"), b.signal("loud"))
        interrupts = self.chance.choice(("true", "false"))
        inside = [
            b.start(begin, self.chance.choice(triggers), isInterrupting=interrupts),
            b.end(end),
            b.line(begin, first),
            b.line(last, end),
        ]
        return b.handler(name, *here.parts, *inside)

    def linked(self, here: Scope, depth: int) -> tuple[str, str]:
        throws, catches = self.name("l"), self.name("k")
        here.parts += [b.throw(throws, b.link(throws)), b.catch(catches, b.link(throws))]
        return throws, catches

    def ended(self, here: Scope, depth: int) -> tuple[str, str]:
        """A way out in the middle."""
        choice, end = self.name("x"), self.name("e")
        trigger = self.chance.choice(("", b.terminate(), b.error("x"), b.signal("loud")))
        here.parts += [b.xor(choice), b.end(end, trigger), b.line(choice, end)]
        first, last = self.row(here, depth)
        here.parts.append(b.line(choice, first))
        return choice, last

    def called(self, here: Scope, depth: int) -> tuple[str, str]:
        if self.number < 4:
            return self.task(here)
        name = self.name("q")
        self.calls = True
        return self.put(here, b.call(name, "q"), name)


def drawn(seed: int) -> Diagram:
    return Drawer(seed).draw()
