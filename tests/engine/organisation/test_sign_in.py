"""Signing in: who, how often, for how long, and what a stranger can learn from it."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta

import pytest
from sqlalchemy import Connection, event, func, select

from engine.base.database import Database
from engine.base.errors import NotAllowed
from engine.organisation import acts, checking, passwords, reads, rules, sign_in
from engine.organisation.rules import Right
from engine.organisation.tables import persons, sessions
from engine.records.journal import entries
from engine.records.verify import first_broken
from tests.builders import SmallOffice, small_office
from tests.conftest import Clock

PASSWORD = "the tea is too hot"


@pytest.fixture
def office(database: Database, clock: Clock) -> SmallOffice:
    with database.writing() as db:
        return small_office(db, passwords={"li": PASSWORD, "guo": PASSWORD + "!"})


def enter(database: Database, login: str = "li", password: str = PASSWORD) -> str:
    """As the entrance does it: what a refusal counted is kept."""
    refusal = None
    with database.writing() as db:
        try:
            secret, _ = sign_in.sign_in(db, login=login, password=password)
        except (rules.WrongPassword, rules.MustWait) as refused:
            refusal = refused
    if refusal is not None:
        raise refusal
    return secret


def is_in(database: Database, secret: str) -> bool:
    with database.reading() as db:
        return sign_in.actor_of(db, secret) is not None


def acts_of(db: Connection, person_id: int) -> list[str]:
    chain = db.execute(select(persons.c.chain).where(persons.c.id == person_id)).scalar_one()
    return [entry.act for entry in entries(db, chain)]


def test_the_right_password_signs_in(database: Database, office: SmallOffice) -> None:
    with database.writing() as db:
        secret, actor = sign_in.sign_in(db, login=" LI ", password=PASSWORD)
    assert actor.person_id == office.persons["li"]
    assert actor.post_ids == {office.posts["clerk"]}
    with database.reading() as db:
        assert sign_in.actor_of(db, secret) == actor


def test_the_secret_itself_is_not_kept(database: Database, office: SmallOffice) -> None:
    secret = enter(database)
    with database.reading() as db:
        (kept,) = db.scalars(select(sessions.c.token))
    assert len(kept) == 32
    assert secret.encode() not in kept
    assert enter(database) != secret


@pytest.mark.parametrize(
    ("login", "password"),
    [("li", "wrong password"), ("nobody", PASSWORD), ("chen", PASSWORD), ("", ""), ("a\x00b", "\ud800"), ("li", "")],
    ids=["wrong password", "unknown login", "no password set", "nothing", "unspeakable", "empty password"],
)
def test_every_wrong_sign_in_is_refused_with_the_same_sentence(
    database: Database, office: SmallOffice, login: str, password: str
) -> None:
    with pytest.raises(rules.WrongPassword) as refusal:
        enter(database, login, password)
    assert refusal.value.facts == {}


def test_an_unknown_login_costs_as_much_hashing_as_a_known_one(
    database: Database, office: SmallOffice, monkeypatch: pytest.MonkeyPatch
) -> None:
    hashed: list[str | None] = []
    fits = passwords.fits

    def counted(kept: str | None, typed: str) -> bool:
        hashed.append(kept)
        return fits(kept, typed)

    monkeypatch.setattr(passwords, "fits", counted)
    for login in ("li", "nobody", "chen"):
        with pytest.raises(rules.WrongPassword):
            enter(database, login, "wrong password")
    assert len(hashed) == 3
    assert not fits(None, "nobody's password")


def test_what_was_checked_before_holds_while_the_kept_password_is_the_same(
    database: Database, office: SmallOffice, monkeypatch: pytest.MonkeyPatch
) -> None:
    with database.reading() as db:
        kept = checking.kept_of(db, login=" LI ")
    assert kept is not None
    right, wrong = checking.check(kept, PASSWORD), checking.check(kept, "wrong password")
    with monkeypatch.context() as no_more:
        no_more.setattr(passwords, "fits", lambda *_: pytest.fail("it was checked already"))
        with database.writing() as db:
            sign_in.sign_in(db, login="li", password=PASSWORD, checked=right)
            with pytest.raises(rules.WrongPassword):
                sign_in.sign_in(db, login="li", password="wrong password", checked=wrong)
    with database.writing() as db:
        sign_in.set_password(db, by=None, person_id=office.persons["li"], password="another tea, please")
        with pytest.raises(rules.WrongPassword):
            sign_in.sign_in(db, login="li", password=PASSWORD, checked=right)


def test_nothing_is_checked_for_whoever_must_wait(database: Database, office: SmallOffice) -> None:
    for _ in range(rules.FREE_TRIES + 1):
        with pytest.raises((rules.WrongPassword, rules.MustWait)):
            enter(database, password="wrong password")
    with database.reading() as db:
        assert checking.kept_of(db, login="li") is None
        assert checking.kept_of(db, login="nobody") == checking.Kept(None)


def test_the_wait_grows_with_each_wrong_password_and_the_right_one_must_wait_too(
    database: Database, office: SmallOffice, clock: Clock
) -> None:
    for _ in range(4):
        with pytest.raises(rules.WrongPassword):
            enter(database, password="wrong password")
    for minutes in (1, 2, 4, 8, 15, 15):
        with pytest.raises(rules.MustWait) as refusal:
            enter(database, password="wrong password")
        assert refusal.value.facts["until"] == clock.now() + timedelta(minutes=minutes)
        clock.advance(minutes=minutes, seconds=-1)
        with pytest.raises(rules.MustWait):
            enter(database)
        clock.advance(seconds=1)
    assert is_in(database, enter(database))


def test_tries_during_the_wait_are_not_counted(database: Database, office: SmallOffice, clock: Clock) -> None:
    for _ in range(5):
        with pytest.raises((rules.WrongPassword, rules.MustWait)):
            enter(database, password="wrong password")
    for _ in range(10):
        with pytest.raises(rules.MustWait):
            enter(database, password="wrong password")
    clock.advance(minutes=1)
    enter(database)


def test_the_right_password_clears_the_count(database: Database, office: SmallOffice) -> None:
    for _ in range(3):
        for _ in range(4):
            with pytest.raises(rules.WrongPassword):
                enter(database, password="wrong password")
        enter(database)


def test_one_account_waits_and_no_other(database: Database, office: SmallOffice) -> None:
    for _ in range(5):
        with pytest.raises((rules.WrongPassword, rules.MustWait)):
            enter(database, password="wrong password")
    enter(database, "guo", PASSWORD + "!")


def test_a_session_ends_after_eight_idle_hours(database: Database, office: SmallOffice, clock: Clock) -> None:
    secret = enter(database)
    clock.advance(hours=8, seconds=-1)
    assert is_in(database, secret)
    clock.advance(seconds=1)
    assert not is_in(database, secret)


def test_a_session_ends_after_twelve_hours_however_busy(database: Database, office: SmallOffice, clock: Clock) -> None:
    secret = enter(database)
    for _ in range(3):
        clock.advance(hours=3, minutes=59)
        assert is_in(database, secret)
        with database.writing() as db:
            sign_in.touch(db, secret)
    clock.advance(minutes=3)
    assert not is_in(database, secret)


def test_a_session_is_noted_as_used_every_five_minutes_at_most(
    database: Database, office: SmallOffice, clock: Clock
) -> None:
    secret = enter(database)
    begun = clock.now()

    def seen() -> tuple[object, bool]:
        with database.writing() as db:
            sign_in.touch(db, secret)
            session = sign_in.session_of(db, secret)
            assert session is not None
            return session.seen_at, session.touch_due

    clock.advance(minutes=4)
    assert seen() == (begun, False)
    clock.advance(minutes=1)
    with database.reading() as db:
        session = sign_in.session_of(db, secret)
    assert session is not None
    assert session.touch_due
    assert seen() == (clock.now(), False)


@pytest.fixture
def said(database: Database) -> Iterator[list[str]]:
    statements: list[str] = []

    def listen(_db: object, _cursor: object, statement: str, *_: object) -> None:
        if not statement.startswith("BEGIN"):
            statements.append(statement)

    event.listen(database.engine, "before_cursor_execute", listen)
    yield statements
    event.remove(database.engine, "before_cursor_execute", listen)


def test_finding_out_who_asks_is_one_statement(database: Database, office: SmallOffice, said: list[str]) -> None:
    secret = enter(database)
    said.clear()
    with database.reading() as db:
        sign_in.actor_of(db, secret)
    assert len(said) == 1


def test_who_left_is_out_at_the_next_request_and_cannot_come_in_again(database: Database, office: SmallOffice) -> None:
    secret = enter(database)
    with database.writing() as db:
        acts.person_leaves(db, by=office.actor(db, "guo"), person_id=office.persons["li"])
    assert not is_in(database, secret)
    with pytest.raises(rules.WrongPassword):
        enter(database)


def test_who_leaves_tomorrow_is_out_when_the_office_wakes_up(
    database: Database, office: SmallOffice, clock: Clock
) -> None:
    clock.advance(hours=11)  # eight in the evening
    secret = enter(database)
    with database.writing() as db:
        tomorrow = reads.today(db) + timedelta(days=1)
        acts.person_leaves(db, by=None, person_id=office.persons["li"], on=tomorrow)
    assert is_in(database, secret)
    clock.advance(hours=4)
    assert not is_in(database, secret)


def test_a_post_that_ends_is_gone_at_the_next_request(database: Database, office: SmallOffice, clock: Clock) -> None:
    secret = enter(database)
    with database.writing() as db:
        held = reads.person(db, office.persons["li"]).holdings[0].holding_id
        acts.end_holding(db, by=None, holding_id=held, until_day=reads.today(db) - timedelta(days=1))
        actor = sign_in.actor_of(db, secret)
    assert actor is not None
    assert actor.posts == ()


def test_signing_out_ends_this_session_only(database: Database, office: SmallOffice) -> None:
    desk, phone = enter(database), enter(database)
    with database.writing() as db:
        sign_in.sign_out(db, desk)
        sign_in.sign_out(db, desk)
        sign_in.sign_out(db, "never heard of")
    assert not is_in(database, desk)
    assert is_in(database, phone)


def test_signing_out_everywhere_ends_them_all(database: Database, office: SmallOffice) -> None:
    desk, phone, other = enter(database), enter(database), enter(database, "guo", PASSWORD + "!")
    with database.writing() as db:
        sign_in.sign_out_everywhere(db, by=office.actor(db, "li"), person_id=office.persons["li"])
    assert [is_in(database, secret) for secret in (desk, phone, other)] == [False, False, True]


def test_an_account_is_changed_by_its_owner_or_an_administrator_only(database: Database, office: SmallOffice) -> None:
    li = office.persons["li"]
    with database.writing() as db:
        stranger, guo = office.actor(db, "zhou"), office.actor(db, "guo")
        with pytest.raises(NotAllowed):
            sign_in.set_password(db, by=stranger, person_id=li, password="another tea, please")
        with pytest.raises(NotAllowed):
            sign_in.sign_out_everywhere(db, by=stranger, person_id=li)
        sign_in.set_password(db, by=guo, person_id=li, password="another tea, please")
    enter(database, password="another tea, please")
    with pytest.raises(rules.WrongPassword):
        enter(database)


def test_a_new_password_ends_every_other_session(database: Database, office: SmallOffice) -> None:
    here, elsewhere = enter(database), enter(database)
    with database.writing() as db:
        me = office.actor(db, "li")
        sign_in.set_password(db, by=me, person_id=me.person_id, password="another tea, please", staying=here)
    assert is_in(database, here)
    assert not is_in(database, elsewhere)


def test_a_new_password_ends_the_wait(database: Database, office: SmallOffice) -> None:
    for _ in range(5):
        with pytest.raises((rules.WrongPassword, rules.MustWait)):
            enter(database, password="wrong password")
    with database.writing() as db:
        sign_in.set_password(db, by=None, person_id=office.persons["li"], password="another tea, please")
    enter(database, password="another tea, please")


def test_a_password_is_kept_at_todays_cost(database: Database, office: SmallOffice) -> None:
    def kept() -> str:
        with database.reading() as db:
            return str(db.scalar(select(persons.c.password).where(persons.c.login == "li")))

    before = kept()
    enter(database)
    assert kept() == before
    passwords.charge(passwords.Cost(passes=2, memory=16, lanes=1))
    try:
        enter(database)
    finally:
        passwords.charge(passwords.TEST_COST)
    assert before != kept()
    assert kept().startswith("$argon2id$v=19$m=16,t=2,p=1$")
    enter(database)


def test_the_cost_in_an_office_is_worth_its_name() -> None:
    """OWASP's least for argon2id: 19 MiB and two passes."""
    assert passwords.OFFICE_COST.memory >= 19 * 1024
    assert passwords.OFFICE_COST.passes >= 2


