"""`agency.audit`: what happened, who did it, when and from where."""

import json

import pytest

from dcss_core import Actor, Secret
from dcss_core.errors import InvalidInputError

pytestmark = pytest.mark.on_every_storage


def test_entries_come_in_order_with_numbers_without_a_gap(agency, janes_account, jane):
    for _ in range(5):
        agency.accounts.sign_in(jane.user_id, jane.password, banner=agency.accounts.banner().version)
    numbers = [number for number, _ in agency.audit.entries(by=Actor.system("audit"))]
    assert numbers == list(range(1, len(numbers) + 1))


@pytest.mark.parametrize("page", [1, 2, 3, 13, 500])
def test_a_log_longer_than_a_page_is_read_whole(agency, janes_account, jane, page):
    for _ in range(5):
        agency.accounts.sign_in(jane.user_id, jane.password, banner=agency.accounts.banner().version)
    # a case opened, an account registered, two entries for each sign-in, the notice accepted once
    assert [number for number, _ in agency.audit.entries(page=page, by=Actor.system("audit"))] == list(
        range(1, 14)
    )


def test_reading_goes_on_after_a_number(agency, janes_account, jane):
    agency.accounts.sign_in(jane.user_id, jane.password, banner=agency.accounts.banner().version)
    assert [number for number, _ in agency.audit.entries(after=2, page=1, by=Actor.system("audit"))] == [
        3,
        4,
        5,
    ]
    assert list(agency.audit.entries(after=5, by=Actor.system("audit"))) == []


def test_entries_written_while_the_log_is_read_are_read_too(agency, janes_account, jane):
    seen = []
    for number, _ in agency.audit.entries(page=1, by=Actor.system("audit")):
        if number == 1:
            agency.accounts.sign_in("nobody", jane.password, banner=agency.accounts.banner().version)
        seen.append(number)
    assert seen == [1, 2, 3]


@pytest.mark.parametrize("page", [0, -1])
def test_a_page_has_at_least_one_entry(agency, page):
    with pytest.raises(InvalidInputError, match=r"page: found -?\d, expected 1 to 1000"):
        list(agency.audit.entries(page=page, by=Actor.system("audit")))


def test_everything_about_one_account_is_found_by_it(agency, janes_account, john, jane, register):
    other = register(agency, john)
    agency.accounts.sign_in(jane.user_id, jane.password, banner=agency.accounts.banner().version)
    kinds = [
        entry.kind for _, entry in agency.audit.about(f"account:{janes_account}", by=Actor.system("audit"))
    ]
    assert kinds == ["user_created", "authn_login_success", "session_created", "banner_accepted"]
    assert [entry.kind for _, entry in agency.audit.about(f"account:{other}", by=Actor.system("audit"))] == [
        "user_created"
    ]
    assert agency.audit.about("account:nobody", by=Actor.system("audit")) == ()


@pytest.mark.parametrize("subject", ["0004567890", "", "case:", ":1", "case: 1", "half:\ud800"])
def test_a_record_without_its_sort_is_refused_instead_of_found_to_be_nobodys(agency, subject):
    with pytest.raises(InvalidInputError, match="expected KIND:ID, as 'case:0004567890'") as refused:
        agency.audit.about(subject, by=Actor.system("audit"))
    assert "0004567890" not in refused.value.faults[0].found


def test_an_entry_says_who_when_and_from_where(agency, janes_account, jane, clock):
    clock.move(minutes=3)
    token = agency.accounts.sign_in(
        jane.user_id, jane.password, source="203.0.113.7", banner=agency.accounts.banner().version
    ).token
    agency.accounts.sign_out(token, source="203.0.113.8")
    (signed_in, opened, _, ended) = [
        entry for _, entry in agency.audit.entries(after=2, by=Actor.system("audit"))
    ]
    assert (signed_in.actor, signed_in.source) == (f"parent:{janes_account}", "203.0.113.7")
    assert (ended.actor, ended.source) == (f"parent:{janes_account}", "203.0.113.8")
    assert signed_in.at == opened.at == clock.now()
    assert json.loads(ended.details)["reason"] == "signed_out"


def test_somebody_who_is_not_signed_in_is_the_public(agency, janes_account, jane):
    agency.accounts.sign_in(
        jane.user_id, Secret("wrong"), source="203.0.113.7", banner=agency.accounts.banner().version
    )
    *_, (_, entry) = agency.audit.entries(by=Actor.system("audit"))
    assert (entry.actor, entry.subject) == ("public:anonymous", f"account:{janes_account}")


@pytest.mark.parametrize(
    "source", ["203.0.113.7\r\n2026-01-07 staff:root", "\x1b[2Jgone", "half \ud800", "x" * 100_000]
)
def test_an_odd_source_is_written_down_as_one_short_printable_line(agency, janes_account, jane, source):
    """What a front end was told by a stranger must neither forge an entry nor stop one."""
    agency.accounts.sign_in(
        jane.user_id, Secret("wrong"), source=source, banner=agency.accounts.banner().version
    )
    *_, (_, entry) = agency.audit.entries(by=Actor.system("audit"))
    assert entry.kind == "authn_login_fail"
    assert entry.source.isprintable()
    assert len(entry.source) <= 200


@pytest.mark.parametrize("typed", ["seven green kites over savannah", "a\r\nb", "\x1b[31m"])
def test_what_was_typed_as_user_id_is_in_no_entry(agency, janes_account, jane, typed):
    """People type their password there."""
    agency.accounts.sign_in(typed, jane.password, banner=agency.accounts.banner().version)
    *_, (_, entry) = agency.audit.entries(by=Actor.system("audit"))
    assert json.loads(entry.details) == {"account_id": None, "reason": "unknown_user"}
    assert typed not in repr(entry)
