"""What was measured, as tables; and the gates, which are ratios wherever a machine's own speed would decide otherwise."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field

from tests.benchmarks.desk import Asked
from tests.benchmarks.figures import CROWDED, Measured, Upkeep
from tests.benchmarks.growth import Counted, Growth
from tests.benchmarks.inbox import Pages
from tests.benchmarks.rounds import Load, Round, Spread, kept, ratio
from tests.benchmarks.systems import CORE, OFFICIUM, RAW, SYSTEMS
from tests.benchmarks.timers import Drained, percentile


@dataclass(slots=True)
class Report:
    """Prints as it goes; remembers which gates were passed."""

    gates: list[tuple[bool, str]] = field(default_factory=list)

    def head(self, title: str) -> None:
        print(f"\n{title}\n{'-' * len(title)}", flush=True)

    def gate(self, name: str, found: float, wanted: str, passed: bool) -> None:
        self.gates.append((passed, f"{name}: {found:.2f}, wanted {wanted}"))

    def close(self) -> bool:
        self.head("Gates")
        for passed, said in self.gates:
            print(f"  {'passed' if passed else 'MISSED'}  {said}")
        return all(passed for passed, _said in self.gates)

    def rounds(self, kind: str, loads: Sequence[Load], every: Sequence[Round]) -> None:
        quiet = kept(every)
        canary = Spread.of([one.canary for one in every])
        print(
            f"{len(quiet)} of {len(every)} rounds kept; canary {canary.middle:.0f} commits/s [{canary.least:.0f}-{canary.most:.0f}]"
        )
        for load in loads:
            print(f"\n{load.clients} client(s), {load.clients * load.cases_each * RAW.steps} steps a round")
            print(
                f"  {'':9} {'steps/s':>20} {'p50 ms':>8} {'p99 ms':>8} {'max ms':>8} {'CPU ms/step':>12} {'DB bytes/case':>14} {'settled':>8} {'MB':>5}"
            )
            for system in SYSTEMS:
                print("  " + self._row(quiet, system.name, load.clients))
            for below in (CORE, RAW):
                rate = ratio(quiet, OFFICIUM.name, below.name, load.clients, "rate")
                cpu = ratio(quiet, OFFICIUM.name, below.name, load.clients, "cpu")
                print(f"  {OFFICIUM.name}/{below.name}: rate {_shown(rate)}, CPU {_shown(cpu)}")
        self._gate_rounds(kind, loads, quiet)

    def _row(self, quiet: Sequence[Round], name: str, clients: int) -> str:
        def of(figure: str) -> Spread:
            return Spread.of([getattr(one.figures[name, clients], figure) for one in quiet])

        rate, cpu, database = of("rate"), of("cpu").middle, of("cpu_database").middle
        spent = f"{cpu:.2f}+{database:.2f}" if database else f"{cpu:.2f}"
        return (
            f"{name:9} {rate.middle:7.0f} [{rate.least:4.0f}-{rate.most:4.0f}] {of('p50').middle:8.2f} {of('p99').middle:8.2f} "
            f"{of('slowest').most:8.0f} {spent:>12} {of('bytes_per_case').middle:14.0f} {of('bytes_settled').middle:8.0f} {of('resident').middle:5.0f}"
        )

    def _gate_rounds(self, kind: str, loads: Sequence[Load], quiet: Sequence[Round]) -> None:
        many = max(load.clients for load in loads)
        rate = ratio(quiet, OFFICIUM.name, CORE.name, many, "rate").middle
        self.gate(f"{kind}: step rate against CORE, {many} clients", rate, ">= 0.75", rate >= 0.75)
        fairness = Spread.of(
            [one.figures[OFFICIUM.name, many].p99 / one.figures[OFFICIUM.name, many].p50 for one in quiet]
        )
        self.gate(f"{kind}: p99/p50, {many} clients", fairness.middle, "<= 4", fairness.middle <= 4)
        kilobytes = Spread.of([one.figures[OFFICIUM.name, many].bytes_per_case for one in quiet]).middle / 1000
        self.gate(f"{kind}: kB of a finished ten-step case", kilobytes, "<= 5", kilobytes <= 5)

    def statements(self, kind: str, short: Counted, long: Counted, lengths: tuple[int, int]) -> None:
        for length, found in zip(lengths, (short, long), strict=True):
            print(f"  procedure of {length:5} steps: {len(found.statements)} statements, {found.commits} commit(s)")
        for statement in long.statements:
            print(f"    {' '.join(statement.split())[:110]}")
        most = max(len(short.statements), len(long.statements))
        self.gate(f"{kind}: statements of a step", most, "<= 10", most <= 10)
        same = len(short.statements) == len(long.statements) and short.commits == long.commits == 1
        self.gate(f"{kind}: one commit, and as many statements in a long procedure", long.commits, "1, the same", same)

    def growth(self, kind: str, name: str, found: Growth) -> None:
        ages = ", ".join(f"step {age}: {p50:.2f} ms" for age, p50 in found.p50.items())
        print(f"  {name}: {ages}; memory {found.resident[0]:.0f} -> {found.resident[1]:.0f} MB")
        for age in list(found.p50)[1:]:
            grown = found.against_the_youngest(age)
            self.gate(f"{kind}: {name}, step {age} against step 10", grown, "<= 1.2", grown <= 1.2)
        more = found.resident[1] - found.resident[0]
        self.gate(f"{kind}: {name}, MB more at the end", more, "<= 8", more <= 8)

    def inbox(self, kind: str, small: Pages, large: Pages) -> None:
        for one in (small, large):
            print(f"  {one.open_tasks:9,} open: p50 {one.p50:.2f} ms, p99 {one.p99:.2f} ms, {one.size / 1000:.0f} kB")
        self.gate(f"{kind}: desk, p50 ms at {large.open_tasks:,} open", large.p50, "<= 5", large.p50 <= 5)
        self.gate(f"{kind}: desk, p99 ms at {large.open_tasks:,} open", large.p99, "<= 25", large.p99 <= 25)
        grown = large.p50 / small.p50
        self.gate(f"{kind}: desk, {large.open_tasks:,} open against {small.open_tasks:,}", grown, "<= 2", grown <= 2)

    def timers(self, kind: str, found: Drained) -> None:
        print(
            f"  {found.timers:,} in {found.seconds:.1f} s: {found.a_minute:,.0f} a minute; CPU {found.cpu / found.timers * 1000:.1f} ms each"
        )
        for when, felt in (("before", found.quiet), ("meanwhile", found.meanwhile)):
            told = ", ".join(
                f"{what} p50 {percentile(waits, 0.5):.1f} ms, p99 {percentile(waits, 0.99):.1f} ms ({len(waits)})"
                for what, waits in (("desk", felt.pages), ("step", felt.steps))
            )
            print(f"  {when}: {told}")
        self.gate(f"{kind}: due timers drained a minute", found.a_minute, ">= 10000", found.a_minute >= 10_000)
        for what, meanwhile in (("desk", found.meanwhile.pages), ("step", found.meanwhile.steps)):
            slow = percentile(meanwhile, 0.99)
            self.gate(f"{kind}: {what} meanwhile, p99 ms", slow, "< 100, as the list promises", slow < 100)

    def upkeep(self, kind: str, found: Upkeep) -> None:
        for name, rounds, spent in (("with", found.kept, found.kept_cpu), ("without", found.bare, found.bare_cpu)):
            told, cpu = (Spread.of([one * 1000 for one in some]) for some in (rounds, spent))
            print(f"  {name:8} {told.middle:.2f} ms a step [{told.least:.2f}-{told.most:.2f}], CPU {cpu.middle:.2f} ms")
        print(f"  of the CPU: noting {found.noting:.3f}, folding {found.folding:.3f} ({len(found.folds_cpu)} folds)")
        self.gate(f"{kind}: figures kept, share of a step's CPU", found.share_cpu, "<= 0.10", found.share_cpu <= 0.10)

    def history(self, found: Measured) -> None:
        print(
            f"  {found.events:,} events, {found.tasks:,} tasks, made in {found.made_in:.0f} s (CPU {found.made_cpu:.0f} s); "
            f"{found.compared} steps compared with their rows"
        )
        for one in found.asked:
            print(
                f"  {one.page:26} {one.of:24} p50 {one.p50:8.1f} ms, p99 {one.p99:8.1f} ms, CPU {one.cpu:8.1f} ms, "
                f"{one.statements} statements; the least of it by SQL over the rows {one.by_sql:8.1f} ms"
            )

    def histories(self, kind: str, small: Measured, large: Measured) -> None:
        for one in large.asked:
            if one.of == CROWDED:
                continue
            before = small.find(one.page, one.of)
            self.gate(f"{kind}: {one.page}; {one.of}; p50 ms", one.p50, "<= 100", one.p50 <= 100)
            grown = one.p50 / before.p50
            self.gate(f"{kind}: {one.page}; {one.of}; against a tenth of it", grown, "<= 1.3", grown <= 1.3)

    def asked(self, title: str, every: Sequence[Asked], most: float, statements: int) -> None:
        for one in every:
            print(f"  {one.name:28} p50 {one.p50:7.2f} ms, p99 {one.p99:7.2f} ms, {one.statements} statements")
        slowest = max(every, key=lambda one: one.p99)
        self.gate(f"{title}, p99 ms ({slowest.name})", slowest.p99, f"<= {most}", slowest.p99 <= most)
        dearest = max(every, key=lambda one: one.statements)
        self.gate(
            f"{title}, statements ({dearest.name})",
            dearest.statements,
            f"<= {statements}",
            dearest.statements <= statements,
        )


def _shown(one: Spread) -> str:
    return f"{one.middle:.2f} [{one.least:.2f}-{one.most:.2f}]"
