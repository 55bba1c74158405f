"""Where a request comes from: an address has one spelling, and any other text is itself."""

import pytest

from dcss_core import Actor, Secret
from dcss_core.users import SignedIn

AUDITOR = Actor.system("audit")
WRONG = Secret("a wrong password for anybody")
PER_ACCOUNT_AND_SOURCE = 10
"""Failures that close an account to a source; the lock, after three, is waited for."""

OF_ONE_ADDRESS = {
    "198.51.100.7": [
        " 198.51.100.7",
        "198.51.100.7\t",
        "198.51.100.7:40000",
        "::ffff:198.51.100.7",
        "[::FFFF:c633:6407]:1",
        "198.51.100.7:",
        "198.51.100.7:123456",
        "198.51.100.7/32",
        "198.51.100.7/255.255.255.255",
        "::ffff:198.51.100.7/128",
        "::ffff:198.51.100.7%x",
    ],
    "2001:db8::1": [
        "2001:DB8::1",
        "2001:0db8:0:0:0:0:0:1",
        " 2001:db8::0001 ",
        "[2001:db8::1]",
        "[2001:db8::1]:443",
        "2001:db8::1%eth0",
        "[2001:db8::1%eth0]:443",
        "2001:db8::1%a zone",
        "2001:db8::1%",
        "2001:db8::1/128",
        "[2001:db8::1]/128",
    ],
    "2001:db8::/64": [
        "2001:DB8::/64",
        "2001:db8::1/64",
        " 2001:db8:0:0:ffff::/64",
        "[2001:db8::]/64",
        "2001:db8::1%a/64",
    ],
    "198.51.100.0/24": ["198.51.100.7/24", "198.51.100.7/255.255.255.0", "::ffff:198.51.100.0/120"],
    "kiosk 7": ["kiosk 7", " kiosk 7 "],
}
OTHERS = [
    "kiosk 100%",
    "198.51.100.71",
    "198.51.100.7, 203.0.113.9",
    "198.51.100.7/33",
    "198.051.100.007",
    "2001:db8::1:443",
    "kiosk7",
]


def sources_kept(agency):
    return [entry.source for _, entry in agency.audit.entries(by=AUDITOR) if entry.kind == "authn_login_fail"]


@pytest.mark.parametrize(
    ("kept", "written"), [(kept, text) for kept, texts in OF_ONE_ADDRESS.items() for text in texts]
)
def test_an_address_is_kept_in_its_one_spelling(agency, attempt, kept, written):
    attempt(agency, "nobody-here", WRONG, source=written)
    assert sources_kept(agency) == [kept]


@pytest.mark.parametrize("written", OTHERS)
def test_what_is_no_address_is_kept_as_it_is(agency, attempt, written):
    attempt(agency, "nobody-here", WRONG, source=written)
    assert sources_kept(agency) == [written]


@pytest.mark.parametrize("blank", [None, "", " ", "\t\n", "\u00a0"])
def test_a_blank_is_no_source(agency, attempt, blank):
    attempt(agency, "nobody-here", WRONG, source=blank)
    assert sources_kept(agency) == [None]


@pytest.mark.on_every_storage
def test_credential_stuffing_another_spelling_of_an_address_is_no_other_source(agency, attempt, reasons):
    spellings = ["198.51.100.7", *OF_ONE_ADDRESS["198.51.100.7"]]
    for number in range(51):  # 50 in an hour close a source
        attempt(agency, f"nobody-{number}", WRONG, source=spellings[number % len(spellings)])
    assert reasons(agency)[-1] == "source_throttled"


@pytest.mark.usefixtures("janes_account")
def test_a_session_shows_the_address_it_was_opened_from_in_its_one_spelling(agency, jane, attempt):
    opened = attempt(agency, jane.user_id, jane.password, source="::ffff:198.51.100.7")
    assert isinstance(opened, SignedIn)
    assert [each.source for each in agency.sessions.own(opened.token)] == ["198.51.100.7"]


def test_the_zone_of_an_address_is_text_of_a_stranger_and_not_kept(agency, attempt):
    attempt(agency, "nobody-here", WRONG, source="fe80::1%" + "\ud800\n" * 10_000)
    assert sources_kept(agency) == ["fe80::1"]


@pytest.mark.parametrize("written", ["kiosk " + "x" * 10_000, "1.2.3.4/" + "9" * 10_000, "kiosk \ud800\n7"])
def test_what_is_no_address_is_bounded_and_printable(agency, attempt, written):
    attempt(agency, "nobody-here", WRONG, source=written)
    [kept] = sources_kept(agency)
    assert len(kept) <= 200
    assert kept.isprintable()
