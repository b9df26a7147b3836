"""What may be asked, when an answer is shown, and in which form it is kept. Pure."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict
from enum import IntEnum, StrEnum
from typing import Any, Final, Self

import orjson

from engine.base.errors import Refusal
from engine.base.frozen import frozen
from engine.base.text import Text
from engine.supervision.whatif.record import Order

RUNS: Final = 100
TEST_RUNS: Final = 30
DAYS: Final = 28
"""Of the back-test, and of what is simulated."""
WITHIN: Final = 0.25
"""So near the simulated wait and queue must come to the real ones, or nothing is shown."""
EXPLAINED: Final = 0.75
"""So much of the wait must have passed while nobody was free, or within a working day of lying though somebody was."""
FEWEST: Final = 20
"""Tasks taken in the four weeks; of fewer nobody can tell how near it came."""
NEGLIGIBLE_WAIT: Final = 0.1
NEGLIGIBLE_QUEUE: Final = 0.05
"""Hours and tasks by which two figures may differ and still be the same: six minutes, and one task a twentieth of the time."""
MOST_WAITING: Final = 20
MOST_SHARE: Final = 300
RUN: Final = Text(en="what-if question", zh="推演")


class NotShown(Refusal):
    """{department}: staffing does not explain the wait there, so nothing is worked out about it. The page shows both figures."""

    zh = "{department}：人员配备不能解释该部门的等待，因此不作推演。页面上列有两项数值。"


class NotTested(Refusal):
    """The simulation has not been held against the last four weeks yet: that is done in the background every day. Come back in a few minutes."""

    zh = "尚未用最近四周的实际情况检验模拟结果：后台每天进行一次。请几分钟后再来。"


class TooFewCases(Refusal):
    """{procedure} has too few ended cases to learn from: at least {fewest} are needed. Come back when there are more."""

    zh = "“{procedure}”可供学习的办结件过少：至少需要 {fewest} 件。请待办结件增加后再来。"


class SimulationDied(Refusal):
    """What simulates ended before there was an answer. Ask in another way, or for less; tell an administrator, whose log says why."""

    zh = "模拟程序在得出结果前意外终止。请换一种方式或缩小范围再问，并告知管理员查看日志。"


class StrangePlace(Refusal):
    """There is no such step or post in this procedure's last half-year. Choose one from the list."""

    zh = "该程序最近半年中没有这一环节或岗位。请从列表中选择。"


class ShareUnfit(Refusal):
    """A share must be a whole number from {least} to {most} percent. Correct it."""

    zh = "比例须为 {least} 至 {most} 之间的整数百分比。请更正。"


class TooManyQuestions(Refusal):
    """{most} questions wait to be worked out already. Come back when they are answered."""

    zh = "已有 {most} 个推演等待计算。请待其完成后再来。"


class Kind(StrEnum):
    STAFF = "staff"
    WITHOUT = "without"
    ORDER = "order"
    SMALL = "small"
    ARRIVALS = "arrivals"


class State(IntEnum):
    """Numbers are stored: never renumber. Below 10: to be done."""

    WAITING = 1
    WORKING = 2
    DONE = 10
    FAILED = 11


class Gate(StrEnum):
    OPEN = "open"
    CLOSED = "closed"
    """The simulation does not come near."""
    LYING = "lying"
    """It does, but what was waited for is not people: work lay for days though somebody was free."""
    FEW = "few"


@frozen
class Change:
    """What would be otherwise. `by`: clerks more or fewer, percent of cases, or the order."""

    kind: Kind
    by: int = 0
    procedure: int | None = None
    element: str | None = None
    post: int | None = None

    def written(self) -> str:
        return orjson.dumps(asdict(self), option=orjson.OPT_SORT_KEYS).decode()

    @classmethod
    def read(cls, written: str) -> Self:
        said: dict[str, Any] = orjson.loads(written)
        return cls(Kind(said["kind"]), said["by"], said["procedure"], said["element"], said["post"])

    @property
    def order(self) -> Order:
        return Order(self.by)


NOTHING: Final = Change(Kind.ARRIVALS, 0)


def must_be_fit(change: Change) -> None:
    """Raises ShareUnfit, StrangePlace."""
    if change.kind is Kind.SMALL and not 1 <= change.by <= 100:
        raise ShareUnfit(least=1, most=100)
    if change.kind is Kind.ARRIVALS and not (-90 <= change.by <= MOST_SHARE and change.by):
        raise ShareUnfit(least=-90, most=MOST_SHARE)
    if change.kind is Kind.STAFF and change.by not in (-1, 1):
        raise StrangePlace()
    if change.kind is Kind.ORDER and change.by not in tuple(Order):
        raise StrangePlace()


def near(real: float, simulated: float, negligible: float) -> bool:
    return abs(simulated - real) <= max(WITHIN * real, negligible)


@frozen
class Tested:
    """A department's last four weeks, as they were and as they were simulated from what was before. Hours of work; tasks."""

    department: int
    n: int
    wait: float
    simulated_wait: float
    queue: float
    simulated_queue: float
    busy: float  # of what was waited, the share while nobody was free
    explained: float = 0.0  # of what was waited, the share of which staffing or a working day of lying is the cause
    low: float = 0.0  # 8 of 10 simulated mean waits lie from here
    high: float = 0.0  # to here

    @property
    def gate(self) -> Gate:
        if self.n < FEWEST:
            return Gate.FEW
        same = near(self.wait, self.simulated_wait, NEGLIGIBLE_WAIT) and near(
            self.queue, self.simulated_queue, NEGLIGIBLE_QUEUE
        )
        if not same:
            return Gate.CLOSED
        return Gate.OPEN if self.explained >= EXPLAINED else Gate.LYING

    @property
    def lacks_people(self) -> bool:
        """It is waited longer than is simulated, and nearly all of it while nobody was free."""
        return self.gate is Gate.CLOSED and self.simulated_wait < self.wait and self.busy >= EXPLAINED


@frozen
class TestedCycle:
    """The cases of a procedure that ended in those four weeks; days by the clock."""

    procedure: int
    n: int
    median: float
    simulated_median: float
    p90: float
    simulated_p90: float

    @property
    def shown(self) -> bool:
        if self.n < FEWEST:
            return False
        return all(
            abs(simulated - real) <= WITHIN * real
            for real, simulated in ((self.median, self.simulated_median), (self.p90, self.simulated_p90))
        )


@frozen
class Range:
    low: float
    middle: float
    high: float


@frozen
class Answer:
    """`today` as it would go on, `then` with the change, `moved` the difference run by run."""

    today: Range
    then: Range
    moved: Range


def key_of_place(kind: str, *of: object) -> str:
    """“wait:3:review”: what is measured, of what."""
    return ":".join((kind, *(str(one) for one in of)))


Answers = Mapping[str, Answer]


def answers_written(answers: Answers) -> str:
    return orjson.dumps({key: asdict(one) for key, one in answers.items()}).decode()


def answers_read(written: str) -> dict[str, Answer]:
    said: dict[str, dict[str, dict[str, float]]] = orjson.loads(written)
    return {
        key: Answer(Range(**one["today"]), Range(**one["then"]), Range(**one["moved"])) for key, one in said.items()
    }
