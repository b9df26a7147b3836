"""Every figure in words: what it is called, what it says, how it is worked out. Pages print them, alerts choose from them."""

from __future__ import annotations

from collections.abc import Mapping
from enum import StrEnum
from typing import Final

from engine.base.frozen import frozen
from engine.base.text import Text


class Unit(StrEnum):
    TASKS = "tasks"
    CASES = "cases"
    HAND_OVERS = "hand-overs"
    WORKING_TIME = "working time"
    """Of the calendar of the task's department; of a case, of the department that answers for its procedure."""
    CALENDAR_TIME = "calendar time"
    WORKING_DAYS = "working days"
    DAY = "day"
    A_DAY = "a working day"
    SHARE = "share"
    RATIO = "ratio"
    YES_NO = "yes or no"


class Better(StrEnum):
    LOWER = "lower"
    HIGHER = "higher"
    NEITHER = "neither"


@frozen
class Definition:
    """`formula` is what is counted, in signs that need no language where it can be."""

    key: str
    name: Text
    sentence: Text
    formula: str
    unit: Unit
    direction: Better

    @property
    def is_time(self) -> bool:
        return self.unit in (Unit.WORKING_TIME, Unit.CALENDAR_TIME)


def _named(
    key: str, en: str, zh: str, says: str, says_zh: str, formula: str, unit: Unit, direction: Better
) -> Definition:
    return Definition(key, Text(en, zh), Text(says, says_zh), formula, unit, direction)


_TIMES: Final = (
    _named(
        "waiting", "Waiting", "等待时间",
        "How long nobody had taken a task that could be taken: not while its clock stood, not while somebody outside was waited for, not before its department had accepted it.",
        "任务可以认领而无人认领的时间；不含计时中止、等待机关以外的人员以及部门尚未接收的时间。",
        "W = Σ (claimed − offered or released) − stopped − outside − handed", Unit.WORKING_TIME, Better.LOWER,
    ),
    _named(
        "taken", "In hand", "在办时间",
        "How long somebody had the task, whether or not they were working on it.",
        "任务有人认领的时间，无论是否正在办理。",
        "Σ (released or closed − claimed) − stopped", Unit.WORKING_TIME, Better.LOWER,
    ),
    _named(
        "working", "Work", "办理时间",
        "How long somebody worked on the task: from a start or a resumption to the pause or the end after it. Claimed is not working: where nobody pressed start it cannot be measured, and is not counted as nothing.",
        "实际办理的时间：从开始或继续到其后的暂停或完成。认领不等于办理：无人按下开始的任务无法计量，也不计为零。",
        "S = Σ (pause or completion − start or resumption) − stopped", Unit.WORKING_TIME, Better.LOWER,
    ),
    _named(
        "stopped", "Stopped", "中止时间",
        "How long the clock of the case stood, or the case rested, while the task was open.",
        "任务未办结期间，办件期限中止计算或办件中止的时间。",
        "Σ stops ∩ [offered, closed)", Unit.WORKING_TIME, Better.NEITHER,
    ),
    _named(
        "outside", "Waiting for somebody outside", "等待外部时间",
        "How long the task waited for the applicant or another authority. It is never part of waiting.",
        "等待申请人或其他机关的时间，不计入等待时间。",
        "X = Σ external, not at work, not stopped", Unit.WORKING_TIME, Better.LOWER,
    ),
    _named(
        "handed", "In hand-over", "交接时间",
        "How long a task that came from another department lay before its department accepted it.",
        "来自其他部门的任务在本部门接收之前停留的时间。",
        "accepted, returned or lapsed − sent", Unit.WORKING_TIME, Better.LOWER,
    ),
    _named(
        "sojourn", "Time at the step", "环节停留时间",
        "From when a task was offered until it was completed: waiting, in hand, stopped, outside and in hand-over together.",
        "任务从产生到办结的时间：等待、在办、中止、外部等待和交接之和。",
        "c − e", Unit.WORKING_TIME, Better.LOWER,
    ),
    _named(
        "sojourn_calendar", "Time at the step, by the clock", "环节停留时间（自然时间）",
        "The same by the clock, nights and holidays too: what a citizen feels.",
        "同上，按自然时间计算，含夜间和节假日：即申请人的感受。",
        "c − e", Unit.CALENDAR_TIME, Better.LOWER,
    ),
    _named(
        "standing_survival", "Time at the step, open ones counted", "环节停留时间（含未办结）",
        "The middle time at the step when tasks that are still open count for as long as they have lasted: without them a queue that never moves looks quick.",
        "将未办结任务按已停留时间计入后的停留时间中位数：否则久拖不办的环节会显得很快。",
        "Kaplan–Meier: min t with S(t) ≤ ½", Unit.WORKING_TIME, Better.LOWER,
    ),
    _named(
        "cycle", "Cycle time, by the clock", "全程时间（自然时间）",
        "From when a case was accepted until it ended, by the clock. Cancelled cases are left out.",
        "办件从受理到结束的自然时间。撤销的办件不计。",
        "end − acceptance", Unit.CALENDAR_TIME, Better.LOWER,
    ),
    _named(
        "cycle_working", "Cycle time", "全程时间",
        "From when a case was accepted until it ended, in working time of the department that answers for its procedure.",
        "办件从受理到结束的时间，按负责该程序的部门的工作时间计算。",
        "end − acceptance", Unit.WORKING_TIME, Better.LOWER,
    ),
    _named(
        "ages", "Age", "未办结时长",
        "How long the tasks that are open now have been so.",
        "目前未办结的任务已经历的时间。",
        "now − e", Unit.WORKING_TIME, Better.LOWER,
    ),
)  # fmt: skip

