"""The figures, as Prometheus reads them. Those of work are read from rows: they are the same whichever process answers;
those of requests are of the process that answers, and say so."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterator
from itertools import accumulate

from prometheus_client.core import (
    CollectorRegistry,
    CounterMetricFamily,
    GaugeMetricFamily,
    HistogramMetricFamily,
    Metric,
)
from prometheus_client.exposition import CONTENT_TYPE_PLAIN_0_0_4, generate_latest
from prometheus_client.registry import Collector
from sqlalchemy import Connection

from engine.base.database import to_stored
from engine.notices import outbox
from engine.supervision.reads import incidents_open
from engine.working import reads
from web.timings import UP_TO, Timings
from web.working.figures import Line, lines


class _Figures(Collector):
    def __init__(self, db: Connection) -> None:
        self._db = db

    def collect(self) -> Iterator[Metric]:
        found = lines(self._db)
        yield _gauge("officium_work_due", "What is due now and not done, at most 1000", found, lambda one: one.due)
        yield _gauge("officium_work_late", "Of it, due for more than five minutes", found, lambda one: one.late)
        yield _gauge("officium_work_troubles", "What could not be done and rests", found, lambda one: one.troubles)
        yield _gauge(
            "officium_work_last_timestamp_seconds", "When it last did something", found,
            lambda one: None if one.told.last_at is None else to_stored(one.told.last_at) / 1000,
        )  # fmt: skip
        yield _counter("officium_work_done", "How much has taken effect", found, lambda one: one.told.done)
        yield _counter("officium_work_faults", "How often it could not", found, lambda one: one.told.faults)
        yield _counter("officium_work_seconds", "Time spent at it", found, lambda one: one.told.milliseconds / 1000)
        yield from self._processes()
        yield GaugeMetricFamily("officium_incidents_open", "Open incidents", value=incidents_open(self._db))
        yield GaugeMetricFamily(
            "officium_outbox_waiting", "Letters and webhooks to be sent", value=outbox.waiting(self._db)
        )
        yield GaugeMetricFamily(
            "officium_outbox_given_up", "Those that could not be sent", value=outbox.given_up(self._db)
        )

    def _processes(self) -> Iterator[Metric]:
        at_work = reads.at_work(self._db)
        kinds = Counter(one.kind.value for one in at_work)
        told = GaugeMetricFamily("officium_work_processes", "Processes at background work", labels=["kind"])
        for kind, count in kinds.items():
            told.add_metric([kind], count)
        yield told
        yield GaugeMetricFamily(
            "officium_work_clock_ahead_seconds", "The clock that is most before the database's",
            value=max((one.ahead for one in at_work), default=0.0),
        )  # fmt: skip


class _Requests(Collector):
    """Of this process alone, since it began."""

    def __init__(self, timings: Timings) -> None:
        self._timings = timings

    def collect(self) -> Iterator[Metric]:
        answered, spent = self._timings.told()
        process = self._timings.process
        requests = CounterMetricFamily(
            "officium_requests", "Requests answered, by room and class of status", labels=["room", "status", "process"]
        )
        for (room, status), count in sorted(answered.items()):
            requests.add_metric([room, status, process], count)
        yield requests
        times = HistogramMetricFamily(
            "officium_request_seconds", "How long requests took, by room", labels=["room", "process"]
        )
        bounds = [*(f"{bound:g}" for bound in UP_TO), "+Inf"]
        for room, one in sorted(spent.items()):
            times.add_metric([room, process], list(zip(bounds, accumulate(one.counts), strict=True)), one.seconds)
        yield times


def _gauge(name: str, told: str, found: tuple[Line, ...], value: Callable[[Line], float | None]) -> Metric:
    return _filled(GaugeMetricFamily(name, told, labels=["handler"]), found, value)


def _counter(name: str, told: str, found: tuple[Line, ...], value: Callable[[Line], float | None]) -> Metric:
    return _filled(CounterMetricFamily(name, told, labels=["handler"]), found, value)


def _filled(
    family: GaugeMetricFamily | CounterMetricFamily, found: tuple[Line, ...], value: Callable[[Line], float | None]
) -> Metric:
    for one in found:
        figure = value(one)
        if figure is not None:
            family.add_metric([one.name], figure)
    return family


def exposed(db: Connection, timings: Timings) -> tuple[bytes, str]:
    """The text, and what kind it is."""
    registry = CollectorRegistry(auto_describe=False)
    registry.register(_Figures(db))
    registry.register(_Requests(timings))
    return generate_latest(registry), CONTENT_TYPE_PLAIN_0_0_4
