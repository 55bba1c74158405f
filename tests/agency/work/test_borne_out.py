"""A clock that is wrong destroys nothing: what is erased for being old is old by the entries of months."""

from datetime import UTC, date, datetime

import pytest

from dcss_core import Actor
from dcss_core.agency.filing.payments import REMITTANCE_PARTS
from dcss_core.audit.damage import DamageKind
from dcss_core.errors import RuleViolationError
from dcss_core.testing import SentPayment, remittance_file

pytestmark = pytest.mark.on_every_storage

JOB = Actor.system("retention")
REMITTANCE = Actor.system("remittance")
WEEK_OF_2026 = date(2026, 1, 14)


class StoppedError(Exception):
    pass


@pytest.fixture
def look(agency, opened_case, clerk):
    """Somebody looks at a case at an instant."""

    def looked(*instant, clock):
        clock.instant = datetime(*instant, tzinfo=UTC)
        agency.cases.find(opened_case, by=clerk)

    return looked


@pytest.fixture
def parts(agency):
    """How many parts of payment files are kept as evidence."""
    index = ("file_id", "number")
    return lambda: agency.audit._resources.read(lambda work: work.count(REMITTANCE_PARTS, index))


def test_a_clock_ten_years_ahead_prunes_nothing_however_much_it_writes_in_a_day(agency, look, clock):
    for minute in range(40):
        look(2036, 1, 7, 15, minute, clock=clock)
    with pytest.raises(RuleViolationError, match="nothing was erased"):
        agency.audit.prune(before=WEEK_OF_2026, by=JOB)
    clock.instant = datetime(2026, 1, 7, 16, tzinfo=UTC)
    damage = agency.audit.verify(by=Actor.system("audit")).damage
    assert DamageKind.ERASED not in [each.kind for each in damage]


@pytest.mark.parametrize(("day", "is_believed"), [(6, False), (7, True)])
def test_ten_years_are_believed_when_the_agency_has_worked_in_them_for_a_month(
    agency, look, clock, day, is_believed
):
    look(2036, 1, 7, 15, clock=clock)
    look(2036, 2, day, 15, clock=clock)  # 31 days after 7 January is 7 February
    if is_believed:
        assert agency.audit.prune(before=WEEK_OF_2026, by=JOB).entries > 0
    else:
        with pytest.raises(RuleViolationError):
            agency.audit.prune(before=WEEK_OF_2026, by=JOB)


def test_a_clock_ten_years_ahead_deletes_no_evidence(agency, opened_case, look, clock, parts):
    agency.payments.receive(remittance_file(SentPayment("5.00", case=opened_case)), by=REMITTANCE)
    look(2036, 1, 7, 15, clock=clock)
    agency.retention.apply(by=JOB)
    look(2036, 1, 8, 15, clock=clock)
    agency.retention.apply(by=JOB)
    assert parts() == 1
    look(2036, 2, 8, 15, clock=clock)
    look(2036, 3, 11, 15, clock=clock)
    agency.retention.apply(by=JOB)
    assert parts() == 0


@pytest.mark.usefixtures("believed_clock")
def test_the_bytes_of_a_file_that_is_half_received_are_kept(agency, opened_case, clock, parts):
    def stop(done, of):
        raise StoppedError

    content = remittance_file(SentPayment("5.00", case=opened_case), SentPayment("6.00", case=opened_case))
    with pytest.raises(StoppedError):
        agency.payments.receive(content, by=REMITTANCE, progress=stop, entries_at_once=1)
    clock.move(days=3660)
    agency.retention.apply(by=JOB)
    assert parts() == 1
    agency.payments.receive(content, by=REMITTANCE)
    agency.retention.apply(by=JOB)
    assert parts() == 0
