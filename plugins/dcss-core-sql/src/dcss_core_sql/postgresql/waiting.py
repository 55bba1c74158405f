"""Waiting: until the server has taken what was sent to it, and has answered.

Decides how a thread waits where libpq would do so itself: without keeping other threads of the process from
working, and not for ever. Invariant: what the server says is read while something is still being sent to it,
so that the two never wait for each other.
"""

import select
import sys
from typing import Final

from psycopg.pq.abc import PGconn, PGresult

from dcss_core_sql.postgresql.failures import ConnectionLost

_MILLISECONDS: Final = 1_000


def flush(connection: PGconn, patience_seconds: int) -> None:
    """Send what is to be sent; raises the driver's error, ConnectionLost when nothing moves for so long."""
    while connection.flush():
        if _is_readable(connection.socket, patience_seconds, writing=True):
            connection.consume_input()


def result_of(connection: PGconn, patience_seconds: int) -> PGresult | None:
    """What the server answers next, None after all of a statement; raises as `flush`."""
    while connection.is_busy():
        if _is_readable(connection.socket, patience_seconds, writing=False):
            connection.consume_input()
    return connection.get_result()


if sys.platform == "win32":

    def _is_readable(socket: int, seconds: int, *, writing: bool) -> bool:
        readable, writable, _ = select.select([socket], [socket] if writing else [], [], seconds)
        if not readable and not writable:
            raise ConnectionLost
        return bool(readable)

else:

    def _is_readable(socket: int, seconds: int, *, writing: bool) -> bool:
        ready = select.poll()  # `select` itself takes no more than 1,024 files
        ready.register(socket, select.POLLIN | (select.POLLOUT if writing else 0))
        happened = ready.poll(seconds * _MILLISECONDS)
        if not happened:
            raise ConnectionLost
        return happened[0][1] != select.POLLOUT
