"""A year of an agency: what is left of it is what the page on retention says.

Expected figures are counted from what the test did and from the page: sessions and codes go 30 days after
they expired, delivered letters 90 days after they were due, answers when the account is closed; an account
nobody uses is disabled after 120 days. Nothing of it is asked of the rules.
"""

from collections import Counter
from datetime import timedelta

import pytest

from dcss_core import Actor
from dcss_core.agency.filing.accounts import ACCOUNTS, OUTSTANDING_CODES, SECURITY_ANSWERS, SESSIONS
from dcss_core.agency.filing.letters import OUTBOX
from dcss_core.testing import case_application, registration_form, synthetic_parent
from dcss_core.users import ClosedByOwner, Registered, SignedIn, SignInRefused, UserIdTaken
from dcss_core.users.account import AccountState

DAYS = 365
RETENTION, IDLENESS, DISPATCH = map(Actor.system, ("retention", "idleness", "dispatch"))
HABITS = {  # the days on which somebody signs in, by the last digit of their number
    **{digit: range(0, DAYS, 30) for digit in (1, 2, 5, 6, 7, 8, 9)},
    0: (0,),  # registers, looks once, and never comes again
    3: range(0, 180, 30),  # and then closes the account
    4: range(0, DAYS, 91),
}
CLOSES_ON = 180
ASKS_ON = {4: 300, 14: 350}  # for a code: one that is gone in the end, and one that is not


class Year:
    """An agency with so many accounts, and what was done in it."""

    def __init__(self, agency, clock, mail, accounts):
        self.agency, self.clock, self.mail = agency, clock, mail
        self.began = clock.now()
        self.parents = [synthetic_parent(number + 1) for number in range(accounts)]
        self.expiring = []  # when each session expires
        self.delivered = []  # by the end of each day
        for first in range(0, accounts, 2):
            agency.cases.open(
                case_application(
                    f"{first + 1:010}", payer=self.parents[first], payee=self.parents[first + 1]
                ),
                by=Actor.system("intake"),
            )
        for parent in self.parents:
            assert isinstance(agency.accounts.register(registration_form(agency, parent)), Registered)

    def live(self):
        for day in range(DAYS):
            self.clock.instant = self.began + timedelta(days=day)
            for number, parent in enumerate(self.parents):
                if day in HABITS[number % 10]:
                    self.sign_in(parent)
                if number % 10 == 3 and day == CLOSES_ON:
                    self.close(parent)
                if day == ASKS_ON.get(number % 20):
                    self.agency.recovery.request_code(parent.user_id)
            self.agency.oversight.disable_idle(by=IDLENESS)
            while self.agency.outbox.dispatch(by=DISPATCH).delivered:
                pass
            self.agency.retention.apply(by=RETENTION)
            self.delivered.append(len(self.mail.delivered))
        self.clock.instant += timedelta(hours=12)
        while not self.agency.retention.apply(by=RETENTION).is_complete:
            pass

    def sign_in(self, parent):
        banner = self.agency.accounts.banner().version
        signed_in = self.agency.accounts.sign_in(parent.user_id, parent.password, banner=banner)
        assert isinstance(signed_in, SignedIn), signed_in
        self.expiring.append(signed_in.session.expires_at)
        return signed_in.token

    def close(self, parent):
        assert self.agency.accounts.close(self.sign_in(parent), parent.password) == ClosedByOwner()

    def count(self, records):
        index = (records.key_attribute,)
        return self.agency.audit._resources.read(lambda work: work.count(records, index))

    def states(self):
        found = self.agency.audit._resources.read(lambda work: work.find(ACCOUNTS, ("account_id",)))
        return Counter(kept.record.state for kept in found)


@pytest.mark.usefixtures("believed_clock")
@pytest.mark.parametrize("accounts", [20, pytest.param(10_000, marks=pytest.mark.campaign)])
def test_what_is_left_after_a_year_is_what_the_page_says(opener, clock, mail, accounts):
    year = Year(opener("memory:"), clock, mail, accounts)
    year.live()
    now, tenth = clock.now(), accounts // 10
    assert year.count(SESSIONS) == sum(each > now - timedelta(days=30) for each in year.expiring)
    gone_by = year.delivered[DAYS - 1 - 90]  # what was sent by the evening 90 days ago
    assert year.count(OUTBOX) == year.delivered[-1] - gone_by
    assert year.count(OUTSTANDING_CODES) == sum(number % 20 == 14 for number in range(accounts))
    assert year.states() == {
        AccountState.ACTIVE: 8 * tenth,
        AccountState.DISABLED: tenth,
        AccountState.CLOSED: tenth,
    }
    assert year.count(SECURITY_ANSWERS) == 9 * tenth
    warned = [each for each in mail.delivered if each.subject == "Sign in to keep your online account"]
    assert len(warned) == tenth
    idle, gone = year.parents[0], year.parents[3]
    banner = year.agency.accounts.banner().version
    assert year.agency.accounts.sign_in(idle.user_id, idle.password, banner=banner) == SignInRefused()
    again = registration_form(year.agency, gone)
    assert year.agency.accounts.register(again) == UserIdTaken()