_COUNTS: Final = (
    _named("arrived", "Arrivals", "新增任务", "Tasks that were offered in the period.", "统计期间产生的任务。",
           "a = #{e ∈ period}", Unit.TASKS, Better.NEITHER),
    _named("done", "Completed", "办结任务", "Tasks that were completed in the period.", "统计期间办结的任务。",
           "d = #{c ∈ period, completed}", Unit.TASKS, Better.HIGHER),
    _named("cancelled", "No longer needed", "取消任务",
           "Tasks that were closed without being completed, because the case went another way.",
           "因办件转往其他环节而未办理即关闭的任务。", "#{c ∈ period, cancelled}", Unit.TASKS, Better.LOWER),
    _named("repeated", "Rework", "返工",
           "Tasks completed though the same step had been completed in their case before. Several items of one step are no rework.",
           "同一办件中该环节此前已办结、又再次办结的任务。同一环节的多个事项不算返工。",
           "Σ max(0, times completed − 1)", Unit.TASKS, Better.LOWER),
    _named("self_loops", "Repeated at once", "原地重复", "Of the rework, what came directly behind itself.",
           "返工中紧接自身之后再次办理的部分。", "#{repeated, step before = itself}", Unit.TASKS, Better.LOWER),
    _named("open", "Work in progress", "在途任务", "Tasks that were open at the end of the last day of the period.",
           "统计期末日终时未办结的任务。", "N(t) = #{e < t ≤ c}", Unit.TASKS, Better.LOWER),
    _named("now.open", "Open now", "当前未办结", "Tasks that are open at this moment.", "目前未办结的任务。",
           "#{e ≤ now < c}", Unit.TASKS, Better.LOWER),
    _named("now.waiting", "Queue", "排队任务", "Open tasks that nobody has claimed and that somebody could claim.",
           "目前可认领而无人认领的任务。", "Q(now)", Unit.TASKS, Better.LOWER),
    _named("now.working", "In hand now", "当前在办", "Open tasks that somebody has.", "目前有人认领的任务。",
           "#{claimed ≤ now < c}", Unit.TASKS, Better.NEITHER),
    _named("now.stopped", "Stopped now", "当前中止", "Open tasks of cases whose clock stands, or that rest.",
           "所属办件期限中止计算或办件中止的未办结任务。", "#{open, stopped}", Unit.TASKS, Better.NEITHER),
    _named("now.outside", "Waiting outside now", "当前等待外部",
           "Open tasks that wait for the applicant or another authority.", "目前等待申请人或其他机关的任务。",
           "#{open, external}", Unit.TASKS, Better.NEITHER),
    _named("now.handed", "In hand-over now", "当前交接中", "Open tasks that their department has not accepted yet.",
           "部门尚未接收的任务。", "#{open, sent, not answered}", Unit.TASKS, Better.LOWER),
    _named("now.late", "Late now", "当前逾期", "Open tasks whose standard time is over.", "已超过规定时限而未办结的任务。",
           "#{due < now < c}", Unit.TASKS, Better.LOWER),
    _named("cases.started", "Cases begun", "新收办件", "Cases accepted in the period.", "统计期间受理的办件。",
           "#{start ∈ period}", Unit.CASES, Better.NEITHER),
    _named("cases.ended", "Cases ended", "办结办件", "Cases that ended by themselves in the period.", "统计期间自然结束的办件。",
           "#{end ∈ period, not cancelled}", Unit.CASES, Better.HIGHER),
    _named("cases.cancelled", "Cases cancelled", "撤销办件", "Cases that were cancelled in the period.",
           "统计期间撤销的办件。", "#{end ∈ period, cancelled}", Unit.CASES, Better.LOWER),
    _named("cases.open", "Cases open", "在办办件", "Cases that were open at the end of the last day of the period.",
           "统计期末日终时未结束的办件。", "#{start < t ≤ end}", Unit.CASES, Better.LOWER),
    _named("hand", "Hand-overs", "部门交接",
           "Tasks in one department that a task of another department led to, with how long they waited there.",
           "由其他部门的任务转来的任务，及其在本部门的等待时间。", "H[a, b], a ≠ b", Unit.HAND_OVERS, Better.NEITHER),
    _named("hand_returned", "Returned", "退回交接", "Hand-overs that the receiver gave back.", "接收部门退回的交接。",
           "#{returned} of H[a, b]", Unit.HAND_OVERS, Better.LOWER),
    _named("ping_pong", "Back and forth", "往返",
           "Hand-overs to a department from which the case had come to the sender before.",
           "办件回到此前转出部门的交接。", "#{a → b → a} in one case", Unit.HAND_OVERS, Better.LOWER),
    _named("variant", "Ways", "办理路径",
           "The steps that a case completed, in their order; cases with the same are one way.",
           "办件依次办结的环节；环节及顺序相同的办件属同一路径。", "hash(steps by completion)", Unit.CASES, Better.NEITHER),
)  # fmt: skip

