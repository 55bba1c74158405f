"""Changing the second factor: set-up, new saved codes, removal.

Decides inside a session whose holder has just given the password again. Invariants: whatever changes gives
the session another token (OWASP ASVS 5.0.0, 7.2.4); where a factor is in force, one is added or removed only
by whoever has shown one, and the last one is not removed where the jurisdiction demands one; codes are shown
to nobody but whoever asked for them, once.
"""

from collections.abc import Mapping
from datetime import datetime, timedelta
from typing import TypeAlias

import attrs

from dcss_core.base.events import Event
from dcss_core.base.secret import Secret
from dcss_core.errors import NotFoundError, NotPermittedError
from dcss_core.users.second_factor.events import (
    SavedCodesReplaced,
    SecondFactorEnrolled,
    SecondFactorNotEnrolled,
    SecondFactorRemoved,
)
from dcss_core.users.second_factor.factor import (
    SecondFactor,
    confirmed,
    require_may_set_up,
)
from dcss_core.users.second_factor.method import SecondFactorMethod
from dcss_core.users.second_factor.saved_codes import SavedCodes
from dcss_core.users.sign_in.session import Assurance, Session, SessionScope, SessionToken, renew_session


@attrs.frozen
class SetUpBegun:
    """What to show the owner, once, until they answer with it before `good_until`.

    `shown` is for a QR code or the browser; `typed` is for whoever can't scan. `name` is how it is called.
    """

    method: str
    name: str
    shown: Secret
    typed: Secret | None
    good_until: datetime


@attrs.frozen
class EnrolmentAccepted:
    """The second factor is in force; the caller goes on in a full session.

    Token and saved codes are shown this once. With a further factor there are no new ones: those there are
    stand beside all of them.
    """

    session: Session
    token: SessionToken
    saved_codes: tuple[Secret, ...]


@attrs.frozen
class EnrolmentRefused:
    """Nothing changed: the answer is not one of the new factor, or its set-up has to begin again."""

    begin_again: bool

    @property
    def sentence(self) -> str:
        """What to tell the caller."""
        if self.begin_again:
            return "This took too long. Begin again."
        return "The code is not right. Wait for the next one, and check the clock of your device."


@attrs.frozen
class SavedCodesIssued:
    """New saved codes are in force; they and the token the caller goes on with are shown this once."""

    session: Session
    token: SessionToken
    saved_codes: tuple[Secret, ...]


@attrs.frozen
class RemovalAccepted:
    """The second factor is gone, or all are; the caller goes on with this token, shown this once."""

    session: Session
    token: SessionToken


EnrolmentOutcome: TypeAlias = EnrolmentAccepted | EnrolmentRefused


@attrs.frozen
class FactorChange:
    """What to save and what to record; `opened` takes the place of `session`, which ended."""

    factor: SecondFactor
    session: Session
    opened: Session
    events: tuple[Event, ...]


@attrs.frozen
class NotEnrolled:
    """The set-up was not confirmed; only this is to be recorded."""

    outcome: EnrolmentRefused
    events: tuple[Event, ...]


def decide_enrolment(
    factor: SecondFactor,
    session: Session,
    answer: Secret,
    *,
    methods: Mapping[str, SecondFactorMethod],
    saved_codes: SavedCodes,
    token: SessionToken,
    within: timedelta,
    now: datetime,
) -> FactorChange | NotEnrolled:
    """Decide whether the factor whose set-up has begun is in force from now on.

    Raises NotPermittedError where none may be set up in this session.
    """
    require_may_set_up(session, factor)
    begun = factor.to_confirm(now, within)
    held = begun and confirmed(begun, answer, methods, now)
    if held is None:
        failed = SecondFactorNotEnrolled(factor.account_id, was_in_time=begun is not None)
        return NotEnrolled(EnrolmentRefused(begin_again=begun is None), (failed,))
    changed = factor.enrolled(held, saved_codes, now)
    event = SecondFactorEnrolled(factor.account_id, held.method, held.factor_id, len(changed.factors))
    return _changed(changed, session, token, now, event, assurance=Assurance.AAL2)


def require_may_renew_codes(session: Session, factor: SecondFactor) -> None:
    """Raise NotPermittedError unless the session was opened with the second factor and there is one."""
    session.require(SessionScope.FULL)
    if not factor.is_enrolled:
        raise NotPermittedError("saved codes stand in for a second factor; set one up first")
    session.require_assurance(Assurance.AAL2)


def renew_codes(
    factor: SecondFactor, session: Session, saved_codes: SavedCodes, *, token: SessionToken, now: datetime
) -> FactorChange:
    """Replace all saved codes; `require_may_renew_codes` and the password come first."""
    replaced = SavedCodesReplaced(factor.account_id, unused_before=factor.saved_codes.left)
    return _changed(attrs.evolve(factor, saved_codes=saved_codes), session, token, now, replaced)


def require_may_remove(
    session: Session, factor: SecondFactor, factor_id: str | None, *, demanded: bool
) -> None:
    """Raise NotPermittedError where it can't be removed in this session, or by nobody; NotFoundError."""
    session.require(SessionScope.FULL)
    if not factor.is_enrolled:
        raise NotPermittedError("there is no second factor to remove")
    session.require_assurance(Assurance.AAL2)
    require_is_there(factor, factor_id)
    if demanded and not factor.without(factor_id).is_enrolled:
        raise NotPermittedError("this portal demands a second factor; set up another one in its place first")


def require_is_there(factor: SecondFactor, factor_id: str | None) -> None:
    """Raise NotFoundError for the id of a factor that the account does not have."""
    if factor_id is not None and factor_id not in {each.factor_id for each in factor.factors}:
        raise NotFoundError("this account has no second factor of this id; look at how it stands")


def remove_factor(
    factor: SecondFactor, session: Session, factor_id: str | None, *, token: SessionToken, now: datetime
) -> FactorChange:
    """Remove a factor, or all; the saved codes go with the last one. `require_may_remove` comes first."""
    changed = factor.without(factor_id)
    removed = SecondFactorRemoved(factor.account_id, factor_id, len(changed.factors))
    assurance = None if changed.is_enrolled else Assurance.AAL1
    return _changed(changed, session, token, now, removed, assurance=assurance)


def _changed(
    factor: SecondFactor,
    session: Session,
    token: SessionToken,
    now: datetime,
    event: Event,
    *,
    assurance: Assurance | None = None,
) -> FactorChange:
    ended, opened, renewed = renew_session(session, token, now, scope=SessionScope.FULL, assurance=assurance)
    return FactorChange(factor, ended, opened, (event, *renewed))
