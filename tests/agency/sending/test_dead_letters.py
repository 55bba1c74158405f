"""Letters that were given up: why, what to do about it, and sent again once it was done."""

import json

import attrs
import pytest

from dcss_core import Actor, Secret
from dcss_core.agency.filing.cases import PEOPLE
from dcss_core.errors import InvalidInputError, NotPermittedError
from dcss_core.letters import GivenUpReason, SendAgainOutcome
from dcss_core.plugins import DeliveryFailed
from dcss_core.users import StaffRole

pytestmark = pytest.mark.on_every_storage

DISPATCH = Actor.system("dispatch")
REFUSED = DeliveryFailed("no such mailbox", retryable=False)
DOWN = DeliveryFailed("no connection", retryable=True)


def dispatch(agency):
    done = agency.outbox.dispatch(by=DISPATCH)
    return done.delivered, done.failed, done.dead


def dead_letters(agency, **options):
    return agency.outbox.dead_letters(by=DISPATCH, **options)


def send_again(agency, *message_ids):
    return agency.outbox.send_again(list(message_ids), by=DISPATCH)


@pytest.fixture
def dead(agency, janes_account, mail):
    """An agency that gave up Jane's first letter."""
    mail.script = [REFUSED]
    assert dispatch(agency) == (0, 0, 1)
    return agency


@pytest.fixture
def moved(jane):
    """Has Jane another address on file, or none."""

    def move(agency, address):
        def change(work):
            [kept] = [each for each in work.find(PEOPLE, ("person_id",)) if each.record.irn == jane.irn]
            work.replace(PEOPLE, kept, attrs.evolve(kept.record, email=address))

        agency._resources.write(change)

    return move


# --- why, and what to do --------------------------------------------------------------------------------


def test_a_letter_that_was_refused_is_told_with_what_to_do(dead, clock):
    [letter] = dead_letters(dead)
    assert (letter.reason, letter.last_failure, letter.attempts) == (
        GivenUpReason.REFUSED,
        "no such mailbox",
        1,
    )
    assert (letter.subject, letter.given_up_at, letter.account_id) == (
        "Your online account",
        clock.now(),
        None,
    )
    assert letter.can_be_sent_again
    assert letter.what_to_do == (
        "The address on file is wrong, or is not taken by any channel: correct it. "
        "Then send the letter again."
    )


def test_a_letter_that_was_tried_too_often_is_told_with_what_to_do(agency, janes_account, mail, clock):
    mail.always = DOWN
    for _ in range(7):
        dispatch(agency)
        clock.move(hours=31)
    [letter] = dead_letters(agency)
    assert (letter.reason, letter.attempts) == (GivenUpReason.TRIED_TOO_OFTEN, 7)
    assert letter.what_to_do == (
        "A channel did not work, or the address on file does not: look at both. Then send the letter again."
    )


def test_a_code_that_had_expired_is_told_and_can_not_be_sent_again(agency, janes_account, jane, clock, mail):
    dispatch(agency)
    agency.recovery.request_code(jane.user_id)
    mail.script = [DOWN]
    dispatch(agency)
    clock.move(minutes=10)
    dispatch(agency)
    [letter] = dead_letters(agency)
    assert (letter.reason, letter.can_be_sent_again) == (GivenUpReason.USELESS_BY_NOW, False)
    assert letter.what_to_do == (
        "What it carried is good no more: its reader asks for another code, or staff assign another password."
    )
    assert send_again(agency, letter.message_id) == {letter.message_id: SendAgainOutcome.TEXT_GONE}
    assert dispatch(agency) == (0, 0, 0)


def test_a_code_that_was_refused_keeps_no_text(agency, janes_account, jane, mail):
    dispatch(agency)
    agency.recovery.request_code(jane.user_id)
    mail.script = [REFUSED]
    dispatch(agency)
    [letter] = dead_letters(agency)
    assert (letter.reason, letter.can_be_sent_again) == (GivenUpReason.REFUSED, False)
    assert letter.what_to_do.endswith("Its text is not kept, so tell its reader another way.")


def test_a_letter_to_staff_names_their_account(agency, staff, mail):
    mail.always = REFUSED
    member = staff(StaffRole.HELP_DESK)
    dispatch(agency)
    [letter] = dead_letters(agency)
    assert (letter.person_id, letter.account_id) == (None, member.actor_id)


def test_neither_address_nor_text_is_shown(dead, jane, mail):
    [letter] = dead_letters(dead)
    shown = f"{letter} {letter.what_to_do}"
    assert jane.email.reveal() not in shown
    assert str(jane.name.last) not in shown


