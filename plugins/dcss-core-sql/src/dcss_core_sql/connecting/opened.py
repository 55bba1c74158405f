"""Opened: a database that is open in this process, until it is closed or the process forks.

Decides until when it may be used, and that what a claim holds is given back. Invariants: once it is closed,
and in a process that was forked, every call is refused and transactions under way are spoilt; connections
that nobody uses are closed then, the others when their unit of work ends.
"""

from collections.abc import Hashable
from typing import Any, Final, Generic, TypeVar

from dcss_core.errors import BackendError
from dcss_core_sql.connecting import forks
from dcss_core_sql.connecting.connections import Connections
from dcss_core_sql.connecting.line import Claim, Line

C = TypeVar("C", bound=Hashable)

_CLOSED: Final = "this storage was closed; open another"
_FORKED: Final = "this storage was opened before the process was forked; open another in this process"


class Opened(Generic[C]):
    """What every kind of database has while it is open."""

    is_foreign = False
    _refusal: str | None = None

    def __init__(self, line: Line, connections: Connections[C]) -> None:
        self._line = line
        self._connections = connections

    def let_go(self, claim: Claim) -> None:
        """Give back what a claim holds, in whatever state that is; does nothing when it holds nothing."""
        if self.is_foreign:
            return
        self._connections.let_go(claim)
        if claim.is_in_line:
            self._line.leave(claim)
        if self._refusal is not None:
            self._close_idle()

    def close(self) -> None:
        """Close every connection that isn't in use; the others close when their unit of work ends."""
        if self.is_foreign:
            self._check_usable()
        self._refuse(_CLOSED)
        forks.forget(self)
        self._close_idle()

    def before_fork(self) -> None:
        """Nothing, where a child may leave the connections alone and open its own."""

    def after_fork(self) -> list[Any]:
        """Refuse every call from now on, leave the connections alone, and give those there are."""
        self.is_foreign = True
        self._refuse(_FORKED)
        return [*self._connections.kept]

    def _check_usable(self) -> None:
        if self._refusal is not None:
            raise BackendError(self._refusal, retryable=False)

    def _refuse(self, reason: str) -> None:
        self._refusal = reason
        self._connections.spoil(BackendError(reason, retryable=False))

    def _close_idle(self) -> None:
        self._connections.close_idle()
