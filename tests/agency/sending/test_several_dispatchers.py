"""Several dispatchers share one outbox: each letter goes once, and in order to each recipient."""

import pytest

from dcss_core import Actor
from dcss_core.agency.filing.letters import OUTBOX
from dcss_core.base.secret import Secret
from dcss_core.letters.letter import Letter, Occasion
from dcss_core.letters.outgoing.outbox_message import write_message
from dcss_core.letters.recipient import Recipient
from dcss_core.plugins import DeliveryFailed

pytestmark = pytest.mark.on_every_storage

DISPATCH = Actor.system("dispatch")
DOWN = DeliveryFailed("no connection", retryable=True)


@pytest.fixture
def letters(agency, clock):
    """Writes so many letters to each of some people, a second apart, as verbs do; their ids in order."""

    def written(each, *people, useless_after=None):
        ids = {person: [] for person in people}
        for number in range(each):
            clock.move(seconds=1)
            for person in people:
                letter = Letter(f"Letter {number}", Secret("…"), Occasion("x"), useless_after)
                message = write_message(
                    letter,
                    message_id=f"{person}/{9_999 - len(ids[person])}",  # ids sort the other way
                    recipient=Recipient.person(person),
                    address=Secret(f"{person}@example.test"),
                    now=clock.now(),
                )
                agency._resources.write(lambda work, new=message: work.insert(OUTBOX, [new]))
                ids[person].append(message.message_id)
        return ids

    return written


def dispatch(agency, **options):
    done = agency.outbox.dispatch(by=DISPATCH, **options)
    return done.delivered, done.failed, done.dead


def came(mail, person):
    return [each for each in mail.attempts if each.startswith(f"{person}/")]


def while_delivering(mail, meanwhile):
    """Has something happen while the first message is on its way."""
    deliver = mail.deliver

    def delivered(message):
        mail.deliver = deliver
        meanwhile()
        return deliver(message)

    mail.deliver = delivered


def test_of_the_letters_to_one_person_each_goes_after_the_one_before_it(agency, letters, mail):
    ids = letters(30, "p-1", "p-2")
    assert dispatch(agency) == (60, 0, 0)
    assert {person: came(mail, person) for person in ids} == ids


def test_four_dispatchers_send_each_letter_once_and_in_order(agency, letters, mail, at_once):
    ids = letters(10, *[f"p-{number}" for number in range(8)])
    reports = at_once(4, lambda: dispatch(agency))
    while agency.outbox.pending(by=DISPATCH):
        reports.append(dispatch(agency))
    assert sum(delivered for delivered, _, _ in reports) == 80
    assert {person: came(mail, person) for person in ids} == ids


def test_while_one_is_on_its_way_no_other_to_the_same_person_is_sent(agency, letters, mail):
    ids = letters(2, "p-1", "p-2")
    others = []
    while_delivering(mail, lambda: others.append((dispatch(agency), list(mail.attempts))))
    assert dispatch(agency) == (4, 0, 0)
    assert others == [((0, 0, 0), [])]  # the first of each are leased, and the second wait for them
    assert {person: came(mail, person) for person in ids} == ids


def test_a_letter_that_failed_keeps_those_after_it_back_and_no_others(agency, letters, mail, clock):
    ids = letters(2, "p-1", "p-2")
    mail.script = [DOWN]
    assert dispatch(agency) == (2, 1, 0)
    assert mail.attempts == [ids["p-1"][0], *ids["p-2"]]
    clock.move(minutes=1, seconds=15)
    assert dispatch(agency) == (2, 0, 0)
    assert came(mail, "p-1") == [ids["p-1"][0], *ids["p-1"]]


def test_a_letter_that_was_given_up_keeps_nobody_back(agency, letters, mail):
    ids = letters(2, "p-1")
    mail.script = [DeliveryFailed("no such mailbox", retryable=False)]
    assert dispatch(agency) == (1, 0, 1)
    assert mail.attempts == ids["p-1"]


def test_a_code_goes_ahead_of_a_letter_that_failed(agency, janes_account, jane, mail, clock):
    """It is good for 10 minutes; the letter before it is tried again in 30."""
    mail.script = [DOWN] * 3
    for _ in range(2):
        dispatch(agency)
        clock.move(minutes=7)
    assert dispatch(agency) == (0, 1, 0)
    agency.recovery.request_code(jane.user_id)
    assert dispatch(agency) == (1, 0, 0)
    assert mail.subjects == ["Your code for a new password"]


def test_a_dispatcher_that_dies_spends_no_attempt(agency, letters, mail, clock):
    letters(1, "p-1")
    for _ in range(9):  # more often than a letter is tried
        mail.script = [KeyboardInterrupt()]
        with pytest.raises(KeyboardInterrupt):
            dispatch(agency)
        clock.move(minutes=5)
    assert dispatch(agency) == (1, 0, 0)


def test_letters_of_a_dispatcher_that_died_are_left_for_five_minutes_and_sent_by_another(
    agency, letters, mail, clock
):
    first, second = (each for [each] in letters(1, "p-1", "p-2").values())
    mail.script = [None, KeyboardInterrupt()]
    with pytest.raises(KeyboardInterrupt):
        dispatch(agency)
    clock.move(minutes=5, seconds=-1)
    assert dispatch(agency) == (0, 0, 0)
    clock.move(seconds=1)
    assert dispatch(agency) == (1, 0, 0)
    assert mail.attempts == [first, second, second]  # twice under one id


def test_a_letter_whose_lease_has_no_time_left_is_not_sent_under_it(agency, letters, mail, clock):
    """The first takes four of the five minutes, so the second is taken up anew when its lease is over."""
    letters(1, "p-1", "p-2")
    while_delivering(mail, lambda: clock.move(minutes=4))
    assert dispatch(agency) == (1, 0, 0)
    assert len(mail.attempts) == 1
    clock.move(minutes=1)
    assert dispatch(agency) == (1, 0, 0)


def test_more_than_a_page_of_letters_that_wait_behind_one_keeps_no_other_person_waiting(
    agency, letters, mail, clock
):
    letters(50, "p-1")
    last = letters(1, "p-2")["p-2"]
    mail.script = [DOWN]
    assert dispatch(agency) == (1, 1, 0)
    assert mail.attempts[1:] == last
    clock.move(minutes=1, seconds=15)
    assert dispatch(agency) == (50, 0, 0)
    assert came(mail, "p-1")[1:] == [f"p-1/{9_999 - number}" for number in range(50)]


def test_a_round_takes_no_more_than_its_limit_and_leaves_the_rest_in_order(agency, letters, mail):
    ids = letters(5, "p-1")
    assert [dispatch(agency, limit=2) for _ in range(3)] == [(2, 0, 0), (2, 0, 0), (1, 0, 0)]
    assert mail.attempts == ids["p-1"]
