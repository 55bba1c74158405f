"""Waiting: until the server has taken what was sent to it, and has answered.

Decides how a thread waits where libpq would do so itself and would keep every other thread of the process
from working meanwhile. Invariant: what the server says is read while something is still being sent to it, so
that the two never wait for each other.
"""

import select
import sys

from psycopg.pq.abc import PGconn, PGresult


def flush(connection: PGconn) -> None:
    """Send what is to be sent; raises the driver's error."""
    while connection.flush():
        if _is_readable(connection.socket, writing=True):
            connection.consume_input()


def result_of(connection: PGconn) -> PGresult | None:
    """What the server answers next; None where there is nothing more to a statement."""
    while connection.is_busy():
        if _is_readable(connection.socket, writing=False):
            connection.consume_input()
    return connection.get_result()


if sys.platform == "win32":

    def _is_readable(socket: int, *, writing: bool) -> bool:
        readable, _, _ = select.select([socket], [socket] if writing else [], [])
        return bool(readable)

else:

    def _is_readable(socket: int, *, writing: bool) -> bool:
        ready = select.poll()  # `select` itself takes no more than 1,024 files
        ready.register(socket, select.POLLIN | (select.POLLOUT if writing else 0))
        return ready.poll()[0][1] != select.POLLOUT
