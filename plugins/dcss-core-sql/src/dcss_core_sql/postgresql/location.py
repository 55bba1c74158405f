"""Location: the database a URL names, and how it is reached.

Decides which URLs name one, which options they may have, and that what goes over a network is encrypted and
its server verified, unless the server is on this machine. Invariants: every fault is told at once; no
refusal repeats a part of the URL, for a password may stand in the wrong place; the password is shown nowhere.
"""

import os
import re
import ssl
from collections.abc import Iterator, Mapping
from ipaddress import ip_address
from typing import Final, Self
from urllib.parse import unquote

import attrs

from dcss_core import errors
from dcss_core.plugins import UrlOptions

_EXPECTED: Final = (
    "'postgresql://role@host:5432/database', perhaps with options as '?connections=16&schema=dcss'; a "
    "password stands best in a file that the option 'passfile' names"
)
_FILES: Final = ("passfile", "sslcert", "sslkey", "sslrootcert")
_HIGHEST_PORT: Final = 65_535
_NUMBERS: Final = {
    "busy_seconds": 3_600,
    "statement_seconds": 86_400,
    "connections": 1_000,
    "port": _HIGHEST_PORT,
}
OPTIONS: Final = (*_NUMBERS, *_FILES, "schema", "socket", "sslmode")
_VERIFIED: Final = ("verify-full", "verify-ca")
_UNENCRYPTED: Final = "disable"
_SCHEMA: Final = re.compile(r"(?!pg_|information_schema\Z)[a-z][a-z0-9_]{0,62}", re.ASCII)
_PLAIN: Final = re.compile(r"[A-Za-z0-9_.-]+", re.ASCII)
_HOST: Final = re.compile(r"(?P<host>\[[0-9a-fA-F:.]+\]|[A-Za-z0-9_.-]+)(?::(?P<port>[0-9]{1,5}))?", re.ASCII)
_PORT: Final = 5_432
# A server that has fallen silent is given up after half a minute.
_KEPT_ALIVE: Final = {
    "keepalives_idle": "10",
    "keepalives_interval": "5",
    "keepalives_count": "4",
    "tcp_user_timeout": "30000",
}


@attrs.frozen
class Location:
    """A database of PostgreSQL, how to reach it, and how long to wait for what.

    `busy_seconds` is how long a verb waits for others, `statement_seconds` how long one statement may take;
    `connections` how many this process has at most.
    """

    database: str
    hosts: tuple[tuple[str, int], ...]
    schema: str
    busy_seconds: int
    statement_seconds: int
    connections: int
    _settings: Mapping[str, str] = attrs.field(repr=False)

    @classmethod
    def from_url(cls, url: str) -> Self:
        """Read `postgresql://role@host/database?connections=16`; raises ConfigurationError."""
        place, _, query = url.partition("?")
        options = UrlOptions.read(query, known=OPTIONS)
        role, password, hosts, database = _parts(place, options.text("socket"))
        faults = [*options.faults, *_faults_of(options, hosts)]
        if faults:
            raise errors.ConfigurationError(
                f"PostgreSQL can't be reached with these options; write {_EXPECTED}", faults=faults
            )
        settings = {"dbname": database, "user": role, "password": password, **_reaching(options, hosts)}
        return cls(
            database,
            hosts,
            options.text("schema", "dcss"),
            options.number("busy_seconds", default=5),
            options.number("statement_seconds", default=300),
            options.number("connections", default=16),
            {name: value for name, value in settings.items() if value},
        )

    @property
    def url(self) -> str:
        """The URL of the database: no role, password or option, nor a name that may be more than that."""
        hosts = ",".join(f"{host}:{port}" for host, port in self.hosts)
        return f"postgresql://{hosts}/{self.database if _PLAIN.fullmatch(self.database) else '…'}"

    @property
    def settings(self) -> dict[str, str]:
        """What the driver connects with; the password stands in it."""
        return {
            **self._settings,
            **_KEPT_ALIVE,
            "target_session_attrs": "read-write",
            "client_encoding": "UTF8",
            "application_name": "dcss-core",
        }

    @property
    def each_settings(self) -> list[dict[str, str]]:
        """What the driver connects with to each of the servers, in turn."""
        places = [{"host": host, "port": str(port)} for host, port in self.hosts]
        return [{**self.settings, **place} for place in places or [{}]]


