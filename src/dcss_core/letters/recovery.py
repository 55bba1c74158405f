"""Letters about recovering access to an account.

Decides which event of recovery the owner is told of, and which letter brings what they asked for. Invariants:
an assigned password and a code stand in their letter only, with until when they work, and the letter is not
sent after that; nobody hears of a step that changed nothing.
"""

from typing import Final

from dcss_core.base.events import Event
from dcss_core.base.people.contact_kind import ContactKind
from dcss_core.letters.carried import Carried, CarriedCode, CarriedPassword, CarriedUserId, required
from dcss_core.letters.letter import Letter, each_time
from dcss_core.letters.letterhead import Letterhead
from dcss_core.letters.wording import Wordings, always
from dcss_core.users.events import PasswordReset, PasswordResetFailed, RecoveryClosed
from dcss_core.users.recovery.events import (
    PasswordChoiceFailed,
    QuestionsNotShown,
    QuestionsShown,
    RecoveryCodeExhausted,
    RecoveryCodeIssued,
    RecoveryCodeNotIssued,
    RecoveryCodeRequested,
    RecoveryCodeUsed,
    RecoveryReopened,
    RecoverySeen,
    StaffResetApproved,
    StaffResetCancelled,
    StaffResetDeclined,
    StaffResetRefused,
    StaffResetRequested,
    UserIdAskedFor,
    UserIdNotSent,
    UserIdSent,
)


def _password_reset(event: PasswordReset, letterhead: Letterhead, carried: Carried | None) -> Letter:
    assigned = required(CarriedPassword, carried)
    return letterhead.letter(
        "Your password was reset",
        "Your password was reset. Sign in with the assigned password below and choose a new one. "
        f"It works once, until {assigned.good_until:%Y-%m-%d %H:%M %Z}.\n\n"
        f"    {assigned.password.reveal()}\n\nNobody from this agency will ever ask you for it.",
        each_time("assigned"),
        useless_after=assigned.good_until,
    )


def _code_issued(event: RecoveryCodeIssued, letterhead: Letterhead, carried: Carried | None) -> Letter:
    issued = required(CarriedCode, carried)
    subject, until = "Your code for a new password", f"{issued.good_until:%Y-%m-%d %H:%M %Z}"
    if event.way is ContactKind.MOBILE:
        text = f"{issued.code.reveal()} is your code for a new password, until {until}. Tell it to nobody."
        return letterhead.short(subject, text, each_time("code"), useless_after=issued.good_until)
    return letterhead.letter(
        subject,
        "Somebody asked for a code to choose a new password for your online account. Type it on the page "
        f"that asked for it. It works once, until {until}, and codes sent "
        f"before no longer work.\n\n    {issued.code.reveal()}\n\n"
        "Nobody from this agency will ever ask you for it.",
        each_time("code"),
        useless_after=issued.good_until,
    )


def _user_id_sent(event: UserIdSent, letterhead: Letterhead, carried: Carried | None) -> Letter:
    user_id = required(CarriedUserId, carried).user_id.reveal()
    text = f"Somebody asked for the user ID of your online account. It is:\n\n    {user_id}"
    return letterhead.letter("Your user ID", text, each_time("user-id"))


RECOVERY_LETTERS: Final[Wordings] = {
    PasswordReset: _password_reset,
    RecoveryCodeIssued: _code_issued,
    UserIdSent: _user_id_sent,
    RecoveryClosed: always(  # OWASP ASVS 5.0.0, 6.3.5
        "Recovery of your account was closed",
        "Somebody tried several times to recover your online account and did not know what only you "
        "should know. Nobody got in. Your password still works; to recover the account with your Social "
        "Security number, call us first.",
        each_time("recovery-closed"),
    ),
}

RECOVERY_TOLD_TO_NOBODY: Final[frozenset[type[Event]]] = frozenset(
    {
        # The password that was chosen or reset with it is told.
        RecoveryCodeUsed,
        StaffResetApproved,
        # One failure says little, and many would flood a mailbox; that recovery closed is told.
        PasswordChoiceFailed,
        PasswordResetFailed,
        # The owner has the letter with the code, which says whom to call.
        RecoveryCodeExhausted,
        # Whoever asked is told the same each time, and there may be nobody or no address to write to.
        QuestionsNotShown,
        QuestionsShown,
        RecoveryCodeNotIssued,
        RecoveryCodeRequested,
        UserIdAskedFor,
        UserIdNotSent,
        # Steps among staff, or with the owner on the telephone; nothing of the account changed.
        RecoveryReopened,
        RecoverySeen,
        StaffResetCancelled,
        StaffResetDeclined,
        StaffResetRefused,
        StaffResetRequested,
    }
)
