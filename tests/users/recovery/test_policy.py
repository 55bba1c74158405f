from datetime import date, timedelta

import attrs
import pytest

from dcss_core.errors import RulesError
from dcss_core.rules.federal import baseline
from dcss_core.users.recovery.policy import RecoveryMethod, RecoveryPolicy, recovery_methods

CODE, QUESTIONS = RecoveryMethod.ISSUED_CODE, RecoveryMethod.SECURITY_QUESTIONS


def test_questions_without_accepting_the_risk_in_writing_are_refused(recovery):
    for missing in ({"risk_acceptance": ""}, {"departs_from": ()}):
        with pytest.raises(RulesError, match="risk acceptance"):
            attrs.evolve(recovery, **missing)
    assert attrs.evolve(recovery, methods=(CODE,), risk_acceptance="", departs_from=()).offers(CODE)


def test_at_least_one_method_is_offered(recovery):
    """NIST SP 800-63B-4 §4.2.1: a CSP shall support at least one."""
    with pytest.raises(RulesError, match="at least one"):
        attrs.evolve(recovery, methods=())


@pytest.mark.parametrize(("minutes", "is_refused"), [(0, True), (24 * 60, False), (24 * 60 + 1, True)])
def test_a_code_lives_at_most_the_24_hours_of_the_standard(recovery, minutes, is_refused):
    """NIST SP 800-63B-4 §4.2.1.2, by e-mail."""
    if not is_refused:
        attrs.evolve(recovery, code_for=timedelta(minutes=minutes))
        return
    with pytest.raises(RulesError, match="at most 24 hours"):
        attrs.evolve(recovery, code_for=timedelta(minutes=minutes))


@pytest.mark.parametrize("minutes", [0, 11])
def test_a_code_by_text_message_lives_at_most_the_10_minutes_of_the_standard(recovery, minutes):
    """NIST SP 800-63B-4 §4.2.1.2, by text message."""
    attrs.evolve(recovery, text_code_for=timedelta(minutes=10))
    with pytest.raises(RulesError, match="at most 10 minutes"):
        attrs.evolve(recovery, text_code_for=timedelta(minutes=minutes))


def test_every_figure_that_can_not_be_is_named_at_once():
    nothing = timedelta(0)
    with pytest.raises(RulesError) as refused:
        RecoveryPolicy((QUESTIONS,), 101, nothing, nothing, nothing, nothing, 0, 0, nothing, nothing)
    assert len(refused.value.faults) == 10


def test_a_method_that_there_is_not_is_refused():
    changes = {"accounts.recovery_methods": ["issued_code", "carrier_pigeon"]}
    amended = baseline().amended(changes, effective=date(2026, 1, 1), citation="a test", key="US-XX")
    with pytest.raises(RulesError, match="carrier_pigeon"):
        recovery_methods(amended.on(date(2026, 1, 1)))
