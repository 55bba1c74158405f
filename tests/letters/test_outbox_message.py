"""A message on its way: when it is tried, tried again and given up."""

from datetime import UTC, datetime, timedelta
from itertools import product

import attrs
import pytest
from hypothesis import given, strategies as st

from dcss_core.base.secret import Secret
from dcss_core.errors import ConflictError, InvariantError
from dcss_core.letters.letter import Letter, Occasion
from dcss_core.letters.outgoing.outbox_message import (
    JITTER_BYTES,
    MESSAGE_STATES,
    WAITS,
    MessageAct,
    MessageState,
    drawn_out,
    let_go,
    note_delivered,
    note_failed,
    send_again,
    take_up,
    write_message,
)
from dcss_core.letters.recipient import Recipient

NOW = datetime(2026, 1, 7, 15, tzinfo=UTC)
MICROSECOND = timedelta(microseconds=1)
LEASE = timedelta(minutes=5)
LETTER = Letter("A payment was posted", Secret("Sign in to see it."), Occasion("payment-posted/R1"))
CODE = Letter("Your code", Secret("123456"), Occasion("code"), useless_after=NOW + timedelta(days=1))
ADDRESS = Secret("jane@example.test")


def written(letter=LETTER, name="m-1", at=NOW):
    return write_message(letter, message_id=name, recipient=Recipient.person("p-1"), address=ADDRESS, now=at)


def leased(message, now=NOW, holder="one"):
    [taken] = take_up([message], holder, now)
    return taken


def failed(message, retryable=True, now=NOW, drawn=bytes(2)):
    return note_failed(message, "no connection", retryable=retryable, now=now, drawn=drawn)


WRITTEN, WRITTEN_CODE = written(), written(CODE)
PENDING = leased(WRITTEN)
DELIVERED, DEAD = note_delivered(PENDING), failed(PENDING, retryable=False)


def test_a_message_goes_where_its_table_says_and_nowhere_else():
    acts = {
        MessageAct.FAIL: failed,
        MessageAct.GIVE_UP: lambda message: failed(message, retryable=False),
        MessageAct.DELIVER: note_delivered,
        MessageAct.SEND_AGAIN: lambda message: send_again(message, ADDRESS, NOW),
    }
    messages = {message.state: message for message in (PENDING, DELIVERED, DEAD)}
    assert set(messages) == set(MessageState)
    assert set(MessageAct) - set(acts) == {
        MessageAct.WRITE,
        MessageAct.LEASE,
        MessageAct.HOLD_BACK,
        MessageAct.LET_GO,
    }
    assert WRITTEN.state is MESSAGE_STATES.next_state(None, MessageAct.WRITE)
    for (state, message), (act, decide) in product(messages.items(), acts.items()):
        if MESSAGE_STATES.allows(state, act):
            assert decide(message).state is MESSAGE_STATES.next_state(state, act)
        else:
            with pytest.raises(ConflictError):
                decide(message)


@pytest.mark.parametrize("message", [DELIVERED, DEAD])
def test_what_waits_no_more_is_not_leased(message):
    with pytest.raises(ConflictError):
        leased(message, message.due_at)


# --- the lease ------------------------------------------------------------------------------------------


def test_a_lease_keeps_others_away_for_five_minutes():
    assert leased(PENDING, NOW + LEASE - MICROSECOND, holder="two") == PENDING
    after = leased(PENDING, NOW + LEASE, holder="two")
    assert (after.leased_by, after.due_at) == ("two", NOW + 2 * LEASE)


def test_a_lease_is_no_attempt_and_an_answer_is_one():
    assert (PENDING.attempts, DELIVERED.attempts, failed(PENDING).attempts) == (0, 1, 1)
    assert note_delivered(DELIVERED).attempts == 1  # the word of another dispatcher


def test_a_message_is_sent_while_two_minutes_of_its_lease_are_left():
    assert PENDING.may_be_sent(NOW + timedelta(minutes=3))
    assert not PENDING.may_be_sent(NOW + timedelta(minutes=3) + MICROSECOND)


# --- after a failure ------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("attempts", "minutes"), [(1, 1), (2, 5), (3, 30), (4, 120), (5, 720), (6, 1440), (7, None)]
)
def test_a_message_waits_longer_after_each_attempt_and_is_given_up_after_the_seventh(attempts, minutes):
    after = failed(attrs.evolve(PENDING, attempts=attempts - 1))
    assert (after.attempts, after.leased_by) == (attempts, None)
    if minutes is None:
        assert (after.state, after.last_failure, after.due_at) == (MessageState.DEAD, "no connection", NOW)
    else:
        assert (after.state, after.due_at) == (MessageState.PENDING, NOW + timedelta(minutes=minutes))


