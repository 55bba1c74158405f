"""A block in which httpx and httpcore log nothing.

Decides what stands in logs of a request: nothing. httpx logs each URL at INFO, and httpcore at DEBUG the
headers of each answer, which may repeat the path that was asked for; a path may be a secret. Invariant: what
others do with httpx, at the same time too, is logged as ever.
"""

import logging
from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from typing import Final

_IS_ON: Final = ContextVar("unlogged", default=False)


def _is_logged(_record: logging.LogRecord) -> bool:
    return not _IS_ON.get()


for _name in ("httpx", "httpcore.connection", "httpcore.http11"):
    logging.getLogger(_name).addFilter(_is_logged)


@contextmanager
def unlogged() -> Iterator[None]:
    """Log nothing of what this thread or task does with httpx within the block."""
    before = _IS_ON.set(True)
    try:
        yield
    finally:
        _IS_ON.reset(before)
