"""Opening: a connection to PostgreSQL, set up as this package needs it.

Decides the settings of a connection, and what is refused before a database is used. Invariants: instants come
in UTC, days and bytes in one form, whatever the server or the role was given for a setting; what can't be
right by trying again, as a wrong password, is a ConfigurationError.
"""

from collections.abc import Mapping
from selectors import EVENT_READ, EVENT_WRITE, DefaultSelector
from time import monotonic
from typing import Final

from psycopg import pq
from psycopg.conninfo import make_conninfo
from psycopg.pq.abc import PGconn

from dcss_core import errors
from dcss_core_sql.postgresql.failures import ConnectionLost, ServerFailure, translated
from dcss_core_sql.postgresql.location import Location
from dcss_core_sql.postgresql.session import Session

_SETTINGS: Final = {
    "TimeZone": "UTC",
    "DateStyle": "ISO",
    "bytea_output": "hex",
    # reading a whole table would lock it all for a SERIALIZABLE transaction, and every reading has an index
    "enable_seqscan": "off",
}
# A commit is on disk when it returns; where the server was set to wait for more, it waits for more.
_DURABLE: Final = (
    "SELECT set_config('synchronous_commit', 'on', false) WHERE current_setting('synchronous_commit') = 'off'"
)
# libpq gives no code for a refused connection, so its words are looked at, and never shown.
_REFUSED: Final = {
    "password authentication failed": "the password or the role is wrong",
    "no password supplied": "the server wants a password; name a file with one by the option 'passfile'",
    "no pg_hba.conf entry": "the server lets this role in neither from here nor in this way (pg_hba.conf)",
    "authentication failed": "the server does not let this role in; see its pg_hba.conf",
    "is not permitted to log in": "the role may not log in; give it LOGIN",
    "not currently accepting connections": "the database takes no connections; name another one",
    "permission denied for database": "the role may not connect to this database; grant it CONNECT",
    '" does not exist': "the server has no such role or database; create it, the database encoded in UTF8",
}
_LEAST_SECONDS: Final = 3
_MORE_PATIENT_BY_SECONDS: Final = 10  # than the server, which ends its statements itself unless it is frozen
_WAITS_FOR: Final = {pq.PollingStatus.READING: EVENT_READ, pq.PollingStatus.WRITING: EVENT_WRITE}
_UNVERIFIED: Final = ("certificate", "SSL", "TLS")


def connected(location: Location, deadline: float) -> Session:
    """Connect to the first server that takes writing, and set the connection up.

    The deadline is one of `time.monotonic`; some seconds are taken in any case. Raises BackendError,
    retryable, or ConfigurationError.
    """
    connection = _first(location, deadline)
    session = Session(connection, location.statement_seconds + _MORE_PATIENT_BY_SECONDS)
    try:
        encoding = connection.parameter_status(b"server_encoding") or b""
        _set_up(session, location, encoding.decode())
    except BaseException:
        session.close()
        raise
    return session


def _first(location: Location, deadline: float) -> PGconn:
    refusals: list[errors.DcssError] = []
    each_settings = location.each_settings
    for place, settings in enumerate(each_settings):
        # a server that is silent leaves time for those after it
        left = max(deadline - monotonic(), _LEAST_SECONDS)
        connection = _made(settings, monotonic() + left / (len(each_settings) - place))
        if connection.status == pq.ConnStatus.OK:
            return connection
        refusals.append(_refusal(connection.get_error_message(), location))
    # what is wrong with a name or a password says more than that another server is away
    raise next((each for each in refusals if isinstance(each, errors.ConfigurationError)), refusals[-1])


def _made(settings: Mapping[str, str], deadline: float) -> PGconn:
    """A connection to one server, which may have failed."""
    connection = pq.PGconn.connect_start(make_conninfo(**settings).encode())
    with DefaultSelector() as selector:
        while connection.status != pq.ConnStatus.BAD:
            wanted = _WAITS_FOR.get(pq.PollingStatus(connection.connect_poll()))
            if wanted is None:
                break
            socket = selector.register(connection.socket, wanted)
            is_ready = selector.select(max(deadline - monotonic(), 0))
            selector.unregister(socket.fileobj)  # for another server it may be another one
            if not is_ready:
                connection.finish()
                break
    return connection


def _set_up(session: Session, location: Location, encoding: str) -> None:
    if encoding != "UTF8":
        raise errors.ConfigurationError(
            f"the database {location.url} is encoded in {encoding}; make one that is encoded in UTF8"
        )
    milliseconds = location.statement_seconds * 1_000
    settings = {
        **_SETTINGS,
        "search_path": f'"{location.schema}"',
        "statement_timeout": str(milliseconds),
        "idle_in_transaction_session_timeout": str(milliseconds),
    }
    try:
        session.command(
            "; ".join([*(f"SET {name} = {_quoted(each)}" for name, each in settings.items()), _DURABLE])
        )
    except (ServerFailure, ConnectionLost) as error:
        raise translated(error, {}) from error


def _quoted(setting: str) -> str:
    return setting if setting.startswith('"') else f"'{setting}'"


def _refusal(said: str, location: Location) -> errors.DcssError:
    for words, meaning in _REFUSED.items():
        if words in said:
            return errors.ConfigurationError(f"{location.url} can't be opened: {meaning}")
    if any(word in said for word in _UNVERIFIED):
        return errors.ConfigurationError(
            f"{location.url} can't be opened: the server did not prove by TLS that it is the one that is "
            "named; name the certificate of the authority that signed its own ('sslrootcert'), and the host "
            "as its certificate names it"
        )
    return errors.BackendError(
        f"no server that takes writing answers at {location.url}: it may be stopped, starting, full or a "
        "standby; see that it runs, then try again",
        retryable=True,
    )
