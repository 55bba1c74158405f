"""What is owed after attempts that strangers made: who pays which debt."""

from collections.abc import Mapping

from dcss_core.agency.accounts.letters import tell_closing, tell_lock, tell_not_given
from dcss_core.agency.recovery.issued_codes import issue_code
from dcss_core.agency.recovery.user_id_reminders import send_user_id
from dcss_core.agency.sending.owing import Pay
from dcss_core.agency.work.resources import Resources
from dcss_core.letters.outgoing.owed_letter import OwedFor


def payers(resources: Resources) -> Mapping[OwedFor, Pay]:
    """What writes each sort of letter that is owed."""
    policies = resources.account_policies
    return {
        OwedFor.SIGN_IN_LOCKED: tell_lock,
        OwedFor.SECOND_FACTOR_NOT_GIVEN: tell_not_given,
        OwedFor.RECOVERY_CLOSED: tell_closing,
        OwedFor.CODE_REQUESTED: lambda work, owed: issue_code(work, owed, policies().recovery),
        OwedFor.USER_ID_REQUESTED: lambda work, owed: send_user_id(work, owed, policies().recovery),
    }
