"""Connection: a connection to a far side that ends at an instant, whatever the far side does.

Decides how long reaching a machine and speaking with it may take together, and how much it may say.
Invariants: the name, the machine, TLS and each byte are waited for within one deadline, so
a far side that drips is given up as one that is silent; no more bytes are read than were agreed, so one that
never ends fills no memory. It stands in for a socket where the standard library's clients want one.
"""

import io
import socket
import ssl
from collections.abc import Sequence
from ipaddress import ip_address
from queue import Empty, SimpleQueue
from threading import Thread
from time import monotonic
from typing import Any, Final, Self, TypeAlias

_Place: TypeAlias = tuple[Any, ...]
"""What `socket.getaddrinfo` answers with."""

_TOO_LATE: Final = "the time for this connection is over"


class Connection:
    """A TCP connection; whatever a network can cause is an OSError, and a TimeoutError when the time is over.

    Use it in a `with` block, which closes it.
    """

    def __init__(self, connected: socket.socket, deadline: float, most_bytes: int) -> None:
        self._socket = connected
        self._deadline = deadline
        self._bytes_left = most_bytes

    @classmethod
    def to(cls, host: str, port: int, *, seconds: float, most_bytes: int) -> Self:
        """Connect; from now on everything together takes `seconds` at most, and so many bytes are read."""
        deadline = monotonic() + seconds
        places = _places(host, port, deadline)
        for number, place in enumerate(places, 1):
            try:
                return cls(_connected(place, deadline, others=len(places) - number), deadline, most_bytes)
            except OSError:
                if number == len(places):
                    raise
        raise OSError("the name of the far side leads to no machine")

    def secured(self, context: ssl.SSLContext, host: str) -> Self:
        """Speak TLS from now on, with a far side that has to be this host."""
        self._socket.settimeout(_left(self._deadline))
        self._socket = context.wrap_socket(self._socket, server_hostname=host)
        return self

    def sendall(self, content: bytes) -> None:
        """Send all of it."""
        rest = memoryview(content)
        while rest:
            self._socket.settimeout(_left(self._deadline))
            rest = rest[self._socket.send(rest) :]

    def recv_into(self, buffer: memoryview) -> int:
        """Read what there is, once there is something; 0 at the end."""
        if not self._bytes_left:
            raise OSError("the far side says more than it may")
        self._socket.settimeout(_left(self._deadline))
        count = self._socket.recv_into(buffer[: self._bytes_left])
        self._bytes_left -= count
        return count

    def makefile(self, _mode: str = "rb") -> io.BufferedReader:
        """What the far side says, as a file."""
        return io.BufferedReader(_Said(self))

    def close(self) -> None:
        """End it; closing twice does nothing."""
        self._socket.close()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *raised: object) -> None:
        self.close()


class _Said(io.RawIOBase):
    """What comes over a connection; closing it leaves the connection open."""

    def __init__(self, connection: Connection) -> None:
        self._connection = connection

    def readable(self) -> bool:
        return True

    def readinto(self, buffer: Any) -> int:
        return self._connection.recv_into(memoryview(buffer))


def _left(deadline: float) -> float:
    left = deadline - monotonic()
    if left <= 0:
        raise TimeoutError(_TOO_LATE)
    return left


def _connected(place: _Place, deadline: float, *, others: int) -> socket.socket:
    """A connection to a place; a share of the time is left for the others."""
    family, kind, protocol, _, address = place
    made = socket.socket(family, kind, protocol)
    try:
        made.settimeout(_left(deadline) / (others + 1))
        made.connect(address)
    except BaseException:
        made.close()
        raise
    return made


def _places(host: str, port: int, deadline: float) -> Sequence[_Place]:
    """Where a host is; a name is looked up in a thread of its own, for no limit holds for that."""
    if _is_address(host):
        return _looked_up(host, port)
    answers: SimpleQueue[Sequence[_Place] | OSError] = SimpleQueue()
    Thread(target=lambda: answers.put(_answer(host, port)), daemon=True, name="look-up").start()
    try:
        answer = answers.get(timeout=_left(deadline))
    except Empty:
        raise TimeoutError("the name of the far side was not looked up in time") from None
    if isinstance(answer, OSError):
        raise answer
    return answer


def _answer(host: str, port: int) -> Sequence[_Place] | OSError:
    try:
        return _looked_up(host, port)
    except OSError as error:
        return error


def _looked_up(host: str, port: int) -> Sequence[_Place]:
    return socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)


def _is_address(host: str) -> bool:
    try:
        ip_address(host)
    except ValueError:
        return False
    return True
