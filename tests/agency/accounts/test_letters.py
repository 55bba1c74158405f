"""Letters to the owner of an account on what somebody else may be trying."""

from dcss_core import Actor, Secret
from dcss_core.users import SignInRefused

from .authenticator_app import App

LOCKED = "Sign-in was locked"
AFTER_FAILURES = "Somebody signed in after failed attempts"
NOT_GIVEN = "Your password was given without a code"


def lock(agency, parent):
    for _ in range(3):
        banner = agency.accounts.banner().version
        agency.accounts.sign_in(parent.user_id, Secret("not the password"), banner=banner)


def test_the_owner_is_told_of_a_lock_at_the_address_on_file(agency, janes_account, jane, mail):
    lock(agency, jane)
    agency.outbox.dispatch(by=Actor.system("dispatch"))
    [body] = mail.bodies(LOCKED)
    assert "several wrong passwords" in body.lower()
    assert "Roe" not in body
    assert mail.delivered[-1].address == jane.email


def test_the_owner_is_told_of_locks_once_a_day_by_the_agencys_calendar(
    agency, janes_account, jane, mail, clock
):
    """The clock begins at 10:00 in Atlanta, so that the day is over 14 hours later."""
    for hours, letters in ((0, 1), (13, 1), (1, 2), (23, 2), (1, 3)):
        clock.move(hours=hours)
        lock(agency, jane)
        agency.outbox.dispatch(by=Actor.system("dispatch"))
        assert len(mail.bodies(LOCKED)) == letters


def test_each_owner_is_told_of_their_own_lock(agency, janes_account, jane, john, register, mail):
    register(agency, john)
    for parent in (jane, john):
        lock(agency, parent)
    agency.outbox.dispatch(by=Actor.system("dispatch"))
    assert len(mail.bodies(LOCKED)) == 2


def test_enumeration_by_side_effect_a_letter_that_can_not_be_written_does_not_show_in_the_refusal(
    fragile, case_application, intake, jane, register
):
    agency, storage = fragile
    agency.cases.open(case_application, by=intake)
    register(agency, jane)
    storage.fail_on = ("insert", "outbox")
    lock(agency, jane)
    tried = agency.accounts.sign_in(jane.user_id, jane.password, banner=agency.accounts.banner().version)
    assert tried == SignInRefused()


def test_a_suspicious_sign_in_after_failures_is_told(agency, janes_account, jane, mail, clock):
    """OWASP ASVS 5.0.0, 6.3.5. Three failures lock for 15 minutes; then somebody gets in."""
    lock(agency, jane)
    clock.move(minutes=15)
    enter(agency, jane)
    agency.outbox.dispatch(by=Actor.system("dispatch"))
    assert len(mail.bodies(AFTER_FAILURES)) == 1


def test_a_sign_in_after_a_slip_or_two_is_told_to_nobody(agency, janes_account, jane, mail):
    for _ in range(2):
        enter(agency, jane, Secret("a slip"))
    enter(agency, jane)
    agency.outbox.dispatch(by=Actor.system("dispatch"))
    assert mail.bodies(AFTER_FAILURES) == []


def test_a_right_password_without_its_second_factor_is_told_when_its_time_is_over(
    agency, janes_account, jane, mail, clock, kinds
):
    """The second factor has 10 minutes (accounts.second_factor_minutes)."""
    token = enter(agency, jane).token
    begun = agency.second_factors.begin(token, jane.password)
    app = App(begun, clock)
    agency.second_factors.confirm(token, app.code())
    due = enter(agency, jane)
    clock.move(minutes=10, seconds=-1)
    agency.outbox.dispatch(by=Actor.system("dispatch"))
    assert mail.bodies(NOT_GIVEN) == []
    agency.accounts.sign_out(due.token)  # whoever leaves keeps the owner from hearing of nothing
    clock.move(seconds=1)
    agency.outbox.dispatch(by=Actor.system("dispatch"))
    assert len(mail.bodies(NOT_GIVEN)) == 1
    assert "authn_second_factor_not_given" in kinds(agency)
    given = enter(agency, jane)
    agency.second_factors.give(given.token, app.code())
    clock.move(days=1)
    agency.outbox.dispatch(by=Actor.system("dispatch"))
    assert len(mail.bodies(NOT_GIVEN)) == 1


def enter(agency, parent, password=None):
    banner = agency.accounts.banner().version
    return agency.accounts.sign_in(parent.user_id, password or parent.password, banner=banner)