@given(wait=st.sampled_from(WAITS), drawn=st.binary(min_size=JITTER_BYTES, max_size=JITTER_BYTES))
def test_a_wait_is_drawn_out_by_nothing_to_a_quarter(wait, drawn):
    assert wait <= drawn_out(wait, drawn) <= wait + wait / 4


@given(wait=st.sampled_from(WAITS), one=st.integers(0, 65_535), other=st.integers(0, 65_535))
def test_who_draws_more_waits_longer(wait, one, other):
    waits = [drawn_out(wait, drawn.to_bytes(2)) for drawn in sorted({one, other})]
    assert sorted(set(waits)) == waits


@pytest.mark.parametrize(("drawn", "seconds"), [(b"\0\0", 60), (b"\xff\xff", 75), (b"\x80\0", 67.500114)])
def test_a_minute_is_drawn_out_to_between_60_and_75_seconds(drawn, seconds):
    # 32768 / 65535 of 15 s are 7.500114 s
    assert failed(PENDING, drawn=drawn).due_at == NOW + timedelta(seconds=seconds)


def test_a_message_that_is_useless_by_now_is_given_up_without_an_attempt():
    late = leased(WRITTEN_CODE, NOW + timedelta(days=1))
    assert (late.state, late.attempts, late.body) == (MessageState.DEAD, 0, None)
    assert leased(WRITTEN_CODE, NOW + timedelta(days=1) - MICROSECOND).state is MessageState.PENDING


def test_a_message_that_a_dispatcher_has_is_not_given_up_under_its_hands():
    at = NOW + timedelta(days=1) - MICROSECOND
    taken = leased(WRITTEN_CODE, at)
    assert leased(taken, at + MICROSECOND, holder="two") == taken


def test_a_text_that_went_out_or_is_useless_is_not_kept_and_one_that_can_be_sent_again_is():
    assert DELIVERED.body is None
    assert failed(leased(WRITTEN_CODE), retryable=False).body is None
    assert DEAD.body == LETTER.body


def test_a_dead_message_is_sent_again_as_if_it_were_new_and_under_its_id():
    address = Secret("jane.roe@example.test")
    later = NOW + timedelta(days=9)
    again = send_again(DEAD, address, later)
    assert again == attrs.evolve(WRITTEN, address=address, due_at=later)


def test_a_reason_is_kept_short_and_as_one_line():
    after = note_failed(PENDING, "refused\n" + "x" * 1000, retryable=True, now=NOW, drawn=bytes(2))
    assert after.last_failure == "refused\ufffd" + "x" * 192  # 200 in all


def test_a_reason_that_holds_the_address_is_not_kept():
    after = note_failed(PENDING, "550 <JANE@example.test>: unknown", retryable=False, now=NOW, drawn=bytes(2))
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
        (DELIVERED, {"body": Secret("Sign in to see it.")}),
        (DELIVERED, {"leased_by": "one"}),
        (DEAD, {"last_failure": None}),
        (DEAD, {"useless_after": NOW}),
        (DEAD, {"leased_by": "one"}),
    ],
)
def test_a_message_that_can_not_be_is_not_built(message, changes):
    with pytest.raises(InvariantError, match="no OutboxMessage is like this"):
        attrs.evolve(message, **changes)


@pytest.mark.parametrize("text", ["", "person", "person:", "account:", "case:1"])
def test_a_recipient_is_a_person_or_an_account(text):
    with pytest.raises(InvariantError, match="no Recipient is like this"):
        Recipient(text)


# --- one after the other --------------------------------------------------------------------------------

LATER = [NOW + timedelta(seconds=seconds) for seconds in range(4)]
FIRST, SECOND = written(name="m-1", at=LATER[0]), written(name="m-2", at=LATER[1])
URGENT = written(CODE, name="m-3", at=LATER[2])


def names_of_leased(messages):
    return [each.message_id for each in messages if each.leased_by == "one"]


def test_of_several_to_one_recipient_the_oldest_goes_and_the_others_are_due_when_it_is():
    taken = [*take_up([FIRST, SECOND, URGENT], "one", LATER[3])]
    assert names_of_leased(taken) == ["m-1"]
    assert [each.due_at for each in taken] == [LATER[3] + LEASE] * 3


