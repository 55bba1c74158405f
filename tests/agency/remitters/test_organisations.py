"""Organisations that send support: opened by two, administered by their own people, ended by staff."""

from datetime import timedelta

import pytest

from dcss_core import Actor, Secret
from dcss_core.errors import (
    ConflictError,
    InvalidInputError,
    NotFoundError,
    NotPermittedError,
    SessionEndedError,
)
from dcss_core.testing import SentPayment, remittance_file
from dcss_core.users import (
    ApprovalDue,
    ControlReason,
    InvitationIncomplete,
    InvitationNotSent,
    InvitationRefused,
    Joined,
    ReauthenticationRefused,
    RemitterKind,
    RemitterRights,
    RemitterState,
    SignInRefused,
    UserIdTaken,
)

from ..office import Office
from .conftest import ADMINISTRATOR, COLLEAGUE, COMPANY, OTHER_COMPANY, PASSWORD, SECOND_COMPANY

AUDIT = Actor.system("audit")
REMITTANCE = Actor.system("remittance")
NOBODY = "no such account"


def kinds(agency):
    return [entry.kind for _, entry in agency.audit.entries(by=AUDIT)]


def receive(agency, *amounts, sent_as=COMPANY):
    """A file of one remitter, with a payment of each amount for the case of the builder."""
    payments = [SentPayment(amount) for amount in amounts]
    content = remittance_file(*payments, batch={"company_identification": sent_as})
    return agency.payments.receive(content, by=REMITTANCE)


# --- opening ---------------------------------------------------------------------------------------------


def test_it_takes_two_of_the_staff_to_open_an_organisation(agency, staff):
    one = staff.first
    due = agency.remitters.open("Peach Tree", sends_as=[COMPANY], administrator=ADMINISTRATOR, by=one)
    assert isinstance(due, ApprovalDue)


def test_an_organisation_is_opened_once_for_each_identification(agency, staff, peachtree):
    with pytest.raises(ConflictError, match=COMPANY):
        agency.remitters.open("Another", sends_as=[COMPANY], administrator=COLLEAGUE, by=staff.first)


def test_every_fault_of_an_organisation_is_said_at_once(agency, staff):
    with pytest.raises(InvalidInputError) as refusal:
        agency.remitters.open(" ", sends_as=["", "x" * 11], administrator=Secret("nobody"), by=staff.first)
    assert [fault.where for fault in refusal.value.faults] == [
        "administrator",
        "sends_as",
        "sends_as",
        "name",
    ]


@pytest.mark.parametrize("sends_as", [[], [str(each) for each in range(51)]])
def test_an_organisation_sends_under_a_bounded_number_of_identifications(agency, staff, sends_as):
    with pytest.raises(InvalidInputError, match="1 to 50"):
        agency.remitters.open("Peach Tree", sends_as=sends_as, administrator=ADMINISTRATOR, by=staff.first)


def test_the_first_administrator_signs_in_for_the_organisation(agency, peachtree):
    own = agency.members.own(peachtree.token)
    assert (own.remitter_id, own.kind, own.sends_as) == (
        peachtree.remitter_id,
        RemitterKind.ORGANISATION,
        (COMPANY, SECOND_COMPANY),
    )
    assert own.name == Secret("Peach Tree Payroll")
    assert own.rights == RemitterRights(is_administrator=True)


def test_staff_find_an_organisation_by_what_it_sends_under(agency, staff, peachtree):
    assert agency.remitters.find(f" {COMPANY} ", by=staff.first) == peachtree.remitter_id
    with pytest.raises(NotFoundError):
        agency.remitters.find(OTHER_COMPANY, by=staff.first)


def test_staff_see_who_signs_in_for_an_organisation(agency, staff, peachtree, colleague):
    standing = agency.remitters.standing(peachtree.remitter_id, by=staff.first)
    assert (standing.state, standing.sends_as) == (RemitterState.ACTIVE, (COMPANY, SECOND_COMPANY))
    found = {each.email.reveal(): each.rights.is_administrator for each in standing.members}
    assert found == {ADMINISTRATOR.reveal(): True, COLLEAGUE.reveal(): False}
    with pytest.raises(NotFoundError):
        agency.remitters.standing("no such remitter", by=staff.first)


