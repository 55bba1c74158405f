"""Accounts: registration, sign-in and lockout, passwords, security questions, recovery, sessions, staff.

Every decision takes records, the verdict of the password hash, the rules and `now`, and gives back
the new records, the events and what the public may see. Nothing here hashes, stores, sends, reads a
clock or makes randomness. The names below are what a front end passes and matches; everything deeper
is private.
"""

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from dcss_core.users.account import (
        AccountKind as AccountKind,
        AccountState as AccountState,
        ChangeReason as ChangeReason,
    )
    from dcss_core.users.account_control import (
        ClosedByOwner as ClosedByOwner,
        ControlReason as ControlReason,
    )
    from dcss_core.users.account_status import AccountStatus as AccountStatus, Identifiers as Identifiers
    from dcss_core.users.approvals.due import ApprovalDue as ApprovalDue
    from dcss_core.users.approvals.policy import ApprovalPolicy as ApprovalPolicy
    from dcss_core.users.approvals.waiting import WaitingApproval as WaitingApproval
    from dcss_core.users.idleness import IdleReport as IdleReport
    from dcss_core.users.passwords.breach_checking import BreachChecking as BreachChecking
    from dcss_core.users.passwords.change import (
        PasswordChangeAccepted as PasswordChangeAccepted,
        PasswordChangeOutcome as PasswordChangeOutcome,
        PasswordChangeRefused as PasswordChangeRefused,
    )
    from dcss_core.users.passwords.character_class import CharacterClass as CharacterClass
    from dcss_core.users.passwords.guessable.blocklist import Blocklist as Blocklist
    from dcss_core.users.passwords.guessable.common_passwords import CommonPasswords as CommonPasswords
    from dcss_core.users.passwords.guessable.context_words import ContextWord as ContextWord
    from dcss_core.users.passwords.password import (
        Normalization as Normalization,
        PasswordFault as PasswordFault,
        PasswordViolation as PasswordViolation,
    )
    from dcss_core.users.passwords.policy import PasswordPolicy as PasswordPolicy
    from dcss_core.users.policies import AccountPolicies as AccountPolicies
    from dcss_core.users.recovery.answers import Answer as Answer
    from dcss_core.users.recovery.answers_change import (
        AnswersChangeAccepted as AnswersChangeAccepted,
        AnswersChangeOutcome as AnswersChangeOutcome,
        AnswersChangeRefused as AnswersChangeRefused,
    )
    from dcss_core.users.recovery.by_questions import (
        ResetConfirmed as ResetConfirmed,
        ResetOutcome as ResetOutcome,
        ResetRefused as ResetRefused,
    )
    from dcss_core.users.recovery.issued_code import CodeRequested as CodeRequested
    from dcss_core.users.recovery.password_choice import (
        ChoiceRefused as ChoiceRefused,
        CodeRefused as CodeRefused,
        PasswordChoiceOutcome as PasswordChoiceOutcome,
        PasswordChosen as PasswordChosen,
    )
    from dcss_core.users.recovery.policy import (
        RecoveryMethod as RecoveryMethod,
        RecoveryPolicy as RecoveryPolicy,
    )
    from dcss_core.users.recovery.progress import (
        RecoveryFlow as RecoveryFlow,
        RecoveryProgress as RecoveryProgress,
        RecoveryStep as RecoveryStep,
        StepState as StepState,
    )
    from dcss_core.users.recovery.security_questions import (
        AnswerFault as AnswerFault,
        AnswersDue as AnswersDue,
        AnswerViolation as AnswerViolation,
        Question as Question,
        QuestionPolicy as QuestionPolicy,
    )
    from dcss_core.users.recovery.staff_reset import (
        StaffReset as StaffReset,
        StaffResetState as StaffResetState,
    )
    from dcss_core.users.recovery.throttle import ParticularsLimit as ParticularsLimit
    from dcss_core.users.recovery.user_id_reminder import UserIdRequested as UserIdRequested
    from dcss_core.users.registration.form import (
        RegistrationForm as RegistrationForm,
        RegistrationIncomplete as RegistrationIncomplete,
    )
    from dcss_core.users.registration.policy import (
        RegistrationNumber as RegistrationNumber,
        RegistrationPolicy as RegistrationPolicy,
    )
    from dcss_core.users.registration.registration import (
        Registered as Registered,
        RegistrationOutcome as RegistrationOutcome,
        RegistrationRefused as RegistrationRefused,
        UserIdTaken as UserIdTaken,
    )
    from dcss_core.users.remitters.invitation import (
        InvitationIncomplete as InvitationIncomplete,
        InvitationOutcome as InvitationOutcome,
        InvitationRefused as InvitationRefused,
        Joined as Joined,
    )
    from dcss_core.users.remitters.member import RemitterRights as RemitterRights
    from dcss_core.users.remitters.remitter import (
        RemitterKind as RemitterKind,
        RemitterState as RemitterState,
    )
    from dcss_core.users.remitters.standing import (
        InvitationNotSent as InvitationNotSent,
        Invited as Invited,
        MemberOnFile as MemberOnFile,
        OpenedForRemitter as OpenedForRemitter,
        OwnRemitter as OwnRemitter,
        PayerAsked as PayerAsked,
        RemitterOnFile as RemitterOnFile,
        WaitingInvitation as WaitingInvitation,
    )
    from dcss_core.users.second_factor.changes import (
        EnrolmentAccepted as EnrolmentAccepted,
        EnrolmentOutcome as EnrolmentOutcome,
        EnrolmentRefused as EnrolmentRefused,
        RemovalAccepted as RemovalAccepted,
        SavedCodesIssued as SavedCodesIssued,
        SetUpBegun as SetUpBegun,
    )
    from dcss_core.users.second_factor.on_file import (
        FactorAsked as FactorAsked,
        FactorOnFile as FactorOnFile,
        SecondFactorOnFile as SecondFactorOnFile,
    )
    from dcss_core.users.sign_in.banner import Banner as Banner, BannerNotAccepted as BannerNotAccepted
    from dcss_core.users.sign_in.lockout import LockoutPolicy as LockoutPolicy
    from dcss_core.users.sign_in.lone_factor import PasskeyAsked as PasskeyAsked
    from dcss_core.users.sign_in.reauthentication import (
        ReauthenticationAccepted as ReauthenticationAccepted,
        ReauthenticationOutcome as ReauthenticationOutcome,
        ReauthenticationRefused as ReauthenticationRefused,
    )
    from dcss_core.users.sign_in.session import (
        Assurance as Assurance,
        Session as Session,
        SessionPolicy as SessionPolicy,
        SessionScope as SessionScope,
        SessionState as SessionState,
        SessionToken as SessionToken,
    )
    from dcss_core.users.sign_in.sign_in import (
        SecondFactorDue as SecondFactorDue,
        SecondFactorOutcome as SecondFactorOutcome,
        SecondFactorRefused as SecondFactorRefused,
        SignedIn as SignedIn,
        SignInOutcome as SignInOutcome,
        SignInRefused as SignInRefused,
    )
    from dcss_core.users.sign_in.throttle import (
        ThrottledFlow as ThrottledFlow,
        ThrottleLimit as ThrottleLimit,
        ThrottlePolicy as ThrottlePolicy,
    )
    from dcss_core.users.staff.appointment import Appointed as Appointed
    from dcss_core.users.staff.member import StaffRole as StaffRole
    from dcss_core.users.vouched.identity import VouchedIdentity as VouchedIdentity
    from dcss_core.users.vouched.link import (
        LinkDue as LinkDue,
        LinkOnFile as LinkOnFile,
        LinkRefused as LinkRefused,
        VouchingNotAccepted as VouchingNotAccepted,
    )
    from dcss_core.users.vouched.policy import (
        TrustedIssuer as TrustedIssuer,
        VouchingPolicy as VouchingPolicy,
    )
