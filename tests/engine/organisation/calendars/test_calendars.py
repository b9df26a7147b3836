"""Calendars of an office and its departments: inherited, changed on the record, known to every process at once."""

from __future__ import annotations

import json
import subprocess
import sys
from collections.abc import Callable
from datetime import UTC, date, datetime, time
from pathlib import Path
from typing import Any

import pytest
from alembic import command
from sqlalchemy import Connection, delete, select, text, update

import processes
from engine import migrations
from engine.base.database import Database
from engine.base.errors import NotAllowed, NotFound
from engine.notices.tables import notices
from engine.notices.years import warn_of_year, years_due
from engine.organisation import acts as organisation
from engine.organisation.calendars import acts, rules, sources
from engine.organisation.calendars.notice import NoticeDay, read_notice
from engine.organisation.calendars.reads import calendar_of, calendars_version, years_missing
from engine.organisation.calendars.sources import Compared, Comparison
from engine.organisation.calendars.tables import calendars
from engine.organisation.calendars.years import Kind, year_of
from engine.organisation.reads import office as office_of
from engine.organisation.rules import Actor, ZoneUnknown
from engine.organisation.tables import offices
from engine.records.journal import entries
from engine.worktime.calendar import Hours, HoursUnfit, NeverWorks
from tests.builders import SmallOffice
from tests.conftest import Clock
from tests.counting import counting
from web.founding import found as found_office

MORNINGS = [(Hours(time(9), time(12)),)] * 5 + [()] * 2
HOLIDAY = NoticeDay(date(2027, 2, 8), False, rules.fit_day_name("Spring Festival", "春节"))


def _guo(db: Connection, office: SmallOffice) -> Actor:
    return office.actor(db, "guo")


def _last(db: Connection) -> tuple[str, int | None, dict[str, Any]]:
    entry = entries(db, db.execute(select(offices.c.chain)).scalar_one())[-1]
    return entry.act, entry.person_id, json.loads(entry.facts)


def test_an_office_works_monday_to_friday_until_it_says_when(database: Database, office: SmallOffice) -> None:
    with database.reading() as db:
        found = calendar_of(db)
        assert (str(found.zone), [len(hours) for hours in found.week]) == ("Asia/Shanghai", [1] * 5 + [0] * 2)
        assert found.is_certain(2099), "nobody's notices count, so none is missing"
        assert calendar_of(db, office.departments["review"]) is found


def test_a_database_from_before_has_an_office_that_works_all_the_same(database: Database, office: SmallOffice) -> None:
    with database.writing() as db:
        db.execute(delete(calendars))
        db.execute(update(offices).values(calendars_version=0))
        assert calendar_of(db).works_on(date(2026, 3, 2))
        acts.set_hours(db, by=_guo(db, office), week=MORNINGS)
        assert calendar_of(db).hours_of(date(2026, 3, 2)) == MORNINGS[0]


def test_hours_are_set_and_the_change_gives_the_calendars_another_version(
    database: Database, office: SmallOffice
) -> None:
    with database.writing() as db:
        before = calendars_version(db)
        acts.set_hours(db, by=_guo(db, office), week=MORNINGS, zone="Europe/Berlin")
        found = calendar_of(db)
        assert found.hours_of(date(2026, 3, 2)) == MORNINGS[0]
        assert str(found.zone) == "Europe/Berlin"
        act, person, facts = _last(db)
        assert (act, person) == ("set_hours", office.persons["guo"])
        assert "09:00-12:00" in facts["week"]
        now = calendars_version(db)
        assert now > before
        acts.set_hours(db, by=_guo(db, office), week=MORNINGS, zone="Europe/Berlin")
        assert calendars_version(db) == now, "nothing changed"


