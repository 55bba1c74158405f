"""Letters about what happens to somebody's account in their own hands, or in those of whoever tries it.

Decides which event of registration, sign-in, passwords and second factors its owner is told of, in which
words. Invariants: whoever changes what an account is opened with can't keep the owner from hearing of it;
whoever goes on locking an account floods no mailbox with it; no text holds a name.
"""

from typing import Final

from dcss_core.base.events import Event
from dcss_core.base.people.contact_kind import ContactKind
from dcss_core.letters.carried import Carried, CarriedExpiry, ChosenWithCode, required
from dcss_core.letters.letter import Letter, Occasion, Recurrence, each_time
from dcss_core.letters.letterhead import Letterhead
from dcss_core.letters.wording import Wordings, always
from dcss_core.users.events import (
    AccountLocked,
    AccountRegistered,
    BannerAccepted,
    BreachListUnavailable,
    FlowThrottled,
    PasswordChanged,
    PasswordChangeDue,
    PasswordChangeFailed,
    PasswordDisabled,
    PasswordExpiring,
    Reauthenticated,
    ReauthenticationFailed,
    RegistrationFailed,
    SecondFactorNotGiven,
    SecurityAnswersChanged,
    SecurityAnswersChangeFailed,
    SecurityAnswersDue,
    SessionOpened,
    SignedInAfterFailures,
    SignInFailed,
    SignInSucceeded,
    UnknownIdLocked,
)
from dcss_core.users.registration.registration import (
    RegisteredUntold,
    RegistrationClosed,
    RegistrationReopened,
    RegistrationWhileClosed,
)
from dcss_core.users.second_factor.events import (
    SavedCodesReplaced,
    SavedCodeUsed,
    SecondFactorBegun,
    SecondFactorCopied,
    SecondFactorDisabled,
    SecondFactorEnrolled,
    SecondFactorNotEnrolled,
    SecondFactorRemoved,
)

_SECOND_FACTOR: Final = each_time("second-factor")
SECOND_FACTOR_REMOVED: Final = always(
    "Your second factor was removed",
    "The second factor of your online account, and its saved codes, were removed just now.",
    _SECOND_FACTOR,
)
"""In the same words whoever removed it."""


def _password_changed(event: PasswordChanged, letterhead: Letterhead, carried: Carried | None) -> Letter:
    subject, version = "Your password was changed", event.credential_version
    if isinstance(carried, ChosenWithCode):  # NIST SP 800-63B-4 §4.2.3
        place = "this address" if carried.way is ContactKind.EMAIL else "your mobile telephone"
        return letterhead.letter(
            subject,
            f"A new password was chosen for your online account just now, with a code sent to {place}. "
            "Everybody who was signed in has to sign in again.",
            Occasion(f"password-recovered/{version}"),
        )
    text = "The password of your online account was changed just now."
    return letterhead.letter(subject, text, Occasion(f"password-changed/{version}"))


def _saved_code_used(event: SavedCodeUsed, letterhead: Letterhead, carried: Carried | None) -> Letter:
    some = "Sign in and make new ones in good time." if event.left else "Sign in and make new ones now."
    return letterhead.letter(
        "A saved code was used",
        "Somebody signed in to your online account just now with your password and one of your saved "
        f"codes, which does not work any more. Saved codes left: {event.left}. {some}",
        _SECOND_FACTOR,
    )


def _password_expiring(event: PasswordExpiring, letterhead: Letterhead, carried: Carried | None) -> Letter:
    lasts_until = required(CarriedExpiry, carried).lasts_until
    return letterhead.letter(  # OWASP ASVS 5.0.0, 6.4.5
        "Your password has to be changed soon",
        f"The password of your online account lasts until {lasts_until:%Y-%m-%d %H:%M %Z}. Sign in and "
        "choose another one before that, or you will be asked for one when you sign in after it.",
        Occasion(f"password-expiring/{event.credential_version}"),
        useless_after=event.until,
    )


def _answers_due(event: SecurityAnswersDue, letterhead: Letterhead, carried: Carried | None) -> Letter:
    until = (
        "For some time your answers still reset a forgotten password."
        if event.still_work
        else "Your answers do not reset a forgotten password any more."
    )
    return letterhead.letter(
        "Choose your security questions anew",
        "The security questions of our online accounts have changed, and yours are among those that are not "
        f"asked any more. {until} Your password works as before. Sign in and choose your questions anew.",
        Occasion(f"answers-due/{event.enrolled_at:%Y%m%dT%H%M%S}/{event.still_work}"),
    )