def test_what_an_organisation_is_called_and_sends_under_is_changed_by_two(
    agency, staff, peachtree, colleague, delivered
):
    change = {"name": "Peach Tree Pay", "sends_as": [OTHER_COMPANY]}
    assert staff.by_two(lambda by: agency.remitters.change(peachtree.remitter_id, **change, by=by)) is None
    own = agency.members.own(peachtree.token)
    assert (own.name, own.sends_as) == (Secret("Peach Tree Pay"), (OTHER_COMPANY,))
    subject = "Your organisation's online accounts"
    told = [each.address for each in delivered().delivered if each.subject == subject]
    assert told.count(ADMINISTRATOR) == 2  # that somebody joined, and this
    assert COLLEAGUE not in told
    assert agency.remitters.find(OTHER_COMPANY, by=staff.first) == peachtree.remitter_id


def test_an_identification_that_is_free_again_can_be_another_organisations(
    agency, staff, peachtree, open_remitter
):
    staff.by_two(
        lambda by: agency.remitters.change(peachtree.remitter_id, name="P", sends_as=[SECOND_COMPANY], by=by)
    )
    other = open_remitter("Other", [COMPANY], Secret("hr@other.example.com"), "other")
    assert agency.members.own(other.token).sends_as == (COMPANY,)


def test_staff_invite_another_administrator_by_two(agency, staff, peachtree, join):
    second = Secret("second@peachtree.example.com")
    staff.by_two(lambda by: agency.remitters.invite_administrator(peachtree.remitter_id, second, by=by))
    _, token = join("second")
    assert agency.members.own(token).rights.is_administrator


def test_an_organisation_that_ended_signs_nobody_in_and_is_free(
    agency, staff, peachtree, colleague, attempt, open_remitter
):
    agency.members.invite(peachtree.token, PASSWORD, Secret("late@example.com"), RemitterRights())
    ended = agency.remitters.end(peachtree.remitter_id, by=staff.first, reason=ControlReason.COURT_ORDER)
    assert ended == 2
    for token in (peachtree.token, colleague[1]):
        with pytest.raises(SessionEndedError):
            agency.members.own(token)
    assert isinstance(attempt(agency, "peachtree", PASSWORD), SignInRefused)
    standing = agency.remitters.standing(peachtree.remitter_id, by=staff.first)
    assert (standing.state, standing.members, standing.invitations, standing.sends_as) == (
        RemitterState.ENDED,
        (),
        (),
        (),
    )
    with pytest.raises(ConflictError):
        agency.remitters.end(peachtree.remitter_id, by=staff.first, reason=ControlReason.COURT_ORDER)
    with pytest.raises(ConflictError):
        agency.remitters.invite_administrator(peachtree.remitter_id, COLLEAGUE, by=staff.first)
    with pytest.raises(ConflictError):
        agency.remitters.change(peachtree.remitter_id, name="P", sends_as=[OTHER_COMPANY], by=staff.first)
    assert agency.members.own(open_remitter(user_id="anew").token).sends_as == (COMPANY, SECOND_COMPANY)


# --- invitations -----------------------------------------------------------------------------------------


def test_an_invitation_is_accepted_once(agency, peachtree, colleague, mail):
    code = mail.invitation_code()
    assert isinstance(agency.invitations.accept(code, "twice", PASSWORD), InvitationRefused)


def test_an_invitation_is_over_after_a_day(agency, peachtree, delivered, clock):
    agency.members.invite(peachtree.token, PASSWORD, COLLEAGUE, RemitterRights())
    code = delivered().invitation_code()
    clock.move(hours=24)
    assert isinstance(agency.invitations.accept(code, "late", PASSWORD), InvitationRefused)


def test_every_fault_of_an_acceptance_is_said_at_once_and_the_invitation_stays_good(
    agency, peachtree, delivered
):
    agency.members.invite(peachtree.token, PASSWORD, COLLEAGUE, RemitterRights())
    code = delivered().invitation_code()
    outcome = agency.invitations.accept(code, "x y", Secret("short"))
    assert isinstance(outcome, InvitationIncomplete)
    assert outcome.faults
    assert outcome.password_violations
    assert isinstance(agency.invitations.accept(code, "peach-clerk", PASSWORD), Joined)


def test_without_a_good_code_nothing_is_said_of_user_ids_and_nothing_is_hashed(agency, peachtree, hasher):
    hasher.runs = 0
    for user_id in ("peachtree", "x y", "free-one"):
        outcome = agency.invitations.accept(Secret("AAAA-AAAA-AAAA"), user_id, PASSWORD)
        assert isinstance(outcome, InvitationRefused)
    assert hasher.runs == 0


def test_with_one_invitation_few_user_ids_are_tried(agency, peachtree, delivered):
    agency.members.invite(peachtree.token, PASSWORD, COLLEAGUE, RemitterRights())
    code = delivered().invitation_code()
    for _ in range(5):
        assert isinstance(agency.invitations.accept(code, "PeachTree", PASSWORD), UserIdTaken)
    assert isinstance(agency.invitations.accept(code, "peach-clerk", PASSWORD), InvitationRefused)


