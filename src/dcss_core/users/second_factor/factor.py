"""SecondFactor: what somebody shows besides the password; one device or several, of one method or several.

Decides which answer counts: one of a method's, or a saved code. Invariants: an answer counts once, because
what it used up is in the record that is saved with its acceptance; a factor is in force only once its
owner has answered with it; what was made for one method is never handed to another; wrong answers are counted
for all factors together, and only a right one sets the count back, so that no recovery of the password
buys guesses, nor does another device (NIST SP 800-63B-4 §3.2.2).
"""

from collections.abc import Mapping
from datetime import datetime, timedelta
from typing import ClassVar, Final

import attrs

from dcss_core.base.events import Event
from dcss_core.base.secret import Secret
from dcss_core.errors import ConfigurationError, InvariantError, NotPermittedError
from dcss_core.users.second_factor.events import SecondFactorDisabled
from dcss_core.users.second_factor.method import (
    LONGEST_ANSWER,
    FactorCopied,
    FactorKey,
    FactorVerdict,
    SecondFactorMethod,
)
from dcss_core.users.second_factor.saved_codes import SavedCodes
from dcss_core.users.sign_in.session import Assurance, FactorStanding, Session, SessionScope

MOST_FACTORS: Final = 10
"""Two telephones, two computers and six keys. Each is looked at in each sign-in, and all are one value."""
_FIRST: Final = "first"


@attrs.frozen
class HeldFactor:
    """One factor of somebody: how it is called, and what it is checked with.

    One from before there could be several has no name, and is in force for as long as its owner has one.
    """

    was_kept_alone: ClassVar[bool] = True

    method: str
    secret: Secret
    state: str | None = None
    factor_id: str = _FIRST
    name: str = ""
    enrolled_at: datetime | None = None
    last_used_at: datetime | None = None

    @property
    def key(self) -> FactorKey:
        """What its method sees of it."""
        return FactorKey(self.secret, self.state)

    @property
    def called(self) -> str:
        """Its name; that of its method where it has none of its own."""
        return self.name or self.method


@attrs.frozen
class SecondFactor:
    """The second factors of an account as they are stored.

    Those `in_force` are asked for, since `enrolled_at`; `begun` was shown at `begun_at` and is in force
    once its owner has answered with it. `wrong_codes` came in a row. `handle` names the account to devices.
    `asked_alone_at` is when the last challenge was asked for that let somebody in without a password.
    """

    account_id: str
    in_force: tuple[HeldFactor, ...] | None = None
    enrolled_at: datetime | None = None
    begun: HeldFactor | None = None
    begun_at: datetime | None = None
    saved_codes: SavedCodes = attrs.field(factory=SavedCodes)
    wrong_codes: int = 0
    handle: str | None = None
    asked_alone_at: datetime | None = None

    def __attrs_post_init__(self) -> None:
        if (self.in_force is None) is not (self.enrolled_at is None):
            raise InvariantError("a second factor is in force since some instant, or it is not in force")
        if (self.begun is None) is not (self.begun_at is None):
            raise InvariantError("the set-up of a second factor was begun at some instant, or it was not")
        if self.in_force is None and self.saved_codes.left:
            raise InvariantError("saved codes stand in for a second factor; there is none")
        if self.wrong_codes < 0 or (self.wrong_codes and self.in_force is None):
            raise InvariantError("wrong codes are counted from 0, for a second factor that is in force")
        ids = [each.factor_id for each in self.factors]
        if self.in_force == () or len(set(ids)) < len(ids):
            raise InvariantError("second factors in force are some, and each has an id of its own")

    @property
    def factors(self) -> tuple[HeldFactor, ...]:
        """Those in force, the oldest first."""
        return self.in_force or ()

    @property
    def is_enrolled(self) -> bool:
        """Whether one is asked for at sign-in."""
        return self.in_force is not None

    def keys_of(self, method: str) -> tuple[FactorKey, ...]:
        """What a method sees of its factors in force."""
        return tuple(each.key for each in self.factors if each.method == method)

    def beginning(self, factor: HeldFactor, now: datetime, *, handle: str | None = None) -> "SecondFactor":
        """The set-up of a factor begins; one that had begun before is forgotten."""
        return attrs.evolve(self, begun=factor, begun_at=now, handle=self.handle or handle)

    def to_confirm(self, now: datetime, within: timedelta) -> HeldFactor | None:
        """The factor whose set-up has begun, unless that is too long ago."""
        is_fresh = self.begun_at is not None and self.begun_at <= now < self.begun_at + within
        return self.begun if is_fresh else None

    def enrolled(self, factor: HeldFactor, saved_codes: SavedCodes, now: datetime) -> "SecondFactor":
        """The factor is in force, beside any other; the saved codes are, when it is the first."""
        return attrs.evolve(
            self,
            in_force=(*self.factors, attrs.evolve(factor, enrolled_at=now)),
            enrolled_at=self.enrolled_at or now,
            begun=None,
            begun_at=None,
            saved_codes=self.saved_codes if self.is_enrolled else saved_codes,
            wrong_codes=0,
        )

    def after(self, factor: HeldFactor, now: datetime) -> "SecondFactor":
        """An answer of this factor counted: what it used up is gone, and so is the count of wrong ones."""
        used = attrs.evolve(factor, last_used_at=now)
        factors = tuple(used if each.factor_id == used.factor_id else each for each in self.factors)
        return attrs.evolve(self, in_force=factors, wrong_codes=0)

    def is_disabled(self, limit: int) -> bool:
        """Whether so many wrong codes came in a row that none but a saved code counts any more."""
        return self.is_enrolled and self.wrong_codes >= limit

    def after_wrong_code(self, limit: int) -> tuple["SecondFactor", tuple[Event, ...]]:
        """Count one wrong code, and say whether that disabled the factors."""
        if not self.is_enrolled or self.is_disabled(limit):
            return self, ()
        counted = attrs.evolve(self, wrong_codes=self.wrong_codes + 1)
        disabled = counted.is_disabled(limit)
        return counted, (SecondFactorDisabled(self.account_id, counted.wrong_codes),) if disabled else ()

    def without(self, factor_id: str | None) -> "SecondFactor":
        """One factor is removed, or all of them; with the last one whatever belonged to it."""
        left = tuple(each for each in self.factors if factor_id is not None and each.factor_id != factor_id)
        if not left:
            return SecondFactor(self.account_id, handle=self.handle, asked_alone_at=self.asked_alone_at)
        return attrs.evolve(self, in_force=left, begun=None, begun_at=None)


