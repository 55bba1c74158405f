"""Progress: one line on standard error that tells how far a long verb is.

Invariant: where nobody watches, nothing is printed: no line when standard error is no terminal, none with
`--quiet`.
"""

import sys
import time
from datetime import timedelta
from typing import Final

import attrs
import click

_EACH: Final = timedelta(milliseconds=100).total_seconds()  # as often as anybody sees


@attrs.define
class ProgressLine:
    """The line, written over itself."""

    is_shown: bool
    _next: float = attrs.field(default=0, init=False)
    _width: int = attrs.field(default=0, init=False)

    @classmethod
    def unless(cls, quiet: bool) -> "ProgressLine":
        """A line for whoever watches."""
        return cls(is_shown=not quiet and sys.stderr.isatty())

    def __call__(self, what: str, done: int, of: int) -> None:
        """Say that so many of so many are done."""
        now = time.monotonic()
        if self.is_shown and now >= self._next:
            self._next = now + _EACH
            self._write(f"{100 * done // max(of, 1):3d}%  {what}")

    def close(self) -> None:
        """Take the line away."""
        if self._width:
            self._write("")
            click.echo("\r", nl=False, err=True)
            self._width = 0

    def _write(self, text: str) -> None:
        click.echo(f"\r{text:<{self._width}}", nl=False, err=True)
        self._width = len(text)
