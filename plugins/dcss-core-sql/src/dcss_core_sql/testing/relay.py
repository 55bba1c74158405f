"""Relay: a socket between an agency and its server, on which replies can be lost.

Decides what is lost: what the server says to a COMMIT, or everything. Invariant: what the agency sent arrives
all the same, so that nobody but the server knows what became of it.
"""

import selectors
import socket
import tempfile
import threading
from collections.abc import Iterator
from contextlib import closing, contextmanager, suppress
from pathlib import Path
from typing import Final

from dcss_core_sql.postgresql.location import Location

_SOCKET: Final = ".s.PGSQL.5432"
_COMMIT: Final = b"COMMIT"
_CHUNK: Final = 1 << 16


class Relay:
    """A relay that is running; `url` leads through it."""

    def __init__(self, url: str, folder: Path) -> None:
        place, _, options = url.partition("?")
        others = [option for option in options.split("&") if not option.startswith("socket=")]
        self.url = f"{place}?{'&'.join([f'socket={folder}', *others])}"
        self._server = f"{Location.from_url(url).settings['host']}/{_SOCKET}"
        self._loses = False
        self._listener = socket.socket(socket.AF_UNIX)
        self._listener.bind(str(folder / _SOCKET))
        self._listener.listen()
        threading.Thread(target=self._accept, daemon=True).start()

    @contextmanager
    def losing_replies(self) -> Iterator[None]:
        """For a time no reply to a COMMIT comes back: the connection ends in place of it."""
        self._loses = True
        try:
            yield
        finally:
            self._loses = False

    def close(self) -> None:
        """Let nobody in any more."""
        self._listener.close()

    def _accept(self) -> None:
        with suppress(OSError):
            while True:
                client, _ = self._listener.accept()
                threading.Thread(target=self._carry, args=(client,), daemon=True).start()

    def _carry(self, client: socket.socket) -> None:
        server = socket.socket(socket.AF_UNIX)
        with closing(client), closing(server), selectors.DefaultSelector() as ready, suppress(OSError):
            server.connect(self._server)
            ready.register(client, selectors.EVENT_READ, server)
            ready.register(server, selectors.EVENT_READ, client)
            while True:
                for key, _ in ready.select():
                    source, target = key.fileobj, key.data
                    said = source.recv(_CHUNK)  # type: ignore[union-attr]  # a socket, as registered
                    target.sendall(said)
                    if not said:
                        return
                    if self._loses and source is client and _COMMIT in said:
                        server.recv(_CHUNK)  # the server did it, and nobody hears of it
                        return


@contextmanager
def relayed(url: str) -> Iterator[Relay]:
    """A relay to a server that is reached by a socket."""
    with tempfile.TemporaryDirectory() as folder:
        running = Relay(url, Path(folder))
        try:
            yield running
        finally:
            running.close()
