from datetime import date

import pytest

from dcss_core.errors import RulesError
from dcss_core.rules.federal import baseline
from dcss_core.users.registration.policy import RegistrationNumber, RegistrationPolicy

DAY = date(2026, 1, 1)


def policy_under(numbers):
    changes = {"accounts.registration_identified_by": numbers}
    amended = baseline().amended(changes, effective=DAY, citation="a test", key="US-XX")
    return RegistrationPolicy.from_rules(amended.on(DAY))


def test_an_ssn_or_an_itin_is_asked_for_unless_a_state_says_otherwise():
    policy = RegistrationPolicy.from_rules(baseline().on(DAY))
    assert policy.identified_by == (RegistrationNumber.SSN, RegistrationNumber.ITIN)
    assert policy_under(["ssn", "none"]).identified_by == (RegistrationNumber.SSN, RegistrationNumber.NONE)


@pytest.mark.parametrize(
    ("numbers", "found"), [(["ssn", "ein"], "'ein'"), (["itin"], "itin"), ([], "none of them")]
)
def test_rules_that_name_another_number_or_no_ssn_are_refused(numbers, found):
    with pytest.raises(RulesError) as caught:
        policy_under(numbers)
    assert [fault.found for fault in caught.value.faults] == [found]
