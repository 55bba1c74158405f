"""Signals: how a command that goes on for long is ended.

Invariant: the first SIGTERM or SIGINT asks, the second ends the process as it would have without us.
"""

import signal
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from types import FrameType
from typing import Final

_SIGNALS: Final = (signal.SIGTERM, signal.SIGINT)


@contextmanager
def asked_by_signals(ask: Callable[[], None]) -> Iterator[None]:
    """Have the first signal to end call `ask`."""
    before = {each: signal.getsignal(each) for each in _SIGNALS}

    def asked(_number: int, _frame: FrameType | None) -> None:
        for each, handler in before.items():
            signal.signal(each, handler)
        ask()

    for each in _SIGNALS:
        signal.signal(each, asked)
    try:
        yield
    finally:
        for each, handler in before.items():
            signal.signal(each, handler)
