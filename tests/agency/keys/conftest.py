"""An agency whose keys change."""

import pytest

from dcss_core import Actor, KeyRing, Secret
from dcss_core.ports.keys import MasterKey
from dcss_core.testing import FakeHasher

K1, K2, K3 = (MasterKey(f"k{digit}", Secret(str(digit) * 64)) for digit in (1, 2, 3))


@pytest.fixture
def job():
    return Actor.system("keys")


@pytest.fixture
def ring():
    """A ring of these keys, the first of which is current."""
    return lambda *digits, **retired: KeyRing(
        tuple({"1": K1, "2": K2, "3": K3}[digit] for digit in "".join(digits)), **retired
    )


@pytest.fixture
def opened_with(opener, durable_url):
    """Opens the agency with a ring; its passwords are hashed with the pepper of the current key."""

    def opened(ring):
        return opener(durable_url, keys=ring, hasher=FakeHasher(ring.current.key_id))

    return opened


@pytest.fixture
def durable_url(sqlite_url):
    """A database that outlives the agency that opened it."""
    return sqlite_url


@pytest.fixture
def lived(opened_with, ring, case_application, intake, jane, john, register):
    """The agency under k1 alone, with a case and both parents' accounts, one letter waiting."""
    agency = opened_with(ring("1"))
    agency.cases.open(case_application, by=intake)
    for parent in (jane, john):
        register(agency, parent)
    agency.close()
    return ring
