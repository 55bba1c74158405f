"""Every list of an agency comes in pages: of a bounded length, and on from an entry of the same list."""

from itertools import pairwise

import pytest

from dcss_core import Actor, CaseNumber, Secret
from dcss_core.errors import InvalidInputError
from dcss_core.users.account_control import ControlReason
from dcss_core.users.staff.member import StaffRole

pytestmark = pytest.mark.on_every_storage

AUDITOR = Actor.system("audit")
ELSEWHERE = "an id of nothing"


@pytest.fixture
def token(agency, janes_account, jane, sign_in):
    return sign_in(agency, jane)


@pytest.fixture
def lists(agency, opened_case, token, clerk, desk, staff):
    """Every verb that gives a list, as somebody who may see it calls it, and an `after` of no entry of it."""
    approver = staff(StaffRole.RESET_APPROVER)
    return {
        "sessions.own": (lambda **page: agency.sessions.own(token, **page), ELSEWHERE),
        "oversight.locked": (lambda **page: agency.oversight.locked(by=desk, **page), ELSEWHERE),
        "staff_resets.pending": (lambda **page: agency.staff_resets.pending(by=approver, **page), ELSEWHERE),
        "payments.held": (lambda **page: agency.payments.held(by=clerk, **page), ELSEWHERE),
        "payments.employment_ends": (
            lambda **page: agency.payments.employment_ends(by=clerk, **page),
            ELSEWHERE,
        ),
        "payments.history": (
            lambda **page: agency.payments.history(opened_case, by=clerk, **page),
            ELSEWHERE,
        ),
        "cases.own": (lambda **page: agency.cases.own(token, **page), CaseNumber("0004567899")),
        "audit.about": (
            lambda **page: agency.audit.about(f"case:{opened_case}", by=AUDITOR, **page),
            f"{'0' * 48}-1",
        ),
    }


LISTS = (
    "sessions.own",
    "oversight.locked",
    "staff_resets.pending",
    "payments.held",
    "payments.employment_ends",
    "payments.history",
    "cases.own",
    "audit.about",
)


@pytest.mark.parametrize("limit", [0, -1, 10_000_000])
@pytest.mark.parametrize("name", LISTS)
def test_a_page_of_nothing_or_of_ten_million_is_refused(lists, name, limit):
    call, _ = lists[name]
    with pytest.raises(InvalidInputError, match=f"limit: found {limit}, expected 1 to 1000"):
        call(limit=limit)


@pytest.mark.parametrize("page", [0, -1, 10_000_000])
def test_the_whole_log_is_not_read_in_pages_of_nothing_or_of_ten_million_either(agency, page):
    with pytest.raises(InvalidInputError, match=f"page: found {page}, expected 1 to 1000"):
        agency.audit.entries(by=AUDITOR, page=page)


@pytest.mark.parametrize("name", [name for name in LISTS if name != "audit.about"])
def test_a_list_does_not_go_on_from_what_is_no_entry_of_it(lists, name):
    call, elsewhere = lists[name]
    with pytest.raises(InvalidInputError, match="after: found an id of another list") as refused:
        call(after=elsewhere)
    assert str(elsewhere) not in str(refused.value)


def test_no_list_is_passed_over(lists):
    assert set(lists) == set(LISTS)


def followed(call, key, limit=2):
    """Every entry of a list, page by page."""
    entries, page = [], call(limit=limit)
    while page:
        assert len(page) <= limit
        entries += page
        page = call(limit=limit, after=key(entries[-1]))
    return tuple(entries)


def test_sessions_follow_page_by_page(agency, janes_account, jane, sign_in, clock):
    for _ in range(5):
        clock.move(minutes=1)
        token = sign_in(agency, jane)
    whole = agency.sessions.own(token)
    assert len(whole) == 5
    assert followed(lambda **page: agency.sessions.own(token, **page), lambda each: each.session_id) == whole


def test_accounts_that_are_locked_follow_page_by_page(agency, janes_account, desk, staff, attempt):
    for number in range(3):
        staff(StaffRole.HELP_DESK, user_id=f"locked-{number}")
        for _ in range(3):
            attempt(agency, f"locked-{number}", Secret("wrong"))
    whole = agency.oversight.locked(by=desk)
    assert len(whole) == 3
    assert (
        followed(lambda **page: agency.oversight.locked(by=desk, **page), lambda each: each.account_id)
        == whole
    )


def test_resets_that_wait_follow_page_by_page(agency, janes_account, desk, staff):
    owners = [staff(StaffRole.RECORDS_OFFICER) for _ in range(3)]
    approver = staff(StaffRole.RESET_APPROVER)
    for owner in owners:
        agency.staff_resets.request(owner.actor_id, by=desk, reason=ControlReason.OWNER_ASKED)
    whole = agency.staff_resets.pending(by=approver)
    assert len(whole) == 3
    assert (
        followed(
            lambda **page: agency.staff_resets.pending(by=approver, **page), lambda each: each.request_id
        )
        == whole
    )


def test_the_entries_about_a_record_follow_page_by_page_with_their_numbers(agency, opened_case, clerk):
    for _ in range(4):
        agency.cases.find(opened_case, by=clerk)
    about = f"case:{opened_case}"
    whole = agency.audit.about(about, by=AUDITOR)
    assert len(whole) == 5
    assert all(earlier < later for (earlier, _), (later, _) in pairwise(whole))
    assert (
        followed(lambda **page: agency.audit.about(about, by=AUDITOR, **page), lambda pair: pair[1].entry_id)
        == whole
    )