ACCOUNT_LETTERS: Final[Wordings] = {
    AccountRegistered: always(
        "Your online account",
        "An online account was set up for you. From now on you sign in with the user ID and password "
        "you chose.",
        Occasion("registered"),
    ),
    AccountLocked: always(  # OWASP ASVS 5.0.0, 6.3.5
        "Sign-in was locked",
        "Several wrong passwords were given for your online account, and sign-in was locked for a while. "
        "Nobody got in with them. If it was you, wait a little and try again. You get this letter once a "
        "day at most.",
        Occasion("locked", Recurrence.ONCE_A_DAY),
    ),
    SignedInAfterFailures: always(  # OWASP ASVS 5.0.0, 6.3.5
        "Somebody signed in after failed attempts",
        "Somebody signed in to your online account just now, after several attempts had failed. If it was "
        "you, there is nothing to do. If not, change your password and call us. You get this letter once a "
        "day at most.",
        Occasion("after-failures", Recurrence.ONCE_A_DAY),
    ),
    SecondFactorNotGiven: always(  # OWASP ASVS 5.0.0, 6.3.5
        "Your password was given without a code",
        "Somebody gave the right password of your online account, and not the code that has to come after "
        "it. Nobody got in. If it was not you, somebody knows your password: change it. You get this letter "
        "once a day at most.",
        Occasion("not-given", Recurrence.ONCE_A_DAY),
    ),
    PasswordChanged: _password_changed,
    PasswordExpiring: _password_expiring,
    SecurityAnswersChanged: always(
        "Your security questions were changed",
        "The security questions and answers of your online account were changed just now.",
        each_time("answers-changed"),
    ),
    SecurityAnswersDue: _answers_due,
    SecondFactorEnrolled: always(
        "A second factor was set up",
        "A second factor was set up for your online account just now. From now on you are asked for one "
        "after your password. Keep the saved codes in a safe place: each lets you in once without it.",
        _SECOND_FACTOR,
    ),
    SecondFactorCopied: always(
        "Somebody may have a copy of your key",
        "Your online account was asked for with an answer of a device or key of yours that is older than "
        "the last one. Nobody got in. Somebody may have a copy of it: sign in, remove it, and change your "
        "password. You get this letter once a day at most.",
        Occasion("copied", Recurrence.ONCE_A_DAY),
    ),
    SecondFactorRemoved: SECOND_FACTOR_REMOVED,
    SecondFactorDisabled: always(  # OWASP ASVS 5.0.0, 6.3.5; NIST SP 800-63B-4 §3.2.2
        "Your second factor was disabled",
        "So many wrong codes were given for your online account that codes of your app don't work any more. "
        "Whoever gave them knows your password: change it. To sign in, use one of your saved codes and set "
        "the second factor up again, or call us.",
        _SECOND_FACTOR,
    ),
    SavedCodeUsed: _saved_code_used,
    SavedCodesReplaced: always(
        "Your saved codes were replaced",
        "New saved codes were made for your online account just now; the ones before stopped working.",
        _SECOND_FACTOR,
    ),
}

ACCOUNT_TOLD_TO_NOBODY: Final[frozenset[type[Event]]] = frozenset(
    {
        # Whoever is there sees it on the page.
        BannerAccepted,
        PasswordChangeDue,
        Reauthenticated,
        SecondFactorBegun,
        SecondFactorNotEnrolled,
        SessionOpened,
        SignInSucceeded,
        # One failure says little, and many would flood a mailbox; the lock that they end in is told.
        PasswordChangeFailed,
        PasswordDisabled,
        ReauthenticationFailed,
        SecurityAnswersChangeFailed,
        SignInFailed,
        # Nobody has an account yet, and whoever was named may not be who typed it.
        RegistrationClosed,
        RegistrationFailed,
        RegistrationReopened,
        RegistrationWhileClosed,
        # There is no address to write to.
        RegisteredUntold,
        # They are about a source, a list or an id, and about nobody's account.
        UnknownIdLocked,
        BreachListUnavailable,
        FlowThrottled,
    }
)
