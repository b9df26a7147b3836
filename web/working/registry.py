"""Everything that is done while nobody looks: one line for each. See README.md beside it for how to add one."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any, Final

from sqlalchemy import Connection

from engine.base import clock
from engine.base.database import Database
from engine.base.errors import NotFound, Refusal
from engine.base.text import LANGUAGES, Text
from engine.cases import acts, drafts, reads
from engine.cases.acts.firing import stale_timers
from engine.cases.acts.turning import stale_start_timers
from engine.cases.clocks import acts as clocks
from engine.cases.clocks import reads as clock_reads
from engine.cases.due.acts import recount_task
from engine.cases.due.reads import tasks_to_recount
from engine.cases.duties.acts import absence_over
from engine.cases.handing.acts import escalate_hand_over
from engine.cases.handing.reads import silent_hand_overs
from engine.cases.outside import sending
from engine.cases.rules import CaseEnded
from engine.control.due import due_editions
from engine.notices import outbox, sweeping
from engine.notices.years import warn_of_year, years_due
from engine.organisation.absence.reads import over
from engine.procedures.turns import due_turns
from engine.supervision.acting.corrective.acts import tell_late
from engine.supervision.acting.corrective.reads import due_actions
from engine.supervision.cards.acts import look_at_case
from engine.supervision.cards.sweeping import due_looks, due_sweeps, make_ready, sweep
from engine.supervision.figures.folding import fold_worth
from engine.supervision.figures.rebuilding import compare_all
from engine.supervision.recounting.rounds import recount
from web.searching import bring_up
from web.working.draining import drain
from web.working.kinds import Errand, GoingOn, Handler, Tools


def _fire(db: Connection, key: Any) -> bool:
    case_id, token = key
    try:
        return acts.fire_timer(db, case_id=case_id, token=token)
    except (CaseEnded, NotFound):
        return False


def _due_editions(db: Connection, at: datetime, limit: int) -> tuple[int, ...]:
    return due_editions(db, at=at)[:limit]


def _come_into_force(db: Connection, key: Any) -> bool:
    from engine.control.acts import come_into_force  # noqa: PLC0415  once in weeks: not what every worker starts with

    return come_into_force(db, edition_id=key)


def _hold_up(db: Connection, key: Any, refusal: Refusal) -> None:
    from engine.control.acts import hold_up  # noqa: PLC0415  as above

    hold_up(db, edition_id=key, why={one: refusal.say(one) for one in LANGUAGES})


HANDLERS: Final[tuple[Handler, ...]] = (
    # Before the timers: a case that begins with one of them begins on the edition of the day.
    Handler(
        "editions", Text("Editions come into force", "版本生效"), _due_editions,
        _come_into_force, refused=_hold_up,
    ),
    Handler(
        "start_timers", Text("Procedures that begin cases by themselves", "到时自行发起的程序"),
        lambda db, at, limit: due_turns(db, at=at, limit=limit),
        lambda db, key: acts.begin_by_timer(db, procedure_id=key[0], element=key[1]),
    ),
    # Before they are looked at: what a new holiday has put off must not go off today.
    Handler(
        "timers_recounted", Text("Timers counted anew after a change of calendar", "日历变更后重新计算的定时"),
        lambda db, _at, limit: stale_timers(db, limit=limit), lambda db, key: acts.recount_timers(db, case_id=key),
    ),
    Handler(
        "start_timers_recounted", Text("Begins counted anew after a change of calendar", "日历变更后重新计算的发起时间"),
        lambda db, _at, limit: stale_start_timers(db, limit=limit),
        lambda db, key: acts.recount_start_timers(db, procedure_id=key),
    ),
    Handler(
        "timers", Text("Timers of cases", "办件定时"),
        lambda db, at, limit: reads.due_timers(db, at=at, limit=limit), _fire,
    ),
    # Counted anew first: what a new holiday has put off is not over today.
    Handler(
        "clocks_recounted", Text("Periods counted anew after a change of calendar", "日历变更后重新计算的期限"),
        lambda db, _at, limit: clock_reads.clocks_to_recompute(db, limit=limit),
        lambda db, key: clocks.recompute_case(db, case_id=key),
    ),
    Handler(
        "clocks_warned", Text("Alarms before silence takes effect", "默示生效前的预警"),
        lambda db, at, limit: clock_reads.clocks_to_warn(db, at=at, limit=limit),
        lambda db, key: clocks.warn_of_expiry(db, case_id=key[0], kind=key[1]),
    ),
    Handler(
        "clocks_over", Text("Periods that are over", "届满的期限"),
        lambda db, at, limit: clock_reads.clocks_expired(db, at=at, limit=limit),
        lambda db, key: clocks.note_expiry(db, case_id=key[0], kind=key[1]),
    ),
    Handler(
        "tasks_recounted", Text("Tasks counted anew once holidays are told", "放假安排公布后重新计算的任务期限"),
        lambda db, _at, limit: tasks_to_recount(db, limit=limit),
        lambda db, key: recount_task(db, case_id=key[0], number=key[1]),
    ),
    Handler(
        "hand_overs", Text("Hand-overs nobody has answered", "无人答复的交接"),
        lambda db, at, limit: silent_hand_overs(db, at=at, limit=limit),
        lambda db, key: escalate_hand_over(db, case_id=key[0], number=key[1]),
    ),
    Handler(
        "absences", Text("Absences that are over", "已结束的缺勤"), lambda db, _at, limit: over(db, limit),
        lambda db, key: absence_over(db, absence_id=key),
    ),
    Handler(
        "corrective_actions", Text("Corrective actions past their day", "逾期的纠正措施"),
        lambda db, at, limit: due_actions(db, at=at, limit=limit), lambda db, key: tell_late(db, action_id=key),
    ),
    Handler(
        "years", Text("Years whose holidays are not taken in", "未录入放假安排的年度"),
        lambda db, at, limit: years_due(db, at=at, limit=limit),
        lambda db, key: warn_of_year(db, calendar_id=key[0], country=key[1], year=key[2]),
    ),
)  # fmt: skip
"""In the order of a round."""


def _read_in(_tools: Tools, database: Database, _going_on: GoingOn) -> int:
    return bring_up(database)


def _sweep_drafts(_tools: Tools, database: Database, _going_on: GoingOn) -> int:
    """Of what was sent. Completing a task is not to wait for it, nor is anything locked where there is nothing."""
    with database.reading() as db:
        found = drafts.to_sweep(db)
    if found:
        with database.writing() as db:
            drafts.sweep(db)
    return int(found)


def _sweep_notices(tools: Tools, database: Database, going_on: GoingOn) -> int:
    """Person by person, so that nobody who writes waits for long."""
    before, gone = clock.now() - tools.keep_notices, 0
    with database.reading() as db:
        persons = [one for one in sweeping.told_persons(db) if sweeping.to_sweep(db, person_id=one, before=before)]
    for person_id in persons:
        found = sweeping.AT_ONCE
        while found == sweeping.AT_ONCE and going_on():
            with database.writing() as db:
                found = sweeping.sweep(db, person_id=person_id, before=before)
            gone += found
    return gone


_A_FEW: Final = 20
_CARDS: Final = (
    Handler(
        "card_rules", Text("Rules of cards that were changed", "黄红牌规则变更"),
        lambda db, at, limit: due_sweeps(db, at=at, limit=limit), lambda db, key: sweep(db, version=key),
    ),
    Handler(
        "cards", Text("Cards and escalation", "黄红牌与上报"),
        lambda db, at, limit: due_looks(db, at=at, limit=limit), lambda db, key: look_at_case(db, case_id=key),
    ),
)  # fmt: skip


def _cards(_tools: Tools, database: Database, going_on: GoingOn) -> int:
    """After all else of a round: what that has done is seen at once."""
    with database.reading() as db:
        make_ready(db)
    return sum(drain(database, one, going_on).done for one in _CARDS)


def _learn(_tools: Tools, database: Database, going_on: GoingOn) -> int:
    from web import forecasting  # noqa: PLC0415  whoever learns needs what it is learned with

    return forecasting.learn(database, going_on)


def _foretell(_tools: Tools, database: Database, going_on: GoingOn) -> int:
    from web import forecasting  # noqa: PLC0415  as above

    return forecasting.foretell(database, going_on)


def _send(tools: Tools, database: Database, going_on: GoingOn) -> int:
    from web.outbox.sending import send_due  # noqa: PLC0415  only whoever sends needs what letters are written with

    return send_due(database, tools.means, going_on)


def _call(tools: Tools, database: Database, going_on: GoingOn) -> int:
    from web.outbox.calling import call_due  # noqa: PLC0415  as above

    return call_due(database, tools.means, going_on)


def _read_logs(tools: Tools, database: Database, going_on: GoingOn) -> int:
    from engine.supervision.mining.importing import read_due  # noqa: PLC0415  as above

    return read_due(database, tools.cabinet.store, going_on) if tools.cabinet is not None else 0


def _logs_waiting(db: Connection) -> int:
    from engine.supervision.mining.kept import waiting  # noqa: PLC0415  as above

    return waiting(db)


def _answer_what_if(_tools: Tools, database: Database, going_on: GoingOn) -> int:
    from engine.supervision.whatif.apart import in_own_process  # noqa: PLC0415  as above

    return in_own_process(database, "answer", going_on)


def _test_what_if(_tools: Tools, database: Database, going_on: GoingOn) -> int:
    from engine.supervision.whatif.apart import in_own_process  # noqa: PLC0415  as above

    return in_own_process(database, "look_back", going_on)


def _what_if_waiting(db: Connection) -> int:
    from engine.supervision.whatif.kept import waiting  # noqa: PLC0415  as above

    return waiting(db)


def _look_at_alerts(_tools: Tools, database: Database, going_on: GoingOn) -> int:
    from web.working.watching import look_at_alerts  # noqa: PLC0415  figures are asked for by whoever asks, not at the start

    return look_at_alerts(database, going_on)


def _make_reports(_tools: Tools, database: Database, going_on: GoingOn) -> int:
    from web.working.watching import make_reports  # noqa: PLC0415  as above

    return make_reports(database, going_on)


def _scan(tools: Tools, database: Database, _going_on: GoingOn) -> int:
    from web.scanning import scan_held  # noqa: PLC0415  as above

    return scan_held(tools.cabinet, database) if tools.cabinet is not None else 0


ERRANDS: Final[tuple[Errand, ...]] = (
    Errand("search", Text("Search kept up", "搜索更新"), _read_in),
    Errand("drafts", Text("Drafts of what was sent removed", "清除已提交的草稿"), _sweep_drafts),
    Errand(
        "notices", Text("Notices read long ago removed", "清除早已阅读的通知"), _sweep_notices, every=timedelta(days=1)
    ),
    Errand(
        "cards",
        Text("Cards and escalation", "黄红牌与上报"),
        _cards,
        due=lambda db, at: sum(len(one.due(db, at, _A_FEW)) for one in _CARDS),
    ),
    Errand(
        "foretold", Text("What is foretold of open cases", "未办结办件的预测"), _foretell, every=timedelta(minutes=1)
    ),
    Errand(
        "learning",
        Text("Forecasts learned from ended cases", "从已办结办件学习预测"),
        _learn,
        apart=True,
        every=timedelta(minutes=15),
    ),
    Errand("figures", Text("Figures brought up to date", "统计更新"), lambda _tools, house, on: fold_worth(house, on)),
    Errand(
        "recounting",
        Text("History counted again after a calendar was changed", "日历变更后的历史重新统计"),
        lambda _tools, house, on: recount(house, on),
        apart=True,
    ),
    Errand(
        "figures_compared",
        Text("Figures worked out anew and compared", "统计重算与核对"),
        lambda _tools, house, on: compare_all(house, on).wrong,
        apart=True,
        every=timedelta(days=1),
    ),
    Errand(
        "letters",
        Text("Letters and webhooks sent", "发送邮件和通知"),
        _send,
        apart=True,
        waiting=outbox.waiting,
        due=lambda db, _at: not outbox.is_idle(db),
    ),
    Errand(
        "connectors",
        Text("Connectors called", "调用连接器"),
        _call,
        apart=True,
        waiting=sending.waiting,
        due=lambda db, _at: not sending.is_idle(db),
    ),
    Errand(
        "logs",
        Text("Event logs read and compared", "事件日志的读取与比对"),
        _read_logs,
        apart=True,
        waiting=_logs_waiting,
        due=lambda db, _at: _logs_waiting(db),
    ),
    Errand(
        "what_if_tests",
        Text("What-if held against the last four weeks", "用最近四周检验推演"),
        _test_what_if,
        apart=True,
        every=timedelta(minutes=30),
    ),
    Errand(
        "what_if",
        Text("What-if worked out", "推演计算"),
        _answer_what_if,
        apart=True,
        waiting=_what_if_waiting,
        due=lambda db, _at: _what_if_waiting(db),
    ),
    Errand("alerts", Text("Alerts on figures", "指标预警"), _look_at_alerts, apart=True, every=timedelta(minutes=1)),
    Errand("reports", Text("Weekly reports", "周报"), _make_reports, apart=True, every=timedelta(minutes=5)),
    Errand("scans", Text("Papers held back for the virus scanner", "待病毒扫描的材料"), _scan, apart=True),
)
"""In the order of a round; each that is `apart` goes its own way."""
