"""`credentials.remind`: whoever has to change a password soon is written to in time.

OWASP ASVS 5.0.0, 6.4.5. IRS Pub. 1075, IA-5(1) h5: 90 days. The letter comes 14 days before, so from the
76th day on.
"""

from datetime import date, timedelta

import pytest

from dcss_core import Actor, Secret
from dcss_core.agency.accounts import reminders
from dcss_core.base.dates import DateRange
from dcss_core.errors import NotPermittedError, RulesError
from dcss_core.plugins import JurisdictionRules, RuleBook, hookimpl
from dcss_core.rules.book import Confidence, WrittenValue
from dcss_core.users.account_control import ControlReason
from dcss_core.users.recovery.security_questions import AnswersDue
from dcss_core.users.staff.member import StaffRole

JOB = Actor.system("reminders")
SUBJECT = "Your password has to be changed soon"
MICROSECOND = timedelta(microseconds=1)


@pytest.fixture
def expiring(opener, storage_url, reform, case_application, intake, jane, register):
    """An agency whose passwords expire; Jane has an account."""
    departs = [
        "NIST SP 800-63B-4 §3.1.1.2(6) (made up for a test)",
        "OWASP ASVS 5.0.0, 6.2.10 (made up for a test)",
    ]
    rules = {"accounts.password_max_age_days": 90, "accounts.password_departs_from": departs}
    agency = opener(storage_url, jurisdiction="US-GA-REFORM", plugins=reform(rules))
    agency.cases.open(case_application, by=intake)
    register(agency, jane)
    return agency


@pytest.mark.on_every_storage
def test_the_owner_is_written_to_once_in_time_with_the_day(expiring, jane, mail, clock):
    """Set on 7 January 2026, so that it lasts until 7 April."""
    clock.instant += timedelta(days=76) - MICROSECOND
    assert expiring.credentials.remind(by=JOB) == 0
    clock.instant += MICROSECOND
    assert expiring.credentials.remind(by=JOB) == 1
    clock.move(days=1)
    assert expiring.credentials.remind(by=JOB) == 0
    expiring.outbox.dispatch(by=Actor.system("dispatch"))
    [body] = mail.bodies(SUBJECT)
    assert "until 2026-04-07 11:00 EDT" in body  # 15:00 in UTC, summer time in Atlanta
    assert mail.delivered[-1].address == jane.email


def test_a_new_password_is_a_new_time_and_a_new_letter(expiring, jane, sign_in, clock):
    clock.move(days=80)
    assert expiring.credentials.remind(by=JOB) == 1
    token = sign_in(expiring, jane)
    new = Secret("eleven copper kettles on a raft")
    expiring.credentials.change_password(token, current=jane.password, new=new)
    assert expiring.credentials.remind(by=JOB) == 0
    clock.move(days=80)
    assert expiring.credentials.remind(by=JOB) == 1


@pytest.mark.parametrize("days", [75, 90, 120])
def test_nobody_is_reminded_too_early_or_of_what_is_over(expiring, clock, days):
    clock.move(days=days)
    assert expiring.credentials.remind(by=JOB) == 0


def test_nobody_is_reminded_of_an_account_that_is_not_in_use(expiring, john, register, clock):
    account_id = register(expiring, john)
    made = expiring.staff.appoint(
        "worker-1",
        email=Secret("worker-1@dcss.example.gov"),
        roles=[StaffRole.ACCOUNT_ADMINISTRATOR],
        by=Actor.system("set-up"),
    )
    administrator = Actor.staff(made.account_id)
    expiring.oversight.disable(account_id, by=administrator, reason=ControlReason.OWNER_ASKED)
    clock.move(days=80)
    assert expiring.credentials.remind(by=JOB) == 1  # Jane; the administrator's password was assigned


def test_where_no_password_expires_nobody_is_written_to(agency, janes_account, clock):
    clock.move(days=4_000)
    assert agency.credentials.remind(by=JOB) == 0


def test_the_job_goes_through_everybody_in_pages(expiring, john, register, monkeypatch, clock):
    register(expiring, john)
    monkeypatch.setattr(reminders, "_PAGE", 1)
    clock.move(days=80)
    assert expiring.credentials.remind(by=JOB) == 2
    assert expiring.credentials.remind(by=JOB) == 0


