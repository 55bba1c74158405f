"""After the steps from version 2 everything is as its library showed it, and letters go on their way."""

import json
from collections import Counter
from datetime import datetime, timedelta

import pytest

from dcss_core import Actor, CaseNumber, Month, Secret
from dcss_core.agency.filing.letters import OUTBOX
from dcss_core.agency.work.lease import LEASES
from dcss_core.command.start import main
from dcss_core.letters import GivenUpReason, SendAgainOutcome
from dcss_core.testing import FrozenClock
from dcss_core.users import SignedIn

from .conftest import MADE_BY_2, unpacked

AUDITOR, DISPATCH = Actor.system("audit"), Actor.system("dispatch")
SHOWN = json.loads((MADE_BY_2 / "shown.json").read_text(encoding="utf-8"))
CLERK = Actor.staff(SHOWN["staff"]["clerk"])


@pytest.fixture(scope="session")
def converted(tmp_path_factory):
    database = unpacked(tmp_path_factory.mktemp("converted_2"), MADE_BY_2)
    assert main(["db", "upgrade", database.url, "--keys", str(database.keys)]) == 0
    return database.path.read_bytes()


@pytest.fixture
def old(tmp_path):
    return unpacked(tmp_path, MADE_BY_2)


@pytest.fixture
def clock():
    return FrozenClock(datetime.fromisoformat(SHOWN["instant"]))


@pytest.fixture
def agency(old, converted, opened, tmp_path):
    old.path.write_bytes(converted)
    (tmp_path / "checkpoints.txt").write_bytes((MADE_BY_2 / "checkpoints.txt").read_bytes())
    return opened()


def stored(agency):
    return agency._resources.read(
        lambda work: {kept.record.message_id: kept.record for kept in work.find(OUTBOX, ("message_id",))}
    )


def test_every_entry_has_its_number_and_what_waited_for_one_gets_it(agency):
    entries = [
        [number, each.at.isoformat(), each.kind, each.actor, each.subject, each.source, each.details]
        for number, each in agency.audit.entries(by=AUDITOR)
    ]
    assert entries == SHOWN["entries"]


def test_the_log_and_the_books_are_sound_and_the_checkpoint_of_before_agrees(agency):
    found = agency.audit.verify(by=AUDITOR)
    assert found.is_sound, found
    assert (found.signed_size, found.size) == (25, 27)
    assert agency.payments.verify(by=AUDITOR).is_sound
    assert list(agency.audit.verifier_keys(by=AUDITOR)) == SHOWN["verifier_keys"]


def test_statements_and_balances_are_the_same(agency):
    months = {"first": Month(2026, 9), "last": Month(2026, 11)}
    for case, statement in SHOWN["statements"].items():
        assert str(agency.payments.statement(CaseNumber(case), by=CLERK, **months)) == statement
    balances = agency.payments.balances(by=Actor.system("reconciliation"))
    assert {place.value: str(amount) for place, amount in balances.items()} == SHOWN["balances"]


def test_a_parent_signs_in(agency):
    entered = agency.accounts.sign_in(
        "jane.roe", Secret(SHOWN["people"]["jane.roe"]), banner=agency.accounts.banner().version
    )
    assert isinstance(entered, SignedIn)


def test_every_letter_is_where_it_was_and_goes_to_whom_it_went(agency):
    messages = stored(agency)
    assert len(messages) == len(SHOWN["outbox"])
    for message_id, person_id, state, attempts, failure, subject, written in SHOWN["outbox"]:
        message = messages[message_id]
        assert (message.state.value, message.attempts, message.last_failure) == (state, attempts, failure)
        assert (message.subject, message.created_at.isoformat()) == (subject, written)
        assert message.leased_by is None
        if person_id is not None:
            assert message.recipient.value == f"person:{person_id}"
    staff = [messages[message_id] for message_id, person_id, *_ in SHOWN["outbox"] if person_id is None]
    assert sorted(message.recipient.value for message in staff) == sorted(
        f"account:{account_id}" for account_id in SHOWN["staff"].values()
    )


def test_the_letters_that_waited_go_out_each_once_those_of_the_dispatcher_that_died_too(
    agency, clock, outside
):
    waited = [message_id for message_id, _, state, *_ in SHOWN["outbox"] if state == "pending"]
    for _ in range(3):
        agency.outbox.dispatch(by=DISPATCH)
        clock.instant += timedelta(minutes=5)
    assert Counter(outside.channel("mail").attempts) == Counter(waited)


def test_the_letters_that_were_given_up_are_told_with_why_and_their_texts_are_gone(agency):
    dead = agency.outbox.dead_letters(by=DISPATCH)
    assert Counter(letter.reason for letter in dead) == {
        GivenUpReason.REFUSED: 2,
        GivenUpReason.USELESS_BY_NOW: 1,
    }
    assert not any(letter.can_be_sent_again for letter in dead)
    outcomes = agency.outbox.send_again([letter.message_id for letter in dead], by=DISPATCH)
    assert set(outcomes.values()) == {SendAgainOutcome.TEXT_GONE}


def test_a_subscriber_goes_on_behind_the_last_event_it_had(agency, outside):
    agency.subscriptions.dispatch(by=DISPATCH)
    assert [event.sequence for event in outside.subscriber("bus").taken] == list(range(11, 28))


def test_the_sequencers_lease_is_carried_over(agency):
    lease = agency._resources.read(lambda work: work.get(LEASES, "sequencer")).record
    assert lease.holder == "0123456789abcdef0123456789abcdef"