_SHARES: Final = (
    _named("late", "Late share", "逾期率", "Of the tasks completed that had a standard time, those completed behind it.",
           "有规定时限的办结任务中逾期办结的比例。", "completed late / completed with a due time", Unit.SHARE, Better.LOWER),
    _named("same_day", "Same-day share", "当日办结率", "Tasks completed on the day they were offered.",
           "产生当日即办结的任务比例。", "#{day c = day e} / d", Unit.SHARE, Better.HIGHER),
    _named("cases.promise_kept", "On time against the promise", "承诺期限按时率",
           "Of the cases that ended and had a promised period, those that met it.",
           "有承诺期限的办结办件中按期的比例。", "kept / with a promised period", Unit.SHARE, Better.HIGHER),
    _named("cases.law_kept", "On time against the law", "法定期限按时率",
           "Of the cases that ended and had a period of law, those that met it; what the clock stood does not count.",
           "有法定期限的办结办件中按期的比例；计时中止的时间不计。", "kept / with a period of law", Unit.SHARE, Better.HIGHER),
    _named("cases.first_pass", "First-pass yield", "一次通过率",
           "Cases in which nothing was completed twice and nothing was returned.",
           "没有重复办理、也没有退回的办件比例。", "#{no repeat, no return} / ended", Unit.SHARE, Better.HIGHER),
    _named("cases.same_day", "Cases ended the same day", "办件当日办结率", "Cases that ended on the day they were accepted.",
           "受理当日即结束的办件比例。", "#{day end = day start} / ended", Unit.SHARE, Better.HIGHER),
    _named("waiting_share", "Share of waiting", "等待占比",
           "Of the time at the steps completed, what was waiting or hand-over.",
           "办结任务的停留时间中等待和交接所占的比例。", "Σ (W + handed) / Σ sojourn", Unit.SHARE, Better.LOWER),
    _named("touch_share", "Share of work", "办理占比",
           "Of the time at the steps completed, what was work; of those alone that could be measured.",
           "办结任务的停留时间中实际办理所占的比例；只计可计量的任务。", "Σ S / Σ sojourn, measured", Unit.SHARE, Better.HIGHER),
    _named("utilisation", "Utilisation", "工时利用率",
           "Work over staffed working hours. From 85 % on every more of work makes waiting grow out of proportion.",
           "办理时间与在岗工作时间之比。超过 85% 后，工作量稍增，等待即大幅增加。",
           "Σ S / Σ staffed hours", Unit.SHARE, Better.NEITHER),
    _named("unattended", "Waited while nobody was there", "无人在岗时的等待",
           "Of what the tasks completed in the period had waited at the post, to be accepted or to be taken, the part in which nobody held it, or all holders were away and whoever stood in for them too. Where fewer than five hold it, it is shown to who supervises its department.",
           "统计期间办结任务在该岗位等待接收或认领的时间中，岗位空缺，或任职人员均外出且代理人也不在岗的部分。任职不足五人的岗位，仅向该部门的监督人员显示。",
           "Σ (W + handed) while nobody was present / Σ (W + handed)", Unit.SHARE, Better.LOWER),
    _named("used_median", "Standard time used", "规定时限已用", "Of the standard time of the step, what the task in the middle of the queue has used.",
           "未办结任务中位数所用去的规定时限比例。", "median (now − e) / standard time", Unit.SHARE, Better.LOWER),
    _named("used_worst", "Standard time used by the oldest", "规定时限已用（最早）",
           "Of the standard time of the step, what the task opened first has used.", "最早产生的未办结任务所用去的规定时限比例。",
           "(now − min e) / standard time", Unit.SHARE, Better.LOWER),
    _named("score", "Share of all waiting", "等待份额",
           "The step's share of all waiting: of what was completed in the period, and of the age of what queues still.",
           "该环节占全部等待的份额：含统计期间办结任务的等待和目前排队任务的时长。",
           "(Σ (W + handed) + Σ age of queue) / the same of all steps", Unit.SHARE, Better.LOWER),
)  # fmt: skip

