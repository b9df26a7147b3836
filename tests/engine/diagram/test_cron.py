"""Repetitions in cron's words: each turn is what the clocks of the office show, against looking at every minute."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from engine.diagram import cron, lint, run
from engine.diagram.durations import in_iso, is_literal
from tests.engine.diagram.builders import border, catch, cycle, end, file, line, start, timer, user
from tests.engine.diagram.playing import MORNING, Play
from tests.thorough import examples

BERLIN = ZoneInfo("Europe/Berlin")
CHINA = ZoneInfo("Asia/Shanghai")
LORD_HOWE = ZoneInfo("Australia/Lord_Howe")  # its clocks change by half an hour
ZONES = (BERLIN, CHINA, LORD_HOWE, ZoneInfo("America/New_York"), ZoneInfo("UTC"))
MONTHS = ["JAN", "FEB", "MAR", "APR", "MAY", "JUN", "JUL", "AUG", "SEP", "OCT", "NOV", "DEC"]
DAYS = ["SUN", "MON", "TUE", "WED", "THU", "FRI", "SAT"]


def turns(written: str, count: int, after: str = "2026-11-02T09:00:00+08:00", zone: ZoneInfo = CHINA) -> list[str]:
    """As the clocks of the zone show them."""
    at: datetime | None = datetime.fromisoformat(after)
    found = []
    for _ in range(count):
        assert at is not None
        at = cron.read(written).after(at, zone)
        found.append("never" if at is None else at.astimezone(zone).strftime("%a %m-%d %H:%M"))
    return found


@pytest.mark.parametrize(
    ("written", "expected"),
    [
        ("0 0/5 * * * ?", ["Mon 11-02 09:05", "Mon 11-02 09:10"]),
        ("0 0 9 ? * MON-FRI", ["Tue 11-03 09:00", "Wed 11-04 09:00"]),
        ("0 30 8,17 * * *", ["Mon 11-02 17:30", "Tue 11-03 08:30"]),
        ("*/15 8-17 * * 1-5", ["Mon 11-02 09:15", "Mon 11-02 09:30"]),
        ("0 0 12 ? * 2", ["Mon 11-02 12:00", "Mon 11-09 12:00"]),  # with ? Sunday is 1
        ("0 0 12 * * 2", ["Tue 11-03 12:00", "Tue 11-10 12:00"]),  # without it Sunday is 0
        ("0 12 * * 7", ["Sun 11-08 12:00", "Sun 11-15 12:00"]),
        ("0 12 13 * FRI", ["Fri 11-06 12:00", "Fri 11-13 12:00"]),  # five fields: either
        ("0 0 12 13 * FRI", ["Fri 11-13 12:00", "Wed 01-13 12:00"][:1]),  # six: both
        ("0 12 31 * *", ["Thu 12-31 12:00", "Sun 01-31 12:00"]),
        ("0 12 29 2 *", ["Tue 02-29 12:00"]),
        ("0 0 8 1 1 ? 2030", ["Tue 01-01 08:00"]),
        ("0 22 * * SAT-MON", ["Mon 11-02 22:00", "Sat 11-07 22:00"]),
        ("0 0 8 1 jan ?", ["Fri 01-01 08:00"]),
        ("@daily", ["Tue 11-03 00:00", "Wed 11-04 00:00"]),
        ("@hourly", ["Mon 11-02 10:00"]),
    ],
)
def test_a_repetition_comes_when_cron_says(written: str, expected: list[str]) -> None:
    assert turns(written, len(expected)) == expected


def test_an_hour_that_the_clocks_leave_out_is_made_up_for_at_its_end() -> None:
    assert turns("0 30 2 * * *", 2, "2027-03-27T12:00:00+01:00", BERLIN) == ["Sun 03-28 03:00", "Mon 03-29 02:30"]
    assert turns("0 */20 2 * * *", 3, "2027-03-27T12:00:00+01:00", BERLIN)[:2] == ["Sun 03-28 03:00", "Mon 03-29 02:00"]


def test_an_hour_that_the_clocks_show_twice_counts_once() -> None:
    before = datetime(2026, 10, 24, 12, tzinfo=UTC)
    read = cron.read("0 30 2 * * *")
    first = read.after(before, BERLIN)
    assert first == datetime(2026, 10, 25, 0, 30, tzinfo=UTC)
    assert read.after(first, BERLIN) == datetime(2026, 10, 26, 1, 30, tzinfo=UTC)


@pytest.mark.parametrize(
    ("written", "word"),
    [
        ("0 0 8 L * ?", "“L”"), ("0 0 8 15W * ?", "“15W”"), ("0 0 8 LW * ?", "“LW”"), ("0 0 8 ? * 6L", "“6L”"),
        ("0 0 8 ? * 2#1", "“2#1”"), ("60 * * * *", "minutes"), ("* 24 * * *", "hours"), ("* * 0 * *", "month"),
        ("* * * 13 *", "months"), ("* * * * 8", "week"), ("*/0 * * * *", "minutes"), ("*/90 * * * *", "minutes"),
        ("1,,2 * * * *", "minutes"), ("0 0 8 ? * MONDAY", "week"), ("0 0 8 1 1 ? 1812", "years"),
        ("? * * * *", "minutes"), ("0 0 8 ? * 0", "week"), ("0 0 8 1 1 ? 2040-2030", "years"),
    ],
)  # fmt: skip
def test_what_cannot_be_read_is_refused_by_name(written: str, word: str) -> None:
    with pytest.raises(cron.NotACron) as wrong:
        cron.read(written)
    assert word in wrong.value.why.en
    assert wrong.value.why.zh != wrong.value.why.en


def test_a_day_that_never_is_never_comes() -> None:
    assert turns("0 0 8 30 2 ?", 1) == ["never"]
    assert turns("0 0 8 1 1 ? 2020", 1) == ["never"]


@given(st.text(alphabet="0123456789*/,-?LW# MONFRI@daily", max_size=40))
def test_no_text_breaks_the_reading(written: str) -> None:
    try:
        read = cron.read(written)
    except cron.NotACron:
        return
    coming = read.after(MORNING, CHINA)
    assert coming is None or coming > MORNING


numbers = {"minute": (0, 59), "hour": (0, 23), "day": (1, 31), "month": (1, 12), "week": (0, 6)}


@st.composite
def fields(draw: st.DrawFn, kind: str) -> tuple[str, set[int]]:
    """A field, and what it means."""
    least, most = numbers[kind]
    one = st.integers(least, most)
    how = draw(st.sampled_from(["any", "any", "one", "list", "range", "step", "from"]))
    if how == "any":
        return "*", set(range(least, most + 1))
    if how == "one":
        value = draw(one)
        names = {"month": MONTHS, "week": DAYS}.get(kind)
        shown = names[value - least] if names and draw(st.booleans()) else str(value)
        return shown, {value}
    if how == "list":
        values = draw(st.lists(one, min_size=2, max_size=4))
        return ",".join(map(str, values)), set(values)
    step = draw(st.integers(1, max(1, most // 2)))
    if how == "step":
        return f"*/{step}", set(range(least, most + 1, step))
    first, last = sorted((draw(one), draw(one)))
    if how == "from" and kind != "week":
        return f"{first}/{step}", set(range(first, most + 1, step))
    return f"{first}-{last}/{step}", set(range(first, last + 1, step))


@settings(max_examples=examples(60), deadline=None)
@given(
    fields("minute"),
    fields("hour"),
    fields("day"),
    fields("month"),
    fields("week"),
    st.booleans(),
    st.sampled_from(ZONES),
    st.datetimes(datetime(2026, 1, 1), datetime(2029, 1, 1)),  # noqa: DTZ001 - made UTC below
)
def test_the_next_turn_is_the_one_that_looking_at_every_minute_finds(
    minute: tuple[str, set[int]],
    hour: tuple[str, set[int]],
    day: tuple[str, set[int]],
    month: tuple[str, set[int]],
    week: tuple[str, set[int]],
    with_seconds: bool,
    zone: ZoneInfo,
    after: datetime,
) -> None:
    written = " ".join(("0", *(one[0] for one in (minute, hour, day, month, week)))[0 if with_seconds else 1 :])
    moment = after.replace(tzinfo=UTC)
    either = not with_seconds and len(day[1]) < 31 and len(week[1]) < 7

    def fits(on: date) -> bool:
        by_month, by_week = on.day in day[1], on.isoweekday() % 7 in week[1]
        return on.month in month[1] and ((by_month or by_week) if either else (by_month and by_week))

    expected = _looked_for(moment, zone, minute[1], hour[1], fits)
    found = cron.read(written).after(moment, zone)
    if expected is None:
        assert found is None or found > moment + timedelta(days=60)
    else:
        assert found == expected


def _looked_for(moment: datetime, zone: ZoneInfo, minutes: set[int], hours: set[int], fits) -> datetime | None:  # type: ignore[no-untyped-def]
    """Every minute of the next 60 days, and what the clocks have shown by then that they had not before."""
    at = moment.replace(second=0, microsecond=0)
    shown = at.astimezone(zone).replace(tzinfo=None)
    if at.astimezone(zone).fold:
        shown = _latest(at, zone)
    for _ in range(60 * 24 * 60):
        at += timedelta(minutes=1)
        clocks = at.astimezone(zone).replace(tzinfo=None)
        if clocks.date() != shown.date() and not fits(clocks.date()) and not fits(shown.date()):
            shown = max(shown, clocks)
            continue
        while shown < clocks:
            shown += timedelta(minutes=1)
            if shown.minute in minutes and shown.hour in hours and fits(shown.date()):
                return at
    return None


def _latest(at: datetime, zone: ZoneInfo) -> datetime:
    """What the clocks had shown before they went back."""
    before = [at - timedelta(minutes=back) for back in range(181)]
    return max(one.astimezone(zone).replace(tzinfo=None) for one in before)


# As timers of a diagram.


def codes(*parts: str) -> list[str]:
    found = lint.findings(file(*parts))
    return [one.rule.code for one in found if one.rule.code.startswith("timer-")]


def cycled(written: str) -> tuple[str, ...]:
    return (
        start(),
        user("a"),
        border("t", "a", cycle(written), interrupting=False),
        user("b"),
        end(),
        line("s", "a", "e"),
        line("t", "b"),
    )


def test_a_border_comes_again_at_each_turn() -> None:
    case = Play(file(*cycled("0 0 9 ? * MON-FRI")), zone="Asia/Shanghai")
    days = []
    for _ in range(5):
        due = case.at("t").due
        assert due is not None
        days.append(due.astimezone(CHINA).strftime("%a %H"))
        case.fire("t")
    assert days == ["Tue 09", "Wed 09", "Thu 09", "Fri 09", "Mon 09"]


def test_turns_that_were_missed_are_past() -> None:
    case = Play(file(*cycled("0 * * * *")), zone="Asia/Shanghai")
    case.fire("t", late=timedelta(days=400, minutes=5))
    assert case.at("t").due == MORNING + timedelta(days=400, hours=2)


def test_a_catching_timer_waits_for_the_first_turn() -> None:
    case = Play(file(start(), catch("t", cycle("0 0 18 * * ?")), end(), line("s", "t", "e")), zone="Asia/Shanghai")
    assert case.at("t").due == datetime(2026, 11, 2, 10, tzinfo=UTC)
    assert case.fire("t").ended


@pytest.mark.parametrize(
    ("written", "code"),
    [
        ("0 0 9 ? * MON-FRI", None),
        ("0 0/5 * * * ?", None),
        ("@daily", None),
        ("0/5 * * * * ?", "timer-too-fast"),
        ("* * * * * *", "timer-too-fast"),
        ("0 0 9 L * ?", "timer-unreadable"),
        ("0 0 9 30 2 ?", "timer-unreadable"),
        ("61 * * * *", "timer-unreadable"),
    ],
)
def test_a_repetition_is_let_pass_or_refused_before_it_runs(written: str, code: str | None) -> None:
    assert codes(*cycled(written)) == ([] if code is None else [code])


def test_cron_is_no_duration() -> None:
    assert codes(start(), catch("t", timer("0 0 9 ? * MON-FRI")), end(), line("s", "t", "e")) == ["timer-unreadable"]


def test_a_repetition_too_fast_is_trouble_for_a_person_when_it_is_only_known_then() -> None:
    case = Play(file(start(), user("a"), catch("t", cycle("when")), end(), line("s", "a", "t", "e")))
    case.do("a", when="0/5 * * * * ?")
    assert case.troubles == [("t", "timer")]


# Lengths written in short.


@pytest.mark.parametrize(
    ("written", "expected"),
    [
        ("10s", timedelta(seconds=10)),
        ("500ms", timedelta(milliseconds=500)),
        ("2h", timedelta(hours=2)),
        ("1d 12h", timedelta(days=1, hours=12)),
        ("5m30s", timedelta(minutes=5, seconds=30)),
    ],
)
def test_a_length_written_in_short_is_waited_for(written: str, expected: timedelta) -> None:
    assert is_literal(written)
    parts = (start(), catch("t", timer(written)), end(), line("s", "t", "e"))
    assert codes(*parts) == []
    assert Play(file(*parts)).at("t").due == MORNING + expected


def test_a_repetition_in_short_comes_first_after_the_one_then_after_the_other() -> None:
    assert codes(*cycled("2h###5m")) == []
    case = Play(file(*cycled("2h###5m")))
    assert case.at("t").due == MORNING + timedelta(hours=2)
    assert case.fire("t").at("t").due == MORNING + timedelta(hours=2, minutes=5)
    assert Play(file(*cycled("10m"))).fire("t").at("t").due == MORNING + timedelta(minutes=20)


def test_a_repetition_in_short_may_not_be_too_fast() -> None:
    assert codes(*cycled("500ms")) == ["timer-too-fast"]
    assert codes(*cycled("2h###5s")) == ["timer-too-fast"]
    run.model(file(*cycled("500ms")), process="p")


@pytest.mark.parametrize("written", ["", "10", "s", "10x", "1s1d", "1s###", "1s###2s###3s", "### 5m"])
def test_what_is_not_written_in_short_is_left_alone(written: str) -> None:
    assert in_iso(written) is None
