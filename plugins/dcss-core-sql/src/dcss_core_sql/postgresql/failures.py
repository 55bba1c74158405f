"""Failures: which typed error a failure of PostgreSQL becomes.

Decides what may be tried again and what is certain about a commit, by the code the server gives (SQLSTATE).
Invariant: no message holds a stored value, nor the server's own words, in which one may stand.
"""

from collections.abc import Iterable, Mapping
from typing import Final

from dcss_core import errors
from dcss_core_sql.expected import Expected
from dcss_core_sql.statements import Statements
from dcss_core_sql.tables import keys_by_name

_UNIQUE: Final = "23505"
LACKS_RIGHTS: Final = "42501"
_READ_ONLY: Final = "25006"
CONFLICTS: Final = frozenset({"40001", "40P01", "55P03"})  # somebody was faster, or was waited for too long
# A statement that was kept on this connection no longer fits the tables; on another one it is made anew.
_OUTDATED: Final = frozenset({"0A000", "26000"})
_MISSING: Final = {"42P01": "a table", "42703": "a column", "3F000": "its schema"}
_DISK_FULL: Final = "53100"
_MEMORY_FULL: Final = "53200"  # most often that which is shared for locks, and free again a moment later
_TOO_LONG: Final = "57014"
_TOO_LARGE: Final = "54000"
_DAMAGED: Final = ("XX001", "XX002")
# Shut down, restarted, in recovery, without a place for one more connection.
_AWAY: Final = frozenset({"57P01", "57P02", "57P03", "57P05", "25P03", "53300"})
_COMMIT_UNKNOWN: Final = "40003"


class ServerFailure(Exception):  # noqa: N818  # what PostgreSQL reports is no error of ours yet
    """What the server answered in place of a result; it holds nothing of its words.

    `was_asked_for` says that somebody cancelled the statement by hand, `expected` what the statement should
    have come to, where it writes: it may have been put off, and another call hears of it.
    """

    def __init__(
        self,
        state: str,
        key_name: str = "",
        *,
        was_asked_for: bool = False,
        expected: Expected | None = None,
    ) -> None:
        super().__init__(f"SQLSTATE {state}")
        self.expected = expected
        self.state = state
        self.key_name = key_name
        self.was_asked_for = was_asked_for


class ConnectionLost(Exception):  # noqa: N818  # what happened, as the driver calls it
    """The connection to the server is gone, and no answer came to what was sent last."""

    def __init__(self) -> None:
        super().__init__("the connection is gone")


def busy() -> errors.BackendError:
    """What a transaction is told that waited long enough."""
    return errors.BackendError("other transactions are in the way in the database; try again", retryable=True)


def no_place() -> errors.BackendError:
    """What a transaction is told for which no connection became free."""
    return errors.BackendError(
        "every connection to the database is in use; try again, or allow more with the option 'connections'",
        retryable=True,
    )


def lost() -> errors.BackendError:
    """What a transaction is told that did not come to its commit."""
    return errors.BackendError(
        "the connection to the database was lost, and nothing was saved; try again", retryable=True
    )


def unknown() -> errors.OutcomeUnknownError:
    """What a transaction is told whose commit was not answered."""
    return errors.OutcomeUnknownError(
        "the connection to the database was lost while it committed, so what was written is saved or not; "
        "look before you write it again"
    )


def is_away(state: str) -> bool:
    """Whether the server, or this connection to it, is going away or not yet there."""
    return state in _AWAY or state[:2] == "08"


def ends_its_connection(state: str) -> bool:
    """Whether a connection on which this happened is of no use any more."""
    return is_away(state) or state in _OUTDATED or state == _READ_ONLY


def translated(error: Exception, statements: Mapping[str, Statements]) -> errors.DcssError:
    """The typed error for what happened before the commit; the keys of the collections have names there."""
    if not isinstance(error, ServerFailure):
        return lost()
    state = error.state
    if state == _UNIQUE:
        return _duplicate(error.key_name, statements.values())
    if state in CONFLICTS:
        return busy()
    if is_away(state):
        return errors.BackendError(
            f"PostgreSQL is not there for a while ({state}), and nothing was saved; try again", retryable=True
        )
    if state in _OUTDATED:
        return errors.BackendError(
            "the tables were changed while they were used, and nothing was saved; try again", retryable=True
        )
    if state == _TOO_LONG and error.was_asked_for:
        return errors.BackendError(
            "somebody cancelled the statement on the server, and nothing was saved; try again", retryable=True
        )
    if state == _READ_ONLY:
        return errors.BackendError(
            "the database takes no writing now: it is a standby, or somebody made it read-only; connect to "
            "the primary, or try again when it takes over",
            retryable=True,
        )
    if state == _MEMORY_FULL:
        return errors.BackendError(
            "PostgreSQL has no memory left for this, and nothing was saved; try again, and if it happens "
            "often give the server more (max_pred_locks_per_transaction, max_locks_per_transaction)",
            retryable=True,
        )
    return _lasting(state)


def _lasting(state: str) -> errors.DcssError:
    if state[:2] == "22":
        return errors.InvariantError(
            f"PostgreSQL can't work with a value that is stored or was given ({state}); was one changed by "
            "hand?"
        )
    if state in _MISSING:
        what = f"the database has lost {_MISSING[state]}, so somebody changed it by hand; restore it"
        return errors.BackendError(f"{what} from a backup", retryable=False)
    if state == _DISK_FULL:
        what = "PostgreSQL can't go on: its disk is full; nothing was saved"
        return errors.BackendError(f"{what}; make room, then do it again", retryable=False)
    if state == LACKS_RIGHTS:
        return errors.BackendError(
            "the role lacks a right that it needs; grant it USAGE on the schema and SELECT, INSERT, UPDATE "
            "and DELETE on every table of it, and CREATE on the schema (on the database, where there is no "
            "schema yet) to make tables",
            retryable=False,
        )
    if state == _TOO_LONG:
        return errors.BackendError(
            "a statement took longer than the URL allows, and nothing was saved; look at the server's load, "
            "or allow more with the option 'statement_seconds'",
            retryable=False,
        )
    if state == _TOO_LARGE:
        return errors.InvariantError(
            "a value of a key or an index is longer than PostgreSQL takes there, which is about 2,700 bytes"
        )
    if state in _DAMAGED:
        what = f"PostgreSQL found its files damaged ({state}); restore the database from a backup"
        return errors.BackendError(what, retryable=False)
    return errors.BackendError(
        f"PostgreSQL failed with SQLSTATE {state}; the server's own log says more", retryable=False
    )


def _duplicate(key_name: str, known: Iterable[Statements]) -> errors.DcssError:
    for statements in known:
        fields = keys_by_name(statements.collection, statements.dialect).get(key_name)
        if fields is not None:
            return errors.DuplicateKeyError(statements.collection.name, fields)
    return errors.BackendError(
        "the database refused a row by a unique key that was not made here; remove that key", retryable=False
    )


def translated_at_commit(error: Exception) -> errors.DcssError:
    """The typed error for a failure of the commit itself."""
    if not isinstance(error, ServerFailure) or error.state == _COMMIT_UNKNOWN or is_away(error.state):
        return unknown()
    return translated(error, {})
