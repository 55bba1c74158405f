"""One request and its answer: what is sent, what is read, and when an answer is none."""

import datetime
import ipaddress
import logging
import socket
import ssl
from threading import Thread

import httpx
import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec

from dcss_core.plugins import HttpPlace
from dcss_core.testing import DrippingServer

HEAD = b"HTTP/1.1 200 OK\r\n"


@pytest.fixture
def answering():
    """Answers one request on loopback with these bytes; gives the port, and what came."""
    threads, listeners = [], []

    def start(raw):
        came = bytearray()
        listener = socket.create_server(("127.0.0.1", 0))
        listeners.append(listener)

        def answer():
            connection, _ = listener.accept()
            with connection:
                while b"\r\n\r\n" not in came and (said := connection.recv(1_000)):
                    came.extend(said)
                connection.sendall(raw)

        threads.append(Thread(target=answer, daemon=True))
        threads[-1].start()
        return listener.getsockname()[1], came

    yield start
    for thread, listener in zip(threads, listeners, strict=True):
        thread.join(5)
        listener.close()


def called(port, *, most_bytes=100, **changes):
    given = {"method": "GET", "target": "/a", "headers": {"X-One": "1"}} | changes
    return HttpPlace("127.0.0.1", port, None).call(**given, seconds=5, most_bytes=most_bytes)


def test_a_request_is_lines_and_its_content(answering):
    port, came = answering(HEAD + b"Content-Length: 0\r\n\r\n")
    assert called(port, method="POST", content=b"").status == 200
    line, *headers, end, after = came.decode().split("\r\n")
    assert (line, end, after) == ("POST /a HTTP/1.1", "", "")
    assert sorted(headers) == ["Content-Length: 0", f"Host: 127.0.0.1:{port}", "X-One: 1"]


def test_a_target_is_sent_as_it_is_written_and_a_content_with_its_length(answering):
    port, came = answering(HEAD + b"Content-Length: 0\r\n\r\n")
    called(port, method="PUT", target="/a/../b%2f'%7E?c=%20d", content=b"hello")
    assert came.startswith(b"PUT /a/../b%2f'%7E?c=%20d HTTP/1.1\r\n")
    assert b"\r\nContent-Length: 5\r\n" in came


def test_the_usual_port_of_a_scheme_is_not_named_and_an_ipv6_address_stands_in_brackets():
    made = [
        HttpPlace(host, port, tls)._request("GET", "/", {}, None).headers["host"]
        for host, port, tls in (
            ("example.gov", None, None),
            ("example.gov", 80, None),
            ("example.gov", 443, None),
            ("example.gov", 443, ssl.create_default_context()),
            ("::1", 8443, ssl.create_default_context()),
        )
    ]
    assert made == [
        "example.gov",
        "example.gov",
        "example.gov:443",
        "example.gov",
        "[::1]:8443",
    ]


@pytest.mark.parametrize(
    "given", [{"target": "/a\r\nX: y"}, {"headers": {"X": "é"}}, {"headers": {"X\n": "y"}}]
)
def test_a_request_that_is_not_lines_of_ascii_is_not_sent(given):
    with pytest.raises(ValueError, match="printable ASCII"):
        called(1, **given)


@pytest.mark.parametrize("host", ["bücher.example", "[::1"])
def test_a_host_that_no_request_can_name_is_not_spoken_to(host):
    with pytest.raises(ValueError, match="as HTTP writes them"):
        HttpPlace(host, 1, None).call("GET", "/", {}, seconds=5)


@pytest.mark.parametrize("given", [{"target": "/a b"}, {"headers": {"X Y": "z"}}])
def test_a_request_with_a_blank_where_none_may_be_is_not_sent(answering, given):
    port, came = answering(b"")
    with pytest.raises(ValueError, match="as HTTP writes them"):
        called(port, **given)
    assert came == b""


@pytest.mark.parametrize(
    ("rest", "body"),
    [
        (b"Content-Length: 5\r\n\r\nhello", b"hello"),
        (b"Content-Length: 100\r\n\r\n" + b"x" * 100, b"x" * 100),
        (b"Content-Length: 101\r\n\r\n" + b"x" * 101, None),
        (b"Transfer-Encoding: chunked\r\n\r\n5\r\nhello\r\n0\r\n\r\n", b"hello"),
        (b"Transfer-Encoding: chunked\r\n\r\n65\r\n" + b"x" * 101 + b"\r\n0\r\n\r\n", None),
        (b"Content-Length: 5\r\nContent-Encoding: gzip\r\n\r\nhello", b"hello"),  # nobody unpacks it
        (b"Content-Length: 0\r\n\r\n", b""),
        (b"\r\nhello", None),  # it ends with the connection
        (b"\r\n", None),
    ],
    ids=[
        "all",
        "as much as may",
        "more",
        "chunked",
        "chunked and more",
        "packed",
        "empty",
        "without an end",
        "nor a body",
    ],
)
def test_a_body_is_read_whole_or_not_at_all(answering, rest, body):
    port, _ = answering(HEAD + rest)
    answer = called(port)
    assert (answer.status, answer.body) == (200, body)


