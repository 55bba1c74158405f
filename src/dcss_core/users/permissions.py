"""Permissions: who may use which verb, as one table of the rules in force.

Decides whether a caller may use a verb. Invariants: every verb has a row, and every row is a verb's, or
the agency does not open; whoever is refused is told the same, whatever was asked for and whether or not it
exists; what the table does not grant is refused.
"""

from collections.abc import Collection, Iterator, Mapping
from enum import Enum
from itertools import product
from typing import Final, TypeVar

import attrs

from dcss_core.errors import Fault, InvariantError, NotPermittedError, RulesError
from dcss_core.rules.in_force import RulesInForce
from dcss_core.users.account import AccountKind
from dcss_core.users.remitters.member import RemitterMember
from dcss_core.users.staff.member import StaffRole

E = TypeVar("E", bound=Enum)
_TABLE: Final = "permissions.verbs"


class Whoever(Enum):
    """To whom a verb is open without a role."""

    ANYBODY = "anybody"
    """Somebody who has not signed in: the verb asks for no caller."""

    ACCOUNT = "account"
    """Whoever is signed in, in their own account."""

    PARENT = "parent"
    """A parent who is signed in, in their own cases."""

    REMITTER = "remitter"
    """Somebody of an organisation that sends support, or a private payer: what was sent by them."""

    REMITTER_ADMINISTRATOR = "remitter_administrator"
    """Whoever administers the accounts of an organisation, in that organisation."""


class Asks(Enum):
    """Of whom a verb asks who calls, and so to whom a table can open it."""

    NOBODY = "anybody"
    ACCOUNT = "whoever is signed in, and nobody else"
    PARENT = "a parent who is signed in, and nobody else"
    PARENT_OR_STAFF = "a parent who is signed in, staff and jobs"
    STAFF = "staff and jobs"
    REMITTER = "somebody of a remitter who is signed in, and nobody else"
    REMITTER_ADMINISTRATOR = "whoever administers an organisation, and nobody else"


@attrs.frozen
class Permission:
    """One row: to whom a verb is open, which roles of staff may use it, and which jobs.

    `people` is how many of the staff it takes: 1 or 2.
    """

    verb: str
    whoever: Whoever | None
    staff: frozenset[StaffRole]
    jobs: frozenset[str]
    people: int = 1


@attrs.frozen
class Standing:
    """Who asks, as far as permission goes: the kind of account they are signed in with, roles, a job.

    `member` is who they are of a remitter, while that is in use and their time is not over.
    """

    account_kind: AccountKind | None = None
    roles: tuple[StaffRole, ...] = ()
    job: str | None = None
    member: RemitterMember | None = None

    def may(self, permission: Permission) -> bool:
        """Whether the row grants the verb to somebody of this standing."""
        if permission.whoever is Whoever.ACCOUNT and self.account_kind is not None:
            return True
        if permission.whoever is Whoever.PARENT and self.account_kind is AccountKind.PARENT:
            return True
        if permission.whoever is Whoever.REMITTER and self.member is not None:
            return True
        if permission.whoever is Whoever.REMITTER_ADMINISTRATOR and self.member is not None:
            return self.member.is_administrator
        return self.may_by_right(permission)

    def may_by_right(self, permission: Permission) -> bool:
        """Whether the row grants it to a role or to the job, and so for every case and account."""
        return self.job in permission.jobs or not permission.staff.isdisjoint(self.roles)


