"""Every event has a letter or is told to nobody, and what a letter says.

The events are built from the types of their fields, so that one declared tomorrow is judged as well.
"""

import pkgutil
import typing
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta, timezone
from enum import Enum
from importlib import import_module
from itertools import product
from typing import Any

import attrs
import pytest

import dcss_core
from dcss_core import CaseNumber, Money, Month, Secret
from dcss_core.base.events import Event
from dcss_core.base.people.contact_kind import ContactKind
from dcss_core.cases.people.contacts.events import ContactCodeSent
from dcss_core.errors import InvariantError, RulesError
from dcss_core.letters.about import TABLES, TOLD_TO_NOBODY, letter_about, letters_about, may_call_for_letter
from dcss_core.letters.carried import (
    Carried,
    CarriedAppointment,
    CarriedCode,
    CarriedExpiry,
    CarriedInvitation,
    CarriedPassword,
    CarriedUserId,
    ChosenWithCode,
)
from dcss_core.letters.letterhead import Letterhead
from dcss_core.payments.collection.receipt import ReceiptIdentified
from dcss_core.payments.collection.remittance_file import RemittanceReceived
from dcss_core.payments.obligations.charging import SupportCharged
from dcss_core.users.events import (
    AccountLocked,
    PasswordChanged,
    PasswordExpiring,
    PasswordReset,
    SessionEnded,
    SessionEndReason,
    SignInFailed,
    SignInRefusal,
)
from dcss_core.users.idleness import IdleAccountWarned
from dcss_core.users.recovery.events import RecoveryCodeIssued, RecoveryCodeUsed, UserIdSent
from dcss_core.users.remitters.events import PayerInvited, RemitterMemberInvited
from dcss_core.users.second_factor.events import SavedCodeUsed
from dcss_core.users.staff.appointment import StaffAppointed

HEAD = Letterhead("Division of Child Support", "1-844-694-2347")
EASTERN = timezone(timedelta(hours=-5), "EST")
GOOD_UNTIL = datetime(2026, 1, 8, 10, 30, tzinfo=EASTERN)
PASSWORD, CODE, USER_ID = "correct-horse-battery", "abcd-efgh-2345", "jroe1984"
CARRIED: dict[type[Event], Carried] = {
    PasswordReset: CarriedPassword(Secret(PASSWORD), GOOD_UNTIL),
    RecoveryCodeIssued: CarriedCode(Secret(CODE), GOOD_UNTIL),
    ContactCodeSent: CarriedCode(Secret(CODE), GOOD_UNTIL),
    UserIdSent: CarriedUserId(Secret(USER_ID)),
    PasswordExpiring: CarriedExpiry(GOOD_UNTIL),
    IdleAccountWarned: CarriedExpiry(GOOD_UNTIL),
    RemitterMemberInvited: CarriedInvitation(Secret(CODE), GOOD_UNTIL, Secret("Peach Tree Payroll")),
    PayerInvited: CarriedInvitation(Secret(CODE), GOOD_UNTIL, None),
    StaffAppointed: CarriedAppointment(Secret(USER_ID), Secret(PASSWORD), GOOD_UNTIL),
}
# What an event may hold and no letter may tell.
NAME, CASE, AMOUNT, COUNT = "Jane Q. Roe", CaseNumber("123456789"), Money("7654.32"), 98765
RECORDED = "1:" + "0" * 64
COUNTED_ON_PURPOSE = {SavedCodeUsed: "98765"}  # how many saved codes are left


def classes() -> set[type[Event]]:
    """Every class of event that the library declares; one without `kind` is a root of others."""
    for module in pkgutil.walk_packages(dcss_core.__path__, "dcss_core."):
        if not module.name.startswith("dcss_core.testing"):  # the kits need pytest's own plugins
            import_module(module.name)
    return {kind for kind in _below(Event) if hasattr(kind, "kind")}


def _below(root: type[Event]) -> Iterator[type[Event]]:
    for kind in root.__subclasses__():
        yield from _below(kind)
        # attrs makes a second class for its slots: the one that can be imported counts
        if kind.__module__.startswith("dcss_core.") and _imported(kind) is kind:
            yield kind


def _imported(kind: type[Event]) -> Any:
    return getattr(import_module(kind.__module__), kind.__qualname__, None)


