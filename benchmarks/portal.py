"""A portal to measure: an agency with one case, and a parent who signs in.

The slow hash is replaced by one that costs nothing, so that what is left is the library's own work. Never
read a share of the real hash from a clock: 20 ms of Argon2id drown everything here in noise.
"""

from collections.abc import Callable
from itertools import count
from typing import Final

from dcss_core import Actor, Agency, KeyRing, MasterKey, Secret, open_agency
from dcss_core.ports.clock import Clock
from dcss_core.testing import JANE_ROE, FakeHasher, case_application, registration_form
from dcss_core.users import SignedIn

WRONG: Final = Secret("seven red kites over savannah")
CASE: Final = "0004567890"
Call = Callable[[], object]


def reopened(url: str, clock: Clock | None = None) -> Agency:
    """The agency as it is stored."""
    keys = KeyRing((MasterKey("k1", Secret("1" * 64)),))
    return open_agency(url, jurisdiction="US-GA", keys=keys, hasher=FakeHasher(), clock=clock)


def opened(url: str, clock: Clock | None = None) -> Agency:
    """An agency with one case, whose payee has an account."""
    agency = reopened(url, clock)
    agency.cases.open(case_application(CASE), by=Actor.system("intake"))
    outcome = agency.accounts.register(registration_form(agency, JANE_ROE))
    assert hasattr(outcome, "account_id"), outcome
    return agency


def sign_in(agency: Agency) -> Call:
    """A sign-in that succeeds."""
    agreed = agency.accounts.banner().version
    accounts, user_id, password = agency.accounts, JANE_ROE.user_id, JANE_ROE.password
    return lambda: accounts.sign_in(user_id, password, banner=agreed, source="203.0.113.7")


def unknown_id(agency: Agency) -> Call:
    """A sign-in that fails for an id nobody has, from nowhere in particular."""
    agreed = agency.accounts.banner().version
    return lambda: agency.accounts.sign_in("nobody", WRONG, banner=agreed)


def wrong_password(agency: Agency) -> Call:
    """A sign-in that fails for an id that somebody has, each time from an address that was never seen.

    Ten in a row would lock the account: let the owner sign in between them.
    """
    agreed = agency.accounts.banner().version
    accounts, user_id, numbers = agency.accounts, JANE_ROE.user_id, count()
    return lambda: accounts.sign_in(user_id, WRONG, banner=agreed, source=f"2001:db8::{next(numbers):x}")


def session_check(agency: Agency) -> Call:
    """A look at a session, as a front end takes it at every request."""
    agreed = agency.accounts.banner().version
    outcome = agency.accounts.sign_in(JANE_ROE.user_id, JANE_ROE.password, banner=agreed)
    assert isinstance(outcome, SignedIn)
    return lambda: agency.sessions.check(outcome.token)