def test_an_invitation_that_was_withdrawn_is_not_accepted_and_its_letter_not_sent(
    agency, peachtree, delivered
):
    invited = agency.members.invite(peachtree.token, PASSWORD, COLLEAGUE, RemitterRights())
    assert [each.email for each in agency.members.people(peachtree.token).invitations] == [COLLEAGUE]
    assert agency.members.withdraw(peachtree.token, invited.invitation_id) is True
    assert agency.members.withdraw(peachtree.token, invited.invitation_id) is False
    assert delivered().letters_to(COLLEAGUE) == []
    assert agency.members.people(peachtree.token).invitations == ()


def test_only_so_many_invitations_wait_at_a_time(agency, peachtree):
    for number in range(50):
        agency.members.invite(
            peachtree.token, PASSWORD, Secret(f"n{number}@peachtree.example.com"), RemitterRights()
        )
    outcome = agency.members.invite(peachtree.token, PASSWORD, COLLEAGUE, RemitterRights())
    assert isinstance(outcome, InvitationNotSent)


def test_what_somebody_invited_is_taken_back_when_they_may_not_any_more(agency, peachtree, join, delivered):
    agency.members.invite(peachtree.token, PASSWORD, COLLEAGUE, RemitterRights(is_administrator=True))
    account_id, token = join("peach-clerk")
    rights = RemitterRights(is_administrator=True)
    agency.members.invite(token, PASSWORD, Secret("friend@example.com"), rights)
    code = delivered().invitation_code()
    agency.members.end(peachtree.token, PASSWORD, account_id)
    assert isinstance(agency.invitations.accept(code, "friend", PASSWORD), InvitationRefused)


# --- people ----------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "call",
    [
        lambda members, token, account_id: members.people(token),
        lambda members, token, account_id: members.withdraw(token, "x"),
        lambda members, token, account_id: members.invite(token, PASSWORD, COLLEAGUE, RemitterRights()),
        lambda members, token, account_id: members.limit(token, PASSWORD, account_id, RemitterRights()),
        lambda members, token, account_id: members.end(token, PASSWORD, account_id),
    ],
)
def test_only_administrators_act_on_people(agency, peachtree, colleague, call):
    with pytest.raises(NotPermittedError):
        call(agency.members, colleague[1], peachtree.account_id)


def test_an_administrator_acts_on_nobody_of_another_organisation_and_learns_nothing(
    agency, peachtree, open_remitter, colleague, register, jane, opened_case
):
    other = open_remitter("Other", [OTHER_COMPANY], Secret("hr@other.example.com"), "other")
    janes = register(agency, jane)
    refusals = set()
    for account_id in (colleague[0], peachtree.account_id, janes, NOBODY):
        for call in (
            lambda account_id: agency.members.end(other.token, PASSWORD, account_id),
            lambda account_id: agency.members.limit(other.token, PASSWORD, account_id, RemitterRights()),
        ):
            with pytest.raises(NotPermittedError) as refusal:
                call(account_id)
            refusals.add(str(refusal.value))
    assert len(refusals) == 1
    invited = agency.members.invite(peachtree.token, PASSWORD, Secret("new@example.com"), RemitterRights())
    assert agency.members.withdraw(other.token, invited.invitation_id) is False
    assert agency.members.own(colleague[1]).remitter_id == peachtree.remitter_id


def test_nobody_limits_or_ends_themselves(agency, peachtree):
    with pytest.raises(NotPermittedError, match="themselves"):
        agency.members.end(peachtree.token, PASSWORD, peachtree.account_id)
    with pytest.raises(NotPermittedError, match="themselves"):
        agency.members.limit(peachtree.token, PASSWORD, peachtree.account_id, RemitterRights())


def test_without_the_password_nobody_is_invited_limited_or_ended(agency, peachtree, colleague):
    wrong = Secret("wrong")
    for outcome in (
        agency.members.invite(peachtree.token, wrong, COLLEAGUE, RemitterRights()),
        agency.members.end(peachtree.token, wrong, colleague[0]),
    ):
        assert isinstance(outcome, ReauthenticationRefused)
    assert agency.members.own(colleague[1]).rights == RemitterRights()


