"""`oversight.disable_idle`: an account that nobody uses is disabled, and its owner is written to before.

IRS Pub. 1075 (Rev. 11-2021), AC-2(3): after 120 days, of privileged users after 60. The letter comes 14 days
before, which is this library's choice.
"""

from datetime import timedelta

import pytest

from dcss_core import Actor
from dcss_core.agency.filing.accounts import ACCOUNTS
from dcss_core.errors import ConflictError, NotPermittedError, RulesError
from dcss_core.users import IdleReport, SignedIn, SignInRefused
from dcss_core.users.account import AccountState
from dcss_core.users.account_control import ControlReason
from dcss_core.users.staff.member import StaffRole

JOB = Actor.system("idleness")
WARNED, DISABLED, NOTHING = IdleReport(1, 0), IdleReport(0, 1), IdleReport()
MICROSECOND = timedelta(microseconds=1)
WARNING = "Sign in to keep your online account"

pytestmark = pytest.mark.usefixtures("believed_clock")


def sent(agency, mail, subject=WARNING):
    agency.outbox.dispatch(by=Actor.system("dispatch"))
    return mail.bodies(subject)


@pytest.mark.on_every_storage
def test_p17_an_account_is_warned_of_after_106_days_and_disabled_after_120(
    agency, janes_account, jane, mail, clock, attempt
):
    """Registered on 7 January 2026 at 15:00 in UTC, so that the 120 days end on 7 May."""
    clock.instant += timedelta(days=106) - MICROSECOND
    assert agency.oversight.disable_idle(by=JOB) == NOTHING
    clock.instant += MICROSECOND
    assert agency.oversight.disable_idle(by=JOB) == WARNED
    assert agency.oversight.disable_idle(by=JOB) == NOTHING
    [body] = sent(agency, mail)
    assert "sign in before 2026-05-07 11:00 EDT" in body  # summer time in Atlanta
    clock.instant += timedelta(days=14) - MICROSECOND
    assert agency.oversight.disable_idle(by=JOB) == NOTHING
    clock.instant += MICROSECOND
    assert agency.oversight.disable_idle(by=JOB) == DISABLED
    assert attempt(agency, jane.user_id, jane.password) == SignInRefused()
    assert agency.oversight.disable_idle(by=JOB) == NOTHING
    assert len(sent(agency, mail, "Your online account")) == 2  # that it was set up, and this


def test_p17_whoever_signs_in_begins_anew(agency, janes_account, jane, sign_in, clock):
    clock.move(days=110)
    assert agency.oversight.disable_idle(by=JOB) == WARNED
    sign_in(agency, jane)
    clock.move(days=105)
    assert agency.oversight.disable_idle(by=JOB) == NOTHING
    clock.move(days=1)
    assert agency.oversight.disable_idle(by=JOB) == WARNED


def test_p17_a_session_of_an_account_that_was_disabled_ends(agency, janes_account, jane, opener, clock):
    clock.move(days=106)
    agency.oversight.disable_idle(by=JOB)
    clock.move(days=14)
    agency.oversight.disable_idle(by=JOB)
    entries = [each for _, each in agency.audit.entries(by=Actor.system("audit"))]
    [disabled] = [each for each in entries if each.kind == "user_idle_disabled"]
    assert disabled.subject == f"account:{janes_account}"


def test_p17_privileged_staff_have_sixty_days_and_others_as_long_as_parents(agency, staff, clock):
    first, worker = staff.first, staff(StaffRole.CASE_WORKER)  # and the colleague, who said the first word
    clock.move(days=60 - 14)
    assert agency.oversight.disable_idle(by=JOB) == IdleReport(warned=2)
    clock.move(days=14)
    assert agency.oversight.disable_idle(by=JOB) == IdleReport(disabled=2)
    states = agency.audit._resources.read(
        lambda work: {
            kept.record.account_id: kept.record.state for kept in work.find(ACCOUNTS, ("account_id",))
        }
    )
    assert states == {
        first.actor_id: AccountState.DISABLED,
        staff.colleague.actor_id: AccountState.DISABLED,
        worker.actor_id: AccountState.ACTIVE,
    }


def test_p17_a_job_that_comes_late_gives_the_days_of_the_letter_all_the_same(
    agency, janes_account, jane, mail, clock
):
    clock.move(days=200)
    assert agency.oversight.disable_idle(by=JOB) == WARNED
    [body] = sent(agency, mail)
    assert "sign in before 2026-08-09 11:00 EDT" in body  # 26 July, and 14 days
    clock.instant += timedelta(days=14) - MICROSECOND
    assert agency.oversight.disable_idle(by=JOB) == NOTHING
    clock.instant += MICROSECOND
    assert agency.oversight.disable_idle(by=JOB) == DISABLED


