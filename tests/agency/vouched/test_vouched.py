"""A parent whose identity somebody outside vouches for, through the one door."""

from datetime import timedelta

import attrs
import pytest

from dcss_core import Actor, ClientId, Irn, Secret
from dcss_core.errors import InvalidInputError, NotPermittedError, RulesError
from dcss_core.rules.federal import baseline
from dcss_core.users import (
    Assurance,
    BannerNotAccepted,
    ControlReason,
    EnrolmentAccepted,
    LinkDue,
    LinkOnFile,
    LinkRefused,
    ReauthenticationRefused,
    SecondFactorDue,
    SessionScope,
    SignedIn,
    VouchedIdentity,
    VouchingNotAccepted,
    VouchingPolicy,
)

from ..accounts.authenticator_app import App

SSO = Actor.system("single-sign-on")
AUDIT = Actor.system("audit")
ISSUER = "https://login.georgia.example"
DMV = "https://licences.georgia.example"
ISSUERS = [
    {"issuer": DMV, "makes_accounts": False, "assurance": "aal1", "seconds": 60},
    {"issuer": ISSUER, "makes_accounts": True, "assurance": "aal2", "seconds": 300},
]


@pytest.fixture
def agency(opener, storage_url, reform):
    changes = {"accounts.vouching": True, "accounts.vouched_issuers": ISSUERS}
    return opener(storage_url, jurisdiction="US-GA-REFORM", plugins=reform(changes))


@pytest.fixture
def says(clock, jane):
    """What the issuer says of Jane, each time in an assertion of its own."""
    said = []

    def made(**changes):
        said.append(None)
        identity = VouchedIdentity(
            issuer=ISSUER,
            subject=Secret("sub-jane"),
            assertion_id=Secret(f"assertion-{len(said)}"),
            at=clock.now(),
            full_name=jane.name.full,
            birth_date=jane.birth_date,
            number=jane.ssn,
        )
        return attrs.evolve(identity, **changes)

    return made


@pytest.fixture
def enter(agency):
    def entered(identity, **changes):
        given = {"by": SSO, "banner": agency.accounts.banner().version} | changes
        return agency.vouched.enter(identity, **given)

    return entered


@pytest.fixture
def refusals(agency):
    def given():
        entries = [entry for _, entry in agency.audit.entries(by=AUDIT)]
        return [entry for entry in entries if entry.kind == "vouched_identity_refused"]

    return given


# --- the first time ----------------------------------------------------------------------------------------


def test_whoever_has_no_account_gets_one_and_sees_their_case(agency, opened_case, says, enter):
    outcome = enter(says())
    assert isinstance(outcome, SignedIn)
    assert [each.case_number for each in agency.cases.own(outcome.token)] == [opened_case]
    assert [each.issuer for each in agency.vouched.own(outcome.token)] == [ISSUER]


def test_the_owner_is_told_that_there_is_an_account(agency, opened_case, says, enter, mail, jane):
    enter(says())
    agency.outbox.dispatch(by=Actor.system("dispatch"))
    assert "Another way into your online account" in [each.subject for each in mail.letters_to(jane.email)]


def test_the_second_time_the_same_account_is_opened(agency, opened_case, says, enter):
    first, second = enter(says()), enter(says())
    ids = {agency.sessions.check(each.token).account_id for each in (first, second)}
    assert len(ids) == 1


def test_no_password_opens_an_account_that_an_issuer_made_until_its_owner_chose_one(
    agency, opened_case, says, enter, mail
):
    token = enter(says()).token
    assert isinstance(agency.accounts.close(token, Secret("")), ReauthenticationRefused)


@pytest.mark.parametrize(
    "changes",
    [
        {"full_name": "Janet Roe"},
        {"birth_date": None},
        {"number": None, "identifier": Irn("CP999999")},
    ],
)
def test_other_particulars_let_nobody_in(agency, opened_case, says, enter, refusals, changes, jane):
    if changes.get("birth_date", "") is None:
        changes = {"birth_date": jane.birth_date + timedelta(days=1)}
    assert isinstance(enter(says(**changes)), VouchingNotAccepted)
    assert len(refusals()) == 1