@attrs.frozen
class AcceptedCode:
    """An answer counted; `factor` is what to save, in which it can't count again."""

    factor: SecondFactor
    is_saved_code: bool


@attrs.frozen
class CopiedDevice:
    """An answer that counts no further than an earlier one of its device: somebody may have a copy of it."""

    factor_id: str


def factor_standing(factor: SecondFactor | None, *, demanded: bool) -> FactorStanding:
    """How an account stands before a factor was given."""
    if factor is not None and factor.is_enrolled:
        return FactorStanding.DUE
    return FactorStanding.TO_ENROL if demanded else FactorStanding.NOT_USED


def require_may_set_up(session: Session, factor: SecondFactor) -> None:
    """Raise NotPermittedError unless a second factor may be set up, or a further one, in this session.

    NIST SP 800-63B-4 §4.1.2.1: with the highest assurance the account is capable of by then.
    """
    if session.scope is not SessionScope.ENROL_SECOND_FACTOR_ONLY:
        session.require(SessionScope.FULL)
    if factor.is_enrolled:
        session.require_assurance(Assurance.AAL2)
    if len(factor.factors) >= MOST_FACTORS:
        raise NotPermittedError(f"this account has {MOST_FACTORS} second factors; remove one first")


def accept_code(
    factor: SecondFactor,
    code: Secret,
    methods: Mapping[str, SecondFactorMethod],
    *,
    challenge: str,
    limit: int,
    now: datetime,
) -> AcceptedCode | CopiedDevice | None:
    """Judge an answer by the factors in force, or as a saved code; None when it doesn't count.

    After `limit` wrong ones in a row only a saved code does. Raises ConfigurationError when each factor was
    made for a method that is not at hand.
    """
    if not factor.is_enrolled or _is_oversize(code):
        return None
    unused = factor.saved_codes.without(code)
    if unused is not None:
        return AcceptedCode(attrs.evolve(factor, saved_codes=unused), is_saved_code=True)
    found: AcceptedCode | CopiedDevice | None = None
    for key in methods_at_hand(factor, methods):
        verdict = methods[key].check(factor.keys_of(key), code, challenge=challenge, now=now)
        found = found or _judged(factor, key, verdict, now)
    return None if factor.is_disabled(limit) else found


def methods_at_hand(factor: SecondFactor, methods: Mapping[str, SecondFactorMethod]) -> tuple[str, ...]:
    """The methods, in their order, by which somebody can answer; raises ConfigurationError for none."""
    made_for = {each.method for each in factor.factors}
    at_hand = tuple(key for key in methods if key in made_for)
    if made_for and not at_hand:
        raise ConfigurationError(
            f"this second factor was set up by the method '{min(made_for)}', and the agency has "
            f"{', '.join(map(repr, methods))}; open it with that method, or have staff remove the factor"
        )
    return at_hand


def confirmed(
    begun: HeldFactor, answer: Secret, methods: Mapping[str, SecondFactorMethod], now: datetime
) -> HeldFactor | None:
    """The factor to put in force after its owner has answered with it; None when the answer is wrong.

    One whose method is not at hand any more is not confirmed either: its set-up has to begin again.
    """
    method = methods.get(begun.method)
    key = method and not _is_oversize(answer) and method.confirm(begun.secret, answer, now=now)
    return attrs.evolve(begun, secret=key.secret, state=key.state) if key else None


def judged_alone(
    factor: SecondFactor, method: str, verdict: FactorVerdict, *, limit: int, now: datetime
) -> AcceptedCode | CopiedDevice | None:
    """What becomes of a verdict on an answer that stands alone, without a password."""
    return None if factor.is_disabled(limit) else _judged(factor, method, verdict, now)


def _judged(
    factor: SecondFactor, method: str, verdict: FactorVerdict, now: datetime
) -> AcceptedCode | CopiedDevice | None:
    if verdict is None:
        return None
    held = [each for each in factor.factors if each.method == method][verdict.place]
    if isinstance(verdict, FactorCopied):
        return CopiedDevice(held.factor_id)
    return AcceptedCode(factor.after(attrs.evolve(held, state=verdict.state), now), is_saved_code=False)


def _is_oversize(answer: Secret) -> bool:
    return len(answer.reveal()) > LONGEST_ANSWER
