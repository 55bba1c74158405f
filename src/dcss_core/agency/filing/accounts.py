"""Filing of accounts: in which collection each identity record is kept, and how it is found."""

from typing import Final

from dcss_core.agency.work.records import keep
from dcss_core.users.account import Account
from dcss_core.users.approvals.approval import Approval
from dcss_core.users.recovery.issued_code import OutstandingCode
from dcss_core.users.recovery.letter_count import RecoveryLetters
from dcss_core.users.recovery.security_questions import SecurityAnswers
from dcss_core.users.recovery.staff_reset import StaffReset
from dcss_core.users.recovery.throttle import ParticularsThrottle
from dcss_core.users.second_factor.factor import SecondFactor
from dcss_core.users.sign_in.banner import BannerAcceptance
from dcss_core.users.sign_in.session import Session
from dcss_core.users.sign_in.throttle import Throttle
from dcss_core.users.staff.member import StaffMember

ACCOUNTS: Final = keep(
    Account,
    "accounts",
    key="account_id",
    unique=(("user_key",), ("person_id",)),
    indexes=(("locked_until",), ("password_set_at",), ("state", "idle_since"), ("state", "closed_at")),
)
APPROVALS: Final = keep(
    Approval,
    "approvals",
    key="approval_id",
    unique=(("waits_as",),),
    indexes=(("state", "asked_at"),),
)
BANNER_ACCEPTANCES: Final = keep(
    BannerAcceptance, "banner_acceptances", key="acceptance_id", indexes=(("account_id", "accepted_at"),)
)
SECURITY_ANSWERS: Final = keep(SecurityAnswers, "security_answers", key="account_id")
SECOND_FACTORS: Final = keep(SecondFactor, "second_factors", key="account_id", unique=(("handle",),))
OUTSTANDING_CODES: Final = keep(
    OutstandingCode, "outstanding_codes", key="account_id", indexes=(("expires_at",),)
)
RECOVERY_LETTERS: Final = keep(RecoveryLetters, "recovery_letters", key="key")
PARTICULARS_THROTTLES: Final = keep(ParticularsThrottle, "particulars_throttles", key="index")
SESSIONS: Final = keep(
    Session, "sessions", key="session_id", indexes=(("account_id", "created_at"), ("expires_at",))
)
STAFF_MEMBERS: Final = keep(StaffMember, "staff_members", key="account_id")
STAFF_RESETS: Final = keep(
    StaffReset,
    "staff_resets",
    key="request_id",
    indexes=(("state", "requested_at"), ("account_id", "requested_at")),
)
THROTTLES: Final = keep(Throttle, "throttles", key="key", indexes=(("account_id",),))

EVERY_RECORD: Final = (
    ACCOUNTS,
    APPROVALS,
    BANNER_ACCEPTANCES,
    SECURITY_ANSWERS,
    SECOND_FACTORS,
    OUTSTANDING_CODES,
    RECOVERY_LETTERS,
    PARTICULARS_THROTTLES,
    SESSIONS,
    STAFF_MEMBERS,
    STAFF_RESETS,
    THROTTLES,
)
