"""SecondFactor: what somebody shows besides the password.

Decides which code counts: one of the method's, or a saved one. Invariants: a code counts once, because
what it used up is in the record that is saved with its acceptance; a factor is in force only once its
owner has shown a code of it; what was made for one method is never handed to another; wrong codes are counted
for the factor itself, and only a right one of it sets the count back, so that no recovery of the password
buys guesses (NIST SP 800-63B-4 §3.2.2).
"""

from datetime import datetime, timedelta

import attrs

from dcss_core.base.events import Event
from dcss_core.base.secret import Secret
from dcss_core.errors import ConfigurationError, InvariantError
from dcss_core.users.second_factor.events import SecondFactorDisabled
from dcss_core.users.second_factor.method import SecondFactorMethod
from dcss_core.users.second_factor.saved_codes import SavedCodes
from dcss_core.users.sign_in.session import Assurance, FactorStanding, Session, SessionScope


@attrs.frozen
class FactorKey:
    """What codes are checked with: the method, its secret, and what it remembers."""

    method: str
    secret: Secret
    state: str | None = None


@attrs.frozen
class SecondFactor:
    """The second factor of an account as it is stored.

    `in_force` is the one that is asked for since `enrolled_at`; `begun` was shown at `begun_at` and takes
    its place once its owner has shown a code of it. `wrong_codes` came in a row.
    """

    account_id: str
    in_force: FactorKey | None = None
    enrolled_at: datetime | None = None
    begun: FactorKey | None = None
    begun_at: datetime | None = None
    saved_codes: SavedCodes = attrs.field(factory=SavedCodes)
    wrong_codes: int = 0

    def __attrs_post_init__(self) -> None:
        if (self.in_force is None) is not (self.enrolled_at is None):
            raise InvariantError("a second factor is in force since some instant, or it is not in force")
        if (self.begun is None) is not (self.begun_at is None):
            raise InvariantError("the set-up of a second factor was begun at some instant, or it was not")
        if self.in_force is None and self.saved_codes.left:
            raise InvariantError("saved codes stand in for a second factor; there is none")
        if self.wrong_codes < 0 or (self.wrong_codes and self.in_force is None):
            raise InvariantError("wrong codes are counted from 0, for a second factor that is in force")

    @property
    def is_enrolled(self) -> bool:
        """Whether it is asked for at sign-in."""
        return self.in_force is not None

    def beginning(self, key: FactorKey, now: datetime) -> "SecondFactor":
        """The set-up of a factor begins; one that had begun before is forgotten."""
        return attrs.evolve(self, begun=key, begun_at=now)

    def to_confirm(self, now: datetime, within: timedelta) -> FactorKey | None:
        """The factor whose set-up has begun, unless that is too long ago."""
        is_fresh = self.begun_at is not None and self.begun_at <= now < self.begun_at + within
        return self.begun if is_fresh else None

    def enrolled(self, key: FactorKey, saved_codes: SavedCodes, now: datetime) -> "SecondFactor":
        """The factor is in force, in place of any other; so are its saved codes."""
        return SecondFactor(self.account_id, in_force=key, enrolled_at=now, saved_codes=saved_codes)

    def is_disabled(self, limit: int) -> bool:
        """Whether so many wrong codes came in a row that no code of it counts any more; saved codes do."""
        return self.is_enrolled and self.wrong_codes >= limit

    def after_wrong_code(self, limit: int) -> tuple["SecondFactor", tuple[Event, ...]]:
        """Count one wrong code, and say whether that disabled the factor."""
        if self.is_disabled(limit):
            return self, ()
        counted = attrs.evolve(self, wrong_codes=self.wrong_codes + 1)
        disabled = counted.is_disabled(limit)
        return counted, (SecondFactorDisabled(self.account_id, counted.wrong_codes),) if disabled else ()

    def removed(self) -> "SecondFactor":
        """Nothing is in force any more, and nothing of it is kept."""
        return SecondFactor(self.account_id)


@attrs.frozen
class AcceptedCode:
    """A code counted; `factor` is what to save, in which it can't count again."""

    factor: SecondFactor
    is_saved_code: bool


def factor_standing(factor: SecondFactor | None, *, demanded: bool) -> FactorStanding:
    """How an account stands before the factor was given."""
    if factor is not None and factor.is_enrolled:
        return FactorStanding.DUE
    return FactorStanding.TO_ENROL if demanded else FactorStanding.NOT_USED


def require_may_set_up(session: Session, factor: SecondFactor) -> None:
    """Raise NotPermittedError unless a second factor may be set up, or another, in this session.

    NIST SP 800-63B-4 §4.1.2.1: with the highest assurance the account is capable of by then.
    """
    if session.scope is not SessionScope.ENROL_SECOND_FACTOR_ONLY:
        session.require(SessionScope.FULL)
    if factor.is_enrolled:
        session.require_assurance(Assurance.AAL2)


def accept_code(
    factor: SecondFactor,
    code: Secret,
    method: SecondFactorMethod,
    *,
    challenge: str,
    limit: int,
    now: datetime,
) -> AcceptedCode | None:
    """Judge a code of the factor in force, a saved one included; None when it doesn't count.

    After `limit` wrong codes in a row only a saved one does. Raises ConfigurationError when the factor was
    made for another method than the one at hand.
    """
    if factor.in_force is None:
        return None
    unused = factor.saved_codes.without(code)
    if unused is not None:
        return AcceptedCode(attrs.evolve(factor, saved_codes=unused), is_saved_code=True)
    after = check_code(factor.in_force, code, method, challenge=challenge, now=now)
    if after is None or factor.is_disabled(limit):
        return None
    return AcceptedCode(attrs.evolve(factor, in_force=after, wrong_codes=0), is_saved_code=False)


def check_code(
    key: FactorKey, code: Secret, method: SecondFactorMethod, *, challenge: str, now: datetime
) -> FactorKey | None:
    """The key after this code of it was used; None when it doesn't count. Raises ConfigurationError."""
    if key.method != method.key:
        raise ConfigurationError(
            f"this second factor was set up by the method '{key.method}', and the one at hand is "
            f"'{method.key}'; open the agency with that method, or have staff remove the factor"
        )
    state = method.check(key.secret, code, state=key.state, challenge=challenge, now=now)
    return None if state is None else attrs.evolve(key, state=state)
