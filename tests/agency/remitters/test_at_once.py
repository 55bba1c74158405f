"""Whoever acts on one organisation at once: one invitation makes one account, an identification is one's."""

import pytest

from dcss_core import Actor, Secret
from dcss_core.errors import ConflictError, DcssError
from dcss_core.testing import SentPayment, remittance_file
from dcss_core.users import ControlReason, InvitationRefused, Joined, RemitterRights, UserIdTaken

from .conftest import COLLEAGUE, PASSWORD


def tried(call):
    """What a call gives, or the error it raises."""
    try:
        return call()
    except DcssError as refused:
        return refused


def together(at_once, calls):
    """What each of these gives, all begun together."""
    waiting = iter(calls)
    return at_once(len(calls), lambda: next(waiting)())


def test_one_invitation_makes_one_account(agency, peachtree, delivered, at_once):
    agency.members.invite(peachtree.token, PASSWORD, COLLEAGUE, RemitterRights())
    code = delivered().invitation_code()
    names = [f"clerk-{number}" for number in range(6)]
    outcomes = together(
        at_once, [lambda name=name: agency.invitations.accept(code, name, PASSWORD) for name in names]
    )
    joined = [each for each in outcomes if isinstance(each, Joined)]
    assert len(joined) == 1
    assert all(isinstance(each, Joined | InvitationRefused) for each in outcomes)
    assert len(agency.members.people(peachtree.token).members) == 2


def test_one_user_id_is_one_accounts(agency, peachtree, delivered, at_once):
    codes = []
    for number in range(4):
        address = Secret(f"clerk{number}@peachtree.example.com")
        agency.members.invite(peachtree.token, PASSWORD, address, RemitterRights())
        codes.append(delivered().invitation_code())
    outcomes = together(
        at_once, [lambda code=code: agency.invitations.accept(code, "clerk", PASSWORD) for code in codes]
    )
    assert sorted(type(each) for each in outcomes if isinstance(each, Joined)) == [Joined]
    assert sum(isinstance(each, UserIdTaken) for each in outcomes) == 3


def test_whoever_joins_while_the_organisation_ends_has_no_account_afterwards(
    agency, staff, peachtree, delivered, at_once, attempt
):
    agency.members.invite(peachtree.token, PASSWORD, COLLEAGUE, RemitterRights())
    code = delivered().invitation_code()
    by, why = staff.first, ControlReason.COURT_ORDER
    together(
        at_once,
        [
            lambda: tried(lambda: agency.invitations.accept(code, "peach-clerk", PASSWORD)),
            lambda: tried(lambda: agency.remitters.end(peachtree.remitter_id, by=by, reason=why)),
        ],
    )
    assert agency.remitters.standing(peachtree.remitter_id, by=by).members == ()
    assert not hasattr(attempt(agency, "peach-clerk", PASSWORD), "token")
    assert agency.audit.verify(by=Actor.system("audit")).is_sound


def test_one_identification_is_one_organisations(agency, staff, at_once):
    first, colleague = staff.first, staff.colleague
    said = {"sends_as": ["1580000001"], "administrator": COLLEAGUE}
    for name in ("Peach Tree", "Pear Tree"):
        agency.remitters.open(name, **said, by=colleague)
    outcomes = together(
        at_once,
        [
            lambda name=name: tried(lambda: agency.remitters.open(name, **said, by=first))
            for name in ("Peach Tree", "Pear Tree")
        ],
    )
    assert sum(isinstance(each, ConflictError) for each in outcomes) == 1


@pytest.mark.on_every_storage
def test_pages_are_whole_on_every_storage(agency, opened_case, peachtree):
    payments = [SentPayment(f"{number}.00") for number in range(1, 8)]
    agency.payments.receive(remittance_file(*payments), by=Actor.system("remittance"))
    whole, pages, after = agency.members.sent(peachtree.token), [], None
    while page := agency.members.sent(peachtree.token, after=after, limit=2):
        pages += page
        after = page[-1].receipt_id
    assert tuple(pages) == whole
    assert len(whole) == 7