def test_whoever_is_ended_is_out_at_once_and_hears_of_it(agency, peachtree, colleague, delivered, attempt):
    account_id, token = colleague
    assert agency.members.end(peachtree.token, PASSWORD, account_id) is None
    with pytest.raises(SessionEndedError):
        agency.members.own(token)
    assert isinstance(attempt(agency, "peach-clerk", PASSWORD), SignInRefused)
    assert "was closed" in delivered().letters_to(COLLEAGUE)[-1].body.reveal()
    assert [each.email for each in agency.members.people(peachtree.token).members] == [ADMINISTRATOR]


def test_rights_end_at_their_instant(agency, peachtree, colleague, clock, enter):
    account_id, token = colleague
    until = clock.now() + timedelta(minutes=5)
    agency.members.limit(peachtree.token, PASSWORD, account_id, RemitterRights(until=until))
    clock.move(minutes=5)
    with pytest.raises(NotPermittedError):
        agency.members.sent(token)


@pytest.mark.parametrize(
    "rights",
    [
        lambda now: RemitterRights(sees=(OTHER_COMPANY,)),
        lambda now: RemitterRights(until=now),
    ],
)
def test_rights_that_nobody_can_have_are_refused(agency, peachtree, colleague, clock, rights):
    with pytest.raises(InvalidInputError):
        agency.members.limit(peachtree.token, PASSWORD, colleague[0], rights(clock.now()))
    with pytest.raises(InvalidInputError):
        agency.members.invite(peachtree.token, PASSWORD, COLLEAGUE, rights(clock.now()))


def test_an_instant_without_a_time_zone_is_refused(clock):
    with pytest.raises(InvalidInputError, match="time zone"):
        RemitterRights(until=clock.now().replace(tzinfo=None))


def test_somebody_of_an_organisation_closes_their_own_account(agency, peachtree, colleague, attempt):
    agency.accounts.close(colleague[1], PASSWORD)
    assert isinstance(attempt(agency, "peach-clerk", PASSWORD), SignInRefused)
    assert len(agency.members.people(peachtree.token).members) == 1


def test_a_forgotten_password_is_chosen_anew_with_a_code(agency, peachtree, delivered, enter):
    agency.recovery.request_code("peachtree")
    code = delivered().issued_code()
    other = Secret("umbrella nineteen ferries ledger")
    agency.recovery.choose_password("peachtree", code, other)
    assert agency.members.own(enter("peachtree", other)).remitter_id == peachtree.remitter_id


# --- what they sent --------------------------------------------------------------------------------------


def test_they_see_what_they_sent_and_nobody_elses(agency, opened_case, peachtree, open_remitter):
    receive(agency, "200.00", "30.00")
    receive(agency, "70.00", sent_as=OTHER_COMPANY)
    other = open_remitter("Other", [OTHER_COMPANY], Secret("hr@other.example.com"), "other")
    assert sorted(str(each.amount) for each in agency.members.sent(peachtree.token)) == ["200.00", "30.00"]
    assert [str(each.amount) for each in agency.members.sent(other.token)] == ["70.00"]


def test_of_a_payment_they_see_what_they_said_and_the_day_it_came(agency, opened_case, peachtree):
    receive(agency, "200.00")
    (sent,) = agency.members.sent(peachtree.token)
    shown = {name: str(getattr(sent, name)) for name in type(sent).__slots__ if name != "__weakref__"}
    del shown["receipt_id"], shown["trace_number"]
    assert shown == {
        "sent_as": COMPANY,
        "amount": "200.00",
        "case_as_sent": "0004567890",
        "pay_date": "2026-01-05",
        "received_on": "2026-01-07",
    }


def test_a_payment_that_is_held_looks_as_any_other(agency, peachtree):
    """There is no such case: the remitter is not told so, for it is not theirs to learn who has one."""
    batch = receive(agency, "200.00")
    assert batch.receipts[0].hold_reason is not None
    (sent,) = agency.members.sent(peachtree.token)
    assert str(sent.amount) == "200.00"


def test_whoever_is_limited_sees_what_was_sent_under_those_identifications(
    agency, opened_case, peachtree, colleague
):
    receive(agency, "200.00")
    receive(agency, "70.00", sent_as=SECOND_COMPANY)
    agency.members.limit(peachtree.token, PASSWORD, colleague[0], RemitterRights(sees=(SECOND_COMPANY,)))
    assert [str(each.amount) for each in agency.members.sent(colleague[1])] == ["70.00"]
    assert len(agency.members.sent(peachtree.token)) == 2


def test_what_was_sent_comes_in_pages(agency, opened_case, peachtree):
    receive(agency, "10.00", "20.00", "30.00")
    receive(agency, "40.00", "50.00", sent_as=SECOND_COMPANY)
    whole = agency.members.sent(peachtree.token)
    for limit in (1, 2, 3, 5):
        pages, after = [], None
        while page := agency.members.sent(peachtree.token, after=after, limit=limit):
            pages += page
            after = page[-1].receipt_id
        assert tuple(pages) == whole
    assert [each.sent_as for each in whole] == [COMPANY] * 3 + [SECOND_COMPANY] * 2