def values(hint: Any) -> list[Any]:
    """Values of a field: each member of an enum, and for the rest what must not be told."""
    options = [each for each in typing.get_args(hint) if each is not type(None)]
    if typing.get_origin(hint) is tuple:
        return [(values(options[0])[0],)]
    if options:
        return values(options[0])
    if issubclass(hint, Enum):
        return list(hint)
    plain = {str: NAME, bool: True, int: COUNT, CaseNumber: CASE, Money: AMOUNT, Month: Month(2031, 7)}
    return [plain[hint]] if hint in plain else [datetime(2031, 7, 4, 9, 9, tzinfo=UTC)]


def events_of(kind: type[Event]) -> Iterator[Event]:
    """Events of a class, one for each member of each enum among its fields."""
    hints = typing.get_type_hints(kind)
    names = [field.name for field in attrs.fields(kind)]
    for drawn in product(*(values(hints[name]) for name in names)):
        yield kind(**dict(zip(names, drawn, strict=True)))


def all_letters() -> Iterator[tuple[type[Event], Any]]:
    """Every letter there is, with the class of event it is about."""
    for kind in (kind for table in TABLES for kind in table):
        for event in events_of(kind):
            for carried in (CARRIED.get(kind), *([ChosenWithCode()] if kind is PasswordChanged else [])):
                letter = letter_about(event, HEAD, carried)
                if letter is not None:
                    yield kind, letter


LETTERS = list(all_letters())
BY_LETTER = pytest.mark.parametrize(
    ("kind", "letter"), LETTERS, ids=[f"{number} {kind.__name__}" for number, (kind, _) in enumerate(LETTERS)]
)


def letter(event: Event, carried: Carried | None = None):
    written = letter_about(event, HEAD, carried)
    assert written is not None
    return written


def test_every_class_of_event_has_a_letter_or_is_told_to_nobody():
    sorted_out = {kind for table in (*TABLES, *TOLD_TO_NOBODY) for kind in table}
    assert len(classes()) > 60
    assert classes() - sorted_out == set()
    assert sorted_out - classes() == set()


def test_no_class_of_event_stands_in_two_tables():
    listed = [kind for table in (*TABLES, *TOLD_TO_NOBODY) for kind in table]
    assert sorted(kind.__qualname__ for kind in listed) == sorted(kind.__qualname__ for kind in set(listed))


def test_every_class_with_a_wording_has_some_event_that_is_told():
    assert {kind for kind, _ in LETTERS} == {kind for table in TABLES for kind in table}


@BY_LETTER
def test_no_subject_and_no_text_holds_a_name_a_case_number_an_amount_or_a_count(kind, letter):
    said = f"{letter.subject}\n{letter.body.reveal()}".replace(COUNTED_ON_PURPOSE.get(kind, "\0"), "")
    for untold in (NAME, "Roe,", str(CASE), str(AMOUNT), "7654", str(COUNT), "2031"):
        assert untold not in said


@BY_LETTER
def test_every_letter_says_whom_to_call_and_who_wrote_it(kind, letter):
    text = letter.body.reveal()
    if "\n" not in text:  # a text message is one line
        assert text.endswith(" Not you? Call 1-844-694-2347. Division of Child Support")
        return
    assert text.endswith(
        "\n\nIf you did not expect this letter, call 1-844-694-2347.\n\nDivision of Child Support\n"
    )


@BY_LETTER
def test_what_opens_an_account_stands_in_no_subject_and_shows_in_no_repr(kind, letter):
    for secret in (PASSWORD, CODE, USER_ID):
        assert secret not in letter.subject
        assert secret not in repr(letter)


@BY_LETTER
def test_every_subject_is_one_short_line(kind, letter):
    assert letter.subject.isprintable()
    assert 0 < len(letter.subject) <= 60


@pytest.mark.parametrize("kind", CARRIED)
def test_a_letter_without_what_it_carries_is_refused(kind):
    event = next(events_of(kind))
    with pytest.raises(InvariantError, match="this letter carries a Carried"):
        letter_about(event, HEAD)
    with pytest.raises(InvariantError, match="not a ChosenWithCode"):
        letter_about(event, HEAD, ChosenWithCode())


@pytest.mark.parametrize(
    ("kind", "told"),
    [(PasswordReset, PASSWORD), (RecoveryCodeIssued, CODE), (UserIdSent, USER_ID), (StaffAppointed, USER_ID)],
)
def test_what_a_letter_carries_stands_in_it_once(kind, told):
    assert letter(next(events_of(kind)), CARRIED[kind]).body.reveal().count(told) == 1


