"""How often a verb goes to PostgreSQL and back; ADR 0045 and the page of benchmarks name these numbers."""

from collections.abc import Callable, Iterator
from typing import Any

import pytest

from dcss_core import Actor, Agency, CaseNumber, KeyRing, MasterKey, Secret, open_agency
from dcss_core.testing import FakeHasher, SentPayment, case_application, remittance_file
from dcss_core.users import StaffRole
from dcss_core_sql.postgresql.session import Session

CASE = CaseNumber("0004567890")
REMITTANCE, SET_UP = Actor.system("remittance"), Actor.system("set-up")


@pytest.fixture
def agency(postgresql_url: str) -> Iterator[Agency]:
    keys = KeyRing((MasterKey("test", Secret("1" * 64)),))
    with open_agency(
        postgresql_url, jurisdiction="US-GA", keys=keys, channels=None, hasher=FakeHasher()
    ) as agency:
        agency.cases.open(case_application(CASE), by=Actor.system("intake"))
        yield agency


@pytest.fixture
def trips(monkeypatch: pytest.MonkeyPatch) -> Callable[[Callable[[], object]], int]:
    """How often something that was done three times before goes there and back."""
    made: list[str] = []
    for name in ("command", "_execute_alone", "_execute_together"):
        inner = getattr(Session, name)

        def counted(self: Session, *given: Any, _inner: Any = inner, _name: str = name) -> Any:
            made.append(_name)
            return _inner(self, *given)

        monkeypatch.setattr(Session, name, counted)

    def number(act: Callable[[], object]) -> int:
        for _ in range(3):  # by then every statement is prepared
            act()
        made.clear()
        act()
        return len(made)

    return number


def test_a_single_receipt_is_15_round_trips(agency: Agency, trips: Any) -> None:
    files = iter([remittance_file(SentPayment("5.00", trace=f"1210428800000{each:02}")) for each in range(4)])
    assert trips(lambda: agency.payments.receive(next(files), by=REMITTANCE)) == 15


def test_a_page_of_history_is_11_round_trips_however_many_payments_it_shows(
    agency: Agency, trips: Any
) -> None:
    roles = [StaffRole.ACCOUNT_ADMINISTRATOR, StaffRole.PAYMENT_CLERK]
    kim = agency.staff.appoint("kim.lane", email=Secret("kim@example.gov"), roles=roles, by=SET_UP)
    clerk = Actor.staff(kim.account_id)
    sent = [SentPayment("5.00", trace=f"1210428800000{each:02}") for each in range(10, 30)]
    agency.payments.receive(remittance_file(*sent), by=REMITTANCE)
    assert len(agency.payments.history(CASE, by=clerk, limit=15)) == 15
    assert trips(lambda: agency.payments.history(CASE, by=clerk, limit=15)) == 12
