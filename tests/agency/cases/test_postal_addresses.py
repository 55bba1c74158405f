"""`agency.cases.open`: a postal address that staff give with a case is on file, and its owner's own."""

import attrs
import pytest

from dcss_core import Actor, Secret
from dcss_core.cases import ContactKind, ContactSource, ContactState, Role
from dcss_core.testing import JANE_ROE, JOHN_DOE, case_application as built_application
from dcss_core.users import ControlReason, StaffRole

POSTAL = ContactKind.POSTAL
HOME = Secret("1 Elm Street\nAtlanta, GA 30303")
ELSEWHERE = Secret("2 Oak Street\nSavannah, GA 31401")
CODE = "Your code to confirm"


@pytest.fixture
def with_home():
    """Jane's address came with the case, John's did not."""
    return built_application(payee=attrs.evolve(JANE_ROE.participant(Role.CUSTODIAL_PARENT), postal=HOME))


@pytest.fixture
def signed_in(agency, with_home, intake, register, sign_in):
    """The tokens of Jane and of John."""
    agency.cases.open(with_home, by=intake)
    for parent in (JANE_ROE, JOHN_DOE):
        register(agency, parent)
    return sign_in(agency, JANE_ROE), sign_in(agency, JOHN_DOE)


@pytest.fixture
def by_post(opener, outside, with_home, intake, register):
    """An agency that sends letters by post, what it sent so, and somebody of its staff."""
    box = outside.channel("post")
    agency = opener("memory:", channels=["letters:mail", "post:post"])
    agency.cases.open(with_home, by=intake)
    for parent in (JANE_ROE, JOHN_DOE):
        register(agency, parent)
    appointed = agency.staff.appoint(
        "ann",
        email=Secret("ann@dcss.example.gov"),
        roles=[StaffRole.ACCOUNT_ADMINISTRATOR],
        by=Actor.system("set-up"),
    )
    return agency, box, Actor.staff(appointed.account_id)


def postal(agency, token):
    return [(each.value, each.state) for each in agency.contacts.own(token) if each.way is POSTAL]


@pytest.mark.on_every_storage
def test_it_is_in_force_at_once_and_says_that_the_case_brought_it(agency, signed_in):
    janes, _ = signed_in
    [address] = [each for each in agency.contacts.own(janes) if each.way is POSTAL]
    assert (address.value, address.state, address.source) == (
        HOME,
        ContactState.IN_FORCE,
        ContactSource.CASE,
    )
    assert (address.since, address.until, address.shown) == (None, None, "••• Atlanta, GA 30303")


@pytest.mark.on_every_storage
def test_nobody_else_in_the_case_sees_it(agency, signed_in):
    _, johns = signed_in
    assert postal(agency, johns) == []


def test_what_its_owner_confirms_takes_its_place_and_staff_put_it_back(by_post, sign_in):
    agency, box, ann = by_post
    token = sign_in(agency, JANE_ROE)
    agency.contacts.change(token, JANE_ROE.password, POSTAL, ELSEWHERE)
    agency.outbox.dispatch(by=Actor.system("dispatch"))
    [letter] = [each for each in box.delivered if each.subject == CODE]
    assert letter.address == ELSEWHERE
    [code] = [line.strip() for line in letter.body.reveal().splitlines() if line.startswith("    ")]
    agency.contacts.confirm(token, POSTAL, Secret(code))
    assert postal(agency, token) == [(ELSEWHERE, ContactState.IN_FORCE), (HOME, ContactState.REPLACED)]
    account_id = agency.sessions.check(token).account_id
    back = agency.contacts.revert(account_id, POSTAL, by=ann, reason=ControlReason.OWNER_ASKED)
    assert (back.removed, back.restored) == (1, "••• Atlanta, GA 30303")


def test_staff_take_nothing_back_where_nobody_changed_it(by_post, sign_in):
    agency, _, ann = by_post
    token = sign_in(agency, JANE_ROE)
    account_id = agency.sessions.check(token).account_id
    assert agency.contacts.revert(account_id, POSTAL, by=ann, reason=ControlReason.OWNER_ASKED) is None
    assert postal(agency, token) == [(HOME, ContactState.IN_FORCE)]


def test_the_other_parent_who_gives_it_gets_no_code_and_hears_the_same(by_post, sign_in):
    agency, box, _ = by_post
    token = sign_in(agency, JOHN_DOE)
    theirs = agency.contacts.change(token, JOHN_DOE.password, POSTAL, HOME)
    agency.outbox.dispatch(by=Actor.system("dispatch"))
    assert box.delivered == []
    assert agency.contacts.change(token, JOHN_DOE.password, POSTAL, ELSEWHERE) == theirs
