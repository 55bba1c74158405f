"""A connection ends in time and reads no more than was agreed, whatever the far side does."""

import socket
import ssl
from threading import Event, Thread

import pytest

from dcss_core.plugins import Connection
from dcss_core.testing import DrippingServer

MOST = 1_000


@pytest.fixture
def far_side():
    """A port of this machine, and what came to it; it says what it is told, and hangs up."""
    with socket.create_server(("127.0.0.1", 0)) as listener:
        yield listener


def said_by(listener, words):
    def say():
        connection, _ = listener.accept()
        with connection:
            connection.sendall(words)

    Thread(target=say, daemon=True).start()
    return listener.getsockname()[1]


def test_what_is_sent_arrives_and_what_is_said_is_read_to_its_end(far_side):
    port, came = far_side.getsockname()[1], []

    def answer():
        connection, _ = far_side.accept()
        with connection, connection.makefile("rb") as lines:
            came.append(lines.readline())
            connection.sendall(b"one\ntwo\n")

    thread = Thread(target=answer)
    thread.start()
    with Connection.to("127.0.0.1", port, seconds=10, most_bytes=MOST) as connection:
        connection.sendall(b"hello\n")
        with connection.makefile("rb") as said:
            assert said.readlines() == [b"one\n", b"two\n"]
    thread.join()
    assert came == [b"hello\n"]


@pytest.mark.parametrize("length", [MOST - 1, MOST, MOST + 1, 10 * MOST])
def test_so_many_bytes_are_read_and_one_more_is_an_error(far_side, length):
    port = said_by(far_side, b"x" * length)
    with Connection.to("127.0.0.1", port, seconds=10, most_bytes=MOST) as connection:
        said = connection.makefile()
        assert said.read(min(length, MOST)) == b"x" * min(length, MOST)
        if length < MOST:
            assert said.read(1) == b""
        else:
            with pytest.raises(OSError, match="more than it may"):
                said.read(1)


def test_a_far_side_that_drips_ends_with_the_time():
    with (
        DrippingServer() as server,
        Connection.to("127.0.0.1", server.port, seconds=0.5, most_bytes=MOST) as connection,
    ):
        said = connection.makefile()
        with pytest.raises(TimeoutError):
            server.answered(lambda: said.read(MOST))
        assert server.dripped < 250  # 25 in half a second
        with pytest.raises(TimeoutError):  # and there is no more time for anything
            said.read(1)
        with pytest.raises(TimeoutError):
            connection.sendall(b"x")


def test_a_far_side_that_reads_nothing_ends_with_the_time(far_side):
    with (
        Connection.to("127.0.0.1", far_side.getsockname()[1], seconds=0.5, most_bytes=MOST) as connection,
        pytest.raises(TimeoutError),
    ):
        connection.sendall(bytes(100_000_000))


def test_a_far_side_that_drips_while_tls_is_agreed_ends_with_the_time():
    context = ssl.create_default_context()
    # a record of TLS of 16,384 bytes, of which one comes after the other
    with (
        DrippingServer(lambda far: far.sendall(b"\x16\x03\x03\x40\x00\x02")) as server,
        Connection.to("127.0.0.1", server.port, seconds=0.5, most_bytes=MOST) as connection,
        pytest.raises(TimeoutError),
    ):
        server.answered(lambda: connection.secured(context, "127.0.0.1"))


def test_a_name_that_is_not_looked_up_in_time_ends_with_the_time(monkeypatch):
    answered = Event()
    monkeypatch.setattr(socket, "getaddrinfo", lambda *_, **__: answered.wait(30) and [])
    try:
        with pytest.raises(TimeoutError, match="not looked up in time"):
            Connection.to("mail.example.gov", 25, seconds=0.2, most_bytes=MOST)
    finally:
        answered.set()


def test_a_name_that_leads_to_nobody_is_an_os_error(monkeypatch):
    with pytest.raises(OSError):  # noqa: PT011 - each system has its own words
        Connection.to("no-such-host.invalid", 25, seconds=5, most_bytes=MOST)
    monkeypatch.setattr(socket, "getaddrinfo", lambda *_, **__: [])
    with pytest.raises(OSError, match="leads to no machine"):
        Connection.to("mail.example.gov", 25, seconds=5, most_bytes=MOST)


def test_of_the_places_of_a_name_the_first_that_answers_is_taken(far_side, monkeypatch):
    port = said_by(far_side, b"hello")
    with socket.create_server(("127.0.0.1", 0)) as closed:
        nobody = closed.getsockname()[1]
    places = [
        (socket.AF_INET, socket.SOCK_STREAM, 0, "", ("127.0.0.1", place)) for place in (nobody, port, nobody)
    ]
    monkeypatch.setattr(socket, "getaddrinfo", lambda *_, **__: places)
    with Connection.to("localhost", 25, seconds=5, most_bytes=MOST) as connection:
        assert connection.makefile().read() == b"hello"


def test_a_place_that_does_not_answer_leaves_the_others_their_time(far_side, monkeypatch):
    port = said_by(far_side, b"hello")
    # a line of one, which is full: who comes next is not answered
    with socket.socket() as silent:
        silent.bind(("127.0.0.1", 0))
        silent.listen(0)
        with socket.create_connection(silent.getsockname()):
            places = [
                (socket.AF_INET, socket.SOCK_STREAM, 0, "", place)
                for place in (silent.getsockname(), ("127.0.0.1", port))
            ]
            monkeypatch.setattr(socket, "getaddrinfo", lambda *_, **__: places)
            with Connection.to("localhost", 25, seconds=3, most_bytes=MOST) as connection:
                assert connection.makefile().read() == b"hello"


def test_a_closed_port_is_an_os_error_and_closing_twice_does_nothing(far_side):
    with socket.create_server(("127.0.0.1", 0)) as closed:
        nobody = closed.getsockname()[1]
    with pytest.raises(ConnectionRefusedError):
        Connection.to("127.0.0.1", nobody, seconds=5, most_bytes=MOST)
    connection = Connection.to("127.0.0.1", far_side.getsockname()[1], seconds=5, most_bytes=MOST)
    connection.close()
    connection.close()
