"""After an upgrade everything is as the library of version 1 showed it, and goes on from there."""

import hashlib
import hmac
import struct
from datetime import date, timedelta
from pathlib import Path

import pytest

from dcss_core import Actor, CaseNumber, Month, Secret
from dcss_core.agency.work.trail import borne_out
from dcss_core.audit import verify_export
from dcss_core.audit.checkpoint import read_checkpoint
from dcss_core.audit.signed_note import VerifierKey
from dcss_core.payments import HoldReason
from dcss_core.testing import SentPayment, remittance_file
from dcss_core.users import SessionToken, SignedIn, SignInRefused
from dcss_core.users.sign_in.sign_in import SecondFactorDue

MADE = Path(__file__).parent / "version_1"
FIRST_DAY = Path(__file__).parents[2] / "examples" / "first_day.ach"
AUDITOR = Actor.system("audit")
SHOWN = 91
SIGNED = 92  # one more entry came before the library closed


@pytest.fixture
def agency(old, converted, opened):
    old.path.write_bytes(converted)
    return opened()


@pytest.fixture
def staff(shown):
    return {name: Actor.staff(account_id) for name, account_id in shown["staff"].items()}


@pytest.fixture
def enter(agency, shown):
    def entered(user_id, password=None):
        password = Secret(password or shown["people"][user_id]["password"])
        return agency.accounts.sign_in(user_id, password, banner=agency.accounts.banner().version)

    return entered


def cases(shown):
    return [CaseNumber(number) for number in shown["statements"]]


# --- the audit log -----------------------------------------------------------------------------------------


def test_every_entry_has_its_number_and_says_what_it_said(agency, shown):
    entries = [
        [number, each.at.isoformat(), each.kind, each.actor, each.subject, each.source, each.details]
        for number, each in agency.audit.entries(by=AUDITOR)
    ]
    assert entries[:SHOWN] == shown["entries"]


def test_the_log_is_sound_and_the_checkpoints_of_before_agree_with_it(agency):
    found = agency.audit.verify(by=AUDITOR)
    assert found.is_sound, found
    assert (found.checkpoints, found.signed_size, found.size) == (5, SIGNED, SIGNED)
    assert (found.pruned, found.pruned_through) == (46, 46)


def test_the_keys_that_vouch_for_the_log_are_the_same(agency, shown):
    assert list(agency.audit.verifier_keys(by=AUDITOR)) == shown["verifier_keys"]


@pytest.mark.parametrize("year", [2026, 2033])
def test_what_was_handed_out_before_still_verifies(agency, year):
    lines = (MADE / f"export-{year}.jsonl").read_text(encoding="utf-8").splitlines(keepends=True)
    assert verify_export(lines, agency.audit.verifier_keys(by=AUDITOR)).is_sound


def test_an_old_entry_is_proven_in_a_tree_that_the_old_library_signed(agency, shown):
    keys = [VerifierKey.parse(key) for key in shown["verifier_keys"]]
    sink = next(iter(agency.audit._sinks.values()))
    read = [read_checkpoint(note, keys) for note in sink.published()]
    last = max(read, key=lambda checkpoint: checkpoint.size)
    assert last.size == SIGNED
    for number in (1, 46, 47, 64, SIGNED):
        assert agency.audit.inclusion_proof(number, SIGNED, by=AUDITOR).is_in(last)


def test_the_entries_about_a_record_come_in_their_order(agency, shown):
    about = {
        subject: [number for number, _ in agency.audit.about(subject, by=AUDITOR) if number <= SHOWN]
        for subject in shown["about"]
    }
    assert about == shown["about"]


def test_new_entries_come_after_the_old_ones_under_numbers_and_ids(agency, enter):
    assert isinstance(enter("jane.roe"), SignedIn)
    numbered = list(agency.audit.entries(by=AUDITOR))
    assert [number for number, _ in numbered] == list(range(1, len(numbered) + 1))
    assert len(numbered) > SIGNED
    ids = [entry.entry_id for _, entry in numbered]
    assert ids == sorted(ids)


def test_the_log_goes_on_is_signed_and_stays_sound(agency, enter):
    enter("jane.roe")
    report = agency.audit.publish(by=AUDITOR)
    assert report.is_held
    found = agency.audit.verify(by=AUDITOR)
    assert found.is_sound, found
    assert (found.checkpoints, found.unsigned_tail) == (6, 0)


def test_pruning_goes_on_where_it_ended(agency, monkeypatch):
    monkeypatch.setattr(borne_out, "_A_MONTH", timedelta(days=36_500))  # as if it had worked in every month
    assert agency.audit.prune(before=date(2026, 1, 9), by=Actor.system("retention")).through > 46
    found = agency.audit.verify(by=AUDITOR)
    assert found.is_sound, found


def test_a_subscriber_goes_on_behind_the_last_event_it_had(agency, outside, shown):
    agency.subscriptions.dispatch(by=Actor.system("dispatch"), limit=100)
    # of the first 46 the contents were gone before it was told of them
    assert [event.sequence for event in outside.subscriber("bus").taken][:2] == [47, 48]


