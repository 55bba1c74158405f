from datetime import timedelta

import pytest

from dcss_core.errors import RulesError
from dcss_core.users.lockout import LockoutPolicy


def test_the_hard_limit_can_not_be_above_one_hundred():
    minute = timedelta(minutes=1)
    assert LockoutPolicy(100, minute, minute, 100)
    with pytest.raises(RulesError, match="100 or fewer"):
        LockoutPolicy(3, minute, minute, 101)


def test_every_fault_of_a_policy_is_told_at_once():
    with pytest.raises(RulesError) as refused:
        LockoutPolicy(failure_limit=0, window=timedelta(0), lock_for=timedelta(0), hard_limit=101)
    assert len(refused.value.faults) == 4
