"""Letters to the owner of an account on what somebody else may be trying."""

from dcss_core import Actor, Secret
from dcss_core.users import SignInRefused

LOCKED = "Sign-in was locked"


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