def test_a_department_goes_by_the_calendar_above_until_it_has_its_own(database: Database, office: SmallOffice) -> None:
    review, bureau = office.departments["review"], office.departments["bureau"]
    with database.writing() as db:
        guo = _guo(db, office)
        acts.give_calendar(db, by=guo, department_id=bureau)
        acts.set_day(db, by=guo, day=date(2026, 5, 7), works=False, name_en="Moving house")
        acts.set_hours(db, by=guo, week=MORNINGS, department_id=bureau)
        for department in (bureau, review):
            found = calendar_of(db, department)
            assert found.hours_of(date(2026, 5, 6)) == MORNINGS[0]
            assert not found.works_on(date(2026, 5, 7)), "the office's own day counts below it"
        assert calendar_of(db).hours_of(date(2026, 5, 6)) != MORNINGS[0]
        acts.set_day(db, by=guo, day=date(2026, 5, 7), works=True, name_zh="值班", department_id=bureau)
        assert calendar_of(db, review).works_on(date(2026, 5, 7))
        assert not calendar_of(db).works_on(date(2026, 5, 7))
        acts.withdraw_calendar(db, by=guo, department_id=bureau)
        assert calendar_of(db, review) is calendar_of(db)


def test_a_department_that_is_moved_goes_by_the_calendar_it_comes_under(
    database: Database, office: SmallOffice
) -> None:
    with database.writing() as db:
        guo = _guo(db, office)
        there = organisation.add_department(db, by=guo, code="branch", name_en="Branch", name_zh="分局")
        acts.give_calendar(db, by=guo, department_id=there)
        acts.set_hours(db, by=guo, week=MORNINGS, department_id=there)
        made = organisation.add_department(db, by=guo, code="desk", name_en="Desk", name_zh="组")
        assert calendar_of(db, made) is calendar_of(db), "added after the calendars were read"
        organisation.move_department(db, by=guo, department_id=made, parent_id=there)
        assert calendar_of(db, made).hours_of(date(2026, 3, 2)) == MORNINGS[0]


def test_no_statement_is_asked_where_the_version_is_known(database: Database, office: SmallOffice) -> None:
    review = office.departments["review"]
    with database.reading() as db:
        version = office_of(db).calendars_version
        found = calendar_of(db, review, version=version)
        with counting(database) as counted:
            assert calendar_of(db, review, version=version) is found
        assert counted.statements == []
    with database.reading() as db, counting(database) as counted:
        assert calendar_of(db, review) is found
        assert calendar_of(db, review) is found
    assert len(counted.statements) == 1


def test_a_change_undone_leaves_nothing_behind(database: Database, office: SmallOffice) -> None:
    with database.writing() as db:
        acts.set_hours(db, by=_guo(db, office), week=MORNINGS)
        assert calendar_of(db).hours_of(date(2026, 3, 2)) == MORNINGS[0]
        db.rollback()
    with database.reading() as db:
        assert calendar_of(db).hours_of(date(2026, 3, 2)) != MORNINGS[0]


def test_chinas_year_is_taken_in_where_both_sources_agree(database: Database, office: SmallOffice) -> None:
    with database.writing() as db:
        guo = _guo(db, office)
        with pytest.raises(rules.NoCountry):
            acts.take_in_year(db, by=guo, year=2026)
        acts.choose_country(db, by=guo, country="CN")
        assert not calendar_of(db).is_certain(2026)
        known = acts.take_in_year(db, by=guo, year=2026)
        assert known.disagreements == ()
        found = calendar_of(db)
        assert found.is_certain(2026)
        assert found.works_on(date(2026, 2, 14)), "a Saturday worked instead"
        assert not found.works_on(date(2026, 2, 16))
        told = found.exceptional(date(2026, 2, 14))
        assert told is not None
        assert told.source.startswith("chinesecalendar ")
        assert "holidays " in told.source
        assert sum(found.works_on(date.fromordinal(date(2026, 1, 1).toordinal() + n)) for n in range(365)) == 248
        act, _person, facts = _last(db)
        assert act == "take_in_year"
        assert len(facts["works"]) == 6


def test_a_year_whose_notice_is_not_published_is_not_taken_in(database: Database, office: SmallOffice) -> None:
    with database.writing() as db:
        guo = _guo(db, office)
        acts.choose_country(db, by=guo, country="CN")
        with pytest.raises(rules.NotPublished, match="2027"):
            acts.take_in_year(db, by=guo, year=2027)
        assert not calendar_of(db).is_certain(2027)
        acts.take_in_list(db, by=guo, year=2027, days=[HOLIDAY], title="放假安排的通知", number="国办发明电〔2026〕7号")
        assert calendar_of(db).is_certain(2027)
        (taken,) = year_of(db, None, 2027).taken
        assert taken.source == "放假安排的通知 国办发明电〔2026〕7号"


