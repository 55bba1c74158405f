"""Recipient: whom a message goes to, whatever their address is.

Invariant: a person has the messages of all their cases and of their account in one row; staff, and people of
remitters, have those of their account.
"""

from typing import Final, Self

import attrs

from dcss_core.base.records.invariants import check_invariants

_PERSON: Final = "person:"
_ACCOUNT: Final = "account:"
_REMITTER: Final = "remitter:"
_INVITATION: Final = "invitation:"


@attrs.frozen
class Recipient:
    """A person, the account of a member of staff or of somebody of a remitter, or whoever was invited."""

    value: str

    def __attrs_post_init__(self) -> None:
        is_one = self.person_id or self.account_id or self.member_id or self.invitation_id
        check_invariants(self, (bool(is_one), "it is a person, an account or an invitation"))

    @classmethod
    def person(cls, person_id: str) -> Self:
        """Somebody in a case."""
        return cls(f"{_PERSON}{person_id}")

    @classmethod
    def account(cls, account_id: str) -> Self:
        """A member of staff, or who answers for a shared account."""
        return cls(f"{_ACCOUNT}{account_id}")

    @classmethod
    def member(cls, account_id: str) -> Self:
        """Somebody of a remitter."""
        return cls(f"{_REMITTER}{account_id}")

    @classmethod
    def invited(cls, invitation_id: str) -> Self:
        """Whoever was invited, and has no account yet."""
        return cls(f"{_INVITATION}{invitation_id}")

    @property
    def person_id(self) -> str | None:
        """The person's id; None for staff."""
        return self._behind(_PERSON)

    @property
    def account_id(self) -> str | None:
        """The id of the account of staff; None for a person."""
        return self._behind(_ACCOUNT)

    @property
    def member_id(self) -> str | None:
        """The id of the account of somebody of a remitter; None for anybody else."""
        return self._behind(_REMITTER)

    @property
    def invitation_id(self) -> str | None:
        """The id of the invitation; None for anybody else."""
        return self._behind(_INVITATION)

    def _behind(self, sort: str) -> str | None:
        return self.value.removeprefix(sort) if self.value.startswith(sort) else None
