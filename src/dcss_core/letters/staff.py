"""Letters about what staff and jobs do to an account, and to those who work here.

Decides what the owner is told of an act. Invariants: every act on an account is told to its owner, once
however many sessions it ended; a look at an account is told to nobody.
"""

from typing import Final

from dcss_core.base.events import Event
from dcss_core.letters.accounts import SECOND_FACTOR_REMOVED
from dcss_core.letters.carried import Carried, CarriedAppointment, CarriedExpiry, required
from dcss_core.letters.letter import Letter, Occasion, each_time
from dcss_core.letters.letterhead import Letterhead
from dcss_core.letters.wording import Wording, Wordings, always
from dcss_core.users.account_control import (
    AccountClosed,
    AccountDisabled,
    AccountEnabled,
    AccountForgotten,
    LockLifted,
    PasswordChangeDemanded,
)
from dcss_core.users.approvals.events import (
    ApprovalAsked,
    ApprovalGiven,
    ApprovalLapsed,
    ApprovalRefused,
    ApprovalWithdrawn,
)
from dcss_core.users.events import SessionEnded, SessionEndReason
from dcss_core.users.idleness import IdleAccountDisabled, IdleAccountWarned
from dcss_core.users.second_factor.events import SecondFactorRemovedByStaff
from dcss_core.users.staff.appointment import StaffAppointed, StaffRolesChanged
from dcss_core.users.staff.events import AccountSeen, IdentifiersDisclosed, RolesSeen, SourceReopened

_SUBJECT: Final = "Your online account"


def _act(name: str, text: str) -> Wording:
    return always(_SUBJECT, text, each_time(name))


def _session_ended(event: SessionEnded, letterhead: Letterhead, carried: Carried | None) -> Letter | None:
    if event.reason is not SessionEndReason.ENDED_BY_STAFF:  # the owner did it, or it goes on in another
        return None
    text = "Our staff ended every session of your online account just now; sign in again."
    return letterhead.letter(_SUBJECT, text, each_time(SessionEnded.kind))


def _appointed(event: StaffAppointed, letterhead: Letterhead, carried: Carried | None) -> Letter:
    first = required(CarriedAppointment, carried)
    return letterhead.letter(
        "An account was set up for you",
        f"An account was set up for you. Your user ID is {first.user_id.reveal()}. Sign in with the assigned "
        f"password below and choose a new one. It works once, until {first.good_until:%Y-%m-%d %H:%M %Z}.\n\n"
        f"    {first.password.reveal()}\n\nNobody from this agency will ever ask you for it.",
        Occasion("appointed"),
        useless_after=first.good_until,
    )


def _idle_warned(event: IdleAccountWarned, letterhead: Letterhead, carried: Carried | None) -> Letter:
    until = required(CarriedExpiry, carried).lasts_until
    return letterhead.letter(
        "Sign in to keep your online account",
        "Nobody has signed in to your online account for a long time. To keep it in use, sign in before "
        f"{until:%Y-%m-%d %H:%M %Z}. After that nobody can sign in with it until our staff put it into use "
        "again.",
        Occasion(f"idle/{event.disabled_from:%Y%m%dT%H%M%S}"),
        useless_after=event.disabled_from,
    )


STAFF_LETTERS: Final[Wordings] = {
    StaffAppointed: _appointed,
    StaffRolesChanged: _act(
        "roles", "What you may do with your account here was changed just now. Sign in again to go on."
    ),
    LockLifted: _act(
        LockLifted.kind, "Sign-in to your online account was locked; our staff unlocked it just now."
    ),
    AccountDisabled: _act(
        AccountDisabled.kind,
        "Your online account was taken out of use just now; nobody can sign in with it.",
    ),
    IdleAccountWarned: _idle_warned,
    IdleAccountDisabled: _act(
        IdleAccountDisabled.kind,
        "Nobody has signed in to your online account for a long time, so it was taken out of use just now. "
        "Nothing is lost. Call us to have it put into use again.",
    ),
    AccountEnabled: _act(AccountEnabled.kind, "Your online account is in use again."),
    AccountClosed: _act(AccountClosed.kind, "Your online account was closed just now."),
    PasswordChangeDemanded: _act(
        PasswordChangeDemanded.kind,
        "The password of your online account may be known to others. You will choose a new one when you "
        "sign in next.",
    ),
    SessionEnded: _session_ended,
    SecondFactorRemovedByStaff: SECOND_FACTOR_REMOVED,
}

STAFF_TOLD_TO_NOBODY: Final[frozenset[type[Event]]] = frozenset(
    {
        # It was closed years ago, and has no address any more.
        AccountForgotten,
        # A look changes nothing; it is kept in the audit log.
        AccountSeen,
        RolesSeen,
        # The participant asked for them, and hears them then.
        IdentifiersDisclosed,
        # It is about where requests come from, and about nobody's account.
        SourceReopened,
        # Steps among staff, who see them in the list of what waits; the owner is told of the act itself.
        ApprovalAsked,
        ApprovalGiven,
        ApprovalLapsed,
        ApprovalRefused,
        ApprovalWithdrawn,
    }
)
