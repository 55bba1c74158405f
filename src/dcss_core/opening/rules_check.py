"""The check of the rules at opening: every policy is read, as of today and as of each later change.

Decides which policies are read and which of them a jurisdiction may lack. Invariants: rules that can't serve
open no agency, with every fault of every rule file in one error, however far ahead its day lies; a list of
holidays that ends, an order that is not stated for some cases, and a place that is not known hold nothing up,
because payments are posted without them.
"""

from collections.abc import Iterator
from datetime import date, datetime
from typing import Final

from dcss_core.agency.callers.verbs import permissions_of_every_verb
from dcss_core.agency.work.local_time import time_zone
from dcss_core.audit.checkpoint_interval import CheckpointInterval
from dcss_core.audit.merge_delay import longest_merge_delay
from dcss_core.audit.retention import years_to_keep
from dcss_core.cases.case import Assistance
from dcss_core.cases.people.contacts.policy import ContactPolicy
from dcss_core.errors import ConfigurationError, Fault, RulesError
from dcss_core.letters.letterhead import letterhead
from dcss_core.payments.collection.family_limit import family_limit
from dcss_core.payments.collection.payment_unit import PaymentUnit, locator_of_payment_unit, state_number
from dcss_core.payments.distribution.policy import DistributionPolicy
from dcss_core.payments.posting.identification import identified_by_two_from
from dcss_core.rules.calendar import business_calendar
from dcss_core.rules.in_force import RulesInForce
from dcss_core.rules.jurisdiction import Jurisdiction
from dcss_core.rules.retention_schedule import RetentionSchedule
from dcss_core.rules.segments import PolicyReader, faults_from, first_days
from dcss_core.users.passwords.breach_checking import BreachChecking
from dcss_core.users.policies import AccountPolicies

_BREACH_CHECK: Final = "accounts.password_breach_check"


def _order_for(assistance: Assistance) -> PolicyReader:
    def read(rules: RulesInForce) -> object:
        return DistributionPolicy.from_rules(rules, assistance)

    return PolicyReader(read, needed=False)


READERS: Final = (
    PolicyReader(time_zone),
    PolicyReader(letterhead),
    PolicyReader(lambda rules: rules.text("agency.contact_telephone")),
    *map(PolicyReader, AccountPolicies.readers()),
    PolicyReader(lambda rules: rules.choice("accounts.password_hash")),
    PolicyReader(permissions_of_every_verb),
    PolicyReader(identified_by_two_from),
    PolicyReader(ContactPolicy.from_rules),
    PolicyReader(years_to_keep),
    PolicyReader(longest_merge_delay),
    PolicyReader(RetentionSchedule.from_rules),
    PolicyReader(CheckpointInterval.from_rules),
    PolicyReader(family_limit),
    *map(_order_for, Assistance),
    PolicyReader(state_number, needed=False),
    PolicyReader(locator_of_payment_unit, needed=False),
    PolicyReader(PaymentUnit.from_rules, needed=False),
)


def check_rules(law: Jurisdiction, now: datetime) -> None:
    """Read every policy of the day at the agency and of each later change; raises RulesError."""
    faults = [*faults_from(law, _day_of(law, now), READERS), *_faults_of_calendar(law)]
    if faults:
        raise RulesError(
            f"the rules of {law.key} can't serve, and nothing was opened; mend the rule files",
            faults=sorted(faults, key=lambda fault: fault.where),  # by file, rule and day
        )


def check_breach_check(law: Jurisdiction, now: datetime) -> None:
    """Refuse rules that some day take no password without a list of breached ones; none is named here."""
    for day in first_days(law, _day_of(law, now)):
        rules = law.on(day)
        if rules.choice(_BREACH_CHECK) == BreachChecking.FAIL_CLOSED.value:
            raise ConfigurationError(
                f"from {rules.cited(_BREACH_CHECK).in_force.start} on these rules take no password without "
                "asking a list of breached ones; name one as breach_check, as in "
                "open_agency(…, breach_check='hibp:')"
            )


def _day_of(law: Jurisdiction, now: datetime) -> date:
    # Without a time zone it is the day in UTC: what is wrong with the zone is told with the other faults.
    day = now.date()
    try:
        return now.astimezone(time_zone(law.on(day))).date()
    except RulesError:
        return day


def _faults_of_calendar(law: Jurisdiction) -> Iterator[Fault]:
    try:
        business_calendar(law)
    except RulesError as error:
        yield from error.faults
