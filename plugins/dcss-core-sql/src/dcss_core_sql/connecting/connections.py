"""Connections: those of this process to one database, and who has which.

Decides who gets a connection, and what becomes of one whose block was torn apart. Invariants: who has a
connection is told by `claims` alone, where it is entered by one call of C; a connection in the middle of a
transaction that nobody goes on with is closed, which saves nothing and lets go of what it held.
"""

from collections.abc import Callable, Hashable
from typing import Any, Generic, TypeVar

from dcss_core_sql.connecting.line import Claim

C = TypeVar("C", bound=Hashable)


class Connections(Generic[C]):
    """The connections of one process to one database.

    `connection_of` gives the connection behind what a claim uses, `is_idle` whether it can be used again
    once that is let go of, `close` closes it, whatever it is in the middle of.
    """

    def __init__(
        self, connection_of: Callable[[Any], C], is_idle: Callable[[C, Any], bool], close: Callable[[C], None]
    ) -> None:
        self.kept: list[C] = []
        self.claims: dict[C, Claim] = {}
        self._opening: list[object] = []
        self._connection_of = connection_of
        self._is_idle = is_idle
        self._close = close

    @property
    def is_open(self) -> bool:
        """Whether there is a connection, or one is being made."""
        return bool(self.kept or self._opening)

    def claimed(self, claim: Claim) -> C | None:
        """A connection that nobody had, for this claim; None when there is none."""
        for connection in list(self.kept):
            if self.claims.setdefault(connection, claim) is claim:
                if connection in self.kept:
                    return connection
                self.claims.pop(connection)  # it was closed before it could be claimed
        return None

    def opened(self, claim: Claim, connect: Callable[[], C]) -> C:
        """A new connection for this claim."""
        opening = object()
        self._opening.append(opening)
        try:
            connection = connect()
            self.claims[connection] = claim
            self.kept.append(connection)
        finally:
            self._opening.remove(opening)
        return connection

    def let_go(self, claim: Claim) -> None:
        """Give back the connections that a claim holds, in whatever state they are."""
        used = claim.used
        for connection in list(self.claims) if used is None else (self._connection_of(used),):
            if self.claims.get(connection) is claim:
                if not self._is_idle(connection, used):
                    self.close(connection)
                self.claims.pop(connection, None)

    def close(self, connection: C) -> None:
        """Close a connection, and keep it no longer."""
        self._close(connection)
        if connection in self.kept:
            self.kept.remove(connection)

    def discard(self, connection: C) -> None:
        """Close a connection that can't be used any more, and let nobody have it."""
        self.close(connection)
        self.claims.pop(connection, None)

    def close_idle(self, before: Callable[[C], None] | None = None) -> None:
        """Close the connections that no transaction uses; `before` is called with each."""
        claim = nobodys_claim()
        for connection in list(self.kept):
            if self.claims.setdefault(connection, claim) is claim:
                try:
                    if before is not None:
                        before(connection)
                    self.close(connection)
                finally:
                    self.claims.pop(connection, None)

    def spoil(self, failure: Exception) -> None:
        """Let every transaction that is under way raise this from now on."""
        for claim in list(self.claims.values()):
            block = claim()
            if block is not None:
                block.spoil(failure)


class _Opening:
    """Who claims a connection to close it."""

    def spoil(self, failure: Exception) -> None:
        """Nothing is under way that could be spoilt."""


def nobodys_claim() -> Claim:
    """A claim of nobody's block, to set a connection up."""
    return Claim(_Opening())
