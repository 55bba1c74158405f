"""Filing of accounts: in which collection each identity record is kept, and how it is found."""

from typing import Final

from dcss_core.agency.records import keep
from dcss_core.users.account import Account
from dcss_core.users.recovery import RecoveryThrottle
from dcss_core.users.security_questions import SecurityAnswers
from dcss_core.users.session import Session

ACCOUNTS: Final = keep(Account, "accounts", key="account_id", unique=(("user_key",), ("person_id",)))
SECURITY_ANSWERS: Final = keep(SecurityAnswers, "security_answers", key="account_id")
RECOVERY_THROTTLES: Final = keep(RecoveryThrottle, "recovery_throttles", key="index")
SESSIONS: Final = keep(Session, "sessions", key="session_id", indexes=(("account_id", "created_at"),))

EVERY_RECORD: Final = (ACCOUNTS, SECURITY_ANSWERS, RECOVERY_THROTTLES, SESSIONS)