def test_nobody_but_the_job_reminds(expiring):
    with pytest.raises(NotPermittedError):
        expiring.credentials.remind(by=Actor.system("dispatch"))


def test_a_reminder_as_early_as_the_password_is_refused_when_the_agency_opens(opener, reform):
    rules = {
        "accounts.password_max_age_days": 10,
        "accounts.password_departs_from": [
            "NIST SP 800-63B-4 §3.1.1.2(6) (made up for a test)",
            "OWASP ASVS 5.0.0, 6.2.10 (made up for a test)",
        ],
    }
    with pytest.raises(RulesError, match="password_reminder_days"):
        opener("memory:", jurisdiction="US-GA-REFORM", plugins=reform(rules))


# --- security questions ------------------------------------------------------------------------------------

DUE = "Choose your security questions anew"
WITHDRAWN_ON = date(2026, 3, 1)


class Withdrawing:
    """An in-process plugin: Georgia's rules, of which others hold from a day on."""

    def __init__(self, changes):
        self.changes = changes

    @hookimpl
    def dcss_jurisdictions(self):
        days = DateRange(WITHDRAWN_ON)
        values = tuple(
            WrittenValue(key, value, days, "made up for a test", Confidence.CERTAIN)
            for key, value in self.changes.items()
        )
        book = RuleBook("a test", values=values)
        return [JurisdictionRules("US-GA-LATER", "Georgia, later", lambda: book, extends="US-GA")]


@pytest.fixture
def changing(opener, storage_url, outside, agency, case_application, intake, jane, register):
    """An agency whose questions change on 1 March; Jane has chosen the first three."""

    def of(changes):
        later = opener(storage_url, jurisdiction="US-GA-LATER", plugins=[outside, Withdrawing(changes)])
        later.cases.open(case_application, by=intake)
        register(later, jane)
        return later

    return of


def without_the_first(agency):
    """Georgia's questions but for the first, as the rule writes them."""
    kept = agency.accounts.policies().questions.catalogue[1:]
    gone = agency.accounts.policies().questions.catalogue[0].question_id
    table = agency.jurisdiction.on(date(2026, 1, 7)).table("accounts.security_question_common_answers")
    return {
        "accounts.security_questions": [{"id": each.question_id, "question": each.text} for each in kept],
        "accounts.security_question_common_answers": [
            dict(row) for row in table if row["question_id"] != gone
        ],
    }


def test_a_withdrawn_question_is_told_once_to_whoever_chose_it(agency, changing, jane, sign_in, mail, clock):
    later = changing(without_the_first(agency))
    assert later.credentials.remind(by=JOB) == 0
    clock.move(days=60)
    assert later.credentials.remind(by=JOB) == 1
    assert later.credentials.remind(by=JOB) == 0
    later.outbox.dispatch(by=Actor.system("dispatch"))
    [body] = mail.bodies(DUE)
    assert "still reset a forgotten password" in body
    assert later.credentials.answers_due(sign_in(later, jane)) is AnswersDue.QUESTION_WITHDRAWN
    clock.move(days=180)  # its grace is over, and whoever has waited so long is told again that it is
    assert later.credentials.answers_due(sign_in(later, jane)) is AnswersDue.NO_LONGER_ASKED


def test_another_number_of_questions_is_told_to_whoever_chose_fewer(agency, changing, mail, clock):
    later = changing({"accounts.security_question_count": 4})
    clock.move(days=60)
    assert later.credentials.remind(by=JOB) == 1
    later.outbox.dispatch(by=Actor.system("dispatch"))
    assert "do not reset a forgotten password any more" in mail.bodies(DUE)[0]


def test_whoever_chooses_anew_is_not_written_to(agency, changing, jane, sign_in, clock):
    later = changing(without_the_first(agency))
    clock.move(days=60)
    chosen = jane.answers(later.accounts.policies().questions.catalogue[:3])
    token = sign_in(later, jane)
    later.credentials.change_answers(token, password=jane.password, answers=chosen)
    assert later.credentials.remind(by=JOB) == 0
