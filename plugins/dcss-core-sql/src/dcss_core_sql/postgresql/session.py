"""Session: one connection to PostgreSQL, through which statements are executed.

Decides how a statement is sent: the first time as it is, from the second time on as one the server has
prepared; and when: what only writes waits until an answer is needed, and goes together with the next
question, so that it costs no round trip of its own. The driver's own cursor does more than is needed here, at
several times the cost, so its C library is called directly. Invariants: statements are executed in the order
in which they came; values are sent as text in bytes, beside the statement; what went wrong is told without a
word of the server's, for a stored value may stand in it.
"""

from collections.abc import Iterable, Sequence
from functools import lru_cache
from itertools import count
from typing import Any, Final, TypeAlias

import attrs
import psycopg
from psycopg import pq
from psycopg.adapt import AdaptersMap, Transformer
from psycopg.pq.abc import PGconn
from psycopg.types.bool import BoolLoader
from psycopg.types.numeric import IntLoader
from psycopg.types.string import ByteaLoader, TextLoader

from dcss_core_sql.expected import Expected
from dcss_core_sql.postgresql.failures import ConnectionLost, ServerFailure, ends_its_connection
from dcss_core_sql.postgresql.waiting import flush, result_of

_MOST_PREPARED: Final = 2_000  # more than the library has statements, which are bounded in number
_COMMAND_OK: Final = pq.ExecStatus.COMMAND_OK
_TUPLES_OK: Final = pq.ExecStatus.TUPLES_OK
_COPY_IN: Final = pq.ExecStatus.COPY_IN
_CHUNK: Final = 1 << 16  # bytes of a COPY that are sent at once
_MOST_PUT_OFF: Final = 64  # statements
_MOST_BYTES_PUT_OFF: Final = 1 << 20

