"""An organisation with its administrator, as staff opened it and the mail brought it."""

from collections.abc import Callable
from typing import Any

import pytest

from dcss_core import Actor, Agency, Secret
from dcss_core.testing import Mailbox
from dcss_core.users import Joined, OpenedForRemitter, RemitterRights, SessionToken, SignedIn

from ..office import Office

COMPANY, SECOND_COMPANY, OTHER_COMPANY = "1580000001", "1580000002", "1580000009"
PASSWORD = Secret("ledger walrus thirteen umbrellas")
ADMINISTRATOR = Secret("payroll@peachtree.example.com")
COLLEAGUE = Secret("clerk@peachtree.example.com")


class Remitter:
    """An organisation, whose first administrator is signed in."""

    def __init__(self, remitter_id: str, account_id: str, token: SessionToken) -> None:
        self.remitter_id = remitter_id
        self.account_id = account_id
        self.token = token


@pytest.fixture
def delivered(agency: Agency, mail: Mailbox) -> Callable[[], Mailbox]:
    """The mail, once what waits has been sent."""

    def sent() -> Mailbox:
        agency.outbox.dispatch(by=Actor.system("dispatch"))
        return mail

    return sent


@pytest.fixture
def enter(agency: Agency) -> Callable[..., SessionToken]:
    """Signs somebody of a remitter in; gives the token."""

    def entered(user_id: str, password: Secret = PASSWORD) -> SessionToken:
        outcome = agency.accounts.sign_in(user_id, password, banner=agency.accounts.banner().version)
        assert isinstance(outcome, SignedIn), outcome
        return outcome.token

    return entered


@pytest.fixture
def join(
    agency: Agency, delivered: Callable[[], Mailbox], enter: Callable[..., SessionToken]
) -> Callable[[str], tuple[str, SessionToken]]:
    """Accepts the invitation that came last; gives account and token."""

    def joined(user_id: str) -> tuple[str, SessionToken]:
        outcome = agency.invitations.accept(delivered().invitation_code(), user_id, PASSWORD)
        assert isinstance(outcome, Joined), outcome
        return outcome.account_id, enter(user_id)

    return joined


@pytest.fixture
def open_remitter(
    agency: Agency, staff: Office, join: Callable[[str], tuple[str, SessionToken]]
) -> Callable[..., Remitter]:
    """Opens accounts for an organisation, by two of the staff; its administrator joins."""

    def opened(
        name: str = "Peach Tree Payroll",
        sends_as: Any = (COMPANY, SECOND_COMPANY),
        administrator: Secret = ADMINISTRATOR,
        user_id: str = "peachtree",
    ) -> Remitter:
        made = staff.by_two(
            lambda by: agency.remitters.open(name, sends_as=sends_as, administrator=administrator, by=by)
        )
        assert isinstance(made, OpenedForRemitter), made
        return Remitter(made.remitter_id, *join(user_id))

    return opened


@pytest.fixture
def peachtree(open_remitter: Callable[..., Remitter]) -> Remitter:
    return open_remitter()


@pytest.fixture
def colleague(
    agency: Agency, peachtree: Remitter, join: Callable[[str], tuple[str, SessionToken]]
) -> tuple[str, SessionToken]:
    """Somebody of the organisation who sees everything it sent, and administers nothing."""
    agency.members.invite(peachtree.token, PASSWORD, COLLEAGUE, RemitterRights())
    return join("peach-clerk")
