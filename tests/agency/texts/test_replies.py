"""`agency.texts`: STOP and START, as they come from a telephone (47 CFR 64.1200(a)(10))."""

from datetime import timedelta

import pytest
from hypothesis import HealthCheck, given, settings, strategies as st

from dcss_core import Actor, Secret
from dcss_core.agency.callers.contact_points import findable
from dcss_core.agency.filing.accounts import ACCOUNTS
from dcss_core.agency.filing.cases import CONTACT_POINTS
from dcss_core.agency.filing.letters import OUTBOX
from dcss_core.cases import ContactKind, ContactSource, ContactState
from dcss_core.cases.people.contacts.point import ContactPoint
from dcss_core.errors import InvalidInputError, NotPermittedError
from dcss_core.letters.outgoing.outbox_message import MessageState
from dcss_core.users import CodeRefused, StaffRole

EMAIL, MOBILE = ContactKind.EMAIL, ContactKind.MOBILE
REPLIES, AUDIT = Actor.system("text-replies"), Actor.system("audit")
NUMBER = Secret("+14045550100")
NEW = Secret("eleven copper kettles on a raft")
CODE = "Your code for a new password"
STOPPED, STARTED = "No more text messages to your telephone", "Text messages to your telephone again"
WAIT = timedelta(hours=72)  # accounts.contact_cooling_hours


def sent(agency):
    agency.outbox.dispatch(by=Actor.system("dispatch"))


def waiting_for(agency, number):
    """Messages in the outbox that are still to go to a number."""
    kept = agency.recovery._resources.read(lambda work: work.find(OUTBOX, ("state", "due_at")))
    return [
        each.record.subject
        for each in kept
        if each.record.address == number and each.record.state is MessageState.PENDING
    ]


def entries(agency, *kinds):
    return [entry for _, entry in agency.audit.entries(by=AUDIT) if entry.kind in kinds]


def put_on_file(agency, account_id, number=NUMBER):
    """Have a telephone in force, as if it had been confirmed long ago."""

    def kept(work):
        begun = work.now - timedelta(days=30)
        point = ContactPoint(
            work.new_id(),
            work.get(ACCOUNTS, account_id).record.person_id,
            MOBILE,
            number,
            ContactSource.OWNER,
            ContactState.IN_FORCE,
            recorded_at=begun,
            since=begun,
            codes_from=begun,
        )
        work.insert(CONTACT_POINTS, [findable(work, point)])

    agency.recovery._resources.write(kept)


@pytest.fixture
def texts(outside):
    return outside.channel("texts")


@pytest.fixture
def agency(opener, storage_url, mail, texts, case_application, intake):
    agency = opener(storage_url, channels=["letters:mail", "texts:texts"])
    agency.cases.open(case_application, by=intake)
    return agency


@pytest.fixture
def janes(agency, jane, register):
    """Jane's account, with a telephone on file."""
    account_id = register(agency, jane)
    put_on_file(agency, account_id)
    return account_id


@pytest.mark.on_every_storage
def test_after_stop_no_code_goes_there_and_after_start_it_does(agency, janes, jane, texts):
    assert agency.texts.stop(NUMBER, by=REPLIES) is True
    agency.recovery.request_code(jane.user_id, way=MOBILE)
    sent(agency)
    assert texts.delivered == []
    assert agency.texts.start(NUMBER, by=REPLIES) is True
    agency.recovery.request_code(jane.user_id, way=MOBILE)
    sent(agency)
    assert [each.subject for each in texts.delivered] == [CODE]


def test_codes_by_mail_still_come(agency, janes, jane, mail):
    agency.texts.stop(NUMBER, by=REPLIES)
    agency.recovery.request_code(jane.user_id)
    sent(agency)
    assert len(mail.bodies(CODE)) == 1


def test_a_callback_that_comes_again_changes_nothing(agency, janes, mail):
    assert [agency.texts.stop(NUMBER, by=REPLIES) for _ in range(3)] == [True, False, False]
    assert [agency.texts.start(NUMBER, by=REPLIES) for _ in range(3)] == [True, False, False]
    sent(agency)
    assert (len(mail.bodies(STOPPED)), len(mail.bodies(STARTED))) == (1, 1)


def test_a_code_that_is_out_is_worthless_after_stop(agency, janes, jane, texts):
    agency.recovery.request_code(jane.user_id, way=MOBILE)
    sent(agency)
    code = Secret(texts.bodies(CODE)[-1].split()[0])
    agency.texts.stop(NUMBER, by=REPLIES)
    assert agency.recovery.choose_password(jane.user_id, code, NEW) == CodeRefused()


def test_what_waits_in_the_outbox_for_it_does_not_go(agency, janes, jane, texts, sign_in):
    other = Secret("+14045550101")
    agency.contacts.change(sign_in(agency, jane), jane.password, MOBILE, other)
    assert waiting_for(agency, other) == ["Your code to confirm"]
    assert agency.texts.stop(other, by=REPLIES) is True  # before it was confirmed
    assert waiting_for(agency, other) == []
    sent(agency)
    assert texts.delivered == []


def test_who_only_typed_a_number_does_not_learn_that_stop_came_from_it(agency, janes, jane, mail, sign_in):
    token = sign_in(agency, jane)
    agency.contacts.change(token, jane.password, MOBILE, Secret("+14045550101"))
    agency.texts.stop(Secret("+14045550101"), by=REPLIES)
    sent(agency)
    assert mail.bodies(STOPPED) == []
    assert all(each.texts_stopped_at is None for each in agency.contacts.own(token))