_RATES: Final = (
    _named("rate", "Completed a working day", "日均办结", "The mean of the last 20 working days.", "最近 20 个工作日的平均数。",
           "d̄ = Σ d / 20", Unit.A_DAY, Better.HIGHER),
    _named("backlog_days", "Backlog", "积压天数",
           "So many working days until what is open is done, at the rate of the last 20 working days and with nothing new.",
           "按最近 20 个工作日的速度、不计新增，办完未办结任务所需的工作日。", "N / d̄", Unit.WORKING_DAYS, Better.LOWER),
    _named("helped", "Worked by those lent", "临时增派人员的办理时间",
           "Of the work at the post, that of people added to it for a time, on the days on which they were. Whoever is lent makes no group large enough to be shown.",
           "该岗位的办理时间中，临时增派人员在增派期间完成的部分。增派人员不计入可显示的最低人数。",
           "Σ S of those lent", Unit.WORKING_TIME, Better.NEITHER),
    _named("clears_on", "Queue cleared", "清空日期",
           "The day on which what is open would be done, at the rate of the last 20 working days and with nothing new.",
           "按最近 20 个工作日的速度、不计新增，未办结任务全部办完的日期。", "today + ⌈N / d̄⌉ working days", Unit.DAY, Better.LOWER),
    _named("growing", "Growing", "持续积压",
           "More tasks came than were completed on at least 7 of the last 10 working days.",
           "最近 10 个工作日中至少 7 日新增多于办结。", "#{a > d} ≥ 7 of 10", Unit.YES_NO, Better.LOWER),
    _named("little", "Steadiness", "稳定性",
           "Work in progress over arrivals times the time at the step. More than 15 % from 1 the step is not steady, and nothing may be foretold from rates.",
           "在途任务与到达率乘停留时间之比。偏离 1 超过 15% 即不稳定，不能据速率作预测。",
           "mean N / (a · mean (c − e))", Unit.RATIO, Better.NEITHER),
    _named("capacity", "Staffed hours", "在岗工时",
           "Working hours of those who held the post and were not away; whoever held several posts is split among them.",
           "任职且未外出人员的工作时间；一人任数岗的均分。", "Σ hours of holders present", Unit.WORKING_TIME, Better.NEITHER),
)  # fmt: skip

DEFINITIONS: Final[Mapping[str, Definition]] = {one.key: one for one in (*_TIMES, *_COUNTS, *_SHARES, *_RATES)}

CLAIMED_IS_NOT_WORKING: Final = Text("not measurable", "无法计量")
"""What stands where nobody ever pressed start."""
TOO_FEW: Final = Text("too few (n = {n})", "数量过少（n = {n}）")
"""What stands instead of a middle or a share of fewer than spreads.FEW."""
