"""Recipient: whom a message goes to, whatever their address is.

Invariant: a person has the messages of all their cases and of their account in one row; staff have those of
their account.
"""

from typing import Final, Self

import attrs

from dcss_core.base.records.invariants import check_invariants

_PERSON: Final = "person:"
_ACCOUNT: Final = "account:"


@attrs.frozen
class Recipient:
    """A person, or the account of a member of staff."""

    value: str

    def __attrs_post_init__(self) -> None:
        is_one = self.person_id or self.account_id
        check_invariants(self, (bool(is_one), "it is a person or an account"))

    @classmethod
    def person(cls, person_id: str) -> Self:
        """Somebody in a case."""
        return cls(f"{_PERSON}{person_id}")

    @classmethod
    def account(cls, account_id: str) -> Self:
        """A member of staff, or who answers for a shared account."""
        return cls(f"{_ACCOUNT}{account_id}")

    @property
    def person_id(self) -> str | None:
        """The person's id; None for staff."""
        return self._behind(_PERSON)

    @property
    def account_id(self) -> str | None:
        """The id of the account of staff; None for a person."""
        return self._behind(_ACCOUNT)

    def _behind(self, sort: str) -> str | None:
        return self.value.removeprefix(sort) if self.value.startswith(sort) else None