# --- money -------------------------------------------------------------------------------------------------


def test_statements_are_the_same(agency, shown, staff):
    months = {"first": Month(2025, 11), "last": Month(2026, 2)}
    for case in cases(shown):
        now = agency.payments.statement(case, by=staff["clerk"], **months)
        assert str(now) == shown["statements"][str(case)]


def test_histories_are_the_same(agency, shown, staff):
    for case in cases(shown):
        lines = [str(line) for line in agency.payments.history(case, by=staff["clerk"])]
        assert lines == shown["histories"][str(case)]


def test_every_payment_is_explained_as_before(agency, shown, staff):
    for receipt, explanation in shown["explanations"].items():
        assert str(agency.payments.explain(receipt, by=staff["clerk"])) == explanation


def test_held_money_reports_and_balances_are_the_same(agency, shown, staff):
    assert [str(each) for each in agency.payments.held(by=staff["clerk"])] == shown["held"]
    ends = agency.payments.employment_ends(by=staff["clerk"])
    assert [str(each) for each in ends] == shown["employment_ends"]
    balances = agency.payments.balances(by=Actor.system("reconciliation"))
    assert {place.value: str(amount) for place, amount in balances.items()} == shown["balances"]


def test_the_books_agree_with_the_log(agency):
    found = agency.payments.verify(by=Actor.system("reconciliation"))
    assert found.is_sound, found


def test_money_that_was_held_is_identified_afterwards(agency, shown, staff):
    receipt_id = shown["held"][0].split()[3]
    identified = agency.payments.identify(receipt_id, CaseNumber("0004567892"), by=staff["clerk"])
    assert identified.case_number == CaseNumber("0004567892")
    held = [str(each) for each in agency.payments.held(by=staff["clerk"])]
    assert held == shown["held"][1:]


def test_the_file_of_before_posts_nothing_when_it_comes_again(agency, shown):
    batch = agency.payments.receive(FIRST_DAY.read_bytes(), by=Actor.system("remittance"))
    assert batch.already_received
    assert {each.receipt_id for each in batch.receipts} < shown["explanations"].keys()
    balances = agency.payments.balances(by=Actor.system("reconciliation"))
    assert {place.value: str(amount) for place, amount in balances.items()} == shown["balances"]


def test_a_payment_like_one_of_before_is_held_for_staff(agency):
    # the first entry of the second file of before, with another effective entry date
    sent = SentPayment("120.00", "0004567891", ssn="987654321")
    again = remittance_file(sent, effective=[date(2026, 1, 9)], creation_date=date(2026, 1, 8))
    [receipt] = agency.payments.receive(again, by=Actor.system("remittance")).receipts
    assert receipt.hold_reason is HoldReason.POSSIBLE_DUPLICATE


# --- people ------------------------------------------------------------------------------------------------


def test_a_parent_signs_in_with_her_password_and_with_no_other(enter):
    assert isinstance(enter("jane.roe", "not her password"), SignInRefused)
    assert isinstance(enter("jane.roe"), SignedIn)


def test_a_session_from_before_is_still_good(agency, shown):
    token = SessionToken(shown["session"])
    lines = agency.payments.history(CaseNumber("0004567890"), by=token)
    assert [str(line) for line in lines] == shown["own_history"]


def test_a_second_factor_is_the_one_that_was_set_up(agency, enter, shown, clock):
    due = enter("john.doe")
    assert isinstance(due, SecondFactorDue)
    secret, step = bytes.fromhex(shown["second_factor"]["secret"]), int(clock.now().timestamp()) // 30
    digest = hmac.new(secret, struct.pack(">Q", step), hashlib.sha1).digest()  # RFC 4226
    place = digest[-1] & 15
    number = struct.unpack(">I", digest[place : place + 4])[0] & 0x7FFFFFFF
    given = agency.second_factors.give(due.token, Secret(f"{number % 1_000_000:06}"))
    assert isinstance(given, SignedIn)


def test_letters_that_waited_go_out_to_the_addresses_on_file(agency, outside, shown):
    dispatch = Actor.system("dispatch")
    waiting = {"pending": agency.outbox.pending(by=dispatch), "dead": agency.outbox.dead(by=dispatch)}
    assert waiting == shown["outbox"]
    agency.outbox.dispatch(by=dispatch)
    mail = outside.channel()
    assert len(mail.delivered) == shown["outbox"]["pending"]
    janes = Secret(shown["people"]["jane.roe"]["email"])
    assert "Your code for a new password" in [each.subject for each in mail.letters_to(janes)]


def test_a_reset_that_waited_is_decided(agency, shown, staff):
    pending = [each.request_id for each in agency.staff_resets.pending(by=staff["approver"])]
    assert pending == shown["pending_resets"]
    agency.staff_resets.approve(pending[0], by=staff["approver"])
    assert agency.staff_resets.pending(by=staff["approver"]) == ()
