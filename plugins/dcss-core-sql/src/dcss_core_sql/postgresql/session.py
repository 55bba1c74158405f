"""Session: one connection to PostgreSQL, through which statements are executed.

Decides how a statement is sent: the first time as it is, from the second time on as one the server has
prepared. The driver's own cursor does more than is needed here, at several times the cost, so its C library
is called directly. Invariants: values are sent as text in bytes, beside the statement; what went wrong is
told without a word of the server's, for a stored value may stand in it.
"""

from collections.abc import Iterable, Sequence
from functools import lru_cache
from typing import Any, Final

import attrs
import psycopg
from psycopg import pq
from psycopg.adapt import AdaptersMap, Transformer
from psycopg.pq.abc import PGconn
from psycopg.types.bool import BoolLoader
from psycopg.types.numeric import IntLoader
from psycopg.types.string import ByteaLoader, TextLoader

from dcss_core_sql.postgresql.failures import ConnectionLost, ServerFailure, ends_its_connection

_MOST_PREPARED: Final = 2_000  # more than the library has statements, which are bounded in number
_COMMAND_OK: Final = pq.ExecStatus.COMMAND_OK
_TUPLES_OK: Final = pq.ExecStatus.TUPLES_OK
_COPY_IN: Final = pq.ExecStatus.COPY_IN
_CHUNK: Final = 1 << 16  # bytes of a COPY that are sent at once


def _loaders() -> AdaptersMap:
    loaders = AdaptersMap(types=psycopg.adapters.types)
    # days and instants stay text: the dialect reads them, and refuses what Python has no value for
    for name in ("text", "varchar", "name", "date", "timestamptz"):
        loaders.register_loader(name, TextLoader)
    loaders.register_loader("int8", IntLoader)
    loaders.register_loader("int4", IntLoader)
    loaders.register_loader("bool", BoolLoader)
    loaders.register_loader("bytea", ByteaLoader)
    return loaders


@attrs.frozen
class _Context:
    """What the driver reads values by."""

    adapters: AdaptersMap
    connection: None = None


_CONTEXT: Final = _Context(_loaders())


@lru_cache(maxsize=8_192)
def numbered(sql: str) -> bytes:
    """A statement with `$1`, `$2`, … in place of each `?`, as it is sent; no name holds a `?`."""
    first, *rest = sql.split("?")
    return (first + "".join(f"${place}{part}" for place, part in enumerate(rest, start=1))).encode()


class Session:
    """A connection to the server, and what it last answered."""

    rowcount = -1
    is_outdated = False
    """Whether something happened on it after which another connection is better taken."""

    def __init__(self, connection: PGconn) -> None:
        self._pgconn = connection
        self._transformer = Transformer.from_context(_CONTEXT)
        self._prepared: dict[str, bytes] = {}
        self._seen: set[str] = set()
        self._result: Any = None

    def execute(self, sql: str, parameters: Sequence[Any] = (), /) -> None:
        """Execute a statement; raises ServerFailure or ConnectionLost."""
        values: list[Any] = [
            value if value is None or type(value) is bytes else b"%d" % value for value in parameters
        ]
        name = self._prepared.get(sql) or self._name_of(sql)
        try:
            if name is None:
                result = self._pgconn.exec_params(numbered(sql), values)
            else:
                result = self._pgconn.exec_prepared(name, values)
        except psycopg.Error as error:
            raise ConnectionLost from error
        self._take(result)

    def command(self, text: str) -> None:
        """Execute text that has no parameters, perhaps several statements at once."""
        try:
            result = self._pgconn.exec_(text.encode())
        except psycopg.Error as error:
            raise ConnectionLost from error
        self._take(result)

    def fetchall(self) -> list[Any]:
        """Every row that the last statement gave."""
        result = self._result
        self._transformer.set_pgresult(result)
        return self._transformer.load_rows(0, result.ntuples, tuple)

    def copy(self, sql: str, lines: Iterable[bytes]) -> int:
        """Copy lines into a table; gives how many the server took."""
        try:
            self._check(self._pgconn.exec_(sql.encode()), _COPY_IN)
            for chunk in _chunks(lines):
                self._pgconn.put_copy_data(chunk)
            self._pgconn.put_copy_end()
            result = self._pgconn.get_result()
            while self._pgconn.get_result() is not None:
                pass  # libpq says by an empty result that it is done
        except psycopg.Error as error:
            raise ConnectionLost from error
        if result is None:
            raise ConnectionLost
        self._take(result)
        return self.rowcount

    @property
    def is_lost(self) -> bool:
        """Whether there is no connection to the server any more, as far as is known."""
        return self._pgconn.status != pq.ConnStatus.OK

    @property
    def is_idle(self) -> bool:
        """Whether the connection is in order, and in no transaction."""
        return self._pgconn.transaction_status == pq.TransactionStatus.IDLE

    @property
    def saved(self) -> bool:
        """Whether the last command was a COMMIT that saved something, and no ROLLBACK in its place."""
        return self._result is not None and self._result.command_status == b"COMMIT"

    def close(self) -> None:
        """Close the connection, whatever it is in the middle of."""
        self._pgconn.finish()

    def _name_of(self, sql: str) -> bytes | None:
        """The name of a statement that is used for the second time; None for the first time."""
        if sql not in self._seen or len(self._prepared) >= _MOST_PREPARED:
            self._seen.add(sql)
            return None
        name = b"s%d" % len(self._prepared)
        try:
            result = self._pgconn.prepare(name, numbered(sql))
        except psycopg.Error as error:
            raise ConnectionLost from error
        self._check(result, _COMMAND_OK)
        self._prepared[sql] = name
        return name

    def _take(self, result: Any) -> None:
        status = result.status
        if status != _TUPLES_OK and status != _COMMAND_OK:
            self._check(result, _COMMAND_OK)
        self._result = result
        number = result.command_tuples
        self.rowcount = -1 if number is None else number

    def _check(self, result: Any, expected: pq.ExecStatus) -> None:
        if result.status == expected:
            return
        state = result.error_field(pq.DiagnosticField.SQLSTATE)
        if state is None:
            self.is_outdated = True
            raise ConnectionLost
        self.is_outdated = self.is_outdated or ends_its_connection(state.decode("ascii", "replace"))
        key_name = result.error_field(pq.DiagnosticField.CONSTRAINT_NAME) or b""
        # the only way to tell who cancelled it; in another language it counts as the time-out
        said = result.error_field(pq.DiagnosticField.MESSAGE_PRIMARY) or b""
        raise ServerFailure(
            state.decode("ascii", "replace"),
            key_name.decode("utf-8", "replace"),
            was_asked_for=b"user request" in said,
        )


def _chunks(lines: Iterable[bytes]) -> Iterable[bytes]:
    held: list[bytes] = []
    size = 0
    for line in lines:
        held.append(line)
        size += len(line)
        if size >= _CHUNK:
            yield b"".join(held)
            held, size = [], 0
    if held:
        yield b"".join(held)
