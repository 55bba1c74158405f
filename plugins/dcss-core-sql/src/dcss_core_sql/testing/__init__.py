"""A real PostgreSQL for tests: a server that starts by itself, and a database of its own for each test."""

from dcss_core_sql.testing.server import Server, running_server

__all__ = ["Server", "running_server"]