else:
    from dcss_core.base.lazy_names import lazy_names

    __all__, __getattr__, __dir__ = lazy_names(
        __name__,
        {
            "account": "AccountKind AccountState ChangeReason",
            "account_control": "ClosedByOwner ControlReason",
            "account_status": "AccountStatus Identifiers",
            "approvals.due": "ApprovalDue",
            "approvals.policy": "ApprovalPolicy",
            "approvals.waiting": "WaitingApproval",
            "idleness": "IdleReport",
            "passwords.guessable.blocklist": "Blocklist",
            "passwords.guessable.common_passwords": "CommonPasswords",
            "passwords.breach_checking": "BreachChecking",
            "passwords.change": "PasswordChangeAccepted PasswordChangeOutcome PasswordChangeRefused",
            "passwords.character_class": "CharacterClass",
            "passwords.guessable.context_words": "ContextWord",
            "passwords.password": "Normalization PasswordFault PasswordViolation",
            "passwords.policy": "PasswordPolicy",
            "policies": "AccountPolicies",
            "recovery.answers": "Answer",
            "recovery.answers_change": "AnswersChangeAccepted AnswersChangeOutcome AnswersChangeRefused",
            "recovery.by_questions": "ResetConfirmed ResetOutcome ResetRefused",
            "recovery.issued_code": "CodeRequested",
            "recovery.password_choice": "ChoiceRefused CodeRefused PasswordChoiceOutcome PasswordChosen",
            "recovery.policy": "RecoveryMethod RecoveryPolicy",
            "recovery.progress": "RecoveryFlow RecoveryProgress RecoveryStep StepState",
            "recovery.security_questions": ("AnswerFault AnswersDue AnswerViolation Question QuestionPolicy"),
            "recovery.staff_reset": "StaffReset StaffResetState",
            "recovery.throttle": "ParticularsLimit",
            "recovery.user_id_reminder": "UserIdRequested",
            "registration.form": "RegistrationForm RegistrationIncomplete",
            "registration.policy": "RegistrationNumber RegistrationPolicy",
            "registration.registration": "Registered RegistrationOutcome RegistrationRefused UserIdTaken",
            "remitters.invitation": "InvitationIncomplete InvitationOutcome InvitationRefused Joined",
            "remitters.member": "RemitterRights",
            "remitters.remitter": "RemitterKind RemitterState",
            "remitters.standing": (
                "InvitationNotSent Invited MemberOnFile OpenedForRemitter OwnRemitter PayerAsked "
                "RemitterOnFile WaitingInvitation"
            ),
            "second_factor.changes": (
                "EnrolmentAccepted EnrolmentOutcome EnrolmentRefused "
                "RemovalAccepted SavedCodesIssued SetUpBegun"
            ),
            "second_factor.on_file": "FactorAsked FactorOnFile SecondFactorOnFile",
            "sign_in.banner": "Banner BannerNotAccepted",
            "sign_in.lockout": "LockoutPolicy",
            "sign_in.lone_factor": "PasskeyAsked",
            "sign_in.reauthentication": (
                "ReauthenticationAccepted ReauthenticationOutcome ReauthenticationRefused"
            ),
            "sign_in.session": "Assurance Session SessionPolicy SessionScope SessionState SessionToken",
            "sign_in.sign_in": (
                "SecondFactorDue SecondFactorOutcome SecondFactorRefused SignedIn SignInOutcome SignInRefused"
            ),
            "sign_in.throttle": "ThrottleLimit ThrottlePolicy ThrottledFlow",
            "staff.appointment": "Appointed",
            "staff.member": "StaffRole",
            "vouched.identity": "VouchedIdentity",
            "vouched.link": "LinkDue LinkOnFile LinkRefused VouchingNotAccepted",
            "vouched.policy": "TrustedIssuer VouchingPolicy",
        },
    )