@attrs.frozen
class Permissions:
    """The table. Raises RulesError with every row that can't be read."""

    rows: Mapping[str, Permission]

    @classmethod
    def from_rules(cls, rules: RulesInForce) -> "Permissions":
        """Read the table in force."""
        faults: list[Fault] = []
        rows = {}
        for row in rules.table(_TABLE):
            verb = str(row["verb"])
            where = f"{_TABLE}, {verb}"
            rows[verb] = Permission(
                verb,
                _one(Whoever, row["whoever"], f"{where}: whoever", faults),
                frozenset(_several(StaffRole, row["staff"], f"{where}: staff", faults)),
                frozenset(str(row["jobs"] or "").split()),
                _people(row["people"], f"{where}: people", faults),
            )
        if faults:
            raise RulesError(
                f"the permissions of {rules.jurisdiction} on {rules.day} can't be read; mend the rule file",
                faults=faults,
            )
        return cls(rows)

    def of(self, verb: str) -> Permission:
        """The row of a verb; raises InvariantError when there is none, which opening has ruled out."""
        if verb not in self.rows:
            raise InvariantError(f"the verb {verb} has no row in {_TABLE}")
        return self.rows[verb]

    def faults(
        self, verbs: Mapping[str, Asks], *, by_two: Collection[str], waiting: Collection[str]
    ) -> Iterator[Fault]:
        """What keeps the table from serving these verbs; a verb is open only to those whom it asks.

        `by_two` are the verbs that can wait for a second person, `waiting` those about what waits.
        """
        for verb in sorted(verbs.keys() - self.rows.keys()):
            yield Fault(_TABLE, f"no row for {verb}", "a row for each verb")
        for verb, row in self.rows.items():
            if verb not in verbs:
                yield Fault(_TABLE, f"a row for {verb}", "rows for verbs there are")
            elif not _fits(row, verbs[verb]):
                yield Fault(f"{_TABLE}, {verb}", _granted(row), f"this verb only for {verbs[verb].value}")
            elif row.people > 1 and verb not in by_two:
                expected = f"1: two people are for {', '.join(sorted(by_two))}"
                yield Fault(f"{_TABLE}, {verb}: people", f"{row.people}", expected)
        yield from self._faults_of_waiting(waiting)

    def _faults_of_waiting(self, waiting: Collection[str]) -> Iterator[Fault]:
        """Whoever does what takes two people has to see what waits, and to be able to take it back."""
        about = [self.rows[each] for each in waiting if each in self.rows]  # a row that lacks is told
        by_two = [row for row in self.rows.values() if row.people > 1]
        for seen, row in product(about, by_two):
            lacking = ", ".join(sorted(role.value for role in row.staff - seen.staff))
            if lacking:
                expected = f"open to {lacking} too, as {row.verb} is"
                yield Fault(f"{_TABLE}, {seen.verb}: staff", _granted(seen), expected)


def not_permitted(wanted: str) -> NotPermittedError:
    """The one refusal; `wanted` is for the audit log and never for the caller."""
    return NotPermittedError(
        "you may not do this; ask somebody who may",
        wanted=wanted,
    )


def _people(cell: object, where: str, faults: list[Fault]) -> int:
    if cell is None or cell in (1, 2):
        return 2 if cell == 2 else 1
    faults.append(Fault(where, f"{cell}", "1 or 2, or nothing for 1"))
    return 1


def _one(kind: type[E], cell: object, where: str, faults: list[Fault]) -> E | None:
    return next(iter(_several(kind, cell, where, faults)), None)


def _several(kind: type[E], cell: object, where: str, faults: list[Fault]) -> list[E]:
    known = {str(member.value): member for member in kind}
    words = str(cell or "").split()
    faults += [
        Fault(where, repr(word), f"one of {', '.join(known)}, or nothing")
        for word in words
        if word not in known
    ]
    return [known[word] for word in words if word in known]


# A verb shows a parent what is theirs only where it looks whose it is; a table can't make it look.
_WHOEVER: Final[Mapping[Asks, tuple[Whoever | None, ...]]] = {
    Asks.NOBODY: (Whoever.ANYBODY,),
    Asks.ACCOUNT: (Whoever.ACCOUNT, None),
    Asks.PARENT: (Whoever.PARENT, None),
    Asks.PARENT_OR_STAFF: (Whoever.PARENT, None),
    Asks.STAFF: (None,),
    Asks.REMITTER: (Whoever.REMITTER, Whoever.REMITTER_ADMINISTRATOR, None),
    Asks.REMITTER_ADMINISTRATOR: (Whoever.REMITTER_ADMINISTRATOR, None),
}


def _fits(row: Permission, asks: Asks) -> bool:
    takes_staff = asks in (Asks.STAFF, Asks.PARENT_OR_STAFF)
    return row.whoever in _WHOEVER[asks] and (takes_staff or not (row.staff or row.jobs))


def _granted(row: Permission) -> str:
    whoever = [row.whoever.value] if row.whoever else []
    granted = [*whoever, *sorted(role.value for role in row.staff), *sorted(row.jobs)]
    return f"it is open to {', '.join(granted)}" if granted else "it is open to nobody"