def test_the_language_is_chosen_by_oneself(database: Database, office: SmallOffice) -> None:
    secret = enter(database)
    with database.writing() as db:
        sign_in.choose_language(db, by=office.actor(db, "li"), language="zh")
        with pytest.raises(rules.LanguageUnknown):
            sign_in.choose_language(db, by=office.actor(db, "li"), language="de")
        actor = sign_in.actor_of(db, secret)
    assert actor is not None
    assert actor.language == "zh"


def test_what_an_account_does_is_on_its_own_chain(database: Database, office: SmallOffice) -> None:
    li = office.persons["li"]
    with pytest.raises(rules.WrongPassword):
        enter(database, password="wrong password")
    secret = enter(database)
    with database.writing() as db:
        me = office.actor(db, "li")
        sign_in.choose_language(db, by=me, language="zh")
        sign_in.set_password(db, by=me, person_id=li, password="another tea, please", staying=secret)
        sign_in.sign_out(db, secret)
        sign_in.sign_out_everywhere(db, by=office.actor(db, "guo"), person_id=li)
    with database.reading() as db:
        assert acts_of(db, li) == [
            "sign_in_refused", "sign_in", "choose_language", "set_password", "sign_out", "sign_out_everywhere",
        ]  # fmt: skip
        assert acts_of(db, office.persons["guo"]) == []
        assert first_broken(db, reads.heads(db)) is None


def test_no_password_stands_in_the_record(database: Database, office: SmallOffice) -> None:
    with database.writing() as db:
        acts.add_person(db, by=None, login="ma", name_en="Ma Li", name_zh="马丽", password="a secret sentence")
        sign_in.set_password(db, by=None, person_id=office.persons["li"], password="a secret sentence")
        told = [entry.facts for head in reads.heads(db) for entry in entries(db, head.id)]
    assert not any("a secret sentence" in facts or "argon2" in facts for facts in told)


def test_sessions_that_ran_out_are_cleared_away(database: Database, office: SmallOffice, clock: Clock) -> None:
    enter(database)
    clock.advance(hours=13)
    enter(database)
    with database.reading() as db:
        assert db.scalar(select(func.count()).select_from(sessions)) == 1


def test_an_administrator_signs_in_as_one(database: Database, office: SmallOffice) -> None:
    with database.writing() as db:
        _, actor = sign_in.sign_in(db, login="guo", password=PASSWORD + "!")
    assert actor.may(Right.ADMINISTER)