def test_the_list_is_read_in_pages_the_oldest_first(agency, janes_account, john, register, mail, clock):
    mail.always = REFUSED
    dispatch(agency)
    clock.move(seconds=1)
    register(agency, john)
    dispatch(agency)
    whole = dead_letters(agency)
    assert [letter.given_up_at for letter in whole] == sorted(letter.given_up_at for letter in whole)
    first = dead_letters(agency, limit=1)
    rest = dead_letters(agency, after=first[0].message_id)
    assert (len(whole), first + rest) == (2, whole)
    for wrong in ("", "account/none"):
        with pytest.raises(InvalidInputError, match="can't go on from there"):
            dead_letters(agency, after=wrong)


# --- sent again -----------------------------------------------------------------------------------------


def test_a_letter_is_sent_again_with_its_text_and_under_its_id(dead, mail):
    [letter] = dead_letters(dead)
    assert send_again(dead, letter.message_id) == {letter.message_id: SendAgainOutcome.WAITS}
    assert (dead_letters(dead), dead.outbox.pending(by=DISPATCH)) == ((), 1)
    assert dispatch(dead) == (1, 0, 0)
    assert mail.attempts == [letter.message_id] * 2
    assert "If you did not expect this letter" in mail.delivered[0].body.reveal()


def test_it_goes_to_the_address_that_is_on_file_now(dead, mail, moved):
    address = Secret("jane.roe@example.test")
    moved(dead, address)
    send_again(dead, dead_letters(dead)[0].message_id)
    dispatch(dead)
    assert [each.address for each in mail.delivered] == [address]


def test_without_an_address_on_file_it_stays_dead(dead, moved):
    moved(dead, None)
    [letter] = dead_letters(dead)
    assert send_again(dead, letter.message_id) == {letter.message_id: SendAgainOutcome.NO_ADDRESS}
    assert dead_letters(dead) == (letter,)


def test_it_has_all_its_attempts_again(dead, mail, clock):
    mail.always = DOWN
    send_again(dead, dead_letters(dead)[0].message_id)
    for _ in range(6):
        assert dispatch(dead) == (0, 1, 0)
        clock.move(hours=31)
    assert dispatch(dead) == (0, 0, 1)


def test_several_are_sent_again_at_once_and_each_is_answered(dead, jane, mail):
    [letter] = dead_letters(dead)
    dead.recovery.request_code(jane.user_id)
    assert send_again(dead, letter.message_id, "account/none", letter.message_id) == {
        letter.message_id: SendAgainOutcome.WAITS,
        "account/none": SendAgainOutcome.NOT_FOUND,
    }
    assert send_again(dead, letter.message_id) == {letter.message_id: SendAgainOutcome.NOT_DEAD}
    dispatch(dead)
    assert send_again(dead, letter.message_id) == {letter.message_id: SendAgainOutcome.NOT_DEAD}


@pytest.mark.parametrize("ids", [[], [f"m-{number}" for number in range(101)], "m-1"])
def test_one_to_a_hundred_are_sent_again_at_once(agency, ids):
    with pytest.raises(InvalidInputError, match="message_ids"):
        agency.outbox.send_again(ids, by=DISPATCH)


# --- who, and what the audit log says -------------------------------------------------------------------


def test_staff_who_see_it_and_send_it_again_are_in_the_audit_log(dead, staff):
    clerk = staff(StaffRole.PAYMENT_CLERK)
    [letter] = dead.outbox.dead_letters(by=clerk)
    dead.outbox.send_again([letter.message_id], by=clerk)
    dead.outbox.send_again([letter.message_id], by=clerk)
    told = [
        (entry.kind, entry.subject, json.loads(entry.details))
        for _, entry in dead.audit.entries(by=Actor.system("audit"))
        if entry.actor == f"staff:{clerk.actor_id}"
    ]
    assert told == [
        ("sensitive_read", "list:dead_letters", {"view": "dead_letters", "count": 1}),
        ("letter_sent_again", f"letter:{letter.message_id}", {"message_id": letter.message_id}),
        ("staff_act_without_effect", "act:outbox.send_again", {"act": "outbox.send_again"}),
    ]


def test_who_has_no_role_for_it_is_refused(dead, staff):
    worker = staff(StaffRole.ACCOUNT_ADMINISTRATOR) and staff(StaffRole.CASE_WORKER)
    for refused in (
        lambda: dead.outbox.dead_letters(by=worker),
        lambda: dead.outbox.send_again(["m-1"], by=worker),
    ):
        with pytest.raises(NotPermittedError):
            refused()


def test_a_dead_letter_goes_with_its_text_after_a_year(dead, clock, believed_clock):
    """`retention.dead_messages_days` is 365, counted from when it was given up."""
    retention = Actor.system("retention")
    clock.move(days=365, seconds=-1)
    dead.retention.apply(by=retention)
    assert len(dead_letters(dead)) == 1
    clock.move(seconds=1)
    dead.retention.apply(by=retention)
    assert dead_letters(dead) == ()
