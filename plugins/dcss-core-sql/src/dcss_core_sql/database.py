"""Database: what this package needs of one kind of database, besides its dialect.

Decides nothing. Each kind has a room of its own, as `sqlite`, and what stands outside of these rooms knows it
as a Database alone.
"""

from collections.abc import Callable, Mapping, Sequence
from contextlib import AbstractContextManager
from typing import Any, Protocol, TypeAlias, TypeVar

from dcss_core import errors
from dcss_core.plugins import Collection
from dcss_core_sql.connecting.line import Claim
from dcss_core_sql.dialect import Dialect
from dcss_core_sql.expected import Expected
from dcss_core_sql.statements import Statements

R = TypeVar("R")


class Cursor(Protocol):
    """What statements are executed through, as in PEP 249."""

    @property
    def rowcount(self) -> int:
        """How many rows the last statement changed."""

    def execute(self, sql: str, parameters: Sequence[Any] = (), /) -> Any:
        """Execute a statement with values for its parameters."""

    def fetchall(self) -> list[Any]:
        """Every row that the last statement gave."""


class Using(Protocol):
    """A unit of work, for what is no call of the port."""

    def use(self, work: Callable[[Any], R]) -> R:
        """Do something with its cursor."""


Begin: TypeAlias = Callable[[bool], AbstractContextManager[Using]]
"""Begins a unit of work when its block is entered, one that writes or one that only reads."""


class Database(Protocol):
    """One database, and the connections of this process to it; safe to use from several threads."""

    dialect: Dialect
    is_foreign: bool
    failures: tuple[type[Exception], ...]
    """What the driver raises."""

    def begin(self, claim: Claim, *, writes: bool, wait_seconds: float | None) -> Cursor:
        """Begin a unit of work on a connection of its own; whatever it raises, `let_go` gives it back.

        Raises BackendError, retryable when busy or unreachable.
        """

    def insert(
        self, cursor: Any, statements: Statements, rows: Sequence[tuple[Any, ...]], expected: Expected
    ) -> None:
        """Insert rows, as `Statements.rows` writes them; at once, or before anything is answered."""

    def update(
        self, cursor: Any, statements: Statements, values: Sequence[object], expected: Expected
    ) -> None:
        """Change a row, by the parameters of `Statements.update`; at once, or before anything is answered."""

    def settle(self, cursor: Any) -> None:
        """Have done what was put off; raises what is wrong with it."""

    def commit(self, cursor: Any, *, redacted: bool, deleted: bool) -> None:
        """Save what was written; raises OutcomeUnknownError where nobody knows whether it is saved."""

    def stop_reading(self, cursor: Any) -> None:
        """End a unit of work that saves nothing."""

    def roll_back(self, cursor: Any) -> None:
        """Save nothing; a connection that can't even do that is closed by `let_go`."""

    def let_go(self, claim: Claim) -> None:
        """Give back what a claim holds, in whatever state that is; does nothing when it holds nothing."""

    def translated(self, error: Exception, statements: Mapping[str, Statements]) -> errors.DcssError:
        """The typed error for one of `failures`; `statements` of the collections by their names."""

    def shows_a_value(self, error: Exception) -> bool:
        """Whether the driver's own words may hold what is stored, so that they are no cause to show."""

    def prepare(self, collections: Sequence[Collection], begin: "Begin") -> None:
        """Create the collections that are missing, in units of work that `begin` begins; see the port."""

    def close(self) -> None:
        """Close every connection that isn't in use; the others close when their unit of work ends."""
