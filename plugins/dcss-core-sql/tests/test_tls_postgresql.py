"""A server on a network is reached by TLS alone, and has to prove that it is the one that was named."""

import datetime
import ipaddress
import socket
import ssl
import threading
from collections.abc import Callable, Iterator
from contextlib import suppress
from pathlib import Path

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID

from dcss_core.errors import BackendError, ConfigurationError
from dcss_core.plugins import Collection, Field, FieldKind
from dcss_core_sql.opening import open_storage

NOTES = Collection("notes", (Field("name", FieldKind.TEXT),), key="name")
_FROM, _UNTIL = datetime.datetime(2020, 1, 1), datetime.datetime(2120, 1, 1)


@pytest.fixture
def authority(tmp_path: Path) -> Callable[[str], tuple[Path, Path]]:
    """Makes an authority that vouches for 127.0.0.1: its certificate, and the server's with its key."""

    def made(name: str) -> tuple[Path, Path]:
        key, server_key = (ec.generate_private_key(ec.SECP256R1()) for _ in range(2))
        own = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, name)])

        def begun(subject: x509.Name, public: ec.EllipticCurvePublicKey) -> x509.CertificateBuilder:
            builder = x509.CertificateBuilder(own, subject, public, x509.random_serial_number())
            return builder.not_valid_before(_FROM).not_valid_after(_UNTIL)

        root = begun(own, key.public_key()).add_extension(x509.BasicConstraints(True, None), critical=True)
        names = x509.SubjectAlternativeName([x509.IPAddress(ipaddress.ip_address("127.0.0.1"))])
        server = begun(x509.Name([]), server_key.public_key()).add_extension(names, critical=False)
        root_file, server_file = tmp_path / f"{name}.pem", tmp_path / f"{name}-server.pem"
        pem = serialization.Encoding.PEM
        root_file.write_bytes(root.sign(key, hashes.SHA256()).public_bytes(pem))
        server_file.write_bytes(
            server_key.private_bytes(pem, serialization.PrivateFormat.PKCS8, serialization.NoEncryption())
            + server.sign(key, hashes.SHA256()).public_bytes(pem)
        )
        return root_file, server_file

    return made


@pytest.fixture
def reachable(postgresql_url: str) -> Iterator[Callable[[Path | None], int]]:
    """Has the server answer on a port of 127.0.0.1, with a certificate or without TLS; gives the port."""
    pytest.importorskip("psycopg")
    from dcss_core_sql.postgresql.location import Location

    folder = Location.from_url(postgresql_url).settings["host"]
    listeners = []

    def answer(certificate: Path | None) -> int:
        listener = socket.create_server(("127.0.0.1", 0))
        listeners.append(listener)
        threading.Thread(
            target=_accept, args=(listener, certificate, f"{folder}/.s.PGSQL.5432"), daemon=True
        ).start()
        return int(listener.getsockname()[1])

    yield answer
    for listener in listeners:
        listener.close()


def _accept(listener: socket.socket, certificate: Path | None, server: str) -> None:
    with suppress(OSError):
        while True:
            client, _ = listener.accept()
            threading.Thread(target=_carry, args=(client, certificate, server), daemon=True).start()


def _carry(client: socket.socket, certificate: Path | None, server: str) -> None:
    with client, suppress(OSError):
        client.recv(8)  # the request for TLS
        client.sendall(b"N" if certificate is None else b"S")
        if certificate is None:
            return
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        context.load_cert_chain(certificate)
        with (
            context.wrap_socket(client, server_side=True) as outside,
            socket.socket(socket.AF_UNIX) as inside,
        ):
            inside.connect(server)
            back = threading.Thread(target=_pump, args=(inside, outside), daemon=True)
            back.start()
            _pump(outside, inside)
            back.join()


def _pump(source: socket.socket, target: socket.socket) -> None:
    with suppress(OSError):
        while said := source.recv(65_536):
            target.sendall(said)
    with suppress(OSError):
        target.shutdown(socket.SHUT_RDWR)


def _url(postgresql_url: str, port: int, options: str, host: str = "127.0.0.1") -> str:
    database = postgresql_url.partition("?")[0].rpartition("/")[2]
    schema = postgresql_url.rpartition("=")[2]
    return f"postgresql://postgres@{host}:{port}/{database}?schema={schema}&{options}"


def _holds_what_is_put(url: str) -> bool:
    storage = open_storage(url)
    storage.prepare([NOTES])
    with storage.transaction(writes=True) as transaction:
        transaction.insert(NOTES, [{"name": "a"}])
    with storage.transaction(writes=False) as transaction:
        found = transaction.count(NOTES, ("name",))
    storage.close()
    return found == 1


def test_a_server_that_proves_who_it_is_is_used(postgresql_url, authority, reachable) -> None:
    root, server = authority("own")
    assert _holds_what_is_put(_url(postgresql_url, reachable(server), f"sslrootcert={root}"))


def test_a_server_that_nobody_vouches_for_is_refused(postgresql_url, authority, reachable) -> None:
    root, _ = authority("own")
    _, other = authority("other")
    with pytest.raises(ConfigurationError, match="did not prove by TLS"):
        open_storage(_url(postgresql_url, reachable(other), f"sslrootcert={root}"))


def test_a_server_with_the_certificate_of_another_host_is_refused(
    postgresql_url, authority, reachable
) -> None:
    root, server = authority("own")
    with pytest.raises(ConfigurationError, match="did not prove by TLS"):
        open_storage(_url(postgresql_url, reachable(server), f"sslrootcert={root}", host="localhost"))


def test_a_server_without_tls_is_refused(postgresql_url, authority, reachable) -> None:
    root, _ = authority("own")
    with pytest.raises((ConfigurationError, BackendError)) as refusal:
        open_storage(_url(postgresql_url, reachable(None), f"sslrootcert={root}"))
    assert "TLS" in str(refusal.value)


def test_a_server_that_is_silent_leaves_time_for_the_next_one(postgresql_url, authority, reachable) -> None:
    root, server = authority("own")
    with socket.create_server(("127.0.0.1", 0)) as silent:
        hosts = f"127.0.0.1:{silent.getsockname()[1]},127.0.0.1"
        url = _url(postgresql_url, reachable(server), f"sslrootcert={root}&busy_seconds=2", host=hosts)
        assert _holds_what_is_put(url)


def test_no_server_that_answers_is_said_to_be_away(postgresql_url, authority) -> None:
    root, _ = authority("own")
    with socket.create_server(("127.0.0.1", 0)) as silent:
        url = _url(postgresql_url, silent.getsockname()[1], f"sslrootcert={root}&busy_seconds=0")
        with pytest.raises(BackendError, match="no server that takes writing answers") as away:
            open_storage(url)
    assert away.value.retryable
