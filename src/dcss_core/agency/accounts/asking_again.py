"""Asking again: the password is given once more inside a session, before something is changed.

Invariants: exactly one run of the slow hash, outside of the transaction that acts on its verdict, whatever
comes of it; the verdict counts as `PasswordVerdict` says.
"""

import attrs

from dcss_core.agency.accounts.password_checks import PasswordChecks
from dcss_core.agency.callers.door import Admitted, Door
from dcss_core.agency.work.unit_of_work import UnitOfWork
from dcss_core.base.secret import Secret
from dcss_core.users.account import Account
from dcss_core.users.hashing.verdict import PasswordVerdict
from dcss_core.users.passwords.password import Password
from dcss_core.users.sign_in.session import SessionToken


@attrs.frozen(repr=False)
class AskedAgain:
    """What was seen when the password was asked again: who asked, what they typed, whether it was right."""

    caller: Admitted
    typed: Password
    verdict: PasswordVerdict

    @property
    def account(self) -> Account:
        """The account as it was seen."""
        return self.caller.holder.account.record


@attrs.frozen(repr=False)
class AskingAgain:
    """Asks whoever is signed in for their password."""

    _door: Door
    _passwords: PasswordChecks

    def asked(
        self, verb: str, token: SessionToken, password: Secret, *, of_parents: bool = False
    ) -> AskedAgain:
        """Let the caller in to a verb, of parents alone perhaps, and hash what they typed.

        Raises as the door does.
        """

        def seen(_: UnitOfWork, admitted: Admitted) -> Admitted:
            if of_parents:
                admitted.holder.session.record.person_with_cases()
            return admitted

        caller = self._door.write(verb, token, seen)
        typed = self._passwords.typed_or_empty(password)
        account = caller.holder.account.record
        matches = self._passwords.matches(typed, account)
        return AskedAgain(caller, typed, PasswordVerdict.of(account, matches=matches))