def test_p17_where_nobody_can_be_written_to_the_days_alone_count(
    opener, case_application, intake, jane, register, clock
):
    agency = opener("memory:", channels=())
    agency.cases.open(case_application, by=intake)
    register(agency, jane)
    clock.move(days=106)
    assert agency.oversight.disable_idle(by=JOB) == NOTHING  # it is noted, and nobody is written to
    clock.instant += timedelta(days=14) - MICROSECOND
    assert agency.oversight.disable_idle(by=JOB) == NOTHING
    clock.instant += MICROSECOND
    assert agency.oversight.disable_idle(by=JOB) == DISABLED


def test_a_clock_that_jumps_for_a_day_disables_nobody(
    opener, case_application, intake, jane, register, clock, attempt
):
    agency = opener("memory:", channels=())
    agency.cases.open(case_application, by=intake)
    register(agency, jane)
    clock.move(days=3_650)
    agency.oversight.disable_idle(by=JOB)
    clock.move(days=1)
    assert agency.oversight.disable_idle(by=JOB) == NOTHING
    clock.move(days=-3_650)
    assert isinstance(attempt(agency, jane.user_id, jane.password), SignedIn)


def test_who_signed_in_while_a_clock_was_ahead_is_counted_from_the_right_time_on(
    agency, janes_account, jane, sign_in, clock
):
    clock.move(days=3_650)
    sign_in(agency, jane)
    clock.move(days=-3_650)
    agency.oversight.disable_idle(by=JOB)
    clock.move(days=106)
    assert agency.oversight.disable_idle(by=JOB) == WARNED


def test_an_account_that_staff_enable_has_all_its_days_again(
    agency, janes_account, jane, administrator, attempt, clock
):
    for days in (50, 56, 14):
        clock.move(days=days)
        agency.staff.roles(administrator.actor_id, by=administrator)  # who uses theirs
        agency.oversight.disable_idle(by=JOB)
    agency.oversight.enable(janes_account, by=administrator, reason=ControlReason.IDENTITY_CONFIRMED)
    assert isinstance(attempt(agency, jane.user_id, jane.password), SignedIn)


def test_p17_staff_whom_the_host_vouches_for_use_their_account_without_signing_in(agency, staff, clock):
    administrator, worker = staff.first, staff(StaffRole.HELP_DESK)
    for _ in range(5):
        clock.move(days=40)
        agency.oversight.locked(by=worker)
        agency.oversight.disable_idle(by=JOB)
    assert agency.oversight.locked(by=worker) == ()
    with pytest.raises(NotPermittedError):
        agency.oversight.locked(by=administrator)


def test_an_account_that_staff_disabled_is_left_as_it_is(agency, janes_account, administrator, clock):
    agency.oversight.disable(janes_account, by=administrator, reason=ControlReason.SUSPECTED_MISUSE)
    clock.move(days=30)
    agency.oversight.disable_idle(by=JOB)
    with pytest.raises(ConflictError):
        agency.oversight.disable(janes_account, by=administrator, reason=ControlReason.SUSPECTED_MISUSE)


def test_only_the_job_may(agency, desk, administrator):
    for somebody in (desk, administrator, Actor.system("retention")):
        with pytest.raises(NotPermittedError):
            agency.oversight.disable_idle(by=somebody)


@pytest.mark.parametrize(
    ("figures", "wrong"),
    [
        ((0, 60, 14), {"idle_days"}),
        ((120, 0, 14), {"idle_days_privileged"}),
        ((-1, 99_999, 14), {"idle_days", "idle_days_privileged"}),
        ((120, 60, 60), {"idle_warning_days"}),
        ((120, 60, 0), {"idle_warning_days"}),
    ],
)
def test_figures_that_can_not_be_open_no_agency_and_are_all_told(opener, reform, figures, wrong):
    names = ("idle_days", "idle_days_privileged", "idle_warning_days")
    rules = {f"accounts.{name}": figure for name, figure in zip(names, figures, strict=True)}
    with pytest.raises(RulesError) as refused:
        opener("memory:", jurisdiction="US-GA-REFORM", plugins=reform(rules))
    said = str(refused.value)
    assert {name for name in names if f"accounts.{name}, " in said} == wrong


def test_where_nobody_is_disabled_for_it_nobody_is(
    opener, reform, case_application, intake, jane, register, clock
):
    rules = {"accounts.idle_days": 0, "accounts.idle_days_privileged": 0}
    agency = opener("memory:", jurisdiction="US-GA-REFORM", plugins=reform(rules))
    agency.cases.open(case_application, by=intake)
    register(agency, jane)
    clock.move(days=4_000)
    assert agency.oversight.disable_idle(by=JOB) == NOTHING
