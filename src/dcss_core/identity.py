"""What a front end matches and passes about accounts, beside the names of `dcss_core` itself.

The outcomes of signing in, of recovery and of a second factor; what a session allows; what staff see,
which roles they hold and why they act.
"""

from dcss_core.agency.accounts.second_factors import SecondFactorOnFile
from dcss_core.agency.staff.account_control import AccountStatus, Identifiers
from dcss_core.users.account import AccountKind, AccountState, ChangeReason
from dcss_core.users.account_control import ControlReason
from dcss_core.users.passwords.password import PasswordFault, PasswordViolation
from dcss_core.users.recovery.issued_code import CodeRequested
from dcss_core.users.recovery.password_choice import ChoiceRefused, CodeRefused, PasswordChosen
from dcss_core.users.recovery.progress import RecoveryProgress
from dcss_core.users.recovery.staff_reset import StaffReset, StaffResetState
from dcss_core.users.recovery.user_id_reminder import UserIdRequested
from dcss_core.users.second_factor.changes import (
    EnrolmentAccepted,
    EnrolmentRefused,
    RemovalAccepted,
    SavedCodesIssued,
    SetUpBegun,
)
from dcss_core.users.second_factor.factor import NewFactor, SecondFactorMethod
from dcss_core.users.second_factor.totp import Totp
from dcss_core.users.sign_in.banner import Banner, BannerNotAccepted
from dcss_core.users.sign_in.reauthentication import ReauthenticationAccepted, ReauthenticationRefused
from dcss_core.users.sign_in.session import Assurance, Session, SessionScope
from dcss_core.users.sign_in.sign_in import SecondFactorDue, SecondFactorRefused
from dcss_core.users.staff.appointment import Appointed
from dcss_core.users.staff.member import StaffRole

__all__ = [
    "AccountKind",
    "AccountState",
    "AccountStatus",
    "Appointed",
    "Assurance",
    "Banner",
    "BannerNotAccepted",
    "ChangeReason",
    "ChoiceRefused",
    "CodeRefused",
    "CodeRequested",
    "ControlReason",
    "EnrolmentAccepted",
    "EnrolmentRefused",
    "Identifiers",
    "NewFactor",
    "PasswordChosen",
    "PasswordFault",
    "PasswordViolation",
    "ReauthenticationAccepted",
    "ReauthenticationRefused",
    "RecoveryProgress",
    "RemovalAccepted",
    "SavedCodesIssued",
    "SecondFactorDue",
    "SecondFactorMethod",
    "SecondFactorOnFile",
    "SecondFactorRefused",
    "Session",
    "SessionScope",
    "SetUpBegun",
    "StaffReset",
    "StaffResetState",
    "StaffRole",
    "Totp",
    "UserIdRequested",
]