def test_its_owner_sees_since_when(agency, janes, jane, sign_in, clock):
    agency.texts.stop(NUMBER, by=REPLIES)
    at = clock.now()
    token = sign_in(agency, jane)
    assert [each.texts_stopped_at for each in agency.contacts.own(token) if each.way is MOBILE] == [at]
    agency.texts.start(NUMBER, by=REPLIES)
    assert [each.texts_stopped_at for each in agency.contacts.own(token) if each.way is MOBILE] == [None]


def test_a_telephone_of_two_people_is_stopped_for_both_and_both_are_told(
    agency, janes, jane, john, register, mail, texts
):
    put_on_file(agency, register(agency, john))
    agency.texts.stop(NUMBER, by=REPLIES)
    for parent in (jane, john):
        agency.recovery.request_code(parent.user_id, way=MOBILE)
    sent(agency)
    assert texts.delivered == []
    told = [each.address for each in mail.delivered if each.subject == STOPPED]
    assert sorted(map(Secret.reveal, told)) == sorted([jane.email.reveal(), john.email.reveal()])


def test_it_holds_for_a_number_that_is_taken_off_and_given_again(agency, janes, jane, texts, sign_in):
    agency.texts.stop(NUMBER, by=REPLIES)
    token = sign_in(agency, jane)
    agency.contacts.remove(token, jane.password, MOBILE)
    agency.contacts.change(token, jane.password, MOBILE, Secret("(404) 555-0100"))
    sent(agency)
    assert texts.delivered == []


@pytest.mark.parametrize("verb", ["stop", "start"])
def test_of_a_number_that_nobody_has_stands_one_entry_without_it(agency, janes, verb):
    assert getattr(agency.texts, verb)(Secret("+14045550199"), by=REPLIES) is False
    [entry] = entries(agency, "staff_act_without_effect")
    assert f"texts.{verb}" in entry.details
    assert "5550199" not in repr(entry)


def test_no_entry_says_a_number(agency, janes):
    agency.texts.stop(NUMBER, by=REPLIES)
    agency.texts.start(NUMBER, by=REPLIES)
    found = entries(agency, "texts_stopped", "texts_started")
    assert [each.kind for each in found] == ["texts_stopped", "texts_started"]
    assert not any("5550100" in repr(each) for each in found)


@pytest.mark.parametrize("typed", ["", "STOP", "555-0100", "jane@example.org"])
def test_what_is_no_number_is_refused_and_not_repeated(agency, typed):
    with pytest.raises(InvalidInputError) as refused:
        agency.texts.stop(Secret(typed), by=REPLIES)
    assert not typed or typed not in str(refused.value)


def test_it_is_for_the_job_alone(agency, janes, jane, staff, sign_in):
    for by in (staff(*StaffRole), sign_in(agency, jane), Actor.system("dispatch")):
        with pytest.raises(NotPermittedError):
            agency.texts.stop(NUMBER, by=by)


def test_a_telephone_is_found_under_a_key_that_came_later(agency, janes):
    """Every key of the ring is tried, as for a Social Security number."""
    sealer = agency.recovery._resources.sealer
    ring = sealer.ring
    assert len(sealer.indexes_of_telephone(NUMBER)) == len(ring.keys)
    assert sealer.index_of_telephone(NUMBER) == sealer.indexes_of_telephone(NUMBER)[0]
    assert "4045550100" not in sealer.index_of_telephone(NUMBER)


STEPS = ("stop", "start", "change", "confirm", "drop", "remove", "code", "send", "wait")


@settings(max_examples=40, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(steps=st.lists(st.sampled_from(STEPS), max_size=14))
def test_whatever_the_order_nothing_waits_for_a_telephone_after_stop(
    opener, mail, texts, case_application, intake, register, jane, sign_in, clock, steps
):
    agency = opener("memory:", channels=["letters:mail", "texts:texts"])
    agency.cases.open(case_application, by=intake)
    register(agency, jane)
    texts.delivered.clear()
    is_stopped, so_far = False, 0

    def confirm(token):
        typed = texts.delivered[-1].body.reveal().split()[0] if texts.delivered else "none"
        agency.contacts.confirm(token, MOBILE, Secret(typed))

    for step in ("change", *steps):
        token = sign_in(agency, jane)
        match step:
            case "stop":
                is_stopped = agency.texts.stop(NUMBER, by=REPLIES) or is_stopped
            case "start":
                is_stopped = is_stopped and not agency.texts.start(NUMBER, by=REPLIES)
            case "change":
                agency.contacts.change(token, jane.password, MOBILE, NUMBER)
            case "confirm":
                confirm(token)
            case "drop":
                agency.contacts.drop(token, MOBILE)
            case "remove":
                agency.contacts.remove(token, jane.password, MOBILE)
            case "code":
                agency.recovery.request_code(jane.user_id, way=MOBILE)
            case "send":
                sent(agency)
            case "wait":
                clock.instant += WAIT
        assert not is_stopped or waiting_for(agency, NUMBER) == []
        assert not is_stopped or len(texts.delivered) == so_far
        so_far = len(texts.delivered)