def test_where_the_sources_differ_the_administrator_decides_each_day(
    database: Database, office: SmallOffice, monkeypatch: pytest.MonkeyPatch
) -> None:
    name = rules.fit_day_name("Labour Day", "劳动节")
    days = (
        Compared(date(2026, 5, 1), name, (False, False)),
        Compared(date(2026, 5, 9), name, (True, False)),
        Compared(date(2026, 5, 8), name, (True, False)),
    )
    monkeypatch.setattr(acts, "compare", lambda country, year: Comparison(country, year, ("one 1", "other 2"), days))
    with database.writing() as db:
        guo = _guo(db, office)
        acts.choose_country(db, by=guo, country="CN")
        with pytest.raises(rules.SourcesDisagree, match="2026-05-09, 2026-05-08"):
            acts.take_in_year(db, by=guo, year=2026)
        with pytest.raises(rules.SourcesDisagree, match="on 2026-05-08"):
            acts.take_in_year(db, by=guo, year=2026, decided={date(2026, 5, 9): True})
        acts.take_in_year(db, by=guo, year=2026, decided={date(2026, 5, 9): True, date(2026, 5, 8): True})
        found = calendar_of(db)
        assert found.works_on(date(2026, 5, 9))
        assert found.works_on(date(2026, 5, 8))
        assert not found.works_on(date(2026, 5, 1))
        assert _last(db)[2]["decided"] == {"2026-05-09": True, "2026-05-08": True}


def test_a_year_taken_in_again_replaces_what_was_there_and_keeps_own_days(
    database: Database, office: SmallOffice
) -> None:
    with database.writing() as db:
        guo = _guo(db, office)
        acts.choose_country(db, by=guo, country="CN")
        acts.take_in_year(db, by=guo, year=2026)
        acts.set_day(db, by=guo, day=date(2026, 2, 16), works=True, name_en="Duty", hours=MORNINGS[0])
        eve = NoticeDay(date(2025, 12, 31), False, HOLIDAY.name)
        may = NoticeDay(date(2026, 5, 1), False, HOLIDAY.name)
        acts.take_in_list(db, by=guo, year=2026, days=[eve, may], title="Corrected notice")
        found = calendar_of(db)
        assert found.hours_of(date(2026, 2, 16)) == MORNINGS[0]
        assert found.works_on(date(2026, 2, 17)), "gone with the first notice"
        assert not found.works_on(date(2026, 5, 1))
        assert not found.works_on(date(2025, 12, 31)), "a notice may speak of the December before it"
        assert _last(db)[2]["source_before"].startswith("chinesecalendar")


def test_another_countrys_holidays_stand_in_the_place_of_all_above(database: Database, office: SmallOffice) -> None:
    review = office.departments["review"]
    with database.writing() as db:
        guo = _guo(db, office)
        acts.choose_country(db, by=guo, country="CN")
        acts.take_in_year(db, by=guo, year=2026)
        acts.give_calendar(db, by=guo, department_id=review)
        assert not calendar_of(db, review).works_on(date(2026, 10, 1))
        acts.choose_country(db, by=guo, country="NL", department_id=review)
        acts.take_in_year(db, by=guo, year=2026, department_id=review)
        found = calendar_of(db, review)
        assert found.works_on(date(2026, 10, 1))
        assert not found.works_on(date(2026, 4, 27)), "King's Day"
        assert calendar_of(db).works_on(date(2026, 4, 27))


def test_a_day_is_removed_and_is_again_what_the_notice_says(database: Database, office: SmallOffice) -> None:
    with database.writing() as db:
        guo = _guo(db, office)
        acts.choose_country(db, by=guo, country="CN")
        acts.take_in_year(db, by=guo, year=2026)
        day = date(2026, 10, 1)
        acts.set_day(db, by=guo, day=day, until=date(2026, 10, 2), works=True, name_en="Flood watch")
        assert calendar_of(db).works_on(day)
        acts.remove_day(db, by=guo, day=day)
        assert not calendar_of(db).works_on(day)
        assert calendar_of(db).works_on(date(2026, 10, 2))
        with pytest.raises(rules.DayNotThere):
            acts.remove_day(db, by=guo, day=day)


