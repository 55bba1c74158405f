"""PasswordVerdict: whether a password was right, found out before anything was locked.

Decides how long the answer of the slow hash counts. Invariant: it counts for the password it was given for
and for no other: an account whose password was changed meanwhile has not heard it.
"""

import attrs

from dcss_core.users.account import Account


@attrs.frozen
class PasswordVerdict:
    """What the slow hash said, about an account as it was seen then; None where there was no account."""

    matches: bool
    account_id: str | None
    credential_version: int

    @classmethod
    def of(cls, account: Account | None, *, matches: bool) -> "PasswordVerdict":
        """The verdict on a password that was typed for an account."""
        if account is None:
            return cls(matches=False, account_id=None, credential_version=0)
        return cls(matches, account.account_id, account.credential_version)

    def is_about(self, account: Account | None) -> bool:
        """Whether the account, as it is now, has the password the verdict is about.

        Not by the hash: another sign-in may have made it anew, of the same password.
        """
        if account is None:
            return self.account_id is None
        return (account.account_id, account.credential_version) == (self.account_id, self.credential_version)

    def holds_for(self, account: Account | None) -> bool:
        """Whether the password is the account's as it is now."""
        return self.matches and self.is_about(account)