def test_where_no_body_is_asked_for_none_is_read_and_headers_have_their_names_in_lower_case(answering):
    port, _ = answering(b"HTTP/1.1 429 Slow\r\nRetry-After: 7\r\nContent-Length: 5\r\n\r\nhello")
    answer = called(port, most_bytes=0)
    assert (answer.status, answer.headers["retry-after"], answer.body) == (429, "7", None)
    assert "7" not in repr(answer)


@pytest.mark.parametrize(
    "raw",
    [
        b"",
        b"220 mail.example.gov ESMTP\r\n",
        b"HTTP/9.9 200 OK\r\nContent-Length: 0\r\n\r\n",
        HEAD + b"Content-Len",
        HEAD + b"Content-Length: 9\r\n\r\nhello",
        HEAD + b"Transfer-Encoding: chunked\r\n\r\n5\r\nhel",
        HEAD + b"Transfer-Encoding: chunked\r\n\r\nwalrus\r\n",
        HEAD + b"X: " + b"y" * 70_000 + b"\r\n\r\n",
        HEAD + b"X: y\r\n" * 15_000 + b"\r\n",
    ],
    ids=[
        "nothing",
        "no HTTP",
        "a version to come",
        "headers",
        "short",
        "a chunk",
        "no chunk",
        "a line",
        "lines",
    ],
)
def test_what_is_cut_short_or_no_answer_is_an_aborted_connection_and_repeats_nothing(answering, raw):
    port, _ = answering(raw)
    with pytest.raises(OSError) as caught:  # noqa: PT011 - its type is looked at below
        called(port)
    assert not isinstance(caught.value, TimeoutError)
    assert "walrus" not in f"{caught.value!r} {caught.value.__cause__}"


@pytest.mark.parametrize("location", [b"/secret-path/", b"http://h:x/", b"http://[x]/", b"mailto:x", b"\xff"])
def test_a_redirect_is_an_answer_whatever_it_says_and_nothing_is_logged(answering, caplog, location):
    answer = (
        b"HTTP/1.1 302 secret-path\r\nLocation: %b\r\nSet-Cookie: a=secret-path\r\nContent-Length: 0\r\n\r\n"
    )
    port, _ = answering(answer % location)
    with caplog.at_level(logging.DEBUG):
        assert called(port, target="/secret-path").status == 302
    assert caplog.records == []


def test_what_others_do_with_httpx_is_logged_as_ever(answering, caplog):
    port, _ = answering(HEAD + b"Content-Length: 0\r\n\r\n")
    called(port)
    port, _ = answering(HEAD + b"Content-Length: 0\r\n\r\n")
    with caplog.at_level(logging.INFO, "httpx"):
        httpx.get(f"http://127.0.0.1:{port}/theirs", trust_env=False)
    assert "/theirs" in caplog.text


def test_an_answer_without_a_body_by_its_status_is_whole(answering):
    port, _ = answering(b"HTTP/1.1 204 No Content\r\n\r\n")
    assert called(port).body == b""


@pytest.fixture(scope="module")
def certificate(tmp_path_factory):
    """A self-signed certificate for 127.0.0.1 and its key, in one PEM file."""
    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(x509.NameOID.COMMON_NAME, "loopback")])
    now = datetime.datetime.now(datetime.UTC)
    host = x509.IPAddress(ipaddress.ip_address("127.0.0.1"))
    made = (
        x509.CertificateBuilder(name, name, key.public_key(), x509.random_serial_number())
        .not_valid_before(now - datetime.timedelta(days=1))
        .not_valid_after(now + datetime.timedelta(days=1))
        .add_extension(x509.SubjectAlternativeName([host]), critical=False)
        .sign(key, hashes.SHA256())
    )
    private = key.private_bytes(
        serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
    )
    path = tmp_path_factory.mktemp("tls") / "server.pem"
    path.write_bytes(private + made.public_bytes(serialization.Encoding.PEM))
    return path


def test_over_tls_a_server_is_spoken_to_that_is_vouched_for(certificate):
    def begin(connection):
        context = ssl.create_default_context(ssl.Purpose.CLIENT_AUTH)
        context.load_cert_chain(certificate)
        with context.wrap_socket(connection, server_side=True) as tls:
            tls.recv(1_000)
            tls.sendall(HEAD + b"Content-Length: 5\r\n\r\nhello")

    trusted = ssl.create_default_context(cafile=certificate)
    with DrippingServer(begin) as server:
        place = HttpPlace("127.0.0.1", server.port, trusted)
        assert place.call("GET", "/", {}, seconds=10, most_bytes=100).body == b"hello"
    with DrippingServer(begin) as server:
        stranger = HttpPlace("127.0.0.1", server.port, ssl.create_default_context())
        with pytest.raises(ssl.SSLCertVerificationError):
            stranger.call("GET", "/", {}, seconds=10)
