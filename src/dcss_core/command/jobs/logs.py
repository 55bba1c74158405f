"""Logs: what a command that goes on for long says while it does, on standard error.

Decides how a record is written: a line for people, or a JSON object for programs. Invariant: nothing is shown
of an exception, for its text may hold what is stored; the library's own records have none.
"""

import json
import logging
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from typing import Final

_LIBRARY: Final = "dcss_core"
_OWN: Final = ("event", "dcss_")
FORMS: Final = ("text", "json")


class _Line(logging.Formatter):
    """A line for people."""

    def format(self, record: logging.LogRecord) -> str:
        return f"{_instant(record)} {record.levelname:7} {record.name}: {record.getMessage()}"


class _Object(logging.Formatter):
    """A JSON object, one a line, with the names that are promised."""

    def format(self, record: logging.LogRecord) -> str:
        told = {key: value for key, value in vars(record).items() if key.startswith(_OWN)}
        shown = {"at": _instant(record), "level": record.levelname, "logger": record.name}
        return json.dumps(shown | told | {"message": record.getMessage()}, default=str)


@contextmanager
def logging_to_standard_error(form: str, level: int) -> Iterator[None]:
    """Write the library's records while the command runs."""
    handler, logger = logging.StreamHandler(), logging.getLogger(_LIBRARY)
    handler.setFormatter(_Object() if form == "json" else _Line())
    before = logger.level
    logger.addHandler(handler)
    logger.setLevel(level)
    try:
        yield
    finally:
        logger.removeHandler(handler)
        logger.setLevel(before)


def _instant(record: logging.LogRecord) -> str:
    return datetime.fromtimestamp(record.created, UTC).isoformat(timespec="milliseconds")
