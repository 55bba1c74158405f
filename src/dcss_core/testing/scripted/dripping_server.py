"""DrippingServer: a far side on this machine that goes on for ever, a byte at a time.

Each byte comes before anybody who waits for the next byte alone gives up, so only whoever has a deadline for
the whole of what it does ends. What it dripped is counted, so a test need not look at a clock.
"""

import socket
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor, TimeoutError as StillWaiting
from contextlib import suppress
from threading import Event, Thread
from typing import Final, Self, TypeVar

T = TypeVar("T")

_LOOK_SECONDS: Final = 0.05  # how soon it sees that it ended


class DrippingServer:
    """Listens on a port of its own in a `with` block; `begins` says something on each connection first."""

    def __init__(
        self,
        begins: Callable[[socket.socket], object] = lambda _: None,
        *,
        drip: bytes = b"0",
        every_seconds: float = 0.02,
    ) -> None:
        self.dripped = 0
        self._begins = begins
        self._drip = drip
        self._every_seconds = every_seconds
        self._ended = Event()
        self._listener = socket.create_server(("127.0.0.1", 0))
        self._listener.settimeout(_LOOK_SECONDS)
        self._threads = [Thread(target=self._accept)]

    @property
    def port(self) -> int:
        """Where it listens."""
        return int(self._listener.getsockname()[1])

    def answered(self, call: Callable[[], T], *, within_seconds: float = 60) -> T:
        """What a call that speaks with it gives or raises; an AssertionError when it goes on for so long."""
        with ThreadPoolExecutor(1) as pool:
            made = pool.submit(call)
            try:
                return made.result(timeout=within_seconds)
            except StillWaiting:
                if made.done():  # it raised one itself
                    raise
                raise AssertionError(
                    f"still at it after {within_seconds} seconds, and {self.dripped} drips"
                ) from None
            finally:
                self._ended.set()  # whoever waits for it goes on

    def __enter__(self) -> Self:
        self._threads[0].start()
        return self

    def __exit__(self, *raised: object) -> None:
        self._ended.set()
        for thread in list(self._threads):
            thread.join()
        self._listener.close()

    def _accept(self) -> None:
        while not self._ended.is_set():
            with suppress(TimeoutError):
                connection, _ = self._listener.accept()
                thread = Thread(target=self._speak, args=[connection])
                self._threads.append(thread)
                thread.start()

    def _speak(self, connection: socket.socket) -> None:
        with connection, suppress(OSError):  # whoever spoke with it hung up
            connection.settimeout(10)
            self._begins(connection)
            while not self._ended.wait(self._every_seconds):
                connection.sendall(self._drip)
                self.dripped += 1