def test_where_two_persons_could_be_meant_nobody_is_let_in_and_staff_see_whom(
    agency, opened_case, says, enter, refusals, john, staff, form_of
):
    """The number is Jane's, the identifier John's."""
    johns = form_of(agency, john)
    identifier = Irn(johns.irn) if johns.irn else ClientId(johns.client_id)
    assert isinstance(enter(says(identifier=identifier)), VouchingNotAccepted)
    (entry,) = refusals()
    assert '"reason":"two_persons"' in entry.details.replace(" ", "")
    assert entry.details.count(",") > 1


def test_an_issuer_that_makes_no_accounts_lets_in_whoever_has_linked_theirs(
    agency, opened_case, says, enter, refusals
):
    assert isinstance(enter(says(issuer=DMV)), VouchingNotAccepted)
    assert len(refusals()) == 1


# --- an account that is there ------------------------------------------------------------------------------


def test_an_account_that_is_there_is_opened_once_its_owner_has_said_so(
    agency, opened_case, says, enter, register, jane, sign_in
):
    account_id = register(agency, jane)
    due = enter(says())
    assert isinstance(due, LinkDue)
    token = sign_in(agency, jane)
    assert isinstance(agency.vouched.link(token, jane.password, due.ticket), LinkOnFile)
    outcome = enter(says())
    assert isinstance(outcome, SignedIn)
    assert agency.sessions.check(outcome.token).account_id == account_id


def test_a_ticket_is_good_once_for_its_account_and_for_minutes(
    agency, opened_case, says, enter, register, jane, john, sign_in, clock
):
    register(agency, jane)
    register(agency, john)
    due = enter(says())
    johns = sign_in(agency, john)
    assert isinstance(agency.vouched.link(johns, john.password, due.ticket), LinkRefused)
    token = sign_in(agency, jane)
    assert isinstance(agency.vouched.link(token, Secret("wrong"), due.ticket), ReauthenticationRefused)
    assert isinstance(agency.vouched.link(token, jane.password, due.ticket), LinkOnFile)
    assert isinstance(agency.vouched.link(token, jane.password, due.ticket), LinkRefused)
    late = enter(says(subject=Secret("another")))
    clock.move(minutes=10)
    assert isinstance(agency.vouched.link(sign_in(agency, jane), jane.password, late.ticket), LinkRefused)


def test_one_id_of_an_issuer_opens_one_account(agency, opened_case, says, enter, register, jane, sign_in):
    register(agency, jane)
    tickets = [enter(says()).ticket for _ in range(2)]
    token = sign_in(agency, jane)
    outcomes = [agency.vouched.link(token, jane.password, each) for each in tickets]
    assert [type(each) for each in outcomes] == [LinkOnFile, LinkRefused]


def test_an_owner_takes_a_link_off(agency, opened_case, says, enter, register, jane, sign_in):
    register(agency, jane)
    token = sign_in(agency, jane)
    link = agency.vouched.link(token, jane.password, enter(says()).ticket)
    assert agency.vouched.unlink(token, jane.password, "another") is False
    assert isinstance(agency.vouched.unlink(token, Secret("wrong"), link.link_id), ReauthenticationRefused)
    assert agency.vouched.unlink(token, jane.password, link.link_id) is True
    assert agency.vouched.own(token) == ()
    assert isinstance(enter(says()), LinkDue)


def test_closing_the_account_takes_its_links_along(agency, opened_case, says, enter, register, jane, sign_in):
    register(agency, jane)
    token = sign_in(agency, jane)
    agency.vouched.link(token, jane.password, enter(says()).ticket)
    agency.accounts.close(sign_in(agency, jane), jane.password)
    outcome = enter(says())
    assert isinstance(outcome, SignedIn)  # a new account, as whoever registers anew has
    assert len(agency.vouched.own(outcome.token)) == 1


# --- what keeps out ----------------------------------------------------------------------------------------


def test_an_assertion_counts_once(agency, opened_case, says, enter, refusals):
    said = says()
    assert isinstance(enter(said), SignedIn)
    assert isinstance(enter(said), VouchingNotAccepted)
    assert '"replayed"' in refusals()[0].details


@pytest.mark.parametrize("seconds", [-300, -86_400, 61])
def test_an_assertion_that_is_old_or_from_the_future_lets_nobody_in(
    agency, opened_case, says, enter, clock, refusals, seconds
):
    outcome = enter(says(at=clock.now() + timedelta(seconds=seconds)))
    assert isinstance(outcome, VouchingNotAccepted)
    assert '"stale"' in refusals()[0].details