@pytest.mark.parametrize("kind", [PasswordReset, RecoveryCodeIssued, StaffAppointed])
def test_what_works_for_a_time_says_so_at_the_agencys_clock_and_is_not_sent_after_it(kind):
    written = letter(next(events_of(kind)), CARRIED[kind])
    assert "until 2026-01-08 10:30 EST" in written.body.reveal()
    assert written.useless_after == datetime(2026, 1, 8, 15, 30, tzinfo=UTC)
    assert written.useless_after.tzinfo is UTC


@pytest.mark.parametrize("kind", [PasswordReset, RecoveryCodeIssued, StaffAppointed])
def test_what_signs_somebody_in_comes_with_a_warning_not_to_tell_it(kind):
    text = letter(next(events_of(kind)), CARRIED[kind]).body.reveal()
    assert "Nobody from this agency will ever ask you for it." in text


def test_a_password_chosen_with_a_code_is_told_with_how_it_was_chosen():
    changed = PasswordChanged("a-1", 3)
    assert "with a code sent to this address" in letter(changed, ChosenWithCode()).body.reveal()
    by_text = ChosenWithCode(ContactKind.MOBILE)
    assert "with a code sent to your mobile telephone" in letter(changed, by_text).body.reveal()
    assert "code" not in letter(changed).body.reveal()


@pytest.mark.parametrize(
    ("left", "advice"),
    [(1, "left: 1. Sign in and make new ones in good time."), (0, "left: 0. Sign in and make new ones now.")],
)
def test_a_saved_code_that_was_used_says_how_many_are_left(left, advice):
    assert advice in letter(SavedCodeUsed("a-1", left)).body.reveal()


@pytest.mark.parametrize("reason", SessionEndReason)
def test_the_end_of_a_session_is_told_when_staff_ended_it(reason):
    written = letter_about(SessionEnded("a-1", "s-1", reason), HEAD)
    assert (written is not None) is (reason is SessionEndReason.ENDED_BY_STAFF)


def test_many_sessions_that_staff_ended_are_told_in_one_letter():
    ended = [SessionEnded("a-1", f"s-{number}", SessionEndReason.ENDED_BY_STAFF) for number in range(3)]
    assert len(letters_about(ended, HEAD)) == 1


def test_of_what_one_act_did_each_thing_is_told_that_the_owner_is_told_of():
    events = (SignInFailed("a-1", SignInRefusal.WRONG_PASSWORD), AccountLocked("a-1", GOOD_UNTIL))
    assert [each.subject for each in letters_about(events, HEAD)] == ["Sign-in was locked"]


def test_a_password_chosen_with_a_code_is_told_in_one_letter():
    events = (RecoveryCodeUsed("a-1"), PasswordChanged("a-1", 3))
    assert len(letters_about(events, HEAD, ChosenWithCode())) == 1


def test_an_event_that_nobody_is_told_of_calls_for_no_letter():
    failed = SignInFailed("a-1", SignInRefusal.WRONG_PASSWORD)
    assert not may_call_for_letter(failed)
    assert letter_about(failed, HEAD) is None
    assert may_call_for_letter(AccountLocked("a-1", GOOD_UNTIL))


def test_a_charge_is_told_when_held_money_paid_something():
    charged = SupportCharged(CASE, Month(2026, 1), Month(2026, 2), AMOUNT, Money.ZERO, RECORDED)
    assert letter_about(charged, HEAD) is None
    assert letter(attrs.evolve(charged, from_held=Money("0.01"))).subject == "A payment was posted"


@pytest.mark.parametrize(
    ("event", "name"),
    [
        (RemittanceReceived("f" * 64, 2, AMOUNT, RECORDED), f"payment-posted/{'f' * 32}"),
        (ReceiptIdentified("R1", CASE, AMOUNT, RECORDED), "payment-posted/R1"),
        (
            SupportCharged(CASE, Month(2026, 1), Month(2026, 2), AMOUNT, AMOUNT, RECORDED),
            "payment-posted/charge/123456789/2026-02",
        ),
    ],
)
def test_a_payment_is_told_once_for_what_posted_it(event, name):
    assert letter(event).occasion.name == name


@pytest.mark.parametrize("telephone", ["", "call us", "12", "1-844\n694-2347", "1" * 101])
def test_a_letterhead_without_a_number_to_call_is_refused(telephone):
    with pytest.raises(RulesError, match="no letter can be signed like this"):
        Letterhead("Division of Child Support", telephone)
