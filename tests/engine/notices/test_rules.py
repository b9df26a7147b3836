"""Addresses, hours, endpoints: what may be written to."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from engine.notices import rules
from engine.notices.words import SENTENCES

SHANGHAI = ZoneInfo("Asia/Shanghai")


@pytest.mark.parametrize(
    ("typed", "kept"),
    [
        (" li@office.example ", "li@office.example"),
        ("Li.Ming+desk@Office.Example", "Li.Ming+desk@office.example"),
        ("li@例子.测试", "li@xn--fsqu00a.xn--0zwm56d"),
    ],
)
def test_an_address_is_kept_as_it_is_written_to(typed: str, kept: str) -> None:
    assert rules.fit_address(typed) == kept


@pytest.mark.parametrize(
    "typed",
    [
        "", "li", "li@", "@office.example", "li@localhost", "li@10.0.0.1", "li@[10.0.0.1]", "a b@office.example",
        "li@office.example\nBcc: all@office.example", "li@office.example\r\n", "li,wang@office.example",
        "<li@office.example>", '"li"@office.example', ".li@office.example", "li..ming@office.example",
        "li@office..example", "li@-office.example", "li@office.example ,x", "x" * 65 + "@office.example",
        "li@" + "a." * 130 + "example", "李@office.example",
    ],
)  # fmt: skip
def test_what_is_no_address_is_refused(typed: str) -> None:
    if typed.strip() == "li@office.example":
        assert rules.fit_address(typed) == "li@office.example"
        return
    with pytest.raises(rules.AddressUnfit):
        rules.fit_address(typed)


@given(st.text())
def test_no_address_that_is_kept_can_break_a_header(typed: str) -> None:
    try:
        kept = rules.fit_address(typed)
    except rules.AddressUnfit:
        return
    assert kept.isascii()
    assert kept.isprintable()
    assert not set(kept) & set(' ,;:<>"()[]\\')
    assert kept.count("@") == 1


@given(st.timedeltas(timedelta(), timedelta(days=7000)), st.integers(0, 23))
def test_the_next_digest_is_the_next_time_the_clock_shows_that_hour(since: timedelta, hour: int) -> None:
    at = datetime(2020, 1, 1, tzinfo=UTC) + since
    found = rules.next_digest(at, hour, SHANGHAI)
    assert at < found <= at + timedelta(days=1)
    local = found.astimezone(SHANGHAI)
    assert (local.hour, local.minute, local.second) == (hour, 0, 0)


def test_every_kind_is_of_a_group_that_a_person_can_choose_for() -> None:
    listed = {kind for kinds in rules._GROUPS.values() for kind in kinds}
    assert listed <= set(SENTENCES), "a kind that nobody can tell"
    assert rules.group_of("urged") is rules.Group.URGENT
    assert rules.group_of("a kind of later years") is rules.Group.COURSE


@pytest.mark.parametrize(
    "address",
    [
        "127.0.0.1", "10.1.2.3", "172.16.0.1", "192.168.1.1", "169.254.169.254", "100.64.0.1", "0.0.0.0", "224.0.0.1",
        "255.255.255.255", "::1", "::", "fe80::1", "fe80::1%eth0", "fc00::1", "fd12::1", "ff02::1",
        "::ffff:127.0.0.1", "::ffff:10.0.0.1", "64:ff9b::10.0.0.1", "2002:7f00:1::", "2002:a00:1::", "2001:db8::1",
    ],
)  # fmt: skip
def test_an_address_inside_is_known_however_it_is_wrapped(address: str) -> None:
    assert not rules.is_outside(address)


@pytest.mark.parametrize("address", ["1.1.1.1", "93.184.215.14", "2606:4700::1111", "::ffff:1.1.1.1"])
def test_an_address_of_the_public_network_is_outside(address: str) -> None:
    assert rules.is_outside(address)


@pytest.mark.parametrize(
    "url",
    [
        "", "office.example", "ftp://office.example/", "https://", "https:///path", "http://office.example/",
        "https://li:secret@office.example/", "https://127.0.0.1/", "https://[::1]/", "https://[fe80::1%25eth0]/",
        "https://10.0.0.1:8443/x", "https://localhost/", "https://printer/", "https://db.internal/",
        "https://office.example/\r\nX: y", "https://office.example:99999/", "javascript:alert(1)",
        "https://office.example/" + "x" * 500,
    ],
)  # fmt: skip
def test_notices_are_not_sent_just_anywhere(url: str) -> None:
    with pytest.raises(rules.WebhookUnfit):
        rules.fit_webhook(url, inside=False)


def test_inside_the_office_an_installation_may_allow_more() -> None:
    for url in ("http://127.0.0.1:8080/hook", "http://printer/x?y=z", "https://10.0.0.1/"):
        assert rules.fit_webhook(url, inside=True) == url
    assert rules.fit_webhook("https://hooks.example/x", inside=False) == "https://hooks.example/x"
    with pytest.raises(rules.WebhookUnfit):
        rules.fit_webhook("http://li:secret@127.0.0.1/", inside=True)