@pytest.mark.parametrize("issuer", ["https://evil.example", "", ISSUER.upper()])
def test_an_issuer_that_is_not_listed_is_refused(agency, opened_case, says, enter, issuer):
    with pytest.raises(NotPermittedError):
        enter(says(issuer=issuer))


def test_only_the_job_vouches(agency, opened_case, says, enter, staff, register, jane, sign_in):
    register(agency, jane)
    for by in (staff.first, Actor.system("intake"), Actor.public(), sign_in(agency, jane)):
        with pytest.raises(NotPermittedError):
            enter(says(), by=by)


def test_the_notice_is_agreed_to_first(agency, opened_case, says, enter):
    assert isinstance(enter(says(), banner="another"), BannerNotAccepted)


def test_what_keeps_the_owner_out_keeps_out_whoever_is_vouched_for(agency, opened_case, says, enter, staff):
    token = enter(says()).token
    account_id = agency.sessions.check(token).account_id
    agency.oversight.disable(account_id, by=staff.first, reason=ControlReason.SUSPECTED_MISUSE)
    assert isinstance(enter(says()), VouchingNotAccepted)


def test_an_assurance_is_believed_as_far_as_the_rules_say(agency, opened_case, says, enter):
    one, two = enter(says()), enter(says(assurance=Assurance.AAL2))
    assert [agency.sessions.check(each.token).assurance for each in (one, two)] == [
        Assurance.AAL1,
        Assurance.AAL2,
    ]


def test_a_second_factor_in_force_is_asked_where_the_issuer_gave_none(
    agency, opened_case, says, enter, register, jane, sign_in, clock
):
    register(agency, jane)
    token = sign_in(agency, jane)
    agency.vouched.link(token, jane.password, enter(says()).ticket)
    app = App(agency.second_factors.begin(token, jane.password), clock)
    assert isinstance(agency.second_factors.confirm(token, app.code()), EnrolmentAccepted)
    assert isinstance(enter(says()), SecondFactorDue)
    assert isinstance(enter(says(assurance=Assurance.AAL2)), SignedIn)


def test_a_password_that_others_know_is_changed_first(
    agency, opened_case, says, enter, staff, register, jane, sign_in, desk
):
    account_id = register(agency, jane)
    agency.vouched.link(sign_in(agency, jane), jane.password, enter(says()).ticket)
    agency.oversight.demand_password_change(account_id, by=desk, reason=ControlReason.SUSPECTED_MISUSE)
    token = enter(says()).token
    assert agency.sessions.check(token).scope is SessionScope.CHANGE_PASSWORD_ONLY


# --- bad input ---------------------------------------------------------------------------------------------


def test_every_fault_of_an_assertion_is_said_at_once_and_none_repeats_it(clock, jane):
    with pytest.raises(InvalidInputError) as refusal:
        VouchedIdentity(
            issuer=ISSUER,
            subject=Secret(""),
            assertion_id=Secret("walrus" * 100),
            at=clock.now().replace(tzinfo=None),
            full_name=" ",
            birth_date=jane.birth_date,
        )
    assert len(refusal.value.faults) == 5
    assert "walrus" not in str(refusal.value)


@pytest.mark.parametrize(
    "row",
    [
        {"issuer": "x", "makes_accounts": True, "assurance": "aal3", "seconds": 60},
        {"issuer": "x", "makes_accounts": True, "assurance": "aal1", "seconds": 0},
        {"issuer": "x", "makes_accounts": True, "assurance": "aal1", "seconds": 3601},
    ],
)
def test_rules_that_believe_too_much_are_refused(row, clock):
    day = clock.now().date()
    changes = {"accounts.vouching": True, "accounts.vouched_issuers": [row]}
    rules = baseline().amended(changes, effective=day, citation="a test", key="US-XX").on(day)
    with pytest.raises(RulesError):
        VouchingPolicy.from_rules(rules)


def test_of_one_assertion_given_at_once_one_counts(agency, opened_case, says, at_once, enter):
    said = says()
    outcomes = at_once(6, lambda: enter(said))
    assert sum(isinstance(each, SignedIn) for each in outcomes) == 1


def test_of_several_first_times_at_once_one_account_is_made(agency, opened_case, says, at_once, enter):
    waiting = iter([says() for _ in range(6)])
    outcomes = at_once(6, lambda: enter(next(waiting)))
    tokens = [each.token for each in outcomes if isinstance(each, SignedIn)]
    assert tokens
    assert len({agency.sessions.check(each).account_id for each in tokens}) == 1