def test_a_page_goes_on_from_nobody_elses_payment(agency, opened_case, peachtree):
    theirs = receive(agency, "70.00", sent_as=OTHER_COMPANY).receipts[0].receipt_id
    for after in (theirs, "nothing"):
        with pytest.raises(InvalidInputError):
            agency.members.sent(peachtree.token, after=after)


def test_a_look_at_what_was_sent_is_audited(agency, peachtree):
    before = kinds(agency).count("sensitive_read")
    agency.members.sent(peachtree.token)
    assert kinds(agency).count("sensitive_read") == before + 1


def test_somebody_of_an_organisation_comes_to_no_case(agency, opened_case, peachtree):
    for call in (
        lambda: agency.cases.own(peachtree.token),
        lambda: agency.payments.history(opened_case, by=peachtree.token),
        lambda: agency.contacts.own(peachtree.token),
    ):
        with pytest.raises(NotPermittedError):
            call()


def test_a_parent_sees_nothing_of_what_organisations_sent(agency, opened_case, register, jane, sign_in):
    register(agency, jane)
    token = sign_in(agency, jane)
    for call in (agency.members.own, agency.members.sent, agency.members.people):
        with pytest.raises(NotPermittedError):
            call(token)


# --- private payers --------------------------------------------------------------------------------------


def test_nobody_makes_an_account_to_pay_for_somebody_unless_the_rules_say_so(agency):
    with pytest.raises(NotPermittedError):
        agency.invitations.ask_to_pay(COLLEAGUE)


@pytest.fixture
def for_payers(opener, reform):
    changes = {"accounts.private_payers_register": True}
    return opener("memory:", jurisdiction="US-GA-REFORM", plugins=reform(changes))


def payer_of(agency, mail, email=COLLEAGUE, user_id="grandmother"):
    agency.invitations.ask_to_pay(email)
    agency.outbox.dispatch(by=Actor.system("dispatch"))
    joined = agency.invitations.accept(mail.invitation_code(), user_id, PASSWORD)
    assert isinstance(joined, Joined)
    return agency.accounts.sign_in(user_id, PASSWORD, banner=agency.accounts.banner().version).token


def test_whoever_pays_for_a_payer_has_an_account_and_sees_no_case(for_payers, mail, case_application, intake):
    case_number = for_payers.cases.open(case_application, by=intake).case_number
    token = payer_of(for_payers, mail)
    own = for_payers.members.own(token)
    assert (own.kind, own.name, own.sends_as) == (RemitterKind.PRIVATE_PAYER, None, ())
    assert for_payers.members.sent(token) == ()
    for call in (
        lambda: for_payers.payments.history(case_number, by=token),
        lambda: for_payers.cases.own(token),
        lambda: for_payers.members.people(token),
        lambda: for_payers.members.invite(token, PASSWORD, COLLEAGUE, RemitterRights()),
    ):
        with pytest.raises(NotPermittedError):
            call()


def test_a_private_payer_is_one_person(for_payers, mail, hasher):
    staff = Office(for_payers, hasher)
    payer = for_payers.members.own(payer_of(for_payers, mail)).remitter_id
    with pytest.raises(ConflictError):
        for_payers.remitters.invite_administrator(payer, COLLEAGUE, by=staff.first)
    with pytest.raises(ConflictError):
        for_payers.remitters.change(payer, name="x", sends_as=[COMPANY], by=staff.first)
    assert for_payers.remitters.end(payer, by=staff.first, reason=ControlReason.OWNER_ASKED) == 1


def test_letters_to_one_address_are_bounded(for_payers, mail):
    limit = for_payers.accounts.policies().recovery.letter_limit
    for _ in range(limit + 2):
        for_payers.invitations.ask_to_pay(Secret("Clerk@peachtree.example.com"))
        for_payers.invitations.ask_to_pay(COLLEAGUE)
    for_payers.outbox.dispatch(by=Actor.system("dispatch"))
    assert len(mail.delivered) == limit


def test_a_source_that_asks_too_often_is_turned_away(for_payers, mail):
    for number in range(200):
        for_payers.invitations.ask_to_pay(Secret(f"n{number}@example.com"), source="203.0.113.7")
    for_payers.outbox.dispatch(by=Actor.system("dispatch"))
    assert 0 < len(mail.delivered) < 200
