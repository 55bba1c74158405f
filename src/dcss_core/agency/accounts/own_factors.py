"""Own factors: the second factors of whoever is signed in, as a verb finds and saves them.

Decides how a new one is called and known. Invariants: a name is the owner's own, one line, and given once; it
stands sealed beside the secret, and in no event; the handle of an account tells nothing about anybody.
"""

import base64
from collections.abc import Mapping
from typing import Final, TypeAlias

import attrs

from dcss_core.agency.callers.door import Admitted
from dcss_core.agency.filing.accounts import SECOND_FACTORS
from dcss_core.agency.work.resources import Resources
from dcss_core.agency.work.unit_of_work import Kept, UnitOfWork
from dcss_core.errors import Fault, InvalidInputError
from dcss_core.letters.letterhead import letterhead
from dcss_core.users.account import Account
from dcss_core.users.second_factor.changes import SetUpBegun
from dcss_core.users.second_factor.factor import HeldFactor, SecondFactor
from dcss_core.users.second_factor.method import NEW_FACTOR_BYTES, FactorOwner, NewFactor, SecondFactorMethod
from dcss_core.users.second_factor.on_file import FactorOnFile
from dcss_core.users.sign_in.session import Session

Methods: TypeAlias = Mapping[str, SecondFactorMethod]
_HANDLE_BYTES: Final = 32
_LONGEST_NAME: Final = 40


@attrs.frozen
class Own:
    """The session of a token, its account and what is kept of its second factors."""

    caller: Admitted
    kept: Kept[SecondFactor] | None

    @classmethod
    def of(cls, work: UnitOfWork, caller: Admitted) -> "Own":
        """What is kept of whoever was let in."""
        return cls(caller, work.get(SECOND_FACTORS, caller.holder.account.record.account_id))

    @property
    def session(self) -> Kept[Session]:
        """The session."""
        return self.caller.holder.session

    @property
    def account(self) -> Kept[Account]:
        """The account."""
        return self.caller.holder.account

    @property
    def account_id(self) -> str:
        """The id of the account."""
        return self.account.record.account_id

    @property
    def factor(self) -> SecondFactor:
        """What there is of second factors."""
        return self.kept.record if self.kept else SecondFactor(self.account_id)

    def save(self, work: UnitOfWork, factor: SecondFactor) -> None:
        """Save what became of them."""
        work.put(SECOND_FACTORS, self.kept, factor)


@attrs.frozen
class Wanted:
    """What the owner wants to set up; without a name it is called as its method, with a number."""

    method: str
    name: str | None

    @classmethod
    def checked(cls, method: str | None, name: str | None, methods: Methods) -> "Wanted":
        """The first method that the agency has, unless one is named; raises InvalidInputError."""
        faults = []
        if method is not None and method not in methods:
            faults.append(Fault("method", "another", f"one of {', '.join(map(repr, methods))}"))
        if name is not None and not (name.isprintable() and name.strip() == name and name):
            faults.append(Fault("name", "another text", "one line without blanks around it"))
        if name is not None and len(name) > _LONGEST_NAME:
            faults.append(Fault("name", f"{len(name)} characters", f"at most {_LONGEST_NAME}"))
        if faults:
            raise InvalidInputError("a second factor can't be set up like this", faults=faults)
        return cls(method or next(iter(methods)), name)

    def require_new_name(self, factor: SecondFactor) -> None:
        """Raise InvalidInputError for a name that another factor of the account has."""
        if self.name is not None and self.name.casefold() in _names(factor):
            fault = Fault("name", "that of another factor", "one that tells it from the others")
            raise InvalidInputError("choose another name for this second factor", faults=[fault])


def begin_factor(
    work: UnitOfWork, own: Own, wanted: Wanted, methods: Methods, resources: Resources
) -> SetUpBegun:
    """Make the factor and keep it as begun; what to show its owner."""
    within = resources.account_policies().sessions.factor_within
    handle = own.factor.handle or _handle(resources)
    name = wanted.name or _numbered(wanted.method, own.factor)
    new = _made(work, own, methods[wanted.method], handle, wanted.method, resources)
    held = HeldFactor(wanted.method, new.secret, factor_id=work.new_id(), name=name)
    own.save(work, own.factor.beginning(held, work.now, handle=handle))
    return SetUpBegun(wanted.method, name, new.shown, new.typed, work.now + within)


def listed(factor: SecondFactor) -> tuple[FactorOnFile, ...]:
    """The factors in force as people see them."""
    return tuple(
        FactorOnFile(
            each.factor_id,
            each.called,
            each.method,
            each.enrolled_at or since,
            each.last_used_at,
        )
        for since in [factor.enrolled_at]
        if since is not None
        for each in factor.factors
    )


def _made(
    work: UnitOfWork, own: Own, method: SecondFactorMethod, handle: str, key: str, resources: Resources
) -> NewFactor:
    # What it is made from stands in no variable: a traceback may show those.
    return method.begin(
        resources.randomness.token_bytes(NEW_FACTOR_BYTES),
        owner=FactorOwner(letterhead(work.rules).agency, own.account.record.user_id, handle),
        enrolled=own.factor.keys_of(key),
    )


def _handle(resources: Resources) -> str:
    return base64.urlsafe_b64encode(resources.randomness.token_bytes(_HANDLE_BYTES)).decode().rstrip("=")


def _numbered(method: str, factor: SecondFactor) -> str:
    taken = _names(factor)
    names = [method, *(f"{method} {number}" for number in range(2, len(taken) + 2))]
    return next(name for name in names if name.casefold() not in taken)


def _names(factor: SecondFactor) -> set[str]:
    return {each.called.casefold() for each in factor.factors}
