"""A message on its way: when it is tried, tried again and given up."""

from datetime import UTC, datetime, timedelta
from itertools import product

import attrs
import pytest

from dcss_core.base.secret import Secret
from dcss_core.errors import ConflictError, InvariantError
from dcss_core.letters.letter import Letter, Occasion
from dcss_core.letters.outbox_message import (
    MESSAGE_STATES,
    MessageAct,
    MessageState,
    lease,
    note_delivered,
    note_failed,
    write_message,
)

NOW = datetime(2026, 1, 7, 15, tzinfo=UTC)
MICROSECOND = timedelta(microseconds=1)
LETTER = Letter(
    "A payment was posted",
    Secret("Sign in to see it."),
    Occasion("payment-posted/R1"),
    useless_after=NOW + timedelta(days=1),
)
WRITTEN = write_message(
    LETTER, message_id="m-1", person_id="p-1", address=Secret("jane@example.test"), now=NOW
)


def leased(message, now=NOW):
    taken = lease(message, now)
    assert taken is not None
    return taken


def failed(message, retryable=True, now=NOW):
    return note_failed(message, "no connection", retryable=retryable, now=now)


PENDING = leased(WRITTEN)
DELIVERED, DEAD = note_delivered(PENDING), failed(PENDING, retryable=False)


def test_a_message_goes_where_its_table_says_and_nowhere_else():
    acts = {
        MessageAct.LEASE: lambda message: leased(message, message.due_at),
        MessageAct.FAIL: failed,
        MessageAct.GIVE_UP: lambda message: failed(message, retryable=False),
        MessageAct.DELIVER: note_delivered,
    }
    messages = {message.state: message for message in (PENDING, DELIVERED, DEAD)}
    assert set(messages) == set(MessageState)
    assert set(acts) == set(MessageAct) - {MessageAct.WRITE}
    assert WRITTEN.state is MESSAGE_STATES.next_state(None, MessageAct.WRITE)
    for (state, message), (act, decide) in product(messages.items(), acts.items()):
        if MESSAGE_STATES.allows(state, act):
            assert decide(message).state is MESSAGE_STATES.next_state(state, act)
        elif act is MessageAct.LEASE:
            assert lease(message, message.due_at) is None  # nobody asked for this one: the next is taken
        else:
            with pytest.raises(ConflictError):
                decide(message)


def test_a_lease_keeps_others_away_for_five_minutes():
    assert lease(PENDING, NOW + timedelta(minutes=5) - MICROSECOND) is None
    assert leased(PENDING, NOW + timedelta(minutes=5)).attempts == 2


@pytest.mark.parametrize(
    ("attempts", "minutes"), [(1, 1), (2, 5), (3, 30), (4, 120), (5, 720), (6, 1440), (7, None)]
)
def test_a_message_waits_longer_after_each_attempt_and_is_given_up_after_the_seventh(attempts, minutes):
    after = failed(attrs.evolve(PENDING, attempts=attempts))
    if minutes is None:
        assert (after.state, after.last_failure) == (MessageState.DEAD, "no connection")
    else:
        assert (after.state, after.due_at) == (MessageState.PENDING, NOW + timedelta(minutes=minutes))


def test_a_message_that_is_useless_by_now_is_given_up_without_an_attempt():
    late = leased(WRITTEN, NOW + timedelta(days=1))
    assert (late.state, late.attempts, late.body) == (MessageState.DEAD, 0, None)
    assert leased(WRITTEN, NOW + timedelta(days=1) - MICROSECOND).state is MessageState.PENDING


def test_a_text_that_went_out_or_never_will_is_not_kept():
    assert (DELIVERED.body, DEAD.body) == (None, None)


def test_a_reason_is_kept_short_and_as_one_line():
    after = note_failed(PENDING, "refused\n" + "x" * 1000, retryable=True, now=NOW)
    assert after.last_failure == "refused\ufffd" + "x" * 192  # 200 in all


def test_a_reason_that_holds_the_address_is_not_kept():
    after = note_failed(PENDING, "550 <JANE@example.test>: unknown", retryable=False, now=NOW)
    assert after.last_failure == "reason_withheld"


@pytest.mark.parametrize(
    ("message", "changes"),
    [
        (PENDING, {"body": None}),
        (PENDING, {"state": MessageState.DELIVERED}),
        (PENDING, {"attempts": -1}),
        (DELIVERED, {"state": MessageState.PENDING}),
        (DELIVERED, {"state": MessageState.DEAD}),
        (DELIVERED, {"last_failure": "no connection"}),
        (DELIVERED, {"attempts": 0}),
        (DEAD, {"last_failure": None}),
        (DEAD, {"body": Secret("Sign in to see it.")}),
    ],
)
def test_a_message_that_can_not_be_is_not_built(message, changes):
    with pytest.raises(InvariantError, match="no OutboxMessage is like this"):
        attrs.evolve(message, **changes)
