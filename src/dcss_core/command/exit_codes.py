"""Exit codes: what `dcss` tells the shell it was called from.

Invariant: a code keeps its meaning; docs/reference/command.md says them all.
"""

from enum import IntEnum

from dcss_core.errors import BackendError, DcssError, InvariantError


class ExitCode(IntEnum):
    """How a call of `dcss` ended."""

    DONE = 0
    REFUSED = 1  # for a reason that stands in what was given or what is stored; nothing was changed
    USAGE = 2  # the words of the call were wrong
    FOUND = 3  # what was looked at is not as it should be
    BACKEND = 4  # the storage is busy, full or away
    INTERRUPTED = 130  # as shells say of a process that was stopped with Ctrl-C


def exit_code_of(error: DcssError) -> ExitCode:
    """The code of a typed error."""
    if isinstance(error, BackendError):
        return ExitCode.BACKEND
    return ExitCode.FOUND if isinstance(error, InvariantError) else ExitCode.REFUSED