def test_a_year_is_shown_with_what_each_day_is_and_who_says_so(database: Database, office: SmallOffice) -> None:
    with database.writing() as db:
        guo = _guo(db, office)
        acts.choose_country(db, by=guo, country="CN")
        acts.take_in_year(db, by=guo, year=2026)
        acts.set_day(db, by=guo, day=date(2026, 3, 9), works=True, name_en="Short day", hours=MORNINGS[0])
        shown = year_of(db, None, 2026)
        kinds = {one.day: one for one in shown.days}
        assert len(kinds) == 365
        assert kinds[date(2026, 3, 2)].kind is Kind.WORKS
        assert kinds[date(2026, 3, 8)].kind is Kind.RESTS
        assert kinds[date(2026, 2, 16)].kind is Kind.HOLIDAY
        assert kinds[date(2026, 2, 14)].kind is Kind.MADE_UP
        short = kinds[date(2026, 3, 9)]
        assert (short.kind, short.own, short.by and short.by.en) == (Kind.OTHER_HOURS, True, "Guo Fang")
        assert not kinds[date(2026, 2, 14)].own
        below = {one.day: one for one in year_of(db, office.departments["review"], 2026).days}
        assert (below[date(2026, 3, 9)].own, below[date(2026, 3, 9)].of) == (False, office_of(db).name)
        assert all(shown.calendar.works_on(one.day) == one.works for one in shown.days)
        with pytest.raises(NotFound):
            year_of(db, 10**6, 2026)


@pytest.mark.parametrize(
    ("act", "refusal"),
    [
        (lambda db, guo, _dep: acts.set_hours(db, by=guo, week=[()] * 7), NeverWorks),
        (lambda db, guo, _dep: acts.set_hours(db, by=guo, week=[(Hours(time(9), time(8)),)] * 7), HoursUnfit),
        (lambda db, guo, _dep: acts.set_hours(db, by=guo, week=MORNINGS, zone="Mars/North"), ZoneUnknown),
        (lambda db, guo, dep: acts.set_hours(db, by=guo, week=MORNINGS, department_id=dep), rules.CalendarAbove),
        (lambda db, guo, _dep: acts.set_day(db, by=guo, day=date(2026, 3, 2), works=False), rules.DayUnnamed),
        (
            lambda db, guo, _dep: acts.set_day(db, by=guo, day=date(1999, 3, 2), works=False, name_en="x"),
            rules.YearUnfit,
        ),
        (
            lambda db, guo, _dep: acts.set_day(
                db, by=guo, day=date(2026, 3, 2), until=date(2026, 3, 1), works=False, name_en="x"
            ),
            rules.DaysInverted,
        ),
        (
            lambda db, guo, _dep: acts.set_day(
                db, by=guo, day=date(2026, 3, 2), until=date(2026, 9, 1), works=False, name_en="x"
            ),
            rules.TooManyDays,
        ),
        (lambda db, guo, _dep: acts.choose_country(db, by=guo, country="XX"), rules.CountryUnknown),
        (lambda db, guo, dep: acts.withdraw_calendar(db, by=guo, department_id=dep), rules.CalendarAbove),
        (lambda db, guo, _dep: acts.give_calendar(db, by=guo, department_id=10**6), NotFound),
        (lambda db, guo, _dep: acts.take_in_list(db, by=guo, year=2027, days=[HOLIDAY], title="t"), rules.NoCountry),
    ],
)
def test_what_cannot_be_is_refused(
    database: Database, office: SmallOffice, act: Callable[[Connection, Actor, int], Any], refusal: type[Exception]
) -> None:
    with database.writing() as db, pytest.raises(refusal):
        act(db, _guo(db, office), office.departments["review"])


def test_only_administrators_change_calendars(database: Database, office: SmallOffice) -> None:
    with database.writing() as db:
        li = office.actor(db, "li")
        for act in (
            lambda: acts.set_hours(db, by=li, week=MORNINGS),
            lambda: acts.set_day(db, by=li, day=date(2026, 3, 2), works=False, name_en="x"),
            lambda: acts.remove_day(db, by=li, day=date(2026, 3, 2)),
            lambda: acts.choose_country(db, by=li, country="CN"),
            lambda: acts.take_in_year(db, by=li, year=2026),
            lambda: acts.take_in_list(db, by=li, year=2026, days=[], title=""),
            lambda: acts.give_calendar(db, by=li, department_id=1),
            lambda: acts.withdraw_calendar(db, by=li, department_id=1),
        ):
            with pytest.raises(NotAllowed):
                act()


