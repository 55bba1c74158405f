"""A real PostgreSQL for tests: a server that starts by itself, and a database of its own for each test."""

from dcss_core_sql.testing.relay import Relay, relayed
from dcss_core_sql.testing.server import Server, fresh_schema, running_server

__all__ = ["Relay", "Server", "fresh_schema", "relayed", "running_server"]