def _parts(place: str, socket: str) -> tuple[str, str, tuple[tuple[str, int], ...], str]:
    scheme, slashes, rest = place.partition("://")
    before, _, database = rest.rpartition("/")
    login, at, servers = before.rpartition("@")
    role, _, password = login.partition(":")
    hosts = tuple(_hosts(servers))
    is_named = bool(hosts) is not bool(socket) and (bool(hosts) or not servers)
    if scheme != "postgresql" or not slashes or not database or None in hosts or (at and not role):
        is_named = False
    if not _is_readable(place, *map(unquote, (role, password, database))):
        is_named = False
    if not is_named:
        raise errors.ConfigurationError(
            f"this is not the URL of a database of PostgreSQL; write {_EXPECTED}; in a role, a password or a "
            "name write '%40' for '@', '%2F' for '/' and '%3F' for '?'"
        )
    known = tuple(host for host in hosts if host is not None)
    return unquote(role), unquote(password), known, unquote(database)


def _is_readable(*parts: str) -> bool:
    """Whether the driver takes these as they are: it ends a text at U+0000, and sends UTF-8."""
    try:
        return all(part.isprintable() and part.encode() is not None for part in parts)
    except UnicodeEncodeError:
        return False


def _hosts(servers: str) -> Iterator[tuple[str, int] | None]:
    for server in filter(None, servers.split(",")):
        found = _HOST.fullmatch(server)
        port = int(found["port"] or _PORT) if found else 0
        yield (found["host"].strip("[]"), port) if found and 1 <= port <= _HIGHEST_PORT else None


def _faults_of(options: UrlOptions, hosts: tuple[tuple[str, int], ...]) -> Iterator[errors.Fault]:
    for name, largest in _NUMBERS.items():
        yield from options.faults_of_number(
            name, smallest=0 if name == "busy_seconds" else 1, largest=largest
        )
    if not _SCHEMA.fullmatch(options.text("schema", "dcss")):
        yield errors.Fault(
            "schema", "other text", "a lower-case word of letters, digits and '_', not the server's own"
        )
    for name in _FILES:
        if name in options.given and not os.path.isfile(options.text(name)):
            yield errors.Fault(name, "no file", "the path of a file that can be read")
    if "socket" in options.given and not os.path.isdir(options.text("socket")):
        yield errors.Fault("socket", "no folder", "the folder in which the server keeps its socket")
    if "port" in options.given and "socket" not in options.given:
        yield errors.Fault("port", "an option without a socket", "the port behind its host, as 'host:5433'")
    if ("sslcert" in options.given) is not ("sslkey" in options.given):
        yield errors.Fault("sslcert, sslkey", "one of them", "both, or neither")
    mode = options.text("sslmode", _VERIFIED[0])
    if mode == _UNENCRYPTED:
        if not all(_is_here(host) for host, _ in hosts):
            expected = (
                f"{' or '.join(_VERIFIED)}, for everything would go over the network readable by others"
            )
            yield errors.Fault("sslmode", f"{_UNENCRYPTED} for another machine", expected)
    elif mode not in _VERIFIED:
        expected = f"{' or '.join(_VERIFIED)}; {_UNENCRYPTED} for a server on this machine"
        yield errors.Fault("sslmode", "other text", expected)
    elif mode != _VERIFIED[0] and "sslrootcert" not in options.given:
        yield errors.Fault("sslrootcert", "nothing", f"the file of the authority that {mode} trusts")


def _is_here(host: str) -> bool:
    if host == "localhost":
        return True
    try:
        return ip_address(host).is_loopback
    except ValueError:
        return False


def _reaching(options: UrlOptions, hosts: tuple[tuple[str, int], ...]) -> dict[str, str]:
    files = {name: options.text(name) for name in ("passfile", "sslcert", "sslkey")}
    if not hosts:
        port = options.number("port", default=_PORT)
        return {"host": os.path.abspath(options.text("socket")), "port": str(port), **files}
    trusted = options.text("sslrootcert") or ssl.get_default_verify_paths().cafile or "system"
    mode = options.text("sslmode", _VERIFIED[0])
    return {
        "host": ",".join(host for host, _ in hosts),
        "port": ",".join(str(port) for _, port in hosts),
        "sslmode": mode,
        "gssencmode": "disable",
        **({} if mode == _UNENCRYPTED else {"sslrootcert": trusted}),
        **files,
    }