def test_once_the_oldest_is_gone_the_next_is_let_go_at_once():
    _, second, urgent = take_up([FIRST, SECOND, URGENT], "one", LATER[3])
    assert let_go([second, urgent], LATER[3] + LEASE, LATER[3]) == attrs.evolve(second, due_at=LATER[3])
    assert let_go([], NOW, NOW) is None


def test_while_one_is_on_its_way_nothing_is_let_go():
    taken = [*take_up([FIRST, SECOND], "one", LATER[3])]
    assert let_go(taken, LATER[3] + LEASE, LATER[3]) is None


def test_what_comes_after_one_that_failed_waits_for_its_next_attempt():
    first = failed(leased(FIRST))
    taken = [*take_up([first, SECOND], "one", LATER[3])]
    assert taken == [first, attrs.evolve(SECOND, due_at=first.due_at)]
    assert let_go(taken, LATER[3] + LEASE, LATER[3]) is None


def test_what_is_useless_after_a_time_goes_ahead_of_what_failed():
    first = failed(leased(FIRST))
    assert names_of_leased(take_up([first, SECOND, URGENT], "one", LATER[3])) == ["m-3"]
    held = attrs.evolve(URGENT, due_at=LATER[3] + LEASE)  # while the first was on its way
    assert let_go([first, held], LATER[3] + LEASE, LATER[3]) == attrs.evolve(held, due_at=LATER[3])


def test_what_failed_is_not_let_go_before_its_time():
    first = failed(leased(FIRST), now=LATER[3])
    assert let_go([first], LATER[3] + LEASE, LATER[3]) is None


def test_what_failed_and_was_only_held_back_is_let_go_too():
    first, second = (failed(leased(each)) for each in (FIRST, SECOND))
    at = second.due_at
    out, held = take_up([first, second], "one", at)
    assert (out.leased_by, held.due_at) == ("one", at + LEASE)
    assert let_go([held], at + LEASE, at) == attrs.evolve(held, due_at=at)


def test_a_dead_one_keeps_nobody_back():
    late = URGENT.useless_after
    urgent = attrs.evolve(URGENT, created_at=NOW - LEASE, due_at=NOW - LEASE)
    dead, first = take_up([urgent, FIRST], "one", late)
    assert (dead.state, first.leased_by) == (MessageState.DEAD, "one")


ages = st.integers(0, 600).map(lambda seconds: NOW - timedelta(seconds=seconds))


@st.composite
def waiting_messages(draw):
    """What waits for one recipient: new, failed, held back, leased, or left by a dispatcher that died."""
    messages = []
    for place, created in enumerate(sorted(draw(st.lists(ages, min_size=1, max_size=6)))):
        message = written(draw(st.sampled_from([LETTER, CODE])), name=f"m-{place}", at=created)
        due = NOW + timedelta(seconds=draw(st.integers(-300, 300)))
        attempts = draw(st.integers(0, 6))
        message = attrs.evolve(
            message,
            due_at=max(due, created),
            attempts=attempts,
            last_failure="no connection" if attempts else None,
            leased_by=draw(st.sampled_from([None, "two"])),
        )
        messages.append(message)
    return messages


@given(waiting_messages())
def test_whatever_waits_one_at_most_is_taken_and_nothing_stays_due(messages):
    after = [*take_up(messages, "one", NOW)]
    ours = [each for each in after if each.leased_by == "one"]
    were_out = [each for each in messages if each.is_leased(NOW)]
    assert len(ours) <= (0 if were_out else 1)
    assert all(each in after for each in were_out)
    assert not any(each.state is MessageState.PENDING and each.due_at <= NOW for each in after)
    assert [each.message_id for each in after] == [each.message_id for each in messages]
    if ours and ours[0].useless_after is None:
        assert ours[0].message_id == messages[0].message_id


@given(waiting_messages())
def test_whatever_is_due_ends_in_time_though_others_were_held_back_by_it(messages):
    """Each is delivered as soon as it is leased: nobody is forgotten, and plain letters keep their order."""
    now, waiting, sent = NOW, list(messages), []
    for _ in range(40):
        waiting = [*take_up(waiting, "one", now)]
        sent += names_of_leased(waiting)
        waiting = [each for each in waiting if each.leased_by != "one"]
        following = let_go(waiting, now + LEASE, now)
        waiting = [
            following if following and each.message_id == following.message_id else each for each in waiting
        ]
        now += timedelta(minutes=2)
    assert waiting == []
    plain = [each.message_id for each in messages if each.useless_after is None]
    assert [each for each in sent if each in plain] == plain