def test_administrators_are_warned_once_of_a_year_that_comes_near(
    database: Database, office: SmallOffice, clock: Clock
) -> None:
    with database.writing() as db:
        guo = _guo(db, office)
        acts.choose_country(db, by=guo, country="CN")
        acts.take_in_year(db, by=guo, year=2026)
        assert years_missing(db, datetime(2026, 9, 30, 15, tzinfo=UTC)) == ()
        (missing,) = years_missing(db, datetime(2026, 9, 30, 16, 1, tzinfo=UTC))  # midnight in Shanghai
        assert (missing.year, missing.department_id) == (2027, None)
        assert years_due(db, at=clock.now(), limit=5) == ()
    clock.set(datetime(2026, 10, 2, tzinfo=UTC))
    with database.writing() as db:
        ((calendar_id, country, year),) = years_due(db, at=clock.now(), limit=5)
        assert warn_of_year(db, calendar_id=calendar_id, country=country, year=year)
        assert not warn_of_year(db, calendar_id=calendar_id, country=country, year=year)
        told = db.execute(select(notices.c.person_id, notices.c.facts).where(notices.c.kind == "year_missing")).all()
        assert [row.person_id for row in told] == [office.persons["guo"]]
        assert '"2027"' in told[0].facts
        assert years_due(db, at=clock.now(), limit=5) == ()
        assert len(years_missing(db, clock.now())) == 1, "it is missing still"
        acts.take_in_list(db, by=_guo(db, office), year=2027, days=read_notice("2027-02-08 rest 春节", 2027), title="t")
        assert years_missing(db, clock.now()) == ()


def test_libraries_are_asked_only_when_a_year_is_taken_in() -> None:
    """The process that runs the tests has loaded them for other reasons: a fresh one has not."""
    asked = (
        "import sys; import engine.notices.years, engine.organisation.calendars.acts; "
        "sys.exit(any(one in sys.modules for one in ('holidays', 'chinese_calendar')))"
    )
    assert subprocess.run([sys.executable, "-c", asked], check=False).returncode == 0
    assert sources.COUNTRIES["CN"].en.startswith("China")


def test_an_office_that_stood_before_there_were_calendars_works_monday_to_friday(tmp_path: Path) -> None:
    database = Database(f"sqlite:///{tmp_path / 'old.db'}")
    with database.writing() as db:
        config = migrations._config()
        config.attributes["connection"] = db
        command.upgrade(config, "0017")
        db.execute(
            text(
                "INSERT INTO offices (id, name_en, name_zh, zone, chain, chain_length, chain_head)"
                " VALUES (1, 'Old', '旧', 'Asia/Urumqi', 1, 0, x'')"
            )
        )
    migrations.upgrade(database)
    with database.writing() as db:
        found = calendar_of(db)
        assert str(found.zone) == "Asia/Urumqi"
        assert rules.in_words(found.hours_of(date(2026, 3, 2))) == "09:00-17:00"
        assert not found.works_on(date(2026, 3, 7))
        version = calendars_version(db)
        assert version > 0
        acts.set_hours(db, by=None, week=MORNINGS)
        assert calendars_version(db) > version
    database.close()


def test_the_demo_office_has_its_years_and_a_department_with_its_own(database: Database, clock: Clock) -> None:
    with database.writing() as db:
        found = found_office(db, processes.office(), date(2026, 11, 20), password=lambda _login: None)  # type: ignore[arg-type, return-value]
        whole, centre = calendar_of(db), calendar_of(db, found.departments["SC"])
        assert [whole.is_certain(year) for year in (2025, 2026, 2027)] == [True, True, False]
        assert rules.in_words(whole.hours_of(date(2026, 2, 14))) == "08:30-12:00, 13:30-17:30"
        assert not whole.works_on(date(2026, 3, 7))
        assert rules.in_words(centre.hours_of(date(2026, 3, 7))) == "09:00-12:00"
        assert not centre.works_on(date(2026, 10, 1))