_Statement: TypeAlias = tuple[str, list[Any], Expected | None]


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

    def __init__(self, connection: PGconn, patience_seconds: int) -> None:
        self._pgconn = connection
        self._patience_seconds = patience_seconds
        connection.nonblocking = 1  # libpq would wait with the lock of Python in its hand, and for ever
        self._transformer = Transformer.from_context(_CONTEXT)
        self._prepared: dict[str, bytes] = {}
        self._names = count()
        self._seen: set[str] = set()
        self._result: Any = None
        self._waiting: list[_Statement] = []
        self._waiting_bytes = 0

    def put_off(self, sql: str, parameters: Sequence[Any], expected: Expected) -> None:
        """Execute a statement that writes, before the next one at the latest that is answered."""
        values = _sent(parameters)
        self._waiting.append((sql, values, expected))
        self._waiting_bytes += sum([len(value) for value in values if value is not None])
        if len(self._waiting) >= _MOST_PUT_OFF or self._waiting_bytes >= _MOST_BYTES_PUT_OFF:
            self.settle()

    def settle(self) -> None:
        """Execute what was put off; raises as `execute`, and what an `Expected` says."""
        if self._waiting:
            self._execute_together()

    def forget(self) -> None:
        """Execute nothing of what was put off."""
        self._waiting, self._waiting_bytes = [], 0

    def execute(self, sql: str, parameters: Sequence[Any] = (), /) -> None:
        """Execute a statement; raises ServerFailure or ConnectionLost.

        What was put off is executed before it, and what is wrong with that is raised.
        """
        statement = (sql, _sent(parameters), None)
        self._take(self._execute_together(statement) if self._waiting else self._execute_alone(statement))

    def command(self, text: str) -> None:
        """Execute text that has no parameters, perhaps several statements at once."""
        self.settle()
        try:
            self._pgconn.send_query(text.encode())
            self._take(self._answer())
        except psycopg.Error as error:
            raise ConnectionLost from error

    def fetchall(self) -> list[Any]:
        """Every row that the last statement gave."""
        result = self._result
        self._transformer.set_pgresult(result)
        return self._transformer.load_rows(0, result.ntuples, tuple)

    def copy(self, sql: str, lines: Iterable[bytes], expected: Expected) -> None:
        """Copy lines into a table."""
        self.settle()
        try:
            self._pgconn.send_query(sql.encode())
            self._check(self._answer(), _COPY_IN)
            for chunk in _chunks(lines):
                self._pgconn.put_copy_data(chunk)
                self._flush(self._patience_seconds)  # else all of it would be kept in memory
            self._pgconn.put_copy_end()
            result = self._answer()
        except psycopg.Error as error:
            raise ConnectionLost from error
        self._check(result, _COMMAND_OK, expected)
        expected.check(result.command_tuples or 0)

    @property
    def is_lost(self) -> bool:
        """Whether there is no connection to the server any more, as far as is known."""
        return self._pgconn.status != pq.ConnStatus.OK

    @property
    def is_idle(self) -> bool:
        """Whether the connection is in order, and in no transaction."""
        return (
            self._pgconn.transaction_status == pq.TransactionStatus.IDLE
            and self._pgconn.pipeline_status == pq.PipelineStatus.OFF
            and not self._waiting
        )

    @property
    def saved(self) -> bool:
        """Whether the last command was a COMMIT that saved something, and no ROLLBACK in its place."""
        return self._result is not None and self._result.command_status == b"COMMIT"

    def close(self) -> None:
        """Close the connection, whatever it is in the middle of."""
        self._pgconn.finish()

    def _execute_alone(self, statement: "_Statement") -> Any:
        name = self._prepared.get(statement[0]) or self._name_of(statement[0])
        try:
            self._send(name, statement)
            return self._answer()
        except psycopg.Error as error:
            raise ConnectionLost from error

    def _execute_together(self, asked: "_Statement | None" = None) -> Any:
        """Execute what was put off, and then what is asked, in one round trip; gives the answer to that."""
        statements = [*self._waiting] if asked is None else [*self._waiting, asked]
        self.forget()
        # The server answers when it has executed them all, and each may take as long as one.
        patience = self._patience_seconds * len(statements)
        names = [self._prepared.get(sql) or self._name_of(sql) for sql, _, _ in statements]
        try:
            self._pgconn.enter_pipeline_mode()
            for name, statement in zip(names, statements, strict=True):
                self._send(name, statement)
            self._pgconn.pipeline_sync()
            results = [self._answer(patience) for _ in statements]
            result_of(self._pgconn, patience)  # the mark of the end
            self._pgconn.exit_pipeline_mode()
        except psycopg.Error as error:
            raise ConnectionLost from error
        for result, (_, _, expected) in zip(results, statements, strict=True):
            if expected is not None:
                self._check(result, _COMMAND_OK, expected)
                expected.check(result.command_tuples or 0)
        return results[-1]

    def _send(self, name: bytes | None, statement: "_Statement") -> None:
        sql, values, _ = statement
        if name is None:
            self._pgconn.send_query_params(numbered(sql), values)
        else:
            self._pgconn.send_query_prepared(name, values)

    def _flush(self, patience_seconds: int) -> None:
        flush(self._pgconn, patience_seconds)

    def _answer(self, patience_seconds: int | None = None) -> Any:
        """What was sent came to; of several statements of one text the last, or the one that failed."""
        patience = patience_seconds or self._patience_seconds
        self._flush(patience)
        last = None
        while True:
            result = result_of(self._pgconn, patience)
            if result is None:  # libpq says so that it is done
                if last is None:
                    raise ConnectionLost
                return last
            last = result
            if result.status == _COPY_IN or self.is_lost:
                return last

    def _name_of(self, sql: str) -> bytes | None:
        """The name of a statement that is used for the second time; None for the first time."""
        if sql not in self._seen or len(self._prepared) >= _MOST_PREPARED:
            self._seen.add(sql)
            return None
        name = b"s%d" % next(self._names)  # one that was interrupted is not used again
        try:
            self._pgconn.send_prepare(name, numbered(sql))
            result = self._answer()
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

    def _check(self, result: Any, status: pq.ExecStatus, expected: Expected | None = None) -> None:
        if result.status == status:
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
            expected=expected,
        )


def _sent(parameters: Sequence[Any]) -> list[Any]:
    return [value if value is None or type(value) is bytes else b"%d" % value for value in parameters]


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
